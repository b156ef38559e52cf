use super::*;

fn seconds(min: u64, max: u64) -> Backoff {
    Backoff::new(Duration::from_secs(min), Duration::from_secs(max))
}

#[test]
fn the_wait_doubles_up_to_the_limit() {
    let backoff = seconds(1, 30);
    let waits: Vec<u64> = (1..=7).map(|failures| backoff.wait(failures, 255).as_secs()).collect();
    assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30]);
    assert_eq!(backoff.wait(u32::MAX, 255).as_secs(), 30);
}

#[test]
fn the_jitter_takes_away_at_most_half() {
    assert_eq!(seconds(4, 30).wait(1, 0), Duration::from_secs(2));
}

#[test]
fn bounds_the_wrong_way_round_are_raised() {
    assert_eq!(seconds(0, 0).wait(1, 255), Duration::from_millis(1));
    assert_eq!(seconds(9, 3).wait(5, 255), Duration::from_secs(9));
}
