use super::*;

const NOW: UnixMillis = UnixMillis::new(1_000_000);

fn rule() -> CircuitRule {
    let seconds = Duration::from_secs;
    CircuitRule::try_new(3, seconds(5), seconds(20), seconds(30)).unwrap()
}

fn opened() -> Circuit {
    let mut circuit = Circuit::new();
    for _ in 0..3 {
        circuit.failed(NOW, &rule());
    }
    circuit
}

fn later(seconds: u64) -> UnixMillis {
    NOW + Duration::from_secs(seconds)
}

#[test]
fn a_closed_circuit_lets_everything_pass() {
    assert_eq!(Circuit::new().permit(NOW, &rule()), Permit::Free);
}

#[test]
fn the_last_failure_in_a_row_opens_it() {
    let mut circuit = Circuit::new();
    circuit.failed(NOW, &rule());
    circuit.failed(NOW, &rule());
    assert_eq!(circuit.state(), CircuitState::Closed);
    circuit.failed(NOW, &rule());
    assert_eq!(circuit.state(), CircuitState::Open { until: later(5) });
    assert_eq!(circuit.permit(later(4), &rule()), Permit::Denied { until: later(5) });
}

#[test]
fn a_success_in_between_starts_the_count_again() {
    let mut circuit = Circuit::new();
    for _ in 0..10 {
        circuit.failed(NOW, &rule());
        circuit.failed(NOW, &rule());
        circuit.succeeded();
    }
    assert_eq!(circuit.state(), CircuitState::Closed);
}

#[test]
fn after_the_pause_one_probe_passes() {
    let mut circuit = opened();
    assert_eq!(circuit.permit(later(5), &rule()), Permit::Probe);
    assert_eq!(circuit.permit(later(5), &rule()), Permit::Denied { until: later(35) });
}

#[test]
fn a_probe_that_succeeds_closes_it() {
    let mut circuit = opened();
    assert_eq!(circuit.permit(later(5), &rule()), Permit::Probe);
    circuit.succeeded();
    assert_eq!(circuit, Circuit::new());
}

#[test]
fn each_probe_that_fails_doubles_the_pause_up_to_the_longest() {
    let mut circuit = opened();
    let mut now = later(5);
    for pause in [10, 20, 20] {
        assert_eq!(circuit.permit(now, &rule()), Permit::Probe);
        circuit.failed(now, &rule());
        assert_eq!(circuit.state(), CircuitState::Open { until: now + Duration::from_secs(pause) });
        now = now + Duration::from_secs(pause);
    }
}

#[test]
fn a_lost_probe_makes_room_for_another() {
    let mut circuit = opened();
    assert_eq!(circuit.permit(later(5), &rule()), Permit::Probe);
    assert_eq!(circuit.permit(later(35), &rule()), Permit::Probe);
}

#[test]
fn late_results_do_not_move_an_open_circuit() {
    let mut circuit = opened();
    circuit.succeeded();
    circuit.failed(later(3), &rule());
    assert_eq!(circuit.state(), CircuitState::Open { until: later(5) });
}

#[test]
fn a_neighbour_known_to_be_back_is_tried_at_once() {
    let mut circuit = opened();
    circuit.reset();
    assert_eq!(circuit.permit(NOW, &rule()), Permit::Free);
}

#[test]
fn a_clock_that_went_back_does_not_keep_it_open() {
    let mut circuit = opened();
    assert_eq!(circuit.permit(NOW - Duration::from_secs(900), &rule()), Permit::Probe);
    assert_eq!(circuit.permit(NOW - Duration::from_secs(990), &rule()), Permit::Probe);
}

#[test]
fn values_outside_the_invariants_are_refused() {
    let seconds = Duration::from_secs;
    let check = |failures_max, open_min, open_max, probe_max, field| match CircuitRule::try_new(
        failures_max,
        seconds(open_min),
        seconds(open_max),
        seconds(probe_max),
    ) {
        Err(CircuitError::Time { field: found, .. }) => assert_eq!(found, field),
        Err(CircuitError::FailuresMax { .. }) => assert_eq!("failures_max", field),
        Ok(rule) => panic!("{rule:?} was taken"),
    };
    check(0, 5, 20, 30, "failures_max");
    check(1001, 5, 20, 30, "failures_max");
    check(3, 0, 20, 30, "open_min");
    check(3, 5, 4, 30, "open_max");
    check(3, 5, 3601, 30, "open_max");
    check(3, 5, 20, 0, "probe_max");
}

#[test]
fn the_default_is_within_its_own_rules() {
    let CircuitRule { failures_max, open_min, open_max, probe_max } = CircuitRule::default();
    assert_eq!(CircuitRule::try_new(failures_max, open_min, open_max, probe_max), Ok(CircuitRule::default()));
}

#[test]
fn a_neighbour_that_shows_life_is_probed_at_once_and_no_more_than_that() {
    let rule = CircuitRule::default();
    let mut circuit = Circuit::new();
    (0..5).for_each(|_| circuit.failed(NOW, &rule));
    assert!(matches!(circuit.permit(NOW, &rule), Permit::Denied { .. }));
    circuit.shows_life(NOW);
    assert_eq!(circuit.permit(NOW, &rule), Permit::Probe);
    assert!(matches!(circuit.permit(NOW, &rule), Permit::Denied { .. }));
}
