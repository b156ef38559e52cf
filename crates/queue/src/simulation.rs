//! A store without threads, runtime and disk: the same operations over a medium that the caller gives, written when the
//! caller says so. For the deterministic simulation of many nodes in one process; a running node never comes here.
//!
//! What is simulated is the medium of the records. Payload files are not: contents and sides stay at or below
//! [`crate::INLINE_MAX`] bytes, which keeps them in records.

use std::collections::BTreeMap;
use std::ops::{ControlFlow, Range};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::mpsc;

use crate::engine::guard::Guard;
use crate::engine::{Engine, EngineError, Visit, Walk};
use crate::payload::Payloads;
use crate::shared::Shared;
use crate::writer::{self, Operation, Tally};
use crate::{Store, StoreError, StoreOptions};

/// What a batch does to each key: a new value, or `None` to remove it.
pub type Changes = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// Which way a walk over a [`Medium`] goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the first key to the last.
    Forward,
    /// From the last key to the first.
    Backward,
}

/// Called for each key and value of a walk; breaks to end it.
pub type Visitor<'a> = dyn FnMut(&[u8], &[u8]) -> ControlFlow<()> + 'a;

/// What a [`Medium`] says when it fails; the store is poisoned by it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct MediumError(pub String);

/// One ordered map of byte strings, with a flush that makes it durable. What an embedded engine is to a running node.
pub trait Medium: Send + Sync {
    /// The value of a key, flushed or not.
    ///
    /// # Errors
    /// The medium's own words.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, MediumError>;

    /// Visits keys and values of a range in order. [`Medium::get`] is called within it.
    ///
    /// # Errors
    /// The medium's own words.
    fn walk(&self, range: Range<&[u8]>, direction: Direction, visit: &mut Visitor<'_>) -> Result<(), MediumError>;

    /// Applies a batch: all of it or, after a crash, nothing.
    ///
    /// # Errors
    /// The medium's own words.
    fn apply(&self, changes: &Changes) -> Result<(), MediumError>;

    /// Returns once every applied batch survives a crash.
    ///
    /// # Errors
    /// The medium's own words.
    fn flush(&self) -> Result<(), MediumError>;
}

struct Over(Box<dyn Medium>);

fn failed(error: MediumError) -> EngineError {
    EngineError::Failed(error.0)
}

impl Engine for Over {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        self.0.get(key).map_err(failed)
    }

    fn walk(&self, range: Range<&[u8]>, way: Walk, visit: &mut Visit<'_>) -> Result<(), EngineError> {
        let direction = match way {
            Walk::Forward => Direction::Forward,
            Walk::Backward => Direction::Backward,
        };
        self.0.walk(range, direction, visit).map_err(failed)
    }

    fn apply(&self, changes: &Changes) -> Result<(), EngineError> {
        self.0.apply(changes).map_err(failed)
    }

    fn flush(&self) -> Result<(), EngineError> {
        self.0.flush().map_err(failed)
    }
}

/// The writer of a stepped store: what is a thread in a running node.
pub struct Stepper {
    shared: Arc<Shared>,
    arriving: mpsc::Receiver<Box<dyn Operation>>,
    tally: Tally,
}

impl std::fmt::Debug for Stepper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stepper").field("tally", &self.tally).finish_non_exhaustive()
    }
}

impl Stepper {
    /// Whether an operation waits to be written.
    #[must_use]
    pub fn has_work(&self) -> bool {
        !self.arriving.is_empty()
    }

    /// Writes one batch of what has arrived, as the writer thread does: runs the operations, applies, flushes, and only then
    /// answers. Gives the number of operations in it.
    pub fn step(&mut self) -> usize {
        let Ok(first) = self.arriving.try_recv() else { return 0 };
        let arrived = writer::arrived(first, &mut self.arriving);
        let count = arrived.len();
        writer::commit(&self.shared, arrived, &mut self.tally);
        count
    }

    /// The number that the next operation would be given.
    #[must_use]
    pub fn next_number(&self) -> u64 {
        self.shared.next_number.load(Ordering::Acquire)
    }
}

impl Store {
    /// Opens a store over a medium. Its operations wait until [`Stepper::step`]; without anything else going on, their
    /// futures are ready after it. Nothing of the options' directory is touched.
    ///
    /// # Errors
    /// `unsupported` when the format does not fit; `store_damaged`; `internal` for the medium.
    pub fn stepped(options: StoreOptions, medium: Box<dyn Medium>) -> Result<(Self, Stepper), StoreError> {
        let payloads = Payloads::untouched(&options.directory);
        let shared = Arc::new(Shared::open(Guard::new(Box::new(Over(medium))), payloads, options, None)?);
        let (operations, arriving) = mpsc::channel(writer::WAITING_MAX);
        let store = Self::over(Arc::clone(&shared), operations);
        Ok((store, Stepper { shared, arriving, tally: Tally::default() }))
    }
}

#[cfg(test)]
mod tests;
