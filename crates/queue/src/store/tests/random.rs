//! Any sequence of operations leaves records that fit together, and ends with every document settled.

use delivery::State;
use proptest::prelude::*;
use types::{ErrorCode, Lane};

use super::support::*;
use crate::engine::fake::Cut;
use crate::{Accept, Confirm, Hold, HoldNote, InboxQuery, ItemId, NoteKind, Order, Plan, Seq, Start, Started};

#[derive(Clone, Debug)]
enum Act {
    Accept { id: u8, about: Option<u8>, recipients: u8, lane: u8, hold: bool, revokes: bool },
    Extend { id: u8, recipients: u8, hold: bool },
    Release { of: u8 },
    Refuse { of: u8 },
    StartReady { max: u8 },
    Settle { outcomes: u8 },
    Lapse,
    Order { of: u8, recipient: u8, order: u8 },
    Confirm,
    Wait { seconds: u64 },
    Purge,
    Restart,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        5 => (0..12_u8, proptest::option::of(0..12_u8), 1..16_u8, 0..4_u8, any::<bool>(), any::<bool>()).prop_map(
            |(id, about, recipients, lane, hold, revokes)| Act::Accept { id, about, recipients, lane, hold, revokes }
        ),
        1 => (0..12_u8, 1..16_u8, any::<bool>())
            .prop_map(|(id, recipients, hold)| Act::Extend { id, recipients, hold }),
        2 => (0..12_u8).prop_map(|of| Act::Release { of }),
        1 => (0..12_u8).prop_map(|of| Act::Refuse { of }),
        2 => (1..4_u8).prop_map(|max| Act::StartReady { max }),
        4 => any::<u8>().prop_map(|outcomes| Act::Settle { outcomes }),
        1 => Just(Act::Lapse),
        3 => (0..12_u8, 0..4_u8, 0..6_u8).prop_map(|(of, recipient, order)| Act::Order { of, recipient, order }),
        2 => Just(Act::Confirm),
        2 => prop_oneof![1..100_u64, Just(8 * 24 * 3600)].prop_map(|seconds| Act::Wait { seconds }),
        1 => Just(Act::Purge),
        1 => Just(Act::Restart),
    ]
}

/// Bit by bit: one recipient each towards the hop, another hop, an inbox, and nowhere.
fn recipients(bits: u8) -> Vec<crate::RecipientPlan> {
    let all = [to_hop("H48.20", HOP), to_hop("H48.21", HOP), to_inbox("H48.22"), returned("H48.23")];
    all.into_iter().enumerate().filter(|(bit, _)| bits & (1 << bit) != 0).map(|(_, plan)| plan).collect()
}

struct World {
    bench: Bench,
    now: types::UnixMillis,
    known: Vec<Seq>,
}

impl World {
    async fn act(mut self, act: &Act) -> Self {
        let store = self.bench.store.clone();
        match act {
            Act::Accept { id, about, recipients: bits, lane, hold, revokes } => {
                let about = about.map(|about| key(&format!("D{about}")));
                let acts = about.iter().filter(|_| *revokes).map(|earlier| crate::Act {
                    earlier: earlier.clone(),
                    request: delivery::recall::Request::Withdraw,
                    concerned: crate::Concerned::All,
                    text: String::new(),
                });
                let accept = Accept {
                    acts: acts.collect(),
                    hold: hold.then(|| self.hold()),
                    about,
                    lane: Lane::from_number(*lane).unwrap(),
                    received_at: self.now,
                    ..document(&format!("D{id}"), recipients(*bits))
                };
                if let crate::Accepted::New { seq } = store.accept(accept).await.unwrap() {
                    self.known.push(seq);
                }
            }
            Act::Extend { id, recipients: bits, hold } => {
                let hold = hold.then(|| self.hold());
                let accept = Accept { received_at: self.now, hold, ..relayed(&format!("D{id}"), recipients(*bits)) };
                if let crate::Accepted::New { seq } = store.accept(accept).await.unwrap() {
                    self.known.push(seq);
                }
            }
            Act::Release { of } => {
                if let Some(seq) = self.known.get(usize::from(*of)) {
                    store.release(*seq, self.note(NoteKind::Released)).await.unwrap();
                }
            }
            Act::Refuse { of } => {
                if let Some(seq) = self.known.get(usize::from(*of)) {
                    store.refuse(*seq, self.note(NoteKind::Refused)).await.unwrap();
                }
            }
            Act::StartReady { max } => self.start(usize::from(*max)).await,
            Act::Settle { outcomes } => {
                for (n, claim) in claims(&store, self.now).into_iter().enumerate() {
                    let outcome = match (outcomes >> (n % 4)) & 3 {
                        0 => failed(),
                        1 => refused(),
                        _ => delivered(),
                    };
                    settle(&store, &claim, outcome, self.now).await;
                }
            }
            Act::Lapse => {
                claims(&store, self.now);
                self.now = self.now + seconds(60);
            }
            Act::Order { of, recipient, order } => {
                let order = match order {
                    0 => Order::Hold,
                    1 => Order::Release,
                    2 => Order::Return { code: ErrorCode::Cancelled },
                    3 => Order::Reroute { plan: Plan::Inbox(agency("H48.29")) },
                    4 => Order::Reroute { plan: Plan::Hop(hop("khac")) },
                    _ => Order::Expedite,
                };
                if let Some(seq) = self.known.get(usize::from(*of)) {
                    // An index that is not there is refused, which must change nothing.
                    drop(store.order(*seq, vec![u32::from(*recipient)], order, String::new(), self.now).await);
                }
            }
            Act::Confirm => self.confirm().await,
            Act::Wait { seconds: count } => {
                self.now = self.now + seconds(*count);
                store.expire(self.now, 100).await.unwrap();
            }
            Act::Purge => drop(store.purge(self.now, self.now, 100).await.unwrap()),
            Act::Restart => {
                self.bench.disk.power_cycle(Cut::LosesUnflushed);
                self.bench = self.bench.reopen().await;
            }
        }
        self
    }

