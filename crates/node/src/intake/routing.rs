//! From the receivers that a packet names to where each goes.

use std::collections::BTreeSet;

use directory::{Directory, ResolveWarning, RouteDecision};
use evidence::Notice;
use queue::{Plan, RecipientPlan};
use types::{AgencyCode, ErrorCode, UnixMillis};
use wire::exchange_v1::ResolvedRecipient;

use super::{Door, Refused};
use crate::core::Core;

/// Receivers named in one refusal; the count says how many more there are.
const NAMED_MAX: usize = 10;

/// One receiver with its way.
#[derive(Clone, Debug)]
pub(crate) struct Routed {
    /// As the packet names it.
    pub(crate) code: AgencyCode,
    /// Who gets it.
    pub(crate) agency: AgencyCode,
    /// Its official name.
    pub(crate) name: String,
    /// Where it goes.
    pub(crate) plan: Plan,
}

/// A receiver that cannot be reached.
#[derive(Clone, Debug)]
pub(crate) struct Dropped {
    /// As the packet names it.
    pub(crate) code: AgencyCode,
    /// Why.
    pub(crate) refused: Refused,
}

/// All receivers of a packet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Routing {
    /// Those that can be reached.
    pub(crate) routed: Vec<Routed>,
    /// Those that cannot.
    pub(crate) dropped: Vec<Dropped>,
    /// What the sender should know of both.
    pub(crate) warnings: Vec<Notice>,
}

impl Routing {
    /// Resolves and routes each receiver as of `at`; repeated ones count once.
    pub(crate) fn of(core: &Core, to: &[AgencyCode], door: &Door, at: UnixMillis) -> Self {
        let directory = core.directory.load();
        let hops = door.hops();
        let mut routing = Self::default();
        let mut seen = BTreeSet::new();
        for code in to.iter().filter(|code| seen.insert((*code).clone())) {
            match routing.one(core, &directory, code, door, &hops, at) {
                Ok(routed) => routing.routed.push(routed),
                Err(refused) => routing.dropped.push(Dropped { code: code.clone(), refused }),
            }
        }
        routing
    }

    fn one(
        &mut self,
        core: &Core,
        directory: &Directory,
        code: &AgencyCode,
        door: &Door,
        hops: &[types::NodeId],
        at: UnixMillis,
    ) -> Result<Routed, Refused> {
        let resolved = directory
            .resolve(code.as_str(), at)
            .map_err(|error| Refused::new(error.code(), error.to_string()).at("To/OrganId"))?;
        self.warnings.extend(resolved.warnings.iter().map(warning));
        let agency = &resolved.agency.code;
        let plan = match core.topology.load().route(directory, agency, door.neighbour(), hops) {
            RouteDecision::Local { agency, .. } => Plan::Inbox(agency),
            RouteDecision::Neighbour { id, .. } => Plan::Hop(id),
            RouteDecision::Refused(refusal) => {
                return Err(Refused::new(refusal.code(), refusal.to_string()).at("To/OrganId"));
            }
        };
        Ok(Routed { code: code.clone(), agency: agency.clone(), name: resolved.agency.name.to_string(), plan })
    }

    /// One refusal for all receivers that cannot be reached; `None` when there are none.
    pub(crate) fn refusal(&self) -> Option<Refused> {
        let first = self.dropped.first()?;
        let named: Vec<String> =
            self.dropped.iter().take(NAMED_MAX).map(|dropped| dropped.refused.detail.clone()).collect();
        let more = self.dropped.len().saturating_sub(NAMED_MAX);
        let more = if more == 0 { String::new() } else { format!(" … and {more} more") };
        Some(Refused { detail: format!("{}{more}", named.join("; ")), ..first.refused.clone() })
    }
}

impl Routed {
    /// The plan for the store, with what is already proved about this receiver.
    pub(crate) fn to_plan(&self, evidence: Option<Vec<u8>>) -> RecipientPlan {
        RecipientPlan { code: self.code.clone(), plan: self.plan.clone(), evidence }
    }

    /// The receiver as the submitter is told.
    pub(crate) fn to_wire(&self) -> ResolvedRecipient {
        ResolvedRecipient {
            code: self.code.to_string(),
            agency: self.agency.to_string(),
            name: self.name.clone(),
            route: route_text(&self.plan),
        }
    }
}

/// A plan as the interface shows it.
pub(crate) fn route_text(plan: &Plan) -> String {
    match plan {
        Plan::Inbox(_) => "local".to_owned(),
        Plan::Hop(neighbour) => format!("neighbour:{neighbour}"),
        Plan::Returned { .. } => String::new(),
    }
}

/// A directory's warning, Vietnamese and English.
pub(crate) fn warning(found: &ResolveWarning) -> Notice {
    match found {
        ResolveWarning::Gapped { code } => Notice::new(
            ErrorCode::MalformedCode,
            &format!("Mã {code} có nhóm trống ở giữa. / Code {code} has a gap between its groups."),
        ),
        ResolveWarning::Redirected { from, to } => Notice::new(
            ErrorCode::AgencyDissolved,
            &format!("{from} đã giải thể, chuyển đến {to}. / {from} was dissolved; sent to its successor {to}."),
        ),
        ResolveWarning::DissolvedSender { code, until } => Notice::new(
            ErrorCode::AgencyDissolved,
            &format!("Nơi gửi {code} đã giải thể ngày {until}. / The sender {code} was dissolved on {until}."),
        ),
    }
}
