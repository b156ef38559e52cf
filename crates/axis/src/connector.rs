//! The connector: a node as a client of the axis, both ways, for as long as the node runs.
//!
//! What it needs of the node are the ports [`Inbox`] (packets that wait at the axis go there) and [`Outbox`] (items for
//! the axis come from there). The axis is told `done` only after the node has a packet on disk.
//!
//! While the axis is away everything waits where it is: the list of what waits is the one call that is tried, after
//! pauses that grow, and sending starts again when it is answered.

mod chain;
mod clock;
mod dispatch;
mod fetch;
mod follow_up;
mod gate;
mod health;
mod options;
mod pauses;
mod poll;
mod ports;

use std::sync::Arc;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::client::Client;
use gate::Gate;

pub use health::{Health, LastError, Presence};
pub use options::ConnectorOptions;
pub use ports::{Inbox, Known, Outbox, Outgoing, Reason, RefusedBefore, Room, SendOutcome, SentState, Taken, Waiting};

/// The connector to one axis, for one system.
pub struct Connector<O: Outbox> {
    client: Arc<Client>,
    inbox: Arc<dyn Inbox>,
    outbox: Arc<O>,
    options: ConnectorOptions,
    health: watch::Sender<Health>,
}

impl<O: Outbox> Connector<O> {
    /// A connector that does nothing before [`Connector::run`].
    #[must_use]
    pub fn new(client: Arc<Client>, inbox: Arc<dyn Inbox>, outbox: Arc<O>, options: ConnectorOptions) -> Self {
        Self { client, inbox, outbox, options, health: watch::Sender::default() }
    }

    /// Watches how the connector is.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Health> {
        self.health.subscribe()
    }

    /// Fetches and sends until `stop` is cancelled; returns when every packet under way is answered for.
    pub async fn run(self, stop: CancellationToken) {
        let gate = Arc::new(Gate::new(self.options.peer.clone(), self.options.circuit, self.health, &stop));
        let poll = poll::Poll::new(&self.client, &self.inbox, &gate, &self.options, &stop);
        let dispatch = dispatch::Dispatch::new(&self.client, &self.outbox, &gate, &self.options, &stop);
        let follow_up = follow_up::run(&self.client, self.outbox.as_ref(), &gate, &self.options, &stop);
        tokio::join!(poll.run(), dispatch.run(), follow_up);
    }
}
