//! A node's report on the signatures of a document, for people.

use wire::types_v1::{SignatureReport, SignatureResult};

use crate::output::{Page, indication, time};

/// One line a signature, what the policy says of them, and what was not checked.
pub(crate) fn show(report: &SignatureReport, page: &mut Page) {
    page.facts([
        ("Chữ ký, theo chính sách (signatures, policy)", report.policy.clone()),
        ("Kiểm tra lúc (checked as of)", time(report.at.as_ref())),
        ("Quyết định (ruling)", ruling(&report.ruling)),
    ]);
    for result in &report.signatures {
        page.line(format!("  {}", one(result)));
    }
    for remark in &report.remarks {
        page.line(format!("  ! {}: {} ({}) [{}]", remark.place, remark.text_vi, remark.text_en, remark.rule));
    }
    for text in &report.not_checked {
        page.line(format!("  Chưa kiểm tra (not checked): {text}"));
    }
}

fn one(result: &SignatureResult) -> String {
    let what = match result.kind.as_str() {
        "ENVELOPE" => "Bản kê (manifest)".to_owned(),
        "PACKET" => "XML của gói tin (packet)".to_owned(),
        _ => format!("Tệp (file) {} {}", result.file, result.file_name),
    };
    let mut text = format!("{what}: {}", indication(&result.indication));
    let role = [result.agency.as_str(), &result.role, &result.bound_by].join(", ");
    let claimed = time(result.claimed_time.as_ref());
    let proved = time(result.proved_time.as_ref());
    for (label, part) in [
        ("", result.signer.as_str()),
        ("", if result.agency.is_empty() { "" } else { &role }),
        ("khai ký lúc (claimed) ", &claimed),
        ("có trước (proved) ", &proved),
        ("", &result.rule),
    ] {
        if !part.is_empty() {
            text.push_str(" · ");
            text.push_str(label);
            text.push_str(part);
        }
    }
    text
}

fn ruling(text: &str) -> String {
    let vi = match text {
        "ACCEPT" => "nhận",
        "FLAG" => "nhận và ghi nhận",
        "QUARANTINE" => "giữ lại",
        "REFUSE" => "từ chối",
        _ => return text.to_owned(),
    };
    format!("{vi} ({text})")
}
