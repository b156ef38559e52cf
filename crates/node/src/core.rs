//! What every part of a running node shares.

use std::io::Read as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use arc_swap::ArcSwap;
use directory::{Directory, EndpointKind, Topology};
use evidence::{Receipt, ReceiptId, SignReceiptError, SignedReceipt, UnsignedReceipt};
use queue::{Document, Origin, Store};
use signature::Wanted;
use types::{ErrorCode, ExchangeId, NeighbourId, NodeId, SystemId};
use validation_data::{Service as ValidationData, Stamping};

use crate::axis_link;
use crate::config::{AxisLink, Config, Neighbour, NeighbourKind, System};
use crate::intake::Refused;
use crate::material::Material;
use crate::quarantine::Bell;
use crate::quota::Usage;
use crate::record::Side;
use crate::registry::Registry;
use crate::signing::Signing;
use crate::verification::{Pool, Setup};

/// How long a packet waits for revocation data that is asked for because of it; what comes later is kept for the next.
const FETCH_MAX: Duration = Duration::from_secs(4);

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
    pub(crate) topology: ArcSwap<Topology>,
    /// Agencies that systems registered.
    pub(crate) registry: ArcSwap<Registry>,
    /// Held while directory and registered agencies are read and replaced.
    pub(crate) replacing: Mutex<()>,
    /// The connection to the axis, where there is one.
    pub(crate) axis: axis_link::State,
    /// Rung to have quarantine looked through.
    pub(crate) quarantine: Bell,
    /// Trust stores and policy.
    pub(crate) material: ArcSwap<Material>,
    /// The key that signs receipts.
    pub(crate) signing: Signing,
    /// What systems have brought of late.
    pub(crate) usage: Usage,
    /// The processes that look into files.
    pub(crate) workers: Arc<Pool>,
    /// Revocation lists, responses and issuers that were fetched or imported.
    pub(crate) validation: ValidationData,
    /// Time-stamps of receipts, where there is an authority.
    pub(crate) stamping: Option<Stamping>,
}

impl Core {
    pub(crate) fn new(
        config: Config,
        store: Store,
        directory: Directory,
        registry: Registry,
        material: Arc<Material>,
        signing: Signing,
        (validation, stamping): (ValidationData, Option<Stamping>),
    ) -> Arc<Self> {
        Arc::new(Self {
            node: config.node.clone(),
            topology: ArcSwap::from_pointee(topology(&config, &registry)),
            registry: ArcSwap::from_pointee(registry),
            replacing: Mutex::new(()),
            store,
            directory: ArcSwap::from_pointee(directory),
            material: ArcSwap::new(material),
            signing,
            validation,
            stamping,
            axis: axis_link::State::default(),
            workers: Arc::new(Pool::new(config.verification)),
            quarantine: Bell::default(),
            usage: Usage::new(&config, crate::clock::now()),
            config,
        })
    }

    /// Tells the workers what to check with from now on: after trust stores or revocation data were replaced.
    pub(crate) fn prepare_workers(&self) {
        let setup = Setup::of(&self.validation.trust(), &self.validation.evidence(), &self.config);
        if let Err(error) = self.workers.prepare(setup) {
            tracing::error!(error = &error as &dyn std::error::Error, "the workers keep the trust stores they had");
        }
        // What is held may be decided with them.
        self.quarantine.ring();
    }

    /// Asks for what a check lacked, as far as the configuration allows; true when something came, so that the same check
    /// may find more.
    pub(crate) async fn fetch(&self, wanted: &[Wanted]) -> bool {
        if wanted.is_empty() || self.validation.obtain(wanted, FETCH_MAX).await.found == 0 {
            return false;
        }
        self.prepare_workers();
        true
    }

    /// What is kept beside a packet.
    pub(crate) fn side(&self, document: &Document) -> Result<Side, Refused> {
        let mut bytes = Vec::new();
        self.store.open_payload(&document.side)?.read_to_end(&mut bytes).map_err(|error| {
            tracing::error!(error = &error as &dyn std::error::Error, "a payload could not be read");
            Refused::new(ErrorCode::Internal, "the node could not read the content")
        })?;
        Side::read(&bytes).map_err(|error| Refused::new(error.code(), error.to_string()))
    }

    /// The link to the axis, of the neighbour that is the axis.
    pub(crate) fn axis_link(&self, neighbour: &NeighbourId) -> Option<&AxisLink> {
        self.neighbour(neighbour).and_then(|known| known.axis.as_ref())
    }

    /// What is configured for a neighbour.
    pub(crate) fn neighbour(&self, id: &NeighbourId) -> Option<&Neighbour> {
        self.config.neighbours.iter().find(|known| known.id == *id)
    }

    /// The node that an entry came from, to which receipts go back. The axis understands none: it gets statuses.
    pub(crate) fn receipts_go_to<'a>(&self, origin: &'a Origin) -> Option<&'a NeighbourId> {
        match origin {
            Origin::Neighbour(back) if self.axis_link(back).is_none() => Some(back),
            Origin::Neighbour(_) | Origin::Local(_) => None,
        }
    }

    /// Signs a receipt with this node's key.
    pub(crate) async fn sign(&self, receipt: &Receipt) -> Result<SignedReceipt, SignReceiptError> {
        let mut signed = self.sign_all(vec![UnsignedReceipt::of(receipt)?]).await?;
        signed.pop().ok_or(SignReceiptError::Key(signature::SignError::Refused))
    }

    /// Signs receipts with this node's key, together: the answers are in their order, as many as there are receipts.
    pub(crate) async fn sign_all(
        &self,
        receipts: Vec<UnsignedReceipt>,
    ) -> Result<Vec<SignedReceipt>, SignReceiptError> {
        let signed = self.signing.sign(receipts).await?;
        if let Some(stamping) = &self.stamping {
            // Before anybody has them: none is issued that was not noted.
            stamping.note(&signed.iter().map(SignedReceipt::leaf_hash).collect::<Vec<_>>());
        }
        Ok(signed)
    }

    /// What is configured for a system.
    pub(crate) fn system(&self, id: &SystemId) -> Option<&System> {
        self.config.systems.iter().find(|system| system.id == *id)
    }

    /// Bytes of one packet of a system.
    pub(crate) fn packet_bytes_max(&self, system: &SystemId) -> u64 {
        let max = self.config.limits.packet_bytes_max;
        self.system(system).and_then(|system| system.packet_bytes_max).map_or(max, |own| own.min(max))
    }

    /// Limits of the codec for a system's packets.
    pub(crate) fn system_limits(&self, system: &SystemId) -> edxml::Limits {
        let max = self.packet_bytes_max(system);
        edxml::Limits { attachment_bytes_max: max, packet_bytes_max: max, ..self.packet_limits() }
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

/// Neighbours and local agencies, those registered by systems included.
pub(crate) fn topology(config: &Config, registry: &Registry) -> Topology {
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
    let local = registry.spoken_for(config).into_values().flatten();
    Topology {
        node: config.node.clone(),
        neighbours: neighbours.collect(),
        local: local.map(|agency| (agency, EndpointKind::Inbox)).collect(),
        sole_authority_for: Vec::new(),
    }
}
