//! The report on a PDF.

use serde::{Deserialize, Serialize};
use types::{ErrorCode, UnixMillis};

use super::changes::Change;
use crate::reason::Reason;
use crate::report::{Indication, NotChecked, SignatureReport, SubIndication};
use crate::wanted::{Wanted, merge};

/// What was checked in a PDF and what came out. JSON in camelCase, times in RFC 3339.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PdfReport {
    /// Name of the policy.
    pub policy: String,
    /// Version of the trust store.
    pub trust_version: String,
    /// Validation time.
    #[serde(with = "crate::time::text")]
    pub at: UnixMillis,
    /// The verdict on the document: the worst of its signatures, or of the file itself.
    pub indication: Indication,
    /// Its ground, absent when passed.
    pub sub_indication: Option<SubIndication>,
    /// The public code, absent when passed.
    #[serde(with = "crate::report::code")]
    pub reason_code: Option<ErrorCode>,
    /// The rule that was broken, one stable word; absent when passed.
    pub rule: Option<String>,
    /// The verdict in Vietnamese.
    pub explanation_vi: String,
    /// The verdict in English.
    pub explanation_en: String,
    /// One entry per signed field, in the order in which they were made.
    pub signatures: Vec<PdfSignature>,
    /// Kinds of active content found; a policy may take them.
    pub active_content: Vec<String>,
    /// What this check did not look at: never to be read as passed.
    pub not_checked: Vec<NotChecked>,
}

impl PdfReport {
    /// True when there is at least one signature, every one passed, and so did the file.
    #[must_use]
    pub fn is_passed(&self) -> bool {
        self.indication == Indication::TotalPassed && !self.signatures.is_empty()
    }

    /// Takes out what was lacking, each once, for whoever can fetch it.
    #[must_use]
    pub fn take_wanted(&mut self) -> Vec<Wanted> {
        let mut all = Vec::new();
        let signatures = self.signatures.iter_mut().map(|entry| &mut entry.signature);
        signatures.for_each(|signature| merge(&mut all, std::mem::take(&mut signature.wanted)));
        all
    }

    /// Takes the verdict from a reason.
    pub(super) fn refuse(&mut self, reason: &Reason) {
        let facts = reason.facts();
        self.indication = facts.sub.indication();
        self.sub_indication = Some(facts.sub);
        self.reason_code = Some(facts.code);
        self.rule = Some(facts.rule.to_owned());
        self.explanation_vi = facts.vi.to_owned();
        self.explanation_en = reason.to_string();
    }

    /// Takes the verdict from the worst signature: a disproved one before an undecided one, the earliest first.
    pub(super) fn conclude(&mut self) {
        let worst = [Indication::TotalFailed, Indication::Indeterminate].into_iter().find_map(|indication| {
            self.signatures.iter().find(|entry| entry.signature.indication == indication).cloned()
        });
        let Some(PdfSignature { field, signature, .. }) = worst else { return };
        self.indication = signature.indication;
        self.sub_indication = signature.sub_indication;
        self.reason_code = signature.reason_code;
        self.rule = signature.rule;
        self.explanation_vi = format!("{field}: {}", signature.explanation_vi);
        self.explanation_en = format!("{field}: {}", signature.explanation_en);
    }
}

/// What came out for one signature of a PDF.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PdfSignature {
    /// Full name of the signature field.
    pub field: String,
    /// What it covers; absent when that could not be told.
    pub coverage: Option<Coverage>,
    /// Bytes from the file's start to the end of what it covers, its own value aside.
    pub covered_bytes: Option<u64>,
    /// What was appended after it and may be, with words.
    pub changes: Vec<ChangeReport>,
    /// The verdict.
    #[serde(flatten)]
    pub signature: SignatureReport,
}

/// What a signature covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Coverage {
    /// Everything but its own value.
    EntireFile,
    /// A revision of the file, to which others were appended.
    EntireRevision,
}

/// One change with its words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangeReport {
    /// What.
    #[serde(flatten)]
    pub change: Change,
    /// In Vietnamese.
    pub vi: String,
    /// In English.
    pub en: String,
}

impl ChangeReport {
    pub(super) fn of(change: Change) -> Self {
        Self { vi: change.vi(), en: change.en(), change }
    }
}
