//! The inbox of an agency: what its software pulls, leases and confirms.

use types::{AgencyCode, SystemId, UnixMillis};

use crate::entry::{Document, EntryKind, Recipient, RecipientId};

/// Place of an item in its inbox: grows with acceptance; the cursor of the inbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemId(pub(crate) u64);

impl ItemId {
    /// Wraps a number that came from [`ItemId::as_number`]; 0 is before every item.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    #[must_use]
    pub const fn as_number(self) -> u64 {
        self.0
    }
}

/// Proof of a lease on one item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LeaseToken(pub(crate) u64);

impl LeaseToken {
    /// Wraps a number that came from [`LeaseToken::as_number`].
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    #[must_use]
    pub const fn as_number(self) -> u64 {
        self.0
    }
}

/// Who works on an item, and until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The system.
    pub system: SystemId,
    /// End of its lease.
    pub until: UnixMillis,
}

/// A question for an inbox.
#[derive(Clone, Debug)]
pub struct InboxQuery {
    /// The agency.
    pub agency: AgencyCode,
    /// Only items of this kind.
    pub kind: Option<EntryKind>,
    /// Only items after this one.
    pub after: ItemId,
    /// Items wanted at most, 1 to 1000.
    pub max: usize,
    /// The time, for leases.
    pub now: UnixMillis,
}

/// One item that waits to be confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboxItem {
    /// Its place.
    pub id: ItemId,
    /// The entry.
    pub document: Document,
    /// The recipient it is for.
    pub recipient: Recipient,
    /// Who holds it at the moment.
    pub held_by: Option<Holder>,
}

/// A page of an inbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboxPage {
    /// The items, in their order.
    pub items: Vec<InboxItem>,
    /// The cursor to go on from, also past items that the filter left out.
    pub next: ItemId,
    /// Whether more may follow at once.
    pub more: bool,
}

/// A request to confirm one item.
#[derive(Clone, Debug)]
pub struct Confirm {
    /// The agency.
    pub agency: AgencyCode,
    /// The item.
    pub item: ItemId,
    /// The lease under which it was fetched; without one, an item that nobody holds is confirmed.
    pub token: Option<LeaseToken>,
    /// The time.
    pub now: UnixMillis,
    /// The signed handover, at most 64 KiB, empty when there is none.
    pub evidence: Vec<u8>,
}

/// The answer to [`Confirm`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirmed {
    /// Confirmed, and durable.
    Now,
    /// It was confirmed before, or went back to its sender meanwhile: nothing changed.
    Already {
        /// What the item was about.
        recipient: RecipientId,
        /// How the delivery ended.
        state: delivery::State,
        /// When.
        at: UnixMillis,
    },
}
