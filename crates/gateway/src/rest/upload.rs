//! Submissions: a raw packet, or a form whose files stream through.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use futures_util::{StreamExt, stream};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Serialize;
use tokio::time::timeout;
use types::ErrorCode;
use wire::exchange_v1::{Acceptance, DocumentHeader, FileHeader, PacketHeader};

use super::asked::message;
use super::multipart::{Form, Part};
use super::{envelope, json, unsupported_media_type};
use crate::files::{Order, Unlisted};
use crate::front::Front;
use crate::problem::Problem;
use crate::{ByteStream, FilePart, FileStream, Refusal};

/// Bytes of the part `metadata`: 10,000 receivers and a manifest, as in a gRPC message.
const METADATA_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Bytes of a manifest, as the contract says.
const MANIFEST_BYTES_MAX: usize = 1024 * 1024;
/// Bytes of a signature: a chain, revocation values and a timestamp with room to spare.
const SIGNATURE_BYTES_MAX: usize = 256 * 1024;

/// `POST /v1/documents`: a form with `metadata`, then `file` parts in order.
pub(super) async fn submit(State(front): State<Arc<Front>>, request: Request) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let caller = front.identify(&parts.headers, &parts.extensions)?;
    let mut form = Form::new(&parts.headers, body)?;
    let metadata = async {
        match form.next().await? {
            Some(part) if part.name() == "metadata" => part.whole(METADATA_BYTES_MAX).await,
            _ => Err(Refusal::field("metadata", "is the first part of the form")),
        }
    };
    let header: DocumentHeader = message(&in_time(&front, metadata).await?)?;
    let order = Order::new(header.files.clone(), Unlisted::AllowedWithoutList);
    let answer = front.submit(caller, header, files(form, order)).await?;
    accepted(answer.acceptance.as_ref(), &answer)
}

/// `POST /v1/packets`: the packet as the body, or a form with `manifest`, `signature`, then `packet`.
pub(super) async fn submit_packet(State(front): State<Arc<Front>>, request: Request) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let caller = front.identify(&parts.headers, &parts.extensions)?;
    let (header, packet) = match media_type(&parts.headers).as_str() {
        "application/xml" | "text/xml" | "application/octet-stream" => raw(&parts.headers, body)?,
        "multipart/form-data" => in_time(&front, packet_form(Form::new(&parts.headers, body)?)).await?,
        _ => return Err(unsupported_media_type("application/xml or multipart/form-data")),
    };
    let answer = front.submit_packet(caller, header, packet).await?;
    accepted(answer.acceptance.as_ref(), &answer)
}

/// 201 for a new exchange, 200 for a repeat: the same document is not made twice.
fn accepted<A: Serialize>(acceptance: Option<&Acceptance>, answer: &A) -> Result<Response, Problem> {
    let Some(acceptance) = acceptance else { return json(StatusCode::OK, answer) };
    let status = if acceptance.duplicate { StatusCode::OK } else { StatusCode::CREATED };
    let mut response = json(status, answer)?;
    if let Ok(location) = HeaderValue::try_from(format!("/v1/documents/{}", acceptance.exchange_id)) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

/// The small parts before the content have to come within the time of a call.
async fn in_time<T>(front: &Front, parts: impl Future<Output = Result<T, Refusal>>) -> Result<T, Refusal> {
    let late = |_| Refusal::new(ErrorCode::Cancelled, "the form's first parts did not come in time");
    timeout(front.options.call_timeout, parts).await.map_err(late)?
}

fn media_type(headers: &HeaderMap) -> String {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn raw(headers: &HeaderMap, body: Body) -> Result<(PacketHeader, ByteStream), Refusal> {
    let declared = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    let header = PacketHeader {
        length: declared.and_then(|value| value.parse().ok()).unwrap_or(0),
        sha256: envelope::declared_digest(headers)?,
        envelope: envelope::from_headers(headers)?,
    };
    let broke = |_| Refusal::new(ErrorCode::Cancelled, "the request's body broke off");
    let bytes = body.into_data_stream().map(move |chunk| chunk.map_err(broke));
    let full = bytes.filter(|chunk| std::future::ready(!matches!(chunk, Ok(chunk) if chunk.is_empty())));
    Ok((header, Box::pin(full)))
}

async fn packet_form(mut form: Form) -> Result<(PacketHeader, ByteStream), Refusal> {
    let (mut manifest, mut signature) = (None, None);
    while let Some(part) = form.next().await? {
        let slot = match part.name() {
            "packet" => {
                let envelope = envelope::from_parts(manifest, signature)?;
                let sha256 = envelope::declared_digest(part.headers())?;
                return Ok((PacketHeader { length: 0, sha256, envelope }, packet_part(form, part)));
            }
            "manifest" if manifest.is_none() => (&mut manifest, MANIFEST_BYTES_MAX),
            "signature" if signature.is_none() => (&mut signature, SIGNATURE_BYTES_MAX),
            other => return Err(unexpected(other)),
        };
        *slot.0 = Some(part.whole(slot.1).await?);
    }
    Err(Refusal::field("packet", "is missing from the form"))
}

fn unexpected(name: &str) -> Refusal {
    Refusal::field(name.to_owned(), "is not expected here; the parts are manifest, signature, then packet")
}

/// The packet's bytes; a part after it is an error, since it could not be taken into account.
fn packet_part(form: Form, part: Part) -> ByteStream {
    Box::pin(stream::unfold(Some((form, part)), |state| async move {
        let (mut form, mut part) = state?;
        let item = match part.chunk().await {
            Ok(Some(chunk)) => return Some((Ok(chunk), Some((form, part)))),
            Ok(None) => {
                drop(part);
                form.next().await.map(|next| next.map(|part| unexpected(part.name())))
            }
            Err(refusal) => Err(refusal),
        };
        match item {
            Ok(None) => None,
            Ok(Some(refusal)) | Err(refusal) => Some((Err(refusal), None)),
        }
    }))
}

/// The `file` parts after the metadata.
fn files(form: Form, order: Order) -> FileStream {
    Box::pin(stream::unfold(Some((form, order, None)), |state| async move {
        let (mut form, mut order, mut open) = state?;
        match next_file_part(&mut form, &mut order, &mut open).await {
            Ok(part) => part.map(|part| (Ok(part), Some((form, order, open)))),
            Err(refusal) => Some((Err(refusal), None)),
        }
    }))
}

async fn next_file_part(
    form: &mut Form,
    order: &mut Order,
    open: &mut Option<Part>,
) -> Result<Option<FilePart>, Refusal> {
    if let Some(part) = open {
        if let Some(chunk) = part.chunk().await? {
            return Ok(Some(FilePart::Chunk(chunk)));
        }
        // The reader of a form gives the next part only after the last one is gone.
        *open = None;
    }
    let Some(part) = form.next().await? else { return order.end().map(|()| None) };
    if part.name() != "file" {
        return Err(Refusal::field(part.name().to_owned(), "is not expected here; files are parts named file"));
    }
    let described = FileHeader {
        name: part.file_name().to_owned(),
        content_type: part.content_type().to_owned(),
        sha256: envelope::declared_digest(part.headers())?,
        ..FileHeader::default()
    };
    let begun = order.begin(order.due(), described)?;
    *open = Some(part);
    Ok(Some(begun))
}
