use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;
use http::Request;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc;
use types::ErrorCode;
use wire::types_v1::envelope::Signature;

use crate::client::{connect, post};
use crate::fake::{EXCHANGE, Seen};
use crate::started::{Started, start, start_with, within};

const FORM: &str = "multipart/form-data; boundary=XX";

/// A form of (headers of the part, content).
fn form(parts: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (disposition, content) in parts {
        text.push_str(&format!("--XX\r\nContent-Disposition: form-data; {disposition}\r\n\r\n{content}\r\n"));
    }
    text + "--XX--\r\n"
}

/// What was read of a packet.
async fn packet(node: &mut Started) -> (wire::exchange_v1::PacketHeader, Vec<u8>) {
    loop {
        match node.seen().await {
            Seen::Packet { header, bytes } => return (header, bytes),
            Seen::Started => {}
            other => panic!("not a packet: {other:?}"),
        }
    }
}

/// The code with which an upload broke off.
async fn broken(node: &mut Started) -> ErrorCode {
    loop {
        match node.seen().await {
            Seen::Broken(code) => return code,
            Seen::Started => {}
            other => panic!("not broken: {other:?}"),
        }
    }
}

/// A body that a test feeds chunk by chunk; dropping the sender without a word leaves it open.
fn fed() -> (mpsc::UnboundedSender<Bytes>, Body) {
    let (sender, receiver) = mpsc::unbounded_channel::<Bytes>();
    let chunks = stream::unfold(receiver, |mut receiver| async move {
        let chunk = match receiver.recv().await {
            Some(chunk) => chunk,
            None => std::future::pending().await,
        };
        Some((Ok::<_, std::io::Error>(chunk), receiver))
    });
    (sender, Body::from_stream(chunks))
}

#[tokio::test]
async fn a_raw_packet_comes_with_its_envelope_and_digest_in_headers() {
    let mut node = start().await;
    let request = Request::post("/v1/packets")
        .header("content-type", "application/xml; charset=utf-8")
        .header("content-digest", "sha-256=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:")
        .header("lienthong-manifest", "e30=")
        .header("lienthong-signature", "eyJh..c2ln")
        .body(Body::from("<edXML/>"))
        .unwrap();
    let answer = node.http1().await.answer(request).await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.header("location"), format!("/v1/documents/{EXCHANGE}"));
    assert_eq!(answer.json()["acceptance"]["documentId"], "hue-qlvb");
    let (header, bytes) = packet(&mut node).await;
    assert_eq!((header.length, header.sha256, bytes), (8, vec![0; 32], b"<edXML/>".to_vec()));
    let envelope = header.envelope.unwrap();
    assert_eq!(envelope.manifest, b"{}");
    assert_eq!(envelope.signature, Some(Signature::Jws("eyJh..c2ln".into())));
}

#[tokio::test]
async fn a_repeat_answers_200() {
    let node = start().await;
    let answer = node.http2().await.answer(post("/v1/packets", "application/xml", "<again/>")).await;
    assert_eq!((answer.status, &answer.json()["acceptance"]["duplicate"]), (200, &json!(true)));
}

#[tokio::test]
async fn an_envelope_of_48_kib_fits_the_headers() {
    let mut node = start().await;
    for mut http in [node.http1().await, node.http2().await] {
        let mut request = post("/v1/packets", "application/xml", "<edXML/>");
        let manifest = "e30g".repeat(12 * 1024);
        request.headers_mut().insert("lienthong-manifest", manifest.parse().unwrap());
        request.headers_mut().insert("lienthong-signature", "a..b".parse().unwrap());
        assert_eq!(http.answer(request).await.status, 201);
        assert_eq!(packet(&mut node).await.0.envelope.unwrap().manifest.len(), 36 * 1024);
    }
}

#[tokio::test]
async fn a_packet_comes_as_a_form_with_its_envelope_before_it() {
    let mut node = start().await;
    let body = form(&[
        ("name=\"manifest\"", "{}"),
        ("name=\"signature\"", "MAA="),
        ("name=\"packet\"; filename=\"a.edxml\"", "<edXML/>"),
    ]);
    assert_eq!(node.http1().await.answer(post("/v1/packets", FORM, body)).await.status, 201);
    let (header, bytes) = packet(&mut node).await;
    assert_eq!(bytes, b"<edXML/>");
    assert_eq!(header.envelope.unwrap().signature, Some(Signature::Cms(vec![0x30, 0])));
}

