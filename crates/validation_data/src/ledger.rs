//! Receipts that wait for a time-stamp, and the batches that have one: small files, each written whole.
//!
//! `journal` holds what was issued since the last batch, 40 bytes a receipt: its leaf hash and the time in milliseconds.
//! Closing a batch renames it to `NUMBER.leaves`, which is the batch; `NUMBER.json` states its root, `NUMBER.tst` is the
//! token over that statement. A crash anywhere between leaves a batch that the next start goes on with: none is lost,
//! and no receipt is in two.

use std::collections::{BTreeSet, VecDeque};
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use signature::canonical_json;
use types::{Digest, UnixMillis};

use crate::keeper::sha256;
use crate::shelf::{ShelfError, write_whole};
use crate::tree;

/// Bytes of one receipt in the journal.
const RECORD_BYTES: usize = 40;
/// Domain string of a statement.
const DOMAIN: &str = "vn.lienthong.timestamp-batch.v1";
/// Batches looked through beside the one that a receipt's time leads to: clocks are set.
const BESIDE: u64 = 32;

/// What a batch's token is over: RFC 8785 JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// `vn.lienthong.timestamp-batch.v1`.
    pub domain: String,
    /// The node whose receipts they are.
    pub node: String,
    /// Number of the batch, from 1.
    pub number: u64,
    /// SHA-256 of the statement before, hex; absent in the first.
    pub previous: Option<String>,
    /// Root of the tree over the receipts' leaf hashes (RFC 6962 2.1), hex.
    pub root: String,
    /// Receipts in it.
    pub size: u64,
    /// When the first was issued, milliseconds since 1970 by the node's clock.
    pub from_ms: u64,
    /// When the last was issued.
    pub until_ms: u64,
}

/// Where a receipt stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TimeProof {
    /// Issued, and in no closed batch yet.
    Open,
    /// In a batch whose time-stamp is not there yet.
    Waiting {
        /// Number of the batch.
        number: u64,
    },
    /// In a batch with a time-stamp.
    Stamped(Box<StampedProof>),
}

/// What proves that a receipt existed at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StampedProof {
    /// Number of the batch.
    pub number: u64,
    /// Place of the receipt in it, from 0.
    pub index: u64,
    /// Hashes from its sibling up to the root.
    pub path: Vec<Digest>,
    /// The statement's bytes, over which the token is.
    pub statement: Vec<u8>,
    /// The token, a CMS ContentInfo in DER (RFC 3161).
    pub token: Vec<u8>,
}

/// Why a proof does not prove. Code: `signature_invalid`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The statement is none.
    #[error("the statement is not one of {DOMAIN}: {0}")]
    Statement(String),
    /// The path does not lead from the receipt to the stated root.
    #[error("the path does not lead from the receipt to the root of batch {number}")]
    Path {
        /// Number of the batch.
        number: u64,
    },
}

impl StampedProof {
    /// Whether the path leads from a receipt's leaf hash to the root that the statement states. The token is to be checked
    /// beside this ([`signature::verify_timestamp`]).
    ///
    /// # Errors
    /// [`ProofError`].
    pub fn check(&self, leaf: Digest) -> Result<Statement, ProofError> {
        let statement: Statement =
            serde_json::from_slice(&self.statement).map_err(|error| ProofError::Statement(error.to_string()))?;
        if statement.domain != DOMAIN || statement.number != self.number {
            return Err(ProofError::Statement("another domain or number".to_owned()));
        }
        let root = tree::root_over(leaf, self.index, statement.size, &self.path);
        if root.map(|root| root.to_string()).as_ref() != Some(&statement.root) {
            return Err(ProofError::Path { number: self.number });
        }
        Ok(statement)
    }
}

/// What waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Receipts in no closed batch.
    pub receipts: u64,
    /// Closed batches without a token.
    pub batches: u64,
    /// Batches with one.
    pub stamped: u64,
}

/// The folder. Blocking; [`Ledger::note`] only as long as a write to the page cache takes.
#[derive(Debug)]
pub(crate) struct Ledger {
    dir: PathBuf,
    node: String,
    journal: Mutex<Journal>,
    batches: Mutex<Batches>,
}

#[derive(Debug)]
struct Journal {
    file: File,
    records: u64,
}

