//! Signatures inside PDF files. Sources: ISO 32000-2 clause 12.8, EN 319 142-1 (PAdES).
//!
//! The file is read by a strict reader of its own: no rebuilding of broken cross-references, no decryption, no
//! fallback to an older revision. Only the structural streams are unpacked. What a reader would have to guess is
//! `pdf_malformed`.
//!
//! Each signature is checked on its own bytes; then the revision that it covers is compared with the file as it is
//! (`revision`), and only what belongs to later verified signatures may have been added.

mod accounting;
mod ascending;
mod changes;
mod entries;
mod error;
mod facts;
mod field;
mod graph;
mod later;
mod lexer;
mod name;
mod object;
mod permission;
mod reader;
mod report;
mod revision;
mod scan;
mod shared;
mod sign;
mod store;
mod stream;
mod string;
mod survey;
mod value;
mod verify;
mod view;
mod written;
mod xref;

pub use changes::Change;
pub use report::{ChangeReport, Coverage, PdfReport, PdfSignature};
pub use sign::{
    CopyForm, PdfFont, PdfImage, PdfPage, PdfPlace, PdfRectangle, PdfRole, PdfSignError, PdfSignOptions,
    PdfSignatureFormat, PreparedPdf, TIMESTAMP_ROOM_BYTES, TrueType, ValidationData, add_validation_data,
    prepare_pdf_signature, prepare_pdf_timestamp, sign_pdf,
};
pub use verify::{verify_pdf, verify_pdf_with};

use serde::{Deserialize, Serialize};

/// How far the check of a PDF goes. Work and memory grow with the file and with its number of signatures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PdfOptions {
    /// Bounds of the work.
    pub limits: PdfLimits,
    /// What to do with JavaScript and programs to be launched.
    pub active_content: ActiveContent,
}

impl PdfOptions {
    /// Active content is refused, with the limits of [`PdfLimits::document`].
    #[must_use]
    pub fn strict() -> Self {
        Self { limits: PdfLimits::document(), active_content: ActiveContent::Refused }
    }
}

/// Bounds of the work on one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PdfLimits {
    /// Bytes of the file.
    pub bytes_max: usize,
    /// Objects of the file.
    pub objects_max: usize,
    /// Bytes of all object streams of one revision, unpacked.
    pub unpacked_bytes_max: usize,
    /// Signed signature fields. Each costs one pass over the file.
    pub signatures_max: usize,
}

impl PdfLimits {
    /// For documents as agencies exchange them: 256 MiB, 500,000 objects, 128 MiB unpacked, 32 signatures.
    #[must_use]
    pub const fn document() -> Self {
        Self {
            bytes_max: 256 * 1024 * 1024,
            objects_max: 500_000,
            unpacked_bytes_max: 128 * 1024 * 1024,
            signatures_max: 32,
        }
    }
}

/// What to do with JavaScript and programs to be launched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActiveContent {
    /// The file does not pass.
    Refused,
    /// The report says so.
    Noted,
}

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;
