//! The last step in: one acceptance in the store, and the signed receipt that may leave after it.

use evidence::{
    ContentFacts, DocumentFacts, Notice, Peer, Receipt, ReceiptEvent, Recipients, SignedReceipt, UnsignedReceipt,
};
use prost::Message as _;
use queue::{Accept, Accepted, Content, DocumentKey, EntryKind, Hold, Plan, RecipientPlan, Seq};
use types::{AgencyCode, BusinessType, ErrorCode, ExchangeId, PacketKind, UnixMillis};

use super::sender::check_sender;
use super::{Acts, Arrival, Door, Facts, Received, Refused, Routing, Verdict};
use crate::core::{Core, new_exchange, new_receipt};
use crate::record::{AttachmentPlace, Side, Summary};
use crate::{quarantine, tracking};

/// Codes that one consignment receipt names; all receivers of the batch share it.
const CONSIGNED_TOGETHER: usize = evidence::RECIPIENTS_LISTED_MAX;

/// A packet that the node answers for.
#[derive(Debug)]
pub(crate) struct Admitted {
    /// The exchange.
    pub(crate) exchange: ExchangeId,
    /// What it is.
    pub(crate) facts: Facts,
    /// The packet's digest and length.
    pub(crate) content: ContentFacts,
    /// When it was accepted.
    pub(crate) at: UnixMillis,
    /// The first receipt, in its stored form.
    pub(crate) receipt: Vec<u8>,
    /// Whether it had been accepted before.
    pub(crate) repeat: Repeat,
    /// Where each receiver's copy goes.
    pub(crate) routing: Routing,
    /// How its signatures were checked.
    pub(crate) verdict: Verdict,
    /// What the sender should know.
    pub(crate) warnings: Vec<Notice>,
}

/// Whether a packet was known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// It is new here.
    First,
    /// It was accepted before with the same content.
    Known,
}

/// Checks a packet that was read, and takes it in. Everything is on disk when this returns.
///
/// # Errors
/// A refusal in the sender's terms; nothing of the packet is kept then.
pub(crate) async fn admit(core: &Core, received: Received, arrival: Arrival) -> Result<Admitted, Refused> {
    let at = crate::clock::now();
    let facts = Facts::of(&received.packet)?;
    check_sender(core, &facts, &arrival.door, at)?;
    let acts = Acts::of(&received.packet, &facts)?;
    let to = receivers(core, &facts, &acts, &arrival)?;
    check_reference(core, &facts, &acts, &arrival.door)?;
    let routing = Routing::of(core, &to, &arrival.door, at);
    if let Some(refused) = routing.refusal() {
        // A sender's software gets a packet with a wrong receiver back whole; over a link the others go on.
        if arrival.door.system().is_some() || routing.routed.is_empty() {
            return Err(refused);
        }
    }
    // Last, because it costs most: a packet that is refused for anything else is not looked into.
    let verdict = Verdict::of(core, &arrival, &facts, &received, at).await?;
    // The check may have taken its time; what is stated from here on is of the acceptance.
    let at = crate::clock::now();
    let content = ContentFacts { length: received.staged.length(), sha256: received.staged.digest() };
    let exchange = match &arrival.door {
        // The same packet may come once more for further receivers: it stays one exchange.
        Door::System(_) if arrival.to.is_some() => exchange_of(core, &facts, &content)?.unwrap_or_else(new_exchange),
        Door::System(_) => new_exchange(),
        Door::Neighbour { offer, .. } => offer.exchange_id,
        Door::Axis { exchange, .. } => *exchange,
    };
    let hold = verdict.waits_for().map(|(code, text)| quarantine::hold(core, code, text, at));
    let held = hold.as_ref().map(|_| quarantine::notice());
    let warnings = held.into_iter().chain(verdict.notices()).chain(routing.warnings.iter().cloned()).collect();
    let draft = Draft { exchange, facts, acts, content, at, routing, verdict, hold, warnings };
    draft.commit(core, received, arrival).await
}

/// Who gets it: over a link, those that the offer or the axis's list names; of a take-back, those who got the document;
/// of a document those in `To`, and those whom its changes concern.
fn receivers(core: &Core, facts: &Facts, acts: &Acts, arrival: &Arrival) -> Result<Vec<AgencyCode>, Refused> {
    match &arrival.door {
        Door::Neighbour { offer, .. } => return Ok(offer.recipients.clone()),
        Door::Axis { to, .. } => return Ok(to.clone()),
        Door::System(_) => {}
    }
    // Whom a status goes to follows from its document: a list beside it may be left from an earlier call.
    let (Some(status), Some(about)) = (facts.status, &facts.about) else {
        let to = arrival.to.as_ref().filter(|_| facts.status.is_none()).unwrap_or(&facts.to);
        return Ok(to.iter().cloned().chain(acts.reach(core)?).collect());
    };
    match (status.is_from_sender(), about.sender == facts.sender) {
        (false, false) => Ok(facts.to.clone()),
        (true, true) => tracking::recipients_of(core, about)?.ok_or_else(|| unknown(about)),
        (true, false) => Err(misreported(facts, "only the document's sender takes it back")),
        // An agency that sent a document to itself too reports on it like any other receiver.
        (false, true) => match tracking::recipients_of(core, about)? {
            Some(codes) if codes.contains(&facts.sender) => Ok(facts.to.clone()),
            Some(_) | None => Err(misreported(facts, "only a receiver reports it")),
        },
    }
}

