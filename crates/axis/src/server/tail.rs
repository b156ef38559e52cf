//! Where a sent file ends: the client adds a CR LF that is not part of it, and the hash decides.

use bytes::{Bytes, BytesMut};
use ring::digest::{Context, SHA256};
use types::ErrorCode;

use crate::{AxisCode, Failure, file_hash};

/// What may follow the file.
const LINE_END: &[u8] = b"\r\n";

/// What a body without `hash-file` ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Undeclared {
    /// A raw body: one CR LF at its end is the client's.
    LineEndIsAdded,
    /// A part of a form: all of it is the file.
    AllIsFile,
}

/// Lets a file through but for its last chunk, and decides at the end what of that is the file.
pub(super) struct Tail {
    declared: Option<String>,
    undeclared: Undeclared,
    bytes_max: u64,
    /// Over what was let through.
    hash: Context,
    passed: u64,
    /// The last chunk; at least two bytes as soon as two came.
    held: Bytes,
}

impl Tail {
    pub(super) fn new(declared: Option<String>, undeclared: Undeclared, bytes_max: u64) -> Self {
        Self { declared, undeclared, bytes_max, hash: Context::new(&SHA256), passed: 0, held: Bytes::new() }
    }

    /// Takes the next chunk; gives what is surely of the file. May be empty.
    pub(super) fn push(&mut self, chunk: Bytes) -> Result<Bytes, Failure> {
        let through = if chunk.len() >= LINE_END.len() || self.held.is_empty() {
            std::mem::replace(&mut self.held, chunk)
        } else {
            let mut joined = BytesMut::with_capacity(self.held.len() + chunk.len());
            joined.extend_from_slice(&self.held);
            joined.extend_from_slice(&chunk);
            let through = joined.split_to(joined.len().saturating_sub(LINE_END.len()));
            self.held = joined.freeze();
            through.freeze()
        };
        self.hash.update(&through);
        self.passed = self.passed.saturating_add(through.len() as u64);
        // The added line end is not the file's, and is not known to be there before the end.
        let least = self.passed.saturating_add(self.held.len() as u64).saturating_sub(LINE_END.len() as u64);
        self.fits(least)?;
        Ok(through)
    }

    /// The file's last bytes. May be empty.
    ///
    /// # Errors
    /// Code 10 when the declared hash is that of neither reading.
    pub(super) fn finish(self) -> Result<Bytes, Failure> {
        let stripped = self.held.strip_suffix(LINE_END).map(|bytes| self.held.slice_ref(bytes));
        let file = match (&self.declared, stripped) {
            (None, Some(stripped)) if self.undeclared == Undeclared::LineEndIsAdded => stripped,
            (None, _) => self.held.clone(),
            (Some(declared), Some(stripped)) if self.is(declared, &stripped) => stripped,
            (Some(declared), _) if self.is(declared, &self.held) => self.held.clone(),
            _ => return Err(mismatch()),
        };
        self.fits(self.passed.saturating_add(file.len() as u64))?;
        Ok(file)
    }

    fn is(&self, declared: &str, last: &[u8]) -> bool {
        let mut hash = self.hash.clone();
        hash.update(last);
        let mut digest = [0; 32];
        digest.copy_from_slice(hash.finish().as_ref());
        file_hash::matches(declared, &digest)
    }

    fn fits(&self, length: u64) -> Result<(), Failure> {
        if length <= self.bytes_max { Ok(()) } else { Err(too_large(self.bytes_max)) }
    }
}

pub(super) fn too_large(bytes_max: u64) -> Failure {
    let detail = format!("tệp lớn hơn {bytes_max} byte / the file has more than {bytes_max} bytes");
    Failure::of(ErrorCode::DocumentTooLarge, &detail)
}

fn mismatch() -> Failure {
    let failure = Failure::of(
        ErrorCode::DigestMismatch,
        "hash-file không phải SHA-256 của tệp; gửi lại / hash-file is not the SHA-256 of the file; send it again",
    );
    debug_assert_eq!(failure.code, AxisCode::FileInvalid);
    failure
}

#[cfg(test)]
mod tests;
