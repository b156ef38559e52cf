use super::*;
use crate::der::{object_id, sequence, tlv};
use crate::pki::{AT, Entity, ca_params, critical, leaf_params, root};
use crate::policy::{AnchorRule, LegacyRule, LegacyUse, Revocation};
use crate::report::Indication;
use crate::sign::{Stamping, add_signature_timestamp, sign_pdf_cms, signature_value, stamp};
use crate::timestamp::TimestampRequest;
use crate::{Certificate, TrustStore};
use rcgen::CustomExtension;

/// 2027-01-01T00:00:00Z: the fixtures of OpenSSL are valid then.
const FIXTURES_AT: UnixMillis = UnixMillis::new(1_798_761_600_000);
const HOUR: std::time::Duration = std::time::Duration::from_secs(3600);

struct World {
    root: Entity,
    authority: Entity,
}

impl World {
    fn new() -> Self {
        let root = root();
        let purposes = vec![0x30, 10, 6, 8, 0x2b, 6, 1, 5, 5, 7, 3, 8];
        let authority = root.issue(critical(leaf_params("EXAMPLE TSA"), &[2, 5, 29, 37], purposes));
        Self { root, authority }
    }

    fn trust(&self) -> TrustStore {
        TrustStore::new(vec![self.root.certificate()], vec![])
    }

    fn signed(&self, content: &[u8]) -> Vec<u8> {
        sign_pdf_cms(&self.root.issue(leaf_params("EXAMPLE Leaf")).signer(&[]), content, AT).unwrap()
    }

    fn stamped(&self, cms: &[u8], time: UnixMillis) -> Vec<u8> {
        let request = TimestampRequest::over(&signature_value(cms).unwrap(), 7);
        let stamping = Stamping { policy: "1.3.6.1.4.1.99999.1".to_owned(), serial: 7, time, accuracy_seconds: 1 };
        let response = stamp(&self.authority.signer(&[]), &request.to_der(), &stamping).unwrap();
        let mut inside = der::single(&response, der::tag::SEQUENCE).unwrap().inside();
        inside.next().unwrap();
        add_signature_timestamp(cms, inside.next().unwrap().raw).unwrap()
    }
}

fn verify(cms: &[u8], content: Content<'_>, trust: &TrustStore) -> Report {
    verify_cms(cms, content, trust, &Policy::documents(), &RevocationEvidence::new(), AT)
}

fn rule(report: &Report) -> &str {
    report.signatures[0].rule.as_deref().unwrap_or("passed")
}

#[test]
fn a_signature_over_any_content_is_checked_whole_or_in_pieces() {
    let world = World::new();
    let (cms, trust) = (world.signed(b"%PDF-any content"), world.trust());
    assert_eq!(rule(&verify(&cms, Content::Detached(b"%PDF-any content"), &trust)), "passed");
    assert_eq!(rule(&verify(&cms, Content::Pieces(&[b"%PDF-any ", b"content"]), &trust)), "passed");
    assert_eq!(rule(&verify(&cms, Content::Detached(b"%PDF-any content."), &trust)), "digest_mismatch");
    assert_eq!(rule(&verify(&cms, Content::Attached, &trust)), "content_missing");
}

#[test]
fn what_has_its_content_inside_is_checked_only_as_such() {
    let cms = pem(include_str!("../../fixtures/attached.cms.pem"));
    let trust = fixtures_trust();
    let at = |content| {
        let policy = Policy::documents();
        rule(&verify_cms(&cms, content, &trust, &policy, &RevocationEvidence::new(), FIXTURES_AT)).to_owned()
    };
    assert_eq!(at(Content::Attached), "passed");
    assert_eq!(at(Content::Detached(include_bytes!("../../fixtures/manifest.json"))), "content_attached");
}

#[test]
fn a_time_stamp_over_the_signature_proves_its_age() {
    let world = World::new();
    let cms = world.stamped(&world.signed(b"%PDF-x"), AT + HOUR);
    let report = verify_cms(
        &cms,
        Content::Detached(b"%PDF-x"),
        &world.trust(),
        &Policy::documents(),
        &RevocationEvidence::new(),
        AT + HOUR,
    );
    assert_eq!((rule(&report), report.signatures[0].proved_time), ("passed", Some(AT + HOUR)));
}

