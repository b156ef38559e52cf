//! The receipt's JSON members and their conversion.

use std::str::FromStr;

use jiff::Timestamp;
use jiff::fmt::temporal::DateTimePrinter;
use serde::{Deserialize, Serialize};
use signature::{CanonicalError, Indication, canonical_json};
use types::{AgencyCode, BusinessType, PacketKind, UnixMillis};

use super::{ContentFacts, DocumentFacts, Peer, RECEIPT_DOMAIN, Receipt, ReceiptError};
use crate::{Notice, ReceiptEvent, Recipients};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct File {
    domain: String,
    event: String,
    id: String,
    exchange: String,
    node: String,
    at: String,
    // The four of the header come together or not at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sender: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    document_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kind: Option<Kind>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    business_type: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    content: Option<ContentFile>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    manifest: Option<DigestFile>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    signature: Option<DigestFile>,
    recipients: RecipientsFile,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    peer: Option<PeerFile>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<NoticeFile>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    verdict: Option<Indication>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    report: Option<DigestFile>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<NoticeFile>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous: Option<String>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Kind {
    Document,
    Status,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ContentFile {
    length: u64,
    sha256: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DigestFile {
    sha256: String,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum RecipientsFile {
    Listed(Vec<String>),
    Counted(CountedFile),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CountedFile {
    count: u32,
    sha256: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum PeerFile {
    Node(String),
    System(String),
    External(ExternalFile),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExternalFile {
    system: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct NoticeFile {
    code: String,
    text: String,
}

pub(super) fn write(receipt: &Receipt) -> Result<Vec<u8>, ReceiptError> {
    let document = receipt.document.as_ref();
    let file = File {
        domain: RECEIPT_DOMAIN.to_owned(),
        event: receipt.event.to_string(),
        id: receipt.id.to_string(),
        exchange: receipt.exchange.to_string(),
        node: receipt.node.to_string(),
        at: write_time(receipt.at)?,
        sender: document.map(|document| document.sender.to_string()),
        document_id: document.map(|document| document.document_id.to_string()),
        kind: document.map(|document| match document.kind {
            PacketKind::Document => Kind::Document,
            PacketKind::Status => Kind::Status,
        }),
        business_type: document.map(|document| document.business_type.as_number()),
        content: receipt
            .content
            .map(|content| ContentFile { length: content.length, sha256: content.sha256.to_string() }),
        manifest: receipt.manifest.map(|sha256| DigestFile { sha256: sha256.to_string() }),
        signature: receipt.signature.map(|sha256| DigestFile { sha256: sha256.to_string() }),
        recipients: write_recipients(&receipt.recipients),
        peer: receipt.peer.as_ref().map(|peer| match peer {
            Peer::Node(node) => PeerFile::Node(node.to_string()),
            Peer::System(system) => PeerFile::System(system.to_string()),
            Peer::External { system, reference } => PeerFile::External(ExternalFile {
                system: system.to_string(),
                reference: reference.as_deref().map(str::to_owned),
            }),
        }),
        reason: receipt.reason.as_ref().map(NoticeFile::from),
        verdict: receipt.verdict,
        report: receipt.report.map(|sha256| DigestFile { sha256: sha256.to_string() }),
        warnings: receipt.warnings.iter().map(NoticeFile::from).collect(),
        previous: receipt.previous.map(|digest| digest.to_string()),
    };
    canonical_json(&file).map_err(|error| match error {
        CanonicalError::Number { .. } => bad("content.length", "is above 2^53 - 1"),
        CanonicalError::NotJson { why } => ReceiptError::Json { why },
    })
}

fn write_recipients(recipients: &Recipients) -> RecipientsFile {
    match recipients {
        Recipients::Listed(codes) => RecipientsFile::Listed(codes.iter().map(ToString::to_string).collect()),
        Recipients::Counted { count, sha256 } => {
            RecipientsFile::Counted(CountedFile { count: *count, sha256: sha256.to_string() })
        }
    }
}

/// RFC 3339 in UTC with three decimals.
fn write_time(at: UnixMillis) -> Result<String, ReceiptError> {
    const PRINTER: DateTimePrinter = DateTimePrinter::new().precision(Some(3));
    let millis = i64::try_from(at.as_millis()).unwrap_or(i64::MAX);
    let at = Timestamp::from_millisecond(millis).map_err(|_| bad("at", "is after the year 9999"))?;
    Ok(PRINTER.timestamp_to_string(&at))
}

fn read_time(text: &str) -> Result<UnixMillis, ReceiptError> {
    let at: Timestamp = text.parse().map_err(|_| bad("at", "is not a time of RFC 3339"))?;
    u64::try_from(at.as_millisecond()).map(UnixMillis::new).map_err(|_| bad("at", "is before 1970"))
}

/// The other spellings of a value (upper case, other decimals of a time) fall to the check for the canonical form.
pub(super) fn read(bytes: &[u8]) -> Result<Receipt, ReceiptError> {
    // The domain is looked at first, so that another object is named for what it is.
    let domain: Domain = serde_json::from_slice(bytes).map_err(not_json)?;
    if domain.domain != RECEIPT_DOMAIN {
        return Err(ReceiptError::Domain { found: domain.domain.chars().take(64).collect() });
    }
    let file: File = serde_json::from_slice(bytes).map_err(not_json)?;
    let document = read_document(file.sender, file.document_id, file.kind, file.business_type)?;
    Ok(Receipt {
        event: ReceiptEvent::from_text(&file.event).ok_or(bad("event", "is not known"))?,
        id: parse("id", &file.id)?,
        exchange: parse("exchange", &file.exchange)?,
        node: parse("node", &file.node)?,
        at: read_time(&file.at)?,
        document,
        content: file.content.map(ContentFacts::try_from).transpose()?,
        manifest: file.manifest.map(|file| parse("manifest.sha256", &file.sha256)).transpose()?,
        signature: file.signature.map(|file| parse("signature.sha256", &file.sha256)).transpose()?,
        recipients: read_recipients(file.recipients)?,
        peer: file.peer.map(read_peer).transpose()?,
        reason: file.reason.map(|notice| Notice::read("reason", &notice.code, &notice.text)).transpose()?,
        verdict: file.verdict,
        report: file.report.map(|file| parse("report.sha256", &file.sha256)).transpose()?,
        warnings: file
            .warnings
            .iter()
            .map(|notice| Notice::read("warnings", &notice.code, &notice.text))
            .collect::<Result<_, _>>()?,
        previous: file.previous.map(|text| parse("previous", &text)).transpose()?,
    })
}

#[derive(Deserialize)]
struct Domain {
    domain: String,
}

fn read_document(
    sender: Option<String>,
    document_id: Option<String>,
    kind: Option<Kind>,
    business_type: Option<u8>,
) -> Result<Option<DocumentFacts>, ReceiptError> {
    match (sender, document_id, kind, business_type) {
        (None, None, None, None) => Ok(None),
        (Some(sender), Some(document_id), Some(kind), Some(business_type)) => Ok(Some(DocumentFacts {
            sender: code("sender", &sender)?,
            document_id: parse("documentId", &document_id)?,
            kind: match kind {
                Kind::Document => PacketKind::Document,
                Kind::Status => PacketKind::Status,
            },
            business_type: BusinessType::from_number(business_type)
                .ok_or(bad("businessType", "is not 0, 1, 2 or 3"))?,
        })),
        _ => Err(bad("documentId", "comes with sender, kind and businessType, or none of them comes")),
    }
}

fn read_recipients(file: RecipientsFile) -> Result<Recipients, ReceiptError> {
    match file {
        RecipientsFile::Listed(codes) => {
            let codes = codes.iter().map(|text| code("recipients", text)).collect::<Result<_, _>>()?;
            Ok(Recipients::Listed(codes))
        }
        RecipientsFile::Counted(counted) => {
            Ok(Recipients::Counted { count: counted.count, sha256: parse("recipients.sha256", &counted.sha256)? })
        }
    }
}

fn read_peer(file: PeerFile) -> Result<Peer, ReceiptError> {
    match file {
        PeerFile::Node(text) => parse("peer", &text).map(Peer::Node),
        PeerFile::System(text) => parse("peer", &text).map(Peer::System),
        PeerFile::External(file) => Ok(Peer::External {
            system: parse("peer", &file.system)?,
            reference: file.reference.map(String::into_boxed_str),
        }),
    }
}

impl TryFrom<ContentFile> for ContentFacts {
    type Error = ReceiptError;

    fn try_from(file: ContentFile) -> Result<Self, ReceiptError> {
        Ok(Self { length: file.length, sha256: parse("content.sha256", &file.sha256)? })
    }
}

impl From<&Notice> for NoticeFile {
    fn from(notice: &Notice) -> Self {
        Self { code: notice.code_text().to_owned(), text: notice.text().to_owned() }
    }
}

/// Codes that neither generation explains are taken verbatim: the node that accepted them knew its directory.
fn code(field: &'static str, text: &str) -> Result<AgencyCode, ReceiptError> {
    AgencyCode::opaque(text).map_err(|_| bad(field, "holds something that is no agency code"))
}

fn parse<T: FromStr>(field: &'static str, text: &str) -> Result<T, ReceiptError> {
    text.parse().map_err(|_| bad(field, "is malformed"))
}

const fn bad(field: &'static str, why: &'static str) -> ReceiptError {
    ReceiptError::Field { field, why }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape map_err wants")]
fn not_json(error: serde_json::Error) -> ReceiptError {
    ReceiptError::Json { why: error.to_string() }
}
