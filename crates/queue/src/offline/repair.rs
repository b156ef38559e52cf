//! Repairing a store: what can be read is copied beside, what cannot be is set aside, indexes and numbers are written
//! again from the entries.

mod entries;
mod indexes;
mod salvage;
mod threads;

use std::io::Write;
use std::path::PathBuf;

use super::{export, open_beside, remove_folder, reset_witness};
use crate::check::{self, Count, Scope, walk_kind};
use crate::engine::Changes;
use crate::engine::guard::Guard;
use crate::key::{self, Kind};
use crate::record::rows::NumberRow;
use crate::shared::{FORMAT, number};
use crate::witness::Witness;
use crate::{CheckReport, Damage, Offline, Progress, StoreError, Watch, record};

/// Changes that make a commit.
const CHANGES_MAX: usize = 1024;
/// Lines of the report at most; the file has them all.
const TOLD_MAX: usize = 10_000;

/// What a repair did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repaired {
    /// Records in the repaired store.
    pub records: u64,
    /// Records that were set aside in the file, each with the reason; at most 10 000.
    pub aside: Vec<Damage>,
    /// What is known to be lost, or was made good with less than there was; at most 10 000.
    pub lost: Vec<Damage>,
    /// Index records written again.
    pub written: u64,
    /// Index records removed: nothing called for them.
    pub removed: u64,
    /// What a check of the repaired store found; damage is left where payloads are gone.
    pub report: CheckReport,
    /// The folder of before; nothing reads it any more.
    pub old: PathBuf,
}

impl Repaired {
    /// Removes the folder of before.
    ///
    /// # Errors
    /// `internal` for the disk.
    pub fn remove_old(&self) -> Result<(), StoreError> {
        self.old.parent().map_or(Ok(()), |directory| remove_folder(directory, &self.old))
    }
}

impl Offline {
    /// Repairs into a new folder, checks it and makes it the store's, in one step; the folder of before stays until
    /// [`Repaired::remove_old`]. What cannot be part of a store that fits together goes to `aside`, as lines of an export
    /// with the reason before each. Blocking, long.
    ///
    /// # Errors
    /// `internal` when writing fails, or the disk.
    pub fn repair(self, aside: &mut dyn Write, watch: &mut Watch<'_>) -> Result<Repaired, StoreError> {
        let place = self.place.beside(self.place.kind);
        remove_folder(self.directory(), &place.path(self.directory()))?;
        let target = open_beside(&self.options, &place)?;
        let scope = Scope { guard: &target, payloads: &self.payloads, directory: self.directory(), commits: None };
        let mut work = Work {
            scope,
            aside,
            changes: Changes::new(),
            repaired: Repaired { old: self.folder(), ..Repaired::default() },
            progress: Progress::default(),
            next: 0,
        };
        salvage::copy(&self.guard, &mut work, watch)?;
        work.heads(&self)?;
        entries::mend(&mut work)?;
        threads::mend(&mut work)?;
        indexes::write_again(&mut work)?;
        work.numbers()?;
        work.aside.flush().map_err(StoreError::io("write what is set aside"))?;
        let mut repaired = work.repaired;
        target.flush()?;
        reset_witness(self.directory(), &target)?;
        repaired.report = check::check(scope, watch)?;
        repaired.records = repaired.report.records;
        target.close();
        place.write(self.directory())?;
        self.close();
        Ok(repaired)
    }
}

/// A repair under way.
struct Work<'a> {
    /// The store in the making.
    scope: Scope<'a>,
    aside: &'a mut dyn Write,
    changes: Changes,
    repaired: Repaired,
    progress: Progress,
    /// The next number to give out.
    next: u64,
}

impl<'a> Work<'a> {
    fn guard(&self) -> &'a Guard {
        self.scope.guard
    }

    fn put(&mut self, values: Vec<record::Pair>) -> Result<(), StoreError> {
        self.changes.extend(values.into_iter().map(|(key, value)| (key, Some(value))));
        self.apply_if_many()
    }

    fn delete(&mut self, key: Vec<u8>) -> Result<(), StoreError> {
        self.changes.insert(key, None);
        self.apply_if_many()
    }

    fn apply_if_many(&mut self) -> Result<(), StoreError> {
        if self.changes.len() < CHANGES_MAX { Ok(()) } else { self.apply() }
    }

    /// Everything so far is read by what follows.
    fn apply(&mut self) -> Result<(), StoreError> {
        self.guard().apply(&std::mem::take(&mut self.changes))
    }

    /// Writes a record into the file of what is set aside.
    fn set_aside(&mut self, key: &[u8], value: &[u8], reason: &str) -> Result<(), StoreError> {
        let what = key::describe(key);
        let written = writeln!(self.aside, "# {what}: {}", reason.replace('\n', " "))
            .and_then(|()| self.aside.write_all(export::line(key, value).as_bytes()));
        written.map_err(StoreError::io("write what is set aside"))?;
        if self.repaired.aside.len() < TOLD_MAX {
            self.repaired.aside.push(Damage { what, reason: reason.to_owned() });
        }
        Ok(())
    }

    /// Sets a record and its further parts aside, and takes them out of the store.
    fn take_out(&mut self, key: &[u8], value: &[u8], reason: &str) -> Result<(), StoreError> {
        self.set_aside(key, value, reason)?;
        self.delete(key.to_vec())
    }

    fn lost(&mut self, what: impl Into<String>, reason: impl Into<String>) {
        if self.repaired.lost.len() < TOLD_MAX {
            self.repaired.lost.push(Damage { what: what.into(), reason: reason.into() });
        }
    }

    /// The numbers of the store as a whole: none may be given out twice.
    fn heads(&mut self, from: &Offline) -> Result<(), StoreError> {
        self.apply()?;
        let witnessed = Witness::read(self.scope.directory);
        let mut highest = 0;
        for kind in [Kind::Document, Kind::Report, Kind::Inbox, Kind::Confirmed, Kind::Received, Kind::HoldThread] {
            walk_kind(self.guard(), kind as u8, &mut |key, _| {
                highest = highest.max(key::last_number(key));
                Ok(())
            })?;
        }
        let of_before = |name| number(&from.guard, name).unwrap_or(0);
        let commit = of_before("commit").max(witnessed.commit);
        if of_before("commit") < witnessed.commit {
            let error = StoreError::Behind { found: of_before("commit"), witnessed: witnessed.commit };
            self.lost("the end of the store", error.to_string());
        }
        self.next = of_before("next").max(witnessed.next).max(highest + 1);
        // An opening that was lost would give fences out again: each takes the upper half of their numbers.
        let opening = of_before("opening").max(commit) + 1;
        for (name, number) in [("format", u64::from(FORMAT)), ("opening", opening), ("commit", commit + 1)] {
            self.put(record::values(&key::meta(name), &NumberRow { number })?)?;
        }
        self.apply()
    }

    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next - 1
    }

    /// Counts everything again.
    fn numbers(&mut self) -> Result<(), StoreError> {
        self.apply()?;
        let (scope, mut count) = (self.scope, Count::default());
        for first in 0..=u8::MAX {
            walk_kind(scope.guard, first, &mut |key, value| {
                if Kind::of(key) == Some(Kind::Stat) {
                    return self.delete(key.to_vec());
                }
                count.see(scope, key, value)
            })?;
        }
        let (_, changes) = count.table()?;
        self.changes.extend(changes);
        self.put(record::values(&key::meta("next"), &NumberRow { number: self.next })?)?;
        self.apply()
    }
}
