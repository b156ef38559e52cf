//! Claims from the store for the axis, and what became of them.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use axis::connector::{Outbox, Outgoing, Reason, Room, SendOutcome, SentState};
use axis::{AxisCode, DocId, MessageType};
use evidence::{Notice, Peer, Receipt, ReceiptEvent, Recipients};
use queue::{Claim, EntryKind, Outcome, Recipient, Seq, Settlement};
use tokio::io::AsyncRead;
use tokio_util::sync::CancellationToken;
use types::{AgencyCode, ErrorCode, NeighbourId};

use super::follow_up::{self, FollowUp};
use crate::core::Core;
use crate::links::{extended, next_claims, opened};
use crate::reports;

/// Receivers that one receipt names, so that nodes before this one can tell whom it is about.
const NAMED_TOGETHER: usize = evidence::RECIPIENTS_LISTED_MAX;
/// Entries remembered as to be sent one receiver at a time; a forgotten one costs one more refusal.
const APART_MAX: usize = 10_000;

/// The sending half of the connection.
#[derive(Debug)]
pub(crate) struct Giving {
    core: Arc<Core>,
    id: NeighbourId,
    /// Entries of which the axis refused one receiver and with it all: their receivers travel one by one.
    apart: Mutex<BTreeSet<Seq>>,
    /// What the axis is asked about.
    follow_up: Mutex<FollowUp>,
}

/// A claim, and how many of its receivers this sending is for.
#[derive(Debug)]
pub(crate) struct Held {
    claim: Claim,
    together: usize,
}

impl Held {
    fn recipients(&self) -> impl Iterator<Item = &Recipient> {
        self.claim.recipients.iter().take(self.together)
    }

    fn outcomes(&self, outcome: impl Fn() -> Outcome) -> Vec<(u32, Outcome)> {
        self.recipients().map(|recipient| (recipient.index, outcome())).collect()
    }
}

impl Giving {
    pub(crate) fn new(core: Arc<Core>, id: NeighbourId) -> Self {
        Self { core, id, apart: Mutex::default(), follow_up: Mutex::default() }
    }

    fn outgoing(&self, claim: Claim) -> Outgoing<Held> {
        let document = &claim.document;
        let is_apart = self.apart.lock().unwrap_or_else(PoisonError::into_inner).contains(&document.seq);
        let together = if is_apart { 1 } else { claim.recipients.len() };
        Outgoing {
            lane: claim.lane,
            message_type: match document.kind {
                EntryKind::Document | EntryKind::Receipt => MessageType::Edoc,
                EntryKind::Status => MessageType::Status,
            },
            from: document.key.sender.to_string(),
            to: claim.recipients.iter().take(together).map(|recipient| recipient.code.to_string()).collect(),
            length: document.content.length,
            digest: document.content.digest,
            claim: Held { claim, together },
        }
    }

    /// Signed receipts about the receivers of a sending, each with the places it is about.
    async fn proofs(
        &self,
        held: &Held,
        event: ReceiptEvent,
        reference: Option<&DocId>,
        reason: Option<&Notice>,
    ) -> Vec<(Vec<u32>, Vec<u8>)> {
        let recipients: Vec<&Recipient> = held.recipients().collect();
        let at = crate::clock::now();
        let mut proofs = Vec::new();
        for together in recipients.chunks(NAMED_TOGETHER) {
            let codes: Vec<AgencyCode> = together.iter().map(|recipient| recipient.code.clone()).collect();
            let reference = reference.map(|doc_id| doc_id.as_str().into());
            let receipt = Receipt {
                event,
                peer: Some(Peer::External { system: self.id.clone(), reference }),
                reason: reason.cloned(),
                ..reports::about(&self.core, &held.claim.document, Recipients::new(&codes), at)
            };
            let signed = self.core.sign(&receipt).await.map(|signed| signed.to_bytes()).unwrap_or_else(|error| {
                tracing::error!(error = &error as &dyn std::error::Error, "a receipt could not be signed");
                Vec::new()
            });
            proofs.push((together.iter().map(|recipient| recipient.index).collect(), signed));
        }
        proofs
    }

    async fn outcomes(&self, held: &Held, outcome: SendOutcome) -> Vec<(u32, Outcome)> {
        let spread = |proofs: Vec<(Vec<u32>, Vec<u8>)>, make: &dyn Fn(Vec<u8>) -> Outcome| {
            proofs
                .into_iter()
                .flat_map(|(indexes, bytes)| indexes.into_iter().map(move |index| (index, bytes.clone())))
                .map(|(index, bytes)| (index, make(bytes)))
                .collect()
        };
        match outcome {
            SendOutcome::Delivered { doc_id } => {
                let proofs = self.proofs(held, ReceiptEvent::RelayToNonERDS, doc_id.as_ref(), None).await;
                spread(proofs, &|evidence| Outcome::Delivered { evidence })
            }
            SendOutcome::Refused { reason, .. } => {
                // What the axis calls final is final here, whatever this version thinks of the code.
                let code = if reason.code.is_retryable() { ErrorCode::PeerRefused } else { reason.code };
                let notice = Notice::new(code, &reason.text);
                let proofs = self.proofs(held, ReceiptEvent::RelayToNonERDSFailure, None, Some(&notice)).await;
                spread(proofs, &|evidence| Outcome::Refused { code, text: reason.text.clone(), evidence })
            }
            SendOutcome::Failed(reason) => {
                held.outcomes(|| Outcome::Failed { code: reason.code, text: reason.text.clone() })
            }
        }
    }

