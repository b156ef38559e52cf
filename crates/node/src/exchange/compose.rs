//! A packet built from metadata and files. The same request gives the same bytes, so a repeat is recognised.

pub(super) mod header;

use std::io::{self, Write as _};
use std::sync::Arc;

use edxml::{AttachmentHead, Document, PacketWriter, WriteError};
use futures_util::StreamExt as _;
use gateway::{FilePart, FileStream};
use queue::{INLINE_MAX, PayloadWriter, Staged};
use types::{Digest, ErrorCode};
use wire::exchange_v1::{DocumentHeader, FileHeader};

use super::submit::Interrupted;
use crate::core::Core;
use crate::intake::{Received, Refused, UploadError, read_staged};

/// Bytes of files whose packet stays in memory too: in base64 they are a third more, and the header comes on top.
const SMALL: u64 = INLINE_MAX as u64 / 2;

/// A document whose files are being taken.
pub(super) struct Composition {
    core: Arc<Core>,
    document: Document,
    files: Vec<(AttachmentHead, Staged)>,
}

/// A file being spooled: the packet's manifest comes before its content, so files wait beside it.
struct Spool {
    header: FileHeader,
    writer: PayloadWriter,
}

impl Composition {
    /// Checks the metadata.
    pub(super) fn start(core: Arc<Core>, header: DocumentHeader) -> Result<Self, Refused> {
        let document = header::document(&core, header)?;
        Ok(Self { core, document, files: Vec::new() })
    }

    /// Spools every file, checking declared lengths and digests.
    pub(super) async fn take_files(mut self, mut files: FileStream) -> Result<Self, Interrupted> {
        let mut spool: Option<Spool> = None;
        let mut total: u64 = 0;
        while let Some(part) = files.next().await {
            match part.map_err(Interrupted::Ended)? {
                FilePart::File { header, .. } => {
                    self.keep(spool.take()).map_err(Interrupted::Packet)?;
                    let writer = self.core.store.stage().map_err(|error| Interrupted::Packet(error.into()))?;
                    spool = Some(Spool { header, writer });
                }
                FilePart::Chunk(bytes) => {
                    total = total.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
                    let max = self.core.config.limits.packet_bytes_max;
                    if total > max {
                        let detail = format!("more than {max} bytes of files");
                        return Err(Interrupted::Packet(Refused::new(ErrorCode::DocumentTooLarge, detail)));
                    }
                    let Some(current) = spool.take() else {
                        let refused = Refused::new(ErrorCode::InvalidArgument, "content before the first file");
                        return Err(Interrupted::Packet(refused));
                    };
                    spool = Some(write(current, bytes).await.map_err(|error| Interrupted::Packet(error.into()))?);
                }
            }
        }
        self.keep(spool).map_err(Interrupted::Packet)?;
        Ok(self)
    }

    fn keep(&mut self, spool: Option<Spool>) -> Result<(), Refused> {
        let Some(Spool { header, writer }) = spool else { return Ok(()) };
        let max = self.core.config.limits.attachments_max;
        if self.files.len() >= max {
            return Err(Refused::new(ErrorCode::LimitExceeded, format!("more than {max} files")).at("files"));
        }
        let staged = writer.finish_unsynced();
        check_declared(&header, &staged)?;
        let name = safe_name(&header.name)?;
        let content_type =
            if header.content_type.is_empty() { "application/octet-stream" } else { header.content_type.as_str() };
        let mut head = AttachmentHead::new(&format!("cid:{}", self.files.len()), name, content_type);
        if !header.description.is_empty() {
            head.description = Some(header.description);
        }
        self.document.list(&head);
        self.files.push((head, staged));
        Ok(())
    }

    /// Writes the packet, and reads it back as any other packet.
    pub(super) async fn finish(self) -> Result<Received, Refused> {
        let Self { core, document, files } = self;
        let limits = core.packet_limits();
        let is_small = files.iter().map(|(_, staged)| staged.length()).sum::<u64>() <= SMALL;
        let write = move || -> Result<PayloadWriter, Refused> {
            let mut packet = PacketWriter::new(core.store.stage()?, &document).map_err(unwritten)?;
            for (head, staged) in files {
                packet.attachment(&head, staged.open()?).map_err(unwritten)?;
            }
            packet.finish().map_err(unwritten)
        };
        // What is in memory is written sooner than handed to another thread.
        let writer = match is_small {
            true => write()?,
            false => tokio::task::spawn_blocking(write).await.map_err(|_| Refused::from(UploadError::Reader))??,
        };
        let staged = match writer.is_in_memory() {
            true => writer.finish()?,
            false => blocking(move || writer.finish().map_err(UploadError::from)).await?,
        };
        Ok(read_staged(staged, &limits).await?)
    }
}

fn unwritten(error: WriteError) -> Refused {
    let code = error.code();
    if code.fault() == types::Fault::Node {
        tracing::error!(error = &error as &dyn std::error::Error, "a packet could not be written");
        return Refused::new(code, "the node could not write the packet");
    }
    Refused::new(code, error.to_string())
}

async fn write(mut spool: Spool, bytes: bytes::Bytes) -> Result<Spool, UploadError> {
    let length = usize::try_from(spool.writer.length()).unwrap_or(usize::MAX).saturating_add(bytes.len());
    if length <= INLINE_MAX {
        spool.writer.write_all(&bytes).map_err(UploadError::Disk)?;
        return Ok(spool);
    }
    blocking(move || {
        let written: io::Result<()> = spool.writer.write_all(&bytes);
        written.map_err(UploadError::Disk)?;
        Ok(spool)
    })
    .await
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, UploadError> + Send + 'static,
) -> Result<T, UploadError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| UploadError::Reader)?
}

fn check_declared(header: &FileHeader, staged: &Staged) -> Result<(), Refused> {
    if header.length != 0 && header.length != staged.length() {
        let detail = format!("file {:?}: declared {} bytes, received {}", header.name, header.length, staged.length());
        return Err(Refused::new(ErrorCode::LengthMismatch, detail).at("files.length"));
    }
    if header.sha256.is_empty() {
        return Ok(());
    }
    let declared = Digest::try_from(header.sha256.as_ref())
        .map_err(|error| Refused::new(ErrorCode::InvalidArgument, error.to_string()).at("files.sha256"))?;
    if declared == staged.digest() {
        return Ok(());
    }
    let detail = format!("file {:?}: declared {declared}, received {}", header.name, staged.digest());
    Err(Refused::new(ErrorCode::DigestMismatch, detail).at("files.sha256"))
}

/// A file name without a path, so that no receiver's software writes elsewhere.
fn safe_name(name: &str) -> Result<&str, Refused> {
    let is_path = name.contains(['/', '\\']) || name.chars().any(char::is_control) || name == "." || name == "..";
    if name.is_empty() || name.len() > 255 || is_path {
        let detail = format!("file name {name:?}: write 1 to 255 bytes without a path");
        return Err(Refused::new(ErrorCode::InvalidArgument, detail).at("files.name"));
    }
    Ok(name)
}
