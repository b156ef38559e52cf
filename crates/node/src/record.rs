//! What the node keeps with an entry, opaque to the store: facts for lists, and the packet's side.

use edxml::{Attachment, Document, Packet, ResponseFor, Status};
use prost::Message;
use types::{Digest, ErrorCode};
use wire::exchange_v1::{self, DocumentReference};
use wire::types_v1::{Envelope, SignatureReport};

use crate::intake::Received;

/// Bytes of one text in a summary; ten of them stay below the store's 3 KiB.
const TEXT_MAX: usize = 240;
/// Bytes of the subject and of a status' description in a summary.
const LONG_TEXT_MAX: usize = 560;

/// Facts that lists show, kept in the entry itself.
#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct Summary {
    #[prost(string, tag = "1")]
    pub(crate) sender: String,
    #[prost(string, tag = "2")]
    pub(crate) sender_name: String,
    #[prost(string, tag = "3")]
    pub(crate) code: String,
    #[prost(string, tag = "4")]
    pub(crate) promulgation_date: String,
    #[prost(string, tag = "5")]
    pub(crate) type_name: String,
    #[prost(string, tag = "6")]
    pub(crate) subject: String,
    #[prost(uint32, tag = "7")]
    pub(crate) status_code: u32,
    #[prost(string, tag = "8")]
    pub(crate) status_description: String,
    #[prost(message, optional, tag = "9")]
    pub(crate) about: Option<AboutText>,
    #[prost(uint32, tag = "10")]
    pub(crate) attachments: u32,
    /// What was decided by the signatures when it came.
    #[prost(string, tag = "11")]
    pub(crate) ruling: String,
    /// The worst of the signatures then; empty where nothing is signed.
    #[prost(string, tag = "12")]
    pub(crate) indication: String,
}

/// The document that a status or a document of type 1–3 is about, as the packet names it.
#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct AboutText {
    #[prost(string, tag = "1")]
    pub(crate) agency: String,
    #[prost(string, tag = "2")]
    pub(crate) code: String,
    #[prost(string, tag = "3")]
    pub(crate) promulgation_date: String,
    #[prost(string, tag = "4")]
    pub(crate) document_id: String,
}

/// What belongs to a packet but is not in it.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Side {
    /// The sender's signature, as it came in.
    #[prost(message, optional, tag = "1")]
    pub(crate) envelope: Option<Envelope>,
    /// Signatures as this node checked them.
    #[prost(message, optional, tag = "2")]
    pub(crate) report: Option<SignatureReport>,
    /// Attachments, with where their text lies in the packet.
    #[prost(message, repeated, tag = "3")]
    pub(crate) attachments: Vec<AttachmentPlace>,
    /// Nodes passed before this one, and when each accepted it.
    #[prost(message, repeated, tag = "5")]
    pub(crate) hops: Vec<HopTime>,
    /// `DocumentType/Type`, by which the policy may ask for other signatures.
    #[prost(int64, optional, tag = "6")]
    pub(crate) document_type: Option<i64>,
    /// Whether the packet's XML has signatures.
    #[prost(bool, tag = "7")]
    pub(crate) has_xml_signatures: bool,
    /// Whether the envelope covers every byte of the packet.
    #[prost(bool, tag = "8")]
    pub(crate) covers_packet: bool,
}

/// A node that a packet passed, by that node's clock.
#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct HopTime {
    #[prost(string, tag = "1")]
    pub(crate) node: String,
    #[prost(uint64, tag = "2")]
    pub(crate) at_ms: u64,
}

/// One attachment and the range of its base64 text in the packet.
#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct AttachmentPlace {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(string, tag = "2")]
    pub(crate) content_type: String,
    #[prost(string, tag = "3")]
    pub(crate) description: String,
    #[prost(uint64, tag = "4")]
    pub(crate) length: u64,
    #[prost(bytes = "vec", tag = "5")]
    pub(crate) sha256: Vec<u8>,
    #[prost(uint64, tag = "6")]
    pub(crate) encoded_offset: u64,
    #[prost(uint64, tag = "7")]
    pub(crate) encoded_length: u64,
}

/// A kept record that does not decode. Code: `store_damaged`.
#[derive(Debug, thiserror::Error)]
#[error("decode a kept {what}")]
pub(crate) struct RecordError {
    what: &'static str,
    source: prost::DecodeError,
}

