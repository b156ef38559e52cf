use proptest::prelude::*;

use super::*;

const NOW: UnixMillis = UnixMillis::new(1_000_000);

fn rule() -> WindowRule {
    WindowRule::try_new(1, 4, 8, Duration::from_secs(1)).unwrap()
}

#[test]
fn a_full_window_of_successes_grows_it_by_one() {
    let mut window = Window::new(&rule());
    for _ in 0..3 {
        window.succeeded(4, &rule());
    }
    assert_eq!(window.size(), 4);
    window.succeeded(4, &rule());
    assert_eq!(window.size(), 5);
}

#[test]
fn an_idle_link_does_not_grow_it() {
    let mut window = Window::new(&rule());
    for _ in 0..100 {
        window.succeeded(1, &rule());
    }
    assert_eq!(window.size(), 4);
}

#[test]
fn an_overload_halves_it() {
    let mut window = Window::new(&rule());
    window.overloaded(NOW, &rule());
    assert_eq!(window.size(), 2);
    assert_eq!((window.room(1), window.room(2), window.room(9)), (1, 0, 0));
}

#[test]
fn overloads_within_the_pause_count_as_one() {
    let mut window = Window::new(&rule());
    for millis in [0, 1, 999] {
        window.overloaded(NOW + Duration::from_millis(millis), &rule());
    }
    assert_eq!(window.size(), 2);
    window.overloaded(NOW + Duration::from_secs(1), &rule());
    assert_eq!(window.size(), 1);
}

#[test]
fn an_overload_forgets_the_successes_so_far() {
    let mut window = Window::new(&rule());
    for _ in 0..3 {
        window.succeeded(4, &rule());
    }
    window.overloaded(NOW, &rule());
    window.succeeded(2, &rule());
    assert_eq!(window.size(), 2);
}

#[test]
fn values_outside_the_invariants_are_refused() {
    for (least, start, most) in [(0, 4, 8), (5, 4, 8), (1, 9, 8), (1, 4, 1025)] {
        let refused = WindowRule::try_new(least, start, most, Duration::ZERO).unwrap_err();
        assert_eq!(refused, WindowError::Sizes { least, start, most, limit: SIZE_LIMIT });
    }
    let refused = WindowRule::try_new(1, 4, 8, Duration::from_secs(3601)).unwrap_err();
    assert_eq!(refused.code(), ErrorCode::InvalidArgument);
}

#[test]
fn the_default_is_within_its_own_rules() {
    let WindowRule { least, start, most, pause } = WindowRule::default();
    assert_eq!(WindowRule::try_new(least, start, most, pause), Ok(WindowRule::default()));
}

proptest! {
    #[test]
    fn the_window_stays_within_its_bounds(results in proptest::collection::vec(proptest::option::of(0_u32..2000), 0..500)) {
        let mut window = Window::new(&rule());
        for (second, result) in (0..).zip(results) {
            match result {
                Some(under_way) => window.succeeded(under_way, &rule()),
                None => window.overloaded(NOW + Duration::from_secs(second), &rule()),
            }
            prop_assert!((1..=8).contains(&window.size()));
        }
    }
}

/// A neighbour that takes `capacity` at a time and refuses the rest as overloaded, for `rounds` windows of one second.
fn simulate(capacity: u32, rounds: u32, mut window: Window, rule: &WindowRule) -> (Window, u32, u32) {
    let (mut taken, mut refused) = (0, 0);
    for round in 0..rounds {
        let now = UnixMillis::new(u64::from(round) * 1000);
        let under_way = window.size();
        for place in 0..under_way {
            if place < capacity {
                taken += 1;
                window.succeeded(under_way, rule);
            } else {
                refused += 1;
                window.overloaded(now, rule);
            }
        }
    }
    (window, taken, refused)
}

#[test]
fn the_window_finds_what_the_neighbour_takes_and_follows_it_when_that_changes() {
    let rule = WindowRule::default();
    let (window, taken, refused) = simulate(20, 1000, Window::new(&rule), &rule);
    assert!(taken > 20 * 1000 * 6 / 10, "{taken} taken of {} possible", 20 * 1000);
    assert!(refused * 20 < taken, "{refused} refused for {taken} taken");
    let (window, _, refused) = simulate(2, 100, window, &rule);
    assert!(window.size() <= 3 && refused < 100, "a neighbour that becomes slow: {window:?}, {refused} refused");
    let (window, _, _) = simulate(20, 200, window, &rule);
    assert!(window.size() >= 10, "and fast again: {window:?}");
}
