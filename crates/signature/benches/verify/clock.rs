//! How long a call takes on this thread, whatever else runs on the machine.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// CPU time of this thread.
fn now() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let (seconds, nanoseconds) = (u64::try_from(time.tv_sec), u32::try_from(time.tv_nsec));
    Duration::new(seconds.unwrap_or_default(), nanoseconds.unwrap_or_default())
}

/// CPU time that one round of a call should take.
const ROUND: Duration = Duration::from_millis(40);
const ROUNDS: usize = 9;

/// CPU time of one call of each, the best of nine rounds; rounds take turns, so that all meet the same neighbours.
pub(crate) fn costs(calls: &[&dyn Fn()]) -> Vec<Duration> {
    let repeats: Vec<u32> = calls.iter().map(|call| repeats(call)).collect();
    let mut best = vec![Duration::MAX; calls.len()];
    for _ in 0..ROUNDS {
        for ((call, repeats), best) in calls.iter().zip(&repeats).zip(&mut best) {
            *best = (*best).min(round(call, *repeats));
        }
    }
    best
}

fn round(call: &dyn Fn(), repeats: u32) -> Duration {
    let start = now();
    (0..repeats).for_each(|_| call());
    now().saturating_sub(start) / repeats
}

fn repeats(call: &dyn Fn()) -> u32 {
    call();
    let once = round(call, 3).max(Duration::from_nanos(100));
    u32::try_from(ROUND.as_nanos() / once.as_nanos()).unwrap_or(u32::MAX).max(3)
}
