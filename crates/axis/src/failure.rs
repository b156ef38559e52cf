//! Why a call failed, in the axis's words.

use std::fmt;

use types::ErrorCode;

use crate::AxisCode;

/// A call that failed: `status: "FAIL"` with its code and description; safe for the caller to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The code.
    pub code: AxisCode,
    /// `ErrorDesc`: what was wrong, where, and what to do; Vietnamese first.
    pub description: String,
}

impl Failure {
    /// A failure with its code and words.
    #[must_use]
    pub fn new(code: AxisCode, description: impl Into<String>) -> Self {
        Self { code, description: description.into() }
    }

    /// A refusal of ours in the axis's words: `[code] title / detail`, so that the stable code is not lost.
    #[must_use]
    pub fn of(code: ErrorCode, detail: &str) -> Self {
        Self::new(AxisCode::of(code), format!("[{code}] {}. {detail}", code.title_vi()))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.description)
    }
}

impl std::error::Error for Failure {}
