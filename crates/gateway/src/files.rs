//! The order of a document's files: as the header lists them, none missing, none added.

use types::ErrorCode;
use wire::exchange_v1::FileHeader;

use crate::{FilePart, Refusal};

/// Files of one document; more than any real one has, and each costs a temporary file.
const FILES_MAX: u32 = 1000;

/// Whether files may come that the header does not list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unlisted {
    /// gRPC: the header lists every file.
    Refused,
    /// Multipart: a header without a list takes the files as their parts describe them.
    AllowedWithoutList,
}

/// Which file comes next.
#[derive(Debug)]
pub(crate) struct Order {
    listed: std::vec::IntoIter<FileHeader>,
    describes_itself: bool,
    next: u32,
}

impl Order {
    pub(crate) fn new(listed: Vec<FileHeader>, unlisted: Unlisted) -> Self {
        let describes_itself = unlisted == Unlisted::AllowedWithoutList && listed.is_empty();
        Self { listed: listed.into_iter(), describes_itself, next: 0 }
    }

    /// The file with `index` begins; `described` is what its part says of it.
    pub(crate) fn begin(&mut self, index: u32, described: FileHeader) -> Result<FilePart, Refusal> {
        if index != self.next {
            return Err(Refusal::field("file", format!("file {index} came where file {} is due", self.next)));
        }
        if index >= FILES_MAX {
            let detail = format!("a document has at most {FILES_MAX} files");
            return Err(Refusal::new(ErrorCode::LimitExceeded, detail).at_field("files"));
        }
        let header = match self.listed.next() {
            Some(header) => header,
            None if self.describes_itself => described,
            None => {
                let detail = format!("file {index} came, but the header lists only {index} files");
                return Err(Refusal::new(ErrorCode::AttachmentUnlisted, detail).at_field("files"));
            }
        };
        self.next += 1;
        Ok(FilePart::File { index, header })
    }

    /// The index that is due.
    pub(crate) fn due(&self) -> u32 {
        self.next
    }

    /// No more files come.
    pub(crate) fn end(&mut self) -> Result<(), Refusal> {
        match self.listed.next() {
            None => Ok(()),
            Some(header) => {
                let detail = format!("file {} ({:?}) of the header did not come", self.next, header.name);
                Err(Refusal::new(ErrorCode::AttachmentMissing, detail).at_field("files"))
            }
        }
    }
}

#[cfg(test)]
mod tests;
