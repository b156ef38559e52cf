//! Byte ranges (RFC 9110 clause 14): one range, or none.

use crate::Span;

/// What of a content is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Everything: no range, or one that a server may ignore (several, another unit, bad syntax).
    Whole,
    /// 206 with this part.
    Part(Span),
    /// 416.
    Unsatisfiable,
}

/// Reads a `Range` header for a content of `total` bytes.
pub(super) fn wanted(range: &str, total: u64) -> Wanted {
    let Some((first, last)) = single(range) else { return Wanted::Whole };
    let (first, last) = match (first, last) {
        (None, None) => return Wanted::Whole,
        (Some(first), Some(last)) if last < first => return Wanted::Whole,
        (None, Some(0)) => return Wanted::Unsatisfiable,
        (None, Some(suffix)) => (total.saturating_sub(suffix), total.saturating_sub(1)),
        (Some(first), last) => (first, last.unwrap_or(u64::MAX).min(total.saturating_sub(1))),
    };
    if first >= total {
        return Wanted::Unsatisfiable;
    }
    Wanted::Part(Span { offset: first, length: last - first + 1 })
}

/// The two numbers of `bytes=first-last`; `None` when the header is anything else.
fn single(range: &str) -> Option<(Option<u64>, Option<u64>)> {
    let (unit, set) = range.trim().split_once('=')?;
    let (first, last) = set.trim().split_once('-')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    Some((number(first)?, number(last)?))
}

/// A number, `Some(None)` for an empty text; one too large for 64 bits lies behind every end.
fn number(text: &str) -> Option<Option<u64>> {
    if text.is_empty() {
        return Some(None);
    }
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| Some(text.parse().unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests;
