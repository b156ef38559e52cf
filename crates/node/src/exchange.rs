//! The node as agency software sees it: `gateway::Exchange` over intake, store and directory.

mod agencies;
mod compose;
mod content;
mod inbox;
mod list;
pub(crate) mod status;
mod submit;
mod track;
mod view;

use std::sync::Arc;

use async_trait::async_trait;
use gateway::{ByteStream, Caller, Content, Exchange, FileStream, ItemStream, Refusal};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use types::{AgencyCode, ErrorCode, ExchangeId};
use wire::exchange_v1::{
    Acceptance, ConfirmItemRequest, ConfirmItemResponse, DocumentHeader, FindAgenciesRequest, FindAgenciesResponse,
    GetAgencyRequest, GetAgencyResponse, GetDocumentRequest, GetDocumentResponse, GetNodeResponse, GiveBackItemRequest,
    GiveBackItemResponse, LeaseItemRequest, LeaseItemResponse, ListDocumentsRequest, ListDocumentsResponse,
    ListInboxRequest, ListInboxResponse, ListReceiptsRequest, ListReceiptsResponse, PacketHeader, ReportStatusRequest,
    TrackDocumentRequest, TrackDocumentResponse, WatchInboxRequest,
};

use crate::core::Core;
use crate::links::Sending;

pub(crate) use view::{handed_over, recalled, summary};

/// What the servers call.
pub(crate) struct Desk {
    core: Arc<Core>,
    links: Arc<relay::Links<Sending>>,
    uploads: Arc<Semaphore>,
    stop: CancellationToken,
}

impl Desk {
    /// `uploads` bounds packets being read at a time, over all doors.
    pub(crate) const fn new(
        core: Arc<Core>,
        links: Arc<relay::Links<Sending>>,
        uploads: Arc<Semaphore>,
        stop: CancellationToken,
    ) -> Self {
        Self { core, links, uploads, stop }
    }

    /// The agency that a request names, when the caller speaks for it.
    fn agency(caller: &Caller, text: &str) -> Result<AgencyCode, Refusal> {
        let code: AgencyCode = text
            .parse()
            .or_else(|_| AgencyCode::opaque(text))
            .map_err(|error| Refusal::new(ErrorCode::MalformedCode, error.to_string()).at_field("agency"))?;
        if caller.speaks_for(&code) {
            return Ok(code);
        }
        let detail = format!("system {} does not speak for {code}", caller.system);
        Err(Refusal::new(ErrorCode::AgencyNotSpokenFor, detail).at_field("agency"))
    }
}

/// A failure of the store or a record, in the caller's words.
fn refusal(refused: impl Into<crate::intake::Refused>) -> Refusal {
    refused.into().into_refusal()
}

#[async_trait]
impl Exchange for Desk {
    async fn submit(&self, caller: &Caller, header: DocumentHeader, files: FileStream) -> Result<Acceptance, Refusal> {
        self.submit_document(caller, header, files).await
    }

    async fn submit_packet(
        &self,
        caller: &Caller,
        header: PacketHeader,
        body: ByteStream,
    ) -> Result<Acceptance, Refusal> {
        self.submit_ready(caller, header, body).await
    }

    async fn report_status(&self, caller: &Caller, request: ReportStatusRequest) -> Result<Acceptance, Refusal> {
        self.submit_status(caller, request).await
    }

    async fn list_inbox(&self, caller: &Caller, request: ListInboxRequest) -> Result<ListInboxResponse, Refusal> {
        self.inbox_page(caller, request).await
    }

    async fn watch_inbox(&self, caller: &Caller, request: WatchInboxRequest) -> Result<ItemStream, Refusal> {
        self.inbox_stream(caller, &request)
    }

    async fn lease_item(&self, caller: &Caller, request: LeaseItemRequest) -> Result<LeaseItemResponse, Refusal> {
        self.lease(caller, &request)
    }

    async fn confirm_item(&self, caller: &Caller, request: ConfirmItemRequest) -> Result<ConfirmItemResponse, Refusal> {
        self.confirm(caller, &request).await
    }

    async fn give_back_item(
        &self,
        caller: &Caller,
        request: GiveBackItemRequest,
    ) -> Result<GiveBackItemResponse, Refusal> {
        self.give_back(caller, &request)
    }

    async fn get_document(&self, caller: &Caller, request: GetDocumentRequest) -> Result<GetDocumentResponse, Refusal> {
        self.describe(caller, &request)
    }

    async fn fetch_packet(&self, caller: &Caller, id: ExchangeId) -> Result<Content, Refusal> {
        self.packet(caller, id)
    }

    async fn fetch_attachment(&self, caller: &Caller, id: ExchangeId, index: u32) -> Result<Content, Refusal> {
        self.attachment(caller, id, index)
    }

    async fn track_document(
        &self,
        caller: &Caller,
        request: TrackDocumentRequest,
    ) -> Result<TrackDocumentResponse, Refusal> {
        self.track(caller, &request)
    }

    async fn list_documents(
        &self,
        caller: &Caller,
        request: ListDocumentsRequest,
    ) -> Result<ListDocumentsResponse, Refusal> {
        self.list(caller, &request)
    }

    async fn list_receipts(
        &self,
        caller: &Caller,
        request: ListReceiptsRequest,
    ) -> Result<ListReceiptsResponse, Refusal> {
        self.receipts(caller, &request)
    }

    async fn find_agencies(
        &self,
        _caller: &Caller,
        request: FindAgenciesRequest,
    ) -> Result<FindAgenciesResponse, Refusal> {
        self.find(&request)
    }

    async fn get_agency(&self, _caller: &Caller, request: GetAgencyRequest) -> Result<GetAgencyResponse, Refusal> {
        self.look_up(&request)
    }

    async fn get_node(&self, caller: &Caller) -> Result<GetNodeResponse, Refusal> {
        Ok(self.node(caller))
    }
}
