//! Connections: HTTP/1.1, with TLS where a certificate is given.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::faults::Board;

/// Connections at once; more wait in the system's queue.
const CONNECTIONS_MAX: usize = 1024;
/// Time for the TLS handshake, and for the headers of a request.
const HEADERS: Duration = Duration::from_secs(30);
/// How long open requests may go on after the stop.
const GRACE: Duration = Duration::from_secs(5);
/// Pause after a failed accept: the system needs time to get descriptors back.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read, or holds no PEM of that kind.
    #[error("{file}")]
    File {
        /// The file.
        file: String,
        /// Why.
        source: rustls_pki_types::pem::Error,
    },
    /// Certificate and key do not fit.
    #[error("certificate and key")]
    Pair(#[from] rustls::Error),
}

/// The server's side of TLS from a certificate chain and its key, both PEM. Blocking.
///
/// # Errors
/// A file, or the pair.
pub(crate) fn acceptor(certificate: &Path, key: &Path) -> Result<TlsAcceptor, TlsError> {
    let at = |path: &Path| {
        let file = path.display().to_string();
        move |source| TlsError::File { file, source }
    };
    let chain: Result<Vec<_>, _> = CertificateDer::pem_file_iter(certificate).map_err(at(certificate))?.collect();
    let key = PrivateKeyDer::from_pem_file(key).map_err(at(key))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain.map_err(at(certificate))?, key)?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// What a listener serves.
pub(crate) struct Door {
    pub(crate) app: Router,
    pub(crate) tls: Option<TlsAcceptor>,
    /// Closes connections at once while it says so.
    pub(crate) board: Option<Arc<Board>>,
}

/// Serves until `stop`, then lets open requests finish for [`GRACE`].
pub(crate) async fn serve(listener: TcpListener, door: Door, stop: CancellationToken) {
    let (tasks, door) = (TaskTracker::new(), Arc::new(door));
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let abandon = CancellationToken::new();
    loop {
        let accepted = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            () = stop.cancelled() => break,
            accepted = accepted => accepted,
        };
        match accepted {
            Ok((stream, address)) => {
                if door.board.as_ref().is_some_and(|board| board.refuses_connections()) {
                    continue;
                }
                let (door, stop, abandon) = (Arc::clone(&door), stop.clone(), abandon.clone());
                tasks.spawn(async move {
                    let _place = place;
                    tokio::select! {
                        () = abandon.cancelled() => {}
                        () = open(&door, stream, address, stop) => {}
                    }
                });
            }
            Err(error) => {
                tracing::warn!(%error, "could not accept a connection");
                tokio::select! {
                    () = stop.cancelled() => break,
                    () = sleep_until(Instant::now() + ACCEPT_PAUSE) => {}
                }
            }
        }
    }
    drop(listener);
    tasks.close();
    if timeout(GRACE, tasks.wait()).await.is_err() {
        abandon.cancel();
        tasks.wait().await;
    }
}

async fn open(door: &Door, stream: TcpStream, address: SocketAddr, stop: CancellationToken) {
    // Answers are often smaller than a segment and their reader waits for them.
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let Some(tls) = &door.tls else { return connection(stream, address, door.app.clone(), stop).await };
    match timeout(HEADERS, tls.accept(stream)).await {
        Ok(Ok(stream)) => connection(stream, address, door.app.clone(), stop).await,
        Ok(Err(error)) => tracing::info!(peer.address = %address, %error, "TLS handshake failed"),
        Err(_) => tracing::info!(peer.address = %address, "TLS handshake took too long"),
    }
}

async fn connection<S>(stream: S, address: SocketAddr, app: Router, stop: CancellationToken)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let app = app.layer(axum::Extension(ConnectInfo(address)));
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEADERS);
    let connection = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(app));
    let mut connection = std::pin::pin!(connection);
    let result = tokio::select! {
        result = connection.as_mut() => result,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = result {
        tracing::debug!(peer.address = %address, %error, "a connection ended early");
    }
}
