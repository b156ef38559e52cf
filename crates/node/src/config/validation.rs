//! Where validation data comes from.

use std::path::PathBuf;
use std::time::Duration;

use validation_data::{AllowList, Nonce, Ocsp, Proxy, Url};

/// Where revocation data comes from.
#[derive(Clone, Debug)]
pub struct RevocationSources {
    /// Hosts that may be asked, and where addresses lead instead.
    pub allow: AllowList,
    /// Lists that are fetched whatever certificates name.
    pub crl_urls: Vec<Url>,
    /// The HTTP proxy on the way.
    pub proxy: Option<Proxy>,
    /// What the certificates of https addresses chain to; empty: the CAs of the transport.
    pub ca: Vec<PathBuf>,
    /// Between two fetches of a list.
    pub refresh_interval: Duration,
    /// With no news for longer, a source counts as stale.
    pub stale_after: Duration,
    /// Longest time of one fetch.
    pub fetch_time_max: Duration,
    /// Whether responders are asked.
    pub ocsp: Ocsp,
    /// Whether with a nonce.
    pub nonce: Nonce,
}

/// Where time-stamps of this node's receipts come from.
#[derive(Clone, Debug)]
pub struct TimestampSource {
    /// The authority.
    pub url: Url,
    /// Policy asked of it, dotted.
    pub policy: Option<String>,
    /// How often a batch is closed.
    pub interval: Duration,
    /// Receipts that close a batch before its time.
    pub batch_max: usize,
}
