//! What the checks came to.

use serde::Serialize;

use super::Rule;

/// How a check ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", content = "reason", rename_all = "lowercase")]
pub enum Verdict {
    /// As the rule says.
    Passed,
    /// Not as the rule says: what was expected, and what came.
    Failed(String),
    /// Could not be checked: why.
    Skipped(String),
}

/// One request and its answer, as far as they are text; no secret in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// Request line, headers and the beginning of the body.
    pub request: String,
    /// Status line, headers and the beginning of the body.
    pub answer: String,
}

/// One rule and how its check ended.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// The rule.
    #[serde(flatten)]
    pub rule: Rule,
    /// How the check ended.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// Milliseconds that it took.
    pub millis: u64,
    /// The last exchange of a check that failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shown: Option<Shown>,
}

/// Every rule with its outcome, in the order of the rules.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// Outcomes.
    pub outcomes: Vec<Outcome>,
}

impl Report {
    /// Ids of the rules that were not held.
    #[must_use]
    pub fn failed(&self) -> Vec<&'static str> {
        self.ids(|verdict| matches!(verdict, Verdict::Failed(_)))
    }

    /// Ids of the rules that could not be checked.
    #[must_use]
    pub fn skipped(&self) -> Vec<&'static str> {
        self.ids(|verdict| matches!(verdict, Verdict::Skipped(_)))
    }

    /// Ids of the rules that were held.
    #[must_use]
    pub fn passed(&self) -> Vec<&'static str> {
        self.ids(|verdict| *verdict == Verdict::Passed)
    }

    fn ids(&self, of: impl Fn(&Verdict) -> bool) -> Vec<&'static str> {
        self.outcomes.iter().filter(|outcome| of(&outcome.verdict)).map(|outcome| outcome.rule.id).collect()
    }
}
