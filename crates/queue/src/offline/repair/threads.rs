//! Threads: lists of transmissions towards one hop, whose first one is due.

use std::collections::{BTreeMap, BTreeSet};

use super::Work;
use crate::check::walk_kind;
use crate::engine::guard::Guard;
use crate::entry_state::Entry;
use crate::key::{self, Kind};
use crate::queue_order::{Place, Transmission};
use crate::record::rows::NumberRow;
use crate::{StoreError, convert, indexes, record};

/// Makes the lists again that do not hold together; memory depends on those, not on all.
pub(super) fn mend(work: &mut Work<'_>) -> Result<(), StoreError> {
    let guard = work.guard();
    let mut broken: BTreeSet<Vec<u8>> = BTreeSet::new();
    each(guard, &mut |found| {
        let thread = thread_of(guard, found)?;
        if !is_whole(guard, found, &thread)? {
            broken.insert(thread);
        }
        Ok(())
    })?;
    walk_kind(guard, Kind::Thread as u8, &mut |key, value| {
        let last = record::decode::<NumberRow>(guard, key, value)?.number;
        let is_there = match hop_of(key) {
            Some(hop) => Transmission::load(guard, last, hop)?.is_some(),
            None => false,
        };
        if !is_there {
            broken.insert(key.to_vec());
        }
        Ok(())
    })?;
    let mut members: BTreeMap<Vec<u8>, Vec<Transmission>> = BTreeMap::new();
    each(guard, &mut |found| {
        let thread = thread_of(guard, found)?;
        if broken.contains(&thread)
            && let Some(found) = Transmission::load(guard, found.seq, &found.hop)?
        {
            members.entry(thread).or_default().push(found);
        }
        Ok(())
    })?;
    for thread in broken {
        link(work, &thread, members.remove(&thread).unwrap_or_default())?;
    }
    work.apply()
}

fn each(guard: &Guard, visit: &mut dyn FnMut(&Transmission) -> Result<(), StoreError>) -> Result<(), StoreError> {
    walk_kind(guard, Kind::Transmission as u8, &mut |key, _| {
        let (seq, hop) = indexes::transmission_of(key).ok_or_else(|| convert::odd(key, "key"))?;
        Transmission::load(guard, seq, hop)?.map_or(Ok(()), |found| visit(&found))
    })
}

fn thread_of(guard: &Guard, found: &Transmission) -> Result<Vec<u8>, StoreError> {
    let (sender, document_id) = Entry::load(guard, found.seq)?.thread()?;
    Ok(key::thread(&sender, &document_id, &found.hop))
}

/// The last of the three texts in a thread's key.
fn hop_of(key: &[u8]) -> Option<&str> {
    std::str::from_utf8(key.get(1..key.len().checked_sub(1)?)?.rsplit(|byte| *byte == 0).next()?).ok()
}

fn is_whole(guard: &Guard, found: &Transmission, thread: &[u8]) -> Result<bool, StoreError> {
    let (previous, next) = (found.row.previous, found.row.next);
    let fits = match found.place {
        Place::Due => previous == 0,
        Place::Blocked => previous > 0,
        Place::Parked => true,
    };
    let leads_here = previous == 0
        || Transmission::load(guard, previous, &found.hop)?.is_some_and(|other| other.row.next == found.seq);
    let leads_back = if next > 0 {
        Transmission::load(guard, next, &found.hop)?.is_some_and(|other| other.row.previous == found.seq)
    } else {
        record::read::<NumberRow>(guard, thread)?.is_some_and(|row| row.number == found.seq)
    };
    Ok(fits && leads_here && leads_back)
}

/// Links the members in the order in which they came.
fn link(work: &mut Work<'_>, thread: &[u8], mut members: Vec<Transmission>) -> Result<(), StoreError> {
    members.sort_by_key(|member| (member.row.accepted_at, member.seq));
    let order: Vec<u64> = members.iter().map(|member| member.seq).collect();
    let Some(last) = order.last() else { return work.delete(thread.to_vec()) };
    work.put(record::values(thread, &NumberRow { number: *last })?)?;
    for (place, mut member) in members.into_iter().enumerate() {
        member.row.previous = place.checked_sub(1).and_then(|before| order.get(before)).copied().unwrap_or(0);
        member.row.next = order.get(place + 1).copied().unwrap_or(0);
        if member.place != Place::Parked {
            let new = if place == 0 { Place::Due } else { Place::Blocked };
            member.row.place = new.as_number();
        }
        work.put(record::values(&key::transmission(member.seq, &member.hop), &member.row)?)?;
    }
    work.repaired.written += 1;
    Ok(())
}
