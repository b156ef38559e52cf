//! Packets that agency software writes, and what it reads in them.

use std::io::{Read, Write};

use edxml::{
    AttachmentHead, Business, ChangedInfo, DiscardSink, Document, DocumentCode, EdxmlDate, EdxmlTimestamp, Limits,
    Organization, OtherInfo, Packet, PacketWriter, PromulgationInfo, ResponseFor, Status, TraceHeaderList, read_packet,
    write_status,
};
use types::{AgencyCode, BusinessType, Lane, StatusCode};

/// A document before it is written.
pub(super) struct Draft<'a> {
    pub(super) from: &'a str,
    pub(super) to: &'a [String],
    pub(super) number: usize,
    /// `DocumentId` of the document that this one updates.
    pub(super) updates: Option<&'a str>,
    pub(super) lane: Lane,
}

fn organization(code: &str) -> Organization {
    Organization::new((&code.parse::<AgencyCode>().unwrap()).into())
}

fn day() -> EdxmlDate {
    EdxmlDate::new(2026, 11, 20).unwrap()
}

/// `DocumentId` of an agency's document.
pub(super) fn document_id(from: &str, number: usize) -> String {
    format!("{from},2026/11/20,{number}/UBND")
}

/// Writes a document with one attachment.
pub(super) fn write_document<W: Write>(out: W, draft: &Draft<'_>, attachment: impl Read) -> W {
    let id = document_id(draft.from, draft.number).parse().unwrap();
    let code = DocumentCode::new(&draft.number.to_string(), "UBND");
    let promulgation = PromulgationInfo { place: Some("Hà Nội".to_owned()), date: day() };
    let to = draft.to.iter().map(|code| organization(code)).collect();
    let subject = format!("Về việc số {}", draft.number);
    let mut document = Document::new(organization(draft.from), to, id, code, promulgation, &subject);
    document.other = Some(OtherInfo { priority: Some(draft.lane), ..OtherInfo::default() });
    let doc_type = if draft.updates.is_some() { BusinessType::Update } else { BusinessType::New };
    let business = Business {
        document_id: draft.updates.map(|id| id.parse().unwrap()),
        doc_type: Some(doc_type),
        doc_reason: draft.updates.map(|_| "Sửa nội dung".to_owned()),
        changed: draft.updates.map(|_| ChangedInfo {
            document_info: Some("1".to_owned()),
            document_receiver: Some("0".to_owned()),
            receivers: None,
        }),
        ..Business::default()
    };
    document.trace = Some(TraceHeaderList { business: Some(business), ..TraceHeaderList::default() });
    let head = AttachmentHead::new("cid:1", "noi-dung.bin", "application/octet-stream");
    document.list(&head);
    let mut writer = PacketWriter::new(out, &document).unwrap();
    writer.attachment(&head, attachment).unwrap();
    writer.finish().unwrap()
}

/// A status of `from` about a document of `issuer`.
pub(super) fn status(from: &str, issuer: &str, id: &str, code: StatusCode) -> Vec<u8> {
    let about = ResponseFor {
        organ_id: organization(issuer).organ_id,
        code: None,
        promulgation_date: Some(day()),
        document_id: Some(id.parse().unwrap()),
    };
    let at = EdxmlTimestamp::new(day(), 9, 0, 0).unwrap();
    let status = Status::new(organization(from), about, code, at);
    let mut bytes = Vec::new();
    write_status(&mut bytes, &status).unwrap();
    bytes
}

/// What a reader tells two packets apart by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Word {
    pub(super) from: String,
    /// Of the document, or of the one that a status is about.
    pub(super) document_id: String,
    pub(super) status: Option<String>,
}

pub(super) fn read(bytes: &[u8]) -> Word {
    let packet = read_packet(bytes, &Limits::default(), &mut DiscardSink).unwrap();
    let from = packet.from().organ_id.as_str().to_owned();
    match packet {
        Packet::Document(document) => {
            Word { from, document_id: document.document_id.as_str().to_owned(), status: None }
        }
        Packet::Status(status) => Word {
            from,
            document_id: status.response_for.document_id.unwrap().as_str().to_owned(),
            status: Some(status.status_code.to_string()),
        },
    }
}
