//! One agency, and how it is reached.

use std::fmt;

use types::{AgencyCode, Level, NeighbourId};

use crate::Day;

/// One agency of the directory.
#[derive(Clone, Debug)]
pub struct Agency {
    /// The code under which the directory lists it; prints as listed.
    pub code: AgencyCode,
    /// Level of government, as listed: never derived from the code.
    pub level: Level,
    /// The body above it: as listed, else the nearest listed body by the code; `None` at the top.
    pub parent: Option<AgencyCode>,
    /// Official name, as listed, 1–500 bytes.
    pub name: Box<str>,
    /// Short name or abbreviation (`UBND tỉnh`), as listed.
    pub short_name: Option<Box<str>>,
    /// Other codes of the same agency (the axis's `code102`, `oldCode`, …); each names it before any computed form does.
    pub aliases: Vec<AgencyCode>,
    /// First day on which it exists; `None` = always has.
    pub valid_from: Option<Day>,
    /// Last day on which it exists; `None` = until further notice.
    pub valid_until: Option<Day>,
    /// Who took over its tasks, and from when; `None` for a body without successors.
    pub succession: Option<Succession>,
    /// Mail address, as listed.
    pub mail: Option<Box<str>>,
    /// How it is reached.
    pub reach: Reach,
}

/// Who took over from a dissolved agency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Succession {
    /// First day on which the successors receive its documents.
    pub since: Day,
    /// One or more agencies of the directory.
    pub successors: Vec<AgencyCode>,
}

/// How an agency is reached from this node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// Not said here: the routes of the bodies above it, or the parent node, decide.
    #[default]
    Unstated,
    /// Through this neighbour.
    Neighbour(NeighbourId),
    /// On this node.
    Local(Endpoint),
}

/// Where a local agency's documents are handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// The agency's software collects them.
    Inbox,
    /// Pushed over gRPC to this target (`host:port` or a URL).
    PushGrpc(Box<str>),
    /// Posted to this URL, signed (Standard Webhooks).
    Webhook(Box<str>),
    /// Written into this directory.
    Folder(Box<str>),
}

/// Kind of an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EndpointKind {
    /// The agency's software collects.
    Inbox,
    /// Push over gRPC.
    PushGrpc,
    /// Signed HTTP POST.
    Webhook,
    /// Files in a directory.
    Folder,
}

impl Agency {
    /// True when the agency exists on `day`.
    #[must_use]
    pub fn is_valid_on(&self, day: Day) -> bool {
        self.valid_from.is_none_or(|from| from <= day) && !self.is_dissolved_on(day)
    }

    /// True when the agency has ceased to exist before `day`.
    #[must_use]
    pub fn is_dissolved_on(&self, day: Day) -> bool {
        self.last_day().is_some_and(|until| until < day)
    }

    /// Last day on which it exists: as listed, else the day before its successors take over.
    #[must_use]
    pub fn last_day(&self) -> Option<Day> {
        self.valid_until.or_else(|| self.succession.as_ref().map(|succession| succession.since.previous()))
    }

    /// Who receives its documents on `day`; empty when it has no successors, or none yet.
    #[must_use]
    pub fn successors_on(&self, day: Day) -> &[AgencyCode] {
        match &self.succession {
            Some(succession) if succession.since <= day => &succession.successors,
            _ => &[],
        }
    }
}

impl Endpoint {
    /// The kind of this endpoint.
    #[must_use]
    pub const fn kind(&self) -> EndpointKind {
        match self {
            Self::Inbox => EndpointKind::Inbox,
            Self::PushGrpc(_) => EndpointKind::PushGrpc,
            Self::Webhook(_) => EndpointKind::Webhook,
            Self::Folder(_) => EndpointKind::Folder,
        }
    }
}

impl EndpointKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Inbox, Self::PushGrpc, Self::Webhook, Self::Folder];

    /// The kind as files write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Inbox => "inbox",
            Self::PushGrpc => "push_grpc",
            Self::Webhook => "webhook",
            Self::Folder => "folder",
        }
    }

    /// The kind that files write as `text`.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

impl fmt::Display for EndpointKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
