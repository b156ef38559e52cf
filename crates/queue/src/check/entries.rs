//! Each record against those that it belongs with.

use std::collections::BTreeMap;

use super::{Scope, damaged};
use crate::engine::Walk;
use crate::entry_state::Entry;
use crate::key::{self, Key, Kind};
use crate::queue_order::{Place, Transmission};
use crate::record::rows::{EventRow, HoldRow, ItemRow, NoteRow, NumberRow, ReportRow};
use crate::record::{self, Pair};
use crate::{StoreError, convert, indexes, payload};

/// Decodes a record and looks at what it refers to.
pub(super) fn look(scope: Scope<'_>, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
    let view = scope.guard;
    let Some(kind) = Kind::of(key) else { return Err(damaged(key, "its kind is not known")) };
    match kind {
        Kind::Document => return look_at_entry(scope, key::last_number(key)),
        Kind::Event => convert::event(key, record::decode::<EventRow>(view, key, value)?).map(drop)?,
        Kind::Report => convert::report(key, &record::decode::<ReportRow>(view, key, value)?).map(drop)?,
        Kind::Note => look_at_note(scope, key, value)?,
        Kind::Transmission => look_at_transmission(scope, key)?,
        Kind::Ready | Kind::Retry | Kind::Due => return look_at_due(scope, key),
        Kind::Thread => return look_at_thread(scope, key, value),
        Kind::Hold | Kind::HoldSender | Kind::HoldDue | Kind::HoldReady => return look_at_hold(scope, key),
        Kind::Part => return look_at_part(scope, key),
        _ => {}
    }
    let Some(seq) = indexes::entry_of(view, key, value)? else { return Ok(()) };
    match Entry::load(view, seq) {
        // A record that went away since the walk took this one along.
        Err(StoreError::NotFound { .. }) if view.get(key)?.is_some() => {
            Err(damaged(key, format!("it refers to document {seq}, which is missing")))
        }
        Err(error) => Err(error),
        Ok(mut entry) if indexes::is_strict(kind) => {
            let index = match kind {
                Kind::Inbox => Some(record::decode::<ItemRow>(view, key, value)?.index),
                Kind::Parked => key.last_chunk::<4>().map(|bytes| u32::from_be_bytes(*bytes)),
                _ => None,
            };
            look_if_called_for(scope, &mut entry, key, index)
        }
        Ok(_) => Ok(()),
    }
}

/// An index record has to be one that its entry calls for.
fn look_if_called_for(scope: Scope<'_>, entry: &mut Entry, key: &[u8], index: Option<u32>) -> Result<(), StoreError> {
    let Some(kind) = Kind::of(key) else { return Ok(()) };
    let wanted = indexes::of_kind(scope.guard, entry, kind, index)?;
    let is_called_for = wanted.iter().any(|(wanted, _)| wanted == key);
    if is_called_for || is_changing(scope, key)? {
        return Ok(());
    }
    Err(damaged(key, format!("document {} does not call for it", entry.seq)))
}

/// Of a store at work: whether a record has moved since it was read.
fn is_changing(scope: Scope<'_>, key: &[u8]) -> Result<bool, StoreError> {
    if scope.guard.get(key)?.is_none() {
        return Ok(true);
    }
    Ok(false)
}

fn look_at_note(scope: Scope<'_>, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
    record::decode::<NoteRow>(scope.guard, key, value)?;
    let (seq, number) = (key::number_before(key, 8), key::last_number(key));
    if number > 0 {
        let before = key::notes(seq).number(number - 1).done();
        if scope.guard.get(&before)?.is_none() {
            return Err(damaged(&before, "it is missing, and there are later ones"));
        }
    }
    Ok(())
}

/// A transmission, its index record and its neighbours in the thread.
fn look_at_transmission(scope: Scope<'_>, key: &[u8]) -> Result<(), StoreError> {
    let view = scope.guard;
    let Some((seq, hop)) = indexes::transmission_of(key) else { return Err(convert::odd(key, "key")) };
    let Some(found) = Transmission::load(view, seq, hop)? else { return Ok(()) };
    let fault = fault_of(scope, &found)?;
    // It may have moved while it was looked at.
    match Transmission::load(view, seq, hop)? {
        Some(again) if again.row == found.row && again.place == found.place => {
            fault.map_or(Ok(()), |reason| Err(damaged(key, reason)))
        }
        _ => Ok(()),
    }
}

