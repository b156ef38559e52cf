//! Where a sent document is, receiver by receiver, and the receipts that prove it.

use delivery::State;
use evidence::SignedReceipt;
use gateway::{Caller, Refusal};
use queue::{Document, DocumentKey, EntryKind, Origin, RecipientTrack};
use types::{AgencyCode, DocumentId, ErrorCode, UnixMillis};
use wire::exchange_v1::{
    ListReceiptsRequest, ListReceiptsResponse, RecipientTracking, TrackDocumentRequest, TrackDocumentResponse,
};
use wire::timestamp;

use super::{Desk, refusal, view};
use crate::intake::route_text;
use crate::{deadlines, quarantine, stamping, tracking};

/// Receivers read at a time.
const PAGE: usize = 256;

impl Desk {
    /// Tracks a document by exchange, or by sender and document id.
    pub(super) fn track(
        &self,
        caller: &Caller,
        request: &TrackDocumentRequest,
    ) -> Result<TrackDocumentResponse, Refusal> {
        let document = if request.exchange_id.is_empty() {
            let sender = Self::agency(caller, &request.sender)?;
            self.by_name(sender, wire::required("documentId", &request.document_id)?)?
        } else {
            self.find_document(caller, wire::required("exchangeId", &request.exchange_id)?)?
        };
        let only: Option<AgencyCode> = match request.recipient.as_str() {
            "" => None,
            text => Some(
                text.parse()
                    .or_else(|_| AgencyCode::opaque(text))
                    .map_err(|error| Refusal::field("recipient", error))?,
            ),
        };
        let mut recipients = Vec::new();
        let mut from = Some(0);
        while let Some(start) = from {
            let page = self.core.store.track(document.seq, start, PAGE).map_err(refusal)?;
            from = page.next;
            let wanted =
                page.recipients.iter().filter(|track| only.as_ref().is_none_or(|code| *code == track.recipient.code));
            recipients.extend(wanted.map(|track| self.recipient(&document, track)));
        }
        let signature_report = self.core.side(&document).map_err(refusal)?.report;
        let is_sender = matches!(document.origin, Origin::Local(_)) && caller.speaks_for(&document.key.sender);
        let quarantine = match is_sender {
            true => quarantine::shown(&self.core, &document).map_err(refusal)?,
            false => None,
        };
        let document = Some(view::summary(&self.core, &document).map_err(refusal)?);
        Ok(TrackDocumentResponse { document, recipients, signature_report, quarantine })
    }

    /// The last packet that the sender gave this name.
    fn by_name(&self, sender: AgencyCode, document_id: DocumentId) -> Result<Document, Refusal> {
        let unknown = Refusal::new(ErrorCode::NotFound, "no such document of this sender").about(document_id.as_str());
        let seqs = self.core.store.lookup(&DocumentKey { sender, document_id }).map_err(refusal)?;
        for seq in seqs.into_iter().rev() {
            let document = self.core.store.document(seq).map_err(refusal)?;
            if document.kind == EntryKind::Document {
                return Ok(document);
            }
        }
        Err(unknown)
    }

    fn recipient(&self, document: &Document, track: &RecipientTrack) -> RecipientTracking {
        let recipient = &track.recipient;
        let directory = self.core.directory.load();
        let waits = recipient.delivery.state() == State::Waiting && !recipient.is_held;
        let next = recipient.delivery.wake_at().filter(|_| waits && matches!(recipient.plan, queue::Plan::Hop(_)));
        RecipientTracking {
            code: recipient.code.to_string(),
            name: directory.find(&recipient.code).map(|agency| agency.name.to_string()).unwrap_or_default(),
            state: view::state(recipient, &track.events).into(),
            route: route_text(&recipient.plan),
            attempts: recipient.delivery.attempts(),
            next_attempt_at: next.map(timestamp),
            expected_at: self.expected(document, track).map(timestamp),
            events: view::timeline(&track.events, self.core.node.as_str()),
        }
    }

    fn expected(&self, document: &Document, track: &RecipientTrack) -> Option<UnixMillis> {
        let hop = deadlines::waits_for(&track.recipient)?;
        deadlines::expected(&self.core, &self.links, hop, document.lane, crate::clock::now())
    }

    /// Every receipt kept with a document.
    pub(super) fn receipts(
        &self,
        caller: &Caller,
        request: &ListReceiptsRequest,
    ) -> Result<ListReceiptsResponse, Refusal> {
        let document = self.find_document(caller, wire::required("exchangeId", &request.exchange_id)?)?;
        let (mut receipts, mut time_proofs) = (Vec::new(), Vec::new());
        for kept in self.core.store.receipts(document.seq).map_err(refusal)? {
            let signed = SignedReceipt::from_bytes(&kept.bytes)
                .map_err(|error| Refusal::new(ErrorCode::StoreDamaged, error.to_string()))?;
            let receipt = tracking::to_wire(&signed);
            if !receipts.contains(&receipt) {
                time_proofs.extend(stamping::proof(&self.core, receipts.len(), &signed));
                receipts.push(receipt);
            }
        }
        Ok(ListReceiptsResponse { receipts, time_proofs })
    }
}
