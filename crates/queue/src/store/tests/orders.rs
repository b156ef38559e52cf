use delivery::State;
use types::{ErrorCode, Lane};

use super::support::*;
use crate::{EventKind, InboxQuery, ItemId, Order, Plan, Seq};

async fn order(bench: &Bench, seq: Seq, order: Order) -> Vec<State> {
    let changes = bench.store.order(seq, vec![0], order, "lý do".to_owned(), NOW + seconds(1)).await.unwrap();
    assert_eq!(bench.faults(), Vec::<String>::new());
    changes.iter().map(|change| change.state).collect()
}

#[tokio::test]
async fn a_held_document_is_listed_and_not_sent_until_released() {
    let bench = Bench::new();
    let seq = bench.accept(document("D1", vec![to_hop("H48.20", HOP)])).await;
    order(&bench, seq, Order::Hold).await;
    assert_eq!(claims(&bench.store, NOW + seconds(9)).len(), 0);
    assert_eq!(bench.store.parked(None, 10).unwrap().len(), 1);
    assert_eq!(order(&bench, seq, Order::Release).await, [State::Waiting]);
    assert_eq!(bench.store.parked(None, 10).unwrap().len(), 0);
    assert_eq!(claims(&bench.store, NOW + seconds(9)).len(), 1);
}

#[tokio::test]
async fn the_reason_of_an_order_is_kept() {
    let bench = Bench::new();
    let seq = bench.accept(document("D1", vec![to_hop("H48.20", HOP)])).await;
    order(&bench, seq, Order::Return { code: ErrorCode::Cancelled }).await;
    let events = bench.store.track(seq, 0, 1).unwrap().recipients.pop().unwrap().events;
    assert_eq!(events.iter().map(|event| event.kind).collect::<Vec<_>>(), [EventKind::Ordered, EventKind::Returned]);
    assert_eq!(events[0].text, "lý do");
}

#[tokio::test]
async fn a_rerouted_document_goes_the_new_way_only() {
    let bench = Bench::new();
    let seq = bench.accept(document("D1", vec![to_hop("H48.20", HOP)])).await;
    order(&bench, seq, Order::Reroute { plan: Plan::Hop(hop("khac")) }).await;
    assert_eq!(claims(&bench.store, NOW + seconds(9)).len(), 0);
    let claim = bench.store.claim(&request("khac", NOW + seconds(9))).unwrap().pop().unwrap();
    settle(&bench.store, &claim, delivered(), NOW + seconds(9)).await;
    assert_eq!(bench.store.stats().delivered, 1);
    assert_eq!(bench.faults(), Vec::<String>::new());
}

#[tokio::test]
async fn a_document_rerouted_to_an_inbox_arrives_there() {
    let bench = Bench::new();
    let seq = bench.accept(document("D1", vec![to_hop("H48.20", HOP)])).await;
    order(&bench, seq, Order::Reroute { plan: Plan::Inbox(agency("H48.20")) }).await;
    let query = InboxQuery { agency: agency("H48.20"), kind: None, after: ItemId::default(), max: 10, now: NOW };
    assert_eq!(bench.store.inbox(&query).unwrap().items.len(), 1);
    assert_eq!(bench.store.stats().waiting.len(), 0);
}

#[tokio::test]
async fn a_held_inbox_item_is_hidden_and_comes_back_after_the_cursor() {
    let bench = Bench::new();
    let seq = bench.accept(document("D1", vec![to_inbox("H48.20")])).await;
    let query = InboxQuery { agency: agency("H48.20"), kind: None, after: ItemId::default(), max: 10, now: NOW };
    let before = bench.store.inbox(&query).unwrap().items[0].id;
    order(&bench, seq, Order::Hold).await;
    assert_eq!(bench.store.inbox(&query).unwrap().items.len(), 0);
    order(&bench, seq, Order::Release).await;
    assert_eq!(bench.store.inbox(&InboxQuery { after: before, ..query }).unwrap().items.len(), 1);
}

#[tokio::test]
async fn an_expedited_document_goes_first() {
    let bench = Bench::new();
    bench.accept(document("D1", vec![to_hop("H48.20", HOP)])).await;
    let seq = bench.accept(document("D2", vec![to_hop("H48.20", HOP)])).await;
    order(&bench, seq, Order::Expedite).await;
    let claims = claims(&bench.store, NOW + seconds(1));
    assert_eq!(names(&claims), ["D2", "D1"]);
    assert_eq!(claims[0].lane, Lane::Express);
}

#[tokio::test]
async fn an_order_that_does_not_apply_changes_nothing() {
    let bench = Bench::new();
    let seq = bench.accept(document("D1", vec![to_hop("H48.20", HOP)])).await;
    assert_eq!(order(&bench, seq, Order::Release).await, []);
    assert_eq!(bench.store.track(seq, 0, 1).unwrap().recipients[0].events, []);
}

#[tokio::test]
async fn an_order_for_an_unknown_recipient_is_rolled_back_whole() {
    let bench = Bench::new();
    let seq = bench.accept(document("D1", vec![to_hop("H48.20", HOP)])).await;
    let error = bench.store.order(seq, vec![0, 7], Order::Hold, String::new(), NOW).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::NotFound);
    assert_eq!(bench.store.stats().parked, 0);
    assert_eq!(bench.faults(), Vec::<String>::new());
}
