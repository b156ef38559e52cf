//! Reads a folder: every certificate, and the keys of those that sign for the PKI itself.

use std::path::{Path, PathBuf};

use signature::{Certificate, ObjectId, Signer};

use super::{Authority, Issued, OpenError};

/// Folders inside folders.
const DEPTH_MAX: usize = 6;
/// Certificates of one folder.
const FILES_MAX: usize = 10_000;
/// What must not answer for the PKI lies in a folder of this name.
const REJECTED: &str = "rejected";

/// What a folder holds, each list by name.
pub(super) struct Found {
    pub(super) authorities: Vec<Authority>,
    pub(super) issued: Vec<Issued>,
    pub(super) stampers: Vec<(String, Signer)>,
}

/// Reads every `NAME.pem` below `dir`.
pub(super) fn scan(dir: &Path) -> Result<Found, OpenError> {
    let mut paths = Vec::new();
    walk(dir, 0, &mut paths)?;
    paths.sort();
    let issued: Vec<Issued> = paths.iter().map(|path| certificate(dir, path)).collect::<Result<_, _>>()?;
    let purpose = |text: &str| text.parse::<ObjectId>().expect("a constant of this file");
    let (for_ocsp, for_timestamps) = (purpose("1.3.6.1.5.5.7.3.9"), purpose("1.3.6.1.5.5.7.3.8"));
    let mut found = Found { authorities: Vec::new(), issued: Vec::new(), stampers: Vec::new() };
    let mut responders = Vec::new();
    for Issued { name, certificate } in &issued {
        let is_rejected = name.split('/').any(|part| part == REJECTED);
        let signs = certificate.is_ca() || certificate.is_for(&for_ocsp) || certificate.is_for(&for_timestamps);
        let signer = if signs { signer(dir, name)? } else { None };
        let Some(signer) = signer else { continue };
        if certificate.is_ca() {
            let short = name.rsplit('/').next().unwrap_or(name).to_owned();
            if found.authorities.iter().any(|known| known.name == short) {
                let path = dir.join(format!("{name}.pem"));
                return Err(OpenError::Malformed { path, why: format!("a second CA of the name {short}") });
            }
            found.authorities.push(Authority { name: short, signer, responder: None });
        } else if certificate.is_for(&for_timestamps) {
            let place = if is_rejected { found.stampers.len() } else { 0 };
            found.stampers.insert(place, (name.clone(), signer));
        } else if certificate.is_for(&for_ocsp) && !is_rejected {
            responders.push(signer);
        }
    }
    for authority in &mut found.authorities {
        let own =
            responders.iter().position(|signer| signer.certificate().names_issuer(authority.signer.certificate()));
        authority.responder = own.map(|position| responders.swap_remove(position));
    }
    found.issued = issued;
    Ok(found)
}

fn walk(dir: &Path, depth: usize, paths: &mut Vec<PathBuf>) -> Result<(), OpenError> {
    let failed = |source| OpenError::Read { path: dir.to_owned(), source };
    for entry in std::fs::read_dir(dir).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type().map_err(failed)?.is_dir() {
            if depth < DEPTH_MAX {
                walk(&path, depth + 1, paths)?;
            }
        } else if name.ends_with(".pem") && !name.ends_with(".key.pem") && !name.ends_with(".crl.pem") {
            if paths.len() >= FILES_MAX {
                return Err(OpenError::Malformed { path, why: format!("more than {FILES_MAX} certificates") });
            }
            paths.push(path);
        }
    }
    Ok(())
}

/// The first certificate of a file.
fn certificate(dir: &Path, path: &Path) -> Result<Issued, OpenError> {
    let bytes = std::fs::read(path).map_err(|source| OpenError::Read { path: path.to_owned(), source })?;
    let malformed = |why: String| OpenError::Malformed { path: path.to_owned(), why };
    let all = Certificate::parse_all(&bytes).map_err(|error| malformed(error.to_string()))?;
    let first = all.into_iter().next().ok_or_else(|| malformed("no certificate".to_owned()))?;
    if !first.is_example() {
        return Err(OpenError::NotExample { path: path.to_owned(), subject: first.subject().to_owned() });
    }
    let name = path.strip_prefix(dir).unwrap_or(path).with_extension("");
    Ok(Issued { name: name.to_string_lossy().into_owned(), certificate: first })
}

/// Certificate and key of a name, where the key lies beside it and can sign here.
fn signer(dir: &Path, name: &str) -> Result<Option<Signer>, OpenError> {
    let path = dir.join(format!("{name}.key.pem"));
    let key = match std::fs::read(&path) {
        Ok(key) => key,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(OpenError::Read { path, source }),
    };
    let certificates = dir.join(format!("{name}.pem"));
    let bytes = std::fs::read(&certificates).map_err(|source| OpenError::Read { path: certificates, source })?;
    match Signer::from_pem(&key, &bytes) {
        Ok(signer) => Ok(Some(signer)),
        Err(error) => {
            // An example of a weak key is there to be refused.
            tracing::info!(file = %path.display(), %error, "the key is not used");
            Ok(None)
        }
    }
}
