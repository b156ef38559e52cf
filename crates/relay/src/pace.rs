//! How many transmissions a neighbour gets at a time, found out from its answers; kept over its links.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use delivery::{Circuit, CircuitRule, CircuitState, Forecast, Permit, Window, WindowRule};
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use types::{ErrorCode, Lane, NeighbourId, UnixMillis};

use crate::links::now;
use crate::{LinkEnd, LinkStatus, PaceStatus, TransferOutcome};

/// One neighbour's window and circuit.
pub(crate) struct Pace {
    neighbour: NeighbourId,
    window_rule: WindowRule,
    circuit_rule: CircuitRule,
    state: Mutex<State>,
    changed: Notify,
    status: watch::Sender<LinkStatus>,
}

struct State {
    window: Window,
    circuit: Circuit,
    forecast: Forecast,
    /// Transmissions in ordinary places.
    under_way: u32,
    /// A packet was on its way when its link ended.
    is_one_lost: bool,
}

/// A transmission under way; dropped when it has ended.
pub(crate) struct UnderWay {
    pace: Arc<Pace>,
    kind: PlaceKind,
    since: Instant,
}

/// Which places a transmission is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PlaceKind {
    /// For all lanes; as many as the window says.
    Ordinary,
    /// Kept for lanes above normal, beside the window.
    Urgent,
}

impl PlaceKind {
    /// The least urgent lane that goes there.
    pub(crate) const fn lane_min(self) -> Lane {
        match self {
            Self::Ordinary => Lane::Normal,
            Self::Urgent => Lane::Urgent,
        }
    }
}

/// What an outcome says of the neighbour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    /// It took the packet.
    Took,
    /// It answered about the packet.
    Answered,
    /// It cannot take anything now.
    CannotNow,
    /// It did not answer.
    Silent,
    /// Nothing: this side stopped or could not read its own data.
    Nothing,
}

impl Said {
    fn by(outcome: &TransferOutcome) -> Self {
        match outcome {
            TransferOutcome::Accepted(_) => Self::Took,
            TransferOutcome::Refused(refusal) if refusal.reason.retryable => match refusal.reason.code {
                // Its own state, whatever is sent: the next packet would be refused too.
                ErrorCode::Overloaded
                | ErrorCode::RateLimited
                | ErrorCode::QuotaExceeded
                | ErrorCode::DiskReserve
                | ErrorCode::StorePoisoned
                | ErrorCode::KeyUnavailable
                | ErrorCode::ShuttingDown => Self::CannotNow,
                _ => Self::Answered,
            },
            TransferOutcome::Refused(_) => Self::Answered,
            TransferOutcome::Failed(reason) if reason.code == ErrorCode::PeerUnavailable => Self::Silent,
            TransferOutcome::Failed(_) => Self::Nothing,
        }
    }
}

