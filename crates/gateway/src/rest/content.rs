//! Packets and attachments as raw bodies: ranges, validators, digests (RFC 9110, RFC 9530).

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::TryStreamExt;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use types::ErrorCode;
use wire::exchange_v1::{FetchAttachmentRequest, FetchPacketRequest};

use super::asked::Asked;
use super::range::{Wanted, wanted};
use crate::front::Front;
use crate::problem::Problem;
use crate::{Content, Refusal, Span, idle};

/// `GET /v1/documents/{exchange_id}/packet`.
pub(super) async fn packet(
    State(front): State<Arc<Front>>,
    method: Method,
    headers: HeaderMap,
    asked: Asked<FetchPacketRequest>,
) -> Result<Response, Problem> {
    let FetchPacketRequest { exchange_id, offset, length } = asked.message;
    only_range(offset, length)?;
    let content = front.fetch_packet(asked.caller, &exchange_id).await?;
    respond(&method, &headers, content)
}

/// `GET /v1/documents/{exchange_id}/attachments/{index}`.
pub(super) async fn attachment(
    State(front): State<Arc<Front>>,
    method: Method,
    headers: HeaderMap,
    asked: Asked<FetchAttachmentRequest>,
) -> Result<Response, Problem> {
    let FetchAttachmentRequest { exchange_id, index, offset, length } = asked.message;
    only_range(offset, length)?;
    let content = front.fetch_attachment(asked.caller, &exchange_id, index).await?;
    respond(&method, &headers, content)
}

fn only_range(offset: u64, length: u64) -> Result<(), Refusal> {
    if offset == 0 && length == 0 {
        return Ok(());
    }
    Err(Refusal::field("offset", "over HTTP a part is asked for with the Range header"))
}

fn respond(method: &Method, headers: &HeaderMap, content: Content) -> Result<Response, Problem> {
    let etag = format!("\"{}\"", content.digest);
    if lists(headers, header::IF_NONE_MATCH, &etag) {
        return answer(StatusCode::NOT_MODIFIED, &etag, Body::empty());
    }
    let total = content.total;
    let (status, span) = match ranged(method, headers, &etag, total) {
        Wanted::Whole => (StatusCode::OK, Span { offset: 0, length: total }),
        Wanted::Part(span) => (StatusCode::PARTIAL_CONTENT, span),
        Wanted::Unsatisfiable => return Err(unsatisfiable(total)),
    };
    let mut described = HeaderMap::new();
    describe(&mut described, &content);
    described.insert(header::CONTENT_LENGTH, HeaderValue::from(span.length));
    if status == StatusCode::PARTIAL_CONTENT {
        let range = format!("bytes {}-{}/{total}", span.offset, span.offset + span.length - 1);
        described.extend(HeaderValue::try_from(range).map(|value| (header::CONTENT_RANGE, value)));
    }
    let body = if method == Method::HEAD {
        Body::empty()
    } else {
        // The error ends the body short of its length, which is how a client notices.
        Body::from_stream(idle::exact(content.read(span), span.length).inspect_err(crate::outcome::note))
    };
    let mut response = answer(status, &etag, body)?;
    response.headers_mut().extend(described);
    Ok(response)
}

fn ranged(method: &Method, headers: &HeaderMap, etag: &str, total: u64) -> Wanted {
    // Range means something with GET only; If-Range makes it count only for the same content.
    let same = headers.get(header::IF_RANGE).is_none_or(|value| value.as_bytes() == etag.as_bytes());
    match headers.get(header::RANGE).and_then(|value| value.to_str().ok()) {
        Some(range) if method == Method::GET && same => wanted(range, total),
        _ => Wanted::Whole,
    }
}

fn unsatisfiable(total: u64) -> Problem {
    let refusal = Refusal::field("Range", format!("lies behind the end ({total} bytes)"));
    let problem = Problem::http(StatusCode::RANGE_NOT_SATISFIABLE, refusal);
    match HeaderValue::try_from(format!("bytes */{total}")) {
        Ok(value) => problem.with_header(header::CONTENT_RANGE, value),
        Err(_) => problem,
    }
}

fn lists(headers: &HeaderMap, name: HeaderName, etag: &str) -> bool {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|tag| {
        let tag = tag.trim();
        tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag
    })
}

fn answer(status: StatusCode, etag: &str, body: Body) -> Result<Response, Problem> {
    let built = Response::builder()
        .status(status)
        .header(header::ETAG, etag)
        .header(header::ACCEPT_RANGES, "bytes")
        .header(header::CACHE_CONTROL, "private, no-cache")
        // The sender chose the media type: a browser must not guess a more dangerous one.
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .body(body);
    Ok(built.map_err(|_| Refusal::new(ErrorCode::Internal, "the answer has no HTTP form"))?)
}

fn describe(headers: &mut HeaderMap, content: &Content) {
    let media_type = HeaderValue::try_from(content.media_type.as_str())
        .unwrap_or(HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_TYPE, media_type);
    let digest = format!("sha-256=:{}:", STANDARD.encode(content.digest.as_bytes()));
    headers.extend(HeaderValue::try_from(digest).map(|value| (HeaderName::from_static("repr-digest"), value)));
    let disposition = match content.name.as_str() {
        "" => "attachment".to_owned(),
        name => format!("attachment; filename*=UTF-8''{}", extended(name)),
    };
    headers.extend(HeaderValue::try_from(disposition).map(|value| (header::CONTENT_DISPOSITION, value)));
}

/// A value of RFC 8187: everything but letters, digits and three marks in percent form.
fn extended(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
