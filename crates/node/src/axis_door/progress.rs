//! How far receivers' software says it is with what it fetches: a note in memory, lost with a restart, which costs
//! nothing but the word in a list.

use std::collections::BTreeMap;

use axis::TransferState;
use types::{ExchangeId, UnixMillis};

/// Notes kept. Exchange ids grow with time: beyond this the oldest exchange's note goes first.
const NOTES_MAX: usize = 100_000;

/// What is noted of one transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Note {
    /// The last word.
    pub(super) state: TransferState,
    /// How often it failed.
    pub(super) failures: u32,
    /// When the last word came.
    pub(super) at: UnixMillis,
}

/// Notes by exchange and receiver.
#[derive(Debug, Default)]
pub(crate) struct Progress(BTreeMap<(ExchangeId, u32), Note>);

impl Progress {
    pub(super) fn of(&self, exchange: ExchangeId, index: u32) -> Option<Note> {
        self.0.get(&(exchange, index)).copied()
    }

    /// Notes `processing` or `fail`; `done` ends the note. Returns how often it has failed.
    pub(super) fn note(&mut self, exchange: ExchangeId, index: u32, state: TransferState, at: UnixMillis) -> u32 {
        if state == TransferState::Done {
            self.0.remove(&(exchange, index));
            return 0;
        }
        let failed = u32::from(state == TransferState::Fail);
        let failures = self.of(exchange, index).map_or(0, |note| note.failures).saturating_add(failed);
        self.0.insert((exchange, index), Note { state, failures, at });
        if self.0.len() > NOTES_MAX {
            self.0.pop_first();
        }
        failures
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange(number: u8) -> ExchangeId {
        ExchangeId::from_bytes([number; 16])
    }

    #[test]
    fn failures_are_counted_until_it_is_done() {
        let mut progress = Progress::default();
        let at = UnixMillis::new(0);
        let mut note = |state| progress.note(exchange(1), 0, state, at);
        let counts = [TransferState::Fail, TransferState::Processing, TransferState::Fail].map(&mut note);
        assert_eq!(counts, [1, 1, 2]);
        note(TransferState::Done);
        assert_eq!(note(TransferState::Fail), 1);
    }

    #[test]
    fn each_receiver_of_a_packet_has_its_own_note() {
        let mut progress = Progress::default();
        progress.note(exchange(1), 0, TransferState::Fail, UnixMillis::new(0));
        assert_eq!(progress.of(exchange(1), 1), None);
    }
}
