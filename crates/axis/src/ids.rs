//! Small words of the protocol.

use std::fmt;
use std::str::FromStr;

/// Bytes of a document id at most.
const DOC_ID_MAX: usize = 255;

/// Why a word is none of the protocol's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Empty, too long, or with a character that a header cannot carry.
    #[error("docId: 1 to {DOC_ID_MAX} visible ASCII characters")]
    DocId,
    /// Neither `edoc` nor `status`.
    #[error("messagetype {0:?}: write edoc or status")]
    MessageType(String),
    /// None of `processing`, `done` and `fail`.
    #[error("status {0:?}: write processing, done or fail")]
    TransferState(String),
}

/// The axis's id of one transfer: given by `sendEdoc` to the sender, and another by the list to the receiver.
///
/// 1 to 255 visible ASCII characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocId(Box<str>);

impl DocId {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for DocId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fits = !text.is_empty() && text.len() <= DOC_ID_MAX && text.bytes().all(|byte| byte.is_ascii_graphic());
        if fits { Ok(Self(text.into())) } else { Err(IdError::DocId) }
    }
}

impl fmt::Display for DocId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `messagetype`: what a packet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MessageType {
    /// A document.
    Edoc,
    /// A processing status.
    Status,
}

impl MessageType {
    /// The word as it travels.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Edoc => "edoc",
            Self::Status => "status",
        }
    }
}

impl FromStr for MessageType {
    type Err = IdError;

    /// The case of letters does not count.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = [Self::Edoc, Self::Status].into_iter().find(|kind| kind.as_str().eq_ignore_ascii_case(text));
        known.ok_or_else(|| IdError::MessageType(text.chars().take(32).collect()))
    }
}

/// `status` of `updateStatus`: where the receiver's software is with a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TransferState {
    /// It is being fetched.
    Processing,
    /// It is safe with the receiver: off the list.
    Done,
    /// It could not be taken: stays to be fetched again.
    Fail,
}

impl TransferState {
    /// The word as it travels.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Processing => "processing",
            Self::Done => "done",
            Self::Fail => "fail",
        }
    }
}

impl FromStr for TransferState {
    type Err = IdError;

    /// The case of letters does not count.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = [Self::Processing, Self::Done, Self::Fail];
        let found = known.into_iter().find(|state| state.as_str().eq_ignore_ascii_case(text));
        found.ok_or_else(|| IdError::TransferState(text.chars().take(32).collect()))
    }
}
