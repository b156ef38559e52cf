//! What comes back about a document: statuses of its receivers and receipts of other nodes, each recorded once.

use std::collections::BTreeSet;

use delivery::{StatusVerdict, Word};
use evidence::{Peer, ReceiptEvent, SignedReceipt};
use prost::Message as _;
use queue::{
    Accept, Content, Document, DocumentKey, EntryKind, EventKind, Plan, RecipientPlan, ReportId, Seq, TrackEvent,
};
use types::{AgencyCode, BusinessType, ErrorCode, Lane, NeighbourId, NodeId, StatusCode, UnixMillis};
use wire::relay_v1::ReceiptBundle;
use wire::types_v1;

use crate::core::Core;
use crate::intake::{Facts, Refused};

/// Receivers read from the store at a time.
const PAGE: usize = 256;
/// Receipts in one bundle: 64 of 3 KiB stay well below what a link takes at once.
pub(crate) const BUNDLE: usize = 64;

/// A neighbour as receipts name it: neighbours carry the ids of their nodes.
pub(crate) fn peer_of(neighbour: &NeighbourId) -> Peer {
    Peer::Node(neighbour.as_str().parse::<NodeId>().expect("neighbour ids have the shape of node ids"))
}

/// A receipt as it travels.
pub(crate) fn to_wire(receipt: &SignedReceipt) -> types_v1::Receipt {
    types_v1::Receipt { payload: receipt.payload.clone(), signature: receipt.signature.clone() }
}

/// A receipt as it came; nothing about it is known yet.
pub(crate) fn from_wire(receipt: &types_v1::Receipt) -> SignedReceipt {
    SignedReceipt { payload: receipt.payload.to_vec(), signature: receipt.signature.clone() }
}

/// The documents (not statuses or receipts) that a sender's name stands for, oldest first.
fn documents_of(core: &Core, key: &DocumentKey) -> Result<Vec<Document>, Refused> {
    let mut found = Vec::new();
    for seq in core.store.lookup(key)? {
        let document = core.store.document(seq)?;
        if document.kind == EntryKind::Document {
            found.push(document);
        }
    }
    Ok(found)
}

/// Everyone who got the document; `None` when it is not known here.
pub(crate) fn recipients_of(core: &Core, key: &DocumentKey) -> Result<Option<Vec<AgencyCode>>, Refused> {
    let documents = documents_of(core, key)?;
    if documents.is_empty() {
        return Ok(None);
    }
    let mut codes = BTreeSet::new();
    for document in documents {
        codes.extend(codes_of(core, document.seq)?);
    }
    Ok(Some(codes.into_iter().collect()))
}

fn codes_of(core: &Core, seq: Seq) -> Result<Vec<AgencyCode>, Refused> {
    let mut codes = Vec::new();
    loop {
        let from = u32::try_from(codes.len()).unwrap_or(u32::MAX);
        let page = core.store.recipients(seq, from, PAGE)?;
        if page.is_empty() {
            return Ok(codes);
        }
        codes.extend(page.into_iter().map(|recipient| recipient.code));
    }
}

/// Records a status with every document it is about, under its acceptance receipt; a repeat changes nothing.
pub(crate) async fn record_status(core: &Core, facts: &Facts, receipt: &[u8], at: UnixMillis) -> Result<(), Refused> {
    let (Some(status), Some(about)) = (facts.status, &facts.about) else { return Ok(()) };
    for document in reported(core, about, status)? {
        // A take-back comes from the document's sender and concerns every receiver; all else concerns the reporter.
        let is_take_back = status.is_from_sender() && about.sender == facts.sender;
        let concerned = if is_take_back { codes_of(core, document.seq)? } else { vec![facts.sender.clone()] };
        for code in concerned {
            let Some(events) = events_of(core, document.seq, &code)? else { continue };
            if events.iter().any(|event| event.evidence == receipt) {
                continue;
            }
            let event = TrackEvent {
                at,
                kind: EventKind::Status(status),
                code: None,
                text: facts.description.clone(),
                evidence: receipt.to_vec(),
                flagged: is_out_of_order(document.business, &events, status),
            };
            core.store.record_event(document.seq, code, event).await?;
        }
    }
    Ok(())
}

