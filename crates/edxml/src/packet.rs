//! The two packets of the standard.

use types::{PacketKind, StatusCode};

use crate::{ByteRange, Document, EdxmlTimestamp, Organization, ResponseFor, StaffInfo, TraceHeaderList};

/// A packet that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "one value per packet read; a box would stand in every user's patterns")]
pub enum Packet {
    /// A document.
    Document(Document),
    /// A processing status of an earlier document: every packet whose `MessageHeader` has a `StatusCode`.
    Status(Status),
}

impl Packet {
    /// Which of the two it is.
    #[must_use]
    pub const fn kind(&self) -> PacketKind {
        match self {
            Self::Document(_) => PacketKind::Document,
            Self::Status(_) => PacketKind::Status,
        }
    }

    /// The sender of either.
    #[must_use]
    pub const fn from(&self) -> &Organization {
        match self {
            Self::Document(document) => &document.from,
            Self::Status(status) => &status.from,
        }
    }
}

/// A status packet: no body, no attachments.
///
/// The last two fields tell about bytes that were read; the writer leaves them aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// `From`: who reports.
    pub from: Organization,
    /// `ResponseFor`: the document it is about; its `OrganId` is who gets the status.
    pub response_for: ResponseFor,
    /// `StaffInfo`.
    pub staff: Option<StaffInfo>,
    /// `StatusCode`.
    pub status_code: StatusCode,
    /// `Description`: the reason or note.
    pub description: Option<String>,
    /// `Timestamp`: when it happened.
    pub timestamp: EdxmlTimestamp,
    /// `TraceHeaderList`, where a producer adds one.
    pub trace: Option<TraceHeaderList>,
    /// Where `Signature` and `DigitalSignature` elements stand in the packet, tags included, in order.
    pub signatures: Vec<ByteRange>,
    /// Elements that this version does not know and passed over.
    pub unknown_elements: u64,
}

impl Status {
    /// A status with what the standard requires and nothing else.
    #[must_use]
    pub const fn new(
        from: Organization,
        response_for: ResponseFor,
        status_code: StatusCode,
        timestamp: EdxmlTimestamp,
    ) -> Self {
        Self {
            from,
            response_for,
            staff: None,
            status_code,
            description: None,
            timestamp,
            trace: None,
            signatures: Vec::new(),
            unknown_elements: 0,
        }
    }
}
