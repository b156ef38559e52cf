//! A request message from path, query and JSON body.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Query, RawPathParams, Request};
use axum::http::request::Parts;
use http::{HeaderMap, Method, StatusCode, Uri, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use tokio::time::timeout;
use types::ErrorCode;

use super::unsupported_media_type;
use crate::front::Front;
use crate::problem::Problem;
use crate::{Caller, Refusal};

/// Bytes of a JSON body: the largest is a status report of a few kilobytes.
const JSON_BYTES_MAX: usize = 1024 * 1024;

/// An authenticated call and its message.
pub(super) struct Asked<T> {
    pub(super) caller: Caller,
    pub(super) message: T,
}

impl<T: DeserializeOwned> FromRequest<Arc<Front>> for Asked<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, front: &Arc<Front>) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let caller = front.identify(&parts.headers, &parts.extensions)?;
        let mut members = if parts.method == Method::POST {
            let read = json_body(&parts.headers, body);
            let late = |_| Refusal::new(ErrorCode::Cancelled, "the request's body did not come in time");
            timeout(front.options.call_timeout, read).await.map_err(late)??
        } else {
            query(&parts.uri)?
        };
        add_path(&mut members, &mut parts, front).await?;
        let message = serde_json::from_value(Value::Object(members)).map_err(unreadable)?;
        Ok(Self { caller, message })
    }
}

/// JSON text as a message, for bodies that are read elsewhere.
pub(super) fn message<T: DeserializeOwned>(text: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(text).map_err(unreadable)
}

fn unreadable(error: serde_json::Error) -> Refusal {
    Refusal::new(ErrorCode::InvalidArgument, format!("the request does not fit its schema: {error}"))
}

fn query(uri: &Uri) -> Result<Map<String, Value>, Refusal> {
    let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(uri)
        .map_err(|_| Refusal::new(ErrorCode::InvalidArgument, "the query is not of the form name=value&…"))?;
    let mut members = Map::new();
    for (name, value) in pairs {
        // An empty form field is an absent one; the mapping has no other way to say so in a query.
        if value.is_empty() {
            continue;
        }
        if members.insert(name.clone(), Value::String(value)).is_some() {
            return Err(Refusal::field(name, "is given twice"));
        }
    }
    Ok(members)
}

async fn json_body(headers: &HeaderMap, body: Body) -> Result<Map<String, Value>, Problem> {
    let bytes = match Limited::new(body, JSON_BYTES_MAX).collect().await {
        Ok(collected) => collected.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => {
            let detail = format!("a JSON body has at most {JSON_BYTES_MAX} bytes");
            return Err(Problem::http(StatusCode::PAYLOAD_TOO_LARGE, Refusal::new(ErrorCode::LimitExceeded, detail)));
        }
        Err(_) => return Err(Refusal::new(ErrorCode::Cancelled, "the request's body broke off").into()),
    };
    if bytes.is_empty() {
        return Ok(Map::new());
    }
    if !is_json(headers) {
        return Err(unsupported_media_type("application/json"));
    }
    Ok(message(&bytes)?)
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = value.split(';').next().unwrap_or_default().trim();
    media_type.eq_ignore_ascii_case("application/json")
}

/// Adds the path's parameters; a member of the body or query may repeat one, but not contradict it.
async fn add_path(members: &mut Map<String, Value>, parts: &mut Parts, front: &Arc<Front>) -> Result<(), Refusal> {
    let params = RawPathParams::from_request_parts(parts, front)
        .await
        .map_err(|_| Refusal::new(ErrorCode::InvalidArgument, "the path is not UTF-8"))?;
    for (name, value) in &params {
        for spelling in [name.to_owned(), camel_case(name)] {
            if members.remove(&spelling).is_some_and(|other| other != value) {
                return Err(Refusal::field(spelling, "differs from the path"));
            }
        }
        members.insert(camel_case(name), Value::String(value.to_owned()));
    }
    Ok(())
}

/// The JSON name of a field (protobuf JSON mapping).
pub(crate) fn camel_case(name: &str) -> String {
    let mut upper = false;
    let mut out = String::with_capacity(name.len());
    for letter in name.chars() {
        match (letter, upper) {
            ('_', _) => upper = true,
            (_, true) => {
                out.push(letter.to_ascii_uppercase());
                upper = false;
            }
            (_, false) => out.push(letter),
        }
    }
    out
}
