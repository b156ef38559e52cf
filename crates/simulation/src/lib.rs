//! Many nodes in one process, months in minutes: the real cores over a simulated clock, disk and network.
//!
//! Real: the store's operations and its writer's steps ([`queue::Store::stepped`]), the delivery state machine, retry, lanes,
//! circuits, windows, times to live and status order (`delivery`), directory and routes (`directory`). Simulated: what lies
//! between them in a running node (its intake, links and reports are async code over sockets; their steps are repeated here
//! in the same order and with the same waits for the disk), the embedded engine, time, the network, agencies and operators.
//! Left out: packets' XML, signatures, quarantine, payload files, TLS and gRPC, the national axis.
//!
//! One thread, one queue of events, chance from one seed: the same setup gives the same run, told by [`Summary::digest`].

mod calendar;
mod check;
mod disk;
mod faults;
mod node;
mod oracle;
mod packet;
mod random;
mod region;
mod summary;
mod trace;
mod traffic;
mod world;

pub use faults::{Faults, Sabotage};
pub use summary::{Outcome, Progress, Summary, Violation};

/// What to simulate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setup {
    /// Decides everything that is left to chance.
    pub seed: u64,
    /// Nodes of the province, 2 to 1000.
    pub nodes: usize,
    /// Days of traffic, 1 to 366, from a Monday on. Then faults end, and what is under way may arrive.
    pub days: u64,
    /// Documents that are written on a working day; statuses and later packets of a document come on top.
    pub documents_per_day: u64,
    /// What goes wrong.
    pub faults: Faults,
    /// A defect in the surroundings, for tests of the checks.
    pub sabotage: Option<Sabotage>,
}

/// Why a simulation cannot run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    /// Too few nodes, or too many.
    #[error("{given} nodes, there must be 2 to {most}")]
    Nodes {
        /// Nodes given.
        given: usize,
        /// Nodes allowed.
        most: usize,
    },
    /// Too few days, or too many.
    #[error("{given} days, there must be 1 to {most}")]
    Days {
        /// Days given.
        given: u64,
        /// Days allowed.
        most: u64,
    },
    /// A code of the region is none: a defect of the simulation.
    #[error("the region has the code {0:?}, which is none")]
    Code(String),
    /// The region's agencies are no directory: a defect of the simulation.
    #[error("the region's directory: {0}")]
    Directory(String),
}

/// Whether to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Go {
    /// With the run.
    On,
    /// To the summary of what was so far; nothing is checked that needs an end.
    ToTheSummary,
}

/// Days at most.
const DAYS_MAX: u64 = 366;

/// Runs a simulation to its end, to the first violated invariant, or until `watch` says so; it is called a few times a
/// simulated hour.
///
/// # Errors
/// A setup outside its ranges.
pub fn run(setup: &Setup, watch: &mut dyn FnMut(&Progress) -> Go) -> Result<Outcome, SetupError> {
    if !(1..=DAYS_MAX).contains(&setup.days) {
        return Err(SetupError::Days { given: setup.days, most: DAYS_MAX });
    }
    Ok(world::World::new(setup)?.run(watch))
}
