//! A JSON text as it arrives: tokens from chunks of any size, in memory that does not depend on the text.
//!
//! Strings come in pieces, so one of any length passes through. Strict but for one thing: half a surrogate pair
//! becomes U+FFFD, because a description that was cut badly must not cost the packet beside it.

mod strings;

use memchr::memchr2;

/// Containers inside each other at most; as serde_json.
const DEPTH_MAX: usize = 128;

/// Bytes of a key that are kept. Longer ones are cut: no known key is that long.
const KEY_MAX: usize = 64;

/// Characters of a number that are kept.
const NUMBER_MAX: usize = 32;

/// Where and why a text is not JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} at byte {offset}")]
pub(crate) struct Malformed {
    /// Bytes before it.
    pub(crate) offset: u64,
    /// What was found.
    pub(crate) what: &'static str,
}

/// One step of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    /// `{` or `[`: one level deeper.
    Begin(Container),
    /// `}` or `]`.
    End,
    /// A key, unescaped.
    Key(&'a [u8]),
    /// The quote before a string.
    StringBegin,
    /// A piece of a string, unescaped; not checked to be UTF-8.
    Text(&'a [u8]),
    /// The quote after it.
    StringEnd,
    /// `null`, `true`, `false`, or a number as written.
    Scalar(&'a [u8]),
}

/// What holds other values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Container {
    Object,
    Array,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Use {
    Key,
    Value,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Mark,
    Value,
    FirstElement,
    FirstKey,
    Key,
    Colon,
    AfterValue,
    String(Use),
    Escape(Use),
    Unicode(Use, u8, u16),
    Literal(&'static [u8], usize),
    Number(Number),
    Done,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Number {
    Minus,
    Zero,
    Whole,
    Point,
    Fraction,
    Exponent,
    Sign,
    Power,
}

/// Reads one JSON text; a byte order mark before it is skipped.
#[derive(Debug)]
pub(crate) struct Scanner {
    state: State,
    stack: Vec<Container>,
    /// The key or the number under way.
    held: Vec<u8>,
    /// Bytes of the byte order mark seen.
    mark: usize,
    /// First half of a surrogate pair.
    half: Option<u16>,
    escaped: [u8; 8],
    offset: u64,
}

impl Scanner {
    pub(crate) const fn new() -> Self {
        Self {
            state: State::Mark,
            stack: Vec::new(),
            held: Vec::new(),
            mark: 0,
            half: None,
            escaped: [0; 8],
            offset: 0,
        }
    }

    /// Containers open.
    pub(crate) const fn depth(&self) -> usize {
        self.stack.len()
    }

    /// Bytes read.
    pub(crate) const fn offset(&self) -> u64 {
        self.offset
    }

    /// An error at the byte that was read last.
    pub(crate) const fn malformed(&self, what: &'static str) -> Malformed {
        Malformed { offset: self.offset, what }
    }

    /// The next token; `None` when `input` is used up.
    pub(crate) fn next<'s, 'i: 's>(&'s mut self, input: &mut &'i [u8]) -> Result<Option<Token<'s>>, Malformed> {
        loop {
            if let State::String(usage) = self.state
                && self.half.is_none()
            {
                match self.text(input)? {
                    Some(text) if usage == Use::Value => return Ok(Some(Token::Text(text))),
                    Some(text) => self.hold(text, KEY_MAX),
                    None if input.is_empty() => return Ok(None),
                    None => {}
                }
            }
            let Some((&byte, rest)) = input.split_first() else { return Ok(None) };
            match self.step(byte)? {
                Step::Taken => self.advance(input, rest),
                Step::Again => {}
                Step::Token(kind) => {
                    self.advance(input, rest);
                    return Ok(Some(self.token(kind)));
                }
                Step::TokenBefore(kind) => return Ok(Some(self.token(kind))),
            }
        }
    }

    /// Checks that the text is whole.
    pub(crate) const fn finish(&self) -> Result<(), Malformed> {
        if matches!(self.state, State::Done) { Ok(()) } else { Err(self.malformed("the answer breaks off")) }
    }

    const fn advance<'a>(&mut self, input: &mut &'a [u8], rest: &'a [u8]) {
        *input = rest;
        self.offset += 1;
    }

    /// The run of plain characters at the front of `input`, `None` when there is none.
    fn text<'a>(&mut self, input: &mut &'a [u8]) -> Result<Option<&'a [u8]>, Malformed> {
        let end = memchr2(b'"', b'\\', input).unwrap_or(input.len());
        let (text, rest) = input.split_at(end);
        if let Some(at) = text.iter().position(|byte| *byte < 0x20) {
            self.offset += at as u64;
            return Err(self.malformed("a control character in a string"));
        }
        *input = rest;
        self.offset += end as u64;
        Ok((!text.is_empty()).then_some(text))
    }

    fn hold(&mut self, text: &[u8], most: usize) {
        let room = most.saturating_sub(self.held.len());
        self.held.extend(text.iter().take(room));
    }

    fn token(&self, kind: Kind) -> Token<'_> {
        match kind {
            Kind::Begin(container) => Token::Begin(container),
            Kind::End => Token::End,
            Kind::Key => Token::Key(&self.held),
            Kind::StringBegin => Token::StringBegin,
            Kind::StringEnd => Token::StringEnd,
            Kind::Scalar => Token::Scalar(&self.held),
            Kind::Escaped(length) => Token::Text(self.escaped.get(..length).unwrap_or_default()),
        }
    }

    fn step(&mut self, byte: u8) -> Result<Step, Malformed> {
        match self.state {
            State::Mark => self.mark(byte),
            State::String(usage) => Ok(self.quote_or_escape(usage, byte)),
            State::Escape(usage) => self.escape(usage, byte),
            State::Unicode(usage, digits, value) => self.unicode(usage, digits, value, byte),
            State::Literal(text, at) => self.literal(text, at, byte),
            State::Number(number) => self.number(number, byte),
            _ if matches!(byte, b' ' | b'\t' | b'\r' | b'\n') => Ok(Step::Taken),
            State::Value => self.value(byte),
            State::FirstElement if byte == b']' => self.close(Container::Array),
            State::FirstElement => self.value(byte),
            State::FirstKey if byte == b'}' => self.close(Container::Object),
            State::FirstKey | State::Key if byte == b'"' => {
                self.held.clear();
                self.state = State::String(Use::Key);
                Ok(Step::Taken)
            }
            State::FirstKey | State::Key => Err(self.malformed("no key where one belongs")),
            State::Colon if byte == b':' => {
                self.state = State::Value;
                Ok(Step::Taken)
            }
            State::Colon => Err(self.malformed("no colon after a key")),
            State::AfterValue => self.after_value(byte),
            State::Done => Err(self.malformed("something after the end")),
        }
    }

    fn mark(&mut self, byte: u8) -> Result<Step, Malformed> {
        const MARK: &[u8] = b"\xef\xbb\xbf";
        if MARK.get(self.mark) == Some(&byte) {
            self.mark += 1;
            if self.mark == MARK.len() {
                self.state = State::Value;
            }
            return Ok(Step::Taken);
        }
        if self.mark > 0 {
            return Err(self.malformed("a broken byte order mark"));
        }
        self.state = State::Value;
        Ok(Step::Again)
    }

    fn value(&mut self, byte: u8) -> Result<Step, Malformed> {
        self.held.clear();
        match byte {
            b'{' => self.open(Container::Object, State::FirstKey),
            b'[' => self.open(Container::Array, State::FirstElement),
            b'"' => {
                self.state = State::String(Use::Value);
                Ok(Step::Token(Kind::StringBegin))
            }
            b'n' | b't' | b'f' => {
                let text: &[u8] = match byte {
                    b'n' => b"null",
                    b't' => b"true",
                    _ => b"false",
                };
                self.state = State::Literal(text, 1);
                Ok(Step::Taken)
            }
            b'-' | b'0'..=b'9' => {
                let start = match byte {
                    b'-' => Number::Minus,
                    b'0' => Number::Zero,
                    _ => Number::Whole,
                };
                self.hold(&[byte], NUMBER_MAX);
                self.state = State::Number(start);
                Ok(Step::Taken)
            }
            _ => Err(self.malformed("no value where one belongs")),
        }
    }

    fn open(&mut self, container: Container, state: State) -> Result<Step, Malformed> {
        if self.stack.len() >= DEPTH_MAX {
            return Err(self.malformed("nested too deeply"));
        }
        self.stack.push(container);
        self.state = state;
        Ok(Step::Token(Kind::Begin(container)))
    }

    fn close(&mut self, container: Container) -> Result<Step, Malformed> {
        if self.stack.pop() != Some(container) {
            return Err(self.malformed("the wrong bracket"));
        }
        self.ended();
        Ok(Step::Token(Kind::End))
    }

    /// A value is complete.
    const fn ended(&mut self) {
        self.state = if self.stack.is_empty() { State::Done } else { State::AfterValue };
    }

    fn after_value(&mut self, byte: u8) -> Result<Step, Malformed> {
        match (byte, self.stack.last()) {
            (b',', Some(Container::Object)) => {
                self.state = State::Key;
                Ok(Step::Taken)
            }
            (b',', Some(Container::Array)) => {
                self.state = State::Value;
                Ok(Step::Taken)
            }
            (b'}', _) => self.close(Container::Object),
            (b']', _) => self.close(Container::Array),
            _ => Err(self.malformed("neither a comma nor an end after a value")),
        }
    }

    fn literal(&mut self, text: &'static [u8], at: usize, byte: u8) -> Result<Step, Malformed> {
        if text.get(at) != Some(&byte) {
            return Err(self.malformed("none of null, true and false"));
        }
        if at + 1 < text.len() {
            self.state = State::Literal(text, at + 1);
            return Ok(Step::Taken);
        }
        self.hold(text, NUMBER_MAX);
        self.ended();
        Ok(Step::Token(Kind::Scalar))
    }

    fn number(&mut self, number: Number, byte: u8) -> Result<Step, Malformed> {
        use Number as N;
        let next = match (number, byte) {
            (N::Minus, b'0') => N::Zero,
            (N::Minus, b'1'..=b'9') | (N::Whole, b'0'..=b'9') => N::Whole,
            (N::Zero | N::Whole, b'.') => N::Point,
            (N::Point | N::Fraction, b'0'..=b'9') => N::Fraction,
            (N::Zero | N::Whole | N::Fraction, b'e' | b'E') => N::Exponent,
            (N::Exponent, b'+' | b'-') => N::Sign,
            (N::Exponent | N::Sign | N::Power, b'0'..=b'9') => N::Power,
            (N::Zero | N::Whole | N::Fraction | N::Power, _) => {
                self.ended();
                return Ok(Step::TokenBefore(Kind::Scalar));
            }
            _ => return Err(self.malformed("a broken number")),
        };
        self.hold(&[byte], NUMBER_MAX);
        self.state = State::Number(next);
        Ok(Step::Taken)
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Begin(Container),
    End,
    Key,
    StringBegin,
    StringEnd,
    Scalar,
    Escaped(usize),
}

enum Step {
    /// The byte is used, there is no token.
    Taken,
    /// The same byte again in another state.
    Again,
    /// The byte completes a token.
    Token(Kind),
    /// A token ends before the byte.
    TokenBefore(Kind),
}

#[cfg(test)]
mod tests;
