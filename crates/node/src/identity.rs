//! Who is at the other end of a connection: a connected system, or a neighbour.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arc_swap::ArcSwap;
use gateway::{Caller, Callers, Credential, PeerCertificate, Refusal};
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota};
use types::{AgencyCode, Digest, ErrorCode, NeighbourId, SystemId};

use crate::config::{Config, NeighbourKind};
use crate::registry::Registry;

const SYSTEM: &str = "urn:lienthong:system:";
const NODE: &str = "urn:lienthong:node:";

/// The systems and neighbours of the configuration, by what they show.
#[derive(Debug)]
pub(crate) struct Identities {
    /// Replaced as a whole when a system registers an agency.
    systems: ArcSwap<BTreeMap<SystemId, Arc<BTreeSet<AgencyCode>>>>,
    axis_ids: BTreeMap<Box<str>, SystemId>,
    rates: BTreeMap<SystemId, DefaultDirectRateLimiter>,
    certificates: BTreeMap<Digest, SystemId>,
    tokens: BTreeMap<Digest, SystemId>,
    neighbours: BTreeSet<NeighbourId>,
}

impl Identities {
    pub(crate) fn new(config: &Config, registry: &Registry) -> Self {
        let mut found = Self {
            systems: ArcSwap::default(),
            axis_ids: BTreeMap::new(),
            rates: BTreeMap::new(),
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
            found.axis_ids.extend(system.axis.iter().map(|axis| (axis.id.clone(), system.id.clone())));
            let quota = system.rate.map(|rate| Quota::per_second(rate.per_second).allow_burst(rate.burst));
            found.rates.extend(quota.map(|quota| (system.id.clone(), DefaultDirectRateLimiter::direct(quota))));
            found.certificates.extend(system.certificates.iter().map(|digest| (*digest, system.id.clone())));
            found.tokens.extend(system.token.map(|digest| (digest, system.id.clone())));
        }
        found.speak(config, registry);
        found
    }

    /// Lets systems speak for the agencies they registered, from the next call on.
    pub(crate) fn speak(&self, config: &Config, registry: &Registry) {
        let spoken = registry.spoken_for(config).into_iter();
        self.systems.store(Arc::new(spoken.map(|(system, agencies)| (system, Arc::new(agencies))).collect()));
    }

    /// The system with this `systemid` of the axis's protocol, which has shown its secret.
    pub(crate) fn by_axis_id(&self, id: &str) -> Option<Caller> {
        self.caller(self.axis_ids.get(id)?, Credential::AxisSecret)
    }

    /// The neighbour whose certificate this is; a system's certificate names none.
    pub(crate) fn neighbour(&self, certificate: &PeerCertificate) -> Option<NeighbourId> {
        let ids = certificate.sans.iter().filter_map(|san| san.strip_prefix(NODE));
        ids.filter_map(|id| id.parse().ok()).find(|id| self.neighbours.contains(id))
    }

    fn caller(&self, system: &SystemId, how: Credential) -> Option<Caller> {
        let agencies = self.systems.load().get(system)?.clone();
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

    fn admit(&self, caller: &Caller) -> Result<(), Refusal> {
        let Some(rate) = self.rates.get(&caller.system) else { return Ok(()) };
        rate.check().map_err(|until| {
            let wait = until.wait_time_from(DefaultClock::default().now());
            let detail = format!("system {} makes more requests than it may", caller.system);
            Refusal::new(ErrorCode::RateLimited, detail).retry_after(wait)
        })
    }
}

#[cfg(test)]
mod tests;