#[derive(Debug, Default)]
struct Batches {
    /// Number of the next one.
    next: u64,
    /// Those without a token, oldest first.
    waiting: VecDeque<u64>,
    /// Digest of the last statement.
    previous: Option<Digest>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Ledger {
    /// Opens the folder, made when absent, and goes on where a crash left off.
    pub(crate) fn open(dir: &Path, node: &str) -> Result<Self, ShelfError> {
        let failed = |source| ShelfError { path: dir.to_owned(), source };
        fs::create_dir_all(dir).map_err(failed)?;
        let (mut leaves, mut tokens) = (BTreeSet::new(), BTreeSet::new());
        for entry in fs::read_dir(dir).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            let number = path.file_stem().and_then(|name| name.to_str()?.parse::<u64>().ok());
            match (path.extension().and_then(|ending| ending.to_str()), number) {
                (Some("leaves"), Some(number)) => drop(leaves.insert(number)),
                (Some("tst"), Some(number)) => drop(tokens.insert(number)),
                (Some("new"), _) => fs::remove_file(&path).map_err(failed)?,
                _ => {}
            }
        }
        let journal = Journal::open(&dir.join("journal")).map_err(failed)?;
        let ledger = Self {
            dir: dir.to_owned(),
            node: node.to_owned(),
            journal: Mutex::new(journal),
            batches: Mutex::default(),
        };
        let last = leaves.last().copied().unwrap_or(0);
        {
            let mut batches = locked(&ledger.batches);
            batches.next = last + 1;
            batches.waiting = leaves.difference(&tokens).copied().collect();
            // Only the last batch can lack its statement: the next is not closed before it is written.
            if last > 0 {
                let before = if last > 1 { fs::read(ledger.path(last - 1, "json")).ok() } else { None };
                batches.previous = before.map(|bytes| sha256(&bytes));
                let statement = ledger.state(last, batches.previous)?;
                batches.previous = Some(sha256(&statement));
            }
        }
        Ok(ledger)
    }

    /// Notes receipts that were just issued, by their leaf hashes.
    pub(crate) fn note(&self, leaves: &[Digest], at: UnixMillis) -> Result<u64, ShelfError> {
        let mut bytes = Vec::with_capacity(leaves.len() * RECORD_BYTES);
        for leaf in leaves {
            bytes.extend_from_slice(leaf.as_bytes());
            bytes.extend_from_slice(&at.as_millis().to_be_bytes());
        }
        let mut journal = locked(&self.journal);
        journal.write(&bytes).map_err(|source| ShelfError { path: self.dir.join("journal"), source })?;
        Ok(journal.records)
    }

    /// Closes the batch of what was noted; `None` when there was nothing.
    pub(crate) fn close(&self) -> Result<Option<u64>, ShelfError> {
        let mut batches = locked(&self.batches);
        let number = batches.next;
        let path = self.path(number, "leaves");
        let failed = |source| ShelfError { path: path.clone(), source };
        let closed = locked(&self.journal).rotate(&self.dir.join("journal"), &path).map_err(failed)?;
        let Some(closed) = closed else { return Ok(None) };
        batches.next += 1;
        batches.waiting.push_back(number);
        closed.sync_data().map_err(failed)?;
        File::open(&self.dir).and_then(|dir| dir.sync_all()).map_err(failed)?;
        let statement = self.state(number, batches.previous)?;
        batches.previous = Some(sha256(&statement));
        Ok(Some(number))
    }

    /// The oldest batch without a token, and its statement.
    pub(crate) fn waiting(&self) -> Result<Option<(u64, Vec<u8>)>, ShelfError> {
        let Some(number) = locked(&self.batches).waiting.front().copied() else { return Ok(None) };
        Ok(Some((number, self.read(number, "json")?)))
    }

    /// Keeps the token of the oldest batch that has none.
    pub(crate) fn stamped(&self, number: u64, token: &[u8]) -> Result<(), ShelfError> {
        let path = self.path(number, "tst");
        write_whole(&path, token).map_err(|source| ShelfError { path, source })?;
        let mut batches = locked(&self.batches);
        batches.waiting.retain(|waiting| *waiting != number);
        Ok(())
    }

    /// What waits.
    pub(crate) fn backlog(&self) -> Backlog {
        let receipts = locked(&self.journal).records;
        let batches = locked(&self.batches);
        let waiting = u64::try_from(batches.waiting.len()).unwrap_or(u64::MAX);
        Backlog { receipts, batches: waiting, stamped: (batches.next - 1).saturating_sub(waiting) }
    }

