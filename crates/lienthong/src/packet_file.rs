//! An edXML file of this machine: read once, with digests of it and of every attachment.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use edxml::{Attachment, AttachmentHead, AttachmentSink, Limits, Packet, SinkError, read_packet};
use signature::{PacketDigest, Part};
use types::{BusinessType, Digest, ErrorCode};

use crate::failure::Failure;
use crate::files::Hasher;
use crate::sealing::PacketOutline;

/// A packet that was read and is well-formed.
#[derive(Debug)]
pub(crate) struct PacketFile {
    pub(crate) packet: Packet,
    pub(crate) digest: PacketDigest,
    /// SHA-256 of each attachment, decoded, in order.
    pub(crate) attachments: Vec<Digest>,
}

/// Whether the file is named like a packet.
pub(crate) fn is_packet(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("edxml"))
}

impl PacketFile {
    /// Reads the file to its end with the default limits; nothing of an attachment is kept.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let file = File::open(path).map_err(|error| Failure::file(path, error))?;
        let mut input = Hashing { inner: file, hasher: Hasher::default() };
        let mut sink = DigestSink::default();
        let packet = read_packet(BufReader::with_capacity(64 * 1024, &mut input), &Limits::default(), &mut sink);
        let packet = packet.map_err(|error| match error.code() {
            ErrorCode::Cancelled => Failure::file(path, error),
            code => Failure::Unverified { code, detail: format!("{}: {error}", path.display()) },
        })?;
        let (length, sha256) = input.hasher.finish();
        Ok(Self { packet, digest: PacketDigest { length, sha256 }, attachments: sink.done })
    }

    /// The attachments, empty for a status.
    pub(crate) fn attachments(&self) -> &[Attachment] {
        match &self.packet {
            Packet::Document(document) => &document.attachments,
            Packet::Status(_) => &[],
        }
    }

    /// What its manifest states. A status goes to the agency whose document it is about.
    pub(crate) fn outline(&self) -> Result<PacketOutline, Failure> {
        let from = self.packet.from().organ_id.to_string();
        let (to, document_id, business_type, subject) = match &self.packet {
            Packet::Document(document) => (
                document.recipients().map(ToString::to_string).collect(),
                document.document_id.clone(),
                document.business_type(),
                Some(document.subject.clone()).filter(|subject| !subject.is_empty()),
            ),
            Packet::Status(status) => {
                let id = status.response_for.document_id.clone().ok_or_else(|| Failure::Unverified {
                    code: ErrorCode::MissingElement,
                    detail: "ResponseFor/DocumentId".to_owned(),
                })?;
                (vec![status.response_for.organ_id.to_string()], id, BusinessType::New, None)
            }
        };
        let kind = self.packet.kind();
        Ok(PacketOutline {
            from,
            to,
            document_id,
            kind,
            business_type,
            subject,
            packet: self.digest,
            parts: self.parts(),
        })
    }

    /// The attachments as a manifest lists them.
    pub(crate) fn parts(&self) -> Vec<Part> {
        let part = |(attachment, sha256): (&Attachment, &Digest)| Part {
            name: attachment.head.name.clone().unwrap_or_default(),
            media_type: attachment.head.content_type.clone().unwrap_or_default(),
            length: attachment.decoded_length,
            sha256: *sha256,
        };
        self.attachments().iter().zip(&self.attachments).map(part).collect()
    }
}

/// Hashes what is read.
struct Hashing<R> {
    inner: R,
    hasher: Hasher,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.hasher.update(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}

/// Hashes every attachment.
#[derive(Default)]
struct DigestSink {
    current: Option<Hasher>,
    done: Vec<Digest>,
}

impl AttachmentSink for DigestSink {
    fn begin(&mut self, _index: usize, _head: &AttachmentHead) -> Result<(), SinkError> {
        self.current = Some(Hasher::default());
        Ok(())
    }

    fn data(&mut self, piece: &[u8]) -> Result<(), SinkError> {
        if let Some(hasher) = &mut self.current {
            hasher.update(piece);
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), SinkError> {
        self.done.extend(self.current.take().map(|hasher| hasher.finish().1));
        Ok(())
    }
}
