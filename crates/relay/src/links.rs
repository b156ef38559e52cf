//! All links of a node.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::watch;
use tokio::time::timeout;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;
use types::{NeighbourId, NodeId, UnixMillis};
use wire::relay_v1::relay_service_server::RelayServiceServer;

use crate::link::LinkEnd;
use crate::pace::Pace;
use crate::state::Peer;
use crate::{Inbound, Limits, LinkStatus, Outbox, Presence, RelayServer};

/// Bytes of one gRPC message, both ways. Source: gRPC's default, above the largest offer.
pub(crate) const MESSAGE_MAX: usize = 4 * 1024 * 1024;

/// Wait of a newer link for the older one's tasks, so that they do not write the same content. A disk that takes
/// longer must not keep the neighbour out.
const HANDOVER_WAIT: Duration = Duration::from_secs(5);

/// The links of one node, at most one live per neighbour: the newer wins, the older says goodbye.
pub struct Links<O: Outbox> {
    pub(crate) node: NodeId,
    pub(crate) outbox: Arc<O>,
    pub(crate) inbound: Arc<dyn Inbound>,
    pub(crate) limits: Limits,
    pub(crate) stop: CancellationToken,
    pub(crate) tasks: TaskTracker,
    slots: Mutex<HashMap<NeighbourId, Slot>>,
}

/// What is known of one neighbour.
#[derive(Default)]
struct Slot {
    status: watch::Sender<LinkStatus>,
    /// Links so far; the live one has this number.
    generation: u64,
    live: Option<Live>,
    /// Since its first link.
    pace: Option<Arc<Pace>>,
}

struct Live {
    replaced: CancellationToken,
    ended: CancellationToken,
}

impl<O: Outbox> Links<O> {
    /// Links of the node `node`; none is up before a [`Dialer`](crate::Dialer) runs or a neighbour dials.
    #[must_use]
    pub fn new(node: NodeId, outbox: Arc<O>, inbound: Arc<dyn Inbound>, limits: Limits) -> Arc<Self> {
        Arc::new(Self {
            node,
            outbox,
            inbound,
            limits,
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
            slots: Mutex::default(),
        })
    }

    /// The gRPC service for neighbours that dial this node. Requests need a
    /// [`PeerIdentity`](crate::PeerIdentity) in their extensions.
    #[must_use]
    pub fn server(self: &Arc<Self>) -> RelayServiceServer<RelayServer<O>> {
        RelayServiceServer::new(RelayServer::new(Arc::clone(self)))
            .max_decoding_message_size(MESSAGE_MAX)
            .max_encoding_message_size(MESSAGE_MAX)
    }

    /// Watches the link to `neighbour`, whether it is up or not.
    #[must_use]
    pub fn watch(&self, neighbour: &NeighbourId) -> watch::Receiver<LinkStatus> {
        self.slots().entry(neighbour.clone()).or_default().status.subscribe()
    }

    /// Every neighbour that was ever linked, dialled or watched, with its link as it is now, in order.
    #[must_use]
    pub fn statuses(&self) -> Vec<(NeighbourId, LinkStatus)> {
        let status = |(id, slot): (&NeighbourId, &Slot)| (id.clone(), slot.status.borrow().clone());
        let mut all: Vec<_> = self.slots().iter().map(status).collect();
        all.sort_by(|(left, _), (right, _)| left.cmp(right));
        all
    }

    /// Stops offering on every link, gives transfers under way the grace time, says goodbye and returns when all
    /// links and dialers have ended.
    pub async fn shutdown(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    fn slots(&self) -> MutexGuard<'_, HashMap<NeighbourId, Slot>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a link the neighbour's live one, and the one before it end.
    pub(crate) async fn enter(&self, neighbour: &NeighbourId, peer: &Peer) -> Entry<'_, O> {
        let live = Live { replaced: CancellationToken::new(), ended: CancellationToken::new() };
        let (entry, older) = {
            let mut slots = self.slots();
            let slot = slots.entry(neighbour.clone()).or_default();
            slot.generation += 1;
            let Limits { concurrency, circuit, .. } = self.limits;
            let pace = || Arc::new(Pace::new(neighbour.clone(), concurrency, circuit, slot.status.clone()));
            let pace = Arc::clone(slot.pace.get_or_insert_with(pace));
            let entry = Entry {
                links: self,
                neighbour: neighbour.clone(),
                generation: slot.generation,
                status: slot.status.clone(),
                pace,
                replaced: live.replaced.clone(),
                _ended: live.ended.clone().drop_guard(),
            };
            (entry, slot.live.replace(live))
        };
        if let Some(older) = older {
            older.replaced.cancel();
            if timeout(HANDOVER_WAIT, older.ended.cancelled()).await.is_err() {
                tracing::warn!(neighbour = %neighbour, "the older link to {neighbour} is still busy");
            }
        }
        let presence = Presence::Up { since: now(), node: peer.node.clone(), version: peer.version };
        entry.status.send_modify(|status| status.presence = presence);
        entry.pace.shows_life();
        entry
    }

    /// Records that a neighbour could not be reached.
    pub(crate) fn unreachable(&self, neighbour: &NeighbourId, reason: String) {
        let mut slots = self.slots();
        let slot = slots.entry(neighbour.clone()).or_default();
        if slot.live.is_none() {
            slot.status.send_modify(|status| status.presence = Presence::Down { since: now(), reason });
        }
    }
}

/// The place of a live link; dropping it tells a waiting newer one.
pub(crate) struct Entry<'a, O: Outbox> {
    links: &'a Links<O>,
    neighbour: NeighbourId,
    generation: u64,
    status: watch::Sender<LinkStatus>,
    pace: Arc<Pace>,
    replaced: CancellationToken,
    _ended: DropGuard,
}

impl<O: Outbox> Entry<'_, O> {
    pub(crate) fn status(&self) -> watch::Sender<LinkStatus> {
        self.status.clone()
    }

    pub(crate) fn pace(&self) -> Arc<Pace> {
        Arc::clone(&self.pace)
    }

    /// Cancelled when a newer link takes the place.
    pub(crate) fn replaced(&self) -> CancellationToken {
        self.replaced.clone()
    }

    /// Gives the place up. A link that was replaced leaves the status to the newer one.
    pub(crate) fn leave(self, end: &LinkEnd) {
        self.pace.link_ended(end);
        let mut slots = self.links.slots();
        if let Some(slot) = slots.get_mut(&self.neighbour)
            && slot.generation == self.generation
        {
            slot.live = None;
            let presence = Presence::Down { since: now(), reason: end.to_string() };
            slot.status.send_modify(|status| {
                status.presence = presence;
                status.receiving = 0;
            });
        }
    }
}

pub(crate) fn now() -> UnixMillis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMillis::new(0) + since
}
