//! Strings: where they end is the lexer's business, what they say is asked of few. Source: ISO 32000-2 clause 7.3.4.

use std::ops::Range;
use std::rc::Rc;

use super::lexer::{is_plain_hexadecimal, is_space, nibble};
use super::object::Text;

/// A string as written, its brackets included: `(…)` or `<…>`.
#[derive(Debug)]
pub(super) struct StringToken<'a> {
    pub(super) token: &'a [u8],
    /// Where it stands in the file; absent inside object streams.
    pub(super) at: Option<Range<usize>>,
}

impl StringToken<'_> {
    pub(super) fn decode(self) -> Text {
        let inside = self.token.get(1..self.token.len().saturating_sub(1)).unwrap_or_default();
        let bytes = if self.token.starts_with(b"(") { literal(inside) } else { hexadecimal(inside) };
        Text { bytes, at: self.at }
    }
}

/// Digits and white space alone, which the lexer has seen to.
fn hexadecimal(inside: &[u8]) -> Rc<[u8]> {
    if let (pairs, []) = inside.as_chunks::<2>()
        && is_plain_hexadecimal(inside)
    {
        return pairs.iter().map(|[high, low]| nibble(*high) << 4 | nibble(*low)).collect();
    }
    let digits: Vec<u8> = inside.iter().filter(|byte| !is_space(**byte)).map(|digit| nibble(*digit)).collect();
    // A last digit without its second one has a zero behind it.
    let byte = |pair: &[u8]| pair.first().map_or(0, |high| high << 4) | pair.get(1).copied().unwrap_or_default();
    digits.chunks(2).map(byte).collect()
}

fn literal(inside: &[u8]) -> Rc<[u8]> {
    if memchr::memchr(b'\\', inside).is_none() {
        return inside.into();
    }
    let mut bytes = Vec::with_capacity(inside.len());
    let mut rest = inside;
    while let Some((byte, behind)) = rest.split_first() {
        rest = behind;
        if *byte == b'\\' {
            bytes.extend(escape(&mut rest));
        } else {
            bytes.push(*byte);
        }
    }
    bytes.into()
}

/// What stands behind a backslash (7.3.4.2).
fn escape(rest: &mut &[u8]) -> Option<u8> {
    let (byte, behind) = rest.split_first()?;
    *rest = behind;
    match byte {
        b'n' => Some(b'\n'),
        b'r' => Some(b'\r'),
        b't' => Some(b'\t'),
        b'b' => Some(8),
        b'f' => Some(12),
        b'\r' => {
            *rest = behind.strip_prefix(b"\n").unwrap_or(behind);
            None
        }
        b'\n' => None,
        b'0'..=b'7' => {
            let mut code = u16::from(byte - b'0');
            for _ in 0..2 {
                let Some((digit @ b'0'..=b'7', behind)) = rest.split_first() else { break };
                code = code * 8 + u16::from(digit - b'0');
                *rest = behind;
            }
            // High-order overflow is ignored (table 3).
            u8::try_from(code & 0xff).ok()
        }
        other => Some(*other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(token: &[u8]) -> Vec<u8> {
        StringToken { token, at: None }.decode().bytes.to_vec()
    }

    #[test]
    fn literals_are_unescaped() {
        assert_eq!(read(b"(plain (nested) text)"), b"plain (nested) text");
        assert_eq!(read(br"(a\n\r\t\b\f\(\)\\\x)"), b"a\n\r\t\x08\x0c()\\x");
        assert_eq!(read(b"(one\\\r\ntwo\\\nthree\\\rfour)"), b"onetwothreefour");
        assert_eq!(read(br"(\1012\53\0053\400\7)"), b"A2+\x053\x00\x07");
    }

    #[test]
    fn hexadecimal_digits_are_paired_across_white_space() {
        assert_eq!(read(b"<0aFF>"), [0x0a, 0xff]);
        assert_eq!(read(b"<0 a\nF>"), [0x0a, 0xf0]);
        assert_eq!(read(b"<>"), b"");
        assert_eq!(read(b"<4>"), b"@");
    }
}