#[tokio::test]
async fn an_envelope_behind_its_packet_is_refused_and_the_node_told() {
    let mut node = start().await;
    let body = form(&[("name=\"packet\"", "<edXML/>"), ("name=\"manifest\"", "{}")]);
    let answer = node.http1().await.answer(post("/v1/packets", FORM, body)).await;
    assert_eq!((answer.status, answer.problem().as_str()), (400, "invalid_argument"));
    assert_eq!(answer.json()["field"], "manifest");
    assert_eq!(broken(&mut node).await, ErrorCode::InvalidArgument);
}

#[tokio::test]
async fn forms_without_a_packet_with_twice_a_part_or_half_an_envelope_are_refused() {
    let node = start().await;
    let mut http = node.http2().await;
    for parts in [
        &[][..],
        &[("name=\"colour\"", "red")],
        &[("name=\"manifest\"", "{}"), ("name=\"manifest\"", "{}")],
        &[("name=\"manifest\"", "{}"), ("name=\"packet\"", "<edXML/>")],
    ] {
        let answer = http.answer(post("/v1/packets", FORM, form(parts))).await;
        assert_eq!((answer.status, answer.problem().as_str()), (400, "invalid_argument"), "{parts:?}");
    }
}

#[tokio::test]
async fn uploads_in_another_media_type_are_refused() {
    let node = start().await;
    let mut http = node.http2().await;
    for path in ["/v1/packets", "/v1/documents"] {
        for media_type in ["application/json", "text/plain", "multipart/form-data"] {
            let answer = http.answer(post(path, media_type, "{}")).await;
            assert_eq!((answer.status, answer.problem().as_str()), (415, "invalid_argument"), "{path} {media_type}");
        }
    }
}

#[tokio::test]
async fn a_document_is_metadata_and_its_files_in_order() {
    let mut node = start().await;
    let metadata = json!({
        "from": {"code": "000.00.01.H57"},
        "to": [{"code": "000.00.02.H57"}],
        "subject": "V/v họp",
        "files": [{"name": "a.pdf"}, {"name": "b.docx"}],
    });
    let long = "b".repeat(2_000_000);
    let metadata = metadata.to_string();
    let body = form(&[
        ("name=\"metadata\"", metadata.as_str()),
        ("name=\"file\"; filename=\"x\"", "aaa"),
        ("name=\"file\"; filename=\"y\"", &long),
    ]);
    for mut http in [node.http1().await, node.http2().await] {
        assert_eq!(http.answer(post("/v1/documents", FORM, body.clone())).await.status, 201);
        let (header, files) = loop {
            match node.seen().await {
                Seen::Document { header, files } => break (header, files),
                Seen::Started => {}
                other => panic!("not a document: {other:?}"),
            }
        };
        assert_eq!(header.subject, "V/v họp");
        let got: Vec<_> = files.iter().map(|(header, bytes)| (header.name.as_str(), bytes.len())).collect();
        assert_eq!(got, [("a.pdf", 3), ("b.docx", 2_000_000)]);
    }
}

#[tokio::test]
async fn without_a_list_a_file_describes_itself() {
    let mut node = start().await;
    let file = "name=\"file\"; filename=\"Công văn.pdf\"\r\nContent-Type: application/pdf";
    let body = form(&[("name=\"metadata\"", "{}"), (file, "aaa")]);
    assert_eq!(node.http1().await.answer(post("/v1/documents", FORM, body)).await.status, 201);
    assert!(matches!(node.seen().await, Seen::Started));
    let Seen::Document { files, .. } = node.seen().await else { panic!("no document") };
    assert_eq!((files[0].0.name.as_str(), files[0].0.content_type.as_str()), ("Công văn.pdf", "application/pdf"));
}

