use std::time::Duration;

use axum::body::Body;
use http::Request;
use types::ErrorCode;

use crate::client::{get, post};
use crate::started::{start, start_with, within};

#[tokio::test]
async fn every_code_comes_as_a_problem_with_its_texts_and_receipt() {
    let node = start().await;
    let mut http = node.http2().await;
    for code in ErrorCode::ALL {
        let answer = http.answer(get(&format!("/v1/agencies/{code}"))).await;
        assert_eq!(answer.problem(), code.as_str());
        let problem = answer.json();
        assert_eq!(problem["title"], code.title_vi());
        assert_eq!(problem["actionEn"], code.action_en());
        assert_eq!(problem["documentId"], "7816/VPCP-TTĐT");
        assert_eq!(problem["receipt"]["payload"], "e30=");
        assert_eq!(answer.header("retry-after"), "2");
    }
}

#[tokio::test]
async fn unknown_routes_and_methods_are_problems_too() {
    let node = start().await;
    let answer = node.get("/v1/documents/1/2/3").await;
    assert_eq!((answer.status, answer.problem().as_str()), (404, "not_found"));
    let request = Request::delete("/v1/node").body(Body::empty()).unwrap();
    let answer = node.http1().await.answer(request).await;
    assert_eq!((answer.status, answer.problem().as_str()), (405, "unsupported"));
}

#[tokio::test]
async fn an_unknown_grpc_service_is_unimplemented_and_not_a_page() {
    let node = start().await;
    let answer = node.http2().await.answer(post("/some.Other/Method", "application/grpc", Body::empty())).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/grpc"));
    assert_eq!(answer.header("grpc-status"), "12");
    assert_eq!(answer.header("lienthong-code"), "unsupported");
}

#[tokio::test]
async fn a_panic_becomes_internal_and_the_connection_lives() {
    let node = start().await;
    let mut http = node.http2().await;
    let answer = http.answer(get("/v1/agencies/panic")).await;
    assert_eq!((answer.status, answer.problem().as_str()), (500, "internal"));
    assert!(!answer.json()["detail"].as_str().unwrap().contains("fake"));
    assert_eq!(http.answer(get("/v1/node")).await.status, 200);
}

#[tokio::test]
async fn a_call_that_takes_too_long_is_cut() {
    let node = start_with(|options, _| options.call_timeout = Duration::from_millis(20)).await;
    let answer = node.get("/v1/agencies/slow").await;
    assert_eq!((answer.status, answer.problem().as_str()), (503, "overloaded"));
}

#[tokio::test]
async fn calls_beyond_the_limit_are_told_when_to_come_back() {
    let mut node = start_with(|options, _| options.calls_max = 1).await;
    let mut first = node.http1().await;
    let slow = tokio::spawn(async move { first.answer(get("/v1/agencies/slow")).await });
    assert!(node.call().await.contains("slow"));
    let answer = node.get("/v1/node").await;
    assert_eq!((answer.status, answer.problem().as_str()), (503, "overloaded"));
    assert_eq!(answer.header("retry-after"), "2");
    node.fake.gate.send_replace(true);
    assert_eq!(within(slow).await.unwrap().status, 200);
    assert_eq!(node.get("/v1/node").await.status, 200);
}
