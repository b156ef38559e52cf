use axum::body::Body;
use http::Request;
use http_body_util::BodyExt;
use tonic::Code;
use wire::exchange_v1::{FetchAttachmentRequest, FetchPacketRequest};

use crate::client::{Answer, Http, get};
use crate::fake::{EXCHANGE, digest, packet};
use crate::started::start;

fn path() -> String {
    format!("/v1/documents/{EXCHANGE}/packet")
}

async fn ask(http: &mut Http, headers: &[(&str, &str)]) -> Answer {
    let request = headers.iter().fold(Request::get(path()), |request, (name, value)| request.header(*name, *value));
    http.answer(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_whole_packet_comes_with_length_digest_and_type() {
    let node = start().await;
    let (bytes, etag) = (packet(), format!("\"{}\"", digest(&packet())));
    for mut http in [node.http1().await, node.http2().await] {
        let answer = ask(&mut http, &[]).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-length"), "300000");
        assert_eq!(answer.header("content-type"), "application/xml");
        assert_eq!(answer.header("etag"), etag);
        assert_eq!(answer.header("accept-ranges"), "bytes");
        assert!(answer.header("repr-digest").starts_with("sha-256=:"));
        assert!(answer.body == bytes);
    }
}

#[tokio::test]
async fn a_range_gives_its_part() {
    let node = start().await;
    let bytes = packet();
    let mut http = node.http2().await;
    let table = [
        ("bytes=0-0", 0, 1),
        ("bytes=100000-199999", 100_000, 100_000),
        ("bytes=299999-", 299_999, 1),
        ("bytes=-10", 299_990, 10),
        ("bytes=299990-400000", 299_990, 10),
    ];
    for (range, offset, length) in table {
        let answer = ask(&mut http, &[("range", range)]).await;
        assert_eq!(answer.status, 206, "{range}");
        let described = format!("bytes {offset}-{}/300000", offset + length - 1);
        assert_eq!(answer.header("content-range"), described);
        assert_eq!(answer.header("content-length"), length.to_string());
        assert!(answer.body == bytes[offset..offset + length], "{range}");
    }
}

#[tokio::test]
async fn a_range_behind_the_end_is_not_satisfiable() {
    let node = start().await;
    let answer = ask(&mut node.http1().await, &[("range", "bytes=300000-")]).await;
    assert_eq!((answer.status, answer.problem().as_str()), (416, "invalid_argument"));
    assert_eq!(answer.header("content-range"), "bytes */300000");
}

#[tokio::test]
async fn several_ranges_or_another_content_give_the_whole() {
    let node = start().await;
    let mut http = node.http2().await;
    let etag = format!("\"{}\"", digest(&packet()));
    assert_eq!(ask(&mut http, &[("range", "bytes=0-1,5-6")]).await.status, 200);
    assert_eq!(ask(&mut http, &[("range", "bytes=0-1"), ("if-range", "\"other\"")]).await.status, 200);
    assert_eq!(ask(&mut http, &[("range", "bytes=0-1"), ("if-range", &etag)]).await.status, 206);
}

#[tokio::test]
async fn a_content_that_the_client_has_is_not_sent_again() {
    let node = start().await;
    let etag = format!("\"a\", W/\"{}\"", digest(&packet()));
    let answer = ask(&mut node.http1().await, &[("if-none-match", &etag)]).await;
    assert_eq!((answer.status, answer.body.len()), (304, 0));
}

#[tokio::test]
async fn head_tells_the_length_without_the_bytes() {
    let node = start().await;
    let request = Request::head(path()).header("range", "bytes=0-1").body(Body::empty()).unwrap();
    let answer = node.http1().await.answer(request).await;
    assert_eq!((answer.status, answer.header("content-length"), answer.body.len()), (200, "300000", 0));
}

#[tokio::test]
async fn an_attachment_offers_its_name_and_a_browser_may_not_guess() {
    let node = start().await;
    let answer = node.get(&format!("/v1/documents/{EXCHANGE}/attachments/0")).await;
    assert_eq!((answer.status, answer.body.as_ref()), (200, &b"%PDF-1.7"[..]));
    assert_eq!(answer.header("content-type"), "application/pdf");
    assert_eq!(answer.header("content-disposition"), "attachment; filename*=UTF-8''C%C3%B4ng%20v%C4%83n.pdf");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
}

#[tokio::test]
async fn a_content_that_ends_early_breaks_the_transfer() {
    let node = start().await;
    let target = format!("/v1/documents/{EXCHANGE}/attachments/9");
    for mut http in [node.http1().await, node.http2().await] {
        // Small as it is, the failure may come before the head is sent.
        if let Ok(response) = http.send(get(&target)).await {
            assert!(response.into_body().collect().await.is_err());
        }
    }
}

#[tokio::test]
async fn offset_and_length_are_for_grpc() {
    let node = start().await;
    assert_eq!(node.get(&format!("{}?offset=5", path())).await.problem(), "invalid_argument");
}

#[tokio::test]
async fn grpc_gives_the_total_first_and_then_the_span() {
    let node = start().await;
    let mut grpc = node.grpc().await;
    for (offset, length, expected) in [
        (0, 0, 0..300_000),
        (299_000, 0, 299_000..300_000),
        (5, 7, 5..12),
        (299_999, 50, 299_999..300_000),
        (300_000, 0, 300_000..300_000),
    ] {
        let asked = FetchPacketRequest { exchange_id: EXCHANGE.into(), offset, length };
        let mut messages = grpc.fetch_packet(asked).await.unwrap().into_inner();
        let first = messages.message().await.unwrap().unwrap();
        assert_eq!((first.total_length, first.chunk.len()), (300_000, 0));
        let mut bytes = Vec::new();
        while let Some(message) = messages.message().await.unwrap() {
            assert_eq!(message.total_length, 0);
            bytes.extend_from_slice(&message.chunk);
        }
        assert!(bytes == packet()[expected], "{offset} {length}");
    }
    let behind = FetchPacketRequest { exchange_id: EXCHANGE.into(), offset: 300_001, length: 0 };
    assert_eq!(grpc.fetch_packet(behind).await.unwrap_err().code(), Code::InvalidArgument);
}

#[tokio::test]
async fn grpc_describes_the_attachment_first() {
    let node = start().await;
    let asked = FetchAttachmentRequest { exchange_id: EXCHANGE.into(), index: 3, offset: 0, length: 0 };
    let mut messages = node.grpc().await.fetch_attachment(asked).await.unwrap().into_inner();
    let first = messages.message().await.unwrap().unwrap();
    assert_eq!((first.total_length, first.attachment.unwrap().index), (8, 3));
}
