//! What came out for a whole file: its parts, and the verdict over them.

use std::path::Path;

use serde::Serialize;
use signature::{Indication, PdfReport, Report, SignatureReport, SubIndication, Wanted};
use types::ErrorCode;
use validation_data::Missing;

use super::desk::Desk;
use super::kind::FileKind;
use crate::failure::Failure;

/// The report on a file.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Verified {
    pub(super) file: String,
    pub(super) kind: FileKind,
    /// Validation time, RFC 3339.
    pub(super) at: String,
    pub(super) policy: String,
    pub(super) trust_version: String,
    #[serde(flatten)]
    pub(super) verdict: Verdict,
    pub(super) parts: Vec<Part>,
    /// What was asked for and could not be had; absent when nobody was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) not_obtained: Option<Vec<NotObtained>>,
}

/// Something that was asked for and could not be had.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NotObtained {
    /// Subject of the certificate whose status or issuer was wanted.
    pub(super) subject: String,
    /// Why, in English.
    pub(super) why: String,
}

/// The worst of all parts: a disproved signature before an undecided one, then what no signature covers.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Verdict {
    pub(super) indication: Indication,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sub_indication: Option<SubIndication>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rule: Option<String>,
    pub(super) explanation_vi: String,
    pub(super) explanation_en: String,
    #[serde(skip)]
    code: Option<ErrorCode>,
}

/// One part of a file.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Part {
    pub(super) part: PartKind,
    /// Of an attachment: its place in the packet, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) index: Option<usize>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) name: String,
    /// Of an attachment: the signature of the packet that covers it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) covered: Option<Covered>,
    /// What was signed is not what was handed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) mismatch: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) receipt: Option<ReceiptFacts>,
    #[serde(flatten)]
    pub(super) finding: Finding,
}

/// What a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum PartKind {
    /// The file itself.
    File,
    /// The detached signature of a packet.
    Envelope,
    /// The XML signatures in a packet.
    PacketXml,
    /// An attachment of a packet.
    Attachment,
    /// A receipt.
    Receipt,
}

/// The signature of a packet that covers all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Covered {
    ByEnvelope,
    ByPacketXml,
}

/// What a receipt says.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReceiptFacts {
    pub(super) event: &'static str,
    pub(super) node: String,
    pub(super) at: String,
    pub(super) exchange: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) document_id: String,
    /// SHA-256 of the packet that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) content_sha256: Option<String>,
}

/// What was found in a part.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Finding {
    /// Signatures over the part.
    #[serde(rename = "report")]
    Signatures(Report),
    /// A PDF with what it holds.
    Pdf(Box<PdfReport>),
    /// The signature of a receipt.
    #[serde(rename = "signature")]
    Receipt(Box<SignatureReport>),
    /// No PDF: only a signature of the packet could cover it.
    NotPdf,
    /// It could not be read.
    Unreadable {
        /// The public code.
        code: String,
        /// Why.
        why: String,
    },
}

impl Part {
    pub(super) fn new(part: PartKind, finding: Finding) -> Self {
        Self { part, index: None, name: String::new(), covered: None, mismatch: None, receipt: None, finding }
    }

    pub(super) fn attachment(index: usize, name: String, finding: Finding) -> Self {
        Self { index: Some(index), name, ..Self::new(PartKind::Attachment, finding) }
    }

    /// Every signature found in it.
    fn signatures(&self) -> Vec<&SignatureReport> {
        match &self.finding {
            Finding::Signatures(report) => report.signatures.iter().collect(),
            Finding::Pdf(report) => report.signatures.iter().map(|entry| &entry.signature).collect(),
            Finding::Receipt(signature) => vec![signature.as_ref()],
            Finding::NotPdf | Finding::Unreadable { .. } => Vec::new(),
        }
    }

    /// What its checks lacked.
    pub(super) fn wanted(&self) -> impl Iterator<Item = &Wanted> {
        self.signatures().into_iter().flat_map(|signature| &signature.wanted)
    }

    /// What is wrong with it, if anything.
    fn fault(&self) -> Option<Verdict> {
        if let Some(mismatch) = &self.mismatch {
            let vi = "Nội dung không phải là nội dung đã ký";
            return Some(Verdict::of(SubIndication::HashFailure, ErrorCode::ManifestMismatch, vi, mismatch));
        }
        match &self.finding {
            Finding::Signatures(report) => {
                report.signatures.iter().rev().filter_map(Verdict::of_signature).max_by_key(Verdict::rank)
            }
            Finding::Receipt(signature) => Verdict::of_signature(signature),
            // A PDF without a signature is no fault of its own where the packet's signature covers it.
            Finding::Pdf(report) if report.signatures.is_empty() && is_unsigned(report) => self.uncovered(),
            Finding::Pdf(report) => Verdict::of_pdf(report),
            Finding::NotPdf => self.uncovered(),
            Finding::Unreadable { why, .. } => {
                let vi = "Không đọc được";
                Some(Verdict::of(SubIndication::FormatFailure, ErrorCode::SignatureMalformed, vi, why))
            }
        }
    }

