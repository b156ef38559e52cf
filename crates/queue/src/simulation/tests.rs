//! A stepped store answers when its batch is written, and is the same store otherwise.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use super::*;
use crate::engine::fake::{Cut, FakeDisk, FakeEngine};
use crate::store::tests::support::{HOP, NOW, claims, document, to_hop};
use crate::{Accepted, StoreOptions};

struct Faked(FakeEngine);

fn words(error: EngineError) -> MediumError {
    MediumError(format!("{error:?}"))
}

impl Medium for Faked {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, MediumError> {
        self.0.get(key).map_err(words)
    }

    fn walk(&self, range: Range<&[u8]>, direction: Direction, visit: &mut Visitor<'_>) -> Result<(), MediumError> {
        let way = if direction == Direction::Forward { Walk::Forward } else { Walk::Backward };
        self.0.walk(range, way, visit).map_err(words)
    }

    fn apply(&self, changes: &Changes) -> Result<(), MediumError> {
        self.0.apply(changes).map_err(words)
    }

    fn flush(&self) -> Result<(), MediumError> {
        self.0.flush().map_err(words)
    }
}

fn stepped(disk: &FakeDisk) -> (Store, Stepper) {
    let options = StoreOptions {
        space: Arc::new(|_: &std::path::Path| Ok(crate::Space { free: 50, total: 100 })),
        ..StoreOptions::new("/nowhere")
    };
    Store::stepped(options, Box::new(Faked(FakeEngine(disk.clone())))).unwrap()
}

fn poll<T>(future: &mut Pin<Box<impl Future<Output = T>>>) -> Poll<T> {
    future.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn an_operation_is_answered_by_the_step_that_writes_it() {
    let disk = FakeDisk::default();
    let (store, mut stepper) = stepped(&disk);
    let mut accepting = Box::pin(store.accept(document("D1", vec![to_hop("H48.20", HOP)])));
    let before = disk.flushes();
    assert!(poll(&mut accepting).is_pending() && stepper.has_work());
    assert_eq!(disk.flushes(), before, "nothing is written before the step");
    assert_eq!(stepper.step(), 1);
    assert!(matches!(poll(&mut accepting), Poll::Ready(Ok(Accepted::New { .. }))));
    assert_eq!(disk.flushes(), before + 1);
}

#[test]
fn what_arrived_together_is_one_batch() {
    let disk = FakeDisk::default();
    let (store, mut stepper) = stepped(&disk);
    let mut first = Box::pin(store.accept(document("D1", vec![to_hop("H48.20", HOP)])));
    let mut second = Box::pin(store.accept(document("D2", vec![to_hop("H48.20", HOP)])));
    assert!(poll(&mut first).is_pending() && poll(&mut second).is_pending());
    let before = disk.flushes();
    assert_eq!(stepper.step(), 2);
    assert_eq!(disk.flushes(), before + 1);
    assert!(poll(&mut first).is_ready() && poll(&mut second).is_ready());
}

#[test]
fn a_store_opened_again_has_what_was_answered_and_nothing_else() {
    let disk = FakeDisk::default();
    let (store, mut stepper) = stepped(&disk);
    let mut answered = Box::pin(store.accept(document("D1", vec![to_hop("H48.20", HOP)])));
    assert!(poll(&mut answered).is_pending());
    stepper.step();
    let mut waiting = Box::pin(store.accept(document("D2", vec![to_hop("H48.20", HOP)])));
    assert!(poll(&mut waiting).is_pending());
    disk.power_cycle(Cut::LosesUnflushed);
    let (store, _stepper) = stepped(&disk);
    let found: Vec<String> =
        claims(&store, NOW).iter().map(|claim| claim.document.key.document_id.to_string()).collect();
    assert_eq!(found, ["D1"]);
    assert_eq!(store.check().unwrap().damage, []);
}
