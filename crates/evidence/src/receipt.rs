//! One receipt: what a node states about one document.

mod json;

use std::fmt;
use std::str::FromStr;

use signature::Indication;
use types::{
    AgencyCode, BusinessType, Digest, DocumentId, ErrorCode, ExchangeId, IdError, NeighbourId, NodeId, PacketKind,
    SystemId, UnixMillis,
};

use crate::{Notice, ReceiptEvent, Recipients};

/// Domain string of a receipt: keeps its signature from being taken for another object's.
pub const RECEIPT_DOMAIN: &str = "vn.lienthong.receipt.v1";

/// Bytes of a receipt. A usual one has about 1 KiB; one with every list at its limit still fits.
pub const RECEIPT_BYTES_MAX: usize = 16 * 1024;

/// Warnings of a receipt; further ones stay in the node's report.
pub const WARNINGS_MAX: usize = 8;

/// Bytes of an external system's id of a transfer.
const REFERENCE_BYTES_MAX: usize = 255;

/// Id of a receipt, a UUID; prints in the hyphenated lower-case form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReceiptId(ExchangeId);

impl ReceiptId {
    /// Wraps the 16 bytes of a UUID.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(ExchangeId::from_bytes(bytes))
    }

    /// The 16 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }
}

impl FromStr for ReceiptId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        text.parse().map(Self).map_err(|_: IdError| IdError::NotUuid { kind: "receipt id" })
    }
}

impl fmt::Display for ReceiptId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What the header of the packet says it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentFacts {
    /// The sending agency.
    pub sender: AgencyCode,
    /// The sender's own name for the document; of a status, the document that it is about.
    pub document_id: DocumentId,
    /// Document or status.
    pub kind: PacketKind,
    /// What the document does to an earlier one; [`BusinessType::New`] for a status.
    pub business_type: BusinessType,
}

/// Length and digest of the packet as it was received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContentFacts {
    /// Bytes, at most 2^53 − 1.
    pub length: u64,
    /// SHA-256 of the bytes.
    pub sha256: Digest,
}

/// Who was at the other end: whom the packet came from, or whom it went to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Peer {
    /// Another node.
    Node(NodeId),
    /// A connected system: an agency's software, a centre.
    System(SystemId),
    /// A system outside the network of nodes: the national axis.
    External {
        /// Its name in the configuration of the node that states it.
        system: NeighbourId,
        /// Its own id of the transfer, 1 to 255 visible ASCII characters; `None` when it gave none.
        reference: Option<Box<str>>,
    },
}

/// One receipt: what a node states about one document.
///
/// Travels as RFC 8785 JSON with the domain `vn.lienthong.receipt.v1`, inside a [`crate::SignedReceipt`]. Its signature is
/// always checked over the bytes that travelled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// What happened.
    pub event: ReceiptEvent,
    /// Id of the receipt.
    pub id: ReceiptId,
    /// Id of the exchange; of a rejected packet, the one it would have had.
    pub exchange: ExchangeId,
    /// The node that states it.
    pub node: NodeId,
    /// When it happened, by the node's clock.
    pub at: UnixMillis,
    /// What the header says; absent only in a rejection of a packet whose header could not be read.
    pub document: Option<DocumentFacts>,
    /// The packet as it was received; absent only in a rejection before its end.
    pub content: Option<ContentFacts>,
    /// Digest of the sender's manifest, as it was signed.
    pub manifest: Option<Digest>,
    /// Digest of the sender's signature, as it was received.
    pub signature: Option<Digest>,
    /// Whom it is about: all of them in an acceptance, usually one later on.
    pub recipients: Recipients,
    /// Who was at the other end.
    pub peer: Option<Peer>,
    /// Why not, in the receipts of failures and in no others.
    pub reason: Option<Notice>,
    /// What the check of the document's signatures came to: the worst of them.
    pub verdict: Option<Indication>,
    /// Digest of the full report on the document's signatures, canonical JSON, as the node keeps it.
    pub report: Option<Digest>,
    /// What was accepted all the same, at most 8.
    pub warnings: Vec<Notice>,
    /// Digest of the receipt that this one follows.
    pub previous: Option<Digest>,
}

