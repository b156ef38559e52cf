//! The ways in which a peer can break the protocol.

use types::ErrorCode;

/// What the other side did that no frame order of the protocol allows. Ends the link.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// A frame before Hello.
    #[error("the first frame is not a Hello")]
    HelloMissing,
    /// A second Hello.
    #[error("a second Hello")]
    HelloRepeated,
    /// A Hello with a value outside its range.
    #[error("Hello: {problem}")]
    HelloInvalid {
        /// Which, and how.
        problem: String,
    },
    /// The versions do not overlap. Code: `unsupported`.
    #[error("no common version: this side speaks {own_min} to {own_max}, the other {peer_min} to {peer_max}")]
    NoCommonVersion {
        /// Lowest version of this side.
        own_min: u32,
        /// Highest version of this side.
        own_max: u32,
        /// Lowest version of the other side.
        peer_min: u32,
        /// Highest version of the other side.
        peer_max: u32,
    },
    /// An offer whose transfer number is not above the last.
    #[error("offer {transfer} after offer {last}")]
    TransferNotRising {
        /// The number.
        transfer: u64,
        /// The last before it.
        last: u64,
    },
    /// More open transfers than Hello allowed.
    #[error("more than {max} open transfers")]
    TooManyTransfers {
        /// The limit.
        max: u32,
    },
    /// A frame about a transfer that was never offered.
    #[error("{frame} for transfer {transfer}, which was never offered")]
    UnknownTransfer {
        /// Kind of the frame.
        frame: &'static str,
        /// The number.
        transfer: u64,
    },
    /// A frame that does not fit the state of its transfer.
    #[error("{frame} for transfer {transfer} does not fit its state")]
    OutOfTurn {
        /// Kind of the frame.
        frame: &'static str,
        /// The transfer.
        transfer: u64,
    },
    /// A frame without a part it must have, or with one that does not parse.
    #[error("{frame} for transfer {transfer}: {problem}")]
    Malformed {
        /// Kind of the frame.
        frame: &'static str,
        /// The transfer.
        transfer: u64,
        /// Which, and how.
        problem: String,
    },
    /// Inline content over Hello's limit, or of another length than the offer says.
    #[error("inline content of {found} bytes, declared {declared}, limit {max}")]
    InlineLength {
        /// Bytes there.
        found: u64,
        /// Bytes declared.
        declared: u64,
        /// Bytes allowed.
        max: u64,
    },
    /// An offset beyond the end of the content.
    #[error("offset {offset} in a content of {length} bytes")]
    OffsetBeyondEnd {
        /// The offset.
        offset: u64,
        /// The content's length.
        length: u64,
    },
    /// A chunk that leaves a gap or overlaps.
    #[error("chunk at {found}, expected at {expected}")]
    ChunkOffset {
        /// Where it is.
        found: u64,
        /// Where it has to be.
        expected: u64,
    },
    /// An empty chunk, or one over Hello's limit.
    #[error("chunk of {found} bytes, 1 to {max} are allowed")]
    ChunkLength {
        /// Its bytes.
        found: u64,
        /// The limit.
        max: u64,
    },
    /// More chunks unanswered than the protocol allows: they are too small.
    #[error("more than {max} chunks unanswered")]
    TooManyChunks {
        /// The limit.
        max: u32,
    },
    /// A chunk over the credit.
    #[error("chunk of {found} bytes over a credit of {credit}")]
    CreditExceeded {
        /// Its bytes.
        found: u64,
        /// The credit left.
        credit: u64,
    },
    /// A credit of nothing, or of more than can be counted.
    #[error("credit of {bytes} bytes")]
    CreditInvalid {
        /// The credit.
        bytes: u64,
    },
    /// More bytes than declared, or an end before all have come.
    #[error("{found} bytes, declared {declared}")]
    ContentLength {
        /// Bytes there.
        found: u64,
        /// Bytes declared.
        declared: u64,
    },
}

impl Violation {
    /// The public code: `unsupported` for versions that do not overlap, else `protocol_violation`.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::NoCommonVersion { .. } => ErrorCode::Unsupported,
            _ => ErrorCode::ProtocolViolation,
        }
    }
}
