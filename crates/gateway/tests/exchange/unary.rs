use axum::body::Body;
use http::Request;
use serde_json::json;

use crate::client::{Http, get, post};
use crate::fake::{AGENCY, NODE, TOKEN};
use crate::started::start;

#[tokio::test]
async fn a_system_is_known_by_its_certificate_over_both_versions_of_http() {
    let node = start().await;
    let expected = json!({"system": "hue-qlvb", "agencies": [AGENCY]});
    for mut http in [node.http1().await, node.http2().await] {
        let answer = http.answer(get("/v1/node")).await;
        assert_eq!((answer.status, answer.json()), (200, expected.clone()));
        assert_eq!(answer.header("content-type"), "application/json");
    }
}

#[tokio::test]
async fn a_system_is_known_by_its_token_and_a_wrong_token_is_not_excused_by_a_certificate() {
    let node = start().await;
    let ask = |token: &str| Request::get("/v1/node").header("authorization", token).body(Body::empty()).unwrap();
    let without = node.pki.client(None, b"http/1.1");
    let answer = Http::one(node.address, without).await.answer(ask(&format!("bearer {TOKEN}"))).await;
    assert_eq!(answer.status, 200);
    for wrong in ["Bearer wrong", "Bearer ", "Basic Zm9v", "Bearer"] {
        let answer = node.http1().await.answer(ask(wrong)).await;
        assert_eq!((answer.status, answer.problem().as_str()), (401, "unauthenticated"), "{wrong}");
    }
}

#[tokio::test]
async fn a_neighbours_certificate_is_no_system() {
    let node = start().await;
    let neighbour = node.pki.client(Some(NODE), b"http/1.1");
    let answer = Http::one(node.address, neighbour).await.answer(get("/v1/node")).await;
    assert_eq!((answer.status, answer.problem().as_str()), (401, "unauthenticated"));
}

#[tokio::test]
async fn path_and_query_become_the_request_message() {
    let mut node = start().await;
    let path = "/v1/agencies/000.00.01.H57/documents?direction=DIRECTION_SENT&fromTime=2026-01-01T00:00:00Z\
        &pageSize=20&page_token=p1&text=v%C4%83n%20b%E1%BA%A3n&counterpart=";
    let answer = node.get(path).await;
    assert_eq!((answer.status, answer.json()), (200, json!({"nextPageToken": "next"})));
    let call = node.call().await;
    for part in [
        "agency: \"000.00.01.H57\"",
        "direction: Sent",
        "seconds: 1767225600",
        "page_size: 20",
        "page_token: \"p1\"",
        "text: \"văn bản\"",
        "counterpart: \"\"",
    ] {
        assert!(call.contains(part), "{part}: {call}");
    }
}

#[tokio::test]
async fn path_and_body_become_the_request_message() {
    let mut node = start().await;
    let path = "/v1/agencies/000.00.01.H57/inbox/18446744073709551615/lease";
    let answer = node.http1().await.answer(post(path, "application/json; charset=utf-8", r#"{"seconds": 60}"#)).await;
    assert_eq!((answer.status, answer.json()), (200, json!({"lease": "L1"})));
    let call = node.call().await;
    assert!(call.contains("item: 18446744073709551615") && call.contains("seconds: 60"), "{call}");
}

#[tokio::test]
async fn an_empty_body_is_an_empty_message() {
    let mut node = start().await;
    let request = Request::post("/v1/agencies/A/inbox/7/confirm").body(Body::empty()).unwrap();
    assert_eq!(node.http1().await.answer(request).await.status, 200);
    assert!(node.call().await.contains("agency: \"A\", item: 7"));
}

#[tokio::test]
async fn a_document_is_tracked_by_its_exchange_or_by_sender_and_id() {
    let mut node = start().await;
    node.get("/v1/documents/e1/tracking?recipient=H57").await;
    assert!(node.call().await.contains("exchange_id: \"e1\", sender: \"\", document_id: \"\", recipient: \"H57\""));
    node.get("/v1/agencies/H57.1/tracking?documentId=7816%2FVPCP").await;
    assert!(node.call().await.contains("sender: \"H57.1\", document_id: \"7816/VPCP\""));
}

#[tokio::test]
async fn the_longest_wait_is_cut_to_a_minute() {
    let mut node = start().await;
    node.fake.inbox.send_replace(1);
    node.get("/v1/agencies/A/inbox?waitSeconds=4000000000").await;
    assert!(node.call().await.contains("wait_seconds: 60"));
}

#[tokio::test]
async fn requests_that_do_not_fit_their_schema_are_refused() {
    let node = start().await;
    let json_post = |path: &str, body: &str| post(path, "application/json", body.to_owned());
    let table = [
        get("/v1/agencies/A/inbox?colour=red"),
        get("/v1/agencies/A/inbox?after=-1"),
        get("/v1/agencies/A/inbox?after=1&after=2"),
        get("/v1/agencies/A/inbox?agency=B"),
        get("/v1/agencies/A/documents?direction=SIDEWAYS"),
        get("/v1/agencies/A/documents?fromTime=yesterday"),
        get("/v1/agencies/A%FF/inbox"),
        get("/v1/documents/not-a-uuid/packet"),
        json_post("/v1/agencies/A/inbox/x/lease", "{}"),
        json_post("/v1/agencies/A/inbox/1/lease", r#"{"colour": 1}"#),
        json_post("/v1/agencies/A/inbox/1/lease", r#"{"agency": "B"}"#),
        json_post("/v1/agencies/A/inbox/1/lease", r#"{"seconds": "#),
        json_post("/v1/agencies/A/inbox/1/lease", "[]"),
    ];
    let mut http = node.http2().await;
    for request in table {
        let asked = format!("{} {}", request.method(), request.uri());
        let answer = http.answer(request).await;
        assert_eq!(answer.status, 400, "{asked}");
        assert_eq!(answer.problem(), "invalid_argument", "{asked}");
    }
}

#[tokio::test]
async fn a_json_body_has_a_limit_and_a_media_type() {
    let node = start().await;
    let path = "/v1/agencies/A/statuses";
    let long = format!(r#"{{"description": "{}"}}"#, "x".repeat(1024 * 1024));
    let answer = node.http2().await.answer(post(path, "application/json", long)).await;
    assert_eq!((answer.status, answer.problem().as_str()), (413, "limit_exceeded"));
    let answer = node.http2().await.answer(post(path, "text/plain", "{}")).await;
    assert_eq!((answer.status, answer.problem().as_str()), (415, "invalid_argument"));
}
