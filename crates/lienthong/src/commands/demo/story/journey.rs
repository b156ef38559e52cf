//! Reads the way of a document from what `track --json` gives.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::commands::demo::actor::{list, text};
use crate::commands::demo::report::Journey;
use crate::pki::NODES;

/// Nodes between two nodes, both included: up to the common one, then down.
pub(super) fn path_between(from: &'static str, to: &'static str) -> Vec<String> {
    let (mut up, down) = (upwards(from), upwards(to));
    let shared: BTreeSet<_> = up.iter().copied().filter(|node| down.contains(node)).collect();
    // What both have above them is left out, but for the lowest, where the way turns.
    let turn = up.iter().position(|node| shared.contains(node)).unwrap_or(up.len());
    up.truncate(turn + 1);
    up.extend(down.into_iter().filter(|node| !shared.contains(node)).rev());
    up.into_iter().map(ToOwned::to_owned).collect()
}

/// A node and those above it.
fn upwards(node: &'static str) -> Vec<&'static str> {
    let parent = |id: &&'static str| NODES.iter().find(|seat| seat.id == *id).and_then(|seat| seat.parent);
    std::iter::successors(Some(node), parent).collect()
}

/// What one recipient's events say after the `first` node accepted; `None` while something is missing.
pub(super) fn journey(first: &str, tracking: &Value, recipient: &Value, statuses: usize) -> Option<Journey> {
    let start: jiff::Timestamp = text(tracking, "/document/acceptedAt").parse().ok()?;
    let (to, path) = (text(recipient, "/code").to_owned(), vec![first.to_owned()]);
    let mut journey = Journey { to, path, ..Journey::default() };
    for event in list(recipient, "/events") {
        let at: jiff::Timestamp = text(event, "/at").parse().ok()?;
        let ms = u64::try_from(at.duration_since(start).as_millis()).unwrap_or(0);
        match text(event, "/event") {
            "RelayAcceptance" => {
                journey.path.push(text(event, "/node").to_owned());
                journey.relayed_ms.push(ms);
            }
            "ContentConsignment" => journey.consigned_ms = Some(ms),
            "ContentHandover" => journey.handed_over_ms = Some(ms),
            "Status" => journey.statuses.push((event.pointer("/statusCode")?.as_u64()?, ms)),
            _ => {}
        }
    }
    let is_done = text(recipient, "/state") == "DELIVERY_STATE_DELIVERED"
        && journey.consigned_ms.is_some()
        && journey.handed_over_ms.is_some()
        && journey.statuses.len() >= statuses;
    is_done.then_some(journey)
}

#[cfg(test)]
mod tests;
