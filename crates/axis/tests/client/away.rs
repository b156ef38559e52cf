//! The connector leaves an axis alone that is away, and goes on when it is back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use axis::connector::{Presence, SendOutcome};
use delivery::CircuitRule;
use types::{ErrorCode, Lane};

use crate::ports::{Node, Running};
use crate::scripted::{OK, Reply, Scripted, http, json};
use crate::started::{Started, until};

/// A server that can be switched off, and its switch.
async fn switched() -> (Scripted, Arc<AtomicBool>) {
    let is_there = Arc::new(AtomicBool::new(false));
    let switch = Arc::clone(&is_there);
    let server = Scripted::start(move |request| match request.operation() {
        _ if !is_there.load(Ordering::Relaxed) => Reply::Close(http("503 Service Unavailable", "<html>")),
        "sendEdoc" => json(r#"{"status":"OK","ErrorCode":"0","ErrorDesc":"","DocId":"d"}"#),
        _ => json(OK),
    })
    .await;
    (server, switch)
}

fn second() -> CircuitRule {
    let second = Duration::from_secs(1);
    CircuitRule::try_new(2, second, second, second).unwrap()
}

#[tokio::test]
async fn nothing_is_sent_while_the_axis_is_away_and_all_of_it_when_it_is_back() {
    let (server, switch) = switched().await;
    let node = Node::willing();
    let running = Running::start(server.client(), &node, |options| options.circuit = second());
    let away = |presence: &Presence| matches!(presence, Presence::Away { code: ErrorCode::PeerUnavailable, .. });
    until("it counts as away", || away(&running.health.borrow().presence)).await;
    let asked = server.seen().len();
    (0..20).for_each(|_| node.send("000.00.00.H31", Lane::Normal, b"x"));
    // Within the second of the circuit's pause, many intervals of the list.
    tokio::time::timeout(Duration::from_millis(500), std::future::pending::<()>()).await.unwrap_err();
    assert!(server.seen().len() <= asked + 1, "an axis that is away is not hammered");
    assert_eq!((server.count("sendEdoc"), node.settled().len()), (0, 0));

    switch.store(true, Ordering::Relaxed);
    until("all are sent", || node.settled().len() == 20).await;
    assert!(node.settled().iter().all(|(_, outcome)| matches!(outcome, SendOutcome::Delivered { .. })));
    assert!(matches!(running.health.borrow().presence, Presence::Reachable { .. }));
    running.stop().await;
}

#[tokio::test]
async fn an_axis_that_sending_found_away_is_looked_for_before_the_next_round() {
    let sent = AtomicUsize::new(0);
    let server = Scripted::start(move |request| match request.operation() {
        "sendEdoc" if sent.fetch_add(1, Ordering::Relaxed) == 0 => {
            Reply::Close(http("503 Service Unavailable", "<html>"))
        }
        "sendEdoc" => json(r#"{"status":"OK","ErrorCode":"0","ErrorDesc":"","DocId":"d"}"#),
        _ => json(OK),
    })
    .await;
    let node = Node::willing();
    let running = Running::start(server.client(), &node, |options| {
        options.poll_interval = Duration::from_secs(3600);
        let second = Duration::from_secs(1);
        options.circuit = CircuitRule::try_new(1, second, second, second).unwrap();
    });
    until("the one look is over", || running.health.borrow().waiting.is_some()).await;
    node.send("000.00.00.H31", Lane::Normal, b"first");
    until("it counts as away", || matches!(running.health.borrow().presence, Presence::Away { .. })).await;
    node.send("000.00.00.H31", Lane::Normal, b"second");
    until("the second is sent", || node.settled().len() == 2).await;
    assert!(matches!(node.settled()[1].1, SendOutcome::Delivered { .. }));
    running.stop().await;
}

#[tokio::test]
async fn a_wrong_secret_is_shown_as_such() {
    let started = Started::new().await;
    let secret = axis::Secret::new(b"another".as_slice());
    let options = axis::client::ClientOptions { secret, ..crate::scripted::options(started.port) };
    let node = Node::willing();
    let client = axis::client::Client::new(options).unwrap();
    let running = Running::start(client, &node, |options| options.circuit = second());
    let unknown = |presence: &Presence| matches!(presence, Presence::Away { code: ErrorCode::Unauthenticated, .. });
    until("it is told", || unknown(&running.health.borrow().presence)).await;
    assert!(!format!("{:?}", running.health.borrow()).contains("another"));
    running.stop().await;
}

#[tokio::test]
async fn it_stops_while_the_axis_is_away() {
    let (server, _) = switched().await;
    let node = Node::willing();
    let running = Running::start(server.client(), &node, |options| options.circuit = second());
    until("it counts as away", || matches!(running.health.borrow().presence, Presence::Away { .. })).await;
    running.stop().await;
}
