//! A creation that a kill or a power cut ended leaves files with which neither engine opens, and nobody was answered yet:
//! it is begun again.

use std::fs;
use std::io;
use std::path::Path;

use crate::{EngineKind, StoreError};

/// Removes what an unfinished creation left in the engine's folder. The first commit follows a creation at once, before
/// there is any payload.
///
/// # Errors
/// `store_damaged` when there are payloads: an empty store must not take the place of one that was lost.
pub(crate) fn clear(kind: EngineKind, directory: &Path, payloads: &Path) -> Result<(), StoreError> {
    if is_begun(kind, directory)? {
        return Ok(());
    }
    if has_entries(payloads, |_| true)? {
        return Err(StoreError::Damaged {
            record: "the engine's files".to_owned(),
            reason: format!("there are payloads, and no records in {}", directory.display()),
        });
    }
    match fs::remove_dir_all(directory) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            Err(StoreError::Io { what: "remove an unfinished engine", source })
        }
        _ => Ok(()),
    }
}

/// Whether the folder may hold a commit.
fn is_begun(kind: EngineKind, directory: &Path) -> Result<bool, StoreError> {
    match kind {
        // A snapshot is written by a later opening; one without a log is a store that was lost, which sled refuses.
        EngineKind::Sled => match fs::metadata(directory.join("db")) {
            Ok(file) if file.len() > 0 => Ok(true),
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                Err(StoreError::Io { what: "look at the engine's files", source })
            }
            _ => has_entries(directory, |name| name.starts_with("snap.")),
        },
        // The first keyspace is made last, when the version is on the disk.
        EngineKind::Fjall => has_entries(&directory.join("keyspaces"), |_| true),
    }
}

/// Whether a folder has an entry with such a name; a folder that is not there has none.
fn has_entries(folder: &Path, is_wanted: impl Fn(&str) -> bool) -> Result<bool, StoreError> {
    let failed = StoreError::io("list the engine's folder");
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(failed(error)),
        Ok(entries) => entries,
    };
    for entry in entries {
        let entry = entry.map_err(StoreError::io("list the engine's folder"))?;
        if is_wanted(&entry.file_name().to_string_lossy()) {
            return Ok(true);
        }
    }
    Ok(false)
}
