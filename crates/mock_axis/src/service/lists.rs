//! What waits for a system, and what it sent. Everything here may block.

use std::collections::BTreeSet;

use axis::{AxisCode, Failure, MessageType, ReceivedEdoc, ReceivedQuery, SentEdoc, SentQuery};
use queue::{
    Document, EntryKind, EventKind, InboxItem, InboxQuery, ItemId, Origin, Query, RecipientTrack, Seq, StoreError,
};
use types::{AgencyCode, UnixMillis};

use super::{Axis, Id, confirm};
use crate::clock;
use crate::faults::Listing;
use crate::intake::store_failure;
use crate::summary::Summary;
use crate::system::System;

/// Items of one page of an inbox.
const PAGE: usize = 500;
/// Statuses looked at for those that are to come before their document.
const STATUSES_MAX: usize = 1000;

/// One line before it is written.
struct Line {
    document: Document,
    index: u32,
    to: AgencyCode,
}

/// What waits, oldest first, with the faults of lists.
pub(super) fn received(axis: &Axis, system: &System, query: &ReceivedQuery) -> Result<Vec<ReceivedEdoc>, Failure> {
    let listing = axis.board.listing(&system.id);
    let mut lines = Vec::new();
    for inbox in Axis::inboxes(system) {
        lines.extend(waiting(axis, &inbox, query).map_err(|error| store_failure(&error))?);
    }
    lines.sort_by_key(|line| (line.document.received_at, line.document.seq));
    lines.truncate(query.max);
    if listing.early_statuses() {
        hold_back(axis, system, &mut lines).map_err(|error| store_failure(&error))?;
    }
    lines.extend(repeated(axis, system, query, &listing));
    lines.truncate(query.max);
    let skew = axis.board.skew_seconds();
    let mut list: Vec<_> = lines.into_iter().map(|line| written(axis, line, skew)).collect::<Result<_, _>>()?;
    listing.shuffle(&mut list);
    Ok(list)
}

fn waiting(axis: &Axis, inbox: &AgencyCode, query: &ReceivedQuery) -> Result<Vec<Line>, StoreError> {
    let (mut lines, mut after) = (Vec::new(), ItemId::default());
    loop {
        let page = axis.store.inbox(&InboxQuery {
            agency: inbox.clone(),
            kind: query.message_type.map(kind),
            after,
            max: PAGE,
            now: clock::now(),
        })?;
        lines.extend(page.items.into_iter().filter(|item| in_days(item, query)).map(line));
        if !page.more || lines.len() >= query.max {
            return Ok(lines);
        }
        after = page.next;
    }
}

fn line(item: InboxItem) -> Line {
    Line { index: item.recipient.index, to: item.recipient.code, document: item.document }
}

const fn kind(message_type: MessageType) -> EntryKind {
    match message_type {
        MessageType::Edoc => EntryKind::Document,
        MessageType::Status => EntryKind::Status,
    }
}

fn in_days(item: &InboxItem, query: &ReceivedQuery) -> bool {
    if query.from_day.is_none() && query.to_day.is_none() {
        return true;
    }
    let Some(day) = clock::date_time(item.document.received_at, 0).map(|time| time.date()) else { return true };
    query.from_day.is_none_or(|from| day >= from) && query.to_day.is_none_or(|to| day <= to)
}

/// Leaves out documents about which a status waits: it comes first, they come once it is confirmed.
fn hold_back(axis: &Axis, system: &System, lines: &mut Vec<Line>) -> Result<(), StoreError> {
    let statuses = ReceivedQuery { message_type: Some(MessageType::Status), max: STATUSES_MAX, ..Default::default() };
    let mut about = BTreeSet::new();
    for inbox in Axis::inboxes(system) {
        let waiting = waiting(axis, &inbox, &statuses)?.into_iter().filter_map(|line| line.document.about);
        about.extend(waiting.map(|key| (key.sender.canonical().to_owned(), key.document_id)));
    }
    lines.retain(|line| {
        let key = (line.document.key.sender.canonical().to_owned(), line.document.key.document_id.clone());
        line.document.kind != EntryKind::Document || !about.contains(&key)
    });
    Ok(())
}

/// Confirmed packets that come once more.
fn repeated(axis: &Axis, system: &System, query: &ReceivedQuery, listing: &Listing) -> Vec<Line> {
    let known = axis.repeats().of(&system.id);
    let chosen = known.into_iter().filter(|(seq, index)| listing.repeats(seq.as_number(), *index));
    chosen
        .filter_map(|(seq, index)| {
            let document = axis.store.document(seq).ok()?;
            let wanted = query.message_type.is_none_or(|wanted| kind(wanted) == document.kind);
            let recipient = axis.store.recipients(seq, index, 1).ok()?.into_iter().next()?;
            wanted.then_some(Line { document, index, to: recipient.code })
        })
        .collect()
}

