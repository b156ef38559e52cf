//! Quarantine: documents that were accepted and wait until their signatures can be checked.
//!
//! What is held is settled by itself: [`settle`] looks again when there is new validation data, after a reload, when an
//! operator asks, and now and then; [`start`] lets what nothing keeps any more go on, in order. The store decides the order
//! and keeps the record; time that passes returns a document like any other (`expire`).

mod desk;
mod look;
mod settle;
mod start;
mod view;

pub(crate) use desk::AdminDesk;
pub(crate) use settle::run as settle;
pub(crate) use start::run as start;
pub(crate) use view::{last_report, quarantine as shown, standing};

use evidence::Notice;
use queue::{Hold, StoreError};
use types::{ErrorCode, UnixMillis};

use crate::core::Core;
use crate::intake::Refused;

/// Rung when everything that is held is to be looked at again.
#[derive(Debug, Default)]
pub(crate) struct Bell(tokio::sync::Notify);

impl Bell {
    /// Has everything looked at again, once more if it is being looked at.
    pub(crate) fn ring(&self) {
        self.0.notify_one();
    }

    async fn rung(&self) {
        self.0.notified().await;
    }
}

/// What the sender is told of a document that is held.
pub(crate) fn notice() -> Notice {
    Notice::new(
        ErrorCode::VerificationPending,
        "Văn bản được nhận và giữ lại, chưa chuyển đi, cho đến khi kiểm tra được chữ ký. / Accepted and held, not \
         delivered, until its signatures can be checked.",
    )
}

/// The hold of a document whose check waits for data.
pub(crate) fn hold(core: &Core, code: ErrorCode, text: String, at: UnixMillis) -> Hold {
    Hold { code, text, until: at + core.config.quarantine.hold_max }
}

/// What the store says to a document that would be held: of a full quarantine the sender is told how full it is, and when
/// to try again.
pub(crate) fn refused(core: &Core, error: StoreError) -> Refused {
    let StoreError::HoldQuota { sender, documents, bytes, quota } = error else { return error.into() };
    tracing::warn!(
        error.code = %ErrorCode::QuarantineFull,
        agency.from = sender,
        documents,
        size_bytes = bytes,
        "a sender's part of the quarantine is used up"
    );
    let detail = format!(
        "{sender}: đang giữ {documents} văn bản ({bytes} byte), tối đa {} văn bản hoặc {} byte / {sender} has {documents} \
         documents ({bytes} bytes) held, at most {} documents or {} bytes",
        quota.documents, quota.bytes, quota.documents, quota.bytes
    );
    Refused::new(ErrorCode::QuarantineFull, detail).after(core.config.quarantine.recheck)
}
