//! One client object's calls in a row, over one connection, as captured from the real one.

use crate::shelf::Record;
use crate::started::{Connection, Started};
use crate::written::{Client, PACKET, unpadded};

/// A POST other than `sendEdoc`: the body only after the server asks for it.
async fn expecting(connection: &mut Connection, client: &mut Client, operation: &str, body: &str) -> serde_json::Value {
    let more = format!("Content-Length: {}\r\nExpect: 100-continue\r\n", body.len());
    connection.write(&client.head(&format!("POST /axis/{operation}"), "application/json", &more)).await;
    assert_eq!(connection.head().await, "http/1.1 100 continue\r\n\r\n");
    connection.write(body.as_bytes()).await;
    connection.answer().await.json()
}

#[tokio::test]
async fn every_operation_answers_one_client_object_on_one_connection() {
    let started = Started::new().await;
    let waiting = Record { message_type: "edoc".to_owned(), state: "initial".to_owned(), ..Record::default() };
    started.shelf.put("a1", b"<edXML/>", &waiting);
    let mut client = Client::new();
    let mut connection = started.connect().await;

    connection.write(&client.send(PACKET)).await;
    let sent = connection.answer().await.json();
    assert_eq!((&sent["status"], &sent["DocId"]), (&"OK".into(), &"d0".into()));
    assert_eq!(started.shelf.file("d0"), PACKET);

    connection.write(&client.call("getReceivedEdocList", "")).await;
    let listed = connection.answer().await.json();
    let ids: Vec<_> = listed["data"].as_array().unwrap().iter().map(|line| line["docId"].as_str().unwrap()).collect();
    assert_eq!(ids, ["a1", "d0"]);

    client.set("docId", "a1").set("filePath", "store");
    let fetched = expecting(&mut connection, &mut client, "getEdoc", "{}").await;
    assert_eq!(fetched["data"], "PGVkWE1MLz4=");

    connection.write(&client.get("downloadEdoc")).await;
    assert_eq!(connection.answer().await.body, b"<edXML/>");

    client.set("docid", "a1").set("status", "done");
    expecting(&mut connection, &mut client, "updateStatus", "{}").await;
    assert_eq!(started.shelf.record("a1").state, "done");

    client.set("docId", "d0");
    connection.write(&client.call("getSentEdocList", "")).await;
    assert_eq!(connection.answer().await.json()["data"][0]["senderDocId"], "d0");

    assert_eq!(expecting(&mut connection, &mut client, "countReceiveEdoc", "{}").await["count"], 1);
    assert_eq!(expecting(&mut connection, &mut client, "countReceiveStatus", "{}").await["count"], 0);

    let agency = r#"{"id":"","pcode":"H30","code":"H30.99","name":"Đơn vị mới","mail":"a@example.vn"}"#;
    expecting(&mut connection, &mut client, "registerAgency", agency).await;
    assert_eq!(started.shelf.file("H30.99"), "Đơn vị mới".as_bytes());
    client.set("AgencyCode", "H30.99");
    expecting(&mut connection, &mut client, "deleteAgency", "{}").await;
    assert!(!started.shelf.names().contains(&"H30.99".to_owned()));
}

#[tokio::test]
async fn the_ids_that_differ_in_case_are_two() {
    let started = Started::new().await;
    for id in ["one", "two"] {
        started.shelf.put(id, b"x", &Record::default());
    }
    let mut client = Client::new();
    client.set("docId", "one").set("docid", "two").set("status", "fail");
    started.ask(&client.call("updateStatus", "{}")).await.json();
    assert_eq!(started.shelf.record("one").state, "");
    assert_eq!(started.shelf.record("two").state, "fail");
    assert_eq!(started.ask(&client.call("getEdoc", "{}")).await.json()["data"], "eA==");
}

#[tokio::test]
async fn a_status_update_with_only_the_id_of_an_earlier_fetch_is_refused() {
    let started = Started::new().await;
    started.shelf.put("one", b"x", &Record::default());
    let mut client = Client::new();
    client.set("docId", "one").set("status", "done");
    assert_eq!(started.ask(&client.call("updateStatus", "{}")).await.code(), "21");
    assert_eq!(started.shelf.record("one").state, "");
}

#[tokio::test]
async fn headers_of_earlier_calls_mean_nothing_to_a_later_send() {
    let mut started = Started::new().await;
    let mut client = Client::new();
    client.set("docId", "gone").set("docid", "gone").set("status", "done").set("filePath", "store");
    assert_eq!(started.ask(&client.send(PACKET)).await.json()["DocId"], "d0");
    assert_eq!(started.handled().await.doc_id.as_deref(), Some("d0"));
}

#[tokio::test]
async fn the_second_secret_is_good_while_one_is_being_replaced() {
    let started = Started::new().await;
    let mut client = Client::of(crate::shelf::SYSTEM, crate::shelf::SECRETS[1]);
    assert_eq!(started.ask(&client.call("countReceiveEdoc", "{}")).await.code(), "0");
}

#[tokio::test]
async fn a_latin_1_header_passes_when_it_is_signed() {
    let mut started = Started::new().await;
    let mut client = Client::new();
    client.set_bytes("title", b"C\xe0 Mau");
    assert_eq!(started.ask(&client.send(PACKET)).await.code(), "0");
    assert_eq!(started.handled().await.parameters.text("title"), Some("Cà Mau"));
}

#[tokio::test]
async fn the_hash_of_a_file_may_be_shorter_than_64_letters() {
    let started = Started::new().await;
    let file = (0u8..=255).map(|n| vec![n]).find(|file| unpadded(file).len() < 62).unwrap();
    assert_eq!(started.ask(&Client::new().send(&file)).await.code(), "0");
    assert_eq!(started.shelf.file("d0"), file);
}
