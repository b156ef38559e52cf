//! Any order of frames: no panic, and never more under way than was promised.

use std::collections::HashMap;

use proptest::prelude::*;
use wire::types_v1::Receipt;

use super::*;
use crate::convert::{offer_to_wire, tests::offer as sample};

/// A frame of the other side, or a deed of this one; numbers are small so that they meet.
#[derive(Clone, Debug)]
enum Step {
    Frame(u8, u64, u64, u64),
    SendFrom(u64, u64),
    Written,
    Accept(u64),
    Refuse(u64),
    Offer(u64),
    Send(u64),
    Withdraw(u64),
    Drain,
}

fn step() -> impl Strategy<Value = Step> {
    let (transfer, bytes) =
        (prop_oneof![Just(1), 0..6u64], prop_oneof![3 => 0..40u64, 1 => Just(4096), 1 => Just(u64::MAX)]);
    prop_oneof![
        8 => (Just(7u8), transfer.clone(), Just(0), 1..32u64).prop_map(|(kind, t, a, b)| Step::Frame(kind, t, a, b)),
        8 => (0..14u8, transfer.clone(), bytes.clone(), bytes.clone())
            .prop_map(|(kind, t, a, b)| Step::Frame(kind, t, a, b)),
        3 => (transfer.clone(), bytes.clone()).prop_map(|(t, a)| Step::SendFrom(t, a)),
        4 => Just(Step::Written),
        1 => transfer.clone().prop_map(Step::Accept),
        1 => transfer.clone().prop_map(Step::Refuse),
        2 => bytes.prop_map(Step::Offer),
        2 => transfer.clone().prop_map(Step::Send),
        1 => transfer.prop_map(Step::Withdraw),
        1 => prop::bool::weighted(0.1).prop_map(|is_drain| if is_drain { Step::Drain } else { Step::Written }),
    ]
}

fn body(kind: u8, transfer: u64, a: u64, b: u64) -> Option<Body> {
    let data = |count: u64| Bytes::from(vec![0; usize::try_from(count.min(5000)).unwrap()]);
    let offer = |inline| Body::Offer(offer_to_wire(&Offer { length: a, ..sample() }, transfer, inline));
    let reply = |answer| Body::OfferReply(pb::OfferReply { transfer, answer });
    Some(match kind {
        0 | 1 => offer(None),
        2 => offer(Some(data(b))),
        3 | 4 => reply(Some(pb::offer_reply::Answer::SendFrom(pb::SendFrom { offset: a, credit: b }))),
        5 => reply(None),
        6 | 7 => Body::Chunk(pb::Chunk { transfer, offset: a, data: data(b) }),
        8 => Body::Credit(pb::Credit { transfer, bytes: a }),
        9 => Body::Finished(pb::Finished { transfer }),
        10 => Body::Withdrawn(pb::Withdrawn { transfer, code: String::new() }),
        11 => Body::Accepted(pb::Accepted { transfer, acceptance: None }),
        12 => Body::Refused(pb::Refused { transfer, refusal: None }),
        _ => return None,
    })
}

/// The other side's books: credit it holds, the place of its next chunk, and what this side has not written.
#[derive(Default)]
struct Ledger {
    credit: HashMap<u64, u64>,
    next: HashMap<u64, u64>,
    unwritten: Vec<(u64, u64)>,
}

const WINDOW: u64 = 64;

impl Ledger {
    fn granted(&mut self, frame: Option<pb::Frame>) {
        let (transfer, bytes) = match frame.and_then(|frame| frame.body) {
            Some(Body::Credit(credit)) => (credit.transfer, credit.bytes),
            Some(Body::OfferReply(pb::OfferReply {
                transfer,
                answer: Some(pb::offer_reply::Answer::SendFrom(from)),
            })) => {
                self.next.insert(transfer, from.offset);
                (transfer, from.credit)
            }
            _ => return,
        };
        let waiting: u64 = self.unwritten.iter().filter(|(id, _)| *id == transfer).map(|(_, bytes)| bytes).sum();
        let credit = self.credit.entry(transfer).or_default();
        *credit += bytes;
        assert!(*credit + waiting <= WINDOW, "transfer {transfer}: {credit} and {waiting} under way");
    }

    fn wrote(&mut self, transfer: u64, bytes: u64) {
        let credit = self.credit.get_mut(&transfer).expect("credit was given");
        *credit = credit.checked_sub(bytes).expect("only what had credit is taken");
        *self.next.entry(transfer).or_default() += bytes;
        self.unwritten.push((transfer, bytes));
    }
}

proptest! {
    #[test]
    fn no_order_of_frames_and_deeds_panics_or_breaks_the_window(steps in prop::collection::vec(step(), 0..120)) {
        let theirs = Limits { incoming_max: 3, ..Limits::default() };
        let ours = Limits { chunk_max: 32, window: WINDOW, window_link: WINDOW, ..theirs.clone() };
        let (mut state, _) = LinkState::new(&"a".parse().unwrap(), &ours);
        state.on_frame(LinkState::new(&"b".parse().unwrap(), &theirs).1).unwrap();
        let acceptance = Acceptance { receipt: Receipt::default(), refused: Vec::new() };
        let mut ledger = Ledger::default();
        // A transfer under way to begin with, or few orders would get to one.
        let begin = [Step::Frame(0, 1, 4096, 0), Step::SendFrom(1, 0)];
        for step in begin.into_iter().chain(steps) {
            match step {
                Step::Frame(kind, transfer, a, b) => {
                    // Most chunks come in order, or few would get far.
                    let a = if kind == 7 { ledger.next.get(&transfer).copied().unwrap_or(a) } else { a };
                    let frame = pb::Frame { body: body(kind, transfer, a, b) };
                    if let Ok(Action::Write { transfer, data }) = state.on_frame(frame) {
                        ledger.wrote(transfer, data.len() as u64);
                    }
                }
                Step::SendFrom(transfer, offset) => ledger.granted(state.send_from(transfer, offset)),
                Step::Written => {
                    if let Some((transfer, bytes)) = ledger.unwritten.pop() {
                        ledger.granted(state.written(transfer, bytes));
                    }
                }
                Step::Accept(transfer) => drop(state.accept(transfer, &acceptance)),
                Step::Refuse(transfer) => drop(state.refuse(transfer, &Refusal::new(ErrorCode::Internal, ""))),
                Step::Offer(length) => drop(state.offer(&Offer { length, ..sample() }, None)),
                Step::Send(transfer) => {
                    let count = state.sendable(transfer);
                    prop_assert_eq!(state.chunk(transfer, Bytes::from(vec![0; count])).is_some(), count > 0);
                    drop(state.finish(transfer));
                }
                Step::Withdraw(transfer) => drop(state.withdraw(transfer, ErrorCode::LeaseLost)),
                Step::Drain => drop(state.drain()),
            }
        }
    }
}
