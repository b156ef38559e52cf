//! Which engine a data directory has, and in which of its folders: one small file, so that a switch is one rename.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::payload::sync_directory;
use crate::{EngineKind, StoreError};

/// Name of the file: one line, the engine's name and its folder.
const FILE: &str = "engine";

/// Where the records are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) kind: EngineKind,
    /// A folder of the data directory.
    pub(crate) folder: String,
}

impl Place {
    /// The folder that a new store gets.
    pub(crate) fn first(kind: EngineKind) -> Self {
        Self { kind, folder: kind.as_str().to_owned() }
    }

    /// A folder for a rewrite of this store by `kind`, beside the one in use.
    pub(crate) fn beside(&self, kind: EngineKind) -> Self {
        let first = Self::first(kind);
        if first.folder == self.folder { Self { kind, folder: format!("{kind}-2") } } else { first }
    }

    pub(crate) fn path(&self, directory: &Path) -> PathBuf {
        directory.join(&self.folder)
    }

    /// What the directory says, `None` for a new store. Directories of before the file was introduced have sled.
    ///
    /// # Errors
    /// `store_damaged` when the file makes no sense or the folder that it names is gone: an empty store must not take
    /// the place of one that was lost.
    pub(crate) fn find(directory: &Path) -> Result<Option<Self>, StoreError> {
        let text = match fs::read_to_string(directory.join(FILE)) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Self::guess(directory),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => String::new(),
            Err(source) => return Err(StoreError::Io { what: "read which engine the store has", source }),
        };
        let found =
            Self::parse(&text).ok_or_else(|| damaged("it does not name an engine and its folder, as in: sled sled"))?;
        if !found.path(directory).is_dir() {
            return Err(damaged(&format!("the folder that it names, {}, is missing", found.folder)));
        }
        Ok(Some(found))
    }

    fn parse(text: &str) -> Option<Self> {
        let (kind, folder) = text.trim_end().split_once(' ')?;
        let kind: EngineKind = kind.parse().ok()?;
        let known = [Self::first(kind).folder, Self::first(kind).beside(kind).folder];
        known.contains(&folder.to_owned()).then(|| Self { kind, folder: folder.to_owned() })
    }

    fn guess(directory: &Path) -> Result<Option<Self>, StoreError> {
        let mut found = EngineKind::ALL.into_iter().map(Self::first).filter(|place| place.path(directory).is_dir());
        match (found.next(), found.next()) {
            (Some(_), Some(_)) => Err(damaged("it is missing, and the directory has folders of two engines")),
            (one, _) => Ok(one),
        }
    }

    /// Makes this the store's place; there is no moment at which the directory says neither.
    pub(crate) fn write(&self, directory: &Path) -> Result<(), StoreError> {
        let temporary = directory.join("engine.new");
        File::create(&temporary)
            .and_then(|mut file| {
                file.write_all(format!("{} {}\n", self.kind, self.folder).as_bytes())?;
                file.sync_all()
            })
            .and_then(|()| fs::rename(&temporary, directory.join(FILE)))
            .map_err(StoreError::io("write which engine the store has"))?;
        sync_directory(directory)
    }
}

fn damaged(reason: &str) -> StoreError {
    StoreError::Damaged { record: format!("file {FILE} of the data directory"), reason: reason.to_owned() }
}

#[cfg(test)]
mod tests;
