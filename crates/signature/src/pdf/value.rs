//! A signature dictionary and what its ByteRange covers. Source: ISO 32000-2 clause 12.8.1.

use std::ops::Range;
use std::rc::Rc;

use types::UnixMillis;

use super::error::PdfError;
use super::field::{Field, text};
use super::lexer::{is_plain_hexadecimal, is_space};
use super::object::{Dictionary, Object, Text};
use super::view::View;
use crate::reason::PdfReason;
use crate::time::from_rfc3339;

/// A signature as the file holds it.
#[derive(Clone, Debug)]
pub(super) struct Value {
    pub(super) dictionary: Dictionary,
    pub(super) format: Format,
    /// The CMS structure and its padding.
    pub(super) contents: Rc<[u8]>,
    /// Where the token of `Contents` stands, which is where the covered ranges leave a gap.
    pub(super) gap: Range<usize>,
    /// One past the last covered byte.
    pub(super) end: usize,
    /// `M`: a claim.
    pub(super) claimed: Option<UnixMillis>,
}

/// SubFilter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// `ETSI.CAdES.detached`.
    Cades,
    /// `adbe.pkcs7.detached`.
    Pkcs7,
    /// `ETSI.RFC3161`.
    Timestamp,
}

/// Reads the signature of a field that has one.
pub(super) fn read(view: &View<'_>, field: &Field, value: &Object) -> Result<Value, PdfReason> {
    let bad = |why: &str| PdfReason::FieldMalformed { field: field.name.clone(), why: why.to_owned() };
    let broken = |error: PdfError| bad(&error.to_string());
    let Object::Dictionary(dictionary) = view.resolve(value).map_err(broken)? else {
        return Err(bad("V is no dictionary"));
    };
    let format = match dictionary.get(b"SubFilter").and_then(Object::name) {
        Some(b"ETSI.CAdES.detached") => Format::Cades,
        Some(b"adbe.pkcs7.detached") => Format::Pkcs7,
        Some(b"ETSI.RFC3161") => Format::Timestamp,
        other => {
            let found = other.map(|name| String::from_utf8_lossy(name).chars().take(64).collect()).unwrap_or_default();
            return Err(PdfReason::SubFilter { found });
        }
    };
    let Some(Object::Text(Text { bytes: contents, at: Some(gap) })) = dictionary.get(b"Contents").cloned() else {
        return Err(bad("Contents is missing, no string, or not in the file itself"));
    };
    let ranges = match dictionary.get(b"ByteRange").map(|value| view.resolve(value)).transpose().map_err(broken)? {
        Some(Object::Array(list)) => list,
        _ => return Err(bad("ByteRange is missing or no array")),
    };
    let end = covered(view.bytes, &ranges, &gap)?;
    let claimed = dictionary.get(b"M").map(text).and_then(|text| date(&text));
    Ok(Value { format, contents, gap, end, claimed, dictionary })
}

/// Checks the ranges against the file and the one place they may leave out; the end of the second one.
fn covered(bytes: &[u8], ranges: &[Object], gap: &Range<usize>) -> Result<usize, PdfReason> {
    let bad = |why: &'static str| PdfReason::ByteRange { why };
    let numbers: Option<Vec<usize>> = ranges.iter().map(Object::size).collect();
    let Some(&[a, b, c, d]) = numbers.as_deref() else { return Err(bad("not four numbers from 0 up")) };
    if a != 0 || b == 0 {
        return Err(bad("it does not begin with the file"));
    }
    let end = c.checked_add(d).filter(|end| *end <= bytes.len()).ok_or(bad("it ends behind the file"))?;
    if b >= c || end <= c {
        return Err(bad("its ranges overlap, touch or are empty"));
    }
    if *gap != (b..c) {
        return Err(bad("it leaves out something else than the token of Contents"));
    }
    let token = bytes.get(gap.clone()).and_then(|token| token.strip_prefix(b"<")?.strip_suffix(b">"));
    if !token.is_some_and(is_plain_hexadecimal) {
        return Err(bad("what it leaves out is no plain hexadecimal string"));
    }
    let behind = bytes.get(end..).unwrap_or_default();
    if behind.iter().copied().all(is_space) {
        return Ok(end);
    }
    let covered = bytes.get(..end).unwrap_or_default();
    let line = covered.strip_suffix(b"\n").unwrap_or(covered);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.ends_with(b"%%EOF") { Ok(end) } else { Err(bad("it does not end with a revision of the file")) }
}

/// A date of clause 7.9.4 that has seconds: `D:YYYYMMDDHHmmSS`, then `Z` or an offset; without one, UTC.
fn date(text: &str) -> Option<UnixMillis> {
    let text = text.strip_prefix("D:")?;
    let digits = text.get(..14).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    let part = |range: Range<usize>| digits.get(range);
    let (year, month, day) = (part(0..4)?, part(4..6)?, part(6..8)?);
    let (hour, minute, second) = (part(8..10)?, part(10..12)?, part(12..14)?);
    let at = from_rfc3339(&format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z"))?;
    let zone = text.get(14..)?;
    let mut numbers = zone.get(1..).unwrap_or_default().split('\'');
    let mut next = |max: u64| -> Option<u64> {
        match numbers.next() {
            None | Some("") => Some(0),
            Some(number) => number.parse().ok().filter(|number| *number <= max),
        }
    };
    let millis = |hours: u64, minutes: u64| (hours * 60 + minutes) * 60_000;
    match zone.bytes().next() {
        None | Some(b'Z') => Some(at),
        Some(b'+') => at.as_millis().checked_sub(millis(next(23)?, next(59)?)).map(UnixMillis::new),
        Some(b'-') => Some(UnixMillis::new(at.as_millis() + millis(next(23)?, next(59)?))),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::date;

    #[test]
    fn dates_are_read_with_their_offset() {
        let millis = |text| date(text).map(types::UnixMillis::as_millis);
        assert_eq!(millis("D:20261121100000+07'00'"), Some(1_795_230_000_000));
        assert_eq!(millis("D:20261121100000+07'00"), Some(1_795_230_000_000));
        assert_eq!(millis("D:20261121030000Z"), Some(1_795_230_000_000));
        assert_eq!(millis("D:20261121030000"), Some(1_795_230_000_000));
        assert_eq!(millis("D:20261120223000-04'30'"), Some(1_795_230_000_000));
        assert_eq!(millis("D:2026"), None);
        assert_eq!(millis("hôm nay"), None);
    }
}
