//! `verify`: the signatures of a document, checked on this machine.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use signature::{
    ActiveContent, Certificate, Coverage, Indication, PdfOptions, PdfReport, PdfSignature, Policy, TrustStore,
    verify_pdf,
};
use types::{ErrorCode, UnixMillis};

use super::now;
use crate::failure::Failure;
use crate::files::read_small;
use crate::output::{Output, Page, indication, time};

/// Options of `verify`.
#[derive(Args)]
pub(crate) struct VerifyArgs {
    /// Tệp PDF (the document)
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// CA tin cậy: tệp hoặc thư mục PEM, DER; lặp lại được (trust anchors, a file or a folder)
    #[arg(long, value_name = "FILE|DIR", required = true)]
    trust: Vec<PathBuf>,
    /// CA trung gian: tệp hoặc thư mục (intermediates, a file or a folder)
    #[arg(long, value_name = "FILE|DIR")]
    intermediates: Vec<PathBuf>,
    /// Thời điểm kiểm tra, RFC 3339; mặc định là bây giờ (validation time; now without it)
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
    /// PDF có mã lệnh hoặc lệnh chạy chương trình thì làm gì (what to do with JavaScript and launched programs)
    #[arg(long, value_enum, default_value = "refuse")]
    active_content: ActiveContentChoice,
}

/// What to do with active content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ActiveContentChoice {
    /// Không đạt (the document does not pass)
    Refuse,
    /// Chỉ ghi nhận (the report says so)
    Note,
}

/// Bytes of a file of certificates: the country's CAs fit many times.
const CERTIFICATES_BYTES_MAX: u64 = 8 * 1024 * 1024;
/// Endings of certificate files in a folder.
const CERTIFICATE_ENDINGS: [&str; 4] = ["pem", "crt", "cer", "der"];

pub(crate) fn run(args: &VerifyArgs, output: &mut Output) -> Result<(), Failure> {
    let active_content = match args.active_content {
        ActiveContentChoice::Refuse => ActiveContent::Refused,
        ActiveContentChoice::Note => ActiveContent::Noted,
    };
    let options = PdfOptions { active_content, ..PdfOptions::strict() };
    let bytes = read_small(&args.file, u64::try_from(options.limits.bytes_max).unwrap_or(u64::MAX))?;
    if !bytes.starts_with(b"%PDF-") {
        return Err(Failure::file(
            &args.file,
            "không phải PDF; gói tin thì dùng `packet validate` (not a PDF; for packets: packet validate)",
        ));
    }
    let anchors = certificates(&args.trust)?;
    if anchors.is_empty() {
        return Err(Failure::usage("--trust không có chứng thư nào (no certificate in --trust)"));
    }
    let trust = TrustStore::new(anchors, certificates(&args.intermediates)?);
    let at = args.at.map_or_else(|| Ok(now()), millis)?;
    let report = verify_pdf(&bytes, &trust, &Policy::envelope(), &options, at);
    output.show(&report, show)?;
    if report.is_passed() {
        return Ok(());
    }
    Err(Failure::Unverified {
        code: report.reason_code.unwrap_or(ErrorCode::SignatureInvalid),
        detail: format!("{} ({})", report.explanation_vi, report.explanation_en),
    })
}

fn millis(at: Timestamp) -> Result<UnixMillis, Failure> {
    let millis = u64::try_from(at.as_millisecond());
    millis.map(UnixMillis::new).map_err(|_| Failure::usage("--at trước năm 1970 (before 1970)"))
}

/// The certificates of files, and of every certificate file of folders.
fn certificates(paths: &[PathBuf]) -> Result<Vec<Certificate>, Failure> {
    let mut found = Vec::new();
    for path in paths {
        for file in files(path)? {
            let bytes = read_small(&file, CERTIFICATES_BYTES_MAX)?;
            found.append(&mut Certificate::parse_all(&bytes).map_err(|error| Failure::file(&file, error))?);
        }
    }
    Ok(found)
}

fn files(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path).map_err(|error| Failure::file(path, error))? {
        let file = entry.map_err(|error| Failure::file(path, error))?.path();
        let ending = file.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
        // A folder of a PKI holds keys beside its certificates.
        let is_key = file.file_stem().and_then(|stem| stem.to_str()).is_some_and(|stem| stem.ends_with(".key"));
        if file.is_file() && !is_key && CERTIFICATE_ENDINGS.contains(&ending.as_str()) {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}

fn show(report: &PdfReport, page: &mut Page) {
    page.facts([
        ("Kết luận (verdict)", verdict(report.indication)),
        ("Vì (because)", because(report.rule.as_deref(), &report.explanation_vi, &report.explanation_en)),
        ("Lúc (as of)", local(report.at)),
        ("Nội dung động (active content)", report.active_content.join(", ")),
    ]);
    for (number, entry) in report.signatures.iter().enumerate() {
        page.line("");
        page.line(format!("Chữ ký {} (signature): {}", number + 1, entry.field));
        show_signature(entry, page);
    }
    page.line("");
    for one in &report.not_checked {
        page.line(format!("Chưa kiểm tra: {} ({})", one.why_vi, one.why_en));
    }
}

fn show_signature(entry: &PdfSignature, page: &mut Page) {
    let signature = &entry.signature;
    let signer = signature.signer.as_ref();
    let coverage = match entry.coverage {
        Some(Coverage::EntireFile) => "toàn bộ tệp (the entire file)",
        Some(Coverage::EntireRevision) => "một phiên bản của tệp (a revision of the file)",
        None => "",
    };
    let changes: Vec<String> = entry.changes.iter().map(|change| format!("{} ({})", change.vi, change.en)).collect();
    page.facts([
        ("  Kết quả (result)", verdict(signature.indication)),
        ("  Vì (because)", because(signature.rule.as_deref(), &signature.explanation_vi, &signature.explanation_en)),
        ("  Người ký (signer)", signer.map(|signer| signer.subject.clone()).unwrap_or_default()),
        ("  Nơi cấp (issuer)", signer.map(|signer| signer.issuer.clone()).unwrap_or_default()),
        ("  Số chứng thư (serial)", signer.map(|signer| signer.serial.clone()).unwrap_or_default()),
        ("  Hạn chứng thư (validity)", signer.map(validity).unwrap_or_default()),
        ("  Thuật toán (algorithm)", signature.algorithm.map(|one| one.as_str().to_owned()).unwrap_or_default()),
        ("  Khai ký lúc (claimed)", signature.claimed_time.map(local).unwrap_or_default()),
        ("  Có trước (proved)", signature.proved_time.map(local).unwrap_or_default()),
        ("  Phạm vi (covers)", coverage.to_owned()),
        ("  Sau đó (afterwards)", changes.join("; ")),
    ]);
}

fn validity(signer: &signature::Signatory) -> String {
    format!("{} – {}", local(signer.not_before), local(signer.not_after))
}

fn verdict(found: Indication) -> String {
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

#[cfg(test)]
mod tests;
