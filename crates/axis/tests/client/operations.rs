//! Every operation against this crate's server.

use axis::client::{AgencyList, CallError, CallErrorKind, Client, EdocFile, SentPacket};
use axis::{AxisCode, DocId, MessageType, Registration, Secret, TransferState};
use ring::digest::{SHA256, digest};
use types::{Digest, ErrorCode};

use crate::scripted::options;
use crate::shelf::{FILE_BYTES_MAX, Record, TORN};
use crate::started::Started;

pub(crate) fn packet(file: &[u8]) -> SentPacket {
    SentPacket {
        from: "000.00.00.H30".to_owned(),
        to: Some(vec!["000.00.00.H31".to_owned(), "000.00.00.H32".to_owned()]),
        message_type: MessageType::Edoc,
        length: file.len() as u64,
        digest: Digest::try_from(digest(&SHA256, file).as_ref()).unwrap(),
    }
}

fn id(text: &str) -> DocId {
    text.parse().unwrap()
}

pub(crate) async fn collected(file: Result<EdocFile, CallError>) -> Result<Vec<u8>, CallError> {
    let (mut file, mut bytes) = (file?, Vec::new());
    while let Some(chunk) = file.next().await? {
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn large() -> Vec<u8> {
    (0..5_000_000_u32).map(|number| number.to_le_bytes()[1]).collect()
}

#[tokio::test]
async fn a_sent_packet_arrives_byte_for_byte_with_its_receivers() {
    let started = Started::new().await;
    for (number, file) in [b"<edXML/>".to_vec(), b"line end at the end\r\n".to_vec(), large()].into_iter().enumerate() {
        let doc_id = started.client().send_edoc(packet(&file), std::io::Cursor::new(file.clone())).await.unwrap();
        let name = format!("d{number}");
        assert_eq!(doc_id.unwrap().as_str(), name);
        assert!(started.shelf.file(&name) == file);
        assert_eq!(started.shelf.record(&name).to, ["000.00.00.H31", "000.00.00.H32"]);
    }
}

#[tokio::test]
async fn a_packet_is_fetched_encoded_and_plain() {
    let started = Started::new().await;
    let file = large();
    started.shelf.put("a", &file, &Record::default());
    let client = started.client();
    assert!(collected(client.get_edoc(&id("a")).await).await.unwrap() == file);
    assert!(collected(client.download_edoc(&id("a")).await).await.unwrap() == file);
}

#[tokio::test]
async fn a_packet_that_the_axis_cannot_read_to_its_end_is_never_whole() {
    let started = Started::new().await;
    started.shelf.put(TORN, &[b'x'; 200_000], &Record::default());
    let client = started.client();
    for file in [client.get_edoc(&id(TORN)).await, client.download_edoc(&id(TORN)).await] {
        let error = collected(file).await.unwrap_err();
        assert!(error.is_retryable(), "{error}");
    }
}

#[tokio::test]
async fn an_unknown_id_is_a_refusal_at_once() {
    let started = Started::new().await;
    let client = started.client();
    for file in [client.get_edoc(&id("none")).await, client.download_edoc(&id("none")).await] {
        let error = file.unwrap_err();
        assert!(matches!(error.kind, CallErrorKind::Refused { code: Some(AxisCode::Unprocessable), .. }), "{error}");
    }
}

#[tokio::test]
async fn what_waits_is_listed_counted_and_confirmed() {
    let started = Started::new().await;
    for (name, kind) in [("a", "edoc"), ("b", "edoc"), ("c", "status")] {
        started.shelf.put(name, b"x", &Record { message_type: kind.to_owned(), ..Record::default() });
    }
    let client = started.client();
    let day = jiff::civil::date(2026, 11, 21);
    let listed = client.received_edocs(MessageType::Edoc, Some(day), Some(day)).await.unwrap();
    assert_eq!(listed.iter().map(|line| line.doc_id.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(listed[0].status_desc, "Chờ nhận");
    assert_eq!(client.count(MessageType::Edoc).await.unwrap(), 2);
    assert_eq!(client.count(MessageType::Status).await.unwrap(), 1);
    for state in [TransferState::Processing, TransferState::Done] {
        client.update_status(&id("a"), state).await.unwrap();
        assert_eq!(started.shelf.record("a").state, state.as_str());
    }
    assert_eq!(client.count(MessageType::Edoc).await.unwrap(), 1);
}

#[tokio::test]
async fn sent_packets_are_listed() {
    let started = Started::new().await;
    let client = started.client();
    for _ in 0..2 {
        client.send_edoc(packet(b"x"), b"x".as_slice()).await.unwrap();
    }
    assert_eq!(client.sent_edocs(MessageType::Edoc, None).await.unwrap().len(), 2);
    let one = client.sent_edocs(MessageType::Edoc, Some(&id("d1"))).await.unwrap();
    assert_eq!((one.len(), one[0].sender_doc_id.as_str()), (1, "d1"));
}

#[tokio::test]
async fn the_three_lists_of_agencies_come_record_by_record() {
    let started = Started::with(axis::server::Options::default(), |shelf| {
        (shelf.agencies, shelf.gone) = (5000, Some(4999));
    })
    .await;
    let client = started.client();
    for list in [AgencyList::All, AgencyList::Qd20, AgencyList::Units] {
        let agencies = client.agencies(list).await.unwrap().all(5000).await.unwrap();
        assert_eq!(agencies.len(), if list == AgencyList::Units { 5000 } else { 4999 });
        assert_eq!(agencies.last().unwrap().deleted, list == AgencyList::Units);
        let agency = &agencies[1];
        assert_eq!((agency.id.as_str(), agency.name.as_str()), ("1", "Ủy ban nhân dân xã 1"));
        assert_eq!(agency.old_code.is_empty(), list != AgencyList::All);
        assert_eq!(agency.code102.is_empty(), list != AgencyList::Qd20);
        assert_eq!(agency.version, if list == AgencyList::Units { 7 } else { 0 });
    }
    let error = client.agencies(AgencyList::All).await.unwrap().all(4998).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::ProtocolViolation);
}

#[tokio::test]
async fn an_agency_is_registered_and_deleted() {
    let started = Started::new().await;
    let agency =
        Registration { code: "H30.99".to_owned(), name: "Đơn vị mới".to_owned(), ..Registration::default() };
    started.client().register_agency(&agency).await.unwrap();
    assert_eq!(started.shelf.file("H30.99"), "Đơn vị mới".as_bytes());
    started.client().delete_agency("H30.99").await.unwrap();
    assert!(started.shelf.names().is_empty());
}

#[tokio::test]
async fn a_wrong_secret_is_a_code_of_its_own_and_is_not_shown() {
    let started = Started::new().await;
    let secret = "something-else";
    let client =
        Client::new(axis::client::ClientOptions { secret: Secret::new(secret.as_bytes()), ..options(started.port) });
    let client = client.unwrap();
    let error = client.count(MessageType::Edoc).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Unauthenticated);
    assert!(!format!("{error} {error:?} {client:?}").contains(secret));
}

#[tokio::test]
async fn a_refused_packet_is_refused_with_the_axiss_code() {
    let started = Started::new().await;
    let sent = SentPacket { to: Some(vec!["nobody".to_owned()]), ..packet(b"x") };
    let error = started.client().send_edoc(sent, b"x".as_slice()).await.unwrap_err();
    assert!(matches!(error.kind, CallErrorKind::Refused { code: Some(AxisCode::UnknownReceiver), .. }), "{error}");
    assert!(!error.is_retryable());
}

#[tokio::test]
async fn a_packet_that_is_too_large_is_refused_although_the_server_reads_no_further() {
    let started = Started::new().await;
    let file = vec![b'x'; usize::try_from(FILE_BYTES_MAX).unwrap() * 3];
    let error = started.client().send_edoc(packet(&file), std::io::Cursor::new(file)).await.unwrap_err();
    assert!(matches!(error.kind, CallErrorKind::Refused { .. }), "{error}");
}

#[tokio::test]
async fn another_digest_is_a_file_that_is_not_valid() {
    let started = Started::new().await;
    let error = started.client().send_edoc(packet(b"x"), b"y".as_slice()).await.unwrap_err();
    assert!(matches!(error.kind, CallErrorKind::Refused { code: Some(AxisCode::FileInvalid), .. }), "{error}");
    assert!(started.shelf.names().is_empty());
}
