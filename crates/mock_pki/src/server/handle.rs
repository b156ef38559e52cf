//! The routes.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{StatusCode, header};
use serde_json::json;
use types::UnixMillis;

use super::{Desk, spoil};
use crate::answer::{AnswerError, Extent};
use crate::faults::{Fault, Faults, Service};

/// Bytes of a request: OCSP requests and time-stamp requests have a few hundred.
const REQUEST_BYTES_MAX: usize = 64 * 1024;

type Shared = State<Arc<Desk>>;

/// `/ocsp` and `/` (POST), `/ocsp/BASE64` (GET), `/pki/pub/crl/NAME.crl`, `/pki/pub/crt/NAME.crt`, `/tsa`,
/// `/admin/faults`, `/admin/requests`.
pub(super) fn router(desk: Arc<Desk>) -> Router {
    let admin = Router::new()
        .route("/admin/faults", get(faults).put(set_faults))
        .route("/admin/requests", get(requests))
        .layer(from_fn_with_state(Arc::clone(&desk), local_only));
    Router::new()
        .route("/", get(about).post(ocsp))
        .route("/ocsp", post(ocsp))
        .route("/ocsp/", post(ocsp))
        .route("/ocsp/{*request}", get(ocsp_get))
        .route("/pki/pub/crl/{file}", get(list))
        .route("/pki/pub/crt/{file}", get(certificate))
        // Where the first generation of the government's CA published them.
        .route("/pki/pub/cert/{file}", get(certificate))
        .route("/tsa", post(stamp))
        .route("/tsa/{*name}", post(stamp_by))
        .merge(admin)
        .layer(DefaultBodyLimit::max(REQUEST_BYTES_MAX))
        .with_state(desk)
}

async fn ocsp(State(desk): Shared, body: Bytes) -> Response {
    answer(desk, Service::Ocsp, "application/ocsp-response", move |desk, now, faults| {
        desk.pki.status(&body, now, faults).map(Some)
    })
    .await
}

/// RFC 6960 A.1: base64, then escaped for URLs; axum has undone the escapes.
async fn ocsp_get(State(desk): Shared, Path(request): Path<String>) -> Response {
    let body = STANDARD.decode(request.trim_start_matches('/')).unwrap_or_default();
    ocsp(State(desk), body.into()).await
}

async fn list(State(desk): Shared, Path(file): Path<String>) -> Response {
    answer(desk, Service::Crl, "application/pkix-crl", move |desk, now, faults| {
        let Some(name) = file.strip_suffix(".crl") else { return Ok(None) };
        let (name, extent) = match name.strip_suffix("-delta") {
            Some(name) => (name, Extent::Delta),
            None => (name, Extent::Complete),
        };
        let authority = desk.pki.authority(name).filter(|_| !faults.contains(&Fault::Refuse));
        authority.map(|authority| desk.pki.list(authority, extent, now, faults)).transpose()
    })
    .await
}

async fn certificate(State(desk): Shared, Path(file): Path<String>) -> Response {
    answer(desk, Service::Aia, "application/pkix-cert", move |desk, _, faults| {
        let name = file.strip_suffix(".crt").filter(|_| !faults.contains(&Fault::Refuse));
        let authority = name.and_then(|name| desk.pki.authority(name));
        Ok(authority.map(|authority| authority.certificate().der().to_vec()))
    })
    .await
}

async fn stamp(State(desk): Shared, body: Bytes) -> Response {
    stamped(desk, None, body).await
}

async fn stamp_by(State(desk): Shared, Path(name): Path<String>, body: Bytes) -> Response {
    stamped(desk, Some(name), body).await
}

async fn stamped(desk: Arc<Desk>, name: Option<String>, body: Bytes) -> Response {
    answer(desk, Service::Tsa, "application/timestamp-reply", move |desk, now, faults| {
        match desk.pki.time_stamp(name.as_deref(), &body, now, faults) {
            Err(AnswerError::Nobody) => Ok(None),
            answered => answered.map(Some),
        }
    })
    .await
}

/// Makes an answer away from the executor's threads, and does to it what the faults say.
async fn answer(
    desk: Arc<Desk>,
    service: Service,
    content_type: &'static str,
    make: impl FnOnce(&Desk, UnixMillis, &[Fault]) -> Result<Option<Vec<u8>>, AnswerError> + Send + 'static,
) -> Response {
    desk.count(service);
    let faults = desk.faults().of(service).to_vec();
    if let Some(response) = spoil::before(&faults).await {
        return response;
    }
    let made = tokio::task::spawn_blocking(move || make(&desk, now(), &faults).map(|made| (made, faults))).await;
    match made {
        Ok(Ok((Some(bytes), faults))) => {
            let bytes = spoil::after(bytes, &faults);
            ([(header::CONTENT_TYPE, content_type)], bytes).into_response()
        }
        Ok(Ok((None, _))) => StatusCode::NOT_FOUND.into_response(),
        Ok(Err(error)) => {
            tracing::warn!(%error, service = service.as_str(), "no answer");
            (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response()
        }
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

fn now() -> UnixMillis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMillis::new(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// What is served, for a person who looks.
async fn about(State(desk): Shared) -> String {
    let mut text = "EXAMPLE PKI (lienthong pki serve)\n\nPOST /ocsp\nPOST /tsa\n".to_owned();
    for name in desk.pki.stampers() {
        text.push_str(&format!("POST /tsa/{name}\n"));
    }
    for authority in desk.pki.authorities() {
        let name = authority.name();
        text.push_str(&format!(
            "GET  /pki/pub/crt/{name}.crt\nGET  /pki/pub/crl/{name}.crl\nGET  /pki/pub/crl/{name}-delta.crl\n"
        ));
    }
    text
}

/// Faults are for whoever sits at this machine. A page from elsewhere may reach a loopback port under a name of its own
/// (DNS rebinding): such a name is refused.
async fn local_only(State(desk): Shared, request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    if desk.is_local && matches!(name, "localhost" | "127.0.0.1" | "[::1]") {
        return next.run(request).await;
    }
    let why =
        "chỉ trên địa chỉ loopback, gọi bằng 127.0.0.1 hoặc localhost (on a loopback address, by a loopback name)";
    (StatusCode::FORBIDDEN, Json(json!({ "error": why }))).into_response()
}

async fn faults(State(desk): Shared) -> Json<Faults> {
    Json(desk.faults())
}

/// The body is the whole of the faults; `{}` ends them.
async fn set_faults(State(desk): Shared, body: Bytes) -> Response {
    match Faults::from_json(&body) {
        Ok(faults) => {
            desk.set_faults(faults.clone());
            Json(faults).into_response()
        }
        Err(error) => (StatusCode::BAD_REQUEST, Json(json!({ "error": error.to_string() }))).into_response(),
    }
}

/// How many requests each service had.
async fn requests(State(desk): Shared) -> Response {
    Json(desk.requests()).into_response()
}
