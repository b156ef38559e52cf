//! What neighbours offer: taken in by the same steps as a system's submission.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use evidence::SignedReceipt;
use queue::DocumentKey;
use relay::{Acceptance, Inbound, IncomingContent, Offer, OfferDecision, OfferKind, Reason, RecipientRefusal, Refusal};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use types::{AgencyCode, ErrorCode, NeighbourId};
use wire::types_v1;

use super::partial::{Partials, TransferKey};
use crate::core::Core;
use crate::intake::{Arrival, Door, Refused, Upload, admit};
use crate::tracking;

/// Bytes of a receipt bundle: 64 receipts at their limits.
const BUNDLE_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// The receiving half of every link.
#[derive(Clone, Debug)]
pub(crate) struct Receiving {
    core: Arc<Core>,
    partials: Arc<Partials>,
    uploads: Arc<Semaphore>,
}

impl Receiving {
    /// `uploads` bounds packets being read at a time, over all doors.
    pub(crate) fn new(core: Arc<Core>, uploads: Arc<Semaphore>) -> Self {
        Self { core, partials: Arc::default(), uploads }
    }

    /// Drops broken transfers that nobody came back for.
    pub(crate) fn sweep(&self) {
        self.partials.sweep(crate::clock::now());
    }

    /// Drops broken transfers, so that nothing holds the store.
    pub(crate) fn close(&self) {
        self.partials.clear();
    }

    async fn decide(&self, from: &NeighbourId, offer: Offer) -> Result<OfferDecision, Refused> {
        if offer.hops.iter().any(|hop| hop.node == self.core.node) {
            return Err(Refused::new(ErrorCode::LoopDetected, format!("it has passed {} before", self.core.node)));
        }
        let length_max = match offer.kind {
            OfferKind::Receipt => BUNDLE_BYTES_MAX,
            OfferKind::Document | OfferKind::Status => self.core.config.limits.packet_bytes_max,
        };
        if offer.length > length_max {
            let detail = format!("{} bytes, limit {length_max}", offer.length);
            return Err(Refused::new(ErrorCode::DocumentTooLarge, detail));
        }
        if offer.kind == OfferKind::Receipt {
            let receipts = Receipts { core: self.core.clone(), offer, content: Vec::new() };
            return Ok(OfferDecision::SendFrom(0, Box::new(receipts)));
        }
        // A status is small, and its way in also records it with its document: after a crash between the two,
        // the repeat has to go that way again.
        if offer.kind == OfferKind::Document
            && let Some(acceptance) = self.known(&offer).await?
        {
            return Ok(OfferDecision::AlreadyHave(acceptance));
        }
        let Ok(permit) = self.uploads.clone().try_acquire_owned() else {
            return Err(Refused::new(ErrorCode::Overloaded, "too many packets at once"));
        };
        let key = TransferKey { from: from.clone(), exchange: offer.exchange_id, digest: offer.digest };
        let upload = match self.partials.take(&key, crate::clock::now()) {
            Some(upload) => upload,
            None => Upload::start(&self.core.store, &self.core.packet_limits())?,
        };
        let offset = upload.received();
        let packet =
            Packet { receiving: self.clone(), key, offer: Box::new(offer), upload: Some(upload), _permit: permit };
        Ok(OfferDecision::SendFrom(offset, Box::new(packet)))
    }

    /// The first receipt, when the same packet was accepted for all of these receivers.
    async fn known(&self, offer: &Offer) -> Result<Option<Acceptance>, Refused> {
        let key = DocumentKey { sender: offer.sender.clone(), document_id: offer.document_id.clone() };
        for seq in self.core.store.lookup(&key)? {
            let document = self.core.store.document(seq)?;
            if document.content.digest != offer.digest || document.exchange != offer.exchange_id {
                continue;
            }
            let mut missing: BTreeSet<&AgencyCode> = offer.recipients.iter().collect();
            let count = usize::try_from(document.recipients).unwrap_or(usize::MAX);
            let recipients = self.core.store.recipients(seq, 0, count)?;
            recipients.iter().for_each(|recipient| {
                missing.remove(&recipient.code);
            });
            let receipt = SignedReceipt::from_bytes(&document.receipt);
            if let (true, Ok(receipt)) = (missing.is_empty(), receipt) {
                tracking::report_consignments(&self.core, seq).await?;
                return Ok(Some(Acceptance { receipt: tracking::to_wire(&receipt), refused: Vec::new() }));
            }
        }
        Ok(None)
    }
}

