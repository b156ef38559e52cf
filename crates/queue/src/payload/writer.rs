//! A payload on its way in: in memory while it is small, then in a file.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Cursor, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use ring::digest::{Context, SHA256};
use types::Digest;

use super::{INLINE_MAX, Payload, Payloads, Temporary, digest_at_end};
use crate::StoreError;

/// A payload being written. Dropping it removes what was written. Blocking from [`INLINE_MAX`] bytes on: write more from
/// `spawn_blocking`.
pub struct PayloadWriter {
    payloads: Arc<Payloads>,
    place: Writing,
    context: Context,
    length: u64,
}

enum Writing {
    Memory(Vec<u8>),
    File(File, Temporary),
}

impl std::fmt::Debug for PayloadWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PayloadWriter").field("length", &self.length).finish_non_exhaustive()
    }
}

impl PayloadWriter {
    pub(super) fn new(payloads: Arc<Payloads>) -> Self {
        Self { payloads, place: Writing::Memory(Vec::new()), context: Context::new(&SHA256), length: 0 }
    }

    pub(super) fn in_file(payloads: Arc<Payloads>, file: File, temporary: Temporary) -> Self {
        Self { payloads, place: Writing::File(file, temporary), context: Context::new(&SHA256), length: 0 }
    }

    /// Bytes written so far.
    #[must_use]
    pub const fn length(&self) -> u64 {
        self.length
    }

    /// Whether nothing of it is in a file, so that finishing it waits for no disk.
    #[must_use]
    pub const fn is_in_memory(&self) -> bool {
        matches!(self.place, Writing::Memory(_))
    }

    /// Ends the payload: what is in a file is on the disk when this returns, under the temporary name. What is in memory
    /// is on the disk once it is accepted.
    ///
    /// # Errors
    /// `internal` when the disk fails.
    pub fn finish(self) -> Result<Staged, StoreError> {
        if let Writing::File(file, _) = &self.place {
            file.sync_data().map_err(StoreError::io("sync a payload"))?;
        }
        Ok(self.end())
    }

    /// Ends a payload that is only read again and never accepted: nothing is synced.
    #[must_use]
    pub fn finish_unsynced(self) -> Staged {
        self.end()
    }

    fn end(self) -> Staged {
        let Self { payloads, place, context, length } = self;
        let place = match place {
            Writing::Memory(bytes) => Ready::Memory(bytes.into()),
            Writing::File(_, temporary) => Ready::File(temporary),
        };
        Staged { payloads, place, digest: digest_at_end(context), length }
    }

    /// Moves what is in memory to a file, when `more` bytes would be too much of it.
    fn spill(&mut self, more: usize) -> io::Result<()> {
        let Writing::Memory(bytes) = &self.place else { return Ok(()) };
        if bytes.len() + more <= INLINE_MAX {
            return Ok(());
        }
        let (mut file, temporary) = self.payloads.create().map_err(|error| match error {
            StoreError::Io { source, .. } => source,
            error => io::Error::other(error),
        })?;
        file.write_all(bytes)?;
        self.place = Writing::File(file, temporary);
        Ok(())
    }
}

impl Write for PayloadWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.spill(bytes.len())?;
        let written = match &mut self.place {
            Writing::Memory(kept) => {
                kept.extend_from_slice(bytes);
                bytes.len()
            }
            Writing::File(file, _) => file.write(bytes)?,
        };
        self.context.update(bytes.get(..written).unwrap_or_default());
        self.length += u64::try_from(written).unwrap_or(u64::MAX);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.place {
            Writing::Memory(_) => Ok(()),
            Writing::File(file, _) => file.flush(),
        }
    }
}

/// A finished payload that no entry has yet. Dropping it removes it.
#[derive(Debug)]
pub struct Staged {
    payloads: Arc<Payloads>,
    place: Ready,
    digest: Digest,
    length: u64,
}

#[derive(Debug)]
enum Ready {
    Memory(Bytes),
    File(Temporary),
}

/// A staged payload in its parts.
pub(crate) enum Kept {
    /// Bytes that want a record.
    Memory(Bytes),
    /// A file that has its name.
    File,
}

impl Staged {
    /// SHA-256 of the bytes.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// Length in bytes.
    #[must_use]
    pub const fn length(&self) -> u64 {
        self.length
    }

    /// The bytes, when they are in memory: at most [`INLINE_MAX`].
    #[must_use]
    pub const fn in_memory(&self) -> Option<&Bytes> {
        match &self.place {
            Ready::Memory(bytes) => Some(bytes),
            Ready::File(_) => None,
        }
    }

    /// Gives the bytes a path, for whoever reads them by name before they are accepted.
    ///
    /// # Errors
    /// `internal` when the disk fails.
    pub fn by_path(&self) -> Result<PayloadPath, StoreError> {
        match &self.place {
            Ready::Memory(bytes) => PayloadPath::of(&self.payloads, bytes),
            Ready::File(Temporary(path)) => {
                let path = path.clone().ok_or(StoreError::NotFound { what: "the staged payload" })?;
                Ok(PayloadPath { path, copy: None })
            }
        }
    }

    /// Opens the bytes for reading, before they are accepted.
    ///
    /// # Errors
    /// `internal` when the disk fails.
    pub fn open(&self) -> Result<Payload, StoreError> {
        match &self.place {
            Ready::Memory(bytes) => Ok(Payload::Memory(Cursor::new(bytes.clone()))),
            Ready::File(Temporary(path)) => {
                let path = path.as_ref().ok_or(StoreError::NotFound { what: "the staged payload" })?;
                File::open(path).map(Payload::File).map_err(StoreError::io("open a staged payload"))
            }
        }
    }

    /// Gives a file its name, and adds the folders that still have to be synced.
    pub(crate) fn keep(self, unsynced: &mut BTreeSet<PathBuf>) -> Result<Kept, StoreError> {
        match self.place {
            Ready::Memory(bytes) => Ok(Kept::Memory(bytes)),
            Ready::File(temporary) => self.payloads.keep(&self.digest, temporary, unsynced).map(|()| Kept::File),
        }
    }
}

/// A payload under a path. A copy that was made for it goes when this does.
#[derive(Clone, Debug)]
pub struct PayloadPath {
    path: PathBuf,
    /// Held for its end.
    #[expect(dead_code, reason = "dropping it removes the file")]
    copy: Option<Arc<Temporary>>,
}

impl PayloadPath {
    /// Writes a copy that nobody counts on after a crash.
    pub(crate) fn of(payloads: &Payloads, bytes: &[u8]) -> Result<Self, StoreError> {
        let (mut file, temporary) = payloads.create()?;
        file.write_all(bytes).map_err(StoreError::io("write a copy of a payload"))?;
        let path = temporary.0.clone().unwrap_or_default();
        Ok(Self { path, copy: Some(Arc::new(temporary)) })
    }

    pub(crate) const fn file(path: PathBuf) -> Self {
        Self { path, copy: None }
    }

    /// The path.
    #[must_use]
    pub fn as_path(&self) -> &Path {
        &self.path
    }
}