    fn uncovered(&self) -> Option<Verdict> {
        let is_covered = self.covered.is_some();
        let vi = "Không có chữ ký số nào bao trùm tệp này";
        let en = "no signature covers this file";
        (!is_covered).then(|| Verdict::of(SubIndication::SignedDataNotFound, ErrorCode::SignatureMissing, vi, en))
    }

    /// How the part is named to people.
    pub(super) fn title(&self) -> String {
        match self.part {
            PartKind::File => "Tệp (the file)".to_owned(),
            PartKind::Envelope => "Chữ ký tách rời của gói tin (the packet's detached signature)".to_owned(),
            PartKind::PacketXml => "Chữ ký XML trong gói tin (XML signatures in the packet)".to_owned(),
            PartKind::Attachment => {
                format!("Tệp đính kèm {} (attachment): {}", self.index.unwrap_or_default(), self.name)
            }
            PartKind::Receipt => "Biên nhận (receipt)".to_owned(),
        }
    }
}

/// The PDF is in order and has no signature.
fn is_unsigned(report: &PdfReport) -> bool {
    report.reason_code == Some(ErrorCode::SignatureMissing)
}

impl Verdict {
    /// The worse, the higher.
    fn rank(&self) -> u8 {
        match self.indication {
            Indication::TotalFailed => 2,
            Indication::Indeterminate => 1,
            Indication::TotalPassed => 0,
        }
    }

    fn of(sub: SubIndication, code: ErrorCode, vi: &str, en: &str) -> Self {
        Self {
            indication: sub.indication(),
            sub_indication: Some(sub),
            reason_code: Some(code.to_string()),
            rule: None,
            explanation_vi: vi.to_owned(),
            explanation_en: en.to_owned(),
            code: Some(code),
        }
    }

    fn of_signature(signature: &SignatureReport) -> Option<Self> {
        let code = signature.reason_code;
        (!signature.is_passed()).then(|| Self {
            indication: signature.indication,
            sub_indication: signature.sub_indication,
            reason_code: code.map(|code| code.to_string()),
            rule: signature.rule.clone(),
            explanation_vi: signature.explanation_vi.clone(),
            explanation_en: signature.explanation_en.clone(),
            code,
        })
    }

    fn of_pdf(report: &PdfReport) -> Option<Self> {
        (!report.is_passed()).then(|| Self {
            indication: report.indication,
            sub_indication: report.sub_indication,
            reason_code: report.reason_code.map(|code| code.to_string()),
            rule: report.rule.clone(),
            explanation_vi: report.explanation_vi.clone(),
            explanation_en: report.explanation_en.clone(),
            code: report.reason_code,
        })
    }

    fn passed() -> Self {
        Self {
            indication: Indication::TotalPassed,
            sub_indication: None,
            reason_code: None,
            rule: None,
            explanation_vi: "Mọi chữ ký số hợp lệ theo các bước đã kiểm tra".to_owned(),
            explanation_en: "every signature is valid, as far as it was checked".to_owned(),
            code: None,
        }
    }
}

impl Verified {
    pub(super) fn new(
        file: &Path,
        kind: FileKind,
        desk: &Desk,
        parts: Vec<Part>,
        missing: Option<Vec<Missing>>,
    ) -> Self {
        let signatures = parts.iter().any(has_signature);
        let nothing = || {
            let (vi, en) = ("Không có chữ ký số nào", "there is no signature");
            Verdict::of(SubIndication::SignedDataNotFound, ErrorCode::SignatureMissing, vi, en)
        };
        // Of equals the first: parts stand in the order in which a reader meets them.
        let worst = parts.iter().rev().filter_map(Part::fault).max_by_key(Verdict::rank);
        let verdict = if signatures { worst.unwrap_or_else(Verdict::passed) } else { nothing() };
        let at = jiff::Timestamp::from_millisecond(i64::try_from(desk.at.as_millis()).unwrap_or(i64::MAX));
        Self {
            file: file.display().to_string(),
            kind,
            at: at.map(|at| at.to_string()).unwrap_or_default(),
            policy: desk.policy.name.clone(),
            trust_version: desk.trust.version().to_owned(),
            verdict,
            parts,
            not_obtained: missing.map(|all| {
                let one = |Missing { subject, why }| NotObtained { subject, why };
                all.into_iter().map(one).collect()
            }),
        }
    }

    /// Success only for `TOTAL_PASSED`.
    pub(super) fn outcome(&self) -> Result<(), Failure> {
        let Verdict { indication, code, explanation_vi, explanation_en, .. } = &self.verdict;
        let detail = format!("{explanation_vi} ({explanation_en})");
        let code = code.unwrap_or(ErrorCode::SignatureInvalid);
        match indication {
            Indication::TotalPassed => Ok(()),
            Indication::TotalFailed => Err(Failure::Unverified { code, detail }),
            Indication::Indeterminate => Err(Failure::Undecided { code, detail }),
        }
    }
}

fn has_signature(part: &Part) -> bool {
    match &part.finding {
        Finding::Signatures(report) => !report.signatures.is_empty(),
        // A PDF that cannot be read could have any number.
        Finding::Pdf(report) => !is_unsigned(report),
        Finding::Receipt(_) | Finding::Unreadable { .. } => true,
        Finding::NotPdf => false,
    }
}
