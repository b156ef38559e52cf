use std::collections::VecDeque;

use proptest::prelude::*;

use super::*;

const NOW: UnixMillis = UnixMillis::new(1_000_000_000_000);

fn ago(seconds: u64) -> Option<UnixMillis> {
    Some(NOW - Duration::from_secs(seconds))
}

fn schedule() -> LaneSchedule {
    LaneSchedule::try_new(Duration::from_secs(600), 8).unwrap()
}

#[test]
fn nothing_ready_gives_no_lane() {
    assert!((0..20).all(|turn| schedule().next(&Heads::new(), NOW, turn).is_none()));
}

#[test]
fn the_most_urgent_lane_goes_first() {
    let mut heads = Heads::new();
    for lane in [Lane::Normal, Lane::Urgent, Lane::VeryUrgent, Lane::Express] {
        heads = heads.with(lane, ago(1));
        assert!((0..20).all(|turn| schedule().next(&heads, NOW, turn) == Some(lane)));
    }
}

#[test]
fn an_aged_normal_head_gets_one_turn_in_eight() {
    let heads = Heads::new().with(Lane::Normal, ago(600)).with(Lane::Express, ago(5));
    let normal = (0..80).filter(|turn| schedule().next(&heads, NOW, *turn) == Some(Lane::Normal)).count();
    assert_eq!(normal, 10);
}

#[test]
fn among_aged_heads_the_oldest_goes_first() {
    let heads = Heads::new().with(Lane::Normal, ago(700)).with(Lane::Urgent, ago(800)).with(Lane::Express, ago(600));
    assert_eq!(schedule().next(&heads, NOW, 7), Some(Lane::Urgent));
}

#[test]
fn a_lane_can_be_emptied_again() {
    let heads = Heads::new().with(Lane::Express, ago(1)).with(Lane::Express, None);
    assert_eq!(heads, Heads::new());
}

#[test]
fn values_outside_the_invariants_are_refused() {
    let refused = LaneSchedule::try_new(Duration::ZERO, 8).unwrap_err();
    assert!(matches!(refused, LaneScheduleError::Ageing { ageing: Duration::ZERO, .. }));
    for share in [0, 1, 1001] {
        let refused = LaneSchedule::try_new(Duration::from_secs(60), share).unwrap_err();
        assert!(matches!(refused, LaneScheduleError::Share { share: given, .. } if given == share));
        assert_eq!(refused.code(), ErrorCode::InvalidArgument);
    }
}

#[test]
fn the_default_is_within_its_own_rules() {
    let LaneSchedule { ageing, share } = LaneSchedule::default();
    assert_eq!(LaneSchedule::try_new(ageing, share), Ok(LaneSchedule::default()));
}

fn head() -> impl Strategy<Value = Option<UnixMillis>> {
    proptest::option::of((0_u64..4000).prop_map(|seconds| NOW - Duration::from_secs(seconds)))
}

proptest! {
    #[test]
    fn an_express_head_goes_before_others_younger_than_the_ageing_limit(
        express in 0_u64..4000, other in 0_u64..600, lane in 0_u8..3, turn: u64,
    ) {
        let lane = Lane::from_number(lane).unwrap();
        let heads = Heads::new().with(Lane::Express, ago(express)).with(lane, ago(other));
        prop_assert_eq!(schedule().next(&heads, NOW, turn), Some(Lane::Express));
    }

    #[test]
    fn only_a_lane_with_a_head_is_chosen(heads in [head(), head(), head(), head()], turn: u64) {
        let mut all = Heads::new();
        for (lane, head) in Lane::ALL.into_iter().zip(heads) {
            all = all.with(lane, head);
        }
        let chosen = schedule().next(&all, NOW, turn);
        prop_assert_eq!(chosen.is_some(), heads.iter().any(Option::is_some));
        prop_assert!(chosen.is_none_or(|lane| all.of(lane).is_some()));
    }

    /// One document comes in per second, most of them urgent, and one goes out: the queue never gets shorter, the worst
    /// a stable node can see.
    #[test]
    fn nothing_starves_under_a_stream_of_urgent_documents(
        arrivals in proptest::collection::vec(1_u8..4, 4000), backlog in 1_usize..50, share in 2_u64..16,
    ) {
        let schedule = LaneSchedule::try_new(Duration::from_secs(60), share).unwrap();
        let mut lanes: [VecDeque<UnixMillis>; 4] = Default::default();
        lanes[0] = (0..backlog).map(|_| NOW).collect();
        for (turn, arrival) in (0_u64..).zip(arrivals) {
            let now = NOW + Duration::from_secs(turn);
            lanes[usize::from(arrival)].push_back(now);
            let heads = Lane::ALL.into_iter().fold(Heads::new(), |heads, lane| {
                heads.with(lane, lanes[usize::from(lane.as_number())].front().copied())
            });
            let lane = schedule.next(&heads, now, turn).expect("one has just come in");
            lanes[usize::from(lane.as_number())].pop_front();
        }
        prop_assert!(lanes[0].is_empty(), "{} of {backlog} normal documents never left", lanes[0].len());
    }
}
