//! Rows to domain values and back. A row that makes no sense is damage, named by its key.

use std::str::FromStr;

use delivery::recall::Request;
use delivery::{Delivery, Snapshot, State};
use types::{AgencyCode, BusinessType, Digest, ErrorCode, ExchangeId, Lane, StatusCode, UnixMillis};

use crate::payload::Place;
use crate::record::rows::{
    ActRow, DocumentRow, EventRow, KeyRow, PayloadRow, PlanRow, RecipientRow, ReportRow, StateRow,
};
use crate::{
    Act, Concerned, Document, DocumentKey, EntryKind, EventKind, Origin, PayloadRef, Plan, RecipientId, Report,
    ReportId, ReportKind, Seq, StoreError, TrackEvent, key,
};

/// Says which record holds the odd value.
pub(crate) fn odd(record: &[u8], what: &str) -> StoreError {
    StoreError::Damaged { record: key::describe(record), reason: format!("its {what} makes no sense") }
}

fn text<T: FromStr>(record: &[u8], what: &str, text: &str) -> Result<T, StoreError> {
    text.parse().map_err(|_| odd(record, what))
}

/// A code as it was given: one that a registry lists verbatim stays one.
pub(crate) fn agency(record: &[u8], text: &str) -> Result<AgencyCode, StoreError> {
    text.parse().or_else(|_| AgencyCode::opaque(text)).map_err(|_| odd(record, "agency code"))
}

pub(crate) fn code(record: &[u8], text: &str) -> Result<Option<ErrorCode>, StoreError> {
    if text.is_empty() {
        return Ok(None);
    }
    ErrorCode::from_text(text).map(Some).ok_or_else(|| odd(record, "error code"))
}

pub(crate) fn code_text(code: Option<ErrorCode>) -> String {
    code.map_or_else(String::new, |code| code.as_str().to_owned())
}

pub(crate) const fn kind_number(kind: EntryKind) -> u32 {
    match kind {
        EntryKind::Document => 0,
        EntryKind::Status => 1,
        EntryKind::Receipt => 2,
    }
}

pub(crate) fn kind(record: &[u8], number: u32) -> Result<EntryKind, StoreError> {
    match number {
        0 => Ok(EntryKind::Document),
        1 => Ok(EntryKind::Status),
        2 => Ok(EntryKind::Receipt),
        _ => Err(odd(record, "kind")),
    }
}

pub(crate) fn lane(record: &[u8], number: u32) -> Result<Lane, StoreError> {
    u8::try_from(number).ok().and_then(Lane::from_number).ok_or_else(|| odd(record, "lane"))
}

pub(crate) fn business(record: &[u8], number: u32) -> Result<BusinessType, StoreError> {
    u8::try_from(number).ok().and_then(BusinessType::from_number).ok_or_else(|| odd(record, "business type"))
}

pub(crate) fn key_row(key: &DocumentKey) -> KeyRow {
    KeyRow { sender: key.sender.as_str().to_owned(), document_id: key.document_id.as_str().to_owned() }
}

pub(crate) fn document_key(record: &[u8], row: &KeyRow) -> Result<DocumentKey, StoreError> {
    let document_id = text(record, "document id", &row.document_id)?;
    Ok(DocumentKey { sender: agency(record, &row.sender)?, document_id })
}

pub(crate) fn act_row(act: &Act) -> ActRow {
    let (concerned, codes) = match &act.concerned {
        Concerned::All => (0, None),
        Concerned::Only(codes) => (1, Some(codes)),
        Concerned::AllBut(codes) => (2, Some(codes)),
    };
    ActRow {
        earlier: key_row(&act.earlier),
        request: match act.request {
            Request::Withdraw => 1,
            Request::Supersede => 2,
            Request::Amend => 3,
        },
        concerned,
        codes: codes.into_iter().flatten().map(|code| code.as_str().to_owned()).collect(),
        text: act.text.clone(),
    }
}

