//! Documents and their content, for those who sent or received them.

use std::io::{Read, Seek as _, SeekFrom};

use bytes::Bytes;
use edxml::AttachmentDecoder;
use futures_util::stream;
use gateway::{ByteStream, Caller, Content, Refusal, Span};
use queue::{Document, EntryKind, Origin, Plan, Recipient, RecipientId};
use types::{Digest, ErrorCode, ExchangeId};
use wire::exchange_v1::{GetDocumentRequest, GetDocumentResponse};

use super::{Desk, refusal, view};
use crate::quarantine;
use crate::record::AttachmentPlace;

/// Bytes read at a time.
const PIECE: usize = 256 * 1024;
/// Recipients read at a time.
const PAGE: usize = 512;

impl Desk {
    /// The packet of an exchange in which the caller had a part.
    pub(crate) fn find_document(&self, caller: &Caller, id: ExchangeId) -> Result<Document, Refusal> {
        for seq in self.core.store.by_exchange(id).map_err(refusal)? {
            let document = self.core.store.document(seq).map_err(refusal)?;
            if document.kind != EntryKind::Receipt && self.has_part(caller, &document)? {
                return Ok(document);
            }
        }
        Err(Refusal::new(ErrorCode::NotFound, "no such exchange for the calling system").in_exchange(id))
    }

    fn has_part(&self, caller: &Caller, document: &Document) -> Result<bool, Refusal> {
        if matches!(document.origin, Origin::Local(_)) && caller.speaks_for(&document.key.sender) {
            return Ok(true);
        }
        Ok(!self.readers(caller, document, 1)?.is_empty())
    }

    /// Receivers with an inbox here for which the caller reads; the first `max` of them. What was recalled is nobody's, and
    /// what is in quarantine not yet.
    fn readers(&self, caller: &Caller, document: &Document, max: usize) -> Result<Vec<RecipientId>, Refusal> {
        let is_for = |recipient: &Recipient| match &recipient.plan {
            Plan::Inbox(agency) => caller.speaks_for(agency) && !recipient.is_recalled() && !recipient.is_held,
            Plan::Hop(_) | Plan::Returned { .. } => false,
        };
        let (mut readers, mut from) = (Vec::new(), 0);
        loop {
            let page = self.core.store.recipients(document.seq, from, PAGE).map_err(refusal)?;
            let found = page.iter().filter(|recipient| is_for(recipient));
            readers.extend(found.map(|recipient| RecipientId { seq: document.seq, index: recipient.index }));
            match page.last() {
                Some(last) if readers.len() < max => from = last.index + 1,
                Some(_) | None => return Ok(readers),
            }
        }
    }

    /// Finds a packet whose content is about to be read; from then on its sender cannot recall it unread.
    fn document_to_read(&self, caller: &Caller, id: ExchangeId) -> Result<Document, Refusal> {
        let document = self.find_document(caller, id)?;
        let is_sender = matches!(document.origin, Origin::Local(_)) && caller.speaks_for(&document.key.sender);
        let mut may_read = is_sender;
        for reader in self.readers(caller, &document, usize::MAX)? {
            may_read |= self.core.store.read_by(reader).is_ok();
        }
        if !may_read {
            return Err(Refusal::new(ErrorCode::NotFound, "the sender has recalled it").in_exchange(id));
        }
        Ok(document)
    }

    /// Describes a document.
    pub(super) fn describe(
        &self,
        caller: &Caller,
        request: &GetDocumentRequest,
    ) -> Result<GetDocumentResponse, Refusal> {
        let id = wire::required("exchangeId", &request.exchange_id)?;
        let document = self.find_document(caller, id)?;
        let side = self.core.side(&document).map_err(refusal)?;
        let attachments = (0..).zip(&side.attachments).map(|(index, place)| place.to_wire(index));
        Ok(GetDocumentResponse {
            document: Some(view::summary(&self.core, &document).map_err(refusal)?),
            attachments: attachments.collect(),
            signature_report: quarantine::last_report(&self.core, &document, side.report).map_err(refusal)?,
            envelope: side.envelope,
            hops: document.hops.iter().map(ToString::to_string).chain([self.core.node.to_string()]).collect(),
        })
    }

    /// The packet as it came in.
    pub(super) fn packet(&self, caller: &Caller, id: ExchangeId) -> Result<Content, Refusal> {
        self.packet_of(&self.document_to_read(caller, id)?)
    }

