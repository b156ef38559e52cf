//! Wall-clock time that only goes forward.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;
use types::UnixMillis;

/// The wall clock as it was at the start, and what passed since: pauses do not depend on a clock that is set.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    started: Instant,
    at: UnixMillis,
}

impl Clock {
    pub(super) fn start() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { started: Instant::now(), at: UnixMillis::new(0) + since }
    }

    pub(super) fn now(self) -> UnixMillis {
        self.at + self.started.elapsed()
    }

    /// When `moment` is, for a timer.
    pub(super) fn instant(self, moment: UnixMillis) -> Instant {
        let now = self.now();
        Instant::now() + if moment > now { moment.since(now) } else { Duration::ZERO }
    }
}
