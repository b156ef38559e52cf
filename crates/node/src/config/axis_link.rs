//! The connection to the national axis.

use std::path::PathBuf;
use std::time::Duration;

use axis::client::{Endpoint, Proxy};
use types::AgencyCode;

use super::{KeyFiles, SecretRef};

/// How this node speaks to the national axis.
#[derive(Clone, Debug)]
pub struct AxisLink {
    /// Where the axis's operations are: the operation's name is appended.
    pub endpoint: Endpoint,
    /// The system id that the axis gave.
    pub system: String,
    /// Where the secret is kept.
    pub secret: SecretRef,
    /// How often the waiting list is asked for.
    pub poll_interval: Duration,
    /// Between two questions about sent packets that their receivers have not taken.
    pub follow_up_interval: Duration,
    /// Lines of a full page of the waiting list; after a full page the next is asked for at once.
    pub batch: usize,
    /// Packets sent, and fetched, at one time.
    pub places: usize,
    /// The HTTP proxy on the way.
    pub proxy: Option<Proxy>,
    /// What the axis's certificate chains to; empty: the CAs of the transport.
    pub ca: Vec<PathBuf>,
    /// The client certificate, where the axis asks for one.
    pub identity: Option<KeyFiles>,
    /// Only packets for these and what is below them are taken; empty: all.
    pub agencies: Vec<AgencyCode>,
    /// The daily synchronisation of agencies.
    pub agency_sync: AgencySync,
}

/// The daily synchronisation of agencies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AgencySync {
    /// What happens to the list.
    pub mode: SyncMode,
    /// When, Vietnam time.
    pub at: jiff::civil::Time,
}

/// What happens to the axis's list of agencies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyncMode {
    /// Fetched daily and applied.
    Apply,
    /// Fetched daily; the differences are logged.
    Propose,
    /// Not fetched.
    Off,
}
