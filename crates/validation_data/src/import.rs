//! Validation data from files, for sites without a network: the same rules as for what is fetched.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use rustls_pki_types::CertificateRevocationListDer;
use rustls_pki_types::pem::PemObject as _;
use serde::Serialize;
use signature::{Certificate, Crl, OcspResponse};
use types::{Digest, UnixMillis};

use crate::keeper::{KeepError, Keeper, Keeping, iso, sha256};
use crate::shelf::ShelfError;

/// Bytes of one file: a bundle of lists.
const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Files of one import.
const FILES_MAX: usize = 10_000;
/// Folders within folders.
const DEPTH_MAX: u8 = 8;

/// What one thing in a file was, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Imported {
    /// The file.
    pub file: PathBuf,
    /// What it was.
    pub kind: ImportKind,
    /// Whose: the issuer of a list, the subject of a certificate, the serial number and issuer of a response.
    pub name: String,
    /// What became of it.
    pub outcome: Outcome,
    /// What it replaced, or why it was refused, in English.
    pub detail: Option<String>,
}

/// What a file can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ImportKind {
    /// A CA's certificate.
    Issuer,
    /// A revocation list.
    Crl,
    /// An OCSP response.
    Ocsp,
    /// None of these.
    Unknown,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// Kept; there was none before.
    Added,
    /// Kept in place of an older one.
    Replaced,
    /// It was there already.
    Unchanged,
    /// Not kept.
    Refused,
}

/// Something that was read.
enum Item {
    Issuer(Box<Certificate>),
    Crl(Vec<u8>),
    Ocsp(Vec<u8>),
    Unknown(String),
}

impl Item {
    const fn kind(&self) -> ImportKind {
        match self {
            Self::Issuer(_) => ImportKind::Issuer,
            Self::Crl(_) => ImportKind::Crl,
            Self::Ocsp(_) => ImportKind::Ocsp,
            Self::Unknown(_) => ImportKind::Unknown,
        }
    }
}

/// Imports files, and folders of files, DER or PEM with any number of blocks; certificates first, because lists and
/// responses may need them. A running node over the same folder takes them up by itself. Blocking.
///
/// # Errors
/// A file cannot be read, or the shelf fails; what was kept before that stays kept.
pub fn import(keeper: &mut Keeper, paths: &[PathBuf], now: UnixMillis) -> Result<Vec<Imported>, ShelfError> {
    let mut files = Vec::new();
    for path in paths {
        collect(path, DEPTH_MAX, &mut files)?;
    }
    let mut items = Vec::new();
    for file in files {
        let bytes = read(&file).map_err(|source| ShelfError { path: file.clone(), source })?;
        items.extend(items_of(&bytes).into_iter().map(|item| (file.clone(), item)));
    }
    items.sort_by_key(|(_, item)| item.kind());
    let mut all = Vec::new();
    for (file, item) in items {
        all.extend(keep(keeper, &file, item, now)?);
    }
    if all.iter().any(|one| matches!(one.outcome, Outcome::Added | Outcome::Replaced)) {
        keeper.shelf().mark_import(&mark(&all, now))?;
    }
    Ok(all)
}

/// Another one for every import.
fn mark(all: &[Imported], now: UnixMillis) -> String {
    let names: String = all.iter().map(|one| format!("{}\n{:?}\n", one.name, one.outcome)).collect();
    let digest: Digest = sha256(names.as_bytes());
    format!("{} {digest}\n", iso(now))
}

fn collect(path: &Path, depth: u8, files: &mut Vec<PathBuf>) -> Result<(), ShelfError> {
    let failed = |source| ShelfError { path: path.to_owned(), source };
    if !fs::metadata(path).map_err(failed)?.is_dir() {
        files.push(path.to_owned());
    } else if depth > 0 {
        let entries: Result<Vec<_>, io::Error> =
            fs::read_dir(path).map_err(failed)?.take(FILES_MAX).map(|entry| entry.map(|entry| entry.path())).collect();
        let mut entries = entries.map_err(failed)?;
        entries.sort();
        for entry in entries {
            collect(&entry, depth - 1, files)?;
        }
    }
    if files.len() > FILES_MAX {
        return Err(failed(io::Error::other(format!("more than {FILES_MAX} files"))));
    }
    Ok(())
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > FILE_BYTES_MAX {
        return Err(io::Error::other(format!("more than {FILE_BYTES_MAX} bytes")));
    }
    Ok(bytes)
}

