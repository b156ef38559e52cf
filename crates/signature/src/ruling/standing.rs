//! How one signature stands, and what the rules make of it.

use super::demands::{OnFailure, OnUndecided, Rules};
use super::remark::Ruling;
use crate::pdf::PdfReport;
use crate::report::{Indication, SignatureReport, SubIndication};

/// Rules that speak of a file before any signature in it could be looked at.
const UNREAD: [&str; 4] = ["pdf_too_large", "pdf_malformed", "pdf_encrypted", "pdf_xfa"];

/// How one signature, or one file, stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standing {
    Passed,
    /// Undecided, and data that may still come can settle it.
    Waiting,
    Undecided,
    Failed,
}

impl Standing {
    pub(super) fn of(indication: Indication, sub: Option<SubIndication>) -> Self {
        match (indication, sub) {
            (Indication::TotalPassed, _) => Self::Passed,
            (Indication::TotalFailed, _)
            | (Indication::Indeterminate, Some(SubIndication::RevokedNoPoe | SubIndication::RevokedCaNoPoe)) => {
                Self::Failed
            }
            (Indication::Indeterminate, Some(SubIndication::TryLater)) => Self::Waiting,
            (Indication::Indeterminate, _) => Self::Undecided,
        }
    }

    pub(super) fn of_signature(signature: &SignatureReport) -> Self {
        Self::of(signature.indication, signature.sub_indication)
    }

    /// What holds for a PDF as a whole. In one that cannot be read, and shows no signature, none was disproved.
    pub(super) fn of_file(report: &PdfReport) -> Self {
        let is_unread = report.rule.as_deref().is_some_and(|rule| UNREAD.contains(&rule));
        match Self::of(report.indication, report.sub_indication) {
            Self::Failed if is_unread && report.signatures.is_empty() => Self::Undecided,
            standing => standing,
        }
    }

    /// The ruling, and the rule that says so.
    pub(super) fn ruling(self, rules: &Rules) -> Option<(Ruling, &'static str)> {
        let undecided = match rules.indeterminate {
            OnUndecided::Accept => return self.failure(rules),
            OnUndecided::Flag => (Ruling::Flag, "indeterminate = flag"),
            OnUndecided::Quarantine if self == Self::Waiting => (Ruling::Quarantine, "indeterminate = quarantine"),
            OnUndecided::Quarantine => (Ruling::Refuse, "indeterminate = quarantine"),
            OnUndecided::Refuse => (Ruling::Refuse, "indeterminate = refuse"),
        };
        match self {
            Self::Waiting | Self::Undecided => Some(undecided),
            Self::Passed | Self::Failed => self.failure(rules),
        }
    }

    fn failure(self, rules: &Rules) -> Option<(Ruling, &'static str)> {
        match (self, rules.failed) {
            (Self::Failed, OnFailure::Refuse) => Some((Ruling::Refuse, "failed = refuse")),
            (Self::Failed, OnFailure::Flag) => Some((Ruling::Flag, "failed = flag")),
            _ => None,
        }
    }
}
