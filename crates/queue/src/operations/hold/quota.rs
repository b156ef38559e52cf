//! What one sender has in quarantine, and the most that it may have.

use std::ops::ControlFlow;
use std::sync::PoisonError;

use super::sender_of;
use crate::StoreError;
use crate::batch::Tx;
use crate::engine::Walk;
use crate::entry_state::Entry;
use crate::key::{self, Key, Kind};
use crate::record::View;
use crate::stats::{Deltas, Stat};

/// Refuses `bytes` more of a sender whose part of the quarantine is used up. Sees what the batch has so far.
pub(crate) fn check(tx: &Tx<'_>, sender: &str, bytes: u64) -> Result<(), StoreError> {
    let quota = tx.shared.options.hold_quota;
    let now = |stat: &Stat| {
        let committed = tx.shared.table.read().unwrap_or_else(PoisonError::into_inner).number(stat);
        committed.saturating_add_signed(tx.counted(stat))
    };
    let documents = now(&Stat::HeldOf(sender.to_owned()));
    let held_bytes = now(&Stat::HeldBytesOf(sender.to_owned()));
    // One document always fits, however large: otherwise it could never be sent.
    let is_over = documents >= quota.documents || (documents > 0 && held_bytes.saturating_add(bytes) > quota.bytes);
    if is_over {
        return Err(StoreError::HoldQuota { sender: sender.to_owned(), documents, bytes: held_bytes, quota });
    }
    Ok(())
}

/// Counts an entry in or out.
pub(super) fn count(tx: &mut Tx<'_>, entry: &Entry, by: i64) -> Result<(), StoreError> {
    let sender = sender_of(entry)?;
    tx.count(Stat::HeldOf(sender.clone()), by);
    tx.count(Stat::HeldBytesOf(sender), by * size(entry));
    Ok(())
}

fn size(entry: &Entry) -> i64 {
    i64::try_from(entry.row.content.length.saturating_add(entry.row.side.length)).unwrap_or(i64::MAX)
}

/// What every sender has, counted over the holds. A damaged entry is left out.
pub(crate) fn holdings(view: &dyn View) -> Result<Deltas, StoreError> {
    let mut deltas = Deltas::default();
    let mut found = Vec::new();
    let range = Key::of(Kind::Hold).range();
    view.walk(range.start.as_slice()..range.end.as_slice(), Walk::Forward, &mut |key, _| {
        found.push(key::last_number(key));
        ControlFlow::Continue(())
    })?;
    for seq in found {
        add(view, seq, &mut deltas)?;
    }
    Ok(deltas)
}

/// Counts one held entry towards its sender's part; a damaged one is left out.
pub(crate) fn add(view: &dyn View, seq: u64, deltas: &mut Deltas) -> Result<(), StoreError> {
    match Entry::load(view, seq).and_then(|entry| Ok((sender_of(&entry)?, size(&entry)))) {
        Ok((sender, bytes)) => {
            deltas.add(Stat::HeldOf(sender.clone()), 1);
            deltas.add(Stat::HeldBytesOf(sender), bytes);
            Ok(())
        }
        Err(error) => error.skip_if_damaged("a held entry does not count towards its sender's quota"),
    }
}
