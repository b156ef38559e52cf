//! Documents that wait at the start: every business type, every status. Their contents never change, so that a data
//! folder that has them takes no second copy.

use std::sync::Arc;

use axis::{Caller, Failure, FileStream};
use bytes::Bytes;
use edxml::{
    AttachmentHead, Business, ChangedInfo, Document, DocumentCode, DocumentType, EdxmlDate, EdxmlTimestamp, OrganId,
    Organization, OtherInfo, PacketWriter, PromulgationInfo, Receiver, ReceiverChange, Replacement, ResponseFor,
    SignerInfo, Status, TraceHeader, TraceHeaderList, ValueError, write_status,
};
use types::{AgencyCode, BusinessType, DocumentId, Lane, StatusCode};

use crate::pdf;
use crate::service::{Axis, send};

/// Why a sample could not be made: a name that is none, or a packet that cannot be written.
type Unwritten = Box<dyn std::error::Error + Send + Sync>;

/// A sample document before it is written.
struct Sample {
    number: u32,
    subject: &'static str,
    lane: Lane,
    act: Act,
}

/// What a sample does to an earlier one, by its number.
#[derive(Clone, Copy)]
enum Act {
    New,
    Revoke(u32),
    Update(u32),
    Replace(u32),
}

const DOCUMENTS: [Sample; 7] = [
    Sample {
        number: 101, subject: "Về việc triển khai liên thông văn bản điện tử", lane: Lane::Normal, act: Act::New
    },
    Sample { number: 102, subject: "Giấy mời họp giao ban trực tuyến", lane: Lane::Urgent, act: Act::New },
    Sample { number: 103, subject: "Công điện ứng phó với bão số 12", lane: Lane::Express, act: Act::New },
    Sample {
        number: 104, subject: "Báo cáo tình hình gửi, nhận văn bản quý IV", lane: Lane::Normal, act: Act::New
    },
    Sample { number: 105, subject: "Thu hồi giấy mời họp giao ban", lane: Lane::Normal, act: Act::Revoke(102) },
    Sample {
        number: 106, subject: "Cập nhật nơi nhận công văn 101", lane: Lane::Normal, act: Act::Update(101)
    },
    Sample { number: 107, subject: "Thay thế báo cáo quý IV", lane: Lane::VeryUrgent, act: Act::Replace(104) },
];

/// Statuses that come back about documents of the receiver, by the number of the document.
const STATUSES: [(u32, StatusCode, &str); 8] = [
    (201, StatusCode::Arrived, "Văn bản đã đến"),
    (201, StatusCode::Registered, "Đã vào sổ"),
    (201, StatusCode::Assigned, "Phân công phòng chuyên môn"),
    (201, StatusCode::InProgress, "Đang xử lý"),
    (201, StatusCode::Finished, "Đã hoàn thành"),
    (202, StatusCode::Refused, "Không thuộc thẩm quyền giải quyết"),
    (203, StatusCode::Agreed, "Đồng ý cho lấy lại"),
    (204, StatusCode::Declined, "Văn bản đã xử lý xong"),
];

/// Agencies that the samples come from; the first that the receiving system does not speak for.
const SENDERS: [&str; 2] = ["000.00.00.G22", "000.00.00.G09"];

/// Puts the samples in for the first system.
pub(crate) async fn load(axis: &Arc<Axis>) -> Result<(), String> {
    let Some(system) = axis.systems.all().first() else { return Ok(()) };
    let Some(receiver) = system.named().next().cloned() else { return Ok(()) };
    let senders = SENDERS.iter().filter_map(|code| code.parse::<AgencyCode>().ok());
    let Some(sender) = senders.into_iter().find(|code| axis.inbox_of(code) != system.inbox()) else { return Ok(()) };
    let other = axis.systems.serving(&sender).map_or("lienthong", |system| system.id.as_str());
    let (theirs, ours) = (Caller { system: other.into() }, Caller { system: system.id.as_str().into() });
    let packets = packets(&sender, &receiver).map_err(|error| error.to_string())?;
    for (side, packet) in packets {
        let caller = match side {
            Side::Theirs => &theirs,
            Side::Ours => &ours,
        };
        put(axis, caller, packet).await.map_err(|failure| failure.to_string())?;
    }
    Ok(())
}

async fn put(axis: &Arc<Axis>, caller: &Caller, packet: Vec<u8>) -> Result<(), Failure> {
    let file: FileStream = Box::pin(futures_util::stream::once(async move { Ok(Bytes::from(packet)) }));
    let received = crate::intake::receive(&axis.store, file).await?;
    send::accept_sample(axis, caller, received).await
}

/// Who sends a sample.
enum Side {
    Theirs,
    Ours,
}

