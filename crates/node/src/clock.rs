//! The node's clock: the only place below the binary that reads one.

use std::time::SystemTime;

use types::UnixMillis;

/// The time now; 1970 for a clock set before it.
pub(crate) fn now() -> UnixMillis {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    UnixMillis::new(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
