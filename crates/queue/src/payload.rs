//! Payload files: written once under a temporary name, found by their SHA-256 afterwards.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ring::digest::{Context, SHA256};
use types::Digest;

use crate::StoreError;

/// Bytes up to which a payload stays in its record: beyond, sled would move it to files of its own that it never syncs.
pub const INLINE_MAX: usize = 4096;

/// Where a stored payload is, with its digest and length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayloadRef {
    /// SHA-256 of the bytes.
    pub digest: Digest,
    /// Length in bytes.
    pub length: u64,
    /// The bytes themselves when they are small enough to be kept in the record.
    pub(crate) inline: Option<Vec<u8>>,
}

impl PayloadRef {
    pub(crate) fn inline(bytes: Vec<u8>) -> Self {
        Self { digest: digest_of(&bytes), length: length_of(&bytes), inline: Some(bytes) }
    }
}

/// The SHA-256 of bytes in memory.
pub(crate) fn digest_of(bytes: &[u8]) -> Digest {
    let mut context = Context::new(&SHA256);
    context.update(bytes);
    finish(context)
}

fn finish(context: Context) -> Digest {
    Digest::try_from(context.finish().as_ref()).expect("SHA-256 has 32 bytes")
}

fn length_of(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

/// The payload folders of one store: `payload/aa/<sha256>` and `staging/`.
#[derive(Debug)]
pub(crate) struct Payloads {
    root: PathBuf,
    staging: PathBuf,
    next: AtomicU64,
}

impl Payloads {
    /// Opens the folders and empties the staging folder: what lies there belongs to nobody after a crash.
    pub(crate) fn open(directory: &Path) -> Result<Arc<Self>, StoreError> {
        let (root, staging) = (directory.join("payload"), directory.join("staging"));
        fs::create_dir_all(&root).map_err(StoreError::io("create the payload folder"))?;
        fs::create_dir_all(&staging).map_err(StoreError::io("create the staging folder"))?;
        for entry in fs::read_dir(&staging).map_err(StoreError::io("list the staging folder"))? {
            let entry = entry.map_err(StoreError::io("list the staging folder"))?;
            fs::remove_file(entry.path()).map_err(StoreError::io("empty the staging folder"))?;
        }
        for folder in [&root, &staging] {
            sync_directory(folder)?;
        }
        sync_directory(directory)?;
        Ok(Arc::new(Self { root, staging, next: AtomicU64::new(0) }))
    }

    /// The folders as they are, for looking at a stopped store, or one that has no files: nothing is created, and nothing
    /// is expected to be there.
    pub(crate) fn untouched(directory: &Path) -> Arc<Self> {
        Arc::new(Self { root: directory.join("payload"), staging: directory.join("staging"), next: AtomicU64::new(0) })
    }

    pub(crate) fn stage(self: &Arc<Self>) -> Result<PayloadWriter, StoreError> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let path = self.staging.join(format!("{number:016x}"));
        let file = File::create_new(&path).map_err(StoreError::io("create a staging file"))?;
        Ok(PayloadWriter { file, temporary: Temporary(Some(path)), context: Context::new(&SHA256), length: 0 })
    }

    pub(crate) fn path(&self, digest: &Digest) -> PathBuf {
        self.folder(digest).join(digest.to_string())
    }

    /// Moves a staged file to its name, and adds the folders that still have to be synced.
    pub(crate) fn keep(&self, mut staged: Staged, unsynced: &mut BTreeSet<PathBuf>) -> Result<PayloadRef, StoreError> {
        let (folder, target) = (self.folder(&staged.digest), self.path(&staged.digest));
        if !folder.is_dir() {
            fs::create_dir_all(&folder).map_err(StoreError::io("create a payload folder"))?;
            unsynced.insert(self.root.clone());
        }
        unsynced.insert(folder);
        if let Some(path) = staged.temporary.0.as_ref() {
            fs::rename(path, &target).map_err(StoreError::io("move a payload to its place"))?;
            staged.temporary.0 = None;
        }
        Ok(PayloadRef { digest: staged.digest, length: staged.length, inline: None })
    }

    fn folder(&self, digest: &Digest) -> PathBuf {
        let [first, ..] = digest.as_bytes();
        self.root.join(format!("{first:02x}"))
    }

    pub(crate) fn open_payload(&self, payload: &PayloadRef) -> Result<Payload, StoreError> {
        match &payload.inline {
            Some(bytes) => Ok(Payload::Memory(Cursor::new(bytes.clone()))),
            None => File::open(self.path(&payload.digest)).map(Payload::File).map_err(|source| match source.kind() {
                io::ErrorKind::NotFound => StoreError::NotFound { what: "the payload" },
                _ => StoreError::Io { what: "open a payload", source },
            }),
        }
    }

    /// Removes a payload that no entry refers to; one that is gone already is fine.
    pub(crate) fn remove(&self, digest: &Digest) -> Result<(), StoreError> {
        match fs::remove_file(self.path(digest)) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                Err(StoreError::Io { what: "remove a payload", source })
            }
            _ => Ok(()),
        }
    }

    /// The payloads in the folder of this first byte.
    pub(crate) fn folder_content(&self, first: u8) -> Result<Vec<Digest>, StoreError> {
        let entries = match fs::read_dir(self.root.join(format!("{first:02x}"))) {
            Err(source) if source.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            other => other.map_err(StoreError::io("list a payload folder"))?,
        };
        let mut found = Vec::new();
        for entry in entries {
            let name = entry.map_err(StoreError::io("list a payload folder"))?.file_name();
            found.extend(name.to_str().and_then(|name| name.parse::<Digest>().ok()));
        }
        Ok(found)
    }

    /// Every payload file: its digest (`None` for a name that is none) and path.
    pub(crate) fn walk(&self, visit: &mut dyn FnMut(Option<Digest>, &Path)) -> Result<(), StoreError> {
        let folders = match fs::read_dir(&self.root) {
            // A store over a medium of its own has no files; one on a disk made its folder when it was opened.
            Err(source) if source.kind() == io::ErrorKind::NotFound => return Ok(()),
            other => other.map_err(StoreError::io("list the payload folders"))?,
        };
        for folder in folders {
            let folder = folder.map_err(StoreError::io("list the payload folders"))?;
            for entry in fs::read_dir(folder.path()).map_err(StoreError::io("list a payload folder"))? {
                let entry = entry.map_err(StoreError::io("list a payload folder"))?;
                let digest = entry.file_name().to_str().and_then(|name| name.parse().ok());
                visit(digest, &entry.path());
            }
        }
        Ok(())
    }
}

