//! The handle that callers share.

use std::io::{self, Write};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use tokio::sync::{broadcast, mpsc, oneshot};
use types::{AgencyCode, ExchangeId, Lane, NeighbourId, SystemId, UnixMillis};

pub(crate) mod opening;

use crate::batch::Tx;
use crate::deliveries::{EVIDENCE_MAX, too_large};
use crate::engine::guard::words;
use crate::engine::synced;
use crate::entry_state::Entry;
use crate::operations::order::Ordered;
use crate::operations::{accept, claim, confirm, deadline, expire, hold, list, order, purge, read, settle};
use crate::payload::{self, INLINE_MAX};
use crate::shared::{Shared, locked};
use crate::stats::Stat;
use crate::writer::{Job, Operation};
use crate::{
    Accept, Accepted, Change, CheckReport, Claim, ClaimRequest, Confirm, Confirmed, Content, Cursor, Deadline,
    DeadlineLook, Deferral, Document, DocumentKey, EntryKind, Extended, Fence, Held, HeldPage, HeldQuery, HoldNote,
    InboxPage, InboxQuery, ItemId, LeaseToken, Order, Page, Parked, Payload, PayloadPath, PayloadRef, PayloadWriter,
    Query, Recipient, RecipientId, Released, Report, ReportId, Seq, Settled, Settlement, Start, Started, Stats,
    StoreError, StoreOptions, StoredReceipt, TrackEvent, Tracking, check,
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
    /// A held entry may start.
    Held,
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
#[derive(Clone)]
pub struct Store {
    handle: Arc<Handle>,
}

struct Handle {
    shared: Arc<Shared>,
    /// `None` once the store is being closed.
    operations: Mutex<Option<mpsc::Sender<Box<dyn Operation>>>>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("options", &self.handle.shared.options).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens or creates a store. Blocking.
    ///
    /// # Errors
    /// `unsupported` when another process has it, or its engine or format does not fit; `store_damaged`; `internal` for the disk.
    pub fn open(options: StoreOptions) -> Result<Self, StoreError> {
        Self::open_synced(options, synced())
    }

    /// Writes what has arrived, ends the writer thread and releases the directory. Later calls get `shutting_down`.
    ///
    /// # Errors
    /// `store_poisoned` when the last write failed.
    pub async fn close(&self) -> Result<(), StoreError> {
        drop(locked(&self.handle.operations).take());
        let writer = locked(&self.handle.writer).take();
        let shared = Arc::clone(&self.handle.shared);
        let ended = tokio::task::spawn_blocking(move || {
            let ended = writer.map_or(Ok(()), JoinHandle::join);
            shared.guard.close();
            drop(locked(&shared.lock).take());
            ended
        });
        if let Ok(Err(panic)) = ended.await {
            tracing::error!(error.code = "internal", reason = words(panic.as_ref()), "the writer thread panicked");
            return Err(StoreError::Internal);
        }
        if self.is_poisoned() { Err(StoreError::Poisoned) } else { Ok(()) }
    }

    /// Starts a payload: in memory up to [`INLINE_MAX`] bytes, in a file beyond.
    ///
    /// # Errors
    /// `disk_reserve`; `internal` when the disk fails.
    pub fn stage(&self) -> Result<PayloadWriter, StoreError> {
        let shared = &self.handle.shared;
        shared.check_reserve(shared.space()?)?;
        Ok(shared.payloads.stage())
    }

    /// Gives a stored payload a path, for whoever reads it by name, and who holds it to its digest. Blocking.
    ///
    /// # Errors
    /// `not_found` after retention deleted it; `store_damaged`; `internal` when the disk fails.
    pub fn payload_by_path(&self, payload: &PayloadRef) -> Result<PayloadPath, StoreError> {
        let shared = &self.handle.shared;
        match payload::small(&shared.guard, payload)? {
            Some(bytes) => PayloadPath::of(&shared.payloads, &bytes),
            None => Ok(PayloadPath::file(shared.payloads.path(&payload.digest))),
        }
    }

    /// Opens a stored payload. Blocking.
    ///
    /// # Errors
    /// `not_found` after retention deleted it; `store_damaged`; `internal` when the disk fails.
    pub fn open_payload(&self, payload: &PayloadRef) -> Result<Payload, StoreError> {
        let shared = &self.handle.shared;
        match payload::small(&shared.guard, payload)? {
            Some(bytes) => Ok(Payload::Memory(io::Cursor::new(bytes))),
            None => shared.payloads.open_file(&payload.digest),
        }
    }

    /// Takes an entry in; everything about it is on the disk when this answers.
    ///
    /// # Errors
    /// `invalid_argument` (no recipients), `limit_exceeded`, `disk_reserve`, `store_poisoned`, `shutting_down`.
    pub async fn accept(&self, accept: Accept) -> Result<Accepted, StoreError> {
        accept::check(&accept)?;
        let content = self.as_file_if_large(accept.content).await?;
        let side = self.as_file_if_large(accept.side).await?;
        let accept = Accept { content, side, ..accept };
        self.write(accept::cost(&accept), move |tx| accept::accept(tx, accept)).await
    }

    /// Claims due transmissions towards one hop. Blocking, in memory but for reading the entries.
    ///
    /// # Errors
    /// `store_poisoned`, `store_damaged`, `shutting_down`.
    pub fn claim(&self, request: &ClaimRequest) -> Result<Vec<Claim>, StoreError> {
        let shared = &self.handle.shared;
        let claims = claim::claim(shared, request)?;
        for lane in claim::ripe_lanes(shared, request)? {
            self.ripen(request, lane);
        }
        Ok(claims)
    }

    /// Has the writer put due retries in their senders' turns. A writer that has no room now is asked by the next claim.
    fn ripen(&self, request: &ClaimRequest, lane: Lane) {
        let (hop, now) = (request.hop.as_str().to_owned(), request.now);
        let work = move |tx: &mut Tx<'_>| claim::ripen(tx, &hop, lane, now);
        let job = Box::new(Job { cost: 0, work, reply: oneshot::channel().0 });
        let operations = locked(&self.handle.operations).clone();
        if operations.is_none_or(|operations| operations.try_send(job).is_err()) {
            claim::not_ripened(&self.handle.shared, request.hop.as_str(), lane);
        }
    }

    /// Prolongs leases. In memory.
    #[must_use]
    pub fn extend(&self, fences: &[Fence], until: UnixMillis) -> Vec<Extended> {
        let mut leases = locked(&self.handle.shared.transmissions);
        fences.iter().map(|fence| leases.extend(fence, until)).collect()
    }

    /// Gives claims back without an attempt counted. In memory.
    pub fn give_up(&self, fences: &[Fence]) {
        let shared = &self.handle.shared;
        for fence in fences {
            locked(&shared.transmissions).release(fence.hop.as_str(), fence.seq.as_number(), Some(fence.number));
            // Nobody listening is fine: hints are lossy.
            drop(shared.wakeups.send(Wakeup::Hop(fence.hop.clone())));
        }
    }

    /// Records outcomes; they are on the disk when this answers. One answer per settlement, in order.
    ///
    /// # Errors
    /// `limit_exceeded`, `store_poisoned`, `store_damaged`, `shutting_down`.
    pub async fn settle(&self, settlements: Vec<Settlement>) -> Result<Vec<Settled>, StoreError> {
        settle::check(&settlements)?;
        self.write(settle::cost(&settlements), move |tx| settle::settle(tx, settlements)).await
    }

    /// Returns what is past its time to live, at most `max` entries; call it now and then, again while it returns `max`.
    ///
    /// # Errors
    /// `store_poisoned`, `store_damaged`, `shutting_down`.
    pub async fn expire(&self, now: UnixMillis, max: usize) -> Result<Vec<Change>, StoreError> {
        self.write(0, move |tx| expire::expire(tx, now, max)).await
    }

    /// Documents with a deadline before `until` that were not crossed off, the next deadline first, at most 256. Blocking.
    ///
    /// # Errors
    /// `store_damaged`.
    pub fn deadlines(
        &self,
        until: UnixMillis,
        after: Option<Deadline>,
        max: usize,
    ) -> Result<Vec<Deadline>, StoreError> {
        deadline::list(&self.handle.shared, until, after, max)
    }

    /// Records what looks at deadlines found, at most 256: an event for each recipient at risk.
    ///
    /// # Errors
    /// `store_poisoned`, `store_damaged`, `shutting_down`.
    pub async fn note_deadlines(&self, looks: Vec<DeadlineLook>, now: UnixMillis) -> Result<(), StoreError> {
        let cost = looks.iter().map(|look| 64 + look.at_risk.len() * 256).sum();
        self.write(cost, move |tx| deadline::note(tx, looks, now)).await
    }

    /// The operator's list, oldest entry first. Blocking.
    ///
    /// # Errors
    /// `store_damaged`.
    pub fn parked(&self, after: Option<RecipientId>, max: usize) -> Result<Vec<Parked>, StoreError> {
        order::parked(&self.handle.shared, after, max)
    }

    /// Carries out an operator's order on recipients of one entry; the reason is kept with each.
    ///
    /// # Errors
    /// `not_found`, `invalid_argument`, `store_poisoned`, `store_damaged`, `shutting_down`.
    pub async fn order(
        &self,
        seq: Seq,
        recipients: Vec<u32>,
        order: Order,
        reason: String,
        now: UnixMillis,
    ) -> Result<Vec<Change>, StoreError> {
        let ordered = Ordered { seq, recipients, order, reason, now };
        self.write(ordered.reason.len(), move |tx| order::order(tx, &ordered)).await
    }

    /// Why an entry is in quarantine; `None` when it is not. Blocking.
    ///
    /// # Errors
    /// `not_found`, `store_damaged`.
    pub fn hold(&self, seq: Seq) -> Result<Option<Held>, StoreError> {
        hold::list::hold_of(&self.handle.shared, seq)
    }

    /// A page of the quarantine, at most 500. Blocking.
    ///
    /// # Errors
    /// `store_damaged`.
    pub fn held(&self, query: &HeldQuery, cursor: Option<&Cursor>, max: usize) -> Result<HeldPage, StoreError> {
        hold::list::list(&self.handle.shared, query, cursor, max)
    }

    /// The quarantine record of an entry, oldest first; it outlives the quarantine. Blocking.
    ///
    /// # Errors
    /// `store_damaged`.
    pub fn hold_notes(&self, seq: Seq) -> Result<Vec<HoldNote>, StoreError> {
        hold::notes(&self.handle.shared, seq)
    }

    /// Ends the entry's own reason to be held, with a note that is kept. It may start, once nothing before it is held:
    /// see [`Store::ready`]. Repeating it changes nothing.
    ///
    /// # Errors
    /// `not_found`, `limit_exceeded`, `store_poisoned`, `store_damaged`, `shutting_down`.
    pub async fn release(&self, seq: Seq, note: HoldNote) -> Result<Released, StoreError> {
        self.write(note.report.len(), move |tx| hold::release(tx, seq.as_number(), &note)).await
    }

    /// Returns what the entry holds to its sender, for the reason of the note, which needs a code. Also of an entry that
    /// only waits behind another. Repeating it changes nothing.
    ///
    /// # Errors
    /// `not_found`, `invalid_argument`, `limit_exceeded`, `store_poisoned`, `store_damaged`, `shutting_down`.
    pub async fn refuse(&self, seq: Seq, note: HoldNote) -> Result<Released, StoreError> {
        self.write(note.report.len(), move |tx| hold::refuse(tx, seq.as_number(), &note)).await
    }

    /// Keeps what is missing after another look; the hold and its deadline stay. The same reason again writes nothing.
    ///
    /// # Errors
    /// `not_found`, `limit_exceeded`, `store_poisoned`, `store_damaged`, `shutting_down`.
    pub async fn defer(&self, deferral: Deferral) -> Result<Released, StoreError> {
        self.write(deferral.report.len(), move |tx| hold::defer(tx, &deferral)).await
    }

    /// Held entries that only have to be started, oldest first, at most 500. Blocking.
    ///
    /// # Errors
    /// `store_damaged`.
    pub fn ready(&self, max: usize) -> Result<Vec<Seq>, StoreError> {
        hold::list::ready(&self.handle.shared, max)
    }

    /// Starts the deliveries of an entry that is ready; it acts on earlier documents now. Deadlines count anew.
    ///
    /// # Errors
    /// `not_found`, `limit_exceeded`, `store_poisoned`, `store_damaged`, `shutting_down`.
    pub async fn start_held(&self, start: Start) -> Result<Started, StoreError> {
        hold::check_start(&start)?;
        let cost = start.evidence.iter().map(|(_, evidence)| evidence.len() + 128).sum();
        self.write(cost, move |tx| hold::start(tx, start)).await
    }

    /// Outcomes whose senders have not been told, oldest first. Blocking.
    ///
    /// Kept until crossed off, so that a crash between an outcome and its receipt loses neither. Entries of kind
    /// [`crate::EntryKind::Receipt`] give none.
    ///
    /// # Errors
    /// `store_damaged`.
    pub fn reports(&self, after: Option<ReportId>, max: usize) -> Result<Vec<Report>, StoreError> {
        read::reports(&self.handle.shared, after, max)
    }

    /// Crosses reports off. Unknown numbers are fine. [`Accept::answers`] does the same within an acceptance.
    ///
    /// # Errors
    /// `store_poisoned`, `shutting_down`.
    pub async fn reports_done(&self, ids: Vec<ReportId>) -> Result<(), StoreError> {
        self.write(ids.len() * size_of::<ReportId>(), move |tx| accept::cross_off(tx, &ids)).await
    }

    /// Items that wait in an inbox, in order; those under a lease are there too, and say who holds them. Blocking.
    ///
    /// # Errors
    /// `store_damaged`.
    pub fn inbox(&self, query: &InboxQuery) -> Result<InboxPage, StoreError> {
        confirm::inbox(&self.handle.shared, query)
    }

    /// How many items of this kind wait in an inbox: walks the index of the inbox, not the entries. Blocking.
    ///
    /// # Errors
    /// `store_damaged`.
    pub fn inbox_count(&self, agency: &AgencyCode, kind: EntryKind) -> Result<u64, StoreError> {
        confirm::count(&self.handle.shared, agency, kind)
    }

    /// Leases one item. The holder itself may lease again, which replaces its token.
    ///
    /// # Errors
    /// `not_found` when the item does not wait; `lease_lost` when another system holds it.
    pub fn lease(
        &self,
        agency: &AgencyCode,
        item: ItemId,
        holder: &SystemId,
        until: UnixMillis,
        now: UnixMillis,
    ) -> Result<LeaseToken, StoreError> {
        confirm::lease(&self.handle.shared, agency, item, holder, until, now)
    }

    /// Notes that this recipient's content is about to be read, with or without a lease: from now on the sender cannot
    /// recall it unread. Call it before every reading.
    ///
    /// # Errors
    /// `not_found` when it was recalled, or is being recalled.
    pub fn read_by(&self, recipient: RecipientId) -> Result<(), StoreError> {
        confirm::read(&self.handle.shared, recipient.seq, recipient.index)
    }

    /// Ends a lease without confirming.
    ///
    /// # Errors
    /// `lease_lost` when the token is not the one that holds the item.
    pub fn give_back(&self, agency: &AgencyCode, item: ItemId, token: LeaseToken) -> Result<(), StoreError> {
        locked(&self.handle.shared.items).give_back(agency.canonical(), item.as_number(), token.as_number())?;
        // Nobody listening is fine: hints are lossy.
        drop(self.handle.shared.wakeups.send(Wakeup::Inbox(agency.canonical().to_owned())));
        Ok(())
    }

    /// Confirms one item: the agency has it. Durable when this answers.
    ///
    /// # Errors
    /// `not_found`, `lease_lost` (another system holds it), `limit_exceeded`, `store_poisoned`, `shutting_down`.
    pub async fn confirm(&self, confirm: Confirm) -> Result<Confirmed, StoreError> {
        check_evidence(&confirm.evidence)?;
        self.write(confirm.evidence.len(), move |tx| confirm::confirm(tx, confirm)).await
    }

    /// Appends an event to the recipient of `seq` whose code equals `recipient`.
    ///
    /// # Errors
    /// `not_found`, `limit_exceeded`, `store_poisoned`, `shutting_down`.
    pub async fn record_event(&self, seq: Seq, recipient: AgencyCode, event: TrackEvent) -> Result<(), StoreError> {
        check_evidence(&event.evidence)?;
        let cost = event.evidence.len();
        self.write(cost, move |tx| confirm::record_event(tx, seq.as_number(), &recipient, event)).await
    }

    /// One entry. Blocking.
    ///
    /// # Errors
    /// `not_found`, `store_damaged`.
    pub fn document(&self, seq: Seq) -> Result<Document, StoreError> {
        Entry::load(&self.handle.shared.guard, seq.as_number())?.document()
    }

    /// Recipients of one entry, from index `from`. Blocking.
    ///
    /// # Errors
    /// `not_found`, `store_damaged`.
    pub fn recipients(&self, seq: Seq, from: u32, max: usize) -> Result<Vec<Recipient>, StoreError> {
        read::recipients(&self.handle.shared, seq, from, max)
    }

    /// What happened to one entry, by recipient, from index `from`. Blocking.
    ///
    /// # Errors
    /// `not_found`, `store_damaged`.
    pub fn track(&self, seq: Seq, from: u32, max: usize) -> Result<Tracking, StoreError> {
        read::track(&self.handle.shared, seq, from, max)
    }

    /// Entries that carry this sender and document id, oldest first, at most 1000. Blocking.
    ///
    /// # Errors
    /// `store_damaged`.
    pub fn lookup(&self, key: &DocumentKey) -> Result<Vec<Seq>, StoreError> {
        read::lookup(&self.handle.shared, key)
    }

    /// Entries of one exchange, oldest first, at most 1000. Blocking.
    ///
    /// # Errors
    /// `store_damaged`.
    pub fn by_exchange(&self, exchange: ExchangeId) -> Result<Vec<Seq>, StoreError> {
        read::by_exchange(&self.handle.shared, exchange)
    }

    /// A page of entries, the latest first. Blocking.
    ///
    /// # Errors
    /// `store_damaged`.
    pub fn list(&self, query: &Query, cursor: Option<&Cursor>, max: usize) -> Result<Page, StoreError> {
        list::list(&self.handle.shared, query, cursor, max)
    }

    /// Every receipt kept with an entry: its acceptance, then those of its recipients' events. Blocking.
    ///
    /// # Errors
    /// `not_found`, `store_damaged`.
    pub fn receipts(&self, seq: Seq) -> Result<Vec<StoredReceipt>, StoreError> {
        read::receipts(&self.handle.shared, seq)
    }

    /// The numbers. In memory.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.handle.shared.table.read().unwrap_or_else(PoisonError::into_inner).stats()
    }

    /// Transmissions towards a hop that wait or run, of this lane and more urgent ones. In memory.
    #[must_use]
    pub fn waiting_for(&self, hop: &NeighbourId, least: Lane) -> u64 {
        let table = self.handle.shared.table.read().unwrap_or_else(PoisonError::into_inner);
        let lanes = Lane::ALL.into_iter().filter(|lane| *lane >= least);
        lanes.map(|lane| table.number(&Stat::Waiting(hop.as_str().to_owned(), lane))).sum()
    }

    /// Transmissions of what this system brought that are not settled. In memory.
    #[must_use]
    pub fn unsettled_of(&self, system: &SystemId) -> u64 {
        let table = self.handle.shared.table.read().unwrap_or_else(PoisonError::into_inner);
        table.number(&Stat::Unsettled(system.as_str().to_owned()))
    }

    /// Hints for senders and watchers. Subscribe first, look then, and wait.
    #[must_use]
    pub fn wakeups(&self) -> broadcast::Receiver<Wakeup> {
        self.handle.shared.wakeups.subscribe()
    }

    /// When a transmission that nobody holds is due next for a hop, `None` when there is none. Blocking.
    ///
    /// # Errors
    /// `store_damaged`.
    pub fn next_due(&self, hop: &NeighbourId) -> Result<Option<UnixMillis>, StoreError> {
        claim::next_due(&self.handle.shared, hop.as_str())
    }

    /// Deletes the content of entries that were settled for every recipient before `before`, at most `max` of them
    /// (capped at 256 a call: large deletions cost the engine memory). Records and evidence stay.
    ///
    /// # Errors
    /// `store_poisoned`, `store_damaged`, `shutting_down`.
    pub async fn purge(&self, before: UnixMillis, now: UnixMillis, max: usize) -> Result<Purged, StoreError> {
        self.write(0, move |tx| purge::purge(tx, before, now, max)).await
    }

    /// Removes payload files that no entry refers to, as a crash can leave them; gives their number.
    ///
    /// Works folder by folder between other operations: now and then, or when [`Store::check`] found orphans.
    ///
    /// # Errors
    /// `store_poisoned`, `store_damaged`, `internal` for the disk, `shutting_down`.
    pub async fn sweep(&self) -> Result<u64, StoreError> {
        let mut removed = 0;
        for folder in 0..=u8::MAX {
            removed += self.write(0, move |tx| purge::sweep(tx, folder)).await?;
        }
        Ok(removed)
    }

    /// Reads everything and names what is damaged. Blocking, long.
    ///
    /// # Errors
    /// `store_poisoned` when the engine gives up; damage is in the report.
    pub fn check(&self) -> Result<CheckReport, StoreError> {
        check::check(check::Scope::of(&self.handle.shared), &mut |_| {})
    }

    /// Batches written since it was made, one flush each. In memory.
    #[must_use]
    pub fn commits(&self) -> u64 {
        self.handle.shared.commits.load(Ordering::Acquire)
    }

    /// True when an earlier failure made the store refuse writes.
    #[must_use]
    pub fn is_poisoned(&self) -> bool {
        self.handle.shared.guard.is_poisoned()
    }
}

