//! Claims items while there is room.

use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::Shared;
use super::carry::carry;
use super::run::Event;
use crate::pace::PlaceKind;
use crate::{Outbox, Room};

/// Pause after an empty answer, for an outbox that does not wait as it should.
const EMPTY_PAUSE: Duration = Duration::from_millis(50);

/// Starts the two feeders: one for ordinary places, one for those kept for urgent items.
pub(super) fn start<O: Outbox>(shared: &Arc<Shared<O>>, events: &mpsc::UnboundedSender<Event>) {
    let limits = &shared.links.limits;
    let places = limits.outgoing_max.min(shared.peer.transfers_max).max(1);
    let urgent = limits.urgent_places.min(places - 1);
    for (places, kind) in [(places - urgent, PlaceKind::Ordinary), (urgent, PlaceKind::Urgent)] {
        if let Ok(places @ 1..) = usize::try_from(places) {
            let places = Arc::new(Semaphore::new(places));
            shared.tasks.spawn(feed(Arc::clone(shared), places, kind, events.clone()));
        }
    }
}

async fn feed<O: Outbox>(
    shared: Arc<Shared<O>>,
    places: Arc<Semaphore>,
    kind: PlaceKind,
    events: mpsc::UnboundedSender<Event>,
) {
    while let Some(place) = acquire(&shared, &places).await {
        let Some(room) = shared.pace.room(kind, &shared.no_offers).await else { return };
        let room = Room { items: room.min(1 + places.available_permits()), lane_min: kind.lane_min() };
        let items = shared.links.outbox.next(&shared.neighbour, room, &shared.no_offers).await;
        if items.is_empty() {
            tokio::select! {
                () = shared.no_offers.cancelled() => {}
                () = tokio::time::sleep_until(Instant::now() + EMPTY_PAUSE) => {}
            }
        }
        let mut place = Some(place);
        for item in items {
            // Without a place the link is ending: the carrier then only settles the item.
            let place = match place.take() {
                Some(place) => Some(place),
                None => acquire(&shared, &places).await,
            };
            let under_way = shared.pace.start(kind);
            shared.tasks.spawn(carry(Arc::clone(&shared), item, place, under_way, events.clone()));
        }
    }
}

/// A free place; `None` once nothing more is offered.
async fn acquire<O: Outbox>(shared: &Shared<O>, places: &Arc<Semaphore>) -> Option<OwnedSemaphorePermit> {
    tokio::select! {
        biased;
        () = shared.no_offers.cancelled() => None,
        place = Arc::clone(places).acquire_owned() => place.ok(),
    }
}
