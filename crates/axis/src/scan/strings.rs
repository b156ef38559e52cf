//! What is special inside a string: its end, and escapes.

use super::{KEY_MAX, Kind, Malformed, Scanner, State, Step, Use};

/// Whether unescaped characters stand before the byte under way, or are what it completes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Moment {
    Before,
    After,
}

impl Scanner {
    /// The byte that ended a run of plain characters.
    pub(super) fn quote_or_escape(&mut self, usage: Use, byte: u8) -> Step {
        if byte == b'\\' {
            self.state = State::Escape(usage);
            return Step::Taken;
        }
        if self.half.take().is_some() {
            return self.emit(usage, '\u{fffd}', None, Moment::Before);
        }
        match usage {
            Use::Key => {
                self.state = State::Colon;
                Step::Token(Kind::Key)
            }
            Use::Value => {
                self.ended();
                Step::Token(Kind::StringEnd)
            }
        }
    }

    pub(super) fn escape(&mut self, usage: Use, byte: u8) -> Result<Step, Malformed> {
        let character = match byte {
            b'u' => {
                self.state = State::Unicode(usage, 0, 0);
                return Ok(Step::Taken);
            }
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            _ => return Err(self.malformed("an unknown escape")),
        };
        self.state = State::String(usage);
        Ok(match self.half.take() {
            Some(_) => self.emit(usage, '\u{fffd}', Some(character), Moment::After),
            None => self.emit(usage, character, None, Moment::After),
        })
    }

    pub(super) fn unicode(&mut self, usage: Use, digits: u8, value: u16, byte: u8) -> Result<Step, Malformed> {
        let Some(digit) = char::from(byte).to_digit(16) else {
            return Err(self.malformed("an escape without four hex digits"));
        };
        let value = (value << 4) | u16::try_from(digit).unwrap_or_default();
        if digits < 3 {
            self.state = State::Unicode(usage, digits + 1, value);
            return Ok(Step::Taken);
        }
        self.state = State::String(usage);
        let before = self.half.take();
        if (0xd800..0xdc00).contains(&value) {
            self.half = Some(value);
            return Ok(match before {
                Some(_) => self.emit(usage, '\u{fffd}', None, Moment::After),
                None => Step::Taken,
            });
        }
        let pair = before.map(|half| char::decode_utf16([half, value]).next());
        Ok(match (pair, char::from_u32(value.into())) {
            (Some(Some(Ok(character))), _) | (None, Some(character)) => {
                self.emit(usage, character, None, Moment::After)
            }
            (Some(_), second) => self.emit(usage, '\u{fffd}', second, Moment::After),
            (None, None) => self.emit(usage, '\u{fffd}', None, Moment::After),
        })
    }

    /// Gives out unescaped characters, or holds them for a key.
    fn emit(&mut self, usage: Use, first: char, second: Option<char>, moment: Moment) -> Step {
        let mut text = String::from(first);
        text.extend(second);
        if usage == Use::Key {
            self.hold(text.as_bytes(), KEY_MAX);
            return if moment == Moment::Before { Step::Again } else { Step::Taken };
        }
        let length = text.len();
        if let Some(place) = self.escaped.get_mut(..length) {
            place.copy_from_slice(text.as_bytes());
        }
        match moment {
            Moment::Before => Step::TokenBefore(Kind::Escaped(length)),
            Moment::After => Step::Token(Kind::Escaped(length)),
        }
    }
}
