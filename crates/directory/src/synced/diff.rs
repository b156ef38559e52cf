//! What a new list changes.

use std::cmp::Ordering;

use types::AgencyCode;

use super::SyncedList;
use crate::Agency;

/// A list that takes away more than this part of the agencies, in percent, is not applied unasked.
pub const REMOVED_PERCENT_MAX: usize = 20;

/// One difference between two lists. An agency may have several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AgencyChange {
    /// Listed only in the new one.
    Added {
        /// Its code.
        code: AgencyCode,
        /// Its name.
        name: Box<str>,
    },
    /// Listed only in the old one.
    Removed {
        /// Its code.
        code: AgencyCode,
        /// Its name.
        name: Box<str>,
    },
    /// Has another name.
    Renamed {
        /// Its code.
        code: AgencyCode,
        /// Its name before.
        from: Box<str>,
        /// Its name now.
        to: Box<str>,
    },
    /// Stands below another body.
    Moved {
        /// Its code.
        code: AgencyCode,
        /// The body above before.
        from: Option<AgencyCode>,
        /// The body above now.
        to: Option<AgencyCode>,
    },
    /// Has another spelling of its code, other codes, or another mail address.
    Altered {
        /// Its code.
        code: AgencyCode,
        /// Other codes and address before, for people.
        from: Box<str>,
        /// The same now.
        to: Box<str>,
    },
}

/// All differences, in the order of the codes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListChanges {
    /// Each difference.
    pub changes: Vec<AgencyChange>,
    /// Agencies in the old list.
    pub before: usize,
    /// Agencies in the new list.
    pub after: usize,
}

/// A list that takes away too much to be right. Apply it only when asked to in so many words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "danh sách mới bỏ đi {removed} trên {before} cơ quan (giới hạn {REMOVED_PERCENT_MAX} %) hoặc trống; kiểm tra trục, rồi dùng \
     --force nếu đúng / the new list takes away {removed} of {before} agencies (limit {REMOVED_PERCENT_MAX} %) or is empty; \
     look into it, and use --force if it is right"
)]
pub struct TooManyRemoved {
    /// Agencies that it takes away.
    pub removed: usize,
    /// Agencies in the old list.
    pub before: usize,
}

impl SyncedList {
    /// What `new` changes of this list.
    #[must_use]
    pub fn changes_to(&self, new: &Self) -> ListChanges {
        let mut changes = Vec::new();
        let (mut before, mut after) = (self.agencies.iter().peekable(), new.agencies.iter().peekable());
        loop {
            let order = match (before.peek(), after.peek()) {
                (None, None) => break,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(old), Some(new)) => old.code.cmp(&new.code),
            };
            let old = if order.is_le() { before.next() } else { None };
            let new = if order.is_ge() { after.next() } else { None };
            match (old, new) {
                (Some(old), Some(new)) => compare(old, new, &mut changes),
                (Some(old), None) => {
                    changes.push(AgencyChange::Removed { code: old.code.clone(), name: old.name.clone() });
                }
                (None, Some(new)) => {
                    changes.push(AgencyChange::Added { code: new.code.clone(), name: new.name.clone() });
                }
                (None, None) => {}
            }
        }
        ListChanges { changes, before: self.len(), after: new.len() }
    }
}

fn compare(old: &Agency, new: &Agency, changes: &mut Vec<AgencyChange>) {
    let code = || new.code.clone();
    if old.name != new.name {
        changes.push(AgencyChange::Renamed { code: code(), from: old.name.clone(), to: new.name.clone() });
    }
    if old.parent != new.parent {
        changes.push(AgencyChange::Moved { code: code(), from: old.parent.clone(), to: new.parent.clone() });
    }
    let (from, to) = (rest(old), rest(new));
    if from != to {
        changes.push(AgencyChange::Altered { code: code(), from: from.into(), to: to.into() });
    }
}

/// What else is listed of an agency, for people.
fn rest(agency: &Agency) -> String {
    let others = agency.aliases.iter().map(AgencyCode::as_str);
    let all: Vec<&str> = [agency.code.as_str()].into_iter().chain(others).chain(agency.mail.as_deref()).collect();
    all.join(" ")
}

impl AgencyChange {
    /// The agency.
    #[must_use]
    pub const fn code(&self) -> &AgencyCode {
        match self {
            Self::Added { code, .. }
            | Self::Removed { code, .. }
            | Self::Renamed { code, .. }
            | Self::Moved { code, .. }
            | Self::Altered { code, .. } => code,
        }
    }

    /// The kind as files and the JSON output write it: `added`, `removed`, `renamed`, `moved`, `altered`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Added { .. } => "added",
            Self::Removed { .. } => "removed",
            Self::Renamed { .. } => "renamed",
            Self::Moved { .. } => "moved",
            Self::Altered { .. } => "altered",
        }
    }

    /// What was there before; empty for an added agency.
    #[must_use]
    pub fn before(&self) -> &str {
        match self {
            Self::Added { .. } => "",
            Self::Removed { name, .. } => name,
            Self::Renamed { from, .. } | Self::Altered { from, .. } => from,
            Self::Moved { from, .. } => from.as_ref().map_or("", AgencyCode::as_str),
        }
    }

    /// What is there now; empty for a removed agency.
    #[must_use]
    pub fn after(&self) -> &str {
        match self {
            Self::Added { name, .. } => name,
            Self::Removed { .. } => "",
            Self::Renamed { to, .. } | Self::Altered { to, .. } => to,
            Self::Moved { to, .. } => to.as_ref().map_or("", AgencyCode::as_str),
        }
    }
}

impl ListChanges {
    /// Differences of this kind.
    #[must_use]
    pub fn count(&self, kind: &str) -> usize {
        self.changes.iter().filter(|change| change.kind() == kind).count()
    }

    /// True when the lists say the same.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Whether the new list may be applied unasked.
    ///
    /// # Errors
    /// It is empty, or takes away more than 20 % of the agencies.
    pub fn guard(&self) -> Result<(), TooManyRemoved> {
        let removed = self.count("removed");
        if self.after == 0 || removed * 100 > self.before * REMOVED_PERCENT_MAX {
            return Err(TooManyRemoved { removed, before: self.before });
        }
        Ok(())
    }
}

impl std::fmt::Display for ListChanges {
    /// One line for logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let count = |kind| self.count(kind);
        write!(
            f,
            "{} agencies before, {} after: {} added, {} removed, {} renamed, {} moved, {} altered",
            self.before,
            self.after,
            count("added"),
            count("removed"),
            count("renamed"),
            count("moved"),
            count("altered")
        )
    }
}
