//! What follows from an entry: its index records, so that a check can miss them and a repair can write them again.

use delivery::State;

use crate::entry_state::Entry;
use crate::key::{self, Kind};
use crate::queue_order::{Place, Transmission};
use crate::record::rows::{EmptyRow, HoldRow, ItemRow, NumberRow, ReferenceRow};
use crate::record::{self, Pair, View};
use crate::{EntryKind, StoreError, convert};

/// The index records that an entry and its hold call for; those of its transmissions are [`of_transmission`].
///
/// Not among them is the mark of its time to live, whose time may follow a lease: [`expiry`].
pub(crate) fn of_entry(view: &dyn View, entry: &mut Entry) -> Result<Vec<Pair>, StoreError> {
    let mut pairs = of_document(entry)?;
    let mut has_ended = entry.count() > 0;
    let mut ended_at = 0;
    for index in 0..entry.count() {
        of_recipient(view, entry, index, &mut pairs)?;
        let delivery = entry.delivery(view, index)?;
        has_ended &= delivery.state().is_final();
        ended_at = ended_at.max(delivery.changed_at().as_millis());
    }
    if has_ended && entry.row.purged_at == 0 {
        pairs.extend(mark(&key::settled(ended_at, entry.seq))?);
    }
    if entry.row.held_from.is_some()
        && let Some(row) = record::read::<HoldRow>(view, &key::hold(entry.seq))?
    {
        pairs.extend(of_hold(entry, &row)?);
    }
    Ok(pairs)
}

fn of_document(entry: &Entry) -> Result<Vec<Pair>, StoreError> {
    let (record, seq) = (entry.key(), entry.seq);
    let document = entry.document()?;
    let (sender, digest) = (entry.sender()?, document.content.digest);
    let reference = key::references(&sender, document.key.document_id.as_str());
    let reference = match document.kind {
        EntryKind::Document => reference.byte(0).byte(document.business.as_number()),
        EntryKind::Status => reference.byte(1).bytes(digest.as_bytes()),
        EntryKind::Receipt => reference.byte(2).bytes(digest.as_bytes()),
    };
    let mut pairs = record::values(&reference.done(), &ReferenceRow { seq, digest: digest.as_bytes().to_vec() })?;
    pairs.extend(mark(&key::exchange(document.exchange.as_bytes()).number(seq).done())?);
    pairs.extend(mark(&key::sent(&sender, document.received_at.as_millis(), seq))?);
    let side = convert::payload(&record, &entry.row.side, key::side(seq))?;
    // What was purged is no file of this entry any more, unless its envelope has the same bytes.
    let content = document.purged_at.is_none().then_some(&document.content);
    for payload in content.into_iter().chain([&side]).filter(|payload| payload.is_file()) {
        pairs.extend(mark(&key::payload(&payload.digest).number(seq).done())?);
    }
    Ok(pairs)
}

fn of_recipient(view: &dyn View, entry: &mut Entry, index: u32, pairs: &mut Vec<Pair>) -> Result<(), StoreError> {
    let state = entry.delivery(view, index)?.state();
    if matches!(state, State::Parked(_)) {
        pairs.extend(mark(&key::parked(entry.seq, index))?);
    }
    let plan = entry.plan(view, index)?;
    if plan.inbox.is_empty() || plan.item == 0 || entry.is_held(index) {
        return Ok(());
    }
    let agency = convert::agency(&entry.key(), &plan.inbox)?.canonical().to_owned();
    let item = ItemRow { seq: entry.seq, index, kind: entry.row.kind };
    let waits = matches!(state, State::Waiting | State::Sending);
    let place = if waits { key::inbox(&agency, plan.item) } else { key::confirmed(&agency, plan.item) };
    pairs.extend(record::values(&place, &item)?);
    pairs.extend(record::values(&key::received(&agency, entry.row.received_at, plan.item), &item)?);
    Ok(())
}

fn of_hold(entry: &Entry, row: &HoldRow) -> Result<Vec<Pair>, StoreError> {
    let (seq, (sender, document_id)) = (entry.seq, entry.thread()?);
    let place = key::hold_thread(&sender, &document_id).number(row.number).done();
    let mut pairs = record::values(&place, &NumberRow { number: seq })?;
    pairs.extend(mark(&key::hold_sender(&entry.sender()?).number(seq).done())?);
    pairs.extend(mark(&key::hold_due(row.until, seq))?);
    pairs.extend(mark(&key::expiry(row.until, seq))?);
    if row.ready {
        pairs.extend(mark(&key::hold_ready(seq))?);
    }
    Ok(pairs)
}

/// The index record of a transmission that is due.
pub(crate) fn of_transmission(found: &Transmission) -> Result<Vec<Pair>, StoreError> {
    if found.place != Place::Due {
        return Ok(Vec::new());
    }
    record::values(&found.due_key(), &found.due_row())
}

