//! What can go wrong in the store, by public code.

use std::io;
use std::path::PathBuf;

use types::ErrorCode;

use crate::{EngineKind, HoldQuota};

/// A refusal or failure of the store. The engine's own error types stay inside.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A write failed earlier; nothing is written until the node restarts. Reads go on.
    #[error("the store refuses writes since an earlier failure")]
    Poisoned,
    /// A stored record does not match its checksum, or cannot be read.
    #[error("record {record} is damaged: {reason}")]
    Damaged {
        /// The record: its kind and key.
        record: String,
        /// What does not fit.
        reason: String,
    },
    /// The engine has lost its last commits: whatever was acknowledged with them is gone.
    #[error(
        "the store ends at commit {found}, and {witnessed} were acknowledged: the engine's last records are lost, or an \
         older copy of its files was put back; put the newer files back, or see `lienthong store check` and \
         `lienthong store repair`"
    )]
    Behind {
        /// The last commit that is there.
        found: u64,
        /// The last commit that was flushed, by the witness file.
        witnessed: u64,
    },
    /// Less space is left than the reserve that keeps deliveries draining.
    #[error("{free} bytes are free on the disk, intake needs {reserve}")]
    DiskReserve {
        /// Free bytes.
        free: u64,
        /// The configured reserve in bytes.
        reserve: u64,
    },
    /// A sender's part of the quarantine is used up.
    #[error(
        "{sender} has {documents} documents with {bytes} bytes in quarantine, of {} documents or {} bytes",
        quota.documents,
        quota.bytes
    )]
    HoldQuota {
        /// The sender's canonical code.
        sender: String,
        /// Documents held.
        documents: u64,
        /// Bytes held.
        bytes: u64,
        /// The most of both.
        quota: HoldQuota,
    },
    /// Another process has the directory.
    #[error("the store in {} is in use by another process{holder}", directory.display())]
    InUse {
        /// The store's directory.
        directory: PathBuf,
        /// `" (process 123)"` where the holder left its number.
        holder: String,
    },
    /// The directory has no store.
    #[error("{} has no store", directory.display())]
    NoStore {
        /// The directory.
        directory: PathBuf,
    },
    /// A file is no export of a store.
    #[error("the file is no export that can be read: {what}")]
    NoExport {
        /// Why.
        what: &'static str,
    },
    /// The directory was written by another engine.
    #[error(
        "the store was written by {found}, the configuration says {asked}: set [store] engine = \"{found}\", or stop the \
         node and run `lienthong store migrate --to {asked}`"
    )]
    OtherEngine {
        /// The engine of the store.
        found: EngineKind,
        /// The engine that was asked for.
        asked: EngineKind,
    },
    /// The directory was written by a newer version.
    #[error(
        "the store has format {found}, this version reads up to {supported}: use the newer lienthong that wrote it"
    )]
    FormatNewer {
        /// The format found.
        found: u32,
        /// The format of this version.
        supported: u32,
    },
    /// The directory was written by a version too old to migrate from.
    #[error(
        "the store has format {found}, this version reads {supported}: open it once with a version between the two"
    )]
    FormatOlder {
        /// The format found.
        found: u32,
        /// The format of this version.
        supported: u32,
    },
    /// A file operation failed.
    #[error("{what}")]
    Io {
        /// What was being done.
        what: &'static str,
        /// The cause.
        source: io::Error,
    },
    /// The engine failed or panicked.
    #[error("the storage engine failed while it {what}: {reason}")]
    Engine {
        /// What was being done.
        what: &'static str,
        /// The engine's words.
        reason: String,
    },
    /// A value is larger than the store takes.
    #[error("{what} has {length}, limit {max}")]
    TooLarge {
        /// Which value.
        what: &'static str,
        /// Bytes (or items) given.
        length: u64,
        /// Bytes (or items) allowed.
        max: u64,
    },
    /// An argument makes no sense.
    #[error("{what}")]
    Invalid {
        /// What is wrong.
        what: &'static str,
    },
    /// No such document, recipient or item.
    #[error("{what} is not known")]
    NotFound {
        /// What was looked for.
        what: &'static str,
    },
    /// The lease has been taken over, or the work it covered is settled.
    #[error("the lease is no longer held")]
    LeaseLost,
    /// The store is being closed.
    #[error("the store is being closed")]
    Closed,
    /// A defect: the operation panicked and was rolled back.
    #[error("the operation failed inside the store")]
    Internal,
}

impl StoreError {
    /// The public code.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Poisoned => ErrorCode::StorePoisoned,
            Self::Damaged { .. } | Self::Behind { .. } => ErrorCode::StoreDamaged,
            Self::DiskReserve { .. } => ErrorCode::DiskReserve,
            Self::HoldQuota { .. } => ErrorCode::QuarantineFull,
            Self::InUse { .. }
            | Self::OtherEngine { .. }
            | Self::NoExport { .. }
            | Self::FormatNewer { .. }
            | Self::FormatOlder { .. } => ErrorCode::Unsupported,
            Self::Io { .. } | Self::Engine { .. } | Self::Internal => ErrorCode::Internal,
            Self::TooLarge { .. } => ErrorCode::LimitExceeded,
            Self::Invalid { .. } => ErrorCode::InvalidArgument,
            Self::NotFound { .. } | Self::NoStore { .. } => ErrorCode::NotFound,
            Self::LeaseLost => ErrorCode::LeaseLost,
            Self::Closed => ErrorCode::ShuttingDown,
        }
    }

    /// One damaged record must not hide the others: it is logged by name and left out; other errors go on.
    pub(crate) fn skip_if_damaged(self, left_out: &str) -> Result<(), Self> {
        match self {
            Self::Damaged { .. } | Self::NotFound { .. } => {
                tracing::error!(error.code = "store_damaged", error = %self, "{left_out}");
                Ok(())
            }
            other => Err(other),
        }
    }

    pub(crate) const fn io(what: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { what, source }
    }
}
