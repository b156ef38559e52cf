use futures_util::FutureExt as _;

use super::*;
use crate::{Acceptance, Reason, Refusal};

fn pace() -> Arc<Pace> {
    let (window, circuit) = (WindowRule::default(), CircuitRule::default());
    Arc::new(Pace::new("tinh-h48".parse().unwrap(), window, circuit, watch::Sender::default()))
}

fn refused(code: ErrorCode) -> TransferOutcome {
    TransferOutcome::Refused(Refusal::new(code, "no"))
}

fn accepted() -> TransferOutcome {
    TransferOutcome::Accepted(Acceptance { receipt: Default::default(), refused: Vec::new() })
}

fn lost() -> TransferOutcome {
    TransferOutcome::Failed(Reason::new(ErrorCode::PeerUnavailable, "the link ended"))
}

fn carry_all(pace: &Arc<Pace>, count: usize, outcome: &TransferOutcome) {
    let under_way: Vec<_> = (0..count).map(|_| pace.start(PlaceKind::Ordinary)).collect();
    under_way.into_iter().for_each(|one| one.end(outcome));
}

fn room(pace: &Pace, kind: PlaceKind) -> Option<usize> {
    pace.room(kind, &CancellationToken::new()).now_or_never().flatten()
}

#[tokio::test]
async fn a_neighbour_that_keeps_up_gets_more_at_a_time() {
    let pace = pace();
    (0..50).for_each(|_| carry_all(&pace, 4, &accepted()));
    assert!(room(&pace, PlaceKind::Ordinary).unwrap() > 4);
}

#[tokio::test]
async fn a_neighbour_with_too_much_to_do_gets_half_and_keeps_its_urgent_places() {
    let pace = pace();
    carry_all(&pace, 1, &refused(ErrorCode::Overloaded));
    assert_eq!(room(&pace, PlaceKind::Ordinary), Some(2));
    assert_eq!(room(&pace, PlaceKind::Urgent), Some(usize::MAX));
}

#[tokio::test]
async fn a_refusal_of_a_packet_says_nothing_of_what_the_neighbour_can_take() {
    let pace = pace();
    carry_all(&pace, 4, &refused(ErrorCode::SignatureInvalid));
    carry_all(&pace, 4, &refused(ErrorCode::RevocationUnknown));
    assert_eq!(room(&pace, PlaceKind::Ordinary), Some(4));
}

#[tokio::test]
async fn a_full_window_waits_until_one_has_ended() {
    let pace = pace();
    let mut under_way: Vec<_> = (0..4).map(|_| pace.start(PlaceKind::Ordinary)).collect();
    let stop = CancellationToken::new();
    let mut waiting = std::pin::pin!(pace.room(PlaceKind::Ordinary, &stop));
    assert_eq!(waiting.as_mut().now_or_never(), None);
    under_way.pop().unwrap().end(&accepted());
    assert_eq!(waiting.await, Some(1));
}

#[tokio::test]
async fn a_neighbour_that_takes_nothing_is_left_alone_then_probed_with_one() {
    let pace = pace();
    carry_all(&pace, 5, &refused(ErrorCode::DiskReserve));
    assert_eq!(room(&pace, PlaceKind::Ordinary), None);
    assert_eq!(room(&pace, PlaceKind::Urgent), None, "an urgent one would be refused too");
    assert!(matches!(pace.status.borrow().pace.circuit, CircuitState::Open { .. }));
    pace.shows_life();
    assert_eq!(room(&pace, PlaceKind::Ordinary), Some(1));
    assert_eq!(room(&pace, PlaceKind::Ordinary), None, "one probe at a time");
    carry_all(&pace, 1, &accepted());
    assert_eq!(room(&pace, PlaceKind::Urgent), Some(usize::MAX));
    assert_eq!(pace.status.borrow().pace.circuit, CircuitState::Closed);
}

#[tokio::test]
async fn packets_lost_with_one_link_are_one_failure() {
    let pace = pace();
    let end = LinkEnd::Lost { text: "gone".to_owned() };
    for _ in 0..4 {
        carry_all(&pace, 4, &lost());
        pace.link_ended(&end);
    }
    assert_eq!(pace.status.borrow().pace.circuit, CircuitState::Closed);
    carry_all(&pace, 4, &lost());
    pace.link_ended(&end);
    assert!(matches!(pace.status.borrow().pace.circuit, CircuitState::Open { .. }));
}

#[tokio::test]
async fn a_link_that_this_side_ends_is_no_failure() {
    let pace = pace();
    for _ in 0..20 {
        carry_all(&pace, 4, &lost());
        pace.link_ended(&LinkEnd::Replaced);
    }
    assert_eq!(pace.status.borrow().pace.circuit, CircuitState::Closed);
}
