use std::time::Duration;

use types::{ErrorCode, Lane, UnixMillis};

use super::*;
use crate::Retry;

const NOW: UnixMillis = UnixMillis::new(1_000_000_000);

fn later(seconds: u64) -> UnixMillis {
    NOW + Duration::from_secs(seconds)
}

/// Waits of 10 s without jitter, three attempts.
fn retry() -> Retry {
    Retry::try_new(Duration::from_secs(10), Duration::from_secs(10), 1, 3, 0).unwrap()
}

fn step(delivery: Delivery, event: Event, now: UnixMillis) -> Step {
    delivery.step(event, now, &retry(), 0)
}

fn waiting() -> Delivery {
    Delivery::new(NOW, later(3600))
}

fn sending() -> Delivery {
    step(waiting(), Event::Claimed { until: later(60) }, NOW).delivery
}

fn exhausted() -> Delivery {
    let failed = Event::Failed { code: ErrorCode::PeerUnavailable };
    (0..3).fold(waiting(), |delivery, _| {
        let sending = step(delivery, Event::Claimed { until: later(60) }, NOW).delivery;
        step(sending, failed, NOW).delivery
    })
}

fn held() -> Delivery {
    step(waiting(), Event::Hold, NOW).delivery
}

fn delivered() -> Delivery {
    step(sending(), Event::Consigned, NOW).delivery
}

fn returned() -> Delivery {
    step(sending(), Event::Refused { code: ErrorCode::UnknownAgency }, NOW).delivery
}

/// One delivery in each state.
fn each() -> [Delivery; 6] {
    [waiting(), sending(), delivered(), returned(), exhausted(), held()]
}

fn events() -> [Event; 13] {
    [
        Event::Claimed { until: later(9000) },
        Event::Extended { until: later(9000) },
        Event::Consigned,
        Event::Refused { code: ErrorCode::UnknownAgency },
        Event::Refused { code: ErrorCode::Overloaded },
        Event::Failed { code: ErrorCode::PeerUnavailable },
        Event::LeaseExpired,
        Event::TtlPassed,
        Event::Hold,
        Event::Release { expires_at: later(9000) },
        Event::Return { code: ErrorCode::Cancelled },
        Event::Reroute { expires_at: later(9000) },
        Event::Expedite,
    ]
}

#[test]
fn each_state_can_be_reached() {
    assert_eq!(each().map(|delivery| delivery.state()), State::ALL);
}

/// The documented table, row by row: the state that each event leads to, `-` where nothing changes. The time is within
/// the lease and the deadline.
#[test]
fn the_table_holds_in_time() {
    let table = [
        "Claimed           sending   -         - - -         -       ",
        "Extended          -         sending   - - -         -       ",
        "Consigned         delivered delivered - - delivered delivered",
        "Refused permanent -         returned  - - -         -       ",
        "Refused retryable -         waiting   - - -         -       ",
        "Failed            -         waiting   - - -         -       ",
        "LeaseExpired      -         -         - - -         -       ",
        "TtlPassed         -         -         - - -         -       ",
        "Hold              held      held      - - held      -       ",
        "Release           -         -         - - waiting   waiting ",
        "Return            returned  returned  - - returned  returned",
        "Reroute           waiting   waiting   - - waiting   waiting ",
        "Expedite          waiting   -         - - -         -       ",
    ];
    for (row, event) in table.iter().zip(events()) {
        check_row(row, event, later(1));
    }
}

/// The same rows, where it makes a difference that the lease is over and the deadline has passed.
#[test]
fn the_table_holds_past_the_deadline() {
    let table = [
        "Claimed           returned  -         - - -         -       ",
        "Extended          -         -         - - -         -       ",
        "Consigned         delivered delivered - - delivered delivered",
        "Refused permanent -         returned  - - -         -       ",
        "Refused retryable -         returned  - - -         -       ",
        "Failed            -         returned  - - -         -       ",
        "LeaseExpired      -         returned  - - -         -       ",
        "TtlPassed         returned  returned  - - returned  -       ",
    ];
    for (row, event) in table.iter().zip(events()) {
        check_row(row, event, later(3600));
    }
}

