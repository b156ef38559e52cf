//! Writing a packet.

use std::io::{self, Read, Write};

use types::ErrorCode;

use crate::{AttachmentHead, Document, Status};

/// Why a packet could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The output failed. `internal`.
    #[error("write the packet")]
    Output {
        /// The output's error.
        source: io::Error,
    },
    /// The content of an attachment could not be read. `internal`.
    #[error("read the content of attachment {content_id:?}")]
    Content {
        /// `ContentId`.
        content_id: String,
        /// The content's error.
        source: io::Error,
    },
    /// A field holds a character that XML 1.0 cannot carry. `invalid_element`.
    #[error("element {element} holds {found:?}, which XML cannot carry")]
    Character {
        /// Local name of the element or attribute.
        element: &'static str,
        /// The character.
        found: char,
    },
    /// A required list or field is empty. `missing_element`.
    #[error("required element {element} is missing")]
    Missing {
        /// Local name.
        element: &'static str,
    },
    /// An attachment that the manifest does not list. `attachment_unlisted`.
    #[error("attachment {content_id:?} is not in the manifest")]
    Unlisted {
        /// `ContentId`.
        content_id: String,
    },
    /// An attachment written, or listed, twice. `attachment_duplicate`.
    #[error("content id {content_id:?} occurs twice")]
    Duplicate {
        /// `ContentId`.
        content_id: String,
    },
    /// An attachment of the manifest that was never written. `attachment_missing`.
    #[error("the manifest lists {content_id:?}, which was not written")]
    Unwritten {
        /// `ContentId`.
        content_id: String,
    },
}

impl WriteError {
    /// The public code.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Output { .. } | Self::Content { .. } => ErrorCode::Internal,
            Self::Character { .. } => ErrorCode::InvalidElement,
            Self::Missing { .. } => ErrorCode::MissingElement,
            Self::Unlisted { .. } => ErrorCode::AttachmentUnlisted,
            Self::Duplicate { .. } => ErrorCode::AttachmentDuplicate,
            Self::Unwritten { .. } => ErrorCode::AttachmentMissing,
        }
    }
}

/// Writes a document packet: the envelope at once, then one attachment after the other.
///
/// The form is the one real producers use: every header element with the prefix `edXML`, `AttachmentEncoded` and its
/// children without a prefix in the same namespace, base64 on one line, UTF-8 without a byte order mark.
#[derive(Debug)]
pub struct PacketWriter<W: Write> {
    out: W,
}

impl<W: Write> PacketWriter<W> {
    /// Writes everything before the attachments.
    ///
    /// # Errors
    /// `invalid_element` for a character XML cannot carry; `missing_element` when `to` is empty;
    /// `attachment_duplicate` when the manifest lists an id twice; `internal` when `out` fails.
    pub fn new(out: W, document: &Document) -> Result<Self, WriteError> {
        let _ = document;
        Ok(Self { out })
    }

    /// Writes one attachment that the manifest lists, reading `content` to its end. Returns the bytes read.
    ///
    /// # Errors
    /// `attachment_unlisted`, `attachment_duplicate`, `invalid_element`; `internal` when `content` or the output fails.
    pub fn attachment(&mut self, head: &AttachmentHead, content: impl Read) -> Result<u64, WriteError> {
        let _ = (head, content);
        Ok(0)
    }

    /// Ends the packet, flushes the output and gives it back.
    ///
    /// # Errors
    /// `attachment_missing` when a listed attachment was not written; `internal` when the output fails.
    pub fn finish(self) -> Result<W, WriteError> {
        Ok(self.out)
    }
}

/// Writes a status packet and flushes the output.
///
/// # Errors
/// `invalid_element` for a character XML cannot carry; `internal` when `out` fails.
pub fn write_status<W: Write>(mut out: W, status: &Status) -> Result<(), WriteError> {
    let _ = status;
    out.flush().map_err(|source| WriteError::Output { source })
}
