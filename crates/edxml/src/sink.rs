//! Where decoded attachments go.

use std::error::Error;

use types::ErrorCode;

use crate::{AttachmentHead, Packet};

/// Takes the decoded content of attachments while the packet is read.
///
/// Calls come as `envelope` once, and `begin`, any number of `data`, `end` for one attachment after the other,
/// on the thread that called [`read_packet`](crate::read_packet). An error stops the reading.
pub trait AttachmentSink {
    /// Sees the packet when its envelope has been read, before attachments that follow it (the usual order).
    ///
    /// Here a caller refuses a secret document or an unknown receiver before any content arrives. `attachments` is
    /// still empty. The default takes everything.
    ///
    /// # Errors
    /// The sink's own.
    fn envelope(&mut self, packet: &Packet) -> Result<(), SinkError> {
        let _ = packet;
        Ok(())
    }

    /// Starts the attachment with this index (from 0, as in [`Document::attachments`](crate::Document)).
    ///
    /// `head` holds what stood before the content in the packet; element order varies between producers, so only
    /// the returned [`Document`](crate::Document) has every field.
    ///
    /// # Errors
    /// The sink's own; it comes back from `read_packet` with its code.
    fn begin(&mut self, index: usize, head: &AttachmentHead) -> Result<(), SinkError>;

    /// Takes the next decoded bytes: 1 to 65,536 of them.
    ///
    /// # Errors
    /// The sink's own.
    fn data(&mut self, piece: &[u8]) -> Result<(), SinkError>;

    /// Ends the attachment.
    ///
    /// # Errors
    /// The sink's own.
    fn end(&mut self) -> Result<(), SinkError>;
}

/// A sink's refusal: the public code, and the cause for the log.
#[derive(Debug, thiserror::Error)]
#[error("the attachment could not be taken ({code})")]
pub struct SinkError {
    code: ErrorCode,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl SinkError {
    /// A refusal without a further cause.
    #[must_use]
    pub const fn new(code: ErrorCode) -> Self {
        Self { code, source: None }
    }

    /// A refusal with its cause.
    pub fn with_source(code: ErrorCode, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { code, source: Some(source.into()) }
    }

    /// The public code.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        self.code
    }
}

/// A sink that drops everything: for reading only the header, or only checking a packet.
#[derive(Clone, Copy, Debug, Default)]
pub struct DiscardSink;

impl AttachmentSink for DiscardSink {
    fn begin(&mut self, _index: usize, _head: &AttachmentHead) -> Result<(), SinkError> {
        Ok(())
    }

    fn data(&mut self, _piece: &[u8]) -> Result<(), SinkError> {
        Ok(())
    }

    fn end(&mut self) -> Result<(), SinkError> {
        Ok(())
    }
}
