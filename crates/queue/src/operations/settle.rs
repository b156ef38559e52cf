//! Recording what became of a claim.

use delivery::Event;

use crate::batch::Tx;
use crate::deliveries::{self, EVIDENCE_MAX, too_large};
use crate::entry_state::Entry;
use crate::leases::TransmissionLease;
use crate::shared::locked;
use crate::{EventKind, Outcome, Settled, Settlement, StoreError, TrackEvent, queue_order};

/// Refuses what can be told without looking at the store.
pub(crate) fn check(settlements: &[Settlement]) -> Result<(), StoreError> {
    let outcomes = settlements.iter().flat_map(|settlement| &settlement.outcomes);
    match outcomes.map(|(_, outcome)| evidence(outcome).len()).find(|length| *length > EVIDENCE_MAX) {
        Some(length) => Err(too_large("the evidence", length, EVIDENCE_MAX)),
        None => Ok(()),
    }
}

/// Bytes that the request holds in memory.
pub(crate) fn cost(settlements: &[Settlement]) -> usize {
    let outcomes = settlements.iter().flat_map(|settlement| &settlement.outcomes);
    outcomes.map(|(_, outcome)| evidence(outcome).len() + 128).sum()
}

fn evidence(outcome: &Outcome) -> &[u8] {
    match outcome {
        Outcome::Delivered { evidence } | Outcome::Refused { evidence, .. } => evidence,
        Outcome::Failed { .. } => &[],
    }
}

/// Runs within a batch.
pub(crate) fn settle(tx: &mut Tx<'_>, settlements: Vec<Settlement>) -> Result<Vec<Settled>, StoreError> {
    settlements.into_iter().map(|settlement| settle_one(tx, settlement)).collect()
}

fn settle_one(tx: &mut Tx<'_>, settlement: Settlement) -> Result<Settled, StoreError> {
    let Settlement { fence, now, outcomes } = settlement;
    let (seq, hop) = (fence.seq.as_number(), fence.hop.as_str());
    let lease = locked(&tx.shared.transmissions).held(&fence).cloned();
    let Some(lease) = lease else { return Ok(Settled::Stale) };
    if tx.has_released(seq, hop) || queue_order::Transmission::load(tx, seq, hop)?.is_none() {
        return Ok(Settled::Stale);
    }
    let mut entry = Entry::load(tx, seq)?;
    let mut changes = Vec::new();
    for (index, outcome) in outcomes {
        if entry.plan(tx, index)?.hop != hop {
            continue;
        }
        attempts(tx, &mut entry, index, &lease)?;
        let before = entry.delivery(tx, index)?;
        let (event, track) = events(outcome, now);
        // A neighbour that is down for days would otherwise leave an event per attempt.
        let is_news = track.kind != EventKind::Failed || before.code() != track.code;
        if is_news && !before.state().is_final() {
            deliveries::append(tx, &mut entry, index, track)?;
        }
        changes.extend(deliveries::step(tx, &mut entry, index, event, now)?);
    }
    tx.effects.released.insert((seq, hop.to_owned()), Some(fence.number));
    let due_at = queue_order::refresh(tx, &mut entry, hop)?;
    if changes.iter().any(|change| change.state.is_final()) {
        deliveries::note_if_settled(tx, &mut entry, now)?;
    }
    Ok(Settled::Done { changes, due_at })
}

/// The attempts that only the lease knew of: those whose time ran out, then the one that brought this outcome.
fn attempts(tx: &mut Tx<'_>, entry: &mut Entry, index: u32, lease: &TransmissionLease) -> Result<(), StoreError> {
    for lapsed in &lease.lapsed {
        let claimed = Event::Claimed { until: lapsed.until };
        deliveries::step(tx, entry, index, claimed, lapsed.claimed_at)?;
        deliveries::step(tx, entry, index, Event::LeaseExpired, lapsed.until)?;
    }
    let claimed = Event::Claimed { until: lease.current.until };
    deliveries::step(tx, entry, index, claimed, lease.current.claimed_at).map(drop)
}

fn events(outcome: Outcome, now: types::UnixMillis) -> (Event, TrackEvent) {
    match outcome {
        Outcome::Delivered { evidence } => {
            let event = deliveries::event(now, EventKind::Delivered, None);
            (Event::Consigned, TrackEvent { evidence, ..event })
        }
        Outcome::Refused { code, text, evidence } => {
            let event = deliveries::event(now, EventKind::Refused, Some(code));
            (Event::Refused { code }, TrackEvent { text, evidence, ..event })
        }
        Outcome::Failed { code, text } => {
            let event = deliveries::event(now, EventKind::Failed, Some(code));
            (Event::Failed { code }, TrackEvent { text, ..event })
        }
    }
}