/// The documents that a status is about: an answer to a revocation, update or replacement also answers for the document
/// that it acts on.
fn reported(core: &Core, about: &DocumentKey, status: StatusCode) -> Result<Vec<Document>, Refused> {
    let mut documents = documents_of(core, about)?;
    if matches!(status, StatusCode::Agreed | StatusCode::Declined) {
        for index in 0..documents.len() {
            let Some(acting) = documents.get(index).filter(|document| document.business != BusinessType::New) else {
                continue;
            };
            let earlier = acting.about.clone().filter(|earlier| earlier.sender == acting.key.sender);
            for document in earlier.map_or_else(|| Ok(Vec::new()), |earlier| documents_of(core, &earlier))? {
                if documents.iter().all(|known| known.seq != document.seq) {
                    documents.push(document);
                }
            }
        }
    }
    Ok(documents)
}

fn is_out_of_order(business: BusinessType, events: &[TrackEvent], next: StatusCode) -> bool {
    let history: Vec<Word> = events
        .iter()
        .filter_map(|event| match event.kind {
            EventKind::Status(status) => Some(Word::Status(status)),
            EventKind::Acted(_) => Some(Word::Request),
            EventKind::Accepted
            | EventKind::Delivered
            | EventKind::Refused
            | EventKind::Failed
            | EventKind::Returned
            | EventKind::Parked
            | EventKind::Ordered
            | EventKind::Reported
            | EventKind::AtRisk
            | EventKind::Receipt => None,
        })
        .collect();
    !matches!(delivery::check_words(business, &history, next), StatusVerdict::InOrder | StatusVerdict::Repeated)
}

/// The events of one receiver; `None` when the document has no such receiver here.
pub(crate) fn events_of(core: &Core, seq: Seq, code: &AgencyCode) -> Result<Option<Vec<TrackEvent>>, Refused> {
    let mut from = 0;
    loop {
        let page = core.store.track(seq, from, PAGE)?;
        if let Some(track) = page.recipients.into_iter().find(|track| track.recipient.code == *code) {
            return Ok(Some(track.events));
        }
        match page.next {
            Some(next) => from = next,
            None => return Ok(None),
        }
    }
}

/// Takes receipts about an exchange that a neighbour brought: each is verified, recorded with the receivers it
/// names, and sent on towards the sender. Everything is on disk when this returns; a repeat changes nothing.
pub(crate) async fn take_receipts(core: &Core, offer: &relay::Offer, content: &[u8]) -> Result<(), Refused> {
    let bundle = ReceiptBundle::decode(content)
        .map_err(|error| Refused::new(ErrorCode::ProtocolViolation, format!("receipts do not decode: {error}")))?;
    let at = crate::clock::now();
    let seqs = core.store.by_exchange(offer.exchange_id)?;
    if seqs.is_empty() {
        tracing::warn!(exchange.id = %offer.exchange_id, "receipts about an exchange that is not known here were dropped");
    }
    for seq in seqs {
        let document = core.store.document(seq)?;
        if document.kind == EntryKind::Receipt {
            continue;
        }
        let mut kept = Vec::new();
        for receipt in &bundle.receipts {
            let signed = from_wire(receipt);
            let proof = {
                let material = core.material.load();
                evidence::verify(&signed, &material.nodes, &material.policy, at)
                    .map_err(|error| Refused::new(error.code(), format!("a receipt proves nothing: {error}")))?
            };
            if proof.receipt().exchange != document.exchange {
                return Err(Refused::new(ErrorCode::ProtocolViolation, "a receipt is about another exchange"));
            }
            record_receipt(core, &document, proof.receipt(), &signed).await?;
            kept.push(signed);
        }
        if let Some(back) = core.receipts_go_to(&document.origin) {
            send_back(core, &document, back, &kept, Vec::new(), at).await?;
        }
    }
    Ok(())
}

