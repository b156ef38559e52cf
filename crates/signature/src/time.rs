//! Calendar texts: RFC 3339 in JSON, UTCTime and GeneralizedTime in ASN.1.

use types::UnixMillis;

/// Seconds of one day; leap seconds are not counted.
const DAY: u64 = 86_400;

/// Prints as `2026-11-21T03:04:05.678Z`, always with three decimals.
pub(crate) fn to_rfc3339(at: UnixMillis) -> String {
    let [year, month, day, hour, minute, second] = civil(at.as_seconds());
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z", at.as_millis() % 1000)
}

/// Reads RFC 3339 in UTC (`Z`) with zero to nine decimals; finer than a millisecond is cut off.
pub(crate) fn from_rfc3339(text: &str) -> Option<UnixMillis> {
    let body = text.strip_suffix('Z')?;
    let (whole, fraction) = body.split_once('.').unwrap_or((body, "0"));
    if fraction.is_empty() || fraction.len() > 9 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (date, clock) = whole.split_once('T')?;
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let [hour, minute, second] = numbers(clock, ':', [2, 2, 2])?;
    let seconds = seconds([year, month, day, hour, minute, second])?;
    let millis: u64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    Some(UnixMillis::new(seconds * 1000 + millis))
}

/// Reads the content of a UTCTime (`is_utc_time`) or GeneralizedTime in the only form DER allows: seconds, `Z`.
pub(crate) fn from_asn1(content: &[u8], kind: Asn1Time) -> Option<UnixMillis> {
    let text = std::str::from_utf8(content).ok()?.strip_suffix('Z')?;
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (year, rest) = match kind {
        Asn1Time::Utc => {
            let short: u64 = text.get(..2)?.parse().ok()?;
            // RFC 5280 4.1.2.5.1: 50 and later belong to the twentieth century.
            (if short >= 50 { 1900 + short } else { 2000 + short }, text.get(2..)?)
        }
        Asn1Time::Generalized => (text.get(..4)?.parse().ok()?, text.get(4..)?),
    };
    if rest.len() != 10 {
        return None;
    }
    let pair = |start: usize| rest.get(start..start + 2)?.parse::<u64>().ok();
    let parts = [year, pair(0)?, pair(2)?, pair(4)?, pair(6)?, pair(8)?];
    Some(UnixMillis::new(seconds(parts)? * 1000))
}

/// Reads the content of a GeneralizedTime with an optional fraction of a second, as RFC 3161 2.4.2 allows for
/// `genTime`: no trailing zeros, finer than a millisecond is cut off.
pub(crate) fn from_gen_time(content: &[u8]) -> Option<UnixMillis> {
    let text = std::str::from_utf8(content).ok()?.strip_suffix('Z')?;
    let Some((whole, fraction)) = text.split_once('.') else { return from_asn1(content, Asn1Time::Generalized) };
    let is_fraction = (1..=9).contains(&fraction.len()) && fraction.bytes().all(|b| b.is_ascii_digit());
    if !is_fraction || fraction.ends_with('0') {
        return None;
    }
    let seconds = from_asn1(format!("{whole}Z").as_bytes(), Asn1Time::Generalized)?;
    let millis: u64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    Some(UnixMillis::new(seconds.as_millis() + millis))
}

/// Prints the content of a GeneralizedTime in seconds.
pub(crate) fn to_generalized(at: UnixMillis) -> String {
    let [year, month, day, hour, minute, second] = civil(at.as_seconds());
    format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}Z")
}

/// Which of the two ASN.1 time types a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asn1Time {
    /// UTCTime, two digits for the year.
    Utc,
    /// GeneralizedTime, four digits for the year.
    Generalized,
}

/// Prints the content of a time for CMS: UTCTime up to 2049, then GeneralizedTime (RFC 5652 11.3).
pub(crate) fn to_asn1(at: UnixMillis) -> (Asn1Time, String) {
    let [year, month, day, hour, minute, second] = civil(at.as_seconds());
    let rest = format!("{month:02}{day:02}{hour:02}{minute:02}{second:02}Z");
    if (1950..2050).contains(&year) {
        (Asn1Time::Utc, format!("{:02}{rest}", year % 100))
    } else {
        (Asn1Time::Generalized, format!("{year:04}{rest}"))
    }
}

fn numbers(text: &str, separator: char, widths: [usize; 3]) -> Option<[u64; 3]> {
    let mut groups = text.split(separator);
    let mut numbers = [0; 3];
    for (number, width) in numbers.iter_mut().zip(widths) {
        let group = groups.next()?;
        if group.len() != width || !group.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        *number = group.parse().ok()?;
    }
    groups.next().is_none().then_some(numbers)
}

/// Seconds since 1970 of a civil time in UTC; `None` for a date that is not one, or outside 1970–9999.
fn seconds([year, month, day, hour, minute, second]: [u64; 6]) -> Option<u64> {
    if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    // Days of the proleptic Gregorian calendar, counted in eras of 400 years that begin in March.
    let shifted = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (shifted / 400, shifted % 400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day.checked_sub(1)?;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    let total = days * DAY + hour * 3600 + minute * 60 + second;
    (civil(total) == [year, month, day, hour, minute, second]).then_some(total)
}

fn civil(seconds: u64) -> [u64; 6] {
    let (days, clock) = (seconds / DAY + 719_468, seconds % DAY);
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year + era * 400 + u64::from(month <= 2);
    [year, month, day, clock / 3600, clock / 60 % 60, clock % 60]
}

/// RFC 3339 texts of [`UnixMillis`] for serde.
pub(crate) mod text {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use types::UnixMillis;

    pub(crate) fn serialize<S: Serializer>(at: &UnixMillis, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&super::to_rfc3339(*at))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<UnixMillis, D::Error> {
        let text = String::deserialize(deserializer)?;
        super::from_rfc3339(&text).ok_or_else(|| D::Error::custom("not a time of RFC 3339 in UTC"))
    }
}

/// The same, for a time that may be absent.
pub(crate) mod optional_text {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use types::UnixMillis;

    pub(crate) fn serialize<S: Serializer>(at: &Option<UnixMillis>, serializer: S) -> Result<S::Ok, S::Error> {
        match at {
            Some(at) => serializer.serialize_some(&super::to_rfc3339(*at)),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<UnixMillis>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| super::from_rfc3339(&text).ok_or_else(|| D::Error::custom("not a time of RFC 3339 in UTC")))
            .transpose()
    }
}

#[cfg(test)]
mod tests;
