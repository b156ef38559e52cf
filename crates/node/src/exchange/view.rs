//! Stored entries as the interface shows them.

use delivery::State;
use delivery::recall::is_recall;
use evidence::{Receipt, ReceiptEvent, SignedReceipt};
use queue::{Document, EntryKind, EventKind, Plan, Recipient, TrackEvent};
use types::{BusinessType, ErrorCode, PacketKind, StatusCode, UnixMillis};
use wire::exchange_v1::{self, DeliveryState, DocumentSummary};
use wire::{timestamp, types_v1};

use crate::core::Core;
use crate::intake::Refused;
use crate::record::Summary;
use crate::{quarantine, tracking};

/// The kind of packet an entry is; receipts are nobody's packet.
pub(super) const fn packet_kind(kind: EntryKind) -> Option<PacketKind> {
    match kind {
        EntryKind::Document => Some(PacketKind::Document),
        EntryKind::Status => Some(PacketKind::Status),
        EntryKind::Receipt => None,
    }
}

/// The kind of entry that a filter asks for.
pub(super) fn entry_kind(kind: types_v1::PacketKind) -> Option<EntryKind> {
    match kind {
        types_v1::PacketKind::Unspecified => None,
        types_v1::PacketKind::Document => Some(EntryKind::Document),
        types_v1::PacketKind::Status => Some(EntryKind::Status),
    }
}

/// The facts of an entry for lists.
pub(crate) fn summary(core: &Core, document: &Document) -> Result<DocumentSummary, Refused> {
    let kept = Summary::read(&document.summary).map_err(|error| Refused::new(error.code(), error.to_string()))?;
    let (signature_ruling, signature_indication) = quarantine::standing(core, document, &kept)?;
    let kind = packet_kind(document.kind).map_or(types_v1::PacketKind::Unspecified, Into::into);
    Ok(DocumentSummary {
        exchange_id: document.exchange.to_string(),
        kind: kind.into(),
        sender: kept.sender,
        sender_name: kept.sender_name,
        document_id: document.key.document_id.to_string(),
        code: kept.code,
        promulgation_date: kept.promulgation_date,
        type_name: kept.type_name,
        subject: kept.subject,
        priority: types_v1::Priority::from(document.lane).into(),
        business_type: types_v1::BusinessType::from(document.business).into(),
        status_code: kept.status_code,
        status_description: kept.status_description,
        about: match (&kept.about, &document.about) {
            (Some(about), _) => Some(about.to_wire()),
            (None, Some(key)) => Some(exchange_v1::DocumentReference {
                agency: key.sender.to_string(),
                document_id: key.document_id.to_string(),
                ..Default::default()
            }),
            (None, None) => None,
        },
        length: document.content.length,
        sha256: document.content.digest.as_bytes().to_vec(),
        accepted_at: Some(timestamp(document.received_at)),
        recipient_count: document.recipients,
        attachment_count: kept.attachments,
        due_at: document.due.map(timestamp),
        signature_ruling,
        signature_indication,
    })
}

/// With which code the sender recalled or replaced the packet before this receiver had it, here or by the receipt of a
/// later node there; `None` when it did not.
pub(crate) fn recalled(recipient: &Recipient, events: &[TrackEvent]) -> Option<ErrorCode> {
    if recipient.is_recalled() {
        return recipient.delivery.code();
    }
    let told = events.iter().filter(|event| event.kind == EventKind::Receipt).filter_map(|event| event.code);
    told.filter(|_| recipient.delivery.state() == State::Delivered).find(|code| is_recall(*code))
}

