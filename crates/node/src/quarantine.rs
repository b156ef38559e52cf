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
pub(crate) use view::quarantine as shown;

use evidence::Notice;
use queue::Hold;
use types::{ErrorCode, UnixMillis};

use crate::core::Core;

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
