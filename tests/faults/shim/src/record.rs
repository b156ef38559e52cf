//! The record: what is written, and under which lock.
//!
//! A line of the record is a length (u32, of what follows), a kind (u8) and fields, all little-endian; a text or a blob
//! is its length (u32) and its bytes. `faults::record` reads it.

use std::collections::HashSet;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use crate::fail::Plan;
use crate::paths::Root;

/// Kinds of lines.
#[derive(Clone, Copy)]
#[repr(u8)]
pub(crate) enum Kind {
    /// inode, path: a new file.
    Create = 1,
    /// inode, path: a new folder.
    MakeFolder = 2,
    /// inode, offset, blob.
    Write = 3,
    /// inode, length.
    Resize = 4,
    /// path, path.
    Rename = 5,
    /// path.
    Remove = 6,
    /// path, path: a second name.
    Link = 7,
    /// number, inode: a sync began.
    SyncBegins = 8,
    /// number: it succeeded.
    SyncEnds = 9,
    /// blob: what was printed to standard output.
    Printed = 10,
    /// number of the operation, errno, name: a failure that was made.
    Failed = 11,
}

/// What the shim knows of the process. One lock: the order of lines is the order of the operations.
pub(crate) struct State {
    /// Where the record goes; -1 without one.
    file: i32,
    /// Inodes of files and folders below the root.
    pub(crate) inodes: HashSet<u64>,
    pub(crate) plan: Option<Plan>,
    syncs: u64,
}

/// The folder under test; read without the lock, because a handler of signals may ask.
pub(crate) static ROOT: LazyLock<Option<Root>> = LazyLock::new(Root::from_environment);

static STATE: LazyLock<Option<Mutex<State>>> = LazyLock::new(|| {
    let root = ROOT.as_ref()?;
    let file = match std::env::var("FAULT_SHIM_RECORD") {
        Ok(path) => crate::paths::open_record(&path)?,
        Err(_) => -1,
    };
    let mut inodes = HashSet::new();
    inodes.insert(root.inode);
    Some(Mutex::new(State { file, inodes, plan: Plan::from_environment(), syncs: 0 }))
});

/// The state, when this process is under test.
pub(crate) fn state() -> Option<MutexGuard<'static, State>> {
    STATE.as_ref().map(|state| state.lock().unwrap_or_else(PoisonError::into_inner))
}

/// One line while it is put together.
pub(crate) struct Line(Vec<u8>);

impl Line {
    pub(crate) fn new(kind: Kind) -> Self {
        Self(vec![0, 0, 0, 0, kind as u8])
    }

    pub(crate) fn number(mut self, number: u64) -> Self {
        self.0.extend(number.to_le_bytes());
        self
    }

    pub(crate) fn blob(mut self, bytes: &[u8]) -> Self {
        self.0.extend(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes());
        self.0.extend(bytes);
        self
    }
}

impl State {
    /// Appends a line. One call of the kernel: lines of several processes do not mix.
    pub(crate) fn add(&self, line: Line) {
        if self.file < 0 {
            return;
        }
        let mut bytes = line.0;
        let length = u32::try_from(bytes.len() - 4).unwrap_or(u32::MAX).to_le_bytes();
        bytes.splice(..4, length);
        crate::paths::append(self.file, &bytes);
    }

    /// Number of a new sync.
    pub(crate) const fn next_sync(&mut self) -> u64 {
        self.syncs += 1;
        self.syncs
    }
}
