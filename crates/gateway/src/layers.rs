//! What every request passes: its id, its span, the panic guard, and the rendering of refusals.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use futures_util::FutureExt;
use http::{HeaderMap, HeaderValue, header};
use tokio_util::task::TaskTracker;
use tracing::Instrument;
use types::ErrorCode;

use crate::problem::Problem;
use crate::server::PeerAddress;
use crate::{Refusal, grpc, linger};

/// Names one request in the answer (`x-request-id`), in problems and in the log.
#[derive(Clone, Debug)]
pub(crate) struct RequestId(Arc<str>);

impl RequestId {
    fn new() -> Self {
        Self(uuid::Uuid::now_v7().to_string().into())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for RequestId {
    fn default() -> Self {
        Self("".into())
    }
}

/// Gives the request an id and a span, turns a panic into `internal`, renders problems.
pub(crate) async fn outermost(State(tasks): State<TaskTracker>, request: Request, next: Next) -> Response {
    let mut request = linger::on_refusal(request, &tasks);
    let id = RequestId::new();
    let span = tracing::info_span!(
        "request",
        request.id = id.as_str(),
        http.method = %request.method(),
        http.path = request.uri().path(),
        peer.address = request.extensions().get::<PeerAddress>().map(|peer| tracing::field::display(peer.0)),
    );
    request.extensions_mut().insert(id.clone());
    let speaks_grpc = speaks_grpc(request.headers());
    let answer = AssertUnwindSafe(next.run(request)).catch_unwind().instrument(span.clone()).await;
    span.in_scope(|| {
        let mut response = answer.unwrap_or_else(|_| {
            let refusal = Refusal::new(ErrorCode::Internal, "the request ended unexpectedly");
            axum::response::IntoResponse::into_response(Problem::from(refusal))
        });
        if let Some(problem) = response.extensions_mut().remove::<Problem>() {
            response = if speaks_grpc {
                grpc::status(problem.refusal(), &id).into_http::<Body>()
            } else {
                problem.render(&id)
            };
        }
        if let Ok(value) = HeaderValue::from_str(id.as_str()) {
            response.headers_mut().insert("x-request-id", value);
        }
        response
    })
}

/// Whether the answer has to be a gRPC status.
pub(crate) fn speaks_grpc(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"application/grpc"))
}
