//! What a disk may hold after a power cut.
//!
//! The strict model is POSIX's word and no more: the content of a file is certain up to its last sync that ended, a name
//! up to the last sync of its folder; `sync_file_range` makes nothing certain. What is uncertain may be there, in part
//! (512-byte sectors), and in any order. One thing is assumed of the file system, as `queue` says it assumes it: a rename
//! is there as a whole or not at all.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::random::Random;
use crate::record::{Inode, Operation};

/// What a disk writes as a whole.
const SECTOR: usize = 512;

/// What becomes of that which was not synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Variant {
    /// All of it is gone.
    Strict,
    /// All of it is there, as after a kill.
    Kept,
    /// What came first is there, the last write torn.
    Torn,
    /// Any part of it is there, writes in part, in any order.
    Reordered,
    /// Contents as they were synced, but of names that were not synced any part is there.
    Names,
}

impl Variant {
    pub(crate) const ALL: [Self; 5] = [Self::Strict, Self::Kept, Self::Torn, Self::Reordered, Self::Names];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Kept => "kept",
            Self::Torn => "torn",
            Self::Reordered => "reordered",
            Self::Names => "names",
        }
    }
}

/// Syncs that the replay passes over, to show that the harness would notice their absence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ignored {
    Nothing,
    /// Syncs of the engine's files after the first acknowledgement.
    Engine,
    /// Syncs of payload files.
    Payloads,
    /// Syncs of payload folders.
    Folders,
}

/// A file or folder of the record, told apart also when the kernel gives its number again.
type Id = usize;
/// A name in a folder.
type Name = (Id, PathBuf);

/// Something that happened to a file's content.
struct Change {
    at: usize,
    what: Content,
}

#[derive(Clone, Copy)]
enum Content {
    /// The write that is operation `at`.
    Written,
    Resized(u64),
}

/// Something that happened to names, as a whole.
struct Renaming {
    at: usize,
    sets: Vec<(Name, Id)>,
    clears: Vec<Name>,
}

/// A sync of a file or folder that ended.
struct Sync {
    begun: usize,
    ended: usize,
}

/// A record, understood.
pub(crate) struct Disk<'a> {
    operations: &'a [Operation],
    is_folder: Vec<bool>,
    contents: Vec<Vec<Change>>,
    names: Vec<Renaming>,
    syncs: Vec<Vec<Sync>>,
}

/// The files of a folder, and its empty folders.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Image {
    pub(crate) folders: BTreeSet<PathBuf>,
    pub(crate) files: BTreeMap<PathBuf, Stored>,
}

/// The content of a file. Zeroes at its end are only counted: engines make room ahead.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Stored {
    pub(crate) bytes: Vec<u8>,
    pub(crate) length: usize,
}

impl Stored {
    /// What a whole file holds.
    pub(crate) fn of(mut bytes: Vec<u8>) -> Self {
        let length = bytes.len();
        bytes.truncate(bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1));
        Self { bytes, length }
    }

    fn resize(&mut self, length: usize) {
        self.bytes.truncate(length);
        self.length = length;
    }

    fn put(&mut self, start: usize, bytes: &[u8]) {
        let end = start + bytes.len();
        if self.bytes.len() < end {
            self.bytes.resize(end, 0);
        }
        if let Some(place) = self.bytes.get_mut(start..end) {
            place.copy_from_slice(bytes);
        }
        self.length = self.length.max(end);
    }

    fn trimmed(mut self) -> Self {
        let end = self.bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        self.bytes.truncate(end);
        self
    }
}

const ROOT: Id = 0;

/// While a record is read: which names there are, and which file has a number.
#[derive(Default)]
struct Live {
    names: BTreeMap<PathBuf, Id>,
    numbers: BTreeMap<Inode, Id>,
    paths: BTreeMap<Id, PathBuf>,
}

impl<'a> Disk<'a> {
    /// Understands a record that began with an empty folder.
    pub(crate) fn new(operations: &'a [Operation], ignored: Ignored) -> Self {
        let mut disk = Self {
            operations,
            is_folder: vec![true],
            contents: vec![Vec::new()],
            names: Vec::new(),
            syncs: vec![Vec::new()],
        };
        let mut live = Live::default();
        live.names.insert(PathBuf::new(), ROOT);
        live.paths.insert(ROOT, PathBuf::new());
        let mut syncing: BTreeMap<u64, (usize, Id)> = BTreeMap::new();
        let is_printed = |operation: &Operation| matches!(operation, Operation::Printed(_));
        let first = operations.iter().position(is_printed).unwrap_or(operations.len());
        for (at, operation) in operations.iter().enumerate() {
            let ignored = if ignored == Ignored::Engine && at < first { Ignored::Nothing } else { ignored };
            disk.read(at, operation, &mut live, &mut syncing, ignored);
        }
        disk
    }

