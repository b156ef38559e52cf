//! Reading on after a refusal, so that a client which sends first and reads then gets to see it.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use http::{HeaderMap, header};
use tokio::runtime::Handle;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

/// Bytes and time for which a body is read on: most packets; for longer ones the client fails while sending.
const BYTES_MAX: usize = 64 * 1024 * 1024;
const TIME_MAX: Duration = Duration::from_secs(10);

/// The bytes of a request's body, one chunk at each turn.
///
/// Closing a connection with unread bytes makes the system reset it, and the reset overtakes the answer: what is
/// dropped unread is read on in a task.
pub(super) struct Lingering {
    /// None once it ended.
    body: Option<BodyDataStream>,
    /// Who waits for `100 Continue` sends nothing until the body is read, and must not be made to.
    waits: bool,
    turn: Turn,
    tasks: TaskTracker,
}

/// The reader of forms takes all that is ready into its memory: a pause after each chunk keeps it to one.
#[derive(Clone, Copy)]
enum Turn {
    Read,
    Pause,
}

impl Lingering {
    pub(super) fn new(headers: &HeaderMap, body: Body, tasks: TaskTracker) -> Self {
        let waits = headers.contains_key(header::EXPECT);
        Self { body: Some(body.into_data_stream()), waits, turn: Turn::Read, tasks }
    }
}

impl Stream for Lingering {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.waits = false;
        if let Turn::Pause = std::mem::replace(&mut self.turn, Turn::Read) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        let item = ready!(body.poll_next_unpin(cx));
        match item {
            Some(Ok(_)) => self.turn = Turn::Pause,
            _ => self.body = None,
        }
        Poll::Ready(item)
    }
}

impl Drop for Lingering {
    fn drop(&mut self) {
        let Some(body) = self.body.take() else { return };
        if !self.waits && Handle::try_current().is_ok() {
            self.tasks.spawn(async move { drop(timeout(TIME_MAX, read_on(body)).await) });
        }
    }
}

async fn read_on(mut body: BodyDataStream) {
    let mut read = 0usize;
    while let Some(Ok(chunk)) = body.next().await {
        read = read.saturating_add(chunk.len());
        if read > BYTES_MAX {
            return;
        }
    }
}
