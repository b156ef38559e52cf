use bytes::Bytes;
use futures_util::stream;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio_stream::wrappers::UnboundedReceiverStream;
use tonic::{Code, Request, Status};
use types::ErrorCode;
use wire::exchange_v1::submit_packet_request::Part as PacketPart;
use wire::exchange_v1::submit_request::Part;
use wire::exchange_v1::{
    DocumentHeader, FileHeader, GetAgencyRequest, GetNodeRequest, PacketHeader, SubmitPacketRequest, SubmitRequest,
};

use crate::client;
use crate::fake::{NODE, Seen, TOKEN};
use crate::started::{start, within};

fn part(part: Part) -> SubmitRequest {
    SubmitRequest { part: Some(part) }
}

fn packet_part(part: PacketPart) -> SubmitPacketRequest {
    SubmitPacketRequest { part: Some(part) }
}

fn two_files() -> SubmitRequest {
    let file = |name: &str| FileHeader { name: name.into(), ..FileHeader::default() };
    part(Part::Header(DocumentHeader { files: vec![file("a"), file("b")], ..DocumentHeader::default() }))
}

fn chunk(text: &'static str) -> SubmitRequest {
    part(Part::Chunk(Bytes::from_static(text.as_bytes())))
}

fn code(status: &Status) -> ErrorCode {
    let text = status.metadata().get("lienthong-code").unwrap_or_else(|| panic!("{status:?}"));
    ErrorCode::from_text(text.to_str().unwrap()).unwrap()
}

#[tokio::test]
async fn a_document_is_a_header_and_its_files_in_chunks() {
    let mut node = start().await;
    let messages = vec![
        two_files(),
        part(Part::File(0)),
        chunk("one"),
        chunk(""),
        chunk("two"),
        part(Part::File(1)),
        chunk("three"),
    ];
    let answer = node.grpc().await.submit(stream::iter(messages)).await.unwrap().into_inner();
    assert_eq!(answer.acceptance.unwrap().document_id, "hue-qlvb");
    assert!(matches!(node.seen().await, Seen::Started) && matches!(node.seen().await, Seen::Started));
    let Seen::Document { files, .. } = node.seen().await else { panic!("no document") };
    let got: Vec<_> = files.iter().map(|(header, bytes)| (header.name.as_str(), bytes.as_slice())).collect();
    assert_eq!(got, [("a", &b"onetwo"[..]), ("b", b"three")]);
}

#[tokio::test]
async fn messages_out_of_order_are_refused() {
    let node = start().await;
    let mut grpc = node.grpc().await;
    let table = [
        (vec![], ErrorCode::InvalidArgument),
        (vec![chunk("x")], ErrorCode::InvalidArgument),
        (vec![two_files(), chunk("x")], ErrorCode::InvalidArgument),
        (vec![two_files(), two_files()], ErrorCode::InvalidArgument),
        (vec![two_files(), part(Part::File(1))], ErrorCode::InvalidArgument),
        (vec![two_files(), SubmitRequest { part: None }], ErrorCode::InvalidArgument),
        (vec![two_files(), part(Part::File(0)), chunk("x")], ErrorCode::AttachmentMissing),
        (
            vec![two_files(), part(Part::File(0)), part(Part::File(1)), part(Part::File(2))],
            ErrorCode::AttachmentUnlisted,
        ),
    ];
    for (messages, expected) in table {
        let asked = format!("{messages:?}");
        let status = grpc.submit(stream::iter(messages)).await.unwrap_err();
        assert_eq!(code(&status), expected, "{asked}");
    }
}

#[tokio::test]
async fn a_packet_is_a_header_and_chunks() {
    let mut node = start().await;
    let header = PacketHeader { length: 8, ..PacketHeader::default() };
    let messages = vec![
        packet_part(PacketPart::Header(header.clone())),
        packet_part(PacketPart::Chunk(Bytes::from_static(b"<edX"))),
        packet_part(PacketPart::Chunk(Bytes::from_static(b"ML/>"))),
    ];
    node.grpc().await.submit_packet(stream::iter(messages)).await.unwrap();
    assert!(matches!(node.seen().await, Seen::Started));
    let Seen::Packet { header: got, bytes } = node.seen().await else { panic!("no packet") };
    assert_eq!((got, bytes), (header, b"<edXML/>".to_vec()));
}

