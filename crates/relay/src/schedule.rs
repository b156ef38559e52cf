//! Which transfer sends its next chunk.
//!
//! Stride scheduling: each transfer advances by the bytes it sent over the weight of its lane, and the one that
//! has advanced least is next. Equal transfers alternate, an urgent one gets most of the link, none starves.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use bytes::Bytes;
use types::Lane;

/// Chunks that are ready to be sent, at most one per transfer.
#[derive(Debug, Default)]
pub(crate) struct Schedule {
    /// Advance of the transfer served last: where newcomers start.
    now: u64,
    transfers: BTreeMap<u64, Turn>,
}

#[derive(Debug)]
struct Turn {
    lane: Lane,
    advance: u64,
    ready: Option<Bytes>,
}

/// Share of the link against one transfer of the normal lane.
const fn weight(lane: Lane) -> u64 {
    match lane {
        Lane::Normal => 1,
        Lane::Urgent => 4,
        Lane::VeryUrgent => 16,
        Lane::Express => 64,
    }
}

impl Schedule {
    /// Adds a transfer that has nothing to send yet.
    pub(crate) fn join(&mut self, transfer: u64, lane: Lane) {
        self.transfers.insert(transfer, Turn { lane, advance: self.now, ready: None });
    }

    /// Removes a transfer and its chunk.
    pub(crate) fn leave(&mut self, transfer: u64) {
        self.transfers.remove(&transfer);
    }

    /// Gives a transfer its next chunk. Time spent waiting for credit earns nothing.
    pub(crate) fn ready(&mut self, transfer: u64, chunk: Bytes) {
        if let Some(turn) = self.transfers.get_mut(&transfer) {
            turn.advance = turn.advance.max(self.now);
            turn.ready = Some(chunk);
        }
    }

    /// True when some transfer has a chunk.
    pub(crate) fn has_next(&self) -> bool {
        self.transfers.values().any(|turn| turn.ready.is_some())
    }

    /// Takes the chunk whose turn it is; of equals, the more urgent, then the older.
    pub(crate) fn next(&mut self) -> Option<(u64, Bytes)> {
        let (transfer, turn) = self
            .transfers
            .iter_mut()
            .filter(|(_, turn)| turn.ready.is_some())
            .min_by_key(|(transfer, turn)| (turn.advance, Reverse(turn.lane), **transfer))?;
        let chunk = turn.ready.take()?;
        self.now = turn.advance;
        // Counted in 64ths of a byte, so that the greatest weight divides it.
        turn.advance = turn.advance.saturating_add((chunk.len() as u64).saturating_mul(64) / weight(turn.lane));
        Some((*transfer, chunk))
    }
}

#[cfg(test)]
mod tests;
