//! A real engine that can be cut at any write, so that what is tested over the fake one is tested over it too.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use super::fake::Cut;
use super::{Changes, Engine, EngineError, Visit, Walk, synced};
use crate::EngineKind;

/// Bytes of cache: little, so that pages are read again.
const CACHE_BYTES: u64 = 1 << 20;

struct State {
    kind: EngineKind,
    path: PathBuf,
    writes_left: Option<u64>,
    flushes: u64,
    /// Here and not with the store: one that failed leaves its engine alone, which keeps its files locked.
    open: Option<Arc<dyn Engine>>,
}

/// A folder that outlives its engines.
#[derive(Clone)]
pub(crate) struct RealDisk(Arc<Mutex<State>>);

impl RealDisk {
    pub(crate) fn new(kind: EngineKind, path: PathBuf) -> Self {
        Self(Arc::new(Mutex::new(State { kind, path, writes_left: None, flushes: 0, open: None })))
    }

    pub(crate) fn engine(&self) -> Box<dyn Engine> {
        let mut state = self.0.lock().unwrap();
        state.open = Some(super::open(state.kind, &state.path, CACHE_BYTES, synced()).unwrap().into());
        Box::new(CuttingEngine(self.clone()))
    }

    pub(crate) fn cut_after(&self, writes: u64) {
        self.0.lock().unwrap().writes_left = Some(writes);
    }

    pub(crate) fn flushes(&self) -> u64 {
        self.0.lock().unwrap().flushes
    }

    /// The process ends and starts: a real file keeps what was written and not synced.
    pub(crate) fn power_cycle(&self, _: Cut) {
        let mut state = self.0.lock().unwrap();
        (state.writes_left, state.open) = (None, None);
    }

    fn open(&self) -> Arc<dyn Engine> {
        self.0.lock().unwrap().open.clone().expect("the store is open")
    }

    pub(crate) fn flip_bit(&self, key: &[u8]) {
        let engine = self.open();
        let mut value = engine.get(key).unwrap().expect("the key is there");
        *value.last_mut().unwrap() ^= 4;
        engine.apply(&Changes::from([(key.to_vec(), Some(value))])).unwrap();
    }

    fn all(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
        let mut found = Vec::new();
        let mut visit = |key: &[u8], value: &[u8]| {
            found.push((key.to_vec(), value.to_vec()));
            std::ops::ControlFlow::Continue(())
        };
        self.open().walk(&[][..]..&[0xff; 2][..], Walk::Forward, &mut visit).unwrap();
        found
    }

    pub(crate) fn keys(&self) -> Vec<Vec<u8>> {
        self.all().into_iter().map(|(key, _)| key).collect()
    }

    pub(crate) fn value_length_max(&self) -> usize {
        self.all().into_iter().map(|(_, value)| value.len()).max().unwrap_or(0)
    }

    fn spend(&self) -> Result<(), EngineError> {
        match &mut self.0.lock().unwrap().writes_left {
            Some(0) => Err(EngineError::Failed("the disk is gone".to_owned())),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }
}

struct CuttingEngine(RealDisk);

impl Drop for CuttingEngine {
    fn drop(&mut self) {
        self.0.0.lock().unwrap().open = None;
    }
}

impl Engine for CuttingEngine {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        self.0.open().get(key)
    }

    fn walk(&self, range: Range<&[u8]>, way: Walk, visit: &mut Visit<'_>) -> Result<(), EngineError> {
        self.0.open().walk(range, way, visit)
    }

    fn apply(&self, changes: &Changes) -> Result<(), EngineError> {
        self.0.spend()?;
        self.0.open().apply(changes)
    }

    fn flush(&self) -> Result<(), EngineError> {
        self.0.spend()?;
        self.0.open().flush()?;
        self.0.0.lock().unwrap().flushes += 1;
        Ok(())
    }
}