fn items_of(bytes: &[u8]) -> Vec<Item> {
    if bytes.first() == Some(&0x30) {
        // Told apart by what reads: the three have nothing in common beyond the first byte.
        return vec![match (Crl::parse(bytes), OcspResponse::parse(bytes), Certificate::parse(bytes)) {
            (Ok(_), _, _) => Item::Crl(bytes.to_vec()),
            (_, Ok(_), _) => Item::Ocsp(bytes.to_vec()),
            (_, _, Ok(certificate)) => Item::Issuer(Box::new(certificate)),
            (Err(list), Err(response), Err(certificate)) => Item::Unknown(format!("{list}; {response}; {certificate}")),
        }];
    }
    let lists = CertificateRevocationListDer::pem_slice_iter(bytes).filter_map(Result::ok);
    let mut items: Vec<Item> = lists.map(|list| Item::Crl(list.as_ref().to_vec())).collect();
    match Certificate::parse_all(bytes) {
        Ok(certificates) => items.extend(certificates.into_iter().map(Box::new).map(Item::Issuer)),
        Err(error) if items.is_empty() => items.push(Item::Unknown(error.to_string())),
        Err(_) => {}
    }
    items
}

fn keep(keeper: &mut Keeper, file: &Path, item: Item, now: UnixMillis) -> Result<Vec<Imported>, ShelfError> {
    let kind = item.kind();
    let (name, kept) = match item {
        Item::Issuer(certificate) => (
            certificate.subject().to_owned(),
            keeper.keep_issuer(&certificate, now).map(|(_, keeping)| vec![(String::new(), keeping)]),
        ),
        Item::Crl(der) => {
            let name = Crl::parse(&der).map(|list| list.issuer().to_owned()).unwrap_or_default();
            (name, keeper.keep_crl(&der, now).map(|(_, keeping)| vec![(String::new(), keeping)]))
        }
        Item::Ocsp(der) => {
            let kept = keeper.keep_given_response(&der, now);
            let named = |held: crate::HeldResponse| format!("{} ({})", held.answer.serial, held.issuer.subject());
            let kept = kept.map(|all| all.into_iter().map(|(held, keeping)| (named(held), keeping)).collect());
            (String::new(), kept)
        }
        Item::Unknown(why) => {
            let (file, detail) = (file.to_owned(), Some(why));
            return Ok(vec![Imported { file, kind, name: String::new(), outcome: Outcome::Refused, detail }]);
        }
    };
    let imported = |name: String, outcome, detail| Imported { file: file.to_owned(), kind, name, outcome, detail };
    match kept {
        Ok(all) => Ok(all
            .into_iter()
            .map(|(own, keeping)| {
                let (outcome, detail) = told(&keeping);
                imported(if own.is_empty() { name.clone() } else { own }, outcome, detail)
            })
            .collect()),
        Err(KeepError::Shelf(error)) => Err(error),
        Err(error) => Ok(vec![imported(name, Outcome::Refused, Some(error.to_string()))]),
    }
}

fn told(keeping: &Keeping) -> (Outcome, Option<String>) {
    match keeping {
        Keeping::Added => (Outcome::Added, None),
        Keeping::Unchanged => (Outcome::Unchanged, None),
        Keeping::Replaced { this_update, number } => {
            let number = number.as_ref().map(|number| format!(", number {number}")).unwrap_or_default();
            (Outcome::Replaced, Some(format!("in place of the one issued {}{number}", iso(*this_update))))
        }
    }
}
