use delivery::State;
use types::ErrorCode;

use super::support::*;
use crate::{Accept, Confirm, Confirmed, EntryKind, InboxQuery, ItemId, LeaseToken, Store};

fn query(code: &str) -> InboxQuery {
    InboxQuery { agency: agency(code), kind: None, after: ItemId::default(), max: 10, now: NOW }
}

fn waiting(store: &Store, code: &str) -> Vec<String> {
    let page = store.inbox(&query(code)).unwrap();
    page.items.iter().map(|item| item.document.key.document_id.to_string()).collect()
}

fn confirm(item: ItemId, token: Option<LeaseToken>) -> Confirm {
    Confirm { agency: agency("H48.20"), item, token, now: NOW, evidence: b"handover".to_vec() }
}

async fn with_two() -> (Bench, Vec<ItemId>) {
    let bench = Bench::new();
    bench.accept(document("D1", vec![to_inbox("H48.20"), to_inbox("H48.21")])).await;
    bench.accept(document("D2", vec![to_inbox("H48.20")])).await;
    let items = bench.store.inbox(&query("H48.20")).unwrap().items.iter().map(|item| item.id).collect();
    (bench, items)
}

#[tokio::test]
async fn an_inbox_is_in_the_order_of_acceptance_and_pages_by_cursor() {
    let (bench, items) = with_two().await;
    assert_eq!(waiting(&bench.store, "000.00.20.H48"), ["D1", "D2"]);
    let first = bench.store.inbox(&InboxQuery { max: 1, ..query("H48.20") }).unwrap();
    assert_eq!((first.next, first.more), (items[0], true));
    let second = bench.store.inbox(&InboxQuery { after: first.next, ..query("H48.20") }).unwrap();
    assert_eq!((second.items[0].id, second.more), (items[1], false));
}

#[tokio::test]
async fn a_recipient_names_its_item_before_and_after_it_is_confirmed() {
    let (bench, items) = with_two().await;
    let seq = bench.store.inbox(&query("H48.20")).unwrap().items[0].document.seq;
    let item = |bench: &Bench| bench.store.recipients(seq, 0, 1).unwrap()[0].item;
    assert_eq!(item(&bench), Some(items[0]));
    bench.store.confirm(confirm(items[0], None)).await.unwrap();
    assert_eq!(item(&bench), Some(items[0]));
}

#[tokio::test]
async fn a_confirmed_item_leaves_the_inbox_and_is_delivered() {
    let (bench, items) = with_two().await;
    assert_eq!(bench.store.confirm(confirm(items[0], None)).await.unwrap(), Confirmed::Now);
    assert_eq!(waiting(&bench.store, "H48.20"), ["D2"]);
    assert_eq!(waiting(&bench.store, "H48.21"), ["D1"]);
    assert_eq!(bench.store.stats().delivered, 1);
    assert_eq!(bench.faults(), Vec::<String>::new());
}

#[tokio::test]
async fn a_repeated_confirmation_is_answered_and_changes_nothing() {
    let (bench, items) = with_two().await;
    bench.store.confirm(confirm(items[0], None)).await.unwrap();
    let again = bench.store.confirm(confirm(items[0], None)).await.unwrap();
    assert!(matches!(again, Confirmed::Already { state: State::Delivered, at: NOW, .. }), "{again:?}");
    assert_eq!(bench.store.stats().delivered, 1);
}

#[tokio::test]
async fn confirming_an_unknown_item_is_not_found() {
    let (bench, _) = with_two().await;
    let error = bench.store.confirm(confirm(ItemId::new(999), None)).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::NotFound);
}

#[tokio::test]
async fn a_leased_item_is_kept_from_other_systems_until_the_lease_ends() {
    let (bench, items) = with_two().await;
    let lease = |name: &str, now| bench.store.lease(&agency("H48.20"), items[0], &system(name), NOW + seconds(60), now);
    let token = lease("a", NOW).unwrap();
    assert_eq!(lease("b", NOW).unwrap_err().code(), ErrorCode::LeaseLost);
    assert_eq!(bench.store.confirm(confirm(items[0], None)).await.unwrap_err().code(), ErrorCode::LeaseLost);
    let held = bench.store.inbox(&query("H48.20")).unwrap().items[0].held_by.clone().unwrap();
    assert_eq!(held.system, system("a"));
    assert!(lease("b", NOW + seconds(60)).unwrap().as_number() > token.as_number());
}

#[tokio::test]
async fn the_holder_confirms_with_its_token() {
    let (bench, items) = with_two().await;
    let until = NOW + seconds(60);
    let token = bench.store.lease(&agency("H48.20"), items[0], &system("a"), until, NOW).unwrap();
    assert_eq!(bench.store.confirm(confirm(items[0], Some(token))).await.unwrap(), Confirmed::Now);
}

#[tokio::test]
async fn a_token_taken_over_by_another_confirms_nothing() {
    let (bench, items) = with_two().await;
    let until = NOW + seconds(60);
    let old = bench.store.lease(&agency("H48.20"), items[0], &system("a"), until, NOW).unwrap();
    bench.store.lease(&agency("H48.20"), items[0], &system("b"), until + seconds(60), until).unwrap();
    assert_eq!(bench.store.confirm(confirm(items[0], Some(old))).await.unwrap_err().code(), ErrorCode::LeaseLost);
}

#[tokio::test]
async fn a_token_of_an_earlier_run_confirms_what_nobody_holds() {
    let (bench, items) = with_two().await;
    let token = bench.store.lease(&agency("H48.20"), items[0], &system("a"), NOW + seconds(60), NOW).unwrap();
    let bench = bench.reopen().await;
    assert_eq!(bench.store.confirm(confirm(items[0], Some(token))).await.unwrap(), Confirmed::Now);
}

#[tokio::test]
async fn an_item_given_back_is_free() {
    let (bench, items) = with_two().await;
    let until = NOW + seconds(60);
    let token = bench.store.lease(&agency("H48.20"), items[0], &system("a"), until, NOW).unwrap();
    bench.store.give_back(&agency("H48.20"), items[0], token).unwrap();
    bench.store.lease(&agency("H48.20"), items[0], &system("b"), until, NOW).unwrap();
}

#[tokio::test]
async fn a_filter_passes_over_other_kinds_and_moves_the_cursor() {
    let (bench, items) = with_two().await;
    let status = Accept { kind: EntryKind::Status, ..document("S1", vec![to_inbox("H48.20")]) };
    bench.accept(status).await;
    let page = bench.store.inbox(&InboxQuery { kind: Some(EntryKind::Status), ..query("H48.20") }).unwrap();
    assert_eq!(page.items[0].document.kind, EntryKind::Status);
    assert!(page.items.len() == 1 && page.next > items[1] && !page.more);
}
