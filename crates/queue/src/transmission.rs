//! Transmissions: one entry on its way to one next hop, claimed with a lease and settled with its outcomes.

use std::time::Duration;

use delivery::{ParkReason, State};
use types::{AgencyCode, ErrorCode, Lane, NeighbourId, UnixMillis};

use crate::entry::{Document, Plan, Recipient, RecipientId, ReportId, Seq};

/// A request for work towards one next hop.
#[derive(Clone, Debug)]
pub struct ClaimRequest {
    /// The neighbour or endpoint.
    pub hop: NeighbourId,
    /// The time.
    pub now: UnixMillis,
    /// How long the lease lasts unless extended.
    pub lease: Duration,
    /// Claims wanted at most, 1 to 256.
    pub max: usize,
    /// The least urgent lane to take from; `Lane::Normal` takes from all.
    pub least: Lane,
}

/// Names one claim: a later claim of the same transmission has a greater number, also after a restart.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Fence {
    /// The entry.
    pub seq: Seq,
    /// The next hop.
    pub hop: NeighbourId,
    /// The number.
    pub number: u64,
}

/// One transmission to carry out.
#[derive(Clone, Debug)]
pub struct Claim {
    /// To be given back when extending and settling.
    pub fence: Fence,
    /// End of the lease.
    pub until: UnixMillis,
    /// The lane it was claimed from.
    pub lane: Lane,
    /// Which attempt this is, from 1.
    pub attempt: u32,
    /// The entry.
    pub document: Document,
    /// The recipients it is for: those behind this hop that are due.
    pub recipients: Vec<Recipient>,
}

/// What became of one recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The other side has it durably.
    Delivered {
        /// Its receipt, at most 64 KiB, empty when there is none.
        evidence: Vec<u8>,
    },
    /// The other side said no. A retryable code backs off.
    Refused {
        /// Its reason.
        code: ErrorCode,
        /// Its words, cut to 1 KiB.
        text: String,
        /// Its signed refusal, at most 64 KiB, empty when there is none.
        evidence: Vec<u8>,
    },
    /// No answer about the document. Always backs off.
    Failed {
        /// What failed.
        code: ErrorCode,
        /// More words, cut to 1 KiB.
        text: String,
    },
}

/// Outcomes of one claim. Claimed recipients that are not named are given back without an attempt counted.
#[derive(Clone, Debug)]
pub struct Settlement {
    /// The claim.
    pub fence: Fence,
    /// The time.
    pub now: UnixMillis,
    /// By recipient index.
    pub outcomes: Vec<(u32, Outcome)>,
}

/// The answer to one [`Settlement`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// Recorded.
    Done {
        /// Recipients whose state changed.
        changes: Vec<Change>,
        /// When the transmission is due again, `None` when nothing of it waits.
        due_at: Option<UnixMillis>,
    },
    /// Another claim has taken over, or the transmission is gone: nothing was recorded. Code: `lease_lost`.
    Stale,
}

/// The answer to extending one lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extended {
    /// The lease lasts until this time.
    Until(UnixMillis),
    /// Stop sending: another claim has taken over, or an operator ended it. Code: `lease_lost`.
    Stale,
}

/// A recipient whose delivery changed its state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Which.
    pub id: RecipientId,
    /// The agency.
    pub code: AgencyCode,
    /// Its new state.
    pub state: State,
    /// The reason, of returned and failed ones.
    pub reason: Option<ErrorCode>,
}

/// An outcome that its sender has to be told; kept until crossed off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Its number.
    pub id: ReportId,
    /// The recipient.
    pub recipient: RecipientId,
    /// The agency.
    pub code: AgencyCode,
    /// When it came about.
    pub at: UnixMillis,
    /// What to tell.
    pub about: ReportKind,
}

/// What a report tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportKind {
    /// The recipient's side has it: `ContentConsignment` here, `RelayAcceptance` by the next hop.
    Delivered,
    /// It left quarantine and lies in an inbox here: its `ContentConsignment`, as [`crate::Start`] brought it.
    Consigned,
    /// It went back: `ContentConsignmentFailure` (or `RelayFailure`) with its reason.
    Returned {
        /// The reason.
        code: ErrorCode,
        /// The last failure before it.
        cause: Option<ErrorCode>,
    },
}

/// The deadline of one document that somebody still waits for, as far as the index knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline {
    /// When.
    pub due: UnixMillis,
    /// The document.
    pub seq: Seq,
}

/// What a look at one deadline found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadlineLook {
    /// Which.
    pub deadline: Deadline,
    /// Recipients, by index, that it will probably reach too late, each with what to say, cut to 1 KiB. Those it has reached
    /// by then are left out.
    pub at_risk: Vec<(u32, String)>,
    /// Nobody else is to be warned of: it leaves the index.
    pub is_done: bool,
}

/// One line of the operator's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parked {
    /// The recipient.
    pub id: RecipientId,
    /// Its agency.
    pub code: AgencyCode,
    /// Where it was going.
    pub plan: Plan,
    /// Why it is here.
    pub why: ParkReason,
    /// The last failure.
    pub reason: Option<ErrorCode>,
    /// Since when.
    pub since: UnixMillis,
}

/// What an operator does to a delivery. Source: the event table of `delivery::Event`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// Stop it.
    Hold,
    /// Let a parked one go on.
    Release,
    /// Give it up, for the reason that the sender will read.
    Return {
        /// The reason.
        code: ErrorCode,
    },
    /// Send it another way.
    Reroute {
        /// The way; never [`Plan::Returned`].
        plan: Plan,
    },
    /// Send it at once and ahead of the others.
    Expedite,
}
