use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use delivery::State;
use delivery::recall::Request;
use types::{BusinessType, ErrorCode};

use super::support::*;
use crate::{
    Accept, Act, Concerned, Confirm, Confirmed, EntryKind, EventKind, InboxQuery, ItemId, Order, RecipientId,
    RecipientPlan, Seq, Store,
};

const OFFICE: &str = "H48.20";
const OTHER: &str = "H48.21";

fn act(earlier: &str, request: Request) -> Act {
    Act { earlier: key(earlier), request, concerned: Concerned::All, text: format!("by a packet about {earlier}") }
}

fn revocation(id: &str, earlier: &str, recipients: Vec<RecipientPlan>) -> Accept {
    let acts = vec![act(earlier, Request::Withdraw)];
    Accept { business: BusinessType::Revoke, about: Some(key(earlier)), acts, ..document(id, recipients) }
}

fn replacement(id: &str, earlier: &str, recipients: Vec<RecipientPlan>) -> Accept {
    let acts = vec![act(earlier, Request::Supersede)];
    Accept { business: BusinessType::Replace, about: Some(key(earlier)), acts, ..document(id, recipients) }
}

fn ended(store: &Store, seq: Seq, index: u32) -> Option<ErrorCode> {
    let delivery = store.recipients(seq, index, 1).unwrap()[0].delivery;
    delivery.code().filter(|_| delivery.state() == State::Returned)
}

fn kinds(store: &Store, seq: Seq) -> Vec<EventKind> {
    store.track(seq, 0, 1).unwrap().recipients[0].events.iter().map(|event| event.kind).collect()
}

fn inbox(store: &Store, code: &str) -> Vec<(ItemId, String)> {
    let query = InboxQuery { agency: agency(code), kind: None, after: ItemId::default(), max: 10, now: NOW };
    let items = store.inbox(&query).unwrap().items;
    items.into_iter().map(|item| (item.id, item.document.key.document_id.to_string())).collect()
}

fn inbox_names(store: &Store, code: &str) -> Vec<String> {
    inbox(store, code).into_iter().map(|(_, name)| name).collect()
}

#[tokio::test]
async fn what_was_never_tried_is_recalled_and_neither_packet_goes_out() {
    let bench = Bench::new();
    let earlier = bench.accept(document("D1", vec![to_hop(OFFICE, HOP)])).await;
    let revoke = bench.accept(revocation("R1", "D1", vec![to_hop(OFFICE, HOP)])).await;
    assert_eq!(ended(&bench.store, earlier, 0), Some(ErrorCode::Recalled));
    assert_eq!(ended(&bench.store, revoke, 0), Some(ErrorCode::Recalled));
    assert!(claims(&bench.store, NOW + seconds(60)).is_empty());
    assert_eq!(bench.store.reports(None, 10).unwrap().len(), 2, "the sender is told of both");
    assert_eq!(bench.faults(), Vec::<String>::new());
}

#[tokio::test]
async fn the_recall_says_which_packet_it_came_from() {
    let bench = Bench::new();
    let earlier = bench.accept(document("D1", vec![to_hop(OFFICE, HOP)])).await;
    bench.accept(revocation("R1", "D1", vec![to_hop(OFFICE, HOP)])).await;
    let track = bench.store.track(earlier, 0, 1).unwrap();
    let event = track.recipients[0].events.last().unwrap();
    assert_eq!((event.kind, event.text.as_str()), (EventKind::Returned, "by a packet about D1"));
}

#[tokio::test]
async fn what_is_being_sent_is_left_and_the_packet_follows_in_order() {
    let bench = Bench::new();
    let earlier = bench.accept(document("D1", vec![to_hop(OFFICE, HOP)])).await;
    let claimed = claims(&bench.store, NOW).remove(0);
    bench.accept(revocation("R1", "D1", vec![to_hop(OFFICE, HOP)])).await;
    assert_eq!(ended(&bench.store, earlier, 0), None);
    assert_eq!(kinds(&bench.store, earlier), [EventKind::Acted(BusinessType::Revoke)]);
    settle(&bench.store, &claimed, delivered(), NOW).await;
    assert_eq!(names(&claims(&bench.store, NOW)), ["R1"]);
}

