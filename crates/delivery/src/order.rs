//! The order of one sender's documents in a lane: the earliest deadline first, within limits.

use std::time::Duration;

use types::{ErrorCode, UnixMillis};

/// How far a deadline may move a document ahead of, or behind, others of its sender. 0 s to 7 days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience(Duration);

/// A patience outside its range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the patience is {given:?}, the most is {most:?}", most = Patience::MOST)]
pub struct PatienceError {
    /// The time given.
    pub given: Duration,
}

impl PatienceError {
    /// Always `invalid_argument`.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        ErrorCode::InvalidArgument
    }
}

impl Default for Patience {
    /// A day: deadlines are days, and a document without one is late by a day at most.
    fn default() -> Self {
        Self(Duration::from_secs(24 * 3600))
    }
}

impl Patience {
    /// The default time to live of a normal document: what waits longer has gone back.
    pub const MOST: Duration = Duration::from_secs(7 * 24 * 3600);

    /// A checked patience; zero keeps documents in the order of acceptance.
    ///
    /// # Errors
    /// `invalid_argument` over 7 days.
    pub const fn try_new(given: Duration) -> Result<Self, PatienceError> {
        if given.as_secs() > Self::MOST.as_secs() { Err(PatienceError { given }) } else { Ok(Self(given)) }
    }

    /// The time by which a document is put in order among those of its sender: its deadline, but not before it was
    /// accepted, and no later than the patience after. One without a deadline has the latest.
    ///
    /// Hence a document is overtaken only by documents that were accepted less than the patience after it, however many
    /// with near deadlines keep coming; one with a far deadline waits no longer than one with none; and a deadline that has
    /// passed helps no more than one that is now.
    #[must_use]
    pub fn order(self, accepted_at: UnixMillis, due: Option<UnixMillis>) -> UnixMillis {
        let latest = accepted_at + self.0;
        due.map_or(latest, |due| due.clamp(accepted_at, latest))
    }
}

#[cfg(test)]
mod tests;
