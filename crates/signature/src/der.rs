//! BER and DER: a reader of slices, a transcoder, a writer.

mod ber;
mod write;

pub(crate) use ber::{split_first, to_der};
pub(crate) use write::{integer, object_id, octet_string, sequence, set_of, tlv, unsigned};

/// Tags used here, class and constructed bit included.
pub(crate) mod tag {
    pub(crate) const INTEGER: u8 = 0x02;
    pub(crate) const BIT_STRING: u8 = 0x03;
    pub(crate) const OCTET_STRING: u8 = 0x04;
    pub(crate) const NULL: u8 = 0x05;
    pub(crate) const OBJECT_ID: u8 = 0x06;
    pub(crate) const UTC_TIME: u8 = 0x17;
    pub(crate) const GENERALIZED_TIME: u8 = 0x18;
    pub(crate) const SEQUENCE: u8 = 0x30;
    pub(crate) const SET: u8 = 0x31;
    /// `[n]`, constructed.
    pub(crate) const fn context(number: u8) -> u8 {
        0xa0 | number
    }
    /// `[n]`, primitive.
    pub(crate) const fn context_primitive(number: u8) -> u8 {
        0x80 | number
    }
}

/// Nesting of one value: as deep as the deepest CAdES sample with archive timestamps, four times over.
pub(crate) const DEPTH_MAX: usize = 64;

/// Why bytes are not the DER expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DerError {
    #[error("the bytes end inside a value")]
    Truncated,
    #[error("bytes follow the value")]
    Trailing,
    #[error("a length is not in its shortest form, or too long")]
    Length,
    #[error("a tag is not the one expected")]
    Tag,
    #[error("values nest deeper than {DEPTH_MAX}")]
    Depth,
    #[error("a value is out of its range")]
    Value,
}

/// One value: its tag, its content, and all of its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tlv<'a> {
    pub(crate) tag: u8,
    pub(crate) content: &'a [u8],
    pub(crate) raw: &'a [u8],
}

impl<'a> Tlv<'a> {
    /// Reader over the content.
    pub(crate) fn inside(&self) -> Reader<'a> {
        Reader { rest: self.content }
    }
}

/// Reads one DER value after another. Never copies, never looks into a value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Bytes not yet read.
    pub(crate) fn left(&self) -> usize {
        self.rest.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(crate) fn next(&mut self) -> Result<Tlv<'a>, DerError> {
        let (tag, content, length) = header(self.rest, Lengths::Shortest)?;
        let Length::Definite(length) = length else { return Err(DerError::Length) };
        let body = self.rest.get(content..).ok_or(DerError::Truncated)?;
        if body.len() < length {
            return Err(DerError::Truncated);
        }
        let (raw, rest) = self.rest.split_at(content + length);
        self.rest = rest;
        Ok(Tlv { tag, content: raw.get(content..).ok_or(DerError::Truncated)?, raw })
    }

    pub(crate) fn expect(&mut self, tag: u8) -> Result<Tlv<'a>, DerError> {
        let value = self.next()?;
        if value.tag == tag { Ok(value) } else { Err(DerError::Tag) }
    }

    /// The next value if it has this tag; nothing is taken otherwise.
    pub(crate) fn optional(&mut self, tag: u8) -> Result<Option<Tlv<'a>>, DerError> {
        if self.rest.first() == Some(&tag) { self.next().map(Some) } else { Ok(None) }
    }

    pub(crate) fn end(&self) -> Result<(), DerError> {
        if self.rest.is_empty() { Ok(()) } else { Err(DerError::Trailing) }
    }

    /// Every value left.
    pub(crate) fn all(mut self) -> Result<Vec<Tlv<'a>>, DerError> {
        let mut values = Vec::new();
        while !self.is_empty() {
            values.push(self.next()?);
        }
        Ok(values)
    }
}

/// The one value that `bytes` hold, whole.
pub(crate) fn single(bytes: &[u8], tag: u8) -> Result<Tlv<'_>, DerError> {
    let mut reader = Reader::new(bytes);
    let value = reader.expect(tag)?;
    reader.end()?;
    Ok(value)
}

/// The bytes of a BIT STRING without unused bits.
pub(crate) fn bits<'a>(value: &Tlv<'a>) -> Result<&'a [u8], DerError> {
    match value.content.split_first() {
        Some((0, bits)) => Ok(bits),
        _ => Err(DerError::Value),
    }
}

/// A small non-negative INTEGER.
pub(crate) fn small(value: &Tlv<'_>) -> Result<u32, DerError> {
    match value.content {
        [first, ..] if *first >= 0x80 => Err(DerError::Value),
        [] => Err(DerError::Value),
        content if content.len() > 4 => Err(DerError::Value),
        content => Ok(content.iter().fold(0, |number, byte| (number << 8) | u32::from(*byte))),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Length {
    Definite(usize),
    Indefinite,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lengths {
    /// DER: the shortest form only.
    Shortest,
    /// BER: any form.
    Any,
}

/// Tag, offset of the content, and length. Tags above 30 occur in no structure read here and are refused.
fn header(bytes: &[u8], lengths: Lengths) -> Result<(u8, usize, Length), DerError> {
    let [tag, first, rest @ ..] = bytes else { return Err(DerError::Truncated) };
    if tag & 0x1f == 0x1f {
        return Err(DerError::Tag);
    }
    match *first {
        short @ 0..=0x7f => Ok((*tag, 2, Length::Definite(usize::from(short)))),
        0x80 if lengths == Lengths::Any && tag & 0x20 != 0 => Ok((*tag, 2, Length::Indefinite)),
        // Four bytes count four gigabytes; every caller holds far less.
        long @ 0x81..=0x84 => {
            let count = usize::from(long & 0x7f);
            let digits = rest.get(..count).ok_or(DerError::Truncated)?;
            let length = digits.iter().fold(0_usize, |length, byte| (length << 8) | usize::from(*byte));
            let is_shortest = length > 0x7f && digits.first() != Some(&0);
            if lengths == Lengths::Shortest && !is_shortest {
                return Err(DerError::Length);
            }
            Ok((*tag, 2 + count, Length::Definite(length)))
        }
        _ => Err(DerError::Length),
    }
}

#[cfg(test)]
mod tests;
