//! Why a PDF was not signed.

use types::ErrorCode;

use crate::pdf::error::PdfError;
use crate::reason::{PdfReason, Reason};
use crate::sign::SignError;

/// Why a PDF was not signed. Codes: `invalid_argument`, `limit_exceeded`, `signature_malformed`,
/// `signature_invalid`, and those of [`SignError`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PdfSignError {
    /// The file as it is: broken, encrypted, with an XFA form, or with signatures that do not hold.
    #[error(transparent)]
    Document(#[from] PdfReason),
    /// A signature that the file has is disproved.
    #[error("the signature {field:?} that the document has does not hold: {why}")]
    Earlier {
        /// Its field.
        field: String,
        /// The rule that it breaks.
        rule: String,
        /// The public code of that.
        code: ErrorCode,
        /// In English.
        why: String,
    },
    /// No such page.
    #[error("the document has {pages} pages, not page {wanted}")]
    NoPage {
        /// Pages of the document.
        pages: usize,
        /// Page asked for, from 1.
        wanted: usize,
    },
    /// No place on the page.
    #[error("no place for the signature: {why}")]
    Place {
        /// What was wrong, and what to do.
        why: String,
    },
    /// The signature field that was named cannot be signed.
    #[error("the signature field {field:?} cannot be signed: {why}")]
    Field {
        /// Its full name.
        field: String,
        /// What was wrong.
        why: &'static str,
    },
    /// The picture does not read, or is too large.
    #[error("the picture is not taken: {why}")]
    Image {
        /// What was wrong.
        why: String,
    },
    /// The font does not read, or may not be embedded.
    #[error("the font is not taken: {why}")]
    Font {
        /// What was wrong.
        why: String,
    },
    /// A character that the font does not have.
    #[error("the font has no {character:?}, which stands in {line:?}: give another font")]
    Glyph {
        /// The character.
        character: char,
        /// The line that has it.
        line: String,
    },
    /// The signature is longer than the room left for it.
    #[error("the signature has {length} bytes, room for {room}")]
    Room {
        /// Bytes of the signature.
        length: usize,
        /// Bytes of room.
        room: usize,
    },
    /// The key, or what it signs.
    #[error(transparent)]
    Sign(#[from] SignError),
}

impl From<PdfError> for PdfSignError {
    fn from(error: PdfError) -> Self {
        Self::Document(PdfReason::Malformed { why: error.to_string() })
    }
}

impl PdfSignError {
    /// The public code.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Document(reason) => Reason::from(reason.clone()).facts().code,
            Self::Earlier { code, .. } => *code,
            Self::NoPage { .. }
            | Self::Place { .. }
            | Self::Field { .. }
            | Self::Image { .. }
            | Self::Font { .. }
            | Self::Glyph { .. } => ErrorCode::InvalidArgument,
            Self::Room { .. } => ErrorCode::LimitExceeded,
            Self::Sign(error) => error.code(),
        }
    }
}
