//! Tokens in bytes, strictly: what a lenient reader would guess at is an error here.

use super::error::PdfError;
use super::name::Name;
use super::object::Id;
use super::string::StringToken;

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
}

/// A value that no other one stands in.
#[derive(Debug)]
pub(super) enum Scalar<'a> {
    Null,
    Boolean(bool),
    Integer(i64),
    /// As written.
    Real(&'a [u8]),
    Name(Name),
    Text(StringToken<'a>),
    Reference(Id),
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
        Self { bytes, at, origin }
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
        let number = match short_number(token) {
            Some(number) => Some(number),
            // Zeros may stand before a number.
            None if token.iter().all(u8::is_ascii_digit) => {
                std::str::from_utf8(token).ok().and_then(|digits| digits.parse().ok())
            }
            None => None,
        };
        number
            .and_then(|number| T::try_from(number).ok())
            .ok_or(PdfError::Malformed { at: before, why: "a number was expected" })
    }

    /// The value that begins here, when no other one can stand in it.
    pub(super) fn scalar(&mut self) -> Result<Scalar<'a>, PdfError> {
        match self.peek() {
            Some(b'/') => self.name().map(Scalar::Name),
            Some(b'(') => self.literal(),
            Some(b'<') => self.hexadecimal(),
            Some(byte) if is_regular(byte) => self.word(),
            _ => Err(self.error("an object was expected")),
        }
    }

    /// A number, a reference, or one of the three keywords.
    fn word(&mut self) -> Result<Scalar<'a>, PdfError> {
        let start = self.at;
        let token = self.regular();
        if let Some(number) = short_number(token) {
            let integer = || i64::try_from(number).map(Scalar::Integer);
            let reference = u32::try_from(number).ok().and_then(|number| self.reference(number));
            return reference.map_or_else(integer, Ok).map_err(|_| self.error("a number is too large"));
        }
        match token {
            b"true" => return Ok(Scalar::Boolean(true)),
            b"false" => return Ok(Scalar::Boolean(false)),
            b"null" => return Ok(Scalar::Null),
            _ => {}
        }
        let bad = PdfError::Malformed { at: start, why: "neither number nor keyword" };
        let text = std::str::from_utf8(token).map_err(|_| bad.clone())?;
        if text.bytes().all(|byte| byte.is_ascii_digit())
            && let Some(reference) = text.parse().ok().and_then(|number| self.reference(number))
        {
            return Ok(reference);
        }
        if let Ok(number) = text.parse::<i64>() {
            return Ok(Scalar::Integer(number));
        }
        let digits = text.trim_start_matches(['+', '-']);
        let is_real = digits.bytes().any(|byte| byte.is_ascii_digit())
            && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b'-')
            && digits.bytes().filter(|byte| *byte == b'.').count() <= 1;
        if is_real { Ok(Scalar::Real(token)) } else { Err(bad) }
    }

    /// The reference whose number was read, if generation and keyword follow; nothing is taken otherwise.
    fn reference(&mut self, number: u32) -> Option<Scalar<'a>> {
        let mut ahead = self.clone();
        let generation = ahead.number().ok()?;
        let is_here = ahead.take(b"R");
        if is_here {
            self.at = ahead.at;
        }
        is_here.then_some(Scalar::Reference(Id { number, generation }))
    }

    /// A name, of which the slash stands here.
    pub(super) fn name(&mut self) -> Result<Name, PdfError> {
        self.at += 1;
        let token = self.regular();
        if memchr::memchr(b'#', token).is_none() {
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
        Ok(name.as_slice().into())
    }

    /// The string between `start` and here.
    fn string(&self, start: usize) -> Scalar<'a> {
        let token = self.bytes.get(start..self.at).unwrap_or_default();
        let at = (self.origin == Origin::File).then_some(start..self.at);
        Scalar::Text(StringToken { token, at })
    }

    fn hexadecimal(&mut self) -> Result<Scalar<'a>, PdfError> {
        let start = self.at;
        let inside = self.bytes.get(start + 1..).unwrap_or_default();
        let length = memchr::memchr(b'>', inside).ok_or(self.error("a string has no end"))?;
        let token = inside.get(..length).unwrap_or_default();
        self.at = start + length + 2;
        // Signatures are long and plain.
        if is_plain_hexadecimal(token) || token.iter().all(|byte| byte.is_ascii_hexdigit() || is_space(*byte)) {
            Ok(self.string(start))
        } else {
            Err(self.error("a string has other characters than hexadecimal digits"))
        }
    }

    fn literal(&mut self) -> Result<Scalar<'a>, PdfError> {
        let start = self.at;
        self.at += 1;
        let mut open = 1_u32;
        while open > 0 {
            let rest = self.rest();
            let Some(next) = memchr::memchr3(b'(', b')', b'\\', rest) else {
                self.at = self.bytes.len();
                return Err(self.error("a string has no end"));
            };
            self.at += next + 1;
            match rest.get(next) {
                Some(b'(') => open += 1,
                Some(b')') => open -= 1,
                // Whatever is escaped opens and closes nothing; of a longer escape, the rest does not either.
                _ => self.at = (self.at + 1).min(self.bytes.len()),
            }
        }
        Ok(self.string(start))
    }
}

/// A number of at most eighteen digits and nothing else: no more bits than a positive integer of 64 has.
fn short_number(token: &[u8]) -> Option<u64> {
    if token.is_empty() || token.len() > 18 {
        return None;
    }
    token.iter().try_fold(0, |number, byte| byte.is_ascii_digit().then(|| number * 10 + u64::from(byte - b'0')))
}

/// Whether there are hexadecimal digits alone. Every byte is looked at, which costs less than to stop at the first other.
pub(super) fn is_plain_hexadecimal(token: &[u8]) -> bool {
    token.iter().fold(true, |is_plain, byte| is_plain & byte.is_ascii_hexdigit())
}

/// The value of a hexadecimal digit.
pub(super) const fn nibble(digit: u8) -> u8 {
    (digit & 0xf) + 9 * (digit >> 6)
}

fn hex(byte: u8) -> Option<u8> {
    byte.is_ascii_hexdigit().then(|| nibble(byte))
}