    fn read(
        &mut self,
        at: usize,
        operation: &Operation,
        live: &mut Live,
        syncing: &mut BTreeMap<u64, (usize, Id)>,
        ignored: Ignored,
    ) {
        match operation {
            Operation::Create { inode, path } => self.make(at, *inode, path, live, false),
            Operation::MakeFolder { inode, path } => self.make(at, *inode, path, live, true),
            Operation::Write { inode, .. } => self.change(at, live, *inode, Content::Written),
            Operation::Resize { inode, length } => self.change(at, live, *inode, Content::Resized(*length)),
            Operation::Rename { from, to } => self.rename(at, from, to, live),
            Operation::Link { from, to } => {
                if let (Some(id), Some(name)) = (live.names.get(from).copied(), live.name(to)) {
                    live.names.insert(to.clone(), id);
                    self.names.push(Renaming { at, sets: vec![(name, id)], clears: Vec::new() });
                }
            }
            Operation::Remove { path } => {
                if let Some(name) = live.name(path) {
                    live.names.remove(path);
                    self.names.push(Renaming { at, sets: Vec::new(), clears: vec![name] });
                }
            }
            Operation::SyncBegins { number, inode } => {
                // The root is never made, so its number is the one that nothing else has.
                let id = live.numbers.get(inode).copied().unwrap_or(ROOT);
                if !is_ignored(ignored, live.paths.get(&id), self.is_folder.get(id).copied().unwrap_or(true)) {
                    syncing.insert(*number, (at, id));
                }
            }
            Operation::SyncEnds { number } => {
                if let Some((begun, id)) = syncing.remove(number)
                    && let Some(syncs) = self.syncs.get_mut(id)
                {
                    syncs.push(Sync { begun, ended: at });
                }
            }
            Operation::Printed(_) | Operation::Failed { .. } => {}
        }
    }

    fn make(&mut self, at: usize, inode: Inode, path: &Path, live: &mut Live, is_folder: bool) {
        let id = self.is_folder.len();
        self.is_folder.push(is_folder);
        self.contents.push(Vec::new());
        self.syncs.push(Vec::new());
        live.numbers.insert(inode, id);
        if let Some(name) = live.name(path) {
            live.names.insert(path.to_owned(), id);
            live.paths.insert(id, path.to_owned());
            self.names.push(Renaming { at, sets: vec![(name, id)], clears: Vec::new() });
        }
    }

    fn change(&mut self, at: usize, live: &Live, inode: Inode, what: Content) {
        let contents = live.numbers.get(&inode).and_then(|id| self.contents.get_mut(*id));
        if let Some(contents) = contents {
            contents.push(Change { at, what });
        }
    }

    fn rename(&mut self, at: usize, from: &Path, to: &Path, live: &mut Live) {
        let (Some(old), Some(new)) = (live.name(from), live.name(to)) else { return };
        let Some(id) = live.names.remove(from) else { return };
        live.names.insert(to.to_owned(), id);
        live.paths.insert(id, to.to_owned());
        // What lies below a folder moves with it.
        let below: Vec<PathBuf> = live.names.keys().filter(|path| path.starts_with(from)).cloned().collect();
        for path in below {
            if let (Some(moved), Ok(rest)) = (live.names.remove(&path), path.strip_prefix(from)) {
                live.paths.insert(moved, to.join(rest));
                live.names.insert(to.join(rest), moved);
            }
        }
        self.names.push(Renaming { at, sets: vec![(new, id)], clears: vec![old] });
    }

    /// The folder as the disk may hold it when the power goes before operation `cut`.
    pub(crate) fn image(&self, cut: usize, variant: Variant, random: &mut Random) -> Image {
        // Up to where operations survive anyway, of what was not synced.
        let torn_at = match variant {
            Variant::Torn => usize::try_from(random.below(u64::try_from(cut).unwrap_or(0) + 1)).unwrap_or(0),
            _ => 0,
        };
        let names = self.names_at(cut, variant, torn_at, random);
        let mut image = Image::default();
        self.place(ROOT, Path::new(""), &names, &mut image, &mut |id| {
            self.content_at(id, cut, variant, torn_at, &mut Random::new(random.next() ^ u64::try_from(id).unwrap_or(0)))
        });
        image
    }

