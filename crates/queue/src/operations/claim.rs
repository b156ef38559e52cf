//! Taking work for one next hop: a look at whose turn it is in each lane, and leases in memory.

use std::ops::ControlFlow;

use delivery::{Heads, State};
use types::{Lane, UnixMillis};

use crate::batch::Tx;
use crate::engine::Walk;
use crate::entry_state::Entry;
use crate::leases::{Attempt, HopLeases};
use crate::shared::{Shared, locked};
use crate::{Claim, ClaimRequest, Fence, Seq, StoreError, key, queue_order};

mod look;

use look::{Place, Ready};

/// Claims in one call at most: more than any neighbour's window.
const CLAIMS_MAX: usize = 256;
/// Retries put among those that may go in one operation: it must not hold up a batch for long.
const RIPEN_MAX: usize = 256;

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
    let max = request.max.min(CLAIMS_MAX);
    let mut leases = locked(&shared.transmissions);
    let HopLeases { taken: leased, turns } = leases.hop(request.hop.as_str());
    let place = |lane| Place { shared, hop: request.hop.as_str(), lane, now: request.now };
    let mut next: [Option<Ready>; 4] = [const { None }; 4];
    for (lane, next) in Lane::ALL.into_iter().zip(&mut next).filter(|(lane, _)| *lane >= request.least) {
        *next = look::next(&place(lane), leased, turns.lane(lane))?;
    }
    let mut taken = Vec::new();
    while taken.len() < max {
        let mut heads = Heads::new();
        for (lane, next) in Lane::ALL.into_iter().zip(&next) {
            heads = heads.with(lane, next.as_ref().and(turns.lane(lane).waits_since));
        }
        let Some(lane) = shared.options.schedule.next(&heads, request.now, turns.claims) else { break };
        turns.claims = turns.claims.wrapping_add(1);
        let Some(next) = Lane::ALL.into_iter().zip(&mut next).find(|(of, _)| *of == lane).map(|(_, next)| next) else {
            break;
        };
        let Some(Ready { seq, cost }) = next.take() else { break };
        turns.lane(lane).round.served(cost);
        if heads.most_urgent() == Some(lane) {
            turns.lane(lane).waits_since = None;
        }
        let number = shared.fence();
        let lapsed = leased.take(seq, number, current);
        taken.push(Taken { seq, lane, number, lapsed: u32::try_from(lapsed).unwrap_or(u32::MAX) });
        if taken.len() < max {
            *next = look::next(&place(lane), leased, turns.lane(lane))?;
        }
    }
    Ok(taken)
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
    let mut earlier = |at: UnixMillis| first = Some(first.map_or(at, |first| first.min(at)));
    for lane in Lane::ALL {
        for (range, waits) in [(key::ready_lane(hop, lane).range(), false), (key::retry_lane(hop, lane).range(), true)]
        {
            shared.guard.walk(range.start.as_slice()..range.end.as_slice(), Walk::Forward, &mut |key, _| {
                if leases.of(hop, key::last_number(key)).is_some() {
                    return ControlFlow::Continue(());
                }
                // One that may go now is due since the beginning of time.
                earlier(if waits { UnixMillis::new(key::number_before(key, 8)) } else { UnixMillis::default() });
                ControlFlow::Break(())
            })?;
        }
    }
    Ok(first)
}

/// Lanes of a hop whose due retries are more than this call could take: the writer is asked, once at a time, to put them
/// among those that may go.
pub(crate) fn ripe_lanes(shared: &Shared, request: &ClaimRequest) -> Result<Vec<Lane>, StoreError> {
    let hop = request.hop.as_str();
    let mut leases = locked(&shared.transmissions);
    let HopLeases { taken, turns } = leases.hop(hop);
    let mut lanes = Vec::new();
    for lane in Lane::ALL {
        let place = Place { shared, hop, lane, now: request.now };
        if !turns.lane(lane).is_ripening && look::has_retry(&place, taken)? {
            turns.lane(lane).is_ripening = true;
            lanes.push(lane);
        }
    }
    Ok(lanes)
}

/// Runs within a batch.
pub(crate) fn ripen(tx: &mut Tx<'_>, hop: &str, lane: Lane, now: UnixMillis) -> Result<(), StoreError> {
    not_ripened(tx.shared, hop, lane);
    queue_order::ripen(tx, hop, lane, now, RIPEN_MAX)
}

/// Nobody is at it: the next claim asks again.
pub(crate) fn not_ripened(shared: &Shared, hop: &str, lane: Lane) {
    locked(&shared.transmissions).hop(hop).turns.lane(lane).is_ripening = false;
}
