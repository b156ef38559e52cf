//! A folder of certificates and keys, opened: who issues, what was issued, what was revoked.

mod revoked;
mod scan;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use signature::{Certificate, CrlReason, Signer};
use types::UnixMillis;

pub(crate) use revoked::{Revocation, Revocations};

/// Why a folder cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A file or folder cannot be read.
    #[error("read {}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A file is not what its name says.
    #[error("{}: {why}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What was wrong.
        why: String,
    },
    /// A certificate that is not marked EXAMPLE: this program answers with keys that everybody knows.
    #[error("{}: {subject} is not marked EXAMPLE", path.display())]
    NotExample {
        /// The file.
        path: PathBuf,
        /// Whose certificate.
        subject: String,
    },
    /// No CA with its key.
    #[error("no CA certificate with its key below {}; make one with: lienthong pki example", .0.display())]
    NoAuthority(PathBuf),
}

/// Why a certificate is not revoked.
#[derive(Debug, thiserror::Error)]
pub enum RevokeError {
    /// No such certificate.
    #[error("no certificate {name:?} in this folder; the nearest: {nearest}")]
    Unknown {
        /// The name asked for.
        name: String,
        /// Names that look like it, or a few of those there are.
        nearest: String,
    },
    /// The list of what was revoked.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The list cannot be written.
    #[error("write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

/// A CA that can sign.
#[derive(Debug)]
pub struct Authority {
    name: String,
    pub(crate) signer: Signer,
    /// Who answers OCSP requests for it, when not the CA itself.
    pub(crate) responder: Option<Signer>,
}

impl Authority {
    /// File name without its ending, for example `signing`: its name in URLs.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its certificate.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        self.signer.certificate()
    }
}

/// A certificate of the folder.
#[derive(Clone, Debug)]
pub struct Issued {
    /// Path in the folder without its ending, for example `systems/vpcp/signing`.
    pub name: String,
    /// The certificate.
    pub certificate: Certificate,
}

/// A folder of certificates and keys. What was issued is read when it is opened, what was revoked at every answer.
#[derive(Debug)]
pub struct Pki {
    dir: PathBuf,
    authorities: Vec<Authority>,
    issued: Vec<Issued>,
    stampers: Vec<(String, Signer)>,
    /// The last number given to a list or a time-stamp.
    last_number: AtomicU64,
}

impl Pki {
    /// Opens a folder that [`Example`](crate::Example) wrote, or any other of the same form: `NAME.pem` with the
    /// certificate first, `NAME.key.pem` with its key. Every certificate has to be marked EXAMPLE. Blocking.
    ///
    /// # Errors
    /// A file that cannot be read or understood, a certificate without the mark, or no CA.
    pub fn open(dir: &Path) -> Result<Self, OpenError> {
        let found = scan::scan(dir)?;
        if found.authorities.is_empty() {
            return Err(OpenError::NoAuthority(dir.to_owned()));
        }
        let pki = Self {
            dir: dir.to_owned(),
            authorities: found.authorities,
            issued: found.issued,
            stampers: found.stampers,
            last_number: AtomicU64::new(0),
        };
        pki.revocations()?;
        Ok(pki)
    }

    /// The folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The CAs that can sign, by name.
    #[must_use]
    pub fn authorities(&self) -> &[Authority] {
        &self.authorities
    }

    /// The CA of that name.
    #[must_use]
    pub fn authority(&self, name: &str) -> Option<&Authority> {
        self.authorities.iter().find(|authority| authority.name == name)
    }

    /// Every certificate of the folder, by name.
    #[must_use]
    pub fn issued(&self) -> &[Issued] {
        &self.issued
    }

    /// The certificate of that name, for example `systems/vpcp/signing`.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Issued> {
        self.issued.iter().find(|issued| issued.name == name)
    }

    /// Names of the time-stamping authorities, the one that answers at `/tsa` first.
    #[must_use]
    pub fn stampers(&self) -> Vec<&str> {
        self.stampers.iter().map(|(name, _)| name.as_str()).collect()
    }

    pub(crate) fn stamper(&self, name: Option<&str>) -> Option<&Signer> {
        let found = self.stampers.iter().find(|(known, _)| name.is_none_or(|name| name == known));
        found.map(|(_, signer)| signer)
    }

    /// Revokes a certificate: written to `revoked.toml` of the folder, and known to a running server at its next
    /// answer. A certificate that is revoked already gets the new time and reason. Blocking.
    ///
    /// # Errors
    /// No certificate of that name, or the file cannot be read or written.
    pub fn revoke(&self, name: &str, reason: CrlReason, at: UnixMillis) -> Result<(), RevokeError> {
        if self.find(name).is_none() {
            return Err(RevokeError::Unknown { name: name.to_owned(), nearest: self.nearest(name) });
        }
        let mut revocations = self.revocations()?;
        revocations.set(Revocation { name: name.to_owned(), at, reason });
        revocations.write(&self.dir)
    }

    /// What was revoked, as the file says now. Blocking.
    pub(crate) fn revocations(&self) -> Result<Revocations, OpenError> {
        Revocations::read(&self.dir)
    }

    /// A number that grows from call to call, also from one run to the next: milliseconds since 1970.
    pub(crate) fn next_number(&self, now: UnixMillis) -> u64 {
        let next = |last: u64| Some(now.as_millis().max(last + 1));
        let last = self.last_number.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).unwrap_or_default();
        now.as_millis().max(last + 1)
    }

    /// The names that share most parts with the one asked for.
    fn nearest(&self, name: &str) -> String {
        let wanted: Vec<&str> = name.split('/').collect();
        let shared = |known: &str| known.split('/').filter(|part| wanted.contains(part)).count();
        let mut names: Vec<&str> = self.issued.iter().map(|issued| issued.name.as_str()).collect();
        names.sort_by_key(|known| std::cmp::Reverse(shared(known)));
        names.truncate(5);
        names.join(", ")
    }
}
