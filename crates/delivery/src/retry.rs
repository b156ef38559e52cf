//! When to try again, and for how long.

use std::time::Duration;

use types::{ErrorCode, Lane, UnixMillis};

/// Waits between attempts. Invariants: `0 < wait_min <= wait_max <= 24 h`, `1 <= factor <= 10`,
/// `1 <= attempts_max <= 100 000`, `jitter <= 100`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    wait_min: Duration,
    wait_max: Duration,
    factor: u32,
    attempts_max: u32,
    jitter: u8,
}

/// Why a retry rule is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RetryError {
    /// The first wait is shorter than the millisecond that time is counted in.
    #[error("wait_min is {wait_min:?}, the least is 1 ms")]
    WaitMinTooShort {
        /// The wait given.
        wait_min: Duration,
    },
    /// The longest wait is shorter than the first.
    #[error("wait_min {wait_min:?} is longer than wait_max {wait_max:?}")]
    WaitsCrossed {
        /// The first wait given.
        wait_min: Duration,
        /// The longest wait given.
        wait_max: Duration,
    },
    /// The longest wait is longer than any lane can use.
    #[error("wait_max is {wait_max:?}, the most is {most:?}")]
    WaitMaxTooLong {
        /// The wait given.
        wait_max: Duration,
        /// The longest allowed.
        most: Duration,
    },
    /// The factor is outside its range.
    #[error("factor is {factor}, it must be 1 to {most}")]
    Factor {
        /// The factor given.
        factor: u32,
        /// The largest allowed.
        most: u32,
    },
    /// The number of attempts is outside its range.
    #[error("attempts_max is {attempts_max}, it must be 1 to {most}")]
    AttemptsMax {
        /// The number given.
        attempts_max: u32,
        /// The largest allowed.
        most: u32,
    },
    /// The jitter is more than the whole wait.
    #[error("jitter is {jitter} percent, the most is 100")]
    Jitter {
        /// The percentage given.
        jitter: u8,
    },
}

impl RetryError {
    /// Always `invalid_argument`.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        ErrorCode::InvalidArgument
    }
}

/// A day without an attempt is longer than the most urgent lanes live.
const WAIT_MAX_MOST: Duration = Duration::from_secs(24 * 3600);
/// A larger factor reaches any `wait_max` within two attempts and is a slip of the pen.
const FACTOR_MOST: u32 = 10;
/// An attempt a minute for more than two months: longer than any time to live.
const ATTEMPTS_MOST: u32 = 100_000;

impl Default for Retry {
    /// 5 s, doubling up to 15 min, spread by 20 %, 200 attempts: about two days before it is parked.
    fn default() -> Self {
        Self {
            wait_min: Duration::from_secs(5),
            wait_max: Duration::from_secs(15 * 60),
            factor: 2,
            attempts_max: 200,
            jitter: 20,
        }
    }
}

impl Retry {
    /// A checked rule. `jitter` is in percent of the wait, added to it.
    ///
    /// # Errors
    /// `invalid_argument` when a value is outside the invariants above.
    pub const fn try_new(
        wait_min: Duration,
        wait_max: Duration,
        factor: u32,
        attempts_max: u32,
        jitter: u8,
    ) -> Result<Self, RetryError> {
        if wait_min.as_millis() == 0 {
            return Err(RetryError::WaitMinTooShort { wait_min });
        }
        if wait_min.as_nanos() > wait_max.as_nanos() {
            return Err(RetryError::WaitsCrossed { wait_min, wait_max });
        }
        if wait_max.as_nanos() > WAIT_MAX_MOST.as_nanos() {
            return Err(RetryError::WaitMaxTooLong { wait_max, most: WAIT_MAX_MOST });
        }
        if factor == 0 || factor > FACTOR_MOST {
            return Err(RetryError::Factor { factor, most: FACTOR_MOST });
        }
        if attempts_max == 0 || attempts_max > ATTEMPTS_MOST {
            return Err(RetryError::AttemptsMax { attempts_max, most: ATTEMPTS_MOST });
        }
        if jitter > 100 {
            return Err(RetryError::Jitter { jitter });
        }
        Ok(Self { wait_min, wait_max, factor, attempts_max, jitter })
    }

