//! The directory of agencies: who a code names, who stands above and below, who took over, and how to reach them.
//!
//! A [`Directory`] is an immutable value: [`Directory::load`] reads and checks a whole file or nothing,
//! [`Directory::diff`] says what a new one changes. Everything else is a question to it: [`Directory::resolve`],
//! [`Directory::search`], [`Directory::expand`], and, with a [`Topology`], [`Topology::route`].
//! Nothing here reads a clock: the time is an argument, and validity is counted in Vietnamese calendar [`Day`]s.
//!
//! # The file
//!
//! TOML with one `[[agency]]` table per agency, or CSV with the same names in its first line, or both (`include_csv`).
//!
//! ```toml
#![doc = include_str!("../sample/agencies.toml")]
//! ```

mod agency;
mod builder;
mod csv_file;
mod day;
mod diff;
mod draft;
mod fold;
mod group;
mod hierarchy;
mod load;
mod lookup;
mod problem;
mod resolve;
mod route;
mod search;
mod suggest;
mod synced;
mod toml_file;

pub use agency::{Agency, Endpoint, EndpointKind, Reach, Succession};
pub use day::{Day, DayError};
pub use diff::{Change, DirectoryDiff};
pub use fold::{fold, name_key};
pub use group::{Group, GroupError, GroupMembers};
pub use lookup::Directory;
pub use problem::{LoadError, Place, Problem, ProblemKind};
pub use resolve::{ResolveError, ResolveWarning, Resolved};
pub use route::{
    Explanation, Neighbour, NeighbourKind, RouteDecision, RouteOutcome, RouteRefusal, RouteRule, RouteStep, Topology,
};
pub use search::{SearchCursor, SearchError, SearchFilter, SearchPage};
pub use synced::{AgencyChange, ListChanges, ListTally, ListedAgency, REMOVED_PERCENT_MAX, SyncedList, TooManyRemoved};
