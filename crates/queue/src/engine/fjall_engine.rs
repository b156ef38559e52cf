//! fjall 3 behind the boundary: a log-structured merge tree whose journal is synced once per commit.

use std::ops::{ControlFlow, Range};
use std::path::Path;

use fjall::{Database, Keyspace, KeyspaceCreateOptions, LsmError, PersistMode};

use super::{Changes, Engine, EngineError, Syncer, Visit, Walk};
use crate::StoreError;
use crate::payload::sync_directory;

mod journal;

use journal::Cut;

/// All records are in one keyspace: what is atomic across kinds needs no second one.
const KEYSPACE: &str = "records";
/// A journal file takes 64 MiB; more than two wait for their tables only while the disk is behind.
const JOURNALS_BYTES_MAX: u64 = 192 * 1024 * 1024;
/// Records in memory before they become a table. A restart reads at most a few of these again. Small in tests, so that
/// they meet tables and merges.
const MEMTABLE_BYTES_MAX: u64 = if cfg!(test) { 256 * 1024 } else { 16 * 1024 * 1024 };
/// One writes tables, one merges them: a merge never keeps the writer waiting for a table.
const WORKERS: usize = 2;
/// Tables held open at one time.
const OPEN_FILES_MAX: usize = 256;

pub(crate) struct FjallEngine {
    records: Keyspace,
    /// Dropped last: it ends the worker threads.
    database: Database,
    sync: Syncer,
}

impl FjallEngine {
    pub(crate) fn open(directory: &Path, cache_bytes: u64, sync: Syncer) -> Result<Self, StoreError> {
        clear_if_never_made(directory)?;
        let is_new = !directory.exists();
        if !is_new {
            journal::mend(directory, Cut::TornEnd)?;
        }
        let database = Database::builder(directory)
            .cache_size(cache_bytes)
            .max_journaling_size(JOURNALS_BYTES_MAX)
            .max_cached_files(Some(OPEN_FILES_MAX))
            .worker_threads(WORKERS)
            // The journal is written and synced by `flush`, which no answer goes before.
            .manual_journal_persist(true)
            .open()
            .map_err(|error| refused(&error))?;
        let options =
            || KeyspaceCreateOptions::default().max_memtable_size(MEMTABLE_BYTES_MAX).manual_journal_persist(true);
        let records = database.keyspace(KEYSPACE, options).map_err(|error| refused(&error))?;
        // fjall syncs a keyspace, but not the folder that has its name: without this a power cut may take all of it.
        sync_directory(&directory.join("keyspaces"))?;
        if is_new {
            // fjall syncs its own folders; the one it lies in is ours.
            database.persist(PersistMode::SyncAll).map_err(|error| refused(&error))?;
            directory.parent().map_or(Ok(()), sync_directory)?;
        }
        Ok(Self { records, database, sync })
    }
}

/// fjall does not go on where the making of a store was interrupted. One that has neither its mark nor anything in its
/// journal never took anything in.
fn clear_if_never_made(directory: &Path) -> Result<(), StoreError> {
    if !directory.exists() || directory.join("version").exists() || !journal::is_empty(directory)? {
        return Ok(());
    }
    std::fs::remove_dir_all(directory).map_err(StoreError::io("remove what an interrupted start left"))
}

/// Takes damaged batches out of a stopped store's journals; their bytes of before stay beside them.
pub(super) fn cut_damage(directory: &Path) -> Result<bool, StoreError> {
    journal::mend(directory, Cut::Damage)
}

/// A failure to open, which is damage when it is about what the files hold.
fn refused(error: &fjall::Error) -> StoreError {
    match failed(error) {
        EngineError::Damaged(reason) => {
            StoreError::Damaged { record: "the engine's files".to_owned(), reason: format!("cannot be read: {reason}") }
        }
        EngineError::Failed(reason) => StoreError::Engine { what: "opened", reason },
    }
}

fn failed(error: &fjall::Error) -> EngineError {
    use fjall::Error;
    match error {
        Error::Storage(LsmError::Io(_)) | Error::Io(_) | Error::Poisoned | Error::KeyspaceDeleted | Error::Locked => {
            EngineError::Failed(error.to_string())
        }
        _ => EngineError::Damaged(error.to_string()),
    }
}

impl Engine for FjallEngine {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        self.records.get(key).map(|found| found.map(|value| value.to_vec())).map_err(|error| failed(&error))
    }

    fn walk(&self, range: Range<&[u8]>, way: Walk, visit: &mut Visit<'_>) -> Result<(), EngineError> {
        let mut entries = self.records.range(range);
        loop {
            let entry = match way {
                Walk::Forward => entries.next(),
                Walk::Backward => entries.next_back(),
            };
            let Some(entry) = entry else { return Ok(()) };
            let (key, value) = entry.into_inner().map_err(|error| failed(&error))?;
            if let ControlFlow::Break(()) = visit(&key, &value) {
                return Ok(());
            }
        }
    }

    fn apply(&self, changes: &Changes) -> Result<(), EngineError> {
        let mut batch = self.database.batch();
        for (key, change) in changes {
            match change {
                Some(value) => batch.insert(&self.records, key.as_slice(), value.as_slice()),
                None => batch.remove(&self.records, key.as_slice()),
            }
        }
        batch.commit().map_err(|error| failed(&error))
    }

    fn flush(&self) -> Result<(), EngineError> {
        let force = || self.database.persist(PersistMode::SyncData).map_err(std::io::Error::other);
        (self.sync)(&force).map_err(|error| EngineError::Failed(error.to_string()))
    }
}