impl RecordError {
    /// The public code.
    pub(crate) const fn code(&self) -> ErrorCode {
        let _ = self;
        ErrorCode::StoreDamaged
    }
}

impl Summary {
    /// The facts of a packet.
    pub(crate) fn of(packet: &Packet) -> Self {
        match packet {
            Packet::Document(document) => Self::of_document(document),
            Packet::Status(status) => Self::of_status(status),
        }
    }

    fn of_document(document: &Document) -> Self {
        let kind = document.document_type.as_ref().and_then(|kind| kind.name.as_deref());
        Self {
            sender: document.from.organ_id.to_string(),
            sender_name: cut(document.from.organ_name.as_deref().unwrap_or_default(), TEXT_MAX),
            code: cut(&document.code.joined(), TEXT_MAX),
            promulgation_date: document.promulgation.date.to_string(),
            type_name: cut(kind.unwrap_or_default(), TEXT_MAX),
            subject: cut(&document.subject, LONG_TEXT_MAX),
            status_code: 0,
            status_description: String::new(),
            about: None,
            attachments: u32::try_from(document.attachments.len()).unwrap_or(u32::MAX),
            ..Self::default()
        }
    }

    pub(crate) fn of_status(status: &Status) -> Self {
        Self {
            sender: status.from.organ_id.to_string(),
            sender_name: cut(status.from.organ_name.as_deref().unwrap_or_default(), TEXT_MAX),
            status_code: u32::from(status.status_code.as_number()),
            status_description: cut(status.description.as_deref().unwrap_or_default(), LONG_TEXT_MAX),
            about: Some(AboutText::of(&status.response_for)),
            ..Self::default()
        }
    }

    /// With what was decided by the signatures.
    pub(crate) fn judged(self, report: &SignatureReport) -> Self {
        Self { ruling: report.ruling.clone(), indication: report.indication.clone(), ..self }
    }

    /// The facts kept with an entry.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, RecordError> {
        Self::decode(bytes).map_err(|source| RecordError { what: "summary", source })
    }
}

impl AboutText {
    pub(crate) fn of(reference: &ResponseFor) -> Self {
        Self {
            agency: reference.organ_id.to_string(),
            code: cut(reference.code.as_deref().unwrap_or_default(), TEXT_MAX),
            promulgation_date: reference.promulgation_date.map(|date| date.to_string()).unwrap_or_default(),
            document_id: reference.document_id.as_ref().map(ToString::to_string).unwrap_or_default(),
        }
    }

    pub(crate) fn to_wire(&self) -> DocumentReference {
        DocumentReference {
            agency: self.agency.clone(),
            code: self.code.clone(),
            promulgation_date: self.promulgation_date.clone(),
            document_id: self.document_id.clone(),
        }
    }
}

impl Side {
    /// Reads what is kept beside a packet.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, RecordError> {
        Self::decode(bytes).map_err(|source| RecordError { what: "side", source })
    }
}

impl AttachmentPlace {
    /// The attachments of a packet that was read.
    pub(crate) fn of(received: &Received) -> Vec<Self> {
        let Packet::Document(document) = &received.packet else { return Vec::new() };
        document
            .attachments
            .iter()
            .zip(&received.parts)
            .map(|(attachment, digest)| Self::one(attachment, *digest))
            .collect()
    }

    fn one(attachment: &Attachment, digest: Digest) -> Self {
        let head = &attachment.head;
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        Self {
            name: text(&head.name),
            content_type: text(&head.content_type),
            description: text(&head.description),
            length: attachment.decoded_length,
            sha256: digest.as_bytes().to_vec(),
            encoded_offset: attachment.encoded.offset,
            encoded_length: attachment.encoded.length,
        }
    }

    /// The attachment as callers see it.
    pub(crate) fn to_wire(&self, index: u32) -> exchange_v1::Attachment {
        exchange_v1::Attachment {
            index,
            name: self.name.clone(),
            content_type: self.content_type.clone(),
            description: self.description.clone(),
            length: self.length,
            sha256: self.sha256.clone(),
        }
    }
}

/// The text, cut at a character boundary to at most `max` bytes.
fn cut(text: &str, max: usize) -> String {
    let end = (0..=max.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    text.get(..end).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests;
