//! sled 0.34 behind the boundary, with the syncs that it leaves out.

use std::fs::{self, File};
use std::ops::{ControlFlow, Range};
use std::path::Path;
use std::time::Duration;

use super::{Changes, Engine, EngineError, Syncer, Visit, Walk};
use crate::StoreError;
use crate::payload::sync_directory;

/// Five seconds in all: releasing takes milliseconds, on a busy machine tens of them.
const RELEASE_LOOKS_MAX: u32 = 250;
const RELEASE_LOOK_EVERY: Duration = Duration::from_millis(20);

pub(crate) struct SledEngine {
    tree: sled::Db,
    /// A second handle on sled's file: sled's own flush ends in `sync_file_range`, which a power cut survives only by
    /// luck.
    file: File,
    sync: Syncer,
}

impl SledEngine {
    pub(crate) fn open(directory: &Path, cache_bytes: u64, sync: Syncer) -> Result<Self, StoreError> {
        let is_new = !directory.join("db").exists();
        if !is_new {
            wait_for_release(directory)?;
            remove_unfinished(directory)?;
        }
        let tree = sled::Config::new()
            .path(directory)
            .cache_capacity(cache_bytes)
            .flush_every_ms(None)
            .open()
            .map_err(|error| StoreError::Engine { what: "opened", reason: error.to_string() })?;
        if is_new {
            sync_creation(directory)?;
        } else {
            // Opening writes a snapshot and moves it to its name.
            sync_directory(directory)?;
        }
        let file = File::open(directory.join("db")).map_err(StoreError::io("open the engine's file"))?;
        Ok(Self { tree, file, sync })
    }
}

/// sled's threads release its file some moments after the last handle was dropped, and sled does not wait for it. The
/// lock of our own directory is held here, so whoever has the file is such a thread, or a program that has no business
/// there.
fn wait_for_release(directory: &Path) -> Result<(), StoreError> {
    let file = File::open(directory.join("db")).map_err(StoreError::io("open the engine's file"))?;
    for _ in 0..RELEASE_LOOKS_MAX {
        if file.try_lock().is_ok() {
            // Closing the file is not enough: a process that is just being started may have it open too.
            return file.unlock().map_err(StoreError::io("unlock the engine's file"));
        }
        std::thread::sleep(RELEASE_LOOK_EVERY);
    }
    Err(StoreError::InUse { directory: directory.to_owned(), holder: String::new() })
}

/// Removes snapshots that an earlier opening did not finish: sled takes one for its latest and refuses to open. Until a
/// snapshot has its name, the store is whole without it.
fn remove_unfinished(directory: &Path) -> Result<(), StoreError> {
    for entry in fs::read_dir(directory).map_err(StoreError::io("list the engine's folder"))? {
        let entry = entry.map_err(StoreError::io("list the engine's folder"))?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with("snap.") && name.ends_with(".generating") {
            fs::remove_file(entry.path()).map_err(StoreError::io("remove an unfinished snapshot"))?;
        }
    }
    Ok(())
}

/// sled never syncs what it creates: without this a power cut in the first hour can take the whole store.
fn sync_creation(directory: &Path) -> Result<(), StoreError> {
    for name in ["conf", "db"] {
        File::open(directory.join(name))
            .and_then(|file| file.sync_all())
            .map_err(StoreError::io("sync a new engine file"))?;
    }
    sync_directory(&directory.join("blobs"))?;
    sync_directory(directory)?;
    directory.parent().map_or(Ok(()), sync_directory)
}

fn failed(error: &sled::Error) -> EngineError {
    match error {
        sled::Error::Corruption { .. } => EngineError::Damaged(error.to_string()),
        _ => EngineError::Failed(error.to_string()),
    }
}

impl Engine for SledEngine {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        self.tree.get(key).map(|found| found.map(|value| value.to_vec())).map_err(|error| failed(&error))
    }

    fn walk(&self, range: Range<&[u8]>, way: Walk, visit: &mut Visit<'_>) -> Result<(), EngineError> {
        let mut entries = self.tree.range(range);
        loop {
            let entry = match way {
                Walk::Forward => entries.next(),
                Walk::Backward => entries.next_back(),
            };
            let Some(entry) = entry else { return Ok(()) };
            let (key, value) = entry.map_err(|error| failed(&error))?;
            if let ControlFlow::Break(()) = visit(&key, &value) {
                return Ok(());
            }
        }
    }

    fn apply(&self, changes: &Changes) -> Result<(), EngineError> {
        let mut batch = sled::Batch::default();
        for (key, change) in changes {
            match change {
                Some(value) => batch.insert(key.as_slice(), value.as_slice()),
                None => batch.remove(key.as_slice()),
            }
        }
        self.tree.apply_batch(batch).map_err(|error| failed(&error))
    }

    fn flush(&self) -> Result<(), EngineError> {
        self.tree.flush().map_err(|error| failed(&error))?;
        (self.sync)(&|| self.file.sync_data()).map_err(|error| EngineError::Failed(error.to_string()))
    }
}
