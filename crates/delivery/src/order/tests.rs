use proptest::prelude::*;

use super::*;

const NOW: UnixMillis = UnixMillis::new(1_000_000_000_000);
const HOUR: Duration = Duration::from_secs(3600);

#[test]
fn of_two_accepted_together_the_earlier_deadline_goes_first() {
    let patience = Patience::default();
    assert!(patience.order(NOW, Some(NOW + HOUR)) < patience.order(NOW, Some(NOW + 2 * HOUR)));
}

#[test]
fn one_without_a_deadline_goes_before_one_accepted_a_day_later_whatever_its_deadline() {
    let patience = Patience::default();
    assert!(patience.order(NOW, None) <= patience.order(NOW + 24 * HOUR, Some(NOW)));
}

#[test]
fn a_far_deadline_is_no_worse_than_none() {
    let patience = Patience::default();
    assert_eq!(patience.order(NOW, Some(NOW + 1000 * HOUR)), patience.order(NOW, None));
}

#[test]
fn without_patience_the_order_is_that_of_acceptance() {
    let none = Patience::try_new(Duration::ZERO).unwrap();
    assert_eq!(none.order(NOW, Some(NOW + HOUR)), NOW);
}

#[test]
fn more_than_a_week_is_refused() {
    assert_eq!(Patience::try_new(169 * HOUR).unwrap_err().code(), ErrorCode::InvalidArgument);
}

proptest! {
    #[test]
    fn nothing_is_overtaken_by_what_came_a_patience_later(
        first in prop::option::of(0_u64..10_000_000_000), second in prop::option::of(0_u64..10_000_000_000), later in 0_u64..1_000_000_000,
    ) {
        let patience = Patience::default();
        let due = |millis: Option<u64>| millis.map(|millis| UnixMillis::new(995_000_000_000 + millis));
        let (early, late) = (NOW, NOW + Duration::from_millis(later));
        if patience.order(late, due(second)) < patience.order(early, due(first)) {
            prop_assert!(late.since(early) < 24 * HOUR);
        }
    }
}

/// One sender's documents through a line that carries one a minute: every tenth is due the same hour, the others in days.
/// Says how many came late.
fn late_with(patience: Patience) -> usize {
    const MINUTE: Duration = Duration::from_secs(60);
    let mut waiting = std::collections::BTreeSet::new();
    let (mut late, mut seed) = (0, 7_u64);
    for minute in 0..10_000_u64 {
        let now = NOW + MINUTE * u32::try_from(minute).unwrap();
        // Bursts of 120 every two hours: as much as the line carries, all at once.
        if minute.is_multiple_of(120) {
            for n in 0..120_u64 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let due = if (seed >> 33) & 7 == 0 { now + HOUR } else { now + 48 * HOUR };
                waiting.insert((patience.order(now, Some(due)), minute * 1000 + n, due));
            }
        }
        if let Some((_, _, due)) = waiting.pop_first() {
            late += usize::from(now > due);
        }
    }
    late
}

#[test]
fn with_deadlines_first_nothing_comes_late_that_need_not() {
    assert_eq!(late_with(Patience::default()), 0);
    let in_order = late_with(Patience::try_new(Duration::ZERO).unwrap());
    assert!(in_order > 300, "in the order of acceptance {in_order} do");
}
