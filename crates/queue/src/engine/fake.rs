//! An engine that keeps only what was flushed, and that can be cut at any write.

use std::collections::BTreeMap;
use std::ops::{ControlFlow, Range};
use std::sync::{Arc, Mutex};

use super::{Changes, Engine, EngineError, Visit, Walk};

type Map = BTreeMap<Vec<u8>, Vec<u8>>;

#[derive(Default)]
struct Disk {
    /// What readers see.
    seen: Map,
    /// What survives.
    durable: Map,
    /// Applied and not flushed.
    pending: Vec<Changes>,
    /// Writes (applies and flushes) that still succeed; `None` for all.
    writes_left: Option<u64>,
    flushes: u64,
}

/// A disk that outlives its engines.
#[derive(Clone, Default)]
pub(crate) struct FakeDisk(Arc<Mutex<Disk>>);

/// What of the unflushed batches is on the disk after the cut.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cut {
    /// Nothing of them.
    LosesUnflushed,
    /// All of them: the disk was quicker than it had to be.
    KeepsUnflushed,
}

fn put(map: &mut Map, changes: &Changes) {
    for (key, change) in changes {
        match change {
            Some(value) => drop(map.insert(key.clone(), value.clone())),
            None => drop(map.remove(key)),
        }
    }
}

impl FakeDisk {
    pub(crate) fn cut_after(&self, writes: u64) {
        self.0.lock().unwrap().writes_left = Some(writes);
    }

    pub(crate) fn flushes(&self) -> u64 {
        self.0.lock().unwrap().flushes
    }

    /// The machine goes down and comes back.
    pub(crate) fn power_cycle(&self, cut: Cut) {
        let mut disk = self.0.lock().unwrap();
        let pending = std::mem::take(&mut disk.pending);
        if matches!(cut, Cut::KeepsUnflushed) {
            pending.iter().for_each(|changes| put(&mut disk.durable, changes));
        }
        disk.seen = disk.durable.clone();
        disk.writes_left = None;
    }

    pub(crate) fn flip_bit(&self, key: &[u8]) {
        let mut disk = self.0.lock().unwrap();
        let value = disk.seen.get_mut(key).expect("the key is there");
        *value.last_mut().unwrap() ^= 4;
    }

    pub(crate) fn keys(&self) -> Vec<Vec<u8>> {
        self.0.lock().unwrap().seen.keys().cloned().collect()
    }

    pub(crate) fn value_length_max(&self) -> usize {
        self.0.lock().unwrap().seen.values().map(Vec::len).max().unwrap_or(0)
    }
}

pub(crate) struct FakeEngine(pub(crate) FakeDisk);

impl Disk {
    fn spend(&mut self) -> Result<(), EngineError> {
        match &mut self.writes_left {
            Some(0) => Err(EngineError::Failed("the disk is gone".to_owned())),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }
}

impl Engine for FakeEngine {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        Ok(self.0.0.lock().unwrap().seen.get(key).cloned())
    }

    fn walk(&self, range: Range<&[u8]>, way: Walk, visit: &mut Visit<'_>) -> Result<(), EngineError> {
        let found: Vec<_> = {
            let disk = self.0.0.lock().unwrap();
            disk.seen.range(range.start.to_vec()..range.end.to_vec()).map(|(k, v)| (k.clone(), v.clone())).collect()
        };
        let ordered: Box<dyn Iterator<Item = _>> = match way {
            Walk::Forward => Box::new(found.into_iter()),
            Walk::Backward => Box::new(found.into_iter().rev()),
        };
        for (key, value) in ordered {
            if let ControlFlow::Break(()) = visit(&key, &value) {
                break;
            }
        }
        Ok(())
    }

    fn apply(&self, changes: &Changes) -> Result<(), EngineError> {
        let mut disk = self.0.0.lock().unwrap();
        disk.spend()?;
        put(&mut disk.seen, changes);
        disk.pending.push(changes.clone());
        Ok(())
    }

    fn flush(&self) -> Result<(), EngineError> {
        let mut disk = self.0.0.lock().unwrap();
        disk.spend()?;
        let pending = std::mem::take(&mut disk.pending);
        pending.iter().for_each(|changes| put(&mut disk.durable, changes));
        disk.flushes += 1;
        Ok(())
    }
}
