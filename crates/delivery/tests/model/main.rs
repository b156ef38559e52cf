//! The delivery state machine between two nodes, checked in every order of happenings: messages lost, repeated and
//! reordered, both nodes crashing, operators giving orders. Bounded, and exhaustive within its bounds: four seconds of
//! time, faults in the first two, a deadline after two, two attempts, and the crashes and orders that each test names.
#![expect(clippy::indexing_slicing, reason = "a test says what went wrong by panicking")]

mod checker;
mod world;

use checker::Explored;
use delivery::State;
use world::{Defect, Happening, Nodes, World};

/// A bound that is reached says that the model has grown, not that anything is wrong.
const STATES_MAX: usize = 2_000_000;

type Check = fn(&Explored<Nodes>) -> Option<Vec<String>>;

fn explored(defect: Defect, crashes: u8, orders: u8) -> Explored<Nodes> {
    Explored::all(&Nodes::new(defect, crashes, orders), STATES_MAX)
}

/// What holds at every moment, and what can always still come about. Each names the shortest way to the contrary.
const CHECKS: [(&str, Check); 7] = [
    ("a receiver gets the document at most once", |all| all.violation(|world| world.consigned <= 1)),
    ("whoever was answered has its document stored", |all| {
        all.violation(|world| !world.answered || world.delivery.is_some())
    }),
    ("what counts as delivered is with the receiver", |all| {
        all.violation(|world| !is_delivered(world) || world.consigned > 0)
    }),
    ("no two outcomes are told", |all| all.violation(|world| !(world.told.delivered && world.told.returned))),
    ("every path can still reach an end of which the sender has heard", |all| all.dead_end(World::is_ended, |_| true)),
    ("it ends even when the receiver is never reached again and no operator looks", |all| {
        all.dead_end(World::is_ended, |happening: &Happening| !happening.needs_link() && !happening.needs_operator())
    }),
    ("the receipt of whoever has it can still arrive", |all| all.dead_end(World::is_proved, |_| true)),
];

fn is_delivered(world: &World) -> bool {
    world.delivery.is_some_and(|stored| stored.state == State::Delivered)
}

fn failing(all: &Explored<Nodes>) -> Vec<(&'static str, Vec<String>)> {
    CHECKS.iter().filter_map(|(name, check)| check(all).map(|way| (*name, way))).collect()
}

fn assert_sound(crashes: u8, orders: u8, states_least: usize) {
    let all = explored(Defect::None, crashes, orders);
    assert!(all.len() > states_least, "only {} states: the world has become smaller than it was", all.len());
    let failing = failing(&all);
    assert!(failing.is_empty(), "{failing:#?}");
}

/// The check must be able to fail: a world with a defect in it has a counterexample.
fn assert_found(defect: Defect, by: &str) {
    let failing = failing(&explored(defect, 1, 0));
    assert!(failing.iter().any(|(name, _)| *name == by), "{defect:?} was found by {failing:#?} only");
}

#[test]
fn a_delivery_survives_crashes_and_a_bad_link() {
    assert_sound(2, 0, 100_000);
}

#[test]
fn a_delivery_survives_an_operator_too() {
    assert_sound(0, 1, 100_000);
}

#[test]
fn a_receiver_without_duplicate_recognition_is_found() {
    assert_found(Defect::NoDuplicateRecognition, CHECKS[0].0);
}

#[test]
fn an_answer_before_the_commit_is_found() {
    assert_found(Defect::AnsweredBeforeCommit, CHECKS[1].0);
}

#[test]
fn an_acknowledgement_before_the_commit_is_found() {
    assert_found(Defect::AcknowledgedBeforeCommit, CHECKS[2].0);
}

#[test]
fn a_report_kept_in_memory_only_is_found() {
    assert_found(Defect::ReportInMemory, CHECKS[4].0);
}

#[test]
fn forgotten_leases_are_found() {
    assert_found(Defect::LeasesForgotten, CHECKS[5].0);
}

#[test]
fn a_receipt_that_is_sent_only_once_is_found() {
    assert_found(Defect::ReceiptSentOnce, CHECKS[6].0);
}
