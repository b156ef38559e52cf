//! A document from the axis that this node could not deliver: its sender is told, in the only words the axis carries.

use delivery::recall::is_recall;
use edxml::{OrganId, Organization, ResponseFor, StaffInfo, Status, write_status};
use prost::Message as _;
use queue::{Accept, Content, Document, DocumentKey, EntryKind, Plan, RecipientPlan, Report, ReportId, ReportKind};
use types::{BusinessType, ErrorCode, Lane, NeighbourId, StatusCode};

use crate::core::{Core, new_exchange};
use crate::exchange::status::vietnam_time;
use crate::intake::Refused;
use crate::record::Summary;

/// Tells the sender, for each receiver that a document from the axis could not be brought to, by status 02 in the
/// receiver's name, or by 15 when the sender itself had recalled it; `ids` are crossed off with the last.
///
/// The axis knows agencies and nothing between them, and it has let go of the document since we confirmed it: without
/// a status its sender would wait for ever. The words say that it was this node, and why.
pub(crate) async fn tell_returned(
    core: &Core,
    document: &Document,
    axis: &NeighbourId,
    reports: &[Report],
    ids: Vec<ReportId>,
) -> Result<(), Refused> {
    if document.kind == EntryKind::Document {
        for report in reports {
            match report.about {
                // What goes in its place brings its own statuses.
                ReportKind::Returned { code: ErrorCode::Replaced, .. }
                | ReportKind::Delivered
                | ReportKind::Consigned => {}
                ReportKind::Returned { code, cause } => {
                    tell(core, document, axis, report, cause.unwrap_or(code)).await?
                }
            }
        }
    }
    Ok(core.store.reports_done(ids).await?)
}

async fn tell(
    core: &Core,
    document: &Document,
    axis: &NeighbourId,
    report: &Report,
    code: ErrorCode,
) -> Result<(), Refused> {
    // Made of what is kept, so that a repeat gives the same bytes, which the store recognises.
    let status = status(core, document, report, code)?;
    let mut bytes = Vec::new();
    write_status(&mut bytes, &status).map_err(|error| Refused::new(error.code(), error.to_string()))?;
    let accept = Accept {
        exchange: new_exchange(),
        kind: EntryKind::Status,
        key: DocumentKey { sender: report.code.clone(), document_id: document.key.document_id.clone() },
        business: BusinessType::New,
        lane: Lane::Normal,
        due: None,
        received_at: crate::clock::now(),
        content: Content::Inline(bytes),
        side: Content::Inline(Vec::new()),
        summary: Summary::of_status(&status).encode_to_vec(),
        origin: document.origin.clone(),
        hops: Vec::new(),
        about: Some(document.key.clone()),
        recipients: vec![RecipientPlan {
            code: document.key.sender.clone(),
            plan: Plan::Hop(axis.clone()),
            evidence: None,
        }],
        receipt: Vec::new(),
        answers: Vec::new(),
        acts: Vec::new(),
        hold: None,
    };
    core.store.accept(accept).await?;
    Ok(())
}

fn status(core: &Core, document: &Document, report: &Report, code: ErrorCode) -> Result<Status, Refused> {
    let kept = Summary::read(&document.summary).map_err(|error| Refused::new(error.code(), error.to_string()))?;
    let about = ResponseFor {
        organ_id: OrganId::from(&document.key.sender),
        code: (!kept.code.is_empty()).then_some(kept.code),
        promulgation_date: kept.promulgation_date.parse().ok(),
        document_id: Some(document.key.document_id.clone()),
    };
    let name = core.directory.load().find(&report.code).map(|agency| agency.name.to_string());
    let from = Organization { organ_name: name, ..Organization::new(OrganId::from(&report.code)) };
    let (said, description) = words(core, code);
    let mut status = Status::new(from, about, said, vietnam_time(report.at)?);
    status.description = Some(description);
    status.staff =
        Some(StaffInfo { department: Some(format!("Nút liên thông {}", core.node)), ..StaffInfo::default() });
    Ok(status)
}

/// 02 for what could not be delivered; 15 for what the sender took back in time, because nobody else will answer it.
fn words(core: &Core, code: ErrorCode) -> (StatusCode, String) {
    let (node, vi, en) = (&core.node, code.title_vi(), code.title_en());
    if is_recall(code) {
        return (StatusCode::Agreed, format!("Nút liên thông {node}: {vi} [{code}]. / Node {node}: {en}."));
    }
    let text = format!(
        "Nút liên thông {node} không chuyển được văn bản đến nơi nhận: {vi} [{code}]; nơi nhận chưa thấy văn bản, hãy gửi \
         lại. / Node {node} could not deliver the document: {en}; the receiver has not seen it, send it again."
    );
    (StatusCode::Refused, text)
}
