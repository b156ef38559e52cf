//! The messages inside the records. Field numbers are never reused.

use bytes::Bytes;
use prost::Message;

/// An index entry that says all in its key.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct EmptyRow {}

/// A number under a name.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct NumberRow {
    #[prost(uint64, tag = "1")]
    pub(crate) number: u64,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct KeyRow {
    #[prost(string, tag = "1")]
    pub(crate) sender: String,
    #[prost(string, tag = "2")]
    pub(crate) document_id: String,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct PayloadRow {
    #[prost(bytes = "vec", tag = "1")]
    pub(crate) digest: Vec<u8>,
    #[prost(uint64, tag = "2")]
    pub(crate) length: u64,
    #[prost(bytes = "bytes", optional, tag = "3")]
    pub(crate) inline: Option<Bytes>,
    /// Whether a record beside the entry's has the bytes.
    #[prost(bool, tag = "4")]
    pub(crate) in_record: bool,
}

/// The bytes of a small payload.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct BytesRow {
    #[prost(bytes = "bytes", tag = "1")]
    pub(crate) bytes: Bytes,
}

/// Where a recipient goes: exactly one of the three is set.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct PlanRow {
    #[prost(string, tag = "1")]
    pub(crate) hop: String,
    #[prost(string, tag = "2")]
    pub(crate) inbox: String,
    #[prost(string, tag = "3")]
    pub(crate) returned: String,
    /// The item in the inbox.
    #[prost(uint64, tag = "4")]
    pub(crate) item: u64,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct RecipientRow {
    #[prost(string, tag = "1")]
    pub(crate) code: String,
    #[prost(message, required, tag = "2")]
    pub(crate) plan: PlanRow,
    /// Set when it was added later than the entry.
    #[prost(uint64, tag = "3")]
    pub(crate) accepted_at: u64,
    #[prost(uint64, tag = "4")]
    pub(crate) expires_at: u64,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct DocumentRow {
    #[prost(bytes = "vec", tag = "1")]
    pub(crate) exchange: Vec<u8>,
    #[prost(uint32, tag = "2")]
    pub(crate) kind: u32,
    #[prost(message, required, tag = "3")]
    pub(crate) key: KeyRow,
    #[prost(uint32, tag = "4")]
    pub(crate) business: u32,
    #[prost(uint32, tag = "5")]
    pub(crate) lane: u32,
    #[prost(uint64, tag = "6")]
    pub(crate) received_at: u64,
    #[prost(uint64, tag = "7")]
    pub(crate) expires_at: u64,
    #[prost(message, required, tag = "8")]
    pub(crate) content: PayloadRow,
    #[prost(message, required, tag = "9")]
    pub(crate) side: PayloadRow,
    #[prost(bytes = "vec", tag = "10")]
    pub(crate) summary: Vec<u8>,
    #[prost(string, tag = "11")]
    pub(crate) origin_system: String,
    #[prost(string, tag = "12")]
    pub(crate) origin_neighbour: String,
    #[prost(string, repeated, tag = "13")]
    pub(crate) hops: Vec<String>,
    #[prost(message, optional, tag = "14")]
    pub(crate) about: Option<KeyRow>,
    #[prost(message, repeated, tag = "15")]
    pub(crate) recipients: Vec<RecipientRow>,
    #[prost(bytes = "vec", repeated, tag = "16")]
    pub(crate) receipts: Vec<Vec<u8>>,
    #[prost(uint64, tag = "17")]
    pub(crate) purged_at: u64,
    /// The first document of its thread, when that is another one.
    #[prost(message, optional, tag = "18")]
    pub(crate) thread: Option<KeyRow>,
    /// Recipients from this one on are held: nothing has been started for them.
    #[prost(uint32, optional, tag = "19")]
    pub(crate) held_from: Option<u32>,
    /// The document's deadline, 0 for none.
    #[prost(uint64, tag = "20")]
    pub(crate) due: u64,
}

/// Why recipients of an entry are held, and what is to be done when they no longer are.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct HoldRow {
    /// Place among the held entries of the thread: entries start in this order.
    #[prost(uint64, tag = "1")]
    pub(crate) number: u64,
    /// Empty when only an earlier entry is waited for.
    #[prost(string, tag = "2")]
    pub(crate) code: String,
    #[prost(string, tag = "3")]
    pub(crate) text: String,
    #[prost(uint64, tag = "4")]
    pub(crate) since: u64,
    #[prost(uint64, tag = "5")]
    pub(crate) until: u64,
    /// What the entry does to earlier documents once it starts.
    #[prost(message, repeated, tag = "6")]
    pub(crate) acts: Vec<ActRow>,
    /// Whether it may start: the mark of it lies beside.
    #[prost(bool, tag = "7")]
    pub(crate) ready: bool,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct ActRow {
    #[prost(message, required, tag = "1")]
    pub(crate) earlier: KeyRow,
    /// 1 withdraw, 2 supersede, 3 amend.
    #[prost(uint32, tag = "2")]
    pub(crate) request: u32,
    /// 0 all, 1 only those named, 2 all but those named.
    #[prost(uint32, tag = "3")]
    pub(crate) concerned: u32,
    #[prost(string, repeated, tag = "4")]
    pub(crate) codes: Vec<String>,
    #[prost(string, tag = "5")]
    pub(crate) text: String,
}

/// One line of an entry's quarantine record.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct NoteRow {
    #[prost(uint64, tag = "1")]
    pub(crate) at: u64,
    #[prost(uint32, tag = "2")]
    pub(crate) kind: u32,
    #[prost(string, tag = "3")]
    pub(crate) code: String,
    #[prost(string, tag = "4")]
    pub(crate) text: String,
    #[prost(string, tag = "5")]
    pub(crate) by: String,
    #[prost(bytes = "vec", tag = "6")]
    pub(crate) report: Vec<u8>,
}

