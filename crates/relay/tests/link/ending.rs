use std::time::Duration;

use relay::{Limits, LinkEnd, Presence, TransferOutcome};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use types::{ErrorCode, Lane};
use wire::relay_v1::{Chunk, Goodbye, frame::Body};

use crate::fakes::{FakeInbound, content};
use crate::pair::{Script, Tap, join, node, open_tap, run};

const LARGE: usize = 300 * 1024;

#[tokio::test]
async fn a_violation_is_answered_by_goodbye_and_the_item_under_way_waits_for_a_better_link() {
    let node = node("node", FakeInbound::new(), Limits::default());
    node.outbox.put(1, Lane::Normal, content(1, LARGE));
    let mut script = Script::start(&node, "peer").await;
    assert!(matches!(script.receive().await, Body::Offer(_)));
    script.send(Body::Chunk(Chunk { transfer: 1, offset: 0, data: content(1, 1) })).await;
    let Body::Goodbye(Goodbye { code, .. }) = script.receive().await else { panic!() };
    assert_eq!(code, "protocol_violation");
    drop(script.to);
    assert!(matches!(script.end.await.unwrap(), LinkEnd::Violated(_)));
    let outcome = &node.outbox.settled(1).await[&1];
    assert!(matches!(outcome, TransferOutcome::Failed(r) if r.code == ErrorCode::PeerUnavailable), "{outcome:?}");
}

#[tokio::test]
async fn a_silent_neighbour_is_left() {
    let limits = Limits { hello_timeout: Duration::from_millis(5), ..Limits::default() };
    let node = node("node", FakeInbound::new(), limits);
    let (outgoing, mut from) = mpsc::channel(2);
    let (to, incoming) = mpsc::channel(2);
    let end = run(&node, "peer", outgoing, incoming);
    while from.recv().await.is_some() {}
    drop(to);
    assert_eq!(end.await.unwrap(), LinkEnd::Silent);
}

#[tokio::test]
async fn a_neighbour_that_answers_nothing_is_left() {
    let limits = Limits { stall_timeout: Duration::from_millis(5), ..Limits::default() };
    let node = node("node", FakeInbound::new(), limits);
    node.outbox.put(1, Lane::Normal, content(1, 10));
    let script = Script::start(&node, "peer").await;
    let outcome = &node.outbox.settled(1).await[&1];
    assert!(matches!(outcome, TransferOutcome::Failed(r) if r.code == ErrorCode::PeerUnavailable), "{outcome:?}");
    drop(script.to);
    assert!(matches!(script.end.await.unwrap(), LinkEnd::Lost { .. }));
}

#[tokio::test]
async fn the_newer_link_wins() {
    let node = node("node", FakeInbound::new(), Limits::default());
    let mut older = Script::start(&node, "peer").await;
    node.wait_up("peer").await;
    node.outbox.put(1, Lane::Normal, content(1, LARGE));
    assert!(matches!(older.receive().await, Body::Offer(_)));

    let mut newer = Script::start(&node, "peer").await;
    let Body::Goodbye(goodbye) = older.receive().await else { panic!() };
    assert_eq!(goodbye.code, "");
    drop(older.to);
    assert_eq!(older.end.await.unwrap(), LinkEnd::Replaced);
    let outcome = &node.outbox.settled(1).await[&1];
    assert!(matches!(outcome, TransferOutcome::Failed(r) if r.code == ErrorCode::PeerUnavailable), "{outcome:?}");

    node.outbox.put(2, Lane::Normal, content(2, LARGE));
    assert!(matches!(newer.receive().await, Body::Offer(_)), "the newer one carries on");
    let (_, status) = node.links.statuses().remove(0);
    assert!(matches!(status.presence, Presence::Up { .. }), "{status:?}");
}

#[tokio::test]
async fn a_half_dead_link_does_not_hold_the_newer_one_up() {
    let node = node("node", FakeInbound::new(), Limits::default());
    // Nobody reads from the older one: its channel fills and its goodbye never leaves.
    let older = Script::start(&node, "peer").await;
    node.wait_up("peer").await;
    for claim in 0..10 {
        node.outbox.put(claim, Lane::Urgent, content(1, LARGE));
    }
    let mut newer = Script::start(&node, "peer").await;
    node.outbox.settled(4).await;
    node.outbox.put(100, Lane::Normal, content(2, LARGE));
    assert!(matches!(newer.receive().await, Body::Offer(_)));
    drop(older);
}

#[tokio::test]
async fn a_draining_neighbour_gets_no_more_offers() {
    let node = node("node", FakeInbound::new(), Limits::default());
    let mut script = Script::start(&node, "peer").await;
    script.send(Body::Draining(wire::relay_v1::Draining {})).await;
    // An answer to a later frame shows that the earlier one was read.
    script.send(Body::Offer(wire::relay_v1::Offer { transfer: 1, ..Default::default() })).await;
    assert!(matches!(script.receive().await, Body::OfferReply(_)));
    node.outbox.put(1, Lane::Normal, content(1, LARGE));
    drop(script.to);
    assert_eq!(script.from.recv().await, None, "the last frame was the answer");
    script.end.await.unwrap();
    assert_eq!(node.outbox.due() + node.outbox.settled_so_far().len(), 1, "not claimed, or settled");
}

#[tokio::test]
async fn a_stopping_receiver_finishes_what_is_under_way() {
    let left = node("left", FakeInbound::new(), Limits::default());
    let right = node("right", FakeInbound::blocked(), Limits::default());
    let drains = CancellationToken::new();
    let pair = join(&left, &right, open_tap(), tell_drain(&drains));
    left.outbox.put(1, Lane::Normal, content(1, LARGE));
    right.inbound.offers(1).await;
    right.stop.cancel();
    drains.cancelled().await;
    right.inbound.writes.close();
    assert!(matches!(left.outbox.settled(1).await[&1], TransferOutcome::Accepted(_)));
    assert_eq!(pair.right.await.unwrap(), LinkEnd::Stopped);
    let end = pair.left.await.unwrap();
    assert!(matches!(&end, LinkEnd::Farewell { reason: Some(r) } if r.code == ErrorCode::ShuttingDown), "{end:?}");
}

#[tokio::test]
async fn what_a_stopping_sender_cannot_finish_in_the_grace_time_is_given_up() {
    let left = node("left", FakeInbound::new(), Limits { grace: Duration::from_millis(5), ..Limits::default() });
    let right = node("right", FakeInbound::blocked(), Limits::default());
    let pair = join(&left, &right, open_tap(), open_tap());
    left.outbox.put(1, Lane::Normal, content(1, LARGE));
    right.inbound.offers(1).await;
    left.stop.cancel();
    let outcome = &left.outbox.settled(1).await[&1];
    assert!(matches!(outcome, TransferOutcome::Failed(r) if r.code == ErrorCode::ShuttingDown), "{outcome:?}");
    right.inbound.writes.close();
    assert_eq!(pair.left.await.unwrap(), LinkEnd::Stopped);
}

fn tell_drain(drains: &CancellationToken) -> Tap {
    let drains = drains.clone();
    Box::new(move |body| {
        if matches!(body, Body::Draining(_)) {
            drains.cancel();
        }
        true
    })
}
