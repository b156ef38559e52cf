//! The inbox: looking, leasing, confirming.

use delivery::{Event, State};
use types::{AgencyCode, SystemId, UnixMillis};

use crate::batch::Tx;
use crate::deliveries;
use crate::engine::Walk;
use crate::entry_state::Entry;
use crate::leases::ItemLease;
use crate::record;
use crate::record::rows::ItemRow;
use crate::shared::{Shared, locked};
use crate::{
    Confirm, Confirmed, EntryKind, EventKind, Holder, InboxItem, InboxPage, InboxQuery, ItemId, LeaseToken,
    RecipientId, Seq, StoreError, TrackEvent, convert, key,
};

/// Items of one page at most.
const PAGE_MAX: usize = 1000;
/// Entries of the index looked at for one page, so that a filter cannot turn a page into a walk.
const LOOKS_MAX: usize = 4000;

/// Items that wait.
pub(crate) fn inbox(shared: &Shared, query: &InboxQuery) -> Result<InboxPage, StoreError> {
    let agency = query.agency.canonical();
    let mut range = key::Key::of(key::Kind::Inbox).text(agency).range();
    range.start = key::inbox(agency, query.after.0.saturating_add(1));
    let looks = if query.kind.is_some() { LOOKS_MAX } else { query.max.min(PAGE_MAX) };
    let found = record::collect(&shared.guard, &range, Walk::Forward, looks)?;
    let mut page = InboxPage { items: Vec::new(), next: query.after, more: found.len() == looks };
    for (place, value) in found {
        if page.items.len() >= query.max.min(PAGE_MAX) {
            page.more = true;
            break;
        }
        page.next = ItemId(key::last_number(&place));
        let row: ItemRow = record::decode(&shared.guard, &place, &value)?;
        if query.kind.is_some_and(|kind| convert::kind_number(kind) != row.kind) {
            continue;
        }
        match item(shared, page.next, &row, agency, query.now) {
            Ok(item) => page.items.push(item),
            Err(error) => error.skip_if_damaged("an inbox item is left out")?,
        }
    }
    Ok(page)
}

/// How many items of a kind wait.
pub(crate) fn count(shared: &Shared, agency: &AgencyCode, kind: EntryKind) -> Result<u64, StoreError> {
    let kind = convert::kind_number(kind);
    let mut range = key::Key::of(key::Kind::Inbox).text(agency.canonical()).range();
    let mut count = 0;
    loop {
        let found = record::collect(&shared.guard, &range, Walk::Forward, LOOKS_MAX)?;
        for (place, value) in &found {
            let row: ItemRow = record::decode(&shared.guard, place, value)?;
            count += u64::from(row.kind == kind);
        }
        match found.last() {
            Some((last, _)) if found.len() == LOOKS_MAX => range.start = key::after(last),
            _ => return Ok(count),
        }
    }
}

fn item(shared: &Shared, id: ItemId, row: &ItemRow, agency: &str, now: UnixMillis) -> Result<InboxItem, StoreError> {
    let mut entry = Entry::load(&shared.guard, row.seq)?;
    let held_by = locked(&shared.items)
        .of(agency, id.0)
        .filter(|lease| lease.until > now)
        .map(|lease| Holder { system: lease.holder.clone(), until: lease.until });
    let recipient = entry.recipient(&shared.guard, row.index)?;
    Ok(InboxItem { id, document: entry.document()?, recipient, held_by })
}

/// Leases one item.
pub(crate) fn lease(
    shared: &Shared,
    agency: &AgencyCode,
    item: ItemId,
    holder: &SystemId,
    until: UnixMillis,
    now: UnixMillis,
) -> Result<LeaseToken, StoreError> {
    let agency = agency.canonical();
    // Looked up under the lock: a confirmation ends the lease only after its commit.
    let mut leases = locked(&shared.items);
    if shared.guard.get(&key::inbox(agency, item.0))?.is_none() {
        return Err(StoreError::NotFound { what: "the item" });
    }
    let token = shared.fence();
    leases.take(agency, item.0, ItemLease { token, holder: holder.clone(), until }, now)?;
    Ok(LeaseToken(token))
}

/// Notes that the content is about to be read for this recipient.
pub(crate) fn read(shared: &Shared, seq: Seq, index: u32) -> Result<(), StoreError> {
    // Looked up under the lock: a recall bars the item first and is committed before the bar falls.
    let mut leases = locked(&shared.items);
    let mut entry = Entry::load(&shared.guard, seq.as_number())?;
    let delivery = entry.delivery(&shared.guard, index)?;
    if delivery.code().filter(|_| delivery.state() == State::Returned).is_some_and(delivery::recall::is_recall) {
        return Err(StoreError::NotFound { what: "the item" });
    }
    if entry.is_held(index) {
        return Err(StoreError::NotFound { what: "the item" });
    }
    let plan = entry.plan(&shared.guard, index)?;
    // What waits no longer needs no note.
    if plan.inbox.is_empty() || delivery.state().is_final() {
        return Ok(());
    }
    leases.see(plan.item)
}

/// Confirms one item. Runs within a batch.
pub(crate) fn confirm(tx: &mut Tx<'_>, confirm: Confirm) -> Result<Confirmed, StoreError> {
    let Confirm { agency, item, token, now, evidence } = confirm;
    let agency = agency.canonical();
    let Some(row) = record::read::<ItemRow>(tx, &key::inbox(agency, item.0))? else {
        let ended = key::confirmed(agency, item.0);
        let row: ItemRow = record::read(tx, &ended)?.ok_or(StoreError::NotFound { what: "the item" })?;
        let delivery = Entry::load(tx, row.seq)?.delivery(tx, row.index)?;
        let recipient = RecipientId { seq: Seq::new(row.seq), index: row.index };
        return Ok(Confirmed::Already { recipient, state: delivery.state(), at: delivery.changed_at() });
    };
    if !locked(&tx.shared.items).may_confirm(agency, item.0, token.map(LeaseToken::as_number), now) {
        return Err(StoreError::LeaseLost);
    }
    let mut entry = Entry::load(tx, row.seq)?;
    let track = deliveries::event(now, EventKind::Delivered, None);
    deliveries::append(tx, &mut entry, row.index, TrackEvent { evidence, ..track })?;
    deliveries::step(tx, &mut entry, row.index, Event::Consigned, now)?;
    deliveries::note_if_settled(tx, &mut entry, now)?;
    Ok(Confirmed::Now)
}

/// Appends an event that came from outside. Runs within a batch.
pub(crate) fn record_event(
    tx: &mut Tx<'_>,
    seq: u64,
    recipient: &AgencyCode,
    event: TrackEvent,
) -> Result<(), StoreError> {
    let mut entry = Entry::load(tx, seq)?;
    let index = entry.index_of(recipient.canonical())?.ok_or(StoreError::NotFound { what: "the recipient" })?;
    let recorded = entry.state_or_new(tx, index)?.events;
    if recorded >= deliveries::EVENTS_MAX {
        return Err(StoreError::TooLarge { what: "the list of events", length: recorded.into(), max: recorded.into() });
    }
    deliveries::append(tx, &mut entry, index, event)
}
