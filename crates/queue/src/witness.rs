//! A witness outside the engine of how far the store has been written.
//!
//! An engine that finds its last records damaged may cut them off and open as if they had never been: fjall does so with
//! the end of its journal, sled with the end of its log. What is left fits together, so nothing inside shows it. After
//! every flush the number of the commit goes into this small file. It is not synced: it can be behind after a power cut,
//! never ahead. A store that is behind its witness has lost what was acknowledged.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::StoreError;
use crate::payload::sync_directory;

const FILE: &str = "witness";
/// Commit, next number, checksum; written in turn, so that a torn write leaves the one before.
const SLOT: usize = 8 + 8 + 4;
const SLOTS: u64 = 2;

/// What the file says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// The last commit that was flushed.
    pub(crate) commit: u64,
    /// The next number to give out, as of that commit.
    pub(crate) next: u64,
}

pub(crate) struct Witness {
    file: File,
    has_failed: AtomicBool,
}

impl Witness {
    /// What a directory's witness has seen; nothing when there is none, or when it is unreadable itself.
    pub(crate) fn read(directory: &Path) -> Seen {
        let Ok(file) = File::open(directory.join(FILE)) else { return Seen::default() };
        let slots = (0..SLOTS).filter_map(|slot| {
            let mut bytes = [0; SLOT];
            file.read_exact_at(&mut bytes, slot * slot_length()).ok()?;
            decode(&bytes)
        });
        slots.max_by_key(|seen| seen.commit).unwrap_or_default()
    }

    /// Opens the file, or makes it.
    pub(crate) fn open(directory: &Path) -> Result<Self, StoreError> {
        let path = directory.join(FILE);
        let is_new = !path.exists();
        let file = File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(StoreError::io("open the witness file"))?;
        if is_new {
            // Both slots have their place on the disk from now on: a full disk does not end the witness.
            let empty = vec![0; SLOT * 2];
            file.write_all_at(&empty, 0)
                .and_then(|()| file.sync_all())
                .map_err(StoreError::io("make the witness file"))?;
            sync_directory(directory)?;
        }
        Ok(Self { file, has_failed: AtomicBool::new(false) })
    }

    /// Notes a commit that is on the disk. A failure is told once: the store itself is none the worse.
    pub(crate) fn note(&self, seen: Seen) {
        let written = self.file.write_all_at(&encode(seen), (seen.commit % SLOTS) * slot_length());
        if let Err(error) = written
            && !self.has_failed.swap(true, Ordering::Relaxed)
        {
            tracing::warn!(%error, "the witness file cannot be written: a lost end of the store would go unnoticed");
        }
    }

    /// Says that the store as it is counts from here on, whatever was seen before.
    pub(crate) fn reset(directory: &Path, seen: Seen) -> Result<(), StoreError> {
        let witness = Self::open(directory)?;
        let both = [encode(Seen::default()), encode(seen)];
        let order = if seen.commit.is_multiple_of(SLOTS) { [1, 0] } else { [0, 1] };
        let bytes: Vec<u8> = order.into_iter().filter_map(|slot| both.get(slot)).flatten().copied().collect();
        let written = witness.file.write_all_at(&bytes, 0).and_then(|()| witness.file.sync_all());
        written.map_err(StoreError::io("write the witness file"))
    }
}

fn slot_length() -> u64 {
    u64::try_from(SLOT).unwrap_or(u64::MAX)
}

fn encode(seen: Seen) -> [u8; SLOT] {
    let mut bytes = [0; SLOT];
    let numbers = [seen.commit.to_be_bytes(), seen.next.to_be_bytes()].concat();
    let checksum = crc32fast::hash(&numbers).to_be_bytes();
    for (to, from) in bytes.iter_mut().zip(numbers.iter().chain(&checksum)) {
        *to = *from;
    }
    bytes
}

fn decode(bytes: &[u8; SLOT]) -> Option<Seen> {
    let (numbers, checksum) = bytes.split_last_chunk::<4>()?;
    let (commit, next) = numbers.split_first_chunk::<8>()?;
    let seen = Seen { commit: u64::from_be_bytes(*commit), next: u64::from_be_bytes(next.try_into().ok()?) };
    (crc32fast::hash(numbers) == u32::from_be_bytes(*checksum)).then_some(seen)
}

#[cfg(test)]
mod tests;
