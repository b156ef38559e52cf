//! The node's configuration: one TOML file, checked as a whole before anything starts.

mod axis_link;
mod check;
mod environment;
mod file;
pub mod reference;
mod secret;
mod signing;
mod validation;

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;

use delivery::fair::Weights;
use delivery::{LaneSchedule, Patience, Retry, Ttl};
use queue::{EngineKind, HoldQuota, StoreOptions};
use signature::ruling::{Demand, NamedPolicy, Role};
use signature::{ActiveContent, BudgetLimits};
use types::{AgencyCode, Digest, NeighbourId, NodeId, SystemId};

pub use axis_link::{AgencySync, AxisLink, SyncMode};
pub use file::ConfigFile;
pub use secret::{SecretError, SecretRef};
pub use signing::{KeySource, SigningIdentity, SigningKeys};
pub use validation::{RevocationSources, TimestampSource};

/// A configuration that passed every check.
#[derive(Clone, Debug)]
pub struct Config {
    /// This node.
    pub node: NodeId,
    /// Folder of the store.
    pub data_dir: PathBuf,
    /// Whether certificates marked EXAMPLE are taken.
    pub example_certificates: ExampleCertificates,
    /// Address of the one port; port 0 lets the system choose.
    pub listen: SocketAddr,
    /// Files of the transport identity.
    pub tls: TlsFiles,
    /// The key that signs receipts.
    pub signing: SigningKeys,
    /// What document and receipt signatures chain to.
    pub trust: TrustFiles,
    /// Which signatures are asked for.
    pub policy: SignaturePolicy,
    /// How signatures inside files and packets are checked.
    pub verification: Verification,
    /// Who signs on behalf of whom, by certificate.
    pub signers: Vec<SignerEntry>,
    /// Where revocation data comes from.
    pub revocation: RevocationSources,
    /// Where time-stamps of receipts come from; `None`: they get none.
    pub timestamp: Option<TimestampSource>,
    /// The directory's file.
    pub directory_file: PathBuf,
    /// How the store is kept.
    pub store: StoreSettings,
    /// Limits of intake.
    pub limits: Limits,
    /// How senders share the way to a neighbour.
    pub fairness: Fairness,
    /// Documents kept back until their signatures can be checked.
    pub quarantine: Quarantine,
    /// Client certificates that may use the admin interface.
    pub operators: Vec<Digest>,
    /// Waiting between attempts.
    pub retry: Retry,
    /// Time to live per lane.
    pub ttl: Ttl,
    /// How long a stop waits for what is in flight.
    pub shutdown_grace: Duration,
    /// The national axis's protocol, as offered to systems.
    pub axis: Axis,
    /// Connected systems.
    pub systems: Vec<System>,
    /// Other nodes.
    pub neighbours: Vec<Neighbour>,
    /// Log format and filter.
    pub log: Log,
}

/// Whether certificates marked EXAMPLE are taken; never in production.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExampleCertificates {
    /// The node starts with them (demo, tests, training).
    Allowed,
    /// The node refuses to start with any of them.
    Refused,
}

/// A certificate chain and its key, PEM.
#[derive(Clone, Debug)]
pub struct KeyFiles {
    /// Leaf first, then intermediates.
    pub certificate: PathBuf,
    /// PKCS#8.
    pub key: PathBuf,
}

/// Transport identity and the CAs of callers and neighbours.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// This node's own.
    pub own: KeyFiles,
    /// PEM files of the CAs that issue to systems and nodes.
    pub ca: Vec<PathBuf>,
}

/// Trust stores of signatures: apart from the transport's.
#[derive(Clone, Debug)]
pub struct TrustFiles {
    /// Anchors of document signatures.
    pub document_anchors: Vec<PathBuf>,
    /// Intermediates that signatures do not carry.
    pub document_intermediates: Vec<PathBuf>,
    /// Anchors of the nodes' receipts.
    pub node_anchors: Vec<PathBuf>,
}

/// Whether an unsigned packet is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Requirement {
    /// Refused with `signature_missing`.
    Required,
    /// Taken, and reported as not signed.
    Optional,
}

/// What is asked of signatures, and what happens to documents that do not have it.
#[derive(Clone, Debug)]
pub struct SignaturePolicy {
    /// What signatures have to fulfil, and what is asked of documents.
    pub named: NamedPolicy,
    /// Status packets.
    pub statuses: Requirement,
    /// What to do with JavaScript and programs to be launched in PDFs.
    pub active_content: ActiveContent,
}

