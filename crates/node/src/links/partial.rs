//! Broken transfers, kept for a while so that they go on where they stopped.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use types::{Digest, ExchangeId, NeighbourId, UnixMillis};

use crate::intake::Upload;

/// Broken transfers kept at once: each holds a thread and an open file.
const KEPT_MAX: usize = 32;
/// A neighbour that does not come back within so long starts again.
const KEPT_FOR: Duration = Duration::from_secs(600);

/// Names one transfer across links.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct TransferKey {
    pub(super) from: NeighbourId,
    pub(super) exchange: ExchangeId,
    pub(super) digest: Digest,
}

/// The broken transfers of this node.
#[derive(Debug, Default)]
pub(super) struct Partials(Mutex<HashMap<TransferKey, (UnixMillis, Upload)>>);

impl Partials {
    /// Keeps what arrived; the oldest makes room.
    pub(super) fn keep(&self, key: TransferKey, upload: Upload, now: UnixMillis) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT_MAX
            && let Some(oldest) = kept.iter().min_by_key(|(_, (since, _))| *since).map(|(key, _)| key.clone())
        {
            kept.remove(&oldest);
        }
        kept.insert(key, (now, upload));
    }

    /// Drops what its neighbour did not come back for: thread, file and staging file go with it.
    pub(super) fn sweep(&self, now: UnixMillis) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|_, (since, _)| now.since(*since) < KEPT_FOR);
    }

    /// Takes a kept transfer to go on with it.
    pub(super) fn take(&self, key: &TransferKey, now: UnixMillis) -> Option<Upload> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, upload) = kept.remove(key)?;
        (now.since(since) < KEPT_FOR).then_some(upload)
    }

    /// Drops everything: their files go with them.
    pub(super) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