fn fault_of(scope: Scope<'_>, found: &Transmission) -> Result<Option<String>, StoreError> {
    let (view, hop) = (scope.guard, found.hop.as_str());
    for (index, value) in indexes::of_transmission(found)? {
        if view.get(&index)?.as_ref() != Some(&value) {
            return Ok(Some(format!("its index record {} is missing", key::describe(&index))));
        }
    }
    let (previous, next) = (found.row.previous, found.row.next);
    if found.place == Place::Due && previous > 0 || found.place == Place::Blocked && previous == 0 {
        return Ok(Some("its place does not fit its thread".to_owned()));
    }
    if previous > 0 && Transmission::load(view, previous, hop)?.is_none_or(|other| other.row.next != found.seq) {
        return Ok(Some(format!("the one before it in its thread, of document {previous}, does not lead to it")));
    }
    if next > 0 {
        let leads_back = Transmission::load(view, next, hop)?.is_some_and(|other| other.row.previous == found.seq);
        return Ok((!leads_back).then(|| format!("the next one of its thread, of document {next}, is missing")));
    }
    let (sender, document_id) = Entry::load(view, found.seq)?.thread()?;
    let thread = key::thread(&sender, &document_id, hop);
    let is_last = record::read::<NumberRow>(view, &thread)?.is_some_and(|row| row.number == found.seq);
    Ok((!is_last).then(|| "its thread does not end with it".to_owned()))
}

fn look_at_thread(scope: Scope<'_>, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
    let seq = record::decode::<NumberRow>(scope.guard, key, value)?.number;
    let hop = hop_of_thread(key).ok_or_else(|| convert::odd(key, "key"))?;
    if Transmission::load(scope.guard, seq, hop)?.is_none() && !is_changing(scope, key)? {
        return Err(damaged(key, format!("the transmission of document {seq} is missing")));
    }
    Ok(())
}

/// The last of the three texts in a thread's key.
fn hop_of_thread(key: &[u8]) -> Option<&str> {
    let texts = key.get(1..key.len().checked_sub(1)?)?;
    std::str::from_utf8(texts.rsplit(|byte| *byte == 0).next()?).ok()
}

/// An index record of a due transmission belongs to one, at this place.
fn look_at_due(scope: Scope<'_>, key: &[u8]) -> Result<(), StoreError> {
    let found = Transmission::load(scope.guard, key::last_number(key), &indexes::hop_of(key))?;
    let reason = match found {
        Some(found) if found.place == Place::Due && found.due_key() == key => return Ok(()),
        Some(_) => "its transmission is elsewhere",
        None => "its transmission is missing",
    };
    if is_changing(scope, key)? {
        return Ok(());
    }
    Err(damaged(key, reason))
}

/// A hold or an index entry of one: the entry, its hold and the mark in the entry belong together.
fn look_at_hold(scope: Scope<'_>, key: &[u8]) -> Result<(), StoreError> {
    let view = scope.guard;
    let seq = key::last_number(key);
    let entry = match Entry::load(view, seq) {
        Ok(entry) => Some(entry),
        Err(StoreError::NotFound { .. }) => None,
        Err(error) => return Err(error),
    };
    let is_held = entry.as_ref().is_some_and(|entry| entry.row.held_from.is_some());
    let hold = record::read::<HoldRow>(view, &key::hold(seq))?;
    // It may have ended since the walk took this record along.
    if (!is_held || hold.is_none()) && !is_changing(scope, key)? {
        return Err(damaged(key, format!("document {seq} is not held")));
    }
    match (entry, Kind::of(key)) {
        (Some(mut entry), Some(kind)) if kind != Kind::Hold => look_if_called_for(scope, &mut entry, key, None),
        _ => Ok(()),
    }
}

/// A further part belongs to a record that has as many.
fn look_at_part(scope: Scope<'_>, key: &[u8]) -> Result<(), StoreError> {
    let Some((base, number)) = key.get(1..).and_then(|rest| rest.split_last_chunk::<2>()) else {
        return Err(convert::odd(key, "key"));
    };
    let parts = scope.guard.get(base)?.map_or(Ok(0), |value| record::unwrap(base, &value).map(|(parts, _)| parts))?;
    if u16::from_be_bytes(*number) >= parts && !is_changing(scope, key)? {
        return Err(damaged(key, "the record that it is a part of is missing, or shorter"));
    }
    Ok(())
}

