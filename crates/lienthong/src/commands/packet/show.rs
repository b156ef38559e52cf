//! `packet show`: what a packet holds.

use std::path::PathBuf;

use clap::Args;
use edxml::{Document, Organization, Packet, Status};
use serde::Serialize;
use types::PacketKind;

use crate::failure::Failure;
use crate::output::{Output, Page, business_type, lane, size, status_code};
use crate::packet_file::PacketFile;

/// Options of `packet show`.
#[derive(Args)]
pub(crate) struct ShowArgs {
    /// Gói tin edXML (the packet)
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

pub(crate) fn run(args: &ShowArgs, output: &mut Output) -> Result<(), Failure> {
    let view = View::of(&PacketFile::read(&args.file)?);
    output.show(&view, View::show)
}

/// A packet as people and programs see it.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct View {
    kind: &'static str,
    length: u64,
    sha256: String,
    from: PartyView,
    to: Vec<PartyView>,
    document_id: String,
    code: String,
    promulgation_date: String,
    place: String,
    type_name: String,
    subject: String,
    priority: u8,
    business_type: u8,
    business_reason: String,
    references: Vec<String>,
    status_code: u8,
    status_description: String,
    status_at: String,
    attachments: Vec<AttachmentView>,
    has_xml_signature: bool,
    unknown_elements: u64,
}

#[derive(Debug, Default, Serialize)]
struct PartyView {
    code: String,
    name: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct AttachmentView {
    index: usize,
    content_id: String,
    name: String,
    content_type: String,
    length: u64,
    sha256: String,
}

impl View {
    pub(super) fn of(file: &PacketFile) -> Self {
        let mut view = match &file.packet {
            Packet::Document(document) => Self::of_document(document),
            Packet::Status(status) => Self::of_status(status),
        };
        view.kind = match file.packet.kind() {
            PacketKind::Document => "document",
            PacketKind::Status => "status",
        };
        view.length = file.digest.length;
        view.sha256 = file.digest.sha256.to_string();
        view.from = party(file.packet.from());
        let digests = file.attachments().iter().zip(&file.attachments);
        view.attachments = digests
            .enumerate()
            .map(|(index, (attachment, sha256))| AttachmentView {
                index,
                content_id: attachment.head.content_id.clone(),
                name: attachment.head.name.clone().unwrap_or_default(),
                content_type: attachment.head.content_type.clone().unwrap_or_default(),
                length: attachment.decoded_length,
                sha256: sha256.to_string(),
            })
            .collect();
        view
    }

    fn of_document(document: &Document) -> Self {
        let business = document.trace.as_ref().and_then(|trace| trace.business.as_ref());
        let references = document.references().into_iter();
        Self {
            to: document.to.iter().map(party).collect(),
            document_id: document.document_id.to_string(),
            code: document.code.joined(),
            promulgation_date: document.promulgation.date.to_string(),
            place: document.promulgation.place.clone().unwrap_or_default(),
            type_name: document.document_type.as_ref().and_then(|kind| kind.name.clone()).unwrap_or_default(),
            subject: document.subject.clone(),
            priority: document.lane().as_number(),
            business_type: document.business_type().as_number(),
            business_reason: business.and_then(|business| business.doc_reason.clone()).unwrap_or_default(),
            references: references
                .filter_map(|one| one.document_id.map(ToString::to_string).or(one.code.map(str::to_owned)))
                .collect(),
            has_xml_signature: !document.signatures.is_empty(),
            unknown_elements: document.unknown_elements,
            ..Self::default()
        }
    }

    fn of_status(status: &Status) -> Self {
        let about = &status.response_for;
        Self {
            to: vec![PartyView { code: about.organ_id.to_string(), name: String::new() }],
            document_id: about.document_id.as_ref().map(ToString::to_string).unwrap_or_default(),
            code: about.code.clone().unwrap_or_default(),
            promulgation_date: about.promulgation_date.map(|date| date.to_string()).unwrap_or_default(),
            status_code: status.status_code.as_number(),
            status_description: status.description.clone().unwrap_or_default(),
            status_at: status.timestamp.to_string(),
            has_xml_signature: !status.signatures.is_empty(),
            unknown_elements: status.unknown_elements,
            ..Self::default()
        }
    }

    pub(super) fn show(&self, page: &mut Page) {
        let is_status = self.status_code != 0;
        let unless_status = |text: &str| if is_status { String::new() } else { text.to_owned() };
        page.facts([
            ("Gói tin (packet)", if is_status { "trạng thái (status)" } else { "văn bản (document)" }.to_owned()),
            ("Nơi gửi (from)", self.from.to_string()),
            ("Mã văn bản (document id)", self.document_id.clone()),
            ("Số ký hiệu (code)", self.code.clone()),
            ("Ngày ban hành (date)", format!("{} {}", self.promulgation_date, self.place).trim().to_owned()),
            ("Loại (type)", self.type_name.clone()),
            ("Trích yếu (subject)", self.subject.clone()),
            ("Độ khẩn (priority)", unless_status(lane(self.priority.into()))),
            ("Nghiệp vụ (business)", unless_status(business_type(self.business_type.into()))),
            ("Lý do (reason)", self.business_reason.clone()),
            ("Văn bản liên quan (refers to)", self.references.join("; ")),
            ("Trạng thái (status)", status_code(self.status_code.into())),
            ("Nội dung (description)", self.status_description.clone()),
            ("Lúc (at)", self.status_at.clone()),
            ("Cỡ (size)", size(self.length)),
            ("SHA-256", self.sha256.clone()),
            ("Chữ ký XML (XML signature)", if self.has_xml_signature { "có (present)" } else { "" }.to_owned()),
        ]);
        page.table(["Nơi nhận", "Tên"], self.to.iter().map(|party| [party.code.clone(), party.name.clone()]));
        if !is_status {
            page.table(
                ["Tệp", "Tên", "Kiểu", "Cỡ", "SHA-256"],
                self.attachments.iter().map(|one| {
                    let index = one.index.to_string();
                    [index, one.name.clone(), one.content_type.clone(), size(one.length), one.sha256.clone()]
                }),
            );
        }
    }
}

impl std::fmt::Display for PartyView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.name.is_empty() { f.write_str(&self.code) } else { write!(f, "{} ({})", self.name, self.code) }
    }
}

fn party(organization: &Organization) -> PartyView {
    PartyView { code: organization.organ_id.to_string(), name: organization.organ_name.clone().unwrap_or_default() }
}
