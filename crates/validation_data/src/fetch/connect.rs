//! Connections: direct or through a proxy, plain or TLS.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use rustls_pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::FetchOptions;
use crate::allow::Url;

/// Bytes of a proxy's answer to `CONNECT` at most.
const PROXY_ANSWER_MAX: usize = 8 * 1024;

/// An HTTP proxy. Its password is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    place: Url,
    authorization: Option<HeaderValue>,
}

/// No `http` URL with a host and a port; the text may hold a password and is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write http://[USER:PASSWORD@]HOST:PORT")]
pub struct ProxyError;

impl Proxy {
    /// `Proxy-Authorization`, marked sensitive.
    pub(super) const fn authorization(&self) -> Option<&HeaderValue> {
        self.authorization.as_ref()
    }
}

impl FromStr for Proxy {
    type Err = ProxyError;

    /// `http://[USER:PASSWORD@]HOST[:PORT]`; user and password as they are, without percent-encoding.
    fn from_str(text: &str) -> Result<Self, ProxyError> {
        let rest = text.strip_prefix("http://").ok_or(ProxyError)?;
        let (user, place) = match rest.rsplit_once('@') {
            Some((user, place)) => (Some(user), place),
            None => (None, rest),
        };
        let place: Url = format!("http://{place}").parse().map_err(|_| ProxyError)?;
        if place.path() != "/" {
            return Err(ProxyError);
        }
        let authorization = user.map(|user| {
            let mut value = HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(user)));
            if let Ok(value) = &mut value {
                value.set_sensitive(true);
            }
            value.map_err(|_| ProxyError)
        });
        Ok(Self { place, authorization: authorization.transpose()? })
    }
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}", self.place.authority())
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({self})")
    }
}

/// A byte stream to a server.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// Opens a connection over which a request for `url` can be made.
pub(super) async fn open(options: &FetchOptions, url: &Url) -> Result<Box<dyn Stream>, String> {
    let place = options.proxy.as_ref().map_or(url, |proxy| &proxy.place);
    let failed = |error: std::io::Error| format!("connect to {}: {error}", place.authority());
    let mut stream = TcpStream::connect((place.host(), place.port())).await.map_err(failed)?;
    stream.set_nodelay(true).map_err(failed)?;
    if !url.is_tls() {
        return Ok(Box::new(stream));
    }
    let tls = options.tls.clone().ok_or_else(|| "https needs trust anchors: revocation.ca_files".to_owned())?;
    if let Some(proxy) = &options.proxy {
        tunnel(&mut stream, proxy, url).await?;
    }
    let name = ServerName::try_from(url.host().to_owned()).map_err(|_| "a name that no certificate has".to_owned())?;
    let stream = TlsConnector::from(tls).connect(name, stream).await.map_err(|error| format!("TLS: {error}"))?;
    Ok(Box::new(stream))
}

/// Asks the proxy for a tunnel (RFC 9110, 9.3.6).
async fn tunnel(stream: &mut TcpStream, proxy: &Proxy, url: &Url) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("proxy {proxy}: {error}");
    let authority = url.place();
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
            return Err(format!("proxy {proxy}: an answer without end"));
        }
        answer.push(stream.read_u8().await.map_err(failed)?);
    }
    let status = String::from_utf8_lossy(&answer).lines().next().unwrap_or_default().to_owned();
    if status.split(' ').nth(1).is_some_and(|code| code.starts_with('2')) {
        return Ok(());
    }
    Err(format!("proxy {proxy} does not connect to {authority}: {status}"))
}
