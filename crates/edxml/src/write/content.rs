//! Attachment content as base64.

use std::io::{self, Read, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::WriteError;
use crate::AttachmentHead;

/// Bytes encoded at once: whole groups of three, so that only the last piece is padded.
const PIECE: usize = 48 << 10;

/// Encodes `content` to its end, on one line; gives the bytes read.
pub(super) fn encode(out: &mut impl Write, mut content: impl Read, head: &AttachmentHead) -> Result<u64, WriteError> {
    let mut piece = vec![0; PIECE];
    let mut encoded = vec![0; PIECE / 3 * 4];
    let mut length: u64 = 0;
    loop {
        let count = fill(&mut content, &mut piece)
            .map_err(|source| WriteError::Content { content_id: head.content_id.clone(), source })?;
        length += count as u64;
        let bytes = piece.get(..count).unwrap_or_default();
        let text_length = STANDARD.encode_slice(bytes, &mut encoded).expect("the buffer holds a whole piece encoded");
        let text = encoded.get(..text_length).unwrap_or_default();
        out.write_all(text).map_err(|source| WriteError::Output { source })?;
        if count < PIECE {
            return Ok(length);
        }
    }
}

/// Fills the buffer; fewer bytes only at the end of the content.
fn fill(content: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut have = 0;
    while let Some(room) = buffer.get_mut(have..).filter(|room| !room.is_empty()) {
        match content.read(room) {
            Ok(0) => break,
            Ok(more) => have += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(have)
}