fn refusal(refused: Refused) -> Refusal {
    Refusal { reason: reason(refused), recipients: Vec::new() }
}

fn reason(refused: Refused) -> Reason {
    Reason::new(refused.code, refused.detail)
}

#[async_trait]
impl Inbound for Receiving {
    async fn offer(&self, from: &NeighbourId, offer: Offer) -> OfferDecision {
        match self.decide(from, offer).await {
            Ok(decision) => decision,
            Err(refused) => {
                tracing::info!(peer.id = %from, error.code = %refused.code, detail = refused.detail, "refused an offer");
                OfferDecision::Refuse(refusal(refused))
            }
        }
    }
}

/// A packet on its way in over a link.
struct Packet {
    receiving: Receiving,
    key: TransferKey,
    offer: Box<Offer>,
    upload: Option<Upload>,
    _permit: OwnedSemaphorePermit,
}

impl Packet {
    async fn take(&mut self) -> Result<Acceptance, Refused> {
        let Some(upload) = self.upload.take() else {
            return Err(Refused::new(ErrorCode::Cancelled, "the transfer has ended"));
        };
        let received = upload.finish().await?;
        let digest = received.staged.digest();
        if digest != self.offer.digest {
            let detail = format!("offered {}, received {digest}", self.offer.digest);
            return Err(Refused::new(ErrorCode::DigestMismatch, detail));
        }
        let arrival = Arrival {
            envelope: self.offer.envelope.clone(),
            to: None,
            door: Door::Neighbour { id: self.key.from.clone(), offer: self.offer.clone() },
        };
        let admitted = admit(&self.receiving.core, received, arrival).await?;
        let receipt = SignedReceipt::from_bytes(&admitted.receipt)
            .map_err(|error| Refused::new(ErrorCode::StoreDamaged, error.to_string()))?;
        let dropped = admitted.routing.dropped.into_iter();
        Ok(Acceptance {
            receipt: tracking::to_wire(&receipt),
            refused: dropped
                .map(|dropped| RecipientRefusal { recipient: dropped.code, reason: reason(dropped.refused) })
                .collect(),
        })
    }
}

#[async_trait]
impl IncomingContent for Packet {
    async fn write(&mut self, data: Bytes) -> Result<(), Refusal> {
        let Some(upload) = self.upload.as_mut() else {
            return Err(Refusal::new(ErrorCode::Cancelled, "the transfer has ended"));
        };
        if upload.write(data).await {
            return Ok(());
        }
        // The reader gave up: the packet itself is at fault, and finishing says how.
        Err(match self.take().await {
            Err(refused) => refusal(refused),
            Ok(_) => Refusal::new(ErrorCode::MalformedDocument, "there is content after the packet's end"),
        })
    }

    async fn finish(mut self: Box<Self>) -> Result<Acceptance, Refusal> {
        let result = self.take().await;
        result.map_err(|refused| {
            tracing::info!(
                doc.id = %self.offer.document_id,
                peer.id = %self.key.from,
                error.code = %refused.code,
                detail = refused.detail,
                "refused a packet"
            );
            refusal(refused)
        })
    }
}

impl Drop for Packet {
    fn drop(&mut self) {
        if let Some(upload) = self.upload.take() {
            self.receiving.partials.keep(self.key.clone(), upload, crate::clock::now());
        }
    }
}

/// Receipts on their way in over a link.
struct Receipts {
    core: Arc<Core>,
    offer: Offer,
    content: Vec<u8>,
}

#[async_trait]
impl IncomingContent for Receipts {
    async fn write(&mut self, data: Bytes) -> Result<(), Refusal> {
        // The link holds the sender to the offered length, and the offer was below the limit.
        self.content.extend_from_slice(&data);
        Ok(())
    }

    async fn finish(self: Box<Self>) -> Result<Acceptance, Refusal> {
        tracking::take_receipts(&self.core, &self.offer, &self.content).await.map_err(refusal)?;
        // Receipts are not acknowledged by receipts: there would be no end to it.
        Ok(Acceptance { receipt: types_v1::Receipt::default(), refused: Vec::new() })
    }
}
