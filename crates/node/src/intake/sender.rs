//! Whether who brings a packet may speak for the agency that it names as its sender.

use directory::{Directory, RouteDecision};
use types::{AgencyCode, ErrorCode, NeighbourId, UnixMillis};

use super::{Door, Facts, Refused};
use crate::config::NeighbourKind;
use crate::core::Core;

/// The sender must be an agency of this directory; over a system's door one that the system speaks for, and from a
/// neighbour none that is reached another way.
pub(super) fn check_sender(core: &Core, facts: &Facts, door: &Door, at: UnixMillis) -> Result<(), Refused> {
    if let Door::System(caller) = door
        && !caller.speaks_for(&facts.sender)
    {
        let detail = format!("From names {}, and system {} does not speak for it", facts.sender, caller.system);
        return Err(Refused::new(ErrorCode::SenderMismatch, detail).at("From/OrganId"));
    }
    let directory = core.directory.load();
    let found = directory.resolve_sender(facts.sender.as_str(), at).map_err(|error| {
        let code = if error.code() == ErrorCode::UnknownAgency { ErrorCode::UnknownSender } else { error.code() };
        Refused::new(code, error.to_string()).at("From/OrganId")
    })?;
    match door.neighbour() {
        Some(from) => check_way(core, &directory, &found.agency.code, from),
        None => Ok(()),
    }
}

/// No neighbour speaks for an agency of this node or below another child of it: statuses and, from the axis,
/// documents carry no signature that would show the forgery. Above this node the ways may differ there and back.
fn check_way(core: &Core, directory: &Directory, sender: &AgencyCode, from: &NeighbourId) -> Result<(), Refused> {
    let is_child = |id: &NeighbourId| core.neighbour(id).is_some_and(|known| known.kind == NeighbourKind::Child);
    let place = match core.topology.load().route(directory, sender, None, &[]) {
        RouteDecision::Local { .. } => "is an agency of this node".to_owned(),
        RouteDecision::Neighbour { id, .. } if id != *from && is_child(&id) => format!("is behind {id}"),
        RouteDecision::Neighbour { .. } | RouteDecision::Refused(_) => return Ok(()),
    };
    let detail = format!("From names {sender}, which {place}; {from} does not speak for it");
    Err(Refused::new(ErrorCode::SenderMismatch, detail).at("From/OrganId"))
}
