//! Looking agencies up, and what the node says of itself.

use delivery::CircuitState;
use directory::{Agency, ResolveWarning, RouteDecision, SearchCursor, SearchFilter};
use gateway::{Caller, Refusal};
use relay::Presence;
use types::{AgencyCode, Level, UnixMillis};
use validation_data::SourceKind;
use wire::exchange_v1::{
    self, FindAgenciesRequest, FindAgenciesResponse, GetAgencyRequest, GetAgencyResponse, GetNodeResponse,
    NeighbourState, ValidationSource, Warning,
};
use wire::timestamp;

use super::Desk;
use crate::config::NeighbourKind;
use crate::{deadlines, quota};

const PAGE_DEFAULT: u32 = 50;
const PAGE_MAX: u32 = 500;

impl Desk {
    /// Finds agencies by code or name.
    pub(super) fn find(&self, request: &FindAgenciesRequest) -> Result<FindAgenciesResponse, Refusal> {
        let level: Option<Level> = match request.level.as_str() {
            "" => None,
            text => Some(text.parse().map_err(|error| Refusal::field("level", error))?),
        };
        let filter = SearchFilter { level, under: under(&request.under)?, valid_on: None };
        let after: Option<SearchCursor> = match request.page_token.as_str() {
            "" => None,
            text => Some(text.parse().map_err(|error| Refusal::field("pageToken", error))?),
        };
        let limit = if request.page_size == 0 { PAGE_DEFAULT } else { request.page_size.min(PAGE_MAX) };
        let directory = self.core.directory.load();
        let page = directory
            .search(&request.query, &filter, usize::try_from(limit).unwrap_or(usize::MAX), after.as_ref())
            .map_err(|error| Refusal::new(error.code(), error.to_string()))?;
        Ok(FindAgenciesResponse {
            agencies: page.agencies.into_iter().map(|agency| self.agency_view(agency)).collect(),
            next_page_token: page.next.map(|cursor| cursor.to_string()).unwrap_or_default(),
        })
    }

    /// Looks one agency up as a receiver of today.
    pub(super) fn look_up(&self, request: &GetAgencyRequest) -> Result<GetAgencyResponse, Refusal> {
        let directory = self.core.directory.load();
        let found = directory
            .resolve(&request.code, crate::clock::now())
            .map_err(|error| Refusal::new(error.code(), error.to_string()).at_field("code"))?;
        Ok(GetAgencyResponse {
            agency: Some(self.agency_view(found.agency)),
            redirected_from: found.redirected_from.map(|agency| agency.code.to_string()).unwrap_or_default(),
            warnings: found.warnings.iter().map(warning).collect(),
        })
    }

    fn agency_view(&self, agency: &Agency) -> exchange_v1::Agency {
        let directory = self.core.directory.load();
        let route = match self.core.topology.load().route(&directory, &agency.code, None, &[]) {
            RouteDecision::Local { .. } => "local".to_owned(),
            RouteDecision::Neighbour { id, .. } => format!("neighbour:{id}"),
            RouteDecision::Refused(_) => String::new(),
        };
        let texts = |codes: &[AgencyCode]| codes.iter().map(ToString::to_string).collect::<Vec<_>>();
        exchange_v1::Agency {
            code: agency.code.to_string(),
            name: agency.name.to_string(),
            level: agency.level.as_str().to_owned(),
            parent: agency.parent.as_ref().map(ToString::to_string).unwrap_or_default(),
            code_qcvn2016: agency.code.as_qcvn2016().unwrap_or_default(),
            code_decision2020: agency.code.as_decision2020().unwrap_or_default(),
            aliases: texts(&agency.aliases),
            valid_from: agency.valid_from.map(|day| day.to_string()).unwrap_or_default(),
            valid_until: agency.valid_until.map(|day| day.to_string()).unwrap_or_default(),
            successors: agency.succession.as_ref().map(|succession| texts(&succession.successors)).unwrap_or_default(),
            route,
        }
    }

