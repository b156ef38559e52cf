//! Reading objects from bytes, strictly: what a lenient reader would guess at is an error here.

use std::collections::BTreeMap;

use super::error::PdfError;
use super::object::{Dictionary, Id, Object, Text};

/// Nesting of arrays and dictionaries: four times what layout programs write.
const DEPTH_MAX: usize = 64;
/// Values of one object: an array of a million numbers is no document.
const VALUES_MAX: usize = 1_000_000;

/// Where the bytes come from, which decides whether positions mean anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    File,
    ObjectStream,
}

/// A reader over bytes at a position.
#[derive(Clone, Debug)]
pub(super) struct Lexer<'a> {
    bytes: &'a [u8],
    pub(super) at: usize,
    origin: Origin,
    values_left: usize,
}

pub(super) const fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | 9 | 10 | 12 | 13 | 32)
}

const fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

fn is_regular(byte: u8) -> bool {
    REGULAR.get(usize::from(byte)).copied().unwrap_or_default()
}

/// Regular characters by their code: the question is asked of most bytes outside streams.
#[expect(clippy::indexing_slicing, reason = "a byte is an index of 256 places")]
const REGULAR: [bool; 256] = {
    let mut regular = [false; 256];
    let mut byte: u8 = 0;
    loop {
        regular[byte as usize] = !is_space(byte) && !is_delimiter(byte);
        if byte == u8::MAX {
            break regular;
        }
        byte += 1;
    }
};

impl<'a> Lexer<'a> {
    pub(super) fn new(bytes: &'a [u8], at: usize, origin: Origin) -> Self {
        Self { bytes, at, origin, values_left: VALUES_MAX }
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    pub(super) fn error(&self, why: &'static str) -> PdfError {
        PdfError::Malformed { at: self.at, why }
    }

    /// Passes white space and comments.
    pub(super) fn skip_space(&mut self) {
        while let Some(byte) = self.peek() {
            if byte == b'%' {
                while self.peek().is_some_and(|byte| byte != b'\n' && byte != b'\r') {
                    self.at += 1;
                }
            } else if is_space(byte) {
                self.at += 1;
            } else {
                break;
            }
        }
    }

    /// Takes a keyword that ends where it ends; nothing is taken otherwise.
    pub(super) fn take(&mut self, keyword: &[u8]) -> bool {
        self.skip_space();
        let is_here = self.rest().starts_with(keyword)
            && !self.bytes.get(self.at + keyword.len()).copied().is_some_and(is_regular);
        if is_here {
            self.at += keyword.len();
        }
        is_here
    }

    pub(super) fn expect(&mut self, keyword: &'static str) -> Result<(), PdfError> {
        if self.take(keyword.as_bytes()) { Ok(()) } else { Err(PdfError::Expected { at: self.at, keyword }) }
    }

    fn regular(&mut self) -> &'a [u8] {
        let rest = self.rest();
        let length = rest.iter().position(|byte| !is_regular(*byte)).unwrap_or(rest.len());
        self.at += length;
        rest.get(..length).unwrap_or_default()
    }

    /// An integer without sign, white space before it passed.
    pub(super) fn number<T: TryFrom<u64>>(&mut self) -> Result<T, PdfError> {
        self.skip_space();
        let before = self.at;
        let token = self.regular();
        let digit = |number: u64, byte: &u8| {
            let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
            number.checked_mul(10)?.checked_add(digit)
        };
        let number = token.iter().try_fold(0, digit).filter(|_| !token.is_empty());
        number
            .and_then(|number| T::try_from(number).ok())
            .ok_or(PdfError::Malformed { at: before, why: "a number was expected" })
    }

    /// One object.
    pub(super) fn object(&mut self) -> Result<Object, PdfError> {
        self.nested(0)
    }

    fn nested(&mut self, depth: usize) -> Result<Object, PdfError> {
        if depth > DEPTH_MAX {
            return Err(self.error("objects nest too deep"));
        }
        self.values_left = self.values_left.checked_sub(1).ok_or(self.error("one object has too many values"))?;
        self.skip_space();
        match self.peek() {
            Some(b'/') => Ok(Object::Name(self.name()?)),
            Some(b'(') => self.literal(),
            Some(b'<') if self.rest().starts_with(b"<<") => Ok(Object::Dictionary(self.dictionary(depth)?)),
            Some(b'<') => self.hexadecimal(),
            Some(b'[') => self.array(depth),
            Some(byte) if is_regular(byte) => self.word(),
            _ => Err(self.error("an object was expected")),
        }
    }

