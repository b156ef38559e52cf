//! What holds for every run of the state machine, whatever happens in whatever order.

use std::time::Duration;

use proptest::prelude::*;
use types::{ErrorCode, UnixMillis};

use super::*;
use crate::Retry;

const START: UnixMillis = UnixMillis::new(1_000_000_000);
const TTL: Duration = Duration::from_secs(3600);

fn any_code() -> impl Strategy<Value = ErrorCode> {
    proptest::sample::select(ErrorCode::ALL.to_vec())
}

/// An event at its time; the seconds of leases and deadlines are counted from then.
fn any_event() -> impl Strategy<Value = fn(UnixMillis, u64, ErrorCode) -> Event> {
    let all: [fn(UnixMillis, u64, ErrorCode) -> Event; 12] = [
        |now, seconds, _| Event::Claimed { until: now + Duration::from_secs(seconds) },
        |now, seconds, _| Event::Extended { until: now + Duration::from_secs(seconds) },
        |_, _, _| Event::Consigned,
        |_, _, code| Event::Refused { code },
        |_, _, code| Event::Failed { code },
        |_, _, _| Event::LeaseExpired,
        |_, _, _| Event::TtlPassed,
        |_, _, _| Event::Hold,
        |now, seconds, _| Event::Release { expires_at: now + Duration::from_secs(seconds) },
        |_, _, code| Event::Return { code },
        |now, seconds, _| Event::Reroute { expires_at: now + Duration::from_secs(seconds) },
        |_, _, _| Event::Expedite,
    ];
    proptest::sample::select(all.to_vec())
}

/// Each change of a run: the delivery before, the event, its time, and the step.
type Run = Vec<(Delivery, Event, UnixMillis, Step)>;

fn any_retry() -> impl Strategy<Value = Retry> {
    (1_u64..60_000, 0_u64..600_000, 1_u32..10, 1_u32..6, 0_u8..=100).prop_map(
        |(least, more, factor, attempts, jitter)| {
            let wait_min = Duration::from_millis(least);
            Retry::try_new(wait_min, wait_min + Duration::from_millis(more), factor, attempts, jitter).unwrap()
        },
    )
}

fn any_run() -> impl Strategy<Value = (Retry, Run)> {
    let happening = (any_event(), 0_u64..900, 1_u64..900, any_code());
    (any_retry(), proptest::collection::vec(happening, 0..60)).prop_map(|(retry, happenings)| {
        let mut now = START;
        let mut delivery = Delivery::new(START, START + TTL);
        let mut run = Run::new();
        for (event, pause, seconds, code) in happenings {
            now = now + Duration::from_secs(pause);
            let event = event(now, seconds, code);
            let step = delivery.step(event, now, &retry, 7);
            let before = std::mem::replace(&mut delivery, step.delivery);
            run.push((before, event, now, step));
        }
        (retry, run)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn nothing_leaves_a_final_state((_, run) in any_run()) {
        for (before, event, _, step) in run {
            if before.state().is_final() {
                prop_assert_eq!(&step, &Step { delivery: before, actions: vec![] }, "{:?}", event);
            }
        }
    }

    #[test]
    fn the_sender_is_told_of_one_outcome_once((_, run) in any_run()) {
        let reports = run.iter().flat_map(|(_, _, _, step)| &step.actions).filter(|action| {
            matches!(action, Action::ReportDelivered | Action::ReportReturned { .. })
        });
        let is_final = run.last().is_some_and(|(_, _, _, step)| step.delivery.state().is_final());
        prop_assert_eq!(reports.count(), usize::from(is_final));
    }

    #[test]
    fn attempts_are_bounded_and_only_claims_count_them((retry, run) in any_run()) {
        for (before, event, _, step) in run {
            let after = step.delivery;
            prop_assert!(after.attempts() <= retry.attempts_max());
            let claimed = matches!(event, Event::Claimed { .. });
            prop_assert!(claimed || after.attempts() <= before.attempts(), "{event:?} counted an attempt");
        }
    }

    #[test]
    fn a_waiting_delivery_wakes_by_its_deadline((_, run) in any_run()) {
        for (_, _, _, step) in run {
            if step.delivery.state() == State::Waiting {
                prop_assert!(step.delivery.wake_at().is_some_and(|at| at <= step.delivery.expires_at()));
            }
        }
    }

    #[test]
    fn a_change_announces_when_to_look_again((_, run) in any_run()) {
        for (_, event, _, step) in run {
            let announced = step.actions.iter().find_map(|action| match action {
                Action::WakeAt(at) => Some(*at),
                _ => None,
            });
            if step.is_changed() {
                prop_assert_eq!(announced, step.delivery.wake_at(), "{:?}", event);
            }
        }
    }

    #[test]
    fn the_same_event_again_at_the_same_time_starts_nothing((retry, run) in any_run()) {
        for (_, event, now, step) in run {
            let again = step.delivery.step(event, now, &retry, 7);
            prop_assert!(!again.actions.contains(&Action::Send));
            prop_assert_eq!(again.delivery.state(), step.delivery.state());
        }
    }

    /// Promise 3: with a neighbour that never answers and an operator who never looks, every delivery that is not held
    /// goes back to its sender by its deadline or the end of the lease that ran over it.
    #[test]
    fn nothing_gets_stuck((retry, run) in any_run()) {
        let Some((_, _, last, step)) = run.last() else { return Ok(()) };
        let (mut now, mut delivery) = (*last, step.delivery);
        let latest = delivery.expires_at().max(delivery.next_at()).max(now) + Duration::from_secs(60);
        while let Some(at) = delivery.wake_at() {
            now = now.max(at);
            prop_assert!(now <= latest, "{delivery:?} is still on its way at {now}");
            let claim = Event::Claimed { until: now + Duration::from_secs(60) };
            let event = delivery.due(now).unwrap_or(claim);
            let step = delivery.step(event, now, &retry, 7);
            prop_assert!(step.is_changed(), "{event:?} does nothing for {delivery:?} at {now}");
            delivery = step.delivery;
        }
        prop_assert!(matches!(
            delivery.state(),
            State::Delivered | State::Returned | State::Parked(ParkReason::Held)
        ));
    }
}
