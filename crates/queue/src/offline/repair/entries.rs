//! Entries and what belongs to them: whole, or set aside.

use std::collections::BTreeMap;

use delivery::State;
use types::{ErrorCode, UnixMillis};

use super::Work;
use crate::check::{Scope, walk_kind};
use crate::engine::Walk;
use crate::entry_state::Entry;
use crate::key::{self, Key, Kind};
use crate::queue_order::Place;
use crate::record::rows::{BytesRow, EventRow, HoldRow, NoteRow, StateChunkRow, StateRow, TransmissionRow};
use crate::record::{self, Pair};
use crate::{EventKind, StoreError, TrackEvent, convert, indexes};

/// Kinds that stand for something of their own, in the order in which they are looked at.
const OWN: [Kind; 14] = [
    Kind::Document,
    Kind::Content,
    Kind::Side,
    Kind::State,
    Kind::Event,
    Kind::Hold,
    Kind::Note,
    Kind::Transmission,
    Kind::Report,
    Kind::Received,
    Kind::Confirmed,
    Kind::Payload,
    Kind::Settled,
    Kind::Deadline,
];

pub(super) fn mend(work: &mut Work<'_>) -> Result<(), StoreError> {
    for kind in OWN.into_iter().chain([Kind::Expiry]) {
        let scope = work.scope;
        walk_kind(scope.guard, kind as u8, &mut |key, value| match fault_of(scope, kind, key, value)? {
            Some(reason) => {
                if kind == Kind::Document {
                    work.lost(key::describe(key), reason.clone());
                }
                work.take_out(key, value, &reason)
            }
            None => Ok(()),
        })?;
        work.apply()?;
    }
    drop_parts(work)?;
    let guard = work.guard();
    walk_kind(guard, Kind::Document as u8, &mut |key, _| mend_entry(work, key::last_number(key)))?;
    work.apply()
}

/// Why a record cannot stay, `None` when it can.
fn fault_of(scope: Scope<'_>, kind: Kind, key: &[u8], value: &[u8]) -> Result<Option<String>, StoreError> {
    let read = decode(scope, kind, key, value).and_then(|()| {
        let seq = indexes::entry_of(scope.guard, key, value)?;
        seq.map_or(Ok(()), |seq| Entry::load(scope.guard, seq).map(drop))
    });
    match read {
        Ok(()) => Ok(None),
        Err(error @ (StoreError::Damaged { .. } | StoreError::NotFound { .. })) => Ok(Some(error.to_string())),
        Err(error) => Err(error),
    }
}

fn decode(scope: Scope<'_>, kind: Kind, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
    let view = scope.guard;
    match kind {
        Kind::Document => {
            let entry = Entry::load(view, key::last_number(key))?;
            entry.document()?;
            for index in 0..entry.count() {
                let row = entry.recipient_row(index)?;
                convert::agency(key, &row.code)?;
                // One that is held has no plan that is carried out, and still has to have one.
                convert::plan(key, &row.plan)?;
            }
            entry.thread().map(drop)
        }
        Kind::State => {
            let chunk: StateChunkRow = record::decode(view, key, value)?;
            chunk.states.iter().try_for_each(|state| {
                convert::status(key, state.status)?;
                state.plan.as_ref().map_or(Ok(()), |plan| convert::plan(key, plan).map(drop))?;
                convert::delivery(key, state).map(drop)
            })
        }
        Kind::Event => convert::event(key, record::decode::<EventRow>(view, key, value)?).map(drop),
        Kind::Hold => {
            let row: HoldRow = record::decode(view, key, value)?;
            convert::code(key, &row.code)?;
            row.acts.iter().try_for_each(|act| convert::act(key, act).map(drop))
        }
        Kind::Content | Kind::Side => record::decode::<BytesRow>(view, key, value).map(drop),
        Kind::Note => record::decode::<NoteRow>(view, key, value).map(drop),
        Kind::Transmission => {
            let row: TransmissionRow = record::decode(view, key, value)?;
            convert::lane(key, row.lane)?;
            indexes::transmission_of(key).ok_or_else(|| convert::odd(key, "key"))?;
            Place::of(key, &row).map(drop)
        }
        _ => Ok(()),
    }
}

