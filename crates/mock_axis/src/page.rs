//! The page: what goes through the axis, live.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, Path, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use futures_util::{Stream, StreamExt as _, stream};
use http::{HeaderName, StatusCode, header};
use tokio_stream::wrappers::BroadcastStream;
use tokio_util::sync::CancellationToken;

use crate::traffic::{Line, PageAccess, Traffic};

const HTML: &str = include_str!("../page/index.html");
const SCRIPT: &str = include_str!("../page/page.js");
const STYLE: &str = include_str!("../page/page.css");

/// Nothing from elsewhere, nothing inline, in no frame.
const POLICY: &str = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

#[derive(Clone)]
struct Pages {
    traffic: Arc<Traffic>,
    access: PageAccess,
    stop: CancellationToken,
}

/// `GET /` and what belongs to it under `/_mock/`.
pub(crate) fn router(traffic: Arc<Traffic>, access: PageAccess, stop: CancellationToken) -> Router {
    let pages = Pages { traffic, access, stop };
    let asset = |kind: &'static str, text: &'static str| {
        get(move || async move { ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache")], text) })
    };
    Router::new()
        .route("/", asset("text/html; charset=utf-8", HTML))
        .route("/_mock/page.js", asset("text/javascript; charset=utf-8", SCRIPT))
        .route("/_mock/page.css", asset("text/css; charset=utf-8", STYLE))
        .route("/favicon.ico", get(async || StatusCode::NO_CONTENT))
        .route("/_mock/events", get(events))
        .route("/_mock/exchanges/{number}", get(exchange))
        .layer(from_fn_with_state(pages.clone(), guard))
        .with_state(pages)
}

/// Lets in whom the options let in, and says to browsers what the page needs.
async fn guard(State(pages): State<Pages>, request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    let is_let_in = match pages.access {
        PageAccess::Everyone => true,
        PageAccess::Loopback => peer.is_some_and(|peer| peer.to_canonical().is_loopback()),
        PageAccess::Nobody => false,
    };
    if !is_let_in {
        return (StatusCode::NOT_FOUND, "").into_response();
    }
    let mut response = next.run(request).await;
    let headers = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    for (name, value) in headers {
        response.headers_mut().insert(name, http::HeaderValue::from_static(value));
    }
    response
}

/// The lines kept, then each line as it comes. A page that falls behind is told to load again.
async fn events(State(pages): State<Pages>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let (kept, news) = pages.traffic.lines();
    let kept = stream::iter(kept).map(|line| event(&line));
    let news = BroadcastStream::new(news).map(|line| match line {
        Ok(line) => event(&line),
        Err(_) => Event::default().event("behind").data("{}"),
    });
    let until_stopped = kept.chain(news).take_until(pages.stop.cancelled_owned());
    Sse::new(until_stopped.map(Ok)).keep_alive(KeepAlive::default())
}

fn event(line: &Line) -> Event {
    Event::default().json_data(line).unwrap_or_else(|_| Event::default().event("behind").data("{}"))
}

async fn exchange(State(pages): State<Pages>, Path(number): Path<u64>) -> Response {
    match pages.traffic.exchange(number) {
        Some(exchange) => Json(exchange.as_ref()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
