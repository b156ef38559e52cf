//! `sendEdoc`: who may send what to whom, and into which inboxes it goes.

use std::sync::Arc;

use axis::{AxisCode, Caller, DocId, Failure, MessageType, SendEdoc};
use edxml::{Document, OrganId, Packet, Status};
use queue::{Accept, Accepted, Content, DocumentKey, EntryKind, EventKind, Origin, Plan, RecipientPlan, TrackEvent};
use types::{AgencyCode, BusinessType, DocumentId, ErrorCode, ExchangeId, Lane, PacketKind, Secrecy, StatusCode};

use super::{Axis, Id};
use crate::agencies::Gate;
use crate::clock;
use crate::intake::{Received, store_failure};
use crate::summary::Summary;

/// What the checks made of a packet.
struct Checked {
    sender: AgencyCode,
    receivers: Vec<AgencyCode>,
    kind: EntryKind,
    document_id: DocumentId,
    business: BusinessType,
    lane: Lane,
    about: Option<DocumentKey>,
    status: Option<(StatusCode, String)>,
}

/// Checks a packet as the axis does, and takes it in; on disk when this returns.
pub(super) async fn accept(
    axis: &Arc<Axis>,
    caller: &Caller,
    request: SendEdoc,
    received: Received,
) -> Result<DocId, Failure> {
    let asking = caller.clone();
    let (checked, received) = super::blocking(axis, move |axis| {
        let checked = check(axis, &asking, &request, &received.packet)?;
        Ok((checked, received))
    })
    .await?;
    take_in(axis, caller, checked, received).await
}

/// Takes a sample document in: its sender need not be the caller's.
pub(crate) async fn accept_sample(axis: &Arc<Axis>, caller: &Caller, received: Received) -> Result<(), Failure> {
    let (checked, received) = super::blocking(axis, move |axis| {
        let sender = receiver(received.packet.from().organ_id.as_str())?;
        let checked = match &received.packet {
            Packet::Document(document) => of_document(document, sender)?,
            Packet::Status(status) => of_status(axis, status, sender, false)?,
        };
        Ok((checked, received))
    })
    .await?;
    take_in(axis, caller, checked, received).await.map(drop)
}

async fn take_in(axis: &Arc<Axis>, caller: &Caller, checked: Checked, received: Received) -> Result<DocId, Failure> {
    let names: Vec<String> = checked.receivers.iter().map(ToString::to_string).collect();
    let summary = Summary::of(&received.packet, &names, received.staged.length());
    let exchange = ExchangeId::from_bytes(*uuid::Uuid::now_v7().as_bytes());
    // A neighbour's origin lets a repeat with further receivers reach those: the same file is sent once per group by
    // software that gives `to`.
    let origin = caller.system.parse().map_err(|_| Failure::of(ErrorCode::Internal, "systemid"))?;
    let (status, about, sender) = (checked.status.clone(), checked.about.clone(), checked.sender.clone());
    let accepted =
        axis.store.accept(entry(axis, checked, exchange, Origin::Neighbour(origin), &summary, received)).await;
    let seq = match accepted.map_err(|error| store_failure(&error))? {
        Accepted::New { seq } | Accepted::Extended { seq, .. } => {
            if let (Some((status, text)), Some(about)) = (status, about) {
                note_status(axis, &about, &sender, status, text).await?;
            }
            seq
        }
        Accepted::Duplicate { seq, .. } => seq,
        Accepted::Conflict { .. } => {
            let detail = format!("DocumentId {:?}", summary.document_id);
            return Err(Failure::of(ErrorCode::DocumentConflict, &detail));
        }
    };
    super::blocking(axis, move |axis| {
        let document = axis.store.document(seq).map_err(|error| store_failure(&error))?;
        Ok(Id::of_sender(document.exchange).to_doc_id())
    })
    .await
}

