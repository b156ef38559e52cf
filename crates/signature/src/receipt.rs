//! Detached signatures on receipts and other JSON objects that are no manifests.

use serde::Deserialize;
use types::UnixMillis;

use crate::algorithm::Legacy;
use crate::chain::{PathRequest, validate_path};
use crate::jws;
use crate::policy::Policy;
use crate::reason::{JwsReason, Reason};
use crate::report::{SignatureFormat, SignatureKind, SignatureReport};
use crate::sign::{SignError, Signer};
use crate::trust::TrustStore;
use crate::verdict::Findings;

/// `typ` of a JWS over a manifest.
pub const MANIFEST_TYPE: &str = "lienthong-manifest+jws";
/// `typ` of a JWS over a receipt.
pub const RECEIPT_TYPE: &str = "lienthong-receipt+jws";

/// Signs `payload` as a detached JWS with the type `lienthong-receipt+jws`.
///
/// `payload` is a JSON object whose member `domain` begins with `vn.lienthong.` and is not a manifest's, for
/// example `vn.lienthong.receipt.v1`: what one kind of object signs can then never be taken for another.
///
/// # Errors
/// `invalid_argument` for any other payload; `internal` when the key refuses to sign.
pub fn sign_detached(signer: &Signer, payload: &[u8]) -> Result<String, SignError> {
    domain(payload).map_err(|_| SignError::Domain)?;
    signer.jws(RECEIPT_TYPE, payload, None)
}

/// Checks a detached JWS with the type `lienthong-receipt+jws` over `payload`, as of `at` (UTC).
#[must_use]
pub fn verify_detached(
    jws: &str,
    payload: &[u8],
    trust: &TrustStore,
    policy: &Policy,
    at: UnixMillis,
) -> SignatureReport {
    let mut findings = Findings::default();
    let outcome = domain(payload)
        .map_err(Reason::from)
        .and_then(|()| jws::verify(jws, payload, RECEIPT_TYPE, trust, policy, &mut findings))
        .and_then(|embedded| match findings.certificate.clone() {
            Some(certificate) => {
                let request = PathRequest::new(&certificate, trust, policy, at).with_embedded(&embedded);
                let used = findings.algorithm;
                let request = used.map_or(request, |used| request.for_signature(used, Legacy::Refused));
                validate_path(&request).map(drop)
            }
            None => Err(JwsReason::CertificateMissing.into()),
        })
        .and_then(|()| findings.claimed.map_or(Ok(()), |claimed| findings.check_claim(claimed, policy, at)));
    findings.into_report(SignatureKind::Receipt, SignatureFormat::JwsDetached, &outcome)
}

/// How the domain of everything signed here begins.
const DOMAIN_PREFIX: &str = "vn.lienthong.";
/// Bytes of a receipt or tree head: it holds digests, never documents.
const PAYLOAD_BYTES_MAX: usize = 4 * 1024 * 1024;

#[derive(Deserialize)]
struct Domain {
    domain: String,
}

fn domain(payload: &[u8]) -> Result<(), JwsReason> {
    if payload.len() > PAYLOAD_BYTES_MAX {
        return Err(JwsReason::TooLarge { length: payload.len(), max: PAYLOAD_BYTES_MAX });
    }
    let found = serde_json::from_slice::<Domain>(payload).map(|payload| payload.domain).unwrap_or_default();
    if found.starts_with(DOMAIN_PREFIX) && !found.starts_with("vn.lienthong.manifest.") {
        return Ok(());
    }
    Err(JwsReason::Domain { found: found.chars().take(64).collect(), expected: DOMAIN_PREFIX })
}

#[cfg(test)]
mod tests;
