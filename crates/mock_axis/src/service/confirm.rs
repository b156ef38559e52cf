//! `updateStatus`: where a receiver's software is with a packet.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use axis::{Caller, DocId, Failure, TransferState};
use queue::{Confirm, Confirmed, EventKind, Plan, Recipient, Seq, TrackEvent};
use types::{AgencyCode, ErrorCode};

use super::{Axis, Id};
use crate::clock;
use crate::intake::store_failure;
use crate::system::System;

/// Confirmed packets remembered per system, for the fault that delivers them again.
const REPEATS_MAX: usize = 200;

/// What was confirmed lately, by system.
#[derive(Debug, Default)]
pub(crate) struct Repeats(BTreeMap<String, VecDeque<(Seq, u32)>>);

impl Repeats {
    fn add(&mut self, system: &str, seq: Seq, index: u32) {
        let known = self.0.entry(system.to_owned()).or_default();
        known.push_back((seq, index));
        if known.len() > REPEATS_MAX {
            known.pop_front();
        }
    }

    pub(super) fn of(&self, system: &str) -> Vec<(Seq, u32)> {
        self.0.get(system).map(|known| known.iter().copied().collect()).unwrap_or_default()
    }
}

/// A packet at one of its receivers, in an inbox of the caller.
pub(super) struct Found {
    pub(super) seq: Seq,
    pub(super) recipient: Recipient,
    pub(super) inbox: AgencyCode,
}

pub(super) fn unknown(doc_id: &DocId) -> Failure {
    Failure::of(ErrorCode::NotFound, &format!("docId {doc_id}"))
}

/// The packet with this receiver's id. Blocking.
pub(super) fn find(axis: &Axis, system: &System, doc_id: &DocId) -> Result<Found, Failure> {
    let Ok(Id { exchange, receiver: Some(index) }) = doc_id.as_str().parse() else { return Err(unknown(doc_id)) };
    let entries = axis.store.by_exchange(exchange).map_err(|error| store_failure(&error))?;
    let seq = *entries.first().ok_or_else(|| unknown(doc_id))?;
    let recipients = axis.store.recipients(seq, index, 1).map_err(|error| store_failure(&error))?;
    let recipient = recipients.into_iter().next().ok_or_else(|| unknown(doc_id))?;
    let Plan::Inbox(inbox) = recipient.plan.clone() else { return Err(unknown(doc_id)) };
    if Axis::inboxes(system).contains(&inbox) {
        return Ok(Found { seq, recipient, inbox });
    }
    Err(unknown(doc_id))
}

/// Notes the state; `done` takes the packet off the list. On disk when this returns.
pub(super) async fn update(
    axis: &Arc<Axis>,
    caller: &Caller,
    found: Found,
    state: TransferState,
) -> Result<(), Failure> {
    let Found { seq, recipient, inbox } = found;
    if recipient.delivery.state().is_final() {
        return Ok(());
    }
    if state != TransferState::Done {
        let event = TrackEvent {
            at: clock::now(),
            kind: EventKind::Ordered,
            code: None,
            text: state.as_str().to_owned(),
            evidence: Vec::new(),
            flagged: false,
        };
        return match axis.store.record_event(seq, recipient.code, event).await {
            // A receiver that cannot decide fills its timeline: the state it is in by then stays.
            Err(error) if error.code() == ErrorCode::LimitExceeded => Ok(()),
            other => other.map_err(|error| store_failure(&error)),
        };
    }
    let item = recipient.item.ok_or_else(|| Failure::of(ErrorCode::NotFound, "docId"))?;
    let confirm = Confirm { agency: inbox, item, token: None, now: clock::now(), evidence: Vec::new() };
    if axis.store.confirm(confirm).await.map_err(|error| store_failure(&error))? == Confirmed::Now {
        axis.repeats().add(&caller.system, seq, recipient.index);
    }
    Ok(())
}
