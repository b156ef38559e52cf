//! Offers and outcomes to the wire and back.

use bytes::Bytes;
use types::{AgencyCode, Digest, ErrorCode, ExchangeId, Lane};
use wire::{FieldError, millis, relay_v1 as pb, required, timestamp, types_v1};

use crate::{
    About, Acceptance, ENVELOPE_PART_MAX, HOPS_MAX, Hop, Offer, OfferKind, RECIPIENTS_MAX, Reason, RecipientRefusal,
    Refusal,
};

/// Bytes of an explanation, on the wire and from it. Source: the `Reason` message.
const TEXT_MAX: usize = 1024;

/// Above so many refused recipients the explanations stay at home: 10,000 of 1 KiB would not fit a message.
const TEXTS_MAX: usize = 1_000;

fn bad(field: &'static str, problem: impl Into<String>) -> FieldError {
    FieldError { field, problem: problem.into() }
}

fn cut(text: &str) -> String {
    let end = (0..=TEXT_MAX.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    end.and_then(|end| text.get(..end)).unwrap_or_default().to_owned()
}

/// A code of either generation, or one that only a registry explains.
fn agency(field: &'static str, text: &str) -> Result<AgencyCode, FieldError> {
    text.parse().or_else(|_| AgencyCode::opaque(text)).map_err(|error| bad(field, error.to_string()))
}

/// The offer as a message; `transfer` and `inline` as given.
pub(crate) fn offer_to_wire(offer: &Offer, transfer: u64, inline: Option<Bytes>) -> pb::Offer {
    let kind = match offer.kind {
        OfferKind::Document => pb::OfferKind::Document,
        OfferKind::Status => pb::OfferKind::Status,
        OfferKind::Receipt => pb::OfferKind::Receipt,
    };
    pb::Offer {
        transfer,
        exchange_id: offer.exchange_id.as_bytes().to_vec(),
        kind: kind.into(),
        sender: offer.sender.to_string(),
        document_id: offer.document_id.to_string(),
        business_type: types_v1::BusinessType::from(offer.business_type).into(),
        priority: types_v1::Priority::from(offer.lane).into(),
        length: offer.length,
        sha256: offer.digest.as_bytes().to_vec(),
        envelope: offer.envelope.clone(),
        recipients: offer.recipients.iter().map(ToString::to_string).collect(),
        hops: offer
            .hops
            .iter()
            .map(|hop| pb::Hop { node: hop.node.to_string(), at: Some(timestamp(hop.at)) })
            .collect(),
        accepted_at: Some(timestamp(offer.accepted_at)),
        about: offer
            .about
            .as_ref()
            .map(|about| pb::About { sender: about.sender.to_string(), document_id: about.document_id.to_string() }),
        report: offer.report.clone(),
        origin: offer.origin.clone(),
        inline,
    }
}

/// Reads an offer; its `transfer` and `inline` are the link's business.
///
/// # Errors
/// `invalid_argument` with the field.
pub(crate) fn offer_from_wire(offer: pb::Offer) -> Result<Offer, FieldError> {
    check_envelope(offer.envelope.as_ref())?;
    let kind = match offer.kind() {
        pb::OfferKind::Document => OfferKind::Document,
        pb::OfferKind::Status => OfferKind::Status,
        pb::OfferKind::Receipt => OfferKind::Receipt,
        pb::OfferKind::Unspecified => return Err(bad("kind", "is not a kind of this version")),
    };
    // An urgency of a later version is at least urgent to that version, but to us an ordinary one.
    let lane = Lane::from(types_v1::Priority::try_from(offer.priority).unwrap_or_default());
    let business_type = types_v1::BusinessType::try_from(offer.business_type)
        .map_err(|_| bad("business_type", "is not a type of this version"))?;
    let accepted_at = offer.accepted_at.as_ref().ok_or_else(|| bad("accepted_at", "is required"))?;
    Ok(Offer {
        exchange_id: ExchangeId::try_from(offer.exchange_id.as_slice())
            .map_err(|error| bad("exchange_id", error.to_string()))?,
        kind,
        sender: agency("sender", &offer.sender)?,
        document_id: required("document_id", &offer.document_id)?,
        business_type: business_type.into(),
        lane,
        length: offer.length,
        digest: Digest::try_from(offer.sha256.as_slice()).map_err(|error| bad("sha256", error.to_string()))?,
        recipients: recipients(&offer.recipients)?,
        hops: hops(&offer.hops)?,
        accepted_at: millis("accepted_at", accepted_at)?,
        about: offer.about.as_ref().map(about).transpose()?,
        envelope: offer.envelope,
        report: offer.report,
        origin: offer.origin,
    })
}

fn check_envelope(envelope: Option<&types_v1::Envelope>) -> Result<(), FieldError> {
    let Some(envelope) = envelope else { return Ok(()) };
    let signature = match &envelope.signature {
        Some(types_v1::envelope::Signature::Cms(cms)) => cms.len(),
        Some(types_v1::envelope::Signature::Jws(jws)) => jws.len(),
        None => 0,
    };
    if envelope.manifest.len() > ENVELOPE_PART_MAX || signature > ENVELOPE_PART_MAX {
        return Err(bad("envelope", "is over 1 MiB"));
    }
    Ok(())
}

fn recipients(codes: &[String]) -> Result<Vec<AgencyCode>, FieldError> {
    if codes.is_empty() || codes.len() > RECIPIENTS_MAX {
        return Err(bad("recipients", format!("has {} codes, 1 to {RECIPIENTS_MAX} are allowed", codes.len())));
    }
    codes.iter().map(|code| agency("recipients", code)).collect()
}

fn hops(hops: &[pb::Hop]) -> Result<Vec<Hop>, FieldError> {
    if hops.len() > HOPS_MAX {
        return Err(bad("hops", format!("has {} nodes, limit {HOPS_MAX}", hops.len())));
    }
    let hop = |hop: &pb::Hop| {
        let at = hop.at.as_ref().ok_or_else(|| bad("hops.at", "is required"))?;
        Ok(Hop { node: required("hops.node", &hop.node)?, at: millis("hops.at", at)? })
    };
    hops.iter().map(hop).collect()
}

fn about(about: &pb::About) -> Result<About, FieldError> {
    Ok(About {
        sender: agency("about.sender", &about.sender)?,
        document_id: required("about.document_id", &about.document_id)?,
    })
}

fn reason_to_wire(reason: &Reason) -> pb::Reason {
    pb::Reason { code: reason.code.as_str().to_owned(), text: cut(&reason.text), retryable: reason.retryable }
}

fn reason_from_wire(reason: Option<pb::Reason>) -> Result<Reason, FieldError> {
    let reason = reason.ok_or_else(|| bad("reason", "is required"))?;
    let (code, text) = match ErrorCode::from_text(&reason.code) {
        Some(code) => (code, cut(&reason.text)),
        None => (ErrorCode::PeerRefused, cut(&format!("{}: {}", reason.code, reason.text))),
    };
    Ok(Reason { code, text, retryable: reason.retryable })
}

fn refusals_to_wire(refused: &[RecipientRefusal]) -> Vec<pb::RecipientRefusal> {
    let one = |refusal: &RecipientRefusal| {
        let mut reason = reason_to_wire(&refusal.reason);
        if refused.len() > TEXTS_MAX {
            reason.text.clear();
        }
        pb::RecipientRefusal { recipient: refusal.recipient.to_string(), reason: Some(reason) }
    };
    refused.iter().take(RECIPIENTS_MAX).map(one).collect()
}

fn refusals_from_wire(refused: Vec<pb::RecipientRefusal>) -> Result<Vec<RecipientRefusal>, FieldError> {
    if refused.len() > RECIPIENTS_MAX {
        return Err(bad("refused", format!("has {} recipients, limit {RECIPIENTS_MAX}", refused.len())));
    }
    let one = |refusal: pb::RecipientRefusal| {
        Ok(RecipientRefusal {
            recipient: agency("recipient", &refusal.recipient)?,
            reason: reason_from_wire(refusal.reason)?,
        })
    };
    refused.into_iter().map(one).collect()
}

pub(crate) fn acceptance_to_wire(acceptance: &Acceptance) -> pb::Acceptance {
    pb::Acceptance { receipt: Some(acceptance.receipt.clone()), refused: refusals_to_wire(&acceptance.refused) }
}

/// Reads an acknowledgement; one without a receipt proves nothing and is an error.
pub(crate) fn acceptance_from_wire(acceptance: Option<pb::Acceptance>) -> Result<Acceptance, FieldError> {
    let acceptance = acceptance.ok_or_else(|| bad("acceptance", "is required"))?;
    let receipt = acceptance.receipt.ok_or_else(|| bad("acceptance.receipt", "is required"))?;
    Ok(Acceptance { receipt, refused: refusals_from_wire(acceptance.refused)? })
}

pub(crate) fn refusal_to_wire(refusal: &Refusal) -> pb::Refusal {
    pb::Refusal { reason: Some(reason_to_wire(&refusal.reason)), recipients: refusals_to_wire(&refusal.recipients) }
}

pub(crate) fn refusal_from_wire(refusal: Option<pb::Refusal>) -> Result<Refusal, FieldError> {
    let refusal = refusal.ok_or_else(|| bad("refusal", "is required"))?;
    Ok(Refusal { reason: reason_from_wire(refusal.reason)?, recipients: refusals_from_wire(refusal.recipients)? })
}

#[cfg(test)]
pub(crate) mod tests;
