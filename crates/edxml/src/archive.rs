//! Attachments that are zip archives of one file.

use std::io::{self, Read, Seek, SeekFrom, Write};

use types::ErrorCode;
use zip::CompressionMethod;
use zip::read::ZipArchive;

/// Why an archive is refused.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// Not a zip archive of exactly one plain file. `archive_unsafe`.
    #[error("unsafe archive: {reason}")]
    Unsafe {
        /// The rule broken.
        reason: String,
    },
    /// The file expands over the limit. `archive_unsafe`.
    #[error("the archive expands to more than {max} bytes")]
    TooLarge {
        /// Limit in bytes.
        max: u64,
    },
    /// The archive could not be read. `internal`.
    #[error("read the archive")]
    Input {
        /// The input's error.
        source: io::Error,
    },
    /// The file could not be written. `internal`.
    #[error("write the file of an archive")]
    Output {
        /// The output's error.
        source: io::Error,
    },
}

impl ArchiveError {
    /// The public code.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Unsafe { .. } | Self::TooLarge { .. } => ErrorCode::ArchiveUnsafe,
            Self::Input { .. } | Self::Output { .. } => ErrorCode::Internal,
        }
    }

    fn because(reason: impl Into<String>) -> Self {
        Self::Unsafe { reason: reason.into() }
    }
}

/// The one file of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unzipped {
    /// Entry name: by custom a random UUID with the real extension. The real name is `AttachmentName`.
    pub entry_name: String,
    /// Bytes written.
    pub length: u64,
}

/// Bytes of an end record, and of the comment that may follow it. Source: PKWARE APPNOTE 4.3.16.
const END_LENGTH: usize = 22;
const COMMENT_MAX: u64 = 0xFFFF;
/// Directory bytes of one entry: name, extra field and comment of at most 64 KiB each, and 46 fixed.
const DIRECTORY_MAX: u32 = 3 * 0xFFFF + 46;

/// Copies the single file of the zip archive in `archive` to `out`, at most `expanded_max` bytes of it.
///
/// `archive` is the decoded attachment, from its start to its end. Memory does not depend on its size. What was
/// written before an error is worth nothing.
///
/// # Errors
/// `archive_unsafe`: not a zip archive, not exactly one entry, a directory, a link, a path in its name, encrypted, a
/// method other than stored and deflate, zip64, damaged, or larger than `expanded_max`. `internal`: either side fails.
pub fn unzip_single<R: Read + Seek, W: Write>(
    mut archive: R,
    expanded_max: u64,
    out: &mut W,
) -> Result<Unzipped, ArchiveError> {
    check_end(&mut archive)?;
    let mut archive = ZipArchive::new(archive).map_err(broken)?;
    if archive.len() != 1 {
        return Err(ArchiveError::because("more or less than one entry"));
    }
    let mut file = archive.by_index(0).map_err(broken)?;
    let entry_name = file.name().map_err(broken)?.into_owned();
    check_name(&entry_name)?;
    let is_link = file.unix_mode().is_some_and(|mode| mode & 0o170_000 == 0o120_000);
    if file.is_dir() || is_link {
        return Err(ArchiveError::because("the entry is not a plain file"));
    }
    if file.encrypted() {
        return Err(ArchiveError::because("the entry is encrypted"));
    }
    if !matches!(file.compression(), CompressionMethod::Stored | CompressionMethod::Deflated) {
        return Err(ArchiveError::because("the entry is compressed by another method than deflate"));
    }
    if file.size() > expanded_max {
        return Err(ArchiveError::TooLarge { max: expanded_max });
    }
    let length = copy(&mut file, expanded_max, out)?;
    Ok(Unzipped { entry_name, length })
}

/// Refuses, before the directory is read, an archive whose end record announces more than one entry: the zip reader
/// holds the whole directory in memory.
fn check_end<R: Read + Seek>(archive: &mut R) -> Result<(), ArchiveError> {
    let input = |source| ArchiveError::Input { source };
    let length = archive.seek(SeekFrom::End(0)).map_err(input)?;
    let tail_length = length.min(COMMENT_MAX + END_LENGTH as u64);
    archive.seek(SeekFrom::Start(length - tail_length)).map_err(input)?;
    let mut tail = Vec::new();
    archive.take(tail_length).read_to_end(&mut tail).map_err(input)?;
    let record = (0..=tail.len().saturating_sub(END_LENGTH)).rev().find_map(|at| EndRecord::at(&tail, at));
    let Some(record) = record else {
        return Err(ArchiveError::because("it has no end record"));
    };
    if record.entries != 1 {
        return Err(ArchiveError::because(format!("it has {} entries, not one", record.entries)));
    }
    if record.directory_length > DIRECTORY_MAX || u64::from(record.directory_length) > length {
        return Err(ArchiveError::because("its directory is too large for one entry"));
    }
    archive.seek(SeekFrom::Start(0)).map_err(input)?;
    Ok(())
}

/// The end record of a zip archive. Source: PKWARE APPNOTE 4.3.16.
struct EndRecord {
    entries: u16,
    directory_length: u32,
}

impl EndRecord {
    /// The record at this place, when its comment reaches exactly to the end of the archive.
    fn at(tail: &[u8], at: usize) -> Option<Self> {
        let record: &[u8; END_LENGTH] = tail.get(at..)?.first_chunk()?;
        let [b'P', b'K', 5, 6, _, _, _, _, _, _, e0, e1, d0, d1, d2, d3, _, _, _, _, c0, c1] = *record else {
            return None;
        };
        let comment = usize::from(u16::from_le_bytes([c0, c1]));
        (at + END_LENGTH + comment == tail.len()).then(|| Self {
            entries: u16::from_le_bytes([e0, e1]),
            directory_length: u32::from_le_bytes([d0, d1, d2, d3]),
        })
    }
}

/// An entry name may be a file name and nothing more.
fn check_name(name: &str) -> Result<(), ArchiveError> {
    let is_path = name.contains(['/', '\\', ':']) || matches!(name, "" | "." | "..");
    if is_path || name.chars().any(char::is_control) {
        return Err(ArchiveError::because("the entry name is a path"));
    }
    Ok(())
}

/// The zip reader tells its own errors and the input's in one type.
fn broken(error: zip::result::ZipError) -> ArchiveError {
    match error {
        zip::result::ZipError::Io(source) => broken_read(source),
        other => ArchiveError::because(other.to_string()),
    }
}

/// Damaged data come as these kinds; any other kind is the input's own failure.
fn broken_read(source: io::Error) -> ArchiveError {
    match source.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::UnexpectedEof => {
            ArchiveError::because(source.to_string())
        }
        _ => ArchiveError::Input { source },
    }
}

fn copy(file: &mut impl Read, expanded_max: u64, out: &mut impl Write) -> Result<u64, ArchiveError> {
    let mut buffer = vec![0; 64 << 10];
    let mut length: u64 = 0;
    loop {
        let count = match file.read(&mut buffer) {
            Ok(0) => return Ok(length),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(broken_read(error)),
        };
        length += count as u64;
        if length > expanded_max {
            return Err(ArchiveError::TooLarge { max: expanded_max });
        }
        let piece = buffer.get(..count).unwrap_or_default();
        out.write_all(piece).map_err(|source| ArchiveError::Output { source })?;
    }
}

#[cfg(test)]
mod tests;