fn written(axis: &Axis, line: Line, skew: i64) -> Result<ReceivedEdoc, Failure> {
    let Line { document, index, to } = line;
    let tracking = axis.store.track(document.seq, index, 1).map_err(|error| store_failure(&error))?;
    let track = tracking.recipients.first();
    let (state, at) = track.map_or(("initial", document.received_at), |track| transfer(track, document.received_at));
    // A repeated delivery looks like one that was never confirmed.
    let state = if state == "done" { "initial" } else { state };
    Ok(ReceivedEdoc {
        doc_id: Id::of_receiver(document.exchange, index).to_string(),
        service_type: "eDoc".to_owned(),
        message_type: type_word(document.kind).to_owned(),
        created_time: clock::vietnam(document.received_at, skew),
        updated_time: clock::vietnam(at, skew),
        from: document.key.sender.to_string(),
        to: to.to_string(),
        status: state.to_owned(),
        status_desc: describe(state).to_owned(),
    })
}

const fn type_word(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Status => MessageType::Status.as_str(),
        EntryKind::Document | EntryKind::Receipt => MessageType::Edoc.as_str(),
    }
}

/// The state of a transfer and since when.
fn transfer(track: &RecipientTrack, accepted: UnixMillis) -> (&'static str, UnixMillis) {
    let mut found = ("initial", accepted);
    for event in &track.events {
        found = match (event.kind, event.text.as_str()) {
            (EventKind::Delivered, _) => ("done", event.at),
            (EventKind::Ordered, "processing") => ("processing", event.at),
            (EventKind::Ordered, "fail") => ("fail", event.at),
            _ => found,
        };
    }
    found
}

fn describe(state: &str) -> &'static str {
    match state {
        "processing" => "Đang xử lý (being fetched)",
        "done" => "Đã nhận (received)",
        "fail" => "Nhận lỗi, chờ lấy lại (failed, to be fetched again)",
        _ => "Chờ lấy (waiting)",
    }
}

/// How many packets of this type wait.
pub(super) fn count(axis: &Axis, system: &System, message_type: MessageType) -> Result<u64, Failure> {
    let mut count = 0;
    for agency in Axis::inboxes(system) {
        let mut after = ItemId::default();
        loop {
            let query = InboxQuery {
                agency: agency.clone(),
                kind: Some(kind(message_type)),
                after,
                max: PAGE,
                now: clock::now(),
            };
            let page = axis.store.inbox(&query).map_err(|error| store_failure(&error))?;
            count += u64::try_from(page.items.len()).unwrap_or(u64::MAX);
            if !page.more {
                break;
            }
            after = page.next;
        }
    }
    Ok(count)
}

/// What the system sent: one packet by its id, or the latest.
pub(super) fn sent(axis: &Axis, system: &System, query: &SentQuery) -> Result<Vec<SentEdoc>, Failure> {
    let failed = |error: StoreError| store_failure(&error);
    let mut lines = Vec::new();
    if let Some(doc_id) = &query.doc_id {
        let id: Id = doc_id.as_str().parse().map_err(|()| confirm::unknown(doc_id))?;
        let entries = axis.store.by_exchange(id.exchange).map_err(failed)?;
        let seq = *entries.first().ok_or_else(|| confirm::unknown(doc_id))?;
        let document = axis.store.document(seq).map_err(failed)?;
        if !is_of(&document, system) {
            return Err(confirm::unknown(doc_id));
        }
        sent_lines(axis, seq, query.max, &mut lines)?;
        return Ok(lines);
    }
    let filter = Query { kind: query.message_type.map(kind), ..Query::default() };
    let mut cursor = None;
    while lines.len() < query.max {
        let page = axis.store.list(&filter, cursor.as_ref(), PAGE).map_err(failed)?;
        for row in page.rows.iter().filter(|row| is_of(&row.document, system)) {
            if lines.len() < query.max {
                sent_lines(axis, row.document.seq, query.max - lines.len(), &mut lines)?;
            }
        }
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    Ok(lines)
}

fn is_of(document: &Document, system: &System) -> bool {
    matches!(&document.origin, Origin::Neighbour(origin) if origin.as_str() == system.id)
}

fn sent_lines(axis: &Axis, seq: Seq, max: usize, lines: &mut Vec<SentEdoc>) -> Result<(), Failure> {
    let skew = axis.board.skew_seconds();
    let tracking = axis.store.track(seq, 0, max).map_err(|error| store_failure(&error))?;
    let document = tracking.document;
    let summary = Summary::read(&document.summary);
    for track in &tracking.recipients {
        let (state, at) = transfer(track, document.received_at);
        let status = track.recipient.status;
        lines.push(SentEdoc {
            service_type: "eDoc".to_owned(),
            message_type: type_word(document.kind).to_owned(),
            sender_doc_id: Id::of_sender(document.exchange).to_string(),
            receiver_doc_id: Id::of_receiver(document.exchange, track.recipient.index).to_string(),
            from_code: document.key.sender.to_string(),
            to_code: track.recipient.code.to_string(),
            title: summary.title.clone(),
            notation: summary.notation.clone(),
            sent_time: clock::vietnam(document.received_at, skew),
            received_time: if state == "done" { clock::vietnam(at, skew) } else { String::new() },
            send_status: "done".to_owned(),
            send_status_desc: format!("Đã gửi (sent), ErrorCode {}", AxisCode::Success),
            receive_status: status.map_or_else(|| state.to_owned(), |status| status.to_string()),
            receive_status_desc: status
                .map_or_else(|| describe(state).to_owned(), |status| status.name_vi().to_owned()),
        });
    }
    Ok(())
}
