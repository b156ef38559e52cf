//! Submissions as streams of messages: a header, then chunks.

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use tonic::Streaming;
use types::ErrorCode;
use wire::exchange_v1::submit_packet_request::Part as PacketPart;
use wire::exchange_v1::submit_request::Part as DocumentPart;
use wire::exchange_v1::{DocumentHeader, PacketHeader, SubmitPacketRequest, SubmitRequest};

use super::from_status;
use crate::files::{Order, Unlisted};
use crate::{ByteStream, FilePart, FileStream, Refusal};

/// Bytes of a chunk, as the contract says.
const CHUNK_BYTES_MAX: usize = 1024 * 1024;

/// Reads the first message of a document.
pub(crate) async fn document_header(messages: &mut Streaming<SubmitRequest>) -> Result<DocumentHeader, Refusal> {
    match messages.message().await.map_err(|status| from_status(&status))? {
        Some(SubmitRequest { part: Some(DocumentPart::Header(header)) }) => Ok(header),
        _ => Err(Refusal::field("header", "is the first message of a submission")),
    }
}

/// Reads the first message of a packet.
pub(crate) async fn packet_header(messages: &mut Streaming<SubmitPacketRequest>) -> Result<PacketHeader, Refusal> {
    match messages.message().await.map_err(|status| from_status(&status))? {
        Some(SubmitPacketRequest { part: Some(PacketPart::Header(header)) }) => Ok(header),
        _ => Err(Refusal::field("header", "is the first message of a submission")),
    }
}

/// The messages after the header as files.
pub(crate) fn files(messages: Streaming<SubmitRequest>, header: &DocumentHeader) -> FileStream {
    let reader = (messages, Order::new(header.files.clone(), Unlisted::Refused));
    Box::pin(stream::unfold(Some(reader), |reader| async move {
        let (mut messages, mut order) = reader?;
        loop {
            let part = match next_part(&mut messages, &mut order).await {
                Ok(Some(FilePart::Chunk(chunk))) if chunk.is_empty() => continue,
                Ok(part) => part?,
                Err(refusal) => return Some((Err(refusal), None)),
            };
            return Some((Ok(part), Some((messages, order))));
        }
    }))
}

async fn next_part(messages: &mut Streaming<SubmitRequest>, order: &mut Order) -> Result<Option<FilePart>, Refusal> {
    let Some(message) = messages.message().await.map_err(|status| from_status(&status))? else {
        return order.end().map(|()| None);
    };
    match message.part {
        Some(DocumentPart::File(index)) => order.begin(index, wire::exchange_v1::FileHeader::default()).map(Some),
        Some(DocumentPart::Chunk(_)) if order.due() == 0 => Err(Refusal::field("chunk", "came before any file")),
        Some(DocumentPart::Chunk(chunk)) => checked(chunk).map(|chunk| Some(FilePart::Chunk(chunk))),
        Some(DocumentPart::Header(_)) => Err(Refusal::field("header", "came twice")),
        None => Err(Refusal::field("part", "a message is empty")),
    }
}

/// The messages after the header as the packet's bytes.
pub(crate) fn packet(messages: Streaming<SubmitPacketRequest>) -> ByteStream {
    let chunks = messages.map(|message| match message.map_err(|status| from_status(&status))?.part {
        Some(PacketPart::Chunk(chunk)) => checked(chunk),
        Some(PacketPart::Header(_)) => Err(Refusal::field("header", "came twice")),
        None => Err(Refusal::field("part", "a message is empty")),
    });
    Box::pin(chunks.filter(|chunk| std::future::ready(!matches!(chunk, Ok(chunk) if chunk.is_empty()))))
}

fn checked(chunk: impl Into<Bytes>) -> Result<Bytes, Refusal> {
    let chunk = chunk.into();
    if chunk.len() <= CHUNK_BYTES_MAX {
        return Ok(chunk);
    }
    let detail = format!("a chunk has {} bytes, limit {CHUNK_BYTES_MAX}", chunk.len());
    Err(Refusal::new(ErrorCode::LimitExceeded, detail).at_field("chunk"))
}
