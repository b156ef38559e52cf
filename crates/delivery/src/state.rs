//! The state machine of one delivery: one document on its way to one recipient, seen from this node.
//!
//! `Waiting → Sending → Delivered | Returned | Parked`, and back to `Waiting` while there is a next attempt.
//!
//! | event \ state | Waiting | Sending | Parked, exhausted | Parked, held | Delivered, Returned |
//! |---|---|---|---|---|---|
//! | `Claimed` | Sending, attempt counted; past the deadline Returned | – | – | – | – |
//! | `Extended` | – | later lease end, before the deadline only | – | – | – |
//! | `Consigned` | Delivered | Delivered | Delivered | Delivered | – |
//! | `Refused`, permanent | – | Returned | – | – | – |
//! | `Refused`, retryable | – | back-off | – | – | – |
//! | `Failed` | – | back-off | – | – | – |
//! | `LeaseExpired` | – | back-off, once the lease is over | – | – | – |
//! | `TtlPassed` | Returned | Returned, once the lease is over | Returned | – | – |
//! | `Hold` | Parked, held | Parked, held | Parked, held | – | – |
//! | `Release` | – | – | Waiting, anew | Waiting, anew | – |
//! | `Return` | Returned | Returned | Returned | Returned | – |
//! | `Reroute` | Waiting, anew | Waiting, anew | Waiting, anew | Waiting, anew | – |
//! | `Expedite` | due now | – | – | – | – |
//!
//! *–*: nothing changes and there is nothing to do; late and repeated events fall here. *Back-off*: Waiting until the
//! next attempt; Parked as exhausted when the attempts are used up; Returned with `time_to_live` when the deadline has
//! passed. *Anew*: due now, no attempts counted, with the deadline that the event brings.
//!
//! Two choices in it:
//! - A late `Consigned` counts unless the sender was already told of a return: whoever confirmed has the document, and
//!   sending it again would help nobody.
//! - A delivery that ran out of attempts keeps its deadline, so the sender hears of it in time whether or not an operator
//!   looks at the list. A held one has an operator who took it over, and waits for that operator.

use types::{ErrorCode, Lane, UnixMillis};

mod step;

/// Why a delivery is on the operator's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ParkReason {
    /// All attempts were used up. The deadline still runs.
    Exhausted,
    /// An operator holds it. No deadline runs.
    Held,
}

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Waits for its next attempt, at `next_at`.
    Waiting,
    /// Claimed by a sender whose lease lasts until `next_at`.
    Sending,
    /// The next hop or the endpoint has it durably. Final.
    Delivered,
    /// Gone back to the sender with a signed reason. Final.
    Returned,
    /// On the operator's list.
    Parked(ParkReason),
}

impl State {
    /// Every state.
    pub const ALL: [Self; 6] = [
        Self::Waiting,
        Self::Sending,
        Self::Delivered,
        Self::Returned,
        Self::Parked(ParkReason::Exhausted),
        Self::Parked(ParkReason::Held),
    ];

    /// The number a store writes for it. Append only: a number never changes its meaning.
    #[must_use]
    pub const fn as_number(self) -> u8 {
        match self {
            Self::Waiting => 0,
            Self::Sending => 1,
            Self::Delivered => 2,
            Self::Returned => 3,
            Self::Parked(ParkReason::Exhausted) => 4,
            Self::Parked(ParkReason::Held) => 5,
        }
    }

    /// The state a stored number stands for, `None` for a number of no state.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_number() == number)
    }

    /// The word of logs, metrics and replies.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sending => "sending",
            Self::Delivered => "delivered",
            Self::Returned => "returned",
            Self::Parked(ParkReason::Exhausted) => "parked",
            Self::Parked(ParkReason::Held) => "held",
        }
    }

    /// True for the two states that nothing leaves.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Delivered | Self::Returned)
    }
}

/// What happened to a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A sender took it, with a lease.
    Claimed {
        /// End of the lease.
        until: UnixMillis,
    },
    /// The sender makes progress and asks for more time.
    Extended {
        /// New end of the lease.
        until: UnixMillis,
    },
    /// The next hop, the endpoint or the inbox confirmed that it has the document durably.
    Consigned,
    /// The other side answered no. A retryable code backs off, every other returns the document at once.
    Refused {
        /// The other side's reason.
        code: ErrorCode,
    },
    /// The attempt failed without an answer about the document (connection, timeout). Always backs off.
    Failed {
        /// What failed.
        code: ErrorCode,
    },
    /// The lease ran out without a result: the sender crashed, or the agency's software never confirmed.
    LeaseExpired,
    /// The lane's time to live has passed.
    TtlPassed,
    /// An operator stops it.
    Hold,
    /// An operator lets a parked one go on.
    Release {
        /// The new deadline, [`crate::Ttl::deadline`] from now.
        expires_at: UnixMillis,
    },
    /// An operator gives it up.
    Return {
        /// The reason the sender will read.
        code: ErrorCode,
    },
    /// An operator has its route chosen anew.
    Reroute {
        /// The new deadline, [`crate::Ttl::deadline`] from now.
        expires_at: UnixMillis,
    },
    /// An operator wants it sent now, ahead of others.
    Expedite,
}