fn packets(sender: &AgencyCode, receiver: &AgencyCode) -> Result<Vec<(Side, Vec<u8>)>, Unwritten> {
    let mut packets = Vec::new();
    for sample in &DOCUMENTS {
        packets.push((Side::Theirs, document(sample, sender, receiver)?));
    }
    for number in 201..=204 {
        let subject = "Về việc đề nghị cho ý kiến";
        let sample = Sample { number, subject, lane: Lane::Normal, act: Act::New };
        packets.push((Side::Ours, document(&sample, receiver, sender)?));
    }
    for (place, (number, code, text)) in (0..).zip(&STATUSES) {
        packets.push((Side::Theirs, status(sender, receiver, *number, *code, text, place)?));
    }
    // The sender asks to take back what still waits.
    let text = "Đề nghị lấy lại do gửi nhầm";
    packets.push((Side::Theirs, status(sender, sender, 103, StatusCode::TakeBack, text, 59)?));
    Ok(packets)
}

fn id(issuer: &AgencyCode, number: u32) -> Result<DocumentId, types::IdError> {
    format!("{issuer},2026/11/20,{number}/MAU-LT").parse()
}

fn day() -> Result<EdxmlDate, ValueError> {
    EdxmlDate::new(2026, 11, 20)
}

fn document(sample: &Sample, from: &AgencyCode, to: &AgencyCode) -> Result<Vec<u8>, Unwritten> {
    let promulgation = PromulgationInfo { place: Some("Hà Nội".to_owned()), date: day()? };
    let code = DocumentCode::new(&sample.number.to_string(), "MAU-LT");
    let (issuer, receiver) = (Organization::new(from.into()), Organization::new(to.into()));
    let mut document =
        Document::new(issuer, vec![receiver], id(from, sample.number)?, code, promulgation, sample.subject);
    document.document_type = Some(DocumentType { kind: Some(1), detail: None, name: Some("Công văn".to_owned()) });
    document.other = Some(OtherInfo { priority: Some(sample.lane), page_amount: Some(1), ..OtherInfo::default() });
    document.signer = Some(SignerInfo {
        competence: Some("KT. NGƯỜI ĐỨNG ĐẦU".to_owned()),
        position: Some("Phó".to_owned()),
        full_name: Some("Nguyễn Văn Mẫu".to_owned()),
    });
    let timestamp = EdxmlTimestamp::new(day()?, 8, 0, 0)?;
    let hop = TraceHeader { organ_id: from.into(), timestamp };
    document.trace =
        Some(TraceHeaderList { hops: vec![hop], business: Some(business(sample, from, to)?), ..Default::default() });
    let name = format!("Công văn {}.pdf", sample.number);
    let head = AttachmentHead::new("cid:1", &name, "application/pdf");
    document.list(&head);
    let pdf = pdf::page(&["VAN BAN MAU / SAMPLE DOCUMENT", &format!("{}/MAU-LT", sample.number), from.as_str()]);
    let mut writer = PacketWriter::new(Vec::new(), &document)?;
    writer.attachment(&head, pdf.as_slice())?;
    Ok(writer.finish()?)
}

fn business(sample: &Sample, from: &AgencyCode, to: &AgencyCode) -> Result<Business, Unwritten> {
    let (doc_type, earlier) = match sample.act {
        Act::New => (BusinessType::New, None),
        Act::Revoke(earlier) => (BusinessType::Revoke, Some(earlier)),
        Act::Update(earlier) => (BusinessType::Update, Some(earlier)),
        Act::Replace(earlier) => (BusinessType::Replace, Some(earlier)),
    };
    let earlier = earlier.map(|number| id(from, number)).transpose()?;
    let added = Receiver { organ_id: "000.00.00.H41".parse()?, change: ReceiverChange::Added };
    let removed = Receiver { organ_id: "000.00.00.H17".parse()?, change: ReceiverChange::Removed };
    let changed = ChangedInfo {
        document_info: Some("0".to_owned()),
        document_receiver: Some("1".to_owned()),
        receivers: Some(vec![added, removed]),
    };
    let replaced = earlier.clone().map(|document_id| Replacement { document_id, organ_ids: vec![to.into()] });
    Ok(Business {
        document_id: earlier,
        doc_type: Some(doc_type),
        doc_reason: (doc_type != BusinessType::New).then(|| "Văn bản mẫu".to_owned()),
        paper: Some(0),
        changed: (doc_type == BusinessType::Update).then_some(changed),
        replacements: replaced.filter(|_| doc_type == BusinessType::Replace).map(|one| vec![one]),
        ..Business::default()
    })
}

/// A status of `from` about the document of `issuer` with this number; `place` makes its time.
fn status(
    from: &AgencyCode,
    issuer: &AgencyCode,
    number: u32,
    code: StatusCode,
    text: &str,
    place: u8,
) -> Result<Vec<u8>, Unwritten> {
    let response = ResponseFor {
        organ_id: OrganId::from(issuer),
        code: Some(format!("{number}/MAU-LT")),
        promulgation_date: Some(day()?),
        document_id: Some(id(issuer, number)?),
    };
    let at = EdxmlTimestamp::new(day()?, 9, place, 0)?;
    let mut status = Status::new(Organization::new(from.into()), response, code, at);
    status.description = Some(text.to_owned());
    let mut bytes = Vec::new();
    write_status(&mut bytes, &status)?;
    Ok(bytes)
}
