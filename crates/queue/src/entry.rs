//! What is stored: documents and their recipients, as callers give them and get them back.

use std::collections::BTreeSet;

use delivery::recall::{Request, is_recall};
use delivery::{Delivery, State};
use types::{
    AgencyCode, BusinessType, Digest, DocumentId, ErrorCode, ExchangeId, Lane, NeighbourId, NodeId, StatusCode,
    SystemId, UnixMillis,
};

use crate::hold::Hold;
use crate::inbox::ItemId;
use crate::payload::{PayloadRef, Staged};

/// Number of an entry in this store: given at acceptance, growing, never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seq(u64);

impl Seq {
    /// Wraps a number that came from [`Seq::as_number`].
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

/// What an entry is. All three travel by the same machinery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryKind {
    /// A document with its attachments.
    Document,
    /// A processing status of an earlier document.
    Status,
    /// A receipt on its way back to the node or system that is owed it.
    Receipt,
}

/// Who brought an entry in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A connected system of this node.
    Local(SystemId),
    /// A neighbour.
    Neighbour(NeighbourId),
}

/// What the routing decided for one recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plan {
    /// The inbox of this agency here (after aliases and successors; usually the recipient itself).
    Inbox(AgencyCode),
    /// Onward through this neighbour or endpoint.
    Hop(NeighbourId),
    /// Nowhere: refused with a reason; goes back to the sender at once.
    Returned {
        /// The reason.
        code: ErrorCode,
    },
}

/// One recipient with its route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecipientPlan {
    /// The recipient as the packet names it. A second recipient with an equal code is dropped.
    pub code: AgencyCode,
    /// Where it goes.
    pub plan: Plan,
    /// A signed receipt about this recipient (a consignment or a refusal), at most 64 KiB; kept as its first event.
    /// Dropped when the entry is held or waits behind a held one: [`crate::Store::start_held`] takes the one that is true then.
    pub evidence: Option<Vec<u8>>,
}

/// Bytes of a packet or of its envelope.
#[derive(Debug)]
pub enum Content {
    /// A payload made by [`crate::Store::stage`].
    Staged(Staged),
    /// Bytes in memory. Up to [`crate::INLINE_MAX`] they are kept in a record, above they become a payload file.
    Inline(Vec<u8>),
}

impl Content {
    /// Its bytes.
    pub(crate) fn length(&self) -> u64 {
        match self {
            Self::Staged(staged) => staged.length(),
            Self::Inline(bytes) => u64::try_from(bytes.len()).unwrap_or(u64::MAX),
        }
    }
}

/// The name of a document in the sender's words.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DocumentKey {
    /// The sending agency.
    pub sender: AgencyCode,
    /// Its name for the document.
    pub document_id: DocumentId,
}

/// A request to take an entry into the store.
#[derive(Debug)]
pub struct Accept {
    /// The exchange, given by the first node that accepted the packet.
    pub exchange: ExchangeId,
    /// What it is.
    pub kind: EntryKind,
    /// The sending agency and its document id.
    pub key: DocumentKey,
    /// What the document does to an earlier one; part of the duplicate key of a [`EntryKind::Document`].
    pub business: BusinessType,
    /// The lane it travels in.
    pub lane: Lane,
    /// The document's own deadline (`DueDate`), where it has one: orders the documents of one sender in their lane.
    pub due: Option<UnixMillis>,
    /// When it came in; times to live count from here.
    pub received_at: UnixMillis,
    /// The bytes as received.
    pub content: Content,
    /// The envelope (manifest and signature), opaque here.
    pub side: Content,
    /// The caller's encoded header facts for lists, opaque here, at most 3 KiB.
    pub summary: Vec<u8>,
    /// Who brought it.
    pub origin: Origin,
    /// Nodes it has passed, at most 64.
    pub hops: Vec<NodeId>,
    /// The earlier document it is about: entries about one document keep their order towards each next hop.
    pub about: Option<DocumentKey>,
    /// Its recipients, 1 to 10 000.
    pub recipients: Vec<RecipientPlan>,
    /// The signed acceptance receipt, at most 64 KiB; a repeat is answered with it.
    pub receipt: Vec<u8>,
    /// Reports (see [`crate::Store::reports`]) that this entry answers: crossed off in the same commit.
    pub answers: Vec<ReportId>,
    /// What it does to earlier documents, at most 256: decided and carried out in the same commit, or of a held entry in
    /// the commit that starts it.
    pub acts: Vec<Act>,
    /// Set when it must not go on yet: it is kept in quarantine, see [`crate::Hold`]. Never of a receipt.
    pub hold: Option<Hold>,
}

