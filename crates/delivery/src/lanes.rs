//! Which lane to claim from next: urgent first, with a share of turns for what has waited too long.

use std::time::Duration;

use types::{ErrorCode, Lane, UnixMillis};

/// Since when each lane waits: by the time at which its oldest ready delivery was accepted, as far as its owner knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Heads([Option<UnixMillis>; 4]);

impl Heads {
    /// No lane has anything ready.
    #[must_use]
    pub const fn new() -> Self {
        Self([None; 4])
    }

    /// The same heads, with another one for `lane`; `None` says that the lane has nothing ready.
    #[must_use]
    pub fn with(mut self, lane: Lane, accepted_at: Option<UnixMillis>) -> Self {
        if let Some(head) = self.0.get_mut(usize::from(lane.as_number())) {
            *head = accepted_at;
        }
        self
    }

    /// The most urgent lane with anything ready.
    #[must_use]
    pub fn most_urgent(&self) -> Option<Lane> {
        Lane::ALL.into_iter().find(|lane| self.of(*lane).is_some())
    }

    /// The head of one lane.
    #[must_use]
    pub fn of(&self, lane: Lane) -> Option<UnixMillis> {
        self.0.get(usize::from(lane.as_number())).copied().flatten()
    }
}

/// The rule: the most urgent lane goes first, but every `share`-th turn belongs to the delivery that has waited longest
/// among those that have waited for `ageing` or more.
///
/// Hence a backlog of old normal documents, after an outage say, takes one turn in `share` from an express one, never
/// all of them; and however many express documents come in, the oldest aged delivery is at most `share` turns away.
/// Invariants: `ageing` is 1 s to 7 days, `share` 2 to 1000.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LaneSchedule {
    ageing: Duration,
    share: u64,
}

/// Why a schedule is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LaneScheduleError {
    /// The ageing limit is outside its range.
    #[error("ageing is {ageing:?}, it must be {least:?} to {most:?}")]
    Ageing {
        /// The limit given.
        ageing: Duration,
        /// The shortest allowed.
        least: Duration,
        /// The longest allowed.
        most: Duration,
    },
    /// The share is outside its range.
    #[error("share is one turn in {share}, it must be one in {least} to {most}")]
    Share {
        /// The share given.
        share: u64,
        /// The largest share allowed.
        least: u64,
        /// The smallest share allowed.
        most: u64,
    },
}

impl LaneScheduleError {
    /// Always `invalid_argument`.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        ErrorCode::InvalidArgument
    }
}

/// Under a second every lane would count as aged as soon as there is a queue.
const AGEING_LEAST: Duration = Duration::from_secs(1);
/// The default time to live of a normal document; what ages later never ages.
const AGEING_MOST: Duration = Duration::from_secs(7 * 24 * 3600);
/// With every turn for aged deliveries there would be no lanes.
const SHARE_LEAST: u64 = 2;
/// At a hundred claims a second an aged delivery still moves every ten seconds.
const SHARE_MOST: u64 = 1000;

impl Default for LaneSchedule {
    /// Aged after 10 min; one turn in 8.
    fn default() -> Self {
        Self { ageing: Duration::from_secs(600), share: 8 }
    }
}

impl LaneSchedule {
    /// A checked schedule.
    ///
    /// # Errors
    /// `invalid_argument` when a value is outside the invariants above.
    pub fn try_new(ageing: Duration, share: u64) -> Result<Self, LaneScheduleError> {
        if !(AGEING_LEAST..=AGEING_MOST).contains(&ageing) {
            return Err(LaneScheduleError::Ageing { ageing, least: AGEING_LEAST, most: AGEING_MOST });
        }
        if !(SHARE_LEAST..=SHARE_MOST).contains(&share) {
            return Err(LaneScheduleError::Share { share, least: SHARE_LEAST, most: SHARE_MOST });
        }
        Ok(Self { ageing, share })
    }

    /// The lane to claim from, `None` when none has anything ready.
    ///
    /// `turn` counts the claims of one neighbour from any number; it may start again at 0 after a restart.
    #[must_use]
    pub fn next(&self, heads: &Heads, now: UnixMillis, turn: u64) -> Option<Lane> {
        let aged_turn = turn % self.share == self.share - 1;
        let aged = if aged_turn { self.longest_aged(heads, now) } else { None };
        aged.or_else(|| heads.most_urgent())
    }

    fn longest_aged(&self, heads: &Heads, now: UnixMillis) -> Option<Lane> {
        Lane::ALL
            .into_iter()
            .filter_map(|lane| heads.of(lane).map(|accepted_at| (accepted_at, lane)))
            .filter(|(accepted_at, _)| now.since(*accepted_at) >= self.ageing)
            .min_by_key(|(accepted_at, _)| *accepted_at)
            .map(|(_, lane)| lane)
    }
}

#[cfg(test)]
mod tests;
