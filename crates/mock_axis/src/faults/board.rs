//! The faults in force, and the decisions made from them.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axis::operation::Operation;
use axis::{AxisCode, Secret};
use ring::hmac;

use super::{Away, FaultError, Faults, Rotation, draw};
use crate::system::System;

/// The faults in force.
#[derive(Debug)]
pub(crate) struct Board {
    seed: u64,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    faults: Faults,
    /// When the faults were set: windows and rotations count from there.
    since: Instant,
    /// Requests since then.
    requests: u64,
    /// Secrets that were valid before the faults were set again, counted on.
    epochs_before: u64,
    /// Calls of each operation by each known system. Other systems share one line.
    counts: BTreeMap<(String, &'static str), u64>,
}

/// What happens to one request.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Plan {
    /// Wait before the answer.
    pub(crate) delay: Duration,
    /// Answer this, and do nothing.
    pub(crate) error: Option<AxisCode>,
    /// Close the connection without a word.
    pub(crate) away: bool,
    /// What happens to the body.
    pub(crate) body: Vec<BodyFault>,
}

/// What happens to the body of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyFault {
    /// The connection breaks; `place` chooses where.
    Reset { place: u64 },
    /// The body ends early and looks whole.
    Truncate { place: u64 },
    /// The body comes twice.
    Duplicate,
    /// A foreign character in the base64.
    WrongBase64,
}

impl BodyFault {
    const fn name(self) -> &'static str {
        match self {
            Self::Reset { .. } => "reset",
            Self::Truncate { .. } => "truncate",
            Self::Duplicate => "duplicate",
            Self::WrongBase64 => "wrong_base64",
        }
    }
}

impl Plan {
    /// The faults by name, for the page.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        if !self.delay.is_zero() {
            names.push(format!("latency {} ms", self.delay.as_millis()));
        }
        names.extend(self.error.map(|code| format!("error {code}")));
        names.extend(self.away.then(|| "maintenance".to_owned()));
        names.extend(self.body.iter().map(|fault| fault.name().to_owned()));
        names
    }
}