/// Why bytes are not a receipt, or a receipt cannot be one. Codes: `protocol_violation`, `limit_exceeded`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// More than a limit allows.
    #[error("{what}: {found}, limit {max}")]
    Limit {
        /// What is too much.
        what: &'static str,
        /// How much was found.
        found: usize,
        /// How much is allowed.
        max: usize,
    },
    /// Not JSON, a member missing, unknown, doubled, or of another type.
    #[error("the receipt is not the JSON object expected: {why}")]
    Json {
        /// What the reader said, with line and column.
        why: String,
    },
    /// Another object, or another version.
    #[error("the domain is {found:?}, expected {RECEIPT_DOMAIN:?}")]
    Domain {
        /// The domain found, cut to 64 characters.
        found: String,
    },
    /// A member's value breaks its rule.
    #[error("the receipt's {field} {why}")]
    Field {
        /// The member.
        field: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The right members in another spelling than RFC 8785 gives them.
    #[error("the receipt is not in its canonical form (RFC 8785)")]
    NotCanonical,
    /// The stored or relayed form is cut off, or of a version that is not known.
    #[error("the signed receipt {why}")]
    Framing {
        /// What is wrong with it.
        why: &'static str,
    },
}

impl ReceiptError {
    /// The public code.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Limit { .. } => ErrorCode::LimitExceeded,
            Self::Json { .. }
            | Self::Domain { .. }
            | Self::Field { .. }
            | Self::NotCanonical
            | Self::Framing { .. } => ErrorCode::ProtocolViolation,
        }
    }
}

impl Receipt {
    /// The canonical bytes, as they are signed.
    ///
    /// # Errors
    /// `limit_exceeded` and `protocol_violation` when a rule of a field is broken. A receipt whose lists are within their
    /// limits always fits.
    pub fn to_json(&self) -> Result<Vec<u8>, ReceiptError> {
        self.check()?;
        let bytes = json::write(self)?;
        within("bytes of the receipt", bytes.len(), RECEIPT_BYTES_MAX)?;
        Ok(bytes)
    }

    /// Reads canonical bytes; their signature is not looked at.
    ///
    /// # Errors
    /// `limit_exceeded` above 16 KiB; `protocol_violation` for anything but the canonical form of a receipt.
    pub fn from_json(bytes: &[u8]) -> Result<Self, ReceiptError> {
        within("bytes of the receipt", bytes.len(), RECEIPT_BYTES_MAX)?;
        let receipt = json::read(bytes)?;
        receipt.check()?;
        // One receipt has one spelling, so that its digest names it.
        if json::write(&receipt)? != bytes {
            return Err(ReceiptError::NotCanonical);
        }
        Ok(receipt)
    }

    fn check(&self) -> Result<(), ReceiptError> {
        let bad = |field, why| Err(ReceiptError::Field { field, why });
        within("warnings of the receipt", self.warnings.len(), WARNINGS_MAX)?;
        if self.event.is_failure() != self.reason.is_some() {
            return bad("reason", "belongs to failures, and each of them has one");
        }
        if !self.event.is_rejection() {
            if self.document.is_none() {
                return bad("documentId", "is missing");
            }
            if self.content.is_none() {
                return bad("content", "is missing");
            }
            if self.recipients.count() == 0 {
                return bad("recipients", "are missing");
            }
        }
        if let Some(Peer::External { reference: Some(text), .. }) = &self.peer
            && (text.is_empty()
                || text.len() > REFERENCE_BYTES_MAX
                || !text.bytes().all(|byte| byte.is_ascii_graphic()))
        {
            return bad("peer", "has a reference that is not 1-255 visible ASCII characters");
        }
        match &self.recipients {
            Recipients::Listed(codes) => {
                within("recipients listed in the receipt", codes.len(), crate::RECIPIENTS_LISTED_MAX)
            }
            Recipients::Counted { .. } if self.recipients.count() <= crate::RECIPIENTS_LISTED_MAX => {
                bad("recipients", "are counted, though few enough to be listed")
            }
            Recipients::Counted { .. } => Ok(()),
        }
    }
}

fn within(what: &'static str, found: usize, max: usize) -> Result<(), ReceiptError> {
    if found <= max { Ok(()) } else { Err(ReceiptError::Limit { what, found, max }) }
}

#[cfg(test)]
mod tests;
