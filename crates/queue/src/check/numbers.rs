//! The maintained numbers, counted again.

use std::collections::BTreeMap;

use delivery::State;

use super::{CheckReport, Scope};
use crate::engine::Changes;
use crate::entry_state::Entry;
use crate::key::{self, Kind};
use crate::operations::hold;
use crate::queue_order::{Place, Transmission};
use crate::record::rows::HoldRow;
use crate::stats::{Deltas, Stat, Table};
use crate::{StoreError, convert, indexes, record};

/// Numbers counted so far.
#[derive(Default)]
pub(crate) struct Count(Deltas);

impl Count {
    /// Counts what one record stands for.
    pub(crate) fn see(&mut self, scope: Scope<'_>, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        let (view, deltas) = (scope.guard, &mut self.0);
        match Kind::of(key) {
            Some(Kind::Document) => self.see_entry(scope, key::last_number(key))?,
            Some(Kind::Transmission) => {
                let (seq, hop) = indexes::transmission_of(key).ok_or_else(|| convert::odd(key, "key"))?;
                let Some(found) = Transmission::load(view, seq, hop)? else { return Ok(()) };
                if found.place != Place::Parked {
                    deltas.add(Stat::Waiting(hop.to_owned(), found.lane), 1);
                }
                if !found.row.system.is_empty() {
                    deltas.add(Stat::Unsettled(found.row.system), 1);
                }
            }
            Some(Kind::Inbox) => {
                let agency = key.get(1..key.len().saturating_sub(9)).unwrap_or_default();
                deltas.add(Stat::Inbox(String::from_utf8_lossy(agency).into_owned()), 1);
            }
            Some(Kind::Hold) => {
                let row: HoldRow = record::decode(view, key, value)?;
                deltas.add(if row.code.is_empty() { Stat::HeldBehind } else { Stat::Held }, 1);
                hold::add_to_quota(view, key::last_number(key), deltas)?;
            }
            Some(Kind::Report) => deltas.add(Stat::Reports, 1),
            Some(Kind::Note) => deltas.add(Stat::Notes, 1),
            _ => {}
        }
        Ok(())
    }

    fn see_entry(&mut self, scope: Scope<'_>, seq: u64) -> Result<(), StoreError> {
        let (view, deltas) = (scope.guard, &mut self.0);
        // Also one that is damaged was accepted.
        deltas.add(Stat::Accepted, 1);
        let mut entry = Entry::load(view, seq)?;
        for index in 0..entry.count() {
            match entry.delivery(view, index)?.state() {
                State::Delivered => deltas.add(Stat::Delivered, 1),
                State::Returned => deltas.add(Stat::Returned, 1),
                State::Parked(_) => deltas.add(Stat::Parked, 1),
                State::Waiting | State::Sending => {}
            }
        }
        let document = entry.document()?;
        let mut files = BTreeMap::new();
        for payload in [document.content, document.side] {
            if view.get(&key::payload(&payload.digest).number(seq).done())?.is_some() {
                files.insert(payload.digest, payload.length);
            }
        }
        deltas.add(Stat::PayloadBytes, files.values().filter_map(|length| i64::try_from(*length).ok()).sum());
        Ok(())
    }

    /// The counted numbers, with the records that they are kept in.
    pub(crate) fn table(&self) -> Result<(Table, Changes), StoreError> {
        let (mut table, mut changes) = (Table::default(), Changes::new());
        let changed = table.changed(&self.0, &mut changes)?;
        table.set(changed);
        Ok((table, changes))
    }

    /// Names the numbers that differ from those maintained.
    pub(super) fn compare(&self, scope: Scope<'_>, report: &mut CheckReport) -> Result<(), StoreError> {
        let maintained = match Table::load(scope.guard) {
            Ok(maintained) => maintained,
            Err(StoreError::Damaged { record, reason }) => {
                report.add(record, reason);
                return Ok(());
            }
            Err(StoreError::Engine { .. }) => return Ok(()),
            Err(error) => return Err(error),
        };
        for (stat, maintained, counted) in maintained.differences(&self.table()?.0) {
            // Stores of before the number was kept have more than it says.
            if stat == Stat::Notes && counted > maintained {
                continue;
            }
            report.add(format!("number {stat:?}"), format!("{maintained} by the records of it, {counted} counted"));
        }
        Ok(())
    }
}
