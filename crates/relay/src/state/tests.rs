use wire::types_v1::Receipt;

use super::*;
use crate::convert::{acceptance_to_wire, offer_to_wire, refusal_to_wire, tests::offer as sample};

fn limits() -> Limits {
    Limits {
        chunk_max: 4096,
        window: 16_384,
        window_link: 20_000,
        incoming_max: 2,
        inline_max: 100,
        ..Limits::default()
    }
}

fn hello() -> pb::Hello {
    pb::Hello {
        node: "tinh-1".into(),
        version_min: 1,
        version_max: 1,
        features: vec!["later".into()],
        chunk_max: 8192,
        inline_max: 64,
        transfers_max: 3,
    }
}

fn greeted() -> LinkState {
    let (mut state, _) = LinkState::new(&"xa-1".parse().unwrap(), &limits());
    state.on_frame(frame(Body::Hello(hello()))).unwrap();
    state
}

fn sized(length: u64) -> Offer {
    Offer { length, ..sample() }
}

fn acceptance() -> Acceptance {
    Acceptance { receipt: Receipt { payload: b"{}".to_vec(), signature: "a..b".into() }, refused: Vec::new() }
}

fn offered(transfer: u64, length: u64) -> Body {
    Body::Offer(offer_to_wire(&sized(length), transfer, None))
}

fn inline(transfer: u64, length: u64, data: &'static [u8]) -> Body {
    Body::Offer(offer_to_wire(&sized(length), transfer, Some(Bytes::from_static(data))))
}

fn chunk(transfer: u64, offset: u64, count: usize) -> Body {
    Body::Chunk(pb::Chunk { transfer, offset, data: Bytes::from(vec![0; count]) })
}

fn send_from(transfer: u64, offset: u64, credit: u64) -> Body {
    let answer = Some(pb::offer_reply::Answer::SendFrom(pb::SendFrom { offset, credit }));
    Body::OfferReply(pb::OfferReply { transfer, answer })
}

fn accepted(transfer: u64) -> Body {
    Body::Accepted(pb::Accepted { transfer, acceptance: Some(acceptance_to_wire(&acceptance())) })
}

fn refused(transfer: u64) -> Body {
    Body::Refused(pb::Refused { transfer, refusal: Some(refusal_to_wire(&Refusal::new(ErrorCode::Overloaded, ""))) })
}

fn credit(transfer: u64, bytes: u64) -> Body {
    Body::Credit(pb::Credit { transfer, bytes })
}

fn finished(transfer: u64) -> Body {
    Body::Finished(pb::Finished { transfer })
}

fn withdrawn(transfer: u64) -> Body {
    Body::Withdrawn(pb::Withdrawn { transfer, code: "lease_lost".into() })
}

fn feed(state: &mut LinkState, body: Body) -> Result<Action, Violation> {
    state.on_frame(frame(body))
}

/// A link on which the other side sends transfer 1 of `length` bytes.
fn receiving(length: u64) -> LinkState {
    let mut state = greeted();
    feed(&mut state, offered(1, length)).unwrap();
    state.send_from(1, 0).unwrap();
    state
}

/// A link on which this side sends transfer 1 of `length` bytes with `credit`.
fn sending(length: u64, credit: u64) -> LinkState {
    let mut state = greeted();
    state.offer(&sized(length), None).unwrap();
    feed(&mut state, send_from(1, 0, credit)).unwrap();
    state
}

