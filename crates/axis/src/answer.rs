//! Answers: one line of JSON in ASCII, with `status`, `ErrorCode` and `ErrorDesc` always there.
//!
//! The operator's clients read the answer of `sendEdoc` as US-ASCII and throw on a missing field.

use std::io;

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

use crate::{AxisCode, Failure};

/// An answer being written.
#[derive(Clone, Debug)]
pub struct Answer(Vec<u8>);

impl Answer {
    /// `status: "OK"`, code 0.
    #[must_use]
    pub fn success() -> Self {
        Self::of("OK", AxisCode::Success, "Thành công / Success")
    }

    /// `status: "FAIL"` with the failure's code and words.
    #[must_use]
    pub fn failure(failure: &Failure) -> Self {
        Self::of("FAIL", failure.code, &failure.description)
    }

    fn of(status: &str, code: AxisCode, description: &str) -> Self {
        let mut line = b"{\"status\":".to_vec();
        write(&mut line, &status);
        Self(line).with("ErrorCode", &code.to_string()).with("ErrorDesc", &description)
    }

    /// Adds a member.
    #[must_use]
    pub fn with(mut self, name: &str, value: &impl Serialize) -> Self {
        self.begin(name);
        write(&mut self.0, value);
        self
    }

    /// The whole line.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        self.0.push(b'}');
        self.0
    }

    /// The line up to where the value of its last member begins. The caller writes the value and [`Self::END`].
    #[must_use]
    pub fn open(mut self, name: &str) -> Vec<u8> {
        self.begin(name);
        self.0
    }

    /// What follows the last member.
    pub const END: &'static [u8] = b"}";

    fn begin(&mut self, name: &str) {
        self.0.push(b',');
        write(&mut self.0, &name);
        self.0.push(b':');
    }
}

/// Appends a value as JSON of ASCII characters alone.
pub(crate) fn write(line: &mut Vec<u8>, value: &impl Serialize) {
    let written = value.serialize(&mut Serializer::with_formatter(line, Ascii));
    debug_assert!(written.is_ok(), "records have text keys, and a Vec takes every write");
}

/// Writes everything beyond ASCII as `\uHHHH`, in pairs of surrogates beyond the first plane.
struct Ascii;

impl Formatter for Ascii {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(start) = rest.find(|letter: char| !letter.is_ascii()) {
            let (plain, beyond) = rest.split_at(start);
            writer.write_all(plain.as_bytes())?;
            let mut letters = beyond.chars();
            if let Some(letter) = letters.next() {
                for unit in letter.encode_utf16(&mut [0; 2]) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            }
            rest = letters.as_str();
        }
        writer.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests;
