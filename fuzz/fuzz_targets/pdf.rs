//! PDF files: nothing panics, and a file passes only when it has signatures and every one passed.
//!
//! The trust store is the one that signed the seeds, so that what lies behind a path is reached.
#![no_main]

use libfuzzer_sys::fuzz_target;
use signature::{PdfLimits, PdfOptions, Policy, TrustStore, verify_pdf};
use types::UnixMillis;

const ROOT: &[u8] = include_bytes!("../seeds/pdf-root.pem");
/// 2026-11-21T03:00:00Z: when the seeds were signed.
const AT: UnixMillis = UnixMillis::new(1_795_230_000_000);

fuzz_target!(|data: &[u8]| {
    let Ok(trust) = TrustStore::from_pem(ROOT, b"") else { return };
    let limits = PdfLimits { unpacked_bytes_max: 1024 * 1024, ..PdfLimits::document() };
    let options = PdfOptions { limits, ..PdfOptions::strict() };
    let report = verify_pdf(data, &trust, &Policy::documents(), &options, AT);
    if report.is_passed() {
        assert!(report.signatures.iter().all(|entry| entry.signature.is_passed()));
        assert!(report.rule.is_none() && data.starts_with(b"%PDF-"));
    }
});