/// The state of a delivery. What lies in an inbox here is delivered (consigned); the confirmation is an event.
pub(super) fn state(recipient: &Recipient, events: &[TrackEvent]) -> DeliveryState {
    if recalled(recipient, events).is_some() {
        return DeliveryState::Recalled;
    }
    match recipient.delivery.state() {
        State::Waiting if recipient.is_held => DeliveryState::Held,
        State::Waiting if matches!(recipient.plan, Plan::Inbox(_)) => DeliveryState::Delivered,
        State::Waiting => DeliveryState::Waiting,
        State::Sending => DeliveryState::Sending,
        State::Delivered => DeliveryState::Delivered,
        State::Returned => DeliveryState::Returned,
        State::Parked(_) => DeliveryState::Parked,
    }
}

/// A receiver's events in the order in which they happened: receipts of several nodes arrive in any order.
pub(super) fn timeline(events: &[TrackEvent], node: &str) -> Vec<exchange_v1::TrackEvent> {
    let mut timeline: Vec<_> = events.iter().map(|kept| event(kept, node)).collect();
    timeline.sort_by_key(|event| {
        let at = event.at.as_ref().map(|at| (at.seconds, at.nanos));
        let rank = ReceiptEvent::ALL.iter().position(|known| known.as_str() == event.event);
        // What is answered in the same millisecond comes before its answer.
        let asks = event.status_code == u32::from(StatusCode::TakeBack.as_number());
        (at, !asks, rank.unwrap_or(ReceiptEvent::ALL.len()))
    });
    timeline
}

/// When the receiver's software confirmed it.
pub(crate) fn handed_over(events: &[TrackEvent], node: &str) -> Option<UnixMillis> {
    let mut timeline = timeline(events, node).into_iter();
    let event = timeline.find(|event| event.event == ReceiptEvent::ContentHandover.as_str())?;
    wire::millis("at", event.at.as_ref()?).ok()
}

/// One event of a receiver's timeline.
fn event(event: &TrackEvent, node: &str) -> exchange_v1::TrackEvent {
    let signed = SignedReceipt::from_bytes(&event.evidence).ok();
    let receipt = signed.as_ref().and_then(|signed| signed.receipt().ok());
    let status_code = match event.kind {
        EventKind::Status(status) => u32::from(status.as_number()),
        _ => 0,
    };
    exchange_v1::TrackEvent {
        at: Some(timestamp(receipt.as_ref().filter(|_| status_code == 0).map_or(event.at, |receipt| receipt.at))),
        event: name(event.kind, receipt.as_ref()).to_owned(),
        node: receipt.as_ref().map_or_else(|| node.to_owned(), |receipt| receipt.node.to_string()),
        status_code,
        description: event.text.clone(),
        code: event.code.map(|code| code.to_string()).unwrap_or_default(),
        out_of_order: event.flagged,
        receipt: signed.as_ref().map(tracking::to_wire),
    }
}

/// The event's name: the receipt's own where one proves it.
fn name(kind: EventKind, receipt: Option<&Receipt>) -> &'static str {
    match (kind, receipt) {
        (EventKind::Status(_), _) => "Status",
        (_, Some(receipt)) => receipt.event.as_str(),
        (EventKind::Accepted, None) => "Accepted",
        (EventKind::Delivered, None) => ReceiptEvent::ContentConsignment.as_str(),
        (EventKind::Refused, None) => ReceiptEvent::RelayRejection.as_str(),
        (EventKind::Failed, None) => ReceiptEvent::RelayFailure.as_str(),
        (EventKind::Returned, None) => ReceiptEvent::ContentConsignmentFailure.as_str(),
        (EventKind::Parked, None) => "Parked",
        (EventKind::Ordered, None) => "OperatorOrder",
        (EventKind::Reported, None) => "ExternalState",
        (EventKind::AtRisk, None) => "DeadlineAtRisk",
        (EventKind::Receipt, None) => "Receipt",
        (EventKind::Acted(BusinessType::Update), None) => "Update",
        (EventKind::Acted(BusinessType::Replace), None) => "Replacement",
        (EventKind::Acted(BusinessType::New | BusinessType::Revoke), None) => "Revocation",
    }
}
