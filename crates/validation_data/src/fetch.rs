//! One request over HTTP: bounded in bytes and time, no redirects, nothing kept open.
//!
//! Plain HTTP is normal here: lists, responses and tokens are signed, and nothing is believed before its signature was
//! checked (RFC 5280 4.2.1.13, RFC 6960 A.1, RFC 3161 3.4).

mod connect;

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderValue, Method, Request, Response, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as _, Incoming};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::time::timeout;
use types::ErrorCode;

pub use connect::{Proxy, ProxyError};

use crate::allow::Url;

const USER_AGENT: &str = concat!("lienthong/", env!("CARGO_PKG_VERSION"));

/// How requests are made.
#[derive(Clone, Debug)]
pub struct FetchOptions {
    /// The HTTP proxy on the way: whole URLs for http, `CONNECT` for https.
    pub proxy: Option<Proxy>,
    /// Trust anchors of `https` addresses; without them only `http` is spoken.
    pub tls: Option<Arc<rustls::ClientConfig>>,
    /// For a connection with all its handshakes.
    pub connect_time_max: Duration,
    /// For the whole request, connection and answer included.
    pub time_max: Duration,
}

impl Default for FetchOptions {
    /// No proxy, no TLS, 5 s to connect, 60 s in all: a list of four million bytes comes in a minute at 70 kB/s.
    fn default() -> Self {
        Self { proxy: None, tls: None, connect_time_max: Duration::from_secs(5), time_max: Duration::from_secs(60) }
    }
}

/// Why nothing was fetched. Codes: `peer_unavailable`, `protocol_violation`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// No connection, or one that broke.
    #[error("{url}: {detail}")]
    Transport {
        /// What was asked for.
        url: Url,
        /// What the system says.
        detail: String,
    },
    /// Nothing, or not everything, came in time.
    #[error("{url}: no whole answer within {} ms", after.as_millis())]
    Timeout {
        /// What was asked for.
        url: Url,
        /// How long was waited.
        after: Duration,
    },
    /// An HTTP status other than 200; redirects are not followed.
    #[error("{url}: HTTP {status}{}", location.as_ref().map(|to| format!(", which leads to {to:?} and is not followed")).unwrap_or_default())]
    Status {
        /// What was asked for.
        url: Url,
        /// The status.
        status: u16,
        /// Where a redirect leads, cut to 200 characters.
        location: Option<String>,
    },
    /// More bytes than are taken.
    #[error("{url}: more than {max} bytes")]
    TooLarge {
        /// What was asked for.
        url: Url,
        /// Bytes allowed.
        max: usize,
    },
    /// A content encoding that was not asked for.
    #[error("{url}: an answer in a content encoding that was not asked for")]
    Encoded {
        /// What was asked for.
        url: Url,
    },
}

impl FetchError {
    /// The public code.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Transport { .. } | Self::Timeout { .. } | Self::Status { status: 408 | 429 | 500.., .. } => {
                ErrorCode::PeerUnavailable
            }
            Self::Status { .. } | Self::TooLarge { .. } | Self::Encoded { .. } => ErrorCode::ProtocolViolation,
        }
    }
}

/// What is asked.
#[derive(Clone, Debug)]
pub enum Ask {
    /// GET.
    Get,
    /// POST of these bytes.
    Post {
        /// `Content-Type`, for example `application/ocsp-request`.
        content_type: &'static str,
        /// The body.
        body: Vec<u8>,
    },
}

/// Makes requests.
#[derive(Clone, Debug, Default)]
pub struct Fetcher {
    options: FetchOptions,
}

impl Fetcher {
    /// One with these options.
    #[must_use]
    pub const fn new(options: FetchOptions) -> Self {
        Self { options }
    }

    /// The body of an answer with HTTP 200 and at most `bytes_max` bytes.
    ///
    /// # Errors
    /// [`FetchError`]; the connection is closed whatever happened.
    pub async fn ask(&self, url: &Url, ask: Ask, bytes_max: usize) -> Result<Bytes, FetchError> {
        let after = self.options.time_max;
        match timeout(after, self.exchange(url, ask, bytes_max)).await {
            Ok(answer) => answer,
            Err(_) => Err(FetchError::Timeout { url: url.clone(), after }),
        }
    }

    async fn exchange(&self, url: &Url, ask: Ask, bytes_max: usize) -> Result<Bytes, FetchError> {
        let failed = |detail: String| FetchError::Transport { url: url.clone(), detail };
        let connect_max = self.options.connect_time_max;
        let link = timeout(connect_max, connect::open(&self.options, url)).await;
        let link = link.map_err(|_| FetchError::Timeout { url: url.clone(), after: connect_max })?.map_err(failed)?;
        let request = self.request(url, ask).map_err(|error| failed(error.to_string()))?;
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(link)).await.map_err(|error| failed(error.to_string()))?;
        let answer = async move {
            let response = sender.send_request(request).await.map_err(|error| failed(error.to_string()))?;
            body(url, response, bytes_max).await
        };
        // The connection does its work only while it is polled, and ends with this call.
        let mut answer = std::pin::pin!(answer);
        tokio::select! {
            biased;
            answer = &mut answer => answer,
            ended = connection => match ended {
                Ok(()) => answer.await,
                Err(error) => Err(failed(error.to_string())),
            },
        }
    }

    fn request(&self, url: &Url, ask: Ask) -> Result<Request<Full<Bytes>>, http::Error> {
        let through_proxy = self.options.proxy.as_ref().filter(|_| !url.is_tls());
        let target = if through_proxy.is_some() { url.as_str() } else { url.path() };
        let mut request = Request::builder()
            .uri(target)
            .header(header::HOST, url.authority())
            .header(header::USER_AGENT, USER_AGENT)
            .header(header::CONNECTION, "close");
        if let Some(authorization) = through_proxy.and_then(Proxy::authorization) {
            request = request.header(header::PROXY_AUTHORIZATION, authorization.clone());
        }
        match ask {
            Ask::Get => request.method(Method::GET).body(Full::default()),
            Ask::Post { content_type, body } => request
                .method(Method::POST)
                .header(header::CONTENT_TYPE, HeaderValue::from_static(content_type))
                .body(Full::new(body.into())),
        }
    }
}

async fn body(url: &Url, response: Response<Incoming>, bytes_max: usize) -> Result<Bytes, FetchError> {
    let status = response.status().as_u16();
    if status != 200 {
        let location = response.headers().get(header::LOCATION);
        let location = location.map(|to| String::from_utf8_lossy(to.as_bytes()).chars().take(200).collect());
        return Err(FetchError::Status { url: url.clone(), status, location });
    }
    let encoding = response.headers().get(header::CONTENT_ENCODING);
    if encoding.is_some_and(|encoding| encoding != "identity") {
        return Err(FetchError::Encoded { url: url.clone() });
    }
    let too_large = || FetchError::TooLarge { url: url.clone(), max: bytes_max };
    let mut body = response.into_body();
    if body.size_hint().lower() > u64::try_from(bytes_max).unwrap_or(u64::MAX) {
        return Err(too_large());
    }
    let mut bytes = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| FetchError::Transport { url: url.clone(), detail: error.to_string() })?;
        let Ok(data) = frame.into_data() else { continue };
        if bytes.len() + data.len() > bytes_max {
            return Err(too_large());
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes.freeze())
}

#[cfg(test)]
mod tests;
