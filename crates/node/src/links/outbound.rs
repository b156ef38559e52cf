//! Claims as the links offer them, and what became of them.

use std::io::Read as _;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use queue::{Claim, EntryKind, Outcome, Settlement};
use relay::{About, Hop, Offer, OfferKind, Outbox, Outgoing, Reason, Room, TransferOutcome};
use tokio::io::AsyncRead;
use tokio_util::sync::CancellationToken;
use types::{ErrorCode, NeighbourId, UnixMillis};
use wire::types_v1;

use super::{extended, next_claims, opened};
use crate::core::Core;
use crate::record::Side;
use crate::tracking;

/// The outbox of every link.
#[derive(Clone, Debug)]
pub(crate) struct Sending {
    core: Arc<Core>,
}

impl Sending {
    pub(crate) const fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Builds what each claim offers; a claim whose records are damaged is settled as failed.
    async fn outgoing(&self, claims: Vec<Claim>) -> Vec<Outgoing<Claim>> {
        let mut ready = Vec::with_capacity(claims.len());
        for claim in claims {
            match self.offer(&claim) {
                Ok((offer, content)) => ready.push(Outgoing { claim, offer, content }),
                Err(reason) => self.record(&claim, &TransferOutcome::Failed(reason)).await,
            }
        }
        ready
    }

    fn offer(&self, claim: &Claim) -> Result<(Offer, relay::Content), Reason> {
        let document = &claim.document;
        let side = Side::read(&self.read(&document.side)?).map_err(|error| failed(error.code(), &error))?;
        let content = match document.kind {
            EntryKind::Receipt => relay::Content::Inline(Bytes::from(self.read(&document.content)?)),
            EntryKind::Document | EntryKind::Status => relay::Content::Stored,
        };
        let mut hops: Vec<Hop> = side
            .hops
            .iter()
            .filter_map(|hop| Some(Hop { node: hop.node.parse().ok()?, at: UnixMillis::new(hop.at_ms) }))
            .collect();
        hops.push(Hop { node: self.core.node.clone(), at: document.received_at });
        let origin = evidence::SignedReceipt::from_bytes(&document.receipt).ok();
        let offer = Offer {
            exchange_id: document.exchange,
            kind: match document.kind {
                EntryKind::Document => OfferKind::Document,
                EntryKind::Status => OfferKind::Status,
                EntryKind::Receipt => OfferKind::Receipt,
            },
            sender: document.key.sender.clone(),
            document_id: document.key.document_id.clone(),
            business_type: document.business,
            lane: claim.lane,
            length: document.content.length,
            digest: document.content.digest,
            envelope: side.envelope,
            recipients: claim.recipients.iter().map(|recipient| recipient.code.clone()).collect(),
            accepted_at: hops.first().map_or(document.received_at, |hop| hop.at),
            hops,
            about: document
                .about
                .as_ref()
                .map(|about| About { sender: about.sender.clone(), document_id: about.document_id.clone() }),
            report: side.report,
            origin: origin.as_ref().map(tracking::to_wire),
        };
        Ok((offer, content))
    }

    fn read(&self, payload: &queue::PayloadRef) -> Result<Vec<u8>, Reason> {
        let mut bytes = Vec::new();
        let mut file = self.core.store.open_payload(payload).map_err(|error| failed(error.code(), &error))?;
        file.read_to_end(&mut bytes).map_err(|error| failed(ErrorCode::Internal, &error))?;
        Ok(bytes)
    }

    async fn record(&self, claim: &Claim, outcome: &TransferOutcome) {
        // A stop is no attempt: the item is free again at once, here or after the restart.
        if let TransferOutcome::Failed(reason) = outcome
            && reason.code == ErrorCode::ShuttingDown
        {
            return self.core.store.give_up(std::slice::from_ref(&claim.fence));
        }
        let outcomes = match outcome {
            TransferOutcome::Accepted(acceptance) => self.accepted(claim, acceptance),
            TransferOutcome::Refused(refusal) => refused(claim, refusal),
            TransferOutcome::Failed(reason) => failed_all(claim, reason),
        };
        let settlement = Settlement { fence: claim.fence.clone(), now: crate::clock::now(), outcomes };
        if let Err(error) = self.core.store.settle(vec![settlement]).await {
            tracing::error!(
                peer.id = %claim.fence.hop,
                error.code = %error.code(),
                error = &error as &dyn std::error::Error,
                "an outcome could not be recorded; the transmission is repeated after its lease"
            );
        }
    }

