//! The report for people.

use signature::{
    Coverage, Indication, NotChecked, PdfReport, PdfSignature, RevocationState, RevocationStatus, Signatory,
    SignatureReport, TimestampReport,
};
use types::UnixMillis;

use super::report::{Covered, Finding, Part, PartKind, Verified};
use crate::output::{Page, event, indication, time};

pub(super) fn verified(verified: &Verified, page: &mut Page) {
    let verdict = &verified.verdict;
    page.facts([
        ("Tệp (file)", verified.file.clone()),
        ("Kết luận (verdict)", verdict_text(verdict.indication)),
        ("Vì (because)", because(verdict.rule.as_deref(), &verdict.explanation_vi, &verdict.explanation_en)),
        ("Lúc (as of)", verified.at.parse().map(local_stamp).unwrap_or_default()),
    ]);
    let mut unchecked: Vec<&NotChecked> = Vec::new();
    for part in &verified.parts {
        page.line("");
        if part.part != PartKind::File {
            page.line(part.title());
        }
        show_part(part, page);
        unchecked.extend(part.not_checked());
    }
    unchecked.sort_by_key(|entry| &entry.why_vi);
    unchecked.dedup();
    if !unchecked.is_empty() {
        page.line("");
    }
    for one in verified.not_obtained.iter().flatten() {
        page.line(format!("Chưa lấy được (not obtained): {}: {}", one.subject, one.why));
    }
    for one in unchecked {
        page.line(format!("- {} ({})", one.why_vi, one.why_en));
    }
}

impl Part {
    fn not_checked(&self) -> &[NotChecked] {
        match &self.finding {
            Finding::Signatures(report) => &report.not_checked,
            Finding::Pdf(report) => &report.not_checked,
            Finding::Receipt(_) | Finding::NotPdf | Finding::Unreadable { .. } => &[],
        }
    }
}

fn show_part(part: &Part, page: &mut Page) {
    let covered = match part.covered {
        Some(Covered::ByEnvelope) => "chữ ký tách rời của gói tin (the packet's detached signature)",
        Some(Covered::ByPacketXml) => "chữ ký XML của gói tin (the packet's XML signature)",
        None => "",
    };
    let content = if part.part == PartKind::File { part.name.clone() } else { String::new() };
    page.facts([
        ("  Nội dung được ký (content)", content),
        ("  Không khớp (mismatch)", part.mismatch.clone().unwrap_or_default()),
        ("  Được bao trùm bởi (covered by)", covered.to_owned()),
    ]);
    if let Some(receipt) = &part.receipt {
        page.facts([
            ("  Sự kiện (event)", format!("{} — {}", receipt.event, event(receipt.event))),
            ("  Nút (node)", receipt.node.clone()),
            ("  Lúc (at)", receipt.at.parse().map(local_stamp).unwrap_or_default()),
            ("  Mã trao đổi (exchange)", receipt.exchange.clone()),
            ("  Mã văn bản (document id)", receipt.document_id.clone()),
            ("  SHA-256 gói tin (of the packet)", receipt.content_sha256.clone().unwrap_or_default()),
        ]);
    }
    match &part.finding {
        Finding::Signatures(report) => {
            for (number, signature) in report.signatures.iter().enumerate() {
                page.line(format!("Chữ ký {} (signature)", number + 1));
                show_signature(signature, &signature.covers.join(", "), "", page);
            }
            if report.signatures.is_empty() {
                page.line("  Không có chữ ký (no signature)");
            }
        }
        Finding::Receipt(signature) => show_signature(signature, "", "", page),
        Finding::Pdf(report) => show_pdf(report, page),
        Finding::NotPdf => page.line("  Không phải PDF (not a PDF)"),
        Finding::Unreadable { code, why } => page.line(format!("  Không đọc được (unreadable): {why} [{code}]")),
    }
}

fn show_pdf(report: &PdfReport, page: &mut Page) {
    page.facts([
        ("  Tài liệu (document)", verdict_text(report.indication)),
        ("  Vì (because)", because(report.rule.as_deref(), &report.explanation_vi, &report.explanation_en)),
        ("  Nội dung động (active content)", report.active_content.join(", ")),
    ]);
    for (number, entry) in report.signatures.iter().enumerate() {
        page.line("");
        page.line(format!("Chữ ký {} (signature): {}", number + 1, entry.field));
        show_signature(&entry.signature, coverage(entry), &changes(entry), page);
    }
}

