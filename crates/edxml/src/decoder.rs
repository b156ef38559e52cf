//! Content of an attachment out of a stored packet.

use std::io::{self, Read};

use crate::base64_text::{Base64Error, Base64Text};

/// Bytes read from the input at once.
const INPUT_PIECE: usize = 64 << 10;

/// Decodes the base64 text of one attachment, read from its [`ByteRange`](crate::ByteRange) of the stored packet.
///
/// White space (also as `&#13;`, as some producers write it) is passed over; anything else that is not base64 is an
/// error of kind `InvalidData`, and so is a text that ends early. Memory: about 256 KiB, whatever the length.
#[derive(Debug)]
pub struct AttachmentDecoder<R> {
    input: R,
    text: Base64Text,
    piece: Box<[u8]>,
    decoded: Vec<u8>,
    /// Bytes of `decoded` already given out.
    given: usize,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Reading,
    Ended,
    Broken,
}

impl<R: Read> AttachmentDecoder<R> {
    /// Decodes `input`, which must yield exactly the bytes of the range.
    pub fn new(input: R) -> Self {
        Self {
            input,
            text: Base64Text::new(),
            piece: vec![0; INPUT_PIECE].into_boxed_slice(),
            decoded: Vec::new(),
            given: 0,
            state: State::Reading,
        }
    }

    /// Decodes the next piece of the input.
    fn refill(&mut self) -> io::Result<()> {
        self.decoded.clear();
        self.given = 0;
        let count = self.input.read(&mut self.piece)?;
        let decoded = &mut self.decoded;
        let mut keep = |bytes: &[u8]| {
            decoded.extend_from_slice(bytes);
            Ok::<(), Broken>(())
        };
        let step = match self.piece.get(..count) {
            Some(text) if count > 0 => self.text.push(text, &mut keep),
            _ => {
                self.state = State::Ended;
                self.text.finish(&mut keep)
            }
        };
        step.map_err(|Broken(reason)| {
            self.state = State::Broken;
            io::Error::new(io::ErrorKind::InvalidData, reason)
        })
    }
}

impl<R: Read> Read for AttachmentDecoder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.decoded.len() && self.state == State::Reading && !buffer.is_empty() {
            self.refill()?;
        }
        if self.state == State::Broken {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the attachment is not base64"));
        }
        let count = self.decoded.get(self.given..).unwrap_or_default().read(buffer)?;
        self.given += count;
        Ok(count)
    }
}

struct Broken(String);

impl From<Base64Error> for Broken {
    fn from(error: Base64Error) -> Self {
        Self(match error {
            Base64Error::Text { position, reason } => {
                format!("the attachment is not base64: {reason} (at character {position})")
            }
            Base64Error::Entity(name) => format!("the attachment is not base64: the entity reference &{name};"),
        })
    }
}

#[cfg(test)]
mod tests;
