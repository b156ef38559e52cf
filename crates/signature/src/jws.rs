//! Detached JWS (RFC 7515, RFC 7797 with `b64` false), compact form without its payload.

mod header;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use crate::algorithm::{self, EcdsaForm, Hash, Padding, PublicKey, SignatureAlgorithm};
use crate::certificate::Certificate;
use crate::policy::Policy;
use crate::reason::{AlgorithmReason, JwsReason, Reason};
use crate::trust::TrustStore;
use crate::verdict::Findings;

use header::Header;

/// Certificates of `x5c`: the longest path the policy takes, and room for one that does not belong to it.
const CERTIFICATES_MAX: usize = 8;

/// Checks a JWS over `payload`, everything but the path and the claimed time; gives the certificates of `x5c`.
pub(crate) fn verify(
    jws: &str,
    payload: &[u8],
    wanted_type: &'static str,
    trust: &TrustStore,
    policy: &Policy,
    findings: &mut Findings,
) -> Result<Vec<Certificate>, Reason> {
    if jws.len() > policy.signature_bytes_max {
        return Err(JwsReason::TooLarge { length: jws.len(), max: policy.signature_bytes_max }.into());
    }
    let (protected, value) = split(jws)?;
    let header = Header::read(&decode(protected)?)?;
    header.check(wanted_type)?;
    findings.claimed = header.issued_at();
    let embedded = embedded(&header, trust)?;
    let certificate = signer(&header, &embedded, trust)?.clone();
    let algorithm = resolve(header.algorithm(), certificate.key());
    findings.certificate = Some(certificate.clone());
    let algorithm = algorithm?;
    findings.algorithm = Some(algorithm);
    algorithm::permit(policy, algorithm, certificate.key())?;
    let value = decode(value)?;
    let signed = signing_input(protected, payload);
    trust.budget().take_bytes(signed.len())?;
    trust.budget().take_check()?;
    if algorithm::verifies(algorithm, EcdsaForm::Fixed, certificate.key(), &signed, &value) {
        return Ok(embedded);
    }
    Err(JwsReason::SignatureWrong.into())
}

/// RFC 7797 3: the header in base64url, a dot, the payload as it is.
pub(crate) fn signing_input(protected: &str, payload: &[u8]) -> Vec<u8> {
    let mut input = Vec::with_capacity(protected.len() + 1 + payload.len());
    input.extend_from_slice(protected.as_bytes());
    input.push(b'.');
    input.extend_from_slice(payload);
    input
}

/// The first certificate of `x5c`, not checked.
pub(crate) fn first_certificate(jws: &str) -> Option<Certificate> {
    let (protected, _) = split(jws).ok()?;
    let header = Header::read(&decode(protected).ok()?).ok()?;
    let first = STANDARD.decode(header.certificates().ok()??.first()?).ok()?;
    Certificate::parse(&first).ok()
}

/// Header and signature of `header..signature`.
fn split(jws: &str) -> Result<(&str, &str), JwsReason> {
    let parts: Vec<&str> = jws.splitn(4, '.').collect();
    match parts.as_slice() {
        [header, "", signature] => Ok((header, signature)),
        [_, _, _] => Err(JwsReason::PayloadAttached),
        _ => Err(JwsReason::Malformed { why: "not header..signature".to_owned() }),
    }
}

fn decode(text: &str) -> Result<Vec<u8>, JwsReason> {
    URL_SAFE_NO_PAD.decode(text).map_err(|error| JwsReason::Malformed { why: format!("base64url: {error}") })
}

fn embedded(header: &Header, trust: &TrustStore) -> Result<Vec<Certificate>, JwsReason> {
    let bad = |why: String| JwsReason::Malformed { why: format!("x5c: {why}") };
    let Some(texts) = header.certificates()? else { return Ok(Vec::new()) };
    if texts.is_empty() || texts.len() > CERTIFICATES_MAX {
        return Err(bad(format!("{} certificates, 1 to {CERTIFICATES_MAX} are taken", texts.len())));
    }
    let read = |text: &&str| {
        let der = STANDARD.decode(text).map_err(|error| bad(error.to_string()))?;
        trust.read(&der).map_err(|error| bad(error.to_string()))
    };
    texts.iter().map(read).collect()
}

/// The first of `x5c`, which `x5t#S256` must then name; without `x5c`, the one the store knows by it.
fn signer<'a>(
    header: &Header,
    embedded: &'a [Certificate],
    trust: &'a TrustStore,
) -> Result<&'a Certificate, JwsReason> {
    let thumbprint = header.thumbprint()?.map(decode).transpose()?;
    let is_named =
        |certificate: &&Certificate| thumbprint.as_deref().is_none_or(|t| t == certificate.sha256().as_bytes());
    match (embedded.first(), &thumbprint) {
        (Some(leaf), _) if is_named(&leaf) => Ok(leaf),
        (Some(_), _) => Err(JwsReason::CertificateMismatch),
        (None, Some(_)) => trust.known().find(is_named).ok_or(JwsReason::CertificateMissing),
        (None, None) => Err(JwsReason::CertificateMissing),
    }
}

/// The algorithm that `alg` names, if the certificate's key is of that kind (RFC 7518 3.1, RFC 8037 3.1).
fn resolve(name: &str, key: &PublicKey) -> Result<SignatureAlgorithm, Reason> {
    let found = match (name, key) {
        ("RS256", _) => algorithm::rsa(key, Padding::Pkcs1, Hash::Sha256, None)?,
        ("RS384", _) => algorithm::rsa(key, Padding::Pkcs1, Hash::Sha384, None)?,
        ("RS512", _) => algorithm::rsa(key, Padding::Pkcs1, Hash::Sha512, None)?,
        ("PS256", _) => algorithm::rsa(key, Padding::Pss, Hash::Sha256, None)?,
        ("PS384", _) => algorithm::rsa(key, Padding::Pss, Hash::Sha384, None)?,
        ("PS512", _) => algorithm::rsa(key, Padding::Pss, Hash::Sha512, None)?,
        ("ES256", PublicKey::P256(_)) => SignatureAlgorithm::EcdsaP256Sha256,
        ("ES384", PublicKey::P384(_)) => SignatureAlgorithm::EcdsaP384Sha384,
        ("EdDSA", PublicKey::Ed25519(_)) => SignatureAlgorithm::Ed25519,
        ("ES256" | "ES384" | "EdDSA", other) => {
            return Err(AlgorithmReason::Mismatch { one: name.to_owned(), other: other.name() }.into());
        }
        (other, _) => return Err(JwsReason::Algorithm { name: other.chars().take(32).collect() }.into()),
    };
    Ok(found)
}

#[cfg(test)]
mod tests;
