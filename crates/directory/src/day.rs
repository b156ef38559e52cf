//! Calendar days in Việt Nam, by which validity and succession are counted.

use std::fmt;
use std::str::FromStr;

use jiff::Span;
use jiff::civil::Date;
use types::{ErrorCode, UnixMillis};

/// Milliseconds by which Asia/Ho_Chi_Minh is ahead of UTC; the law fixes it at seven hours, without summer time.
const OFFSET_MS: u64 = 7 * 60 * 60 * 1000;
const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// A calendar day in Việt Nam (UTC+7), from 0000-01-01 to 9999-12-31.
///
/// Reads and prints as `yyyy-mm-dd`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(Date);

impl Day {
    /// The day on which the clocks of Việt Nam show the instant `at`.
    #[must_use]
    pub fn in_vietnam(at: UnixMillis) -> Self {
        let days = at.as_millis().saturating_add(OFFSET_MS) / DAY_MS;
        let epoch = jiff::civil::date(1970, 1, 1);
        let after = i64::try_from(days).ok().and_then(|days| Span::new().try_days(days).ok());
        Self(after.and_then(|days| epoch.checked_add(days).ok()).unwrap_or(Date::MAX))
    }

    /// The next day; the last day of the calendar is its own next.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.tomorrow().unwrap_or(Date::MAX))
    }

    /// The instant at which it is over: midnight in Việt Nam. Days before 1970 are over at the beginning of time.
    #[must_use]
    pub fn end(self) -> UnixMillis {
        let days = jiff::civil::date(1970, 1, 1).until(self.0).map_or(0, |span| span.get_days());
        let after = u64::try_from(days).map_or(0, |days| (days + 1) * DAY_MS);
        UnixMillis::new(after.saturating_sub(OFFSET_MS))
    }

    /// The day before; the first day of the calendar is its own.
    #[must_use]
    pub fn previous(self) -> Self {
        Self(self.0.yesterday().unwrap_or(Date::MIN))
    }
}

/// A text that is no day. Code: `invalid_argument`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a day of the form yyyy-mm-dd")]
pub struct DayError {
    /// The text, cut to 32 characters.
    pub text: String,
}

impl DayError {
    /// The public code.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        ErrorCode::InvalidArgument
    }
}

impl FromStr for Day {
    type Err = DayError;

    fn from_str(text: &str) -> Result<Self, DayError> {
        let is_shaped = text.len() == 10
            && text.bytes().enumerate().all(|(i, b)| if matches!(i, 4 | 7) { b == b'-' } else { b.is_ascii_digit() });
        let date = if is_shaped { text.parse().ok() } else { None };
        date.map(Self).ok_or_else(|| DayError { text: text.chars().take(32).collect() })
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Day({})", self.0)
    }
}

#[cfg(test)]
mod tests;