#[tokio::test]
async fn a_lapsed_claim_and_a_failed_attempt_count_as_sent() {
    let bench = Bench::new();
    let lapsed = bench.accept(document("D1", vec![to_hop(OFFICE, HOP)])).await;
    claims(&bench.store, NOW);
    let failed_one = bench.accept(document("D2", vec![to_hop(OFFICE, "huyen")])).await;
    let claimed = bench.store.claim(&request("huyen", NOW)).unwrap().remove(0);
    settle(&bench.store, &claimed, failed(), NOW).await;
    let later = NOW + seconds(600);
    let at = |accept: Accept| Accept { received_at: later, ..accept };
    bench.accept(at(revocation("R1", "D1", vec![to_hop(OFFICE, HOP)]))).await;
    bench.accept(at(revocation("R2", "D2", vec![to_hop(OFFICE, "huyen")]))).await;
    assert_eq!(ended(&bench.store, lapsed, 0), None);
    assert_eq!(ended(&bench.store, failed_one, 0), None);
}

#[tokio::test]
async fn what_an_operator_released_counts_as_sent() {
    let bench = Bench::new();
    let earlier = bench.accept(document("D1", vec![to_hop(OFFICE, HOP)])).await;
    for order in [Order::Hold, Order::Release] {
        bench.store.order(earlier, vec![0], order, "why".to_owned(), NOW).await.unwrap();
    }
    bench.accept(revocation("R1", "D1", vec![to_hop(OFFICE, HOP)])).await;
    assert_eq!(ended(&bench.store, earlier, 0), None);
}

#[tokio::test]
async fn what_an_earlier_run_may_have_given_out_is_left() {
    let bench = Bench::new();
    let sent = bench.accept(document("D1", vec![to_hop(OFFICE, HOP)])).await;
    let arrived = bench.accept(document("D2", vec![to_inbox(OFFICE)])).await;
    let bench = bench.reopen().await;
    bench.accept(revocation("R1", "D1", vec![to_hop(OFFICE, HOP)])).await;
    bench.accept(revocation("R2", "D2", vec![to_inbox(OFFICE)])).await;
    assert_eq!((ended(&bench.store, sent, 0), ended(&bench.store, arrived, 0)), (None, None));
    assert_eq!(inbox_names(&bench.store, OFFICE), ["D2", "R2"]);
}

#[tokio::test]
async fn an_unseen_item_leaves_the_inbox_and_the_revocation_never_enters_it() {
    let bench = Bench::new();
    let earlier = bench.accept(document("D1", vec![to_inbox(OFFICE), to_inbox(OTHER)])).await;
    let item = inbox(&bench.store, OFFICE)[0].0;
    bench.accept(revocation("R1", "D1", vec![to_inbox(OFFICE)])).await;
    assert!(inbox(&bench.store, OFFICE).is_empty());
    assert_eq!(inbox_names(&bench.store, OTHER), ["D1"], "whom the revocation does not name keeps it");
    let confirm = Confirm { agency: agency(OFFICE), item, token: None, now: NOW, evidence: Vec::new() };
    let late = bench.store.confirm(confirm).await.unwrap();
    assert!(matches!(late, Confirmed::Already { state: State::Returned, .. }), "{late:?}");
    let lease = bench.store.lease(&agency(OFFICE), item, &system("a"), NOW + seconds(60), NOW);
    assert_eq!(lease.unwrap_err().code(), ErrorCode::NotFound);
    let read = bench.store.read_by(RecipientId { seq: earlier, index: 0 });
    assert_eq!(read.unwrap_err().code(), ErrorCode::NotFound);
    assert_eq!(bench.faults(), Vec::<String>::new());
}

