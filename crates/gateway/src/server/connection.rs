//! One connection: HTTP/2 or HTTP/1.1 by ALPN, with the peer in every request's extensions.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use http::Request;
use hyper::body::Incoming;
use hyper::rt::Executor;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use super::{PeerAddress, certificate};

/// Time to send a request's headers, and how long a connection may idle between requests (HTTP/1.1).
const HEADER_READ: Duration = Duration::from_secs(10);
/// Silence after which an HTTP/2 peer is asked whether it lives, and the time it has to say so.
const KEEP_ALIVE: (Duration, Duration) = (Duration::from_secs(20), Duration::from_secs(10));
/// Requests at once on one connection.
const STREAMS_MAX: u32 = 256;
/// Bytes of a request's headers: an envelope may come as headers, with a manifest of many files.
const HEADERS_BYTES_MAX: u32 = 64 * 1024;
/// Flow-control windows of a stream and of a connection, and the frame size: smaller ones make an
/// upload wait for the scheduler (measured: a tenth of the speed with hyper's own).
const STREAM_WINDOW: u32 = 4 * 1024 * 1024;
const CONNECTION_WINDOW: u32 = 16 * 1024 * 1024;
const FRAME: u32 = 256 * 1024;
/// Read buffer of HTTP/1.1: it bounds the headers, and the pieces in which a body comes.
const BUFFER: usize = 256 * 1024;

/// Spawns the streams of a connection where their owner can wait for them.
#[derive(Clone)]
struct Tracked(TaskTracker);

impl<F> Executor<F> for Tracked
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    fn execute(&self, future: F) {
        drop(self.0.spawn(future));
    }
}

/// Serves the requests of one connection; after `stop` finishes those that are open.
pub(super) async fn serve(
    stream: TlsStream<TcpStream>,
    peer: PeerAddress,
    app: Router,
    stop: CancellationToken,
    streams: TaskTracker,
) {
    let chain = stream.get_ref().1.peer_certificates();
    let certificate = chain.and_then(<[_]>::first).and_then(|leaf| certificate::read(leaf));
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer);
        if let Some(certificate) = &certificate {
            request.extensions_mut().insert(certificate.clone());
        }
        app.clone().oneshot(request)
    });
    let builder = builder(streams);
    let mut connection = pin!(builder.serve_connection_with_upgrades(TokioIo::new(stream), service));
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(peer.address = %peer.0, error = %error, "connection ended with an error");
    }
}

fn builder(streams: TaskTracker) -> Builder<Tracked> {
    let mut builder = Builder::new(Tracked(streams));
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEADER_READ).max_buf_size(BUFFER);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(KEEP_ALIVE.0)
        .keep_alive_timeout(KEEP_ALIVE.1)
        .max_concurrent_streams(STREAMS_MAX)
        .max_header_list_size(HEADERS_BYTES_MAX)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_frame_size(FRAME);
    builder
}
