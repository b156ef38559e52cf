//! The manifest's JSON members and their conversion.

use std::borrow::Cow;
use std::fmt::Display;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use types::{AgencyCode, BusinessType, PacketKind};

use super::{MANIFEST_DOMAIN, Manifest, ManifestError, PacketDigest, Part};
use crate::canonical::INTEGER_MAX;

/// What is read; borrowed where nothing is escaped.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct File<'a> {
    #[serde(borrow)]
    domain: Cow<'a, str>,
    #[serde(borrow)]
    message: Cow<'a, str>,
    #[serde(borrow)]
    from: Cow<'a, str>,
    to: Vec<String>,
    #[serde(borrow)]
    created: Cow<'a, str>,
    #[serde(borrow)]
    document_id: Cow<'a, str>,
    kind: Kind,
    business_type: u8,
    #[serde(default)]
    subject: Option<String>,
    #[serde(default)]
    reply_to: Option<String>,
    nonce: String,
    #[serde(default)]
    packet: Option<PacketFile>,
    parts: Vec<PartFile>,
}

/// What is written: members in the order of RFC 8785, so that serde_json writes the canonical form.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Canonical<'a> {
    business_type: u8,
    created: &'a str,
    document_id: String,
    domain: &'static str,
    from: &'a str,
    kind: Kind,
    message: String,
    nonce: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    packet: Option<CanonicalPacket>,
    parts: Vec<CanonicalPart<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<&'a str>,
    to: Vec<&'a str>,
}

#[derive(Serialize)]
struct CanonicalPacket {
    length: u64,
    sha256: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CanonicalPart<'a> {
    length: u64,
    media_type: &'a str,
    name: &'a str,
    sha256: String,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Kind {
    Document,
    Status,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct PacketFile {
    length: u64,
    sha256: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct PartFile {
    name: String,
    media_type: String,
    length: u64,
    sha256: String,
}

pub(super) fn write(manifest: &Manifest) -> Result<Vec<u8>, ManifestError> {
    let lengths = manifest.parts.iter().map(|part| part.length).chain(manifest.packet.map(|packet| packet.length));
    if let Some(length) = lengths.into_iter().find(|length| *length > INTEGER_MAX) {
        return Err(bad("length", format!("{length} is above 2^53 - 1")));
    }
    let canonical = Canonical {
        business_type: manifest.business_type.as_number(),
        created: manifest.created.as_str(),
        document_id: manifest.document_id.to_string(),
        domain: MANIFEST_DOMAIN,
        from: manifest.from.as_str(),
        kind: match manifest.kind {
            PacketKind::Document => Kind::Document,
            PacketKind::Status => Kind::Status,
        },
        message: manifest.message.to_string(),
        nonce: &manifest.nonce,
        packet: manifest
            .packet
            .map(|packet| CanonicalPacket { length: packet.length, sha256: packet.sha256.to_string() }),
        parts: manifest.parts.iter().map(CanonicalPart::from).collect(),
        reply_to: manifest.reply_to.map(|message| message.to_string()),
        subject: manifest.subject.as_deref(),
        to: manifest.to.iter().map(AgencyCode::as_str).collect(),
    };
    serde_json::to_vec(&canonical).map_err(not_json)
}

pub(super) fn read(bytes: &[u8]) -> Result<Manifest, ManifestError> {
    let file = match serde_json::from_slice::<File<'_>>(bytes) {
        Ok(file) => file,
        // Another object is named for what it is, before its members are.
        Err(error) => {
            let found: Domain = serde_json::from_slice(bytes).map_err(not_json)?;
            check_domain(&found.domain)?;
            return Err(not_json(error));
        }
    };
    check_domain(&file.domain)?;
    Ok(Manifest {
        message: parse(|| "message".to_owned(), &file.message)?,
        from: code(|| "from".to_owned(), &file.from)?,
        to: file
            .to
            .iter()
            .enumerate()
            .map(|(index, text)| code(|| format!("to[{index}]"), text))
            .collect::<Result<_, _>>()?,
        created: file.created.parse()?,
        document_id: parse(|| "documentId".to_owned(), &file.document_id)?,
        kind: match file.kind {
            Kind::Document => PacketKind::Document,
            Kind::Status => PacketKind::Status,
        },
        business_type: BusinessType::from_number(file.business_type)
            .ok_or_else(|| bad("businessType", "is not 0, 1, 2 or 3"))?,
        subject: file.subject,
        reply_to: file.reply_to.as_deref().map(|text| parse(|| "replyTo".to_owned(), text)).transpose()?,
        nonce: file.nonce,
        packet: file.packet.map(PacketDigest::try_from).transpose()?,
        parts: file.parts.into_iter().enumerate().map(part).collect::<Result<_, _>>()?,
    })
}

fn check_domain(found: &str) -> Result<(), ManifestError> {
    if found == MANIFEST_DOMAIN {
        return Ok(());
    }
    Err(ManifestError::Domain { found: found.chars().take(64).collect() })
}

#[derive(Deserialize)]
struct Domain {
    domain: String,
}

impl<'a> From<&'a Part> for CanonicalPart<'a> {
    fn from(part: &'a Part) -> Self {
        Self { length: part.length, media_type: &part.media_type, name: &part.name, sha256: part.sha256.to_string() }
    }
}

impl TryFrom<PacketFile> for PacketDigest {
    type Error = ManifestError;

    fn try_from(file: PacketFile) -> Result<Self, ManifestError> {
        Ok(Self { length: file.length, sha256: parse(|| "packet.sha256".to_owned(), &file.sha256)? })
    }
}

fn part((index, file): (usize, PartFile)) -> Result<Part, ManifestError> {
    Ok(Part {
        sha256: parse(|| format!("parts[{index}].sha256"), &file.sha256)?,
        name: file.name,
        media_type: file.media_type,
        length: file.length,
    })
}

/// Codes that neither generation explains are taken verbatim: whether they exist is the directory's business.
fn code(field: impl FnOnce() -> String, text: &str) -> Result<AgencyCode, ManifestError> {
    text.parse().or_else(|_| AgencyCode::opaque(text)).map_err(|error| bad(&field(), format!("is no code: {error}")))
}

fn parse<T: FromStr<Err: Display>>(field: impl FnOnce() -> String, text: &str) -> Result<T, ManifestError> {
    text.parse().map_err(|error: T::Err| bad(&field(), format!("is refused: {error}")))
}

fn bad(field: &str, why: impl Into<String>) -> ManifestError {
    ManifestError::Field { field: field.to_owned(), why: why.into() }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape map_err wants")]
fn not_json(error: serde_json::Error) -> ManifestError {
    ManifestError::Json { why: error.to_string() }
}
