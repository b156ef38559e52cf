use delivery::State;
use types::{ErrorCode, StatusCode, UnixMillis};

use super::support::*;
use crate::{Accept, Direction, EventKind, Page, Query, Store, TrackEvent};

fn listed(page: &Page) -> Vec<String> {
    page.rows.iter().map(|row| row.document.key.document_id.to_string()).collect()
}

async fn with_five() -> Bench {
    let bench = Bench::new();
    for n in 1..=5_u64 {
        let accept = document(&format!("D{n}"), vec![to_inbox("H48.20"), to_hop("H50.21", HOP)]);
        bench.accept(Accept { received_at: NOW + seconds(n), ..accept }).await;
    }
    bench
}

fn list(store: &Store, query: Query) -> Vec<String> {
    listed(&store.list(&query, None, 100).unwrap())
}

#[tokio::test]
async fn a_list_shows_the_latest_first_and_pages_without_gaps_while_entries_come_in() {
    let bench = with_five().await;
    let first = bench.store.list(&Query::default(), None, 2).unwrap();
    bench.accept(document("D6", vec![to_inbox("H48.20")])).await;
    let second = bench.store.list(&Query::default(), first.next.as_ref(), 2).unwrap();
    let third = bench.store.list(&Query::default(), second.next.as_ref(), 2).unwrap();
    let all = [listed(&first), listed(&second), listed(&third)].concat();
    assert_eq!((all, third.next), (["D5", "D4", "D3", "D2", "D1"].map(str::to_owned).to_vec(), None));
}

#[tokio::test]
async fn a_sent_list_is_of_its_agency_and_within_its_times() {
    let bench = with_five().await;
    let query = |code: &str| Query {
        agency: Some(agency(code)),
        from: Some(NOW + seconds(2)),
        until: Some(NOW + seconds(4)),
        ..Query::default()
    };
    assert_eq!(list(&bench.store, query("000.00.00.G22")), ["D3", "D2"]);
    assert_eq!(list(&bench.store, query("H48.20")), Vec::<String>::new());
}

#[tokio::test]
async fn a_received_list_shows_the_agencys_own_delivery() {
    let bench = with_five().await;
    let query = Query {
        agency: Some(agency("H48.20")),
        direction: Direction::Received,
        state: Some(State::Waiting),
        ..Query::default()
    };
    let page = bench.store.list(&query, None, 1).unwrap();
    assert_eq!(page.rows[0].recipient.as_ref().unwrap().code, agency("H48.20"));
    assert_eq!(list(&bench.store, Query { state: Some(State::Delivered), ..query }), Vec::<String>::new());
}

#[tokio::test]
async fn a_text_is_found_in_document_ids_in_any_case() {
    let bench = with_five().await;
    assert_eq!(list(&bench.store, Query { text: Some("d3".to_owned()), ..Query::default() }), ["D3"]);
}

#[tokio::test]
async fn a_made_up_cursor_shows_nothing_of_other_agencies() {
    let bench = with_five().await;
    let query = Query { agency: Some(agency("H99.01")), ..Query::default() };
    let cursor = crate::Cursor::from_bytes(&[0xff; 40]);
    assert_eq!(bench.store.list(&query, Some(&cursor), 10).unwrap().rows.len(), 0);
}

#[tokio::test]
async fn entries_are_found_by_their_exchange() {
    let bench = with_five().await;
    let seq = bench.store.lookup(&key("D3")).unwrap()[0];
    let exchange = bench.store.document(seq).unwrap().exchange;
    assert_eq!(bench.store.by_exchange(exchange).unwrap(), [seq]);
}

fn status(code: StatusCode, flagged: bool) -> TrackEvent {
    TrackEvent {
        at: NOW,
        kind: EventKind::Status(code),
        code: None,
        text: "Đã tiếp nhận".to_owned(),
        evidence: Vec::new(),
        flagged,
    }
}

#[tokio::test]
async fn statuses_are_kept_in_order_and_flagged_ones_do_not_show_as_the_last() {
    let bench = Bench::new();
    let seq = bench.accept(document("D1", vec![to_inbox("H48.20")])).await;
    bench.store.record_event(seq, agency("000.00.20.H48"), status(StatusCode::Registered, false)).await.unwrap();
    bench.store.record_event(seq, agency("H48.20"), status(StatusCode::Arrived, true)).await.unwrap();
    let track = bench.store.track(seq, 0, 10).unwrap();
    assert_eq!(track.recipients[0].recipient.status, Some(StatusCode::Registered));
    assert_eq!(track.recipients[0].events, [status(StatusCode::Registered, false), status(StatusCode::Arrived, true)]);
}

#[tokio::test]
async fn an_event_for_a_stranger_is_not_found() {
    let bench = Bench::new();
    let seq = bench.accept(document("D1", vec![to_inbox("H48.20")])).await;
    let error = bench.store.record_event(seq, agency("H99.01"), status(StatusCode::Arrived, false)).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::NotFound);
}

#[tokio::test]
async fn oversized_proof_is_refused() {
    let bench = Bench::new();
    let seq = bench.accept(document("D1", vec![to_inbox("H48.20")])).await;
    let event = TrackEvent { evidence: vec![0; 64 * 1024 + 1], ..status(StatusCode::Arrived, false) };
    let error = bench.store.record_event(seq, agency("H48.20"), event).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::LimitExceeded);
}

#[tokio::test]
async fn tracking_pages_by_recipient() {
    let bench = Bench::new();
    let recipients = (10..50).map(|n| to_inbox(&format!("H48.{n}"))).collect();
    let seq = bench.accept(document("D1", recipients)).await;
    let page = bench.store.track(seq, 0, 30).unwrap();
    assert_eq!((page.recipients.len(), page.next), (30, Some(30)));
    let rest = bench.store.track(seq, 30, 30).unwrap();
    assert_eq!((rest.recipients.len(), rest.next), (10, None));
}

#[tokio::test]
async fn every_receipt_of_an_entry_is_found() {
    let bench = Bench::new();
    let seq = bench.accept(document("D1", vec![to_hop("H48.20", HOP)])).await;
    let claim = claims(&bench.store, UnixMillis::new(NOW.as_millis() + 1)).pop().unwrap();
    settle(&bench.store, &claim, delivered(), NOW).await;
    let receipts: Vec<Vec<u8>> = bench.store.receipts(seq).unwrap().into_iter().map(|receipt| receipt.bytes).collect();
    assert_eq!(receipts, [b"receipt of D1".to_vec(), b"their receipt".to_vec()]);
}
