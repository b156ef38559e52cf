//! One request and the beginning of its answer.

use std::error::Error as _;
use std::pin::pin;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::{HeaderValue, Method, Request, Response, header};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper_util::client::legacy;
use tokio::time::{Instant, sleep_until};
use types::UnixMillis;

use super::answer::NoData;
use super::connect::ConnectError;
use super::error::{CallError, CallErrorKind, Stage};
use super::reading::Reading;
use super::upload::Progress;
use super::{Client, RequestBody};
use crate::sign::Parameter;

/// Bytes of an answer without data at most.
pub(super) const SMALL_MAX: u64 = 1024 * 1024;

const USER_AGENT: &str = concat!("lienthong/", env!("CARGO_PKG_VERSION"));

/// One call: what is signed and what is sent.
pub(super) struct Call {
    pub(super) operation: &'static str,
    pub(super) method: Method,
    pub(super) parameters: Vec<(Parameter, String)>,
    pub(super) content_type: &'static str,
    pub(super) body: RequestBody,
    /// Of a body that takes long.
    pub(super) progress: Option<Progress>,
}

impl Client {
    /// Sends a request and returns the answer's beginning: HTTP 200 or 201, and not in a content encoding.
    pub(super) async fn exchange(&self, call: Call) -> Result<Response<Incoming>, CallError> {
        let operation = call.operation;
        let progress = call.progress.clone();
        let response = self.answer(self.request(call)?, progress.as_ref()).await;
        let response = response.map_err(|kind| {
            // The reason of a body that failed is ours, whatever became of the connection.
            let failure = progress.and_then(|progress| progress.failure());
            CallError::new(operation, failure.map_or(kind, |detail| CallErrorKind::Content { detail }))
        })?;
        if !matches!(response.status().as_u16(), 200 | 201) {
            return Err(self.refusal(operation, response).await);
        }
        let encoding = response.headers().get(header::CONTENT_ENCODING);
        if encoding.is_some_and(|encoding| encoding != "identity") {
            let detail = "an answer in a content encoding that was not asked for".to_owned();
            return Err(CallError::new(operation, CallErrorKind::Malformed { detail }));
        }
        Ok(response)
    }

    fn request(&self, call: Call) -> Result<Request<RequestBody>, CallError> {
        let unsendable = |detail: String| CallError::new(call.operation, CallErrorKind::Parameter { detail });
        let url = self.endpoint.operation(call.operation).map_err(|error| unsendable(error.to_string()))?;
        let signed = self.signer.headers(call.parameters, call.content_type, now());
        let mut headers = signed.map_err(|error| unsendable(error.to_string()))?;
        headers.insert(header::USER_AGENT, HeaderValue::from_static(USER_AGENT));
        if let Some(authorization) = &self.proxy_authorization {
            headers.insert(header::PROXY_AUTHORIZATION, authorization.clone());
        }
        let mut request = Request::new(call.body);
        *request.method_mut() = call.method;
        *request.uri_mut() = url;
        *request.headers_mut() = headers;
        Ok(request)
    }

    async fn answer(
        &self,
        request: Request<RequestBody>,
        progress: Option<&Progress>,
    ) -> Result<Response<Incoming>, CallErrorKind> {
        let started = Instant::now();
        let mut response = pin!(self.http.request(request));
        loop {
            let (since, stage, after, grace) = match progress.map(Progress::last) {
                None => (started, Stage::Answer, self.timeouts.answer, self.timeouts.connect),
                Some((since, true)) => (since, Stage::Answer, self.timeouts.answer, Duration::ZERO),
                Some((since, false)) => (since, Stage::Upload, self.timeouts.idle, self.timeouts.connect),
            };
            let deadline = since + after + grace;
            if deadline <= Instant::now() {
                return Err(CallErrorKind::Timeout { stage, after });
            }
            tokio::select! {
                response = &mut response => return response.map_err(|error| broken(&error)),
                () = sleep_until(deadline) => {}
            }
        }
    }

    /// What an answer with another HTTP status says: in JSON if it is the axis's.
    async fn refusal(&self, operation: &'static str, response: Response<Incoming>) -> CallError {
        let status = response.status().as_u16();
        let reading = Reading::new(operation, response, NoData, SMALL_MAX, self.timeouts.idle);
        match reading.all().await {
            Err(error) if matches!(error.kind, CallErrorKind::Refused { .. }) => error,
            Ok(_) | Err(_) => CallError::new(operation, CallErrorKind::Http { status }),
        }
    }
}

/// What a broken exchange is called.
fn broken(error: &legacy::Error) -> CallErrorKind {
    let mut detail = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(ConnectError(kind)) = cause.downcast_ref() {
            return kind.clone();
        }
        detail = format!("{detail}: {cause}");
        source = cause.source();
    }
    CallErrorKind::Transport { detail }
}

fn now() -> UnixMillis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMillis::new(0) + since
}

/// A body that is there already.
pub(super) fn whole(body: impl Into<bytes::Bytes>) -> RequestBody {
    http_body_util::Full::new(body.into()).map_err(|never| match never {}).boxed_unsync()
}
