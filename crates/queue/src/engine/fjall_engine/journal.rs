//! fjall's journal, read as far as it is whole: batches of items between a start and a checksum.
//!
//! fjall cuts a journal off at the first byte that it cannot take for an entry, and with it what was acknowledged behind
//! that; where a batch has all its parts and does not match its checksum it refuses the whole store, which is also what a
//! power cut leaves of a batch that nobody was told of, whose pages reach the disk in any order. So journals are looked at
//! before fjall opens them. A broken batch at the very end is taken off: the witness file tells whether it had been
//! acknowledged. One with whole batches behind it is damage, which is cut out only when an operator says so.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::Xxh3;

use crate::StoreError;
use crate::payload::sync_directory;

const START: u8 = 1;
const ITEM: u8 = 2;
const END: u8 = 3;
const CLEAR: u8 = 4;
/// What follows the checksum of a batch.
const TRAILER: [u8; 4] = *b"FJL\x03";

/// What may be taken out of a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// A broken batch at the end, which a power cut can leave.
    TornEnd,
    /// Every broken batch.
    Damage,
}

/// Looks at the journals of a folder and takes out of them what may be; their bytes of before stay beside them.
///
/// True when something was taken out.
///
/// # Errors
/// `store_damaged` for what may not be taken out: nothing has been changed then; `internal` for the disk.
pub(super) fn mend(directory: &Path, cut: Cut) -> Result<bool, StoreError> {
    let journals = journals(directory)?;
    let mut broken = Vec::new();
    for (place, path) in journals.iter().enumerate() {
        let bytes = fs::read(path).map_err(StoreError::io("read the engine's journal"))?;
        // The rest was reserved and is empty.
        let length = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        let written = bytes.get(..length).unwrap_or_default();
        let (whole, breaks) = whole_batches(written);
        let is_torn_end = breaks == [Break::End] && place + 1 == journals.len();
        match (breaks.len(), cut) {
            (0, _) => continue,
            (_, Cut::TornEnd) if is_torn_end => {}
            (_, Cut::Damage) => {}
            (count, Cut::TornEnd) => return Err(damaged(path, count)),
        }
        broken.push((path.clone(), written.to_vec(), whole));
    }
    for (path, written, whole) in &broken {
        replace(path, written, whole).map_err(StoreError::io("take broken batches out of the engine's journal"))?;
        sync_directory(directory)?;
        let lost = written.len() - whole.len();
        tracing::warn!(journal = %path.display(), bytes = lost, "broken batches were taken out of the engine's journal");
    }
    Ok(!broken.is_empty())
}

/// Whether nothing was ever written into the journals of a folder.
pub(super) fn is_empty(directory: &Path) -> Result<bool, StoreError> {
    for path in journals(directory)? {
        let bytes = fs::read(path).map_err(StoreError::io("read the engine's journal"))?;
        if bytes.iter().any(|byte| *byte != 0) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn damaged(path: &Path, count: usize) -> StoreError {
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    StoreError::Damaged {
        record: format!("journal {name} of the engine"),
        reason: format!("it is broken in {count} places, and nothing was changed: see `lienthong store repair`"),
    }
}

fn replace(path: &Path, written: &[u8], whole: &[u8]) -> io::Result<()> {
    let write = |path: &Path, bytes: &[u8]| {
        let mut file = File::create(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write(&path.with_extension("damaged"), written)?;
    let new = path.with_extension("new");
    write(&new, whole)?;
    fs::rename(new, path)
}

/// The journals of a folder, oldest first.
fn journals(directory: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let failed = || StoreError::io("list the engine's folder");
    let mut found: Vec<(u64, PathBuf)> = Vec::new();
    for entry in fs::read_dir(directory).map_err(failed())? {
        let path = entry.map_err(failed())?.path();
        let number = path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse().ok());
        let is_journal = path.extension().is_some_and(|ending| ending == "jnl");
        found.extend(number.filter(|_| is_journal).map(|number| (number, path)));
    }
    found.sort();
    Ok(found.into_iter().map(|(_, path)| path).collect())
}

/// Where a batch is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Break {
    /// Whole batches follow.
    Middle,
    /// Nothing whole follows.
    End,
}

/// The whole batches of a journal, one after the other, and what lay between or behind them.
fn whole_batches(bytes: &[u8]) -> (Vec<u8>, Vec<Break>) {
    let (mut whole, mut breaks, mut rest) = (Vec::with_capacity(bytes.len()), Vec::new(), bytes);
    while !rest.is_empty() {
        if let Some(length) = batch(rest) {
            whole.extend_from_slice(rest.get(..length).unwrap_or_default());
            rest = rest.get(length..).unwrap_or_default();
            continue;
        }
        let next = (1..rest.len()).find(|place| rest.get(*place..).is_some_and(|rest| batch(rest).is_some()));
        breaks.push(if next.is_some() { Break::Middle } else { Break::End });
        rest = next.and_then(|place| rest.get(place..)).unwrap_or_default();
    }
    (whole, breaks)
}

/// The length of the whole batch that starts here.
fn batch(bytes: &[u8]) -> Option<usize> {
    let (start, mut rest) = bytes.split_at_checked(13)?;
    let (tag, start) = start.split_first()?;
    let mut items = u32::from_le_bytes(*start.first_chunk()?);
    if *tag != START || items == 0 {
        return None;
    }
    let mut hasher = Xxh3::default();
    while items > 0 {
        let length = item(rest)?;
        let (item, behind) = rest.split_at_checked(length)?;
        hasher.update(item);
        rest = behind;
        items -= 1;
    }
    let (end, behind) = rest.split_at_checked(13)?;
    let (tag, end) = end.split_first()?;
    let (checksum, trailer) = end.split_first_chunk::<8>()?;
    let is_whole = *tag == END && trailer == TRAILER && u64::from_le_bytes(*checksum) == hasher.digest();
    is_whole.then(|| bytes.len() - behind.len())
}

/// The length of an item: tag, kind, compression, keyspace (8), lengths of the key (2), the value (4) and the value as it is
/// on the disk (4), key, value.
fn item(bytes: &[u8]) -> Option<usize> {
    match *bytes.first()? {
        CLEAR => Some(9),
        ITEM => {
            let (_, lengths) = bytes.split_at_checked(11)?;
            let (key, lengths) = lengths.split_first_chunk::<2>()?;
            let (_, lengths) = lengths.split_first_chunk::<4>()?;
            let value = usize::try_from(u32::from_le_bytes(*lengths.first_chunk()?)).ok()?;
            Some(21 + usize::from(u16::from_le_bytes(*key)) + value)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
