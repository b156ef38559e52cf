//! Answers that no server of good will gives.

use std::time::Duration;

use axis::client::{CallError, CallErrorKind, Client, ClientOptions, Stage, Timeouts};
use axis::{AxisCode, MessageType};
use tokio::io::AsyncReadExt;
use types::ErrorCode;

use crate::operations::{collected, packet};
use crate::scripted::{Reply, Scripted, http, json, options};

async fn fetched(reply: Reply) -> Result<Vec<u8>, CallError> {
    let server = Scripted::always(reply).await;
    collected(server.client().get_edoc(&"a".parse().unwrap()).await).await
}

async fn counted(reply: Reply) -> Result<u64, CallError> {
    Scripted::always(reply).await.client().count(MessageType::Edoc).await
}

#[track_caller]
fn is_malformed(result: Result<Vec<u8>, CallError>, what: &str) {
    let error = result.unwrap_err();
    assert!(matches!(&error.kind, CallErrorKind::Malformed { detail } if detail.contains(what)), "{error}");
    assert!(error.is_retryable());
}

#[tokio::test]
async fn fields_come_in_any_order_with_others_between() {
    for body in [
        r#"{"data":"YWI=","more":{"data":[1]},"ErrorDesc":null,"ErrorCode":0,"status":"OK"}"#,
        "\u{feff}{\"status\":\"OK\",\"data\":\"Y\\u0057I\\r\\n\\u003d\"}\n",
    ] {
        assert_eq!(fetched(json(body)).await.unwrap(), b"ab");
    }
}

