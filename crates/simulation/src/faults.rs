//! What goes wrong, and how often.

use std::ops::Range;

use crate::calendar::{DAY, HOUR, MINUTE, SECOND};

/// How much goes wrong in a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Faults {
    /// Nothing.
    None,
    /// As in a bad month: a node crashes every ten days or so, a link is cut every five, a message in a thousand is lost.
    #[default]
    Light,
    /// As nowhere: crashes every other day, some of them for days, full disks, failed flushes, clocks off by minutes.
    Heavy,
}

impl Faults {
    /// Every amount.
    pub const ALL: [Self; 3] = [Self::None, Self::Light, Self::Heavy];

    /// The word of the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Light => "light",
            Self::Heavy => "heavy",
        }
    }

    pub(crate) const fn rates(self) -> Option<Rates> {
        match self {
            Self::None => None,
            Self::Light => Some(Rates {
                crash_mean: 10 * DAY,
                down: 20 * SECOND..20 * MINUTE,
                long_down: 0,
                cut_mean: 5 * DAY,
                cut: MINUTE..2 * HOUR,
                lost: 10,
                repeated: 10,
                answer_lost: 50,
                reader_dies: 100,
                clock: 5 * SECOND,
                full_mean: 60 * DAY,
                flush_fails: 0,
                slow: 200,
            }),
            Self::Heavy => Some(Rates {
                crash_mean: 36 * HOUR,
                down: 5 * SECOND..4 * HOUR,
                long_down: 200,
                cut_mean: DAY,
                cut: MINUTE..12 * HOUR,
                lost: 200,
                repeated: 200,
                answer_lost: 500,
                reader_dies: 1000,
                clock: 10 * MINUTE,
                full_mean: 2 * DAY,
                flush_fails: 1000,
                slow: 3000,
            }),
        }
    }
}

/// Means and ranges in milliseconds, chances in ten thousand.
#[derive(Clone, Debug)]
pub(crate) struct Rates {
    /// Between two crashes of one node.
    pub(crate) crash_mean: u64,
    /// How long it is down.
    pub(crate) down: Range<u64>,
    /// Crashes after which it is down for days.
    pub(crate) long_down: u64,
    /// Between two cuts of one link.
    pub(crate) cut_mean: u64,
    /// How long it is cut.
    pub(crate) cut: Range<u64>,
    /// Messages lost.
    pub(crate) lost: u64,
    /// Messages that arrive twice.
    pub(crate) repeated: u64,
    /// Answers that do not reach the submitting system.
    pub(crate) answer_lost: u64,
    /// Rounds in which the reading software dies.
    pub(crate) reader_dies: u64,
    /// How far a node's clock is off at most.
    pub(crate) clock: u64,
    /// Between two times that a node's disk is full.
    pub(crate) full_mean: u64,
    /// Crashes that begin with a failed flush.
    pub(crate) flush_fails: u64,
    /// The longest that a message or a write takes.
    pub(crate) slow: u64,
}

/// A defect put into the simulated surroundings, so that a check is seen to find it. Never in the product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sabotage {
    /// The disk reports a flush as done and forgets the last batches in a crash.
    DiskForgetsFlushes,
    /// A node answers a neighbour before its batch is on the disk.
    AnswersBeforeCommit,
    /// A node does not recognise a packet that comes again.
    NoDuplicateRecognition,
    /// A node does not know which packets are about one document.
    IgnoresOrder,
    /// A node crosses a report off before what it owes is on the disk.
    ReportsCrossedOffEarly,
    /// Reports that could not be worked off wait for the next one, as this node's did until the simulation found it.
    ReportsWaitForHints,
    /// The consignment is sent after the acceptance and never again, as it was until the simulation found it: a crash in
    /// between loses it when the neighbour gives up meanwhile.
    ConsignmentGoesOnce,
}
