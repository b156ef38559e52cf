use std::io::{Read, Write};
use std::path::PathBuf;

use types::{Digest, ErrorCode, UnixMillis};

use super::support::*;
use crate::{Accept, Accepted, Confirm, Content, InboxQuery, ItemId, Purged, Seq, Store};

const LATER: UnixMillis = UnixMillis::new(NOW.as_millis() + 1000);

fn staged(store: &Store, bytes: &[u8]) -> Content {
    let mut writer = store.stage().unwrap();
    writer.write_all(bytes).unwrap();
    Content::Staged(writer.finish().unwrap())
}

/// Bytes that are kept in a file.
fn large() -> Vec<u8> {
    b"the same bytes".repeat(2000)
}

fn path(bench: &Bench, digest: &Digest) -> PathBuf {
    bench.store.shared().payloads.path(digest)
}

async fn with_file(bench: &Bench, id: &str) -> (Seq, Digest) {
    let content = staged(&bench.store, &large());
    let seq = bench.accept(Accept { content, ..document(id, vec![to_inbox("H48.20")]) }).await;
    (seq, bench.store.document(seq).unwrap().content.digest)
}

async fn confirm_all(bench: &Bench) {
    let query = InboxQuery { agency: agency("H48.20"), kind: None, after: ItemId::default(), max: 10, now: NOW };
    for item in bench.store.inbox(&query).unwrap().items {
        let confirm = Confirm { agency: agency("H48.20"), item: item.id, token: None, now: NOW, evidence: vec![1] };
        bench.store.confirm(confirm).await.unwrap();
    }
}

#[tokio::test]
async fn settled_content_is_deleted_and_its_record_and_proof_stay() {
    let bench = Bench::new();
    let (seq, digest) = with_file(&bench, "D1").await;
    confirm_all(&bench).await;
    let purged = bench.store.purge(LATER, LATER, 10).await.unwrap();
    assert_eq!(purged, Purged { entries: 1, files: 1, more: false });
    assert!(!path(&bench, &digest).exists());
    let document = bench.store.document(seq).unwrap();
    assert_eq!((document.purged_at, document.content.digest), (Some(LATER), digest));
    assert_eq!(bench.store.open_payload(&document.content).unwrap_err().code(), ErrorCode::NotFound);
    assert_eq!(bench.store.receipts(seq).unwrap().len(), 2);
    assert_eq!(bench.faults(), Vec::<String>::new());
}

#[tokio::test]
async fn small_content_is_deleted_from_its_record() {
    let bench = Bench::new();
    let content = staged(&bench.store, &large()[..9000]);
    let seq = bench.accept(Accept { content, ..document("D1", vec![to_inbox("H48.20")]) }).await;
    let (mut bytes, document) = (Vec::new(), bench.store.document(seq).unwrap());
    bench.store.open_payload(&document.content).unwrap().read_to_end(&mut bytes).unwrap();
    assert!(bytes == large()[..9000] && !path(&bench, &document.content.digest).exists());
    confirm_all(&bench).await;
    let purged = bench.store.purge(LATER, LATER, 10).await.unwrap();
    assert_eq!(purged, Purged { entries: 1, files: 0, more: false });
    assert_eq!(bench.store.open_payload(&document.content).unwrap_err().code(), ErrorCode::NotFound);
    let left = crate::record::collect(
        &bench.store.shared().guard,
        &crate::key::Key::of(crate::key::Kind::Part).range(),
        crate::engine::Walk::Forward,
        usize::MAX,
    );
    assert_eq!(left.unwrap(), Vec::new());
    assert_eq!(bench.faults(), Vec::<String>::new());
}

#[tokio::test]
async fn unsettled_content_is_kept() {
    let bench = Bench::new();
    let (_, digest) = with_file(&bench, "D1").await;
    assert_eq!(bench.store.purge(LATER, LATER, 10).await.unwrap(), Purged::default());
    assert!(path(&bench, &digest).is_file());
}

#[tokio::test]
async fn content_settled_after_the_limit_is_kept() {
    let bench = Bench::new();
    with_file(&bench, "D1").await;
    confirm_all(&bench).await;
    assert_eq!(bench.store.purge(NOW, LATER, 10).await.unwrap(), Purged::default());
}

