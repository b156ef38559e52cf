//! A batch in the making: each operation sees the committed state and what the batch has so far, and adds to it only
//! when it succeeds.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::{ControlFlow, Range};
use std::path::PathBuf;

use prost::Message;
use types::Digest;

use crate::engine::{Changes, Visit, Walk};
use crate::options::Space;
use crate::payload::Kept;
use crate::record::rows::EmptyRow;
use crate::record::{self, View};
use crate::shared::{Shared, locked};
use crate::stats::{Deltas, Stat};
use crate::{Staged, StoreError, Wakeup};

/// What happens around the commit of a batch.
#[derive(Default)]
pub(crate) struct Effects {
    pub(crate) deltas: Deltas,
    /// Folders that got payloads: synced before the batch.
    pub(crate) folders: BTreeSet<PathBuf>,
    /// Payloads that lost a reference: removed after the batch unless another entry has them.
    pub(crate) unreferenced: Vec<Digest>,
    /// Transmissions whose lease ends; the number of the lease, `None` for any.
    pub(crate) released: BTreeMap<(u64, String), Option<u64>>,
    /// Inbox items whose lease ends.
    pub(crate) items: Vec<(String, u64)>,
    /// Transmissions, by hop and entry, that nobody may claim until the batch is on the disk.
    pub(crate) barred_hops: BTreeSet<(String, u64)>,
    /// Inbox items that nobody may lease or read until then.
    pub(crate) barred_items: Vec<u64>,
    pub(crate) wakeups: Vec<Wakeup>,
}

impl Effects {
    /// What was barred may be taken again, or is gone.
    pub(crate) fn unbar(&self, shared: &Shared) {
        if !self.barred_hops.is_empty() {
            let mut leases = locked(&shared.transmissions);
            self.barred_hops.iter().for_each(|(hop, seq)| leases.unbar(hop, *seq));
        }
        if !self.barred_items.is_empty() {
            let mut leases = locked(&shared.items);
            self.barred_items.iter().for_each(|item| leases.unbar(*item));
        }
    }

    fn merge(&mut self, other: Self) {
        self.deltas.merge(other.deltas);
        self.folders.extend(other.folders);
        self.unreferenced.extend(other.unreferenced);
        self.released.extend(other.released);
        self.items.extend(other.items);
        self.barred_hops.extend(other.barred_hops);
        self.barred_items.extend(other.barred_items);
        for wakeup in other.wakeups {
            if !self.wakeups.contains(&wakeup) {
                self.wakeups.push(wakeup);
            }
        }
    }
}

/// What the operations of one batch have done.
pub(crate) struct Batch {
    pub(crate) changes: Changes,
    pub(crate) effects: Effects,
    /// The next number to give out; numbers of failed operations are skipped.
    pub(crate) next_number: u64,
    space: Option<Space>,
}

impl Batch {
    pub(crate) fn new(next_number: u64) -> Self {
        Self { changes: Changes::new(), effects: Effects::default(), next_number, space: None }
    }
}

/// One operation within a batch.
pub(crate) struct Tx<'a> {
    pub(crate) shared: &'a Shared,
    batch: &'a mut Batch,
    own: Changes,
    pub(crate) effects: Effects,
}

impl<'a> Tx<'a> {
    pub(crate) fn new(shared: &'a Shared, batch: &'a mut Batch) -> Self {
        Self { shared, batch, own: Changes::new(), effects: Effects::default() }
    }

    /// Adds what the operation did to the batch.
    pub(crate) fn keep(self) {
        self.batch.changes.extend(self.own);
        self.batch.effects.merge(self.effects);
    }

    /// Takes back what the operation did outside the batch.
    pub(crate) fn abandon(self) {
        self.effects.unbar(self.shared);
    }

    /// A number that was never given out before.
    pub(crate) fn number(&mut self) -> u64 {
        let number = self.batch.next_number;
        self.batch.next_number += 1;
        number
    }

    pub(crate) fn put(&mut self, key: &[u8], message: &impl Message) -> Result<(), StoreError> {
        self.own.extend(record::values(key, message)?.into_iter().map(|(key, value)| (key, Some(value))));
        Ok(())
    }

    pub(crate) fn mark(&mut self, key: &[u8]) -> Result<(), StoreError> {
        self.put(key, &EmptyRow {})
    }