/// An entry, its recipients' states and events, its index records, and the presence of its payloads.
fn look_at_entry(scope: Scope<'_>, seq: u64) -> Result<(), StoreError> {
    let mut entry = Entry::load(scope.guard, seq)?;
    let Some(fault) = fault_of_entry(scope, &mut entry)? else { return Ok(()) };
    if scope.commits.is_none() {
        return Err(fault);
    }
    // A store at work may have moved on between two looks; one more look at the newer state tells.
    let mut again = Entry::load(scope.guard, seq)?;
    fault_of_entry(scope, &mut again)?.map_or(Ok(()), Err)
}

fn fault_of_entry(scope: Scope<'_>, entry: &mut Entry) -> Result<Option<StoreError>, StoreError> {
    let view = scope.guard;
    let record = entry.key();
    let document = entry.document()?;
    if entry.row.held_from.is_some() && view.get(&key::hold(entry.seq))?.is_none() {
        return Ok(Some(damaged(&record, "its hold is missing")));
    }
    for index in 0..entry.count() {
        entry.recipient(view, index)?;
    }
    if let Some(fault) = fault_of_events(scope, entry)? {
        return Ok(Some(fault));
    }
    for hop in indexes::hops(view, entry)? {
        if view.get(&key::transmission(entry.seq, &hop))?.is_none() {
            return Ok(Some(damaged(&record, format!("its transmission towards {hop} is missing"))));
        }
    }
    for (wanted, value) in indexes::of_entry(view, entry)? {
        if view.get(&wanted)?.as_ref() != Some(&value) {
            return Ok(Some(damaged(&record, format!("its index record {} is missing", key::describe(&wanted)))));
        }
    }
    let content = document.purged_at.is_none().then_some(("content", &document.content));
    for (name, payload) in content.into_iter().chain([("envelope", &document.side)]) {
        let is_missing = payload.is_file() && !scope.payloads.path(&payload.digest).is_file();
        if is_missing {
            return Ok(Some(damaged(&record, format!("the file of its {name}, {}, is missing", payload.digest))));
        }
        let bytes = match payload::small(view, payload) {
            Err(StoreError::NotFound { .. }) => {
                return Ok(Some(damaged(&record, format!("the record of its {name} is missing"))));
            }
            found => found?,
        };
        if bytes.is_some_and(|bytes| payload::digest_of(&bytes) != payload.digest) {
            return Ok(Some(convert::odd(&record, name)));
        }
    }
    Ok(None)
}

/// Each recipient's state says how many events there are.
fn fault_of_events(scope: Scope<'_>, entry: &mut Entry) -> Result<Option<StoreError>, StoreError> {
    let found = events(scope, entry.seq)?;
    for index in 0..entry.count() {
        let recorded = entry.state(scope.guard, index)?.map_or(0, |state| state.events);
        let there = found.get(&index).copied().unwrap_or(0);
        if recorded == there {
            continue;
        }
        let chunk = key::state(entry.seq, index / crate::entry_state::CHUNK);
        let reason = format!("{there} events of recipient {index} are there, its state counts {recorded}");
        return Ok(Some(damaged(&chunk, reason)));
    }
    Ok(None)
}

/// Events of an entry by recipient; a gap ends the count.
fn events(scope: Scope<'_>, seq: u64) -> Result<BTreeMap<u32, u32>, StoreError> {
    let mut counts: BTreeMap<u32, u32> = BTreeMap::new();
    let found: Vec<Pair> =
        record::collect(scope.guard, &Key::of(Kind::Event).number(seq).range(), Walk::Forward, usize::MAX)?;
    for (key, _) in found {
        let place = |at: std::ops::Range<usize>| {
            key.get(at).and_then(|part| <[u8; 4]>::try_from(part).ok()).map_or(0, u32::from_be_bytes)
        };
        let (index, number) = (place(9..13), place(13..17));
        let count = counts.entry(index).or_default();
        if number == *count {
            *count += 1;
        }
    }
    Ok(counts)
}
