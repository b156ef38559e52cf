//! How many transmissions one neighbour takes at a time: found out by additive growth and multiplicative shrinking.

use std::time::Duration;

use types::{ErrorCode, UnixMillis};

/// The bounds of a window. Invariants: `1 <= least <= start <= most <= 1024`; `pause` at most 1 h.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowRule {
    least: u32,
    start: u32,
    most: u32,
    pause: Duration,
}

/// Why a window rule is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WindowError {
    /// The three sizes are not in order, or outside their range.
    #[error("window sizes {least}, {start}, {most} are not in order within 1 to {limit}")]
    Sizes {
        /// The smallest window given.
        least: u32,
        /// The first window given.
        start: u32,
        /// The largest window given.
        most: u32,
        /// The largest allowed.
        limit: u32,
    },
    /// The pause is too long.
    #[error("pause is {pause:?}, the most is {limit:?}")]
    Pause {
        /// The pause given.
        pause: Duration,
        /// The longest allowed.
        limit: Duration,
    },
}

impl WindowError {
    /// Always `invalid_argument`.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        ErrorCode::InvalidArgument
    }
}

/// Each transmission holds a file and buffers of some hundred KiB; 1024 of them fit the memory promise.
const SIZE_LIMIT: u32 = 1024;
/// A window that cannot shrink for an hour does not adapt.
const PAUSE_LIMIT: Duration = Duration::from_secs(3600);

impl Default for WindowRule {
    /// 1 to 64, starting at 4; shrinks once a second at most.
    fn default() -> Self {
        Self { least: 1, start: 4, most: 64, pause: Duration::from_secs(1) }
    }
}

impl WindowRule {
    /// A checked rule. `pause` is the time within which several overloads count as one.
    ///
    /// # Errors
    /// `invalid_argument` when a value is outside the invariants above.
    pub fn try_new(least: u32, start: u32, most: u32, pause: Duration) -> Result<Self, WindowError> {
        if least == 0 || least > start || start > most || most > SIZE_LIMIT {
            return Err(WindowError::Sizes { least, start, most, limit: SIZE_LIMIT });
        }
        if pause > PAUSE_LIMIT {
            return Err(WindowError::Pause { pause, limit: PAUSE_LIMIT });
        }
        Ok(Self { least, start, most, pause })
    }
}

/// The window of one neighbour: how many transmissions may be under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    size: u32,
    successes: u32,
    shrunk_at: Option<UnixMillis>,
}

impl Window {
    /// A window of the rule's first size.
    #[must_use]
    pub const fn new(rule: &WindowRule) -> Self {
        Self { size: rule.start, successes: 0, shrunk_at: None }
    }

    /// Transmissions that may be under way at once.
    #[must_use]
    pub const fn size(&self) -> u32 {
        self.size
    }

    /// How many more may start when `under_way` already run.
    #[must_use]
    pub const fn room(&self, under_way: u32) -> u32 {
        self.size.saturating_sub(under_way)
    }

    /// One transmission went through while `under_way` (itself included) were running.
    ///
    /// The window grows by one per window of successes, and only while at least half of it is in use: successes of an
    /// idle link say nothing about what the neighbour can take.
    pub fn succeeded(&mut self, under_way: u32, rule: &WindowRule) {
        if under_way.saturating_mul(2) < self.size {
            return;
        }
        self.successes = self.successes.saturating_add(1);
        if self.successes >= self.size {
            self.successes = 0;
            self.size = self.size.saturating_add(1).min(rule.most);
        }
    }

    /// The neighbour is overloaded or did not answer in time: halves the window, once within the rule's pause, since the
    /// transmissions of one window all fail together.
    pub fn overloaded(&mut self, now: UnixMillis, rule: &WindowRule) {
        if self.shrunk_at.is_some_and(|at| now >= at && now.since(at) < rule.pause) {
            return;
        }
        self.size = (self.size / 2).max(rule.least);
        self.successes = 0;
        self.shrunk_at = Some(now);
    }
}

#[cfg(test)]
mod tests;
