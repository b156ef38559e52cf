//! What pyHanko signs, from B-B to B-LTA, passes here; what it brings along is enough where revocation is required.

#![expect(clippy::unwrap_used, reason = "a test says what went wrong by panicking")]

use std::path::Path;

use signature::{
    Certificate, Coverage, PdfOptions, PdfReport, Policy, Revocation, RevocationEvidence, TrustStore, verify_pdf_with,
};
use types::UnixMillis;

/// 2026-11-21T19:00:00Z, an hour after the files were made.
const AT: UnixMillis = UnixMillis::new(1_795_287_600_000);

fn report(name: &str, revocation: Revocation, at: UnixMillis) -> PdfReport {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/pyhanko");
    let root = Certificate::parse(&std::fs::read(fixtures.join("root.der")).unwrap()).unwrap();
    let policy = Policy { revocation, ..Policy::documents() };
    let (trust, evidence) = (TrustStore::new(vec![root], vec![]), RevocationEvidence::new());
    let bytes = std::fs::read(fixtures.join(name)).unwrap();
    verify_pdf_with(&bytes, &trust, &policy, &PdfOptions::strict(), &evidence, at)
}

#[test]
fn every_level_passes_and_the_higher_ones_bring_their_evidence() {
    for (name, signatures, required) in [
        ("b-b.pdf", 1, Some("revocation_unknown")),
        ("b-t.pdf", 1, Some("revocation_unknown")),
        ("b-lt.pdf", 1, None),
        ("b-lta.pdf", 3, None),
        ("adobe-ts.pdf", 1, None),
    ] {
        let found = report(name, Revocation::Off, AT);
        assert!(found.is_passed(), "{name}: {}", found.explanation_en);
        assert_eq!(found.signatures.len(), signatures, "{name}");
        // Validation data follows the last signature or time-stamp of the two levels that have it.
        let is_last = found.signatures.last().is_some_and(|last| last.coverage == Some(Coverage::EntireFile));
        assert_eq!(is_last, !name.starts_with("b-lt"), "{name}");
        let found = report(name, Revocation::Require, AT);
        assert_eq!(found.rule.as_deref(), required, "{name}: {}", found.explanation_en);
    }
}

#[test]
fn what_was_proved_in_time_still_is_once_the_lists_are_old() {
    // 2027-06-01: every certificate is valid, every list and response has ended; the last time-stamp's authority alone
    // has to be looked up anew.
    let later = UnixMillis::new(1_811_808_000_000);
    let found = report("b-lta.pdf", Revocation::Require, later);
    let rules: Vec<Option<&str>> = found.signatures.iter().map(|entry| entry.signature.rule.as_deref()).collect();
    assert_eq!(rules.last(), Some(&Some("revocation_unknown")));
    assert!(!found.is_passed());
    assert!(report("b-lta.pdf", Revocation::Prefer, later).is_passed());
}
