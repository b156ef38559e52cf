use signature::{EnvelopeSignature, Policy, TrustStore, verify_envelope};
use wire::exchange_v1::Party;

use super::*;
use crate::pki::{Existing, write_example};

const NOW: UnixMillis = UnixMillis::new(1_795_258_800_000);

fn header() -> DocumentHeader {
    DocumentHeader {
        from: Some(Party { code: "H48.35.12".into(), ..Party::default() }),
        to: vec![Party { code: "000.00.00.H48".into(), ..Party::default() }],
        document_id: "H48.35.12,2026/11/21,1/CV".into(),
        subject: "Về việc".into(),
        ..DocumentHeader::default()
    }
}

fn envelope(format: SealFormat, signer: &str) -> (tempfile::TempDir, signature::Envelope) {
    let dir = tempfile::tempdir().unwrap();
    write_example(dir.path(), 2026, Existing::Keep).unwrap();
    let stem = dir.path().join(signer);
    let (cert, key) = (stem.with_extension("pem"), stem.with_extension("key.pem"));
    let signer = SignerArgs { signing_cert: Some(cert), signing_key: Some(key), ..SignerArgs::default() };
    let seal = KeyArgs { signer, format }.seal(&Profile::default()).unwrap();
    let manifest = manifest_of_files(&header(), &[], Fresh::new(NOW)).unwrap();
    let envelope = seal.sign(&manifest, NOW).unwrap();
    let signature = match envelope.signature.unwrap() {
        envelope::Signature::Cms(bytes) => EnvelopeSignature::Cms(bytes),
        envelope::Signature::Jws(text) => EnvelopeSignature::Jws(text),
    };
    (dir, signature::Envelope { manifest: envelope.manifest, signature })
}

#[track_caller]
fn check(format: SealFormat, signer: &str, expected: Option<types::ErrorCode>) {
    let (dir, envelope) = envelope(format, signer);
    let anchors = std::fs::read(dir.path().join("ca/signing.pem")).unwrap();
    let trust = TrustStore::from_pem(&anchors, b"").unwrap();
    let found = verify_envelope(&envelope, &trust, &Policy::envelope(), NOW);
    assert_eq!(found.report.code(), expected, "{:?}", found.report);
}

#[test]
fn what_an_example_agency_signs_verifies_against_the_example_ca() {
    check(SealFormat::Cms, "systems/xa-h48-35-12/signing", None);
    check(SealFormat::Jws, "systems/xa-h48-35-12/signing", None);
}

#[test]
fn an_expired_certificate_is_told() {
    check(SealFormat::Cms, "rejected/expired/signing", Some(types::ErrorCode::CertificateExpired));
}

#[test]
fn a_certificate_of_the_foreign_ca_is_told() {
    check(SealFormat::Cms, "rejected/foreign/signing", Some(types::ErrorCode::CertificateUntrusted));
}

#[test]
fn the_manifest_states_the_codes_as_they_are_sent() {
    let manifest = manifest_of_files(&header(), &[], Fresh::new(NOW)).unwrap();
    assert_eq!(manifest.to[0].as_str(), "000.00.00.H48");
    assert_eq!(manifest.created.at(), NOW);
    assert!(manifest.packet.is_none());
}

#[test]
fn two_manifests_of_the_same_document_differ() {
    let (a, b) = (Fresh::new(NOW), Fresh::new(NOW));
    assert_ne!(a.nonce, b.nonce);
    assert_ne!(a.message, b.message);
}

#[test]
fn signing_without_files_asks_for_them() {
    let failure = SealArgs::default().seal(&Profile::default()).err().unwrap();
    assert!(matches!(failure, Failure::Usage(text) if text.contains("--no-sign")));
    let unsigned = SealArgs { no_sign: true, ..SealArgs::default() };
    assert!(unsigned.seal(&Profile::default()).unwrap().is_none());
}
