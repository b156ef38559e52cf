//! Faults as a client meets them.

use axis::client::CallErrorKind;
use axis::{MessageType, TransferState};
use mock_axis::{Faults, Mock, Options, Running};
use types::StatusCode;

use crate::stage::*;

const FROM: &str = "000.00.00.H48";
const TO: &str = "000.00.00.G22";

/// A mock in which one document waits for G22.
async fn with_one() -> Running {
    let mock = start().await;
    send(&client(&mock, H48), FROM, MessageType::Edoc, document(FROM, &[TO], "D1")).await.unwrap();
    mock
}

fn set(mock: &Running, flags: &[&str]) {
    let mut faults = Faults::default();
    flags.iter().for_each(|flag| faults.set(flag).unwrap());
    mock.set_faults(faults).unwrap();
}

#[tokio::test]
async fn an_error_on_demand_has_its_code_and_nothing_is_done() {
    let mock = start().await;
    set(&mock, &["error=20:sendEdoc"]);
    let sender = client(&mock, H48);
    let sent = send(&sender, FROM, MessageType::Edoc, document(FROM, &[TO], "D1")).await;
    assert_eq!(code(sent), 20);
    assert!(waiting(&client(&mock, G22), MessageType::Edoc).await.is_empty());
}

#[tokio::test]
async fn a_reset_breaks_the_answer_and_the_operation_was_done() {
    let mock = start().await;
    set(&mock, &["reset=100%"]);
    let sender = client(&mock, H48);
    let broken = send(&sender, FROM, MessageType::Edoc, document(FROM, &[TO], "D1")).await.unwrap_err();
    assert!(!matches!(broken.kind, CallErrorKind::Refused { .. }), "{broken:?}");
    set(&mock, &[]);
    assert_eq!(waiting(&client(&mock, G22), MessageType::Edoc).await.len(), 1);
}

#[tokio::test]
async fn truncated_and_duplicated_answers_are_no_answers_of_the_protocol() {
    let mock = with_one().await;
    for fault in ["truncate=100%", "duplicate=100%"] {
        set(&mock, &[fault]);
        let broken = client(&mock, G22).count(MessageType::Edoc).await.unwrap_err();
        assert!(matches!(broken.kind, CallErrorKind::Malformed { .. }), "{fault}: {broken:?}");
    }
}

#[tokio::test]
async fn wrong_base64_is_in_get_edoc_only() {
    let mock = with_one().await;
    let receiver = client(&mock, G22);
    let id = waiting(&receiver, MessageType::Edoc).await[0].doc_id.parse().unwrap();
    set(&mock, &["wrong-base64=100%"]);
    assert!(content(&receiver, &id).await.is_err());
    assert_eq!(waiting(&receiver, MessageType::Edoc).await.len(), 1);
}

#[tokio::test]
async fn a_confirmed_document_comes_again_when_asked_to() {
    let mock = with_one().await;
    let receiver = client(&mock, G22);
    let id = waiting(&receiver, MessageType::Edoc).await[0].doc_id.parse().unwrap();
    receiver.update_status(&id, TransferState::Done).await.unwrap();
    set(&mock, &["repeat=100%"]);
    let again = waiting(&receiver, MessageType::Edoc).await;
    assert_eq!(again[0].doc_id, id.as_str());
    receiver.update_status(&id, TransferState::Done).await.unwrap();
    set(&mock, &[]);
    assert!(waiting(&receiver, MessageType::Edoc).await.is_empty());
}

#[tokio::test]
async fn a_status_comes_before_its_document() {
    let mock = with_one().await;
    let (sender, receiver) = (client(&mock, H48), client(&mock, G22));
    send(&sender, FROM, MessageType::Status, status(FROM, FROM, "D1", StatusCode::TakeBack)).await.unwrap();
    set(&mock, &["early-status=100%"]);
    assert!(waiting(&receiver, MessageType::Edoc).await.is_empty());
    let status = waiting(&receiver, MessageType::Status).await[0].doc_id.parse().unwrap();
    receiver.update_status(&status, TransferState::Done).await.unwrap();
    assert_eq!(waiting(&receiver, MessageType::Edoc).await.len(), 1);
}

#[tokio::test]
async fn a_rotated_secret_is_refused_and_the_new_one_is_told() {
    let mock = start().await;
    set(&mock, &["rotate=1"]);
    assert_eq!(client(&mock, H48).count(MessageType::Edoc).await.unwrap(), 0);
    assert_eq!(code(client(&mock, H48).count(MessageType::Edoc).await), 15);
    set(&mock, &[]);
    let secret = mock.secret(H48.0).unwrap();
    let secret = std::str::from_utf8(secret.as_bytes()).unwrap().to_owned();
    assert_eq!(client(&mock, (H48.0, &secret)).count(MessageType::Edoc).await.unwrap(), 0);
}

#[tokio::test]
async fn a_closed_axis_takes_no_connection_until_it_is_back() {
    let mock = start().await;
    set(&mock, &["maintenance=60s/60s:refuse"]);
    let away = client(&mock, H48).count(MessageType::Edoc).await.unwrap_err();
    assert!(matches!(away.kind, CallErrorKind::Transport { .. }), "{away:?}");
    set(&mock, &[]);
    client(&mock, H48).count(MessageType::Edoc).await.unwrap();
}

#[tokio::test]
async fn the_clock_is_wrong_in_every_time_told() {
    let mock = with_one().await;
    let before = waiting(&client(&mock, G22), MessageType::Edoc).await[0].created_time.clone();
    set(&mock, &["clock-skew=48h"]);
    let after = waiting(&client(&mock, G22), MessageType::Edoc).await[0].created_time.clone();
    assert!(after > before && after.get(..10) != before.get(..10), "{before} {after}");
}

#[tokio::test]
async fn wrong_options_start_nothing() {
    let wrong = Options { faults: Faults { reset: 2.0, ..Faults::default() }, ..Options::default() };
    assert!(Mock::start(wrong).await.is_err());
    let open_admin = Options { admin: Some("0.0.0.0:0".parse().unwrap()), ..Options::default() };
    assert!(Mock::start(open_admin).await.is_err());
}
