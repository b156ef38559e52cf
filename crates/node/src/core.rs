//! What every part of a running node shares.

use std::sync::Arc;

use arc_swap::ArcSwap;
use directory::{Directory, EndpointKind, Topology};
use evidence::{Receipt, ReceiptId, SignReceiptError, SignedReceipt};
use queue::{Origin, Store};
use types::{ExchangeId, NeighbourId, NodeId};

use crate::config::{AxisLink, Config, NeighbourKind};
use crate::material::Material;

/// The parts that a reload replaces, each as a whole.
#[derive(Debug)]
pub(crate) struct Core {
    /// This node.
    pub(crate) node: NodeId,
    /// The configuration it runs with.
    pub(crate) config: Config,
    /// The store.
    pub(crate) store: Store,
    /// The agencies.
    pub(crate) directory: ArcSwap<Directory>,
    /// Neighbours and local agencies.
    pub(crate) topology: Topology,
    /// Keys and trust stores.
    pub(crate) material: ArcSwap<Material>,
}

impl Core {
    pub(crate) fn new(config: Config, store: Store, directory: Directory, material: Material) -> Arc<Self> {
        Arc::new(Self {
            node: config.node.clone(),
            topology: topology(&config),
            store,
            directory: ArcSwap::from_pointee(directory),
            material: ArcSwap::from_pointee(material),
            config,
        })
    }

    /// The link to the axis, of the neighbour that is the axis.
    pub(crate) fn axis_link(&self, neighbour: &NeighbourId) -> Option<&AxisLink> {
        self.config.neighbours.iter().find(|known| known.id == *neighbour).and_then(|known| known.axis.as_ref())
    }

    /// The node that an entry came from, to which receipts go back. The axis understands none: it gets statuses.
    pub(crate) fn receipts_go_to<'a>(&self, origin: &'a Origin) -> Option<&'a NeighbourId> {
        match origin {
            Origin::Neighbour(back) if self.axis_link(back).is_none() => Some(back),
            Origin::Neighbour(_) | Origin::Local(_) => None,
        }
    }

    /// Signs a receipt with this node's key.
    pub(crate) fn sign(&self, receipt: &Receipt) -> Result<SignedReceipt, SignReceiptError> {
        evidence::sign(receipt, &self.material.load().signer)
    }

    /// Limits of the codec, with the configured sizes.
    pub(crate) fn packet_limits(&self) -> edxml::Limits {
        let limits = &self.config.limits;
        edxml::Limits {
            attachments_max: limits.attachments_max,
            attachment_bytes_max: limits.packet_bytes_max,
            packet_bytes_max: limits.packet_bytes_max,
            ..edxml::Limits::default()
        }
    }
}

/// A new exchange id, UUID version 7: time-ordered ids cost the store least.
pub(crate) fn new_exchange() -> ExchangeId {
    ExchangeId::from_bytes(uuid::Uuid::now_v7().into_bytes())
}

/// A new receipt id.
pub(crate) fn new_receipt() -> ReceiptId {
    ReceiptId::from_bytes(uuid::Uuid::now_v7().into_bytes())
}

fn topology(config: &Config) -> Topology {
    let neighbours = config.neighbours.iter().map(|neighbour| directory::Neighbour {
        id: neighbour.id.clone(),
        kind: match neighbour.kind {
            NeighbourKind::Parent => directory::NeighbourKind::Parent,
            NeighbourKind::Child => directory::NeighbourKind::Child,
            NeighbourKind::Peer => directory::NeighbourKind::Peer,
            NeighbourKind::Axis => directory::NeighbourKind::Axis,
        },
        serves: neighbour.serves.clone(),
    });
    let local = config.systems.iter().flat_map(|system| system.agencies.iter().cloned());
    Topology {
        node: config.node.clone(),
        neighbours: neighbours.collect(),
        local: local.map(|agency| (agency, EndpointKind::Inbox)).collect(),
        sole_authority_for: Vec::new(),
    }
}
