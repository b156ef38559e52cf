//! Where a document for an agency goes next. Source: the order of rules in the design, §5.

use std::collections::BTreeMap;

use types::{AgencyCode, ErrorCode, NeighbourId, NodeId};

use crate::{Agency, Directory, EndpointKind, Reach};

mod explain;

pub use explain::{Explanation, RouteOutcome, RouteRule, RouteStep};

/// Nodes that a document may pass: four levels up, four down, and room for a detour through the axis.
const HOPS_MAX: usize = 16;

/// What the configuration says about this node's place among the others.
#[derive(Clone, Debug)]
pub struct Topology {
    /// This node.
    pub node: NodeId,
    /// Its neighbours; of several that fit equally, the first here is taken.
    pub neighbours: Vec<Neighbour>,
    /// Agencies served on this node beyond those to which the directory gives an endpoint.
    pub local: BTreeMap<AgencyCode, EndpointKind>,
    /// Bodies whose whole subtree only this node can reach: a receiver below one of them that no route reaches is
    /// refused here, not sent up to come back. Empty = everything unknown goes up.
    pub sole_authority_for: Vec<AgencyCode>,
}

/// Another node, or the national axis, to which this node has a link.
#[derive(Clone, Debug)]
pub struct Neighbour {
    /// Its id in this node's configuration.
    pub id: NeighbourId,
    /// What it is to this node.
    pub kind: NeighbourKind,
    /// Bodies that it serves, each with everything below it.
    pub serves: Vec<AgencyCode>,
}

/// What a neighbour is to this node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NeighbourKind {
    /// The node above: takes what nothing else fits.
    Parent,
    /// A node below.
    Child,
    /// A node beside.
    Peer,
    /// The national axis: takes what nothing else fits when there is no parent.
    Axis,
}

/// Where the document goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RouteDecision {
    /// It has arrived: to this endpoint of this node.
    Local {
        /// The agency as the directory lists it.
        agency: AgencyCode,
        /// Kind of the endpoint.
        endpoint: EndpointKind,
    },
    /// To this neighbour.
    Neighbour {
        /// The neighbour.
        id: NeighbourId,
        /// The rule that chose it.
        rule: RouteRule,
    },
    /// Nowhere.
    Refused(RouteRefusal),
}

/// Why a document goes nowhere.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RouteRefusal {
    /// It has passed this node before.
    #[error("the document has passed node {node} before")]
    Loop {
        /// This node.
        node: NodeId,
    },
    /// It has passed too many nodes.
    #[error("the document has passed {hops} nodes, limit {max}")]
    HopLimit {
        /// Nodes passed.
        hops: usize,
        /// Nodes allowed.
        max: usize,
    },
    /// No rule fits.
    #[error("there is no route to {to}{}", nearest.as_ref().map(|code| format!("; the nearest known body above it is {code}")).unwrap_or_default())]
    NoRoute {
        /// The receiver.
        to: AgencyCode,
        /// The nearest listed body above it.
        nearest: Option<AgencyCode>,
    },
}

impl RouteRefusal {
    /// The public code.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Loop { .. } => ErrorCode::LoopDetected,
            Self::HopLimit { .. } => ErrorCode::HopLimit,
            Self::NoRoute { .. } => ErrorCode::NoRoute,
        }
    }
}

impl NeighbourKind {
    /// The kind as files write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Parent => "parent",
            Self::Child => "child",
            Self::Peer => "peer",
            Self::Axis => "axis",
        }
    }
}

impl Topology {
    /// Where a document for `to` goes; `to` should be what [`Directory::resolve`] returned, but need not be listed.
    ///
    /// Rules in order: a node that it has passed before refuses it; a local endpoint; more than 16 `hops` refuse it;
    /// a route for exactly this agency; a route for a body above it, the nearest first, by its code and then by
    /// the listed parents; `sole_authority_for`; the parent; the axis; `no_route`. Never back to `arrived_from`.
    #[must_use]
    pub fn route(
        &self,
        directory: &Directory,
        to: &AgencyCode,
        arrived_from: Option<&NeighbourId>,
        hops: &[NodeId],
    ) -> RouteDecision {
        self.walk(&Question { directory, to, arrived_from, hops }, &mut |_, _| {})
    }

    /// The decision of [`Topology::route`], with the outcome of every rule that was tried.
    #[must_use]
    pub fn explain(
        &self,
        directory: &Directory,
        to: &AgencyCode,
        arrived_from: Option<&NeighbourId>,
        hops: &[NodeId],
    ) -> Explanation {
        let mut steps = Vec::new();
        let mut note = |rule: &RouteRule, outcome| steps.push(RouteStep { rule: rule.clone(), outcome });
        let decision = self.walk(&Question { directory, to, arrived_from, hops }, &mut note);
        Explanation { to: to.clone(), steps, decision }
    }

