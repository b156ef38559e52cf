//! Looking at entries.

use types::{ExchangeId, UnixMillis};

use crate::engine::Walk;
use crate::entry_state::Entry;
use crate::record::rows::{EventRow, ReferenceRow, ReportRow};
use crate::shared::Shared;
use crate::{
    DocumentKey, Recipient, RecipientTrack, Report, ReportId, Seq, StoreError, StoredReceipt, TrackEvent, Tracking,
    convert, key, record,
};

/// Recipients, reports or entries in one answer at most.
const PAGE_MAX: usize = 1000;
/// Receipts in one answer at most: each may have 64 KiB.
const RECEIPTS_MAX: usize = 1000;
/// Bytes of proof in one page of recipients, after which the page ends early.
const PROOF_MAX: usize = 8 * 1024 * 1024;

/// A page of recipients.
pub(crate) fn recipients(shared: &Shared, seq: Seq, from: u32, max: usize) -> Result<Vec<Recipient>, StoreError> {
    let mut entry = Entry::load(&shared.guard, seq.as_number())?;
    let count = entry.count();
    (from..count).take(max.min(PAGE_MAX)).map(|index| entry.recipient(&shared.guard, index)).collect()
}

/// A page of recipients with their events.
pub(crate) fn track(shared: &Shared, seq: Seq, from: u32, max: usize) -> Result<Tracking, StoreError> {
    let mut entry = Entry::load(&shared.guard, seq.as_number())?;
    let (mut recipients, mut proof) = (Vec::new(), 0);
    for index in (from..entry.count()).take(max.min(PAGE_MAX)) {
        if proof > PROOF_MAX {
            break;
        }
        let recipient = entry.recipient(&shared.guard, index)?;
        let events = events(shared, seq.as_number(), index)?;
        proof += events.iter().map(|event| event.evidence.len()).sum::<usize>();
        recipients.push(RecipientTrack { recipient, events });
    }
    let next = recipients.last().map_or(from, |last| last.recipient.index + 1);
    Ok(Tracking { document: entry.document()?, recipients, next: (next < entry.count()).then_some(next) })
}

fn events(shared: &Shared, seq: u64, index: u32) -> Result<Vec<TrackEvent>, StoreError> {
    let range = key::events(seq, index).range();
    let found = record::collect(&shared.guard, &range, Walk::Forward, usize::MAX)?;
    let event =
        |(key, value): record::Pair| convert::event(&key, record::decode::<EventRow>(&shared.guard, &key, &value)?);
    found.into_iter().map(event).collect()
}

/// Every receipt kept with an entry.
pub(crate) fn receipts(shared: &Shared, seq: Seq) -> Result<Vec<StoredReceipt>, StoreError> {
    let entry = Entry::load(&shared.guard, seq.as_number())?;
    let at = UnixMillis::new(entry.row.received_at);
    let accepted = entry.row.receipts.iter().filter(|bytes| !bytes.is_empty());
    let mut receipts: Vec<StoredReceipt> =
        accepted.map(|bytes| StoredReceipt { seq, recipient: None, at, bytes: bytes.clone() }).collect();
    for index in 0..entry.count() {
        let code = convert::agency(&entry.key(), &entry.recipient_row(index)?.code)?;
        let with_proof = events(shared, seq.as_number(), index)?.into_iter().filter(|event| !event.evidence.is_empty());
        let receipt = |event: TrackEvent| StoredReceipt {
            seq,
            recipient: Some(code.clone()),
            at: event.at,
            bytes: event.evidence,
        };
        receipts.extend(with_proof.map(receipt));
        if receipts.len() >= RECEIPTS_MAX {
            break;
        }
    }
    Ok(receipts)
}

/// Entries of a sender's document id.
pub(crate) fn lookup(shared: &Shared, wanted: &DocumentKey) -> Result<Vec<Seq>, StoreError> {
    let range = key::references(wanted.sender.canonical(), wanted.document_id.as_str()).range();
    let found = record::collect(&shared.guard, &range, Walk::Forward, PAGE_MAX)?;
    let seq = |(key, value): record::Pair| {
        record::decode::<ReferenceRow>(&shared.guard, &key, &value).map(|row| Seq::new(row.seq))
    };
    let mut seqs = found.into_iter().map(seq).collect::<Result<Vec<Seq>, StoreError>>()?;
    seqs.sort_unstable();
    Ok(seqs)
}

/// Entries of an exchange.
pub(crate) fn by_exchange(shared: &Shared, exchange: ExchangeId) -> Result<Vec<Seq>, StoreError> {
    let range = key::exchange(exchange.as_bytes()).range();
    let found = record::collect(&shared.guard, &range, Walk::Forward, PAGE_MAX)?;
    Ok(found.iter().map(|(key, _)| Seq::new(key::last_number(key))).collect())
}

/// Outcomes that wait to be told.
pub(crate) fn reports(shared: &Shared, after: Option<ReportId>, max: usize) -> Result<Vec<Report>, StoreError> {
    let mut range = key::Key::of(key::Kind::Report).range();
    if let Some(ReportId(number)) = after {
        range.start = key::report(number.saturating_add(1));
    }
    let found = record::collect(&shared.guard, &range, Walk::Forward, max.min(PAGE_MAX))?;
    let report =
        |(key, value): record::Pair| convert::report(&key, &record::decode::<ReportRow>(&shared.guard, &key, &value)?);
    found.into_iter().map(report).collect()
}
