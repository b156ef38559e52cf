//! A server that breaks five rules: a proxy in front of a mock changes what comes back.

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use mock_axis::conformance::run;

use crate::stage::{start, target};

/// Where the mock is, and what calls it.
type Behind = (String, Client<HttpConnector, Body>);

async fn forward(State((mock, client)): State<Behind>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let method = parts.method.clone();
    let operation = parts.uri.path().trim_start_matches('/').to_owned();
    parts.uri = format!("{mock}{}", parts.uri).parse().unwrap();
    parts.headers.remove(http::header::EXPECT);
    let body = to_bytes(body, 64 << 20).await.unwrap();
    let answer = client.request(Request::from_parts(parts, Body::from(body))).await.unwrap();
    let (mut parts, body) = answer.into_parts();
    let body = to_bytes(Body::new(body), 64 << 20).await.unwrap();
    parts.headers.remove(http::header::CONTENT_LENGTH);
    parts.headers.remove(http::header::TRANSFER_ENCODING);
    Response::from_parts(parts, Body::from(broken(&method, &operation, body)))
}

/// The answer with one rule broken, where the operation has one.
fn broken(method: &http::Method, operation: &str, body: Bytes) -> Bytes {
    let Ok(text) = std::str::from_utf8(&body) else { return body };
    let changed = match operation {
        // AX-ANS-3
        "getAgenciesList" => format!("\u{feff}{text}"),
        // AX-GET-3
        "getEdoc" if text.contains("FAIL") => r#"{"status":"OK","ErrorCode":"0","ErrorDesc":"","data":""}"#.to_owned(),
        // AX-COUNT-2
        "countReceiveEdoc" if method == http::Method::GET => {
            r#"{"status":"FAIL","ErrorCode":"21","ErrorDesc":"GET"}"#.to_owned()
        }
        // AX-CODE-2
        "sendEdoc" => text.replace(r#""ErrorCode":"19""#, r#""ErrorCode":"21""#),
        // AX-LIST-1
        "getReceivedEdocList" => text.replace("\"status_desc\":", "\"statusDesc\":"),
        _ => return body,
    };
    changed.into()
}

#[tokio::test]
async fn a_server_that_breaks_five_rules_fails_those_five_checks() {
    let mock = start().await;
    let client = Client::builder(TokioExecutor::new()).build_http();
    let behind: Behind = (format!("http://{}", mock.address()), client);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let app = Router::new().fallback(forward).with_state(behind);
    let proxy = tokio::spawn(async move { axum::serve(listener, app).await });
    let report = run(target(&endpoint), |_| {}).await;
    assert_eq!(report.failed(), ["AX-CODE-2", "AX-LIST-1", "AX-GET-3", "AX-COUNT-2", "AX-ANS-3"]);
    let shown: Vec<_> = report.outcomes.iter().filter_map(|outcome| outcome.shown.as_ref()).collect();
    assert!(shown.iter().all(|shown| shown.request.contains("XroadVnpt-sign-header") && shown.answer.contains('{')));
    proxy.abort();
    mock.stop().await.unwrap();
}
