//! The rules of a code, and the error that names one.

use crate::ErrorCode;

/// Rule that a text breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CodeRule {
    /// No text.
    Empty,
    /// Longer than 35 characters (generation 2) or 64 (opaque codes).
    TooLong,
    /// A character outside `A–Z`, `0–9` and `.`.
    Character,
    /// A letter in lower case.
    LowerCase,
    /// A leading, trailing or doubled dot.
    EmptyGroup,
    /// A group shorter than two characters.
    ShortGroup,
    /// The level-1 group is not one capital and two digits.
    LevelOne,
    /// A generation-1 group has another width than 3, 2, 2 digits.
    GroupWidth,
    /// Not a business registration code: 8–14 digits, optionally `-` and three digits.
    BusinessNumber,
    /// Not `SCHEME:code`.
    Scheme,
    /// A group is set below an absent one (`000.12.00.H48`), and no registry lists the code.
    Gap,
}

impl CodeRule {
    /// The rule in words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "a code may not be empty",
            Self::TooLong => "a code has at most 35 characters (64 when it is free-form)",
            Self::Character => "a code has only A-Z, 0-9 and '.'",
            Self::LowerCase => "a code is written in capitals",
            Self::EmptyGroup => "a dot may not be first, last or doubled",
            Self::ShortGroup => "a group has two or more characters",
            Self::LevelOne => "the level-1 group is one capital and two digits",
            Self::GroupWidth => "the groups have 3, 2 and 2 digits before the level-1 group",
            Self::BusinessNumber => "a business registration code has 8 to 14 digits, then optionally '-' and 3 digits",
            Self::Scheme => "a scheme code is SCHEME:code, at most 35 characters",
            Self::Gap => "a group may be set only when every group above it is set",
        }
    }
}

/// Why a text is not a code of either generation. Code: `malformed_code`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("agency code {text:?}: {} (at character {})", rule.as_str(), position + 1)]
pub struct CodeError {
    /// The text, cut to 64 characters.
    pub text: String,
    /// First offending character, counted from 0; the number of characters when something is missing at the end.
    pub position: usize,
    /// The rule broken there.
    pub rule: CodeRule,
}

impl CodeError {
    /// The error for the whole `text`, of which it keeps the beginning.
    #[must_use]
    pub fn new(text: &str, position: usize, rule: CodeRule) -> Self {
        Self { text: text.chars().take(64).collect(), position, rule }
    }

    /// The public code.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        ErrorCode::MalformedCode
    }
}
