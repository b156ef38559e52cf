//! Time-stamp tokens and responses: anything gives a verdict, and only the fixtures' tokens pass.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use signature::{Policy, TimestampRequest, TrustStore, verify_timestamp};
use types::UnixMillis;

static TRUST: LazyLock<TrustStore> = LazyLock::new(|| {
    let root = include_bytes!("../../crates/signature/fixtures/tsa-root.pem");
    TrustStore::from_pem(root, b"").expect("a fixture")
});
const AT: UnixMillis = UnixMillis::new(1_798_761_600_000);

fuzz_target!(|input: &[u8]| {
    let report = verify_timestamp(input, b"data", &TRUST, &Policy::envelope(), AT);
    assert!(!report.is_passed() || report.time.map(UnixMillis::as_seconds) == Some(1_795_274_242));
    // Nobody here knows the nonce.
    let request = TimestampRequest::over(b"data", 0xfedc_ba98_7654_3210);
    assert!(request.read_response(input, &TRUST, &Policy::envelope(), AT).is_err());
});
