//! What both protocols do with a call before and after the node: who calls, how many at once, how long.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use http::{Extensions, HeaderMap, header};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tracing::Instrument;
use types::{ErrorCode, ExchangeId};
use wire::exchange_v1::{
    ConfirmItemRequest, ConfirmItemResponse, DocumentHeader, FindAgenciesRequest, FindAgenciesResponse,
    GetAgencyRequest, GetAgencyResponse, GetDocumentRequest, GetDocumentResponse, GetNodeRequest, GetNodeResponse,
    GiveBackItemRequest, GiveBackItemResponse, LeaseItemRequest, LeaseItemResponse, ListDocumentsRequest,
    ListDocumentsResponse, ListInboxRequest, ListInboxResponse, ListReceiptsRequest, ListReceiptsResponse,
    PacketHeader, ReportStatusRequest, ReportStatusResponse, SubmitPacketResponse, SubmitResponse,
    TrackDocumentRequest, TrackDocumentResponse, WatchInboxRequest,
};

use crate::{
    ByteStream, Caller, Callers, Content, Exchange, FileStream, ItemStream, Options, PeerCertificate, Refusal, idle,
};

/// Longest long poll: proxies between an agency and its node give up after 60 s or later.
const WAIT_SECONDS_MAX: u32 = 60;
/// When to come back after `overloaded`: long enough for calls of usual length to finish.
const OVERLOADED_WAIT: Duration = Duration::from_secs(2);

/// The node as both servers see it.
pub(crate) struct Front {
    exchange: Arc<dyn Exchange>,
    callers: Arc<dyn Callers>,
    pub(crate) options: Options,
    calls: Arc<Semaphore>,
    watches: Arc<Semaphore>,
}

impl Front {
    pub(crate) fn new(exchange: Arc<dyn Exchange>, callers: Arc<dyn Callers>, options: Options) -> Self {
        let calls = Arc::new(Semaphore::new(options.calls_max));
        let watches = Arc::new(Semaphore::new(options.watches_max));
        Self { exchange, callers, options, calls, watches }
    }

    /// Who calls: the bearer token when one is shown, else the connection's certificate.
    pub(crate) fn identify(&self, headers: &HeaderMap, extensions: &Extensions) -> Result<Caller, Refusal> {
        let unknown = |detail: &str| Refusal::new(ErrorCode::Unauthenticated, detail);
        let caller = match headers.get(header::AUTHORIZATION) {
            Some(value) => {
                let token = value
                    .to_str()
                    .ok()
                    .and_then(bearer)
                    .ok_or_else(|| unknown("the authorization header is not of the form: Bearer <token>"))?;
                self.callers.by_token(token).ok_or_else(|| unknown("the bearer token is not known"))?
            }
            None => {
                let certificate = extensions
                    .get::<PeerCertificate>()
                    .ok_or_else(|| unknown("the call has neither a client certificate nor a bearer token"))?;
                self.callers
                    .by_certificate(&certificate.sans, &certificate.sha256)
                    .ok_or_else(|| unknown("the client certificate belongs to no registered system"))?
            }
        };
        self.callers.admit(&caller)?;
        Ok(caller)
    }

    /// A call that changes nothing: dropped when the client goes away, cut at the time limit.
    async fn read<T>(&self, call: impl Future<Output = Result<T, Refusal>> + Send) -> Result<T, Refusal> {
        let _permit = permit(&self.calls)?;
        timeout(self.options.call_timeout, call).await.map_err(|_| self.too_slow())?
    }

    /// A call that changes something: goes on in its own task when its client goes away.
    async fn change<T, F>(&self, call: F) -> Result<T, Refusal>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Refusal>> + Send + 'static,
    {
        timeout(self.options.call_timeout, self.run(call)?).await.map_err(|_| self.too_slow())?
    }

    fn run<T, F>(&self, call: F) -> Result<impl Future<Output = Result<T, Refusal>> + use<T, F>, Refusal>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Refusal>> + Send + 'static,
    {
        let permit = permit(&self.calls)?;
        let held = async move {
            let _permit = permit;
            call.await
        };
        let task = self.options.tasks.spawn(held.in_current_span());
        Ok(async move {
            task.await.unwrap_or_else(|_| Err(Refusal::new(ErrorCode::Internal, "the call ended unexpectedly")))
        })
    }

    fn too_slow(&self) -> Refusal {
        let limit = self.options.call_timeout.as_secs();
        Refusal::new(ErrorCode::Overloaded, format!("the call took longer than {limit} s")).retry_after(OVERLOADED_WAIT)
    }

    pub(crate) async fn submit(
        self: Arc<Self>,
        caller: Caller,
        header: DocumentHeader,
        files: FileStream,
    ) -> Result<SubmitResponse, Refusal> {
        let exchange = self.exchange.clone();
        let files = idle::bounded(files, self.options.upload_idle);
        let acceptance = self.run(async move { exchange.submit(&caller, header, files).await })?.await?;
        Ok(SubmitResponse { acceptance: Some(acceptance) })
    }

    pub(crate) async fn submit_packet(
        self: Arc<Self>,
        caller: Caller,
        header: PacketHeader,
        body: ByteStream,
    ) -> Result<SubmitPacketResponse, Refusal> {
        let exchange = self.exchange.clone();
        let body = idle::bounded(body, self.options.upload_idle);
        let acceptance = self.run(async move { exchange.submit_packet(&caller, header, body).await })?.await?;
        Ok(SubmitPacketResponse { acceptance: Some(acceptance) })
    }

