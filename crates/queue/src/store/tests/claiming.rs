use delivery::State;
use types::{ErrorCode, Lane, UnixMillis};

use super::support::*;
use crate::{Accept, Claim, DocumentKey, EntryKind, Extended, ReportKind, Settled, Settlement, Wakeup};

#[tokio::test]
async fn a_claimed_transmission_is_not_claimed_again_within_its_lease() {
    let bench = Bench::new();
    bench.accept(document("D1", vec![to_hop("H48.20", HOP)])).await;
    assert_eq!(names(&claims(&bench.store, NOW)), ["D1"]);
    assert_eq!(names(&claims(&bench.store, NOW + seconds(59))), Vec::<String>::new());
}

#[tokio::test]
async fn a_lapsed_lease_is_taken_over_and_its_fence_is_stale() {
    let bench = Bench::new();
    bench.accept(document("D1", vec![to_hop("H48.20", HOP)])).await;
    let first = claims(&bench.store, NOW).pop().unwrap();
    let second = claims(&bench.store, NOW + seconds(60)).pop().unwrap();
    assert!(second.fence.number > first.fence.number);
    assert_eq!((first.attempt, second.attempt), (1, 2));
    assert_eq!(settle(&bench.store, &first, delivered(), NOW + seconds(61)).await, Settled::Stale);
    let done = settle(&bench.store, &second, delivered(), NOW + seconds(62)).await;
    assert!(
        matches!(&done, Settled::Done { changes, due_at: None } if changes.last().unwrap().state == State::Delivered)
    );
}

#[tokio::test]
async fn lapsed_attempts_count() {
    let bench = Bench::new();
    let seq = bench.accept(document("D1", vec![to_hop("H48.20", HOP)])).await;
    claims(&bench.store, NOW);
    let late = NOW + seconds(60);
    let second = claims(&bench.store, late).pop().unwrap();
    settle(&bench.store, &second, failed(), late + seconds(1)).await;
    assert_eq!(bench.store.recipients(seq, 0, 1).unwrap()[0].delivery.attempts(), 2);
}

#[tokio::test]
async fn an_extended_lease_is_not_taken_over() {
    let bench = Bench::new();
    bench.accept(document("D1", vec![to_hop("H48.20", HOP)])).await;
    let claim = claims(&bench.store, NOW).pop().unwrap();
    let until = NOW + seconds(120);
    assert_eq!(bench.store.extend(std::slice::from_ref(&claim.fence), until), [Extended::Until(until)]);
    assert_eq!(claims(&bench.store, NOW + seconds(100)).len(), 0);
}

#[tokio::test]
async fn a_claim_given_up_counts_no_attempt() {
    let bench = Bench::new();
    bench.accept(document("D1", vec![to_hop("H48.20", HOP)])).await;
    let claim = claims(&bench.store, NOW).pop().unwrap();
    bench.store.give_up(&[claim.fence]);
    assert_eq!(claims(&bench.store, NOW).pop().unwrap().attempt, 1);
}

#[tokio::test]
async fn a_settlement_repeated_in_one_batch_counts_once() {
    let bench = Bench::new();
    let seq = bench.accept(document("D1", vec![to_hop("H48.20", HOP)])).await;
    let claim = claims(&bench.store, NOW).pop().unwrap();
    let settlement = Settlement { fence: claim.fence, now: NOW, outcomes: vec![(0, failed())] };
    let answers = bench.store.settle(vec![settlement.clone(), settlement]).await.unwrap();
    assert_eq!(answers[1], Settled::Stale);
    assert_eq!(bench.store.recipients(seq, 0, 1).unwrap()[0].delivery.attempts(), 1);
}

#[tokio::test]
async fn fences_grow_across_a_restart() {
    let bench = Bench::new();
    bench.accept(document("D1", vec![to_hop("H48.20", HOP)])).await;
    let before = claims(&bench.store, NOW).pop().unwrap();
    let bench = bench.reopen().await;
    let after = claims(&bench.store, NOW).pop().unwrap();
    assert!(after.fence.number > before.fence.number);
    assert_eq!(settle(&bench.store, &before, delivered(), NOW).await, Settled::Stale);
}

