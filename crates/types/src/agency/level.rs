//! Levels of government.

use std::fmt;
use std::str::FromStr;

use crate::ErrorCode;

/// Level of government of an agency: an attribute in the registry, never derived from the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Trung ương.
    Central,
    /// Tỉnh, thành phố trực thuộc trung ương.
    Province,
    /// Huyện (until 2025-06-30).
    District,
    /// Xã, phường, đặc khu.
    Commune,
    /// Any other body (enterprise, school, association, system).
    Other,
}

impl Level {
    /// All levels, the highest first.
    pub const ALL: [Self; 5] = [Self::Central, Self::Province, Self::District, Self::Commune, Self::Other];

    /// The level as files and queries write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Central => "central",
            Self::Province => "province",
            Self::District => "district",
            Self::Commune => "commune",
            Self::Other => "other",
        }
    }

    /// Vietnamese name, as clerks know it.
    #[must_use]
    pub const fn name_vi(self) -> &'static str {
        match self {
            Self::Central => "trung ương",
            Self::Province => "cấp tỉnh",
            Self::District => "cấp huyện",
            Self::Commune => "cấp xã",
            Self::Other => "khác",
        }
    }
}

/// A text that names no level. Code: `invalid_argument`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a level: central, province, district, commune or other")]
pub struct LevelError {
    /// The text, cut to 64 characters.
    pub text: String,
}

impl LevelError {
    /// The public code.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        ErrorCode::InvalidArgument
    }
}

impl FromStr for Level {
    type Err = LevelError;

    fn from_str(text: &str) -> Result<Self, LevelError> {
        let found = Self::ALL.into_iter().find(|level| level.as_str() == text);
        found.ok_or_else(|| LevelError { text: text.chars().take(64).collect() })
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