#[test]
fn a_counter_signature_is_listed_and_not_believed() {
    let world = World::new();
    let cms = world.signed(b"%PDF-x");
    let counter = crate::sign::add_unsigned(&cms, crate::oid::COUNTER_SIGNATURE, &sequence(&[])).unwrap();
    let report = verify(&counter, Content::Detached(b"%PDF-x"), &world.trust());
    assert_eq!(rule(&report), "passed");
    assert!(report.not_checked.iter().any(|entry| entry.what == Unchecked::CounterSignatures));
    let plain = verify(&cms, Content::Detached(b"%PDF-x"), &world.trust());
    assert!(!plain.not_checked.iter().any(|entry| entry.what == Unchecked::CounterSignatures));
}

#[test]
fn what_is_lacking_comes_with_the_addresses_of_the_certificates() {
    let root = root();
    let ca = root.issue(ca_params("EXAMPLE CA", Some(0)));
    let mut params = leaf_params("EXAMPLE Leaf");
    params.crl_distribution_points =
        vec![rcgen::CrlDistributionPoint { uris: vec!["http://example.vn/ca.crl".to_owned()] }];
    let description = |method: u8, url: &[u8]| {
        let method = object_id(&[0x2b, 6, 1, 5, 5, 7, 48, method]);
        sequence(&[&method, &tlv(0x86, url)])
    };
    let access = sequence(&[&description(1, b"http://ocsp.example.vn"), &description(2, b"http://example.vn/ca.crt")]);
    params.custom_extensions.push(CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 1], access));
    let leaf = ca.issue(params);
    let cms = sign_pdf_cms(&leaf.signer(&[]), b"%PDF-x", AT).unwrap();
    let trust = TrustStore::new(vec![root.certificate()], vec![]);
    let mut report = verify(&cms, Content::Detached(b"%PDF-x"), &trust);
    assert_eq!(rule(&report), "no_issuer");
    let wanted = report.take_wanted();
    assert_eq!(wanted.len(), 1);
    assert_eq!((wanted[0].certificate.as_slice(), &wanted[0].issuer), (leaf.certificate().der(), &None));
    assert_eq!(wanted[0].issuer_urls, ["http://example.vn/ca.crt"]);
    assert!(report.take_wanted().is_empty());
    // With the issuer, it is the status of both that lacks; and the store takes each certificate once.
    let trust = trust.with_intermediates([ca.certificate(), ca.certificate()]);
    assert_eq!(trust.intermediates().len(), 1);
    let mut report = verify(&cms, Content::Detached(b"%PDF-x"), &trust);
    assert_eq!(rule(&report), "passed");
    let wanted = report.take_wanted();
    assert_eq!(wanted.len(), 2);
    assert_eq!(wanted[0].issuer.as_deref(), Some(ca.certificate().der()));
    assert_eq!(wanted[0].crl_urls, ["http://example.vn/ca.crl"]);
    assert_eq!(wanted[0].ocsp_urls, ["http://ocsp.example.vn"]);
    assert_eq!(wanted[1].issuer.as_deref(), Some(root.certificate().der()));
}

#[test]
fn an_anchor_that_was_sent_along_is_no_step_of_the_path() {
    let root = root();
    let leaf = root.issue(leaf_params("EXAMPLE Leaf"));
    let cms = sign_pdf_cms(&leaf.signer(&[&root]), b"%PDF-x", AT).unwrap();
    let trust = TrustStore::new(vec![root.certificate()], vec![]);
    let policy = Policy { revocation: Revocation::Require, ..Policy::documents() };
    let evidence = RevocationEvidence::new();
    let mut report = verify_cms(&cms, Content::Detached(b"%PDF-x"), &trust, &policy, &evidence, AT);
    assert_eq!(rule(&report), "revocation_unknown");
    assert_eq!(report.signatures[0].revocation.len(), 1);
    assert_eq!(report.take_wanted().len(), 1);
}

fn pem(text: &str) -> Vec<u8> {
    use base64::Engine;
    let lines: String = text.lines().filter(|line| !line.starts_with('-')).collect();
    base64::engine::general_purpose::STANDARD.decode(lines).unwrap()
}

