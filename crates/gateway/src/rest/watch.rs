//! The inbox as server-sent events: the id of an event is its cursor.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use serde_json::Value;
use wire::exchange_v1::{InboxItem, WatchInboxRequest, WatchInboxResponse};

use super::asked::Asked;
use crate::front::Front;
use crate::layers::RequestId;
use crate::problem::Problem;
use crate::{Refusal, outcome};

/// Proxies close what is silent for 30 to 60 s.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How soon a client comes back after the stream ends.
const RETRY: Duration = Duration::from_secs(3);
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// `GET /v1/agencies/{agency}/inbox/watch`.
///
/// `Last-Event-ID`, which a client repeats by itself when it reconnects, wins over `after`.
pub(super) async fn inbox(
    State(front): State<Arc<Front>>,
    Extension(id): Extension<RequestId>,
    headers: HeaderMap,
    asked: Asked<WatchInboxRequest>,
) -> Result<Response, Problem> {
    let mut request = asked.message;
    if let Some(last) = headers.get(LAST_EVENT_ID) {
        let cursor = last.to_str().ok().and_then(|text| text.trim().parse().ok());
        request.after = cursor.ok_or_else(|| Refusal::field("Last-Event-ID", "is not a cursor of this inbox"))?;
    }
    let items = front.watch_inbox(asked.caller, request).await?;
    let events = items.map(move |item| Ok::<_, Infallible>(event(item, &id)));
    let first = futures_util::stream::once(std::future::ready(Ok(Event::default().retry(RETRY))));
    let mut response = Sse::new(first.chain(events)).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response();
    // Some proxies hold answers back to send them in larger pieces.
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

fn event(item: Result<InboxItem, Refusal>, id: &RequestId) -> Event {
    match item {
        Ok(item) => {
            let cursor = item.item.to_string();
            let text = serde_json::to_string(&WatchInboxResponse { item: Some(item) }).unwrap_or_default();
            Event::default().id(cursor).event("item").data(text)
        }
        Err(refusal) => {
            outcome::note(&refusal);
            let (_, status) = outcome::statuses(refusal.code());
            let members = outcome::problem(&refusal, status, id.as_str());
            Event::default().event("problem").data(Value::Object(members).to_string())
        }
    }
}
