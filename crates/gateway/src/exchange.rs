//! What the servers need of the node.

use std::fmt;
use std::pin::Pin;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::Stream;
use types::{Digest, ExchangeId};
use wire::exchange_v1::{
    Acceptance, Attachment, ConfirmItemRequest, ConfirmItemResponse, DocumentHeader, FileHeader, FindAgenciesRequest,
    FindAgenciesResponse, GetAgencyRequest, GetAgencyResponse, GetDocumentRequest, GetDocumentResponse,
    GetNodeResponse, GiveBackItemRequest, GiveBackItemResponse, InboxItem, LeaseItemRequest, LeaseItemResponse,
    ListDocumentsRequest, ListDocumentsResponse, ListInboxRequest, ListInboxResponse, ListReceiptsRequest,
    ListReceiptsResponse, PacketHeader, ReportStatusRequest, TrackDocumentRequest, TrackDocumentResponse,
    WatchInboxRequest,
};

use crate::{Caller, Refusal};

/// Bytes as they come or go, pulled by the reader; never empty chunks. The first `Err` is the last item.
///
/// A client that dies in the middle of an upload shows up as `cancelled`.
pub type ByteStream = Pin<Box<dyn Stream<Item = Result<Bytes, Refusal>> + Send>>;

/// The files of a document in order: each [`FilePart::File`] is followed by its chunks.
///
/// The servers have checked that the files come in the header's order and that none is missing;
/// declared lengths and digests are for the node, which hashes while it writes.
pub type FileStream = Pin<Box<dyn Stream<Item = Result<FilePart, Refusal>> + Send>>;

/// Items of an inbox as they arrive. Ends when the node shuts down or the subscriber is too slow;
/// the cursor (`item`) brings the subscriber back.
pub type ItemStream = Pin<Box<dyn Stream<Item = Result<InboxItem, Refusal>> + Send>>;

/// One step of a [`FileStream`].
#[derive(Clone, Debug, PartialEq)]
pub enum FilePart {
    /// The next file begins.
    File {
        /// Position in the document, from 0, without gaps.
        index: u32,
        /// The entry of `DocumentHeader.files`; over HTTP, where the header may leave `files` out,
        /// made from the part's file name and content type. `name` is not checked.
        header: FileHeader,
    },
    /// Next bytes of the file.
    Chunk(Bytes),
}

/// A part of a content: `length` bytes from `offset`. Lies within the content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// First byte, from 0.
    pub offset: u64,
    /// Bytes.
    pub length: u64,
}

/// An opened packet or attachment, from which one span can be read.
///
/// The servers work out the span (offsets of the call, `Range`, `HEAD`, `If-None-Match`), so the
/// node only says what there is and reads what it is asked for.
pub struct Content {
    /// Bytes of the whole content.
    pub total: u64,
    /// SHA-256 of the whole content; the `ETag`.
    pub digest: Digest,
    /// Media type, for example `application/xml`.
    pub media_type: String,
    /// File name to offer; may be empty.
    pub name: String,
    /// With `fetch_attachment`: what the attachment is.
    pub attachment: Option<Attachment>,
    read: Box<dyn FnOnce(Span) -> ByteStream + Send>,
}

impl Content {
    /// A content whose bytes `read` gives; it is called at most once, and not for an empty span.
    #[must_use]
    pub fn new(total: u64, digest: Digest, read: impl FnOnce(Span) -> ByteStream + Send + 'static) -> Self {
        Self {
            total,
            digest,
            media_type: "application/octet-stream".into(),
            name: String::new(),
            attachment: None,
            read: Box::new(read),
        }
    }

    /// The bytes of `span`.
    #[must_use]
    pub fn read(self, span: Span) -> ByteStream {
        if span.length == 0 { Box::pin(futures_util::stream::empty()) } else { (self.read)(span) }
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Content").field("total", &self.total).field("digest", &self.digest).finish_non_exhaustive()
    }
}

/// What the node does for agency software, whichever protocol asked.
///
/// Every method checks that the caller speaks for the agency it names (`agency_not_spoken_for`) or
/// had a part in the document (`not_found`: that a stranger's document exists is not told).
/// Calls that change something run in a task of their own and are not dropped when the client goes
/// away; the others may be.
#[async_trait]
pub trait Exchange: Send + Sync + 'static {
    /// Builds a packet of `header` and `files`, and accepts it. Answers after it is on disk.
    async fn submit(&self, caller: &Caller, header: DocumentHeader, files: FileStream) -> Result<Acceptance, Refusal>;

    /// Accepts a ready-made packet, document or status. Answers after it is on disk.
    ///
    /// `header.length` and `header.sha256` are what the client declared; 0 and empty when it did not.
    async fn submit_packet(
        &self,
        caller: &Caller,
        header: PacketHeader,
        body: ByteStream,
    ) -> Result<Acceptance, Refusal>;

    /// Builds and accepts a status packet.
    async fn report_status(&self, caller: &Caller, request: ReportStatusRequest) -> Result<Acceptance, Refusal>;

    /// Lists an inbox; waits up to `wait_seconds` (already cut to 60) when there is nothing.
    async fn list_inbox(&self, caller: &Caller, request: ListInboxRequest) -> Result<ListInboxResponse, Refusal>;

    /// What waits after the cursor, then what arrives.
    async fn watch_inbox(&self, caller: &Caller, request: WatchInboxRequest) -> Result<ItemStream, Refusal>;

    /// Takes a lease on an item.
    async fn lease_item(&self, caller: &Caller, request: LeaseItemRequest) -> Result<LeaseItemResponse, Refusal>;

    /// Confirms an item.
    async fn confirm_item(&self, caller: &Caller, request: ConfirmItemRequest) -> Result<ConfirmItemResponse, Refusal>;

    /// Gives an item back.
    async fn give_back_item(
        &self,
        caller: &Caller,
        request: GiveBackItemRequest,
    ) -> Result<GiveBackItemResponse, Refusal>;

    /// Describes a document.
    async fn get_document(&self, caller: &Caller, request: GetDocumentRequest) -> Result<GetDocumentResponse, Refusal>;

    /// Opens a packet as it came in.
    async fn fetch_packet(&self, caller: &Caller, id: ExchangeId) -> Result<Content, Refusal>;

    /// Opens one attachment, decoded; `index` from 0.
    async fn fetch_attachment(&self, caller: &Caller, id: ExchangeId, index: u32) -> Result<Content, Refusal>;

    /// Tracks a sent document.
    async fn track_document(
        &self,
        caller: &Caller,
        request: TrackDocumentRequest,
    ) -> Result<TrackDocumentResponse, Refusal>;

    /// Lists sent or received documents.
    async fn list_documents(
        &self,
        caller: &Caller,
        request: ListDocumentsRequest,
    ) -> Result<ListDocumentsResponse, Refusal>;

    /// Lists the receipts of a document.
    async fn list_receipts(
        &self,
        caller: &Caller,
        request: ListReceiptsRequest,
    ) -> Result<ListReceiptsResponse, Refusal>;

    /// Finds agencies.
    async fn find_agencies(
        &self,
        caller: &Caller,
        request: FindAgenciesRequest,
    ) -> Result<FindAgenciesResponse, Refusal>;

    /// Looks an agency up.
    async fn get_agency(&self, caller: &Caller, request: GetAgencyRequest) -> Result<GetAgencyResponse, Refusal>;

    /// Describes the node and the caller.
    async fn get_node(&self, caller: &Caller) -> Result<GetNodeResponse, Refusal>;
}
