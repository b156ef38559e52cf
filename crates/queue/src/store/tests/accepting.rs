use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use delivery::State;
use types::{BusinessType, ErrorCode};

use super::support::*;
use crate::{Accept, Accepted, Content, EntryKind, INLINE_MAX, ReportKind, Space, Store, StoreError, StoreOptions};

#[tokio::test]
async fn an_accepted_entry_reads_back_as_it_came() {
    let bench = Bench::new();
    let seq = bench.accept(document("D1", vec![to_hop("H48.20", HOP), to_inbox("H48.21")])).await;
    let found = bench.store.document(seq).unwrap();
    assert_eq!((found.key, found.recipients, found.summary.as_slice()), (key("D1"), 2, b"summary".as_slice()));
    let mut content = String::new();
    bench.store.open_payload(&found.content).unwrap().read_to_string(&mut content).unwrap();
    assert_eq!(content, "content of D1");
    assert_eq!(bench.faults(), Vec::<String>::new());
}

#[tokio::test]
async fn a_repeat_is_answered_with_the_first_receipt() {
    let bench = Bench::new();
    let seq = bench.accept(document("D1", vec![to_hop("H48.20", HOP)])).await;
    let repeat = Accept { receipt: b"another receipt".to_vec(), ..document("D1", vec![to_hop("H48.20", HOP)]) };
    let answer = bench.store.accept(repeat).await.unwrap();
    assert_eq!(answer, Accepted::Duplicate { seq, receipt: b"receipt of D1".to_vec() });
    assert_eq!(bench.store.stats().accepted, 1);
}

#[tokio::test]
async fn repeats_in_one_batch_see_each_other() {
    let bench = Bench::new();
    let accepts = (0..20).map(|_| bench.store.accept(document("D1", vec![to_hop("H48.20", HOP)])));
    let answers: Vec<Accepted> = join_all(accepts).await.into_iter().map(Result::unwrap).collect();
    let new = answers.iter().filter(|answer| matches!(answer, Accepted::New { .. })).count();
    let duplicates = answers.iter().filter(|answer| matches!(answer, Accepted::Duplicate { .. })).count();
    assert_eq!((new, duplicates), (1, 19));
    assert!(bench.disk.flushes() < 15, "twenty waiting callers share flushes, there were {}", bench.disk.flushes());
}

/// Polls all futures in turn until each is done.
pub(super) async fn join_all<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut waiting: Vec<_> = futures.into_iter().map(|future| (Box::pin(future), None)).collect();
    std::future::poll_fn(move |context| {
        for (future, output) in &mut waiting {
            if output.is_none()
                && let std::task::Poll::Ready(found) = future.as_mut().poll(context)
            {
                *output = Some(found);
            }
        }
        if waiting.iter().all(|(_, output)| output.is_some()) {
            return std::task::Poll::Ready(waiting.drain(..).map(|(_, output)| output.unwrap()).collect());
        }
        std::task::Poll::Pending
    })
    .await
}

#[tokio::test]
async fn the_same_id_with_other_content_is_a_conflict() {
    let bench = Bench::new();
    let seq = bench.accept(document("D1", vec![to_hop("H48.20", HOP)])).await;
    let existing = bench.store.document(seq).unwrap().content.digest;
    let other = Accept { content: Content::Inline(b"other".to_vec()), ..document("D1", vec![to_hop("H48.20", HOP)]) };
    assert_eq!(bench.store.accept(other).await.unwrap(), Accepted::Conflict { seq, existing });
}

#[tokio::test]
async fn the_same_id_with_another_business_type_is_another_entry() {
    let bench = Bench::new();
    let first = bench.accept(document("D1", vec![to_hop("H48.20", HOP)])).await;
    let revoke = Accept { business: BusinessType::Revoke, ..document("D1", vec![to_hop("H48.20", HOP)]) };
    let second = bench.accept(revoke).await;
    assert_eq!(bench.store.lookup(&key("D1")).unwrap(), vec![first, second]);
}

#[tokio::test]
async fn statuses_are_told_apart_by_their_content() {
    let bench = Bench::new();
    let status = |text: &str| Accept {
        kind: EntryKind::Status,
        content: Content::Inline(text.as_bytes().to_vec()),
        ..document("D1", vec![to_hop("H48.20", HOP)])
    };
    let first = bench.accept(status("01")).await;
    bench.accept(status("03")).await;
    let answer = bench.store.accept(status("01")).await.unwrap();
    assert_eq!(answer, Accepted::Duplicate { seq: first, receipt: b"receipt of D1".to_vec() });
}

#[tokio::test]
async fn a_neighbour_that_names_more_recipients_extends_the_entry() {
    let bench = Bench::new();
    let seq = bench.accept(relayed("D1", vec![to_hop("H48.20", HOP)])).await;
    let more = relayed("D1", vec![to_hop("H48.20", HOP), to_inbox("H48.21"), to_hop("H48.22", "khac")]);
    let answer = bench.store.accept(more).await.unwrap();
    assert_eq!(answer, Accepted::Extended { seq, added: vec![agency("H48.21"), agency("H48.22")] });
    assert_eq!(bench.store.document(seq).unwrap().recipients, 3);
    assert_eq!(bench.store.claim(&request("khac", NOW)).unwrap().len(), 1);
    assert_eq!(bench.faults(), Vec::<String>::new());
}

