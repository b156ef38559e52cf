//! What a store is made of.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use crate::check::walk_kind;
use crate::key::Kind;
use crate::shared::number;
use crate::stats::Table;
use crate::witness::Witness;
use crate::{EngineKind, Offline, Progress, Stats, StoreError, Watch};

/// Sizes and numbers of a stopped store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// The engine.
    pub engine: EngineKind,
    /// Format of the records.
    pub format: u64,
    /// Commits since the store was made.
    pub commits: u64,
    /// The last commit that the witness file has seen; more than `commits` means loss.
    pub witnessed: u64,
    /// Records by kind.
    pub records: BTreeMap<String, u64>,
    /// Bytes of all keys and values.
    pub live_bytes: u64,
    /// Bytes that the engine's folder takes on the disk.
    pub engine_bytes: u64,
    /// Payload files.
    pub payload_files: u64,
    /// Bytes that the payload files take on the disk.
    pub payload_bytes: u64,
    /// The maintained numbers.
    pub stats: Stats,
}

impl Offline {
    /// Sizes and numbers. Walks all records. Blocking, long.
    ///
    /// # Errors
    /// `store_damaged`; `internal` for the disk.
    pub fn figures(&self, watch: &mut Watch<'_>) -> Result<Figures, StoreError> {
        let mut figures = Figures {
            engine: self.engine(),
            format: number(&self.guard, "format")?,
            commits: number(&self.guard, "commit")?,
            witnessed: Witness::read(self.directory()).commit,
            stats: Table::load(&self.guard)?.stats(),
            engine_bytes: bytes_on_disk(&self.folder()).map_err(StoreError::io("measure the engine's folder"))?,
            ..Figures::default()
        };
        let mut progress = Progress::default();
        for first in 0..=u8::MAX {
            walk_kind(&self.guard, first, &mut |key, value| {
                let kind = Kind::of(key).map_or_else(|| format!("{first:#04x}"), |kind| format!("{kind:?}"));
                *figures.records.entry(kind).or_default() += 1;
                figures.live_bytes += u64::try_from(key.len() + value.len()).unwrap_or(0);
                progress.records += 1;
                if progress.records.is_multiple_of(1 << 14) {
                    watch(progress);
                }
                Ok(())
            })?;
        }
        self.payloads.walk(&mut |_, path| {
            figures.payload_files += 1;
            figures.payload_bytes += path.metadata().map_or(0, |found| found.blocks() * 512);
        })?;
        Ok(figures)
    }
}

/// Bytes that the files of a folder take on the disk, holes left out.
pub(super) fn bytes_on_disk(folder: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        bytes += if metadata.is_dir() { bytes_on_disk(&entry.path())? } else { metadata.blocks() * 512 };
    }
    Ok(bytes)
}
