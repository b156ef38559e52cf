use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use relay::{
    Content, Inbound, Limits, Offer, OfferDecision, Outgoing, Reason, RecipientRefusal, Refusal, TransferOutcome,
};
use types::{ErrorCode, Lane, NeighbourId};

use crate::fakes::{FakeInbound, content, offer, sha256};
use crate::pair::{join, node, node_with, open_tap};

const LARGE: usize = 300 * 1024;

async fn outcome(right: Arc<FakeInbound>, size: usize) -> TransferOutcome {
    let left = node("left", FakeInbound::new(), Limits::default());
    let right = node("right", right, Limits::default());
    let _pair = join(&left, &right, open_tap(), open_tap());
    left.outbox.put(1, Lane::Normal, content(1, size));
    left.outbox.settled(1).await.remove(&1).unwrap()
}

#[tokio::test]
async fn a_refused_recipient_comes_back_by_name_and_the_others_are_accepted() {
    let refusal =
        RecipientRefusal { recipient: "H51.16".parse().unwrap(), reason: Reason::new(ErrorCode::NoRoute, "no way") };
    for size in [10, LARGE] {
        let right = FakeInbound::new();
        right.partly.lock().unwrap().push(refusal.clone());
        let TransferOutcome::Accepted(acceptance) = outcome(right, size).await else { panic!() };
        assert_eq!(acceptance.refused.as_slice(), std::slice::from_ref(&refusal));
    }
}

#[tokio::test]
async fn a_refusal_of_a_recipient_that_was_not_offered_is_dropped() {
    let right = FakeInbound::new();
    let stranger = RecipientRefusal { recipient: "G22".parse().unwrap(), reason: Reason::new(ErrorCode::NoRoute, "") };
    right.partly.lock().unwrap().push(stranger);
    let TransferOutcome::Accepted(acceptance) = outcome(right, 10).await else { panic!() };
    assert!(acceptance.refused.is_empty());
}

#[tokio::test]
async fn a_refused_offer_says_why() {
    for size in [10, LARGE] {
        let right = FakeInbound::refusing(|_| Some(Refusal::new(ErrorCode::DiskReserve, "full")));
        let TransferOutcome::Refused(refusal) = outcome(right, size).await else { panic!() };
        assert_eq!(refusal, Refusal::new(ErrorCode::DiskReserve, "full"));
        assert!(refusal.reason.retryable);
    }
}

#[tokio::test]
async fn a_content_that_is_not_what_was_offered_is_refused() {
    for size in [10, LARGE] {
        let left = node("left", FakeInbound::new(), Limits::default());
        let right = node("right", FakeInbound::new(), Limits::default());
        let _pair = join(&left, &right, open_tap(), open_tap());
        let data = content(1, size);
        let mut other = offer(Lane::Normal, &data);
        other.digest = sha256(b"another");
        left.outbox.put_item(Outgoing { claim: 1, offer: other, content: Content::Inline(data) });
        let outcome = left.outbox.settled(1).await.remove(&1).unwrap();
        let TransferOutcome::Refused(refusal) = outcome else { panic!("{outcome:?}") };
        assert_eq!(refusal.reason.code, ErrorCode::DigestMismatch);
    }
}

#[tokio::test]
async fn a_content_that_cannot_be_read_fails_that_item_alone() {
    let left = node("left", FakeInbound::new(), Limits::default());
    let right = node("right", FakeInbound::new(), Limits::default());
    for (claim, size) in [(1, 10), (2, LARGE)] {
        left.outbox.put(claim, Lane::Normal, content(1, size));
        left.outbox.lose(claim);
    }
    left.outbox.put(3, Lane::Normal, content(3, LARGE));
    let _pair = join(&left, &right, open_tap(), open_tap());
    let settled = left.outbox.settled(3).await;
    for claim in [1, 2] {
        assert!(matches!(&settled[&claim], TransferOutcome::Failed(r) if r.code == ErrorCode::StoreDamaged));
    }
    assert!(matches!(settled[&3], TransferOutcome::Accepted(_)));
}

#[tokio::test]
async fn a_content_shorter_than_recorded_fails() {
    let left = node("left", FakeInbound::new(), Limits::default());
    let right = node("right", FakeInbound::new(), Limits::default());
    let _pair = join(&left, &right, open_tap(), open_tap());
    for (claim, size) in [(1, 100), (2, LARGE as u64)] {
        let data = content(1, 10);
        let long = Offer { length: size, ..offer(Lane::Normal, &data) };
        left.outbox.put_item(Outgoing { claim, offer: long, content: Content::Inline(data) });
    }
    for outcome in left.outbox.settled(2).await.into_values() {
        assert!(matches!(&outcome, TransferOutcome::Failed(r) if r.code == ErrorCode::StoreDamaged), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_lost_lease_withdraws_the_transfer_and_its_part_stays() {
    let limits = Limits { extend_every: Duration::from_millis(5), ..Limits::default() };
    let left = node("left", FakeInbound::new(), limits);
    let right = node("right", FakeInbound::blocked(), Limits::default());
    let _pair = join(&left, &right, open_tap(), open_tap());
    let data = content(1, 8 * 1024 * 1024);
    left.outbox.put(1, Lane::Normal, data.clone());
    right.inbound.offers(1).await;
    right.inbound.writes.add_permits(4);
    *left.outbox.lease_lost.lock().unwrap() = Some(Reason::new(ErrorCode::LeaseLost, "another has it"));
    let outcome = left.outbox.settled(1).await.remove(&1).unwrap();
    assert!(matches!(&outcome, TransferOutcome::Failed(r) if r.code == ErrorCode::LeaseLost), "{outcome:?}");

    *left.outbox.lease_lost.lock().unwrap() = None;
    right.inbound.writes.close();
    left.outbox.put(2, Lane::Normal, data.clone());
    assert!(matches!(left.outbox.settled(2).await[&2], TransferOutcome::Accepted(_)));
    assert_eq!(right.inbound.finished(&sha256(&data)).unwrap(), data);
}

/// A node whose inbound side is broken.
struct Panics;

#[async_trait]
impl Inbound for Panics {
    async fn offer(&self, _: &NeighbourId, _: Offer) -> OfferDecision {
        panic!("on purpose")
    }
}

#[tokio::test]
async fn a_panic_of_the_receiver_refuses_that_item_for_a_later_try() {
    let left = node("left", FakeInbound::new(), Limits::default());
    let right = node_with("right", FakeInbound::new(), Arc::new(Panics), Limits::default());
    let _pair = join(&left, &right, open_tap(), open_tap());
    left.outbox.put(1, Lane::Normal, content(1, LARGE));
    let outcome = left.outbox.settled(1).await.remove(&1).unwrap();
    assert!(matches!(&outcome, TransferOutcome::Refused(r) if r.reason.code == ErrorCode::Internal), "{outcome:?}");
}
