//! A stopped store in an operator's hands: looked at, repaired, rewritten, written out and read in.
//!
//! Nothing here changes what a node would open until a last, atomic step: repairs and rewrites go into a folder beside
//! the engine's, and the file that names the folder is replaced at the end.

mod export;
mod figures;
mod import;
mod repair;
mod rewrite;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use export::Exported;
pub use figures::Figures;
pub use import::Imported;
pub use repair::Repaired;
pub use rewrite::Rewritten;

use crate::check::{self, Scope};
use crate::engine::guard::Guard;
use crate::engine::place::Place;
use crate::engine::{self, synced};
use crate::payload::{Payloads, sync_directory};
use crate::shared::bring_up_to_date;
use crate::store::opening::lock;
use crate::witness::{Seen, Witness};
use crate::{CheckReport, EngineKind, StoreError, StoreOptions, Watch};

/// A store that no node has open. It keeps others out until it is dropped.
pub struct Offline {
    options: StoreOptions,
    place: Place,
    guard: Guard,
    payloads: Arc<Payloads>,
    _lock: File,
}

impl std::fmt::Debug for Offline {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Offline").field("place", &self.place).finish_non_exhaustive()
    }
}

impl Offline {
    /// Opens the store of a directory with the engine that it has, whatever the options say. Blocking.
    ///
    /// # Errors
    /// `not_found` when there is none; `unsupported` when a process has it or its format is newer; `store_damaged` when
    /// the engine cannot open its files; `internal` for the disk.
    pub fn open(options: StoreOptions) -> Result<Self, StoreError> {
        let directory = options.directory.clone();
        if Place::find(&directory)?.is_none() {
            return Err(StoreError::NoStore { directory });
        }
        let lock = lock(&directory)?;
        let place = Place::find(&directory)?.ok_or(StoreError::NoStore { directory: directory.clone() })?;
        let guard = Guard::new(engine::open(place.kind, &place.path(&directory), options.cache_bytes, synced())?);
        // What cannot be rewritten is damaged: it is there to be looked at.
        bring_up_to_date(&guard, &options).or_else(|error| error.skip_if_damaged("an older format stays as it is"))?;
        Ok(Self { payloads: Payloads::untouched(&directory), options, place, guard, _lock: lock })
    }

    /// Takes out of the engine's files what keeps it from opening: broken batches of fjall's journals, whose bytes of before
    /// stay beside them. True when it did; [`Offline::repair`] then sets right what the batches leave. Blocking.
    ///
    /// # Errors
    /// `not_found`, `unsupported` as [`Offline::open`]; `internal` for the disk.
    pub fn cut_damage(options: &StoreOptions) -> Result<bool, StoreError> {
        let directory = &options.directory;
        let no_store = || StoreError::NoStore { directory: directory.clone() };
        if Place::find(directory)?.is_none() {
            return Err(no_store());
        }
        let _lock = lock(directory)?;
        let place = Place::find(directory)?.ok_or_else(no_store)?;
        engine::cut_damage(place.kind, &place.path(directory))
    }

    /// Which engine the store has.
    #[must_use]
    pub const fn engine(&self) -> EngineKind {
        self.place.kind
    }

    /// The engine's folder.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.place.path(&self.options.directory)
    }

    /// Reads everything and names what is damaged or missing. Blocking, long.
    ///
    /// # Errors
    /// `internal` for the disk; damage is in the report.
    pub fn check(&self, watch: &mut Watch<'_>) -> Result<CheckReport, StoreError> {
        check::check(self.scope(), watch)
    }

    fn scope(&self) -> Scope<'_> {
        Scope { guard: &self.guard, payloads: &self.payloads, directory: self.directory(), commits: None }
    }

    fn directory(&self) -> &Path {
        &self.options.directory
    }

    /// Ends the engine, which releases its files.
    fn close(self) {
        self.guard.close();
    }
}

/// An engine in a folder beside the one in use, empty or from an interrupted attempt.
fn open_beside(options: &StoreOptions, place: &Place) -> Result<Guard, StoreError> {
    let path = place.path(&options.directory);
    engine::open(place.kind, &path, options.cache_bytes, synced()).map(Guard::new)
}

/// Removes a folder of the data directory with all that is in it; one that is not there is fine.
fn remove_folder(directory: &Path, folder: &Path) -> Result<(), StoreError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(StoreError::Io { what: "remove a folder of the store", source }),
        Ok(()) => sync_directory(directory),
    }
}

/// The store as it is counts from here on.
fn reset_witness(directory: &Path, guard: &Guard) -> Result<(), StoreError> {
    let seen = Seen { commit: crate::shared::number(guard, "commit")?, next: crate::shared::number(guard, "next")? };
    Witness::reset(directory, seen)
}

#[cfg(test)]
mod tests;
