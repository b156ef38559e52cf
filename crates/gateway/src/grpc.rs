//! The exchange service over gRPC.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use axum::body::Body;
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use http_body_util::BodyExt;
use tonic::{Request, Response, Status, Streaming};
use types::ErrorCode;
use wire::exchange_v1 as v1;
use wire::exchange_v1::exchange_service_server::{ExchangeService, ExchangeServiceServer};

use crate::front::Front;
use crate::layers::RequestId;
use crate::{Caller, Content, Refusal, Span, idle};

mod status;
mod upload;

pub(crate) use status::status;

/// Largest message: a header with 10,000 receivers and a manifest of 1 MiB, or a chunk of 1 MiB.
const MESSAGE_BYTES_MAX: usize = 4 * 1024 * 1024;

type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// The service over `front`.
pub(crate) fn service(front: Arc<Front>) -> ExchangeServiceServer<Service> {
    ExchangeServiceServer::new(Service(front)).max_decoding_message_size(MESSAGE_BYTES_MAX)
}

/// Marks a request whose body breaks off.
///
/// tonic reads a stream that its client resets with CANCEL as one that ended, so that half an upload
/// would pass for a whole one; any other status reaches the reader as the error that it is.
pub(crate) async fn a_reset_is_an_error(request: axum::extract::Request) -> axum::extract::Request {
    request.map(|body| Body::new(body.map_err(|_| Status::unavailable("the stream of requests broke off"))))
}

pub(crate) struct Service(Arc<Front>);

impl Service {
    fn open<T>(&self, request: Request<T>) -> Result<(Caller, RequestId, T), Status> {
        let (metadata, extensions, message) = request.into_parts();
        let id = extensions.get::<RequestId>().cloned().unwrap_or_default();
        match self.0.identify(metadata.as_ref(), &extensions) {
            Ok(caller) => Ok((caller, id, message)),
            Err(refusal) => Err(status(&refusal, &id)),
        }
    }

    async fn unary<Q, A, F, R>(&self, request: Request<Q>, call: F) -> Result<Response<A>, Status>
    where
        F: FnOnce(Arc<Front>, Caller, Q) -> R + Send,
        R: Future<Output = Result<A, Refusal>> + Send,
        Q: Send,
    {
        let (caller, id, message) = self.open(request)?;
        match call(self.0.clone(), caller, message).await {
            Ok(answer) => Ok(Response::new(answer)),
            Err(refusal) => Err(status(&refusal, &id)),
        }
    }
}

/// The span that a call asks for; `length` 0 is to the end.
fn span(total: u64, offset: u64, length: u64) -> Result<Span, Refusal> {
    let Some(left) = total.checked_sub(offset) else {
        return Err(Refusal::field("offset", format!("{offset} lies behind the end ({total} bytes)")));
    };
    Ok(Span { offset, length: if length == 0 { left } else { length.min(left) } })
}

/// A content as messages: the first one, made by `first`, has no bytes but the facts.
fn messages<T: Send + 'static>(
    content: Content,
    span: Span,
    id: RequestId,
    first: T,
    chunk: fn(Bytes) -> T,
) -> Answers<T> {
    let bytes = idle::exact(content.read(span), span.length);
    let rest = bytes.map(move |item| item.map(chunk).map_err(|refusal| status(&refusal, &id)));
    Box::pin(stream::once(std::future::ready(Ok(first))).chain(rest))
}

#[async_trait]
impl ExchangeService for Service {
    type WatchInboxStream = Answers<v1::WatchInboxResponse>;
    type FetchPacketStream = Answers<v1::FetchPacketResponse>;
    type FetchAttachmentStream = Answers<v1::FetchAttachmentResponse>;

    async fn submit(
        &self,
        request: Request<Streaming<v1::SubmitRequest>>,
    ) -> Result<Response<v1::SubmitResponse>, Status> {
        self.unary(request, |front, caller, mut messages| async move {
            let header = upload::document_header(&mut messages).await?;
            let files = upload::files(messages, &header);
            front.submit(caller, header, files).await
        })
        .await
    }

    async fn submit_packet(
        &self,
        request: Request<Streaming<v1::SubmitPacketRequest>>,
    ) -> Result<Response<v1::SubmitPacketResponse>, Status> {
        self.unary(request, |front, caller, mut messages| async move {
            let header = upload::packet_header(&mut messages).await?;
            front.submit_packet(caller, header, upload::packet(messages)).await
        })
        .await
    }

    async fn report_status(
        &self,
        request: Request<v1::ReportStatusRequest>,
    ) -> Result<Response<v1::ReportStatusResponse>, Status> {
        self.unary(request, Front::report_status).await
    }

    async fn list_inbox(
        &self,
        request: Request<v1::ListInboxRequest>,
    ) -> Result<Response<v1::ListInboxResponse>, Status> {
        self.unary(request, Front::list_inbox).await
    }

