//! The connector takes what waits at the axis.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axis::connector::{Reason, Taken};
use types::ErrorCode;

use crate::ports::{Node, Running};
use crate::scripted::{OK, Reply, Scripted, http, json};
use crate::shelf::{Record, TORN};
use crate::started::{Started, until};

fn edoc() -> Record {
    Record { message_type: "edoc".to_owned(), state: "initial".to_owned(), ..Record::default() }
}

/// The answer to `getReceivedEdocList` with documents of these ids and senders, all of one day.
fn list(lines: &[(&str, &str)]) -> Reply {
    let line = |(id, from): &(&str, &str)| {
        format!(
            r#"{{"docId":"{id}","from":"{from}","to":"X","messageType":"edoc","created_time":"2026-11-21 08:00:00"}}"#
        )
    };
    let lines: Vec<_> = lines.iter().map(line).collect();
    json(format!(r#"{{"status":"OK","ErrorCode":"0","ErrorDesc":"","data":[{}]}}"#, lines.join(",")))
}

fn is_list_of_documents(request: &crate::scripted::Request) -> bool {
    request.operation() == "getReceivedEdocList" && request.parameter("messagetype").as_deref() == Some("edoc")
}

#[tokio::test]
async fn what_waits_is_taken_and_confirmed() {
    let started = Started::new().await;
    let file = vec![b'x'; 300_000];
    started.shelf.put("a", &file, &edoc());
    started.shelf.put("s", b"<status/>", &Record { message_type: "status".to_owned(), ..edoc() });
    let node = Node::willing();
    let running = Running::start(started.client(), &node, |_| {});
    for id in ["a", "s"] {
        until("it is confirmed", || started.shelf.record(id).state == "done").await;
    }
    assert!(node.files.lock().unwrap()["a"] == file);
    until("it is counted", || running.health.borrow().received == 2).await;
    running.stop().await;
}

#[tokio::test]
async fn a_list_is_looked_at_again_at_once_while_it_brings_something() {
    let started = Started::with(axis::server::Options { list_max: 2, ..Default::default() }, |_| {}).await;
    let ids: Vec<_> = (0..9).map(|number| format!("p{number}")).collect();
    ids.iter().for_each(|id| started.shelf.put(id, b"x", &edoc()));
    let node = Node::willing();
    let running = Running::start(started.client(), &node, |options| options.poll_interval = Duration::from_secs(3600));
    until("all are confirmed", || ids.iter().all(|id| started.shelf.record(id).state == "done")).await;
    running.stop().await;
}

#[tokio::test]
async fn a_torn_packet_is_never_confirmed_and_keeps_no_other_waiting() {
    let started = Started::new().await;
    started.shelf.put(TORN, &[b'x'; 200_000], &edoc());
    started.shelf.put("u", b"x", &edoc());
    started.shelf.put("v", b"x", &Record { from: "000.00.00.H31".to_owned(), ..edoc() });
    let node = Node::willing();
    let running = Running::start(started.client(), &node, |_| {});
    until("another sender's is confirmed", || started.shelf.record("v").state == "done").await;
    assert_eq!(started.shelf.record("u").state, "initial", "the same sender's does not overtake it");
    until("but waits 15 s at most", || started.shelf.record("u").state == "done").await;
    running.stop().await;
    assert!(!node.files.lock().unwrap().contains_key(TORN));
    assert_eq!(started.shelf.record(TORN).state, "processing");
    assert!(node.refusals.lock().unwrap().is_empty(), "a broken connection is no refusal");
}

#[tokio::test]
async fn a_refused_packet_is_reported_once_and_not_fetched_every_round() {
    let started = Started::new().await;
    started.shelf.put("bad", b"x", &edoc());
    let node = Node::new(|_| Taken::Refused(Reason::new(ErrorCode::MalformedDocument, "no packet")));
    let running = Running::start(started.client(), &node, |_| {});
    until("it is refused", || started.shelf.record("bad").state == "fail").await;
    started.shelf.put("next", b"x", &edoc());
    until("a later round came", || started.shelf.record("next").state == "fail").await;
    running.stop().await;
    assert_eq!(node.begun("bad"), 1);
    assert_eq!(node.refusals.lock().unwrap()["bad"].times, 1);
}

#[tokio::test]
async fn a_packet_that_is_known_is_confirmed_and_not_fetched() {
    let started = Started::new().await;
    started.shelf.put("a", b"x", &edoc());
    let node = Node::willing();
    node.files.lock().unwrap().insert("a".to_owned(), b"x".to_vec());
    let running = Running::start(started.client(), &node, |_| {});
    until("it is confirmed", || started.shelf.record("a").state == "done").await;
    running.stop().await;
    assert_eq!(node.begun("a"), 0);
}

#[tokio::test]
async fn a_full_node_pauses_the_round_and_confirms_nothing() {
    let started = Started::new().await;
    for id in ["a", "b", "c"] {
        started.shelf.put(id, b"x", &edoc());
    }
    let node = Node::new(|_| Taken::Later(Reason::new(ErrorCode::DiskReserve, "full")));
    let running = Running::start(started.client(), &node, |_| {});
    until("one was tried", || node.begun("a") == 1).await;
    // Many intervals of the list, but within the pause.
    tokio::time::timeout(Duration::from_millis(300), std::future::pending::<()>()).await.unwrap_err();
    running.stop().await;
    assert_eq!(node.events(), ["begin a", "end a"]);
    assert_eq!(started.shelf.record("a").state, "processing");
}

#[tokio::test]
async fn packets_of_one_sender_come_one_after_the_other_and_of_others_meanwhile() {
    let server = Scripted::start(|request| match request.operation() {
        _ if is_list_of_documents(request) => list(&[("a1", "A"), ("a2", "A"), ("a3", "A"), ("b1", "B")]),
        // The first one hangs in the middle.
        "getEdoc" if request.parameter("docId").as_deref() == Some("a1") => {
            let whole = http("200 OK", r#"{"status":"OK","data":"YWJjYWJj"}"#);
            Reply::Hang(whole[..whole.len() - 4].to_vec())
        }
        "getEdoc" => json(r#"{"status":"OK","data":"YWJj"}"#),
        _ => json(OK),
    })
    .await;
    let node = Node::willing();
    let running = Running::start(server.client(), &node, |_| {});
    until("the other sender's came", || node.events().contains(&"end b1".to_owned())).await;
    until("the first one is begun", || node.begun("a1") == 1).await;
    let looks = server.count("getReceivedEdocList");
    until("later looks came", || server.count("getReceivedEdocList") > looks + 3).await;
    assert_eq!(node.begun("a2"), 0);
    // At the stop the one that hangs is broken off.
    running.stop().await;
    assert!(!node.events().contains(&"end a1".to_owned()));
}

#[tokio::test]
async fn done_is_said_only_after_the_node_has_it() {
    let server = Scripted::start(|request| match request.operation() {
        _ if is_list_of_documents(request) => list(&[("a", "A")]),
        "getEdoc" => json(r#"{"status":"OK","data":"YWJj"}"#),
        _ => json(OK),
    })
    .await;
    let (seen, at_acceptance) = (server.clone(), std::sync::Arc::new(AtomicUsize::new(99)));
    let told = std::sync::Arc::clone(&at_acceptance);
    let node = Node::new(move |_| {
        told.store(seen.count("updateStatus"), Ordering::Relaxed);
        Taken::Accepted
    });
    let running = Running::start(server.client(), &node, |_| {});
    until("it is confirmed", || server.count("updateStatus") >= 2).await;
    running.stop().await;
    assert_eq!(at_acceptance.load(Ordering::Relaxed), 1);
    let states: Vec<_> = server.seen().iter().filter_map(|request| request.parameter("status")).collect();
    assert_eq!(states[..2], ["processing", "done"]);
}

#[tokio::test]
async fn an_axis_that_forgets_confirmations_is_asked_at_its_pace() {
    let server = Scripted::start(|request| match request.operation() {
        _ if is_list_of_documents(request) => list(&[("a", "A")]),
        "getEdoc" => json(r#"{"status":"OK","data":"YWJj"}"#),
        _ => json(OK),
    })
    .await;
    let node = Node::new(|_| Taken::AlreadyHave);
    let running = Running::start(server.client(), &node, |options| options.poll_interval = Duration::from_secs(3600));
    until("it is confirmed twice", || server.count("updateStatus") == 4).await;
    // At once after the first confirmation, not after the second.
    tokio::time::timeout(Duration::from_millis(200), std::future::pending::<()>()).await.unwrap_err();
    assert_eq!(server.count("getReceivedEdocList"), 4);
    running.stop().await;
}

#[tokio::test]
async fn a_page_of_refused_packets_does_not_hide_what_is_behind_it() {
    let server = Scripted::start(|request| match request.operation() {
        _ if is_list_of_documents(request) => match request.parameter("fromDate").as_deref() {
            None => list(&[("bad1", "A"), ("bad2", "A")]),
            Some("21/11/2026") => list(&[("good", "A")]),
            Some(other) => panic!("{other}"),
        },
        "getEdoc" => json(r#"{"status":"OK","data":"YWJj"}"#),
        _ => json(OK),
    })
    .await;
    let node = Node::new(|waiting| match waiting.doc_id.as_str() {
        "good" => Taken::Accepted,
        _ => Taken::Refused(Reason::new(ErrorCode::MalformedDocument, "no packet")),
    });
    let running = Running::start(server.client(), &node, |options| options.page = 2);
    until("what is behind was taken", || node.files.lock().unwrap().contains_key("good")).await;
    running.stop().await;
}
