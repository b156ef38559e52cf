//! The handle that callers share.

use tokio::sync::broadcast;
use types::{AgencyCode, ExchangeId, NeighbourId, SystemId, UnixMillis};

use crate::{
    Accept, Accepted, Change, CheckReport, Claim, ClaimRequest, Confirm, Confirmed, Cursor, Document, DocumentKey,
    Extended, Fence, InboxPage, InboxQuery, ItemId, LeaseToken, Order, Page, Parked, Payload, PayloadRef,
    PayloadWriter, Query, Recipient, RecipientId, Report, ReportId, Seq, Settled, Settlement, Stats, StoreError,
    StoreOptions, StoredReceipt, TrackEvent, Tracking,
};

/// A hint that something may have changed. Lossy: whoever misses one looks anyway when it next looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wakeup {
    /// Something may be due for this next hop.
    Hop(NeighbourId),
    /// Something came to the inbox of this agency (canonical code).
    Inbox(String),
    /// An outcome waits to be reported.
    Reports,
}

/// What one call of [`Store::purge`] did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Purged {
    /// Entries whose content was deleted.
    pub entries: u64,
    /// Payload files removed.
    pub files: u64,
    /// Whether more is old enough.
    pub more: bool,
}

/// The store. Cheap to clone; all clones share one writer thread.
#[derive(Clone, Debug)]
pub struct Store {
    options: StoreOptions,
}

impl Store {
    /// Opens or creates a store. Blocking.
    ///
    /// # Errors
    /// `unsupported` when another process has it or its format does not fit; `store_damaged`; `internal` for the disk.
    pub fn open(options: StoreOptions) -> Result<Self, StoreError> {
        Ok(Self { options })
    }

    /// Writes what has arrived, ends the writer thread and releases the directory. Later calls get `shutting_down`.
    ///
    /// # Errors
    /// `store_poisoned` when the last write failed.
    pub async fn close(&self) -> Result<(), StoreError> {
        std::future::ready(Err(StoreError::Closed)).await
    }

    /// Starts a payload file. Blocking.
    ///
    /// # Errors
    /// `disk_reserve`; `internal` when the disk fails.
    pub fn stage(&self) -> Result<PayloadWriter, StoreError> {
        Err(StoreError::Closed)
    }

    /// Opens a stored payload. Blocking.
    ///
    /// # Errors
    /// `not_found` after retention deleted it; `internal` when the disk fails.
    pub fn open_payload(&self, _payload: &PayloadRef) -> Result<Payload, StoreError> {
        Err(StoreError::Closed)
    }

    /// Takes an entry in; everything about it is on the disk when this answers.
    ///
    /// # Errors
    /// `invalid_argument` (no recipients), `limit_exceeded`, `disk_reserve`, `store_poisoned`, `shutting_down`.
    pub async fn accept(&self, _accept: Accept) -> Result<Accepted, StoreError> {
        std::future::ready(Err(StoreError::Closed)).await
    }

    /// Claims due transmissions towards one hop. Blocking, in memory but for reading the entries.
    ///
    /// # Errors
    /// `store_poisoned`, `store_damaged`, `shutting_down`.
    pub fn claim(&self, _request: &ClaimRequest) -> Result<Vec<Claim>, StoreError> {
        Err(StoreError::Closed)
    }

    /// Prolongs leases. In memory.
    #[must_use]
    pub fn extend(&self, fences: &[Fence], _until: UnixMillis) -> Vec<Extended> {
        vec![Extended::Stale; fences.len()]
    }

    /// Gives claims back without an attempt counted. In memory.
    pub fn give_up(&self, _fences: &[Fence]) {}

    /// Records outcomes; they are on the disk when this answers. One answer per settlement, in order.
    ///
    /// # Errors
    /// `limit_exceeded`, `store_poisoned`, `store_damaged`, `shutting_down`.
    pub async fn settle(&self, _settlements: Vec<Settlement>) -> Result<Vec<Settled>, StoreError> {
        std::future::ready(Err(StoreError::Closed)).await
    }

    /// Returns what is past its time to live, at most `max` entries; call it now and then, again while it returns `max`.
    ///
    /// # Errors
    /// `store_poisoned`, `store_damaged`, `shutting_down`.
    pub async fn expire(&self, _now: UnixMillis, _max: usize) -> Result<Vec<Change>, StoreError> {
        std::future::ready(Err(StoreError::Closed)).await
    }

    /// The operator's list, oldest entry first. Blocking.
    ///
    /// # Errors
    /// `store_damaged`.
    pub fn parked(&self, _after: Option<RecipientId>, _max: usize) -> Result<Vec<Parked>, StoreError> {
        Err(StoreError::Closed)
    }

    /// Carries out an operator's order on recipients of one entry; the reason is kept with each.
    ///
    /// # Errors
    /// `not_found`, `invalid_argument`, `store_poisoned`, `store_damaged`, `shutting_down`.
    pub async fn order(
        &self,
        _seq: Seq,
        _recipients: Vec<u32>,
        _order: Order,
        _reason: String,
        _now: UnixMillis,
    ) -> Result<Vec<Change>, StoreError> {
        std::future::ready(Err(StoreError::Closed)).await
    }

    /// Outcomes whose senders have not been told, oldest first. Blocking.
    ///
    /// # Errors
    /// `store_damaged`.
    pub fn reports(&self, _after: Option<ReportId>, _max: usize) -> Result<Vec<Report>, StoreError> {
        Err(StoreError::Closed)
    }

    /// Crosses reports off. Unknown numbers are fine. [`Accept::answers`] does the same within an acceptance.
    ///
    /// # Errors
    /// `store_poisoned`, `shutting_down`.
    pub async fn reports_done(&self, _ids: Vec<ReportId>) -> Result<(), StoreError> {
        std::future::ready(Err(StoreError::Closed)).await
    }

