//! Policies and trials for people.

use serde::Serialize;
use signature::ruling::{Demand, Demands, FileOutcome, NamedPolicy, OnFailure, OnUndecided, Rules, Ruling, SignedBy};
use signature::{Indication, Policy};

use super::trial::{Trial, Tried};
use crate::output::{Page, bound_by as bound_text, indication, role as role_text};

/// A policy as `policy show` prints it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Shown<'a> {
    name: &'static str,
    rules: &'a Rules,
    signatures: &'a Policy,
}

impl<'a> Shown<'a> {
    pub(super) const fn of(named: &'a NamedPolicy) -> Self {
        Self { name: named.name.as_str(), rules: &named.rules, signatures: &named.signatures }
    }

    pub(super) fn show(&self, page: &mut Page) {
        let rules = self.rules;
        let indeterminate = match rules.indeterminate {
            OnUndecided::Accept => "accept",
            OnUndecided::Flag => "flag",
            OnUndecided::Quarantine => "quarantine",
            OnUndecided::Refuse => "refuse",
        };
        let failed = match rules.failed {
            OnFailure::Refuse => "refuse",
            OnFailure::Flag => "flag",
        };
        let signed_by = match rules.signed_by {
            SignedBy::Sender => "sender",
            SignedBy::SenderOrParent => "sender_or_parent",
        };
        page.facts([("Chính sách (policy)", self.name.to_owned())]);
        page.line("");
        page.table(["Yêu cầu (asked)", "Mức (how much)"], demands(&rules.demands));
        for exception in &rules.exceptions {
            let levels: Vec<&str> = exception.levels.iter().map(|level| level.as_str()).collect();
            let types: Vec<String> = exception.document_types.iter().map(ToString::to_string).collect();
            let changed = rules.demands.with(&exception.demands);
            page.line("");
            page.line(format!("Ngoại lệ (exception): {} {}", levels.join(", "), types.join(", ")));
            page.table(["Yêu cầu (asked)", "Mức (how much)"], demands(&changed));
        }
        page.line("");
        let policy = self.signatures;
        let algorithms: Vec<&str> = policy.algorithms.iter().map(|algorithm| algorithm.as_str()).collect();
        page.facts([
            ("indeterminate", indeterminate.to_owned()),
            ("failed", failed.to_owned()),
            ("signed_by", signed_by.to_owned()),
            ("revocation", format!("{:?}", policy.revocation).to_lowercase()),
            ("rsa_bits_min", policy.rsa_bits_min.to_string()),
            ("clock_tolerance", format!("{}s", policy.clock_tolerance.as_secs())),
            ("algorithms", algorithms.join(", ")),
            ("anchors", policy.anchors.iter().map(|rule| rule.anchor.to_string()).collect::<Vec<_>>().join(", ")),
        ]);
    }
}

fn demands(demands: &Demands) -> Vec<[String; 2]> {
    let all = [
        ("envelope: bản kê ký số (signed manifest)", demands.envelope),
        ("envelope_signer: người ký gắn với nơi gửi (its signer bound to the sender)", demands.envelope_signer),
        ("packet: chữ ký XML trên toàn gói (XML signature over all)", demands.packet),
        ("leader: người có thẩm quyền (the leader)", demands.leader),
        ("seal: dấu cơ quan (the agency's seal)", demands.seal),
        ("attachment_seal: dấu trên tệp kèm theo (seal on further PDFs)", demands.attachment_seal),
        ("attachment_pdf: tệp kèm theo là PDF (further files are PDFs)", demands.attachment_pdf),
    ];
    let word = |demand: Demand| match demand {
        Demand::Required => "required: từ chối khi thiếu (refused without)",
        Demand::Expected => "expected: ghi nhận khi thiếu (flagged without)",
        Demand::Optional => "optional: không đòi hỏi (not asked for)",
    };
    all.map(|(name, demand)| [name.to_owned(), word(demand).to_owned()]).to_vec()
}

pub(super) fn trial(trial: &Trial, page: &mut Page) {
    page.facts([("Chính sách (policy)", trial.policy.clone())]);
    for document in &trial.documents {
        page.line("");
        show(document, page);
    }
}

fn show(document: &Tried, page: &mut Page) {
    let names: Vec<String> = document.files.iter().map(|file| file.display().to_string()).collect();
    let decided = document.judgement.decisive().map(|remark| remark.rule.clone()).unwrap_or_default();
    page.facts([
        ("Văn bản (document)", names.join(", ")),
        ("Nơi gửi (sender)", format!("{} ({})", document.sender, document.level)),
        ("Quyết định (ruling)", ruling(document.judgement.ruling).to_owned()),
        ("Quy tắc (decided by)", decided),
    ]);
    for remark in &document.judgement.remarks {
        page.line(format!(
            "  {} {}: {} ({}) [{}, {}]",
            ruling(remark.ruling),
            remark.place,
            remark.vi,
            remark.en,
            remark.code,
            remark.rule
        ));
    }
    for signed in &document.signatures {
        let who = match (&signed.agency, signed.role, signed.bound_by) {
            (Some(agency), Some(role), Some(bound_by)) => {
                format!("{agency}, {}, {}", role_text(role), bound_text(bound_by))
            }
            _ if signed.indication != Indication::TotalPassed => {
                "chưa xét: chữ ký chưa hợp lệ (not said of a signature that did not pass)".to_owned()
            }
            _ => "không gắn với cơ quan nào (bound to no agency)".to_owned(),
        };
        page.line("");
        page.line(format!("Chữ ký (signature): {}", signed.place));
        page.facts([
            ("  Kết quả (result)", indication(word(signed.indication))),
            ("  Vì (because)", because(signed.rule.as_deref(), &signed.explanation_vi, &signed.explanation_en)),
            ("  Người ký (signer)", signed.signer.clone()),
            ("  Nhân danh (on behalf of)", who),
        ]);
    }
    for file in &document.findings.files {
        match &file.outcome {
            FileOutcome::Pdf(report) if report.signatures.is_empty() => {
                page.line(format!("{}: {} ({})", file.name, report.explanation_vi, report.explanation_en));
            }
            FileOutcome::NotPdf => page.line(format!("{}: không phải PDF (not a PDF)", file.name)),
            FileOutcome::Unexamined(why) => page.line(format!("{}: {} ({})", file.name, why.vi(), why.en())),
            FileOutcome::Pdf(_) => {}
        }
    }
}

fn because(rule: Option<&str>, vi: &str, en: &str) -> String {
    rule.map(|rule| format!("{vi} ({en}) [{rule}]")).unwrap_or_default()
}

const fn word(found: signature::Indication) -> &'static str {
    match found {
        signature::Indication::TotalPassed => "TOTAL_PASSED",
        signature::Indication::Indeterminate => "INDETERMINATE",
        signature::Indication::TotalFailed => "TOTAL_FAILED",
    }
}

const fn ruling(ruling: Ruling) -> &'static str {
    match ruling {
        Ruling::Accept => "Nhận (accept)",
        Ruling::Flag => "Nhận và ghi nhận (flag)",
        Ruling::Quarantine => "Giữ lại (quarantine)",
        Ruling::Refuse => "Từ chối (refuse)",
    }
}
