//! How long a packet that was not taken is left alone.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use types::UnixMillis;

use super::RefusedBefore;
use crate::DocId;

/// After the first refusal.
const REFUSED_MIN: Duration = Duration::from_secs(600);
/// After any refusal at most.
const REFUSED_MAX: Duration = Duration::from_secs(24 * 3600);
/// After the first failed fetch.
const FAILED_MIN: Duration = Duration::from_secs(1);
/// After any failed fetch at most.
const FAILED_MAX: Duration = Duration::from_secs(3600);
/// Failures in a row, 15 s of pauses, for which what the same sender sent later waits behind the packet.
const HELD_MAX: u32 = 4;
/// Packets remembered as failed; a forgotten one is only fetched sooner.
const REMEMBERED_MAX: usize = 10_000;

/// Whether a refused packet is to be fetched again: after 10 min, 40 min, 160 min, 640 min, then once a day.
pub(super) fn is_due(refused: RefusedBefore, now: UnixMillis) -> bool {
    let doublings = refused.times.saturating_sub(1).saturating_mul(2).min(16);
    now.since(refused.last) >= REFUSED_MIN.saturating_mul(1 << doublings).min(REFUSED_MAX)
}

/// Packets whose fetch failed, in this run.
#[derive(Debug, Default)]
pub(super) struct Pauses(Mutex<HashMap<DocId, Pause>>);

#[derive(Clone, Copy, Debug)]
struct Pause {
    failures: u32,
    until: Instant,
    step: Step,
}

/// What failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The packet is not here.
    Fetch,
    /// It is here, and the axis was not told.
    Confirm,
}

impl Pauses {
    pub(super) fn is_paused(&self, doc_id: &DocId) -> bool {
        self.with(|pauses| pauses.get(doc_id).is_some_and(|pause| pause.until > Instant::now()))
    }

    /// When a packet is tried again that later ones of its sender shall not overtake: an update, or a status, means
    /// nothing without its document. A packet that fails again and again holds nobody up for ever.
    pub(super) fn held_until(&self, doc_id: &DocId) -> Option<Instant> {
        let holds = |pause: &&Pause| pause.step == Step::Fetch && pause.failures <= HELD_MAX;
        self.with(|pauses| pauses.get(doc_id).filter(holds).map(|pause| pause.until))
    }

    /// Leaves the packet alone for 1 s, doubled by each failure in a row up to an hour.
    pub(super) fn failed(&self, doc_id: &DocId, step: Step) {
        let now = Instant::now();
        self.with(|pauses| {
            if pauses.len() >= REMEMBERED_MAX {
                pauses.retain(|_, pause| pause.until > now);
            }
            if pauses.len() >= REMEMBERED_MAX && !pauses.contains_key(doc_id) {
                return;
            }
            let pause = pauses.entry(doc_id.clone()).or_insert(Pause { failures: 0, until: now, step });
            pause.until = now + FAILED_MIN.saturating_mul(1 << pause.failures.min(16)).min(FAILED_MAX);
            pause.failures = pause.failures.saturating_add(1);
            pause.step = step;
        });
    }

    pub(super) fn forget(&self, doc_id: &DocId) {
        self.with(|pauses| pauses.remove(doc_id));
    }

    fn with<T>(&self, change: impl FnOnce(&mut HashMap<DocId, Pause>) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(times: u32, minutes: u64) {
        let last = UnixMillis::new(1_000_000);
        let refused = RefusedBefore { times, last };
        let pause = Duration::from_secs(60 * minutes);
        assert!(is_due(refused, last + pause));
        assert!(!is_due(refused, last + pause - Duration::from_millis(1)));
    }

    #[test]
    fn refusals_are_tried_again_ever_more_seldom_but_daily() {
        for (times, minutes) in [(1, 10), (2, 40), (3, 160), (4, 640), (5, 1440), (u32::MAX, 1440)] {
            check(times, minutes);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_failed_fetch_pauses_longer_each_time() {
        let pauses = Pauses::default();
        let doc_id: DocId = "a".parse().unwrap();
        for seconds in [1, 2, 4] {
            pauses.failed(&doc_id, Step::Fetch);
            tokio::time::advance(Duration::from_secs(seconds) - Duration::from_millis(1)).await;
            assert!(pauses.is_paused(&doc_id));
            tokio::time::advance(Duration::from_millis(1)).await;
            assert!(!pauses.is_paused(&doc_id));
        }
        pauses.forget(&doc_id);
        pauses.failed(&doc_id, Step::Fetch);
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(!pauses.is_paused(&doc_id));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_not_here_holds_later_ones_back_for_15_s_at_most() {
        let pauses = Pauses::default();
        let doc_id: DocId = "a".parse().unwrap();
        let begun = Instant::now();
        while let Some(until) = {
            pauses.failed(&doc_id, Step::Fetch);
            pauses.held_until(&doc_id)
        } {
            tokio::time::advance(until - Instant::now()).await;
        }
        assert_eq!(begun.elapsed(), Duration::from_secs(1 + 2 + 4 + 8));
    }

    #[tokio::test]
    async fn what_is_here_and_only_not_confirmed_holds_nothing_back() {
        let pauses = Pauses::default();
        let doc_id: DocId = "a".parse().unwrap();
        pauses.failed(&doc_id, Step::Confirm);
        assert!(pauses.is_paused(&doc_id));
        assert_eq!(pauses.held_until(&doc_id), None);
    }
}
