//! Walking everything: what is damaged, what is missing, what is left over.
//!
//! A checksum shows that a record was changed, not that it is gone or that an older one stands in its place. So every
//! record is also held against the others: entries call for their index records and index records for their entries,
//! recipients count their events, threads are lists with two directions, and the maintained numbers are counted again.

mod entries;
mod marks;
mod numbers;
mod payloads;

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::engine::Walk;
use crate::engine::guard::Guard;
use crate::key::{self, Kind};
use crate::payload::Payloads;
use crate::record::Pair;
use crate::shared::Shared;
use crate::witness::Witness;
use crate::{StoreError, record};

use marks::Marks;
pub(crate) use numbers::Count;
pub(crate) use payloads::hash;

/// What [`crate::Store::check`] found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckReport {
    /// Records read.
    pub records: u64,
    /// Payload files read.
    pub payloads: u64,
    /// Damaged or missing records and payloads, named, with what is wrong; at most 10 000.
    pub damage: Vec<Damage>,
    /// Payload files that no entry refers to: left by a crash, harmless.
    pub orphans: u64,
}

/// One damaged thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The record or file.
    pub what: String,
    /// What is wrong with it.
    pub reason: String,
}

/// How far a long piece of work has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Records done.
    pub records: u64,
    /// Payload files done.
    pub payloads: u64,
    /// Bytes of payload files done.
    pub payload_bytes: u64,
}

/// Is told how far the work has come, now and then.
pub type Watch<'a> = dyn FnMut(Progress) + 'a;

/// Damage named in one report: enough to see that a backup is needed.
const DAMAGE_MAX: usize = 10_000;
/// Records read at a time: no engine lock is held while they are looked at.
pub(crate) const STRIDE: usize = 1024;

impl CheckReport {
    pub(crate) fn add(&mut self, what: String, reason: String) {
        let damage = Damage { what, reason };
        if self.damage.len() < DAMAGE_MAX && !self.damage.contains(&damage) {
            self.damage.push(damage);
        }
    }

    fn note<T>(&mut self, found: Result<T, StoreError>) -> Result<(), StoreError> {
        match found {
            Ok(_) => Ok(()),
            Err(StoreError::Damaged { record, reason }) => {
                self.add(record, reason);
                Ok(())
            }
            // Of a walk over a store at work: it went away in between.
            Err(StoreError::NotFound { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// What is checked: records and payload files, of a store at work or of a stopped one.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    pub(crate) guard: &'a Guard,
    pub(crate) payloads: &'a Payloads,
    pub(crate) directory: &'a Path,
    /// Counts the commits of a store at work.
    pub(crate) commits: Option<&'a AtomicU64>,
}

impl<'a> Scope<'a> {
    pub(crate) fn of(shared: &'a Shared) -> Self {
        Self {
            guard: &shared.guard,
            payloads: &shared.payloads,
            directory: &shared.options.directory,
            commits: Some(&shared.commits),
        }
    }

    fn commit(&self) -> u64 {
        self.commits.map_or(0, |commits| commits.load(Ordering::Acquire))
    }
}

/// Reads every record and every payload file.
pub(crate) fn check(scope: Scope<'_>, watch: &mut Watch<'_>) -> Result<CheckReport, StoreError> {
    let mut report = CheckReport::default();
    let (before, mut count, mut progress) = (scope.commit(), Count::default(), Progress::default());
    let mut marks = Marks::read(scope.guard)?;
    let witnessed = Witness::read(scope.directory).commit;
    match crate::shared::number(scope.guard, "commit") {
        Ok(found) if found < witnessed && scope.commits.is_none() => {
            let error = StoreError::Behind { found, witnessed };
            report.add("the end of the store".to_owned(), error.to_string());
        }
        found => report.note(found)?,
    }
    for first in 0..=u8::MAX {
        let read = walk_kind(scope.guard, first, &mut |key, value| {
            report.records += 1;
            progress.records += 1;
            if progress.records.is_multiple_of(1 << 12) {
                watch(progress);
            }
            let looked = record::unwrap(key, value).and_then(|_| {
                count.see(scope, key, value)?;
                marks.see(scope.guard, key)?;
                entries::look(scope, key, value)
            });
            report.note(looked)
        });
        match read {
            // The engine itself cannot read on: the other kinds may still be readable.
            Err(StoreError::Engine { reason, .. } | StoreError::Damaged { reason, .. }) => {
                report.add(format!("records of kind {}", name_of(first)), format!("they cannot be read: {reason}"));
            }
            other => other?,
        }
    }
    payloads::check(scope, &mut report, &mut progress, watch)?;
    if scope.commit() == before {
        count.compare(scope, &mut report)?;
        marks.tell(&mut report);
    }
    Ok(report)
}

fn name_of(first: u8) -> String {
    Kind::of(&[first]).map_or_else(|| format!("{first:#04x}"), |kind| format!("{kind:?}"))
}

/// Called for each key and value; an error ends the walk.
type VisitRecord<'a> = dyn FnMut(&[u8], &[u8]) -> Result<(), StoreError> + 'a;

/// Visits the records whose keys start with this byte.
pub(crate) fn walk_kind(guard: &Guard, first: u8, visit: &mut VisitRecord<'_>) -> Result<(), StoreError> {
    let mut range = vec![first]..key::after(&[first]);
    loop {
        let found: Vec<Pair> = record::collect(guard, &range, Walk::Forward, STRIDE)?;
        let Some((last, _)) = found.last() else { return Ok(()) };
        range.start.clone_from(last);
        range.start.push(0);
        for (key, value) in &found {
            visit(key, value)?;
        }
    }
}

pub(crate) fn damaged(key: &[u8], reason: impl Into<String>) -> StoreError {
    StoreError::Damaged { record: key::describe(key), reason: reason.into() }
}
