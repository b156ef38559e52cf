//! Turns of senders, deadlines within a sender's share, and retries in both.

use delivery::fair::Weight;
use types::{Lane, UnixMillis};

use super::support::*;
use crate::engine::Changes;
use crate::engine::fake::Cut;
use crate::key::{self, Key, Kind};
use crate::record::rows::{NumberRow, TransmissionRow};
use crate::{Accept, Claim, DocumentKey, Store, StoreOptions, record};

const MASS: &str = "H48.01";
const OTHER: &str = "H48.02";

fn from(sender: &str, id: &str) -> Accept {
    let key = DocumentKey { sender: agency(sender), document_id: id.parse().unwrap() };
    Accept { key, ..document(id, vec![to_hop("G22", HOP)]) }
}

async fn mass_mailing(bench: &Bench, count: usize) {
    for n in 0..count {
        bench.accept(from(MASS, &format!("M{n}"))).await;
    }
}

/// Claims one after the other, as a busy link does.
fn claim_each(store: &Store, count: usize) -> Vec<Claim> {
    let request = crate::ClaimRequest { max: 1, ..request(HOP, NOW) };
    (0..count).flat_map(|_| store.claim(&request).unwrap()).collect()
}

#[tokio::test]
async fn a_letter_overtakes_another_agencys_mass_mailing() {
    let bench = Bench::new();
    mass_mailing(&bench, 60).await;
    assert_eq!(claim_each(&bench.store, 10).len(), 10);
    bench.accept(from(OTHER, "L1")).await;
    let next = names(&claim_each(&bench.store, 2));
    assert!(next.contains(&"L1".to_owned()), "{next:?}");
    assert_eq!(bench.faults(), Vec::<String>::new());
}

#[tokio::test]
async fn one_call_for_many_gives_the_same_turns() {
    let bench = Bench::new();
    mass_mailing(&bench, 60).await;
    for n in 0..3 {
        bench.accept(from(OTHER, &format!("L{n}"))).await;
    }
    let names = names(&claims(&bench.store, NOW));
    assert_eq!(names, ["M0", "L0", "M1", "L1", "M2", "L2", "M3", "M4", "M5", "M6"]);
}

#[tokio::test]
async fn a_restart_keeps_senders_apart() {
    let bench = Bench::new();
    mass_mailing(&bench, 60).await;
    bench.accept(from(OTHER, "L1")).await;
    let bench = bench.reopen().await;
    let next = names(&claim_each(&bench.store, 2));
    assert!(next.contains(&"L1".to_owned()), "{next:?}");
}

#[tokio::test]
async fn weights_are_kept_to() {
    let weights = [(OTHER, Weight::try_new(3).unwrap())].into_iter().collect();
    let bench = Bench::with(|options| StoreOptions { weights, ..options });
    mass_mailing(&bench, 20).await;
    for n in 0..20 {
        bench.accept(from(OTHER, &format!("L{n}"))).await;
    }
    let claims = claim_each(&bench.store, 16);
    let letters = names(&claims).iter().filter(|name| name.starts_with('L')).count();
    assert_eq!(letters, 12);
}

#[tokio::test]
async fn of_one_senders_documents_the_earliest_deadline_goes_first() {
    let bench = Bench::new();
    bench.accept(from(MASS, "none")).await;
    bench.accept(Accept { due: Some(NOW + seconds(7200)), ..from(MASS, "in two hours") }).await;
    bench.accept(Accept { due: Some(NOW + seconds(3600)), ..from(MASS, "in an hour") }).await;
    assert_eq!(names(&claims(&bench.store, NOW)), ["in an hour", "in two hours", "none"]);
}

#[tokio::test]
async fn a_deadline_takes_nothing_from_other_senders() {
    let bench = Bench::new();
    for n in 0..20 {
        bench.accept(Accept { due: Some(NOW), ..from(MASS, &format!("M{n}")) }).await;
    }
    bench.accept(from(OTHER, "L1")).await;
    assert!(names(&claim_each(&bench.store, 2)).contains(&"L1".to_owned()));
}

