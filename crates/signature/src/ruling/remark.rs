//! What came out of judging, in words.

use serde::{Deserialize, Serialize};
use types::ErrorCode;

use super::findings::Place;

/// What is done with a document; the later, the stricter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ruling {
    /// Accepted.
    Accept,
    /// Accepted, with remarks for sender and receiver.
    Flag,
    /// Held until what is missing can be had, or time runs out.
    Quarantine,
    /// Refused.
    Refuse,
}

/// One thing that the rules say about a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Remark {
    /// What it leads to.
    pub ruling: Ruling,
    /// The public code.
    #[serde(with = "text_code")]
    pub code: ErrorCode,
    /// The rule that says so, as configurations write it, for example `leader = required`.
    pub rule: String,
    /// What it is about.
    pub place: Place,
    /// In Vietnamese.
    pub vi: String,
    /// In English.
    pub en: String,
}

/// What is done with a document, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Judgement {
    /// The strictest of the remarks; accepted without any.
    pub ruling: Ruling,
    /// The strictest first, else in the order envelope, packet, files.
    pub remarks: Vec<Remark>,
}

impl Judgement {
    /// The remark that decided; `None` for an accepted document.
    #[must_use]
    pub fn decisive(&self) -> Option<&Remark> {
        self.remarks.first()
    }
}

/// A public code as text.
mod text_code {
    use serde::{Deserialize, Deserializer, Serializer};
    use types::ErrorCode;

    pub(super) fn serialize<S: Serializer>(code: &ErrorCode, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(code)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ErrorCode, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(ErrorCode::from_text(&text).unwrap_or(ErrorCode::Unsupported))
    }
}
