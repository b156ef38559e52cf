//! The durable store of a node: records in an embedded engine (sled or fjall), small payloads among them, larger ones as
//! files, one group commit for everyone who waits.
//!
//! - [`Store::accept`] answers after the entry, its deliveries, its inbox items and its evidence are on the disk.
//! - One thread writes. It takes what has arrived, runs each operation against the committed state and what the batch
//!   has so far, applies one atomic batch, flushes and syncs once, and then answers all.
//! - Leases (of transmissions and of inbox items) live in memory: after a restart everything is free again, which at
//!   least once allows; fences and tokens never repeat.
//! - Time is passed in. Every operation may be repeated.
//!
//! Assumptions about the disk: what `fdatasync` reported as written is there after a power cut, a rename is atomic and
//! is there after the folder was synced. Space inside sled is reused after [`Store::purge`], not returned; fjall returns it.

mod batch;
mod check;
mod convert;
mod deliveries;
mod engine;
mod entry;
mod entry_state;
mod error;
mod hold;
mod inbox;
mod indexes;
mod key;
mod leases;
mod migration;
mod offline;
mod operations;
mod options;
mod payload;
mod queue_order;
mod record;
mod shared;
pub mod simulation;
mod stats;
mod store;
mod tracking;
mod transmission;
mod witness;
mod writer;

pub use check::{CheckReport, Damage, Progress, Watch};
pub use entry::{
    Accept, Accepted, Act, Concerned, Content, Document, DocumentKey, EntryKind, Origin, Plan, Recipient, RecipientId,
    RecipientPlan, ReportId, Seq,
};
pub use error::StoreError;
pub use hold::{Deferral, Held, HeldPage, HeldQuery, Hold, HoldNote, NoteKind, Released, Start, Started};
pub use inbox::{Confirm, Confirmed, Holder, InboxItem, InboxPage, InboxQuery, ItemId, LeaseToken};
pub use offline::{Exported, Figures, Imported, Offline, Repaired, Rewritten};
pub use options::{EngineKind, HoldQuota, Space, SpaceProbe, StoreOptions, UnknownEngine};
pub use payload::{INLINE_MAX, Payload, PayloadPath, PayloadRef, PayloadWriter, Staged};
pub use stats::{Holding, Stats};
pub use store::{Purged, Store, Wakeup};
pub use tracking::{
    Cursor, Direction, EventKind, Page, Query, RecipientTrack, Row, StoredReceipt, TrackEvent, Tracking,
};
pub use transmission::{
    Change, Claim, ClaimRequest, Deadline, DeadlineLook, Extended, Fence, Order, Outcome, Parked, Report, ReportKind,
    Settled, Settlement,
};
