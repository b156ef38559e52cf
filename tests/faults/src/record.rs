//! The record that the preloaded library writes: what a process did to its folder, in order.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// Number of an inode as the kernel gave it; given again after a removal.
pub(crate) type Inode = u64;

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Create {
        inode: Inode,
        path: PathBuf,
    },
    MakeFolder {
        inode: Inode,
        path: PathBuf,
    },
    Write {
        inode: Inode,
        offset: u64,
        bytes: Vec<u8>,
    },
    Resize {
        inode: Inode,
        length: u64,
    },
    Rename {
        from: PathBuf,
        to: PathBuf,
    },
    Remove {
        path: PathBuf,
    },
    Link {
        from: PathBuf,
        to: PathBuf,
    },
    SyncBegins {
        number: u64,
        inode: Inode,
    },
    SyncEnds {
        number: u64,
    },
    /// What the process printed: its acknowledgements.
    Printed(Vec<u8>),
    /// A failure that was made.
    Failed {
        number: u64,
        errno: u64,
        name: String,
    },
}

impl Operation {
    /// Whether the folder may be another one after it: the moments worth a power cut.
    pub(crate) const fn is_boundary(&self) -> bool {
        !matches!(self, Self::SyncBegins { .. } | Self::Failed { .. })
    }
}

/// Why a record could not be read.
#[derive(Debug, thiserror::Error)]
#[error("the record is cut or damaged at byte {at}")]
pub(crate) struct RecordError {
    at: usize,
}

/// Reads a record. A last line that is cut (the process was killed) ends it.
pub(crate) fn read(bytes: &[u8]) -> Result<Vec<Operation>, RecordError> {
    let (mut operations, mut at) = (Vec::new(), 0);
    while let Some(length) = bytes.get(at..).and_then(|rest| rest.first_chunk()) {
        let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(0);
        let Some(line) = bytes.get(at + 4..at + 4 + length) else { break };
        operations.push(Fields(line).operation().ok_or(RecordError { at })?);
        at += 4 + length;
    }
    Ok(operations)
}

struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u64> {
        self.take(8)?.try_into().ok().map(u64::from_le_bytes)
    }

    fn blob(&mut self) -> Option<Vec<u8>> {
        let length = self.take(4)?.try_into().ok().map(u32::from_le_bytes)?;
        self.take(usize::try_from(length).ok()?).map(<[u8]>::to_vec)
    }

    fn text(&mut self) -> Option<String> {
        String::from_utf8(self.blob()?).ok()
    }

    fn path(&mut self) -> Option<PathBuf> {
        self.text().map(PathBuf::from)
    }

    fn operation(&mut self) -> Option<Operation> {
        let operation = match self.take(1)?.first()? {
            1 => Operation::Create { inode: self.number()?, path: self.path()? },
            2 => Operation::MakeFolder { inode: self.number()?, path: self.path()? },
            3 => Operation::Write { inode: self.number()?, offset: self.number()?, bytes: self.blob()? },
            4 => Operation::Resize { inode: self.number()?, length: self.number()? },
            5 => Operation::Rename { from: self.path()?, to: self.path()? },
            6 => Operation::Remove { path: self.path()? },
            7 => Operation::Link { from: self.path()?, to: self.path()? },
            8 => Operation::SyncBegins { number: self.number()?, inode: self.number()? },
            9 => Operation::SyncEnds { number: self.number()? },
            10 => Operation::Printed(self.blob()?),
            11 => Operation::Failed { number: self.number()?, errno: self.number()?, name: self.text()? },
            _ => return None,
        };
        self.0.is_empty().then_some(operation)
    }
}

/// Lines that were printed whole before operation `until`.
pub(crate) fn printed(operations: &[Operation], until: usize) -> Vec<String> {
    let mut text = Vec::new();
    for operation in operations.iter().take(until) {
        if let Operation::Printed(bytes) = operation {
            text.extend(bytes);
        }
    }
    let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    text.truncate(whole);
    String::from_utf8_lossy(&text).lines().map(str::to_owned).collect()
}

/// How often each kind of operation occurs, for the report.
pub(crate) fn census(operations: &[Operation]) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for operation in operations {
        let name = match operation {
            Operation::Create { .. } => "create",
            Operation::MakeFolder { .. } => "mkdir",
            Operation::Write { .. } => "write",
            Operation::Resize { .. } => "resize",
            Operation::Rename { .. } => "rename",
            Operation::Remove { .. } => "remove",
            Operation::Link { .. } => "link",
            Operation::SyncEnds { .. } => "sync",
            Operation::SyncBegins { .. } | Operation::Printed(_) | Operation::Failed { .. } => continue,
        };
        *counts.entry(name).or_default() += 1;
    }
    counts.iter().map(|(name, count)| format!("{count} {name}")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