    pub(crate) fn delete(&mut self, key: Vec<u8>) {
        self.own.insert(key, None);
    }

    /// Replaces a record that may have had more parts than it gets.
    pub(crate) fn replace(&mut self, key: &[u8], message: &impl Message) -> Result<(), StoreError> {
        if let Some(value) = self.raw(key)? {
            for number in 0..record::unwrap(key, &value)?.0 {
                self.delete(crate::key::part(key, number));
            }
        }
        self.put(key, message)
    }

    /// Deletes a record with its parts.
    pub(crate) fn remove(&mut self, key: &[u8]) -> Result<(), StoreError> {
        if let Some(value) = self.raw(key)? {
            for number in 0..record::unwrap(key, &value)?.0 {
                self.delete(crate::key::part(key, number));
            }
            self.delete(key.to_vec());
        }
        Ok(())
    }

    pub(crate) fn count(&mut self, stat: Stat, difference: i64) {
        self.effects.deltas.add(stat, difference);
    }

    /// What the batch has counted of a number so far, this operation included.
    pub(crate) fn counted(&self, stat: &Stat) -> i64 {
        self.batch.effects.deltas.of(stat).saturating_add(self.effects.deltas.of(stat))
    }

    pub(crate) fn wake(&mut self, wakeup: Wakeup) {
        self.effects.wakeups.push(wakeup);
    }

    /// Whether an earlier operation of the batch has ended this lease.
    pub(crate) fn has_released(&self, seq: u64, hop: &str) -> bool {
        let transmission = (seq, hop.to_owned());
        [&self.effects, &self.batch.effects].iter().any(|effects| effects.released.contains_key(&transmission))
    }

    /// Refuses when less is free than the reserve. Asked once per batch.
    pub(crate) fn check_reserve(&mut self) -> Result<(), StoreError> {
        let space = match self.batch.space {
            Some(space) => space,
            None => *self.batch.space.insert(self.shared.space()?),
        };
        self.shared.check_reserve(space)
    }

    /// Moves a payload file to its place; the folders are synced before the batch is applied.
    pub(crate) fn keep_payload(&mut self, staged: Staged) -> Result<Kept, StoreError> {
        staged.keep(&mut self.effects.folders)
    }
}

impl View for Tx<'_> {
    fn raw(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        match self.own.get(key).or_else(|| self.batch.changes.get(key)) {
            Some(change) => Ok(change.clone()),
            None => self.shared.guard.get(key),
        }
    }

    fn walk(&self, range: Range<&[u8]>, way: Walk, visit: &mut Visit<'_>) -> Result<(), StoreError> {
        if range.start >= range.end {
            return Ok(());
        }
        let bounds = || range.start.to_vec()..range.end.to_vec();
        let mut laid_over: BTreeMap<Vec<u8>, Option<Vec<u8>>> =
            self.batch.changes.range(bounds()).map(|(key, change)| (key.clone(), change.clone())).collect();
        laid_over.extend(self.own.range(bounds()).map(|(key, change)| (key.clone(), change.clone())));
        let mut over: Vec<(Vec<u8>, Option<Vec<u8>>)> = laid_over.into_iter().collect();
        if way == Walk::Forward {
            over.reverse();
        }
        // `over` is a stack: its last entry is the next one in the order of the walk.
        let comes_first = |a: &[u8], b: &[u8]| if way == Walk::Forward { a < b } else { a > b };
        let mut broken = false;
        self.shared.guard.walk(range.clone(), way, &mut |key, value| {
            while let Some((laid, change)) = over.pop_if(|(laid, _)| comes_first(laid, key)) {
                if let Some(change) = change
                    && visit(&laid, &change).is_break()
                {
                    broken = true;
                    return ControlFlow::Break(());
                }
            }
            let flow = match over.pop_if(|(laid, _)| laid == key) {
                Some((_, Some(change))) => visit(key, &change),
                Some((_, None)) => ControlFlow::Continue(()),
                None => visit(key, value),
            };
            broken = flow.is_break();
            flow
        })?;
        while let (false, Some((laid, change))) = (broken, over.pop()) {
            if let Some(change) = change {
                broken = visit(&laid, &change).is_break();
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
