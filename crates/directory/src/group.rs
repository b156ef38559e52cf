//! Group addresses: all agencies of a kind below one body.

use std::fmt;
use std::str::FromStr;

use types::{AgencyCode, CodeError, ErrorCode, Level, UnixMillis};

use crate::{Agency, Day, Directory, ResolveError};

/// Receivers of one group: a whole province has fewer; more is a mistake, or should be several documents.
const MEMBERS_MAX: usize = 10_000;

/// A group address: `group:<code>/<level>` or `group:<code>/*`.
///
/// The members are the agencies below `<code>`, at any depth and without the body itself, that exist on the day;
/// with a level (`central`, `province`, `district`, `commune`, `other`) only those of that level. So
/// `group:H48/commune` is all communes of H48, `group:H48/province` its departments, `group:H48/*` all of them.
/// Prints back exactly as it came in, up to the code's own text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The body above the members.
    pub of: AgencyCode,
    /// The members' level; `None` for all levels.
    pub level: Option<Level>,
}

/// What a group address means on a day.
#[derive(Clone, Debug)]
pub struct GroupMembers<'a> {
    /// The body above them: the one named, or its successor.
    pub of: &'a Agency,
    /// The members, a body before those under it.
    pub members: Vec<&'a Agency>,
}

/// Why a group address names nobody.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GroupError {
    /// Not `group:<code>/<level>`.
    #[error("{text:?} is not a group address: group:<code>/<level> or group:<code>/*, for example group:H48/commune")]
    Malformed {
        /// The text, cut to 96 characters.
        text: String,
    },
    /// The code is none.
    #[error("group address: {source}")]
    BadCode {
        /// Position in the code, and rule.
        source: CodeError,
    },
    /// The body cannot be addressed.
    #[error("group address: {source}")]
    Unresolved {
        /// Why.
        source: ResolveError,
    },
    /// Nobody fits.
    #[error("{group} has no members on this day")]
    NoMembers {
        /// The address.
        group: String,
    },
    /// More members than a document may have receivers.
    #[error("{group} has more than {max} members")]
    TooManyMembers {
        /// The address.
        group: String,
        /// Members allowed.
        max: usize,
    },
}

impl GroupError {
    /// The public code.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Malformed { .. } => ErrorCode::InvalidArgument,
            Self::BadCode { .. } => ErrorCode::MalformedCode,
            Self::Unresolved { source } => source.code(),
            Self::NoMembers { .. } => ErrorCode::UnknownAgency,
            Self::TooManyMembers { .. } => ErrorCode::LimitExceeded,
        }
    }
}

impl Group {
    /// What a group address starts with; no agency code does.
    pub const PREFIX: &'static str = "group:";

    /// True for a text that wants to be a group address.
    #[must_use]
    pub fn is_meant(text: &str) -> bool {
        text.starts_with(Self::PREFIX)
    }
}

impl Directory {
    /// The members of `group` at the time `on`.
    ///
    /// # Errors
    /// What [`Directory::resolve`] says of the body; `unknown_agency` for a group without members;
    /// `limit_exceeded` for one of more than 10,000.
    pub fn expand(&self, group: &Group, on: UnixMillis) -> Result<GroupMembers<'_>, GroupError> {
        let resolved = self.resolve(group.of.as_str(), on).map_err(|source| GroupError::Unresolved { source })?;
        let (of, day) = (resolved.agency, Day::in_vietnam(on));
        let is_member =
            |agency: &&Agency| agency.is_valid_on(day) && group.level.is_none_or(|level| agency.level == level);
        let members: Vec<&Agency> = self.descendants(&of.code).filter(is_member).take(MEMBERS_MAX + 1).collect();
        match members.len() {
            0 => Err(GroupError::NoMembers { group: group.to_string() }),
            1..=MEMBERS_MAX => Ok(GroupMembers { of, members }),
            _ => Err(GroupError::TooManyMembers { group: group.to_string(), max: MEMBERS_MAX }),
        }
    }
}

impl FromStr for Group {
    type Err = GroupError;

    fn from_str(text: &str) -> Result<Self, GroupError> {
        let malformed = || GroupError::Malformed { text: text.chars().take(96).collect() };
        let (code, level) =
            text.strip_prefix(Self::PREFIX).and_then(|rest| rest.rsplit_once('/')).ok_or_else(malformed)?;
        let level = match level {
            "*" => None,
            level => Some(level.parse().map_err(|_| malformed())?),
        };
        let of = AgencyCode::opaque(code).map_err(|source| GroupError::BadCode { source })?;
        Ok(Self { of, level })
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}/{}", Self::PREFIX, self.of, self.level.map_or("*", Level::as_str))
    }
}

#[cfg(test)]
mod tests;
