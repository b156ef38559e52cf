//! Who calls: a connected system, or the certificate of a connection.

use std::collections::BTreeSet;
use std::sync::Arc;

use types::{AgencyCode, Digest, SystemId};

use crate::Refusal;

/// How a caller showed who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential {
    /// The client certificate of the connection.
    MutualTls,
    /// `Authorization: Bearer …`.
    BearerToken,
    /// The secret of the national axis's HTTP protocol.
    AxisSecret,
}

/// An authenticated system and the agencies it speaks for.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The system, as the node's configuration names it.
    pub system: SystemId,
    /// The agencies in whose name it may send, read and report.
    pub agencies: Arc<BTreeSet<AgencyCode>>,
    /// How it was authenticated.
    pub how: Credential,
}

impl Caller {
    /// Whether the system may act for `agency`.
    #[must_use]
    pub fn speaks_for(&self, agency: &AgencyCode) -> bool {
        self.agencies.contains(agency)
    }
}

/// The client certificate of a connection, verified by rustls against the client authorities.
///
/// In the extensions of every request of that connection, for HTTP handlers and gRPC services alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerCertificate {
    /// Subject alternative names: URIs verbatim (`urn:lienthong:system:hue-qlvb`), DNS names with
    /// the prefix `dns:`; other kinds are left out.
    pub sans: Vec<String>,
    /// SHA-256 of the certificate's DER.
    pub sha256: Digest,
}

/// The systems that may call, given by the node; a table in memory, so that no call waits on it.
///
/// A neighbour's certificate must not be answered here: nodes are no agency systems.
pub trait Callers: Send + Sync + 'static {
    /// The system with this certificate: by a `urn:lienthong:system:<id>` name or a configured fingerprint.
    fn by_certificate(&self, sans: &[String], sha256: &Digest) -> Option<Caller>;

    /// The system with this bearer token; hashing and comparing in constant time are the implementor's work.
    fn by_token(&self, token: &str) -> Option<Caller>;

    /// Asked once per call, after authentication: the place of a rate limit.
    ///
    /// # Errors
    /// `rate_limited` with a time to wait; `permission_denied` for a system that is switched off.
    fn admit(&self, _caller: &Caller) -> Result<(), Refusal> {
        Ok(())
    }
}
