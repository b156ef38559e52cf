//! The real engines: their syncs, their lock, their panics.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tempfile::TempDir;
use types::ErrorCode;

use super::support::*;
use crate::engine::{Changes, Engine, EngineError, Visit, Walk};
use crate::{EngineKind, Store, StoreError, StoreOptions};

/// The same promises from every engine.
macro_rules! of_each_engine {
    ($($name:ident)*) => {
        mod sled {
            $(#[tokio::test]
            async fn $name() {
                super::$name(crate::EngineKind::Sled).await;
            })*
        }
        mod fjall {
            $(#[tokio::test]
            async fn $name() {
                super::$name(crate::EngineKind::Fjall).await;
            })*
        }
    };
}

of_each_engine! {
    every_answer_comes_after_a_sync_of_what_the_engine_wrote
    a_failed_sync_poisons_and_answers_nobody_with_success
    a_second_process_is_told_who_has_the_directory
    everything_is_there_after_closing_and_opening
    a_creation_that_was_not_finished_is_begun_again
    an_empty_store_does_not_take_the_place_of_one_that_was_lost
    a_store_of_another_engine_is_refused_with_instructions
    a_damaged_engine_file_is_an_error_and_no_panic
}

fn with(engine: EngineKind, folder: &TempDir) -> StoreOptions {
    StoreOptions { engine, ..options(folder) }
}

async fn every_answer_comes_after_a_sync_of_what_the_engine_wrote(engine: EngineKind) {
    let (folder, syncs) = (TempDir::new().unwrap(), Arc::new(AtomicU64::new(0)));
    let counted = Arc::clone(&syncs);
    let sync = Arc::new(move |force: &dyn Fn() -> io::Result<()>| {
        counted.fetch_add(1, Ordering::SeqCst);
        force()
    });
    let store = Store::open_synced(with(engine, &folder), sync).unwrap();
    for n in 0..10 {
        let before = syncs.load(Ordering::SeqCst);
        store.accept(document(&format!("D{n}"), vec![to_hop("H48.20", HOP)])).await.unwrap();
        assert_eq!(syncs.load(Ordering::SeqCst), before + 1);
    }
    store.close().await.unwrap();
}

async fn a_failed_sync_poisons_and_answers_nobody_with_success(engine: EngineKind) {
    let (folder, left) = (TempDir::new().unwrap(), Arc::new(AtomicU64::new(2)));
    let sync = Arc::new(move |force: &dyn Fn() -> io::Result<()>| {
        if left.fetch_sub(1, Ordering::SeqCst) == 0 {
            return Err(io::Error::other("the cable came off"));
        }
        force()
    });
    let store = Store::open_synced(with(engine, &folder), sync).unwrap();
    store.accept(document("D1", vec![to_hop("H48.20", HOP)])).await.unwrap();
    let error = store.accept(document("D2", vec![to_hop("H48.20", HOP)])).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::StorePoisoned);
    assert!(store.is_poisoned());
}

async fn a_second_process_is_told_who_has_the_directory(engine: EngineKind) {
    let folder = TempDir::new().unwrap();
    let first = Store::open(with(engine, &folder)).unwrap();
    let error = Store::open(with(engine, &folder)).unwrap_err();
    assert!(error.to_string().contains(&std::process::id().to_string()), "{error}");
    first.close().await.unwrap();
    Store::open(with(engine, &folder)).unwrap().close().await.unwrap();
}

async fn everything_is_there_after_closing_and_opening(engine: EngineKind) {
    let folder = TempDir::new().unwrap();
    let store = Store::open(with(engine, &folder)).unwrap();
    for n in 0..100 {
        let recipients = vec![to_hop("H48.20", HOP), to_inbox("H48.21")];
        store.accept(document(&format!("D{n}"), recipients)).await.unwrap();
    }
    let before = store.stats();
    store.close().await.unwrap();
    let store = Store::open(with(engine, &folder)).unwrap();
    assert_eq!(store.stats(), before);
    assert_eq!(faults(&store), Vec::<String>::new());
    store.close().await.unwrap();
}

#[tokio::test]
async fn a_snapshot_that_an_opening_did_not_finish_does_not_close_the_store() {
    let folder = TempDir::new().unwrap();
    let store = Store::open(options(&folder)).unwrap();
    store.accept(document("D1", vec![to_hop("H48.20", HOP)])).await.unwrap();
    store.close().await.unwrap();
    // What a kill during the opening leaves behind.
    let unfinished = folder.path().join("sled").join("snap.00000000FFFFFFFF.generating");
    std::fs::write(&unfinished, b"the first bytes of a snapshot").unwrap();
    let store = Store::open(options(&folder)).unwrap();
    assert_eq!(store.lookup(&key("D1")).unwrap().len(), 1);
    assert!(!unfinished.exists());
    store.close().await.unwrap();
}

struct Panicking;

impl Engine for Panicking {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        assert!(key.first() != Some(&(crate::key::Kind::Document as u8)), "the page is gone");
        Ok(None)
    }

    fn walk(&self, _: std::ops::Range<&[u8]>, _: Walk, _: &mut Visit<'_>) -> Result<(), EngineError> {
        Ok(())
    }

    fn apply(&self, _: &Changes) -> Result<(), EngineError> {
        Ok(())
    }

    fn flush(&self) -> Result<(), EngineError> {
        Ok(())
    }
}

#[tokio::test]
async fn a_panic_in_the_engine_poisons_and_is_reported() {
    let folder = TempDir::new().unwrap();
    let store = Store::start(options(&folder), Box::new(Panicking), None).unwrap();
    let error = store.document(crate::Seq::new(1)).unwrap_err();
    assert!(matches!(&error, StoreError::Engine { reason, .. } if reason.contains("the page is gone")), "{error:?}");
    assert!(store.is_poisoned());
}