impl SignaturePolicy {
    /// Whether a signature inside a file or the packet's XML is required of any document.
    #[must_use]
    pub fn looks_inside(&self) -> bool {
        let rules = &self.named.rules;
        let own = rules.demands;
        let changed = rules.exceptions.iter().map(|exception| own.with(&exception.demands));
        changed.chain([own]).any(|demands| {
            [demands.packet, demands.leader, demands.seal, demands.attachment_seal].contains(&Demand::Required)
        })
    }
}

/// How signatures inside files and packets are checked.
#[derive(Clone, Copy, Debug)]
pub struct Verification {
    /// Worker processes; 0: nothing inside files is checked.
    pub workers: usize,
    /// Bytes of one file, decoded.
    pub file_bytes_max: u64,
    /// Bytes of memory of one worker.
    pub memory_max: u64,
    /// Longest check of one file.
    pub time_max: Duration,
    /// Longest check of one document with all its files.
    pub document_time_max: Duration,
    /// Work on one document: its envelope, its packet and all its files together.
    pub document_work: BudgetLimits,
    /// Time of the workers that one system or neighbour may have per minute.
    pub time_per_minute: Duration,
}

/// On behalf of which agency a certificate signs, and as what.
#[derive(Clone, Debug)]
pub struct SignerEntry {
    /// SHA-256 of the certificate.
    pub certificate: Digest,
    /// The agency.
    pub agency: AgencyCode,
    /// As what.
    pub role: Role,
}

/// How the store is kept.
#[derive(Clone, Copy, Debug)]
pub struct StoreSettings {
    /// The embedded engine.
    pub engine: EngineKind,
    /// Its cache in bytes.
    pub cache_bytes: u64,
    /// Part of the disk that intake leaves free, in percent.
    pub reserve_percent: u8,
}

/// Limits of intake.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of one packet.
    pub packet_bytes_max: u64,
    /// Attachments of one packet.
    pub attachments_max: usize,
    /// Uploads at one time; each holds one thread and under 1 MiB.
    pub uploads_max: usize,
}

/// How documents in quarantine are settled.
#[derive(Clone, Copy, Debug)]
pub struct Quarantine {
    /// How often they are looked at again, also without new data.
    pub recheck: Duration,
    /// The longest hold; the time to live of the lane may end it before.
    pub hold_max: Duration,
    /// Senders whose documents are looked at again at one time.
    pub senders_at_once: usize,
    /// What one sending agency may have held.
    pub quota: HoldQuota,
}

/// The national axis's HTTP protocol, as this node offers it to systems with a secret.
#[derive(Clone, Debug)]
pub struct Axis {
    /// Path below which the operations lie, for example `/axis`; never a path of the JSON interface.
    pub root: String,
    /// Lines of one list.
    pub list_max: usize,
    /// How far a request's timestamp may be from the node's time; `None`: it does not count.
    pub timestamp_window: Option<Duration>,
}

/// How a system shows who it is in the axis's protocol.
#[derive(Clone, Debug)]
pub struct AxisAccess {
    /// Its `systemid`: 1 to 128 visible ASCII characters.
    pub id: Box<str>,
    /// Where its secret is kept.
    pub secret: SecretRef,
    /// Where the secret before it is kept, while one replaces the other.
    pub previous: Option<SecretRef>,
}

/// Requests that a system may make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// On average.
    pub per_second: NonZeroU32,
    /// At once.
    pub burst: NonZeroU32,
}

/// How senders share the way to a neighbour.
#[derive(Clone, Debug)]
pub struct Fairness {
    /// Which lane goes next.
    pub schedule: LaneSchedule,
    /// How far a deadline moves a document among those of its sender.
    pub patience: Patience,
    /// Shares of senders.
    pub weights: Weights,
    /// How long before its deadline a document at risk is reported, at least.
    pub deadline_warning: Duration,
}

/// What a system may bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quotas {
    /// Documents per minute, 1 or more.
    pub documents_per_minute: u64,
    /// Bytes per minute, 1 or more.
    pub bytes_per_minute: u64,
    /// Transmissions that are not settled, 1 or more.
    pub waiting: u64,
}

