//! A disk: an ordered map that forgets, in a crash, whatever was not flushed.

use std::collections::{BTreeMap, VecDeque};
use std::ops::{Bound, Range};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use queue::simulation::{Changes, Direction, Medium, MediumError, Visitor};

type Pair = (Vec<u8>, Vec<u8>);
/// The values that a batch replaced; `None` for keys that were not there.
type Undo = Vec<(Vec<u8>, Option<Vec<u8>>)>;

/// Batches that a forgetful disk holds back from the platter.
const FORGETS: usize = 24;
/// Keys read at a time in a walk, growing: most walks end early.
const STRIDE_FIRST: usize = 8;
const STRIDE_MAX: usize = 512;

/// What the disk does with a flush.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Flushes {
    /// What was flushed stays.
    #[default]
    Kept,
    /// It says so, and does not: the last batches are still in its cache.
    Forgotten,
}

#[derive(Default)]
struct Content {
    map: BTreeMap<Vec<u8>, Vec<u8>>,
    /// Batches that a crash takes back, the oldest first.
    unsafe_batches: VecDeque<Undo>,
    flushes: Flushes,
    fails_next: bool,
    /// Batches flushed since the beginning.
    flushed: u64,
}

/// One node's disk: it outlives the node's crashes.
#[derive(Clone, Default)]
pub(crate) struct Disk(Arc<Mutex<Content>>);

impl Disk {
    pub(crate) fn new(flushes: Flushes) -> Self {
        let disk = Self::default();
        disk.content().flushes = flushes;
        disk
    }

    fn content(&self) -> MutexGuard<'_, Content> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The power goes: what was not flushed is gone.
    pub(crate) fn cut(&self) {
        let mut content = self.content();
        while let Some(undo) = content.unsafe_batches.pop_back() {
            for (key, value) in undo {
                match value {
                    Some(value) => drop(content.map.insert(key, value)),
                    None => drop(content.map.remove(&key)),
                }
            }
        }
        content.fails_next = false;
    }

    /// The disk was quicker than it had to be: what was written and not flushed is there after a crash.
    pub(crate) fn settle(&self) {
        let mut content = self.content();
        if content.flushes == Flushes::Kept {
            content.unsafe_batches.clear();
        }
    }

    /// The next flush fails.
    pub(crate) fn fail_next(&self) {
        self.content().fails_next = true;
    }

    pub(crate) fn flushed(&self) -> u64 {
        self.content().flushed
    }

    /// Bytes of keys and values.
    pub(crate) fn bytes(&self) -> u64 {
        let bytes: usize = self.content().map.iter().map(|(key, value)| key.len() + value.len()).sum();
        u64::try_from(bytes).unwrap_or(u64::MAX)
    }

    /// Calls for every value.
    pub(crate) fn values(&self, visit: &mut dyn FnMut(&[u8])) {
        self.content().map.values().for_each(|value| visit(value));
    }
}

impl Medium for Disk {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, MediumError> {
        Ok(self.content().map.get(key).cloned())
    }

    fn walk(&self, range: Range<&[u8]>, direction: Direction, visit: &mut Visitor<'_>) -> Result<(), MediumError> {
        let (mut from, mut to) = (Bound::Included(range.start.to_vec()), Bound::Excluded(range.end.to_vec()));
        let mut stride = STRIDE_FIRST;
        loop {
            // Copied out, because the caller reads other keys while it looks at these.
            let found: Vec<Pair> = {
                let content = self.content();
                let pairs =
                    content.map.range((from.clone(), to.clone())).map(|(key, value)| (key.clone(), value.clone()));
                match direction {
                    Direction::Forward => pairs.take(stride).collect(),
                    Direction::Backward => pairs.rev().take(stride).collect(),
                }
            };
            for (key, value) in &found {
                if visit(key, value).is_break() {
                    return Ok(());
                }
            }
            let Some((last, _)) = found.last().filter(|_| found.len() == stride) else { return Ok(()) };
            match direction {
                Direction::Forward => from = Bound::Excluded(last.clone()),
                Direction::Backward => to = Bound::Excluded(last.clone()),
            }
            stride = (stride * 4).min(STRIDE_MAX);
        }
    }

    fn apply(&self, changes: &Changes) -> Result<(), MediumError> {
        let mut content = self.content();
        let mut undo = Undo::with_capacity(changes.len());
        for (key, change) in changes {
            let before = match change {
                Some(value) => content.map.insert(key.clone(), value.clone()),
                None => content.map.remove(key),
            };
            undo.push((key.clone(), before));
        }
        content.unsafe_batches.push_back(undo);
        Ok(())
    }

    fn flush(&self) -> Result<(), MediumError> {
        let mut content = self.content();
        if std::mem::take(&mut content.fails_next) {
            return Err(MediumError("the disk did not answer".to_owned()));
        }
        content.flushed += 1;
        let keeps = match content.flushes {
            Flushes::Kept => 0,
            Flushes::Forgotten => FORGETS,
        };
        while content.unsafe_batches.len() > keeps {
            content.unsafe_batches.pop_front();
        }
        Ok(())
    }
}
