//! Writing a packet.

mod content;
mod header;
mod markup;

use std::collections::HashMap;
use std::io::{self, BufWriter, Read, Write};

use types::ErrorCode;

use crate::attachment::content_key;
use crate::namespace::Tag;
use crate::{AttachmentHead, Document, ManifestEntry, Status};
use markup::Markup;

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

/// Whether an attachment of the manifest has been written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    Listed,
    Written,
}

/// Writes a document packet: the envelope at once, then one attachment after the other.
///
/// The form is the one real producers use: every header element with the prefix `edXML`, `AttachmentEncoded` and its
/// children without a prefix in the same namespace, base64 on one line, UTF-8 without a byte order mark.
#[derive(Debug)]
pub struct PacketWriter<W: Write> {
    markup: Markup<BufWriter<W>>,
    /// By content key.
    manifest: HashMap<String, Progress>,
}

impl<W: Write> PacketWriter<W> {
    /// Writes everything before the attachments.
    ///
    /// # Errors
    /// `invalid_element` for a character XML cannot carry; `missing_element` when `to`, `CodeNumber`, `Subject` or a
    /// content id is blank; `attachment_duplicate` when the manifest lists an id twice; `internal` when `out` fails.
    pub fn new(out: W, document: &Document) -> Result<Self, WriteError> {
        check_required(document)?;
        let entries = document.manifest.as_ref().map(|manifest| manifest.entries.as_slice()).unwrap_or_default();
        let manifest = listed(entries)?;
        let mut markup = Markup::begin(BufWriter::new(out))?;
        header::document(&mut markup, document)?;
        if !manifest.is_empty() {
            markup.drop_prefix();
            markup.open(Tag::AttachmentEncoded)?;
        }
        Ok(Self { markup, manifest })
    }

    /// Writes one attachment that the manifest lists, reading `content` to its end. Returns the bytes read.
    ///
    /// # Errors
    /// `attachment_unlisted`, `attachment_duplicate`, `invalid_element`; `internal` when `content` or the output fails.
    pub fn attachment(&mut self, head: &AttachmentHead, content: impl Read) -> Result<u64, WriteError> {
        let content_id = || head.content_id.clone();
        match self.manifest.get_mut(head.content_key()) {
            None => return Err(WriteError::Unlisted { content_id: content_id() }),
            Some(Progress::Written) => return Err(WriteError::Duplicate { content_id: content_id() }),
            Some(progress) => *progress = Progress::Written,
        }
        self.markup.open(Tag::Attachment)?;
        header::attachment(&mut self.markup, head)?;
        self.markup.open(Tag::ContentTransferEncoded)?;
        let length = content::encode(self.markup.output(), content, head)?;
        self.markup.close(Tag::ContentTransferEncoded)?;
        self.markup.close(Tag::Attachment)?;
        Ok(length)
    }

    /// Ends the packet, flushes the output and gives it back.
    ///
    /// # Errors
    /// `attachment_missing` when a listed attachment was not written; `internal` when the output fails.
    pub fn finish(mut self) -> Result<W, WriteError> {
        if let Some((content_id, _)) = self.manifest.iter().find(|(_, progress)| **progress == Progress::Listed) {
            return Err(WriteError::Unwritten { content_id: content_id.clone() });
        }
        if !self.manifest.is_empty() {
            self.markup.close(Tag::AttachmentEncoded)?;
        }
        let output = |source| WriteError::Output { source };
        let mut out = self.markup.end()?.into_inner().map_err(|error| output(error.into_error()))?;
        out.flush().map_err(output)?;
        Ok(out)
    }
}

/// Writes a status packet and flushes the output.
///
/// # Errors
/// `invalid_element` for a character XML cannot carry; `internal` when `out` fails.
pub fn write_status<W: Write>(out: W, status: &Status) -> Result<(), WriteError> {
    let mut markup = Markup::begin(BufWriter::new(out))?;
    header::status(&mut markup, status)?;
    markup.end()?.flush().map_err(|source| WriteError::Output { source })
}

/// What the reader would refuse for being empty is not written either.
fn check_required(document: &Document) -> Result<(), WriteError> {
    let required = [
        ("To", document.to.is_empty()),
        (Tag::CodeNumber.local(), document.code.number.trim().is_empty()),
        (Tag::Subject.local(), document.subject.trim().is_empty()),
    ];
    match required.iter().find(|(_, is_empty)| *is_empty) {
        Some((element, _)) => Err(WriteError::Missing { element }),
        None => Ok(()),
    }
}

/// The manifest by content key, each once.
fn listed(entries: &[ManifestEntry]) -> Result<HashMap<String, Progress>, WriteError> {
    let mut listed = HashMap::new();
    for entry in entries {
        let key = content_key(&entry.content_id);
        if key.is_empty() {
            return Err(WriteError::Missing { element: Tag::ContentId.local() });
        }
        if listed.insert(key.to_owned(), Progress::Listed).is_some() {
            return Err(WriteError::Duplicate { content_id: entry.content_id.clone() });
        }
    }
    Ok(listed)
}

#[cfg(test)]
mod tests;
