use rcgen::{CertificateParams, DnType, Issuer, KeyPair, KeyUsagePurpose, SanType};
use signature::Signer;
use types::{AgencyCode, BusinessType, PacketKind};

use super::*;
use crate::{
    ContentFacts, DocumentFacts, Notice, Peer, ReceiptEvent, ReceiptId, Recipients, UnsignedReceipt, sign,
    sign_together,
};

const NOW: UnixMillis = UnixMillis::new(1_795_258_123_045);

/// An anchor and its key.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    fn trust(&self) -> TrustStore {
        TrustStore::from_pem(self.pem.as_bytes(), b"").unwrap()
    }

    /// A signing key with the given subject alternative name.
    fn signer(&self, uri: &str) -> Signer {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "Receipts");
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.subject_alt_names = vec![SanType::URI(uri.try_into().unwrap())];
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Signer::from_pem(key.serialize_pem().as_bytes(), certificate.pem().as_bytes()).unwrap()
    }
}

fn receipt(event: ReceiptEvent) -> Receipt {
    let code = |text: &str| AgencyCode::opaque(text).unwrap();
    Receipt {
        event,
        id: ReceiptId::from_bytes([7; 16]),
        exchange: types::ExchangeId::from_bytes([8; 16]),
        node: "node-h48".parse().unwrap(),
        at: NOW,
        document: Some(DocumentFacts {
            sender: code("000.00.20.H48"),
            document_id: "12/QĐ-SNV".parse().unwrap(),
            kind: PacketKind::Document,
            business_type: BusinessType::New,
        }),
        content: Some(ContentFacts { length: 3, sha256: Digest::new([9; 32]) }),
        manifest: None,
        signature: None,
        recipients: Recipients::new(&[code("H48.20.15")]),
        peer: Some(Peer::Node("node-h01".parse().unwrap())),
        reason: event.is_failure().then(|| Notice::new(ErrorCode::TimeToLive, "quá hạn")),
        verdict: None,
        report: None,
        warnings: vec![],
        previous: None,
    }
}

const NODE: &str = "urn:lienthong:node:node-h48";

fn check(signed: &SignedReceipt, authority: &Authority) -> Result<VerifiedReceipt, VerifyError> {
    verify(signed, &authority.trust(), &Policy::envelope(), NOW)
}

#[test]
fn every_event_verifies_as_it_was_signed() {
    let authority = Authority::new("Nodes");
    let signer = authority.signer(NODE);
    for event in ReceiptEvent::ALL {
        let signed = sign(&receipt(event), &signer).unwrap();
        let verified = check(&signed, &authority).unwrap();
        assert_eq!(verified.receipt(), &receipt(event));
        assert_eq!(verified.digest(), signed.digest());
        assert!(verified.report().is_passed());
    }
}

#[test]
fn a_receipt_verifies_from_its_stored_form() {
    let authority = Authority::new("Nodes");
    let signed = sign(&receipt(ReceiptEvent::ContentHandover), &authority.signer(NODE)).unwrap();
    let stored = SignedReceipt::from_bytes(&signed.to_bytes()).unwrap();
    assert!(check(&stored, &authority).is_ok());
}

#[test]
fn any_altered_byte_of_the_payload_fails() {
    let authority = Authority::new("Nodes");
    let (trust, policy) = (authority.trust(), Policy::envelope());
    let signed = sign(&receipt(ReceiptEvent::SubmissionAcceptance), &authority.signer(NODE)).unwrap();
    for at in 0..signed.payload.len() {
        let mut altered = signed.clone();
        altered.payload[at] ^= 1;
        assert!(verify(&altered, &trust, &policy, NOW).is_err(), "byte {at} may be altered");
    }
}

#[test]
fn a_receipt_that_reads_and_was_not_signed_has_a_signature_that_fails() {
    let authority = Authority::new("Nodes");
    let signed = sign(&receipt(ReceiptEvent::ContentHandover), &authority.signer(NODE)).unwrap();
    let payload = String::from_utf8(signed.payload).unwrap().replace("H48.20.15", "H48.20.16").into_bytes();
    let refused = check(&SignedReceipt { payload, ..signed }, &authority).unwrap_err();
    assert!(matches!(refused, VerifyError::Signature { .. }), "{refused}");
    assert_eq!(refused.code(), ErrorCode::SignatureInvalid);
}

#[test]
fn the_signature_of_another_receipt_fails() {
    let authority = Authority::new("Nodes");
    let signer = authority.signer(NODE);
    let one = sign(&receipt(ReceiptEvent::SubmissionAcceptance), &signer).unwrap();
    let other = sign(&receipt(ReceiptEvent::ContentHandover), &signer).unwrap();
    let refused = check(&SignedReceipt { signature: other.signature, ..one }, &authority).unwrap_err();
    assert!(matches!(refused, VerifyError::Signature { .. }), "{refused}");
}

#[test]
fn a_path_to_another_anchor_fails() {
    let signed = sign(&receipt(ReceiptEvent::ContentHandover), &Authority::new("Nodes").signer(NODE)).unwrap();
    let refused = check(&signed, &Authority::new("Others")).unwrap_err();
    assert_eq!(refused.code(), ErrorCode::CertificateUntrusted, "{refused}");
}

