//! How much a system may bring in a minute.

use std::time::Duration;

use types::UnixMillis;

const MINUTE_MS: u64 = 60_000;
/// A refused system is told to wait for an hour at most: by then an operator may have raised its quota.
const WAIT_MOST: Duration = Duration::from_secs(3600);

/// What is left of a quota per minute. It fills steadily up to one minute's worth; what is begun is finished, so that it may
/// end below nothing, and nothing is begun until it is back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    per_minute: u64,
    /// In units × milliseconds of a minute, so that nothing is lost between two looks.
    left: i128,
    at: UnixMillis,
}

impl Quota {
    /// A full quota of so many units per minute, at least 1.
    #[must_use]
    pub fn new(per_minute: u64, now: UnixMillis) -> Self {
        let per_minute = per_minute.max(1);
        Self { per_minute, left: full(per_minute), at: now }
    }

    /// Whether something may begin: when a whole unit is left.
    ///
    /// # Errors
    /// How long to wait, 1 ms to 1 h.
    pub fn ask(&mut self, now: UnixMillis) -> Result<(), Duration> {
        self.fill(now);
        let short = i128::from(MINUTE_MS) - self.left;
        if short <= 0 {
            return Ok(());
        }
        let missing = u128::try_from(short).unwrap_or(0) / u128::from(self.per_minute) + 1;
        Err(Duration::from_millis(u64::try_from(missing).unwrap_or(u64::MAX)).min(WAIT_MOST))
    }

    /// Takes what was brought.
    pub fn spend(&mut self, units: u64, now: UnixMillis) {
        self.fill(now);
        self.left -= i128::from(units) * i128::from(MINUTE_MS);
    }

    /// Whole units left, 0 when it is used up.
    #[must_use]
    pub fn left(&mut self, now: UnixMillis) -> u64 {
        self.fill(now);
        u64::try_from(self.left / i128::from(MINUTE_MS)).unwrap_or(0)
    }

    /// A clock that went back gives nothing and takes nothing.
    fn fill(&mut self, now: UnixMillis) {
        let passed = u64::try_from(now.since(self.at).as_millis()).unwrap_or(u64::MAX);
        let gained = i128::from(passed).saturating_mul(i128::from(self.per_minute));
        self.left = self.left.saturating_add(gained).min(full(self.per_minute));
        self.at = now;
    }
}

fn full(per_minute: u64) -> i128 {
    i128::from(per_minute) * i128::from(MINUTE_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis::new(1_000_000_000_000);
    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_minutes_worth_may_come_at_once_and_no_more() {
        let mut quota = Quota::new(60, NOW);
        let begun = (0..100).take_while(|_| quota.ask(NOW).map(|()| quota.spend(1, NOW)).is_ok()).count();
        assert_eq!(begun, 60);
    }

    #[test]
    fn whoever_waits_as_told_may_go_on() {
        let mut quota = Quota::new(60, NOW);
        quota.spend(100, NOW);
        let wait = quota.ask(NOW).unwrap_err();
        assert_eq!(wait, 41 * SECOND + Duration::from_millis(1));
        assert!(quota.ask(NOW + 40 * SECOND).is_err());
        assert_eq!(quota.ask(NOW + wait), Ok(()));
    }

    #[test]
    fn it_fills_no_further_than_a_minutes_worth() {
        let mut quota = Quota::new(60, NOW);
        assert_eq!(quota.left(NOW + 3600 * SECOND), 60);
    }

    #[test]
    fn a_clock_that_goes_back_takes_nothing() {
        let mut quota = Quota::new(60, NOW);
        quota.spend(30, NOW);
        assert_eq!(quota.left(NOW - 10 * SECOND), 30);
        assert_eq!(quota.left(NOW), 40, "the ten seconds pass again");
    }

    /// A month of a system that sends as fast as it is let: the simulation holds what came in against the quota.
    #[test]
    fn over_any_time_no_more_comes_in_than_the_quota_and_one_minute() {
        for (per_minute, size) in [(1_u64, 1_u64), (600, 7), (1_000_000, 4_000_000)] {
            let (mut quota, mut now, mut taken) = (Quota::new(per_minute, NOW), NOW, 0_u64);
            let end = NOW + 60 * 60 * SECOND;
            while now < end {
                match quota.ask(now) {
                    Ok(()) => {
                        quota.spend(size, now);
                        taken += size;
                    }
                    Err(wait) => now = now + wait,
                }
            }
            assert!(taken <= per_minute * 61 + size * 2, "{taken} of {per_minute} a minute");
            assert!(taken + size >= per_minute * 60, "{taken} of {per_minute} a minute");
        }
    }
}