impl Store {
    /// A store whose writer is not a thread of its own.
    pub(crate) fn over(shared: Arc<Shared>, operations: mpsc::Sender<Box<dyn Operation>>) -> Self {
        let handle = Handle { shared, operations: Mutex::new(Some(operations)), writer: Mutex::new(None) };
        Self { handle: Arc::new(handle) }
    }

    /// Hands an operation to the writer and waits for its answer.
    async fn write<T, F>(&self, cost: usize, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let operations = locked(&self.handle.operations).clone().ok_or(StoreError::Closed)?;
        let (reply, answer) = oneshot::channel();
        operations.send(Box::new(Job { cost, work, reply })).await.map_err(|_| StoreError::Closed)?;
        drop(operations);
        answer.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Bytes over the inline limit become a payload file before the writer sees them.
    async fn as_file_if_large(&self, content: Content) -> Result<Content, StoreError> {
        let bytes = match content {
            Content::Inline(bytes) if bytes.len() > INLINE_MAX => bytes,
            Content::Inline(_) | Content::Staged(_) => return Ok(content),
        };
        let store = self.clone();
        let staged = tokio::task::spawn_blocking(move || {
            let mut writer = store.stage()?;
            writer.write_all(&bytes).map_err(StoreError::io("write a payload"))?;
            writer.finish()
        });
        staged.await.unwrap_or(Err(StoreError::Internal)).map(Content::Staged)
    }

    #[cfg(test)]
    pub(crate) fn shared(&self) -> &Shared {
        &self.handle.shared
    }
}

fn check_evidence(evidence: &[u8]) -> Result<(), StoreError> {
    if evidence.len() > EVIDENCE_MAX {
        return Err(too_large("the evidence", evidence.len(), EVIDENCE_MAX));
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests;
