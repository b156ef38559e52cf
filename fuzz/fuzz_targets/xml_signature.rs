//! XML signatures: any packet gives a report, and one whose signatures all passed was signed by the fixtures' signer.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use signature::{Policy, TrustStore, verify_xml};
use types::UnixMillis;

static TRUST: LazyLock<TrustStore> = LazyLock::new(|| {
    let root = include_bytes!("../../crates/signature/fixtures/xml-root.pem");
    TrustStore::from_pem(root, b"").expect("a fixture")
});

fuzz_target!(|input: &[u8]| {
    let report = verify_xml(input, &TRUST, &Policy::envelope(), UnixMillis::new(1_798_761_600_000));
    for entry in &report.signatures {
        assert_eq!(entry.is_passed(), entry.rule.is_none());
        assert_eq!(entry.is_passed(), !entry.covers.is_empty());
        let signer = entry.signer.as_ref().map(|signer| signer.subject.as_str()).unwrap_or_default();
        assert!(!entry.is_passed() || signer.contains("EXAMPLE XML Signer"));
    }
});
