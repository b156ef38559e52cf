//! Whether the axis may be called: closed to all but one call while it is away.

use std::sync::{Mutex, PoisonError};

use delivery::{Circuit, CircuitRule, CircuitState, Permit};
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use types::ErrorCode;

use super::clock::Clock;
use super::{Health, LastError, Presence};
use crate::client::CallError;

/// What became of a call, for the gate.
#[derive(Clone, Copy, Debug)]
pub(super) enum Report<'a> {
    /// The axis answered, if only with a refusal of this one packet.
    Answered,
    /// This one packet failed; the axis is there.
    Troubled(&'a CallError),
    /// The axis did not answer, or does not know this system.
    Away(&'a CallError),
}

impl<'a> Report<'a> {
    /// What a call about one packet says of the axis.
    pub(super) const fn of<T>(result: &'a Result<T, CallError>) -> Self {
        match result {
            Ok(_) => Self::Answered,
            Err(error) if error.is_about_the_link() => Self::Away(error),
            Err(error) => Self::Troubled(error),
        }
    }
}

/// The circuit of the axis, and the health that follows from it.
#[derive(Debug)]
pub(super) struct Gate {
    peer: String,
    rule: CircuitRule,
    pub(super) clock: Clock,
    circuit: Mutex<Circuit>,
    health: watch::Sender<Health>,
    /// The time for which the axis is there; cancelled when it goes away or the connector stops.
    period: watch::Sender<CancellationToken>,
    stop: CancellationToken,
}

impl Gate {
    pub(super) fn new(
        peer: String,
        rule: CircuitRule,
        health: watch::Sender<Health>,
        stop: &CancellationToken,
    ) -> Self {
        Self {
            peer,
            rule,
            clock: Clock::start(),
            circuit: Mutex::default(),
            health,
            period: watch::Sender::new(stop.child_token()),
            stop: stop.clone(),
        }
    }

    /// Asks to make one call; its result has to be told with [`Gate::report`].
    pub(super) fn permit(&self) -> Permit {
        let now = self.clock.now();
        self.circuit.lock().unwrap_or_else(PoisonError::into_inner).permit(now, &self.rule)
    }

    /// Waits until calls are free, and returns the token that ends when they are not any more; `None` at the stop.
    pub(super) async fn period(&self) -> Option<CancellationToken> {
        let mut periods = self.period.subscribe();
        tokio::select! {
            biased;
            () = self.stop.cancelled() => None,
            period = periods.wait_for(|period| !period.is_cancelled()) => period.ok().map(|period| period.clone()),
        }
    }

    /// Tells each time the axis goes away or comes back.
    pub(super) fn changes(&self) -> watch::Receiver<CancellationToken> {
        self.period.subscribe()
    }

    /// When the axis is to be tried again, while it is away.
    pub(super) fn away_until(&self) -> Option<Instant> {
        match self.circuit.lock().unwrap_or_else(PoisonError::into_inner).state() {
            CircuitState::Closed => None,
            CircuitState::Open { until } | CircuitState::HalfOpen { until } => Some(self.clock.instant(until)),
        }
    }

    /// Records what became of a call. A change is logged once.
    pub(super) fn report(&self, report: Report<'_>) {
        let now = self.clock.now();
        let is_closed = {
            let mut circuit = self.circuit.lock().unwrap_or_else(PoisonError::into_inner);
            match report {
                Report::Answered | Report::Troubled(_) => circuit.succeeded(),
                Report::Away(_) => circuit.failed(now, &self.rule),
            }
            let is_closed = circuit.state() == CircuitState::Closed;
            self.period.send_if_modified(|period| match (is_closed, period.is_cancelled()) {
                (true, true) if !self.stop.is_cancelled() => {
                    *period = self.stop.child_token();
                    true
                }
                (false, false) => {
                    period.cancel();
                    true
                }
                _ => false,
            });
            is_closed
        };
        self.health.send_modify(|health| {
            match report {
                Report::Answered => health.last_success = Some(now),
                Report::Troubled(error) => {
                    health.last_success = Some(now);
                    health.last_error = Some(last_error(now, error));
                }
                Report::Away(error) => health.last_error = Some(last_error(now, error)),
            }
            match (report, &health.presence) {
                (Report::Away(error), Presence::Unknown | Presence::Reachable { .. }) if !is_closed => {
                    log_away(&self.peer, error);
                    health.presence = Presence::Away { since: now, code: error.code(), text: error.to_string() };
                }
                (Report::Away(error), Presence::Away { since, code, .. }) if *code != error.code() => {
                    log_away(&self.peer, error);
                    health.presence = Presence::Away { since: *since, code: error.code(), text: error.to_string() };
                }
                (Report::Answered | Report::Troubled(_), Presence::Unknown | Presence::Away { .. }) if is_closed => {
                    tracing::info!(peer.id = %self.peer, "the axis {} answers", self.peer);
                    health.presence = Presence::Reachable { since: now };
                }
                _ => {}
            }
        });
    }

    /// Changes the counts.
    pub(super) fn count(&self, change: impl FnOnce(&mut Health)) {
        self.health.send_modify(change);
    }
}

fn last_error(at: types::UnixMillis, error: &CallError) -> LastError {
    LastError { at, code: error.code(), text: error.to_string() }
}

fn log_away(peer: &str, error: &CallError) {
    let code = error.code();
    if code == ErrorCode::Unauthenticated {
        tracing::error!(peer.id = %peer, error.code = %code, "the axis {peer} does not know this system: {error}");
    } else {
        tracing::warn!(peer.id = %peer, error.code = %code, "the axis {peer} is away: {error}");
    }
}