pub(crate) fn act(record: &[u8], row: &ActRow) -> Result<Act, StoreError> {
    let codes = row.codes.iter().map(|code| agency(record, code)).collect::<Result<_, _>>()?;
    Ok(Act {
        earlier: document_key(record, &row.earlier)?,
        request: match row.request {
            1 => Request::Withdraw,
            2 => Request::Supersede,
            3 => Request::Amend,
            _ => return Err(odd(record, "request")),
        },
        concerned: match row.concerned {
            0 => Concerned::All,
            1 => Concerned::Only(codes),
            2 => Concerned::AllBut(codes),
            _ => return Err(odd(record, "list of concerned recipients")),
        },
        text: row.text.clone(),
    })
}

pub(crate) fn payload_row(payload: &PayloadRef) -> PayloadRow {
    let (inline, in_record) = match &payload.place {
        Place::File => (None, false),
        Place::Row(bytes) => (Some(bytes.clone()), false),
        Place::Record(_) => (None, true),
    };
    PayloadRow { digest: payload.digest.as_bytes().to_vec(), length: payload.length, inline, in_record }
}

pub(crate) fn digest(record: &[u8], bytes: &[u8]) -> Result<Digest, StoreError> {
    Digest::try_from(bytes).map_err(|_| odd(record, "digest"))
}

/// A payload, whose own record is at `own` if it has one.
pub(crate) fn payload(record: &[u8], row: &PayloadRow, own: Vec<u8>) -> Result<PayloadRef, StoreError> {
    let place = match (&row.inline, row.in_record) {
        (Some(bytes), _) => Place::Row(bytes.clone()),
        (None, true) => Place::Record(own),
        (None, false) => Place::File,
    };
    Ok(PayloadRef { digest: digest(record, &row.digest)?, length: row.length, place })
}

pub(crate) fn plan(record: &[u8], row: &PlanRow) -> Result<Plan, StoreError> {
    if !row.hop.is_empty() {
        return text(record, "next hop", &row.hop).map(Plan::Hop);
    }
    if !row.inbox.is_empty() {
        return agency(record, &row.inbox).map(Plan::Inbox);
    }
    let code = code(record, &row.returned)?.ok_or_else(|| odd(record, "plan"))?;
    Ok(Plan::Returned { code })
}

pub(crate) fn document(record: &[u8], seq: u64, row: &DocumentRow) -> Result<Document, StoreError> {
    let origin = if row.origin_neighbour.is_empty() {
        Origin::Local(text(record, "origin", &row.origin_system)?)
    } else {
        Origin::Neighbour(text(record, "origin", &row.origin_neighbour)?)
    };
    Ok(Document {
        seq: Seq::new(seq),
        exchange: ExchangeId::try_from(row.exchange.as_slice()).map_err(|_| odd(record, "exchange id"))?,
        kind: kind(record, row.kind)?,
        key: document_key(record, &row.key)?,
        business: business(record, row.business)?,
        lane: lane(record, row.lane)?,
        due: (row.due > 0).then_some(UnixMillis::new(row.due)),
        received_at: UnixMillis::new(row.received_at),
        content: payload(record, &row.content, key::content(seq))?,
        side: payload(record, &row.side, key::side(seq))?,
        summary: row.summary.clone(),
        origin,
        hops: row.hops.iter().map(|hop| text(record, "hop", hop)).collect::<Result<_, _>>()?,
        about: row.about.as_ref().map(|about| document_key(record, about)).transpose()?,
        recipients: u32::try_from(row.recipients.len()).map_err(|_| odd(record, "number of recipients"))?,
        receipt: row.receipts.first().cloned().unwrap_or_default(),
        purged_at: (row.purged_at > 0).then_some(UnixMillis::new(row.purged_at)),
        held_from: row.held_from,
    })
}

/// The delivery of a recipient that nothing has happened to.
pub(crate) fn untouched(document: &DocumentRow, recipient: &RecipientRow) -> Delivery {
    if recipient.accepted_at > 0 {
        return Delivery::new(UnixMillis::new(recipient.accepted_at), UnixMillis::new(recipient.expires_at));
    }
    Delivery::new(UnixMillis::new(document.received_at), UnixMillis::new(document.expires_at))
}

