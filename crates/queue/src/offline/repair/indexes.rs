//! Index records: those that nothing calls for are removed, those that are called for are written.

use super::Work;
use crate::check::walk_kind;
use crate::entry_state::Entry;
use crate::key::{self, Kind};
use crate::queue_order::Transmission;
use crate::record::Pair;
use crate::record::rows::ItemRow;
use crate::{StoreError, convert, indexes, record};

const STRICT: [Kind; 12] = [
    Kind::Ready,
    Kind::Retry,
    Kind::Due,
    Kind::Parked,
    Kind::HoldThread,
    Kind::HoldSender,
    Kind::HoldDue,
    Kind::HoldReady,
    Kind::Inbox,
    Kind::Reference,
    Kind::Exchange,
    Kind::Sent,
];

pub(super) fn write_again(work: &mut Work<'_>) -> Result<(), StoreError> {
    let guard = work.guard();
    for kind in STRICT {
        walk_kind(guard, kind as u8, &mut |key, value| {
            if is_called_for(work, kind, key, value)? {
                return Ok(());
            }
            work.repaired.removed += 1;
            work.delete(key.to_vec())
        })?;
        work.apply()?;
    }
    walk_kind(guard, Kind::Document as u8, &mut |key, _| {
        let mut entry = Entry::load(guard, key::last_number(key))?;
        let wanted = indexes::of_entry(guard, &mut entry)?;
        write_missing(work, wanted)
    })?;
    walk_kind(guard, Kind::Transmission as u8, &mut |key, _| {
        let (seq, hop) = indexes::transmission_of(key).ok_or_else(|| convert::odd(key, "key"))?;
        let Some(found) = Transmission::load(guard, seq, hop)? else { return Ok(()) };
        let wanted = indexes::of_transmission(&found)?;
        write_missing(work, wanted)
    })?;
    work.apply()
}

fn write_missing(work: &mut Work<'_>, wanted: Vec<Pair>) -> Result<(), StoreError> {
    for (key, value) in wanted {
        if work.guard().get(&key)?.as_ref() != Some(&value) {
            work.repaired.written += 1;
            work.put(vec![(key, value)])?;
        }
    }
    Ok(())
}

fn is_called_for(work: &Work<'_>, kind: Kind, key: &[u8], value: &[u8]) -> Result<bool, StoreError> {
    let guard = work.guard();
    let found = match kind {
        Kind::Ready | Kind::Retry | Kind::Due => {
            let found = Transmission::load(guard, key::last_number(key), &indexes::hop_of(key));
            found.and_then(|found| found.map_or(Ok(Vec::new()), |found| indexes::of_transmission(&found)))
        }
        _ => called_for_by_entry(work, kind, key, value),
    };
    match found {
        Ok(wanted) => Ok(wanted.iter().any(|(wanted, _)| wanted == key)),
        Err(StoreError::Damaged { .. } | StoreError::NotFound { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

fn called_for_by_entry(work: &Work<'_>, kind: Kind, key: &[u8], value: &[u8]) -> Result<Vec<Pair>, StoreError> {
    let guard = work.guard();
    let Some(seq) = indexes::entry_of(guard, key, value)? else { return Ok(Vec::new()) };
    let index = match kind {
        Kind::Inbox => Some(record::decode::<ItemRow>(guard, key, value)?.index),
        Kind::Parked => key.last_chunk::<4>().map(|bytes| u32::from_be_bytes(*bytes)),
        _ => None,
    };
    indexes::of_kind(guard, &mut Entry::load(guard, seq)?, kind, index)
}