#[tokio::test]
async fn a_failed_attempt_backs_off_and_comes_back_when_due() {
    let bench = Bench::new();
    bench.accept(document("D1", vec![to_hop("H48.20", HOP)])).await;
    let claim = claims(&bench.store, NOW).pop().unwrap();
    let Settled::Done { due_at: Some(due_at), .. } = settle(&bench.store, &claim, failed(), NOW).await else {
        panic!("it waits");
    };
    assert!(due_at >= NOW + seconds(5));
    assert_eq!(bench.store.next_due(&hop(HOP)).unwrap(), Some(due_at));
    assert_eq!(claims(&bench.store, UnixMillis::new(due_at.as_millis() - 1)).len(), 0);
    assert_eq!(claims(&bench.store, due_at).pop().unwrap().attempt, 2);
    assert_eq!(bench.faults(), Vec::<String>::new());
}

#[tokio::test]
async fn a_permanent_refusal_returns_the_document_and_is_reported_with_its_words() {
    let bench = Bench::new();
    let seq = bench.accept(document("D1", vec![to_hop("H48.20", HOP)])).await;
    let claim = claims(&bench.store, NOW).pop().unwrap();
    settle(&bench.store, &claim, refused(), NOW).await;
    let report = bench.store.reports(None, 10).unwrap().pop().unwrap();
    assert_eq!(report.about, ReportKind::Returned { code: ErrorCode::PeerRefused, cause: None });
    let track = bench.store.track(seq, 0, 10).unwrap();
    assert_eq!(track.recipients[0].events[0].text, "no such office");
    assert_eq!(bench.store.stats().waiting.len(), 0);
}

#[tokio::test]
async fn recipients_behind_one_hop_travel_together_and_settle_apart() {
    let bench = Bench::new();
    let recipients = vec![to_hop("H48.20", HOP), to_hop("H48.21", HOP), to_hop("H50.20", "khac")];
    let seq = bench.accept(document("D1", recipients)).await;
    let claim = claims(&bench.store, NOW).pop().unwrap();
    assert_eq!(claim.recipients.iter().map(|recipient| recipient.index).collect::<Vec<_>>(), [0, 1]);
    let outcomes = vec![(0, delivered()), (1, failed())];
    bench.store.settle(vec![Settlement { fence: claim.fence, now: NOW, outcomes }]).await.unwrap();
    let states: Vec<State> = bench.store.recipients(seq, 0, 3).unwrap().iter().map(|r| r.delivery.state()).collect();
    assert_eq!(states, [State::Delivered, State::Waiting, State::Waiting]);
    let again = claims(&bench.store, NOW + seconds(60)).pop().unwrap();
    assert_eq!(again.recipients.iter().map(|recipient| recipient.index).collect::<Vec<_>>(), [1]);
    assert_eq!(bench.faults(), Vec::<String>::new());
}

#[tokio::test]
async fn urgent_documents_overtake() {
    let bench = Bench::new();
    bench.accept(document("D1", vec![to_hop("H48.20", HOP)])).await;
    bench.accept(Accept { lane: Lane::Express, ..document("D2", vec![to_hop("H48.20", HOP)]) }).await;
    assert_eq!(names(&claims(&bench.store, NOW)), ["D2", "D1"]);
}

#[tokio::test]
async fn a_claim_can_be_limited_to_urgent_lanes() {
    let bench = Bench::new();
    bench.accept(document("D1", vec![to_hop("H48.20", HOP)])).await;
    bench.accept(Accept { lane: Lane::Urgent, ..document("D2", vec![to_hop("H48.20", HOP)]) }).await;
    let request = crate::ClaimRequest { least: Lane::Urgent, ..request(HOP, NOW) };
    assert_eq!(names(&bench.store.claim(&request).unwrap()), ["D2"]);
}

