//! Quarantine: entries that were accepted and must not go on yet.
//!
//! A held entry is durable and answered like any other, and nothing of it is started: no inbox item, no transmission, no
//! act on an earlier document. Later entries of its thread that go to one of its recipients or by one of its ways wait
//! behind it, receipts excepted, so that a recipient gets packets about one document in the order of acceptance. An entry
//! leaves quarantine in two steps: its own reason ends ([`crate::Store::release`]), and once nothing before it is held any
//! more it is marked as ready and started ([`crate::Store::start_held`]) with the receipts that are true by then. Or it goes back
//! to its sender: refused, or past its time.

use types::{AgencyCode, ErrorCode, UnixMillis};

use crate::entry::{Document, Seq};
use crate::tracking::Cursor;

/// Why an entry is held, and how long at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// What is missing. Also the reason of the return, should the time pass.
    pub code: ErrorCode,
    /// The same in words, cut to 1 KiB.
    pub text: String,
    /// When it goes back to its sender. Never later than the time to live of its lane.
    pub until: UnixMillis,
}

/// An entry in quarantine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The entry.
    pub document: Document,
    /// What is missing; `None` when it only waits for an earlier entry of its document, or to be started.
    pub code: Option<ErrorCode>,
    /// The same in words.
    pub text: String,
    /// Since when.
    pub since: UnixMillis,
    /// Until when at most.
    pub until: UnixMillis,
    /// Whether nothing keeps it any more: it only has to be started.
    pub is_ready: bool,
}

/// What a line of the quarantine record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NoteKind {
    /// It was taken into quarantine.
    Held,
    /// It was looked at again and could still not be decided.
    Deferred,
    /// Its own reason ended.
    Released,
    /// It went back to its sender.
    Refused,
    /// Its time passed.
    Expired,
    /// Its deliveries were started.
    Started,
}

/// One line of an entry's quarantine record: kept with the entry, beyond the quarantine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldNote {
    /// When.
    pub at: UnixMillis,
    /// What happened.
    pub kind: NoteKind,
    /// The reason of a hold, a deferral, a refusal or an expiry.
    pub code: Option<ErrorCode>,
    /// In words, cut to 1 KiB: of an operator's decision, the reason.
    pub text: String,
    /// Who decided, cut to 256 bytes; empty for the node itself.
    pub by: String,
    /// The caller's report of the check, opaque here, at most 64 KiB; empty when there is none.
    pub report: Vec<u8>,
}

/// A result of another look that settled nothing.
#[derive(Clone, Debug)]
pub struct Deferral {
    /// The entry.
    pub seq: Seq,
    /// What is missing now.
    pub code: ErrorCode,
    /// The same in words.
    pub text: String,
    /// The time.
    pub now: UnixMillis,
    /// The report of the check, opaque here, at most 64 KiB.
    pub report: Vec<u8>,
}

/// The answer to [`crate::Store::release`] and [`crate::Store::refuse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Released {
    /// Done; what may start now is marked, see [`crate::Store::ready`].
    Done,
    /// It has no hold of its own (any more): nothing changed.
    NotHeld,
}

/// A request to start an entry that is ready.
#[derive(Clone, Debug)]
pub struct Start {
    /// The entry.
    pub seq: Seq,
    /// The time; deadlines count from here anew.
    pub now: UnixMillis,
    /// Receipts about recipients by index, at most 64 KiB each; one about a recipient that does not get it is dropped.
    pub evidence: Vec<(u32, Vec<u8>)>,
}

/// The answer to [`Start`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Started {
    /// Its deliveries go on, durably.
    Now,
    /// It is not in quarantine, or something before it is: nothing changed.
    NotReady,
}

/// A question for the quarantine, oldest acceptance first. Unset fields do not filter.
#[derive(Clone, Debug, Default)]
pub struct HeldQuery {
    /// Of this sender.
    pub sender: Option<AgencyCode>,
    /// Whose time passes before this; the list is then in the order of that time, and `sender` is a filter only.
    pub due_before: Option<UnixMillis>,
    /// With this reason.
    pub code: Option<ErrorCode>,
}

/// A page of the quarantine. It may hold fewer entries than asked for, even none, and still go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldPage {
    /// The entries.
    pub entries: Vec<Held>,
    /// Where to go on, `None` at the end.
    pub next: Option<Cursor>,
}
