//! The manifest's JSON members and their conversion.

use serde::{Deserialize, Serialize};
use types::{AgencyCode, BusinessType, PacketKind};

use super::{MANIFEST_DOMAIN, Manifest, ManifestError, PacketDigest, Part};
use crate::canonical::{CanonicalError, canonical_json};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct File {
    domain: String,
    message: String,
    from: String,
    to: Vec<String>,
    created: String,
    document_id: String,
    kind: Kind,
    business_type: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reply_to: Option<String>,
    nonce: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    packet: Option<PacketFile>,
    parts: Vec<PartFile>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Kind {
    Document,
    Status,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct PacketFile {
    length: u64,
    sha256: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct PartFile {
    name: String,
    media_type: String,
    length: u64,
    sha256: String,
}

pub(super) fn write(manifest: &Manifest) -> Result<Vec<u8>, ManifestError> {
    let file = File {
        domain: MANIFEST_DOMAIN.to_owned(),
        message: manifest.message.to_string(),
        from: manifest.from.to_string(),
        to: manifest.to.iter().map(ToString::to_string).collect(),
        created: manifest.created.as_str().to_owned(),
        document_id: manifest.document_id.to_string(),
        kind: match manifest.kind {
            PacketKind::Document => Kind::Document,
            PacketKind::Status => Kind::Status,
        },
        business_type: manifest.business_type.as_number(),
        subject: manifest.subject.clone(),
        reply_to: manifest.reply_to.map(|message| message.to_string()),
        nonce: manifest.nonce.clone(),
        packet: manifest.packet.map(|packet| PacketFile { length: packet.length, sha256: packet.sha256.to_string() }),
        parts: manifest.parts.iter().map(PartFile::from).collect(),
    };
    canonical_json(&file).map_err(|error| match error {
        CanonicalError::Number { text } => bad("length", format!("{text} is above 2^53 - 1")),
        CanonicalError::NotJson { why } => ManifestError::Json { why },
    })
}

pub(super) fn read(bytes: &[u8]) -> Result<Manifest, ManifestError> {
    // The domain is looked at first, so that another object is named for what it is.
    let domain: Domain = serde_json::from_slice(bytes).map_err(not_json)?;
    if domain.domain != MANIFEST_DOMAIN {
        return Err(ManifestError::Domain { found: domain.domain.chars().take(64).collect() });
    }
    let file: File = serde_json::from_slice(bytes).map_err(not_json)?;
    Ok(Manifest {
        message: parse("message", &file.message)?,
        from: code("from", &file.from)?,
        to: file
            .to
            .iter()
            .enumerate()
            .map(|(index, text)| code(&format!("to[{index}]"), text))
            .collect::<Result<_, _>>()?,
        created: file.created.parse()?,
        document_id: parse("documentId", &file.document_id)?,
        kind: match file.kind {
            Kind::Document => PacketKind::Document,
            Kind::Status => PacketKind::Status,
        },
        business_type: BusinessType::from_number(file.business_type)
            .ok_or_else(|| bad("businessType", "is not 0, 1, 2 or 3"))?,
        subject: file.subject,
        reply_to: file.reply_to.as_deref().map(|text| parse("replyTo", text)).transpose()?,
        nonce: file.nonce,
        packet: file.packet.map(PacketDigest::try_from).transpose()?,
        parts: file.parts.into_iter().enumerate().map(part).collect::<Result<_, _>>()?,
    })
}

#[derive(Deserialize)]
struct Domain {
    domain: String,
}

impl From<&Part> for PartFile {
    fn from(part: &Part) -> Self {
        Self {
            name: part.name.clone(),
            media_type: part.media_type.clone(),
            length: part.length,
            sha256: part.sha256.to_string(),
        }
    }
}

impl TryFrom<PacketFile> for PacketDigest {
    type Error = ManifestError;

    fn try_from(file: PacketFile) -> Result<Self, ManifestError> {
        Ok(Self { length: file.length, sha256: parse("packet.sha256", &file.sha256)? })
    }
}

fn part((index, file): (usize, PartFile)) -> Result<Part, ManifestError> {
    Ok(Part {
        sha256: parse(&format!("parts[{index}].sha256"), &file.sha256)?,
        name: file.name,
        media_type: file.media_type,
        length: file.length,
    })
}

/// Codes that neither generation explains are taken verbatim: whether they exist is the directory's business.
fn code(field: &str, text: &str) -> Result<AgencyCode, ManifestError> {
    text.parse().or_else(|_| AgencyCode::opaque(text)).map_err(|error| bad(field, format!("is no code: {error}")))
}

fn parse<T: std::str::FromStr<Err: std::fmt::Display>>(field: &str, text: &str) -> Result<T, ManifestError> {
    text.parse().map_err(|error: T::Err| bad(field, format!("is refused: {error}")))
}

fn bad(field: &str, why: impl Into<String>) -> ManifestError {
    ManifestError::Field { field: field.to_owned(), why: why.into() }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape map_err wants")]
fn not_json(error: serde_json::Error) -> ManifestError {
    ManifestError::Json { why: error.to_string() }
}
