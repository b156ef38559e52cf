//! The boundary to the embedded engine: an atomic batch, a durable flush, a get and an ordered walk. Nothing more.

use std::collections::BTreeMap;
use std::io;
use std::ops::{ControlFlow, Range};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use crate::{EngineKind, StoreError};

pub(crate) mod beginning;
#[cfg(test)]
pub(crate) mod cutting;
#[cfg(test)]
pub(crate) mod fake;
mod fjall_engine;
pub(crate) mod guard;
pub(crate) mod place;
mod sled_engine;

/// What a batch does to each key: a new value, or `None` to remove it.
pub(crate) type Changes = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// Which way a walk goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Walk {
    Forward,
    Backward,
}

/// Called for each key and value of a walk; breaks to end it.
pub(crate) type Visit<'a> = dyn FnMut(&[u8], &[u8]) -> ControlFlow<()> + 'a;

/// A failure, in the engine's own words.
#[derive(Debug)]
pub(crate) enum EngineError {
    /// It could not do what was asked.
    Failed(String),
    /// What it read is not what was written.
    Damaged(String),
}

/// An embedded engine: one ordered map of byte strings.
pub(crate) trait Engine: Send + Sync {
    /// The value of a key, flushed or not.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError>;

    /// Visits the keys of a range in order.
    fn walk(&self, range: Range<&[u8]>, way: Walk, visit: &mut Visit<'_>) -> Result<(), EngineError>;

    /// Applies a batch: all of it or, after a crash, nothing.
    fn apply(&self, changes: &Changes) -> Result<(), EngineError>;

    /// Returns once every applied batch survives a power cut.
    fn flush(&self) -> Result<(), EngineError>;
}

/// Runs an engine's own sync of what it has written. Tests count the calls or make them fail.
pub(crate) type Syncer = Arc<dyn Fn(&dyn Fn() -> io::Result<()>) -> io::Result<()> + Send + Sync>;

/// The real thing.
pub(crate) fn synced() -> Syncer {
    Arc::new(|force| force())
}

/// Takes out of a stopped engine's files what keeps it from opening, where that can be told; true when it did.
pub(crate) fn cut_damage(kind: EngineKind, directory: &Path) -> Result<bool, StoreError> {
    match kind {
        EngineKind::Sled => Ok(false),
        EngineKind::Fjall => fjall_engine::cut_damage(directory),
    }
}

/// Opens or creates an engine in a folder of its own. A damaged one can panic inside the engine: that must reach the
/// operator as words.
pub(crate) fn open(
    kind: EngineKind,
    directory: &Path,
    cache_bytes: u64,
    sync: Syncer,
) -> Result<Box<dyn Engine>, StoreError> {
    let opened = catch_unwind(AssertUnwindSafe(|| -> Result<Box<dyn Engine>, StoreError> {
        Ok(match kind {
            EngineKind::Sled => Box::new(sled_engine::SledEngine::open(directory, cache_bytes, sync)?),
            EngineKind::Fjall => Box::new(fjall_engine::FjallEngine::open(directory, cache_bytes, sync)?),
        })
    }));
    opened.unwrap_or_else(|panic| {
        Err(StoreError::Damaged {
            record: "the engine's files".to_owned(),
            reason: format!("they cannot be opened: {}", guard::words(panic.as_ref())),
        })
    })
}