#[tokio::test]
async fn a_document_whose_form_does_not_fit_is_refused() {
    let node = start().await;
    let listed = r#"{"files": [{"name": "a.pdf"}]}"#;
    let (metadata, file) = ("name=\"metadata\"", "name=\"file\"; filename=\"a\"");
    let table: [(&[(&str, &str)], &str); 6] = [
        (&[(file, "a"), (metadata, "{}")], "invalid_argument"),
        (&[(metadata, "{")], "invalid_argument"),
        (&[(metadata, r#"{"colour": 1}"#)], "invalid_argument"),
        (&[(metadata, listed)], "attachment_missing"),
        (&[(metadata, listed), (file, "a"), (file, "b")], "attachment_unlisted"),
        (&[(metadata, "{}"), ("name=\"picture\"", "a")], "invalid_argument"),
    ];
    let mut http = node.http2().await;
    for (parts, code) in table {
        let answer = http.answer(post("/v1/documents", FORM, form(parts))).await;
        assert_eq!(answer.problem(), code, "{parts:?}");
    }
}

#[tokio::test]
async fn metadata_has_a_limit() {
    let node = start().await;
    let long = format!(r#"{{"subject": "{}"}}"#, "x".repeat(5 * 1024 * 1024));
    let answer = node.http2().await.answer(post("/v1/documents", FORM, form(&[("name=\"metadata\"", &long)]))).await;
    assert_eq!((answer.status, answer.problem().as_str()), (422, "limit_exceeded"));
}

#[tokio::test]
async fn a_client_that_dies_in_the_middle_is_cancelled_for_the_node() {
    let mut node = start().await;
    for version in [1, 2] {
        let mut http = if version == 1 { node.http1().await } else { node.http2().await };
        let (chunks, body) = fed();
        let upload =
            tokio::spawn(async move { http.send(post("/v1/packets", "application/xml", body)).await.is_err() });
        chunks.send("<edXML>".into()).unwrap();
        assert!(matches!(node.seen().await, Seen::Started), "http/{version}");
        upload.abort();
        assert_eq!(broken(&mut node).await, ErrorCode::Cancelled, "http/{version}");
    }
}

#[tokio::test]
async fn a_form_that_breaks_off_is_cancelled_for_the_node() {
    let mut node = start().await;
    let mut http = node.http1().await;
    let (chunks, body) = fed();
    let upload = tokio::spawn(async move { http.send(post("/v1/documents", FORM, body)).await.is_err() });
    let begun = form(&[("name=\"metadata\"", "{}"), ("name=\"file\"; filename=\"a\"", &"a".repeat(100_000))]);
    chunks.send(begun[..begun.len() / 2].to_owned().into()).unwrap();
    assert!(matches!(node.seen().await, Seen::Started));
    upload.abort();
    assert_eq!(broken(&mut node).await, ErrorCode::Cancelled);
}

#[tokio::test]
async fn an_upload_that_stalls_is_cut_off() {
    let mut node = start_with(|options, _| options.upload_idle = std::time::Duration::from_millis(50)).await;
    let (chunks, body) = fed();
    chunks.send("<edXML>".into()).unwrap();
    let answer = node.http2().await.answer(post("/v1/packets", "application/xml", body)).await;
    assert_eq!((answer.status, answer.problem().as_str()), (408, "cancelled"));
    assert_eq!(broken(&mut node).await, ErrorCode::Cancelled);
}

#[tokio::test]
async fn a_large_upload_streams_through() {
    let mut node = start().await;
    let chunk = Bytes::from(vec![b'x'; 1024 * 1024]);
    for mut http in [node.http1().await, node.http2().await] {
        let chunks: Vec<_> = (0..32).map(|_| Ok::<_, std::io::Error>(chunk.clone())).collect();
        let body = Body::from_stream(stream::iter(chunks));
        assert_eq!(http.answer(post("/v1/packets", "application/octet-stream", body)).await.status, 201);
        assert_eq!(packet(&mut node).await.1.len(), 32 * 1024 * 1024);
    }
}

#[tokio::test]
async fn a_refusal_reaches_a_client_that_sends_everything_before_it_reads() {
    let node = start().await;
    let mut stream = connect(node.address, node.pki.client(None, b"http/1.1")).await.unwrap();
    let head = "POST /v1/packets HTTP/1.1\r\nHost: localhost\r\nContent-Length: 33554432\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let chunk = vec![b'x'; 1024 * 1024];
    for _ in 0..32 {
        within(stream.write_all(&chunk)).await.expect("the server still reads");
    }
    stream.flush().await.unwrap();
    let mut answer = [0; 24];
    within(stream.read_exact(&mut answer)).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 401 Unauthorize");
}

#[tokio::test]
async fn a_client_that_waits_for_continue_is_refused_before_it_sends() {
    let node = start().await;
    let mut stream = connect(node.address, node.pki.client(None, b"http/1.1")).await.unwrap();
    let head = "POST /v1/packets HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.flush().await.unwrap();
    let mut answer = [0; 24];
    within(stream.read_exact(&mut answer)).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 401 Unauthorize");
}
