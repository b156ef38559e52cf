//! Faults on demand: what to do wrong, how often, and a board that decides it for each request, the same in each run.

mod board;
mod body;
mod draw;
mod flag;
pub(crate) mod layer;

use serde::{Deserialize, Serialize};

use axis::AxisCode;
use axis::operation::Operation;

pub(crate) use board::{Board, Listing};

/// Why faults cannot be set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// A rate outside 0–1.
    #[error("{0}: a rate is from 0 to 1 (0% to 100%)")]
    Rate(&'static str),
    /// A code that no failure has.
    #[error("error code {0}: one of 10, 15, 18, 19, 20, 21, 22, 23")]
    Code(u8),
    /// An operation that there is not.
    #[error("operation {0:?} is none of the axis's")]
    Operation(String),
    /// A time beyond the limit.
    #[error("{what}: at most {max} s")]
    Time {
        /// Which.
        what: &'static str,
        /// Seconds.
        max: u64,
    },
    /// A text that sets nothing.
    #[error("fault {0:?}: see docs/mock-axis.md for the names and their values")]
    Flag(String),
    /// A file or body that is not what it should be.
    #[error("{0}")]
    Shape(String),
}

/// What goes wrong. The default is nothing. TOML in files, JSON at the admin endpoint, the same names.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// Answers wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency: Option<Latency>,
    /// Answers are failures; nothing was done.
    pub error: Vec<ErrorFault>,
    /// Rate of answers whose connection breaks in the middle of the body. The operation was done.
    pub reset: f64,
    /// Rate of answers that end too early and look whole. The operation was done.
    pub truncate: f64,
    /// Rate of answers whose body comes twice.
    pub duplicate: f64,
    /// Rate of `getEdoc` answers whose base64 has a foreign character.
    pub wrong_base64: f64,
    /// Rate at which a packet confirmed as `done` is listed again.
    pub repeat: f64,
    /// Rate of lists that are out of order.
    pub shuffle: f64,
    /// Rate of lists that keep a document back while a status about it waits.
    pub early_status: f64,
    /// Seconds that the axis's clock is ahead (behind when negative), in every time it tells.
    pub clock_skew_seconds: i64,
    /// Secrets change; the old one is refused at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rotate: Option<Rotation>,
    /// The axis is away for a time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maintenance: Option<Maintenance>,
}

/// A wait before answers: evenly spread over `mean ± spread`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Latency {
    /// Milliseconds, at most 600,000.
    pub mean_ms: u64,
    /// Milliseconds more or less.
    #[serde(default)]
    pub spread_ms: u64,
    /// Rate of answers that wait.
    #[serde(default = "always")]
    pub rate: f64,
    /// Only this operation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
}

/// A failure in place of the operation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorFault {
    /// `ErrorCode`.
    pub code: u8,
    /// Rate.
    #[serde(default = "always")]
    pub rate: f64,
    /// Only this operation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
}

/// When secrets change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rotation {
    /// Each time this many requests came, from 1.
    Requests(u64),
    /// Each time this many seconds passed, from 1.
    Seconds(u64),
}

/// Times at which the axis is away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Maintenance {
    /// Seconds from one beginning to the next; the first is when this is set. 0: away until it is unset.
    pub every_seconds: u64,
    /// Seconds that it lasts.
    pub for_seconds: u64,
    /// What callers see.
    #[serde(default)]
    pub mode: Away,
}

/// What callers see while the axis is away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Away {
    /// Every call answers code 20.
    #[default]
    Code20,
    /// Connections are closed without a word.
    Refuse,
}

const fn always() -> f64 {
    1.0
}

/// Seconds of one wait at most: longer than any client's patience.
const LATENCY_SECONDS_MAX: u64 = 600;
/// Seconds of a skew, a rotation or a window at most: ten years.
const SECONDS_MAX: u64 = 315_360_000;

impl Faults {
    /// Reads the TOML form.
    ///
    /// # Errors
    /// What is wrong and where.
    pub fn from_toml(text: &str) -> Result<Self, FaultError> {
        let faults: Self = toml::from_str(text).map_err(|error| FaultError::Shape(error.to_string()))?;
        faults.checked()
    }

    /// Reads the JSON form.
    ///
    /// # Errors
    /// What is wrong and where.
    pub fn from_json(bytes: &[u8]) -> Result<Self, FaultError> {
        let faults: Self = serde_json::from_slice(bytes).map_err(|error| FaultError::Shape(error.to_string()))?;
        faults.checked()
    }

    /// The same when every value is in its range.
    ///
    /// # Errors
    /// The first that is not.
    pub fn checked(self) -> Result<Self, FaultError> {
        let rates = [
            ("reset", self.reset),
            ("truncate", self.truncate),
            ("duplicate", self.duplicate),
            ("wrong_base64", self.wrong_base64),
            ("repeat", self.repeat),
            ("shuffle", self.shuffle),
            ("early_status", self.early_status),
        ];
        let latency = self.latency.iter().map(|latency| ("latency", latency.rate));
        let errors = self.error.iter().map(|error| ("error", error.rate));
        for (name, rate) in rates.into_iter().chain(latency).chain(errors) {
            if !(0.0..=1.0).contains(&rate) {
                return Err(FaultError::Rate(name));
            }
        }
        for error in &self.error {
            let failure = AxisCode::from_number(error.code).filter(|code| *code != AxisCode::Success);
            failure.ok_or(FaultError::Code(error.code))?;
        }
        let limited = self.error.iter().map(|error| &error.operation).chain(self.latency.iter().map(|l| &l.operation));
        for name in limited.flatten() {
            Operation::from_name(name).ok_or_else(|| FaultError::Operation(name.clone()))?;
        }
        self.check_times()?;
        Ok(self)
    }

    fn check_times(&self) -> Result<(), FaultError> {
        let waits = self.latency.iter().map(|latency| latency.mean_ms.saturating_add(latency.spread_ms) / 1000);
        let waits = waits.map(|seconds| ("latency", seconds, LATENCY_SECONDS_MAX));
        let skew = [("clock_skew_seconds", self.clock_skew_seconds.unsigned_abs(), SECONDS_MAX)];
        let windows = self.maintenance.iter().flat_map(|window| [window.every_seconds, window.for_seconds]);
        let windows = windows.map(|seconds| ("maintenance", seconds, SECONDS_MAX));
        match waits.chain(skew).chain(windows).find(|(_, seconds, max)| seconds > max) {
            Some((what, _, max)) => Err(FaultError::Time { what, max }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