/// State of one recipient that differs from "accepted and waiting".
#[derive(Clone, PartialEq, Message)]
pub(crate) struct StateRow {
    #[prost(uint32, tag = "1")]
    pub(crate) index: u32,
    #[prost(uint32, tag = "2")]
    pub(crate) state: u32,
    #[prost(uint32, tag = "3")]
    pub(crate) attempts: u32,
    #[prost(uint64, tag = "4")]
    pub(crate) next_at: u64,
    #[prost(uint64, tag = "5")]
    pub(crate) expires_at: u64,
    #[prost(string, tag = "6")]
    pub(crate) code: String,
    #[prost(uint64, tag = "7")]
    pub(crate) changed_at: u64,
    /// Events recorded so far.
    #[prost(uint32, tag = "8")]
    pub(crate) events: u32,
    /// The last status in order, 0 for none.
    #[prost(uint32, tag = "9")]
    pub(crate) status: u32,
    /// The plan, when it is no longer the first one.
    #[prost(message, optional, tag = "10")]
    pub(crate) plan: Option<PlanRow>,
}

/// States of up to [`crate::deliveries::CHUNK`] recipients.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct StateChunkRow {
    #[prost(message, repeated, tag = "1")]
    pub(crate) states: Vec<StateRow>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct EventRow {
    #[prost(uint64, tag = "1")]
    pub(crate) at: u64,
    #[prost(uint32, tag = "2")]
    pub(crate) kind: u32,
    /// Of a status its code, of an act the business type of the packet.
    #[prost(uint32, tag = "3")]
    pub(crate) status: u32,
    #[prost(string, tag = "4")]
    pub(crate) code: String,
    #[prost(string, tag = "5")]
    pub(crate) text: String,
    #[prost(bytes = "vec", tag = "6")]
    pub(crate) evidence: Vec<u8>,
    #[prost(bool, tag = "7")]
    pub(crate) flagged: bool,
}

/// One entry towards one next hop. Entries of one thread form a list per hop: only its first is due.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct TransmissionRow {
    #[prost(uint32, tag = "1")]
    pub(crate) lane: u32,
    #[prost(uint64, tag = "2")]
    pub(crate) due_at: u64,
    #[prost(uint32, tag = "3")]
    pub(crate) place: u32,
    /// The entry that waits for this one, 0 for none.
    #[prost(uint64, tag = "4")]
    pub(crate) next: u64,
    /// The entry this one waits for, 0 for none.
    #[prost(uint64, tag = "5")]
    pub(crate) previous: u64,
    #[prost(uint64, tag = "6")]
    pub(crate) accepted_at: u64,
    /// The sending agency, canonical. Since format 3.
    #[prost(string, tag = "7")]
    pub(crate) sender: String,
    /// Its place among those of its sender: [`delivery::Patience::order`].
    #[prost(uint64, tag = "8")]
    pub(crate) order: u64,
    /// Bytes of the content.
    #[prost(uint64, tag = "9")]
    pub(crate) length: u64,
    /// Its time for another attempt has come, and it was put among those that may go now.
    #[prost(bool, tag = "10")]
    pub(crate) is_ripe: bool,
    /// The connected system that brought the entry; empty when a neighbour did.
    #[prost(string, tag = "11")]
    pub(crate) system: String,
}

/// What is known of a due transmission without reading it.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct DueRow {
    #[prost(uint64, tag = "1")]
    pub(crate) accepted_at: u64,
    /// Bytes of the content.
    #[prost(uint64, tag = "2")]
    pub(crate) length: u64,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct ReferenceRow {
    #[prost(uint64, tag = "1")]
    pub(crate) seq: u64,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) digest: Vec<u8>,
}

/// An item of an inbox, or of a received list.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct ItemRow {
    #[prost(uint64, tag = "1")]
    pub(crate) seq: u64,
    #[prost(uint32, tag = "2")]
    pub(crate) index: u32,
    #[prost(uint32, tag = "3")]
    pub(crate) kind: u32,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct ReportRow {
    #[prost(uint64, tag = "1")]
    pub(crate) seq: u64,
    #[prost(uint32, tag = "2")]
    pub(crate) index: u32,
    #[prost(string, tag = "3")]
    pub(crate) recipient: String,
    #[prost(uint64, tag = "4")]
    pub(crate) at: u64,
    /// Empty for delivered ones.
    #[prost(string, tag = "5")]
    pub(crate) code: String,
    #[prost(string, tag = "6")]
    pub(crate) cause: String,
    /// Set when it tells that a held recipient's delivery was started.
    #[prost(bool, tag = "7")]
    pub(crate) started: bool,
}
