//! All links of a node.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use types::{NeighbourId, NodeId};
use wire::relay_v1::relay_service_server::RelayServiceServer;

use crate::{Inbound, Limits, LinkStatus, Outbox, RelayServer};

/// Bytes of one gRPC message, both ways. Source: gRPC's default, above the largest offer.
pub(crate) const MESSAGE_MAX: usize = 4 * 1024 * 1024;

/// The links of one node, at most one live per neighbour: the newer wins, the older says goodbye.
pub struct Links<O: Outbox> {
    pub(crate) node: NodeId,
    pub(crate) outbox: Arc<O>,
    pub(crate) inbound: Arc<dyn Inbound>,
    pub(crate) limits: Limits,
    pub(crate) stop: CancellationToken,
    pub(crate) tasks: TaskTracker,
    statuses: Mutex<HashMap<NeighbourId, watch::Sender<LinkStatus>>>,
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
            statuses: Mutex::default(),
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
        let mut statuses = self.statuses.lock().unwrap_or_else(PoisonError::into_inner);
        statuses.entry(neighbour.clone()).or_default().subscribe()
    }

    /// Every neighbour that was ever linked or watched, with its link as it is now, in order.
    #[must_use]
    pub fn statuses(&self) -> Vec<(NeighbourId, LinkStatus)> {
        let statuses = self.statuses.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<_> = statuses.iter().map(|(id, status)| (id.clone(), status.borrow().clone())).collect();
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
}
