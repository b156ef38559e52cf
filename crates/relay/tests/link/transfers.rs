use std::collections::HashMap;

use relay::{Limits, LinkEnd, TransferOutcome};
use types::{ErrorCode, Lane};
use wire::relay_v1::{OfferReply, frame::Body, offer_reply::Answer};

use crate::fakes::{FakeInbound, content, sha256};
use crate::pair::{join, node, open_tap, shared};

const KIB: usize = 1024;

fn is_accepted(outcome: &TransferOutcome) -> bool {
    matches!(outcome, TransferOutcome::Accepted(_))
}

#[tokio::test]
async fn a_cut_transfer_resumes_where_the_receiver_stopped() {
    let left = node("left", FakeInbound::new(), Limits::default());
    let right = node("right", FakeInbound::new(), Limits::default());
    let data = content(1, 8 * KIB * KIB);
    let digest = sha256(&data);
    left.outbox.put(1, Lane::Normal, data.clone());

    let mut sent = 0;
    let cut = Box::new(move |body: &Body| {
        if let Body::Chunk(chunk) = body {
            sent += chunk.data.len();
        }
        sent < 3 * KIB * KIB
    });
    let pair = join(&left, &right, cut, open_tap());
    let outcome = left.outbox.settled(1).await.remove(&1).unwrap();
    let TransferOutcome::Failed(reason) = outcome else { panic!("{outcome:?}") };
    assert_eq!(reason.code, ErrorCode::PeerUnavailable);
    assert!(matches!(pair.left.await.unwrap(), LinkEnd::Lost { .. }));
    assert!(matches!(pair.right.await.unwrap(), LinkEnd::Lost { .. }));
    let kept = right.inbound.kept(&digest);
    assert!(kept >= 2 * KIB * KIB, "{kept} bytes kept");

    let (counted, count) = shared::<usize>();
    let tap = Box::new(move |body: &Body| {
        if let Body::Chunk(chunk) = body {
            *count.lock().unwrap() += chunk.data.len();
        }
        true
    });
    left.outbox.put(2, Lane::Normal, data.clone());
    let _pair = join(&left, &right, tap, open_tap());
    assert!(is_accepted(&left.outbox.settled(2).await[&2]));
    assert_eq!(right.inbound.finished(&digest).unwrap(), data);
    assert_eq!(*counted.lock().unwrap(), data.len() - kept, "only the rest was sent");
    assert_eq!(*left.outbox.opened.lock().unwrap(), [(1, 0), (2, kept as u64)]);
}

#[tokio::test]
async fn what_was_accepted_before_is_not_sent_again() {
    let left = node("left", FakeInbound::new(), Limits::default());
    let right = node("right", FakeInbound::new(), Limits::default());
    let (chunks, count) = shared::<usize>();
    let tap = Box::new(move |body: &Body| {
        *count.lock().unwrap() += usize::from(matches!(body, Body::Chunk(_)));
        true
    });
    let _pair = join(&left, &right, tap, open_tap());
    left.outbox.put(1, Lane::Normal, content(1, 200 * KIB));
    assert!(is_accepted(&left.outbox.settled(1).await[&1]));
    left.outbox.put(2, Lane::Normal, content(1, 200 * KIB));
    assert!(is_accepted(&left.outbox.settled(2).await[&2]));
    assert_eq!(*chunks.lock().unwrap(), 1);
}

#[tokio::test]
async fn a_small_content_travels_with_its_offer() {
    let left = node("left", FakeInbound::new(), Limits::default());
    let right = node("right", FakeInbound::new(), Limits::default());
    let (seen, note) = shared::<Vec<bool>>();
    let tap = Box::new(move |body: &Body| {
        match body {
            Body::Offer(offer) => note.lock().unwrap().push(offer.inline.is_some()),
            Body::Chunk(_) | Body::Finished(_) => note.lock().unwrap().push(false),
            _ => {}
        }
        true
    });
    let _pair = join(&left, &right, tap, open_tap());
    let data = content(1, 64 * KIB);
    left.outbox.put(1, Lane::Normal, data.clone());
    assert!(is_accepted(&left.outbox.settled(1).await[&1]));
    assert_eq!(*seen.lock().unwrap(), [true]);
    assert_eq!(right.inbound.finished(&sha256(&data)).unwrap(), data);
}

