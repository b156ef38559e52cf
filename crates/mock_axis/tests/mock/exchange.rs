//! Documents and statuses from one system to another.

use axis::client::AgencyList;
use axis::{MessageType, Registration, TransferState};
use mock_axis::{Change, Data, Gate, Mock, Options};
use types::StatusCode;

use crate::stage::*;

const FROM: &str = "000.00.00.H48";
const TO: &str = "000.00.00.G22";

#[tokio::test]
async fn a_document_waits_for_its_receiver_until_it_is_confirmed() {
    let mock = start().await;
    let (sender, receiver) = (client(&mock, H48), client(&mock, G22));
    let bytes = document(FROM, &[TO], "D1");
    send(&sender, FROM, MessageType::Edoc, bytes.clone()).await.unwrap();
    let list = waiting(&receiver, MessageType::Edoc).await;
    assert_eq!((list.len(), list[0].from.as_str(), list[0].to.as_str()), (1, FROM, TO));
    let id = list[0].doc_id.parse().unwrap();
    assert_eq!(content(&receiver, &id).await.unwrap(), bytes);
    receiver.update_status(&id, TransferState::Processing).await.unwrap();
    assert_eq!(waiting(&receiver, MessageType::Edoc).await[0].status, "processing");
    receiver.update_status(&id, TransferState::Done).await.unwrap();
    assert!(waiting(&receiver, MessageType::Edoc).await.is_empty());
    receiver.update_status(&id, TransferState::Done).await.unwrap();
    mock.stop().await.unwrap();
}

#[tokio::test]
async fn a_status_reaches_the_sender_and_shows_in_its_sent_list() {
    let mock = start().await;
    let (sender, receiver) = (client(&mock, H48), client(&mock, G22));
    let id = send(&sender, FROM, MessageType::Edoc, document(FROM, &[TO], "D1")).await.unwrap();
    let report = status(TO, FROM, "D1", StatusCode::Registered);
    send(&receiver, TO, MessageType::Status, report).await.unwrap();
    assert_eq!(waiting(&sender, MessageType::Status).await.len(), 1);
    assert!(waiting(&sender, MessageType::Edoc).await.is_empty());
    let sent = sender.sent_edocs(MessageType::Edoc, Some(&id)).await.unwrap();
    assert_eq!((sent.len(), sent[0].receive_status.as_str()), (1, "03"));
    assert_eq!(sent[0].title, "Về việc thử trục");
}

#[tokio::test]
async fn a_take_back_goes_to_every_receiver() {
    let mock = start().await;
    let sender = client(&mock, H48);
    let both = document(FROM, &[TO, "000.00.00.H41"], "D1");
    send(&sender, FROM, MessageType::Edoc, both).await.unwrap();
    send(&sender, FROM, MessageType::Status, status(FROM, FROM, "D1", StatusCode::TakeBack)).await.unwrap();
    assert_eq!(waiting(&client(&mock, G22), MessageType::Status).await.len(), 1);
    assert_eq!(client(&mock, ("000.00.00.H41", "mock-secret-h41")).count(MessageType::Status).await.unwrap(), 1);
}