    async fn watch_inbox(
        &self,
        request: Request<v1::WatchInboxRequest>,
    ) -> Result<Response<Self::WatchInboxStream>, Status> {
        let (caller, id, message) = self.open(request)?;
        let items = self.0.clone().watch_inbox(caller, message).await.map_err(|refusal| status(&refusal, &id))?;
        let answers = items.map(move |item| match item {
            Ok(item) => Ok(v1::WatchInboxResponse { item: Some(item) }),
            Err(refusal) => Err(status(&refusal, &id)),
        });
        Ok(Response::new(Box::pin(answers)))
    }

    async fn lease_item(
        &self,
        request: Request<v1::LeaseItemRequest>,
    ) -> Result<Response<v1::LeaseItemResponse>, Status> {
        self.unary(request, Front::lease_item).await
    }

    async fn confirm_item(
        &self,
        request: Request<v1::ConfirmItemRequest>,
    ) -> Result<Response<v1::ConfirmItemResponse>, Status> {
        self.unary(request, Front::confirm_item).await
    }

    async fn give_back_item(
        &self,
        request: Request<v1::GiveBackItemRequest>,
    ) -> Result<Response<v1::GiveBackItemResponse>, Status> {
        self.unary(request, Front::give_back_item).await
    }

    async fn get_document(
        &self,
        request: Request<v1::GetDocumentRequest>,
    ) -> Result<Response<v1::GetDocumentResponse>, Status> {
        self.unary(request, Front::get_document).await
    }

    async fn fetch_packet(
        &self,
        request: Request<v1::FetchPacketRequest>,
    ) -> Result<Response<Self::FetchPacketStream>, Status> {
        let (caller, id, asked) = self.open(request)?;
        let refuse = |refusal: Refusal| status(&refusal, &id);
        let content = self.0.fetch_packet(caller, &asked.exchange_id).await.map_err(refuse)?;
        let span = span(content.total, asked.offset, asked.length).map_err(refuse)?;
        let first = v1::FetchPacketResponse { total_length: content.total, chunk: Bytes::new() };
        let chunk = |chunk| v1::FetchPacketResponse { total_length: 0, chunk };
        Ok(Response::new(messages(content, span, id, first, chunk)))
    }

    async fn fetch_attachment(
        &self,
        request: Request<v1::FetchAttachmentRequest>,
    ) -> Result<Response<Self::FetchAttachmentStream>, Status> {
        let (caller, id, asked) = self.open(request)?;
        let refuse = |refusal: Refusal| status(&refusal, &id);
        let content = self.0.fetch_attachment(caller, &asked.exchange_id, asked.index).await.map_err(refuse)?;
        let span = span(content.total, asked.offset, asked.length).map_err(refuse)?;
        let first = v1::FetchAttachmentResponse {
            total_length: content.total,
            chunk: Bytes::new(),
            attachment: content.attachment.clone(),
        };
        let chunk = |chunk| v1::FetchAttachmentResponse { total_length: 0, chunk, attachment: None };
        Ok(Response::new(messages(content, span, id, first, chunk)))
    }

    async fn track_document(
        &self,
        request: Request<v1::TrackDocumentRequest>,
    ) -> Result<Response<v1::TrackDocumentResponse>, Status> {
        self.unary(request, Front::track_document).await
    }

    async fn list_documents(
        &self,
        request: Request<v1::ListDocumentsRequest>,
    ) -> Result<Response<v1::ListDocumentsResponse>, Status> {
        self.unary(request, Front::list_documents).await
    }

    async fn list_receipts(
        &self,
        request: Request<v1::ListReceiptsRequest>,
    ) -> Result<Response<v1::ListReceiptsResponse>, Status> {
        self.unary(request, Front::list_receipts).await
    }

    async fn find_agencies(
        &self,
        request: Request<v1::FindAgenciesRequest>,
    ) -> Result<Response<v1::FindAgenciesResponse>, Status> {
        self.unary(request, Front::find_agencies).await
    }

    async fn get_agency(
        &self,
        request: Request<v1::GetAgencyRequest>,
    ) -> Result<Response<v1::GetAgencyResponse>, Status> {
        self.unary(request, Front::get_agency).await
    }

    async fn get_node(&self, request: Request<v1::GetNodeRequest>) -> Result<Response<v1::GetNodeResponse>, Status> {
        self.unary(request, Front::get_node).await
    }
}

/// The refusal that a broken or over-long stream of requests stands for.
fn from_status(status: &Status) -> Refusal {
    match status.code() {
        tonic::Code::OutOfRange => {
            Refusal::new(ErrorCode::LimitExceeded, format!("a message has more than {MESSAGE_BYTES_MAX} bytes"))
        }
        _ => Refusal::new(ErrorCode::Cancelled, "the stream of requests broke off"),
    }
}