fn about(document_id: &str, earlier: &str, lane: Lane) -> Accept {
    let about: Option<DocumentKey> = Some(key(earlier));
    Accept { about, lane, kind: EntryKind::Document, ..document(document_id, vec![to_hop("H48.20", HOP)]) }
}

#[tokio::test]
async fn entries_about_one_document_keep_their_order_even_when_urgent() {
    let bench = Bench::new();
    bench.accept(document("D1", vec![to_hop("H48.20", HOP)])).await;
    bench.accept(about("D2", "D1", Lane::Express)).await;
    bench.accept(about("D3", "D2", Lane::Express)).await;
    let mut order = Vec::new();
    while let Some(claim) = claims(&bench.store, NOW).pop() {
        order.extend(names(std::slice::from_ref(&claim)));
        settle(&bench.store, &claim, delivered(), NOW).await;
        assert_eq!(bench.faults(), Vec::<String>::new());
    }
    assert_eq!(order, ["D1", "D2", "D3"]);
    assert!(bench.disk.keys().iter().all(|key| key[0] != crate::key::Kind::Thread as u8), "no thread is left over");
}

#[tokio::test]
async fn a_failed_first_entry_holds_back_those_behind_it_and_nothing_else() {
    let bench = Bench::new();
    bench.accept(document("D1", vec![to_hop("H48.20", HOP)])).await;
    bench.accept(about("D2", "D1", Lane::Normal)).await;
    let claim = claims(&bench.store, NOW).pop().unwrap();
    settle(&bench.store, &claim, failed(), NOW).await;
    bench.accept(document("D9", vec![to_hop("H48.20", HOP)])).await;
    assert_eq!(names(&claims(&bench.store, NOW + seconds(1))), ["D9"]);
}

#[tokio::test]
async fn an_entry_returned_in_the_middle_of_its_thread_lets_the_rest_keep_order() {
    let bench = Bench::new();
    bench.accept(document("D1", vec![to_hop("H48.20", HOP)])).await;
    let second = bench.accept(about("D2", "D1", Lane::Normal)).await;
    bench.accept(about("D3", "D1", Lane::Normal)).await;
    let order = crate::Order::Return { code: ErrorCode::Cancelled };
    bench.store.order(second, vec![0], order, "sai văn bản".to_owned(), NOW).await.unwrap();
    let first = claims(&bench.store, NOW);
    assert_eq!(names(&first), ["D1"]);
    settle(&bench.store, &first[0], delivered(), NOW).await;
    let last = claims(&bench.store, NOW);
    assert_eq!(names(&last), ["D3"]);
    settle(&bench.store, &last[0], delivered(), NOW).await;
    assert_eq!(bench.faults(), Vec::<String>::new());
}

#[tokio::test]
async fn the_last_entry_of_a_thread_returned_leaves_the_earlier_one_as_its_end() {
    let bench = Bench::new();
    bench.accept(document("D1", vec![to_hop("H48.20", HOP)])).await;
    let second = bench.accept(about("D2", "D1", Lane::Normal)).await;
    let order = crate::Order::Return { code: ErrorCode::Cancelled };
    bench.store.order(second, vec![0], order, String::new(), NOW).await.unwrap();
    bench.accept(about("D3", "D1", Lane::Normal)).await;
    assert_eq!(names(&claims(&bench.store, NOW)), ["D1"]);
}

#[tokio::test]
async fn past_its_time_to_live_a_document_goes_back() {
    let bench = Bench::new();
    let seq = bench.accept(document("D1", vec![to_hop("H48.20", HOP), to_hop("H48.21", HOP)])).await;
    let week = NOW + seconds(7 * 24 * 3600);
    assert_eq!(bench.store.expire(UnixMillis::new(week.as_millis() - 1), 100).await.unwrap().len(), 0);
    let changes = bench.store.expire(week, 100).await.unwrap();
    assert!(changes.iter().all(|change| change.reason == Some(ErrorCode::TimeToLive)));
    assert_eq!(changes.len(), 2);
    assert_eq!(bench.store.recipients(seq, 0, 2).unwrap()[1].delivery.state(), State::Returned);
    let stats = bench.store.stats();
    assert_eq!((stats.returned, stats.waiting.len(), stats.inbox.len(), stats.reports), (2, 0, 0, 2));
    assert_eq!(bench.faults(), Vec::<String>::new());
}