#[tokio::test]
async fn each_wrong_packet_has_its_code_and_nothing_is_kept() {
    let mock = start().await;
    let sender = client(&mock, H48);
    let locked = Change { code: TO.to_owned(), gate: Some(Gate::Locked), ..Change::default() };
    mock.change_agency(locked).await.unwrap();
    let edoc = MessageType::Edoc;
    let mut wrong_hash = packet(FROM, edoc, b"other");
    let bytes = document(FROM, &["000.00.00.H41"], "D1");
    wrong_hash.length = bytes.len() as u64;
    let refused = sender.send_edoc(wrong_hash, std::io::Cursor::new(bytes.clone())).await;
    assert_eq!(code(refused), 10);
    assert_eq!(code(send(&client(&mock, (H48.0, "wrong")), FROM, edoc, bytes).await), 15);
    assert_eq!(code(send(&sender, FROM, edoc, document(FROM, &["H99"], "D2")).await), 18);
    assert_eq!(code(send(&sender, TO, edoc, document(TO, &[FROM], "D3")).await), 19);
    assert_eq!(code(send(&sender, FROM, edoc, document("000.00.00.H41", &[TO], "D3")).await), 19);
    assert_eq!(code(send(&sender, FROM, edoc, b"<edXML/>".to_vec()).await), 22);
    assert_eq!(code(send(&sender, FROM, edoc, document(FROM, &[TO], "D4")).await), 23);
    assert!(waiting(&client(&mock, G22), edoc).await.is_empty());
    assert!(waiting(&client(&mock, ("000.00.00.H41", "mock-secret-h41")), edoc).await.is_empty());
    assert!(sender.sent_edocs(edoc, None).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_packet_is_not_opened_by_a_system_that_it_is_not_for() {
    let mock = start().await;
    send(&client(&mock, H48), FROM, MessageType::Edoc, document(FROM, &[TO], "D1")).await.unwrap();
    let id = waiting(&client(&mock, G22), MessageType::Edoc).await[0].doc_id.parse().unwrap();
    let stranger = client(&mock, ("000.00.00.H41", "mock-secret-h41"));
    assert_eq!(code(content(&stranger, &id).await), 21);
    assert_eq!(code(stranger.update_status(&id, TransferState::Done).await), 21);
    assert_eq!(waiting(&client(&mock, G22), MessageType::Edoc).await.len(), 1);
}

#[tokio::test]
async fn the_same_packet_sent_twice_is_delivered_once() {
    let mock = start().await;
    let sender = client(&mock, H48);
    let bytes = document(FROM, &[TO], "D1");
    let first = send(&sender, FROM, MessageType::Edoc, bytes.clone()).await.unwrap();
    assert_eq!(send(&sender, FROM, MessageType::Edoc, bytes).await.unwrap(), first);
    assert_eq!(waiting(&client(&mock, G22), MessageType::Edoc).await.len(), 1);
}

#[tokio::test]
async fn what_was_accepted_waits_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { data: Data::Folder(folder.path().to_owned()), ..Options::default() };
    let mock = Mock::start(options.clone()).await.unwrap();
    send(&client(&mock, H48), FROM, MessageType::Edoc, document(FROM, &[TO], "D1")).await.unwrap();
    mock.stop().await.unwrap();
    let mock = Mock::start(options).await.unwrap();
    assert_eq!(waiting(&client(&mock, G22), MessageType::Edoc).await.len(), 1);
    mock.stop().await.unwrap();
}

#[tokio::test]
async fn a_registered_agency_receives_and_a_deleted_one_does_not() {
    let mock = start().await;
    let (sender, receiver) = (client(&mock, H48), client(&mock, G22));
    let agency =
        Registration { code: "99.99.99.G22".to_owned(), name: "Tổ công tác".to_owned(), ..Registration::default() };
    receiver.register_agency(&agency).await.unwrap();
    send(&sender, FROM, MessageType::Edoc, document(FROM, &[&agency.code], "D1")).await.unwrap();
    assert_eq!(waiting(&receiver, MessageType::Edoc).await[0].to, agency.code);
    receiver.delete_agency(&agency.code).await.unwrap();
    assert_eq!(code(send(&sender, FROM, MessageType::Edoc, document(FROM, &[&agency.code], "D2")).await), 18);
}

#[tokio::test]
async fn the_list_of_agencies_has_the_size_that_was_asked_for() {
    let mock = Mock::start(Options { agencies: Some(6000), ..Options::default() }).await.unwrap();
    let mut list = client(&mock, H48).agencies(AgencyList::Units).await.unwrap();
    let mut count = 0;
    while let Some(agency) = list.next().await.unwrap() {
        assert!(!agency.code.is_empty() && !agency.name.is_empty());
        count += 1;
    }
    assert_eq!(count, 6000);
}
