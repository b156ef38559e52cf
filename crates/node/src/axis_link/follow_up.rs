//! What the axis says of packets that it took: asked for until the receiver's software has them, and kept as its word.
//!
//! Nothing is kept beside the store: what is still to be asked about is read off the documents' own events, so that a
//! restart forgets none. The axis's word is unsigned; a status packet of the receiver outweighs it.

use std::collections::BTreeMap;
use std::time::Duration;

use axis::connector::SentState;
use axis::{DocId, MessageType};
use delivery::State;
use evidence::{Peer, SignedReceipt};
use queue::{Cursor, EntryKind, EventKind, Plan, Query, RecipientTrack, Seq, TrackEvent};
use types::{AgencyCode, NeighbourId, UnixMillis};

use crate::core::Core;
use crate::intake::Refused;
use crate::tracking;

/// How long after its acceptance a packet is asked about.
const ASKED_FOR: Duration = Duration::from_secs(7 * 24 * 3600);
/// Entries read at a time.
const PAGE: usize = 100;
/// Pages looked at in one round; the next round goes on from there.
const PAGES_MAX: usize = 10;
/// Characters kept of the axis's description.
const WORDS_MAX: usize = 200;
/// The axis's word for a packet that the receiver's software has.
const DONE: &str = "done";

/// Where the walk through what was sent stands, and what it asks about at the moment.
#[derive(Debug, Default)]
pub(super) struct FollowUp {
    cursor: Option<Cursor>,
    asked: BTreeMap<DocId, Seq>,
}

impl FollowUp {
    /// The next packets to ask about, at most `max`; begins again with the latest after the oldest.
    pub(super) fn next(&mut self, core: &Core, axis: &NeighbourId, max: usize) -> Vec<(DocId, MessageType)> {
        self.asked.clear();
        for _ in 0..PAGES_MAX {
            match self.page(core, axis) {
                Ok(()) if self.cursor.is_some() && self.asked.len() < max => {}
                Ok(()) => break,
                Err(refused) => {
                    tracing::error!(error.code = %refused.code, detail = refused.detail, "what was sent cannot be read");
                    break;
                }
            }
        }
        self.asked.keys().take(max).map(|doc_id| (doc_id.clone(), MessageType::Edoc)).collect()
    }

    fn page(&mut self, core: &Core, axis: &NeighbourId) -> Result<(), Refused> {
        let query = Query { kind: Some(EntryKind::Document), from: Some(since()), ..Query::default() };
        let page = core.store.list(&query, self.cursor.as_ref(), PAGE)?;
        self.cursor = page.next;
        for row in page.rows {
            let mut from = Some(0);
            while let Some(start) = from {
                let tracking = core.store.track(row.document.seq, start, PAGE)?;
                from = tracking.next;
                let open = tracking.recipients.iter().filter_map(|track| unsettled(track, axis));
                self.asked.extend(open.map(|doc_id| (doc_id, row.document.seq)));
            }
        }
        Ok(())
    }

    /// The entry that an answer is about.
    pub(super) fn entry(&self, doc_id: &DocId) -> Option<Seq> {
        self.asked.get(doc_id).copied()
    }
}

fn since() -> UnixMillis {
    let millis = u64::try_from(ASKED_FOR.as_millis()).unwrap_or(u64::MAX);
    UnixMillis::new(crate::clock::now().as_millis().saturating_sub(millis))
}

/// The axis's id of what it took for this receiver, while neither it nor the receiver has told the end.
fn unsettled(track: &RecipientTrack, axis: &NeighbourId) -> Option<DocId> {
    let recipient = &track.recipient;
    let is_there = recipient.delivery.state() == State::Delivered;
    let is_behind = matches!(&recipient.plan, Plan::Hop(hop) if hop == axis);
    let is_told = track.events.iter().any(|event| match event.kind {
        EventKind::Status(_) => true,
        EventKind::Reported => event.text.split(':').next() == Some(DONE),
        _ => false,
    });
    if !is_there || !is_behind || is_told {
        return None;
    }
    track.events.iter().rev().find_map(reference)
}

/// The axis's id of a transfer, of a receipt that names one.
fn reference(event: &TrackEvent) -> Option<DocId> {
    let receipt = SignedReceipt::from_bytes(&event.evidence).ok()?.receipt().ok()?;
    match receipt.peer? {
        Peer::External { reference, .. } => reference?.parse().ok(),
        Peer::System(_) | Peer::Node(_) => None,
    }
}

/// Keeps the axis's word about one receiver, once per change.
pub(super) async fn keep(core: &Core, seq: Seq, state: &SentState) -> Result<(), Refused> {
    let word = state.state.trim();
    if word.is_empty() || word == "initial" {
        return Ok(());
    }
    let Ok(code) = state.receiver.parse().or_else(|_| AgencyCode::opaque(&state.receiver)) else { return Ok(()) };
    let Some(events) = tracking::events_of(core, seq, &code)? else { return Ok(()) };
    let text = match state.description.trim() {
        "" => word.to_owned(),
        description => format!("{word}: {}", description.chars().take(WORDS_MAX).collect::<String>()),
    };
    let last = events.iter().rev().find(|event| event.kind == EventKind::Reported);
    if last.is_some_and(|event| event.text == text) {
        return Ok(());
    }
    let event = TrackEvent {
        at: crate::clock::now(),
        kind: EventKind::Reported,
        code: None,
        text,
        evidence: Vec::new(),
        flagged: false,
    };
    Ok(core.store.record_event(seq, code, event).await?)
}