#[tokio::test]
async fn a_local_repeat_with_more_recipients_adds_them_too() {
    let bench = Bench::new();
    let seq = bench.accept(document("D1", vec![to_hop("H48.20", HOP)])).await;
    let answer = bench.store.accept(document("D1", vec![to_hop("H48.20", HOP), to_inbox("H48.21")])).await.unwrap();
    assert_eq!(answer, Accepted::Extended { seq, added: vec![agency("H48.21")] });
}

#[tokio::test]
async fn a_recipient_named_twice_is_one_recipient() {
    let bench = Bench::new();
    let recipients = vec![to_hop("000.00.20.H48", HOP), to_hop("H48.20", HOP)];
    let seq = bench.accept(document("D1", recipients)).await;
    assert_eq!(bench.store.document(seq).unwrap().recipients, 1);
}

#[tokio::test]
async fn a_recipient_without_a_route_is_returned_at_once_and_reported() {
    let bench = Bench::new();
    let seq = bench.accept(document("D1", vec![returned("H48.20")])).await;
    let recipient = bench.store.recipients(seq, 0, 1).unwrap().pop().unwrap();
    assert_eq!(recipient.delivery.state(), State::Returned);
    let report = bench.store.reports(None, 10).unwrap().pop().unwrap();
    assert_eq!(report.about, ReportKind::Returned { code: ErrorCode::NoRoute, cause: None });
}

#[tokio::test]
async fn an_entry_that_answers_a_report_crosses_it_off() {
    let bench = Bench::new();
    bench.accept(document("D1", vec![returned("H48.20")])).await;
    let report = bench.store.reports(None, 10).unwrap().pop().unwrap();
    let receipt =
        Accept { kind: EntryKind::Receipt, answers: vec![report.id], ..document("R1", vec![to_inbox("G22")]) };
    bench.accept(receipt).await;
    assert_eq!(bench.store.reports(None, 10).unwrap(), vec![]);
    assert_eq!(bench.faults(), Vec::<String>::new());
}

#[tokio::test]
async fn no_value_is_larger_than_the_engine_keeps_safely() {
    let bench = Bench::new();
    let recipients = (0..500).map(|n| to_inbox(&format!("H48.{n:03}"))).collect();
    let large = Accept {
        summary: vec![7; 3 * 1024],
        receipt: vec![8; 40_000],
        side: Content::Inline(vec![9; 4096]),
        ..document("D1", recipients)
    };
    let seq = bench.accept(large).await;
    assert!(bench.disk.value_length_max() <= 4096, "{}", bench.disk.value_length_max());
    assert_eq!(bench.store.document(seq).unwrap().receipt, vec![8; 40_000]);
    assert_eq!(bench.store.recipients(seq, 490, 100).unwrap().len(), 10);
    assert_eq!(bench.faults(), Vec::<String>::new());
}

#[tokio::test]
async fn bytes_over_the_inline_limit_become_a_payload_file() {
    let bench = Bench::new();
    let large =
        Accept { content: Content::Inline(vec![1; INLINE_MAX + 1]), ..document("D1", vec![to_inbox("H48.20")]) };
    let seq = bench.accept(large).await;
    let digest = bench.store.document(seq).unwrap().content.digest.to_string();
    assert!(bench.folder.path().join("payload").join(&digest[..2]).join(&digest).is_file());
    assert_eq!(bench.store.stats().payload_bytes, INLINE_MAX as u64 + 1);
}

#[tokio::test]
async fn an_entry_without_recipients_is_refused() {
    let bench = Bench::new();
    let error = bench.store.accept(document("D1", vec![])).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::InvalidArgument);
}

#[tokio::test]
async fn an_oversized_summary_is_refused() {
    let bench = Bench::new();
    let large = Accept { summary: vec![0; 3 * 1024 + 1], ..document("D1", vec![to_inbox("H48.20")]) };
    assert_eq!(bench.store.accept(large).await.unwrap_err().code(), ErrorCode::LimitExceeded);
}

#[tokio::test]
async fn a_nearly_full_disk_stops_intake_while_deliveries_drain() {
    let bench = Bench::new();
    bench.accept(document("D1", vec![to_hop("H48.20", HOP)])).await;
    bench.store.close().await.unwrap();
    let space = Arc::new(|_: &Path| Ok(Space { free: 4, total: 100 }));
    let full = StoreOptions { space, ..StoreOptions::new(bench.folder.path()) };
    let store = Store::start(full, bench.disk.engine(), None).unwrap();
    let error = store.accept(document("D2", vec![to_hop("H48.20", HOP)])).await.unwrap_err();
    assert!(matches!(error, StoreError::DiskReserve { free: 4, reserve: 5 }), "{error:?}");
    assert_eq!(store.stage().unwrap_err().code(), ErrorCode::DiskReserve);
    let claim = claims(&store, NOW).pop().unwrap();
    settle(&store, &claim, delivered(), NOW).await;
    assert_eq!(store.stats().delivered, 1);
    let repeat = store.accept(document("D1", vec![to_hop("H48.20", HOP)])).await.unwrap();
    assert!(matches!(repeat, Accepted::Duplicate { .. }), "{repeat:?}");
}
