//! Transmissions in their order: one list per thread and next hop, whose first one is due while the others wait for it.

use delivery::State;
use types::{Lane, UnixMillis};

use crate::batch::Tx;
use crate::engine::Walk;
use crate::entry_state::Entry;
use crate::record::rows::{DueRow, NumberRow, TransmissionRow};
use crate::record::{self, View};
use crate::stats::Stat;
use crate::{StoreError, Wakeup, convert, key};

/// Where a transmission stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the index of due ones.
    Due,
    /// An earlier one of its thread is not settled.
    Blocked,
    /// Nothing of it waits, something is on the operator's list.
    Parked,
}

impl Place {
    pub(crate) const fn as_number(self) -> u32 {
        match self {
            Self::Due => 0,
            Self::Blocked => 1,
            Self::Parked => 2,
        }
    }

    pub(crate) fn of(record: &[u8], row: &TransmissionRow) -> Result<Self, StoreError> {
        match row.place {
            0 => Ok(Self::Due),
            1 => Ok(Self::Blocked),
            2 => Ok(Self::Parked),
            _ => Err(convert::odd(record, "place")),
        }
    }
}

/// A transmission in the hand.
pub(crate) struct Transmission {
    pub(crate) seq: u64,
    pub(crate) hop: String,
    pub(crate) row: TransmissionRow,
    pub(crate) lane: Lane,
    pub(crate) place: Place,
}

impl Transmission {
    pub(crate) fn load(view: &dyn View, seq: u64, hop: &str) -> Result<Option<Self>, StoreError> {
        let key = key::transmission(seq, hop);
        let Some(row) = record::read::<TransmissionRow>(view, &key)? else { return Ok(None) };
        let (lane, place) = (convert::lane(&key, row.lane)?, Place::of(&key, &row)?);
        Ok(Some(Self { seq, hop: hop.to_owned(), row, lane, place }))
    }

    /// Its key in the index of those that may go now, or of those that wait for another attempt.
    pub(crate) fn due_key(&self) -> Vec<u8> {
        let row = &self.row;
        if row.due_at > row.accepted_at && !row.is_ripe {
            return key::retry(&self.hop, self.lane, row.due_at, self.seq);
        }
        key::ready(&self.hop, self.lane, &row.sender, row.order, self.seq)
    }

    pub(crate) const fn due_row(&self) -> DueRow {
        DueRow { accepted_at: self.row.accepted_at, length: self.row.length }
    }

    fn save(&mut self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        self.row.place = self.place.as_number();
        self.row.lane = u32::from(self.lane.as_number());
        tx.put(&key::transmission(self.seq, &self.hop), &self.row)
    }

    /// Moves it; keeps the index of due ones and the numbers in step.
    fn put_at(&mut self, tx: &mut Tx<'_>, place: Place, lane: Lane, due_at: UnixMillis) -> Result<(), StoreError> {
        self.leave(tx);
        (self.place, self.lane, self.row.due_at) = (place, lane, due_at.as_millis());
        self.row.is_ripe = false;
        self.enter(tx)?;
        self.save(tx)
    }

    fn leave(&self, tx: &mut Tx<'_>) {
        if self.place == Place::Due {
            tx.delete(self.due_key());
        }
        if self.place != Place::Parked {
            tx.count(Stat::Waiting(self.hop.clone(), self.lane), -1);
        }
    }

    fn enter(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        if self.place == Place::Due {
            tx.put(&self.due_key(), &self.due_row())?;
            wake(tx, &self.hop);
        }
        if self.place != Place::Parked {
            tx.count(Stat::Waiting(self.hop.clone(), self.lane), 1);
        }
        Ok(())
    }

    fn is_first(&self) -> bool {
        self.row.previous == 0
    }
}

fn wake(tx: &mut Tx<'_>, hop: &str) {
    if let Ok(hop) = hop.parse() {
        tx.wake(Wakeup::Hop(hop));
    }
}

/// Makes the transmission of an entry towards a hop, at the end of its thread, or has a known one look again.
pub(crate) fn open(
    tx: &mut Tx<'_>,
    entry: &mut Entry,
    hop: &str,
    lane: Lane,
    now: UnixMillis,
) -> Result<(), StoreError> {
    if Transmission::load(tx, entry.seq, hop)?.is_some() {
        return refresh(tx, entry, hop).map(drop);
    }
    let (sender, document_id) = entry.thread()?;
    let thread = key::thread(&sender, &document_id, hop);
    let last = record::read::<NumberRow>(tx, &thread)?.map_or(0, |row| row.number);
    let mut place = Place::Due;
    if last > 0 {
        let mut previous = referred(tx, last, hop)?;
        previous.row.next = entry.seq;
        previous.save(tx)?;
        place = Place::Blocked;
    }
    tx.put(&thread, &NumberRow { number: entry.seq })?;
    let (accepted_at, now) = (now, now.as_millis());
    let row = TransmissionRow {
        due_at: now,
        accepted_at: now,
        previous: last,
        sender: entry.sender()?,
        system: entry.row.origin_system.clone(),
        order: entry.order(tx.shared.options.patience, accepted_at).as_millis(),
        length: entry.row.content.length,
        ..TransmissionRow::default()
    };
    count_of_system(tx, &row, 1);
    let mut opened = Transmission { seq: entry.seq, hop: hop.to_owned(), row, lane, place };
    opened.enter(tx)?;
    opened.save(tx)
}

