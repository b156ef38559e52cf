//! Answers whose bodies go wrong on their way.

use std::io;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt as _, stream};
use http::{HeaderValue, Response, header};
use http_body::Body as _;

use super::board::BodyFault;

/// Bytes kept to send a body twice; a longer one comes once.
const DUPLICATE_BYTES_MAX: usize = 1 << 20;
/// A body of unknown length breaks within this many bytes.
const PLACE_MAX: u64 = 4096;
/// What stands before the content of `getEdoc`.
const DATA: &[u8] = b"\"data\":\"";

/// The answer with its body spoilt.
pub(super) fn spoil(response: Response<Body>, fault: BodyFault) -> Response<Body> {
    let length = length(&response);
    match fault {
        BodyFault::Reset { place } => cut(response, break_at(place, length), End::Broken),
        BodyFault::Truncate { place } => {
            let at = break_at(place, length);
            let mut response = cut(response, at, End::Clean);
            // With a length that fits what comes, or in chunks with a proper end: either way it looks whole.
            if length.is_some() {
                response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(at));
            }
            response
        }
        BodyFault::Duplicate => twice(response),
        BodyFault::WrongBase64 => foreign(response),
    }
}

fn length(response: &Response<Body>) -> Option<u64> {
    let told = response.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    told.or_else(|| response.body().size_hint().exact())
}

fn break_at(place: u64, length: Option<u64>) -> u64 {
    place % length.unwrap_or(PLACE_MAX).max(1)
}

#[derive(Clone, Copy)]
enum End {
    Broken,
    Clean,
}

fn cut(response: Response<Body>, at: u64, end: End) -> Response<Body> {
    let (parts, body) = response.into_parts();
    let state = Some((body.into_data_stream(), at));
    let pieces = stream::unfold(state, move |state| async move {
        let (mut source, left) = state?;
        if left == 0 {
            return match end {
                End::Broken => Some((Err(io::Error::other("the connection breaks on demand")), None)),
                End::Clean => None,
            };
        }
        match source.next().await? {
            Ok(mut piece) => {
                piece.truncate(usize::try_from(left).unwrap_or(usize::MAX));
                let left = left - u64::try_from(piece.len()).unwrap_or(left);
                Some((Ok(piece), Some((source, left))))
            }
            Err(error) => Some((Err(io::Error::other(error)), None)),
        }
    });
    Response::from_parts(parts, Body::from_stream(pieces))
}

fn twice(response: Response<Body>) -> Response<Body> {
    let (mut parts, body) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    let state = Some((body.into_data_stream(), Some(BytesMut::new())));
    let pieces = stream::unfold(state, |state| async move {
        let (mut source, mut kept) = state?;
        match source.next().await {
            Some(Ok(piece)) => {
                let fits = kept.as_ref().is_some_and(|kept| kept.len() + piece.len() <= DUPLICATE_BYTES_MAX);
                match &mut kept {
                    Some(kept) if fits => kept.extend_from_slice(&piece),
                    _ => kept = None,
                }
                Some((Ok(piece), Some((source, kept))))
            }
            Some(Err(error)) => Some((Err(io::Error::other(error)), None)),
            None => kept.map(|kept| (Ok(kept.freeze()), None)),
        }
    });
    Response::from_parts(parts, Body::from_stream(pieces))
}

/// Puts `*` in the place of the first character of `data`.
fn foreign(response: Response<Body>) -> Response<Body> {
    let (parts, body) = response.into_parts();
    let mut matched = 0;
    let pieces = body.into_data_stream().map(move |piece| piece.map(|piece| spoil_piece(&piece, &mut matched)));
    Response::from_parts(parts, Body::from_stream(pieces))
}

/// Goes on from `matched` bytes of [`DATA`]; beyond its end, the work is done.
fn spoil_piece(piece: &Bytes, matched: &mut usize) -> Bytes {
    let mut bytes = BytesMut::from(piece.as_ref());
    for byte in bytes.iter_mut() {
        match DATA.get(*matched) {
            Some(expected) if expected == byte => *matched += 1,
            Some(_) => *matched = usize::from(DATA.first() == Some(byte)),
            None => {
                if *matched == DATA.len() {
                    *byte = b'*';
                    *matched += 1;
                }
                break;
            }
        }
    }
    bytes.freeze()
}

#[cfg(test)]
mod tests;
