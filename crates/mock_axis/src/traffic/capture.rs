//! The beginning of a body, its length and its digest, taken as it passes.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Body;
use ring::digest::{Context, SHA256};

use super::hub::Guard;
use super::observed;

#[derive(Clone)]
pub(super) struct Capture {
    state: Arc<Mutex<State>>,
}

struct State {
    bytes: Vec<u8>,
    max: usize,
    total: u64,
    context: Context,
}

/// A body that has passed.
#[derive(Clone, Debug, Default)]
pub(super) struct Captured {
    pub(super) beginning: Vec<u8>,
    pub(super) total: u64,
    /// SHA-256 in hex.
    pub(super) digest: String,
}

impl Captured {
    pub(super) fn is_whole(&self) -> bool {
        u64::try_from(self.beginning.len()).is_ok_and(|length| length == self.total)
    }
}

impl std::fmt::Debug for Capture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Capture").field("total", &self.state().total).finish_non_exhaustive()
    }
}

impl Capture {
    pub(super) fn new(max: usize) -> Self {
        let state = State { bytes: Vec::new(), max, total: 0, context: Context::new(&SHA256) };
        Self { state: Arc::new(Mutex::new(state)) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn add(&self, piece: &[u8]) {
        let mut state = self.state();
        state.total += u64::try_from(piece.len()).unwrap_or(u64::MAX);
        state.context.update(piece);
        let room = state.max.saturating_sub(state.bytes.len()).min(piece.len());
        state.bytes.extend_from_slice(piece.get(..room).unwrap_or_default());
    }

    /// The body that tells this capture what passes.
    pub(super) fn observe(&self, body: Body) -> Body {
        observed(body, self.clone(), None)
    }

    /// The same; `guard` is dropped with the body.
    pub(super) fn observe_with(&self, body: Body, guard: Guard) -> Body {
        observed(body, self.clone(), Some(guard))
    }

    pub(super) fn take(&self) -> Captured {
        let mut state = self.state();
        let digest = state.context.clone().finish();
        let digest = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        Captured { beginning: std::mem::take(&mut state.bytes), total: state.total, digest }
    }
}
