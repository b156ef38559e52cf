//! Reading on after a refusal, so that a client which sends first and reads then gets to see it.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use bytes::Bytes;
use futures_util::StreamExt;
use http::{Version, header};
use http_body::{Frame, SizeHint};
use tokio::runtime::Handle;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

/// Bytes and time for which a body is read on: most documents; for longer ones the client fails while sending.
const BYTES_MAX: usize = 64 * 1024 * 1024;
const TIME_MAX: Duration = Duration::from_secs(10);

/// Wraps the body of an HTTP/1.1 request.
///
/// Closing a connection with unread bytes makes the system reset it, and the reset overtakes the
/// answer. HTTP/2 needs none of this: it resets one stream, after the answer.
pub(crate) fn on_refusal(request: Request, tasks: &TaskTracker) -> Request {
    if request.version() != Version::HTTP_11 {
        return request;
    }
    // Who waits for `100 Continue` sends nothing until the body is read, and must not be made to.
    let waits = request.headers().contains_key(header::EXPECT);
    request.map(|body| Body::new(Lingering { body, waits, tasks: tasks.clone() }))
}

struct Lingering {
    body: Body,
    waits: bool,
    tasks: TaskTracker,
}

impl http_body::Body for Lingering {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.waits = false;
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        if !matches!(frame, Some(Ok(_))) {
            self.body = Body::empty();
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Lingering {
    fn drop(&mut self) {
        let body = std::mem::take(&mut self.body);
        if self.waits || http_body::Body::is_end_stream(&body) || Handle::try_current().is_err() {
            return;
        }
        self.tasks.spawn(async move { drop(timeout(TIME_MAX, read_on(body)).await) });
    }
}

async fn read_on(body: Body) {
    let mut chunks = body.into_data_stream();
    let mut read = 0usize;
    while let Some(Ok(chunk)) = chunks.next().await {
        read = read.saturating_add(chunk.len());
        if read > BYTES_MAX {
            return;
        }
    }
}
