//! Taking work for one next hop: a look at the head of each lane, and leases in memory.

use std::collections::VecDeque;
use std::ops::ControlFlow;

use delivery::{Heads, State};
use types::{Lane, UnixMillis};

use crate::engine::Walk;
use crate::entry_state::Entry;
use crate::leases::{Attempt, TransmissionLeases};
use crate::record;
use crate::record::rows::NumberRow;
use crate::shared::{Shared, locked};
use crate::{Claim, ClaimRequest, Fence, Seq, StoreError, key};

/// Claims in one call at most: more than any neighbour's window.
const CLAIMS_MAX: usize = 256;

/// A transmission at the head of its lane.
struct Ready {
    seq: u64,
    accepted_at: UnixMillis,
}

/// One claim before its entry was read.
struct Taken {
    seq: u64,
    lane: Lane,
    number: u64,
    lapsed: u32,
}

/// Claims due transmissions.
pub(crate) fn claim(shared: &Shared, request: &ClaimRequest) -> Result<Vec<Claim>, StoreError> {
    if shared.guard.is_poisoned() {
        return Err(StoreError::Poisoned);
    }
    let current = Attempt { claimed_at: request.now, until: request.now + request.lease };
    let taken = take(shared, request, current)?;
    let mut claims = Vec::with_capacity(taken.len());
    for one in taken {
        match read(shared, request, &one, current) {
            Ok(Some(claim)) => claims.push(claim),
            Ok(None) => give_up(shared, request, &one),
            // One damaged entry must not hold up the others; its lease keeps it from coming up at once again.
            Err(error @ StoreError::Damaged { .. }) => {
                tracing::error!(error.code = "store_damaged", %error, doc.seq = one.seq, "a due entry cannot be read");
            }
            Err(error) => {
                give_up(shared, request, &one);
                return Err(error);
            }
        }
    }
    Ok(claims)
}

fn give_up(shared: &Shared, request: &ClaimRequest, one: &Taken) {
    locked(&shared.transmissions).release(request.hop.as_str(), one.seq, Some(one.number));
}

/// Chooses lane by lane and leases, all under one lock: a settled transmission loses its lease only after its commit,
/// so whatever the walk shows and no lease covers is truly due.
fn take(shared: &Shared, request: &ClaimRequest, current: Attempt) -> Result<Vec<Taken>, StoreError> {
    let hop = request.hop.as_str();
    let max = request.max.min(CLAIMS_MAX);
    let mut leases = locked(&shared.transmissions);
    let mut lanes = Vec::new();
    for lane in Lane::ALL.into_iter().filter(|lane| *lane >= request.least) {
        lanes.push((lane, ready(shared, &leases, request, lane, max)?));
    }
    let mut taken = Vec::new();
    while taken.len() < max {
        let heads = lanes
            .iter()
            .fold(Heads::new(), |heads, (lane, ready)| heads.with(*lane, ready.front().map(|ready| ready.accepted_at)));
        let turn = leases.turns.entry(hop.to_owned()).or_default();
        let Some(chosen) = shared.options.schedule.next(&heads, request.now, *turn) else { break };
        *turn = turn.wrapping_add(1);
        let queue = lanes.iter_mut().find(|(lane, _)| *lane == chosen).map(|(_, ready)| ready);
        let Some(Ready { seq, .. }) = queue.and_then(VecDeque::pop_front) else { break };
        let number = shared.fence();
        leases.take(hop, seq, number, current);
        let lapsed = leases.of(hop, seq).map_or(0, |lease| lease.lapsed.len());
        taken.push(Taken { seq, lane: chosen, number, lapsed: u32::try_from(lapsed).unwrap_or(u32::MAX) });
    }
    Ok(taken)
}

/// The first transmissions of a lane that are due and free.
fn ready(
    shared: &Shared,
    leases: &TransmissionLeases,
    request: &ClaimRequest,
    lane: Lane,
    max: usize,
) -> Result<VecDeque<Ready>, StoreError> {
    let hop = request.hop.as_str();
    let from = key::lane_of_hop(hop, lane).done();
    let until = key::lane_of_hop(hop, lane).number(request.now.as_millis().saturating_add(1)).done();
    let (mut found, mut odd) = (VecDeque::new(), None);
    shared.guard.walk(from.as_slice()..until.as_slice(), Walk::Forward, &mut |key, value| {
        let seq = key::last_number(key);
        if found.len() >= max {
            return ControlFlow::Break(());
        }
        if leases.is_free(hop, seq, request.now) {
            match record::decode::<NumberRow>(&shared.guard, key, value) {
                Ok(row) => found.push_back(Ready { seq, accepted_at: UnixMillis::new(row.number) }),
                Err(error) => odd = Some(error),
            }
        }
        ControlFlow::Continue(())
    })?;
    if let Some(error) = odd {
        tracing::error!(error.code = "store_damaged", %error, "a due transmission is left out");
    }
    Ok(found)
}

/// Reads what is to be sent; `None` when nothing of it is due after all.
fn read(shared: &Shared, request: &ClaimRequest, taken: &Taken, current: Attempt) -> Result<Option<Claim>, StoreError> {
    let mut entry = Entry::load(&shared.guard, taken.seq)?;
    let (mut recipients, mut attempts) = (Vec::new(), 0);
    for index in 0..entry.count() {
        if entry.plan(&shared.guard, index)?.hop != request.hop.as_str() {
            continue;
        }
        let recipient = entry.recipient(&shared.guard, index)?;
        let delivery = recipient.delivery;
        let is_due = delivery.state() == State::Waiting && delivery.next_at() <= request.now;
        if is_due && request.now < delivery.expires_at() {
            attempts = attempts.max(delivery.attempts());
            recipients.push(recipient);
        }
    }
    if recipients.is_empty() {
        return Ok(None);
    }
    Ok(Some(Claim {
        fence: Fence { seq: Seq::new(taken.seq), hop: request.hop.clone(), number: taken.number },
        until: current.until,
        lane: taken.lane,
        attempt: attempts.saturating_add(taken.lapsed).saturating_add(1),
        document: entry.document()?,
        recipients,
    }))
}

/// When something is due next for a hop: an unclaimed transmission, or one whose lease runs out.
pub(crate) fn next_due(shared: &Shared, hop: &str) -> Result<Option<UnixMillis>, StoreError> {
    let leases = locked(&shared.transmissions);
    let mut first = leases.first_end(hop);
    for lane in Lane::ALL {
        let range = key::lane_of_hop(hop, lane).range();
        shared.guard.walk(range.start.as_slice()..range.end.as_slice(), Walk::Forward, &mut |key, _| {
            if leases.of(hop, key::last_number(key)).is_some() {
                return ControlFlow::Continue(());
            }
            let at = UnixMillis::new(key::number_before(key, 8));
            first = Some(first.map_or(at, |first| first.min(at)));
            ControlFlow::Break(())
        })?;
    }
    Ok(first)
}
