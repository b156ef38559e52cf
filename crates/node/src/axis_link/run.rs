//! Runs the connector, and starts it anew when its secret or certificates were reloaded.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use axis::client::Client;
use axis::connector::{Connector, ConnectorOptions, Health, Presence};
use tokio::sync::{Notify, Semaphore, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use types::NeighbourId;

use super::inbound::Taking;
use super::outbound::Giving;
use super::{client, sync};
use crate::config::AxisLink;
use crate::core::Core;

/// Most places that only urgent packets take; one in four of all.
const URGENT_PART: usize = 4;

/// How the connection is, for whoever shows it, and the bell that makes it start anew.
#[derive(Debug, Default)]
pub(crate) struct State {
    health: ArcSwapOption<watch::Receiver<Health>>,
    reloaded: Notify,
}

impl State {
    /// Whether the axis answered last.
    pub(crate) fn is_reachable(&self) -> bool {
        let health = self.health.load();
        health.as_ref().is_some_and(|health| matches!(health.borrow().presence, Presence::Reachable { .. }))
    }

    /// Secret and certificates are to be read again.
    pub(crate) fn reload(&self) {
        self.reloaded.notify_one();
    }
}

/// Starts everything that the connection to the axis needs, where there is one.
pub(crate) fn spawn(core: &Arc<Core>, uploads: &Arc<Semaphore>, stop: &CancellationToken, tasks: &TaskTracker) {
    for neighbour in &core.config.neighbours {
        let Some(link) = &neighbour.axis else { continue };
        let unknown_sender = Arc::new(Notify::new());
        tasks.spawn(sync::run(core.clone(), link.agency_sync, unknown_sender.clone(), stop.child_token()));
        let inbox = Arc::new(Taking::new(core.clone(), neighbour.id.clone(), uploads.clone(), unknown_sender));
        let outbox = Arc::new(Giving::new(core.clone(), neighbour.id.clone()));
        tasks.spawn(connect(core.clone(), neighbour.id.clone(), inbox, outbox, stop.child_token()));
    }
}

async fn connect(core: Arc<Core>, id: NeighbourId, inbox: Arc<Taking>, outbox: Arc<Giving>, stop: CancellationToken) {
    let Some(link) = core.axis_link(&id) else { return };
    let mut next = client_now(&core, link);
    while !stop.is_cancelled() {
        let Some(client) = next.take() else {
            tokio::select! {
                () = stop.cancelled() => return,
                () = core.axis.reloaded.notified() => next = client_now(&core, link),
            }
            continue;
        };
        let options = options(&core, &id, link);
        let connector = Connector::new(Arc::new(client), inbox.clone(), outbox.clone(), options);
        core.axis.health.store(Some(Arc::new(connector.watch())));
        let round = stop.child_token();
        let mut running = std::pin::pin!(connector.run(round.clone()));
        while next.is_none() {
            tokio::select! {
                () = &mut running => return,
                // What cannot be read changes nothing: the connection goes on as it was.
                () = core.axis.reloaded.notified() => next = client_now(&core, link),
            }
        }
        round.cancel();
        running.await;
        tracing::info!(peer.id = %id, "the connection to the axis starts anew with its secret and certificates");
    }
}

fn client_now(core: &Core, link: &AxisLink) -> Option<Client> {
    client(&core.config, link)
        .map_err(|error| {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "secret or certificates towards the axis cannot be used"
            );
        })
        .ok()
}

fn options(core: &Core, id: &NeighbourId, link: &AxisLink) -> ConnectorOptions {
    let mut options = ConnectorOptions::new(id.to_string());
    options.poll_interval = link.poll_interval;
    options.follow_up_every = Some(link.follow_up_interval);
    options.fetch_places = link.places;
    options.page = link.batch;
    options.send_places = link.places;
    options.urgent_places = link.places / URGENT_PART;
    options.grace = core.config.shutdown_grace;
    options
}