    /// The last operation that a sync ended before `cut` has covered.
    fn certain(&self, id: Id, cut: usize) -> usize {
        let syncs = self.syncs.get(id).map(Vec::as_slice).unwrap_or_default();
        syncs.iter().filter(|sync| sync.ended < cut).map(|sync| sync.begun).max().unwrap_or(0)
    }

    fn names_at(&self, cut: usize, variant: Variant, torn_at: usize, random: &mut Random) -> BTreeMap<Name, Id> {
        let mut names = BTreeMap::new();
        for renaming in self.names.iter().take_while(|renaming| renaming.at < cut) {
            let folders = renaming.sets.iter().map(|(name, _)| name.0).chain(renaming.clears.iter().map(|name| name.0));
            let is_certain = folders.into_iter().any(|folder| renaming.at < self.certain(folder, cut));
            let survives = is_certain
                || match variant {
                    Variant::Strict => false,
                    Variant::Kept => true,
                    Variant::Torn => renaming.at < torn_at,
                    Variant::Reordered | Variant::Names => random.below(2) == 0,
                };
            if survives {
                for name in &renaming.clears {
                    names.remove(name);
                }
                names.extend(renaming.sets.iter().cloned());
            }
        }
        names
    }

    fn content_at(&self, id: Id, cut: usize, variant: Variant, torn_at: usize, random: &mut Random) -> Stored {
        let (certain, mut content) = (self.certain(id, cut), Stored::default());
        let changes = self.contents.get(id).map(Vec::as_slice).unwrap_or_default();
        for change in changes.iter().take_while(|change| change.at < cut) {
            let part = match variant {
                _ if change.at < certain => Part::Whole,
                Variant::Strict | Variant::Names => Part::Nothing,
                Variant::Kept => Part::Whole,
                Variant::Torn if change.at < torn_at => Part::Whole,
                // The write under way: its first sectors.
                Variant::Torn if change.at == torn_at => Part::First,
                Variant::Torn => Part::Nothing,
                Variant::Reordered => match random.below(3) {
                    0 => Part::Whole,
                    1 => Part::Nothing,
                    _ => Part::Some,
                },
            };
            self.apply(change, part, &mut content, random);
        }
        content.trimmed()
    }

    fn apply(&self, change: &Change, part: Part, content: &mut Stored, random: &mut Random) {
        if part == Part::Nothing {
            return;
        }
        match (change.what, self.operations.get(change.at)) {
            (Content::Resized(length), _) => content.resize(usize::try_from(length).unwrap_or(0)),
            (Content::Written, Some(Operation::Write { offset, bytes, .. })) => {
                let first = random.below(u64::try_from(bytes.len() / SECTOR).unwrap_or(0) + 1);
                for (number, sector) in bytes.chunks(SECTOR).enumerate() {
                    let is_there = match part {
                        Part::Whole => true,
                        Part::First => u64::try_from(number).unwrap_or(0) < first,
                        Part::Some => random.below(2) == 0,
                        Part::Nothing => false,
                    };
                    if is_there {
                        content.put(usize::try_from(*offset).unwrap_or(0) + number * SECTOR, sector);
                    }
                }
            }
            (Content::Written, _) => {}
        }
    }

    fn place(
        &self,
        folder: Id,
        path: &Path,
        names: &BTreeMap<Name, Id>,
        image: &mut Image,
        content: &mut dyn FnMut(Id) -> Stored,
    ) {
        for ((_, name), id) in names.range((folder, PathBuf::new())..).take_while(|((parent, _), _)| *parent == folder)
        {
            let below = path.join(name);
            if self.is_folder.get(*id) == Some(&true) {
                image.folders.insert(below.clone());
                self.place(*id, &below, names, image, content);
            } else {
                image.files.insert(below, content(*id));
            }
        }
    }
}

/// What survives of one change.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Whole,
    First,
    Some,
    Nothing,
}

fn is_ignored(ignored: Ignored, path: Option<&PathBuf>, is_folder: bool) -> bool {
    let below = |name: &str| path.is_some_and(|path| path.starts_with(name));
    match ignored {
        Ignored::Nothing => false,
        Ignored::Engine => !is_folder && (below("sled") || below("fjall")),
        Ignored::Payloads => !is_folder && below("staging"),
        Ignored::Folders => is_folder && below("payload"),
    }
}

impl Live {
    /// A path as a name in its folder.
    fn name(&self, path: &Path) -> Option<Name> {
        let folder = self.names.get(path.parent()?)?;
        Some((*folder, PathBuf::from(path.file_name()?)))
    }
}

#[cfg(test)]
mod tests;
