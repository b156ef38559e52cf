//! Walking everything: what is damaged, what is left over.

/// What [`crate::Store::check`] found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckReport {
    /// Records read.
    pub records: u64,
    /// Payload files read.
    pub payloads: u64,
    /// Damaged records and payloads, named, with what is wrong; at most 10 000.
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
