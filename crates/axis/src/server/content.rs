//! Packets as answers: raw, or as base64 inside JSON, never held whole.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::Body;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use futures_util::Stream;
use http::{HeaderValue, header};

use super::places::Place;
use crate::answer::Answer;
use crate::{EdocContent, FileStream};

/// The packet as the whole body.
pub(super) fn raw(edoc: EdocContent, place: Place) -> Response {
    let length = edoc.length;
    let whole = Exactly { left: length, bytes: edoc.bytes, _place: place };
    response(Body::from_stream(whole), length, "application/octet-stream")
}

/// The packet as base64 in the member `data`.
pub(super) fn base64(answer: Answer, edoc: EdocContent, place: Place) -> Response {
    let mut head = answer.open("data");
    head.push(b'"');
    let text = edoc.length.div_ceil(3).saturating_mul(4);
    let length = text.saturating_add((head.len() + 1 + Answer::END.len()) as u64);
    let whole = Exactly { left: edoc.length, bytes: edoc.bytes, _place: place };
    let encoded = Base64 { head: Some(head.into()), rest: BytesMut::new(), whole: Some(whole) };
    response(Body::from_stream(encoded), length, "application/json")
}

fn response(body: Body, length: u64, media_type: &'static str) -> Response {
    let mut response = Response::new(body);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    response
}

/// The bytes promised; fewer, more, or a failure of the service's breaks the connection off.
struct Exactly {
    left: u64,
    bytes: FileStream,
    _place: Place,
}

impl Stream for Exactly {
    type Item = Result<Bytes, BrokenOff>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(match ready!(self.bytes.as_mut().poll_next(cx)) {
            Some(Ok(chunk)) => match self.left.checked_sub(chunk.len() as u64) {
                Some(left) => {
                    self.left = left;
                    Some(Ok(chunk))
                }
                None => Some(Err(BrokenOff)),
            },
            Some(Err(failure)) => {
                tracing::error!(cause = %failure, "a packet could not be read to its end");
                Some(Err(BrokenOff))
            }
            None if self.left > 0 => Some(Err(BrokenOff)),
            None => None,
        })
    }
}

/// The promised bytes could not be sent: the client must not take what came for all.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the packet broke off")]
pub(super) struct BrokenOff;

struct Base64 {
    /// The line up to the text.
    head: Option<Bytes>,
    /// One or two bytes that wait for the rest of their group.
    rest: BytesMut,
    /// None once the end is sent.
    whole: Option<Exactly>,
}

impl Stream for Base64 {
    type Item = Result<Bytes, BrokenOff>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(head) = self.head.take() {
            return Poll::Ready(Some(Ok(head)));
        }
        loop {
            let Some(whole) = &mut self.whole else { return Poll::Ready(None) };
            match ready!(Pin::new(whole).poll_next(cx)) {
                Some(Ok(chunk)) => {
                    let text = self.groups(chunk);
                    if !text.is_empty() {
                        return Poll::Ready(Some(Ok(text)));
                    }
                }
                Some(Err(broken)) => {
                    self.whole = None;
                    return Poll::Ready(Some(Err(broken)));
                }
                None => {
                    self.whole = None;
                    let mut end = STANDARD.encode(&self.rest).into_bytes();
                    end.push(b'"');
                    end.extend_from_slice(Answer::END);
                    return Poll::Ready(Some(Ok(end.into())));
                }
            }
        }
    }
}

impl Base64 {
    /// The text of the whole groups of three; the remainder is kept for the next chunk.
    fn groups(&mut self, mut chunk: Bytes) -> Bytes {
        let mut text = String::with_capacity(chunk.len().div_ceil(3) * 4 + 4);
        if !self.rest.is_empty() {
            let missing = (3 - self.rest.len()).min(chunk.len());
            self.rest.extend_from_slice(&chunk.split_to(missing));
            if self.rest.len() < 3 {
                return Bytes::new();
            }
            STANDARD.encode_string(&self.rest, &mut text);
            self.rest.clear();
        }
        let whole = chunk.split_to(chunk.len() - chunk.len() % 3);
        STANDARD.encode_string(&whole, &mut text);
        self.rest.extend_from_slice(&chunk);
        text.into()
    }
}

#[cfg(test)]
mod tests;
