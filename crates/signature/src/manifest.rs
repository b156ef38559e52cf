//! The manifest: what a sender signs about one packet.

mod facts;
mod json;

pub use facts::{ManifestMismatch, PacketFacts};

use std::str::FromStr;

use types::{AgencyCode, BusinessType, Digest, DocumentId, ErrorCode, ExchangeId, PacketKind, UnixMillis};

use crate::time;

/// Domain string of a manifest: keeps its signature from being taken for another object's.
pub const MANIFEST_DOMAIN: &str = "vn.lienthong.manifest.v1";

/// Bytes of a manifest: the longest lists below fit, and hashing it stays under a millisecond.
pub const MANIFEST_BYTES_MAX: usize = 1024 * 1024;
/// Recipients of a manifest: every commune of the country, three times over.
pub const RECIPIENTS_MAX: usize = 10_000;
/// Parts of a manifest: as many attachments as a packet may hold.
pub const PARTS_MAX: usize = 1_000;
/// Bytes of a file name, media type or subject: names on the axis stay far below.
pub(crate) const TEXT_BYTES_MAX: usize = 4_096;

/// What a sender signs about one packet.
///
/// Travels as RFC 8785 JSON with the domain `vn.lienthong.manifest.v1`; a signature is always checked
/// over the bytes that travelled, never over a manifest written again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// Id of the message, a UUID in lower case.
    pub message: ExchangeId,
    /// The sending agency.
    pub from: AgencyCode,
    /// The receiving agencies, 1 to 10,000.
    pub to: Vec<AgencyCode>,
    /// When the sender made the manifest: a claim, not evidence.
    pub created: ManifestTime,
    /// The sender's own name for the document.
    pub document_id: DocumentId,
    /// Document or status.
    pub kind: PacketKind,
    /// What the document does to an earlier one; a number 0–3 on the wire, 0 for a status.
    pub business_type: BusinessType,
    /// Subject of the document, for people; at most 4,096 bytes.
    pub subject: Option<String>,
    /// The message this one answers.
    pub reply_to: Option<ExchangeId>,
    /// Makes two manifests about the same content differ: 8–128 of `A–Z a–z 0–9 _ -`.
    pub nonce: String,
    /// The ready-made edXML packet, when the sender hands one in; absent when the node writes it.
    pub packet: Option<PacketDigest>,
    /// The attached files, in the order of the packet, at most 1,000.
    pub parts: Vec<Part>,
}

/// Length and digest of a ready-made packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PacketDigest {
    /// Bytes.
    pub length: u64,
    /// SHA-256 of the packet's bytes.
    pub sha256: Digest,
}

/// One attached file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// File name, 1–4,096 bytes.
    pub name: String,
    /// Media type, for example `application/pdf`; compared without regard to case.
    pub media_type: String,
    /// Bytes of the decoded file.
    pub length: u64,
    /// SHA-256 of the decoded file.
    pub sha256: Digest,
}

/// A time of a manifest that keeps the text it came in.
///
/// RFC 3339 in UTC (`Z`) with 0–9 decimals, 1970–9999.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestTime {
    text: Box<str>,
    at: UnixMillis,
}

impl ManifestTime {
    /// The text of a time, with three decimals.
    #[must_use]
    pub fn new(at: UnixMillis) -> Self {
        Self { text: time::to_rfc3339(at).into(), at }
    }

    /// The time, cut to milliseconds.
    #[must_use]
    pub const fn at(&self) -> UnixMillis {
        self.at
    }

    /// The text, as it came in.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl FromStr for ManifestTime {
    type Err = ManifestError;

    fn from_str(text: &str) -> Result<Self, ManifestError> {
        let at = time::from_rfc3339(text).ok_or(ManifestError::Field {
            field: "created".to_owned(),
            why: "is not a time of RFC 3339 in UTC".to_owned(),
        })?;
        Ok(Self { text: text.into(), at })
    }
}