impl Pace {
    pub(crate) fn new(
        neighbour: NeighbourId,
        window_rule: WindowRule,
        circuit_rule: CircuitRule,
        status: watch::Sender<LinkStatus>,
    ) -> Self {
        let state = State {
            window: Window::new(&window_rule),
            circuit: Circuit::new(),
            forecast: Forecast::default(),
            under_way: 0,
            is_one_lost: false,
        };
        Self { neighbour, window_rule, circuit_rule, state: Mutex::new(state), changed: Notify::new(), status }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Consistent after every statement.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new link: a circuit that is open lets its probe pass at once.
    pub(crate) fn shows_life(&self) {
        self.state().circuit.shows_life(now());
        self.tell();
    }

    /// Waits until something may be sent in places of this kind, and says how much; `None` after `stop`.
    pub(crate) async fn room(&self, kind: PlaceKind, stop: &CancellationToken) -> Option<usize> {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            // From here on no change is missed.
            changed.as_mut().enable();
            let until = match self.look(kind, now()) {
                Ok(room) => return Some(room),
                Err(until) => until,
            };
            let wait = async {
                match until {
                    Some(until) => sleep_until(Instant::now() + until).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = stop.cancelled() => return None,
                () = &mut changed => {}
                () = wait => {}
            }
        }
    }

    /// The room, or how long to wait at most for some; `None`: until something changes.
    fn look(&self, kind: PlaceKind, now: UnixMillis) -> Result<usize, Option<Duration>> {
        let mut state = self.state();
        let room = usize::try_from(state.window.room(state.under_way)).unwrap_or(usize::MAX);
        match (kind, state.circuit.state()) {
            (PlaceKind::Urgent, CircuitState::Closed) => return Ok(usize::MAX),
            // The probe takes from all lanes, the most urgent first: the urgent places wait for what it finds.
            (PlaceKind::Urgent, _) => return Err(None),
            (PlaceKind::Ordinary, CircuitState::Closed) if room > 0 => return Ok(room),
            (PlaceKind::Ordinary, CircuitState::Closed) => return Err(None),
            (PlaceKind::Ordinary, _) => {}
        }
        let permit = state.circuit.permit(now, &self.circuit_rule);
        drop(state);
        match permit {
            Permit::Denied { until } => Err(Some(until.since(now).max(Duration::from_millis(1)))),
            Permit::Free | Permit::Probe => {
                self.tell();
                Ok(1)
            }
        }
    }

    /// One transmission starts.
    pub(crate) fn start(self: &Arc<Self>, kind: PlaceKind) -> UnderWay {
        if kind == PlaceKind::Ordinary {
            self.state().under_way += 1;
        }
        UnderWay { pace: Arc::clone(self), kind, since: Instant::now() }
    }

    fn note(&self, said: Said, took: Duration) {
        let before = self.state().circuit.state();
        {
            let (mut state, now) = (self.state(), now());
            let under_way = state.under_way;
            match said {
                Said::Took => {
                    state.forecast.answered(took);
                    state.window.succeeded(under_way, &self.window_rule);
                    state.circuit.succeeded();
                }
                Said::Answered => state.circuit.succeeded(),
                Said::CannotNow => {
                    state.window.overloaded(now, &self.window_rule);
                    state.circuit.failed(now, &self.circuit_rule);
                }
                // What failed of a link, its end tells once for all.
                Said::Silent => {
                    state.window.overloaded(now, &self.window_rule);
                    state.is_one_lost = true;
                }
                Said::Nothing => {}
            }
        }
        self.log(before);
        self.tell();
    }

    /// A link ended and everything of it is settled. Packets that were lost with it are one failure, however many they were,
    /// unless this side ended it.
    pub(crate) fn link_ended(&self, end: &LinkEnd) {
        let before = self.state().circuit.state();
        let is_one_lost = std::mem::take(&mut self.state().is_one_lost);
        let is_its_doing = matches!(end, LinkEnd::Lost { .. } | LinkEnd::Silent | LinkEnd::Violated(_));
        if is_one_lost && is_its_doing {
            self.state().circuit.failed(now(), &self.circuit_rule);
        }
        self.log(before);
        self.tell();
    }

    fn log(&self, before: CircuitState) {
        let (after, neighbour) = (self.state().circuit.state(), &self.neighbour);
        match (before, after) {
            (CircuitState::Closed | CircuitState::HalfOpen { .. }, CircuitState::Open { until }) => tracing::warn!(
                peer.id = %neighbour, error.code = "peer_unavailable",
                "{neighbour} cannot take anything; it is left alone for {:?}", until.since(now())
            ),
            (CircuitState::Open { .. } | CircuitState::HalfOpen { .. }, CircuitState::Closed) => {
                tracing::info!(peer.id = %neighbour, "{neighbour} takes packets again");
            }
            _ => {}
        }
    }

    /// Wakes whoever waits for room, and shows the state.
    fn tell(&self) {
        let pace = {
            let state = self.state();
            PaceStatus { window: state.window.size(), circuit: state.circuit.state(), forecast: state.forecast }
        };
        self.status.send_if_modified(|status| std::mem::replace(&mut status.pace, pace) != pace);
        self.changed.notify_waiters();
    }
}

impl UnderWay {
    /// Notes how it ended.
    pub(crate) fn end(self, outcome: &TransferOutcome) {
        self.pace.note(Said::by(outcome), self.since.elapsed());
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        if self.kind == PlaceKind::Ordinary {
            let mut state = self.pace.state();
            state.under_way = state.under_way.saturating_sub(1);
        }
        self.pace.changed.notify_waiters();
    }
}

#[cfg(test)]
mod tests;