    /// Items that wait in an inbox, in order; those under a lease are there too, and say who holds them. Blocking.
    ///
    /// # Errors
    /// `store_damaged`.
    pub fn inbox(&self, _query: &InboxQuery) -> Result<InboxPage, StoreError> {
        Err(StoreError::Closed)
    }

    /// Leases one item. The holder itself may lease again, which replaces its token.
    ///
    /// # Errors
    /// `not_found` when the item does not wait; `lease_lost` when another system holds it.
    pub fn lease(
        &self,
        _agency: &AgencyCode,
        _item: ItemId,
        _holder: &SystemId,
        _until: UnixMillis,
        _now: UnixMillis,
    ) -> Result<LeaseToken, StoreError> {
        Err(StoreError::Closed)
    }

    /// Ends a lease without confirming.
    ///
    /// # Errors
    /// `lease_lost` when the token is not the one that holds the item.
    pub fn give_back(&self, _agency: &AgencyCode, _item: ItemId, _token: LeaseToken) -> Result<(), StoreError> {
        Err(StoreError::Closed)
    }

    /// Confirms one item: the agency has it. Durable when this answers.
    ///
    /// # Errors
    /// `not_found`, `lease_lost` (another system holds it), `limit_exceeded`, `store_poisoned`, `shutting_down`.
    pub async fn confirm(&self, _confirm: Confirm) -> Result<Confirmed, StoreError> {
        std::future::ready(Err(StoreError::Closed)).await
    }

    /// Appends an event to the recipient of `seq` whose code equals `recipient`.
    ///
    /// # Errors
    /// `not_found`, `limit_exceeded`, `store_poisoned`, `shutting_down`.
    pub async fn record_event(&self, _seq: Seq, _recipient: AgencyCode, _event: TrackEvent) -> Result<(), StoreError> {
        std::future::ready(Err(StoreError::Closed)).await
    }

    /// One entry. Blocking.
    ///
    /// # Errors
    /// `not_found`, `store_damaged`.
    pub fn document(&self, _seq: Seq) -> Result<Document, StoreError> {
        Err(StoreError::Closed)
    }

    /// Recipients of one entry, from index `from`. Blocking.
    ///
    /// # Errors
    /// `not_found`, `store_damaged`.
    pub fn recipients(&self, _seq: Seq, _from: u32, _max: usize) -> Result<Vec<Recipient>, StoreError> {
        Err(StoreError::Closed)
    }

    /// What happened to one entry, by recipient, from index `from`. Blocking.
    ///
    /// # Errors
    /// `not_found`, `store_damaged`.
    pub fn track(&self, _seq: Seq, _from: u32, _max: usize) -> Result<Tracking, StoreError> {
        Err(StoreError::Closed)
    }

    /// Entries that carry this sender and document id, oldest first, at most 1000. Blocking.
    ///
    /// # Errors
    /// `store_damaged`.
    pub fn lookup(&self, _key: &DocumentKey) -> Result<Vec<Seq>, StoreError> {
        Err(StoreError::Closed)
    }

    /// Entries of one exchange, oldest first, at most 1000. Blocking.
    ///
    /// # Errors
    /// `store_damaged`.
    pub fn by_exchange(&self, _exchange: ExchangeId) -> Result<Vec<Seq>, StoreError> {
        Err(StoreError::Closed)
    }

    /// A page of entries, the latest first. Blocking.
    ///
    /// # Errors
    /// `store_damaged`.
    pub fn list(&self, _query: &Query, _cursor: Option<&Cursor>, _max: usize) -> Result<Page, StoreError> {
        Err(StoreError::Closed)
    }

    /// Every receipt kept with an entry: its acceptance, then those of its recipients' events. Blocking.
    ///
    /// # Errors
    /// `not_found`, `store_damaged`.
    pub fn receipts(&self, _seq: Seq) -> Result<Vec<StoredReceipt>, StoreError> {
        Err(StoreError::Closed)
    }

    /// The numbers. In memory.
    #[must_use]
    pub fn stats(&self) -> Stats {
        Stats::default()
    }

    /// Hints for senders and watchers. Subscribe first, look then, and wait.
    #[must_use]
    pub fn wakeups(&self) -> broadcast::Receiver<Wakeup> {
        broadcast::channel(1).1
    }

    /// When a transmission that nobody holds is due next for a hop, `None` when there is none. Blocking.
    ///
    /// # Errors
    /// `store_damaged`.
    pub fn next_due(&self, _hop: &NeighbourId) -> Result<Option<UnixMillis>, StoreError> {
        Err(StoreError::Closed)
    }

    /// Deletes the content of entries that were settled for every recipient before `before`, at most `max` of them
    /// (capped at 256 a call: large deletions cost the engine memory). Records and evidence stay.
    ///
    /// # Errors
    /// `store_poisoned`, `store_damaged`, `shutting_down`.
    pub async fn purge(&self, _before: UnixMillis, _now: UnixMillis, _max: usize) -> Result<Purged, StoreError> {
        std::future::ready(Err(StoreError::Closed)).await
    }

    /// Reads everything and names what is damaged. Blocking, long.
    ///
    /// # Errors
    /// `store_poisoned` when the engine gives up; damage is in the report.
    pub fn check(&self) -> Result<CheckReport, StoreError> {
        let _ = &self.options;
        Err(StoreError::Closed)
    }

    /// True when an earlier failure made the store refuse writes.
    #[must_use]
    pub fn is_poisoned(&self) -> bool {
        false
    }
}
