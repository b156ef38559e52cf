//! A packet's way in, the same for every door: read, check, verify, route, commit, receipt.

mod acts;
mod commit;
mod envelope;
mod facts;
mod refused;
mod report;
mod routing;
mod sender;
mod signers;
mod upload;
mod verdict;

pub(crate) use acts::Acts;
pub(crate) use commit::{Admitted, Repeat, admit};
pub(crate) use facts::{Facts, agency_code, customary_id};
pub(crate) use refused::Refused;
pub(crate) use routing::{Routed, Routing, route_text, warning};
pub use signers::Signers;
pub(crate) use upload::{Received, Upload, UploadError, read_staged};
pub(crate) use verdict::{Verdict, packet_files};

use axis::DocId;
use queue::Origin;
use types::{AgencyCode, ExchangeId, NeighbourId, NodeId, SystemId};
use wire::types_v1::Envelope;

use gateway::Caller;

use crate::record::HopTime;

/// Who brought a packet, and what came beside it.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    /// The door it came in by.
    pub(crate) door: Door,
    /// The sender's signature.
    pub(crate) envelope: Option<Envelope>,
    /// Receivers of a document named beside the packet, instead of its `To`.
    pub(crate) to: Option<Vec<AgencyCode>>,
}

/// The door a packet came in by.
#[derive(Clone, Debug)]
pub(crate) enum Door {
    /// A connected system.
    System(Caller),
    /// A neighbour, with what its offer says.
    Neighbour {
        /// The neighbour.
        id: NeighbourId,
        /// The offer.
        offer: Box<relay::Offer>,
    },
    /// The national axis, with what its list says.
    Axis {
        /// Its name in the configuration.
        id: NeighbourId,
        /// Its id of the packet for us.
        doc_id: DocId,
        /// The exchange that this id stands for, always the same.
        exchange: ExchangeId,
        /// Receivers, of those that the packet names.
        to: Vec<AgencyCode>,
    },
}

impl Door {
    /// The neighbour, of a packet that came from one.
    pub(crate) const fn neighbour(&self) -> Option<&NeighbourId> {
        match self {
            Self::System(_) => None,
            Self::Neighbour { id, .. } | Self::Axis { id, .. } => Some(id),
        }
    }

    /// The nodes that the packet has passed.
    pub(crate) fn hops(&self) -> Vec<NodeId> {
        match self {
            Self::System(_) | Self::Axis { .. } => Vec::new(),
            Self::Neighbour { offer, .. } => offer.hops.iter().map(|hop| hop.node.clone()).collect(),
        }
    }

    /// The same with their times, for the record.
    pub(crate) fn hop_times(&self) -> Vec<HopTime> {
        let Self::Neighbour { offer, .. } = self else { return Vec::new() };
        let hops = offer.hops.iter();
        hops.map(|hop| HopTime { node: hop.node.to_string(), at_ms: hop.at.as_millis() }).collect()
    }

    /// Where it came from, as the store keeps it.
    pub(crate) fn origin(&self) -> Origin {
        match self {
            Self::System(caller) => Origin::Local(caller.system.clone()),
            Self::Neighbour { id, .. } | Self::Axis { id, .. } => Origin::Neighbour(id.clone()),
        }
    }

    /// The system, of a packet that came from one.
    pub(crate) const fn system(&self) -> Option<&SystemId> {
        match self {
            Self::System(caller) => Some(&caller.system),
            Self::Neighbour { .. } | Self::Axis { .. } => None,
        }
    }
}
