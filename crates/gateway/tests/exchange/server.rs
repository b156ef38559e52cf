use std::time::Duration;

use axum::routing::post;
use axum::{Extension, Router};
use gateway::PeerCertificate;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use crate::client::{self, Http, get};
use crate::fake::{NODE, SYSTEM};
use crate::pki::Pki;
use crate::started::{start, start_beside, start_with, within};

#[tokio::test]
async fn a_new_certificate_serves_new_connections_and_old_ones_live_on() {
    let node = start().await;
    let mut old = node.http2().await;
    assert_eq!(old.answer(get("/v1/node")).await.status, 200);
    let other = Pki::new();
    node.tls.store(std::sync::Arc::new(other.server()));
    assert!(client::connect(node.address, node.pki.client(Some(SYSTEM), b"h2")).await.is_err());
    let mut new = Http::two(node.address, other.client(Some(SYSTEM), b"h2")).await;
    assert_eq!(new.answer(get("/v1/node")).await.status, 200);
    assert_eq!(old.answer(get("/v1/node")).await.status, 200);
}

#[tokio::test]
async fn a_client_that_does_not_shake_hands_is_cut_off() {
    let node = start_with(|_, limits| limits.handshake = Duration::from_millis(50)).await;
    let mut silent = TcpStream::connect(node.address).await.unwrap();
    let mut byte = [0];
    assert_eq!(within(silent.read(&mut byte)).await.unwrap_or(0), 0);
}

#[tokio::test]
async fn a_stop_lets_an_open_request_finish() {
    for version in [1, 2] {
        let mut node = start().await;
        let mut http = if version == 1 { node.http1().await } else { node.http2().await };
        let open = tokio::spawn(async move { http.answer(get("/v1/agencies/slow")).await });
        node.call().await;
        node.stop.cancel();
        // The listener is gone before the request is answered.
        within(async { while TcpStream::connect(node.address).await.is_ok() {} }).await;
        node.fake.gate.send_replace(true);
        assert_eq!(within(open).await.unwrap().status, 200, "http/{version}");
        within(node.server).await.unwrap();
    }
}

#[tokio::test]
async fn what_is_still_open_after_the_grace_period_is_dropped() {
    let mut node = start_with(|_, limits| limits.grace = Duration::from_millis(50)).await;
    let mut http = node.http1().await;
    let open = tokio::spawn(async move { http.send(get("/v1/agencies/slow")).await.is_err() });
    node.call().await;
    node.stop.cancel();
    within(node.server).await.unwrap();
    assert!(within(open).await.unwrap());
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_for_a_place() {
    let node = start_with(|_, limits| limits.connections_max = 1).await;
    let first = node.http2().await;
    let tls = node.pki.client(Some(SYSTEM), b"h2");
    let address = node.address;
    let second = tokio::spawn(async move { Http::two(address, tls).await.answer(get("/v1/node")).await });
    let mut first = first;
    assert_eq!(first.answer(get("/v1/node")).await.status, 200);
    assert!(!second.is_finished());
    drop(first);
    assert_eq!(within(second).await.unwrap().status, 200);
}

#[tokio::test]
async fn many_requests_share_a_connection() {
    let node = start().await;
    let mut grpc = node.grpc().await;
    for _ in 0..300 {
        grpc.get_node(wire::exchange_v1::GetNodeRequest {}).await.unwrap();
    }
}

#[tokio::test]
async fn a_service_beside_sees_the_names_and_the_fingerprint_of_its_peer() {
    let tell = async |Extension(peer): Extension<PeerCertificate>| format!("{:?} {}", peer.sans, peer.sha256);
    let node = start_beside(Router::new().route("/relay/Link", post(tell)), |_, _| {}).await;
    let mut http = Http::two(node.address, node.pki.client(Some(NODE), b"h2")).await;
    let answer = http.answer(client::post("/relay/Link", "application/grpc", "")).await;
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    assert!(text.starts_with(r#"["dns:client.example", "urn:lienthong:node:hue"] "#), "{text}");
    assert_eq!(text.rsplit(' ').next().unwrap().len(), 64);
}