fn check_row(row: &str, event: Event, now: UnixMillis) {
    let words: Vec<&str> = row.split_whitespace().collect();
    let cells = &words[words.len() - 6..];
    for (delivery, expected) in each().into_iter().zip(cells) {
        let result = step(delivery, event, now);
        let found = if result.is_changed() { result.delivery.state().as_str() } else { "-" };
        assert_eq!(found, *expected, "{event:?} while {}", delivery.state().as_str());
        assert_eq!(result.is_changed(), result.delivery != delivery, "{event:?} while {}", delivery.state().as_str());
    }
}

#[test]
fn every_change_is_persisted_before_anything_else() {
    for (delivery, event) in each().into_iter().flat_map(|delivery| events().map(|event| (delivery, event))) {
        let actions = step(delivery, event, later(1)).actions;
        assert!(actions.first().is_none_or(|first| *first == Action::Persist), "{event:?}: {actions:?}");
    }
}

#[test]
fn a_claim_counts_the_attempt_and_sends() {
    let claimed = step(waiting(), Event::Claimed { until: later(60) }, later(1));
    assert_eq!(claimed.delivery.attempts(), 1);
    assert_eq!(claimed.delivery.wake_at(), Some(later(60)));
    assert_eq!(claimed.actions, [Action::Persist, Action::Send, Action::WakeAt(later(60))]);
}

#[test]
fn a_retryable_refusal_waits_and_keeps_its_reason() {
    let refused = step(sending(), Event::Refused { code: ErrorCode::Overloaded }, later(2));
    assert_eq!(refused.delivery.next_at(), later(12));
    assert_eq!(refused.delivery.code(), Some(ErrorCode::Overloaded));
    assert_eq!(refused.actions, [Action::Persist, Action::StopSending, Action::WakeAt(later(12))]);
}

#[test]
fn a_permanent_refusal_returns_at_once() {
    let code = ErrorCode::UnknownAgency;
    let refused = step(sending(), Event::Refused { code }, later(2));
    let report = Action::ReportReturned { code, cause: None };
    assert_eq!(refused.actions, [Action::Persist, Action::StopSending, report]);
}

#[test]
fn a_failure_backs_off_even_with_a_permanent_code() {
    let failed = step(sending(), Event::Failed { code: ErrorCode::ProtocolViolation }, later(2));
    assert_eq!(failed.delivery.state(), State::Waiting);
}

#[test]
fn the_last_attempt_parks_for_the_operator() {
    let parked = exhausted();
    assert_eq!((parked.attempts(), parked.code()), (3, Some(ErrorCode::PeerUnavailable)));
    assert_eq!(parked.wake_at(), Some(later(3600)), "its deadline still runs");
}

#[test]
fn the_next_attempt_is_never_after_the_deadline() {
    let late = step(waiting(), Event::Claimed { until: later(3599) }, later(3590)).delivery;
    let failed = step(late, Event::Failed { code: ErrorCode::PeerUnavailable }, later(3595)).delivery;
    assert_eq!(failed.next_at(), later(3600));
}

#[test]
fn past_the_deadline_the_sender_hears_the_time_to_live_and_the_last_failure() {
    let failed = step(sending(), Event::Failed { code: ErrorCode::PeerUnavailable }, later(2)).delivery;
    let report = Action::ReportReturned { code: ErrorCode::TimeToLive, cause: Some(ErrorCode::PeerUnavailable) };
    let passed = step(failed, Event::TtlPassed, later(3600));
    assert_eq!(passed.actions, [Action::Persist, report]);
    assert_eq!(passed.delivery.code(), Some(ErrorCode::TimeToLive));

    let in_flight = step(sending(), Event::Failed { code: ErrorCode::PeerUnavailable }, later(3600));
    assert_eq!(in_flight.actions.last(), Some(&report));
}

#[test]
fn the_deadline_waits_for_a_running_lease() {
    let late = step(waiting(), Event::Claimed { until: later(3660) }, later(3599)).delivery;
    assert!(!step(late, Event::TtlPassed, later(3600)).is_changed());
    assert!(!step(late, Event::Extended { until: later(9000) }, later(3600)).is_changed());
    assert_eq!(step(late, Event::TtlPassed, later(3660)).delivery.state(), State::Returned);
}

#[test]
fn a_lease_is_only_ever_extended() {
    assert!(!step(sending(), Event::Extended { until: later(60) }, later(1)).is_changed());
    assert_eq!(step(sending(), Event::Extended { until: later(61) }, later(1)).delivery.next_at(), later(61));
}

