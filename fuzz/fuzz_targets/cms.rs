//! CMS signatures over content that was handed in: nothing panics, and what passes is signed by the fixtures' PKI.
//!
//! Seeds have lists, responses, time-stamps and certificates inside, so that embedded evidence is reached.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use signature::{
    AnchorRule, Content, LegacyRule, LegacyUse, Policy, Revocation, RevocationEvidence, TrustStore, verify_cms,
};
use types::UnixMillis;

static TRUST: LazyLock<TrustStore> = LazyLock::new(|| {
    let roots = [&include_bytes!("../../crates/signature/fixtures/root.pem")[..], include_bytes!("../seeds/cms-root.pem")];
    TrustStore::from_pem(&roots.concat(), b"").expect("fixtures")
});
static POLICY: LazyLock<Policy> = LazyLock::new(|| {
    let legacy = |anchor: &signature::Certificate| AnchorRule {
        legacy: Some(LegacyRule { proved_before: AT, sha1: vec![LegacyUse::Certificates, LegacyUse::Documents] }),
        ..AnchorRule::new(anchor.sha256())
    };
    let anchors = TRUST.anchors().iter().map(legacy).collect();
    Policy { anchors, revocation: Revocation::Prefer, ..Policy::documents() }
});
/// 2026-11-21T03:00:00Z: when the seeds were signed.
const AT: UnixMillis = UnixMillis::new(1_795_230_000_000);
const CONTENT: &[u8] = b"%PDF-";

fuzz_target!(|data: &[u8]| {
    let evidence = RevocationEvidence::new();
    for content in [Content::Detached(CONTENT), Content::Attached] {
        let report = verify_cms(data, content, &TRUST, &POLICY, &evidence, AT);
        let (code, passed) = (report.code(), report.is_passed());
        assert_eq!(code.is_none(), passed);
        assert!(!passed || report.signatures.iter().all(|entry| entry.signer.is_some() && entry.algorithm.is_some()));
        let text = serde_json::to_string(&report).expect("a report is text");
        assert_eq!(serde_json::from_str::<signature::Report>(&text).expect("it reads back"), report);
    }
});
