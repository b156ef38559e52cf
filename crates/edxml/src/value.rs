//! Values that the standard gives a shape: codes, dates, times.

use std::fmt;
use std::str::FromStr;

use types::{AgencyCode, CodeError};

/// Why a text is not the value its element wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}")]
pub struct ValueError {
    /// What the element takes, in words.
    pub expected: &'static str,
}

/// Bytes of an agency code in a packet: four times the longest code there is.
const ORGAN_ID_BYTES_MAX: usize = 256;

/// `OrganId` as a packet has it: white space around it dropped, nothing else changed.
///
/// Whether it names an agency is the directory's to say; [`code`](Self::code) tells only whether the text has the
/// shape of a code. 1–256 bytes without control characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrganId(Box<str>);

impl OrganId {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text as an agency code of either generation.
    ///
    /// # Errors
    /// `malformed_code`.
    pub fn code(&self) -> Result<AgencyCode, CodeError> {
        self.0.parse()
    }
}

impl FromStr for OrganId {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let text = text.trim();
        if text.is_empty() || text.len() > ORGAN_ID_BYTES_MAX || text.chars().any(char::is_control) {
            return Err(ValueError { expected: "an agency code of 1 to 256 bytes" });
        }
        Ok(Self(text.into()))
    }
}

impl From<&AgencyCode> for OrganId {
    fn from(code: &AgencyCode) -> Self {
        Self(code.as_str().into())
    }
}

impl fmt::Display for OrganId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A day of the Gregorian calendar, `yyyy/MM/dd`, year 1 to 9999. Prints back as it came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EdxmlDate {
    year: u16,
    month: u8,
    day: u8,
}

const DATE: ValueError = ValueError { expected: "a date as yyyy/MM/dd" };
const TIMESTAMP: ValueError = ValueError { expected: "a time as yyyy/MM/dd HH:mm:ss" };

impl EdxmlDate {
    /// The day, when the calendar has it.
    ///
    /// # Errors
    /// A day the calendar does not have, or a year outside 1–9999.
    pub const fn new(year: u16, month: u8, day: u8) -> Result<Self, ValueError> {
        let is_year = year >= 1 && year <= 9999;
        if is_year && day >= 1 && day <= days_of(year, month) { Ok(Self { year, month, day }) } else { Err(DATE) }
    }

    /// Year, 1–9999.
    #[must_use]
    pub const fn year(self) -> u16 {
        self.year
    }

    /// Month, 1–12.
    #[must_use]
    pub const fn month(self) -> u8 {
        self.month
    }

    /// Day of the month, from 1.
    #[must_use]
    pub const fn day(self) -> u8 {
        self.day
    }
}

/// Days of a month; 0 for a month that is none.
const fn days_of(year: u16, month: u8) -> u8 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 0,
    }
}

/// A number of exactly as many digits as the text has; no sign, no space.
fn digits<T: FromStr>(text: Option<&str>) -> Option<T> {
    text.filter(|text| text.bytes().all(|byte| byte.is_ascii_digit())).and_then(|text| text.parse().ok())
}

impl FromStr for EdxmlDate {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let shape = [4, 7].iter().all(|at| text.as_bytes().get(*at) == Some(&b'/'));
        let parts = (digits(text.get(..4)), digits(text.get(5..7)), digits(text.get(8..)));
        match parts {
            (Some(year), Some(month), Some(day)) if shape && text.len() == 10 => Self::new(year, month, day),
            _ => Err(DATE),
        }
    }
}

impl fmt::Display for EdxmlDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}/{:02}/{:02}", self.year, self.month, self.day)
    }
}

/// A second of a day, `yyyy/MM/dd HH:mm:ss`, without a zone (Vietnam time by custom). Prints back as it came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EdxmlTimestamp {
    date: EdxmlDate,
    hour: u8,
    minute: u8,
    second: u8,
}

impl EdxmlTimestamp {
    /// The second, when the clock has it; no leap seconds.
    ///
    /// # Errors
    /// Hour over 23, minute or second over 59.
    pub const fn new(date: EdxmlDate, hour: u8, minute: u8, second: u8) -> Result<Self, ValueError> {
        if hour < 24 && minute < 60 && second < 60 { Ok(Self { date, hour, minute, second }) } else { Err(TIMESTAMP) }
    }

    /// The day.
    #[must_use]
    pub const fn date(self) -> EdxmlDate {
        self.date
    }

    /// Hour, minute and second.
    #[must_use]
    pub const fn time(self) -> (u8, u8, u8) {
        (self.hour, self.minute, self.second)
    }
}

impl FromStr for EdxmlTimestamp {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let bytes = text.as_bytes();
        let shape = [(10, b' '), (13, b':'), (16, b':')].iter().all(|(at, byte)| bytes.get(*at) == Some(byte));
        let date = text.get(..10).and_then(|date| date.parse().ok());
        let time = (digits(text.get(11..13)), digits(text.get(14..16)), digits(text.get(17..)));
        match (date, time) {
            (Some(date), (Some(hour), Some(minute), Some(second))) if shape && text.len() == 19 => {
                Self::new(date, hour, minute, second)
            }
            _ => Err(TIMESTAMP),
        }
    }
}

impl fmt::Display for EdxmlTimestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:02}:{:02}:{:02}", self.date, self.hour, self.minute, self.second)
    }
}

#[cfg(test)]
mod tests;
