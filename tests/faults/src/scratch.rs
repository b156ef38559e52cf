//! Folders for stores under test: in memory where there is such a file system, because what they hold is thrown away.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use tempfile::TempDir;

use crate::disk::{Image, Stored};

const IN_MEMORY: &str = "/dev/shm";

/// A folder that goes away.
pub(crate) fn folder() -> Result<TempDir, String> {
    let made = if Path::new(IN_MEMORY).is_dir() {
        tempfile::Builder::new().prefix("lienthong-faults-").tempdir_in(IN_MEMORY)
    } else {
        TempDir::new()
    };
    made.map_err(|error| format!("make a temporary folder: {error}"))
}

/// Writes an image into an empty folder.
pub(crate) fn write(image: &Image, root: &Path) -> io::Result<()> {
    for folder in &image.folders {
        fs::create_dir_all(root.join(folder))?;
    }
    for (path, stored) in &image.files {
        let mut file = File::create(root.join(path))?;
        file.write_all(&stored.bytes)?;
        file.set_len(u64::try_from(stored.length).unwrap_or(u64::MAX))?;
    }
    Ok(())
}

/// Reads a folder.
pub(crate) fn read(root: &Path) -> io::Result<Image> {
    let mut image = Image::default();
    read_below(root, root, &mut image)?;
    Ok(image)
}

fn read_below(root: &Path, folder: &Path, image: &mut Image) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let below = path.strip_prefix(root).unwrap_or(&path).to_owned();
        if path.is_dir() {
            image.folders.insert(below);
            read_below(root, &path, image)?;
        } else {
            image.files.insert(below, Stored::of(fs::read(&path)?));
        }
    }
    Ok(())
}

/// The first difference between what was rebuilt and what is there; `None` when they are equal.
pub(crate) fn difference(rebuilt: &Image, real: &Image) -> Option<String> {
    if let Some(folder) = rebuilt.folders.symmetric_difference(&real.folders).next() {
        return Some(format!("folder {}", folder.display()));
    }
    let names: std::collections::BTreeSet<_> = rebuilt.files.keys().chain(real.files.keys()).collect();
    names.into_iter().find(|name| rebuilt.files.get(*name) != real.files.get(*name)).map(|name| {
        let length =
            |image: &Image| image.files.get(name).map_or("absent".to_owned(), |stored| stored.length.to_string());
        format!("file {}: {} rebuilt, {} on the disk", name.display(), length(rebuilt), length(real))
    })
}