    /// Where the receipt with this leaf hash stands, issued at about `at`; `None` when it is not known here.
    pub(crate) fn proof(&self, leaf: Digest, at: UnixMillis) -> Result<Option<TimeProof>, ShelfError> {
        let next = locked(&self.batches).next;
        // The first batch that ends no earlier than the receipt.
        let (mut low, mut high) = (1, next);
        while low < high {
            let middle = low.midpoint(high);
            if self.until(middle)? < at.as_millis() { low = middle + 1 } else { high = middle }
        }
        for number in low.saturating_sub(BESIDE).max(1)..next.min(low.saturating_add(BESIDE)) {
            let leaves = leaves_of(&self.read(number, "leaves")?);
            if let Some(index) = leaves.iter().position(|other| *other == leaf) {
                return self.proof_in(number, &leaves, index).map(Some);
            }
        }
        let journal = fs::read(self.dir.join("journal"))
            .map_err(|source| ShelfError { path: self.dir.join("journal"), source })?;
        Ok(leaves_of(&journal).contains(&leaf).then_some(TimeProof::Open))
    }

    fn proof_in(&self, number: u64, leaves: &[Digest], index: usize) -> Result<TimeProof, ShelfError> {
        if locked(&self.batches).waiting.contains(&number) {
            return Ok(TimeProof::Waiting { number });
        }
        let path = tree::path(leaves, index).unwrap_or_default();
        let index = u64::try_from(index).unwrap_or(u64::MAX);
        let (statement, token) = (self.read(number, "json")?, self.read(number, "tst")?);
        Ok(TimeProof::Stamped(Box::new(StampedProof { number, index, path, statement, token })))
    }

    fn until(&self, number: u64) -> Result<u64, ShelfError> {
        let statement: Result<Statement, _> = serde_json::from_slice(&self.read(number, "json")?);
        statement
            .map(|statement| statement.until_ms)
            .map_err(|error| ShelfError { path: self.path(number, "json"), source: io::Error::other(error) })
    }

    /// Writes the statement of a closed batch: from the same leaves, the same bytes.
    fn state(&self, number: u64, previous: Option<Digest>) -> Result<Vec<u8>, ShelfError> {
        let bytes = self.read(number, "leaves")?;
        let leaves = leaves_of(&bytes);
        let times = || bytes.chunks_exact(RECORD_BYTES).filter_map(time_of);
        let statement = Statement {
            domain: DOMAIN.to_owned(),
            node: self.node.clone(),
            number,
            previous: previous.map(|digest| digest.to_string()),
            root: tree::root(&leaves).map(|root| root.to_string()).unwrap_or_default(),
            size: u64::try_from(leaves.len()).unwrap_or(u64::MAX),
            from_ms: times().min().unwrap_or(0),
            until_ms: times().max().unwrap_or(0),
        };
        let path = self.path(number, "json");
        let failed = |source| ShelfError { path: path.clone(), source };
        let statement = canonical_json(&statement).map_err(|error| failed(io::Error::other(error.to_string())))?;
        let is_written = fs::read(&path).is_ok_and(|written| written == statement);
        if !is_written {
            write_whole(&path, &statement).map_err(failed)?;
        }
        Ok(statement)
    }

    fn path(&self, number: u64, ending: &str) -> PathBuf {
        self.dir.join(format!("{number:012}.{ending}"))
    }

    fn read(&self, number: u64, ending: &str) -> Result<Vec<u8>, ShelfError> {
        let path = self.path(number, ending);
        fs::read(&path).map_err(|source| ShelfError { path, source })
    }
}

impl Journal {
    fn open(path: &Path) -> io::Result<Self> {
        let file = File::options().create(true).append(true).open(path)?;
        let records = file.metadata()?.len() / RECORD_BYTES as u64;
        // A power cut can leave part of a record.
        file.set_len(records * RECORD_BYTES as u64)?;
        Ok(Self { file, records })
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if let Err(error) = self.file.write_all(bytes) {
            // A full disk can take part of it.
            self.file.set_len(self.records * RECORD_BYTES as u64)?;
            return Err(error);
        }
        self.records += u64::try_from(bytes.len() / RECORD_BYTES).unwrap_or(0);
        Ok(())
    }

    /// Gives the file a batch's name and begins another; `None` when it is empty.
    fn rotate(&mut self, path: &Path, to: &Path) -> io::Result<Option<File>> {
        if self.records == 0 {
            return Ok(None);
        }
        fs::rename(path, to)?;
        let new = Self::open(path)?;
        Ok(Some(std::mem::replace(self, new).file))
    }
}

fn leaves_of(bytes: &[u8]) -> Vec<Digest> {
    let records = bytes.chunks_exact(RECORD_BYTES);
    records.filter_map(|record| Digest::try_from(record.get(..32)?).ok()).collect()
}

fn time_of(record: &[u8]) -> Option<u64> {
    Some(u64::from_be_bytes(record.get(32..40)?.try_into().ok()?))
}

#[cfg(test)]
mod tests;
