//! An offer in domain words, the same on both sides of a link.

use types::{AgencyCode, BusinessType, Digest, DocumentId, ExchangeId, Lane, NodeId, UnixMillis};
use wire::types_v1::{Envelope, Receipt, SignatureReport};

/// Recipients of one offer: as many as one packet may name. Bounds what a peer can make us hold.
pub const RECIPIENTS_MAX: usize = 10_000;

/// Hops of one offer: four levels up and down, many times over; the routing limit is lower.
pub const HOPS_MAX: usize = 64;

/// Bytes of a manifest and of its signature, each. Source: the `Envelope` message.
pub const ENVELOPE_PART_MAX: usize = 1024 * 1024;

/// What an offer carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OfferKind {
    /// An edXML document packet.
    Document,
    /// An edXML status packet.
    Status,
    /// Receipts on their way back to a sender; the content is a `wire::relay_v1::ReceiptBundle`.
    Receipt,
}

/// A node that an exchange has passed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// The node.
    pub node: NodeId,
    /// When it accepted the packet, by its own clock.
    pub at: UnixMillis,
}

/// The earlier document that a packet acts on or reports about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// Agency that sent it.
    pub sender: AgencyCode,
    /// Its id, as its sender gave it.
    pub document_id: DocumentId,
}

/// One packet offered over a link: everything about it but its content.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// The exchange, the same on every hop.
    pub exchange_id: ExchangeId,
    /// What the content is.
    pub kind: OfferKind,
    /// Sending agency; of receipts, the sender of the document they are about.
    pub sender: AgencyCode,
    /// The document's id, as its sender gave it.
    pub document_id: DocumentId,
    /// What the document does to an earlier one.
    pub business_type: BusinessType,
    /// Urgency; decides the order on the link.
    pub lane: Lane,
    /// Bytes of the content.
    pub length: u64,
    /// SHA-256 of the content.
    pub digest: Digest,
    /// The sender's signature over the manifest, as it came in.
    pub envelope: Option<Envelope>,
    /// Receiving agencies behind this link: 1 to [`RECIPIENTS_MAX`].
    pub recipients: Vec<AgencyCode>,
    /// Nodes passed, the first acceptor first; on the wire the offering node is the last. At most [`HOPS_MAX`].
    pub hops: Vec<Hop>,
    /// When the first node accepted the packet.
    pub accepted_at: UnixMillis,
    /// The earlier document.
    pub about: Option<About>,
    /// Signatures as the first node checked them.
    pub report: Option<SignatureReport>,
    /// `SubmissionAcceptance` receipt of the first node.
    pub origin: Option<Receipt>,
}