/// The exchange of a document that was accepted before.
fn exchange_of(core: &Core, facts: &Facts, content: &ContentFacts) -> Result<Option<ExchangeId>, Refused> {
    let key = DocumentKey { sender: facts.sender.clone(), document_id: facts.document_id.clone() };
    for seq in core.store.lookup(&key)? {
        let known = core.store.document(seq)?;
        let is_same = known.kind == EntryKind::Document && known.business == facts.business;
        if is_same && known.content.digest == content.sha256 {
            return Ok(Some(known.exchange));
        }
    }
    Ok(None)
}

fn misreported(facts: &Facts, who: &str) -> Refused {
    let status = facts.status.map(|status| status.to_string()).unwrap_or_default();
    let detail = format!("{} may not report status {status} of this document: {who}", facts.sender);
    Refused::new(ErrorCode::InvalidElement, detail).at("StatusCode")
}

/// A revocation, update or replacement acts on documents that this node knows, when it is the first node.
fn check_reference(core: &Core, facts: &Facts, acts: &Acts, door: &Door) -> Result<(), Refused> {
    if facts.business == BusinessType::New || door.system().is_none() {
        return Ok(());
    }
    let Some(about) = &facts.about else {
        let detail = "a revocation, update or replacement names the earlier document in Bussiness/DocumentId";
        return Err(Refused::new(ErrorCode::MissingElement, detail).at("Bussiness/DocumentId"));
    };
    if about.sender != facts.sender {
        let detail = format!("{} acts on a document of {}", facts.sender, about.sender);
        return Err(Refused::new(ErrorCode::ReferenceUnknown, detail).at("Bussiness/DocumentId"));
    }
    for earlier in acts.earlier() {
        if core.store.lookup(earlier)?.is_empty() {
            return Err(unknown(earlier));
        }
    }
    Ok(())
}

fn unknown(about: &DocumentKey) -> Refused {
    let detail = format!("document {:?} of {} is not known here", about.document_id.as_str(), about.sender);
    Refused::new(ErrorCode::ReferenceUnknown, detail)
}

/// Everything decided, nothing written.
struct Draft {
    exchange: ExchangeId,
    facts: Facts,
    acts: Acts,
    content: ContentFacts,
    at: UnixMillis,
    routing: Routing,
    verdict: Verdict,
    hold: Option<Hold>,
    warnings: Vec<Notice>,
}

impl Draft {
    async fn commit(self, core: &Core, received: Received, arrival: Arrival) -> Result<Admitted, Refused> {
        let Signed { acceptance: receipt, plans: recipients } = self.sign(core, &arrival.door).await?;
        let side = Side {
            envelope: arrival.envelope,
            attachments: AttachmentPlace::of(&received),
            hops: arrival.door.hop_times(),
            ..self.verdict.side(&received)
        };
        let accept = Accept {
            exchange: self.exchange,
            kind: match self.facts.kind {
                PacketKind::Document => EntryKind::Document,
                PacketKind::Status => EntryKind::Status,
            },
            key: DocumentKey { sender: self.facts.sender.clone(), document_id: self.facts.document_id.clone() },
            business: self.facts.business,
            lane: self.facts.lane,
            due: self.facts.due,
            received_at: self.at,
            summary: Summary::of(&received.packet).judged(&self.verdict.report).encode_to_vec(),
            content: Content::Staged(received.staged),
            side: Content::Inline(side.encode_to_vec()),
            origin: arrival.door.origin(),
            hops: arrival.door.hops(),
            about: self.facts.about.clone(),
            recipients,
            receipt: receipt.to_bytes(),
            answers: Vec::new(),
            acts: self.acts.to_store(&self.facts, self.exchange),
            hold: self.hold.clone(),
        };
        let accepted = core.store.accept(accept).await.map_err(|error| quarantine::refused(core, error))?;
        self.accepted(core, accepted, &receipt, &arrival.door).await
    }

