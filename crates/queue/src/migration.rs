//! Older formats, rewritten when a store is opened.

use delivery::Patience;
use types::UnixMillis;

use crate::engine::guard::Guard;
use crate::engine::{Changes, Walk};
use crate::entry_state::Entry;
use crate::key::{self, Key, Kind};
use crate::queue_order::{Place, Transmission};
use crate::record::rows::TransmissionRow;
use crate::stats::{Deltas, Stat, Table};
use crate::{StoreError, convert, record};

/// Transmissions rewritten in one commit.
const STRIDE: usize = 1024;

/// Brings every transmission into the index of format 3, which orders due ones by sender. Each step is one commit that
/// takes out of the old index what it puts into the new one; after a crash the rest is done by the next opening.
///
/// A transmission whose entry is damaged stays where it was: it could not be sent either, and the check names it.
pub(crate) fn to_format_3(guard: &Guard, patience: Patience) -> Result<(), StoreError> {
    let mut range = Key::of(Kind::Transmission).range();
    let mut moved = 0_u64;
    loop {
        let found = record::collect(guard, &range, Walk::Forward, STRIDE)?;
        let Some((last, _)) = found.last() else { break };
        range.start.clone_from(last);
        range.start.push(0);
        let (mut changes, mut counted) = (Changes::new(), Deltas::default());
        for (key, value) in &found {
            match move_one(guard, key, value, patience, &mut changes) {
                Ok(system) => {
                    moved += 1;
                    system.into_iter().for_each(|system| counted.add(Stat::Unsettled(system), 1));
                }
                Err(error) => error.skip_if_damaged("a transmission is not brought into the new format")?,
            }
        }
        Table::load(guard)?.changed(&counted, &mut changes)?;
        if !changes.is_empty() {
            guard.commit(&changes)?;
        }
    }
    tracing::info!(transmissions = moved, "the store was brought into format 3: {moved} transmissions");
    Ok(())
}

fn move_one(
    guard: &Guard,
    key: &[u8],
    value: &[u8],
    patience: Patience,
    changes: &mut Changes,
) -> Result<Option<String>, StoreError> {
    let mut row: TransmissionRow = record::decode(guard, key, value)?;
    if !row.sender.is_empty() {
        return Ok(None);
    }
    let (seq, hop) = parts(key).ok_or_else(|| convert::odd(key, "key"))?;
    let entry = Entry::load(guard, seq)?;
    row.sender = entry.sender()?;
    row.system.clone_from(&entry.row.origin_system);
    row.length = entry.row.content.length;
    row.order = entry.order(patience, UnixMillis::new(row.accepted_at)).as_millis();
    let mut put = |key: &[u8], values: Result<Vec<record::Pair>, StoreError>| {
        changes.insert(key.to_vec(), None);
        values.map(|values| changes.extend(values.into_iter().map(|(key, value)| (key, Some(value)))))
    };
    put(key, record::values(key, &row))?;
    let system = (!row.system.is_empty()).then(|| row.system.clone());
    let (lane, place) = (convert::lane(key, row.lane)?, Place::of(key, &row)?);
    if place == Place::Due {
        let old = key::due(&hop, lane, row.due_at, seq);
        let moved = Transmission { seq, hop, row, lane, place };
        put(&old, record::values(&moved.due_key(), &moved.due_row()))?;
    }
    Ok(system)
}

/// Entry and hop of a transmission's key.
fn parts(key: &[u8]) -> Option<(u64, String)> {
    let seq = key.get(1..9)?.try_into().ok().map(u64::from_be_bytes)?;
    let hop = std::str::from_utf8(key.get(9..key.len().checked_sub(1)?)?).ok()?;
    Some((seq, hop.to_owned()))
}
