//! What happened to an entry, recipient by recipient, and lists of entries.

use delivery::State;
use types::{AgencyCode, BusinessType, ErrorCode, StatusCode, UnixMillis};

use crate::entry::{Document, EntryKind, Recipient, Seq};

/// What an event says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// It was accepted here for this recipient.
    Accepted,
    /// The next hop or the recipient has it.
    Delivered,
    /// The other side said no.
    Refused,
    /// An attempt failed; repeated failures of one kind leave one event.
    Failed,
    /// It went back to the sender.
    Returned,
    /// It went to the operator's list.
    Parked,
    /// An operator's order; the text has the reason.
    Ordered,
    /// The recipient's (or the sender's) status in the words of the standard.
    Status(StatusCode),
    /// A receipt of another hop; the evidence has it.
    Receipt,
    /// A later packet of the sender acts on the document and goes to this recipient; the text names the packet.
    Acted(BusinessType),
    /// What a system beyond the next hop said of it, unsigned; the text has its words.
    Reported,
    /// It will probably arrive after its document's deadline; the text says when.
    AtRisk,
}

/// One event of one recipient. Append only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackEvent {
    /// When it happened.
    pub at: UnixMillis,
    /// What.
    pub kind: EventKind,
    /// The code of a refusal, failure or return.
    pub code: Option<ErrorCode>,
    /// More words (a status' description, an operator's reason), cut to 1 KiB.
    pub text: String,
    /// The signed proof, at most 64 KiB, empty when there is none.
    pub evidence: Vec<u8>,
    /// Set when it breaks the order of statuses: recorded, and shown with a flag.
    pub flagged: bool,
}

/// One recipient with its events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecipientTrack {
    /// Where it stands.
    pub recipient: Recipient,
    /// Its events, in the order in which they were recorded.
    pub events: Vec<TrackEvent>,
}

/// An entry with a page of its recipients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tracking {
    /// The entry.
    pub document: Document,
    /// Recipients, from the index asked for.
    pub recipients: Vec<RecipientTrack>,
    /// The index to ask for next, `None` at the end.
    pub next: Option<u32>,
}

/// Which side of an agency's traffic a list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// What it sent.
    #[default]
    Sent,
    /// What came to its inbox here.
    Received,
}

/// A question for a list. Unset fields do not filter.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// The agency; without one, everything, and the direction says nothing.
    pub agency: Option<AgencyCode>,
    /// The side of its traffic.
    pub direction: Direction,
    /// Received at or after.
    pub from: Option<UnixMillis>,
    /// Received before.
    pub until: Option<UnixMillis>,
    /// Of this kind.
    pub kind: Option<EntryKind>,
    /// Of this business type.
    pub business: Option<BusinessType>,
    /// With a recipient in this state (the listed one, for received).
    pub state: Option<State>,
    /// With this text in the document id, in any case of letters.
    pub text: Option<String>,
}

/// Where a list goes on: opaque, stable while entries come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(pub(crate) Vec<u8>);

impl Cursor {
    /// Bytes to hand to a client.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// A cursor that came back; a made-up one at worst lists from a wrong place.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self(bytes.iter().copied().take(CURSOR_MAX).collect())
    }
}

/// Longer than any key of the store.
const CURSOR_MAX: usize = 256;

/// One line of a list, the latest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The entry.
    pub document: Document,
    /// The recipient a received list is about.
    pub recipient: Option<Recipient>,
}

/// A page of a list. It may hold fewer rows than asked for, even none, and still go on: the work per page is bounded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The rows.
    pub rows: Vec<Row>,
    /// Where to go on, `None` at the end.
    pub next: Option<Cursor>,
}

/// A receipt about an entry, in the order given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredReceipt {
    /// The entry.
    pub seq: Seq,
    /// The recipient it is about, `None` for the acceptance of the entry.
    pub recipient: Option<AgencyCode>,
    /// When it came in.
    pub at: UnixMillis,
    /// The bytes.
    pub bytes: Vec<u8>,
}