/// Why bytes are not a manifest. Codes: `manifest_malformed`, `limit_exceeded`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// More than a limit allows.
    #[error("{what} of the manifest: {found}, limit {max}")]
    Limit {
        /// What is too much.
        what: &'static str,
        /// How much was found.
        found: usize,
        /// How much is allowed.
        max: usize,
    },
    /// Not JSON, a member missing, unknown, doubled, or of another type.
    #[error("the manifest is not the JSON object expected: {why}")]
    Json {
        /// What the reader said, with line and column.
        why: String,
    },
    /// Another object, or another version.
    #[error("the domain is {found:?}, expected {MANIFEST_DOMAIN:?}")]
    Domain {
        /// The domain found, cut to 64 characters.
        found: String,
    },
    /// A member's value breaks its rule.
    #[error("the manifest's {field} {why}")]
    Field {
        /// The member, for example `to[3]`.
        field: String,
        /// The rule.
        why: String,
    },
    /// Right members, but not the canonical bytes.
    #[error("the manifest is not in the canonical form of RFC 8785 (first difference at byte {position})")]
    NotCanonical {
        /// Offset from 0.
        position: usize,
    },
}

impl ManifestError {
    /// The public code.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Limit { .. } => ErrorCode::LimitExceeded,
            Self::Json { .. } | Self::Domain { .. } | Self::Field { .. } | Self::NotCanonical { .. } => {
                ErrorCode::ManifestMalformed
            }
        }
    }
}

impl Manifest {
    /// Writes the canonical bytes: what is signed and what travels.
    ///
    /// # Errors
    /// `manifest_malformed` for a nonce, name, length or list outside its rule; `limit_exceeded` above
    /// 1 MiB, 10,000 recipients or 1,000 parts.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ManifestError> {
        self.check()?;
        let bytes = json::write(self)?;
        limit("bytes", bytes.len(), MANIFEST_BYTES_MAX)?;
        Ok(bytes)
    }

    /// Reads canonical bytes; anything else is refused, unknown members too.
    ///
    /// # Errors
    /// `limit_exceeded` above 1 MiB, 10,000 recipients or 1,000 parts; `manifest_malformed` otherwise.
    pub fn parse(bytes: &[u8]) -> Result<Self, ManifestError> {
        limit("bytes", bytes.len(), MANIFEST_BYTES_MAX)?;
        let manifest = json::read(bytes)?;
        manifest.check()?;
        let again = json::write(&manifest)?;
        if again == bytes {
            return Ok(manifest);
        }
        let position = again.iter().zip(bytes).position(|(a, b)| a != b);
        Err(ManifestError::NotCanonical { position: position.unwrap_or(again.len().min(bytes.len())) })
    }

    fn check(&self) -> Result<(), ManifestError> {
        limit("recipients", self.to.len(), RECIPIENTS_MAX)?;
        limit("parts", self.parts.len(), PARTS_MAX)?;
        if self.to.is_empty() {
            return field("to", "is empty");
        }
        let is_nonce = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        if !(8..=128).contains(&self.nonce.len()) || !self.nonce.bytes().all(is_nonce) {
            return field("nonce", "is not 8 to 128 of A-Z a-z 0-9 _ -");
        }
        if let Some(subject) = &self.subject {
            limit("bytes in the subject", subject.len(), TEXT_BYTES_MAX)?;
        }
        for (index, part) in self.parts.iter().enumerate() {
            limit("bytes in a part's name", part.name.len(), TEXT_BYTES_MAX)?;
            limit("bytes in a part's media type", part.media_type.len(), TEXT_BYTES_MAX)?;
            if part.name.is_empty() {
                return field(&format!("parts[{index}].name"), "is empty");
            }
        }
        Ok(())
    }
}

fn limit(what: &'static str, found: usize, max: usize) -> Result<(), ManifestError> {
    if found > max { Err(ManifestError::Limit { what, found, max }) } else { Ok(()) }
}

fn field(field: &str, why: &str) -> Result<(), ManifestError> {
    Err(ManifestError::Field { field: field.to_owned(), why: why.to_owned() })
}

#[cfg(test)]
mod tests;
