use std::future::Future;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;

/// A server that answers one connection with these bytes and tells what it was asked.
async fn server(answer: Vec<u8>) -> (Url, impl Future<Output = String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/list.crl", listener.local_addr().unwrap()).parse().unwrap();
    let served = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut asked = Vec::new();
        while !asked.ends_with(b"\r\n\r\n") && !asked.ends_with(b"the body") {
            asked.push(stream.read_u8().await.unwrap());
            if asked.ends_with(b"content-length: 8\r\n\r\n") {
                asked.pop();
            }
        }
        // A client that has seen enough hangs up before everything is written.
        drop(stream.write_all(&answer).await);
        drop(stream.shutdown().await);
        String::from_utf8(asked).unwrap()
    });
    (url, async { served.await.unwrap() })
}

fn answer(head: &str, body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 {head}\r\n\r\n").as_bytes(), body].concat()
}

async fn get(answer: Vec<u8>, max: usize) -> Result<Bytes, FetchError> {
    let (url, _asked) = server(answer).await;
    Fetcher::default().ask(&url, Ask::Get, max).await
}

#[tokio::test]
async fn a_body_comes_whole_with_and_without_a_length() {
    assert_eq!(get(answer("200 OK\r\ncontent-length: 4", b"list"), 4).await.unwrap(), "list");
    assert_eq!(get(answer("200 OK", b"list"), 4).await.unwrap(), "list");
}

#[tokio::test]
async fn the_request_names_host_and_path() {
    let (url, asked) = server(answer("200 OK\r\ncontent-length: 0", b"")).await;
    Fetcher::default().ask(&url, Ask::Get, 10).await.unwrap();
    let asked = asked.await;
    assert!(asked.starts_with("GET /list.crl HTTP/1.1\r\n"), "{asked}");
    assert!(asked.contains(&format!("host: {}\r\n", url.authority())), "{asked}");
}

#[tokio::test]
async fn through_a_proxy_the_request_names_the_whole_address() {
    let (place, asked) = server(answer("200 OK\r\ncontent-length: 0", b"")).await;
    let proxy: Proxy = format!("http://user:secret@{}", place.authority()).parse().unwrap();
    assert!(!format!("{proxy} {proxy:?}").contains("secret"));
    let fetcher = Fetcher::new(FetchOptions { proxy: Some(proxy), ..FetchOptions::default() });
    fetcher.ask(&"http://ca.example/a.crl".parse().unwrap(), Ask::Get, 10).await.unwrap();
    let asked = asked.await;
    assert!(asked.starts_with("GET http://ca.example/a.crl HTTP/1.1\r\n"), "{asked}");
    assert!(asked.contains("proxy-authorization: Basic dXNlcjpzZWNyZXQ=\r\n"), "{asked}");
}

#[tokio::test]
async fn too_many_bytes_are_not_read() {
    for head in ["200 OK", "200 OK\r\ncontent-length: 5"] {
        assert!(matches!(get(answer(head, b"lists"), 4).await, Err(FetchError::TooLarge { max: 4, .. })), "{head}");
    }
}

#[tokio::test]
async fn a_redirect_is_told_and_not_followed() {
    let error = get(answer("302 Found\r\nlocation: http://127.0.0.1:1/", b""), 4).await.unwrap_err();
    assert!(matches!(&error, FetchError::Status { status: 302, .. }), "{error}");
    assert!(error.to_string().contains("not followed"));
}

#[tokio::test]
async fn other_statuses_and_encodings_are_no_body() {
    let missing = get(answer("404 Not Found\r\ncontent-length: 4", b"list"), 4).await.unwrap_err();
    assert_eq!(missing.code(), ErrorCode::ProtocolViolation);
    let down = get(answer("503 Service Unavailable\r\ncontent-length: 0", b""), 4).await.unwrap_err();
    assert_eq!(down.code(), ErrorCode::PeerUnavailable);
    let encoded = get(answer("200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4", b"list"), 4).await;
    assert!(matches!(encoded, Err(FetchError::Encoded { .. })));
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_none() {
    let cut = get(answer("200 OK\r\ncontent-length: 9", b"list"), 100).await.unwrap_err();
    assert_eq!(cut.code(), ErrorCode::PeerUnavailable);
}

#[tokio::test]
async fn nobody_there_and_a_silent_server_end_in_time() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent: Url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
    let options = FetchOptions { time_max: Duration::from_millis(50), ..FetchOptions::default() };
    let error = Fetcher::new(options).ask(&silent, Ask::Get, 4).await.unwrap_err();
    assert!(matches!(error, FetchError::Timeout { .. }), "{error}");
    drop(listener);
    let error = Fetcher::default().ask(&silent, Ask::Get, 4).await.unwrap_err();
    assert!(matches!(error, FetchError::Transport { .. }), "{error}");
}

#[tokio::test]
async fn https_needs_trust_anchors() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url: Url = format!("https://{}/", listener.local_addr().unwrap()).parse().unwrap();
    let error = Fetcher::default().ask(&url, Ask::Get, 4).await.unwrap_err();
    assert!(error.to_string().contains("trust anchors"), "{error}");
}