    pub(crate) async fn report_status(
        self: Arc<Self>,
        caller: Caller,
        request: ReportStatusRequest,
    ) -> Result<ReportStatusResponse, Refusal> {
        let exchange = self.exchange.clone();
        let acceptance = self.change(async move { exchange.report_status(&caller, request).await }).await?;
        Ok(ReportStatusResponse { acceptance: Some(acceptance) })
    }

    pub(crate) async fn list_inbox(
        self: Arc<Self>,
        caller: Caller,
        mut request: ListInboxRequest,
    ) -> Result<ListInboxResponse, Refusal> {
        if request.wait_seconds == 0 {
            return self.read(self.exchange.list_inbox(&caller, request)).await;
        }
        request.wait_seconds = request.wait_seconds.min(WAIT_SECONDS_MAX);
        let limit = self.options.call_timeout + Duration::from_secs(request.wait_seconds.into());
        let _permit = permit(&self.watches)?;
        tokio::select! {
            () = self.options.stop.cancelled() => Err(shutting_down()),
            answer = timeout(limit, self.exchange.list_inbox(&caller, request)) => {
                answer.map_err(|_| self.too_slow())?
            }
        }
    }

    /// Ends with `shutting_down` when the node stops.
    pub(crate) async fn watch_inbox(
        self: Arc<Self>,
        caller: Caller,
        request: WatchInboxRequest,
    ) -> Result<ItemStream, Refusal> {
        let permit = permit(&self.watches)?;
        let items = timeout(self.options.call_timeout, self.exchange.watch_inbox(&caller, request))
            .await
            .map_err(|_| self.too_slow())??;
        let stop = self.options.stop.clone();
        let watched = stream::unfold(Some((items, permit)), move |state| {
            let stop = stop.clone();
            async move {
                let (mut items, permit) = state?;
                let item = tokio::select! {
                    biased;
                    () = stop.cancelled() => Err(shutting_down()),
                    item = items.next() => item?,
                };
                let rest = item.is_ok().then_some((items, permit));
                Some((item, rest))
            }
        });
        Ok(Box::pin(watched))
    }

    pub(crate) async fn fetch_packet(&self, caller: Caller, exchange_id: &str) -> Result<Content, Refusal> {
        let id = parse_id(exchange_id)?;
        self.read(self.exchange.fetch_packet(&caller, id)).await
    }

    pub(crate) async fn fetch_attachment(
        &self,
        caller: Caller,
        exchange_id: &str,
        index: u32,
    ) -> Result<Content, Refusal> {
        let id = parse_id(exchange_id)?;
        self.read(self.exchange.fetch_attachment(&caller, id, index)).await
    }

    pub(crate) async fn get_node(
        self: Arc<Self>,
        caller: Caller,
        _: GetNodeRequest,
    ) -> Result<GetNodeResponse, Refusal> {
        self.read(self.exchange.get_node(&caller)).await
    }
}

macro_rules! reads {
    ($($name:ident($request:ty) -> $answer:ty;)*) => {
        impl Front {
            $(pub(crate) async fn $name(self: Arc<Self>, caller: Caller, request: $request) -> Result<$answer, Refusal> {
                self.read(self.exchange.$name(&caller, request)).await
            })*
        }
    };
}

macro_rules! changes {
    ($($name:ident($request:ty) -> $answer:ty;)*) => {
        impl Front {
            $(pub(crate) async fn $name(self: Arc<Self>, caller: Caller, request: $request) -> Result<$answer, Refusal> {
                let exchange = self.exchange.clone();
                self.change(async move { exchange.$name(&caller, request).await }).await
            })*
        }
    };
}

reads! {
    get_document(GetDocumentRequest) -> GetDocumentResponse;
    track_document(TrackDocumentRequest) -> TrackDocumentResponse;
    list_documents(ListDocumentsRequest) -> ListDocumentsResponse;
    list_receipts(ListReceiptsRequest) -> ListReceiptsResponse;
    find_agencies(FindAgenciesRequest) -> FindAgenciesResponse;
    get_agency(GetAgencyRequest) -> GetAgencyResponse;
}

changes! {
    lease_item(LeaseItemRequest) -> LeaseItemResponse;
    confirm_item(ConfirmItemRequest) -> ConfirmItemResponse;
    give_back_item(GiveBackItemRequest) -> GiveBackItemResponse;
}

fn permit(semaphore: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, Refusal> {
    semaphore.clone().try_acquire_owned().map_err(|_| {
        Refusal::new(ErrorCode::Overloaded, "as many calls are at work as this node takes").retry_after(OVERLOADED_WAIT)
    })
}

fn shutting_down() -> Refusal {
    Refusal::new(ErrorCode::ShuttingDown, "the node is shutting down").retry_after(Duration::from_secs(5))
}

fn parse_id(text: &str) -> Result<ExchangeId, Refusal> {
    text.parse().map_err(|error| Refusal::field("exchangeId", error))
}

/// The token of `Bearer <token>`; the scheme's case does not count (RFC 9110 clause 11.1).
fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}
