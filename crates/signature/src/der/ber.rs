//! BER to DER, lengths and constructed strings only: nothing is sorted, nothing else is normalised.

use std::borrow::Cow;

use super::{DEPTH_MAX, DerError, Length, Lengths, header, tag, tlv};

/// Constructed OCTET STRING.
const OCTET_STRING_PARTS: u8 = tag::OCTET_STRING | 0x20;

/// The one BER value that `bytes` hold, in definite shortest lengths; borrowed when it already was.
///
/// # Errors
/// When the value is cut, followed by bytes, nested deeper than 64, or has string parts that are no strings.
pub(crate) fn to_der(bytes: &[u8]) -> Result<Cow<'_, [u8]>, DerError> {
    if is_der(bytes, 0)? {
        return Ok(Cow::Borrowed(bytes));
    }
    let mut out = Vec::with_capacity(bytes.len());
    let rest = transcode(bytes, &mut out, 0)?;
    if rest.is_empty() { Ok(Cow::Owned(out)) } else { Err(DerError::Trailing) }
}

/// The first BER value of `bytes` as it stands there, and what follows it.
pub(crate) fn split_first(bytes: &[u8]) -> Result<(&[u8], &[u8]), DerError> {
    let rest = match header(bytes, Lengths::Any)? {
        (_, start, Length::Definite(length)) => {
            let end = start.checked_add(length).ok_or(DerError::Length)?;
            bytes.get(end..).ok_or(DerError::Truncated)?
        }
        // Only walking through an open length finds its end.
        (_, _, Length::Indefinite) => transcode(bytes, &mut Vec::new(), 0)?,
    };
    Ok(bytes.split_at(bytes.len() - rest.len()))
}

/// True when `bytes` are DER values one after another as far as lengths and strings go; at depth 0, one value.
fn is_der(bytes: &[u8], depth: usize) -> Result<bool, DerError> {
    if depth > DEPTH_MAX {
        return Err(DerError::Depth);
    }
    let mut rest = bytes;
    loop {
        let Ok((tag, start, Length::Definite(length))) = header(rest, Lengths::Shortest) else { return Ok(false) };
        let end = start.checked_add(length).ok_or(DerError::Length)?;
        let content = rest.get(start..end).ok_or(DerError::Truncated)?;
        if tag == OCTET_STRING_PARTS {
            return Ok(false);
        }
        if tag & 0x20 != 0 && !content.is_empty() && !is_der(content, depth + 1)? {
            return Ok(false);
        }
        rest = rest.get(end..).ok_or(DerError::Truncated)?;
        match (rest.is_empty(), depth) {
            (true, _) => return Ok(true),
            (false, 0) => return Err(DerError::Trailing),
            (false, _) => {}
        }
    }
}

/// Writes the first value of `bytes` to `out`, gives back what follows it.
fn transcode<'a>(bytes: &'a [u8], out: &mut Vec<u8>, depth: usize) -> Result<&'a [u8], DerError> {
    if depth > DEPTH_MAX {
        return Err(DerError::Depth);
    }
    let (tag, start, length) = header(bytes, Lengths::Any)?;
    let body = bytes.get(start..).ok_or(DerError::Truncated)?;
    if tag & 0x20 == 0 {
        let Length::Definite(length) = length else { return Err(DerError::Length) };
        let (content, rest) = body.split_at_checked(length).ok_or(DerError::Truncated)?;
        out.extend_from_slice(&tlv(tag, content));
        return Ok(rest);
    }
    let mut content = Vec::new();
    let rest = match length {
        Length::Definite(length) => {
            let (mut inner, rest) = body.split_at_checked(length).ok_or(DerError::Truncated)?;
            while !inner.is_empty() {
                inner = transcode(inner, &mut content, depth + 1)?;
            }
            rest
        }
        Length::Indefinite => {
            let mut inner = body;
            loop {
                if let Some(rest) = inner.strip_prefix(&[0, 0]) {
                    break rest;
                }
                inner = transcode(inner, &mut content, depth + 1)?;
            }
        }
    };
    if tag == OCTET_STRING_PARTS {
        out.extend_from_slice(&tlv(tag::OCTET_STRING, &join(&content)?));
    } else {
        out.extend_from_slice(&tlv(tag, &content));
    }
    Ok(rest)
}

/// The strings inside a constructed OCTET STRING, joined.
fn join(parts: &[u8]) -> Result<Vec<u8>, DerError> {
    let mut reader = super::Reader::new(parts);
    let mut joined = Vec::with_capacity(parts.len());
    while !reader.is_empty() {
        joined.extend_from_slice(reader.expect(tag::OCTET_STRING)?.content);
    }
    Ok(joined)
}