fn entry(
    axis: &Axis,
    checked: Checked,
    exchange: ExchangeId,
    origin: Origin,
    summary: &Summary,
    received: Received,
) -> Accept {
    let plan = |code: AgencyCode| RecipientPlan { plan: Plan::Inbox(axis.inbox_of(&code)), code, evidence: None };
    Accept {
        exchange,
        kind: checked.kind,
        key: DocumentKey { sender: checked.sender, document_id: checked.document_id },
        business: checked.business,
        lane: checked.lane,
        due: None,
        received_at: clock::now(),
        content: Content::Staged(received.staged),
        side: Content::Inline(Vec::new()),
        summary: summary.to_bytes(),
        origin,
        hops: Vec::new(),
        about: checked.about,
        recipients: checked.receivers.into_iter().map(plan).collect(),
        receipt: Vec::new(),
        answers: Vec::new(),
        // The axis forwards what acts on an earlier document as it is, and withdraws nothing.
        acts: Vec::new(),
        hold: None,
    }
}

fn check(axis: &Axis, caller: &Caller, request: &SendEdoc, packet: &Packet) -> Result<Checked, Failure> {
    check_type(request.message_type, packet.kind())?;
    let sender = check_sender(axis, caller, request, packet)?;
    let checked = match packet {
        Packet::Document(document) => of_document(document, sender)?,
        Packet::Status(status) => of_status(axis, status, sender, request.to.is_some())?,
    };
    let receivers = match &request.to {
        Some(named) => named.iter().map(|code| receiver(code)).collect::<Result<_, _>>()?,
        None => checked.receivers,
    };
    if receivers.is_empty() {
        return Err(Failure::of(ErrorCode::MissingElement, "To: không có nơi nhận (no receiver)"));
    }
    for code in &receivers {
        let Some(known) = axis.agencies.find(code) else {
            let detail = format!("{code}: không có trong danh bạ của trục (not in the axis's directory)");
            return Err(Failure::of(ErrorCode::UnknownAgency, &detail));
        };
        if known.gate == Gate::Locked {
            let detail = format!("Cơ quan nhận {code} đang bị khóa (the receiving agency is locked)");
            return Err(Failure::new(AxisCode::ReceiverLocked, detail));
        }
    }
    Ok(Checked { receivers, ..checked })
}

fn check_type(said: Option<MessageType>, found: PacketKind) -> Result<(), Failure> {
    let fits = match said {
        Some(MessageType::Edoc) => found == PacketKind::Document,
        Some(MessageType::Status) => found == PacketKind::Status,
        None => true,
    };
    if fits {
        return Ok(());
    }
    Err(Failure::of(ErrorCode::InvalidElement, "messagetype khác loại gói tin (messagetype is not the packet's kind)"))
}

fn check_sender(axis: &Axis, caller: &Caller, request: &SendEdoc, packet: &Packet) -> Result<AgencyCode, Failure> {
    let written = packet.from().organ_id.as_str();
    let unknown = |code: &str, why: &str| Failure::of(ErrorCode::UnknownSender, &format!("{code}: {why}"));
    let sender = AgencyCode::opaque(written).map_err(|error| unknown(written, &error.to_string()))?;
    if let Some(said) = &request.from
        && !AgencyCode::opaque(said.trim()).is_ok_and(|said| said == sender)
    {
        let detail = format!("from = {said}, From/OrganId = {sender}");
        return Err(Failure::of(ErrorCode::SenderMismatch, &detail));
    }
    if axis.agencies.find(&sender).is_none() {
        return Err(unknown(sender.as_str(), "không có trong danh bạ của trục (not in the axis's directory)"));
    }
    if !axis.speaks_for(axis.system(caller)?, &sender) {
        let detail = format!("hệ thống {} không đại diện cho {sender} (does not speak for it)", caller.system);
        return Err(Failure::of(ErrorCode::AgencyNotSpokenFor, &detail));
    }
    Ok(sender)
}

fn of_document(document: &Document, sender: AgencyCode) -> Result<Checked, Failure> {
    if document.secrecy() != Secrecy::Open {
        return Err(Failure::of(ErrorCode::SecretDocument, "OtherInfo/SphereOfPromulgation"));
    }
    let earlier = document.references().into_iter().find_map(|reference| reference.document_id.cloned());
    let about = match document.business_type() {
        BusinessType::New => None,
        BusinessType::Revoke | BusinessType::Update | BusinessType::Replace => earlier,
    };
    Ok(Checked {
        receivers: document.recipients().map(|code| receiver(code.as_str())).collect::<Result<_, _>>()?,
        kind: EntryKind::Document,
        document_id: document.document_id.clone(),
        business: document.business_type(),
        lane: document.lane(),
        about: about.map(|document_id| DocumentKey { sender: sender.clone(), document_id }),
        status: None,
        sender,
    })
}

