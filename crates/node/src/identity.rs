//! Who is at the other end of a connection: a connected system, or a neighbour.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use gateway::{Caller, Callers, Credential, PeerCertificate};
use types::{AgencyCode, Digest, NeighbourId, SystemId};

use crate::config::{Config, NeighbourKind};

const SYSTEM: &str = "urn:lienthong:system:";
const NODE: &str = "urn:lienthong:node:";

/// The systems and neighbours of the configuration, by what they show.
#[derive(Debug)]
pub(crate) struct Identities {
    systems: BTreeMap<SystemId, Arc<BTreeSet<AgencyCode>>>,
    certificates: BTreeMap<Digest, SystemId>,
    tokens: BTreeMap<Digest, SystemId>,
    neighbours: BTreeSet<NeighbourId>,
}

impl Identities {
    pub(crate) fn new(config: &Config) -> Self {
        let mut found = Self {
            systems: BTreeMap::new(),
            certificates: BTreeMap::new(),
            tokens: BTreeMap::new(),
            // The axis has no certificate of ours: its name in the configuration opens no relay link.
            neighbours: config
                .neighbours
                .iter()
                .filter(|neighbour| neighbour.kind != NeighbourKind::Axis)
                .map(|neighbour| neighbour.id.clone())
                .collect(),
        };
        for system in &config.systems {
            found.systems.insert(system.id.clone(), Arc::new(system.agencies.iter().cloned().collect()));
            found.certificates.extend(system.certificates.iter().map(|digest| (*digest, system.id.clone())));
            found.tokens.extend(system.token.map(|digest| (digest, system.id.clone())));
        }
        found
    }

    /// The neighbour whose certificate this is; a system's certificate names none.
    pub(crate) fn neighbour(&self, certificate: &PeerCertificate) -> Option<NeighbourId> {
        let ids = certificate.sans.iter().filter_map(|san| san.strip_prefix(NODE));
        ids.filter_map(|id| id.parse().ok()).find(|id| self.neighbours.contains(id))
    }

    fn caller(&self, system: &SystemId, how: Credential) -> Option<Caller> {
        let agencies = self.systems.get(system)?.clone();
        Some(Caller { system: system.clone(), agencies, how })
    }
}

impl Callers for Identities {
    fn by_certificate(&self, sans: &[String], sha256: &Digest) -> Option<Caller> {
        let mut named = sans.iter().filter_map(|san| san.strip_prefix(SYSTEM)).filter_map(|id| id.parse().ok());
        let by_name = named.find_map(|system| self.caller(&system, Credential::MutualTls));
        by_name.or_else(|| self.caller(self.certificates.get(sha256)?, Credential::MutualTls))
    }

    fn by_token(&self, token: &str) -> Option<Caller> {
        // Looked up by digest: how long the comparison takes says nothing about the token itself.
        let digest = ring::digest::digest(&ring::digest::SHA256, token.as_bytes());
        let digest = Digest::try_from(digest.as_ref()).ok()?;
        self.caller(self.tokens.get(&digest)?, Credential::BearerToken)
    }
}

#[cfg(test)]
mod tests;