/// Parts whose record is gone or shorter.
fn drop_parts(work: &mut Work<'_>) -> Result<(), StoreError> {
    let guard = work.guard();
    walk_kind(guard, Kind::Part as u8, &mut |key, value| {
        let Some((base, number)) = key.get(1..).and_then(|rest| rest.split_last_chunk::<2>()) else {
            return work.take_out(key, value, "its key makes no sense");
        };
        let parts = guard.get(base)?.map_or(Ok(0), |value| record::unwrap(base, &value).map(|(parts, _)| parts))?;
        if u16::from_be_bytes(*number) >= parts {
            return work.take_out(key, value, "the record that it is a part of is not there");
        }
        Ok(())
    })?;
    work.apply()
}

/// Brings an entry, its recipients' states and its hold in line.
fn mend_entry(work: &mut Work<'_>, seq: u64) -> Result<(), StoreError> {
    let mut entry = Entry::load(work.guard(), seq)?;
    mend_states(work, &mut entry)?;
    mend_hold(work, &mut entry)?;
    mend_transmissions(work, &mut entry)?;
    if let Some(mark) = indexes::expiry(work.guard(), &mut entry)?
        && work.guard().get(&mark)?.is_none()
    {
        work.put(record::values(&mark, &crate::record::rows::EmptyRow {})?)?;
        work.repaired.written += 1;
    }
    Ok(())
}

/// A recipient's state and its events tell the same: of a state that is gone, its events say how it ended.
fn mend_states(work: &mut Work<'_>, entry: &mut Entry) -> Result<(), StoreError> {
    let guard = work.guard();
    let mut events: BTreeMap<u32, Vec<Pair>> = BTreeMap::new();
    for (key, value) in
        record::collect(guard, &Key::of(Kind::Event).number(entry.seq).range(), Walk::Forward, usize::MAX)?
    {
        let index = key.get(9..13).and_then(|bytes| bytes.try_into().ok()).map_or(u32::MAX, u32::from_be_bytes);
        events.entry(index).or_default().push((key, value));
    }
    for index in 0..entry.count() {
        let events = events.remove(&index).unwrap_or_default();
        let is_in_order = (0..).zip(&events).all(|(number, (key, _))| last_index(key) == number);
        let count = u32::try_from(events.len()).unwrap_or(u32::MAX);
        let known = entry.state(guard, index)?;
        if is_in_order && known.as_ref().map_or(0, |state| state.events) == count {
            continue;
        }
        let what = format!("Document {} recipient {index}", entry.seq);
        let recorded = known.as_ref().map_or(0, |state| state.events);
        let mut state = match known {
            Some(state) => state,
            None => {
                work.lost(&what, "its state: made again from its events");
                state_from(entry, index, &events)?
            }
        };
        if recorded > count {
            work.lost(&what, format!("{} of its {recorded} events", recorded - count));
        }
        state.events = count;
        let (key, chunk) = entry.set_state(guard, state)?;
        let values = record::values(&key, chunk)?;
        work.put(values)?;
        for (number, (key, value)) in (0..).zip(&events).filter(|(number, (key, _))| last_index(key) != *number) {
            let (_, bytes) = (key, record::decode::<EventRow>(guard, key, value)?);
            work.put(record::values(&key::events(entry.seq, index).index(number).done(), &bytes)?)?;
        }
        for (key, _) in events.iter().filter(|(key, _)| last_index(key) >= count) {
            work.delete(key.clone())?;
        }
        work.apply()?;
    }
    // What later recipients would have is of nobody.
    for (key, value) in events.into_values().flatten() {
        work.take_out(&key, &value, "its recipient is not there")?;
    }
    work.apply()
}