    /// Attempts after which a delivery is parked.
    #[must_use]
    pub const fn attempts_max(&self) -> u32 {
        self.attempts_max
    }

    /// The wait after the given number of attempts (the first is 1), in whole milliseconds.
    ///
    /// `wait_min`, times `factor` for each further attempt, at most `wait_max`; on top of it up to `jitter` percent,
    /// chosen by `seed` and `attempts` alone, so that deliveries that failed together do not come back together.
    #[must_use]
    pub fn wait(&self, attempts: u32, seed: u64) -> Duration {
        let most = millis(self.wait_max);
        let times = u64::from(self.factor).saturating_pow(attempts.saturating_sub(1));
        let wait = millis(self.wait_min).saturating_mul(times).min(most);
        let spread = wait * u64::from(self.jitter) / 100;
        let extra = mix(seed ^ u64::from(attempts)) % (spread + 1);
        Duration::from_millis(wait + extra)
    }
}

/// Whole milliseconds; `try_new` keeps every wait under a day.
fn millis(wait: Duration) -> u64 {
    u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)
}

/// SplitMix64's output function: neighbouring seeds give unrelated numbers.
const fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// How long a delivery of each lane lives before it goes back to its sender. Each 1 min to 90 days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ttl {
    express: Duration,
    very_urgent: Duration,
    urgent: Duration,
    normal: Duration,
}

/// A time to live outside its range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("time to live {given:?} of lane {lane:?} is outside {least:?} to {most:?}")]
pub struct TtlError {
    /// The lane it was given for.
    pub lane: Lane,
    /// The time given.
    pub given: Duration,
    /// The shortest allowed.
    pub least: Duration,
    /// The longest allowed.
    pub most: Duration,
}

impl TtlError {
    /// Always `invalid_argument`.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        ErrorCode::InvalidArgument
    }
}

/// Under a minute a restart of the neighbour would return documents.
const TTL_LEAST: Duration = Duration::from_secs(60);
/// A quarter: past it nobody waits for the document, and the sender has to be told.
const TTL_MOST: Duration = Duration::from_secs(90 * 24 * 3600);

impl Default for Ttl {
    /// Hỏa tốc 4 h, thượng khẩn 24 h, khẩn 48 h, thường 7 days.
    fn default() -> Self {
        let hours = |count: u64| Duration::from_secs(count * 3600);
        Self { express: hours(4), very_urgent: hours(24), urgent: hours(48), normal: hours(7 * 24) }
    }
}

impl Ttl {
    /// The same times, with another one for `lane`.
    ///
    /// # Errors
    /// `invalid_argument` when `given` is not within 1 min to 90 days.
    pub fn with(self, lane: Lane, given: Duration) -> Result<Self, TtlError> {
        if !(TTL_LEAST..=TTL_MOST).contains(&given) {
            return Err(TtlError { lane, given, least: TTL_LEAST, most: TTL_MOST });
        }
        Ok(match lane {
            Lane::Express => Self { express: given, ..self },
            Lane::VeryUrgent => Self { very_urgent: given, ..self },
            Lane::Urgent => Self { urgent: given, ..self },
            Lane::Normal => Self { normal: given, ..self },
        })
    }

    /// The time of one lane.
    #[must_use]
    pub const fn of(&self, lane: Lane) -> Duration {
        match lane {
            Lane::Express => self.express,
            Lane::VeryUrgent => self.very_urgent,
            Lane::Urgent => self.urgent,
            Lane::Normal => self.normal,
        }
    }

    /// The deadline of a delivery accepted (or released, or re-routed) at `from`.
    #[must_use]
    pub fn deadline(&self, lane: Lane, from: UnixMillis) -> UnixMillis {
        from + self.of(lane)
    }
}

#[cfg(test)]
mod tests;
