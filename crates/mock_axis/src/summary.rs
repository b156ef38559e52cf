//! What a packet says in its header, as it is kept with the entry and shown in lists and on the page.

use edxml::Packet;
use serde::{Deserialize, Serialize};

/// Bytes of one text, so that a summary stays below the 3 KiB that the store takes.
const TEXT_BYTES_MAX: usize = 400;
/// Receivers named; the rest are counted.
const RECEIVERS_SHOWN: usize = 8;

/// The header of a packet in short.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Summary {
    /// `edoc` or `status`.
    pub(crate) kind: String,
    /// Sending agency.
    pub(crate) from: String,
    /// Its name.
    pub(crate) from_name: String,
    /// The first receivers.
    pub(crate) to: Vec<String>,
    /// How many there are.
    pub(crate) to_count: usize,
    /// `Subject`; of a status, its description.
    pub(crate) title: String,
    /// Number and notation; of a status, those of its document.
    pub(crate) notation: String,
    /// `DocumentId`; of a status, that of its document.
    pub(crate) document_id: String,
    /// Date of issue, `yyyy/MM/dd`.
    pub(crate) date: String,
    /// `BussinessDocType` 0–3.
    pub(crate) business_type: u8,
    /// `Priority` 0–3.
    pub(crate) priority: u8,
    /// `StatusCode` of a status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<u8>,
    /// Attachments.
    pub(crate) attachments: usize,
    /// Bytes of the packet.
    pub(crate) bytes: u64,
}

impl Summary {
    /// The summary of a packet of `bytes` bytes for these receivers.
    pub(crate) fn of(packet: &Packet, receivers: &[String], bytes: u64) -> Self {
        let from = packet.from();
        let base = Self {
            from: short(from.organ_id.as_str()),
            from_name: short(from.organ_name.as_deref().unwrap_or_default()),
            to: receivers.iter().take(RECEIVERS_SHOWN).map(|code| short(code)).collect(),
            to_count: receivers.len(),
            bytes,
            ..Self::default()
        };
        match packet {
            Packet::Document(document) => Self {
                kind: "edoc".to_owned(),
                title: short(&document.subject),
                notation: short(&document.code.joined()),
                document_id: short(document.document_id.as_str()),
                date: document.promulgation.date.to_string(),
                business_type: document.business_type().as_number(),
                priority: document.lane().as_number(),
                attachments: document.attachments.len(),
                ..base
            },
            Packet::Status(status) => Self {
                kind: "status".to_owned(),
                title: short(status.description.as_deref().unwrap_or_default()),
                notation: short(status.response_for.code.as_deref().unwrap_or_default()),
                document_id: short(status.response_for.document_id.as_ref().map_or("", |id| id.as_str())),
                date: status.response_for.promulgation_date.map(|date| date.to_string()).unwrap_or_default(),
                status: Some(status.status_code.as_number()),
                ..base
            },
        }
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The summary that was kept; an unreadable one is empty.
    pub(crate) fn read(bytes: &[u8]) -> Self {
        serde_json::from_slice(bytes).unwrap_or_default()
    }
}

/// At most [`TEXT_BYTES_MAX`] bytes, cut between characters.
fn short(text: &str) -> String {
    let mut end = text.len().min(TEXT_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default().to_owned()
}
