//! A routing decision, rule by rule, in words.

use std::fmt;

use types::{AgencyCode, NeighbourId};

use super::{RouteDecision, RouteRefusal};
use crate::EndpointKind;

/// One rule of the order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RouteRule {
    /// A document does not pass a node twice.
    Loop,
    /// A local endpoint.
    Local,
    /// A document passes at most 16 nodes.
    Hops,
    /// A route for exactly the receiver.
    Exact,
    /// A route for this body above the receiver.
    Above(AgencyCode),
    /// Only this node reaches what is below this body.
    Authority(AgencyCode),
    /// The node above.
    Parent,
    /// The national axis.
    Axis,
}

/// What a rule came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RouteOutcome {
    /// The rule has no objection.
    Passed,
    /// The rule fits nothing.
    NoMatch,
    /// The rule fits this neighbour, but the document came from there.
    CameFrom(NeighbourId),
    /// The document goes to this neighbour.
    Chosen(NeighbourId),
    /// The document goes to this endpoint.
    Endpoint(EndpointKind),
    /// The document goes no further.
    Refused,
}

/// One rule and what it came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteStep {
    /// The rule.
    pub rule: RouteRule,
    /// What it came to.
    pub outcome: RouteOutcome,
}

/// A decision and how it was made; prints one line per rule and one for the decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The receiver.
    pub to: AgencyCode,
    /// Every rule tried, in order.
    pub steps: Vec<RouteStep>,
    /// The decision.
    pub decision: RouteDecision,
}

impl RouteRule {
    /// The rule in Vietnamese.
    #[must_use]
    pub fn vi(&self) -> String {
        match self {
            Self::Loop => "chưa đi qua nút này".to_owned(),
            Self::Local => "điểm nhận tại nút".to_owned(),
            Self::Hops => "số nút đã qua".to_owned(),
            Self::Exact => "đường đi khai đích danh".to_owned(),
            Self::Above(body) => format!("đường đi của cấp trên {body}"),
            Self::Authority(body) => format!("chỉ nút này đến được phạm vi {body}"),
            Self::Parent => "nút cấp trên".to_owned(),
            Self::Axis => "trục quốc gia".to_owned(),
        }
    }

    /// The rule in English.
    #[must_use]
    pub fn en(&self) -> String {
        match self {
            Self::Loop => "not passed this node".to_owned(),
            Self::Local => "local endpoint".to_owned(),
            Self::Hops => "nodes passed".to_owned(),
            Self::Exact => "exact route".to_owned(),
            Self::Above(body) => format!("route of the body above, {body}"),
            Self::Authority(body) => format!("only this node reaches what is below {body}"),
            Self::Parent => "parent node".to_owned(),
            Self::Axis => "national axis".to_owned(),
        }
    }
}

impl RouteOutcome {
    /// The outcome in Vietnamese.
    #[must_use]
    pub fn vi(&self) -> String {
        match self {
            Self::Passed => "đạt".to_owned(),
            Self::NoMatch => "không có".to_owned(),
            Self::CameFrom(id) => format!("bỏ qua {id}: văn bản đến từ đó"),
            Self::Chosen(id) => format!("chọn {id}"),
            Self::Endpoint(kind) => format!("giao tại nút ({kind})"),
            Self::Refused => "từ chối".to_owned(),
        }
    }

    /// The outcome in English.
    #[must_use]
    pub fn en(&self) -> String {
        match self {
            Self::Passed => "yes".to_owned(),
            Self::NoMatch => "none".to_owned(),
            Self::CameFrom(id) => format!("{id} skipped: the document came from there"),
            Self::Chosen(id) => format!("chose {id}"),
            Self::Endpoint(kind) => format!("delivered here ({kind})"),
            Self::Refused => "refused".to_owned(),
        }
    }
}

impl RouteDecision {
    /// The decision in Vietnamese.
    #[must_use]
    pub fn vi(&self) -> String {
        match self {
            Self::Local { agency, endpoint } => format!("giao cho {agency} tại nút này ({endpoint})"),
            Self::Neighbour { id, .. } => format!("chuyển qua {id}"),
            Self::Refused(RouteRefusal::Loop { node }) => format!("từ chối: văn bản đã qua nút {node}"),
            Self::Refused(RouteRefusal::HopLimit { hops, max }) => {
                format!("từ chối: văn bản đã qua {hops} nút, giới hạn {max}")
            }
            Self::Refused(RouteRefusal::NoRoute { to, nearest: None }) => format!("từ chối: không có đường đến {to}"),
            Self::Refused(RouteRefusal::NoRoute { to, nearest: Some(nearest) }) => {
                format!("từ chối: không có đường đến {to}; cấp trên gần nhất đã biết là {nearest}")
            }
        }
    }

    /// The decision in English.
    #[must_use]
    pub fn en(&self) -> String {
        match self {
            Self::Local { agency, endpoint } => format!("deliver to {agency} on this node ({endpoint})"),
            Self::Neighbour { id, .. } => format!("send through {id}"),
            Self::Refused(refusal) => format!("refuse: {refusal}"),
        }
    }
}

impl RouteStep {
    /// The step in Vietnamese.
    #[must_use]
    pub fn vi(&self) -> String {
        format!("{}: {}", self.rule.vi(), self.outcome.vi())
    }

    /// The step in English.
    #[must_use]
    pub fn en(&self) -> String {
        format!("{}: {}", self.rule.en(), self.outcome.en())
    }
}

/// Vietnamese, then English.
impl fmt::Display for RouteStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} / {}", self.vi(), self.en())
    }
}

/// Vietnamese, then English.
impl fmt::Display for RouteDecision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} / {}", self.vi(), self.en())
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, step) in (1..).zip(&self.steps) {
            writeln!(f, "{number}. {step}")?;
        }
        write!(f, "⇒ {}", self.decision)
    }
}
