//! Base64 as it stands inside XML: with white space, in pieces.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::xml::chars::{self, ReferenceError};

/// Base64 characters decoded at once: gives pieces of 48 KiB, below the 64 KiB a sink is promised.
const STAGED_MAX: usize = 64 << 10;
/// Bytes of a reference between `&` and `;`: `#x00000D` and some.
const REFERENCE_MAX: usize = 16;

/// Decodes base64 pushed in pieces of any size. Memory: two buffers of 64 KiB.
///
/// White space is passed over, also as a character reference (Java's and .NET's writers put `&#13;` at line ends).
/// Everything else is strict: the standard alphabet, padding required, no bits left over, nothing after the padding.
#[derive(Debug)]
pub(crate) struct Base64Text {
    /// Characters not decoded yet. May hold blanks and tabs, never line ends.
    staged: Vec<u8>,
    decoded: Box<[u8]>,
    /// The reference being read, without its `&`.
    reference: Option<Vec<u8>>,
    /// Characters decoded.
    position: u64,
    end: End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Open,
    Padded,
}

/// Why a text is not base64.
#[derive(Debug)]
pub(crate) enum Base64Error {
    /// At this base64 character, white space not counted.
    Text { position: u64, reason: String },
    /// An entity that only a DTD could define.
    Entity(String),
}

impl Base64Text {
    pub(crate) fn new() -> Self {
        Self {
            staged: Vec::with_capacity(STAGED_MAX),
            decoded: vec![0; STAGED_MAX / 4 * 3].into_boxed_slice(),
            reference: None,
            position: 0,
            end: End::Open,
        }
    }

    /// Starts another text.
    pub(crate) fn reset(&mut self) {
        self.staged.clear();
        self.reference = None;
        self.position = 0;
        self.end = End::Open;
    }

    /// Takes the next piece of text; gives decoded bytes to `out`.
    pub(crate) fn push<E: From<Base64Error>>(
        &mut self,
        mut text: &[u8],
        out: &mut dyn FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        while let Some(first) = text.first() {
            if self.reference.is_some() {
                self.refer(*first)?;
                text = text.get(1..).unwrap_or_default();
                continue;
            }
            let mark = memchr::memchr3(b'\n', b'\r', b'&', text);
            let run = mark.and_then(|mark| text.get(..mark)).unwrap_or(text);
            self.stage(run, out)?;
            text = text.get(run.len()..).unwrap_or_default();
            if let Some((mark, rest)) = text.split_first() {
                self.reference = (*mark == b'&').then(Vec::new);
                text = rest;
            }
        }
        Ok(())
    }

    /// Ends the text; gives the last decoded bytes to `out`.
    pub(crate) fn finish<E: From<Base64Error>>(
        &mut self,
        out: &mut dyn FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        if self.reference.is_some() {
            return Err(self.wrong("'&' without ';'").into());
        }
        self.staged.retain(|byte| !is_blank(*byte));
        self.flush(self.staged.len(), out)
    }

    /// Takes a byte of a reference, which has to be white space in disguise.
    fn refer(&mut self, byte: u8) -> Result<(), Base64Error> {
        let Some(reference) = self.reference.as_mut() else { return Ok(()) };
        if byte != b';' {
            reference.push(byte);
            let is_long = reference.len() > REFERENCE_MAX;
            return if is_long { Err(self.wrong("'&' without ';'")) } else { Ok(()) };
        }
        let name = String::from_utf8_lossy(reference).into_owned();
        self.reference = None;
        match chars::resolve_reference(&name) {
            Ok(' ' | '\t' | '\r' | '\n') => Ok(()),
            Err(ReferenceError::Entity) => Err(Base64Error::Entity(name)),
            Ok(_) | Err(ReferenceError::Character) => Err(self.wrong("a reference that is not white space")),
        }
    }

    fn stage<E: From<Base64Error>>(
        &mut self,
        mut run: &[u8],
        out: &mut dyn FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        while !run.is_empty() {
            let room = STAGED_MAX - self.staged.len();
            let (now, later) = run.split_at_checked(room).unwrap_or((run, &[]));
            self.staged.extend_from_slice(now);
            run = later;
            if self.staged.len() == STAGED_MAX {
                self.flush(STAGED_MAX, out)?;
            }
        }
        Ok(())
    }

    /// Decodes the whole quads of the first `length` staged characters, all of them at the end of the text.
    fn flush<E: From<Base64Error>>(
        &mut self,
        length: usize,
        out: &mut dyn FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let quads = self.staged.get(..length).unwrap_or_default();
        if self.end == End::Padded && !quads.iter().all(|byte| is_blank(*byte)) {
            return Err(self.wrong("characters after the padding").into());
        }
        match STANDARD.decode_slice(quads, &mut self.decoded) {
            Ok(0) => {}
            Ok(count) => {
                if quads.ends_with(b"=") {
                    self.end = End::Padded;
                }
                self.position += quads.len() as u64;
                out(self.decoded.get(..count).unwrap_or_default())?;
            }
            // Blanks and tabs inside lines are rare: looked for only when the fast way failed.
            Err(_) if quads.iter().any(|byte| is_blank(*byte)) => {
                self.staged.retain(|byte| !is_blank(*byte));
                let whole = self.staged.len() / 4 * 4;
                return self.flush(whole, out);
            }
            Err(error) => return Err(self.undecodable(&error).into()),
        }
        self.staged.drain(..length.min(self.staged.len()));
        Ok(())
    }

    fn undecodable(&self, error: &base64::DecodeSliceError) -> Base64Error {
        use base64::{DecodeError, DecodeSliceError};
        let (at, reason) = match error {
            DecodeSliceError::DecodeError(DecodeError::InvalidByte(at, byte)) if byte.is_ascii_graphic() => {
                (*at, format!("the character {:?}", char::from(*byte)))
            }
            DecodeSliceError::DecodeError(DecodeError::InvalidByte(at, byte)) => {
                (*at, format!("the byte 0x{byte:02x}"))
            }
            DecodeSliceError::DecodeError(DecodeError::InvalidLastSymbol(at, _)) => (*at, "bits left over".to_owned()),
            DecodeSliceError::DecodeError(DecodeError::InvalidLength(_) | DecodeError::InvalidPadding)
            | DecodeSliceError::OutputSliceTooSmall => (self.staged.len(), "the text is cut short".to_owned()),
        };
        Base64Error::Text { position: self.position + at as u64, reason }
    }

    fn wrong(&self, reason: &str) -> Base64Error {
        Base64Error::Text { position: self.position + self.staged.len() as u64, reason: reason.to_owned() }
    }
}

const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

#[cfg(test)]
mod tests;
