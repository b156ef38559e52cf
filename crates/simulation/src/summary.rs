//! What a run came to.

use crate::Faults;

/// Where a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The simulated day, from 1; beyond the days of traffic, what is under way arrives.
    pub day: u64,
    /// Days of traffic.
    pub days: u64,
    /// Events so far.
    pub steps: u64,
    /// Documents and statuses written so far.
    pub written: u64,
}

/// Totals of one run. Counts are of events in the simulated province.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// The seed.
    pub seed: u64,
    /// Nodes.
    pub nodes: u64,
    /// Days of traffic.
    pub days: u64,
    /// What went wrong.
    pub faults: Faults,
    /// Events.
    pub steps: u64,
    /// Simulated days until everything had ended.
    pub days_to_the_end: u64,
    /// Documents written.
    pub documents: u64,
    /// Statuses written.
    pub statuses: u64,
    /// Deliveries: documents and statuses by recipient, of which the submitter had its answer.
    pub deliveries: u64,
    /// Of them, those that reached the recipient's inbox.
    pub consigned: u64,
    /// Of them, those that the reader confirmed.
    pub handed_over: u64,
    /// Of them, those that went back (refused, recalled, past their time).
    pub returned: u64,
    /// Of them, those on an operator's list.
    pub parked: u64,
    /// Transfers between nodes.
    pub transfers: u64,
    /// Transfers without an answer.
    pub failed_transfers: u64,
    /// Messages lost, and messages that arrived twice.
    pub lost: u64,
    /// Messages that arrived twice.
    pub repeated: u64,
    /// Crashes.
    pub crashes: u64,
    /// Cuts of a link.
    pub cuts: u64,
    /// Flushes that failed.
    pub failed_flushes: u64,
    /// Batches written, one flush each.
    pub batches: u64,
    /// Operations in them.
    pub operations: u64,
    /// Bytes on all disks at the end.
    pub disk_bytes: u64,
    /// SHA-256 of the trace: the same for the same setup.
    pub digest: String,
    /// Whether the run was cut short before its end.
    pub is_partial: bool,
}

/// A violated invariant.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Violation {
    /// The seed that repeats it, with the same setup.
    pub seed: u64,
    /// The number of the event.
    pub step: u64,
    /// When, in simulated time.
    pub at: String,
    /// What should not be.
    pub what: String,
    /// The document, where it is about one.
    pub document: Option<String>,
    /// What happened to the document and to the nodes it touched.
    pub story: Vec<String>,
}

/// What a run came to, and the violation that ended it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// Totals.
    pub summary: Summary,
    /// The first violated invariant.
    pub violation: Option<Violation>,
}