/// What the caller must do, in the order given. A crash in between is safe: peers drop repeats by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Store the new value durably before anything that follows; if that fails, drop it and reload the old one.
    Persist,
    /// Start the transmission.
    Send,
    /// End the transmission under way and void its lease.
    StopSending,
    /// Choose the next hop again.
    ChooseRoute,
    /// Move to this lane.
    RaiseTo(Lane),
    /// Look at the delivery again at this time.
    WakeAt(UnixMillis),
    /// Tell the sender's side: `ContentConsignment`, or `RelayAcceptance` by the next hop.
    ReportDelivered,
    /// Tell the sender with a signed `ContentConsignmentFailure`.
    ReportReturned {
        /// The reason.
        code: ErrorCode,
        /// The last failure before it, where there was one.
        cause: Option<ErrorCode>,
    },
    /// Put it on the operator's list.
    ListForOperator(ParkReason),
}

/// The outcome of one event.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a step changes nothing until its actions are carried out"]
pub struct Step {
    /// The delivery after the event.
    pub delivery: Delivery,
    /// What to do, in order; empty when the event came late or twice and changed nothing.
    pub actions: Vec<Action>,
}

impl Step {
    /// Whether the event changed anything.
    #[must_use]
    pub const fn is_changed(&self) -> bool {
        !self.actions.is_empty()
    }
}

/// The fields of a [`Delivery`] as a store writes and reads them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Where it stands.
    pub state: State,
    /// Attempts since it was accepted, released or re-routed.
    pub attempts: u32,
    /// Waiting: time of the next attempt. Sending: end of the lease. Else: time of the last change.
    pub next_at: UnixMillis,
    /// The deadline: past it the document goes back to its sender.
    pub expires_at: UnixMillis,
    /// Returned: the reason. Else: the last failure, where there was one.
    pub code: Option<ErrorCode>,
    /// Time of the last change.
    pub changed_at: UnixMillis,
}

/// A stored delivery that no run of the state machine leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// Returned or exhausted without a reason.
    #[error("a {} delivery is stored without its reason", .state.as_str())]
    ReasonMissing {
        /// The stored state.
        state: State,
    },
    /// Being sent with no attempt counted.
    #[error("a delivery is stored as sending with no attempt counted")]
    AttemptMissing,
}

impl SnapshotError {
    /// Always `store_damaged`.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        ErrorCode::StoreDamaged
    }
}

/// One document on its way to one recipient. Small and `Copy`: it is stored once per recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivery {
    state: State,
    attempts: u32,
    next_at: UnixMillis,
    expires_at: UnixMillis,
    code: Option<ErrorCode>,
    changed_at: UnixMillis,
}

impl Delivery {
    /// A delivery accepted now and due at once, with the deadline of its lane ([`crate::Ttl::deadline`]).
    #[must_use]
    pub const fn new(now: UnixMillis, expires_at: UnixMillis) -> Self {
        Self { state: State::Waiting, attempts: 0, next_at: now, expires_at, code: None, changed_at: now }
    }

    /// The fields for the store.
    #[must_use]
    pub const fn snapshot(&self) -> Snapshot {
        let Self { state, attempts, next_at, expires_at, code, changed_at } = *self;
        Snapshot { state, attempts, next_at, expires_at, code, changed_at }
    }

    /// The delivery that was stored.
    ///
    /// # Errors
    /// `store_damaged` when no run of the state machine leads to these fields.
    pub const fn from_snapshot(stored: Snapshot) -> Result<Self, SnapshotError> {
        let Snapshot { state, attempts, next_at, expires_at, code, changed_at } = stored;
        match state {
            State::Returned | State::Parked(ParkReason::Exhausted) if code.is_none() => {
                Err(SnapshotError::ReasonMissing { state })
            }
            State::Sending if attempts == 0 => Err(SnapshotError::AttemptMissing),
            _ => Ok(Self { state, attempts, next_at, expires_at, code, changed_at }),
        }
    }

    /// Where it stands.
    #[must_use]
    pub const fn state(&self) -> State {
        self.state
    }

    /// Attempts since it was accepted, released or re-routed.
    #[must_use]
    pub const fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Waiting: time of the next attempt. Sending: end of the lease. Else: time of the last change.
    #[must_use]
    pub const fn next_at(&self) -> UnixMillis {
        self.next_at
    }

    /// The deadline: past it the document goes back to its sender.
    #[must_use]
    pub const fn expires_at(&self) -> UnixMillis {
        self.expires_at
    }

    /// Returned: the reason. Else: the last failure, where there was one.
    #[must_use]
    pub const fn code(&self) -> Option<ErrorCode> {
        self.code
    }

    /// Time of the last change.
    #[must_use]
    pub const fn changed_at(&self) -> UnixMillis {
        self.changed_at
    }

    /// When to look at it again: Waiting, its next attempt; Sending, its lease end; exhausted, its deadline.
    ///
    /// `None` for final ones, and for held ones, which wait for their operator. A look finds out what is due with
    /// [`Delivery::due`].
    #[must_use]
    pub const fn wake_at(&self) -> Option<UnixMillis> {
        match self.state {
            State::Waiting | State::Sending => Some(self.next_at),
            State::Parked(ParkReason::Exhausted) => Some(self.expires_at),
            State::Delivered | State::Returned | State::Parked(ParkReason::Held) => None,
        }
    }

    /// The event that time alone has brought about by `now`, to be given to [`Delivery::step`].
    ///
    /// `None` also for a Waiting one that is due and within its deadline: that one is ready to be claimed.
    #[must_use]
    pub fn due(&self, now: UnixMillis) -> Option<Event> {
        let expired = now >= self.expires_at;
        match self.state {
            State::Waiting | State::Parked(ParkReason::Exhausted) if expired => Some(Event::TtlPassed),
            State::Sending if now >= self.next_at => Some(Event::LeaseExpired),
            State::Waiting
            | State::Sending
            | State::Delivered
            | State::Returned
            | State::Parked(ParkReason::Exhausted | ParkReason::Held) => None,
        }
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
