//! Waiting.

use std::sync::mpsc;
use std::time::Duration;

/// Lets others run.
pub(crate) fn pause(time: Duration) {
    let (_open, never) = mpsc::channel::<()>();
    // Nothing is ever sent: the time ends it.
    let ended = never.recv_timeout(time);
    debug_assert!(ended.is_err());
}
