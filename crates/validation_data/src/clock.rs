//! The clock, and a little chance.

use std::time::{Duration, SystemTime};

use ring::rand::{SecureRandom as _, SystemRandom};
use types::UnixMillis;

/// The time now; 1970 for a clock set before it.
pub(crate) fn now() -> UnixMillis {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    UnixMillis::new(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// Random bytes; `None` when the system has none to give.
pub(crate) fn random<const N: usize>() -> Option<[u8; N]> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).ok().map(|()| bytes)
}

/// The wait, up to a tenth shorter: a fleet of nodes does not ask in step.
pub(crate) fn jittered(wait: Duration) -> Duration {
    let [chance] = random::<1>().unwrap_or_default();
    wait - wait.mul_f64(f64::from(chance) / 255.0 * 0.1)
}
