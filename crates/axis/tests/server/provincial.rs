//! The provincial dialect.

use crate::shelf::{Record, SECRETS, SYSTEM};
use crate::started::Started;
use crate::written::{FORM, PACKET, form, unpadded};
use axis::server::{Authenticity, Dialect};

fn request(line: &str, secret: &str, media_type: &str, more: &str, body: &[u8]) -> Vec<u8> {
    let mut request = format!(
        "{line} HTTP/1.1\r\nHost: a\r\nX-SystemId: {SYSTEM}\r\nX-SecretKey: {secret}\r\nContent-Type: {media_type}\r\n\
         {more}Content-Length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    request.extend_from_slice(body);
    request
}

fn send(parts: &[(&str, Option<&str>, &[u8])], query: &str, more: &str) -> Vec<u8> {
    request(&format!("POST /axis/v1/sendEdoc{query}"), SECRETS[0], FORM, more, &form(parts))
}

const FILE: (&str, Option<&str>, &[u8]) = ("edocFile", Some("a.edxml"), PACKET);

#[tokio::test]
async fn a_packet_is_sent_as_a_form_and_its_id_is_told_twice() {
    let started = Started::new().await;
    let answer = started.ask(&send(&[("messageType", None, b"status"), FILE], "", "")).await.json();
    assert_eq!((&answer["DocId"], &answer["data"]["docId"]), (&"d0".into(), &"d0".into()));
    assert_eq!(started.shelf.file("d0"), PACKET);
    assert_eq!(started.shelf.record("d0").message_type, "status");
}

#[tokio::test]
async fn the_type_may_be_said_in_the_query_or_a_header() {
    let started = Started::new().await;
    started.ask(&send(&[FILE], "?messageType=edoc", "")).await.json();
    started.ask(&send(&[FILE], "", "X-MessageType: status\r\n")).await.json();
    assert_eq!(started.shelf.record("d0").message_type, "edoc");
    assert_eq!(started.shelf.record("d1").message_type, "status");
}

#[tokio::test]
async fn a_type_after_the_file_is_left_to_the_packet_and_has_to_be_one() {
    let started = Started::new().await;
    assert_eq!(started.ask(&send(&[FILE, ("messageType", None, b"status")], "", "")).await.code(), "0");
    assert_eq!(started.shelf.record("d0").message_type, "");
    assert_eq!(started.ask(&send(&[FILE, ("messageType", None, b"letter")], "", "")).await.code(), "21");
    assert_eq!(started.shelf.names(), ["d0", "d0.json"]);
}

#[tokio::test]
async fn receivers_after_the_file_are_refused_and_before_it_are_taken() {
    let started = Started::new().await;
    let to: (&str, Option<&str>, &[u8]) = ("to", None, b"[\"000.00.00.H41\"]");
    let late = started.ask(&send(&[FILE, to], "", "")).await;
    assert_eq!((late.code().as_str(), &late.json()["data"]["docId"]), ("21", &"".into()));
    assert_eq!(started.shelf.names(), [""; 0]);
    assert_eq!(started.ask(&send(&[to, FILE], "", "")).await.code(), "0");
    assert_eq!(started.shelf.record("d1").to, ["000.00.00.H41"]);
}

#[tokio::test]
async fn a_hash_is_checked_when_it_is_given() {
    let started = Started::new().await;
    let hash = unpadded(PACKET);
    assert_eq!(started.ask(&send(&[("hashFile", None, hash.as_bytes()), FILE], "", "")).await.code(), "0");
    assert_eq!(started.ask(&send(&[("hashFile", None, b"00"), FILE], "", "")).await.code(), "10");
}

#[tokio::test]
async fn a_wrong_secret_is_code_15_and_is_told_outside_without_it() {
    let mut started = Started::new().await;
    let answer = started.ask(&request("POST /axis/v1/sendEdoc", "not-it", FORM, "", &form(&[FILE]))).await;
    assert_eq!((answer.code().as_str(), &answer.json()["DocId"]), ("15", &"".into()));
    let handled = started.handled().await;
    assert_eq!((handled.dialect, handled.system.as_deref()), (Dialect::Provincial, Some(SYSTEM)));
    assert!(matches!(handled.authenticity, Authenticity::Refused(_)));
    assert!(!format!("{handled:?}").contains("not-it"));
}

#[tokio::test]
async fn other_operations_take_their_parameters_from_form_object_and_query() {
    let started = Started::new().await;
    started.shelf.put("a", b"<edXML/>", &Record::default());
    let line = "POST /axis/v1/updateStatus";
    let by_form = request(line, SECRETS[0], "application/x-www-form-urlencoded", "", b"docId=a&status=processing");
    assert_eq!(started.ask(&by_form).await.code(), "0");
    assert_eq!(started.shelf.record("a").state, "processing");
    let by_object = request(line, SECRETS[1], "application/json", "", br#"{"docId":"a","status":"fail"}"#);
    assert_eq!(started.ask(&by_object).await.code(), "0");
    assert_eq!(started.shelf.record("a").state, "fail");
    let parts: [(&str, Option<&str>, &[u8]); 2] = [("docId", None, b"a"), ("status", None, b"done")];
    assert_eq!(started.ask(&request(line, SECRETS[0], FORM, "", &form(&parts))).await.code(), "0");
    assert_eq!(started.shelf.record("a").state, "done");
    let got = started.ask(&request("GET /axis/v1/getEdoc?docId=a", SECRETS[0], "text/plain", "", b"")).await;
    assert_eq!(got.json()["data"], "PGVkWE1MLz4=");
}
