//! What is missing or damaged is named, and a repair leaves a store that fits together.

use std::collections::BTreeMap;

use super::scene::*;
use crate::engine::Changes;
use crate::key::{self, Kind};
use crate::witness::{Seen, Witness};
use crate::{EngineKind, Repaired, Store, StoreError};

of_each_engine! {
    every_missing_record_is_noticed_and_repaired
    a_damaged_record_of_every_kind_is_repaired
    a_store_without_fault_is_repaired_into_itself
    a_lost_end_is_refused_and_a_repair_goes_on_behind_it
}

fn repair(folder: &tempfile::TempDir) -> (Repaired, String) {
    let mut aside = Vec::new();
    let repaired = offline(folder).repair(&mut aside, &mut |_| {}).unwrap();
    repaired.remove_old().unwrap();
    (repaired, String::from_utf8(aside).unwrap())
}

/// Opens and closes the store as a node would.
fn serves(folder: &tempfile::TempDir, engine: EngineKind) {
    run(async { Store::open(options(folder, engine)).unwrap().close().await.unwrap() });
    assert_eq!(damage(folder), Vec::<String>::new());
}

/// What a repair cannot give back: bytes that only one record had. The check goes on naming them.
fn left(kind: u8) -> Vec<&'static str> {
    match Kind::of(&[kind]) {
        Some(Kind::Content) => vec!["the record of its content is missing"],
        Some(Kind::Side) => vec!["the record of its envelope is missing"],
        _ => Vec::new(),
    }
}

/// Repairs, and opens the store afterwards where nothing is left to be named.
fn repaired_but_for_bytes(folder: &tempfile::TempDir, engine: EngineKind, kind: u8, name: &str) -> (Repaired, String) {
    let (repaired, aside) = repair(folder);
    let reasons: Vec<&str> = repaired.report.damage.iter().map(|damage| damage.reason.as_str()).collect();
    assert_eq!(reasons, left(kind), "{name}");
    if reasons.is_empty() {
        serves(folder, engine);
    }
    (repaired, aside)
}

/// One key of each kind.
fn one_of_each(records: &BTreeMap<Vec<u8>, Vec<u8>>) -> BTreeMap<u8, Vec<u8>> {
    records.keys().rev().map(|key| (key[0], key.clone())).collect()
}

#[test]
fn the_scene_has_every_kind_of_record() {
    let kinds: Vec<u8> = one_of_each(&records(&filled(EngineKind::Fjall))).into_keys().collect();
    // Nothing is ready to start or has a deadline, and nothing of an older format is left.
    let missing: Vec<Kind> = Kind::ALL.into_iter().filter(|kind| !kinds.contains(&(*kind as u8))).collect();
    assert_eq!(missing, [Kind::Meta, Kind::Due, Kind::HoldReady, Kind::Deadline]);
}

fn every_missing_record_is_noticed_and_repaired(engine: EngineKind) {
    let whole = records(&filled(engine));
    for (kind, key) in one_of_each(&whole) {
        let folder = filled(engine);
        tamper(&folder, engine, &Changes::from([(key.clone(), None)]));
        let named = damage(&folder);
        assert!(!named.is_empty(), "{} is missing and nobody noticed", key::describe(&key));
        repaired_but_for_bytes(&folder, engine, kind, &key::describe(&key));
        let is_index = crate::indexes::is_strict(Kind::of(&[kind]).unwrap()) || kind == Kind::Stat as u8;
        if is_index {
            assert_eq!(records(&folder), whole, "{} was written again", key::describe(&key));
        }
    }
}

fn a_damaged_record_of_every_kind_is_repaired(engine: EngineKind) {
    let whole = records(&filled(engine));
    for (kind, key) in one_of_each(&whole) {
        let folder = filled(engine);
        let mut value = whole[&key].clone();
        *value.last_mut().unwrap() ^= 1;
        tamper(&folder, engine, &Changes::from([(key.clone(), Some(value))]));
        let name = key::describe(&key);
        assert!(damage(&folder).iter().any(|line| line.contains(&name)), "{name}: {:?}", damage(&folder));
        let (repaired, aside) = repaired_but_for_bytes(&folder, engine, kind, &name);
        assert!(aside.contains(&format!("# {name}: ")), "{aside}");
        assert!(repaired.aside.iter().any(|damage| damage.what == name), "{:?}", repaired.aside);
    }
}

fn a_store_without_fault_is_repaired_into_itself(engine: EngineKind) {
    let folder = filled(engine);
    let before = records(&folder);
    let (repaired, aside) = repair(&folder);
    assert_eq!((repaired.aside, repaired.lost, repaired.written, repaired.removed), (vec![], vec![], 0, 0));
    assert_eq!(aside, "");
    assert_eq!(records(&folder), before);
}

#[test]
fn a_journal_of_fjall_that_is_damaged_is_repaired_with_the_loss_of_one_commit() {
    let engine = EngineKind::Fjall;
    let folder = filled(engine);
    let whole = records(&folder);
    let path = folder.path().join("data").join("fjall").join("0.jnl");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[9000] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let error = Store::open(options(&folder, engine)).unwrap_err();
    assert_eq!(error.code(), types::ErrorCode::StoreDamaged);
    assert!(crate::Offline::cut_damage(&options(&folder, engine)).unwrap());
    assert!(!damage(&folder).is_empty());
    let (repaired, _) = repair(&folder);
    assert_eq!(repaired.report.damage, vec![]);
    serves(&folder, engine);
    let left = records(&folder).keys().filter(|key| whole.contains_key(*key)).count();
    assert!(left * 4 > whole.len() * 3, "{left} of {} records are left", whole.len());
}

fn a_lost_end_is_refused_and_a_repair_goes_on_behind_it(engine: EngineKind) {
    let folder = filled(engine);
    let directory = folder.path().join("data");
    let seen = Witness::read(&directory);
    // What an engine that cuts its last commits off looks like from outside.
    Witness::open(&directory).unwrap().note(Seen { commit: seen.commit + 3, next: seen.next + 7 });
    let error = Store::open(options(&folder, engine)).unwrap_err();
    assert!(matches!(error, StoreError::Behind { .. }), "{error:?}");
    assert!(damage(&folder)[0].contains("the end of the store"), "{:?}", damage(&folder));
    let (repaired, _) = repair(&folder);
    assert_eq!(repaired.lost.len(), 1);
    let numbers = Witness::read(&directory);
    assert!(numbers.commit > seen.commit + 3 && numbers.next >= seen.next + 7, "{numbers:?}");
    serves(&folder, engine);
}
