//! What comes back about a document: the steps of a real node's `tracking` and `reports`. Receipts are words, not signed.

use std::collections::BTreeMap;

use delivery::{StatusVerdict, Word as StatusWord};
use queue::{
    Accept, Content, Document, DocumentKey, EntryKind, EventKind, Origin, Plan, RecipientPlan, Report, ReportId,
    ReportKind, Seq, TrackEvent,
};
use types::{AgencyCode, Lane, NeighbourId, UnixMillis};

use super::core::{Core, Effect, Refused};
use crate::Sabotage;
use crate::packet::{Packet, Receipt, Word, bundle, unbundle};

/// Receivers read from the store at a time.
const PAGE: usize = 256;
/// Reports read at a time.
const BATCH: usize = 256;
/// Receipts in one bundle: fewer than of a real node, so that a bundle stays in its record.
const BUNDLE: usize = 16;

pub(crate) fn codes_of(core: &Core, seq: Seq) -> Result<Vec<AgencyCode>, Refused> {
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

/// The events of one receiver; `None` when the entry has no such receiver.
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

/// Records a status with the document it is about; a repeat changes nothing.
pub(crate) async fn record_status(core: &Core, packet: &Packet, receipt: &[u8]) -> Result<(), Refused> {
    let (Some(status), Some(about)) = (packet.status, &packet.about) else { return Ok(()) };
    for document in documents_of(core, about)? {
        let Some(events) = events_of(core, document.seq, &packet.key.sender)? else { continue };
        if events.iter().any(|event| event.evidence == receipt) {
            continue;
        }
        let history: Vec<StatusWord> = events
            .iter()
            .filter_map(|event| match event.kind {
                EventKind::Status(status) => Some(StatusWord::Status(status)),
                EventKind::Acted(_) => Some(StatusWord::Request),
                _ => None,
            })
            .collect();
        let verdict = delivery::check_words(document.business, &history, status);
        let event = TrackEvent {
            at: core.now(),
            kind: EventKind::Status(status),
            code: None,
            text: String::new(),
            evidence: receipt.to_vec(),
            flagged: !matches!(verdict, StatusVerdict::InOrder | StatusVerdict::Repeated),
        };
        core.store.record_event(document.seq, packet.key.sender.clone(), event).await?;
    }
    Ok(())
}

/// Takes receipts that a neighbour brought: recorded with the receivers they name, and sent on towards the sender.
pub(crate) async fn take_receipts(core: &Core, packet: &Packet) -> Result<(), Refused> {
    for seq in core.store.by_exchange(packet.exchange)? {
        let document = core.store.document(seq)?;
        if document.kind == EntryKind::Receipt {
            continue;
        }
        let receipts = unbundle(&packet.content);
        for bytes in &receipts {
            record_receipt(core, &document, bytes).await?;
        }
        if let Origin::Neighbour(back) = &document.origin {
            send_back(core, &document, back, &receipts, Vec::new(), core.now()).await?;
        }
    }
    Ok(())
}

async fn record_receipt(core: &Core, document: &Document, bytes: &[u8]) -> Result<(), Refused> {
    let Some(receipt) = Receipt::from_bytes(bytes) else { return Ok(()) };
    for code in receipt.recipients {
        let Some(events) = events_of(core, document.seq, &code)? else { continue };
        if events.iter().any(|event| event.evidence == bytes) {
            continue;
        }
        let event = TrackEvent {
            at: core.now(),
            kind: EventKind::Receipt,
            code: None,
            text: String::new(),
            evidence: bytes.to_vec(),
            flagged: false,
        };
        core.store.record_event(document.seq, code, event).await?;
    }
    Ok(())
}

/// Tells the neighbour that a packet came from which of its receivers have it here. Made of what is kept, so that a repeat
/// sends the same bytes, which the store recognises.
pub(crate) async fn report_consignments(core: &Core, seq: Seq) -> Result<(), Refused> {
    let document = core.store.document(seq)?;
    let Origin::Neighbour(back) = document.origin.clone() else { return Ok(()) };
    let mut receipts: Vec<Vec<u8>> = Vec::new();
    let mut from = Some(0);
    while let Some(start) = from {
        let page = core.store.track(seq, start, PAGE)?;
        from = page.next;
        for event in page.recipients.into_iter().flat_map(|track| track.events) {
            let is_own = Receipt::from_bytes(&event.evidence)
                .is_some_and(|receipt| receipt.word == Word::Consigned && receipt.node == core.id.as_str());
            if is_own && receipts.last() != Some(&event.evidence) {
                receipts.push(event.evidence);
            }
        }
    }
    for together in receipts.chunks(BUNDLE) {
        send_back(core, &document, &back, together, Vec::new(), document.received_at).await?;
    }
    Ok(())
}

/// Puts receipts on their way to the neighbour that the document came from; `answers` are crossed off with it.
async fn send_back(
    core: &Core,
    document: &Document,
    back: &NeighbourId,
    receipts: &[Vec<u8>],
    answers: Vec<ReportId>,
    at: UnixMillis,
) -> Result<(), Refused> {
    let plan = Plan::Hop(back.clone());
    let accept = Accept {
        exchange: document.exchange,
        kind: EntryKind::Receipt,
        key: document.key.clone(),
        business: document.business,
        // The lane with the longest time to live.
        lane: Lane::Normal,
        due: None,
        received_at: at,
        content: Content::Inline(bundle(receipts)),
        side: Content::Inline(Vec::new()),
        summary: Vec::new(),
        origin: document.origin.clone(),
        hops: Vec::new(),
        about: None,
        recipients: vec![RecipientPlan { code: document.key.sender.clone(), plan, evidence: None }],
        receipt: Vec::new(),
        answers,
        acts: Vec::new(),
        hold: None,
    };
    core.store.accept(accept).await?;
    Ok(())
}

/// Works off outstanding reports; each is crossed off only with what it owes.
pub(crate) async fn work_off(core: &Core) {
    core.is_reporting.set(true);
    loop {
        core.reports_wait.set(false);
        if work_off_once(core).await.is_err() {
            core.leave(Effect::ReportsFailed);
            break;
        }
        if !core.reports_wait.get() {
            break;
        }
    }
    core.is_reporting.set(false);
}

async fn work_off_once(core: &Core) -> Result<(), Refused> {
    let mut after: Option<ReportId> = None;
    loop {
        let batch = core.store.reports(after, BATCH)?;
        let Some(last) = batch.last() else { return Ok(()) };
        after = Some(last.id);
        let mut by_entry: BTreeMap<Seq, Vec<Report>> = BTreeMap::new();
        for report in batch {
            by_entry.entry(report.recipient.seq).or_default().push(report);
        }
        for (seq, reports) in by_entry {
            for together in reports.chunks(BUNDLE / 2) {
                tell(core, seq, together).await?;
            }
        }
    }
}

async fn tell(core: &Core, seq: Seq, reports: &[Report]) -> Result<(), Refused> {
    let ids: Vec<ReportId> = reports.iter().map(|report| report.id).collect();
    let document = core.store.document(seq)?;
    if core.sabotage == Some(Sabotage::ReportsCrossedOffEarly) {
        core.store.reports_done(ids.clone()).await?;
    }
    let mut receipts: Vec<Vec<u8>> = Vec::new();
    for report in reports {
        for receipt in receipts_for(core, &document, report).await? {
            if !receipts.contains(&receipt) {
                receipts.push(receipt);
            }
        }
    }
    match &document.origin {
        Origin::Neighbour(back) if !receipts.is_empty() => {
            send_back(core, &document, back, &receipts, ids, core.now()).await
        }
        Origin::Neighbour(_) | Origin::Local(_) => Ok(core.store.reports_done(ids).await?),
    }
}

/// The receipts that prove a report: those kept with it, or this node's own of a failure. A handover brings the
/// consignment along, which a crash may have kept from going out.
async fn receipts_for(core: &Core, document: &Document, report: &Report) -> Result<Vec<Vec<u8>>, Refused> {
    let events = events_of(core, document.seq, &report.code)?.unwrap_or_default();
    let own = |word: Word| {
        let is_own = |receipt: Receipt| receipt.word == word && receipt.node == core.id.as_str();
        let found = events.iter().rev().find(|event| Receipt::from_bytes(&event.evidence).is_some_and(is_own));
        found.map(|event| event.evidence.clone())
    };
    match report.about {
        ReportKind::Delivered => {
            let found = events.iter().rev().find(|event| event.kind == EventKind::Delivered);
            let delivered = found.map(|event| event.evidence.clone()).filter(|evidence| !evidence.is_empty());
            let consigned = own(Word::Consigned).filter(|_| core.sabotage != Some(Sabotage::ConsignmentGoesOnce));
            Ok(consigned.into_iter().chain(delivered).collect())
        }
        ReportKind::Consigned => Ok(own(Word::Consigned).into_iter().collect()),
        ReportKind::Returned { .. } => {
            if let Some(known) = own(Word::Failed) {
                return Ok(vec![known]);
            }
            let bytes = core.receipt(Word::Failed, document.exchange, vec![report.code.clone()]).to_bytes();
            record_receipt(core, document, &bytes).await?;
            Ok(vec![bytes])
        }
    }
}