/// Makes renames and creations inside a folder survive a power cut.
pub(crate) fn sync_directory(path: &Path) -> Result<(), StoreError> {
    File::open(path).and_then(|folder| folder.sync_all()).map_err(StoreError::io("sync a folder"))
}

/// A file that is removed unless it was moved away.
#[derive(Debug)]
struct Temporary(Option<PathBuf>);

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Some(path) = self.0.take()
            && let Err(error) = fs::remove_file(&path)
        {
            tracing::warn!(path = %path.display(), %error, "a staging file could not be removed; the next start removes it");
        }
    }
}

/// A payload being written. Dropping it removes what was written. Blocking: write from `spawn_blocking`.
pub struct PayloadWriter {
    file: File,
    temporary: Temporary,
    context: Context,
    length: u64,
}

impl std::fmt::Debug for PayloadWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PayloadWriter").field("temporary", &self.temporary).field("length", &self.length).finish()
    }
}

impl PayloadWriter {
    /// Bytes written so far.
    #[must_use]
    pub const fn length(&self) -> u64 {
        self.length
    }

    /// Ends the payload: its bytes are on the disk when this returns, under the temporary name.
    ///
    /// # Errors
    /// `internal` when the disk fails.
    pub fn finish(self) -> Result<Staged, StoreError> {
        let Self { file, temporary, context, length } = self;
        file.sync_data().map_err(StoreError::io("sync a payload"))?;
        Ok(Staged { temporary, digest: finish(context), length })
    }
}

impl Write for PayloadWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.context.update(bytes.get(..written).unwrap_or_default());
        self.length += u64::try_from(written).unwrap_or(u64::MAX);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// A finished payload that no entry has yet. Dropping it removes the file.
#[derive(Debug)]
pub struct Staged {
    temporary: Temporary,
    digest: Digest,
    length: u64,
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

    /// Where the bytes are until they are accepted.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.temporary.0.as_deref()
    }

    /// Opens the bytes for reading, before they are accepted.
    ///
    /// # Errors
    /// `internal` when the disk fails.
    pub fn open(&self) -> Result<Payload, StoreError> {
        let path = self.temporary.0.as_ref().ok_or(StoreError::NotFound { what: "the staged payload" })?;
        File::open(path).map(Payload::File).map_err(StoreError::io("open a staged payload"))
    }
}

/// A stored payload, open for reading. Blocking: read from `spawn_blocking`.
#[derive(Debug)]
pub enum Payload {
    /// A payload file.
    File(File),
    /// Bytes that were in the record.
    Memory(Cursor<Vec<u8>>),
}

impl Read for Payload {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.read(buffer),
            Self::Memory(cursor) => cursor.read(buffer),
        }
    }
}

impl Seek for Payload {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        match self {
            Self::File(file) => file.seek(position),
            Self::Memory(cursor) => cursor.seek(position),
        }
    }
}

#[cfg(test)]
mod tests;
