//! The event table in code, in the order of the table in the parent module.

use types::{ErrorCode, Lane, UnixMillis};

use super::{Action, Delivery, Event, ParkReason, State, Step};
use crate::Retry;

impl Delivery {
    /// Advances by one event; the table is in the module's documentation.
    ///
    /// `seed` spreads the back-off of deliveries that failed together: any number that differs between them.
    pub fn step(self, event: Event, now: UnixMillis, retry: &Retry, seed: u64) -> Step {
        use State::{Delivered, Parked, Returned, Sending, Waiting};
        match (self.state, event) {
            (Waiting, Event::Claimed { until }) => self.claimed(until, now),
            (Sending | Parked(_) | Delivered | Returned, Event::Claimed { .. }) => self.unchanged(),

            (Sending, Event::Extended { until }) => self.extended(until, now),
            (Waiting | Parked(_) | Delivered | Returned, Event::Extended { .. }) => self.unchanged(),

            (Waiting | Sending | Parked(_), Event::Consigned) => self.delivered(now),
            (Delivered | Returned, Event::Consigned) => self.unchanged(),

            (Sending, Event::Refused { code }) if code.is_retryable() => self.back_off(code, now, retry, seed),
            (Sending, Event::Refused { code }) => self.returned(code, now),
            (Waiting | Parked(_) | Delivered | Returned, Event::Refused { .. }) => self.unchanged(),

            (Sending, Event::Failed { code }) => self.back_off(code, now, retry, seed),
            (Waiting | Parked(_) | Delivered | Returned, Event::Failed { .. }) => self.unchanged(),

            (Sending, Event::LeaseExpired) if now >= self.next_at => {
                self.back_off(ErrorCode::LeaseLost, now, retry, seed)
            }
            (Waiting | Sending | Parked(_) | Delivered | Returned, Event::LeaseExpired) => self.unchanged(),

            (Waiting | Parked(ParkReason::Exhausted), Event::TtlPassed) if now >= self.expires_at => {
                self.returned(ErrorCode::TimeToLive, now)
            }
            (Sending, Event::TtlPassed) if now >= self.expires_at && now >= self.next_at => {
                self.returned(ErrorCode::TimeToLive, now)
            }
            (Waiting | Sending | Parked(_) | Delivered | Returned, Event::TtlPassed) => self.unchanged(),

            (Waiting | Sending | Parked(ParkReason::Exhausted), Event::Hold) => self.held(now),
            (Parked(ParkReason::Held) | Delivered | Returned, Event::Hold) => self.unchanged(),

            (Parked(_), Event::Release { expires_at }) => self.released(expires_at, now),
            (Waiting | Sending | Delivered | Returned, Event::Release { .. }) => self.unchanged(),

            (Waiting | Sending | Parked(_), Event::Return { code }) => self.returned(code, now),
            (Delivered | Returned, Event::Return { .. }) => self.unchanged(),

            (Waiting | Sending | Parked(_), Event::Reroute { expires_at }) => self.rerouted(expires_at, now),
            (Delivered | Returned, Event::Reroute { .. }) => self.unchanged(),

            (Waiting, Event::Expedite) => self.expedited(now),
            (Sending | Parked(_) | Delivered | Returned, Event::Expedite) => self.unchanged(),
        }
    }

    const fn unchanged(self) -> Step {
        Step { delivery: self, actions: Vec::new() }
    }

    /// The new value, stored before anything else; a transmission under way ends unless the new value is one.
    fn to(self, next: Self, actions: &[Action]) -> Step {
        let stops = self.state == State::Sending && !matches!(next.state, State::Sending | State::Delivered);
        let mut all = vec![Action::Persist];
        all.extend(stops.then_some(Action::StopSending));
        all.extend_from_slice(actions);
        Step { delivery: next, actions: all }
    }

    fn claimed(self, until: UnixMillis, now: UnixMillis) -> Step {
        if now >= self.expires_at {
            return self.returned(ErrorCode::TimeToLive, now);
        }
        let attempts = self.attempts.saturating_add(1);
        let next = Self { state: State::Sending, attempts, next_at: until, changed_at: now, ..self };
        self.to(next, &[Action::Send, Action::WakeAt(until)])
    }

    /// A lease ends at last after the deadline: otherwise a transfer of one byte an hour would never end.
    fn extended(self, until: UnixMillis, now: UnixMillis) -> Step {
        if now >= self.expires_at || until <= self.next_at {
            return self.unchanged();
        }
        self.to(Self { next_at: until, changed_at: now, ..self }, &[Action::WakeAt(until)])
    }

    fn delivered(self, now: UnixMillis) -> Step {
        let next = Self { state: State::Delivered, next_at: now, code: None, changed_at: now, ..self };
        self.to(next, &[Action::ReportDelivered])
    }

    fn returned(self, code: ErrorCode, now: UnixMillis) -> Step {
        self.returned_after(code, self.code, now)
    }

    fn returned_after(self, code: ErrorCode, cause: Option<ErrorCode>, now: UnixMillis) -> Step {
        let next = Self { state: State::Returned, next_at: now, code: Some(code), changed_at: now, ..self };
        self.to(next, &[Action::ReportReturned { code, cause }])
    }

    fn back_off(self, code: ErrorCode, now: UnixMillis, retry: &Retry, seed: u64) -> Step {
        if now >= self.expires_at {
            return self.returned_after(ErrorCode::TimeToLive, Some(code), now);
        }
        if self.attempts >= retry.attempts_max() {
            let state = State::Parked(ParkReason::Exhausted);
            let next = Self { state, next_at: now, code: Some(code), changed_at: now, ..self };
            return self.to(next, &[Action::ListForOperator(ParkReason::Exhausted), Action::WakeAt(self.expires_at)]);
        }
        // No later than the deadline, so that the sender hears of the failure on time.
        let next_at = (now + retry.wait(self.attempts, seed)).min(self.expires_at);
        let next = Self { state: State::Waiting, next_at, code: Some(code), changed_at: now, ..self };
        self.to(next, &[Action::WakeAt(next_at)])
    }

    fn held(self, now: UnixMillis) -> Step {
        let next = Self { state: State::Parked(ParkReason::Held), next_at: now, changed_at: now, ..self };
        self.to(next, &[Action::ListForOperator(ParkReason::Held)])
    }

    /// Due now, with nothing counted against it; whatever deadline is later holds.
    fn anew(self, expires_at: UnixMillis, now: UnixMillis) -> Self {
        let expires_at = self.expires_at.max(expires_at);
        Self { state: State::Waiting, attempts: 0, next_at: now, expires_at, code: None, changed_at: now }
    }

    fn released(self, expires_at: UnixMillis, now: UnixMillis) -> Step {
        self.to(self.anew(expires_at, now), &[Action::WakeAt(now)])
    }

    fn rerouted(self, expires_at: UnixMillis, now: UnixMillis) -> Step {
        self.to(self.anew(expires_at, now), &[Action::ChooseRoute, Action::WakeAt(now)])
    }

    fn expedited(self, now: UnixMillis) -> Step {
        // Even one that is due already moves: it may stand behind others of its lane.
        let next = Self { next_at: now.min(self.next_at), changed_at: now, ..self };
        self.to(next, &[Action::RaiseTo(Lane::Express), Action::WakeAt(next.next_at)])
    }
}