    /// The packet of a stored entry, as it came in.
    pub(crate) fn packet_of(&self, document: &Document) -> Result<Content, Refusal> {
        let file = self.core.store.open_payload(&document.content).map_err(refusal)?;
        let mut content =
            Content::new(document.content.length, document.content.digest, move |span| seek_and_read(file, span));
        content.media_type = "application/xml".into();
        content.name = format!("{}.edxml", document.exchange);
        Ok(content)
    }

    /// One attachment, decoded while it is read.
    pub(super) fn attachment(&self, caller: &Caller, id: ExchangeId, index: u32) -> Result<Content, Refusal> {
        let document = self.document_to_read(caller, id)?;
        let side = self.core.side(&document).map_err(refusal)?;
        let place = usize::try_from(index).ok().and_then(|at| side.attachments.get(at)).cloned().ok_or_else(|| {
            let detail = format!("the packet has {} attachments; index {index} is not one", side.attachments.len());
            Refusal::new(ErrorCode::NotFound, detail).in_exchange(id)
        })?;
        let digest = Digest::try_from(place.sha256.as_slice())
            .map_err(|error| Refusal::new(ErrorCode::StoreDamaged, error.to_string()))?;
        let file = self.core.store.open_payload(&document.content).map_err(refusal)?;
        let attachment = place.to_wire(index);
        let mut content = Content::new(place.length, digest, {
            let place = place.clone();
            move |span| decode_and_read(file, &place, span)
        });
        content.media_type = media_type(&place.content_type);
        content.name = place.name;
        content.attachment = Some(attachment);
        Ok(content)
    }
}

/// A media type that a header can carry; what the packet says goes no further.
fn media_type(text: &str) -> String {
    let is_token = |c: char| c.is_ascii_alphanumeric() || "/.+-".contains(c);
    let is_type = text.split_once('/').is_some_and(|(kind, sub)| !kind.is_empty() && !sub.is_empty());
    if is_type && text.chars().all(is_token) { text.to_owned() } else { "application/octet-stream".to_owned() }
}

fn failed(error: &std::io::Error) -> Refusal {
    tracing::error!(error = error as &dyn std::error::Error, "a payload could not be read");
    Refusal::new(ErrorCode::Internal, "the node could not read the content")
}

fn seek_and_read(mut file: queue::Payload, span: Span) -> ByteStream {
    match file.seek(SeekFrom::Start(span.offset)) {
        Ok(_) => pieces(file.take(span.length)),
        Err(error) => Box::pin(stream::iter([Err(failed(&error))])),
    }
}

/// Base64 is decoded from its beginning: its lines need not be equally long, so a place cannot be computed.
fn decode_and_read(mut file: queue::Payload, place: &AttachmentPlace, span: Span) -> ByteStream {
    if let Err(error) = file.seek(SeekFrom::Start(place.encoded_offset)) {
        return Box::pin(stream::iter([Err(failed(&error))]));
    }
    let decoded = AttachmentDecoder::new(std::io::BufReader::with_capacity(PIECE, file.take(place.encoded_length)));
    pieces(Skip { inner: decoded, left: span.offset }.take(span.length))
}

/// Passes over the first bytes.
struct Skip<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Skip<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.left > 0 {
            let passed = std::io::copy(&mut self.inner.by_ref().take(self.left), &mut std::io::sink())?;
            if passed < self.left {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            self.left = 0;
        }
        self.inner.read(buffer)
    }
}

/// Reads off the I/O threads, one piece at a time as the reader asks for it.
fn pieces(reader: impl Read + Send + 'static) -> ByteStream {
    Box::pin(stream::try_unfold(reader, |mut reader| async move {
        let read = tokio::task::spawn_blocking(move || {
            let mut piece = Vec::with_capacity(PIECE);
            let result = reader.by_ref().take(u64::try_from(PIECE).unwrap_or(u64::MAX)).read_to_end(&mut piece);
            result.map(|_| (piece, reader))
        });
        let (piece, reader) = read
            .await
            .map_err(|_| Refusal::new(ErrorCode::Internal, "the reader failed"))?
            .map_err(|error| failed(&error))?;
        Ok((!piece.is_empty()).then(|| (Bytes::from(piece), reader)))
    }))
}
