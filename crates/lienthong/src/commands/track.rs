//! `track`: where a sent document is, recipient by recipient.

use clap::Args;
use wire::exchange_v1::{Quarantine, RecipientTracking, TrackDocumentRequest, TrackDocumentResponse, TrackEvent};
use wire::types_v1::SignatureReport;

use super::quarantine::word;
use super::signatures;
use crate::client::Client;
use crate::failure::Failure;
use crate::output::{Output, Page, delivery_state, event, route, status_code, time};
use crate::profile::{Connection, agency};

/// Options of `track`.
#[derive(Args)]
pub(crate) struct TrackArgs {
    /// Mã trao đổi (exchange id)
    #[arg(value_name = "EXCHANGE_ID", required_unless_present = "document_id", conflicts_with = "document_id")]
    exchange_id: Option<String>,
    /// Mã văn bản do nơi gửi đặt (document id, as its sender gave it)
    #[arg(long, value_name = "ID")]
    document_id: Option<String>,
    /// Cơ quan gửi, cùng với --document-id; mặc định theo hồ sơ (sender; the profile's by default)
    #[arg(long, value_name = "CODE")]
    sender: Option<String>,
    /// Chỉ nơi nhận này (only this recipient)
    #[arg(long, value_name = "CODE")]
    recipient: Option<String>,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) async fn run(args: &TrackArgs, output: &mut Output) -> Result<(), Failure> {
    let profile = args.connection.resolve()?;
    let sender = match &args.document_id {
        Some(_) => agency(args.sender.as_deref(), &profile, "--sender")?,
        None => String::new(),
    };
    let mut client = Client::connect(&profile).await?;
    let request = TrackDocumentRequest {
        exchange_id: args.exchange_id.clone().unwrap_or_default(),
        sender,
        document_id: args.document_id.clone().unwrap_or_default(),
        recipient: args.recipient.clone().unwrap_or_default(),
    };
    let answer = client.stub.track_document(request).await.map_err(|status| client.failed(status))?;
    output.show(&answer.into_inner(), show)
}

fn show(tracking: &TrackDocumentResponse, page: &mut Page) {
    if let Some(document) = &tracking.document {
        page.line(format!("{} — {}", document.code, document.subject));
        page.facts([
            ("Mã trao đổi (exchange id)", document.exchange_id.clone()),
            ("Mã văn bản (document id)", document.document_id.clone()),
            ("Nhận lúc (accepted at)", time(document.accepted_at.as_ref())),
            ("Thời hạn (deadline)", time(document.due_at.as_ref())),
        ]);
    }
    if let Some(quarantine) = &tracking.quarantine {
        show_quarantine(quarantine, page);
    }
    page.table(
        ["Nơi nhận", "Tên", "Tình trạng", "Đường đi", "Số lần", "Lần sau", "Dự kiến đến", "Mới nhất"],
        tracking.recipients.iter().map(|one| {
            [
                one.code.clone(),
                one.name.clone(),
                delivery_state(one.state).to_owned(),
                route(&one.route),
                one.attempts.to_string(),
                time(one.next_attempt_at.as_ref()),
                time(one.expected_at.as_ref()),
                one.events.last().map(what).unwrap_or_default(),
            ]
        }),
    );
    for one in &tracking.recipients {
        show_events(one, page);
    }
    if let Some(first) = &tracking.signature_report {
        page.line("");
        match last_look(tracking) {
            None => signatures::show(first, page),
            Some(last) => {
                page.line(format!(
                    "Khi tiếp nhận, {} (at acceptance): chưa kết luận, xem --json (undecided, see --json). Lần kiểm tra cuối \
                     (last check):",
                    time(first.at.as_ref())
                ));
                signatures::show(last, page);
            }
        }
    }
}

/// The report of the last look at a document that was held; `None` when there was no later one.
fn last_look(tracking: &TrackDocumentResponse) -> Option<&SignatureReport> {
    let events = tracking.quarantine.iter().flat_map(|quarantine| &quarantine.events);
    events.rev().find_map(|event| event.signature_report.as_ref())
}

fn show_quarantine(quarantine: &Quarantine, page: &mut Page) {
    if quarantine.since.is_some() {
        let missing = match quarantine.code.as_str() {
            "" => "gói tin trước của cùng văn bản (an earlier packet of the document)".to_owned(),
            code => format!("{code}: {}", quarantine.text),
        };
        page.facts([
            ("Đang chờ kiểm tra chữ ký từ (held since)", time(quarantine.since.as_ref())),
            ("Chờ (waits for)", missing),
            ("Nếu không kết luận được, trả lại lúc (goes back at)", time(quarantine.until.as_ref())),
        ]);
    }
    for event in &quarantine.events {
        let by = if event.by_operator { " · người vận hành (operator)" } else { "" };
        let code = if event.code.is_empty() { String::new() } else { format!(" · {}", event.code) };
        page.line(
            format!("  {}  {}{code}{by}  {}", time(event.at.as_ref()), word(&event.event), event.text).trim_end(),
        );
    }
}

fn show_events(one: &RecipientTracking, page: &mut Page) {
    page.line(format!("{} {}", one.code, one.name).trim_end());
    for event in &one.events {
        page.line(format!("  {}  {}  {}", time(event.at.as_ref()), event.node, what(event)));
    }
}

fn what(one: &TrackEvent) -> String {
    let mut text = event(&one.event).to_owned();
    for part in [status_code(one.status_code), one.description.clone(), one.code.clone()] {
        if !part.is_empty() {
            text.push_str(" · ");
            text.push_str(&part);
        }
    }
    if one.out_of_order {
        text.push_str(" (sai thứ tự — out of order)");
    }
    text
}

#[cfg(test)]
mod tests;
