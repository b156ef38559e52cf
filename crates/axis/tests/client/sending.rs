//! The connector sends what is due for the axis.

use std::time::Duration;

use axis::connector::SendOutcome;
use axis::{AxisCode, Secret};
use types::{ErrorCode, Lane};

use crate::ports::{Node, Running};
use crate::scripted::{OK, Reply, Scripted, json, options};
use crate::started::{Started, until};

#[track_caller]
fn is_failed(outcome: &SendOutcome, code: ErrorCode) {
    assert!(matches!(outcome, SendOutcome::Failed(reason) if reason.code == code), "{outcome:?}");
}

#[tokio::test]
async fn what_is_due_is_sent_and_settled_with_the_axiss_id() {
    let started = Started::new().await;
    let node = Node::willing();
    let running = Running::start(started.client(), &node, |_| {});
    node.send("000.00.00.H31", Lane::Normal, b"<edXML/>");
    until("it is settled", || !node.settled().is_empty()).await;
    let delivered = SendOutcome::Delivered { doc_id: Some("d0".parse().unwrap()) };
    assert_eq!(node.settled(), [("<edXML/>".to_owned(), delivered)]);
    assert_eq!(started.shelf.file("d0"), b"<edXML/>");
    assert_eq!(started.shelf.record("d0").to, ["000.00.00.H31"]);
    until("it is counted", || running.health.borrow().sent == 1).await;
    running.stop().await;
}

#[tokio::test]
async fn a_refusal_is_final_with_the_axiss_code() {
    let started = Started::new().await;
    let node = Node::willing();
    let running = Running::start(started.client(), &node, |_| {});
    node.send("nobody", Lane::Normal, b"x");
    until("it is settled", || !node.settled().is_empty()).await;
    running.stop().await;
    let settled = node.settled();
    let SendOutcome::Refused { axis_code, reason } = &settled[0].1 else { panic!("{settled:?}") };
    assert_eq!((*axis_code, reason.code), (Some(AxisCode::UnknownReceiver), ErrorCode::PeerRefused));
}

#[tokio::test]
async fn code_20_and_a_wrong_secret_are_tried_again() {
    let server = Scripted::start(|request| match request.operation() {
        "sendEdoc" => json(r#"{"status":"FAIL","ErrorCode":"20","ErrorDesc":"bận","DocId":""}"#),
        _ => json(OK),
    })
    .await;
    let node = Node::willing();
    let running = Running::start(server.client(), &node, |_| {});
    node.send("000.00.00.H31", Lane::Normal, b"x");
    until("it is settled", || !node.settled().is_empty()).await;
    is_failed(&node.settled()[0].1, ErrorCode::PeerUnavailable);
    running.stop().await;

    let started = Started::new().await;
    let secret = Secret::new(b"another".as_slice());
    let client = axis::client::Client::new(axis::client::ClientOptions { secret, ..options(started.port) }).unwrap();
    let node = Node::willing();
    node.send("000.00.00.H31", Lane::Normal, b"x");
    let running = Running::start(client, &node, |_| {});
    until("it is settled", || !node.settled().is_empty()).await;
    is_failed(&node.settled()[0].1, ErrorCode::Unauthenticated);
    running.stop().await;
}

#[tokio::test]
async fn large_ordinary_packets_leave_places_for_urgent_ones() {
    let server = Scripted::start(|request| match request.operation() {
        "sendEdoc" if request.body.starts_with(b"slow") => Reply::Hang(Vec::new()),
        "sendEdoc" => json(r#"{"status":"OK","ErrorCode":"0","ErrorDesc":"","DocId":"d"}"#),
        _ => json(OK),
    })
    .await;
    let node = Node::willing();
    (0..9).for_each(|_| node.send("000.00.00.H31", Lane::Normal, b"slow"));
    let running =
        Running::start(server.client(), &node, |options| (options.send_places, options.urgent_places) = (3, 1));
    until("the ordinary places are taken", || server.count("sendEdoc") == 2).await;
    node.send("000.00.00.H31", Lane::Express, b"express");
    until("the urgent one is sent", || node.settled().iter().any(|(name, _)| name == "express")).await;
    assert_eq!(server.count("sendEdoc"), 3);
    running.stop().await;
    let stopped: Vec<_> = node.settled().into_iter().filter(|(name, _)| name == "slow").collect();
    assert_eq!(stopped.len(), 2);
    stopped.iter().for_each(|(_, outcome)| is_failed(outcome, ErrorCode::ShuttingDown));
}

#[tokio::test]
async fn a_lost_claim_breaks_the_sending_off() {
    let server = Scripted::start(|request| match request.operation() {
        "sendEdoc" => Reply::Hang(Vec::new()),
        _ => json(OK),
    })
    .await;
    let node = Node::willing();
    *node.is_claim_lost.lock().unwrap() = true;
    node.send("000.00.00.H31", Lane::Normal, b"x");
    let running = Running::start(server.client(), &node, |options| options.extend_every = Duration::from_millis(50));
    until("it is settled", || !node.settled().is_empty()).await;
    is_failed(&node.settled()[0].1, ErrorCode::LeaseLost);
    running.stop().await;
}

#[tokio::test]
async fn what_became_of_sent_packets_is_asked_and_told() {
    let started = Started::new().await;
    let node = Node::willing();
    let running = Running::start(started.client(), &node, |options| {
        options.follow_up_every = Some(Duration::from_millis(20));
        options.poll_interval = Duration::from_secs(3600);
    });
    // This system is the receiver too, and must not take the packet back.
    until("the one look is over", || running.health.borrow().waiting.is_some()).await;
    node.send("000.00.00.H31", Lane::Normal, b"x");
    until("it is sent", || !node.settled().is_empty()).await;
    node.unconfirmed.lock().unwrap().push("d0".parse().unwrap());
    until("its state is told", || !node.states.lock().unwrap().is_empty()).await;
    running.stop().await;
    let states = node.states.lock().unwrap();
    assert_eq!((states[0].doc_id.as_str(), states[0].state.as_str()), ("d0", "initial"));
}