    fn accepted(&self, claim: &Claim, acceptance: &relay::Acceptance) -> Vec<(u32, Outcome)> {
        let evidence = self.proof(claim, &acceptance.receipt);
        let outcome = |recipient: &queue::Recipient| {
            let refused = acceptance.refused.iter().find(|refused| refused.recipient == recipient.code);
            match refused {
                Some(refused) => refusal_of(&refused.reason),
                None => Outcome::Delivered { evidence: evidence.clone() },
            }
        };
        claim.recipients.iter().map(|recipient| (recipient.index, outcome(recipient))).collect()
    }

    /// The neighbour's receipt, when it proves something. A neighbour that signs badly has the document all the same.
    fn proof(&self, claim: &Claim, receipt: &types_v1::Receipt) -> Vec<u8> {
        if claim.document.kind == EntryKind::Receipt {
            return Vec::new();
        }
        let signed = tracking::from_wire(receipt);
        let material = self.core.material.load();
        match evidence::verify(&signed, &material.nodes, &material.policy, crate::clock::now()) {
            Ok(_) => signed.to_bytes(),
            Err(error) => {
                tracing::warn!(
                    peer.id = %claim.fence.hop,
                    error.code = %error.code(),
                    error = &error as &dyn std::error::Error,
                    "the neighbour's receipt proves nothing"
                );
                Vec::new()
            }
        }
    }
}

fn failed(code: ErrorCode, error: &(dyn std::error::Error + 'static)) -> Reason {
    tracing::error!(error.code = %code, error, "an entry cannot be offered");
    Reason::new(code, "the entry cannot be read")
}

fn refusal_of(reason: &Reason) -> Outcome {
    // What the neighbour calls final is final here, whatever this version thinks of the code.
    let code = match (reason.retryable, reason.code.is_retryable()) {
        (true, false) => ErrorCode::PeerUnavailable,
        (false, true) => ErrorCode::PeerRefused,
        _ => reason.code,
    };
    Outcome::Refused { code, text: reason.text.clone(), evidence: Vec::new() }
}

fn refused(claim: &Claim, refusal: &relay::Refusal) -> Vec<(u32, Outcome)> {
    let reason = |recipient: &queue::Recipient| {
        let own = refusal.recipients.iter().find(|refused| refused.recipient == recipient.code);
        own.map_or(&refusal.reason, |refused| &refused.reason)
    };
    claim.recipients.iter().map(|recipient| (recipient.index, refusal_of(reason(recipient)))).collect()
}

fn failed_all(claim: &Claim, reason: &Reason) -> Vec<(u32, Outcome)> {
    let outcome = || Outcome::Failed { code: reason.code, text: reason.text.clone() };
    claim.recipients.iter().map(|recipient| (recipient.index, outcome())).collect()
}

#[async_trait]
impl Outbox for Sending {
    type Claim = Claim;

    async fn next(&self, neighbour: &NeighbourId, room: Room, stop: &CancellationToken) -> Vec<Outgoing<Claim>> {
        loop {
            let claims = next_claims(&self.core, neighbour, room.items, room.lane_min, stop).await;
            if claims.is_empty() {
                return Vec::new();
            }
            let ready = self.outgoing(claims).await;
            if !ready.is_empty() {
                return ready;
            }
        }
    }

    async fn open(&self, item: &Outgoing<Claim>, offset: u64) -> Result<Box<dyn AsyncRead + Send + Unpin>, Reason> {
        opened(&self.core, &item.claim, offset).map_err(|(code, error)| failed(code, &*error))
    }

    async fn extend(&self, item: &Outgoing<Claim>) -> Result<(), Reason> {
        extended(&self.core, &item.claim)
            .then_some(())
            .ok_or_else(|| Reason::new(ErrorCode::LeaseLost, "the claim was taken over"))
    }

    async fn settle(&self, item: &Outgoing<Claim>, outcome: TransferOutcome) {
        self.record(&item.claim, &outcome).await;
    }
}