fn coverage(entry: &PdfSignature) -> &'static str {
    match entry.coverage {
        Some(Coverage::EntireFile) => "toàn bộ tệp (the entire file)",
        Some(Coverage::EntireRevision) => "một phiên bản của tệp (a revision of the file)",
        None => "",
    }
}

fn changes(entry: &PdfSignature) -> String {
    let changes = entry.changes.iter().map(|change| format!("{} ({})", change.vi, change.en));
    changes.collect::<Vec<_>>().join("; ")
}

fn show_signature(signature: &SignatureReport, covers: &str, afterwards: &str, page: &mut Page) {
    let signer = signature.signer.as_ref();
    page.facts([
        ("  Kết quả (result)", verdict_text(signature.indication)),
        ("  Vì (because)", because(signature.rule.as_deref(), &signature.explanation_vi, &signature.explanation_en)),
        ("  Người ký (signer)", signer.map(|signer| signer.subject.clone()).unwrap_or_default()),
        ("  Nơi cấp (issuer)", signer.map(|signer| signer.issuer.clone()).unwrap_or_default()),
        ("  Số chứng thư (serial)", signer.map(|signer| signer.serial.clone()).unwrap_or_default()),
        ("  Hạn chứng thư (validity)", signer.map(validity).unwrap_or_default()),
        ("  Thuật toán (algorithm)", signature.algorithm.map(|one| one.as_str().to_owned()).unwrap_or_default()),
        ("  Khai ký lúc (claimed)", signature.claimed_time.map(local).unwrap_or_default()),
        ("  Có trước (proved)", signature.proved_time.map(local).unwrap_or_default()),
        ("  Phạm vi (covers)", covers.to_owned()),
        ("  Sau đó (afterwards)", afterwards.to_owned()),
    ]);
    page.facts(signature.revocation.iter().map(|status| ("  Thu hồi (revocation)", revocation(status))));
    page.facts(signature.timestamps.iter().map(|stamp| ("  Dấu thời gian (time-stamp)", timestamp(stamp))));
}

fn revocation(status: &RevocationStatus) -> String {
    let until = status.next_update.map(|until| format!(", đến {} (until)", local(until))).unwrap_or_default();
    let source = status.source_issuer.as_deref().map(|issuer| format!(" — {issuer}")).unwrap_or_default();
    let state = match (status.state, status.revoked_at) {
        (RevocationState::Good, _) => "còn hiệu lực (good)".to_owned(),
        (RevocationState::Revoked, Some(at)) => format!("ĐÃ THU HỒI lúc {} (revoked)", local(at)),
        (RevocationState::Revoked, None) => "ĐÃ THU HỒI (revoked)".to_owned(),
        (RevocationState::Unknown, _) => {
            format!("chưa biết (unknown): {}", status.why.as_deref().unwrap_or_default())
        }
    };
    format!("{}: {state}{source}{until}", status.subject)
}

fn timestamp(stamp: &TimestampReport) -> String {
    let time = stamp.time.map(local).unwrap_or_default();
    let authority = stamp.authority.as_ref().map(|one| format!(" — {}", one.subject)).unwrap_or_default();
    let because = because(stamp.rule.as_deref(), &stamp.explanation_vi, &stamp.explanation_en);
    let because = if because.is_empty() { because } else { format!(": {because}") };
    format!("{time} {}{authority}{because}", verdict_text(stamp.indication))
}

fn validity(signer: &Signatory) -> String {
    format!("{} – {}", local(signer.not_before), local(signer.not_after))
}

fn verdict_text(found: Indication) -> String {
    let name = match found {
        Indication::TotalPassed => "TOTAL_PASSED",
        Indication::Indeterminate => "INDETERMINATE",
        Indication::TotalFailed => "TOTAL_FAILED",
    };
    indication(name)
}

fn because(rule: Option<&str>, vi: &str, en: &str) -> String {
    rule.map(|rule| format!("{vi} ({en}) [{rule}]")).unwrap_or_default()
}

fn local(at: UnixMillis) -> String {
    let seconds = i64::try_from(at.as_seconds()).unwrap_or(i64::MAX);
    time(Some(&pbjson_types::Timestamp { seconds, nanos: 0 }))
}

fn local_stamp(at: jiff::Timestamp) -> String {
    time(Some(&pbjson_types::Timestamp { seconds: at.as_second(), nanos: 0 }))
}
