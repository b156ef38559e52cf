//! The body of `sendEdoc`: the packet as it is read, then CR LF.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};
use tokio::io::{AsyncRead, ReadBuf};
use tokio::time::Instant;

/// Bytes read at once.
const CHUNK: usize = 64 * 1024;

/// What the operator's client sends after the packet.
const LINE_END: &[u8] = b"\r\n";

/// How far an upload is, seen from outside.
#[derive(Clone, Debug)]
pub(super) struct Progress(Arc<Mutex<Moment>>);

#[derive(Debug)]
struct Moment {
    last: Instant,
    is_complete: bool,
    failure: Option<String>,
}

impl Progress {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(Moment { last: Instant::now(), is_complete: false, failure: None })))
    }

    /// When the last bytes went, and whether they were the last of all.
    pub(super) fn last(&self) -> (Instant, bool) {
        self.with(|moment| (moment.last, moment.is_complete))
    }

    /// Why the packet could not be read.
    pub(super) fn failure(&self) -> Option<String> {
        self.with(|moment| moment.failure.clone())
    }

    fn with<T>(&self, see: impl FnOnce(&mut Moment) -> T) -> T {
        see(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Streams exactly `length` bytes of a packet and a line end.
pub(super) struct Upload<R> {
    packet: R,
    length: u64,
    /// Bytes of the packet still to come; `None` when all is sent.
    left: Option<u64>,
    progress: Progress,
}

impl<R: AsyncRead + Unpin> Upload<R> {
    pub(super) const fn new(packet: R, length: u64, progress: Progress) -> Self {
        Self { packet, length, left: Some(length), progress }
    }

    fn fail(&self, detail: String) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        self.progress.with(|moment| moment.failure = Some(detail.clone()));
        Poll::Ready(Some(Err(io::Error::other(detail))))
    }
}

impl<R: AsyncRead + Unpin> Body for Upload<R> {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let Some(left) = self.left else { return Poll::Ready(None) };
        if left == 0 {
            self.left = None;
            self.progress.with(|moment| (moment.last, moment.is_complete) = (Instant::now(), true));
            return Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(LINE_END)))));
        }
        let most = usize::try_from(left).unwrap_or(CHUNK).min(CHUNK);
        let mut chunk = BytesMut::zeroed(most);
        let mut buffer = ReadBuf::new(&mut chunk);
        let read = ready!(Pin::new(&mut self.packet).poll_read(context, &mut buffer));
        let count = buffer.filled().len();
        match read {
            Err(error) => self.fail(error.to_string()),
            Ok(()) if count == 0 => self.fail(format!("{} of {} bytes are there", self.length - left, self.length)),
            Ok(()) => {
                chunk.truncate(count);
                self.left = Some(left - count as u64);
                self.progress.with(|moment| moment.last = Instant::now());
                Poll::Ready(Some(Ok(Frame::data(chunk.freeze()))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.left.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left.map_or(0, |left| left + LINE_END.len() as u64))
    }
}
