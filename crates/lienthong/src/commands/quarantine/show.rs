//! Quarantine as tables.

use wire::admin_v1::{GetHeldResponse, GetHeldStatsResponse, HeldDocument, ListHeldResponse};
use wire::exchange_v1::DocumentSummary;

use crate::commands::signatures;
use crate::output::{Page, size, time};

/// Receivers named on one line.
const NAMED_MAX: usize = 3;

pub(super) fn list(answer: &ListHeldResponse, page: &mut Page) {
    page.table(
        ["Giữ từ", "Hết hạn giữ", "Mã trao đổi", "Nơi gửi", "Số ký hiệu", "Nơi nhận", "Thiếu gì"],
        answer.documents.iter().map(|held| {
            let document = held.document.clone().unwrap_or_default();
            [
                time(held.since.as_ref()),
                time(held.until.as_ref()),
                document.exchange_id,
                document.sender,
                document.code,
                receivers(held),
                missing_shortly(held),
            ]
        }),
    );
    page.line(format!("Đang giữ {} (held), chờ phía sau {} (waiting behind them)", answer.held, answer.waiting_behind));
    if answer.held > 0 {
        page.line("Theo từng nơi gửi và hạn mức: lienthong quarantine stats (by sender, and the quota)");
    }
    if !answer.next_page_token.is_empty() {
        page.line(format!("Còn nữa: --page-token {} (more)", answer.next_page_token));
    }
}

pub(super) fn stats(answer: &GetHeldStatsResponse, page: &mut Page) {
    page.table(
        ["Nơi gửi", "Tên", "Đang giữ", "Hạn mức", "Dung lượng", "Hạn mức", ""],
        answer.senders.iter().map(|share| {
            let is_full = share.documents >= answer.sender_documents_max || share.bytes >= answer.sender_bytes_max;
            let mark = if is_full { "ĐẦY: văn bản mới bị từ chối (full: more is refused)" } else { "" };
            [
                share.sender.clone(),
                share.sender_name.clone(),
                share.documents.to_string(),
                answer.sender_documents_max.to_string(),
                size(share.bytes),
                size(answer.sender_bytes_max),
                mark.to_owned(),
            ]
        }),
    );
    page.line(format!("Đang giữ {} (held), chờ phía sau {} (waiting behind them)", answer.held, answer.waiting_behind));
}

fn receivers(held: &HeldDocument) -> String {
    let named: Vec<&str> = held.recipients.iter().take(NAMED_MAX).map(String::as_str).collect();
    let more = held.recipients.len().saturating_sub(NAMED_MAX);
    if more == 0 { named.join(", ") } else { format!("{} … +{more}", named.join(", ")) }
}

/// For a line of the list: the code and the Vietnamese words; `show` has all of it.
fn missing_shortly(held: &HeldDocument) -> String {
    match held.text.split_once(" / ") {
        Some((vi, _)) if !held.code.is_empty() => format!("{}: {vi}", held.code),
        _ => missing(held),
    }
}

fn missing(held: &HeldDocument) -> String {
    match held.code.as_str() {
        "" => "chờ gói tin trước của cùng văn bản (waits for an earlier packet)".to_owned(),
        code => format!("{code}: {}", held.text),
    }
}

pub(super) fn one(answer: &GetHeldResponse, page: &mut Page) {
    let document: DocumentSummary = answer.document.clone().unwrap_or_default();
    page.line(format!("{} — {}", document.code, document.subject));
    page.facts([
        ("Mã trao đổi (exchange id)", document.exchange_id),
        ("Nơi gửi (sender)", format!("{} {}", document.sender, document.sender_name).trim_end().to_owned()),
        ("Nhận lúc (accepted at)", time(document.accepted_at.as_ref())),
    ]);
    match &answer.held {
        Some(held) => page.facts([
            ("Đến từ (came from)", held.origin.clone()),
            ("Giữ từ (held since)", time(held.since.as_ref())),
            ("Hết hạn giữ (goes back at)", time(held.until.as_ref())),
            ("Thiếu gì (what is missing)", missing(held)),
            ("Nơi nhận (recipients)", held.recipients.join(", ")),
        ]),
        None => page.line("Không còn bị giữ (no longer held)"),
    }
    page.line("Khi tiếp nhận (at acceptance):");
    if let Some(report) = &answer.signature_report {
        signatures::show(report, page);
    }
    for line in &answer.record {
        let by = if line.by.is_empty() { String::new() } else { format!(" · {}", line.by) };
        let code = if line.code.is_empty() { String::new() } else { format!(" · {}", line.code) };
        page.line(format!("{}  {}{code}{by}  {}", time(line.at.as_ref()), word(&line.event), line.text).trim_end());
        if let Some(report) = &line.signature_report {
            signatures::show(report, page);
        }
    }
}

/// Vietnamese for a step of a quarantine.
pub(crate) fn word(event: &str) -> &str {
    match event {
        "Held" => "bị giữ lại (held)",
        "Deferred" => "kiểm tra lại, chưa kết luận (still undecided)",
        "Released" => "được cho qua (released)",
        "Refused" => "bị trả lại (returned)",
        "Expired" => "hết hạn giữ (time passed)",
        "Started" => "chuyển tiếp (went on)",
        other => other,
    }
}

#[cfg(test)]
mod tests;
