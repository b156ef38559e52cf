//! The connection to the national axis.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use types::AgencyCode;

use super::{KeyFiles, Requirement, SecretRef};

/// How this node speaks to the national axis.
#[derive(Clone, Debug)]
pub struct AxisLink {
    /// Where the axis's operations are: the operation's name is appended.
    pub endpoint: HttpUrl,
    /// The system id that the axis gave.
    pub system: String,
    /// Where the secret is kept.
    pub secret: SecretRef,
    /// How often the waiting list is asked for.
    pub poll_interval: Duration,
    /// Packets taken in one round.
    pub batch: usize,
    /// Packets sent, and fetched, at one time.
    pub places: usize,
    /// The HTTP proxy on the way.
    pub proxy: Option<HttpUrl>,
    /// What the axis's certificate chains to; empty: the CAs of the transport.
    pub ca: Vec<PathBuf>,
    /// The client certificate, where the axis asks for one.
    pub identity: Option<KeyFiles>,
    /// Whether unsigned packets from the axis are taken.
    pub signatures: Requirement,
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

/// An `http` or `https` URL without query, fragment and user information; printed without a slash at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpUrl(Box<str>);

impl HttpUrl {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the connection is encrypted.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }
}

impl FromStr for HttpUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WANTED: &str = "write http://host[:port][/path] or https://host[:port][/path]";
        let uri: axum::http::Uri = text.parse().map_err(|_| WANTED)?;
        let authority = uri.authority().ok_or(WANTED)?;
        let is_plain = matches!(uri.scheme_str(), Some("http" | "https"))
            && !authority.host().is_empty()
            && !authority.as_str().contains('@')
            && uri.query().is_none()
            && !text.contains('#');
        if is_plain { Ok(Self(text.trim_end_matches('/').into())) } else { Err(WANTED) }
    }
}

impl fmt::Display for HttpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