fn fixtures_trust() -> TrustStore {
    TrustStore::from_pem(include_bytes!("../../fixtures/root.pem"), b"").unwrap()
}

/// A signature with SHA-1 of 2026 as an archive of 2028 would meet it: stamped at `stamped`, if at all.
fn legacy(fixture: &str, stamped: Option<UnixMillis>, uses: &[LegacyUse]) -> (String, Indication) {
    let world = World::new();
    let cms = pem(fixture);
    let cms = stamped.map_or(cms.clone(), |time| world.stamped(&cms, time));
    let root = Certificate::parse_all(include_bytes!("../../fixtures/root.pem")).unwrap().remove(0);
    let mut anchor = AnchorRule::new(root.sha256());
    anchor.legacy = Some(LegacyRule { proved_before: FIXTURES_AT, sha1: uses.to_vec() });
    let policy = Policy { anchors: vec![anchor], revocation: Revocation::Off, ..Policy::documents() };
    let trust = TrustStore::new(vec![root, world.root.certificate()], vec![]);
    let content = Content::Detached(include_bytes!("../../fixtures/manifest.json"));
    let at = FIXTURES_AT + 24 * 365 * HOUR;
    let report = verify_cms(&cms, content, &trust, &policy, &RevocationEvidence::new(), at);
    let entry = &report.signatures[0];
    assert_eq!(entry.quirks.contains(&Quirk::Sha1), entry.is_passed());
    (entry.rule.clone().unwrap_or_else(|| "passed".to_owned()), entry.indication)
}

const DOCUMENT: &str = include_str!("../../fixtures/sha1-digest.cms.pem");
const CERTIFICATE: &str = include_str!("../../fixtures/sha1-certificate.cms.pem");

#[test]
fn sha1_passes_only_where_the_anchor_takes_it_for_what_is_proved_to_be_older() {
    let (old, young) = (Some(FIXTURES_AT - HOUR), Some(FIXTURES_AT + HOUR));
    let passed = ("passed".to_owned(), Indication::TotalPassed);
    assert_eq!(legacy(DOCUMENT, old, &[LegacyUse::Documents]), passed);
    assert_eq!(legacy(CERTIFICATE, old, &[LegacyUse::Certificates]), passed);
    for (fixture, stamped, uses, expected) in [
        (DOCUMENT, young, LegacyUse::Documents, "legacy_unproved"),
        (DOCUMENT, None, LegacyUse::Documents, "legacy_unproved"),
        (DOCUMENT, old, LegacyUse::Certificates, "algorithm_unsupported"),
        (CERTIFICATE, young, LegacyUse::Certificates, "legacy_unproved"),
        (CERTIFICATE, old, LegacyUse::Documents, "algorithm_unsupported"),
    ] {
        let found = legacy(fixture, stamped, &[uses]);
        assert_eq!(found, (expected.to_owned(), Indication::Indeterminate), "{uses:?}");
    }
    assert_eq!(legacy(DOCUMENT, old, &[]).0, "algorithm_unsupported");
}

#[test]
fn an_envelope_never_has_sha1_whatever_an_anchor_takes() {
    let root = Certificate::parse_all(include_bytes!("../../fixtures/root.pem")).unwrap().remove(0);
    let mut anchor = AnchorRule::new(root.sha256());
    let sha1 = vec![LegacyUse::Certificates, LegacyUse::Documents];
    anchor.legacy = Some(LegacyRule { proved_before: FIXTURES_AT + HOUR, sha1 });
    let policy = Policy { anchors: vec![anchor], ..Policy::envelope() };
    let world = World::new();
    let trust = TrustStore::new(vec![root, world.root.certificate()], vec![]);
    for fixture in [DOCUMENT, CERTIFICATE] {
        let envelope = crate::Envelope {
            manifest: include_bytes!("../../fixtures/manifest.json").to_vec(),
            signature: crate::EnvelopeSignature::Cms(world.stamped(&pem(fixture), FIXTURES_AT)),
        };
        let verification = crate::verify_envelope(&envelope, &trust, &policy, FIXTURES_AT);
        assert_eq!(rule(&verification.report), "algorithm_unsupported");
    }
}