    fn walk(&self, question: &Question<'_>, note: &mut dyn FnMut(&RouteRule, RouteOutcome)) -> RouteDecision {
        let Question { directory, to, hops, .. } = *question;
        let listed = directory.find(to);
        if let Some(refusal) = self.passed_before(hops, note) {
            return RouteDecision::Refused(refusal);
        }
        if let Some(endpoint) = self.local_endpoint(to, listed) {
            note(&RouteRule::Local, RouteOutcome::Endpoint(endpoint));
            let agency = listed.map_or(to, |agency| &agency.code).clone();
            return RouteDecision::Local { agency, endpoint };
        }
        note(&RouteRule::Local, RouteOutcome::NoMatch);
        if hops.len() >= HOPS_MAX {
            note(&RouteRule::Hops, RouteOutcome::Refused);
            return RouteDecision::Refused(RouteRefusal::HopLimit { hops: hops.len(), max: HOPS_MAX });
        }
        note(&RouteRule::Hops, RouteOutcome::Passed);
        let below = above(to, listed, directory);
        let exact = std::iter::once(RouteRule::Exact);
        for (rule, body) in
            exact.zip([to.clone()]).chain(below.iter().map(|b| (RouteRule::Above(b.clone()), b.clone())))
        {
            let candidates = self.serving(directory, &body);
            if let Some(id) = question.first_onward(candidates, &rule, note) {
                return RouteDecision::Neighbour { id, rule };
            }
        }
        if let Some(body) = std::iter::once(to).chain(&below).find(|body| self.sole_authority_for.contains(body)) {
            note(&RouteRule::Authority(body.clone()), RouteOutcome::Refused);
            return RouteDecision::Refused(no_route(to, &below, directory));
        }
        for (rule, kind) in [(RouteRule::Parent, NeighbourKind::Parent), (RouteRule::Axis, NeighbourKind::Axis)] {
            let candidates = self.neighbours.iter().filter(|neighbour| neighbour.kind == kind).map(|n| &n.id);
            if let Some(id) = question.first_onward(candidates, &rule, note) {
                return RouteDecision::Neighbour { id, rule };
            }
        }
        RouteDecision::Refused(no_route(to, &below, directory))
    }

    fn passed_before(&self, hops: &[NodeId], note: &mut dyn FnMut(&RouteRule, RouteOutcome)) -> Option<RouteRefusal> {
        let is_loop = hops.contains(&self.node);
        note(&RouteRule::Loop, if is_loop { RouteOutcome::Refused } else { RouteOutcome::Passed });
        is_loop.then(|| RouteRefusal::Loop { node: self.node.clone() })
    }

    fn local_endpoint(&self, to: &AgencyCode, listed: Option<&Agency>) -> Option<EndpointKind> {
        let configured = || listed.and_then(|agency| self.local.get(&agency.code)).or_else(|| self.local.get(to));
        match listed.map(|agency| &agency.reach) {
            Some(Reach::Local(endpoint)) => Some(endpoint.kind()),
            _ => configured().copied(),
        }
    }

    /// Neighbours with a route for exactly `body`: the directory's first, then the configuration's.
    fn serving<'a>(&'a self, directory: &'a Directory, body: &'a AgencyCode) -> impl Iterator<Item = &'a NeighbourId> {
        let listed = directory.find(body);
        let route = match listed.map(|agency| &agency.reach) {
            // A neighbour that the configuration does not have is no way out.
            Some(Reach::Neighbour(id)) => self.neighbours.iter().map(|n| &n.id).find(|known| *known == id),
            _ => None,
        };
        let names_it = move |code: &AgencyCode| {
            code == body || listed.is_some_and(|agency| agency.code == *code || agency.aliases.contains(code))
        };
        let serving = self.neighbours.iter().filter(move |neighbour| neighbour.serves.iter().any(names_it));
        route.into_iter().chain(serving.map(|neighbour| &neighbour.id))
    }
}

#[derive(Clone, Copy)]
struct Question<'a> {
    directory: &'a Directory,
    to: &'a AgencyCode,
    arrived_from: Option<&'a NeighbourId>,
    hops: &'a [NodeId],
}

impl Question<'_> {
    /// The first of `candidates` that the document did not come from.
    fn first_onward<'a>(
        &self,
        candidates: impl Iterator<Item = &'a NeighbourId>,
        rule: &RouteRule,
        note: &mut dyn FnMut(&RouteRule, RouteOutcome),
    ) -> Option<NeighbourId> {
        let mut has_matched = false;
        for id in candidates {
            has_matched = true;
            if self.arrived_from == Some(id) {
                note(rule, RouteOutcome::CameFrom(id.clone()));
                continue;
            }
            note(rule, RouteOutcome::Chosen(id.clone()));
            return Some(id.clone());
        }
        if !has_matched {
            note(rule, RouteOutcome::NoMatch);
        }
        None
    }
}

/// Bodies above `to`, the nearest first: by its code, then the listed parents that the code does not show.
fn above(to: &AgencyCode, listed: Option<&Agency>, directory: &Directory) -> Vec<AgencyCode> {
    let own = listed.map_or(to, |agency| &agency.code);
    let mut bodies: Vec<AgencyCode> = own.ancestors().filter_map(|text| text.parse().ok()).collect();
    for superior in directory.superiors(own) {
        if !bodies.contains(&superior.code) {
            bodies.push(superior.code.clone());
        }
    }
    bodies
}

fn no_route(to: &AgencyCode, above: &[AgencyCode], directory: &Directory) -> RouteRefusal {
    let nearest = above.iter().find_map(|body| directory.find(body)).map(|agency| agency.code.clone());
    RouteRefusal::NoRoute { to: to.clone(), nearest }
}

#[cfg(test)]
mod tests;