#[test]
fn a_lease_that_was_extended_has_not_expired() {
    let extended = step(sending(), Event::Extended { until: later(120) }, later(1)).delivery;
    assert!(!step(extended, Event::LeaseExpired, later(60)).is_changed());
    assert_eq!(step(extended, Event::LeaseExpired, later(120)).delivery.code(), Some(ErrorCode::LeaseLost));
}

#[test]
fn a_hold_stops_the_transmission_and_the_deadline() {
    let stopped = step(sending(), Event::Hold, later(1));
    let list = Action::ListForOperator(ParkReason::Held);
    assert_eq!(stopped.actions, [Action::Persist, Action::StopSending, list]);
    assert_eq!(stopped.delivery.wake_at(), None);
}

#[test]
fn a_release_starts_anew_with_the_later_deadline() {
    for expires_at in [later(7200), later(1)] {
        let released = step(exhausted(), Event::Release { expires_at }, later(100)).delivery;
        assert_eq!((released.attempts(), released.next_at(), released.code()), (0, later(100), None));
        assert_eq!(released.expires_at(), expires_at.max(later(3600)));
    }
}

#[test]
fn a_reroute_has_the_route_chosen_again() {
    let rerouted = step(sending(), Event::Reroute { expires_at: later(7200) }, later(1));
    let expected = [Action::Persist, Action::StopSending, Action::ChooseRoute, Action::WakeAt(later(1))];
    assert_eq!(rerouted.actions, expected);
}

#[test]
fn an_expedited_one_is_due_now_in_the_express_lane() {
    let backing_off = step(sending(), Event::Failed { code: ErrorCode::PeerUnavailable }, later(1)).delivery;
    let expedited = step(backing_off, Event::Expedite, later(2));
    assert_eq!(expedited.actions, [Action::Persist, Action::RaiseTo(Lane::Express), Action::WakeAt(later(2))]);
    assert_eq!((expedited.delivery.next_at(), expedited.delivery.attempts()), (later(2), 1));
}

#[test]
fn an_operators_return_carries_the_last_failure() {
    let report = Action::ReportReturned { code: ErrorCode::NoRoute, cause: Some(ErrorCode::PeerUnavailable) };
    let given_up = step(exhausted(), Event::Return { code: ErrorCode::NoRoute }, later(1));
    assert_eq!(given_up.actions, [Action::Persist, report]);
}

#[test]
fn time_alone_brings_each_about() {
    assert_eq!(waiting().due(later(3599)), None);
    assert_eq!(waiting().due(later(3600)), Some(Event::TtlPassed));
    assert_eq!(sending().due(later(59)), None);
    assert_eq!(sending().due(later(60)), Some(Event::LeaseExpired));
    assert_eq!(exhausted().due(later(3600)), Some(Event::TtlPassed));
    for quiet in [held(), delivered(), returned()] {
        assert_eq!(quiet.due(later(1_000_000)), None);
    }
}

#[test]
fn stored_numbers_of_states_never_change() {
    let expected = [(0, "waiting"), (1, "sending"), (2, "delivered"), (3, "returned"), (4, "parked"), (5, "held")];
    assert_eq!(State::ALL.map(|state| (state.as_number(), state.as_str())), expected);
    assert!(State::ALL.into_iter().all(|state| State::from_number(state.as_number()) == Some(state)));
    assert_eq!(State::from_number(6), None);
}

#[test]
fn a_delivery_comes_back_from_its_snapshot() {
    for delivery in each() {
        assert_eq!(Delivery::from_snapshot(delivery.snapshot()), Ok(delivery));
    }
}

#[test]
fn a_snapshot_that_cannot_be_is_refused() {
    for delivery in [returned(), exhausted()] {
        let refused = Delivery::from_snapshot(Snapshot { code: None, ..delivery.snapshot() }).unwrap_err();
        assert_eq!(refused, SnapshotError::ReasonMissing { state: delivery.state() });
        assert_eq!(refused.code(), ErrorCode::StoreDamaged);
    }
    let refused = Delivery::from_snapshot(Snapshot { attempts: 0, ..sending().snapshot() });
    assert_eq!(refused, Err(SnapshotError::AttemptMissing));
}
