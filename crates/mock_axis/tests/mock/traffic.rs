//! What is seen of the traffic: the page, the record, and the record played again.

use std::io::BufReader;
use std::time::Duration;

use axis::{MessageType, Secret, TransferState};
use http_body_util::{BodyExt as _, Empty};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use mock_axis::{Mock, Options, PageAccess, ReplayOptions, ReplayOutcome, Running, Samples, TrafficOptions, replay};
use tokio::net::TcpStream;

use crate::stage::*;

const FROM: &str = "000.00.00.H48";
const TO: &str = "000.00.00.G22";

/// `GET` of a path: status and body, or for the events, their beginning.
async fn get(mock: &Running, path: &str) -> (u16, String) {
    let stream = TcpStream::connect(mock.address()).await.unwrap();
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    let connection = tokio::spawn(connection);
    let request = http::Request::get(path).header("host", "127.0.0.1").body(Empty::<bytes::Bytes>::new()).unwrap();
    let mut response = sender.send_request(request).await.unwrap();
    let status = response.status().as_u16();
    let mut text = Vec::new();
    while let Some(frame) = response.frame().await {
        text.extend_from_slice(&frame.unwrap().into_data().unwrap_or_default());
        if path.ends_with("/events") && text.ends_with(b"\n\n") {
            break;
        }
    }
    connection.abort();
    (status, String::from_utf8(text).unwrap())
}

#[tokio::test]
async fn the_page_shows_a_refused_request_and_no_secret() {
    let mock = start().await;
    let refused = client(&mock, (H48.0, "geheim")).count(MessageType::Edoc).await;
    assert_eq!(code(refused), 15);
    let (_, line) = get(&mock, "/_mock/events").await;
    assert!(line.contains("\"signature\":\"refused\"") && line.contains("\"code\":\"15\""), "{line}");
    let (_, whole) = get(&mock, "/_mock/exchanges/1").await;
    assert!(whole.contains("xroadvnpt-sign-header") && whole.contains("wrong system id or secret"), "{whole}");
    assert!(!whole.contains("geheim") && !whole.contains(H48.1), "{whole}");
}

#[tokio::test]
async fn the_page_tells_what_a_packet_says() {
    let mock = start().await;
    send(&client(&mock, H48), FROM, MessageType::Edoc, document(FROM, &[TO], "D1")).await.unwrap();
    let (_, line) = get(&mock, "/_mock/events").await;
    assert!(line.contains("12/UBND-VP") && line.contains("Về việc thử trục"), "{line}");
}

#[tokio::test]
async fn the_page_is_closed_to_whom_it_is_not_for() {
    let mock = Mock::start(Options { page: PageAccess::Nobody, ..Options::default() }).await.unwrap();
    assert_eq!(get(&mock, "/").await.0, 404);
    assert_eq!(get(&start().await, "/").await.0, 200);
}

/// One conversation, recorded in `path`: samples listed, one fetched and confirmed, an unknown one asked for.
async fn record(path: &std::path::Path) {
    let traffic = TrafficOptions { record: Some(path.to_owned()), ..TrafficOptions::default() };
    let options = Options { traffic, samples: Samples::Loaded, ..Options::default() };
    let mock = Mock::start(options).await.unwrap();
    let receiver = client(&mock, H48);
    let id = waiting(&receiver, MessageType::Edoc).await[0].doc_id.parse().unwrap();
    content(&receiver, &id).await.unwrap();
    receiver.update_status(&id, TransferState::Done).await.unwrap();
    assert_eq!(code(content(&receiver, &"unknown".parse().unwrap()).await), 21);
    mock.stop().await.unwrap();
}

async fn played(path: &std::path::Path, secret: &str, samples: Samples) -> Vec<(ReplayOutcome, Vec<String>)> {
    let mock = Mock::start(Options { samples, ..Options::default() }).await.unwrap();
    let options = ReplayOptions {
        url: format!("http://{}", mock.address()).parse().unwrap(),
        secret: Some(Secret::new(secret.as_bytes())),
        tls: None,
        timeout: Duration::from_secs(10),
    };
    let mut outcomes = Vec::new();
    let file = BufReader::new(std::fs::File::open(path).unwrap());
    replay(file, &options, |one| outcomes.push((one.outcome, one.differences.clone()))).await.unwrap();
    outcomes
}

#[tokio::test]
async fn a_record_played_again_gives_the_same_answers() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("traffic.jsonl");
    record(&path).await;
    let outcomes = played(&path, H48.1, Samples::Loaded).await;
    assert_eq!(outcomes.len(), 4);
    assert!(outcomes.iter().all(|(outcome, _)| *outcome == ReplayOutcome::Same), "{outcomes:?}");
}

#[tokio::test]
async fn a_server_that_answers_otherwise_is_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("traffic.jsonl");
    record(&path).await;
    let strangers = played(&path, "wrong", Samples::Loaded).await;
    assert!(strangers.iter().all(|(outcome, _)| *outcome == ReplayOutcome::Different), "{strangers:?}");
    let empty = played(&path, H48.1, Samples::None).await;
    assert!(empty[1].1[0].starts_with("ErrorCode 0 in the record, 21 now"), "{empty:?}");
}
