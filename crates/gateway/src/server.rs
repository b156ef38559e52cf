//! The acceptor: TLS with reload, HTTP/1.1 and HTTP/2 on one port.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use axum::Router;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

mod certificate;
mod connection;

/// Limits of a listener.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at once; more wait in the system's queue. Each may hold a window of 16 MiB at worst.
    pub connections_max: usize,
    /// Time for the TLS handshake.
    pub handshake: Duration,
    /// How long open requests may go on after `stop`.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connections_max: 4096, handshake: Duration::from_secs(10), grace: Duration::from_secs(30) }
    }
}

/// Where a connection comes from; in the extensions of its requests, for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerAddress(pub SocketAddr);

/// Pause after a failed accept: the system is out of descriptors or memory, and needs time to get some back.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves `app` until `stop`, then lets open requests finish for `limits.grace`.
///
/// Every accept takes the current `tls`, so a swap changes key, client authorities and session
/// store for new connections at once. Returns when the last connection is closed or dropped.
/// `tls` has to offer ALPN `h2` and `http/1.1`.
pub async fn serve(
    listener: TcpListener,
    tls: Arc<ArcSwap<rustls::ServerConfig>>,
    app: Router,
    limits: Limits,
    stop: CancellationToken,
    tasks: TaskTracker,
) {
    // Not the caller's tracker: it may own tasks that end only after the listener is done.
    let connections = TaskTracker::new();
    let places = Arc::new(Semaphore::new(limits.connections_max));
    // Set when the grace period is over: whatever is still open is dropped.
    let abandon = CancellationToken::new();
    loop {
        let accepted = async {
            let place = places.clone().acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            () = stop.cancelled() => break,
            accepted = accepted => accepted,
        };
        let (stream, address) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(error = %error, "could not accept a connection");
                tokio::select! {
                    () = stop.cancelled() => break,
                    () = sleep(ACCEPT_PAUSE) => continue,
                }
            }
        };
        let opened = Opened { stream, address, tls: tls.load_full(), app: app.clone(), handshake: limits.handshake };
        let (stop, abandon, streams) = (stop.clone(), abandon.clone(), tasks.clone());
        connections.spawn(async move {
            let _place = place;
            tokio::select! {
                () = abandon.cancelled() => {}
                () = opened.serve(stop, streams) => {}
            }
        });
    }
    drop(listener);
    connections.close();
    if timeout(limits.grace, connections.wait()).await.is_err() {
        tracing::warn!(connections.open = connections.len(), "grace period over, dropping open connections");
        abandon.cancel();
        connections.wait().await;
    }
}

/// A connection before its handshake.
struct Opened {
    stream: TcpStream,
    address: SocketAddr,
    tls: Arc<rustls::ServerConfig>,
    app: Router,
    handshake: Duration,
}

impl Opened {
    async fn serve(self, stop: CancellationToken, streams: TaskTracker) {
        let peer = PeerAddress(self.address);
        // Answers are often smaller than a segment and their reader waits for them.
        if let Err(error) = self.stream.set_nodelay(true) {
            tracing::debug!(peer.address = %peer.0, error = %error, "connection closed at once");
            return;
        }
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = timeout(self.handshake, TlsAcceptor::from(self.tls).accept(self.stream)) => accepted,
        };
        match accepted {
            Ok(Ok(stream)) => connection::serve(stream, peer, self.app, stop, streams).await,
            Ok(Err(error)) => tracing::info!(peer.address = %peer.0, error = %error, "TLS handshake failed"),
            Err(_) => tracing::info!(peer.address = %peer.0, "TLS handshake took too long"),
        }
    }
}
