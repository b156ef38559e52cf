//! How much of the workers' time one system or neighbour may have.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

/// Systems and neighbours remembered; the configuration knows far fewer.
const KNOWN_MAX: usize = 4096;

/// A budget each, which fills again at a steady rate up to one minute's worth. A file that is begun is finished, so
/// that a budget may end below nothing; nothing is begun until it is back.
#[derive(Debug)]
pub(super) struct Quota {
    per_minute: Duration,
    budgets: HashMap<Box<str>, Budget>,
}

#[derive(Clone, Copy, Debug)]
struct Budget {
    /// Seconds left.
    left: f64,
    since: Instant,
}

impl Quota {
    pub(super) fn new(per_minute: Duration) -> Self {
        Self { per_minute, budgets: HashMap::new() }
    }

    /// Whether a check may begin; otherwise how long to wait.
    pub(super) fn ask(&mut self, client: &str, now: Instant) -> Result<(), Duration> {
        let rate = self.per_minute.as_secs_f64() / 60.0;
        let left = self.budget(client, now).left;
        if left > 0.0 { Ok(()) } else { Err(Duration::from_secs_f64((-left / rate).clamp(1.0, 3600.0))) }
    }

    /// Takes what a check has cost.
    pub(super) fn spend(&mut self, client: &str, cost: Duration, now: Instant) {
        self.budget(client, now).left -= cost.as_secs_f64();
    }

    fn budget(&mut self, client: &str, now: Instant) -> &mut Budget {
        let full = self.per_minute.as_secs_f64();
        if self.budgets.len() >= KNOWN_MAX && !self.budgets.contains_key(client) {
            self.budgets.retain(|_, budget| budget.after(now, full).left < full);
        }
        let budget = self.budgets.entry(client.into()).or_insert(Budget { left: full, since: now });
        *budget = budget.after(now, full);
        budget
    }
}

impl Budget {
    fn after(self, now: Instant, full: f64) -> Self {
        let passed = now.saturating_duration_since(self.since).as_secs_f64();
        Self { left: (self.left + passed * full / 60.0).min(full), since: now }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_has_spent_is_not_taken_from_another() {
        let (mut quota, now) = (Quota::new(Duration::from_secs(60)), Instant::now());
        quota.spend("hostile", Duration::from_secs(100), now);
        assert_eq!(quota.ask("hostile", now), Err(Duration::from_secs(40)));
        assert_eq!(quota.ask("other", now), Ok(()));
    }

    #[test]
    fn a_budget_fills_again_and_no_further_than_a_minutes_worth() {
        let (mut quota, now) = (Quota::new(Duration::from_secs(30)), Instant::now());
        quota.spend("one", Duration::from_secs(40), now);
        assert!(quota.ask("one", now + Duration::from_secs(19)).is_err());
        assert!(quota.ask("one", now + Duration::from_secs(21)).is_ok());
        let much_later = now + Duration::from_secs(3600);
        quota.spend("one", Duration::from_secs(31), much_later);
        assert!(quota.ask("one", much_later).is_err());
    }
}
