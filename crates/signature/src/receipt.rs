//! Detached signatures on receipts and other JSON objects that are no manifests.

mod batch;

use serde::Deserialize;
use types::UnixMillis;

use crate::algorithm::Legacy;
use crate::certificate::Certificate;
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

/// `typ` of a JWS over the head of a batch of receipts.
pub(crate) const BATCH_TYPE: &str = "lienthong-receipt-batch+jws";

pub use batch::SIZE_MAX as RECEIPT_BATCH_MAX;
use batch::{Share, Tree};

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

/// Signs 1 to [`RECEIPT_BATCH_MAX`] payloads with one signature, each a JSON object as [`sign_detached`] takes it.
///
/// The answer has one text for each payload, in their order. One payload alone gets a plain JWS. Several are the leaves
/// of a Merkle tree (RFC 6962 2.1); the key signs its head once, and each payload's text is
/// `batch-v1:INDEX:SIZE:PATH:JWS`, complete in itself (docs/keys.md).
///
/// # Errors
/// `invalid_argument` for any other payload or number of them; the key's own.
pub fn sign_detached_together(signer: &Signer, payloads: &[&[u8]]) -> Result<Vec<String>, SignError> {
    match payloads {
        [alone] => return Ok(vec![sign_detached(signer, alone)?]),
        some if some.is_empty() || some.len() > RECEIPT_BATCH_MAX => {
            return Err(SignError::BatchSize { found: some.len(), max: RECEIPT_BATCH_MAX });
        }
        several => several.iter().try_for_each(|payload| domain(payload).map_err(|_| SignError::Domain))?,
    }
    let tree = Tree::of(payloads);
    let jws = signer.jws(BATCH_TYPE, &tree.head()?, None)?;
    Ok((0..payloads.len()).map(|index| tree.signature(index, &jws)).collect())
}

/// Checks the signature of a receipt, in either form, over `payload`, as of `at` (UTC): a detached JWS with the type
/// `lienthong-receipt+jws`, or the receipt's share of a batch ([`sign_detached_together`]).
#[must_use]
pub fn verify_detached(
    signature: &str,
    payload: &[u8],
    trust: &TrustStore,
    policy: &Policy,
    at: UnixMillis,
) -> SignatureReport {
    let mut findings = Findings::default();
    let outcome = domain(payload)
        .map_err(Reason::from)
        .and_then(|()| match Share::read(signature)? {
            None => jws::verify(signature, payload, RECEIPT_TYPE, trust, policy, &mut findings),
            Some(share) => {
                let head = share.head_over(payload)?;
                jws::verify(share.jws, &head, BATCH_TYPE, trust, policy, &mut findings)
            }
        })
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

/// The certificate that a receipt's signature brings for its signer, in either form; nothing about it is checked.
///
/// `None` when there is none, or the text is no signature.
#[must_use]
pub fn receipt_certificate(signature: &str) -> Option<Certificate> {
    let jws = Share::read(signature).ok()?.map_or(signature, |share| share.jws);
    jws::first_certificate(jws)
}

/// How the domain of everything signed here begins.
const DOMAIN_PREFIX: &str = "vn.lienthong.";
/// Domains that are signed with types of their own.
const OTHERS_DOMAINS: [&str; 2] = ["vn.lienthong.manifest.", "vn.lienthong.receipt-batch."];
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
    let is_others = OTHERS_DOMAINS.iter().any(|prefix| found.starts_with(prefix));
    if found.starts_with(DOMAIN_PREFIX) && !is_others {
        return Ok(());
    }
    Err(JwsReason::Domain { found: found.chars().take(64).collect(), expected: DOMAIN_PREFIX })
}

#[cfg(test)]
mod tests;