#[tokio::test]
async fn a_packet_that_breaks_off_is_an_error() {
    let whole = http("200 OK", r#"{"status":"OK","data":"YWJjZGVm"}"#);
    let error = fetched(Reply::Close(whole[..whole.len() - 5].to_vec())).await.unwrap_err();
    assert!(matches!(error.kind, CallErrorKind::Transport { .. }), "{error}");
    assert_eq!((error.code(), error.is_retryable()), (ErrorCode::PeerUnavailable, true));
    // A server that ends the answer in good order in the middle of a packet.
    is_malformed(fetched(json(r#"{"status":"OK","data":"YWJj"#)).await, "breaks off at byte 27");
    is_malformed(fetched(json(r#"{"status":"OK","data":"YWJj""#)).await, "breaks off at byte 28");
}

#[tokio::test]
async fn a_body_without_length_is_whole_only_with_the_last_bracket() {
    let answer = |body: &str| Reply::Close(format!("HTTP/1.1 200 OK\r\n\r\n{body}").into_bytes());
    assert_eq!(fetched(answer(r#"{"status":"OK","data":"YWI="}"#)).await.unwrap(), b"ab");
    is_malformed(fetched(answer(r#"{"status":"OK","data":"YWI=""#)).await, "breaks off");
}

#[tokio::test]
async fn wrong_base64_is_an_error_with_its_place() {
    is_malformed(fetched(json(r#"{"status":"OK","data":"Y*=="}"#)).await, "no base64 in data at byte 27");
}

#[tokio::test]
async fn no_data_is_no_packet() {
    for body in [r#"{"status":"OK"}"#, r#"{"status":"OK","data":null}"#, r#"{"status":"OK","data":""}"#] {
        is_malformed(fetched(json(body)).await, "OK without data");
    }
}

#[tokio::test]
async fn data_before_a_failure_is_no_packet() {
    let error = fetched(json(r#"{"data":"YWI=","status":"FAIL","ErrorCode":21,"ErrorDesc":"h\u1ecfng"}"#)).await;
    let error = error.unwrap_err();
    let kind = CallErrorKind::Refused {
        code: Some(AxisCode::Unprocessable),
        number: "21".to_owned(),
        description: "hỏng".to_owned(),
    };
    assert_eq!(error.kind, kind);
}

#[tokio::test]
async fn only_code_20_of_the_refusals_is_worth_a_retry() {
    for (number, is_retryable) in [("20", true), ("18", false), ("10", false), ("99", false)] {
        let body = format!(r#"{{"status":"FAIL","ErrorCode":"{number}","ErrorDesc":""}}"#);
        assert_eq!(counted(json(body)).await.unwrap_err().is_retryable(), is_retryable, "{number}");
    }
}

#[tokio::test]
async fn another_http_status_is_read_for_the_axiss_words() {
    let refusal = r#"{"status":"FAIL","ErrorCode":"19","ErrorDesc":"x"}"#;
    for status in ["400 Bad Request", "404 Not Found", "500 Internal Server Error"] {
        let error = counted(Reply::Keep(http(status, refusal))).await.unwrap_err();
        assert!(matches!(error.kind, CallErrorKind::Refused { code: Some(AxisCode::UnknownSender), .. }), "{error}");
    }
}

#[tokio::test]
async fn a_page_that_is_no_answer_is_told_by_its_status() {
    for (status, code) in [
        ("502 Bad Gateway", ErrorCode::PeerUnavailable),
        ("429 Too Many Requests", ErrorCode::PeerUnavailable),
        ("404 Not Found", ErrorCode::ProtocolViolation),
        ("302 Found", ErrorCode::ProtocolViolation),
    ] {
        let error = counted(Reply::Keep(http(status, "<html>"))).await.unwrap_err();
        assert!(matches!(error.kind, CallErrorKind::Http { .. }), "{error}");
        assert_eq!((error.code(), error.is_retryable()), (code, true), "{status}");
    }
    let error = counted(json("<html>")).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::ProtocolViolation);
}

#[tokio::test]
async fn a_count_may_be_text_but_must_be_there() {
    assert_eq!(counted(json(r#"{"status":"OK","count":"7"}"#)).await.unwrap(), 7);
    for body in [r#"{"status":"OK"}"#, r#"{"status":"OK","count":null}"#, r#"{"status":"OK","count":-1}"#] {
        assert_eq!(counted(json(body)).await.unwrap_err().code(), ErrorCode::ProtocolViolation, "{body}");
    }
}

#[tokio::test]
async fn an_answer_in_a_content_encoding_is_refused() {
    let answer = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}".to_vec();
    let error = counted(Reply::Keep(answer)).await.unwrap_err();
    assert!(error.to_string().contains("content encoding"), "{error}");
}

#[tokio::test]
async fn an_answer_without_end_is_cut() {
    let body = format!(r#"{{"status":"OK","more":"{}"}}"#, "x".repeat(2_000_000));
    assert!(counted(json(body)).await.unwrap_err().to_string().contains("too long"));
}

#[tokio::test]
async fn a_download_whose_end_cannot_be_told_is_refused() {
    let download = async |answer: &str| {
        let server = Scripted::always(Reply::Close(answer.as_bytes().to_vec())).await;
        server.client().download_edoc(&"a".parse().unwrap()).await
    };
    assert!(download("HTTP/1.1 200 OK\r\n\r\n<edXML/>").await.is_err());
    let error = download("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"status\":\"OK\"}").await;
    assert_eq!(error.unwrap_err().code(), ErrorCode::ProtocolViolation);
    let file = download("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n<edXML/>").await;
    assert_eq!(collected(file).await.unwrap(), b"<edXML/>");
}

fn hasty(port: u16) -> Client {
    let short = Duration::from_millis(100);
    let timeouts = Timeouts { connect: short, idle: short, answer: short, ..Timeouts::default() };
    Client::new(ClientOptions { timeouts, ..options(port) }).unwrap()
}

#[track_caller]
fn timed_out<T: std::fmt::Debug>(result: Result<T, CallError>, wanted: Stage) {
    let error = result.unwrap_err();
    assert!(matches!(error.kind, CallErrorKind::Timeout { stage, .. } if stage == wanted), "{error}");
    assert_eq!((error.code(), error.is_retryable()), (ErrorCode::PeerUnavailable, true));
}

#[tokio::test]
async fn silence_ends_a_call() {
    let silent = Scripted::always(Reply::Hang(Vec::new())).await;
    timed_out(hasty(silent.port).count(MessageType::Edoc).await, Stage::Answer);
    timed_out(hasty(silent.port).send_edoc(packet(b"x"), b"x".as_slice()).await, Stage::Answer);
    let begun = http("200 OK", r#"{"status":"OK"}"#)[..40].to_vec();
    let half = Scripted::always(Reply::Hang(begun)).await;
    timed_out(hasty(half.port).count(MessageType::Edoc).await, Stage::Download);
}

#[tokio::test]
async fn a_server_that_reads_nothing_of_a_packet_ends_the_call() {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let endless = tokio::io::repeat(b'x').take(u64::MAX);
    let sent = axis::client::SentPacket { length: 1 << 40, ..packet(b"") };
    timed_out(hasty(port).send_edoc(sent, endless).await, Stage::Upload);
    drop(listener);
}

#[tokio::test]
async fn nobody_there_is_a_transport_failure() {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let error = hasty(port).count(MessageType::Edoc).await.unwrap_err();
    assert!(
        matches!(&error.kind, CallErrorKind::Transport { detail } if detail.contains(&port.to_string())),
        "{error}"
    );
}

#[tokio::test]
async fn a_packet_that_is_shorter_than_said_is_our_own_failure() {
    let server = Scripted::always(json(crate::scripted::OK)).await;
    let sent = axis::client::SentPacket { length: 9, ..packet(b"x") };
    let error = server.client().send_edoc(sent, b"x".as_slice()).await.unwrap_err();
    assert_eq!((error.code(), error.is_retryable()), (ErrorCode::StoreDamaged, false), "{error}");
    assert_eq!(server.count("sendEdoc"), 0);
}

#[tokio::test]
async fn an_ok_without_a_usable_id_is_still_an_ok() {
    for body in [r#"{"status":"OK","DocId":""}"#, r#"{"status":"OK","DocId":null}"#, r#"{"status":"OK"}"#] {
        let server = Scripted::always(json(body)).await;
        assert_eq!(server.client().send_edoc(packet(b"x"), b"x".as_slice()).await.unwrap(), None);
    }
}

#[tokio::test]
async fn each_call_signs_only_its_own_parameters() {
    let server = Scripted::start(|request| match request.operation() {
        "getEdoc" => json(r#"{"status":"OK","data":"YWI="}"#),
        _ => json(crate::scripted::OK),
    })
    .await;
    let client = server.client();
    collected(client.get_edoc(&"a".parse().unwrap()).await).await.unwrap();
    client.send_edoc(packet(b"x"), b"x".as_slice()).await.unwrap();
    let seen = server.seen();
    assert_eq!(seen[0].parameter("docId").as_deref(), Some("a"));
    assert_eq!(seen[1].parameter("docId"), None);
    assert_eq!(seen[1].parameter("to").as_deref(), Some(r#"["000.00.00.H31","000.00.00.H32"]"#));
    assert_eq!(seen[1].body, b"x\r\n");
}
