//! What a link needs from its node: an outbox to send from, an inbound side to give packets to.

use async_trait::async_trait;
use bytes::Bytes;
use tokio::io::AsyncRead;
use tokio_util::sync::CancellationToken;
use types::{Lane, NeighbourId};

use crate::{Acceptance, Offer, Reason, Refusal, TransferOutcome};

/// A claimed item on its way to a neighbour.
#[derive(Clone, Debug)]
pub struct Outgoing<C> {
    /// The node's own hold on the item (queue lease and fence); nothing to the link.
    pub claim: C,
    /// What is offered.
    pub offer: Offer,
    /// Where the content is.
    pub content: Content,
}

/// Where the content of an outgoing item is.
#[derive(Clone, Debug)]
pub enum Content {
    /// Here, all of it: receipts and other small things. Sent inline where the neighbour takes it.
    Inline(Bytes),
    /// Behind [`Outbox::open`]. Sent inline too when it is small enough.
    Stored,
}

/// How much an [`Outbox`] may hand out at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Most items to return, 1 or more.
    pub items: usize,
    /// Return only items of this lane and more urgent ones (`lane >= lane_min`).
    ///
    /// A link keeps a few places for urgent items, so that large ordinary ones cannot hold them all;
    /// it therefore waits in two calls of [`Outbox::next`] at once, one per kind of place.
    pub lane_min: Lane,
}

/// What the sending half of a link needs.
///
/// Every item that `next` returns is settled exactly once, in whatever way the link ends.
#[async_trait]
pub trait Outbox: Send + Sync + 'static {
    /// The node's own hold on an item.
    type Claim: Send + Sync + 'static;

    /// Claims what is due for `neighbour`, the most urgent first.
    ///
    /// Waits until something is due; returns soon and empty after `stop` is cancelled. The future is
    /// never dropped before it is ready, so a claim cannot be lost in it. May run twice at once.
    async fn next(&self, neighbour: &NeighbourId, room: Room, stop: &CancellationToken) -> Vec<Outgoing<Self::Claim>>;

    /// Opens the stored content from `offset` (bytes, at most the offer's length).
    ///
    /// # Errors
    /// Any code; the item is settled as failed with it.
    async fn open(
        &self,
        item: &Outgoing<Self::Claim>,
        offset: u64,
    ) -> Result<Box<dyn AsyncRead + Send + Unpin>, Reason>;

    /// Keeps the claim alive; called every [`Limits::extend_every`](crate::Limits::extend_every) until it is settled.
    ///
    /// # Errors
    /// `lease_lost` when another has it: the transfer is withdrawn and settled as failed.
    async fn extend(&self, item: &Outgoing<Self::Claim>) -> Result<(), Reason>;

    /// Records how the item ended. Called once per item.
    async fn settle(&self, item: &Outgoing<Self::Claim>, outcome: TransferOutcome);
}

/// What to do with an offer.
pub enum OfferDecision {
    /// Take the content from this offset (bytes kept from a broken transfer, at most the offer's length).
    SendFrom(u64, Box<dyn IncomingContent>),
    /// Accepted before, byte for byte: the first receipt again.
    AlreadyHave(Acceptance),
    /// Not taken.
    Refuse(Refusal),
}

/// What the receiving half of a link needs.
#[async_trait]
pub trait Inbound: Send + Sync + 'static {
    /// Decides about an offer; runs once per offer, several at once.
    async fn offer(&self, from: &NeighbourId, offer: Offer) -> OfferDecision;
}

/// Takes the content of one packet.
///
/// Dropped without `finish` when the link breaks or the sender withdraws: keep what is there, and answer the
/// next offer of the same digest with its length.
#[async_trait]
pub trait IncomingContent: Send {
    /// Takes the next bytes, in order, never more than the offer's length in all. The sender gets new credit
    /// when this returns, so return when the bytes need no more memory.
    ///
    /// # Errors
    /// Ends the transfer with this refusal.
    async fn write(&mut self, data: Bytes) -> Result<(), Refusal>;

    /// Checks length and digest, commits, and returns after the flush: the answer is the hop's acknowledgement.
    ///
    /// Never cancelled by the link.
    ///
    /// # Errors
    /// `digest_mismatch`, or any other refusal.
    async fn finish(self: Box<Self>) -> Result<Acceptance, Refusal>;
}
