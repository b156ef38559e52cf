//! Connections: direct or through a proxy, plain or TLS.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::Uri;
use http::uri::Scheme;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use rustls_pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::error::{CallErrorKind, Stage};
use super::options::{ClientOptions, Proxy, Timeouts, bare};

/// Bytes of a proxy's answer to `CONNECT` at most.
const PROXY_ANSWER_MAX: usize = 8 * 1024;

/// Makes the client's connections.
#[derive(Clone)]
pub(super) struct Connector {
    proxy: Option<Proxy>,
    tls: Option<TlsConnector>,
    timeouts: Timeouts,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct ConnectError(pub(super) CallErrorKind);

impl ConnectError {
    fn new(detail: String) -> Self {
        Self(CallErrorKind::Transport { detail })
    }
}

impl Connector {
    pub(super) fn new(options: &ClientOptions) -> Self {
        let tls = options.tls.as_ref().map(|config| {
            let mut config = rustls::ClientConfig::clone(config);
            config.alpn_protocols = vec![b"http/1.1".to_vec()];
            TlsConnector::from(Arc::new(config))
        });
        Self { proxy: options.proxy.clone(), tls, timeouts: options.timeouts }
    }

    async fn connect(self, target: Uri) -> Result<Link, ConnectError> {
        let after = self.timeouts.connect;
        match timeout(after, self.handshakes(&target)).await {
            Ok(link) => link,
            Err(_) => Err(ConnectError(CallErrorKind::Timeout { stage: Stage::Connect, after })),
        }
    }

    async fn handshakes(&self, target: &Uri) -> Result<Link, ConnectError> {
        let host = bare(target.host().unwrap_or_default());
        let is_tls = target.scheme() == Some(&Scheme::HTTPS);
        let port = target.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        let mut stream = match &self.proxy {
            Some(proxy) => open(&proxy.host, proxy.port).await?,
            None => open(host, port).await?,
        };
        if !is_tls {
            return Ok(Link::new(stream, self.proxy.is_some()));
        }
        if let Some(proxy) = &self.proxy {
            let authority = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
            tunnel(&mut stream, proxy, &authority).await?;
        }
        let tls = self.tls.as_ref().ok_or_else(|| ConnectError::new("https without trust anchors".into()))?;
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| ConnectError::new(format!("{host}: a name that no certificate can have")))?;
        let stream = tls
            .connect(name, stream)
            .await
            .map_err(|error| ConnectError::new(format!("TLS with {host}:{port}: {error}")))?;
        Ok(Link::new(stream, false))
    }
}

async fn open(host: &str, port: u16) -> Result<TcpStream, ConnectError> {
    let failed = |error: io::Error| ConnectError::new(format!("connect to {host}:{port}: {error}"));
    let stream = TcpStream::connect((host, port)).await.map_err(failed)?;
    stream.set_nodelay(true).map_err(failed)?;
    Ok(stream)
}

/// Asks the proxy for a tunnel (RFC 9110, 9.3.6).
async fn tunnel(stream: &mut TcpStream, proxy: &Proxy, authority: &str) -> Result<(), ConnectError> {
    let failed = |error: io::Error| ConnectError::new(format!("proxy {proxy}: {error}"));
    let mut request = format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n").into_bytes();
    if let Some(authorization) = &proxy.authorization {
        request.extend_from_slice(b"Proxy-Authorization: ");
        request.extend_from_slice(authorization.as_bytes());
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"\r\n");
    stream.write_all(&request).await.map_err(failed)?;

    // Byte by byte: what follows the empty line is TLS.
    let mut answer = Vec::with_capacity(256);
    while !answer.ends_with(b"\r\n\r\n") {
        if answer.len() >= PROXY_ANSWER_MAX {
            return Err(ConnectError::new(format!("proxy {proxy}: an answer without end")));
        }
        answer.push(stream.read_u8().await.map_err(failed)?);
    }
    let status = String::from_utf8_lossy(&answer).lines().next().unwrap_or_default().to_owned();
    if status.split(' ').nth(1).is_some_and(|code| code.starts_with('2')) {
        return Ok(());
    }
    Err(ConnectError::new(format!("proxy {proxy} does not connect to {authority}: {status}")))
}

type Connecting = Pin<Box<dyn Future<Output = Result<Link, ConnectError>> + Send>>;

impl tower::Service<Uri> for Connector {
    type Response = Link;
    type Error = ConnectError;
    type Future = Connecting;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), ConnectError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, target: Uri) -> Connecting {
        Box::pin(self.clone().connect(target))
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A connection that is up.
pub(super) struct Link {
    stream: TokioIo<Box<dyn Stream>>,
    /// The proxy reads the requests: they name the whole URL.
    is_proxied: bool,
}

impl Link {
    fn new(stream: impl Stream + 'static, is_proxied: bool) -> Self {
        Self { stream: TokioIo::new(Box::new(stream)), is_proxied }
    }
}

impl Connection for Link {
    fn connected(&self) -> Connected {
        Connected::new().proxy(self.is_proxied)
    }
}

impl Read for Link {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl Write for Link {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, buffer)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