/// A connected system: an agency's document software.
#[derive(Clone, Debug)]
pub struct System {
    /// Its id, as in its certificate.
    pub id: SystemId,
    /// Agencies it speaks for; each gets an inbox here.
    pub agencies: Vec<AgencyCode>,
    /// Certificates taken besides the one with the system's SAN.
    pub certificates: Vec<Digest>,
    /// Document-signing certificates it may use; empty: any that chains to a document anchor.
    pub signers: Vec<Digest>,
    /// SHA-256 of the bearer token.
    pub token: Option<Digest>,
    /// Its access by the axis's protocol.
    pub axis: Option<AxisAccess>,
    /// Bytes of one packet; `None`: as [`Limits::packet_bytes_max`].
    pub packet_bytes_max: Option<u64>,
    /// Requests it may make; `None`: any number.
    pub rate: Option<Rate>,
    /// What it may bring.
    pub quotas: Quotas,
    /// Which signatures are asked of it, instead of [`Config::policy`].
    pub signatures: Option<Requirement>,
}

/// Place of a neighbour in the topology.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NeighbourKind {
    /// The node above.
    Parent,
    /// A node below.
    Child,
    /// A node beside.
    Peer,
    /// The national axis.
    Axis,
}

/// Another node, or the national axis.
#[derive(Clone, Debug)]
pub struct Neighbour {
    /// Its id, the same as in its certificate; of the axis, a name of our own.
    pub id: NeighbourId,
    /// Its place.
    pub kind: NeighbourKind,
    /// Where to dial; `None` when it dials us.
    pub address: Option<Address>,
    /// Agencies behind it, each with everything below it.
    pub serves: Vec<AgencyCode>,
    /// Which signatures are asked of what comes from it, instead of [`Config::policy`].
    pub signatures: Option<Requirement>,
    /// How to speak to it: present when, and only when, it is the axis.
    pub axis: Option<AxisLink>,
}

/// Host and port to dial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Name or IP address, also what the certificate must carry.
    pub host: String,
    /// TCP port.
    pub port: u16,
}

/// Log format and filter.
#[derive(Clone, Debug)]
pub struct Log {
    /// Text or JSON lines.
    pub format: LogFormat,
    /// A tracing filter, for example `info,relay=debug`.
    pub filter: String,
}

/// How log lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Why a configuration is not usable.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("read configuration {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not TOML, or has an unknown key or a value of the wrong type.
    #[error("configuration {}: {message}", path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// The parser's words, with line and column.
        message: String,
    },
    /// Values that do not fit, each with its key.
    #[error("configuration {}:\n{}", path.display(), problems.join("\n"))]
    Invalid {
        /// The file.
        path: PathBuf,
        /// One line a problem.
        problems: Vec<String>,
    },
}

impl Config {
    /// Reads, overlays `LIENTHONG__SECTION__KEY` variables, and checks everything.
    ///
    /// Relative paths in the file are relative to the file's folder.
    ///
    /// # Errors
    /// Each problem found, with its key and what to do.
    pub fn load(path: &Path, variables: impl Iterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        let text =
            std::fs::read_to_string(path).map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
        let base = path.parent().unwrap_or_else(|| Path::new("."));
        Self::parse(&text, base, variables).map_err(|error| error.at(path))
    }

    /// How its store is opened.
    #[must_use]
    pub fn store_options(&self) -> StoreOptions {
        let mut options = StoreOptions::new(&self.data_dir);
        options.engine = self.store.engine;
        options.cache_bytes = self.store.cache_bytes;
        options.reserve_percent = self.store.reserve_percent;
        options.hold_quota = self.quarantine.quota;
        options.retry = self.retry;
        options.ttl = self.ttl;
        options.schedule = self.fairness.schedule;
        options.weights = self.fairness.weights.clone();
        options.patience = self.fairness.patience;
        options
    }

    fn parse(text: &str, base: &Path, variables: impl Iterator<Item = (String, String)>) -> Result<Self, Unplaced> {
        // The first pass gives errors with line and column; the second sees the overlay too.
        toml::from_str::<ConfigFile>(text).map_err(|error| Unplaced::Parse(error.to_string()))?;
        let mut table: toml::Table =
            text.parse().map_err(|error: toml::de::Error| Unplaced::Parse(error.to_string()))?;
        environment::overlay(&mut table, variables).map_err(Unplaced::Invalid)?;
        let file: ConfigFile = table.try_into().map_err(|error| Unplaced::Parse(error.to_string()))?;
        check::check(file, base).map_err(Unplaced::Invalid)
    }
}

/// A problem before the file's name is added.
enum Unplaced {
    Parse(String),
    Invalid(Vec<String>),
}

impl Unplaced {
    fn at(self, path: &Path) -> ConfigError {
        let path = path.to_owned();
        match self {
            Self::Parse(message) => ConfigError::Parse { path, message },
            Self::Invalid(problems) => ConfigError::Invalid { path, problems },
        }
    }
}

#[cfg(test)]
mod tests;
