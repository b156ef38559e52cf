//! `sendEdoc`: what of a body is the file, and what happens when it is not.

use crate::started::Started;
use crate::written::{Client, FORM, PACKET, form};

/// `sendEdoc` with a form.
fn post_form(client: &mut Client, parts: &[(&str, Option<&str>, &[u8])]) -> Vec<u8> {
    let body = form(parts);
    let length = format!("Content-Length: {}\r\n", body.len());
    let mut request = client.head("POST /axis/sendEdoc", FORM, &length);
    request.extend_from_slice(&body);
    request
}

#[tokio::test]
async fn a_real_form_is_taken_under_either_name_of_its_part() {
    for name in ["edocFile", "file_doc"] {
        let started = Started::new().await;
        let mut client = Client::new();
        let request = post_form(client.about(PACKET), &[("note", None, b"x"), (name, Some("a.edxml"), PACKET)]);
        assert_eq!(started.ask(&request).await.json()["DocId"], "d0", "{name}");
        assert_eq!(started.shelf.file("d0"), PACKET);
    }
}

#[tokio::test]
async fn a_form_without_a_file_is_refused_with_an_empty_id() {
    let started = Started::new().await;
    let mut client = Client::new();
    let answer = started.ask(&post_form(client.about(PACKET), &[("note", None, b"x")])).await;
    assert_eq!((answer.code().as_str(), &answer.json()["DocId"]), ("21", &"".into()));
}

#[tokio::test]
async fn the_added_line_end_goes_whether_or_not_a_hash_tells() {
    let started = Started::new().await;
    let body = [PACKET, b"\r\n"].concat();
    let mut client = Client::new();
    client.set("from", "H30").set("messagetype", "status");
    assert_eq!(started.ask(&client.post(&body)).await.code(), "0");
    assert_eq!(started.shelf.file("d0"), PACKET);
    assert_eq!(started.ask(&client.about(&body).post(&body)).await.code(), "0");
    assert_eq!(started.shelf.file("d1"), body);
}

#[tokio::test]
async fn a_wrong_hash_is_code_10_and_nothing_is_kept() {
    let started = Started::new().await;
    let answer = started.ask(&Client::new().about(b"another").post(PACKET)).await;
    assert_eq!((answer.code().as_str(), &answer.json()["DocId"]), ("10", &"".into()));
    assert_eq!(started.shelf.names(), [""; 0]);
}

#[tokio::test]
async fn a_megabyte_file_arrives_as_it_was() {
    let started = Started::new().await;
    let file: Vec<u8> = (0..3_000_001u32).map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
    assert_eq!(started.ask(&Client::new().send(&file)).await.code(), "0");
    assert!(started.shelf.file("d0") == file);
}

#[tokio::test]
async fn receivers_are_named_beside_the_packet() {
    let started = Started::new().await;
    let mut client = Client::new();
    client.set("to", r#"["000.00.00.H41","000.00.00.H42"]"#);
    assert_eq!(started.ask(&client.send(PACKET)).await.code(), "0");
    assert_eq!(started.shelf.record("d0").to, ["000.00.00.H41", "000.00.00.H42"]);
}

#[tokio::test]
async fn a_refusal_reaches_a_client_that_sends_all_before_it_reads() {
    let started = Started::new().await;
    let file = vec![b'x'; 6 * 1024 * 1024];
    for (mut client, code) in [(Client::of("000.00.00.H99", "s"), "15"), (Client::new(), "18")] {
        client.set("to", r#"["nobody"]"#);
        assert_eq!(started.ask(&client.send(&file)).await.code(), code);
    }
    assert_eq!(started.shelf.names(), [""; 0]);
}

#[tokio::test]
async fn a_refused_client_that_waits_to_be_asked_is_not_asked() {
    let started = Started::new().await;
    let mut connection = started.connect().await;
    let more = "Content-Length: 10\r\nExpect: 100-continue\r\n";
    let mut client = Client::of("000.00.00.H99", "s");
    connection.write(&client.head("POST /axis/sendEdoc", "application/octet-stream", more)).await;
    assert_eq!(connection.answer().await.code(), "15");
}

#[tokio::test]
async fn the_sender_and_the_type_have_to_be_said() {
    let started = Started::new().await;
    for missing in ["from", "messagetype"] {
        let mut client = Client::new();
        let answer = started.ask(&client.about(PACKET).set(missing, "").post(PACKET)).await;
        assert_eq!(answer.code(), "21");
        assert!(answer.json()["ErrorDesc"].as_str().unwrap().contains(missing));
    }
}

#[tokio::test]
async fn a_client_that_waits_to_be_asked_is_asked() {
    let started = Started::new().await;
    let mut connection = started.connect().await;
    let mut client = Client::new();
    let more = format!("Content-Length: {}\r\nExpect: 100-continue\r\n", PACKET.len());
    let head = client.about(PACKET).head("POST /axis/sendEdoc", "application/octet-stream", &more);
    connection.write(&head).await;
    assert_eq!(connection.head().await, "http/1.1 100 continue\r\n\r\n");
    connection.write(PACKET).await;
    assert_eq!(connection.answer().await.code(), "0");
    assert_eq!(started.shelf.file("d0"), PACKET);
}

#[tokio::test]
async fn a_client_that_was_asked_and_is_refused_may_send_to_the_end() {
    let started = Started::new().await;
    let file = vec![b'x'; 6 * 1024 * 1024];
    let mut connection = started.connect().await;
    let mut client = Client::new();
    let more = format!("Content-Length: {}\r\nExpect: 100-continue\r\n", file.len());
    // A field of the form is too long, which shows after the client was asked for the body.
    client.set("from", "H30").set("messagetype", "edoc");
    connection.write(&client.head("POST /axis/sendEdoc", FORM, &more)).await;
    assert_eq!(connection.head().await, "http/1.1 100 continue\r\n\r\n");
    let noise = [form(&[("a", None, &[b'x'; 70_000])]), file].concat();
    connection.write(&noise[..6 * 1024 * 1024]).await;
    assert_eq!(connection.answer().await.code(), "21");
}
