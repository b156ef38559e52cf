//! Limits of calls and sizes.

use std::time::Duration;

use tokio::sync::Semaphore;

use crate::shelf::FILE_BYTES_MAX;
use crate::started::Started;
use crate::written::{Client, PACKET};
use axis::server::Options;

#[tokio::test]
async fn a_file_over_the_systems_limit_is_refused_whether_its_length_is_told_or_not() {
    let started = Started::new().await;
    let file = vec![b'x'; usize::try_from(FILE_BYTES_MAX).unwrap() + 1];
    let told = started.ask(&Client::new().send(&file)).await;
    assert!(told.json()["ErrorDesc"].as_str().unwrap().starts_with("[document_too_large]"));
    let mut client = Client::new();
    client.about(&file);
    let mut request = client.head("POST /axis/sendEdoc", "application/octet-stream", "Transfer-Encoding: chunked\r\n");
    request.extend_from_slice(format!("{:x}\r\n", file.len()).as_bytes());
    request.extend_from_slice(&file);
    request.extend_from_slice(b"\r\n0\r\n\r\n");
    let untold = started.ask(&request).await;
    assert!(untold.json()["ErrorDesc"].as_str().unwrap().starts_with("[document_too_large]"));
    assert_eq!(started.shelf.names(), [""; 0]);
}

#[tokio::test]
async fn a_file_of_just_the_limit_is_taken() {
    let started = Started::new().await;
    let file = vec![b'x'; usize::try_from(FILE_BYTES_MAX).unwrap()];
    assert_eq!(started.ask(&Client::new().send(&file)).await.code(), "0");
}

#[tokio::test]
async fn the_body_of_a_small_operation_is_small() {
    let started = Started::new().await;
    let answer = started.ask(&Client::new().call("registerAgency", &" ".repeat(70_000))).await;
    assert!(answer.json()["ErrorDesc"].as_str().unwrap().starts_with("[limit_exceeded]"));
}

#[tokio::test]
async fn one_call_too_many_is_told_to_come_back() {
    let options = Options { calls_max: 1, idle_timeout: Duration::from_secs(20), ..Options::default() };
    let started = Started::with(options, |shelf| shelf.ends = Semaphore::new(0)).await;
    let mut first = started.connect().await;
    first.write(&Client::new().send(PACKET)).await;
    while started.ask(&Client::new().call("countReceiveEdoc", "{}")).await.code() != "20" {}
    started.shelf.ends.add_permits(1);
    assert_eq!(first.answer().await.code(), "0");
    while started.ask(&Client::new().call("countReceiveEdoc", "{}")).await.code() != "0" {}
}

#[tokio::test]
async fn a_stale_timestamp_is_refused_only_where_a_window_is_set() {
    let started = Started::new().await;
    assert_eq!(started.ask(&Client::new().call("countReceiveEdoc", "{}")).await.code(), "0");
    let options = Options { timestamp_window: Some(Duration::from_secs(3600)), ..Options::default() };
    let strict = Started::with(options, |_| {}).await;
    let mut client = Client::new();
    client.set("timestamp", "05032020T091500+0007");
    assert_eq!(strict.ask(&client.call("countReceiveEdoc", "{}")).await.code(), "15");
}
