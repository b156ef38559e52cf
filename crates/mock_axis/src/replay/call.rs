//! One recorded request, sent again.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::uri::{Authority, Scheme};
use http::{HeaderValue, Request};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use ring::hmac;
use rustls_pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::{ReplayError, ReplayOptions};
use crate::traffic::Recorded;

/// Bytes of an answer that are compared; the list of a whole country fits.
const ANSWER_BYTES_MAX: usize = 256 * 1024 * 1024;
/// Headers that belong to the recorded connection.
const OF_THE_CONNECTION: [&str; 6] =
    ["host", "content-length", "connection", "expect", "transfer-encoding", "keep-alive"];

/// An answer.
pub(super) struct Answered {
    pub(super) status: u16,
    pub(super) body: Bytes,
}

/// Sends it; the inner error is a server that does not answer.
pub(super) async fn send(
    recorded: &Recorded,
    body: Vec<u8>,
    options: &ReplayOptions,
    ids: &BTreeMap<String, String>,
) -> Result<Result<Answered, String>, ReplayError> {
    let wrong = || ReplayError::Url(options.url.clone());
    let (Some(scheme), Some(authority)) = (options.url.scheme().cloned(), options.url.authority().cloned()) else {
        return Err(wrong());
    };
    if scheme != Scheme::HTTP && options.tls.is_none() {
        return Err(wrong());
    }
    let request = match request(recorded, body, options, ids, &authority) {
        Ok(request) => request,
        Err(reason) => return Ok(Err(reason)),
    };
    let sent = timeout(options.timeout, exchange(request, &scheme, &authority, options)).await;
    Ok(sent.unwrap_or_else(|_| Err(format!("nothing for {} s", options.timeout.as_secs()))))
}

fn request(
    recorded: &Recorded,
    body: Vec<u8>,
    options: &ReplayOptions,
    ids: &BTreeMap<String, String>,
    authority: &Authority,
) -> Result<Request<Full<Bytes>>, String> {
    let root = options.url.path().trim_end_matches('/');
    let operation = recorded.operation.trim_start_matches('/');
    let query = recorded.target.split_once('?').map(|(_, query)| format!("?{query}")).unwrap_or_default();
    let target = with_ids(&format!("{root}/{operation}{query}"), options, ids);
    let mut request = Request::builder().method(recorded.method.as_str()).uri(target);
    let mut signed = None;
    let kept = recorded.headers.iter().filter(|(name, _)| !OF_THE_CONNECTION.contains(&name.as_str()));
    for (name, value) in kept {
        let value = with_ids(value, options, ids);
        if name == "xroadvnpt-sign-header" {
            signed = Some(value.clone());
        }
        if options.secret.is_some() && matches!(name.as_str(), "xroadvnpt-hash-header" | "x-secretkey") {
            continue;
        }
        request = request.header(name, HeaderValue::from_bytes(value.as_bytes()).map_err(|error| error.to_string())?);
    }
    if let Some(secret) = &options.secret {
        let (name, value) = match signed {
            Some(signed) => ("xroadvnpt-hash-header", hash(secret.as_bytes(), signed.as_bytes()).into_bytes()),
            None => ("x-secretkey", secret.as_bytes().to_vec()),
        };
        request = request.header(name, HeaderValue::from_bytes(&value).map_err(|error| error.to_string())?);
    }
    request = request.header(http::header::HOST, authority.as_str());
    request.body(Full::new(body.into())).map_err(|error| error.to_string())
}

/// Ids of the record as the server gave them now; only in requests that are signed anew.
fn with_ids(text: &str, options: &ReplayOptions, ids: &BTreeMap<String, String>) -> String {
    if options.secret.is_none() {
        return text.to_owned();
    }
    // A receiver's id begins with the sender's: the longer one goes first.
    let known = ids.iter().rev().find(|(before, _)| text.contains(before.as_str()));
    known.map_or_else(|| text.to_owned(), |(before, after)| text.replace(before.as_str(), after))
}

fn hash(secret: &[u8], signed: &[u8]) -> String {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), signed);
    tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn exchange(
    request: Request<Full<Bytes>>,
    scheme: &Scheme,
    authority: &Authority,
    options: &ReplayOptions,
) -> Result<Answered, String> {
    let default = if *scheme == Scheme::HTTPS { 443 } else { 80 };
    let host = authority.host().trim_matches(['[', ']']);
    let stream = TcpStream::connect((host, authority.port_u16().unwrap_or(default)));
    let stream = stream.await.map_err(|error| error.to_string())?;
    match options.tls.as_ref().filter(|_| *scheme == Scheme::HTTPS) {
        None => over(stream, request).await,
        Some(tls) => {
            let name = ServerName::try_from(host.to_owned()).map_err(|error| error.to_string())?;
            let stream = TlsConnector::from(tls.clone()).connect(name, stream).await;
            over(stream.map_err(|error| error.to_string())?, request).await
        }
    }
}

async fn over<S>(stream: S, request: Request<Full<Bytes>>) -> Result<Answered, String>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let failed = |error: hyper::Error| error.to_string();
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(failed)?;
    let answered = async {
        let response = sender.send_request(request).await.map_err(failed)?;
        let status = response.status().as_u16();
        let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect().await;
        let body = body.map_err(|error| error.to_string())?.to_bytes();
        Ok(Answered { status, body })
    };
    let mut answered = std::pin::pin!(answered);
    tokio::select! {
        answered = answered.as_mut() => answered,
        ended = connection => match ended {
            // The last bytes may still be on their way to the reader.
            Ok(()) => answered.await,
            Err(error) => Err(error.to_string()),
        },
    }
}
