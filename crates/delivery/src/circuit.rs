//! The circuit of one neighbour: after several failures in a row, leave it alone for a while, then ask once.

use std::time::Duration;

use types::{ErrorCode, UnixMillis};

/// When a circuit opens and for how long.
///
/// Invariants: `failures_max` 1 to 1000, `1 s <= open_min <= open_max <= 1 h`, `probe_max` 1 s to 1 h.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CircuitRule {
    failures_max: u32,
    open_min: Duration,
    open_max: Duration,
    probe_max: Duration,
}

/// Why a circuit rule is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CircuitError {
    /// The number of failures is outside its range.
    #[error("failures_max is {failures_max}, it must be 1 to {most}")]
    FailuresMax {
        /// The number given.
        failures_max: u32,
        /// The largest allowed.
        most: u32,
    },
    /// A time is outside its range.
    #[error("{field} is {given:?}, it must be {least:?} to {most:?}")]
    Time {
        /// Which of the times.
        field: &'static str,
        /// The time given.
        given: Duration,
        /// The shortest allowed.
        least: Duration,
        /// The longest allowed.
        most: Duration,
    },
}

impl CircuitError {
    /// Always `invalid_argument`.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        ErrorCode::InvalidArgument
    }
}

/// More failures in a row than this would be no circuit.
const FAILURES_MOST: u32 = 1000;
/// A shorter pause does not let a neighbour recover.
const TIME_LEAST: Duration = Duration::from_secs(1);
/// A neighbour that is back must notice within the hour; express documents live for four.
const TIME_MOST: Duration = Duration::from_secs(3600);

impl Default for CircuitRule {
    /// Opens after 5 failures in a row, for 5 s doubling up to 5 min; a probe may take 1 min.
    fn default() -> Self {
        Self {
            failures_max: 5,
            open_min: Duration::from_secs(5),
            open_max: Duration::from_secs(300),
            probe_max: Duration::from_secs(60),
        }
    }
}

impl CircuitRule {
    /// A checked rule.
    ///
    /// # Errors
    /// `invalid_argument` when a value is outside the invariants above.
    pub fn try_new(
        failures_max: u32,
        open_min: Duration,
        open_max: Duration,
        probe_max: Duration,
    ) -> Result<Self, CircuitError> {
        if !(1..=FAILURES_MOST).contains(&failures_max) {
            return Err(CircuitError::FailuresMax { failures_max, most: FAILURES_MOST });
        }
        let within = |field, given: Duration, least| {
            if (least..=TIME_MOST).contains(&given) {
                return Ok(());
            }
            Err(CircuitError::Time { field, given, least, most: TIME_MOST })
        };
        within("open_min", open_min, TIME_LEAST)?;
        within("open_max", open_max, open_min)?;
        within("probe_max", probe_max, TIME_LEAST)?;
        Ok(Self { failures_max, open_min, open_max, probe_max })
    }

    /// The pause of the given opening in a row (the first is 1), doubling up to `open_max`.
    fn pause(&self, openings: u32) -> Duration {
        let times = 2_u32.saturating_pow(openings.saturating_sub(1));
        self.open_min.saturating_mul(times).min(self.open_max)
    }
}

/// Where a circuit stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CircuitState {
    /// Everything may pass.
    Closed,
    /// Nothing may pass.
    Open {
        /// When a probe may pass.
        until: UnixMillis,
    },
    /// One probe is under way.
    HalfOpen {
        /// When the probe counts as lost and another may pass.
        until: UnixMillis,
    },
}

/// Whether an attempt may start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "an attempt without a permit defeats the circuit"]
pub enum Permit {
    /// Yes.
    Free,
    /// Yes, this one only: its result opens or closes the circuit.
    Probe,
    /// No.
    Denied {
        /// When to ask again.
        until: UnixMillis,
    },
}

/// The circuit of one neighbour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Circuit {
    state: CircuitState,
    failures: u32,
    openings: u32,
}

impl Default for Circuit {
    fn default() -> Self {
        Self::new()
    }
}

impl Circuit {
    /// A closed circuit without a failure.
    #[must_use]
    pub const fn new() -> Self {
        Self { state: CircuitState::Closed, failures: 0, openings: 0 }
    }

    /// Where it stands.
    #[must_use]
    pub const fn state(&self) -> CircuitState {
        self.state
    }

    /// Asks to start one attempt. After [`Permit::Probe`] the caller reports the result with [`Circuit::succeeded`] or
    /// [`Circuit::failed`]; a probe without a result counts as lost after `probe_max`.
    pub fn permit(&mut self, now: UnixMillis, rule: &CircuitRule) -> Permit {
        match self.state {
            CircuitState::Closed => Permit::Free,
            CircuitState::Open { until } if waits(now, until, rule.open_max) => Permit::Denied { until },
            CircuitState::HalfOpen { until } if waits(now, until, rule.probe_max) => Permit::Denied { until },
            CircuitState::Open { .. } | CircuitState::HalfOpen { .. } => {
                self.state = CircuitState::HalfOpen { until: now + rule.probe_max };
                Permit::Probe
            }
        }
    }

    /// The neighbour answered, if only with a refusal. Closes a half-open circuit.
    ///
    /// While open, the answer belongs to an attempt from before, and the probe decides.
    pub fn succeeded(&mut self) {
        match self.state {
            CircuitState::Closed => self.failures = 0,
            CircuitState::HalfOpen { .. } => *self = Self::new(),
            CircuitState::Open { .. } => {}
        }
    }

    /// The neighbour did not answer. Opens the circuit when it was the probe, or the last of `failures_max` in a row.
    pub fn failed(&mut self, now: UnixMillis, rule: &CircuitRule) {
        match self.state {
            CircuitState::Closed => {
                self.failures = self.failures.saturating_add(1);
                if self.failures >= rule.failures_max {
                    self.open(now, rule);
                }
            }
            CircuitState::HalfOpen { .. } => self.open(now, rule),
            CircuitState::Open { .. } => {}
        }
    }

    /// The neighbour shows that it is there (a new connection): if the circuit is open, the probe may start at once.
    pub const fn shows_life(&mut self, now: UnixMillis) {
        if let CircuitState::Open { .. } | CircuitState::HalfOpen { .. } = self.state {
            self.state = CircuitState::Open { until: now };
        }
    }

    /// The neighbour is known to be back (it called us, or an operator says so): the next attempt may start at once.
    pub fn reset(&mut self) {
        *self = Self::new();
    }

    fn open(&mut self, now: UnixMillis, rule: &CircuitRule) {
        self.openings = self.openings.saturating_add(1);
        self.failures = 0;
        self.state = CircuitState::Open { until: now + rule.pause(self.openings) };
    }
}

/// Whether `until` is still to come. One further away than any wait of the rule was set before the clock went back.
fn waits(now: UnixMillis, until: UnixMillis, most: Duration) -> bool {
    now < until && until.since(now) <= most
}

#[cfg(test)]
mod tests;