#[tokio::test]
async fn an_inline_item_the_neighbour_does_not_take_inline_is_sent_in_chunks() {
    let left = node("left", FakeInbound::new(), Limits::default());
    let right = node("right", FakeInbound::new(), Limits { inline_max: 0, ..Limits::default() });
    let _pair = join(&left, &right, open_tap(), open_tap());
    let data = content(1, 10);
    let item = relay::Outgoing {
        claim: 1,
        offer: crate::fakes::offer(Lane::Normal, &data),
        content: relay::Content::Inline(data.clone()),
    };
    left.outbox.put_item(item);
    assert!(is_accepted(&left.outbox.settled(1).await[&1]));
    assert_eq!(right.inbound.finished(&sha256(&data)).unwrap(), data);
}

#[tokio::test]
async fn the_sender_never_exceeds_the_credit() {
    let limits = Limits { window: 600 * KIB as u64, ..Limits::default() };
    let left = node("left", FakeInbound::new(), Limits::default());
    let right = node("right", FakeInbound::new(), limits.clone());
    // Bytes that may still be sent, per transfer; the taps see each frame before its receiver does.
    let (credit, from_left) = shared::<HashMap<u64, u64>>();
    let from_right = std::sync::Arc::clone(&credit);
    let spend = Box::new(move |body: &Body| {
        if let Body::Chunk(chunk) = body {
            let mut credits = from_left.lock().unwrap();
            let left = credits.get_mut(&chunk.transfer).unwrap();
            *left = left.checked_sub(chunk.data.len() as u64).expect("within the credit");
        }
        true
    });
    let grant = Box::new(move |body: &Body| {
        let mut credits = from_right.lock().unwrap();
        match body {
            Body::OfferReply(OfferReply { transfer, answer: Some(Answer::SendFrom(from)) }) => {
                assert!(from.credit <= limits.window);
                credits.insert(*transfer, from.credit);
            }
            Body::Credit(more) => {
                let credit = credits.get_mut(&more.transfer).unwrap();
                *credit += more.bytes;
                assert!(*credit <= limits.window);
            }
            _ => {}
        }
        true
    });
    let _pair = join(&left, &right, spend, grant);
    for claim in 0..4 {
        left.outbox.put(claim, Lane::Normal, content(u8::try_from(claim).unwrap(), 5 * KIB * KIB));
    }
    assert!(left.outbox.settled(4).await.values().all(is_accepted));
    assert_eq!(credit.lock().unwrap().len(), 4);
}

#[tokio::test]
async fn blocked_large_transfers_do_not_delay_a_small_urgent_one() {
    let left = node("left", FakeInbound::new(), Limits::default());
    let right = node("right", FakeInbound::blocked(), Limits::default());
    let _pair = join(&left, &right, open_tap(), open_tap());
    for claim in 0..30 {
        left.outbox.put(claim, Lane::Normal, content(u8::try_from(claim).unwrap(), 300 * KIB));
    }
    right.inbound.offers(12).await;
    left.outbox.put(100, Lane::Express, content(100, 10 * KIB));
    left.outbox.put(101, Lane::Urgent, content(101, 300 * KIB));
    let settled = left.outbox.settled(2).await;
    assert!(is_accepted(&settled[&100]) && is_accepted(&settled[&101]), "{:?}", settled.keys());
    right.inbound.writes.close();
    assert!(left.outbox.settled(32).await.values().all(is_accepted));
}

#[tokio::test]
async fn an_urgent_transfer_overtakes_a_large_one_on_the_wire() {
    let left = node("left", FakeInbound::new(), Limits::default());
    let right = node("right", FakeInbound::new(), Limits::default());
    let (order, note) = shared::<Vec<u64>>();
    let started = std::sync::Arc::new(tokio::sync::Notify::new());
    let tell = std::sync::Arc::clone(&started);
    let tap = Box::new(move |body: &Body| {
        match body {
            Body::Chunk(_) => tell.notify_one(),
            Body::Finished(finished) => note.lock().unwrap().push(finished.transfer),
            _ => {}
        }
        true
    });
    let _pair = join(&left, &right, tap, open_tap());
    left.outbox.put(1, Lane::Normal, content(1, 64 * KIB * KIB));
    started.notified().await;
    left.outbox.put(2, Lane::Express, content(2, KIB * KIB));
    assert!(left.outbox.settled(2).await.values().all(is_accepted));
    assert_eq!(*order.lock().unwrap(), [2, 1]);
}
