//! What is kept on disk: one file per list, response and issuer, each written whole or not at all.
//!
//! Layout below the folder: `crl/<line>.crl` (DER as it came), `ocsp/<certificate>.json`, `issuers/<sha256>.cer`,
//! `damaged/…` for what could not be read, `imported` (touched by an import), `lock` (held while a file is replaced).

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Bytes of one file that is read back: the largest list, and room.
const FILE_BYTES_MAX: u64 = 20 * 1024 * 1024;
/// Files of one kind that are read at the start.
const FILES_MAX: usize = 50_000;

/// The kinds of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Crl,
    Response,
    Issuer,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Crl, Self::Response, Self::Issuer];

    const fn folder(self) -> &'static str {
        match self {
            Self::Crl => "crl",
            Self::Response => "ocsp",
            Self::Issuer => "issuers",
        }
    }

    const fn ending(self) -> &'static str {
        match self {
            Self::Crl => "crl",
            Self::Response => "json",
            Self::Issuer => "cer",
        }
    }
}

/// The disk failed. Code: `internal`.
#[derive(Debug, thiserror::Error)]
#[error("{}: {source}", path.display())]
pub struct ShelfError {
    /// The file or folder.
    pub path: PathBuf,
    /// Why.
    #[source]
    pub source: io::Error,
}

/// Time and text of the last import's mark.
pub(crate) type ImportMark = (SystemTime, Vec<u8>);

/// The folder.
#[derive(Clone, Debug)]
pub(crate) struct Shelf {
    dir: PathBuf,
}

impl Shelf {
    /// Opens the folder, made when absent, and removes what a crash left half-written. Blocking, like everything here.
    pub(crate) fn open(dir: &Path) -> Result<Self, ShelfError> {
        let shelf = Self { dir: dir.to_owned() };
        let folders = Kind::ALL.iter().map(|kind| dir.join(kind.folder())).chain([dir.join("damaged")]);
        for folder in folders {
            fs::create_dir_all(&folder).map_err(|source| ShelfError { path: folder, source })?;
        }
        let lock = shelf.lock()?;
        for kind in Kind::ALL {
            for path in shelf.listed(kind)?.into_iter().filter(|path| is_half(path)) {
                fs::remove_file(&path).map_err(|source| ShelfError { path, source })?;
            }
        }
        drop(lock);
        Ok(shelf)
    }

    /// Where a file of this name lies.
    pub(crate) fn path(&self, kind: Kind, name: &str) -> PathBuf {
        self.dir.join(kind.folder()).join(format!("{name}.{}", kind.ending()))
    }

    /// Every file of a kind, whole ones only.
    pub(crate) fn files(&self, kind: Kind) -> Result<Vec<PathBuf>, ShelfError> {
        let mut files = self.listed(kind)?;
        files.retain(|path| !is_half(path));
        files.sort();
        Ok(files)
    }

    fn listed(&self, kind: Kind) -> Result<Vec<PathBuf>, ShelfError> {
        let folder = self.dir.join(kind.folder());
        let failed = |source| ShelfError { path: folder.clone(), source };
        let entries = fs::read_dir(&folder).map_err(failed)?;
        entries.take(FILES_MAX).map(|entry| entry.map(|entry| entry.path()).map_err(failed)).collect()
    }

    /// The bytes of a file; `None` when there is none.
    pub(crate) fn read(&self, path: &Path) -> Result<Option<Vec<u8>>, ShelfError> {
        let failed = |source| ShelfError { path: path.to_owned(), source };
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        let mut bytes = Vec::new();
        file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(failed)?;
        if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > FILE_BYTES_MAX {
            return Err(failed(io::Error::other(format!("more than {FILE_BYTES_MAX} bytes"))));
        }
        Ok(Some(bytes))
    }

    /// Puts a file in its place: on disk when this returns, or what was there before still is.
    pub(crate) fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), ShelfError> {
        write_whole(path, bytes).map_err(|source| ShelfError { path: path.to_owned(), source })
    }

    pub(crate) fn remove(&self, path: &Path) -> Result<(), ShelfError> {
        fs::remove_file(path).map_err(|source| ShelfError { path: path.to_owned(), source })
    }

    /// Moves a file that cannot be used out of the way; gives where it lies from then on.
    pub(crate) fn set_aside(&self, path: &Path) -> Result<PathBuf, ShelfError> {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let to = self.dir.join("damaged").join(name);
        fs::rename(path, &to).map_err(|source| ShelfError { path: path.to_owned(), source })?;
        Ok(to)
    }

    /// Held while a file is compared and replaced, so that a node and an import do not cross.
    pub(crate) fn lock(&self) -> Result<File, ShelfError> {
        let path = self.dir.join("lock");
        let open = || -> io::Result<File> {
            let file = File::options().create(true).truncate(false).write(true).open(&path)?;
            file.lock()?;
            Ok(file)
        };
        open().map_err(|source| ShelfError { path: path.clone(), source })
    }

    /// Tells a running node that something was put here by someone else.
    pub(crate) fn mark_import(&self, text: &str) -> Result<(), ShelfError> {
        self.write(&self.dir.join("imported"), text.as_bytes())
    }

    /// Changes with every import.
    pub(crate) fn import_mark(dir: &Path) -> Option<ImportMark> {
        let path = dir.join("imported");
        Some((fs::metadata(&path).ok()?.modified().ok()?, fs::read(&path).ok()?))
    }

    /// Where the state of the sources is written for other processes to read.
    pub(crate) fn states(&self) -> PathBuf {
        self.dir.join("sources.json")
    }
}

fn is_half(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "new")
}

/// Writes beside, syncs, renames, syncs the folder.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // Apart from any other writer's: of two at once, one whole file stays.
    let new = path.with_extension(format!("{}.new", std::process::id()));
    let mut file = File::create(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    File::open(folder)?.sync_all()
}