#[tokio::test]
async fn a_leased_item_stays_also_after_it_was_given_back() {
    let bench = Bench::new();
    bench.accept(document("D1", vec![to_inbox(OFFICE)])).await;
    let item = inbox(&bench.store, OFFICE)[0].0;
    let token = bench.store.lease(&agency(OFFICE), item, &system("a"), NOW + seconds(60), NOW).unwrap();
    bench.store.give_back(&agency(OFFICE), item, token).unwrap();
    bench.accept(revocation("R1", "D1", vec![to_inbox(OFFICE)])).await;
    assert_eq!(inbox_names(&bench.store, OFFICE), ["D1", "R1"]);
}

#[tokio::test]
async fn an_item_read_without_a_lease_stays() {
    let bench = Bench::new();
    let earlier = bench.accept(document("D1", vec![to_inbox(OFFICE)])).await;
    bench.store.read_by(RecipientId { seq: earlier, index: 0 }).unwrap();
    bench.accept(revocation("R1", "D1", vec![to_inbox(OFFICE)])).await;
    assert_eq!(inbox_names(&bench.store, OFFICE), ["D1", "R1"]);
}

#[tokio::test]
async fn a_replacement_goes_in_the_place_of_what_nobody_saw() {
    let bench = Bench::new();
    let earlier = bench.accept(document("D1", vec![to_inbox(OFFICE), to_hop(OTHER, HOP)])).await;
    bench.accept(replacement("P1", "D1", vec![to_inbox(OFFICE), to_hop(OTHER, HOP)])).await;
    assert_eq!(inbox_names(&bench.store, OFFICE), ["P1"]);
    assert_eq!(names(&claims(&bench.store, NOW)), ["P1"]);
    assert_eq!([0, 1].map(|index| ended(&bench.store, earlier, index)), [Some(ErrorCode::Replaced); 2]);
}

#[tokio::test]
async fn a_removed_receiver_is_recalled_while_its_neighbours_of_one_hop_go_on() {
    let bench = Bench::new();
    let earlier = bench.accept(document("D1", vec![to_hop(OFFICE, HOP), to_hop(OTHER, HOP)])).await;
    let removed = Act { concerned: Concerned::Only(BTreeSet::from([agency(OFFICE)])), ..act("D1", Request::Withdraw) };
    let update = Accept {
        business: BusinessType::Update,
        about: Some(key("D1")),
        acts: vec![removed],
        ..document("U1", vec![to_hop(OFFICE, HOP), to_hop(OTHER, HOP)])
    };
    bench.accept(update).await;
    assert_eq!([0, 1].map(|index| ended(&bench.store, earlier, index)), [Some(ErrorCode::Recalled), None]);
    let first = claims(&bench.store, NOW).remove(0);
    let codes: Vec<String> = first.recipients.iter().map(|recipient| recipient.code.to_string()).collect();
    assert_eq!((names(std::slice::from_ref(&first)), codes), (vec!["D1".to_owned()], vec![OTHER.to_owned()]));
    settle(&bench.store, &first, delivered(), NOW).await;
    assert_eq!(claims(&bench.store, NOW)[0].recipients.len(), 1);
}

#[tokio::test]
async fn a_second_revocation_finds_nothing_left() {
    let bench = Bench::new();
    bench.accept(document("D1", vec![to_inbox(OFFICE)])).await;
    bench.accept(revocation("R1", "D1", vec![to_inbox(OFFICE)])).await;
    let again = bench.accept(revocation("R2", "D1", vec![to_inbox(OFFICE)])).await;
    assert_eq!(ended(&bench.store, again, 0), Some(ErrorCode::Recalled));
    assert!(inbox(&bench.store, OFFICE).is_empty());
}

