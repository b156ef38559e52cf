use types::{BusinessType, UnixMillis};
use wire::types_v1::{Envelope, Receipt, SignatureReport, envelope};

use super::*;

pub(crate) fn offer() -> Offer {
    Offer {
        exchange_id: ExchangeId::from_bytes([7; 16]),
        kind: OfferKind::Document,
        sender: "H48.20".parse().unwrap(),
        document_id: "000.00.20.H48,2026/11/20,1/UBND-VP".parse().unwrap(),
        business_type: BusinessType::Update,
        lane: Lane::Express,
        length: 3,
        digest: Digest::new([9; 32]),
        envelope: Some(Envelope { manifest: b"{}".to_vec(), signature: Some(envelope::Signature::Cms(vec![1])) }),
        recipients: vec!["000.00.15.H51".parse().unwrap(), AgencyCode::opaque("vxp.saas.02").unwrap()],
        hops: vec![Hop { node: "xa-1".parse().unwrap(), at: UnixMillis::new(1_700_000_000_123) }],
        accepted_at: UnixMillis::new(1_700_000_000_001),
        about: Some(About { sender: "H51".parse().unwrap(), document_id: "2/QD".parse().unwrap() }),
        report: Some(SignatureReport { not_checked: vec!["pdf".into()], ..SignatureReport::default() }),
        origin: Some(Receipt { payload: b"{}".to_vec(), signature: "a..b".into() }),
    }
}

#[test]
fn an_offer_comes_back_as_it_went() {
    let back = offer_from_wire(offer_to_wire(&offer(), 1, None)).unwrap();
    assert_eq!(back, offer());
    assert_eq!(back.recipients[0].as_str(), "000.00.15.H51", "in the generation it was written in");
}

fn refused_field(change: impl FnOnce(&mut pb::Offer)) -> &'static str {
    let mut wire = offer_to_wire(&offer(), 1, None);
    change(&mut wire);
    offer_from_wire(wire).unwrap_err().field
}

#[test]
fn a_broken_field_is_named() {
    assert_eq!(refused_field(|o| o.exchange_id.truncate(15)), "exchange_id");
    assert_eq!(refused_field(|o| o.kind = 9), "kind");
    assert_eq!(refused_field(|o| o.sender.clear()), "sender");
    assert_eq!(refused_field(|o| o.document_id.clear()), "document_id");
    assert_eq!(refused_field(|o| o.business_type = 9), "business_type");
    assert_eq!(refused_field(|o| o.sha256.clear()), "sha256");
    assert_eq!(refused_field(|o| o.recipients.clear()), "recipients");
    assert_eq!(refused_field(|o| o.recipients = vec!["H51".into(); RECIPIENTS_MAX + 1]), "recipients");
    assert_eq!(refused_field(|o| o.recipients = vec!["a b".into()]), "recipients");
    assert_eq!(refused_field(|o| o.hops = vec![pb::Hop::default(); HOPS_MAX + 1]), "hops");
    assert_eq!(refused_field(|o| o.hops[0].at = None), "hops.at");
    assert_eq!(refused_field(|o| o.accepted_at = None), "accepted_at");
    assert_eq!(refused_field(|o| o.envelope.as_mut().unwrap().manifest = vec![0; ENVELOPE_PART_MAX + 1]), "envelope");
}

#[test]
fn an_unknown_urgency_is_ordinary() {
    let mut wire = offer_to_wire(&offer(), 1, None);
    wire.priority = 77;
    assert_eq!(offer_from_wire(wire).unwrap().lane, Lane::Normal);
}

#[test]
fn a_code_of_a_later_version_keeps_its_name_and_its_retryability() {
    let wire = pb::Reason { code: "moon_phase".into(), text: "wait".into(), retryable: true };
    let reason = reason_from_wire(Some(wire)).unwrap();
    assert_eq!(reason, Reason { code: ErrorCode::PeerRefused, text: "moon_phase: wait".into(), retryable: true });
}

#[test]
fn a_long_explanation_is_cut_between_characters() {
    let reason = Reason::new(ErrorCode::Internal, "ệ".repeat(1000));
    let wire = reason_to_wire(&reason);
    assert!(wire.text.len() <= TEXT_MAX && wire.text.len() > TEXT_MAX - 3);
}

#[test]
fn the_refusals_of_ten_thousand_recipients_fit_a_message() {
    let refusal = RecipientRefusal {
        recipient: AgencyCode::opaque(&"x".repeat(64)).unwrap(),
        reason: Reason::new(ErrorCode::NoRoute, "y".repeat(TEXT_MAX)),
    };
    let wire = refusals_to_wire(&vec![refusal; RECIPIENTS_MAX]);
    let bytes: usize = wire.iter().map(prost::Message::encoded_len).sum();
    assert!(bytes < crate::state::FRAME_MAX / 2, "{bytes}");
}

#[test]
fn an_acknowledgement_without_a_receipt_is_none() {
    let wire = pb::Acceptance { receipt: None, refused: Vec::new() };
    assert_eq!(acceptance_from_wire(Some(wire)).unwrap_err().field, "acceptance.receipt");
}