#[tokio::test]
async fn a_deadline_does_not_overtake_an_earlier_packet_of_its_document() {
    let bench = Bench::new();
    bench.accept(from(MASS, "D1")).await;
    let about = DocumentKey { sender: agency(MASS), document_id: "D1".parse().unwrap() };
    bench.accept(Accept { about: Some(about), due: Some(NOW), ..from(MASS, "D2") }).await;
    let claim = claims(&bench.store, NOW);
    assert_eq!(names(&claim), ["D1"]);
    settle(&bench.store, &claim[0], delivered(), NOW).await;
    assert_eq!(names(&claims(&bench.store, NOW)), ["D2"]);
}

#[tokio::test]
async fn retries_of_a_mass_mailing_do_not_delay_a_letter_nor_its_retry() {
    let bench = Bench::new();
    mass_mailing(&bench, 100).await;
    bench.accept(from(OTHER, "L1")).await;
    let mut tried = 0;
    while let claims @ [_, ..] = claims(&bench.store, NOW).as_slice() {
        for claim in claims {
            settle(&bench.store, claim, failed(), NOW).await;
            tried += 1;
        }
    }
    assert_eq!(tried, 101);
    bench.accept(from("H48.03", "fresh")).await;
    // Long after every back-off: all retries are due together.
    let later = NOW + seconds(3600);
    let request = crate::ClaimRequest { max: 1, ..request(HOP, later) };
    let mut order = Vec::new();
    for _ in 0..8 {
        let claims = bench.store.claim(&request).unwrap();
        order.extend(names(&claims));
        // A write waits for those before it: what the claim asked of the writer is done by then.
        bench.store.reports_done(Vec::new()).await.unwrap();
    }
    assert!(order.contains(&"fresh".to_owned()) && order.contains(&"L1".to_owned()), "{order:?}");
    assert_eq!(bench.faults(), Vec::<String>::new());
}

#[tokio::test]
async fn a_continuous_run_of_express_documents_leaves_a_share_to_a_lane_that_was_busy_for_long() {
    let bench = Bench::new();
    mass_mailing(&bench, 20).await;
    for n in 0..40 {
        let received_at = NOW + seconds(600);
        bench.accept(Accept { lane: Lane::Express, received_at, ..from(OTHER, &format!("X{n}")) }).await;
    }
    let request = crate::ClaimRequest { max: 16, ..request(HOP, NOW + seconds(601)) };
    let names = names(&bench.store.claim(&request).unwrap());
    assert_eq!(names.iter().filter(|name| name.starts_with('M')).count(), 2, "{names:?}");
}

#[tokio::test]
async fn a_young_letter_at_the_head_does_not_make_an_old_lane_young() {
    let bench = Bench::new();
    mass_mailing(&bench, 20).await;
    let now = NOW + seconds(600);
    for n in 0..60 {
        bench.accept(Accept { lane: Lane::Express, received_at: now, ..from(OTHER, &format!("X{n}")) }).await;
    }
    for n in 0..20 {
        bench.accept(Accept { received_at: now, ..from(OTHER, &format!("L{n}")) }).await;
    }
    let request = crate::ClaimRequest { max: 32, ..request(HOP, now + seconds(1)) };
    let names = names(&bench.store.claim(&request).unwrap());
    let normal: Vec<_> = names.iter().filter(|name| !name.starts_with('X')).collect();
    assert_eq!(normal, ["M0", "L0", "M1", "L1"]);
}

#[tokio::test]
async fn what_of_a_system_is_not_settled_is_counted() {
    let bench = Bench::new();
    bench.accept(document("D1", vec![to_hop("G22", HOP), to_hop("G23", "khac"), to_inbox("H48.20")])).await;
    bench.accept(relayed("D2", vec![to_hop("G22", HOP)])).await;
    assert_eq!(bench.store.unsettled_of(&system("qlvb")), 2);
    for claim in claims(&bench.store, NOW) {
        settle(&bench.store, &claim, delivered(), NOW).await;
    }
    assert_eq!(bench.store.unsettled_of(&system("qlvb")), 1);
    assert_eq!(bench.faults(), Vec::<String>::new());
}

