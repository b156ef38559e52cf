//! What the writer thread and the callers share.

use std::fs::File;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use tokio::sync::broadcast;

use crate::engine::guard::Guard;
use crate::engine::{Visit, Walk};
use crate::key;
use crate::leases::{ItemLeases, TransmissionLeases};
use crate::migration;
use crate::options::Space;
use crate::payload::Payloads;
use crate::record::rows::NumberRow;
use crate::record::{self, View};
use crate::stats::Table;
use crate::witness::{Seen, Witness};
use crate::{StoreError, StoreOptions, Wakeup};

/// The format this version writes. An older one is migrated or refused, a newer one refused.
///
/// 2 has holds, which a reader of 1 would take for entries whose transmissions are lost; what is in a store of format 1 is
/// written the same way in 2. 3 has the index of due transmissions by sender: opening rewrites the older one;
/// and small payloads in records of their own, which a reader of 2 would look for as files.
pub(crate) const FORMAT: u32 = 3;
/// The oldest format that this version migrates.
const FORMAT_OLDEST: u32 = 1;
/// Hints kept for a slow watcher; it is told when it missed some, and looks at everything.
const WAKEUPS_MAX: usize = 1024;

pub(crate) struct Shared {
    pub(crate) guard: Guard,
    pub(crate) payloads: Arc<Payloads>,
    pub(crate) options: StoreOptions,
    pub(crate) transmissions: Mutex<TransmissionLeases>,
    pub(crate) items: Mutex<ItemLeases>,
    pub(crate) table: RwLock<Table>,
    pub(crate) wakeups: broadcast::Sender<Wakeup>,
    /// The next number to give out, as committed.
    pub(crate) next_number: AtomicU64,
    /// Commits since the store was made.
    pub(crate) commits: AtomicU64,
    pub(crate) witness: Option<Witness>,
    /// Fences and tokens: the number of this opening in the upper half, so that none ever comes twice.
    fences: AtomicU64,
    /// Keeps other processes out of the directory.
    pub(crate) lock: Mutex<Option<File>>,
}

pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // The tables behind these locks are consistent after every statement.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    /// Checks the format and counts this opening, durably.
    pub(crate) fn open(
        guard: Guard,
        payloads: Arc<Payloads>,
        options: StoreOptions,
        lock: Option<File>,
    ) -> Result<Self, StoreError> {
        // A store without a lock has no directory either.
        let directory = lock.as_ref().map(|_| options.directory.as_path());
        let found = number(&guard, "commit")?;
        let witnessed = directory.map_or(0, |directory| Witness::read(directory).commit);
        if found < witnessed {
            return Err(StoreError::Behind { found, witnessed });
        }
        bring_up_to_date(&guard, &options)?;
        let (opening, next_number) = (number(&guard, "opening")? + 1, number(&guard, "next")?.max(1));
        let commit = found + 1;
        let mut changes = crate::engine::Changes::new();
        for (name, number) in [("format", u64::from(FORMAT)), ("opening", opening), ("commit", commit)] {
            let values = record::values(&key::meta(name), &NumberRow { number })?;
            changes.extend(values.into_iter().map(|(key, value)| (key, Some(value))));
        }
        guard.commit(&changes)?;
        let witness = directory.map(Witness::open).transpose()?;
        if let Some(witness) = &witness {
            witness.note(Seen { commit, next: next_number });
        }
        let table = Table::load(&guard)?;
        Ok(Self {
            payloads,
            options,
            // What earlier runs gave out is not known any more: whatever is older counts as given out.
            transmissions: Mutex::new(TransmissionLeases::after(next_number - 1)),
            items: Mutex::new(ItemLeases::after(next_number - 1)),
            table: RwLock::new(table),
            wakeups: broadcast::channel(WAKEUPS_MAX).0,
            next_number: AtomicU64::new(next_number),
            commits: AtomicU64::new(commit),
            witness,
            fences: AtomicU64::new(opening << 32),
            lock: Mutex::new(lock),
            guard,
        })
    }

    /// A number greater than every fence and token before it, also of earlier runs.
    pub(crate) fn fence(&self) -> u64 {
        self.fences.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(crate) fn space(&self) -> Result<Space, StoreError> {
        (self.options.space)(&self.options.directory).map_err(StoreError::io("ask for the free space"))
    }

    pub(crate) fn check_reserve(&self, space: Space) -> Result<(), StoreError> {
        let reserve = space.total / 100 * u64::from(self.options.reserve_percent);
        if space.free < reserve {
            return Err(StoreError::DiskReserve { free: space.free, reserve });
        }
        Ok(())
    }
}

/// Rewrites what an older format has otherwise.
pub(crate) fn bring_up_to_date(guard: &Guard, options: &StoreOptions) -> Result<(), StoreError> {
    if check_format(guard)?.is_some_and(|found| found < FORMAT) {
        migration::to_format_3(guard, options.patience)?;
    }
    Ok(())
}

/// A number of the store as a whole, 0 when it was never written.
pub(crate) fn number(guard: &Guard, name: &str) -> Result<u64, StoreError> {
    Ok(record::read::<NumberRow>(guard, &key::meta(name))?.map_or(0, |row| row.number))
}

fn check_format(guard: &Guard) -> Result<Option<u32>, StoreError> {
    let Some(row) = record::read::<NumberRow>(guard, &key::meta("format"))? else { return Ok(None) };
    let found = u32::try_from(row.number).unwrap_or(u32::MAX);
    match found {
        FORMAT_OLDEST..=FORMAT => Ok(Some(found)),
        newer if newer > FORMAT => Err(StoreError::FormatNewer { found, supported: FORMAT }),
        _ => Err(StoreError::FormatOlder { found, supported: FORMAT }),
    }
}

impl View for Guard {
    fn raw(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.get(key)
    }

    fn walk(&self, range: Range<&[u8]>, way: Walk, visit: &mut Visit<'_>) -> Result<(), StoreError> {
        Self::walk(self, range, way, visit)
    }
}