pub(crate) fn delivery(record: &[u8], row: &StateRow) -> Result<Delivery, StoreError> {
    let state = u8::try_from(row.state).ok().and_then(State::from_number).ok_or_else(|| odd(record, "state"))?;
    let snapshot = Snapshot {
        state,
        attempts: row.attempts,
        next_at: UnixMillis::new(row.next_at),
        expires_at: UnixMillis::new(row.expires_at),
        code: code(record, &row.code)?,
        changed_at: UnixMillis::new(row.changed_at),
    };
    Delivery::from_snapshot(snapshot)
        .map_err(|error| StoreError::Damaged { record: key::describe(record), reason: error.to_string() })
}

pub(crate) fn write_delivery(row: &mut StateRow, delivery: &Delivery) {
    let Snapshot { state, attempts, next_at, expires_at, code, changed_at } = delivery.snapshot();
    row.state = u32::from(state.as_number());
    row.attempts = attempts;
    row.next_at = next_at.as_millis();
    row.expires_at = expires_at.as_millis();
    row.code = code_text(code);
    row.changed_at = changed_at.as_millis();
}

/// `None` when no status was recorded.
pub(crate) fn status(record: &[u8], number: u32) -> Result<Option<StatusCode>, StoreError> {
    if number == 0 {
        return Ok(None);
    }
    u8::try_from(number).ok().and_then(StatusCode::from_number).map(Some).ok_or_else(|| odd(record, "status"))
}

pub(crate) fn event_row(event: &TrackEvent) -> EventRow {
    let (kind, status) = match event.kind {
        EventKind::Accepted => (0, 0),
        EventKind::Delivered => (1, 0),
        EventKind::Refused => (2, 0),
        EventKind::Failed => (3, 0),
        EventKind::Returned => (4, 0),
        EventKind::Parked => (5, 0),
        EventKind::Ordered => (6, 0),
        EventKind::Status(status) => (7, u32::from(status.as_number())),
        EventKind::Receipt => (8, 0),
        EventKind::Acted(business) => (9, u32::from(business.as_number())),
        EventKind::Reported => (10, 0),
        EventKind::AtRisk => (11, 0),
    };
    EventRow {
        at: event.at.as_millis(),
        kind,
        status,
        code: code_text(event.code),
        text: event.text.clone(),
        evidence: event.evidence.clone(),
        flagged: event.flagged,
    }
}

pub(crate) fn event(record: &[u8], row: EventRow) -> Result<TrackEvent, StoreError> {
    let kind = match row.kind {
        0 => EventKind::Accepted,
        1 => EventKind::Delivered,
        2 => EventKind::Refused,
        3 => EventKind::Failed,
        4 => EventKind::Returned,
        5 => EventKind::Parked,
        6 => EventKind::Ordered,
        7 => EventKind::Status(status(record, row.status)?.ok_or_else(|| odd(record, "status"))?),
        8 => EventKind::Receipt,
        9 => EventKind::Acted(business(record, row.status)?),
        10 => EventKind::Reported,
        11 => EventKind::AtRisk,
        _ => return Err(odd(record, "event kind")),
    };
    Ok(TrackEvent {
        at: UnixMillis::new(row.at),
        kind,
        code: code(record, &row.code)?,
        text: row.text,
        evidence: row.evidence,
        flagged: row.flagged,
    })
}

pub(crate) fn report(record: &[u8], row: &ReportRow) -> Result<Report, StoreError> {
    let about = match code(record, &row.code)? {
        Some(returned) => ReportKind::Returned { code: returned, cause: code(record, &row.cause)? },
        None if row.started => ReportKind::Consigned,
        None => ReportKind::Delivered,
    };
    Ok(Report {
        id: ReportId(key::last_number(record)),
        recipient: RecipientId { seq: Seq::new(row.seq), index: row.index },
        code: agency(record, &row.recipient)?,
        at: UnixMillis::new(row.at),
        about,
    })
}
