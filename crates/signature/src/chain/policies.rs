//! Certificate policies along a path: the graph of RFC 9618 in place of RFC 5280's tree, which may grow without bound.

use std::collections::{BTreeMap, BTreeSet};

use crate::certificate::{Certificate, maps_any};
use crate::oid;
use crate::policy::{CertificatePolicies, Initial};
use crate::reason::ChainReason;

type Oid = Vec<u8>;

/// The policies valid at one certificate.
#[derive(Clone, Debug, Default)]
struct Level {
    /// True when anyPolicy is valid here.
    has_any: bool,
    nodes: BTreeMap<Oid, Node>,
}

#[derive(Clone, Debug, Default)]
struct Node {
    /// Policies of the level above that this one came from; none when it came from anyPolicy.
    parents: BTreeSet<Oid>,
    is_mapped: bool,
}

impl Level {
    fn is_empty(&self) -> bool {
        !self.has_any && self.nodes.is_empty()
    }
}

/// The counters of RFC 5280 6.1.2 (d)–(f).
struct Counters {
    explicit: u32,
    inhibit_any: u32,
    mapping: u32,
}

/// Checks the policies of a path, given from the certificate below the anchor to the last one (RFC 5280 6.1.3 d–f,
/// 6.1.4 a, b, h–j, 6.1.5 a, b, g). The anchor's own policy constraints count as well (RFC 5937).
pub(super) fn check(
    anchor: &Certificate,
    path: &[&Certificate],
    wanted: &CertificatePolicies,
) -> Result<(), ChainReason> {
    let all = u32::try_from(path.len()).unwrap_or(u32::MAX).saturating_add(1);
    let start = |initial: Initial| if initial == Initial::Set { 0 } else { all };
    let mut counters = Counters {
        explicit: start(wanted.require_explicit),
        inhibit_any: start(wanted.inhibit_any),
        mapping: start(wanted.inhibit_mapping),
    };
    counters.lower(anchor);
    let mut levels: Vec<Level> = Vec::with_capacity(path.len());
    let mut level = Level { has_any: true, ..Level::default() };
    for (position, certificate) in path.iter().enumerate() {
        let is_last = position + 1 == path.len();
        let is_self_issued = super::is_self_issued(certificate);
        let takes_any = counters.inhibit_any > 0 || (!is_last && is_self_issued);
        level.take_policies(certificate, takes_any);
        if counters.explicit == 0 && level.is_empty() {
            return Err(refused(certificate));
        }
        if is_last {
            levels.push(level);
            counters.explicit = counters.explicit.saturating_sub(1);
            if certificate.extensions().policy_constraints.require_explicit == Some(0) {
                counters.explicit = 0;
            }
            break;
        }
        if maps_any(&certificate.extensions().policy_mappings) {
            return Err(ChainReason::PolicyMapping { subject: certificate.subject().to_owned() });
        }
        let next = level.map_policies(certificate, counters.mapping > 0);
        levels.push(level);
        level = next;
        if !is_self_issued {
            counters.count_down();
        }
        counters.lower(certificate);
    }
    match path.last() {
        Some(last) if counters.explicit == 0 && !has_wanted(&levels, wanted) => Err(refused(last)),
        _ => Ok(()),
    }
}

fn refused(certificate: &Certificate) -> ChainReason {
    ChainReason::CertificatePolicy { subject: certificate.subject().to_owned() }
}

impl Counters {
    fn count_down(&mut self) {
        self.explicit = self.explicit.saturating_sub(1);
        self.inhibit_any = self.inhibit_any.saturating_sub(1);
        self.mapping = self.mapping.saturating_sub(1);
    }

    fn lower(&mut self, certificate: &Certificate) {
        let extensions = certificate.extensions();
        let lower = |counter: &mut u32, limit: Option<u32>| *counter = (*counter).min(limit.unwrap_or(u32::MAX));
        lower(&mut self.explicit, extensions.policy_constraints.require_explicit);
        lower(&mut self.mapping, extensions.policy_constraints.inhibit_mapping);
        lower(&mut self.inhibit_any, extensions.inhibit_any_policy);
    }
}

impl Level {
    /// RFC 5280 6.1.3 (d), (e): what was expected here, cut down to what the certificate states.
    fn take_policies(&mut self, certificate: &Certificate, takes_any: bool) {
        let Some(stated) = &certificate.extensions().policies else {
            *self = Self::default();
            return;
        };
        let was_any = self.has_any;
        let states_any = takes_any && stated.iter().any(|policy| policy == oid::ANY_POLICY);
        if !states_any {
            self.nodes.retain(|policy, _| stated.contains(policy));
            self.has_any = false;
        }
        if was_any {
            for policy in stated.iter().filter(|policy| *policy != oid::ANY_POLICY) {
                self.nodes.entry(policy.clone()).or_default();
            }
        }
    }

    /// RFC 5280 6.1.4 (b): what is expected of the certificate below.
    fn map_policies(&mut self, certificate: &Certificate, is_allowed: bool) -> Self {
        let mappings = &certificate.extensions().policy_mappings;
        let mut next = Self { has_any: self.has_any, ..Self::default() };
        for (issuers, subjects) in mappings {
            if !is_allowed {
                self.nodes.remove(issuers);
                continue;
            }
            if self.has_any {
                self.nodes.entry(issuers.clone()).or_default();
            }
            if let Some(node) = self.nodes.get_mut(issuers) {
                node.is_mapped = true;
                next.nodes.entry(subjects.clone()).or_default().parents.insert(issuers.clone());
            }
        }
        for (policy, _) in self.nodes.iter().filter(|(_, node)| !node.is_mapped) {
            next.nodes.entry(policy.clone()).or_default().parents.insert(policy.clone());
        }
        next
    }
}

/// RFC 5280 6.1.5 (g): whether a policy of the last level is, in the first CA's words, one of those wanted.
fn has_wanted(levels: &[Level], wanted: &CertificatePolicies) -> bool {
    let Some(last) = levels.last() else { return false };
    if last.is_empty() {
        return false;
    }
    let takes_every =
        wanted.acceptable.is_empty() || wanted.acceptable.iter().any(|id| id.content() == oid::ANY_POLICY);
    if takes_every || last.has_any {
        return true;
    }
    let mut reached: BTreeSet<&Oid> = last.nodes.keys().collect();
    for level in levels.iter().rev() {
        let mut above = BTreeSet::new();
        for (policy, node) in level.nodes.iter().filter(|(policy, _)| reached.contains(policy)) {
            if node.parents.is_empty() && wanted.acceptable.iter().any(|id| id.content() == policy.as_slice()) {
                return true;
            }
            above.extend(&node.parents);
        }
        reached = above;
    }
    false
}

#[cfg(test)]
mod tests;