#[tokio::test]
async fn a_take_back_recalls_what_nobody_saw() {
    let bench = Bench::new();
    let earlier = bench.accept(document("D1", vec![to_inbox(OFFICE)])).await;
    let acts = vec![act("D1", Request::Withdraw)];
    let status = Accept {
        kind: EntryKind::Status,
        acts,
        content: crate::Content::Inline(b"13".to_vec()),
        ..document("D1", vec![to_inbox(OFFICE)])
    };
    bench.accept(status).await;
    assert_eq!(ended(&bench.store, earlier, 0), Some(ErrorCode::Recalled));
    assert!(inbox(&bench.store, OFFICE).is_empty());
}

#[tokio::test]
async fn a_repeated_revocation_changes_nothing() {
    let bench = Bench::new();
    bench.accept(document("D1", vec![to_inbox(OFFICE)])).await;
    bench.accept(revocation("R1", "D1", vec![to_inbox(OFFICE)])).await;
    let reports = bench.store.reports(None, 10).unwrap().len();
    bench.store.accept(revocation("R1", "D1", vec![to_inbox(OFFICE)])).await.unwrap();
    assert_eq!(bench.store.reports(None, 10).unwrap().len(), reports);
}

#[tokio::test]
async fn a_recall_is_on_the_disk_when_it_is_answered() {
    let bench = Bench::new();
    let earlier = bench.accept(document("D1", vec![to_inbox(OFFICE)])).await;
    bench.accept(revocation("R1", "D1", vec![to_inbox(OFFICE)])).await;
    let bench = bench.reopen().await;
    assert_eq!(ended(&bench.store, earlier, 0), Some(ErrorCode::Recalled));
    assert!(inbox(&bench.store, OFFICE).is_empty());
}

#[tokio::test]
async fn a_repeat_that_adds_a_receiver_acts_for_that_one() {
    let bench = Bench::new();
    let earlier = bench.accept(document("D1", vec![to_inbox(OFFICE), to_inbox(OTHER)])).await;
    bench.accept(revocation("R1", "D1", vec![to_inbox(OFFICE)])).await;
    assert_eq!(ended(&bench.store, earlier, 1), None);
    bench.store.accept(revocation("R1", "D1", vec![to_inbox(OFFICE), to_inbox(OTHER)])).await.unwrap();
    assert_eq!(ended(&bench.store, earlier, 1), Some(ErrorCode::Recalled));
    assert!(inbox(&bench.store, OTHER).is_empty());
}

/// Takes whatever it can get until told to stop; the names of the documents it got.
fn grab(store: &Store, stop: &AtomicBool) -> BTreeSet<String> {
    let mut grabbed = BTreeSet::new();
    while !stop.load(Ordering::Relaxed) {
        grabbed.extend(names(&claims(store, NOW)));
        for (item, name) in inbox(store, OFFICE) {
            if store.lease(&agency(OFFICE), item, &system("a"), NOW + seconds(60), NOW).is_ok() {
                grabbed.insert(name);
            }
        }
    }
    grabbed
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_both_taken_and_recalled_in_a_race() {
    const DOCUMENTS: usize = 300;
    let bench = Bench::new();
    let stop = std::sync::Arc::new(AtomicBool::new(false));
    let (store, told) = (bench.store.clone(), stop.clone());
    let grabbing = std::thread::spawn(move || grab(&store, &told));
    let plan = |number: usize| if number.is_multiple_of(2) { to_hop(OFFICE, HOP) } else { to_inbox(OFFICE) };
    let mut recalled = BTreeSet::new();
    for number in 0..DOCUMENTS {
        let name = format!("D{number}");
        let earlier = bench.accept(document(&name, vec![plan(number)])).await;
        bench.accept(revocation(&format!("R{number}"), &name, vec![plan(number)])).await;
        if ended(&bench.store, earlier, 0).is_some() {
            recalled.insert(name);
        }
    }
    stop.store(true, Ordering::Relaxed);
    let grabbed = grabbing.join().unwrap();
    let both: Vec<_> = grabbed.intersection(&recalled).collect();
    assert!(both.is_empty(), "{both:?}");
    println!("{} taken, {} recalled of {DOCUMENTS}", grabbed.len(), recalled.len());
    assert_eq!(bench.faults(), Vec::<String>::new());
}
