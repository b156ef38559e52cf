//! What faults do to an answer as a whole.

use std::io;

use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use http::{StatusCode, header};
use tokio::time::{Instant, sleep_until};

use crate::faults::Fault;

/// One piece of an oversized answer, and how many there are: 64 MiB.
const PIECE: &[u8] = &[0; 64 * 1024];
const PIECES: usize = 1024;

/// Waits as long as a fault says, and gives the answer that stands in for the right one.
pub(super) async fn before(faults: &[Fault]) -> Option<Response> {
    for fault in faults {
        if let Fault::Slow(delay) = fault {
            sleep_until(Instant::now() + *delay).await;
        }
    }
    faults.iter().find_map(|fault| match fault {
        Fault::Away => Some(silence()),
        Fault::Error => Some(StatusCode::INTERNAL_SERVER_ERROR.into_response()),
        // A relative reference without a path is the same place again (RFC 3986 4.2).
        Fault::Redirect => Some((StatusCode::FOUND, [(header::LOCATION, "?")]).into_response()),
        Fault::Oversized => Some(oversized()),
        _ => None,
    })
}

/// The answer as it leaves.
pub(super) fn after(mut bytes: Vec<u8>, faults: &[Fault]) -> Vec<u8> {
    if faults.contains(&Fault::Truncated) {
        bytes.truncate(bytes.len() / 2);
    }
    bytes
}

/// A body that fails before its first byte: the connection closes.
fn silence() -> Response {
    let broken = stream::once(async { Err::<Bytes, _>(io::Error::other("the service is away")) });
    Response::new(Body::from_stream(broken))
}

fn oversized() -> Response {
    let pieces = stream::repeat(Bytes::from_static(PIECE)).take(PIECES).map(Ok::<_, io::Error>);
    Response::new(Body::from_stream(pieces))
}
