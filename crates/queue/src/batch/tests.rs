use std::ops::ControlFlow;

use super::*;
use crate::engine::fake::{FakeDisk, FakeEngine};
use crate::engine::{Engine, Walk};

/// Keys seen by a walk over committed `a c e g`, a batch that adds `b`, removes `c` and changes `e`, and an operation
/// that adds `d`, removes `b` and adds `h`; `max` keys at most.
fn walked(way: Walk, max: usize) -> String {
    let (disk, folder) = (FakeDisk::default(), tempfile::TempDir::new().unwrap());
    let engine = FakeEngine(disk);
    let change =
        |key: &str, value: Option<&str>| (key.as_bytes().to_vec(), value.map(|value| value.as_bytes().to_vec()));
    engine.apply(&["a", "c", "e", "g"].map(|key| change(key, Some("1"))).into_iter().collect()).unwrap();
    let store = crate::Store::start(crate::StoreOptions::new(folder.path()), Box::new(engine), None).unwrap();
    let mut batch = Batch::new(1);
    batch.changes = [change("b", Some("2")), change("c", None), change("e", Some("2"))].into_iter().collect();
    let mut tx = Tx::new(store.shared(), &mut batch);
    tx.own = [change("b", None), change("d", Some("3")), change("h", Some("3"))].into_iter().collect();
    let mut seen = Vec::new();
    tx.walk(b"a".as_slice()..b"z".as_slice(), way, &mut |key, value| {
        seen.extend([key, value].concat());
        if seen.len() < 2 * max { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })
    .unwrap();
    String::from_utf8(seen).unwrap()
}

#[test]
fn a_walk_sees_the_committed_state_under_the_batch_under_the_operation() {
    assert_eq!(walked(Walk::Forward, 99), "a1d3e2g1h3");
    assert_eq!(walked(Walk::Backward, 99), "h3g1e2d3a1");
}

#[test]
fn a_walk_ends_where_its_visitor_breaks() {
    for max in 1..=5 {
        assert_eq!(walked(Walk::Forward, max), "a1d3e2g1h3"[..2 * max]);
        assert_eq!(walked(Walk::Backward, max), "h3g1e2d3a1"[..2 * max]);
    }
}
