//! `data` of `getEdoc`: base64 inside JSON, decoded as it arrives.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::answer::Data;
use crate::scan::{Malformed, Token};

/// The decoder. Line breaks are skipped; anything else that is not padded base64 is an error.
#[derive(Debug, Default)]
pub(super) struct Base64Data {
    /// What was decoded and not yet taken.
    pub(super) decoded: Vec<u8>,
    progress: Progress,
    /// Characters of a group that is not complete.
    group: Vec<u8>,
    /// The padding was seen.
    is_padded: bool,
}

/// How much of `data` was there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Progress {
    /// No key, or `null`.
    #[default]
    Absent,
    /// A string without a character.
    Empty,
    /// A string with content.
    Some,
}

impl Base64Data {
    pub(super) const fn progress(&self) -> Progress {
        self.progress
    }

    fn text(&mut self, text: &[u8], offset: u64) -> Result<(), Malformed> {
        for line in text.split(|byte| matches!(byte, b'\r' | b'\n')).filter(|line| !line.is_empty()) {
            self.progress = Progress::Some;
            self.line(line, offset)?;
        }
        Ok(())
    }

    fn line(&mut self, mut line: &[u8], offset: u64) -> Result<(), Malformed> {
        if !self.group.is_empty() {
            let (head, rest) = line.split_at(line.len().min(4 - self.group.len()));
            self.group.extend_from_slice(head);
            line = rest;
            if self.group.len() == 4 {
                let group = std::mem::take(&mut self.group);
                self.decode(&group, offset)?;
            }
        }
        let (whole, rest) = line.split_at(line.len() / 4 * 4);
        if !whole.is_empty() {
            self.decode(whole, offset)?;
        }
        self.group.extend_from_slice(rest);
        Ok(())
    }

    fn decode(&mut self, groups: &[u8], offset: u64) -> Result<(), Malformed> {
        if self.is_padded {
            return Err(Malformed { offset, what: "base64 after its padding" });
        }
        self.is_padded = groups.last() == Some(&b'=');
        STANDARD
            .decode_vec(groups, &mut self.decoded)
            .map_err(|_| Malformed { offset, what: "what is no base64 in data" })
    }
}

impl Data for Base64Data {
    fn token(&mut self, token: Token<'_>, depth: usize, offset: u64) -> Result<(), Malformed> {
        match token {
            Token::StringBegin if depth == 1 && self.progress != Progress::Absent => {
                Err(Malformed { offset, what: "data a second time" })
            }
            Token::StringBegin if depth == 1 => {
                self.progress = Progress::Empty;
                Ok(())
            }
            Token::Text(text) => self.text(text, offset),
            Token::StringEnd if self.group.is_empty() => Ok(()),
            Token::StringEnd => Err(Malformed { offset, what: "base64 without its last characters" }),
            Token::Scalar(b"null") => Ok(()),
            _ => Err(Malformed { offset, what: "data that is no string" }),
        }
    }
}

#[cfg(test)]
mod tests;