fn count_of_system(tx: &mut Tx<'_>, row: &TransmissionRow, difference: i64) {
    if !row.system.is_empty() {
        tx.count(Stat::Unsettled(row.system.clone()), difference);
    }
}

fn referred(view: &dyn View, seq: u64, hop: &str) -> Result<Transmission, StoreError> {
    Transmission::load(view, seq, hop)?.ok_or_else(|| StoreError::Damaged {
        record: key::describe(&key::transmission(seq, hop)),
        reason: "it is missing and its thread refers to it".to_owned(),
    })
}

/// Brings a transmission in line with its recipients; gives the time at which it is due again.
pub(crate) fn refresh(tx: &mut Tx<'_>, entry: &mut Entry, hop: &str) -> Result<Option<UnixMillis>, StoreError> {
    let Some(mut found) = Transmission::load(tx, entry.seq, hop)? else { return Ok(None) };
    let (mut due_at, mut is_parked) = (None::<UnixMillis>, false);
    for index in 0..entry.count() {
        if entry.plan(tx, index)?.hop != hop {
            continue;
        }
        let delivery = entry.delivery(tx, index)?;
        match delivery.state() {
            State::Waiting | State::Sending => {
                due_at = Some(due_at.map_or(delivery.next_at(), |at| at.min(delivery.next_at())));
            }
            State::Parked(_) => is_parked = true,
            State::Delivered | State::Returned => {}
        }
    }
    match due_at {
        Some(at) => {
            let place = if found.is_first() { Place::Due } else { Place::Blocked };
            let lane = found.lane;
            found.put_at(tx, place, lane, at)?;
            Ok(Some(at))
        }
        None if is_parked => {
            let (lane, at) = (found.lane, UnixMillis::new(found.row.due_at));
            tx.effects.released.insert((entry.seq, hop.to_owned()), None);
            found.put_at(tx, Place::Parked, lane, at)?;
            Ok(None)
        }
        None => finish(tx, entry, &found).map(|()| None),
    }
}

/// Puts transmissions whose next attempt is due among those that may go now, in their senders' turns: the first `max`.
pub(crate) fn ripen(tx: &mut Tx<'_>, hop: &str, lane: Lane, now: UnixMillis, max: usize) -> Result<(), StoreError> {
    let start = key::retry_lane(hop, lane).done();
    let end = key::retry_lane(hop, lane).number(now.as_millis().saturating_add(1)).done();
    for (found, _) in record::collect(tx, &(start..end), Walk::Forward, max)? {
        match referred(tx, key::last_number(&found), hop) {
            Ok(mut ripe) => {
                tx.delete(found);
                ripe.row.is_ripe = true;
                tx.put(&ripe.due_key(), &ripe.due_row())?;
                ripe.save(tx)?;
            }
            // It stays where it is; the check names it.
            Err(error) => error.skip_if_damaged("a transmission is left out")?,
        }
    }
    wake(tx, hop);
    Ok(())
}

/// Moves a transmission to another lane.
pub(crate) fn raise(tx: &mut Tx<'_>, seq: u64, hop: &str, lane: Lane) -> Result<(), StoreError> {
    let Some(mut found) = Transmission::load(tx, seq, hop)? else { return Ok(()) };
    let (place, at) = (found.place, UnixMillis::new(found.row.due_at));
    found.put_at(tx, place, lane, at)
}

/// Takes a settled transmission out of its thread; whatever waited for it may go.
fn finish(tx: &mut Tx<'_>, entry: &Entry, done: &Transmission) -> Result<(), StoreError> {
    done.leave(tx);
    count_of_system(tx, &done.row, -1);
    tx.delete(key::transmission(done.seq, &done.hop));
    tx.effects.released.insert((done.seq, done.hop.clone()), None);
    let (previous, next) = (done.row.previous, done.row.next);
    if previous > 0 {
        let mut before = referred(tx, previous, &done.hop)?;
        before.row.next = next;
        before.save(tx)?;
    }
    if next > 0 {
        let mut after = referred(tx, next, &done.hop)?;
        after.row.previous = previous;
        let place = if after.place == Place::Blocked && previous == 0 { Place::Due } else { after.place };
        let (lane, at) = (after.lane, UnixMillis::new(after.row.due_at));
        return after.put_at(tx, place, lane, at);
    }
    let (sender, document_id) = entry.thread()?;
    let thread = key::thread(&sender, &document_id, &done.hop);
    if previous > 0 {
        return tx.put(&thread, &NumberRow { number: previous });
    }
    tx.delete(thread);
    Ok(())
}
