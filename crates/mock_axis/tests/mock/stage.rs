//! A mock, clients of its systems, and packets.

use std::io::Cursor;
use std::net::SocketAddr;

use axis::client::{CallError, CallErrorKind, Client, ClientOptions, SentPacket, Timeouts};
use axis::{DocId, MessageType, ReceivedEdoc, Secret};
use edxml::{
    AttachmentHead, Document, DocumentCode, EdxmlDate, EdxmlTimestamp, Organization, PacketWriter, PromulgationInfo,
    ResponseFor, Status, write_status,
};
use mock_axis::{Mock, Options, Running};
use types::{Digest, StatusCode};

pub(crate) const H48: (&str, &str) = ("000.00.00.H48", "mock-secret-h48/With+Base64==");
pub(crate) const G22: (&str, &str) = ("000.00.00.G22", "mock-secret-g22");

pub(crate) async fn start() -> Running {
    Mock::start(Options::default()).await.unwrap()
}

pub(crate) fn client(mock: &Running, system: (&str, &str)) -> Client {
    client_at(mock.address(), system)
}

pub(crate) fn client_at(address: SocketAddr, (id, secret): (&str, &str)) -> Client {
    let endpoint = format!("http://{address}/").parse().unwrap();
    Client::new(ClientOptions {
        endpoint,
        system: id.to_owned(),
        secret: Secret::new(secret.as_bytes()),
        proxy: None,
        tls: None,
        timeouts: Timeouts::default(),
        idle_connections: 2,
    })
    .unwrap()
}

fn organ(code: &str) -> Organization {
    Organization::new(code.parse().unwrap()).named("Cơ quan")
}

/// A document packet with one small attachment.
pub(crate) fn document(from: &str, to: &[&str], id: &str) -> Vec<u8> {
    let to = to.iter().map(|code| organ(code)).collect();
    let promulgation = PromulgationInfo { place: None, date: EdxmlDate::new(2026, 11, 20).unwrap() };
    let code = DocumentCode::new("12", "UBND-VP");
    let mut document = Document::new(organ(from), to, id.parse().unwrap(), code, promulgation, "Về việc thử trục");
    let head = AttachmentHead::new("cid:1", "thử.txt", "text/plain");
    document.list(&head);
    let mut writer = PacketWriter::new(Vec::new(), &document).unwrap();
    writer.attachment(&head, b"noi dung".as_slice()).unwrap();
    writer.finish().unwrap()
}

/// A status about the document `id` of `to`.
pub(crate) fn status(from: &str, to: &str, id: &str, code: StatusCode) -> Vec<u8> {
    let response = ResponseFor {
        organ_id: to.parse().unwrap(),
        code: Some("12/UBND-VP".to_owned()),
        promulgation_date: None,
        document_id: Some(id.parse().unwrap()),
    };
    let at = EdxmlTimestamp::new(EdxmlDate::new(2026, 11, 21).unwrap(), 8, 0, code.as_number()).unwrap();
    let mut bytes = Vec::new();
    write_status(&mut bytes, &Status::new(organ(from), response, code, at)).unwrap();
    bytes
}

pub(crate) fn packet(from: &str, message_type: MessageType, bytes: &[u8]) -> SentPacket {
    let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
    SentPacket {
        from: from.to_owned(),
        to: None,
        message_type,
        length: bytes.len() as u64,
        digest: Digest::try_from(digest.as_ref()).unwrap(),
    }
}

pub(crate) async fn send(
    client: &Client,
    from: &str,
    message_type: MessageType,
    bytes: Vec<u8>,
) -> Result<DocId, CallError> {
    let packet = packet(from, message_type, &bytes);
    Ok(client.send_edoc(packet, Cursor::new(bytes)).await?.unwrap())
}

/// The axis's code of a failed call.
pub(crate) fn code<T: std::fmt::Debug>(result: Result<T, CallError>) -> u8 {
    match result.unwrap_err().kind {
        CallErrorKind::Refused { code: Some(code), .. } => code.as_number(),
        other => panic!("no answer of the axis: {other:?}"),
    }
}

pub(crate) async fn waiting(client: &Client, message_type: MessageType) -> Vec<ReceivedEdoc> {
    client.received_edocs(message_type, None, None).await.unwrap()
}

pub(crate) async fn content(client: &Client, doc_id: &DocId) -> Result<Vec<u8>, CallError> {
    let mut file = client.get_edoc(doc_id).await?;
    let mut bytes = Vec::new();
    while let Some(piece) = file.next().await? {
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes)
}
