//! Waits between attempts to connect.

use std::time::Duration;

/// Exponential wait with jitter. Invariant: `0 < wait_min <= wait_max`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    wait_min: Duration,
    wait_max: Duration,
}

impl Backoff {
    /// Waits of `wait_min`, doubled by each failure up to `wait_max`; a zero or too small bound is raised.
    #[must_use]
    pub fn new(wait_min: Duration, wait_max: Duration) -> Self {
        let wait_min = wait_min.max(Duration::from_millis(1));
        Self { wait_min, wait_max: wait_max.max(wait_min) }
    }

    /// The wait after `failures` failures in a row (1 or more): between half and all of the doubled wait, where
    /// `jitter` (0–255, random) says. Two nodes that dial each other part company by it.
    #[must_use]
    pub fn wait(&self, failures: u32, jitter: u8) -> Duration {
        let doublings = failures.saturating_sub(1).min(30);
        let whole = self.wait_min.saturating_mul(1 << doublings).min(self.wait_max);
        whole / 2 + (whole / 2).mul_f64(f64::from(jitter) / 255.0)
    }
}

impl Default for Backoff {
    /// 500 ms to 30 s.
    fn default() -> Self {
        Self::new(Duration::from_millis(500), Duration::from_secs(30))
    }
}

#[cfg(test)]
mod tests;
