//! Documents made on the fly: any size, never in memory as a whole, no two alike.

use std::iter;
use std::path::PathBuf;

use bytes::Bytes;
use types::Digest;

use crate::files::{CHUNK_BYTES, Hasher, LocalFile};

/// Bytes at the beginning that tell one document from the others.
const HEAD_BYTES: usize = 16;

/// What the files of a run are cut from.
#[derive(Clone)]
pub(super) struct Content {
    /// One chunk of bytes that no compression shrinks.
    block: Bytes,
    length: u64,
}

impl Content {
    /// Files of `length` bytes.
    pub(super) fn new(length: u64) -> Self {
        // xorshift64: any sequence without repetition will do, and the same one in every run.
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let words = iter::repeat_with(|| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()
        });
        Self { block: words.flatten().take(CHUNK_BYTES).collect::<Vec<u8>>().into(), length }
    }

    /// The bytes of document `number`, a chunk at a time.
    pub(super) fn chunks(&self, number: u64) -> impl Iterator<Item = Bytes> + Send + 'static {
        let head = Bytes::from(format!("{number:0HEAD_BYTES$}"));
        let block = self.block.clone();
        let pieces = iter::once(head).chain(iter::repeat(block));
        pieces.scan(self.length, |left, piece| {
            let take = usize::try_from(*left).unwrap_or(usize::MAX).min(piece.len());
            *left -= u64::try_from(take).unwrap_or(*left);
            (take > 0).then(|| piece.slice(..take))
        })
    }

    /// The file of document `number` as it is announced.
    pub(super) fn file(&self, number: u64) -> LocalFile {
        let mut hasher = Hasher::default();
        self.chunks(number).for_each(|chunk| hasher.update(&chunk));
        let (length, sha256): (u64, Digest) = hasher.finish();
        let name = format!("bench-{number}.bin");
        LocalFile { path: PathBuf::new(), name, content_type: "application/octet-stream".to_owned(), length, sha256 }
    }
}
