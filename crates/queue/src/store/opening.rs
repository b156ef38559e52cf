//! Opening: the directory's lock, the engine, the writer thread.

use std::fs::{self, File, TryLockError};
use std::io::{Read, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};

use tokio::sync::mpsc;

use super::{Handle, Store};
use crate::engine::beginning;
use crate::engine::guard::Guard;
use crate::engine::place::Place;
use crate::engine::{self, Engine, Syncer};
use crate::payload::{Payloads, sync_directory};
use crate::shared::Shared;
use crate::{StoreError, StoreOptions, writer};

/// A larger reserve would be a store that takes nothing.
const RESERVE_PERCENT_MAX: u8 = 90;

impl Store {
    /// [`Store::open`] with another way to force what the engine wrote to the disk.
    pub(crate) fn open_synced(options: StoreOptions, sync: Syncer) -> Result<Self, StoreError> {
        if options.reserve_percent > RESERVE_PERCENT_MAX {
            return Err(StoreError::Invalid { what: "the disk reserve is at most 90 percent" });
        }
        let is_new = !options.directory.exists();
        fs::create_dir_all(&options.directory).map_err(StoreError::io("create the data directory"))?;
        if is_new && let Some(parent) = options.directory.parent().filter(|parent| parent.is_dir()) {
            sync_directory(parent)?;
        }
        let lock = lock(&options.directory)?;
        let engine = open_engine(&options, sync)?;
        Self::start(options, engine, Some(lock))
    }

    /// Starts the writer over an opened engine.
    pub(crate) fn start(
        options: StoreOptions,
        engine: Box<dyn Engine>,
        lock: Option<File>,
    ) -> Result<Self, StoreError> {
        let payloads = Payloads::open(&options.directory)?;
        let shared = Arc::new(Shared::open(Guard::new(engine), payloads, options, lock)?);
        let (operations, arriving) = mpsc::channel(writer::WAITING_MAX);
        let for_writer = Arc::clone(&shared);
        let writer = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || writer::run(&for_writer, arriving))
            .map_err(StoreError::io("start the writer thread"))?;
        let handle = Handle { shared, operations: Mutex::new(Some(operations)), writer: Mutex::new(Some(writer)) };
        Ok(Self { handle: Arc::new(handle) })
    }
}

fn open_engine(options: &StoreOptions, sync: Syncer) -> Result<Box<dyn Engine>, StoreError> {
    let (directory, asked) = (&options.directory, options.engine);
    let found = Place::find(directory)?;
    if let Some(found) = found.as_ref().map(|place| place.kind).filter(|found| *found != asked) {
        return Err(StoreError::OtherEngine { found, asked });
    }
    let place = found.unwrap_or_else(|| Place::first(asked));
    beginning::clear(asked, &place.path(directory), &directory.join("payload"))?;
    let engine = engine::open(asked, &place.path(directory), options.cache_bytes, sync)?;
    place.write(directory)?;
    Ok(engine)
}

/// Takes the directory for this process; the file says who has it.
pub(crate) fn lock(directory: &Path) -> Result<File, StoreError> {
    let path = directory.join("lock");
    let mut file = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .map_err(StoreError::io("open the lock file"))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            let is_known = file.read_to_string(&mut holder).is_ok() && !holder.trim().is_empty();
            let holder = if is_known { format!(" (process {})", holder.trim()) } else { String::new() };
            return Err(StoreError::InUse { directory: directory.to_owned(), holder });
        }
        Err(TryLockError::Error(source)) => return Err(StoreError::Io { what: "lock the data directory", source }),
    }
    file.set_len(0)
        .and_then(|()| file.write_all(std::process::id().to_string().as_bytes()))
        .map_err(StoreError::io("write the lock file"))?;
    sync_directory(directory)?;
    Ok(file)
}