#[tokio::test]
async fn a_file_that_another_entry_shares_stays() {
    let bench = Bench::new();
    let (_, digest) = with_file(&bench, "D1").await;
    confirm_all(&bench).await;
    let (second, same) = with_file(&bench, "D2").await;
    assert_eq!(digest, same);
    assert_eq!(bench.store.purge(LATER, LATER, 10).await.unwrap(), Purged { entries: 1, files: 0, more: false });
    let mut bytes = Vec::new();
    let content = bench.store.document(second).unwrap().content;
    bench.store.open_payload(&content).unwrap().read_to_end(&mut bytes).unwrap();
    assert!(bytes == large());
    assert_eq!(bench.faults(), Vec::<String>::new());
}

#[tokio::test]
async fn a_purge_and_an_acceptance_of_the_same_bytes_together_keep_the_file() {
    let bench = Bench::new();
    let (_, digest) = with_file(&bench, "D1").await;
    confirm_all(&bench).await;
    let content = staged(&bench.store, &large());
    let accept = bench.store.accept(Accept { content, ..document("D2", vec![to_inbox("H48.20")]) });
    let (accepted, purged) = tokio::join!(accept, bench.store.purge(LATER, LATER, 10));
    assert!(matches!(accepted.unwrap(), Accepted::New { .. }));
    assert_eq!(purged.unwrap().entries, 1);
    assert!(path(&bench, &digest).is_file());
    assert_eq!(bench.faults(), Vec::<String>::new());
}

#[tokio::test]
async fn a_purge_works_in_batches_and_says_when_there_is_more() {
    let bench = Bench::new();
    for n in 0..3 {
        with_file(&bench, &format!("D{n}")).await;
    }
    confirm_all(&bench).await;
    assert!(bench.store.purge(LATER, LATER, 2).await.unwrap().more);
    assert_eq!(bench.store.purge(LATER, LATER, 2).await.unwrap(), Purged { entries: 1, files: 1, more: false });
}

#[tokio::test]
async fn more_recipients_after_a_purge_bring_the_content_back() {
    let bench = Bench::new();
    let relayed_file = |recipients| Accept { content: staged(&bench.store, &large()), ..relayed("D1", recipients) };
    let seq = bench.accept(relayed_file(vec![to_inbox("H48.20")])).await;
    confirm_all(&bench).await;
    bench.store.purge(LATER, LATER, 10).await.unwrap();
    let answer = bench.store.accept(relayed_file(vec![to_inbox("H48.21")])).await.unwrap();
    assert_eq!(answer, Accepted::Extended { seq, added: vec![agency("H48.21")] });
    let content = bench.store.document(seq).unwrap().content;
    bench.store.open_payload(&content).unwrap();
    assert_eq!(bench.faults(), Vec::<String>::new());
}

#[tokio::test]
async fn a_sweep_removes_what_a_crash_left_and_nothing_else() {
    let bench = Bench::new();
    let (_, kept) = with_file(&bench, "D1").await;
    let orphan = crate::payload::digest_of(b"left by a crash");
    std::fs::create_dir_all(path(&bench, &orphan).parent().unwrap()).unwrap();
    std::fs::write(path(&bench, &orphan), b"left by a crash").unwrap();
    assert_eq!(bench.store.check().unwrap().orphans, 1);
    assert_eq!(bench.store.sweep().await.unwrap(), 1);
    assert!(path(&bench, &kept).is_file() && !path(&bench, &orphan).exists());
}

#[tokio::test]
async fn an_entry_that_got_more_recipients_since_it_was_settled_is_kept() {
    let bench = Bench::new();
    let seq = bench.accept(relayed("D1", vec![to_inbox("H48.20")])).await;
    confirm_all(&bench).await;
    bench.store.accept(relayed("D1", vec![to_hop("H48.21", HOP)])).await.unwrap();
    assert_eq!(bench.store.purge(LATER, LATER, 10).await.unwrap(), Purged::default());
    assert_eq!(bench.store.document(seq).unwrap().purged_at, None);
    let claim = claims(&bench.store, NOW).pop().unwrap();
    settle(&bench.store, &claim, delivered(), NOW).await;
    assert_eq!(bench.store.purge(LATER, LATER, 10).await.unwrap().entries, 1);
}
