//! The loop that claims what is due for the axis and sends it.

use std::sync::Arc;
use std::time::Duration;

use delivery::Permit;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use types::{ErrorCode, Lane};

use super::gate::{Gate, Report};
use super::{ConnectorOptions, Outbox, Outgoing, Reason, Room, SendOutcome};
use crate::client::{CallError, CallErrorKind, Client, SentPacket};
use crate::{AxisCode, DocId};

/// Pause after an empty answer, for an outbox that does not wait as it should.
const EMPTY_PAUSE: Duration = Duration::from_millis(50);

/// Sends.
pub(super) struct Dispatch<O: Outbox> {
    carrier: Arc<Carrier<O>>,
    ordinary: Arc<Semaphore>,
    urgent: Arc<Semaphore>,
    tasks: TaskTracker,
}

/// What one sending needs.
struct Carrier<O: Outbox> {
    client: Arc<Client>,
    outbox: Arc<O>,
    gate: Arc<Gate>,
    extend_every: Duration,
    grace: Duration,
    stop: CancellationToken,
}

impl<O: Outbox> Dispatch<O> {
    pub(super) fn new(
        client: &Arc<Client>,
        outbox: &Arc<O>,
        gate: &Arc<Gate>,
        options: &ConnectorOptions,
        stop: &CancellationToken,
    ) -> Self {
        let places = options.send_places.max(1);
        let urgent = options.urgent_places.min(places - 1);
        let carrier = Carrier {
            client: Arc::clone(client),
            outbox: Arc::clone(outbox),
            gate: Arc::clone(gate),
            extend_every: options.extend_every,
            grace: options.grace,
            stop: stop.clone(),
        };
        Self {
            carrier: Arc::new(carrier),
            ordinary: Arc::new(Semaphore::new(places - urgent)),
            urgent: Arc::new(Semaphore::new(urgent)),
            tasks: TaskTracker::new(),
        }
    }

    pub(super) async fn run(self) {
        tokio::join!(self.feed(&self.ordinary, Lane::Normal), self.feed(&self.urgent, Lane::Urgent));
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// Claims items while there are places and the axis is there.
    async fn feed(&self, places: &Arc<Semaphore>, lane_min: Lane) {
        while let Some(period) = self.carrier.gate.period().await {
            let Some(place) = acquire(places, &period).await else { continue };
            let room = Room { items: 1 + places.available_permits(), lane_min };
            let items = self.carrier.outbox.next(room, &period).await;
            if items.is_empty() {
                tokio::select! {
                    () = period.cancelled() => {}
                    () = sleep_until(Instant::now() + EMPTY_PAUSE) => {}
                }
            }
            let mut place = Some(place);
            for item in items {
                let place = match place.take() {
                    Some(place) => Some(place),
                    None => acquire(places, &self.carrier.stop).await,
                };
                self.tasks.spawn(carry(Arc::clone(&self.carrier), item, place));
            }
        }
    }
}

/// A free place; `None` once `end` is cancelled.
async fn acquire(places: &Arc<Semaphore>, end: &CancellationToken) -> Option<OwnedSemaphorePermit> {
    tokio::select! {
        biased;
        () = end.cancelled() => None,
        place = Arc::clone(places).acquire_owned() => place.ok(),
    }
}

/// Sends the item and settles it once, whatever happens.
async fn carry<O: Outbox>(carrier: Arc<Carrier<O>>, item: Outgoing<O::Claim>, place: Option<OwnedSemaphorePermit>) {
    carrier.gate.count(|health| health.sending += 1);
    let outcome = match place {
        Some(_) => carrier.send(&item).await,
        None => stopping(),
    };
    let sent = u64::from(matches!(outcome, SendOutcome::Delivered { .. }));
    carrier.outbox.settle(&item, outcome).await;
    carrier.gate.count(|health| {
        health.sending = health.sending.saturating_sub(1);
        health.sent += sent;
    });
    drop(place);
}

impl<O: Outbox> Carrier<O> {
    async fn send(&self, item: &Outgoing<O::Claim>) -> SendOutcome {
        let packet = match self.outbox.open(item).await {
            Ok(packet) => packet,
            Err(reason) => return SendOutcome::Failed(reason),
        };
        if let Permit::Denied { .. } = self.gate.permit() {
            return SendOutcome::Failed(Reason::new(ErrorCode::PeerUnavailable, "the axis is away; nothing was sent"));
        }
        let sent = SentPacket {
            from: item.from.clone(),
            to: Some(item.to.clone()),
            message_type: item.message_type,
            length: item.length,
            digest: item.digest,
        };
        let mut sending = std::pin::pin!(self.client.send_edoc(sent, packet));
        let mut extensions = interval_at(Instant::now() + self.extend_every, self.extend_every);
        extensions.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut end = std::pin::pin!(self.end());
        loop {
            tokio::select! {
                result = &mut sending => {
                    self.gate.report(Report::of(&result));
                    return outcome(result);
                }
                _ = extensions.tick() => if let Err(reason) = self.outbox.extend(item).await {
                    return SendOutcome::Failed(reason);
                },
                () = &mut end => return stopping(),
            }
        }
    }

    /// The end of the grace time after the stop.
    async fn end(&self) {
        self.stop.cancelled().await;
        sleep_until(Instant::now() + self.grace).await;
    }
}

fn stopping() -> SendOutcome {
    SendOutcome::Failed(Reason::new(ErrorCode::ShuttingDown, "the connector was stopped"))
}

/// What a call means for its item.
fn outcome(result: Result<Option<DocId>, CallError>) -> SendOutcome {
    let error = match result {
        Ok(doc_id) => return SendOutcome::Delivered { doc_id },
        Err(error) => error,
    };
    let reason = Reason::new(error.code(), error.to_string());
    match error.kind {
        // A wrong secret is nothing that the packet can help: it waits until the operator has corrected it.
        CallErrorKind::Refused { code: Some(AxisCode::WrongSecret | AxisCode::Internal), .. } => {
            SendOutcome::Failed(reason)
        }
        CallErrorKind::Refused { code, .. } => SendOutcome::Refused { axis_code: code, reason },
        CallErrorKind::Parameter { .. } => SendOutcome::Refused { axis_code: None, reason },
        CallErrorKind::Transport { .. }
        | CallErrorKind::Timeout { .. }
        | CallErrorKind::Http { .. }
        | CallErrorKind::Malformed { .. }
        | CallErrorKind::Content { .. } => SendOutcome::Failed(reason),
    }
}
