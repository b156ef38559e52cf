//! What each system has brought, held against what it may bring.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use delivery::Quota;
use gateway::Refusal;
use types::{ErrorCode, SystemId, UnixMillis};
use wire::exchange_v1::QuotaState;

use crate::config::{Config, Quotas};
use crate::core::Core;

/// What is waiting goes away at the pace of the neighbours: nobody knows when, so the next look is soon.
const WAIT_FOR_BACKLOG: Duration = Duration::from_secs(30);

/// The quotas of the configured systems. In memory: a restart gives each a full minute.
#[derive(Debug)]
pub(crate) struct Usage(Mutex<HashMap<SystemId, PerMinute>>);

#[derive(Clone, Copy, Debug)]
struct PerMinute {
    documents: Quota,
    bytes: Quota,
}

impl Usage {
    pub(crate) fn new(config: &Config, now: UnixMillis) -> Self {
        let of = |quotas: Quotas| PerMinute {
            documents: Quota::new(quotas.documents_per_minute, now),
            bytes: Quota::new(quotas.bytes_per_minute, now),
        };
        Self(Mutex::new(config.systems.iter().map(|system| (system.id.clone(), of(system.quotas))).collect()))
    }

    fn with<T>(&self, system: &SystemId, work: impl FnOnce(&mut PerMinute) -> T) -> Option<T> {
        // Consistent after every statement.
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_mut(system).map(work)
    }

    /// Takes what a system brought, whether or not it was accepted: reading it was the work.
    pub(crate) fn spend(&self, system: &SystemId, bytes: u64, now: UnixMillis) {
        self.with(system, |left| {
            left.documents.spend(1, now);
            left.bytes.spend(bytes, now);
        });
    }
}

/// Whether a system may bring another packet. Asked before anything of it is read.
///
/// # Errors
/// `quota_exceeded`, with the time to wait.
pub(crate) fn ask(core: &Core, system: &SystemId, now: UnixMillis) -> Result<(), Refusal> {
    let Some(quotas) = core.system(system).map(|known| known.quotas) else { return Ok(()) };
    let (documents, bytes) =
        core.usage.with(system, |left| (left.documents.ask(now), left.bytes.ask(now))).unwrap_or((Ok(()), Ok(())));
    let (per_documents, per_bytes) = (quotas.documents_per_minute, quotas.bytes_per_minute);
    if let Err(wait) = documents {
        let (vi, en) = (format!("{per_documents} văn bản mỗi phút"), format!("{per_documents} documents a minute"));
        return Err(refusal(system, &vi, &en, wait));
    }
    if let Err(wait) = bytes {
        let (vi, en) = (format!("{per_bytes} byte mỗi phút"), format!("{per_bytes} bytes a minute"));
        return Err(refusal(system, &vi, &en, wait));
    }
    let waiting = core.store.unsettled_of(system);
    if waiting >= quotas.waiting {
        let (most, wait) = (quotas.waiting, WAIT_FOR_BACKLOG);
        let vi = format!("{most} lượt chuyển chưa xong (đang có {waiting})");
        return Err(refusal(system, &vi, &format!("{most} unsettled transmissions ({waiting} now)"), wait));
    }
    Ok(())
}

/// What a system may bring and what of it is left.
pub(crate) fn state(core: &Core, system: &SystemId, now: UnixMillis) -> Option<QuotaState> {
    let quotas = core.system(system)?.quotas;
    let (documents_left, bytes_left) =
        core.usage.with(system, |left| (left.documents.left(now), left.bytes.left(now)))?;
    Some(QuotaState {
        documents_per_minute: quotas.documents_per_minute,
        documents_left,
        bytes_per_minute: quotas.bytes_per_minute,
        bytes_left,
        waiting_max: quotas.waiting,
        waiting: core.store.unsettled_of(system),
    })
}

fn refusal(system: &SystemId, vi: &str, en: &str, wait: Duration) -> Refusal {
    let refusal = Refusal::new(ErrorCode::QuotaExceeded, format!("system {system} has used up its quota of {en}"));
    refusal.in_vietnamese(format!("hệ thống {system} đã dùng hết hạn mức {vi}")).retry_after(wait)
}
