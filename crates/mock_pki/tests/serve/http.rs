//! The least of an HTTP client.

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;

/// Bytes of an answer that is read.
const ANSWER_MAX: usize = 1 << 20;

/// Why there was no answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The connection broke.
    Broken,
    /// More than a client takes.
    TooLarge,
}

/// Asks, and gives status and body.
pub(crate) async fn call(method: Method, url: &str, body: Vec<u8>) -> Result<(StatusCode, Vec<u8>), Failure> {
    let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let request = Request::builder().method(method).uri(url).body(Full::from(body)).unwrap();
    let response = client.request(request).await.map_err(|_| Failure::Broken)?;
    let status = response.status();
    let body = Limited::new(response.into_body(), ANSWER_MAX).collect().await;
    let body =
        body.map_err(|error| if error.is::<LengthLimitError>() { Failure::TooLarge } else { Failure::Broken })?;
    Ok((status, body.to_bytes().to_vec()))
}

/// The body of an answer that went well.
pub(crate) async fn fetched(method: Method, url: &str, body: Vec<u8>) -> Vec<u8> {
    let (status, body) = call(method, url, body).await.unwrap();
    assert_eq!(status, StatusCode::OK, "{}", String::from_utf8_lossy(&body));
    body
}
