use super::*;
use crate::envelope::{Envelope, EnvelopeSignature, verify_envelope};
use crate::pki::{AT, leaf_params, manifest, root};
use crate::sign::sign_envelope_jws;

const RECEIPT: &[u8] = b"{\"domain\":\"vn.lienthong.receipt.v1\",\"event\":\"SubmissionAcceptance\"}";

fn node() -> (TrustStore, Signer) {
    let root = root();
    let trust = TrustStore::new(vec![root.certificate()], vec![]);
    (trust, root.issue(leaf_params("EXAMPLE Node")).signer(&[]))
}

fn verify(trust: &TrustStore, jws: &str, payload: &[u8]) -> SignatureReport {
    verify_detached(jws, payload, trust, &Policy::envelope(), AT)
}

#[test]
fn a_signed_receipt_passes() {
    let (trust, signer) = node();
    let report = verify(&trust, &sign_detached(&signer, RECEIPT).unwrap(), RECEIPT);
    assert!(report.is_passed(), "{}", report.explanation_en);
    assert_eq!(report.kind, SignatureKind::Receipt);
    assert_eq!(report.claimed_time, None);
    assert_eq!(report.signer, Some(signer.certificate().signatory()));
}

#[test]
fn a_changed_receipt_is_refused() {
    let (trust, signer) = node();
    let jws = sign_detached(&signer, RECEIPT).unwrap();
    let changed = String::from_utf8(RECEIPT.to_vec()).unwrap().replace("Acceptance", "Rejection");
    assert_eq!(verify(&trust, &jws, changed.as_bytes()).rule.as_deref(), Some("signature_wrong"));
}

#[test]
fn a_receipt_of_an_unknown_ca_is_refused() {
    let ((trust, _), (_, stranger)) = (node(), node());
    let report = verify(&trust, &sign_detached(&stranger, RECEIPT).unwrap(), RECEIPT);
    assert_eq!(report.reason_code, Some(types::ErrorCode::CertificateUntrusted));
}

#[test]
fn payloads_that_do_not_say_what_they_are_are_neither_signed_nor_taken() {
    let (trust, signer) = node();
    let manifest = manifest().to_bytes().unwrap();
    let payloads: [&[u8]; 5] = [b"{}", b"not json", b"{\"domain\":\"org.other.v1\"}", b"{\"domain\":7}", &manifest];
    for payload in payloads {
        assert_eq!(sign_detached(&signer, payload), Err(SignError::Domain));
        let jws = signer.jws(RECEIPT_TYPE, payload, None).unwrap();
        assert_eq!(verify(&trust, &jws, payload).rule.as_deref(), Some("jws_domain"));
    }
}

#[test]
fn a_manifests_signature_is_no_receipts_and_the_other_way_round() {
    let (trust, signer) = node();
    let as_manifest = signer.jws(MANIFEST_TYPE, RECEIPT, None).unwrap();
    assert_eq!(verify(&trust, &as_manifest, RECEIPT).rule.as_deref(), Some("jws_type"));
    let manifest = manifest().to_bytes().unwrap();
    let as_receipt = signer.jws(RECEIPT_TYPE, &manifest, None).unwrap();
    let envelope = Envelope { manifest: manifest.clone(), signature: EnvelopeSignature::Jws(as_receipt) };
    let verification = verify_envelope(&envelope, &trust, &Policy::envelope(), AT);
    assert_eq!(verification.report.signatures[0].rule.as_deref(), Some("jws_type"));
    let jws = sign_envelope_jws(&signer, &manifest, AT).unwrap();
    assert!(!verify(&trust, &jws, &manifest).is_passed());
}