    fn hold(&self) -> Hold {
        Hold { code: ErrorCode::PeerUnavailable, text: "no data".to_owned(), until: self.now + seconds(500) }
    }

    fn note(&self, kind: NoteKind) -> HoldNote {
        let (code, text, by) = (Some(ErrorCode::SignatureInvalid), "why".to_owned(), "an operator".to_owned());
        HoldNote { at: self.now, kind, code, text, by, report: Vec::new() }
    }

    async fn start(&self, max: usize) {
        for seq in self.bench.store.ready(max).unwrap() {
            let start = Start { seq, now: self.now, evidence: vec![(0, b"consigned".to_vec())] };
            // One that was started before it may have recalled it.
            let is_held = self.bench.store.hold(seq).unwrap().is_some();
            let expected = if is_held { Started::Now } else { Started::NotReady };
            assert_eq!(self.bench.store.start_held(start).await.unwrap(), expected);
        }
    }

    async fn confirm(&self) {
        for code in ["H48.22", "H48.29"] {
            let query =
                InboxQuery { agency: agency(code), kind: None, after: ItemId::default(), max: 1, now: self.now };
            for item in self.bench.store.inbox(&query).unwrap().items {
                let agency = agency(code);
                let confirm = Confirm { agency, item: item.id, token: None, now: self.now, evidence: vec![] };
                self.bench.store.confirm(confirm).await.unwrap();
            }
        }
    }

    /// Releases what operators hold, empties the inboxes and lets the time to live pass.
    async fn end(mut self) {
        let store = self.bench.store.clone();
        for seq in &self.known {
            store.release(*seq, self.note(NoteKind::Released)).await.unwrap();
        }
        while !store.ready(1).unwrap().is_empty() {
            self.start(10).await;
        }
        let stats = store.stats();
        assert_eq!((stats.held, stats.held_behind), (0, 0), "everything is out of quarantine");
        for seq in &self.known {
            let all: Vec<u32> = (0..store.document(*seq).unwrap().recipients).collect();
            store.order(*seq, all, Order::Release, String::new(), self.now).await.unwrap();
        }
        self.now = self.now + seconds(9 * 24 * 3600);
        store.expire(self.now, 256).await.unwrap();
        while !store.stats().inbox.is_empty() {
            self.confirm().await;
        }
        assert_eq!(self.bench.faults(), Vec::<String>::new());
        for seq in &self.known {
            for recipient in store.recipients(*seq, 0, 10).unwrap() {
                assert!(matches!(recipient.delivery.state(), State::Delivered | State::Returned), "{recipient:?}");
            }
        }
        let stats = store.stats();
        assert!(stats.waiting.is_empty() && stats.inbox.is_empty() && stats.parked == 0, "{stats:?}");
        let left: Vec<u8> = self.bench.disk.keys().iter().map(|key| key[0]).collect();
        use crate::key::Kind;
        let gone = [Kind::Transmission, Kind::Ready, Kind::Retry, Kind::Thread, Kind::Hold, Kind::HoldThread];
        for kind in gone.into_iter().chain([Kind::HoldSender, Kind::HoldDue, Kind::HoldReady]) {
            assert!(!left.contains(&(kind as u8)), "{kind:?} is left over");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn records_fit_together_after_any_sequence(acts in proptest::collection::vec(act(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let mut world = World { bench: Bench::new(), now: NOW, known: Vec::new() };
            for act in &acts {
                world = world.act(act).await;
                assert_eq!(world.bench.faults(), Vec::<String>::new(), "after {act:?}");
            }
            world.end().await;
        });
    }
}
