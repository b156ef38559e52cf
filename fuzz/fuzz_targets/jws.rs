//! Detached JWS over a manifest: nothing panics, and a manifest comes out only with a report that passed.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use signature::{Envelope, EnvelopeSignature, Policy, TrustStore, verify_envelope};
use types::UnixMillis;

static TRUST: LazyLock<TrustStore> =
    LazyLock::new(|| TrustStore::from_pem(include_bytes!("../seeds/jws-root.pem"), b"").expect("a fixture"));
const MANIFEST: &[u8] = include_bytes!("../seeds/jws-manifest.json");
/// 2026-11-21T03:00:00Z: when the seeds were signed.
const AT: UnixMillis = UnixMillis::new(1_795_230_000_000);

fuzz_target!(|data: &str| {
    let envelope = Envelope { manifest: MANIFEST.to_vec(), signature: EnvelopeSignature::Jws(data.to_owned()) };
    let verification = verify_envelope(&envelope, &TRUST, &Policy::envelope(), AT);
    assert_eq!(verification.manifest.is_some(), verification.report.is_passed());
    // Of a signature that passes only its value may differ, and that by ECDSA's own ambiguity.
    assert!(!verification.report.is_passed() || data.starts_with("eyJ"));
});
