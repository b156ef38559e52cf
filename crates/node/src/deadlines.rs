//! Deadlines of documents: when what waits will probably arrive, and a warning before it is too late.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use delivery::{CircuitState, State};
use queue::{EventKind, Plan, Recipient, RecipientTrack, Seq, StoreError};
use relay::{Links, Presence};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use types::{Lane, NeighbourId, UnixMillis};

use crate::core::Core;
use crate::links::Sending;

mod look;

/// How often deadlines are looked through: they are days, and a warning some seconds later warns as well.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// Recipients read at a time.
const PAGE: usize = 256;
/// A forecast for later than this is no better than none.
const FORECAST_MAX: Duration = Duration::from_secs(7 * 24 * 3600);

/// The neighbour that a recipient's copy still waits for here.
pub(crate) fn waits_for(recipient: &Recipient) -> Option<&NeighbourId> {
    let waits = matches!(recipient.delivery.state(), State::Waiting | State::Sending) && !recipient.is_held;
    match &recipient.plan {
        Plan::Hop(hop) if waits => Some(hop),
        Plan::Hop(_) | Plan::Inbox(_) | Plan::Returned { .. } => None,
    }
}

/// When a document that waits for a neighbour will probably be there: behind everything of its lane and more urgent ones.
/// `None` while the neighbour is away or nothing is known of it.
///
/// Its sender's turn may come sooner: a forecast errs towards too late, and a warning towards too early.
pub(crate) fn expected(
    core: &Core,
    links: &Links<Sending>,
    hop: &NeighbourId,
    lane: Lane,
    now: UnixMillis,
) -> Option<UnixMillis> {
    arrival(links, hop, core.store.waiting_for(hop, lane), now)
}

/// When the last of so many will be there.
pub(crate) fn arrival(links: &Links<Sending>, hop: &NeighbourId, ahead: u64, now: UnixMillis) -> Option<UnixMillis> {
    let status = links.watch(hop).borrow().clone();
    if !matches!(status.presence, Presence::Up { .. }) || status.pace.circuit != CircuitState::Closed {
        return None;
    }
    let wait = status.pace.forecast.arrival(ahead, status.pace.window)?;
    Some(now + wait.min(FORECAST_MAX))
}

/// Whether somebody still waits for a document after a warning.
pub(crate) fn is_at_risk(core: &Core, seq: Seq) -> Result<bool, StoreError> {
    let mut from = Some(0);
    while let Some(start) = from {
        let page = core.store.track(seq, start, PAGE)?;
        from = page.next;
        if page.recipients.iter().any(|track| is_warned_of(track) && !has_it(&track.recipient)) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn is_warned_of(track: &RecipientTrack) -> bool {
    track.events.iter().any(|event| event.kind == EventKind::AtRisk)
}

/// Nothing more can be late: it is there, went back, or lies in an inbox of this node.
fn has_it(recipient: &Recipient) -> bool {
    recipient.delivery.state().is_final() || (matches!(recipient.plan, Plan::Inbox(_)) && !recipient.is_held)
}

/// Looks through the deadlines now and then.
pub(crate) async fn run(core: Arc<Core>, links: Arc<Links<Sending>>, stop: CancellationToken) {
    let mut ticks = interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        if let Err(error) = look::look(&core, &links).await {
            tracing::error!(error = &error as &dyn Error, "the deadlines could not be looked through");
        }
    }
}
