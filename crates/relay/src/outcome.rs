//! How a transfer ends.

use types::{AgencyCode, ErrorCode};
use wire::types_v1::Receipt;

/// Why a packet, or one of its recipients, was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {text}")]
pub struct Reason {
    /// Stable code; a code this version does not know arrives as `peer_refused` with the peer's code in `text`.
    pub code: ErrorCode,
    /// Explanation for people, at most 1 KiB; never needed to decide anything.
    pub text: String,
    /// The same may succeed later without a change.
    pub retryable: bool,
}

impl Reason {
    /// A reason that is retryable when its code is.
    #[must_use]
    pub fn new(code: ErrorCode, text: impl Into<String>) -> Self {
        Self { code, text: text.into(), retryable: code.is_retryable() }
    }

    /// The public code.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        self.code
    }
}

/// A recipient that was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecipientRefusal {
    /// The recipient, as the offer named it.
    pub recipient: AgencyCode,
    /// Why.
    pub reason: Reason,
}

/// The hop's acknowledgement: the receiver has the packet on disk and answers for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Acceptance {
    /// `RelayAcceptance` receipt of the receiving node.
    pub receipt: Receipt,
    /// Recipients that were not taken; all others of the offer are.
    pub refused: Vec<RecipientRefusal>,
}

/// A refusal of a whole offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Why, for every recipient not listed below.
    pub reason: Reason,
    /// Recipients with a reason of their own.
    pub recipients: Vec<RecipientRefusal>,
}

impl Refusal {
    /// One reason for all recipients.
    #[must_use]
    pub fn new(code: ErrorCode, text: impl Into<String>) -> Self {
        Self { reason: Reason::new(code, text), recipients: Vec::new() }
    }
}

/// How one claimed item ended.
#[derive(Clone, Debug, PartialEq)]
pub enum TransferOutcome {
    /// The neighbour has it on disk (just now, or since an earlier try).
    Accepted(Acceptance),
    /// The neighbour does not take it.
    Refused(Refusal),
    /// No answer from the neighbour: `peer_unavailable` when the link broke, `shutting_down` when this node
    /// stops, or the code with which this side could not read or keep the item.
    Failed(Reason),
}