fn last_index(key: &[u8]) -> u32 {
    key.last_chunk::<4>().map_or(u32::MAX, |bytes| u32::from_be_bytes(*bytes))
}

/// The state of a recipient by its last decisive event.
fn state_from(entry: &Entry, index: u32, events: &[Pair]) -> Result<StateRow, StoreError> {
    let mut state = StateRow { index, ..StateRow::default() };
    let untouched = convert::untouched(&entry.row, entry.recipient_row(index)?);
    convert::write_delivery(&mut state, &untouched);
    for (key, value) in events {
        // Parts of a large proof are not needed for what is decided here.
        let (_, payload) = record::unwrap(key, value)?;
        let Ok(row) = <EventRow as prost::Message>::decode(payload) else { continue };
        let Ok(event) = convert::event(key, row) else { continue };
        follow(&mut state, &event);
    }
    Ok(state)
}

fn follow(state: &mut StateRow, event: &TrackEvent) {
    let ended = match event.kind {
        EventKind::Delivered => Some((State::Delivered, None)),
        EventKind::Returned => Some((State::Returned, event.code)),
        EventKind::Status(status) if !event.flagged => {
            state.status = u32::from(status.as_number());
            None
        }
        _ => None,
    };
    if let Some((ended, code)) = ended {
        state.state = u32::from(ended.as_number());
        state.code = convert::code_text(code);
        state.changed_at = event.at.as_millis();
        state.next_at = event.at.as_millis();
    }
}

/// An entry is held when, and only when, it has a hold.
fn mend_hold(work: &mut Work<'_>, entry: &mut Entry) -> Result<(), StoreError> {
    let guard = work.guard();
    let key = key::hold(entry.seq);
    let hold = guard.get(&key)?;
    match (entry.row.held_from, hold) {
        (None, Some(value)) => work.take_out(&key, &value, "its document is not held")?,
        (Some(first), None) => {
            work.lost(key::describe(&key), "the reason of the hold: an operator has to decide");
            let row = entry.recipient_row(first)?;
            let until = if row.accepted_at > 0 { row.expires_at } else { entry.row.expires_at };
            let row = HoldRow {
                number: work.number(),
                code: ErrorCode::StoreDamaged.as_str().to_owned(),
                text: "the reason was lost when the store was repaired".to_owned(),
                since: entry.row.received_at,
                until,
                ..HoldRow::default()
            };
            work.put(record::values(&key, &row)?)?;
        }
        _ => {}
    }
    work.apply()
}

/// Whatever still has to go somewhere has a transmission there.
fn mend_transmissions(work: &mut Work<'_>, entry: &mut Entry) -> Result<(), StoreError> {
    let guard = work.guard();
    for hop in indexes::hops(guard, entry)? {
        let key = key::transmission(entry.seq, &hop);
        if guard.get(&key)?.is_some() {
            continue;
        }
        let mut due_at = None::<UnixMillis>;
        for index in 0..entry.count() {
            let delivery = entry.delivery(guard, index)?;
            if matches!(delivery.state(), State::Waiting | State::Sending) && entry.plan(guard, index)?.hop == hop {
                due_at = Some(due_at.map_or(delivery.next_at(), |at| at.min(delivery.next_at())));
            }
        }
        // Its place in the thread is found afterwards; one of which nothing waits is the operator's.
        let place = if due_at.is_some() { Place::Blocked } else { Place::Parked };
        let accepted_at = entry.row.received_at;
        let row = TransmissionRow {
            lane: entry.row.lane,
            due_at: due_at.map_or(accepted_at, UnixMillis::as_millis),
            place: place.as_number(),
            accepted_at,
            sender: entry.sender()?,
            order: entry.order(delivery::Patience::default(), UnixMillis::new(accepted_at)).as_millis(),
            system: entry.row.origin_system.clone(),
            length: entry.row.content.length,
            ..TransmissionRow::default()
        };
        work.put(record::values(&key, &row)?)?;
        work.repaired.written += 1;
    }
    work.apply()
}
