//! Inboxes: looking, watching, leasing, confirming.

use std::time::Duration;

use evidence::{Recipients, SignedReceipt};
use futures_util::stream;
use gateway::{Caller, ItemStream, Refusal};
use queue::{
    Confirm, Confirmed, EntryKind, EventKind, Holder, InboxItem, InboxQuery, ItemId, LeaseToken, RecipientId,
    StoreError, Wakeup,
};
use tokio::sync::broadcast::Receiver;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;
use types::{AgencyCode, ErrorCode};
use wire::exchange_v1::{
    self, ConfirmItemRequest, ConfirmItemResponse, GiveBackItemRequest, GiveBackItemResponse, LeaseItemRequest,
    LeaseItemResponse, ListInboxRequest, ListInboxResponse, WatchInboxRequest,
};
use wire::timestamp;

use super::{Desk, refusal, view};
use crate::core::Core;
use crate::reports::about;
use crate::tracking;

/// Items of a page when the caller does not say.
const PAGE_DEFAULT: u32 = 100;
/// Items of a page at most.
const PAGE_MAX: u32 = 500;
/// Seconds of a lease when the caller does not say, and its bounds.
const LEASE_DEFAULT: u32 = 300;
const LEASE_MIN: u32 = 5;
const LEASE_MAX: u32 = 3600;

/// One reader's place in one inbox.
struct Reader {
    core: std::sync::Arc<Core>,
    agency: AgencyCode,
    kind: Option<EntryKind>,
    after: ItemId,
    wakeups: Receiver<Wakeup>,
    stop: CancellationToken,
}

impl Reader {
    /// The next items, without waiting.
    fn page(&mut self, max: u32) -> Result<(Vec<exchange_v1::InboxItem>, bool), Refusal> {
        loop {
            let query = InboxQuery {
                agency: self.agency.clone(),
                kind: self.kind,
                after: self.after,
                max: usize::try_from(max).unwrap_or(usize::MAX),
                now: crate::clock::now(),
            };
            let page = self.core.store.inbox(&query).map_err(refusal)?;
            self.after = page.next;
            if page.items.is_empty() && page.more {
                continue;
            }
            let items: Result<Vec<_>, Refusal> = page.items.iter().map(|found| item(&self.core, found)).collect();
            return Ok((items?, page.more));
        }
    }

    /// Waits until something may have come; false when the node stops.
    async fn wait(&mut self) -> bool {
        loop {
            tokio::select! {
                () = self.stop.cancelled() => return false,
                hint = self.wakeups.recv() => match hint {
                    Ok(Wakeup::Inbox(agency)) if agency == self.agency.canonical() => return true,
                    Ok(_) => {}
                    Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => return true,
                    Err(tokio::sync::broadcast::error::RecvError::Closed) => return false,
                },
            }
        }
    }
}

impl Desk {
    fn reader(&self, caller: &Caller, agency: &str, after: u64, kind: Option<EntryKind>) -> Result<Reader, Refusal> {
        Ok(Reader {
            core: self.core.clone(),
            agency: Self::agency(caller, agency)?,
            kind,
            after: ItemId::new(after),
            wakeups: self.core.store.wakeups(),
            stop: self.stop.clone(),
        })
    }

    /// One page, waited for when asked to.
    pub(super) async fn inbox_page(
        &self,
        caller: &Caller,
        request: ListInboxRequest,
    ) -> Result<ListInboxResponse, Refusal> {
        let kind = view::entry_kind(request.kind());
        let mut reader = self.reader(caller, &request.agency, request.after, kind)?;
        let max = if request.page_size == 0 { PAGE_DEFAULT } else { request.page_size.min(PAGE_MAX) };
        let until = Instant::now() + Duration::from_secs(u64::from(request.wait_seconds));
        loop {
            let (items, more) = reader.page(max)?;
            let waits = items.is_empty() && request.wait_seconds > 0;
            if !waits || !matches!(timeout_at(until, reader.wait()).await, Ok(true)) {
                let next_after = if more { reader.after.as_number() } else { 0 };
                return Ok(ListInboxResponse { items, next_after });
            }
        }
    }

    /// What waits, then what arrives.
    pub(super) fn inbox_stream(&self, caller: &Caller, request: &WatchInboxRequest) -> Result<ItemStream, Refusal> {
        let kind = view::entry_kind(request.kind());
        let reader = self.reader(caller, &request.agency, request.after, kind)?;
        let start = (reader, Vec::new().into_iter());
        Ok(Box::pin(stream::try_unfold(start, |(mut reader, mut ready): (Reader, std::vec::IntoIter<_>)| async move {
            loop {
                if let Some(item) = ready.next() {
                    return Ok(Some((item, (reader, ready))));
                }
                let (items, _) = reader.page(PAGE_DEFAULT)?;
                if items.is_empty() && !reader.wait().await {
                    return Ok(None);
                }
                ready = items.into_iter();
            }
        })))
    }

    /// Takes a lease.
    pub(super) fn lease(&self, caller: &Caller, request: &LeaseItemRequest) -> Result<LeaseItemResponse, Refusal> {
        let agency = Self::agency(caller, &request.agency)?;
        let seconds = if request.seconds == 0 { LEASE_DEFAULT } else { request.seconds };
        if !(LEASE_MIN..=LEASE_MAX).contains(&seconds) {
            return Err(Refusal::field("seconds", format!("{LEASE_MIN} to {LEASE_MAX}")));
        }
        let now = crate::clock::now();
        let until = now + Duration::from_secs(u64::from(seconds));
        let token =
            self.core.store.lease(&agency, ItemId::new(request.item), &caller.system, until, now).map_err(refusal)?;
        Ok(LeaseItemResponse { lease: format!("{:016x}", token.as_number()), until: Some(timestamp(until)) })
    }

