//! Lists and packets on their way out.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::shelf::{Record, TORN};
use crate::started::Started;
use crate::written::Client;
use axis::server::Options;

#[tokio::test]
async fn a_packet_comes_as_base64_of_a_length_told_before() {
    let started = Started::new().await;
    let file: Vec<u8> = (0..1_000_001u32).map(|n| n.to_le_bytes()[1]).collect();
    started.shelf.put("big", &file, &Record::default());
    let answer = started.ask(&Client::new().set("docId", "big").call("getEdoc", "{}")).await;
    assert!(answer.head.contains("content-length: "));
    assert!(STANDARD.decode(answer.json()["data"].as_str().unwrap()).unwrap() == file);
}

#[tokio::test]
async fn an_unknown_id_fails_with_a_code_and_no_data() {
    let started = Started::new().await;
    let mut client = Client::new();
    let answer = started.ask(&client.set("docId", "none").call("getEdoc", "{}")).await;
    assert_eq!((answer.status(), answer.code().as_str()), (200, "21"));
    assert!(answer.json().get("data").is_none());
}

#[tokio::test]
async fn a_download_is_the_packet_and_a_failed_one_is_no_200() {
    let started = Started::new().await;
    started.shelf.put("a", b"<edXML/>", &Record::default());
    let mut client = Client::new();
    let answer = started.ask(&client.set("docId", "a").get("downloadEdoc")).await;
    assert_eq!((answer.status(), answer.body.as_slice()), (200, b"<edXML/>".as_slice()));
    assert!(answer.head.contains("content-type: application/octet-stream\r\n"));
    let answer = started.ask(&client.set("docId", "b").get("downloadEdoc")).await;
    assert_eq!((answer.status(), answer.code().as_str()), (404, "21"));
}

#[tokio::test]
async fn a_packet_that_cannot_be_read_to_its_end_breaks_the_connection() {
    let started = Started::new().await;
    started.shelf.put(TORN, &[b'x'; 200_000], &Record::default());
    for operation in ["getEdoc", "downloadEdoc"] {
        let mut connection = started.connect().await;
        connection.write(&Client::new().set("docId", TORN).call(operation, "{}")).await;
        let answer = String::from_utf8(connection.rest().await).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        assert!(length.is_none_or(|length: usize| body.len() < length), "{operation}: {} bytes, {head}", body.len());
        assert!(!body.ends_with('}'), "{operation}");
    }
}

#[tokio::test]
async fn a_list_is_capped() {
    let started = Started::with(Options { list_max: 2, ..Options::default() }, |_| {}).await;
    for id in ["a", "b", "c"] {
        started.shelf.put(id, b"x", &Record::default());
    }
    let answer = started.ask(&Client::new().call("getReceivedEdocList", "")).await;
    assert_eq!(answer.json()["data"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_day_that_is_none_is_refused_by_name() {
    let started = Started::new().await;
    let answer = started.ask(&Client::new().set("toDate", "yesterday").call("getReceivedEdocList", "")).await;
    assert_eq!(answer.code(), "21");
    assert!(answer.json()["ErrorDesc"].as_str().unwrap().contains("toDate"));
}

#[tokio::test]
async fn the_counts_are_got_and_posted() {
    let started = Started::new().await;
    let status = Record { message_type: "status".to_owned(), ..Record::default() };
    started.shelf.put("a", b"x", &status);
    for request in [Client::new().get("countReceiveStatus"), Client::new().call("countReceiveStatus", "{}")] {
        assert_eq!(started.ask(&request).await.json()["count"], 1);
    }
}
