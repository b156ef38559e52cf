//! Numbers of the store: maintained with every commit, never counted by walking.

use std::collections::BTreeMap;

use types::{Lane, NeighbourId};

/// The numbers at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Entries accepted since the store was made.
    pub accepted: u64,
    /// Recipients that have it.
    pub delivered: u64,
    /// Recipients for whom it went back.
    pub returned: u64,
    /// Recipients on the operator's list.
    pub parked: u64,
    /// Bytes of stored payload files, each counted once per entry that refers to it.
    pub payload_bytes: u64,
    /// Transmissions that wait or run, by next hop and lane.
    pub waiting: BTreeMap<(NeighbourId, Lane), u64>,
    /// Items that wait to be confirmed, by the canonical code of the agency.
    pub inbox: BTreeMap<String, u64>,
    /// Outcomes that their senders have not been told.
    pub reports: u64,
}
