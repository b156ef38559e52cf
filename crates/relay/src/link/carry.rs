//! One claimed item from its claim to its settlement.

use std::collections::HashSet;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncSeekExt};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until};
use types::ErrorCode;

use super::Shared;
use super::run::Event;
use crate::pace::UnderWay;
use crate::{Content, Outbox, Outgoing, Reason, TransferOutcome};

/// What the loop tells a carrier.
pub(super) enum Order {
    /// The item is offered under this number.
    Offered(u64),
    /// Read this many bytes from this offset and hand them over.
    Read {
        /// First byte.
        offset: u64,
        /// Bytes: 1 to the chunk limit.
        count: usize,
    },
    /// The end.
    Settle(TransferOutcome),
}

/// Orders that can wait at once: one of each kind, and one to spare.
pub(super) const ORDERS: usize = 4;

/// Carries the item and settles it once, whatever happens.
pub(super) async fn carry<O: Outbox>(
    shared: Arc<Shared<O>>,
    item: Outgoing<O::Claim>,
    place: Option<OwnedSemaphorePermit>,
    under_way: UnderWay,
    events: mpsc::UnboundedSender<Event>,
) {
    shared.status.send_modify(|status| status.sending += 1);
    let mut carrier = Carrier { shared: &shared, item: &item, events, transfer: None, reader: None, is_sent: false };
    let outcome = if place.is_some() {
        let outcome = carrier.run().await;
        under_way.end(&outcome);
        outcome
    } else {
        carrier.lost()
    };
    shared.links.outbox.settle(&item, outcome).await;
    shared.status.send_modify(|status| status.sending = status.sending.saturating_sub(1));
}

struct Carrier<'a, O: Outbox> {
    shared: &'a Shared<O>,
    item: &'a Outgoing<O::Claim>,
    events: mpsc::UnboundedSender<Event>,
    transfer: Option<u64>,
    reader: Option<Box<dyn AsyncRead + Send + Unpin>>,
    /// Everything is sent, only the answer is missing.
    is_sent: bool,
}

