//! Returning what is past its time to live.

use delivery::{Event, State};
use types::UnixMillis;

use crate::batch::Tx;
use crate::deliveries;
use crate::engine::Walk;
use crate::entry_state::Entry;
use crate::operations::hold;
use crate::record;
use crate::shared::locked;
use crate::{Change, StoreError, key, queue_order};

/// Entries looked at in one call at most: one operation must not hold up a batch for long.
const ENTRIES_MAX: usize = 256;

/// Runs within a batch.
pub(crate) fn expire(tx: &mut Tx<'_>, now: UnixMillis, max: usize) -> Result<Vec<Change>, StoreError> {
    let range = key::expiry(0, 0)..key::expiry(now.as_millis().saturating_add(1), 0);
    let mut changes = Vec::new();
    for (found, _) in record::collect(tx, &range, Walk::Forward, max.min(ENTRIES_MAX))? {
        let seq = key::last_number(&found);
        tx.delete(found);
        match expire_one(tx, seq, now) {
            Ok(changed) => changes.extend(changed),
            // A damaged entry must not keep the others alive for ever.
            Err(error) => error.skip_if_damaged("an entry past its time is left out")?,
        }
    }
    Ok(changes)
}

fn expire_one(tx: &mut Tx<'_>, seq: u64, now: UnixMillis) -> Result<Vec<Change>, StoreError> {
    let mut entry = Entry::load(tx, seq)?;
    let (mut changes, mut hops, mut next) = (Vec::new(), std::collections::BTreeSet::new(), None::<UnixMillis>);
    if entry.row.held_from.is_some() {
        (changes, next) = hold::expire(tx, &mut entry, now)?;
    }
    for index in 0..entry.count() {
        if entry.is_held(index) {
            continue;
        }
        let delivery = entry.delivery(tx, index)?;
        if delivery.state().is_final() || delivery.state() == State::Parked(delivery::ParkReason::Held) {
            continue;
        }
        let hop = entry.plan(tx, index)?.hop;
        if hop.is_empty() {
            // Consigned: it lies in its agency's inbox, and nobody takes it out of there but the agency.
            continue;
        }
        let under_way = locked(&tx.shared.transmissions).of(&hop, seq).map(|lease| lease.current.until);
        let look_at = match under_way.filter(|until| *until > now) {
            // Whoever is sending it has until the end of its lease.
            Some(until) => until.max(delivery.expires_at()),
            None => delivery.expires_at(),
        };
        if look_at > now {
            next = Some(next.map_or(look_at, |next| next.min(look_at)));
            continue;
        }
        if let Some(change) = deliveries::step(tx, &mut entry, index, Event::TtlPassed, now)? {
            changes.push(change);
            if !hop.is_empty() {
                hops.insert(hop);
            }
        }
    }
    for hop in hops {
        queue_order::refresh(tx, &mut entry, &hop)?;
    }
    if let Some(next) = next {
        tx.mark(&key::expiry(next.as_millis(), seq))?;
    } else if !changes.is_empty() {
        deliveries::note_if_settled(tx, &mut entry, now)?;
    }
    Ok(changes)
}