async fn a_creation_that_was_not_finished_is_begun_again(engine: EngineKind) {
    let folder = TempDir::new().unwrap();
    let below = folder.path().join(engine.as_str());
    std::fs::create_dir(&below).unwrap();
    let names: &[&str] = match engine {
        EngineKind::Sled => &["conf", "db"],
        EngineKind::Fjall => &["lock", "0.jnl"],
    };
    for name in names {
        std::fs::write(below.join(name), b"").unwrap();
    }
    let store = Store::open(with(engine, &folder)).unwrap();
    store.accept(document("D1", vec![to_hop("H48.20", HOP)])).await.unwrap();
    store.close().await.unwrap();
}

async fn an_empty_store_does_not_take_the_place_of_one_that_was_lost(engine: EngineKind) {
    let folder = TempDir::new().unwrap();
    let store = Store::open(with(engine, &folder)).unwrap();
    let content = crate::Content::Inline(vec![7; 9000]);
    store.accept(crate::Accept { content, ..document("D1", vec![to_hop("H48.20", HOP)]) }).await.unwrap();
    store.close().await.unwrap();
    let below = folder.path().join(engine.as_str());
    std::fs::remove_dir_all(&below).unwrap();
    std::fs::create_dir(&below).unwrap();
    let error = Store::open(with(engine, &folder)).unwrap_err();
    assert_eq!(error.code(), ErrorCode::StoreDamaged, "{error}");
}

/// Fails to read, and panics when it is dropped, as sled does on a disk that fails.
struct Failing;

impl Drop for Failing {
    fn drop(&mut self) {
        panic!("the last sync failed");
    }
}

impl Engine for Failing {
    fn get(&self, _: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        Err(EngineError::Failed("the disk does not answer".to_owned()))
    }

    fn walk(&self, _: std::ops::Range<&[u8]>, _: Walk, _: &mut Visit<'_>) -> Result<(), EngineError> {
        Ok(())
    }

    fn apply(&self, _: &Changes) -> Result<(), EngineError> {
        Ok(())
    }

    fn flush(&self) -> Result<(), EngineError> {
        Ok(())
    }
}

/// Fails in the middle of a batch, and counts how often it is dropped.
struct Halfway {
    drops: Arc<AtomicU64>,
    left: AtomicU64,
}

impl Drop for Halfway {
    fn drop(&mut self) {
        self.drops.fetch_add(1, Ordering::SeqCst);
    }
}

impl Engine for Halfway {
    fn get(&self, _: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        Ok(None)
    }

    fn walk(&self, _: std::ops::Range<&[u8]>, _: Walk, _: &mut Visit<'_>) -> Result<(), EngineError> {
        Ok(())
    }

    fn apply(&self, _: &Changes) -> Result<(), EngineError> {
        match self.left.fetch_sub(1, Ordering::SeqCst) {
            0 => Err(EngineError::Failed("a page could not be read".to_owned())),
            _ => Ok(()),
        }
    }

    fn flush(&self) -> Result<(), EngineError> {
        Ok(())
    }
}

#[tokio::test]
async fn an_engine_that_failed_in_a_batch_never_gets_to_write_the_half_of_it() {
    let (folder, drops) = (TempDir::new().unwrap(), Arc::new(AtomicU64::new(0)));
    // The opening commits once.
    let engine = Halfway { drops: Arc::clone(&drops), left: AtomicU64::new(1) };
    let store = Store::start(options(&folder), Box::new(engine), None).unwrap();
    let error = store.accept(document("D1", vec![to_hop("H48.20", HOP)])).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::StorePoisoned);
    assert!(store.close().await.is_err());
    drop(store);
    assert_eq!(drops.load(Ordering::SeqCst), 0);
}

#[test]
fn an_engine_that_panics_when_an_opening_fails_leaves_the_error_and_no_panic() {
    let folder = TempDir::new().unwrap();
    let error = Store::start(options(&folder), Box::new(Failing), None).unwrap_err();
    assert!(error.to_string().contains("the disk does not answer"), "{error}");
}

async fn a_store_of_another_engine_is_refused_with_instructions(engine: EngineKind) {
    let folder = TempDir::new().unwrap();
    Store::open(with(engine, &folder)).unwrap().close().await.unwrap();
    let other = EngineKind::ALL.into_iter().find(|kind| *kind != engine).unwrap();
    let error = Store::open(with(other, &folder)).unwrap_err();
    assert_eq!(error.code(), ErrorCode::Unsupported);
    assert!(error.to_string().contains(&format!("store migrate --to {other}")), "{error}");
    Store::open(with(engine, &folder)).unwrap().close().await.unwrap();
}

async fn a_damaged_engine_file_is_an_error_and_no_panic(engine: EngineKind) {
    let folder = TempDir::new().unwrap();
    let store = Store::open(with(engine, &folder)).unwrap();
    store.accept(document("D1", vec![to_hop("H48.20", HOP)])).await.unwrap();
    store.close().await.unwrap();
    let name = match engine {
        EngineKind::Sled => "conf",
        EngineKind::Fjall => "version",
    };
    std::fs::write(folder.path().join(engine.as_str()).join(name), b"this is none of the engine's words").unwrap();
    let error = Store::open(with(engine, &folder)).unwrap_err();
    assert!(matches!(error, StoreError::Engine { .. } | StoreError::Damaged { .. }), "{error:?}");
}