impl Board {
    pub(crate) fn new(seed: u64, faults: Faults) -> Self {
        let state = State { faults, since: Instant::now(), requests: 0, epochs_before: 0, counts: BTreeMap::new() };
        Self { seed, state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn faults(&self) -> Faults {
        self.state().faults.clone()
    }

    /// Puts other faults in force. Decisions start over, as in a run that began with them; secrets do not go back.
    pub(crate) fn set(&self, faults: Faults) -> Result<(), FaultError> {
        let faults = faults.checked()?;
        let mut state = self.state();
        let epochs_before = state.epoch();
        *state = State { faults, since: Instant::now(), requests: 0, epochs_before, counts: BTreeMap::new() };
        Ok(())
    }

    /// Whether connections are closed at once.
    pub(crate) fn refuses_connections(&self) -> bool {
        let state = self.state();
        state.is_away() && state.faults.maintenance.is_some_and(|window| window.mode == Away::Refuse)
    }

    /// Decides about one request.
    pub(crate) fn plan(&self, system: &str, operation: Option<Operation>) -> Plan {
        let name = operation.map_or("-", Operation::name);
        let mut state = self.state();
        state.requests += 1;
        let away = state.is_away().then_some(state.faults.maintenance).flatten().map(|window| window.mode);
        let count = state.counts.entry((system.to_owned(), name)).or_default();
        *count += 1;
        let count = *count;
        let faults = state.faults.clone();
        drop(state);
        let about = format!("{system} {name}");
        let draw = |fault: &str| draw::number(self.seed, fault, &about, count);
        let happens = |fault: &str, rate: f64| rate > 0.0 && draw::happens(rate, draw(fault));
        let applies = |only: &Option<String>| only.as_deref().is_none_or(|only| only == name);
        let mut plan = Plan { away: away == Some(Away::Refuse), ..Plan::default() };
        if let Some(latency) = faults.latency.filter(|latency| applies(&latency.operation))
            && happens("latency", latency.rate)
        {
            let spread = draw("spread") % (latency.spread_ms * 2 + 1);
            plan.delay = Duration::from_millis((latency.mean_ms + spread).saturating_sub(latency.spread_ms));
        }
        let errors = faults.error.iter().enumerate().filter(|(_, error)| applies(&error.operation));
        let error = errors.into_iter().find(|(index, error)| happens(&format!("error {index}"), error.rate));
        plan.error = error.and_then(|(_, error)| AxisCode::from_number(error.code));
        if away == Some(Away::Code20) {
            plan.error = Some(AxisCode::Internal);
        }
        if happens("reset", faults.reset) {
            plan.body.push(BodyFault::Reset { place: draw("reset place") });
        } else if happens("truncate", faults.truncate) {
            plan.body.push(BodyFault::Truncate { place: draw("truncate place") });
        } else if happens("duplicate", faults.duplicate) {
            plan.body.push(BodyFault::Duplicate);
        }
        if operation == Some(Operation::GetEdoc) && happens("wrong_base64", faults.wrong_base64) {
            plan.body.push(BodyFault::WrongBase64);
        }
        plan
    }

    /// Decides about one list.
    pub(crate) fn listing(&self, system: &str) -> Listing {
        let mut state = self.state();
        let count = state.counts.entry((system.to_owned(), "list faults")).or_default();
        *count += 1;
        Listing { seed: self.seed, about: system.to_owned(), count: *count, faults: state.faults.clone() }
    }

    /// Seconds that told times are ahead.
    pub(crate) fn skew_seconds(&self) -> i64 {
        self.state().faults.clock_skew_seconds
    }

    /// The secret that is good at the moment.
    pub(crate) fn secret(&self, system: &System) -> Secret {
        let epoch = self.state().epoch();
        if epoch == 0 {
            return system.secret.clone();
        }
        let key = hmac::Key::new(hmac::HMAC_SHA256, system.secret.as_bytes());
        let tag = hmac::sign(&key, format!("mock axis secret {epoch}").as_bytes());
        let text: String = tag.as_ref().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        Secret::new(text.into_bytes())
    }
}

impl State {
    fn epoch(&self) -> u64 {
        let since = match self.faults.rotate {
            None => 0,
            Some(Rotation::Requests(every)) => self.requests.saturating_sub(1) / every.max(1),
            Some(Rotation::Seconds(every)) => self.since.elapsed().as_secs() / every.max(1),
        };
        self.epochs_before + since
    }

    fn is_away(&self) -> bool {
        let Some(window) = self.faults.maintenance else { return false };
        match self.since.elapsed().as_secs().checked_rem(window.every_seconds) {
            Some(into) => into < window.for_seconds,
            None => true,
        }
    }
}

/// The faults of one list.
#[derive(Debug)]
pub(crate) struct Listing {
    seed: u64,
    about: String,
    count: u64,
    faults: Faults,
}

impl Listing {
    fn happens(&self, fault: &str, rate: f64) -> bool {
        rate > 0.0 && draw::happens(rate, draw::number(self.seed, fault, &self.about, self.count))
    }

    /// Whether documents stay back while a status about them waits.
    pub(crate) fn early_statuses(&self) -> bool {
        self.happens("early_status", self.faults.early_status)
    }

    /// Whether a confirmed packet comes again.
    pub(crate) fn repeats(&self, seq: u64, index: u32) -> bool {
        self.happens(&format!("repeat {seq} {index}"), self.faults.repeat)
    }

    /// Puts the list out of order, when this one is.
    pub(crate) fn shuffle<T>(&self, list: &mut [T]) {
        if !self.happens("shuffle", self.faults.shuffle) {
            return;
        }
        for end in (1..list.len()).rev() {
            let place = draw::number(self.seed, &format!("place {end}"), &self.about, self.count);
            let among = u64::try_from(end + 1).unwrap_or(u64::MAX);
            list.swap(end, usize::try_from(place % among).unwrap_or(end));
        }
    }
}