/// The store as a node of format 2 left it.
fn to_format_2(store: &Store) {
    let guard = &store.shared().guard;
    let mut changes = Changes::new();
    for kind in [Kind::Ready, Kind::Retry] {
        for (key, _) in record::collect(guard, &Key::of(kind).range(), crate::engine::Walk::Forward, 1000).unwrap() {
            changes.insert(key, None);
        }
    }
    let mut put = |key: &[u8], values: Vec<record::Pair>| {
        changes.insert(key.to_vec(), None);
        changes.extend(values.into_iter().map(|(key, value)| (key, Some(value))));
    };
    let transmissions = Key::of(Kind::Transmission).range();
    for (key, value) in record::collect(guard, &transmissions, crate::engine::Walk::Forward, 1000).unwrap() {
        let row: TransmissionRow = record::decode(guard, &key, &value).unwrap();
        let seq = u64::from_be_bytes(key[1..9].try_into().unwrap());
        let hop = std::str::from_utf8(&key[9..key.len() - 1]).unwrap();
        let lane = Lane::from_number(u8::try_from(row.lane).unwrap()).unwrap();
        if row.place == 0 {
            let due = key::due(hop, lane, row.due_at, seq);
            put(&due, record::values(&due, &NumberRow { number: row.accepted_at }).unwrap());
        }
        let row = TransmissionRow {
            sender: String::new(),
            system: String::new(),
            order: 0,
            length: 0,
            is_ripe: false,
            ..row
        };
        put(&key, record::values(&key, &row).unwrap());
    }
    let unsettled = Key::of(Kind::Stat).byte(12).text("qlvb").done();
    changes.insert(unsettled, None);
    let format = key::meta("format");
    let mut put = |key: &[u8], values: Vec<record::Pair>| {
        changes.insert(key.to_vec(), None);
        changes.extend(values.into_iter().map(|(key, value)| (key, Some(value))));
    };
    put(&format, record::values(&format, &NumberRow { number: 2 }).unwrap());
    guard.commit(&changes).unwrap();
}

#[tokio::test]
async fn a_store_of_format_2_is_migrated_with_everything_that_waits() {
    let bench = Bench::new();
    mass_mailing(&bench, 5).await;
    let about = DocumentKey { sender: agency(MASS), document_id: "M4".parse().unwrap() };
    bench.accept(Accept { about: Some(about), ..from(MASS, "behind M4") }).await;
    let first = claim_each(&bench.store, 1).pop().unwrap();
    settle(&bench.store, &first, failed(), NOW).await;
    bench.accept(from(OTHER, "L1")).await;
    to_format_2(&bench.store);
    let bench = bench.reopen().await;
    assert_eq!(bench.faults(), Vec::<String>::new());
    assert!(bench.disk.keys().iter().all(|key| key[0] != Kind::Due as u8), "nothing is left in the old index");
    let mut seen = Vec::new();
    let later: UnixMillis = NOW + seconds(3600);
    loop {
        let claims = claims(&bench.store, later);
        if claims.is_empty() {
            break;
        }
        for claim in &claims {
            settle(&bench.store, claim, delivered(), later).await;
        }
        seen.extend(names(&claims));
    }
    assert!(seen.iter().position(|name| name == "M4") < seen.iter().position(|name| name == "behind M4"));
    seen.sort();
    assert_eq!(seen, ["L1", "M0", "M1", "M2", "M3", "M4", "behind M4"]);
    assert_eq!(bench.faults(), Vec::<String>::new());
}

#[tokio::test]
async fn a_migration_that_was_cut_off_is_finished_by_the_next_opening() {
    let bench = Bench::new();
    mass_mailing(&bench, 3).await;
    to_format_2(&bench.store);
    bench.store.close().await.unwrap();
    for (writes, cut) in [(0, Cut::LosesUnflushed), (1, Cut::LosesUnflushed), (1, Cut::KeepsUnflushed)] {
        bench.disk.cut_after(writes);
        assert!(Store::start(options(&bench.folder), bench.disk.engine(), None).is_err());
        bench.disk.power_cycle(cut);
    }
    let store = start(&bench.disk, &bench.folder);
    assert_eq!(names(&claims(&store, NOW)), ["M0", "M1", "M2"]);
    assert_eq!(faults(&store), Vec::<String>::new());
}