/// Those among [`of_entry`] that could be of this kind, and of this recipient.
pub(crate) fn of_kind(
    view: &dyn View,
    entry: &mut Entry,
    kind: Kind,
    index: Option<u32>,
) -> Result<Vec<Pair>, StoreError> {
    match (kind, index) {
        (Kind::Reference | Kind::Exchange | Kind::Sent, _) => of_document(entry),
        (Kind::Inbox | Kind::Parked, Some(index)) if index < entry.count() => {
            let mut pairs = Vec::new();
            of_recipient(view, entry, index, &mut pairs)?;
            Ok(pairs)
        }
        _ => of_entry(view, entry),
    }
}

/// A mark at which the time to live of what waits is looked at; `None` when nothing does. Nothing ever takes a consigned
/// document out of an inbox for its age, so an inbox does not count.
pub(crate) fn expiry(view: &dyn View, entry: &mut Entry) -> Result<Option<Vec<u8>>, StoreError> {
    let mut first = None::<u64>;
    for index in 0..entry.count() {
        let delivery = entry.delivery(view, index)?;
        let is_held_back = matches!(delivery.state(), State::Parked(delivery::ParkReason::Held));
        if entry.is_held(index)
            || !(delivery.state().is_final() || is_held_back || entry.plan(view, index)?.hop.is_empty())
        {
            let at = delivery.expires_at().as_millis();
            first = Some(first.map_or(at, |first| first.min(at)));
        }
    }
    Ok(first.map(|at| key::expiry(at, entry.seq)))
}

/// Next hops that an entry needs a transmission for.
pub(crate) fn hops(view: &dyn View, entry: &mut Entry) -> Result<std::collections::BTreeSet<String>, StoreError> {
    let mut hops = std::collections::BTreeSet::new();
    for index in 0..entry.count() {
        if !entry.is_held(index) && !entry.delivery(view, index)?.state().is_final() {
            hops.insert(entry.plan(view, index)?.hop);
        }
    }
    hops.remove("");
    Ok(hops)
}

/// Whether a record only serves to find others, and must be called for by one of them.
pub(crate) const fn is_strict(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Ready
            | Kind::Retry
            | Kind::Due
            | Kind::Parked
            | Kind::HoldThread
            | Kind::HoldSender
            | Kind::HoldDue
            | Kind::HoldReady
            | Kind::Inbox
            | Kind::Reference
            | Kind::Exchange
            | Kind::Sent
    )
}

/// The entry that a record belongs to; `None` for those of the store as a whole.
pub(crate) fn entry_of(view: &dyn View, key: &[u8], value: &[u8]) -> Result<Option<u64>, StoreError> {
    let Some(kind) = Kind::of(key) else { return Ok(None) };
    Ok(Some(match kind {
        Kind::Meta | Kind::Stat | Kind::Part | Kind::Thread => return Ok(None),
        Kind::Document | Kind::State | Kind::Event | Kind::Transmission | Kind::Content | Kind::Side => {
            key.get(1..9).and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_be_bytes)
        }
        Kind::Parked => key::number_before(key, 4),
        Kind::Note => key::number_before(key, 8),
        Kind::Inbox | Kind::Received | Kind::Confirmed => record::decode::<ItemRow>(view, key, value)?.seq,
        Kind::Reference => record::decode::<ReferenceRow>(view, key, value)?.seq,
        Kind::HoldThread => record::decode::<NumberRow>(view, key, value)?.number,
        Kind::Report => record::decode::<crate::record::rows::ReportRow>(view, key, value)?.seq,
        Kind::Due
        | Kind::Ready
        | Kind::Retry
        | Kind::Deadline
        | Kind::Expiry
        | Kind::Hold
        | Kind::HoldSender
        | Kind::HoldDue
        | Kind::HoldReady
        | Kind::Sent
        | Kind::Exchange
        | Kind::Payload
        | Kind::Settled => key::last_number(key),
    }))
}

/// The entry and the hop in a transmission's key.
pub(crate) fn transmission_of(key: &[u8]) -> Option<(u64, &str)> {
    let seq = key.get(1..9)?.try_into().ok().map(u64::from_be_bytes)?;
    Some((seq, std::str::from_utf8(key.get(9..key.len().checked_sub(1)?)?).ok()?))
}

/// The next hop in the key of an index of due ones.
pub(crate) fn hop_of(key: &[u8]) -> String {
    let hop: Vec<u8> = key.iter().skip(1).take_while(|byte| **byte != 0).copied().collect();
    String::from_utf8_lossy(&hop).into_owned()
}

fn mark(key: &[u8]) -> Result<Vec<Pair>, StoreError> {
    record::values(key, &EmptyRow {})
}
