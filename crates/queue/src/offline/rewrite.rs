//! Rewriting a store into another engine, or anew into the same one.

use std::path::PathBuf;

use super::{figures, open_beside, remove_folder};
use crate::check::{STRIDE, damaged};
use crate::engine::guard::Guard;
use crate::engine::place::Place;
use crate::engine::{Changes, Walk};
use crate::key::{Key, Kind};
use crate::record::Pair;
use crate::{EngineKind, Offline, Progress, StoreError, Watch, record};

/// Bytes applied before the next sync: an interrupted rewrite goes on from there.
const SYNC_EVERY: usize = 16 * 1024 * 1024;

/// What a rewrite did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rewritten {
    /// The engine before.
    pub from: EngineKind,
    /// The engine that the store has now.
    pub to: EngineKind,
    /// Records, each compared with its original.
    pub records: u64,
    /// Bytes of the old folder on the disk.
    pub bytes_before: u64,
    /// Bytes of the new folder on the disk.
    pub bytes_after: u64,
    /// The old folder; nothing reads it any more.
    pub old: PathBuf,
}

impl Rewritten {
    /// Removes the old folder.
    ///
    /// # Errors
    /// `internal` for the disk.
    pub fn remove_old(&self) -> Result<(), StoreError> {
        self.old.parent().map_or(Ok(()), |directory| remove_folder(directory, &self.old))
    }
}

impl Offline {
    /// Rewrites the records into `to` (the same engine: which gives back the space that it does not use), compares every
    /// one with its original, and then makes the new folder the store's, in one step. The old one stays until
    /// [`Rewritten::remove_old`]. After an interruption the next call goes on where it was. Blocking, long.
    ///
    /// # Errors
    /// `store_damaged` for the first record that is: repair first; `internal` for the disk.
    pub fn rewrite(self, to: EngineKind, watch: &mut Watch<'_>) -> Result<Rewritten, StoreError> {
        let place = self.place.beside(to);
        let target = self.target(&place)?;
        let mut progress = Progress::default();
        self.copy(&target, &mut progress, watch)?;
        let records = compare(&self.guard, &target)?;
        target.close();
        place.write(self.directory())?;
        let measure = |place: &Place| {
            figures::bytes_on_disk(&place.path(self.directory())).map_err(StoreError::io("measure the engine's folder"))
        };
        let rewritten = Rewritten {
            from: self.place.kind,
            to,
            records,
            bytes_before: measure(&self.place)?,
            bytes_after: measure(&place)?,
            old: self.folder(),
        };
        self.close();
        Ok(rewritten)
    }

    /// The folder of an interrupted rewrite of the store as it is, or an empty one.
    pub(super) fn target(&self, place: &Place) -> Result<Guard, StoreError> {
        let path = place.path(self.directory());
        if path.exists() {
            let of_before = open_beside(&self.options, place).and_then(|target| {
                let fits = heads(&self.guard)? == heads(&target)?;
                Ok((target, fits))
            });
            match of_before {
                Ok((target, true)) => return Ok(target),
                Ok((target, false)) => target.close(),
                Err(error) => tracing::warn!(%error, "an interrupted rewrite cannot be continued; it starts anew"),
            }
            remove_folder(self.directory(), &path)?;
        }
        open_beside(&self.options, place)
    }

    fn copy(&self, target: &Guard, progress: &mut Progress, watch: &mut Watch<'_>) -> Result<(), StoreError> {
        let mut range = Vec::new()..vec![0xff; 2];
        if let Some((last, _)) = record::collect(target, &range, Walk::Backward, 1)?.pop() {
            range.start = last;
            range.start.push(0);
        }
        let mut unsynced = 0;
        loop {
            let found: Vec<Pair> = record::collect(&self.guard, &range, Walk::Forward, STRIDE)?;
            let Some((last, _)) = found.last() else { break };
            range.start.clone_from(last);
            range.start.push(0);
            progress.records += u64::try_from(found.len()).unwrap_or(0);
            let mut changes = Changes::new();
            for (key, value) in found {
                record::unwrap(&key, &value)?;
                unsynced += key.len() + value.len();
                changes.insert(key, Some(value));
            }
            target.apply(&changes)?;
            if unsynced >= SYNC_EVERY {
                target.flush()?;
                unsynced = 0;
            }
            watch(*progress);
        }
        target.flush()
    }
}

/// The numbers of the store as a whole: they change with every opening and every commit, and are copied first.
fn heads(guard: &Guard) -> Result<Vec<Pair>, StoreError> {
    record::collect(guard, &Key::of(Kind::Meta).range(), Walk::Forward, STRIDE)
}

/// Holds every record against its copy; gives their number.
fn compare(from: &Guard, to: &Guard) -> Result<u64, StoreError> {
    let mut range = Vec::new()..vec![0xff; 2];
    let mut records = 0;
    loop {
        let ours = record::collect(from, &range, Walk::Forward, STRIDE)?;
        let theirs = record::collect(to, &range, Walk::Forward, STRIDE)?;
        if let Some((key, _)) = ours.iter().zip(&theirs).find(|(ours, theirs)| ours != theirs).map(|(ours, _)| ours) {
            return Err(damaged(key, "its copy differs"));
        }
        if ours.len() != theirs.len() {
            let (key, _) = ours.last().or(theirs.last()).cloned().unwrap_or_default();
            return Err(damaged(&key, "the copy has another number of records"));
        }
        let Some((last, _)) = ours.last() else { return Ok(records) };
        range.start.clone_from(last);
        range.start.push(0);
        records += u64::try_from(ours.len()).unwrap_or(0);
    }
}
