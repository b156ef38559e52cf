//! A packet's way in: the steps of a real node's `intake::admit` and of its links' receiving half, in the same order and
//! with the same waits for the disk. Left out: reading the packet, signatures, quarantine, size limits.

use std::collections::BTreeSet;

use directory::RouteDecision;
use queue::{Accept, Accepted, Content, Document, EntryKind, Origin, Plan, RecipientPlan};
use types::{AgencyCode, BusinessType, ErrorCode, NeighbourId, NodeId, SystemId};

use super::core::{Core, Refused};
use super::tracking;
use crate::Sabotage;
use crate::packet::{Answer, Packet, Word};

/// Who brings a packet.
#[derive(Clone, Debug)]
pub(crate) enum Door {
    System(SystemId),
    Neighbour(NeighbourId),
}

impl Door {
    const fn neighbour(&self) -> Option<&NeighbourId> {
        match self {
            Self::System(_) => None,
            Self::Neighbour(from) => Some(from),
        }
    }
}

/// Decides about a neighbour's offer.
pub(crate) async fn offered(core: &Core, from: NeighbourId, packet: &Packet) -> Answer {
    match take(core, from, packet).await {
        Ok(receipt) => Answer::Accepted(receipt),
        Err(Refused(code)) => Answer::Refused(code),
    }
}

async fn take(core: &Core, from: NeighbourId, packet: &Packet) -> Result<Vec<u8>, Refused> {
    if packet.hops.contains(&core.id) {
        return Err(Refused(ErrorCode::LoopDetected));
    }
    if packet.kind == EntryKind::Receipt {
        return tracking::take_receipts(core, packet).await.map(|()| Vec::new());
    }
    if packet.kind == EntryKind::Document
        && let Some(receipt) = known(core, packet).await?
    {
        return Ok(receipt);
    }
    admit(core, packet, &Door::Neighbour(from)).await
}

/// The first receipt, when the same packet was accepted for all of these receivers.
async fn known(core: &Core, packet: &Packet) -> Result<Option<Vec<u8>>, Refused> {
    if core.sabotage == Some(Sabotage::NoDuplicateRecognition) {
        return Ok(None);
    }
    for seq in core.store.lookup(&packet.key)? {
        let document = core.store.document(seq)?;
        if document.exchange != packet.exchange || document.business != packet.business {
            continue;
        }
        let known: BTreeSet<AgencyCode> = tracking::codes_of(core, seq)?.into_iter().collect();
        if packet.recipients.iter().all(|code| known.contains(code)) {
            tracking::report_consignments(core, seq).await?;
            return Ok(Some(document.receipt));
        }
    }
    Ok(None)
}

/// Takes a packet in. Everything is on the disk when this returns.
pub(crate) async fn admit(core: &Core, packet: &Packet, door: &Door) -> Result<Vec<u8>, Refused> {
    let at = core.now();
    let mut recipients = Vec::new();
    for code in &packet.recipients {
        let resolved = core.directory.resolve(code.as_str(), at).map_err(|error| Refused(error.code()))?;
        let agency = &resolved.agency.code;
        let plan = match core.topology.route(&core.directory, agency, door.neighbour(), &packet.hops) {
            RouteDecision::Local { agency, .. } => Plan::Inbox(agency),
            RouteDecision::Neighbour { id, .. } => Plan::Hop(id),
            RouteDecision::Refused(refusal) => return Err(Refused(refusal.code())),
        };
        recipients.push(RecipientPlan { code: code.clone(), plan, evidence: None });
    }
    if let (Door::System(_), Some(about), true) = (door, &packet.about, packet.business != BusinessType::New)
        && core.store.lookup(about)?.is_empty()
    {
        return Err(Refused(ErrorCode::ReferenceUnknown));
    }
    let exchange = match door {
        Door::System(_) => core.new_exchange(),
        Door::Neighbour(_) => packet.exchange,
    };
    let acts = packet.acts();
    let local: Vec<AgencyCode> =
        recipients.iter().filter(|plan| matches!(plan.plan, Plan::Inbox(_))).map(|plan| plan.code.clone()).collect();
    let shared = core.receipt(Word::Consigned, exchange, local).to_bytes();
    for plan in recipients.iter_mut().filter(|plan| matches!(plan.plan, Plan::Inbox(_))) {
        // The store decides which receivers of an acting packet get it: none may share a receipt with one that does not.
        plan.evidence = Some(match acts.is_empty() {
            true => shared.clone(),
            false => core.receipt(Word::Consigned, exchange, vec![plan.code.clone()]).to_bytes(),
        });
    }
    let receipt = core.receipt(Word::Accepted, exchange, packet.recipients.clone()).to_bytes();
    let accept = Accept {
        exchange,
        kind: packet.kind,
        key: key_of(core, packet)?,
        business: packet.business,
        lane: packet.lane,
        due: packet.due,
        received_at: at,
        content: Content::Inline(packet.content.clone()),
        side: Content::Inline(Vec::new()),
        summary: packet.status.map(|status| vec![status.as_number()]).unwrap_or_default(),
        origin: origin(door),
        hops: packet.hops.clone(),
        about: packet.about.clone().filter(|_| core.sabotage != Some(Sabotage::IgnoresOrder)),
        recipients,
        receipt: receipt.clone(),
        answers: Vec::new(),
        acts,
        hold: None,
    };
    let (seq, receipt) = match core.store.accept(accept).await? {
        Accepted::New { seq } | Accepted::Extended { seq, .. } => (seq, receipt),
        Accepted::Duplicate { seq, receipt } => (seq, receipt),
        Accepted::Conflict { .. } => return Err(Refused(ErrorCode::DocumentConflict)),
    };
    // Before the answer, also for a repeat: a crash between the two is made good by the sender's next try.
    if packet.status.is_some() {
        tracking::record_status(core, packet, &receipt).await?;
    }
    tracking::report_consignments(core, seq).await?;
    Ok(receipt)
}

fn origin(door: &Door) -> Origin {
    match door {
        Door::System(system) => Origin::Local(system.clone()),
        Door::Neighbour(from) => Origin::Neighbour(from.clone()),
    }
}

/// The name under which the store recognises a repeat. Sabotaged, a repeat has a name of its own.
fn key_of(core: &Core, packet: &Packet) -> Result<queue::DocumentKey, Refused> {
    let mut key = packet.key.clone();
    if core.sabotage == Some(Sabotage::NoDuplicateRecognition)
        && !core.store.lookup(&key)?.is_empty()
        && let Ok(other) = format!("{}~{}", key.document_id, core.id()).parse()
    {
        key.document_id = other;
    }
    Ok(key)
}

/// The packet of a stored entry, for the recipients of a claim.
pub(crate) fn packet_of(core: &Core, document: &Document, recipients: Vec<AgencyCode>) -> Result<Packet, Refused> {
    let mut hops: Vec<NodeId> = document.hops.clone();
    hops.push(core.id.clone());
    Ok(Packet {
        exchange: document.exchange,
        kind: document.kind,
        key: document.key.clone(),
        business: document.business,
        lane: document.lane,
        due: document.due,
        status: document.summary.first().copied().and_then(types::StatusCode::from_number),
        content: content_of(core, document)?,
        about: document.about.clone(),
        recipients,
        hops,
    })
}

fn content_of(core: &Core, document: &Document) -> Result<Vec<u8>, Refused> {
    use std::io::Read as _;
    let mut content = Vec::new();
    let mut payload = core.store.open_payload(&document.content)?;
    payload.read_to_end(&mut content).map_err(|_| Refused(ErrorCode::StoreDamaged))?;
    Ok(content)
}
