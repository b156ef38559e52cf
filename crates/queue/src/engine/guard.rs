//! Every call to the engine goes through here: a panic inside it poisons the store and is reported, never swallowed.

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};

use super::{Changes, Engine, EngineError, Visit, Walk};
use crate::{StoreError, key};

/// The engine, until it is closed.
pub(crate) struct Guard {
    engine: RwLock<Option<Box<dyn Engine>>>,
    poisoned: AtomicBool,
    /// Set when a batch failed in the middle.
    abandoned: AtomicBool,
}

impl Guard {
    pub(crate) fn new(engine: Box<dyn Engine>) -> Self {
        Self { engine: RwLock::new(Some(engine)), poisoned: AtomicBool::new(false), abandoned: AtomicBool::new(false) }
    }

    pub(crate) fn is_poisoned(&self) -> bool {
        self.poisoned.load(Ordering::Acquire)
    }

    /// Refuses writes from here on.
    pub(crate) fn poison(&self, reason: &str) {
        if !self.poisoned.swap(true, Ordering::AcqRel) {
            tracing::error!(error.code = "store_poisoned", reason, "the store refuses writes until the node restarts");
        }
    }

    /// Drops the engine, which releases its files. One that failed in the middle of a batch is left as it is until the
    /// process ends: sled flushes when it is dropped, and would put half a batch on the disk.
    pub(crate) fn close(&self) {
        let engine = self.engine.write().unwrap_or_else(PoisonError::into_inner).take();
        if self.abandoned.load(Ordering::Acquire) {
            return std::mem::forget(engine);
        }
        if catch_unwind(AssertUnwindSafe(|| drop(engine))).is_err() {
            tracing::error!(
                "the storage engine panicked while it was closed; everything acknowledged was synced before"
            );
        }
    }

    pub(crate) fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.call("read", key, |engine| engine.get(key))
    }

    pub(crate) fn walk(&self, range: Range<&[u8]>, way: Walk, visit: &mut Visit<'_>) -> Result<(), StoreError> {
        if range.start >= range.end {
            return Ok(());
        }
        self.call("walked", range.start, |engine| engine.walk(range, way, visit))
    }

    /// Applies and flushes. Whatever goes wrong poisons the store: what is on the disk is not known any more.
    pub(crate) fn commit(&self, changes: &Changes) -> Result<(), StoreError> {
        if self.is_poisoned() {
            return Err(StoreError::Poisoned);
        }
        self.apply(changes).and_then(|()| self.flush())
    }

    /// Applies without a flush: for work that is started anew when it did not get to its end.
    pub(crate) fn apply(&self, changes: &Changes) -> Result<(), StoreError> {
        let applied = self.call("applied a batch", &[], |engine| engine.apply(changes));
        if applied.is_err() {
            self.abandoned.store(true, Ordering::Release);
        }
        self.poisoning(applied)
    }

    /// Forces what was applied to the disk.
    pub(crate) fn flush(&self) -> Result<(), StoreError> {
        self.poisoning(self.call("flushed", &[], |engine| engine.flush()))
    }

    fn poisoning(&self, result: Result<(), StoreError>) -> Result<(), StoreError> {
        if let Err(error) = &result {
            self.poison(&error.to_string());
        }
        result
    }

    fn call<T>(
        &self,
        what: &'static str,
        at: &[u8],
        run: impl FnOnce(&dyn Engine) -> Result<T, EngineError>,
    ) -> Result<T, StoreError> {
        let engine = self.engine.read().unwrap_or_else(PoisonError::into_inner);
        let engine = engine.as_deref().ok_or(StoreError::Closed)?;
        match catch_unwind(AssertUnwindSafe(|| run(engine))) {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(EngineError::Failed(reason))) => Err(StoreError::Engine { what, reason }),
            Ok(Err(EngineError::Damaged(reason))) => Err(StoreError::Damaged { record: key::describe(at), reason }),
            Err(panic) => {
                let reason = words(panic.as_ref());
                self.poison(&reason);
                Err(StoreError::Engine { what, reason })
            }
        }
    }
}

impl Drop for Guard {
    /// A store that did not open drops its engine here: on a failing disk sled panics then, as it does when it is closed.
    fn drop(&mut self) {
        self.close();
    }
}

/// What a panic said.
pub(crate) fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic without words".to_owned())
}
