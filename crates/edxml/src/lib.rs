//! edXML packets of QCVN 102:2016/BTTTT: a streaming codec, both ways.
//!
//! [`read_packet`] pulls a packet out of any `BufRead`, gives the decoded attachments piece by piece to an
//! [`AttachmentSink`] and returns the header as a [`Packet`]. [`PacketWriter`] and [`write_status`] go the other way.
//! Elements are matched by namespace and local name, never by prefix. Memory does not depend on the size of the
//! packet: attachment content is decoded from the input's own buffer, everything else has a limit ([`Limits`]).
//!
//! Nothing here reads a clock, a file or a socket, and nothing a packet names is ever fetched.

mod archive;
mod attachment;
mod base64_text;
mod business;
mod decoder;
mod document;
mod error;
#[cfg(test)]
mod fixture;
mod limits;
mod namespace;
mod organization;
mod packet;
mod read;
mod secrecy;
mod sink;
mod value;
mod write;
mod xml;

pub use archive::{ArchiveError, Unzipped, unzip_single};
pub use attachment::{Attachment, AttachmentHead, ByteRange, Manifest, ManifestEntry};
pub use business::{
    Business, ChangedInfo, Receiver, ReceiverChange, Replacement, StaffInfo, TraceHeader, TraceHeaderList,
};
pub use decoder::AttachmentDecoder;
pub use document::{
    Document, DocumentCode, DocumentType, OtherInfo, PromulgationInfo, Reference, ReferenceRole, ResponseFor,
    SignerInfo,
};
pub use error::{EdxmlError, Problem};
pub use limits::Limits;
pub use namespace::{NAMESPACE, XMLDSIG_NAMESPACE};
pub use organization::Organization;
pub use packet::{Packet, Status};
pub use read::read_packet;
pub use sink::{AttachmentSink, DiscardSink, SinkError};
pub use value::{EdxmlDate, EdxmlTimestamp, OrganId, ValueError};
pub use write::{PacketWriter, WriteError, write_status};
pub use xml::preamble::preamble_length;