    /// Whether a refusal may be about one receiver only, and the others have to be tried without it.
    fn is_to_be_sent_apart(&self, held: &Held, outcome: &SendOutcome) -> bool {
        let SendOutcome::Refused { axis_code: Some(AxisCode::UnknownReceiver | AxisCode::ReceiverLocked), .. } =
            outcome
        else {
            return false;
        };
        if held.together < 2 {
            return false;
        }
        let mut apart = self.apart.lock().unwrap_or_else(PoisonError::into_inner);
        if apart.len() >= APART_MAX {
            apart.pop_first();
        }
        apart.insert(held.claim.document.seq);
        true
    }

    /// Ends what cannot travel there: receipts, claimed for a neighbour that was a node once.
    async fn drop_receipts(&self, claims: Vec<Claim>) -> Vec<Outgoing<Held>> {
        let mut ready = Vec::with_capacity(claims.len());
        for claim in claims {
            let item = self.outgoing(claim);
            if item.claim.claim.document.kind == EntryKind::Receipt {
                let outcomes = item.claim.outcomes(|| Outcome::Delivered { evidence: Vec::new() });
                self.record(&item.claim, outcomes).await;
            } else {
                ready.push(item);
            }
        }
        ready
    }

    async fn record(&self, held: &Held, outcomes: Vec<(u32, Outcome)>) {
        let fence = held.claim.fence.clone();
        let settlement = Settlement { fence, now: crate::clock::now(), outcomes };
        if let Err(error) = self.core.store.settle(vec![settlement]).await {
            tracing::error!(
                peer.id = %self.id,
                error.code = %error.code(),
                error = &error as &dyn std::error::Error,
                "an outcome could not be recorded; the transmission is repeated after its lease"
            );
        }
    }
}

#[async_trait]
impl Outbox for Giving {
    type Claim = Held;

    async fn next(&self, room: Room, stop: &CancellationToken) -> Vec<Outgoing<Held>> {
        loop {
            let claims = next_claims(&self.core, &self.id, room.items, room.lane_min, stop).await;
            if claims.is_empty() {
                return Vec::new();
            }
            let ready = self.drop_receipts(claims).await;
            if !ready.is_empty() {
                return ready;
            }
        }
    }

    async fn open(&self, item: &Outgoing<Held>) -> Result<Box<dyn AsyncRead + Send + Unpin>, Reason> {
        opened(&self.core, &item.claim.claim, 0).map_err(|(code, error)| {
            tracing::error!(error.code = %code, error = &*error as &dyn std::error::Error, "an entry cannot be sent");
            Reason::new(code, "the entry cannot be read")
        })
    }

    async fn extend(&self, item: &Outgoing<Held>) -> Result<(), Reason> {
        extended(&self.core, &item.claim.claim)
            .then_some(())
            .ok_or_else(|| Reason::new(ErrorCode::LeaseLost, "the claim was taken over"))
    }

    async fn settle(&self, item: &Outgoing<Held>, outcome: SendOutcome) {
        let held = &item.claim;
        // A stop is no attempt, nor is a refusal that may be another receiver's: the item is free again at once.
        let is_stop = matches!(&outcome, SendOutcome::Failed(reason) if reason.code == ErrorCode::ShuttingDown);
        if is_stop || self.is_to_be_sent_apart(held, &outcome) {
            return self.core.store.give_up(std::slice::from_ref(&held.claim.fence));
        }
        let outcomes = self.outcomes(held, outcome).await;
        self.record(held, outcomes).await;
    }
    async fn unconfirmed(&self, max: usize) -> Vec<(DocId, MessageType)> {
        self.follow_up.lock().unwrap_or_else(PoisonError::into_inner).next(&self.core, &self.id, max)
    }

    async fn sent_state(&self, state: SentState) {
        let entry = self.follow_up.lock().unwrap_or_else(PoisonError::into_inner).entry(&state.doc_id);
        let Some(seq) = entry else { return };
        if let Err(refused) = follow_up::keep(&self.core, seq, &state).await {
            tracing::error!(doc.id = %state.doc_id, error.code = %refused.code, detail = refused.detail, "the axis's word is not kept");
        }
    }
}
