use super::*;

fn plain() -> Retry {
    Retry::try_new(Duration::from_secs(1), Duration::from_secs(60), 2, 8, 0).unwrap()
}

#[test]
fn waits_double_up_to_the_longest() {
    let waits: Vec<u64> = (1..=8).map(|attempt| plain().wait(attempt, 7).as_secs()).collect();
    assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
}

#[test]
fn a_huge_attempt_number_waits_the_longest() {
    assert_eq!(plain().wait(u32::MAX, 7), Duration::from_secs(60));
}

#[test]
fn jitter_only_adds_and_at_most_its_share() {
    let retry = Retry::try_new(Duration::from_secs(10), Duration::from_secs(10), 1, 8, 20).unwrap();
    let waits: Vec<u128> = (0..1000).map(|seed| retry.wait(1, seed).as_millis()).collect();
    assert!(waits.iter().all(|wait| (10_000..=12_000).contains(wait)), "{waits:?}");
    assert!(waits.iter().min().unwrap() < &10_100 && waits.iter().max().unwrap() > &11_900, "spread is not used");
}

#[test]
fn the_same_seed_and_attempt_wait_the_same() {
    let retry = Retry::default();
    assert_eq!(retry.wait(3, 42), retry.wait(3, 42));
    assert_ne!(retry.wait(3, 42), retry.wait(3, 43));
}

#[test]
fn the_default_is_within_its_own_rules() {
    let Retry { wait_min, wait_max, factor, attempts_max, jitter } = Retry::default();
    assert_eq!(Retry::try_new(wait_min, wait_max, factor, attempts_max, jitter), Ok(Retry::default()));
}

#[test]
fn values_outside_the_invariants_are_refused() {
    let (second, minute) = (Duration::from_secs(1), Duration::from_secs(60));
    let check = |wait_min, wait_max, factor, attempts_max, jitter, expected: RetryError| {
        assert_eq!(Retry::try_new(wait_min, wait_max, factor, attempts_max, jitter), Err(expected));
        assert_eq!(expected.code(), ErrorCode::InvalidArgument);
    };
    check(Duration::ZERO, minute, 2, 8, 0, RetryError::WaitMinTooShort { wait_min: Duration::ZERO });
    check(minute, second, 2, 8, 0, RetryError::WaitsCrossed { wait_min: minute, wait_max: second });
    let days = Duration::from_secs(2 * 24 * 3600);
    check(second, days, 2, 8, 0, RetryError::WaitMaxTooLong { wait_max: days, most: WAIT_MAX_MOST });
    check(second, minute, 0, 8, 0, RetryError::Factor { factor: 0, most: FACTOR_MOST });
    check(second, minute, 11, 8, 0, RetryError::Factor { factor: 11, most: FACTOR_MOST });
    check(second, minute, 2, 0, 0, RetryError::AttemptsMax { attempts_max: 0, most: ATTEMPTS_MOST });
    check(second, minute, 2, 8, 101, RetryError::Jitter { jitter: 101 });
}

#[test]
fn the_more_urgent_lane_lives_shorter() {
    let ttl = Ttl::default();
    assert!(Lane::ALL.map(|lane| ttl.of(lane)).is_sorted());
    assert_eq!(ttl.deadline(Lane::Express, UnixMillis::new(5)), UnixMillis::new(5 + 4 * 3600 * 1000));
}

#[test]
fn one_lane_gets_another_time_to_live() {
    for lane in Lane::ALL {
        let hour = Duration::from_secs(3600);
        let ttl = Ttl::default().with(lane, hour).unwrap();
        for other in Lane::ALL {
            assert_eq!(ttl.of(other), if other == lane { hour } else { Ttl::default().of(other) });
        }
    }
}

#[test]
fn a_time_to_live_outside_its_range_is_refused() {
    for given in [Duration::ZERO, Duration::from_secs(59), TTL_MOST + Duration::from_secs(1)] {
        let refused = Ttl::default().with(Lane::Urgent, given).unwrap_err();
        assert_eq!((refused.lane, refused.given, refused.code()), (Lane::Urgent, given, ErrorCode::InvalidArgument));
    }
}
