//! Case-file codes (mã hồ sơ) of the one-stop software. Source: Decree 61/2018/NĐ-CP.

use std::fmt;
use std::str::FromStr;

use super::{AgencyCode, CodeRule};
use crate::ErrorCode;

/// Code of a case file: `000.00.53.H48-220921-0099`.
///
/// Shape: an agency code of either generation, `-`, the day of receipt as `yymmdd` (2000–2099), `-`,
/// and a running number of 4 to 18 digits. Prints back exactly as it came in; two are equal when
/// they name the same agency, day and number text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CaseFileCode {
    agency: AgencyCode,
    date: Box<str>,
    number: Box<str>,
}

/// Rule of a case-file code that a text breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CaseFileRule {
    /// The agency code breaks its own rule.
    Agency(CodeRule),
    /// Not an agency code, a day and a number, joined by `-`.
    Parts,
    /// The day is not `yymmdd`, or no such day exists.
    Date,
    /// The running number is not 4 to 18 digits.
    Number,
}

impl CaseFileRule {
    /// The rule in words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Agency(rule) => rule.as_str(),
            Self::Parts => "a case-file code is an agency code, a day and a running number, joined by '-'",
            Self::Date => "the day is yymmdd and exists in the calendar",
            Self::Number => "the running number has 4 to 18 digits",
        }
    }
}

/// Why a text is not a case-file code. Code: `malformed_code`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("case-file code {text:?}: {} (at character {})", rule.as_str(), position + 1)]
pub struct CaseFileError {
    /// The text, cut to 96 characters.
    pub text: String,
    /// First offending character, counted from 0; the number of characters when something is missing at the end.
    pub position: usize,
    /// The rule broken there.
    pub rule: CaseFileRule,
}

impl CaseFileError {
    /// The public code.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        ErrorCode::MalformedCode
    }
}

/// Digits of the running number: at least those of the decree, at most those of a 64-bit number.
const NUMBER_LENGTH: std::ops::RangeInclusive<usize> = 4..=18;

impl CaseFileCode {
    /// The agency that received the case.
    #[must_use]
    pub const fn agency(&self) -> &AgencyCode {
        &self.agency
    }

    /// Year, month (1–12) and day (1–31) of receipt.
    #[must_use]
    pub fn date(&self) -> (u16, u8, u8) {
        read_date(&self.date).expect("checked when the code was read")
    }

    /// The running number, with its leading zeros.
    #[must_use]
    pub fn number(&self) -> &str {
        &self.number
    }
}

impl FromStr for CaseFileCode {
    type Err = CaseFileError;

    fn from_str(text: &str) -> Result<Self, CaseFileError> {
        let error = |bytes: usize, rule| {
            let position = text.char_indices().take_while(|(offset, _)| *offset < bytes).count();
            Err(CaseFileError { text: text.chars().take(96).collect(), position, rule })
        };
        // From the right, because the code of an enterprise's branch has a '-' of its own.
        let Some((head, number)) = text.rsplit_once('-') else {
            return error(text.len(), CaseFileRule::Parts);
        };
        let Some((agency, date)) = head.rsplit_once('-') else {
            return error(text.len(), CaseFileRule::Parts);
        };
        let agency = match agency.parse::<AgencyCode>() {
            Ok(agency) => agency,
            // A position within the agency code is one within the whole: it comes first.
            Err(inner) => {
                let rule = CaseFileRule::Agency(inner.rule);
                let text = text.chars().take(96).collect();
                return Err(CaseFileError { text, position: inner.position, rule });
            }
        };
        let (date_start, number_start) = (agency.as_str().len() + 1, head.len() + 1);
        if let Err(odd) = read_date(date) {
            return error(date_start + odd, CaseFileRule::Date);
        }
        if let Some(odd) = number.bytes().position(|b| !b.is_ascii_digit()) {
            return error(number_start + odd.min(*NUMBER_LENGTH.end()), CaseFileRule::Number);
        }
        if !NUMBER_LENGTH.contains(&number.len()) {
            return error(number_start + number.len().min(*NUMBER_LENGTH.end()), CaseFileRule::Number);
        }
        Ok(Self { agency, date: date.into(), number: number.into() })
    }
}

/// Year, month and day of `yymmdd`, or the byte of the first digit that cannot be.
fn read_date(text: &str) -> Result<(u16, u8, u8), usize> {
    if let Some(odd) = text.bytes().position(|b| !b.is_ascii_digit()) {
        return Err(odd.min(6));
    }
    if text.len() != 6 {
        return Err(text.len().min(6));
    }
    let pair = |start: usize| text.get(start..start + 2).and_then(|pair| pair.parse::<u8>().ok());
    let (Some(year), Some(month), Some(day)) = (pair(0), pair(2), pair(4)) else {
        return Err(0);
    };
    let year = 2000 + u16::from(year);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        // From 2000 to 2099 every fourth year is a leap year.
        2 if year % 4 == 0 => 29,
        2 => 28,
        _ => return Err(2),
    };
    if (1..=days).contains(&day) { Ok((year, month, day)) } else { Err(4) }
}

impl fmt::Display for CaseFileCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", self.agency, self.date, self.number)
    }
}

#[cfg(test)]
mod tests;
