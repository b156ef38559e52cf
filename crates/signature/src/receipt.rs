//! Detached signatures on receipts and other JSON objects that are no manifests.

use types::UnixMillis;

use crate::policy::Policy;
use crate::reason::{JwsReason, Reason};
use crate::report::SignatureReport;
use crate::sign::{SignError, Signer};
use crate::trust::TrustStore;

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
    let _ = (signer, payload);
    Err(SignError::Refused)
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
    let _ = (jws, payload, trust, policy, at);
    crate::verdict::refused(&Reason::from(JwsReason::SignatureWrong))
}