#[tokio::test]
async fn what_lies_in_an_inbox_stays_there_past_its_time_to_live() {
    let bench = Bench::new();
    let seq = bench.accept(document("D1", vec![to_inbox("H48.21")])).await;
    assert_eq!(bench.store.expire(NOW + seconds(70 * 24 * 3600), 100).await.unwrap().len(), 0);
    assert_eq!(bench.store.recipients(seq, 0, 1).unwrap()[0].delivery.state(), State::Waiting);
    assert_eq!(bench.store.stats().inbox.len(), 1);
}

#[tokio::test]
async fn what_is_being_sent_goes_back_only_after_its_lease() {
    let bench = Bench::new();
    bench.accept(document("D1", vec![to_hop("H48.20", HOP)])).await;
    let week = NOW + seconds(7 * 24 * 3600);
    let claim: Claim = claims(&bench.store, week - seconds(1)).pop().unwrap();
    assert_eq!(bench.store.expire(week, 100).await.unwrap().len(), 0);
    assert_eq!(bench.store.expire(claim.until, 100).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_claim_past_the_deadline_is_not_given() {
    let bench = Bench::new();
    bench.accept(document("D1", vec![to_hop("H48.20", HOP)])).await;
    assert_eq!(claims(&bench.store, NOW + seconds(7 * 24 * 3600)).len(), 0);
}

#[tokio::test]
async fn exhausted_attempts_go_to_the_operators_list() {
    let retry = delivery::Retry::try_new(seconds(1), seconds(1), 1, 1, 0).unwrap();
    let bench = Bench::with(|options| crate::StoreOptions { retry, ..options });
    let store = &bench.store;
    store.accept(document("D1", vec![to_hop("H48.20", HOP)])).await.unwrap();
    let claim = claims(store, NOW).pop().unwrap();
    settle(store, &claim, failed(), NOW).await;
    let line = store.parked(None, 10).unwrap().pop().unwrap();
    assert_eq!((line.why, line.reason), (delivery::ParkReason::Exhausted, Some(ErrorCode::PeerUnavailable)));
    assert_eq!(claims(store, NOW + seconds(100)).len(), 0);
    assert_eq!((store.stats().parked, store.stats().waiting.len()), (1, 0));
    assert_eq!(faults(store), Vec::<String>::new());
}

#[tokio::test]
async fn new_work_wakes_its_hop() {
    let bench = Bench::new();
    let mut wakeups = bench.store.wakeups();
    bench.accept(document("D1", vec![to_hop("H48.20", HOP), to_inbox("H48.21")])).await;
    let mut seen = vec![wakeups.try_recv().unwrap(), wakeups.try_recv().unwrap()];
    seen.sort_by_key(|wakeup| format!("{wakeup:?}"));
    assert_eq!(seen, [Wakeup::Hop(hop(HOP)), Wakeup::Inbox("H48.21".to_owned())]);
}

#[tokio::test]
async fn an_operators_orders_do_not_break_the_order_of_a_thread() {
    for orders in [vec![crate::Order::Expedite], vec![crate::Order::Hold, crate::Order::Release]] {
        let bench = Bench::new();
        bench.accept(document("D1", vec![to_hop("H48.20", HOP)])).await;
        let second = bench.accept(about("D2", "D1", Lane::Normal)).await;
        for order in orders {
            bench.store.order(second, vec![0], order, String::new(), NOW).await.unwrap();
        }
        let first = claims(&bench.store, NOW);
        assert_eq!(names(&first), ["D1"]);
        settle(&bench.store, &first[0], delivered(), NOW).await;
        assert_eq!(names(&claims(&bench.store, NOW)), ["D2"]);
    }
}
