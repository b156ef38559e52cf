//! Retention: deletes content, keeps records and evidence.

use types::UnixMillis;

use crate::batch::Tx;
use crate::engine::Walk;
use crate::entry_state::Entry;
use crate::payload::Place;
use crate::record;
use crate::stats::Stat;
use crate::{Purged, StoreError, convert, key};

/// Entries in one call at most: large deletions cost sled gigabytes of memory (measured).
const ENTRIES_MAX: usize = 256;

/// Runs within a batch.
pub(crate) fn purge(tx: &mut Tx<'_>, before: UnixMillis, now: UnixMillis, max: usize) -> Result<Purged, StoreError> {
    let range = key::settled(0, 0)..key::settled(before.as_millis(), 0);
    let max = max.clamp(1, ENTRIES_MAX);
    let found = record::collect(tx, &range, Walk::Forward, max)?;
    let mut purged = Purged { more: found.len() == max, ..Purged::default() };
    for (key, _) in found {
        let seq = key::last_number(&key);
        tx.delete(key);
        match purge_one(tx, seq, now) {
            Ok(Some(files)) => {
                purged.entries += 1;
                purged.files += files;
            }
            Ok(None) => {}
            // Its content stays; the check names it.
            Err(error) => error.skip_if_damaged("an entry is not purged")?,
        }
    }
    Ok(purged)
}

/// Removes payload files of one folder that no entry refers to: a crash between a rename and its commit leaves them.
///
/// Runs within a batch, so that a file whose entry is in the same batch is seen to be referred to.
pub(crate) fn sweep(tx: &mut Tx<'_>, folder: u8) -> Result<u64, StoreError> {
    let mut removed = 0;
    for digest in tx.shared.payloads.folder_content(folder)? {
        if record::collect(tx, &key::payload(&digest).range(), Walk::Forward, 1)?.is_empty() {
            tx.shared.payloads.remove(&digest)?;
            removed += 1;
        }
    }
    Ok(removed)
}

/// `None` when the entry is not settled after all (it got more recipients), or was purged before.
fn purge_one(tx: &mut Tx<'_>, seq: u64, now: UnixMillis) -> Result<Option<u64>, StoreError> {
    let mut entry = Entry::load(tx, seq)?;
    if entry.row.purged_at > 0 || !entry.is_settled(tx)? {
        return Ok(None);
    }
    let content = convert::payload(&entry.key(), &entry.row.content, key::content(seq))?;
    if let Place::Record(key) = &content.place {
        tx.remove(key)?;
    }
    entry.row.content.inline = None;
    entry.row.purged_at = now.as_millis().max(1);
    // The envelope is the sender's signature: evidence, kept. It shares the file when it has the same bytes.
    let is_kept = entry.row.side.digest == entry.row.content.digest;
    tx.replace(&entry.key(), &entry.row)?;
    if !content.is_file() || is_kept {
        return Ok(Some(0));
    }
    tx.delete(key::payload(&content.digest).number(seq).done());
    tx.count(Stat::PayloadBytes, -i64::try_from(content.length).unwrap_or(i64::MAX));
    tx.effects.unreferenced.push(content.digest);
    let others = record::collect(tx, &key::payload(&content.digest).range(), Walk::Forward, 1)?;
    Ok(Some(u64::from(others.is_empty())))
}
