//! Whether what waits has a mark in the index of times to live: the index is by time, so it is read once beforehand.

use super::{CheckReport, DAMAGE_MAX, walk_kind};
use crate::engine::guard::Guard;
use crate::entry_state::Entry;
use crate::key::{self, Kind};
use crate::{StoreError, indexes};

/// Bits of entries with a mark: 64 MiB are enough for half a thousand million numbers. Beyond, marks are not checked.
const BITS_MAX: u64 = 1 << 29;

/// Entries with a mark, and those that have none and should.
pub(super) struct Marks {
    bits: Vec<u64>,
    missing: Vec<u64>,
}

impl Marks {
    pub(super) fn read(guard: &Guard) -> Result<Self, StoreError> {
        let mut marks = Self { bits: Vec::new(), missing: Vec::new() };
        let read = walk_kind(guard, Kind::Expiry as u8, &mut |key, _| {
            let seq = key::last_number(key);
            if seq < BITS_MAX
                && let Ok(place) = usize::try_from(seq / 64)
            {
                if marks.bits.len() <= place {
                    marks.bits.resize(place + 1, 0);
                }
                marks.bits.iter_mut().skip(place).take(1).for_each(|bits| *bits |= 1 << (seq % 64));
            }
            Ok(())
        });
        match read {
            // The walk over everything names what cannot be read.
            Err(StoreError::Engine { .. } | StoreError::Damaged { .. }) | Ok(()) => Ok(marks),
            Err(error) => Err(error),
        }
    }

    fn has(&self, seq: u64) -> bool {
        let bits = usize::try_from(seq / 64).ok().and_then(|place| self.bits.get(place));
        seq >= BITS_MAX || bits.is_some_and(|bits| bits & (1 << (seq % 64)) != 0)
    }

    pub(super) fn see(&mut self, guard: &Guard, key: &[u8]) -> Result<(), StoreError> {
        if Kind::of(key) != Some(Kind::Document) || self.missing.len() >= DAMAGE_MAX {
            return Ok(());
        }
        let seq = key::last_number(key);
        if !self.has(seq) && indexes::expiry(guard, &mut Entry::load(guard, seq)?)?.is_some() {
            self.missing.push(seq);
        }
        Ok(())
    }

    pub(super) fn tell(&self, report: &mut CheckReport) {
        for seq in &self.missing {
            report.add(format!("Document {seq}"), "the mark of its time to live is missing".to_owned());
        }
    }
}
