//! What the connector needs of its node.

use async_trait::async_trait;
use tokio::io::AsyncRead;
use tokio_util::sync::CancellationToken;
use types::{Digest, ErrorCode, Lane, UnixMillis};

use crate::{AxisCode, DocId, FileStream, MessageType};

/// Why something did not come about.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {text}")]
pub struct Reason {
    /// Stable code.
    pub code: ErrorCode,
    /// Explanation for people; never needed to decide anything, never with a secret.
    pub text: String,
}

impl Reason {
    /// A reason with its words.
    #[must_use]
    pub fn new(code: ErrorCode, text: impl Into<String>) -> Self {
        Self { code, text: text.into() }
    }
}

/// A packet that waits at the axis: the lines of its list with this id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The axis's id of it for this system.
    pub doc_id: DocId,
    /// Document or status.
    pub message_type: MessageType,
    /// Sending agency, as the axis writes it.
    pub from: String,
    /// Receiving agencies of this system, as the axis writes them: one, or one for each line with the same id.
    pub to: Vec<String>,
    /// When the axis took it: its `created_time` as it is (`yyyy-MM-dd HH:mm:ss`, Vietnam), perhaps empty.
    pub created: String,
}

/// An earlier refusal of a packet, kept by the node across restarts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefusedBefore {
    /// How often it was refused, 1 or more.
    pub times: u32,
    /// When last.
    pub last: UnixMillis,
}

/// What the node knows of a packet that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// Nothing: fetch it.
    New,
    /// It is on disk: only the confirmation was lost.
    Have,
    /// It was refused: fetched again after a pause that grows with `times`, up to a day.
    Refused(RefusedBefore),
}

/// How the node took a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It is on disk, flushed.
    Accepted,
    /// It was on disk before, under this or another id.
    AlreadyHave,
    /// It is not taken.
    Refused(Reason),
    /// Nothing is taken now (overloaded, disk reserve, shutting down): the round ends, the packet stays at the axis.
    Later(Reason),
}

/// The receiving half: where packets go.
#[async_trait]
pub trait Inbox: Send + Sync + 'static {
    /// What is known of it; asked before each fetch.
    async fn known(&self, waiting: &Waiting) -> Known;

    /// Takes the packet and answers after the flush. An `Err` of the stream ends it: nothing may be kept then, and
    /// whatever is answered counts as "not now".
    ///
    /// Runs for several senders at once, never twice at once for one `from`. Never dropped before it is ready: when
    /// the connector stops, the stream ends with an error.
    async fn take(&self, waiting: &Waiting, file: FileStream) -> Taken;

    /// Remembers a refusal, to be told by [`Inbox::known`]; called after `take` answered so. `refused.times` counts the
    /// refusals before too. Old ones may be forgotten: the packet is then fetched once more.
    async fn remember_refusal(&self, waiting: &Waiting, refused: RefusedBefore);
}

/// A claimed item on its way to the axis.
#[derive(Clone, Debug)]
pub struct Outgoing<C> {
    /// The node's own hold on the item (queue lease and fence); nothing to the connector.
    pub claim: C,
    /// Its lane.
    pub lane: Lane,
    /// Document or status.
    pub message_type: MessageType,
    /// Sending agency.
    pub from: String,
    /// Receivers behind the axis, 1 or more.
    pub to: Vec<String>,
    /// Bytes of the packet.
    pub length: u64,
    /// SHA-256 of the packet.
    pub digest: Digest,
}

/// How much an [`Outbox`] may hand out at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Most items to return, 1 or more.
    pub items: usize,
    /// Return only items of this lane and more urgent ones.
    ///
    /// A few places are kept for urgent items; [`Outbox::next`] therefore waits in two calls at once.
    pub lane_min: Lane,
}

/// How one claimed item ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendOutcome {
    /// The axis has it.
    Delivered {
        /// The axis's id of it; `None` when it said OK without a usable one.
        doc_id: Option<DocId>,
    },
    /// The axis does not take it: final.
    Refused {
        /// Its code; `None` for a number of no known code.
        axis_code: Option<AxisCode>,
        /// `peer_refused`, with the axis's number and words.
        reason: Reason,
    },
    /// No answer, or one that says "later" (code 20), or one that is about this system and not the packet (code 15):
    /// to be tried again. A repeat is safe.
    Failed(Reason),
}

/// What the axis knows of one receiver of a sent packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentState {
    /// The id that `sendEdoc` gave.
    pub doc_id: DocId,
    /// Receiving agency, as the axis writes it.
    pub receiver: String,
    /// `receiveStatus`: `initial`, `processing`, `done`, `fail`, or a status code of the document (`01` …).
    pub state: String,
    /// The same in the axis's words.
    pub description: String,
}

/// The sending half: where packets come from. Every item that `next` returns is settled exactly once.
#[async_trait]
pub trait Outbox: Send + Sync + 'static {
    /// The node's own hold on an item.
    type Claim: Send + Sync + 'static;

    /// Claims what is due for the axis, the most urgent first.
    ///
    /// Waits until something is due; returns soon and empty after `stop` is cancelled (the connector stops, or the axis
    /// is away). The future is never dropped before it is ready, so a claim cannot be lost in it. May run twice at once.
    async fn next(&self, room: Room, stop: &CancellationToken) -> Vec<Outgoing<Self::Claim>>;

    /// Opens the packet: exactly `length` bytes.
    ///
    /// # Errors
    /// Any code; the item is settled as failed with it.
    async fn open(&self, item: &Outgoing<Self::Claim>) -> Result<Box<dyn AsyncRead + Send + Unpin>, Reason>;

    /// Keeps the claim alive; called every so often until it is settled.
    ///
    /// # Errors
    /// `lease_lost` when another has it: the sending is broken off and settled as failed.
    async fn extend(&self, item: &Outgoing<Self::Claim>) -> Result<(), Reason>;

    /// Records how the item ended. Called once per item.
    async fn settle(&self, item: &Outgoing<Self::Claim>, outcome: SendOutcome);

    /// Sent packets whose receivers have not all confirmed, at most `max`, the longest unasked first. Asked now and then
    /// so that the axis's word about them can be told; an outbox that does not want it answers none.
    async fn unconfirmed(&self, max: usize) -> Vec<(DocId, MessageType)> {
        let _ = max;
        Vec::new()
    }

    /// Takes what the axis says of one receiver, changed or not.
    async fn sent_state(&self, state: SentState) {
        let _ = state;
    }
}