    /// A number, a reference, or one of the three keywords.
    fn word(&mut self) -> Result<Object, PdfError> {
        let start = self.at;
        let token = self.regular();
        match token {
            b"true" => return Ok(Object::Boolean(true)),
            b"false" => return Ok(Object::Boolean(false)),
            b"null" => return Ok(Object::Null),
            _ => {}
        }
        let bad = PdfError::Malformed { at: start, why: "neither number nor keyword" };
        let text = std::str::from_utf8(token).map_err(|_| bad.clone())?;
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            let mut ahead = self.clone();
            if let (Ok(number), Ok(generation)) = (text.parse(), ahead.number())
                && ahead.take(b"R")
            {
                self.at = ahead.at;
                return Ok(Object::Reference(Id { number, generation }));
            }
        }
        if let Ok(number) = text.parse::<i64>() {
            return Ok(Object::Integer(number));
        }
        let digits = text.trim_start_matches(['+', '-']);
        let is_real = digits.bytes().any(|byte| byte.is_ascii_digit())
            && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b'-')
            && digits.bytes().filter(|byte| *byte == b'.').count() <= 1;
        if is_real { Ok(Object::Real(token.into())) } else { Err(bad) }
    }

    fn name(&mut self) -> Result<Box<[u8]>, PdfError> {
        self.at += 1;
        let token = self.regular();
        if !token.contains(&b'#') {
            return Ok(token.into());
        }
        let mut name = Vec::with_capacity(token.len());
        let mut rest = token.iter();
        while let Some(byte) = rest.next() {
            if *byte != b'#' {
                name.push(*byte);
                continue;
            }
            let (high, low) = (rest.next().copied().and_then(hex), rest.next().copied().and_then(hex));
            let (Some(high), Some(low)) = (high, low) else { return Err(self.error("a name has a broken #")) };
            name.push(high << 4 | low);
        }
        Ok(name.into())
    }

    fn text(&self, start: usize, bytes: Vec<u8>) -> Object {
        let at = (self.origin == Origin::File).then_some(start..self.at);
        Object::Text(Text { bytes: bytes.into(), at })
    }

    fn hexadecimal(&mut self) -> Result<Object, PdfError> {
        let start = self.at;
        let inside = self.bytes.get(start + 1..).unwrap_or_default();
        let length = memchr::memchr(b'>', inside).ok_or(self.error("a string has no end"))?;
        let token = inside.get(..length).unwrap_or_default();
        self.at = start + length + 2;
        // Signatures are long and plain, and are read again in every revision.
        if let (pairs, []) = token.as_chunks::<2>()
            && is_plain_hexadecimal(token)
        {
            let bytes = pairs.iter().map(|[high, low]| nibble(*high) << 4 | nibble(*low)).collect();
            return Ok(self.text(start, bytes));
        }
        let mut bytes = Vec::with_capacity(length / 2 + 1);
        let mut high = None;
        for byte in token {
            match (hex(*byte), high.take()) {
                (Some(digit), None) => high = Some(digit),
                (Some(digit), Some(first)) => bytes.push(first << 4 | digit),
                (None, first) if is_space(*byte) => high = first,
                _ => return Err(self.error("a string has other characters than hexadecimal digits")),
            }
        }
        bytes.extend(high.map(|digit| digit << 4));
        Ok(self.text(start, bytes))
    }

    fn literal(&mut self) -> Result<Object, PdfError> {
        let start = self.at;
        self.at += 1;
        let mut open = 1_u32;
        let mut bytes = Vec::new();
        loop {
            let byte = self.peek().ok_or(self.error("a string has no end"))?;
            self.at += 1;
            match byte {
                b'(' => open += 1,
                b')' => {
                    open -= 1;
                    if open == 0 {
                        break;
                    }
                }
                b'\\' => {
                    bytes.extend(self.escape());
                    continue;
                }
                _ => {}
            }
            bytes.push(byte);
        }
        Ok(self.text(start, bytes))
    }

    /// What stands behind a backslash (7.3.4.2).
    fn escape(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        match byte {
            b'n' => Some(b'\n'),
            b'r' => Some(b'\r'),
            b't' => Some(b'\t'),
            b'b' => Some(8),
            b'f' => Some(12),
            b'\r' => {
                self.at += usize::from(self.peek() == Some(b'\n'));
                None
            }
            b'\n' => None,
            b'0'..=b'7' => {
                let mut code = u16::from(byte - b'0');
                for _ in 0..2 {
                    let Some(digit @ b'0'..=b'7') = self.peek() else { break };
                    code = code * 8 + u16::from(digit - b'0');
                    self.at += 1;
                }
                // High-order overflow is ignored (table 3).
                u8::try_from(code & 0xff).ok()
            }
            other => Some(other),
        }
    }

    fn array(&mut self, depth: usize) -> Result<Object, PdfError> {
        self.at += 1;
        let mut list = Vec::new();
        loop {
            self.skip_space();
            if self.peek() == Some(b']') {
                self.at += 1;
                return Ok(Object::Array(list));
            }
            list.push(self.nested(depth + 1)?);
        }
    }

    fn dictionary(&mut self, depth: usize) -> Result<Dictionary, PdfError> {
        self.at += 2;
        let mut entries = BTreeMap::new();
        loop {
            self.skip_space();
            if self.rest().starts_with(b">>") {
                self.at += 2;
                return Ok(Dictionary(entries));
            }
            if self.peek() != Some(b'/') {
                return Err(self.error("a key was expected"));
            }
            let key = self.name()?;
            let value = self.nested(depth + 1)?;
            // Readers differ in which of two values they take, so a file that has both says nothing certain.
            if entries.insert(key, value).is_some() {
                return Err(self.error("a key occurs twice in a dictionary"));
            }
        }
    }
}

/// Whether there are hexadecimal digits alone. Every byte is looked at, which costs less than to stop at the first other.
pub(super) fn is_plain_hexadecimal(token: &[u8]) -> bool {
    token.iter().fold(true, |is_plain, byte| is_plain & byte.is_ascii_hexdigit())
}

/// The value of a hexadecimal digit.
const fn nibble(digit: u8) -> u8 {
    (digit & 0xf) + 9 * (digit >> 6)
}

fn hex(byte: u8) -> Option<u8> {
    byte.is_ascii_hexdigit().then(|| nibble(byte))
}