#[test]
fn no_node_signs_for_another() {
    let authority = Authority::new("Nodes");
    for uri in ["urn:lienthong:node:node-h49", "urn:lienthong:node:node-h488", "urn:lienthong:system:node-h48"] {
        let signed = sign(&receipt(ReceiptEvent::ContentHandover), &authority.signer(uri)).unwrap();
        let refused = check(&signed, &authority).unwrap_err();
        assert!(matches!(refused, VerifyError::OtherSigner { .. }), "{uri}: {refused}");
        assert_eq!(refused.code(), ErrorCode::CertificateUnsuitable);
    }
}

#[test]
fn a_signed_object_of_another_domain_is_no_receipt() {
    let authority = Authority::new("Nodes");
    let signer = authority.signer(NODE);
    let payload = br#"{"domain":"vn.lienthong.checkpoint.v1"}"#.to_vec();
    let signature = signature::sign_detached(&signer, &payload).unwrap();
    let refused = check(&SignedReceipt { payload, signature }, &authority).unwrap_err();
    assert!(matches!(refused, VerifyError::Receipt(ReceiptError::Domain { .. })), "{refused}");
}

#[test]
fn a_receipt_is_not_signed_when_it_breaks_a_rule() {
    let signer = Authority::new("Nodes").signer(NODE);
    let without_reason = Receipt { reason: None, ..receipt(ReceiptEvent::RelayFailure) };
    let refused = sign(&without_reason, &signer).unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Internal);
}

#[test]
fn parts_above_their_limits_are_refused_before_they_are_read() {
    let authority = Authority::new("Nodes");
    let signed = sign(&receipt(ReceiptEvent::ContentHandover), &authority.signer(NODE)).unwrap();
    let long = SignedReceipt { signature: "s".repeat(crate::SIGNATURE_BYTES_MAX + 1), ..signed };
    assert_eq!(check(&long, &authority).unwrap_err().code(), ErrorCode::LimitExceeded);
}

/// A receipt for each event, signed together.
fn together(signer: &Signer) -> Vec<SignedReceipt> {
    let unsigned = ReceiptEvent::ALL.iter().map(|event| UnsignedReceipt::of(&receipt(*event)).unwrap());
    sign_together(unsigned.collect(), signer).unwrap()
}

#[test]
fn receipts_signed_together_verify_each_by_itself() {
    let authority = Authority::new("Nodes");
    let signed = together(&authority.signer(NODE));
    for (event, signed) in ReceiptEvent::ALL.into_iter().zip(signed) {
        let signed = SignedReceipt::from_bytes(&signed.to_bytes()).unwrap();
        let verified = check(&signed, &authority).unwrap();
        assert_eq!(verified.receipt(), &receipt(event));
    }
}

#[test]
fn a_receipt_with_another_ones_share_of_a_batch_is_refused() {
    let authority = Authority::new("Nodes");
    let signed = together(&authority.signer(NODE));
    let swapped = SignedReceipt { payload: signed[1].payload.clone(), signature: signed[0].signature.clone() };
    assert_eq!(check(&swapped, &authority).unwrap_err().code(), ErrorCode::SignatureInvalid);
}

#[test]
fn no_node_signs_a_batch_for_another() {
    let authority = Authority::new("Nodes");
    for signed in together(&authority.signer("urn:lienthong:node:node-h49")) {
        assert!(matches!(check(&signed, &authority).unwrap_err(), VerifyError::OtherSigner { .. }));
    }
}

#[test]
fn the_name_of_a_receipt_is_known_before_it_is_signed() {
    let signer = Authority::new("Nodes").signer(NODE);
    let unsigned = UnsignedReceipt::of(&receipt(ReceiptEvent::ContentHandover)).unwrap();
    let digest = unsigned.digest();
    assert_eq!(sign_together(vec![unsigned], &signer).unwrap()[0].digest(), digest);
}

/// A node's signing key whose certificate ended before [`NOW`], in 2026.
fn ended(authority: &Authority) -> Signer {
    let mut params = CertificateParams::default();
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.subject_alt_names = vec![SanType::URI(NODE.try_into().unwrap())];
    params.not_before = rcgen::date_time_ymd(2025, 1, 1);
    params.not_after = rcgen::date_time_ymd(2026, 1, 1);
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, &authority.issuer).unwrap();
    Signer::from_pem(key.serialize_pem().as_bytes(), certificate.pem().as_bytes()).unwrap()
}

#[test]
fn a_receipt_outlives_the_certificate_it_was_signed_with() {
    let authority = Authority::new("Nodes");
    let signer = ended(&authority);
    let made = UnixMillis::new(1_750_000_000_000);
    let then = sign(&Receipt { at: made, ..receipt(ReceiptEvent::ContentHandover) }, &signer).unwrap();
    assert!(check(&then, &authority).is_ok());
    let after = sign(&receipt(ReceiptEvent::ContentHandover), &signer).unwrap();
    assert_eq!(check(&after, &authority).unwrap_err().code(), ErrorCode::CertificateExpired);
}

#[test]
fn a_receipt_that_says_it_is_of_later_is_judged_by_now() {
    let authority = Authority::new("Nodes");
    let later = UnixMillis::new(NOW.as_millis() + 86_400_000);
    let signed = sign(&Receipt { at: later, ..receipt(ReceiptEvent::ContentHandover) }, &ended(&authority)).unwrap();
    assert_eq!(check(&signed, &authority).unwrap_err().code(), ErrorCode::CertificateExpired);
}
