//! The admin endpoint, on loopback only: faults, systems with their secrets of the moment, agencies.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, put};
use axum::{Json, Router};
use http::{StatusCode, header};
use serde::Serialize;
use serde_json::json;

use crate::agencies::Change;
use crate::faults::Faults;
use crate::service::Axis;

/// `GET` and `PUT /admin/faults`, `GET /admin/systems`, `PUT /admin/agencies`.
pub(crate) fn router(axis: Arc<Axis>) -> Router {
    Router::new()
        .route("/admin/faults", get(faults).put(set_faults))
        .route("/admin/systems", get(systems))
        .route("/admin/agencies", put(change_agency))
        .layer(from_fn(local_names_only))
        .with_state(axis)
}

/// A page from elsewhere may reach a loopback port under a name of its own (DNS rebinding): such a name is refused.
async fn local_names_only(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    if matches!(name, "localhost" | "127.0.0.1" | "[::1]") {
        return next.run(request).await;
    }
    refused(StatusCode::FORBIDDEN, "gọi bằng 127.0.0.1 hoặc localhost (call it by a loopback name)")
}

fn refused(status: StatusCode, reason: &str) -> Response {
    (status, Json(json!({ "error": reason }))).into_response()
}

async fn faults(State(axis): State<Arc<Axis>>) -> Json<Faults> {
    Json(axis.board.faults())
}

/// The body is the whole of the faults; `{}` ends them.
async fn set_faults(State(axis): State<Arc<Axis>>, body: Bytes) -> Response {
    match Faults::from_json(&body).and_then(|faults| axis.board.set(faults)) {
        Ok(()) => Json(axis.board.faults()).into_response(),
        Err(error) => refused(StatusCode::BAD_REQUEST, &error.to_string()),
    }
}

#[derive(Serialize)]
struct SystemView {
    id: String,
    secret: String,
    agencies: Vec<String>,
}

async fn systems(State(axis): State<Arc<Axis>>) -> Json<Vec<SystemView>> {
    let view = |system: &crate::System| SystemView {
        id: system.id.clone(),
        secret: String::from_utf8_lossy(axis.board.secret(system).as_bytes()).into_owned(),
        agencies: system.named().map(ToString::to_string).collect(),
    };
    Json(axis.systems.all().iter().map(view).collect())
}

/// Adds, renames, deletes, locks or unlocks one agency.
async fn change_agency(State(axis): State<Arc<Axis>>, body: Bytes) -> Response {
    let change: Change = match serde_json::from_slice(&body) {
        Ok(change) => change,
        Err(error) => return refused(StatusCode::BAD_REQUEST, &error.to_string()),
    };
    let changed = tokio::task::spawn_blocking(move || axis.agencies.change(change)).await;
    match changed {
        Ok(Ok(())) => Json(json!({})).into_response(),
        Ok(Err(error)) => refused(StatusCode::BAD_REQUEST, &error.to_string()),
        Err(error) => refused(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}