impl<O: Outbox> Carrier<'_, O> {
    async fn run(&mut self) -> TransferOutcome {
        let inline = match self.inline().await {
            Ok(inline) => inline,
            Err(reason) => return TransferOutcome::Failed(reason),
        };
        self.is_sent = inline.is_some();
        let (orders, mut receiver) = mpsc::channel(ORDERS);
        let offer = Box::new(self.item.offer.clone());
        if self.events.send(Event::Offer { offer, inline, orders }).is_err() {
            return self.lost();
        }
        let every = self.shared.links.limits.extend_every;
        let mut extensions = interval_at(Instant::now() + every, every);
        extensions.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let stall_timeout = self.shared.links.limits.stall_timeout;
        let mut stalls_at = Instant::now() + stall_timeout;
        loop {
            let step = tokio::select! {
                order = receiver.recv() => match order {
                    Some(Order::Offered(transfer)) => { self.transfer = Some(transfer); Ok(()) }
                    Some(Order::Read { offset, count }) => self.read(offset, count).await,
                    Some(Order::Settle(outcome)) => return self.of_this_item(outcome),
                    None => return self.lost(),
                },
                _ = extensions.tick() => {
                    if let Err(reason) = self.extend().await { Err(reason) } else { continue }
                }
                () = sleep_until(stalls_at) => {
                    // Ends the link, and with it the orders.
                    drop(self.events.send(Event::Stalled));
                    Ok(())
                }
            };
            stalls_at = Instant::now() + stall_timeout;
            if let Err(reason) = step {
                if let Some(transfer) = self.transfer {
                    // A loop that is gone has nothing to withdraw.
                    drop(self.events.send(Event::Withdraw { transfer, code: reason.code }));
                }
                return TransferOutcome::Failed(reason);
            }
        }
    }

    /// The whole content, when the other side takes that much with the offer.
    async fn inline(&mut self) -> Result<Option<Bytes>, Reason> {
        let length = self.item.offer.length;
        if length > u64::from(self.shared.peer.inline_max) {
            return Ok(None);
        }
        match &self.item.content {
            Content::Inline(content) if content.len() as u64 == length => Ok(Some(content.clone())),
            Content::Inline(content) => Err(early(content.len() as u64, length)),
            Content::Stored => {
                let count = usize::try_from(length).map_err(|_| early(0, length))?;
                let mut reader = self.shared.links.outbox.open(self.item, 0).await?;
                fill(&mut reader, count, 0, length).await.map(Some)
            }
        }
    }

    async fn read(&mut self, offset: u64, count: usize) -> Result<(), Reason> {
        let length = self.item.offer.length;
        let reader = match &mut self.reader {
            Some(reader) => reader,
            empty => empty.insert(open(self.shared, self.item, offset).await?),
        };
        let data = fill(reader, count, offset, length).await?;
        self.is_sent = offset + data.len() as u64 >= length;
        if let Some(transfer) = self.transfer {
            // A loop that is gone has closed the orders too: the next one tells.
            drop(self.events.send(Event::Chunk { transfer, data }));
        }
        Ok(())
    }

    /// Keeps the claim. Once everything is sent its loss changes nothing: the answer is worth having.
    async fn extend(&mut self) -> Result<(), Reason> {
        match self.shared.links.outbox.extend(self.item).await {
            Err(reason) if self.transfer.is_some() && !self.is_sent => Err(reason),
            Err(_) | Ok(()) => Ok(()),
        }
    }

    /// The outcome without recipients that were never offered.
    fn of_this_item(&self, mut outcome: TransferOutcome) -> TransferOutcome {
        let refused = match &mut outcome {
            TransferOutcome::Accepted(acceptance) => &mut acceptance.refused,
            TransferOutcome::Refused(refusal) => &mut refusal.recipients,
            TransferOutcome::Failed(_) => return outcome,
        };
        if !refused.is_empty() {
            let offered: HashSet<_> = self.item.offer.recipients.iter().collect();
            refused.retain(|refusal| offered.contains(&refusal.recipient));
        }
        outcome
    }

    /// The outcome when the link has ended without an answer.
    fn lost(&self) -> TransferOutcome {
        TransferOutcome::Failed(if self.shared.stop.is_cancelled() {
            Reason::new(ErrorCode::ShuttingDown, "the link was stopped")
        } else {
            Reason::new(ErrorCode::PeerUnavailable, "the link to the neighbour ended")
        })
    }
}

async fn open<O: Outbox>(
    shared: &Shared<O>,
    item: &Outgoing<O::Claim>,
    offset: u64,
) -> Result<Box<dyn AsyncRead + Send + Unpin>, Reason> {
    match &item.content {
        Content::Stored => shared.links.outbox.open(item, offset).await,
        Content::Inline(content) => {
            let mut reader = std::io::Cursor::new(content.clone());
            reader.seek(std::io::SeekFrom::Start(offset)).await.map_err(unreadable)?;
            Ok(Box::new(reader))
        }
    }
}

/// Reads exactly `count` bytes; `offset` and `length` are for the error.
async fn fill(reader: &mut (impl AsyncRead + Unpin), count: usize, offset: u64, length: u64) -> Result<Bytes, Reason> {
    let mut data = BytesMut::with_capacity(count);
    let mut reader = reader.take(count as u64);
    while data.len() < count {
        if reader.read_buf(&mut data).await.map_err(unreadable)? == 0 {
            return Err(early(offset + data.len() as u64, length));
        }
    }
    Ok(data.freeze())
}

fn unreadable(error: std::io::Error) -> Reason {
    Reason::new(ErrorCode::StoreDamaged, format!("the content cannot be read: {error}"))
}

fn early(found: u64, length: u64) -> Reason {
    Reason::new(ErrorCode::StoreDamaged, format!("the content has {found} bytes, {length} were recorded"))
}
