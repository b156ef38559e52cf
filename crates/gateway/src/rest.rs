//! The exchange service over HTTP: one route for every `google.api.http` binding of the contract.

use std::future::Future;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter, get, on, post};
use http::{HeaderMap, Method, StatusCode, Uri, header};
use serde::Serialize;
use serde::de::DeserializeOwned;
use types::ErrorCode;

use crate::front::Front;
use crate::problem::Problem;
use crate::{Caller, Refusal, layers, openapi};

mod asked;
mod content;
mod envelope;
mod multipart;
mod range;
mod upload;
mod watch;

use asked::Asked;

/// Every route of the service, with its path as the contract spells it.
pub(crate) fn routes() -> Vec<(&'static str, MethodRouter<Arc<Front>>)> {
    vec![
        ("/v1/documents", post(upload::submit)),
        ("/v1/packets", post(upload::submit_packet)),
        ("/v1/agencies/{agency}/statuses", acts(Front::report_status)),
        ("/v1/agencies/{agency}/inbox", asks(Front::list_inbox)),
        ("/v1/agencies/{agency}/inbox/watch", get(watch::inbox)),
        ("/v1/agencies/{agency}/inbox/{item}/lease", acts(Front::lease_item)),
        ("/v1/agencies/{agency}/inbox/{item}/confirm", acts(Front::confirm_item)),
        ("/v1/agencies/{agency}/inbox/{item}/give-back", acts(Front::give_back_item)),
        ("/v1/documents/{exchange_id}", asks(Front::get_document)),
        ("/v1/documents/{exchange_id}/packet", get(content::packet)),
        ("/v1/documents/{exchange_id}/attachments/{index}", get(content::attachment)),
        ("/v1/documents/{exchange_id}/tracking", asks(Front::track_document)),
        ("/v1/agencies/{sender}/tracking", asks(Front::track_document)),
        ("/v1/agencies/{agency}/documents", asks(Front::list_documents)),
        ("/v1/documents/{exchange_id}/receipts", asks(Front::list_receipts)),
        ("/v1/agencies", asks(Front::find_agencies)),
        ("/v1/agencies/{code}", asks(Front::get_agency)),
        ("/v1/node", asks(Front::get_node)),
        ("/openapi.json", get(document)),
    ]
}

/// The router of the routes, and of everything that is none.
pub(crate) fn router(front: Arc<Front>) -> Router {
    routes()
        .into_iter()
        .fold(Router::new(), |router, (path, handler)| router.route(path, handler))
        .fallback(unknown_route)
        .method_not_allowed_fallback(unknown_method)
        .with_state(front)
}

/// A GET route that turns path and query into the request message.
fn asks<Q, A, F, R>(call: F) -> MethodRouter<Arc<Front>>
where
    Q: DeserializeOwned + Send + 'static,
    A: Serialize,
    F: FnOnce(Arc<Front>, Caller, Q) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = Result<A, Refusal>> + Send,
{
    calls(MethodFilter::GET, call)
}

/// A POST route that turns path and JSON body into the request message.
fn acts<Q, A, F, R>(call: F) -> MethodRouter<Arc<Front>>
where
    Q: DeserializeOwned + Send + 'static,
    A: Serialize,
    F: FnOnce(Arc<Front>, Caller, Q) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = Result<A, Refusal>> + Send,
{
    calls(MethodFilter::POST, call)
}

fn calls<Q, A, F, R>(method: MethodFilter, call: F) -> MethodRouter<Arc<Front>>
where
    Q: DeserializeOwned + Send + 'static,
    A: Serialize,
    F: FnOnce(Arc<Front>, Caller, Q) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = Result<A, Refusal>> + Send,
{
    on(method, async move |State(front): State<Arc<Front>>, asked: Asked<Q>| -> Result<Response, Problem> {
        json(StatusCode::OK, &call(front, asked.caller, asked.message).await?)
    })
}

/// An answer in the protobuf JSON mapping.
fn json<A: Serialize>(status: StatusCode, answer: &A) -> Result<Response, Problem> {
    let text =
        serde_json::to_vec(answer).map_err(|_| Refusal::new(ErrorCode::Internal, "the answer has no JSON form"))?;
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    Ok((status, headers, text).into_response())
}

async fn document() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], openapi::text())
}

async fn unknown_route(uri: Uri, headers: HeaderMap) -> Problem {
    if layers::speaks_grpc(&headers) {
        // UNIMPLEMENTED is what a gRPC client understands by a service that is not there.
        return Refusal::new(ErrorCode::Unsupported, format!("there is no method {}", uri.path())).into();
    }
    let detail = format!("there is no {}; GET /openapi.json lists what there is", uri.path());
    Problem::http(StatusCode::NOT_FOUND, Refusal::new(ErrorCode::NotFound, detail))
}

async fn unknown_method(method: Method, uri: Uri) -> Problem {
    let detail = format!("{} has no method {method}; GET /openapi.json lists what there is", uri.path());
    Problem::http(StatusCode::METHOD_NOT_ALLOWED, Refusal::new(ErrorCode::Unsupported, detail))
}

/// A request whose content type the route does not read.
fn unsupported_media_type(expected: &str) -> Problem {
    let detail = format!("the content type has to be {expected}");
    Problem::http(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Refusal::new(ErrorCode::InvalidArgument, detail).at_field("Content-Type"),
    )
}

#[cfg(test)]
mod tests;