#[tokio::test]
async fn chunks_and_messages_have_limits() {
    let node = start().await;
    let mut grpc = node.grpc().await;
    for length in [1024 * 1024 + 1, 5 * 1024 * 1024] {
        let chunk = Bytes::from(vec![0; length]);
        let messages =
            vec![packet_part(PacketPart::Header(PacketHeader::default())), packet_part(PacketPart::Chunk(chunk))];
        let status = grpc.submit_packet(stream::iter(messages)).await.unwrap_err();
        assert_eq!(code(&status), ErrorCode::LimitExceeded, "{length}");
    }
}

#[tokio::test]
async fn a_client_that_dies_in_the_middle_is_cancelled_for_the_node() {
    let mut node = start().await;
    let (sender, receiver) = mpsc::unbounded_channel();
    let mut grpc = node.grpc().await;
    let upload = tokio::spawn(async move { grpc.submit_packet(UnboundedReceiverStream::new(receiver)).await.is_err() });
    sender.send(packet_part(PacketPart::Header(PacketHeader::default()))).unwrap();
    sender.send(packet_part(PacketPart::Chunk(Bytes::from_static(b"<edX")))).unwrap();
    assert!(matches!(node.seen().await, Seen::Started));
    upload.abort();
    let Seen::Broken(code) = node.seen().await else { panic!("not broken") };
    assert_eq!(code, ErrorCode::Cancelled);
    drop(sender);
}

#[tokio::test]
async fn half_a_file_of_a_client_that_dies_is_no_whole_one() {
    let mut node = start().await;
    let (sender, receiver) = mpsc::unbounded_channel();
    let mut grpc = node.grpc().await;
    let upload = tokio::spawn(async move { grpc.submit(UnboundedReceiverStream::new(receiver)).await.is_err() });
    for message in [two_files(), part(Part::File(0)), part(Part::File(1)), chunk("ha")] {
        sender.send(message).unwrap();
    }
    assert!(matches!(node.seen().await, Seen::Started));
    upload.abort();
    let seen = node.seen().await;
    assert!(matches!(seen, Seen::Broken(ErrorCode::Cancelled)), "{seen:?}");
    drop(sender);
}

#[tokio::test]
async fn a_refusal_carries_code_document_receipt_and_request_id() {
    let node = start().await;
    let mut grpc = node.grpc().await;
    for asked in ErrorCode::ALL {
        let status = grpc.get_agency(GetAgencyRequest { code: asked.as_str().into() }).await.unwrap_err();
        assert_eq!(code(&status), *asked);
        assert_eq!(status.metadata().get("lienthong-document-id").unwrap(), "7816/VPCP-TT%C4%90T");
        assert_eq!(status.metadata().get("grpc-retry-pushback-ms").unwrap(), "1500");
        let problem = status.metadata().get_bin("lienthong-problem-bin").unwrap().to_bytes().unwrap();
        let problem: Value = serde_json::from_slice(&problem).unwrap();
        assert_eq!(problem["code"], asked.as_str());
        assert_eq!(problem["receipt"]["signature"], "a..b");
        assert_eq!(problem["requestId"].as_str().unwrap().len(), 36);
    }
}

#[tokio::test]
async fn a_panic_becomes_internal() {
    let node = start().await;
    let mut grpc = node.grpc().await;
    let status = grpc.get_agency(GetAgencyRequest { code: "panic".into() }).await.unwrap_err();
    assert_eq!((status.code(), code(&status)), (Code::Internal, ErrorCode::Internal));
    grpc.get_node(GetNodeRequest {}).await.unwrap();
}

#[tokio::test]
async fn a_caller_is_known_by_certificate_or_token_and_a_neighbour_is_not() {
    let node = start().await;
    assert_eq!(node.grpc().await.get_node(GetNodeRequest {}).await.unwrap().into_inner().system, "hue-qlvb");
    let mut neighbour = client::grpc(node.address, node.pki.client(Some(NODE), b"h2")).await;
    let status = neighbour.get_node(GetNodeRequest {}).await.unwrap_err();
    assert_eq!(status.code(), Code::Unauthenticated);
    let mut request = Request::new(GetNodeRequest {});
    request.metadata_mut().insert("authorization", format!("Bearer {TOKEN}").parse().unwrap());
    let mut stranger = client::grpc(node.address, node.pki.client(None, b"h2")).await;
    within(stranger.get_node(request)).await.unwrap();
}
