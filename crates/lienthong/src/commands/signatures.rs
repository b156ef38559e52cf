//! A node's report on the signatures of a document, for people.

use wire::types_v1::{RevocationResult, SignatureReport, SignatureResult, TimestampResult};

use crate::output::{Page, bound_by, indication, person, revocation, role, time};

/// What the policy decided, one line a signature with what hangs on it, and what was not checked.
pub(crate) fn show(report: &SignatureReport, page: &mut Page) {
    page.facts([
        ("Chữ ký, theo chính sách (signatures, policy)", report.policy.clone()),
        ("Kiểm tra lúc (checked as of)", time(report.at.as_ref())),
        ("Quyết định (ruling)", ruling(&report.ruling)),
    ]);
    if report.signatures.is_empty() {
        page.line("  Không có chữ ký số (no signature)");
    }
    for result in &report.signatures {
        page.line(format!("  {}", one(result)));
        // What the policy remarks on is said below, in the same words.
        if !result.code.is_empty() && report.remarks.iter().all(|remark| remark.code != result.code) {
            page.line(format!("    {}: {} ({})", result.code, result.explanation_vi, result.explanation_en));
        }
        result.changes_after.iter().for_each(|change| page.line(format!("    sau khi ký (after signing): {change}")));
        revocations(&result.revocation, "    ", page);
        for stamp in &result.timestamps {
            page.line(format!("    {}", stamp_line(stamp)));
            revocations(&stamp.revocation, "      ", page);
        }
    }
    for remark in &report.remarks {
        page.line(format!("  ! {}: {} ({}) [{}]", place(&remark.place), remark.text_vi, remark.text_en, remark.rule));
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
    let signer = person(&result.signer);
    let capacity = [result.agency.as_str(), role(&result.role), bound_by(&result.bound_by)].join(", ");
    let claimed = time(result.claimed_time.as_ref());
    let proved = time(result.proved_time.as_ref());
    for (label, part) in [
        ("", signer.as_str()),
        ("", if result.agency.is_empty() { "" } else { &capacity }),
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

/// One line for the certificates that are good, and one for each of the others.
fn revocations(statuses: &[RevocationResult], indent: &str, page: &mut Page) {
    let (good, others): (Vec<_>, Vec<_>) = statuses.iter().partition(|status| status.state == "GOOD");
    if let Some(oldest) = good.iter().min_by_key(|status| status.this_update.as_ref().map(|at| (at.seconds, at.nanos)))
    {
        let mut sources: Vec<&str> = good.iter().map(|status| status.source.as_str()).collect();
        sources.sort_unstable();
        sources.dedup();
        page.line(format!(
            "{indent}Thu hồi (revocation): {} chứng thư {} · {} · dữ liệu từ (data since) {}",
            good.len(),
            revocation("GOOD"),
            sources.join(", "),
            time(oldest.this_update.as_ref())
        ));
    }
    others.iter().for_each(|status| page.line(format!("{indent}{}", status_line(status))));
}

/// `Chứng thư (certificate) NAME: chưa bị thu hồi (good) · OCSP …`.
fn status_line(status: &RevocationResult) -> String {
    let mut text = format!("Chứng thư (certificate) {}: {}", person(&status.subject), revocation(&status.state));
    for (label, part) in [
        ("", status.source.clone()),
        ("từ (since) ", time(status.revoked_at.as_ref())),
        ("dữ liệu lúc (data of) ", time(status.this_update.as_ref())),
    ] {
        if !part.is_empty() {
            text.push_str(" · ");
            text.push_str(label);
            text.push_str(&part);
        }
    }
    text
}

fn stamp_line(stamp: &TimestampResult) -> String {
    let over = match stamp.kind.as_str() {
        "SIGNATURE" => "trên chữ ký (over the signature)",
        "CONTENT" => "trên nội dung (over the content)",
        "ARCHIVE" => "lưu trữ (archive)",
        "DATA" => "trên dữ liệu (over data)",
        other => other,
    };
    let mut text = format!("Dấu thời gian (time-stamp) {over}: {}", indication(&stamp.indication));
    for part in [time(stamp.time.as_ref()), person(&stamp.authority), stamp.rule.clone()] {
        if !part.is_empty() {
            text.push_str(" · ");
            text.push_str(&part);
        }
    }
    text
}

/// Places of remarks as people name them.
fn place(text: &str) -> String {
    match text {
        "envelope" => "bản kê (manifest)".to_owned(),
        "packet" => "gói tin (packet)".to_owned(),
        "document" => "văn bản (document)".to_owned(),
        other => other.to_owned(),
    }
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