/// What an entry does to one earlier document, for those of its recipients that the document has too.
///
/// Source: the table of [`delivery::recall`]. A recipient for whom nothing is left to do does not get the entry: its
/// delivery ends at once as `recalled`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// The earlier document; every document of this name but revocations is meant.
    pub earlier: DocumentKey,
    /// What is asked.
    pub request: Request,
    /// For whom.
    pub concerned: Concerned,
    /// What the earlier document's timeline says about it, cut to 1 KiB.
    pub text: String,
}

/// Recipients that an [`Act`] is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Concerned {
    /// All that both have.
    All,
    /// Only these of them.
    Only(BTreeSet<AgencyCode>),
    /// All but these.
    AllBut(BTreeSet<AgencyCode>),
}

impl Concerned {
    /// Whether this recipient is meant.
    #[must_use]
    pub fn includes(&self, code: &AgencyCode) -> bool {
        match self {
            Self::All => true,
            Self::Only(codes) => codes.contains(code),
            Self::AllBut(codes) => !codes.contains(code),
        }
    }
}

/// The answer to [`Accept`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// Taken, and durable.
    New {
        /// Its number.
        seq: Seq,
    },
    /// Known, but now names recipients that were not: those are added, and durable.
    Extended {
        /// Its number.
        seq: Seq,
        /// The recipients added.
        added: Vec<AgencyCode>,
    },
    /// Known with the same content: nothing changed.
    Duplicate {
        /// Its number.
        seq: Seq,
        /// The receipt given the first time.
        receipt: Vec<u8>,
    },
    /// The same sender, id and type came with other content: refused. Code: `document_conflict`.
    Conflict {
        /// The number of the first one.
        seq: Seq,
        /// The digest of the first content.
        existing: Digest,
    },
}

/// A stored entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Its number.
    pub seq: Seq,
    /// The exchange.
    pub exchange: ExchangeId,
    /// What it is.
    pub kind: EntryKind,
    /// Sender and document id.
    pub key: DocumentKey,
    /// What it does to an earlier document.
    pub business: BusinessType,
    /// The lane it was accepted in.
    pub lane: Lane,
    /// The document's own deadline, where it has one.
    pub due: Option<UnixMillis>,
    /// When it came in.
    pub received_at: UnixMillis,
    /// The bytes as received.
    pub content: PayloadRef,
    /// The envelope.
    pub side: PayloadRef,
    /// The caller's header facts.
    pub summary: Vec<u8>,
    /// Who brought it.
    pub origin: Origin,
    /// Nodes it had passed.
    pub hops: Vec<NodeId>,
    /// The earlier document it is about.
    pub about: Option<DocumentKey>,
    /// How many recipients it has here.
    pub recipients: u32,
    /// The signed acceptance receipt.
    pub receipt: Vec<u8>,
    /// When retention deleted the content; the record and its evidence stay.
    pub purged_at: Option<UnixMillis>,
    /// Recipients from this index on are held, see [`crate::Store::hold`]; `None` when it is not in quarantine.
    pub held_from: Option<u32>,
}

/// Where one recipient of a stored entry stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// Its place in the entry, from 0.
    pub index: u32,
    /// The agency as the packet names it.
    pub code: AgencyCode,
    /// Where it goes.
    pub plan: Plan,
    /// Its item in that inbox, also after it was confirmed; `None` when it goes elsewhere.
    pub item: Option<ItemId>,
    /// Its delivery.
    pub delivery: Delivery,
    /// The last status in the words of the standard, where one was recorded.
    pub status: Option<StatusCode>,
    /// Whether nothing was started for it because the entry is in quarantine.
    pub is_held: bool,
}

impl Recipient {
    /// Whether its sender recalled or replaced the entry before this recipient had it.
    #[must_use]
    pub fn is_recalled(&self) -> bool {
        let ended = self.delivery.code().filter(|_| self.delivery.state() == State::Returned);
        ended.is_some_and(is_recall)
    }
}

/// One recipient of one entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecipientId {
    /// The entry.
    pub seq: Seq,
    /// The recipient's place in it, from 0.
    pub index: u32,
}

/// Number of an outstanding report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReportId(pub(crate) u64);

impl ReportId {
    /// The number, for logs.
    #[must_use]
    pub const fn as_number(self) -> u64 {
        self.0
    }
}