fn credit_of(frame: Option<pb::Frame>) -> Option<u64> {
    match frame?.body? {
        Body::Credit(credit) => Some(credit.bytes),
        Body::OfferReply(pb::OfferReply { answer: Some(pb::offer_reply::Answer::SendFrom(from)), .. }) => {
            Some(from.credit)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn hello_settles_version_and_limits() {
    let (mut state, _) = LinkState::new(&"xa-1".parse().unwrap(), &limits());
    let later = pb::Hello { version_max: 7, ..hello() };
    let Ok(Action::Greeted(peer)) = feed(&mut state, Body::Hello(later)) else { panic!() };
    assert_eq!((peer.version, peer.chunk_max, peer.inline_max, peer.transfers_max), (1, 4096, 64, 3));
    assert_eq!(peer.node.as_str(), "tinh-1");
}

#[test]
fn a_bad_hello_ends_the_link() {
    let check = |change: fn(&mut pb::Hello), expected: ErrorCode| {
        let (mut state, _) = LinkState::new(&"xa-1".parse().unwrap(), &limits());
        let mut hello = hello();
        change(&mut hello);
        assert_eq!(feed(&mut state, Body::Hello(hello)).unwrap_err().code(), expected);
    };
    check(|h| (h.version_min, h.version_max) = (2, 3), ErrorCode::Unsupported);
    check(|h| h.version_max = 0, ErrorCode::Unsupported);
    check(|h| h.chunk_max = 1, ErrorCode::ProtocolViolation);
    check(|h| h.chunk_max = u32::MAX, ErrorCode::ProtocolViolation);
    check(|h| h.transfers_max = 0, ErrorCode::ProtocolViolation);
    check(|h| h.node = "a b".into(), ErrorCode::ProtocolViolation);
}

#[test]
fn every_violation_is_told_apart() {
    fn check(mut state: LinkState, body: Body, expected: Violation) {
        assert_eq!(feed(&mut state, body), Err(expected));
    }
    let out_of_turn = |frame| Violation::OutOfTurn { frame, transfer: 1 };
    let unknown = |frame| Violation::UnknownTransfer { frame, transfer: 9 };
    let (silent, _) = LinkState::new(&"xa-1".parse().unwrap(), &limits());
    check(silent, offered(1, 1), Violation::HelloMissing);
    check(greeted(), Body::Hello(hello()), Violation::HelloRepeated);
    // offers
    check(greeted(), offered(0, 1), Violation::TransferNotRising { transfer: 0, last: 0 });
    check(receiving(9), offered(1, 1), Violation::TransferNotRising { transfer: 1, last: 1 });
    let mut full = receiving(9);
    feed(&mut full, offered(2, 1)).unwrap();
    check(full, offered(3, 1), Violation::TooManyTransfers { max: 2 });
    check(greeted(), inline(1, 2, b"abc"), Violation::InlineLength { found: 3, declared: 2, max: 100 });
    check(greeted(), inline(1, 101, &[0; 101]), Violation::InlineLength { found: 101, declared: 101, max: 100 });
    // content
    for (body, name) in [(chunk(9, 0, 1), "Chunk"), (finished(9), "Finished"), (withdrawn(9), "Withdrawn")] {
        check(receiving(9), body, unknown(name));
    }
    check(receiving(9), chunk(1, 0, 0), Violation::ChunkLength { found: 0, max: 4096 });
    check(receiving(9000), chunk(1, 0, 4097), Violation::ChunkLength { found: 4097, max: 4096 });
    check(receiving(9), chunk(1, 1, 1), Violation::ChunkOffset { found: 1, expected: 0 });
    check(receiving(9), chunk(1, 0, 10), Violation::ContentLength { found: 10, declared: 9 });
    check(receiving(9), finished(1), Violation::ContentLength { found: 0, declared: 9 });
    let mut undecided = greeted();
    feed(&mut undecided, offered(1, 9)).unwrap();
    check(undecided, chunk(1, 0, 1), out_of_turn("Chunk"));
    let mut committing = receiving(0);
    feed(&mut committing, finished(1)).unwrap();
    check(committing, finished(1), out_of_turn("Finished"));
    let mut small = greeted();
    feed(&mut small, inline(1, 3, b"abc")).unwrap();
    check(small, withdrawn(1), out_of_turn("Withdrawn"));
    // answers
    for (body, name) in [
        (send_from(9, 0, 1), "OfferReply"),
        (credit(9, 1), "Credit"),
        (accepted(9), "Accepted"),
        (refused(9), "Refused"),
    ] {
        check(sending(9, 9), body, unknown(name));
    }
    check(sending(9, 9), send_from(1, 0, 1), out_of_turn("OfferReply"));
    check(sending(9, 9), accepted(1), out_of_turn("Accepted"));
    check(sending(9, 9), credit(1, 0), Violation::CreditInvalid { bytes: 0 });
    check(sending(9, 9), credit(1, u64::MAX), Violation::CreditInvalid { bytes: u64::MAX });
    let mut waiting = greeted();
    waiting.offer(&sized(9), None).unwrap();
    check(waiting, send_from(1, 10, 1), Violation::OffsetBeyondEnd { offset: 10, length: 9 });
    let mut waiting = greeted();
    waiting.offer(&sized(9), None).unwrap();
    check(waiting, credit(1, 1), out_of_turn("Credit"));
    let mut small = greeted();
    small.offer(&sized(3), Some(Bytes::from_static(b"abc"))).unwrap();
    check(small, send_from(1, 0, 3), out_of_turn("SendFrom"));
    let mut waiting = greeted();
    waiting.offer(&sized(9), None).unwrap();
    let empty = Body::OfferReply(pb::OfferReply { transfer: 1, answer: None });
    assert!(matches!(feed(&mut waiting, empty), Err(Violation::Malformed { frame: "OfferReply", .. })));
    let mut sent = sending(0, 0);
    sent.finish(1).unwrap();
    let unproved = Body::Accepted(pb::Accepted { transfer: 1, acceptance: None });
    assert!(matches!(feed(&mut sent, unproved), Err(Violation::Malformed { frame: "Accepted", .. })));
}

#[test]
fn a_chunk_over_the_credit_is_a_violation() {
    let mut state = receiving(1_000_000);
    for part in 0..4 {
        feed(&mut state, chunk(1, part * 4096, 4096)).unwrap();
    }
    let found = feed(&mut state, chunk(1, 16_384, 1));
    assert_eq!(found, Err(Violation::CreditExceeded { found: 1, credit: 0 }));
}

#[test]
fn many_tiny_chunks_are_a_violation() {
    let mut state = receiving(1_000_000);
    for offset in 0..u64::from(CHUNKS_MAX) {
        feed(&mut state, chunk(1, offset, 1)).unwrap();
    }
    assert_eq!(feed(&mut state, chunk(1, 256, 1)), Err(Violation::TooManyChunks { max: CHUNKS_MAX }));
}

#[test]
fn frames_that_cross_the_end_of_a_transfer_are_ignored() {
    let mut state = receiving(9);
    state.refuse(1, &Refusal::new(ErrorCode::DiskReserve, "")).unwrap();
    for body in [chunk(1, 0, 9), finished(1), withdrawn(1)] {
        assert_eq!(feed(&mut state, body), Ok(Action::Ignore));
    }
    let mut state = sending(9, 9);
    state.withdraw(1, ErrorCode::LeaseLost).unwrap();
    for body in [credit(1, 9), accepted(1), refused(1)] {
        assert_eq!(feed(&mut state, body), Ok(Action::Ignore));
    }
    assert!(state.is_idle());
}

#[test]
fn a_frame_of_a_later_version_is_ignored() {
    assert_eq!(greeted().on_frame(pb::Frame { body: None }), Ok(Action::Ignore));
}

#[test]
fn an_offer_that_does_not_parse_is_refused_and_the_link_stays() {
    let mut state = greeted();
    let mut wire = offer_to_wire(&sample(), 1, None);
    wire.sender.clear();
    let Ok(Action::Reply(reply)) = feed(&mut state, Body::Offer(wire)) else { panic!() };
    assert!(format!("{reply:?}").contains("invalid_argument"), "{reply:?}");
    assert!(matches!(feed(&mut state, offered(2, 1)), Ok(Action::Decide { transfer: 2, .. })));
}

#[test]
fn credit_comes_back_by_the_quarter_and_never_beyond_the_content() {
    let mut state = greeted();
    feed(&mut state, offered(1, 22_000)).unwrap();
    assert_eq!(credit_of(state.send_from(1, 0)), Some(16_384));
    feed(&mut state, chunk(1, 0, 4000)).unwrap();
    assert_eq!(credit_of(state.written(1, 4000)), None, "less than a quarter of the window");
    feed(&mut state, chunk(1, 4000, 96)).unwrap();
    assert_eq!(credit_of(state.written(1, 96)), Some(4096));
    feed(&mut state, chunk(1, 4096, 4096)).unwrap();
    assert_eq!(credit_of(state.written(1, 4096)), Some(22_000 - 16_384 - 4096), "only what is left");
    feed(&mut state, chunk(1, 8192, 4096)).unwrap();
    assert_eq!(credit_of(state.written(1, 4096)), None, "all of the content has its credit");
}

#[test]
fn all_transfers_share_the_window_of_the_link_and_each_has_a_chunk() {
    let mut state = receiving(1_000_000);
    feed(&mut state, offered(2, 1_000_000)).unwrap();
    assert_eq!(credit_of(state.send_from(2, 0)), Some(4096), "16,384 of 20,000 are taken");
}

#[test]
fn a_resumed_transfer_goes_on_at_the_offset() {
    let mut state = greeted();
    state.offer(&sized(100), None).unwrap();
    assert_eq!(feed(&mut state, send_from(1, 60, 30)), Ok(Action::Read { transfer: 1, offset: 60 }));
    assert_eq!(state.sendable(1), 30);
    let Some(Body::Chunk(sent)) = state.chunk(1, Bytes::from(vec![0; 30])).unwrap().body else { panic!() };
    assert_eq!(sent.offset, 60);
    assert!(state.chunk(1, Bytes::from(vec![0; 1])).is_none(), "no credit");
    assert!(state.finish(1).is_none(), "ten bytes are left");
    assert_eq!(feed(&mut state, credit(1, 10)), Ok(Action::Credited { transfer: 1 }));
    state.chunk(1, Bytes::from(vec![0; 10])).unwrap();
    assert!(state.finish(1).is_some());
    assert!(state.finish(1).is_none(), "said once");
    let settled = feed(&mut state, accepted(1)).unwrap();
    assert_eq!(settled, Action::Settle { transfer: 1, outcome: TransferOutcome::Accepted(acceptance()) });
    assert!(state.is_idle());
}

#[test]
fn what_is_wholly_sent_is_not_withdrawn() {
    let mut state = sending(0, 0);
    state.finish(1).unwrap();
    assert!(state.withdraw(1, ErrorCode::LeaseLost).is_none());
    assert!(!state.is_idle(), "the answer is still to come");
}

#[test]
fn abandoned_transfers_count_until_they_are_over() {
    let mut state = receiving(9);
    assert_eq!(feed(&mut state, withdrawn(1)), Ok(Action::Abandon { transfer: 1 }));
    feed(&mut state, offered(2, 1)).unwrap();
    let Ok(Action::Reply(reply)) = feed(&mut state, offered(3, 1)) else { panic!("not a violation: one is abandoned") };
    assert!(format!("{reply:?}").contains("overloaded"), "{reply:?}");
    assert!(state.refuse(1, &Refusal::new(ErrorCode::Internal, "")).is_none(), "nobody waits for it");
    assert!(matches!(feed(&mut state, offered(4, 1)), Ok(Action::Decide { .. })));
}

#[test]
fn a_draining_side_refuses_offers_and_finishes_transfers() {
    let mut state = receiving(4);
    state.drain();
    let Ok(Action::Reply(reply)) = feed(&mut state, offered(2, 1)) else { panic!() };
    assert!(format!("{reply:?}").contains("shutting_down"), "{reply:?}");
    feed(&mut state, chunk(1, 0, 4)).unwrap();
    feed(&mut state, finished(1)).unwrap();
    assert!(state.accept(1, &acceptance()).is_some());
    assert!(state.is_idle());
}

#[test]
fn an_offer_too_large_for_a_message_is_not_made() {
    let not_checked = vec!["x".repeat(FRAME_MAX)];
    let report = wire::types_v1::SignatureReport { not_checked, ..Default::default() };
    let large = Offer { report: Some(report), ..sample() };
    assert_eq!(greeted().offer(&large, None).unwrap_err().code(), ErrorCode::LimitExceeded);
}

#[test]
fn goodbye_carries_its_reason() {
    let Ok(Action::End(reason)) = greeted().on_frame(goodbye(Some(ErrorCode::ShuttingDown), "bye")) else { panic!() };
    assert_eq!(reason, Some(Reason::new(ErrorCode::ShuttingDown, "bye")));
    assert_eq!(greeted().on_frame(goodbye(None, "")), Ok(Action::End(None)));
}
