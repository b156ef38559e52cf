//! Finding what is next in one lane: the round over its senders, walked in the order of their keys.
//!
//! A look costs a few seeks in the index, whatever waits there: it goes to the sender whose turn it is and reads its first
//! free entry. Due retries lie in an index of their own, by their time, and take part in the round as one more sender,
//! who comes first; the writer moves them to their own senders when they are more than a few.

use std::ops::ControlFlow;

use delivery::fair::{self, From, Visit, Weight};
use types::{Lane, UnixMillis};

use crate::engine::Walk;
use crate::leases::{LaneTurns, Taken};
use crate::record::rows::DueRow;
use crate::shared::Shared;
use crate::{StoreError, key, record};

/// The name of due retries in a round: no agency's code is empty.
const RETRIES: &str = "";

/// Where to look.
pub(super) struct Place<'a> {
    pub(super) shared: &'a Shared,
    pub(super) hop: &'a str,
    pub(super) lane: Lane,
    pub(super) now: UnixMillis,
}

/// The transmission whose turn it is.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) seq: u64,
    /// What it takes of its sender's share.
    pub(super) cost: u64,
}

/// The first free transmission of a sender.
struct Head {
    sender: String,
    seq: u64,
    row: DueRow,
}

/// Finds whose turn it is; `None` when the lane has nothing ready and free. Asking again changes nothing.
pub(super) fn next(place: &Place<'_>, taken: &Taken, turns: &mut LaneTurns) -> Result<Option<Ready>, StoreError> {
    let head = in_turn(place, taken, turns)?;
    let accepted_at = head.as_ref().map(|head| UnixMillis::new(head.row.accepted_at));
    turns.waits_since = accepted_at.map(|at| turns.waits_since.map_or(at, |since| since.min(at)));
    Ok(head.map(|head| Ready { seq: head.seq, cost: fair::cost_of(head.row.length) }))
}

fn in_turn(place: &Place<'_>, taken: &Taken, turns: &mut LaneTurns) -> Result<Option<Head>, StoreError> {
    let weights = &place.shared.options.weights;
    let mut found = first(place, taken, turns.round.from())?;
    let mut is_round_again = false;
    loop {
        let head = match found.take() {
            Some(head) => head,
            None => {
                // Round the end; the second time, everybody there is was passed over in between.
                if std::mem::replace(&mut is_round_again, true) {
                    turns.round.skip_rounds();
                }
                let Some(head) = first(place, taken, From::First)? else { return Ok(None) };
                head
            }
        };
        let weight = if head.sender == RETRIES { Weight::ONE } else { weights.of(&head.sender) };
        match turns.round.visit(&head.sender, weight) {
            Visit::Serve => return Ok(Some(head)),
            Visit::Pass => found = first(place, taken, From::After(&head.sender))?,
        }
    }
}

/// The first sender from there on with something free, and its first one.
fn first(place: &Place<'_>, taken: &Taken, from: From<'_>) -> Result<Option<Head>, StoreError> {
    let lane = key::ready_lane(place.hop, place.lane);
    let before = lane.clone().done().len();
    let start = match from {
        From::First | From::At(RETRIES) => {
            if let Some(retry) = first_retry(place, taken)? {
                return Ok(Some(retry));
            }
            lane.clone().done()
        }
        From::After(RETRIES) => lane.clone().done(),
        From::At(sender) => lane.clone().text(sender).done(),
        From::After(sender) => key::after(&lane.clone().text(sender).done()),
    };
    let end = lane.range().end;
    free(place, taken, &start, &end, |key| key::ready_sender(key, before).map(str::to_owned))
}

fn first_retry(place: &Place<'_>, taken: &Taken) -> Result<Option<Head>, StoreError> {
    let start = key::retry_lane(place.hop, place.lane).done();
    let end = key::retry_lane(place.hop, place.lane).number(place.now.as_millis().saturating_add(1)).done();
    free(place, taken, &start, &end, |_| Some(RETRIES.to_owned()))
}

/// Whether a retry is due that nobody has.
pub(super) fn has_retry(place: &Place<'_>, taken: &Taken) -> Result<bool, StoreError> {
    first_retry(place, taken).map(|found| found.is_some())
}

/// The first free entry of a part of an index. A damaged one is left out.
fn free(
    place: &Place<'_>,
    taken: &Taken,
    start: &[u8],
    end: &[u8],
    sender: impl Fn(&[u8]) -> Option<String>,
) -> Result<Option<Head>, StoreError> {
    let guard = &place.shared.guard;
    let (mut found, mut odd) = (None, None);
    guard.walk(start..end, Walk::Forward, &mut |key, value| {
        let seq = key::last_number(key);
        if !taken.is_free(seq, place.now) {
            return ControlFlow::Continue(());
        }
        match (sender(key), record::decode::<DueRow>(guard, key, value)) {
            (Some(sender), Ok(row)) => {
                found = Some(Head { sender, seq, row });
                ControlFlow::Break(())
            }
            (None, _) => ControlFlow::Continue(()),
            (_, Err(error)) => {
                odd = Some(error);
                ControlFlow::Continue(())
            }
        }
    })?;
    if let Some(error) = odd {
        tracing::error!(error.code = "store_damaged", %error, "a due transmission is left out");
    }
    Ok(found)
}