/// A status goes to the sender of its document; a take-back (13), which that sender makes, to its receivers.
fn of_status(axis: &Axis, status: &Status, sender: AgencyCode, is_addressed: bool) -> Result<Checked, Failure> {
    let issuer = receiver(status.response_for.organ_id.as_str())?;
    let named = status.response_for.document_id.clone();
    let about = named.map(|document_id| DocumentKey { sender: issuer.clone(), document_id });
    let receivers = match &about {
        Some(about) if status.status_code.is_from_sender() && !is_addressed => receivers_of(axis, about)?,
        Some(_) | None => vec![issuer],
    };
    let fallback = || status.response_for.code.as_deref().unwrap_or("status").parse();
    let document_id = status.response_for.document_id.clone().map_or_else(fallback, Ok);
    Ok(Checked {
        receivers,
        kind: EntryKind::Status,
        document_id: document_id.map_err(|error| Failure::of(ErrorCode::InvalidElement, &error.to_string()))?,
        business: BusinessType::New,
        lane: Lane::Normal,
        about,
        status: Some((status.status_code, status.description.clone().unwrap_or_default())),
        sender,
    })
}

fn receivers_of(axis: &Axis, about: &DocumentKey) -> Result<Vec<AgencyCode>, Failure> {
    let failed = |error| store_failure(&error);
    let Some(seq) = axis.store.lookup(about).map_err(failed)?.into_iter().next() else {
        return Err(Failure::of(ErrorCode::ReferenceUnknown, &format!("ResponseFor/DocumentId {}", about.document_id)));
    };
    let count = axis.store.document(seq).map_err(failed)?.recipients;
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    Ok(axis.store.recipients(seq, 0, count).map_err(failed)?.into_iter().map(|recipient| recipient.code).collect())
}

fn receiver(code: &str) -> Result<AgencyCode, Failure> {
    let organ: Result<OrganId, _> = code.parse();
    let parsed = organ.ok().and_then(|organ| AgencyCode::opaque(organ.as_str()).ok());
    parsed.ok_or_else(|| Failure::of(ErrorCode::UnknownAgency, &format!("To/OrganId {code:?}")))
}

/// Writes a status to the timeline of its document, where that is known here; one out of order is flagged.
async fn note_status(
    axis: &Arc<Axis>,
    about: &DocumentKey,
    reporter: &AgencyCode,
    status: StatusCode,
    text: String,
) -> Result<(), Failure> {
    let (about, reporter) = (about.clone(), reporter.clone());
    let found = super::blocking(axis, move |axis| Ok(subjects(axis, &about, &reporter, status))).await?;
    for (seq, recipient, flagged) in found {
        let event = TrackEvent {
            at: clock::now(),
            kind: EventKind::Status(status),
            code: None,
            text: text.clone(),
            evidence: Vec::new(),
            flagged,
        };
        axis.store.record_event(seq, recipient, event).await.map_err(|error| store_failure(&error))?;
    }
    Ok(())
}

/// Recipients of known documents that a status is about, and whether it breaks their order.
fn subjects(
    axis: &Axis,
    about: &DocumentKey,
    reporter: &AgencyCode,
    status: StatusCode,
) -> Vec<(queue::Seq, AgencyCode, bool)> {
    let mut found = Vec::new();
    for seq in axis.store.lookup(about).unwrap_or_default() {
        let Ok(tracking) = axis.store.track(seq, 0, 10_000) else { continue };
        if tracking.document.kind != EntryKind::Document {
            continue;
        }
        for track in tracking.recipients {
            if track.recipient.code != *reporter && !status.is_from_sender() {
                continue;
            }
            let history: Vec<StatusCode> = track
                .events
                .iter()
                .filter_map(|event| match event.kind {
                    EventKind::Status(code) => Some(code),
                    _ => None,
                })
                .collect();
            let verdict = delivery::check(tracking.document.business, &history, status);
            found.push((seq, track.recipient.code, !verdict.is_in_order()));
        }
    }
    found
}
