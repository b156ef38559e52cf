//! Requests that no client of good will sends: each gets an answer, and the server goes on.

use crate::shelf::SYSTEM;
use crate::started::Started;
use crate::written::{Client, PACKET};
use axis::server::Authenticity;
use axis::verify::SignatureFault;

#[tokio::test]
async fn an_unknown_operation_is_a_failure_and_slashes_too_many_are_none() {
    let started = Started::new().await;
    for path in ["/axis/sendedoc", "/axis/a/b", "/axis/v1/nothing", "/axis/sendEdoc/more", "/axis/%ff"] {
        let answer =
            started.ask(format!("POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{{}}").as_bytes()).await;
        assert_eq!((answer.status(), answer.code().as_str()), (200, "21"), "{path}");
    }
    assert_eq!(started.ask(&Client::new().call("/countReceiveEdoc", "{}")).await.code(), "0");
}

#[tokio::test]
async fn another_method_is_a_failure() {
    let started = Started::new().await;
    for (method, path) in
        [("GET", "sendEdoc"), ("DELETE", "deleteAgency"), ("GET", "getEdoc"), ("GET", "v1/updateStatus")]
    {
        let answer = started.ask(format!("{method} /axis/{path} HTTP/1.1\r\nHost: a\r\n\r\n").as_bytes()).await;
        assert_eq!(answer.code(), "21", "{method} {path}");
    }
}

#[tokio::test]
async fn a_request_without_headers_is_code_15() {
    let started = Started::new().await;
    for path in ["countReceiveEdoc", "v1/countReceiveEdoc", "sendEdoc", "v1/sendEdoc"] {
        let answer =
            started.ask(format!("POST /axis/{path} HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n").as_bytes()).await;
        assert_eq!(answer.code(), "15", "{path}");
    }
}

#[tokio::test]
async fn an_unknown_system_and_a_wrong_secret_get_the_same_words() {
    let started = Started::new().await;
    let unknown = started.ask(&Client::of("000.00.00.H99", "s").call("getReceivedEdocList", "")).await;
    let wrong = started.ask(&Client::of(SYSTEM, "s").call("getReceivedEdocList", "")).await;
    assert_eq!(unknown.code(), "15");
    assert_eq!(unknown.body, wrong.body);
}

#[tokio::test]
async fn what_the_check_came_to_is_told_outside() {
    let mut started = Started::new().await;
    let request = Client::new().call("getReceivedEdocList", "");
    started.ask(&request).await;
    assert_eq!(started.handled().await.authenticity, Authenticity::Proven);
    let text = String::from_utf8(request).unwrap().replacen("XroadVnpt-systemid: 000", "XroadVnpt-systemid: 001", 1);
    started.ask(text.as_bytes()).await;
    let handled = started.handled().await;
    assert_eq!(handled.authenticity, Authenticity::Refused(SignatureFault::Secret));
    assert_eq!(handled.system.as_deref(), Some("001.00.00.H30"));
    assert_eq!(handled.parameters.iter().count(), 0);
}

#[tokio::test]
async fn headers_without_end_are_refused_and_the_server_goes_on() {
    let started = Started::new().await;
    let mut connection = started.connect().await;
    let flood =
        format!("POST /axis/sendEdoc HTTP/1.1\r\nHost: a\r\nXroadVnpt-sign-header: {}\r\n\r\n", "x".repeat(600_000));
    connection.write(flood.as_bytes()).await;
    assert!(connection.rest().await.starts_with(b"HTTP/1.1 431"));
    let long = format!("XroadVnpt-sign-header: {}", "x".repeat(100_000));
    let answer = started.ask(format!("POST /axis/sendEdoc HTTP/1.1\r\nHost: a\r\nXroadVnpt-systemid: a\r\n{long}\r\nContent-Length: 0\r\n\r\n").as_bytes()).await;
    assert_eq!(answer.code(), "15");
    assert_eq!(started.ask(&Client::new().send(PACKET)).await.code(), "0");
}

#[tokio::test]
async fn a_body_that_is_not_what_the_operation_reads_is_refused() {
    let started = Started::new().await;
    for body in ["", "{", "[]", "{}", r#"{"code":{}}"#, r#"{"code":"\ud800"}"#] {
        assert_eq!(started.ask(&Client::new().call("registerAgency", body)).await.code(), "21", "{body}");
    }
    let mut client = Client::new();
    let mut request = client.head("POST /axis/registerAgency", "application/json", "Content-Length: 12\r\n");
    request.extend_from_slice(b"{\"code\":\"\xff\"}");
    assert_eq!(started.ask(&request).await.code(), "21");
}

#[tokio::test]
async fn parameters_that_are_none_are_refused() {
    let started = Started::new().await;
    for (name, value) in [("docid", "có dấu"), ("docid", ""), ("status", "gone")] {
        let mut client = Client::new();
        client.set("docid", "a").set("status", "done").set(name, value);
        assert_eq!(started.ask(&client.call("updateStatus", "{}")).await.code(), "21", "{name} {value}");
    }
    let mut client = Client::new();
    let request = client.about(PACKET).set("to", "[1").post(PACKET);
    assert_eq!(started.ask(&request).await.code(), "21");
}