/// Records a receipt with those of its receivers that the document has here.
async fn record_receipt(
    core: &Core,
    document: &Document,
    receipt: &evidence::Receipt,
    signed: &SignedReceipt,
) -> Result<(), Refused> {
    let evidence::Recipients::Listed(codes) = &receipt.recipients else { return Ok(()) };
    let bytes = signed.to_bytes();
    for code in codes {
        let Some(events) = events_of(core, document.seq, code)? else { continue };
        if events.iter().any(|event| event.evidence == bytes) {
            continue;
        }
        let reason = receipt.reason.as_ref();
        let event = TrackEvent {
            at: receipt.at,
            kind: EventKind::Receipt,
            code: reason.and_then(evidence::Notice::code),
            text: reason.map(|reason| reason.text().to_owned()).unwrap_or_default(),
            evidence: bytes.clone(),
            flagged: false,
        };
        core.store.record_event(document.seq, code.clone(), event).await?;
    }
    Ok(())
}

/// Records this node's own receipt about one receiver.
pub(crate) async fn record_own(core: &Core, document: &Document, signed: &SignedReceipt) -> Result<(), Refused> {
    let receipt = signed.receipt().map_err(|error| Refused::new(error.code(), error.to_string()))?;
    record_receipt(core, document, &receipt, signed).await
}

/// Tells the neighbour that a packet came from which of its receivers have it in their inbox here.
///
/// Made of what is kept, so that a repeat sends the same bytes, which the store recognises.
pub(crate) async fn report_consignments(core: &Core, seq: Seq) -> Result<(), Refused> {
    let document = core.store.document(seq)?;
    let Some(back) = core.receipts_go_to(&document.origin) else { return Ok(()) };
    let mut receipts: Vec<SignedReceipt> = Vec::new();
    let mut from = Some(0);
    while let Some(start) = from {
        let page = core.store.track(seq, start, PAGE)?;
        from = page.next;
        for event in page.recipients.iter().flat_map(|track| &track.events) {
            let Some(signed) = consignment(core, event) else { continue };
            // Receivers of one batch share their receipt and stand together.
            if receipts.last() != Some(&signed) {
                receipts.push(signed);
            }
        }
    }
    for bundle in receipts.chunks(BUNDLE) {
        send_back(core, &document, back, bundle, Vec::new(), document.received_at).await?;
    }
    Ok(())
}

/// This node's own ContentConsignment, of an event that has one.
fn consignment(core: &Core, event: &TrackEvent) -> Option<SignedReceipt> {
    let signed = SignedReceipt::from_bytes(&event.evidence).ok()?;
    let receipt = signed.receipt().ok()?;
    (receipt.event == ReceiptEvent::ContentConsignment && receipt.node == core.node).then_some(signed)
}

/// Puts receipts on their way to the neighbour that the document came from; `answers` are crossed off with it.
pub(crate) async fn send_back(
    core: &Core,
    document: &Document,
    back: &NeighbourId,
    receipts: &[SignedReceipt],
    answers: Vec<ReportId>,
    at: UnixMillis,
) -> Result<(), Refused> {
    let bundle = ReceiptBundle { receipts: receipts.iter().map(to_wire).collect() };
    let accept = Accept {
        exchange: document.exchange,
        kind: EntryKind::Receipt,
        key: document.key.clone(),
        business: document.business,
        // The lane with the longest time to live: a receipt is worth carrying long after its document was urgent.
        lane: Lane::Normal,
        due: None,
        received_at: at,
        content: Content::Inline(bundle.encode_to_vec()),
        side: Content::Inline(Vec::new()),
        summary: Vec::new(),
        origin: document.origin.clone(),
        hops: Vec::new(),
        about: None,
        recipients: vec![RecipientPlan {
            code: document.key.sender.clone(),
            plan: Plan::Hop(back.clone()),
            evidence: None,
        }],
        receipt: Vec::new(),
        answers,
        acts: Vec::new(),
        hold: None,
    };
    core.store.accept(accept).await?;
    Ok(())
}
