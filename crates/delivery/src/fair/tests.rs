use std::collections::{BTreeMap, VecDeque};

use proptest::prelude::*;

use super::*;

/// Senders with their documents, by cost, and a round over them: what the store does, without the store.
#[derive(Default)]
struct Lane {
    waiting: BTreeMap<String, VecDeque<u64>>,
    weights: BTreeMap<String, Weight>,
    round: Round,
    visits: u64,
}

impl Lane {
    fn wait(&mut self, sender: &str, costs: impl IntoIterator<Item = u64>) {
        self.waiting.entry(sender.to_owned()).or_default().extend(costs);
    }

    fn next_from(&self, from: From<'_>) -> Option<String> {
        let bounds = match from {
            From::First => (Bound::Unbounded, Bound::Unbounded),
            From::At(sender) => (Bound::Included(sender), Bound::Unbounded),
            From::After(sender) => (Bound::Excluded(sender), Bound::Unbounded),
        };
        self.waiting.range::<str, _>(bounds).find(|(_, costs)| !costs.is_empty()).map(|(sender, _)| sender.clone())
    }

    /// Serves one document and says whose.
    fn serve(&mut self) -> Option<String> {
        let mut found = self.next_from(self.round.from());
        let mut passed = false;
        loop {
            let sender = found.take().or_else(|| self.next_from(From::First))?;
            self.visits += 1;
            let weight = self.weights.get(&sender).copied().unwrap_or(Weight::ONE);
            if self.round.visit(&sender, weight) == Visit::Serve {
                let cost = self.waiting.get_mut(&sender).unwrap().pop_front().unwrap();
                self.round.served(cost);
                return Some(sender);
            }
            found = self.next_from(From::After(&sender));
            if found.is_none() && std::mem::replace(&mut passed, true) {
                self.round.skip_rounds();
            }
        }
    }

    fn serve_many(&mut self, count: usize) -> BTreeMap<String, usize> {
        let mut served = BTreeMap::new();
        for _ in 0..count {
            if let Some(sender) = self.serve() {
                *served.entry(sender).or_default() += 1;
            }
        }
        served
    }
}

#[test]
fn a_letter_does_not_wait_for_a_mass_mailing_of_another() {
    let mut lane = Lane::default();
    lane.wait("H48.01", vec![1; 100_000]);
    lane.serve_many(500);
    lane.wait("H48.02", [1]);
    let served = lane.serve_many(2);
    assert_eq!(served.get("H48.02"), Some(&1), "it goes within a round of two");
}

#[test]
fn without_the_round_the_same_letter_waits_for_all_of_it() {
    // What the simulation compares with: first come, first served.
    let mut queue: VecDeque<&str> = std::iter::repeat_n("H48.01", 100_000).collect();
    queue.push_back("H48.02");
    assert_eq!(queue.iter().position(|sender| *sender == "H48.02"), Some(100_000));
}

#[test]
fn weights_divide_what_there_is() {
    let mut lane = Lane::default();
    lane.weights.insert("G22".to_owned(), Weight::try_new(3).unwrap());
    lane.wait("G22", vec![1; 10_000]);
    lane.wait("H48", vec![1; 10_000]);
    let served = lane.serve_many(4000);
    assert_eq!((served["G22"], served["H48"]), (3000, 1000));
}

#[test]
fn large_documents_are_counted_by_their_bytes() {
    let mut lane = Lane::default();
    lane.wait("G22", vec![cost_of(50 * 1024 * 1024); 1000]);
    lane.wait("H48", vec![cost_of(4096); 100_000]);
    let served = lane.serve_many(5200);
    assert_eq!(cost_of(50 * 1024 * 1024), 51);
    assert!((95..=105).contains(&served["G22"]), "51 letters go for each: {served:?}");
}

#[test]
fn rounds_in_which_everybody_pays_are_skipped_at_once() {
    let mut lane = Lane::default();
    for sender in ["A", "B", "C"] {
        lane.wait(sender, vec![cost_of(1 << 40); 100]);
    }
    let served = lane.serve_many(300);
    assert_eq!(served.values().copied().collect::<Vec<_>>(), [100, 100, 100]);
    assert!(lane.visits < 300 * 9, "{} visits", lane.visits);
}

#[test]
fn a_sender_that_had_nothing_for_a_round_owes_nothing() {
    let mut lane = Lane::default();
    lane.wait("A", [1000]);
    lane.wait("B", vec![1; 10]);
    lane.serve_many(5);
    lane.wait("A", [1]);
    let served = lane.serve_many(2);
    assert_eq!(served.get("A"), Some(&1));
}

#[test]
fn weights_outside_their_range_are_refused() {
    for given in [0, 101] {
        assert_eq!(Weight::try_new(given).unwrap_err().code(), ErrorCode::InvalidArgument);
    }
}

proptest! {
    #[test]
    fn whoever_always_has_something_gets_its_share(
        senders in prop::collection::vec((1_u64..8, 1_u64..60), 2..8), turns in 500_usize..2000,
    ) {
        let mut lane = Lane::default();
        let name = |index: usize| format!("S{index:02}");
        for (index, (weight, cost)) in senders.iter().enumerate() {
            lane.weights.insert(name(index), Weight::try_new(*weight).unwrap());
            lane.wait(&name(index), vec![*cost; turns]);
        }
        let served = lane.serve_many(turns);
        prop_assert_eq!(served.values().sum::<usize>(), turns, "somebody is always served");
        #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
        let share = |index: usize| {
            let (weight, cost) = senders[index];
            (served.get(&name(index)).copied().unwrap_or(0) as f64) * cost as f64 / weight as f64
        };
        for one in 0..senders.len() {
            for other in 0..senders.len() {
                #[expect(clippy::cast_precision_loss, reason = "small numbers")]
                let bound = 2.0 + (senders[one].1 as f64) / senders[one].0 as f64 + senders[other].1 as f64 / senders[other].0 as f64;
                prop_assert!((share(one) - share(other)).abs() <= bound, "{} and {} within {bound}", share(one), share(other));
            }
        }
    }

    #[test]
    fn whatever_comes_and_goes_nobody_waits_more_than_a_round(
        steps in prop::collection::vec((0_usize..5, 1_u64..20, 0_usize..3), 1..400),
    ) {
        let mut lane = Lane::default();
        let mut waited: BTreeMap<String, usize> = BTreeMap::new();
        for (sender, cost, serves) in steps {
            lane.wait(&format!("S{sender}"), [cost]);
            for _ in 0..serves {
                let Some(served) = lane.serve() else { break };
                waited.remove(&served);
                for (sender, costs) in &lane.waiting {
                    if *sender != served && !costs.is_empty() {
                        *waited.entry(sender.clone()).or_default() += 1;
                    }
                }
                // With weight 1, a sender in debt of at most 19 may see the four others 20 times each.
                prop_assert!(waited.values().all(|turns| *turns <= 4 * 20), "{waited:?}");
            }
        }
    }
}
