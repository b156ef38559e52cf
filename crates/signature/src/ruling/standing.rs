//! How one signature stands, and what the rules make of it.

use super::demands::{OnFailure, OnUndecided, Rules};
use super::remark::Ruling;
use crate::report::{Indication, SignatureReport, SubIndication};

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
