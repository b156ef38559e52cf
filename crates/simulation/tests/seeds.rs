//! A few dozen seeds of a small province; each sabotage is found; the same seed is the same run.
#![expect(clippy::print_stderr, reason = "whoever looks for a failure wants its story")]

use simulation::{Faults, Go, Outcome, Sabotage, Setup, Violation};

fn small(seed: u64, faults: Faults) -> Setup {
    Setup { seed, nodes: 8, days: 1, documents_per_day: 30, faults, sabotage: None }
}

fn run(setup: &Setup) -> Outcome {
    simulation::run(setup, &mut |_| Go::On).expect("a valid setup")
}

fn assert_sound(setup: &Setup) -> Outcome {
    let outcome = run(setup);
    if let Some(violation) = &outcome.violation {
        eprintln!("{setup:?}\n{}", violation.story.join("\n"));
        panic!("{violation:?}");
    }
    outcome
}

/// A check that cannot fail checks nothing: some seed has to find the defect, and by the right invariant. `from` is where
/// one that does is near.
fn found(sabotage: Sabotage, from: u64) -> Violation {
    let setups = (from..from + 40).map(|seed| Setup { sabotage: Some(sabotage), ..small(seed, Faults::Heavy) });
    setups.filter_map(|setup| run(&setup).violation).next().expect("a violation in forty seeds")
}

#[test]
fn everything_arrives_where_nothing_fails() {
    for seed in 0..4 {
        let summary = assert_sound(&small(seed, Faults::None)).summary;
        // Only what its sender revoked or replaced goes back, and nothing is left with an operator.
        assert!(summary.consigned > 30 && summary.parked == 0 && summary.failed_transfers == 0, "{summary:?}");
    }
}

#[test]
fn nothing_is_lost_in_a_bad_month() {
    for seed in 0..8 {
        assert_sound(&small(seed, Faults::Light));
    }
}

#[test]
fn nothing_is_lost_when_everything_fails() {
    let summaries: Vec<_> = (0..10).map(|seed| assert_sound(&small(seed, Faults::Heavy)).summary).collect();
    assert!(summaries.iter().any(|summary| summary.crashes > 3), "no crashes: {summaries:?}");
    assert!(summaries.iter().any(|summary| summary.failed_flushes > 0), "no failed flush: {summaries:?}");
    assert!(summaries.iter().any(|summary| summary.repeated > 0), "no repeats: {summaries:?}");
}

#[test]
fn the_same_seed_is_the_same_run_and_another_is_another() {
    let digest = |seed| run(&small(seed, Faults::Heavy)).summary.digest;
    assert_eq!(digest(3), digest(3));
    assert_ne!(digest(3), digest(4));
}

#[test]
fn a_run_that_is_stopped_says_so() {
    let outcome = simulation::run(&small(1, Faults::Light), &mut |_| Go::ToTheSummary).expect("a valid setup");
    assert!(outcome.summary.is_partial && outcome.violation.is_none());
}

#[test]
fn a_disk_that_forgets_flushes_is_found() {
    let violation = found(Sabotage::DiskForgetsFlushes, 0);
    assert!(violation.what.contains("gone after it"), "{violation:?}");
    assert!(violation.story.iter().any(|line| line.contains("crashed")), "{violation:?}");
}

#[test]
fn an_answer_before_the_commit_is_found() {
    let violation = found(Sabotage::AnswersBeforeCommit, 0);
    assert!(violation.what.contains("gone after it") || violation.what.contains("does not have it"), "{violation:?}");
}

#[test]
fn a_node_without_duplicate_recognition_is_found() {
    let violation = found(Sabotage::NoDuplicateRecognition, 0);
    assert!(violation.what.contains("got it twice"), "{violation:?}");
}

#[test]
fn a_node_without_order_is_found() {
    let violation = found(Sabotage::IgnoresOrder, 0);
    assert!(violation.what.contains("of its thread after"), "{violation:?}");
}

#[test]
fn a_report_that_is_crossed_off_early_is_found() {
    let violation = found(Sabotage::ReportsCrossedOffEarly, 3);
    assert!(violation.what.contains("never got the receipt"), "{violation:?}");
}

#[test]
fn reports_that_wait_for_the_next_one_are_found() {
    let violation = found(Sabotage::ReportsWaitForHints, 0);
    assert!(violation.what.contains("reports") || violation.what.contains("receipt"), "{violation:?}");
}

#[test]
fn a_consignment_that_is_sent_only_once_is_found() {
    let setup = Setup { nodes: 12, days: 2, documents_per_day: 40, ..small(1085, Faults::Heavy) };
    let setups =
        (1085..1090).map(|seed| Setup { seed, sabotage: Some(Sabotage::ConsignmentGoesOnce), ..setup.clone() });
    let violation = setups.filter_map(|setup| run(&setup).violation).next().expect("a violation");
    assert!(violation.what.contains("never got the receipt Consigned"), "{violation:?}");
}