    async fn accepted(
        self,
        core: &Core,
        accepted: Accepted,
        receipt: &SignedReceipt,
        door: &Door,
    ) -> Result<Admitted, Refused> {
        // Nobody but its sender here is told of what a system brought.
        let is_known_by_all = door.system().is_some() && matches!(accepted, Accepted::New { .. });
        let (seq, receipt, repeat) = match accepted {
            Accepted::New { seq } | Accepted::Extended { seq, .. } => (seq, receipt.to_bytes(), Repeat::First),
            Accepted::Duplicate { seq, receipt } => (seq, receipt, Repeat::Known),
            Accepted::Conflict { existing, .. } => {
                let detail = format!(
                    "{:?} of {} was accepted before with other content (SHA-256 {existing})",
                    self.facts.document_id.as_str(),
                    self.facts.sender
                );
                return Err(Refused::new(ErrorCode::DocumentConflict, detail).at("DocumentId"));
            }
        };
        // Before the answer, also for a repeat: a crash between the two is made good by the sender's next try. One in
        // quarantine is recorded when it leaves it.
        if self.facts.status.is_some() && core.store.document(seq)?.held_from.is_none() {
            tracking::record_status(core, &self.facts, &receipt, self.at).await?;
        }
        if !is_known_by_all {
            tracking::report_consignments(core, seq).await?;
        }
        let (exchange, at) = self.first(core, seq, repeat)?;
        let Self { facts, content, routing, verdict, warnings, .. } = self;
        Ok(Admitted { exchange, facts, content, at, receipt, repeat, routing, verdict, warnings })
    }

    /// Exchange and time of the acceptance; of a repeat, those of the first one.
    fn first(&self, core: &Core, seq: Seq, repeat: Repeat) -> Result<(ExchangeId, UnixMillis), Refused> {
        match repeat {
            Repeat::First => Ok((self.exchange, self.at)),
            Repeat::Known => {
                let document = core.store.document(seq)?;
                Ok((document.exchange, document.received_at))
            }
        }
    }

    fn acceptance(&self, core: &Core, door: &Door) -> Result<UnsignedReceipt, Refused> {
        let codes: Vec<AgencyCode> = self.routing.routed.iter().map(|routed| routed.code.clone()).collect();
        let (event, peer) = match door {
            Door::System(caller) => (ReceiptEvent::SubmissionAcceptance, Peer::System(caller.system.clone())),
            Door::Neighbour { id, .. } => (ReceiptEvent::RelayAcceptance, tracking::peer_of(id)),
            Door::Axis { id, doc_id, .. } => {
                let reference = Some(doc_id.as_str().into());
                (ReceiptEvent::ReceivedFromNonERDS, Peer::External { system: id.clone(), reference })
            }
        };
        Ok(UnsignedReceipt::of(&self.receipt(core, event, &codes, Some(peer), None))?)
    }

    fn receipt(
        &self,
        core: &Core,
        event: ReceiptEvent,
        codes: &[AgencyCode],
        peer: Option<Peer>,
        previous: Option<types::Digest>,
    ) -> Receipt {
        Receipt {
            event,
            id: new_receipt(),
            exchange: self.exchange,
            node: core.node.clone(),
            at: self.at,
            document: Some(DocumentFacts {
                sender: self.facts.sender.clone(),
                document_id: self.facts.document_id.clone(),
                kind: self.facts.kind,
                business_type: self.facts.business,
            }),
            content: Some(self.content),
            manifest: self.verdict.manifest,
            signature: self.verdict.signature,
            recipients: Recipients::new(codes),
            peer,
            reason: None,
            verdict: self.verdict.indication,
            report: Some(self.verdict.digest()),
            warnings: self.warnings.iter().take(evidence::WARNINGS_MAX).cloned().collect(),
            previous,
        }
    }

    /// Signs the acceptance and, with it, the ContentConsignment of the receivers with an inbox here: one wait for the key.
    async fn sign(&self, core: &Core, door: &Door) -> Result<Signed, Refused> {
        let is_local = |plan: &Plan| matches!(plan, Plan::Inbox(_));
        let (local, onward): (Vec<_>, Vec<_>) = self.routing.routed.iter().partition(|routed| is_local(&routed.plan));
        // The store decides which receivers of an acting packet get it: none may share a receipt with one that does not.
        let together = if self.acts.is_empty() { CONSIGNED_TOGETHER } else { 1 };
        let acceptance = self.acceptance(core, door)?;
        let mut receipts = vec![acceptance.clone()];
        for together in local.chunks(together) {
            let codes: Vec<AgencyCode> = together.iter().map(|routed| routed.code.clone()).collect();
            let previous = Some(acceptance.digest());
            let receipt = self.receipt(core, ReceiptEvent::ContentConsignment, &codes, None, previous);
            receipts.push(UnsignedReceipt::of(&receipt)?);
        }
        let mut signed = core.sign_all(receipts).await?.into_iter();
        let acceptance = signed.next().ok_or_else(|| Refused::new(ErrorCode::Internal, "no receipt was signed"))?;
        let mut plans: Vec<RecipientPlan> = onward.into_iter().map(|routed| routed.to_plan(None)).collect();
        for (together, consignment) in local.chunks(together).zip(signed) {
            let consignment = consignment.to_bytes();
            plans.extend(together.iter().map(|routed| routed.to_plan(Some(consignment.clone()))));
        }
        Ok(Signed { acceptance, plans })
    }
}

/// What a document's acceptance needs of the key.
struct Signed {
    acceptance: SignedReceipt,
    /// The plan of each receiver, with its receipt where there is one.
    plans: Vec<RecipientPlan>,
}
