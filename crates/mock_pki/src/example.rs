//! An example PKI for the demo, for tests and for training: everything in it is marked EXAMPLE.
//!
//! Three kinds of certificates with separate issuers, as in production: transport (nodes and systems),
//! signing (agencies sign documents, nodes sign receipts), and a foreign CA that nothing trusts.

mod cast;
mod certificate;
pub(crate) mod extension;
mod readme;

use std::io;
use std::path::{Path, PathBuf};

pub use cast::{NODES, NodeSeat, SYSTEMS, SystemSeat};
use certificate::{Authority, Holder, Leaf, Validity};
use extension::Urls;

/// What the subject of every example certificate carries, and the first line of every file.
pub const MARK: &str = "EXAMPLE - NOT FOR PRODUCTION";

/// Why the example PKI was not written.
#[derive(Debug, thiserror::Error)]
pub enum PkiError {
    /// The folder holds something, and overwriting was not asked for.
    #[error("{} is not empty", .0.display())]
    NotEmpty(PathBuf),
    /// A file or folder could not be written.
    #[error("write {}", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A certificate could not be made; the text is the generator's own.
    #[error("make the certificate {name}: {reason}")]
    Certificate {
        /// Whose certificate.
        name: String,
        /// What the generator said.
        reason: String,
    },
}

/// What to do with a folder that already holds files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// Refuse: keys that something uses must not vanish.
    Keep,
    /// Write over them.
    Overwrite,
}

/// What an example PKI is made with.
#[derive(Clone, Debug)]
pub struct Example {
    /// The present year: certificates are valid from the start of the year before for eleven years.
    pub year: i32,
    /// What to do with a folder that already holds files.
    pub existing: Existing,
    /// Base URL of the server that will answer for it, for example `http://127.0.0.1:18092`: certificates then say
    /// where their revocation data is. Without it they say nothing.
    pub url: Option<String>,
}

/// Writes the example PKI below `dir`, without URLs in the certificates, and gives back the files.
///
/// # Errors
/// [`PkiError`]; what was written before it stays.
pub fn write_example(dir: &Path, year: i32, existing: Existing) -> Result<Vec<PathBuf>, PkiError> {
    Example { year, existing, url: None }.write(dir)
}

impl Example {
    /// Writes the whole example PKI below `dir` and gives back the files, in the order of writing.
    ///
    /// Layout: `ca/{root,transport,signing,foreign}.pem` (`.key.pem` beside each),
    /// `nodes/<id>/{transport,signing}.{pem,key.pem}`, `systems/<id>/{transport,signing}.{pem,key.pem}`,
    /// `services/{ocsp,tsa}.{pem,key.pem}`, `rejected/{expired,foreign}/signing.{pem,key.pem}`, `README.md`. A
    /// certificate file holds the leaf, then its CA. All keys are ECDSA P-256.
    ///
    /// # Errors
    /// [`PkiError`]; what was written before it stays.
    pub fn write(&self, dir: &Path) -> Result<Vec<PathBuf>, PkiError> {
        if self.existing == Existing::Keep && holds_files(dir)? {
            return Err(PkiError::NotEmpty(dir.to_owned()));
        }
        forget_revocations(dir)?;
        let validity = Validity::around(self.year);
        let urls = |authority: &str| self.url.as_deref().map(|base| Urls::below(base, authority));
        let root = Authority::root("Lien Thong EXAMPLE Root CA", validity)?.publishing(urls("root"));
        let transport = root.subordinate("Lien Thong EXAMPLE Transport CA", validity)?.publishing(urls("transport"));
        let signing = root.subordinate("Lien Thong EXAMPLE Signing CA", validity)?.publishing(urls("signing"));
        let foreign = Authority::root("Foreign EXAMPLE CA (trusted by nobody)", validity)?.publishing(urls("foreign"));

        let mut folder = Folder::new(dir);
        for (name, authority) in
            [("root", &root), ("transport", &transport), ("signing", &signing), ("foreign", &foreign)]
        {
            folder.pair(&format!("ca/{name}"), &authority.certificate_pem(), &authority.key_pem())?;
        }
        for seat in NODES {
            let below = format!("nodes/{}", seat.id);
            folder.leaf(&format!("{below}/transport"), &transport.issue(&Leaf::node_transport(seat), validity)?)?;
            folder.leaf(&format!("{below}/signing"), &signing.issue(&Leaf::node_signing(seat), validity)?)?;
        }
        for seat in SYSTEMS {
            let below = format!("systems/{}", seat.id);
            folder.leaf(&format!("{below}/transport"), &transport.issue(&Leaf::system_transport(seat), validity)?)?;
            folder.leaf(&format!("{below}/signing"), &signing.issue(&Leaf::document_signing(seat), validity)?)?;
        }
        folder.leaf("services/ocsp", &signing.issue(&Leaf::responder(), validity)?)?;
        folder.leaf("services/tsa", &signing.issue(&Leaf::timestamps(), validity)?)?;
        let victim = &cast::REJECTED;
        let expired = signing.issue(&Leaf::document_signing(victim), validity.long_past())?;
        folder.leaf("rejected/expired/signing", &expired)?;
        folder.leaf("rejected/foreign/signing", &foreign.issue(&Leaf::document_signing(victim), validity)?)?;
        folder.write("README.md", readme::text().as_bytes(), Secret::No)?;
        Ok(folder.written())
    }
}

/// What was revoked were the certificates that are written over.
fn forget_revocations(dir: &Path) -> Result<(), PkiError> {
    let path = dir.join("revoked.toml");
    match std::fs::remove_file(&path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(PkiError::Write { path, source }),
        _ => Ok(()),
    }
}

fn holds_files(dir: &Path) -> Result<bool, PkiError> {
    match std::fs::read_dir(dir) {
        Ok(mut entries) => Ok(entries.next().is_some()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(PkiError::Write { path: dir.to_owned(), source }),
    }
}

/// Whether only the owner may read a file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Secret {
    Yes,
    No,
}

/// A folder that is filled.
pub(crate) struct Folder<'a> {
    dir: &'a Path,
    written: Vec<PathBuf>,
}

impl<'a> Folder<'a> {
    pub(crate) fn new(dir: &'a Path) -> Self {
        Self { dir, written: Vec::new() }
    }

    /// The files, in the order of writing.
    pub(crate) fn written(self) -> Vec<PathBuf> {
        self.written
    }

    fn leaf(&mut self, stem: &str, holder: &Holder) -> Result<(), PkiError> {
        self.pair(stem, &holder.chain_pem, &holder.key_pem)
    }

    pub(crate) fn pair(&mut self, stem: &str, certificates: &str, key: &str) -> Result<(), PkiError> {
        self.write(&format!("{stem}.pem"), format!("# {MARK}\n{certificates}").as_bytes(), Secret::No)?;
        self.write(&format!("{stem}.key.pem"), format!("# {MARK}\n{key}").as_bytes(), Secret::Yes)
    }

    pub(crate) fn write(&mut self, name: &str, content: &[u8], secret: Secret) -> Result<(), PkiError> {
        let path = self.dir.join(name);
        let failed = |source| PkiError::Write { path: path.clone(), source };
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(failed)?;
        }
        std::fs::write(&path, content).map_err(failed)?;
        if secret == Secret::Yes {
            only_for_owner(&path).map_err(failed)?;
        }
        self.written.push(path);
        Ok(())
    }
}

#[cfg(unix)]
fn only_for_owner(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn only_for_owner(_path: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests;