    /// Where revocation data comes from; what went wrong is told on the node's own machine.
    fn validation_sources(&self) -> Vec<ValidationSource> {
        let (now, validation) = (crate::clock::now(), &self.core.validation);
        let time = |millis: Option<u64>| millis.map(UnixMillis::new).map(timestamp);
        let sources = validation.sources().into_iter().map(|source| ValidationSource {
            kind: match source.kind {
                SourceKind::Crl => "crl".to_owned(),
                SourceKind::Ocsp => "ocsp".to_owned(),
            },
            issuer: source.issuer.clone().unwrap_or_default(),
            last_success: time(source.last_success_ms),
            next_update: time(source.next_update_ms),
            stale: source.is_stale(validation.stale_after(), now),
            failing: source.error.is_some(),
            url: source.url,
        });
        sources.collect()
    }

    /// The node, its neighbours, and who asks.
    pub(super) fn node(&self, caller: &Caller) -> GetNodeResponse {
        let stats = self.core.store.stats();
        let neighbours = self.core.config.neighbours.iter().map(|neighbour| {
            let waiting = stats.waiting.iter().filter(|((hop, _), _)| *hop == neighbour.id);
            let connected = match neighbour.kind {
                NeighbourKind::Axis => self.core.axis.is_reachable(),
                NeighbourKind::Parent | NeighbourKind::Child | NeighbourKind::Peer => {
                    matches!(self.links.watch(&neighbour.id).borrow().presence, Presence::Up { .. })
                }
            };
            let pace = self.links.watch(&neighbour.id).borrow().pace;
            let waiting: u64 = waiting.map(|(_, count)| count).sum();
            let is_known = pace.window > 0;
            let clear_at = match waiting {
                0 => None,
                waiting => deadlines::arrival(&self.links, &neighbour.id, waiting, crate::clock::now()),
            };
            NeighbourState {
                id: neighbour.id.to_string(),
                kind: match neighbour.kind {
                    NeighbourKind::Parent => "parent",
                    NeighbourKind::Child => "child",
                    NeighbourKind::Peer => "peer",
                    NeighbourKind::Axis => "axis",
                }
                .to_owned(),
                connected,
                waiting,
                window: pace.window,
                circuit: if is_known { circuit(pace.circuit) } else { "" }.to_owned(),
                retry_at: match pace.circuit {
                    CircuitState::Open { until } => Some(timestamp(until)),
                    CircuitState::Closed | CircuitState::HalfOpen { .. } => None,
                },
                latency_ms: pace
                    .forecast
                    .latency()
                    .map_or(0, |took| u64::try_from(took.as_millis()).unwrap_or(0).max(1)),
                clear_at: clear_at.map(timestamp),
            }
        });
        GetNodeResponse {
            node: self.core.node.to_string(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            system: caller.system.to_string(),
            agencies: caller.agencies.iter().map(ToString::to_string).collect(),
            now: Some(timestamp(crate::clock::now())),
            neighbours: neighbours.collect(),
            held: stats.held,
            held_behind: stats.held_behind,
            validation_sources: self.validation_sources(),
            timestamps: crate::stamping::state(&self.core),
            quota: quota::state(&self.core, &caller.system, crate::clock::now()),
        }
    }
}

const fn circuit(state: CircuitState) -> &'static str {
    match state {
        CircuitState::Closed => "closed",
        CircuitState::Open { .. } => "open",
        CircuitState::HalfOpen { .. } => "half_open",
    }
}

fn under(text: &str) -> Result<Option<AgencyCode>, Refusal> {
    match text {
        "" => Ok(None),
        text => {
            let code = text.parse().or_else(|_| AgencyCode::opaque(text));
            code.map(Some).map_err(|error| Refusal::field("under", error))
        }
    }
}

fn warning(found: &ResolveWarning) -> Warning {
    let notice = crate::intake::warning(found);
    let (text_vi, text_en) = notice.text().split_once(" / ").unwrap_or((notice.text(), notice.text()));
    Warning { code: notice.code_text().to_owned(), text_vi: text_vi.to_owned(), text_en: text_en.to_owned() }
}
