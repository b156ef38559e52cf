//! Finding the key that signs receipts, where the configuration says it is.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use signature::{Certificate, CertificateError, FileKey, Signer, SigningKey};
use token::{Pin, TokenKey};
use types::UnixMillis;

use crate::config::{ExampleCertificates, KeySource, SecretRef, SigningIdentity, SigningKeys};
use crate::material::{MaterialError, read, refuse_examples};

/// From when on the operator is reminded of a certificate's end.
const REMIND_BEFORE: Duration = Duration::from_secs(30 * 24 * 3600);
/// Bits of a file's mode that let others than its owner in.
const OTHERS: u32 = 0o077;

/// The signer to use, and when the next one takes over.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) signer: Signer,
    /// When the next certificate begins, if that is still to come.
    pub(crate) next_at: Option<UnixMillis>,
}

/// Loads the key for `now`: the next one as soon as its certificate is valid, else the current one.
///
/// A next key that cannot be used keeps nobody from signing with the current one; that is the error log's matter.
///
/// # Errors
/// The current key's.
pub(crate) fn load(keys: &SigningKeys, allowed: ExampleCertificates, now: UnixMillis) -> Result<Loaded, MaterialError> {
    match keys.next.as_ref().map(|next| identity(next, allowed)) {
        Some(Ok(signer)) if begins(&signer) <= now => Ok(Loaded { signer, next_at: None }),
        Some(Ok(signer)) => Ok(Loaded { next_at: Some(begins(&signer)), signer: identity(&keys.current, allowed)? }),
        Some(Err(error)) => {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "the next signing key is not usable; the current one signs"
            );
            Ok(Loaded { signer: identity(&keys.current, allowed)?, next_at: None })
        }
        None => Ok(Loaded { signer: identity(&keys.current, allowed)?, next_at: None }),
    }
}

/// Loads every key that is configured, and says what the operator should know.
///
/// # Errors
/// The first key's that is not usable.
pub(crate) fn check(
    keys: &SigningKeys,
    allowed: ExampleCertificates,
    now: UnixMillis,
) -> Result<Vec<String>, MaterialError> {
    let current = identity(&keys.current, allowed)?;
    let Some(next) = &keys.next else { return Ok(warning(&current, now).into_iter().collect()) };
    let next = identity(next, allowed)?;
    if begins(&next) <= now {
        return Ok(warning(&next, now).into_iter().collect());
    }
    let gap = current.certificate().signatory().not_after < begins(&next);
    let gap = gap.then(|| {
        format!(
            "chứng thư ký hiện tại hết hạn trước khi chứng thư kế tiếp có hiệu lực (the certificate {} ends before the \
             next one begins)",
            current.certificate().subject()
        )
    });
    Ok(warning(&current, now).into_iter().chain(gap).collect())
}

/// What the operator should know about a certificate's end.
pub(crate) fn warning(signer: &Signer, now: UnixMillis) -> Option<String> {
    let signatory = signer.certificate().signatory();
    let (subject, end) = (signatory.subject, signatory.not_after);
    if end < now {
        return Some(format!(
            "chứng thư ký biên nhận đã hết hạn, nút khác sẽ không nhận biên nhận: gia hạn ngay (the certificate {subject} \
             has expired; other nodes refuse the receipts)"
        ));
    }
    (end < now + REMIND_BEFORE).then(|| {
        format!("chứng thư ký biên nhận sắp hết hạn trong 30 ngày (the certificate {subject} ends within 30 days)")
    })
}

fn begins(signer: &Signer) -> UnixMillis {
    signer.certificate().signatory().not_before
}

fn identity(identity: &SigningIdentity, allowed: ExampleCertificates) -> Result<Signer, MaterialError> {
    let path = &identity.certificate;
    let unread = |source: CertificateError| MaterialError::Certificate { path: path.clone(), source };
    let certificates = Certificate::parse_all(&read(path)?).map_err(unread)?;
    refuse_examples(path, &certificates, allowed)?;
    let place = match &identity.key {
        KeySource::File { path, .. } => path.display().to_string(),
        KeySource::Token { address, .. } => address.to_string(),
    };
    // The key of an EXAMPLE certificate is public whatever its file's mode: they come with the sources.
    let is_secret = !certificates.first().is_some_and(Certificate::is_example);
    let key: Arc<dyn SigningKey> = match &identity.key {
        KeySource::File { path, passphrase } => Arc::new(file_key(path, passphrase.as_ref(), is_secret)?),
        KeySource::Token { address, pin } => {
            let pin = pin.as_ref().map(token_pin).transpose()?;
            let opened = TokenKey::open(address.clone(), pin);
            Arc::new(opened.map_err(|source| MaterialError::Token { place: place.clone(), source })?)
        }
    };
    Signer::new(key, certificates).map_err(|source| MaterialError::Signer { place, source })
}

fn token_pin(place: &SecretRef) -> Result<Pin, MaterialError> {
    let secret = place.read()?;
    let pin = Pin::new(secret.as_bytes().to_vec());
    pin.map_err(|source| MaterialError::Token { place: place.to_string(), source })
}

fn file_key(path: &Path, passphrase: Option<&SecretRef>, is_secret: bool) -> Result<FileKey, MaterialError> {
    if is_secret {
        check_mode(path)?;
    }
    let pem = read(path)?;
    let key = match passphrase {
        Some(place) => FileKey::from_encrypted_pem(&pem, place.read()?.as_bytes()),
        None => FileKey::from_pem(&pem),
    };
    key.map_err(|source| MaterialError::Signer { place: path.display().to_string(), source })
}

/// A key that others on the machine can read signs for them too.
///
/// A systemd credential is the service's alone whatever its mode says: it may show a group's bits that stand for the
/// service's own entry in the file's access list, and the folder around it lets nobody else in (systemd.exec,
/// `LoadCredential=`).
fn check_mode(path: &Path) -> Result<(), MaterialError> {
    if std::env::var_os("CREDENTIALS_DIRECTORY").is_some_and(|folder| path.starts_with(folder)) {
        return Ok(());
    }
    let found = fs::metadata(path).map_err(|source| MaterialError::Read { path: path.to_owned(), source })?;
    let mode = found.permissions().mode() & 0o777;
    if mode & OTHERS == 0 { Ok(()) } else { Err(MaterialError::Mode { path: path.to_owned(), mode }) }
}

#[cfg(test)]
mod tests;