    /// Confirms an item: durable, and told to the sender with a signed ContentHandover.
    pub(crate) async fn confirm(
        &self,
        caller: &Caller,
        request: &ConfirmItemRequest,
    ) -> Result<ConfirmItemResponse, Refusal> {
        let agency = Self::agency(caller, &request.agency)?;
        let item = ItemId::new(request.item);
        let token = token(&request.lease)?;
        let now = crate::clock::now();
        let waiting = self.waiting(&agency, item)?;
        let receipt = match &waiting {
            Some(waiting) => {
                let recipients = Recipients::new(std::slice::from_ref(&waiting.recipient.code));
                let mut receipt = about(&self.core, &waiting.document, recipients, now);
                receipt.peer = Some(evidence::Peer::System(caller.system.clone()));
                Some(self.core.sign(&receipt).await.map_err(refusal)?)
            }
            None => None,
        };
        let evidence = receipt.as_ref().map(SignedReceipt::to_bytes).unwrap_or_default();
        let confirm = Confirm { agency: agency.clone(), item, token, now, evidence };
        let receipt = match self.core.store.confirm(confirm).await {
            Ok(Confirmed::Now) => receipt,
            Ok(Confirmed::Already { recipient, .. }) => {
                self.check_recalled(recipient)?;
                self.handover(recipient)?
            }
            Err(StoreError::LeaseLost) => return Err(held(waiting.and_then(|waiting| waiting.held_by), token)),
            Err(error) => return Err(refusal(error)),
        };
        Ok(ConfirmItemResponse { receipt: receipt.as_ref().map(tracking::to_wire) })
    }

    /// The item, while it waits.
    fn waiting(&self, agency: &AgencyCode, item: ItemId) -> Result<Option<InboxItem>, Refusal> {
        let query = InboxQuery {
            agency: agency.clone(),
            kind: None,
            after: ItemId::new(item.as_number().saturating_sub(1)),
            max: 1,
            now: crate::clock::now(),
        };
        let page = self.core.store.inbox(&query).map_err(refusal)?;
        Ok(page.items.into_iter().find(|found| found.id == item))
    }

    /// An item that the sender recalled cannot be confirmed any more.
    fn check_recalled(&self, recipient: RecipientId) -> Result<(), Refusal> {
        let found = self.core.store.recipients(recipient.seq, recipient.index, 1).map_err(refusal)?;
        let code = found.first().filter(|found| found.is_recalled()).and_then(|found| found.delivery.code());
        let Some(code) = code else { return Ok(()) };
        Err(Refusal::new(code, format!("{} / {}", code.title_vi(), code.title_en())).at_field("item"))
    }

    /// The handover kept with an item that was confirmed before.
    fn handover(&self, recipient: RecipientId) -> Result<Option<SignedReceipt>, Refusal> {
        let page = self.core.store.track(recipient.seq, recipient.index, 1).map_err(refusal)?;
        let events = page.recipients.into_iter().flat_map(|track| track.events);
        let delivered = events.rev().find(|event| event.kind == EventKind::Delivered);
        Ok(delivered.and_then(|event| SignedReceipt::from_bytes(&event.evidence).ok()))
    }

    /// Ends a lease.
    pub(super) fn give_back(
        &self,
        caller: &Caller,
        request: &GiveBackItemRequest,
    ) -> Result<GiveBackItemResponse, Refusal> {
        let agency = Self::agency(caller, &request.agency)?;
        let token = token(&request.lease)?.ok_or_else(|| Refusal::field("lease", "is required"))?;
        self.core.store.give_back(&agency, ItemId::new(request.item), token).map_err(refusal)?;
        tracing::info!(agency.to = %agency, reason = request.reason, "item {} was given back", request.item);
        Ok(GiveBackItemResponse {})
    }
}

/// Why an item could not be confirmed, and by whom it can be.
fn held(holder: Option<Holder>, token: Option<LeaseToken>) -> Refusal {
    let detail = match (holder, token) {
        (Some(holder), None) => {
            format!("system {} holds the item for another while; confirm it with the lease", holder.system)
        }
        (Some(holder), Some(_)) => format!("the lease has ended, and system {} holds the item", holder.system),
        (None, _) => "the lease is no longer held".to_owned(),
    };
    Refusal::new(ErrorCode::LeaseLost, detail).at_field("lease")
}

fn token(text: &str) -> Result<Option<LeaseToken>, Refusal> {
    if text.is_empty() {
        return Ok(None);
    }
    let number = u64::from_str_radix(text, 16)
        .map_err(|_| Refusal::new(ErrorCode::LeaseLost, "the lease is none of this node's").at_field("lease"))?;
    Ok(Some(LeaseToken::new(number)))
}

fn item(core: &Core, item: &InboxItem) -> Result<exchange_v1::InboxItem, Refusal> {
    Ok(exchange_v1::InboxItem {
        item: item.id.as_number(),
        document: Some(view::summary(core, &item.document).map_err(refusal)?),
        arrived_at: Some(timestamp(item.document.received_at)),
        leased_by: item.held_by.as_ref().map(|holder| holder.system.to_string()).unwrap_or_default(),
        leased_until: item.held_by.as_ref().map(|holder| timestamp(holder.until)),
    })
}
