//! What a server of the protocol offers: implemented by the node and by the mock axis.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::Stream;

use crate::{AgencyEntry, DocId, Failure, MessageType, ReceivedEdoc, Registration, Secret, SentEdoc, TransferState};

/// Bytes of an edXML file as they come or go. The first `Err` is the last item; no `Err` means all of it came.
pub type FileStream = Pin<Box<dyn Stream<Item = Result<Bytes, Failure>> + Send>>;

/// A system that showed its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// `systemid`, as sent.
    pub system: Arc<str>,
}

/// What `sendEdoc` says beside the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SendEdoc {
    /// `from`: the sending agency; the second dialect leaves it out (the packet's `From` counts).
    pub from: Option<String>,
    /// Document or status; the second dialect may leave it out (the packet tells).
    pub message_type: Option<MessageType>,
    /// `to`: the receivers, instead of the packet's `To`.
    pub to: Option<Vec<String>>,
}

/// Filters of `getReceivedEdocList`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReceivedQuery {
    /// Documents or statuses; both when not said.
    pub message_type: Option<MessageType>,
    /// Arrived on or after this day, `fromDate` as sent (checked by the server to be a date in one of the known forms).
    pub from_day: Option<jiff::civil::Date>,
    /// Arrived on or before this day.
    pub to_day: Option<jiff::civil::Date>,
    /// Lines wanted at most.
    pub max: usize,
}

/// Filters of `getSentEdocList`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SentQuery {
    /// Documents or statuses; both when not said.
    pub message_type: Option<MessageType>,
    /// Only this one, by the id that `sendEdoc` gave; without it, the latest.
    pub doc_id: Option<DocId>,
    /// Lines wanted at most.
    pub max: usize,
}

/// An opened edXML file.
pub struct EdocContent {
    /// Bytes.
    pub length: u64,
    /// Exactly `length` bytes, or an error.
    pub bytes: FileStream,
}

impl fmt::Debug for EdocContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EdocContent").field("length", &self.length).finish_non_exhaustive()
    }
}

/// The operations behind the protocol. A call acts for the agencies that its system speaks for.
///
/// Calls that change something run in a task of their own and are not dropped when the client goes away.
#[async_trait]
pub trait Service: Send + Sync + 'static {
    /// The secrets that are good for `system`: none for an unknown one, two while one is being replaced.
    fn secrets(&self, system: &str) -> Vec<Secret>;

    /// Asked once per call, after authentication: the place of a rate limit.
    ///
    /// # Errors
    /// Code 20 with when to come back.
    fn admit(&self, caller: &Caller) -> Result<(), Failure> {
        let _ = caller;
        Ok(())
    }

    /// Bytes of one file that this system may send.
    fn file_bytes_max(&self, caller: &Caller) -> u64;

    /// Takes a packet; answers after it is on disk. The stream ends with an error (code 10) when `hash-file` does not
    /// fit: nothing may be kept then.
    async fn send_edoc(&self, caller: &Caller, request: SendEdoc, file: FileStream) -> Result<DocId, Failure>;

    /// What waits for this system and is not confirmed, oldest first, at most `query.max`.
    async fn received_edocs(&self, caller: &Caller, query: ReceivedQuery) -> Result<Vec<ReceivedEdoc>, Failure>;

    /// Opens a packet that waits for this system, or that it confirmed or sent.
    async fn open_edoc(&self, caller: &Caller, doc_id: &DocId) -> Result<EdocContent, Failure>;

    /// `done` takes the packet off the list, durably; a repeat is no error.
    async fn update_status(&self, caller: &Caller, doc_id: &DocId, state: TransferState) -> Result<(), Failure>;

    /// What this system sent, receiver by receiver.
    async fn sent_edocs(&self, caller: &Caller, query: SentQuery) -> Result<Vec<SentEdoc>, Failure>;

    /// How many packets of this type wait for this system.
    async fn count_received(&self, caller: &Caller, message_type: MessageType) -> Result<u64, Failure>;

    /// Every agency, pulled as the client reads; a list taken at one moment.
    fn agencies(&self, caller: &Caller) -> Result<Box<dyn Iterator<Item = AgencyEntry> + Send>, Failure>;

    /// Registers an agency, or changes one that this system registered.
    async fn register_agency(&self, caller: &Caller, agency: Registration) -> Result<(), Failure>;

    /// Deletes an agency that this system registered.
    async fn delete_agency(&self, caller: &Caller, code: &str) -> Result<(), Failure>;
}
