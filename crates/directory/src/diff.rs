//! What a reload changes, in short.

use std::cmp::Ordering;
use std::fmt;

use types::AgencyCode;

use crate::{Agency, Directory};

/// Codes named per kind of change: enough to recognise the edit, short enough for one log line.
const NAMED_MAX: usize = 5;

/// What a new directory changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DirectoryDiff {
    /// Listed only in the new one.
    pub added: Change,
    /// Listed only in the old one.
    pub removed: Change,
    /// Listed in both, with another name, level, parent, validity, alias, succession, mail or reach.
    pub changed: Change,
}

/// How many agencies, and the first few.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// All of them.
    pub count: usize,
    /// The first five by canonical code.
    pub first: Vec<AgencyCode>,
}

impl Change {
    fn add(&mut self, code: &AgencyCode) {
        self.count += 1;
        if self.first.len() < NAMED_MAX {
            self.first.push(code.clone());
        }
    }
}

impl Directory {
    /// Compares two directories by canonical code.
    #[must_use]
    pub fn diff(old: &Self, new: &Self) -> DirectoryDiff {
        let mut diff = DirectoryDiff::default();
        let (mut old, mut new) = (old.agencies.iter().peekable(), new.agencies.iter().peekable());
        loop {
            let order = match (old.peek(), new.peek()) {
                (None, None) => return diff,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(before), Some(after)) => before.code.cmp(&after.code),
            };
            let before = if order.is_le() { old.next() } else { None };
            let after = if order.is_ge() { new.next() } else { None };
            match (before, after) {
                (Some(before), Some(after)) if is_changed(before, after) => diff.changed.add(&after.code),
                (Some(before), None) => diff.removed.add(&before.code),
                (None, Some(after)) => diff.added.add(&after.code),
                _ => {}
            }
        }
    }
}

fn is_changed(before: &Agency, after: &Agency) -> bool {
    let texts = |codes: &[AgencyCode]| codes.iter().map(|code| code.as_str().to_owned()).collect::<Vec<_>>();
    let plain = |agency: &Agency| {
        let Agency { level, parent, name, short_name, valid_from, valid_until, succession, mail, reach, .. } = agency;
        let names = (name.clone(), short_name.clone(), mail.clone());
        (*level, parent.clone(), names, *valid_from, *valid_until, succession.clone(), reach.clone())
    };
    before.code.as_str() != after.code.as_str()
        || texts(&before.aliases) != texts(&after.aliases)
        || plain(before) != plain(after)
}

impl DirectoryDiff {
    /// True when nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.added.count + self.removed.count + self.changed.count == 0
    }

    /// The summary in Vietnamese: `thêm 2 (H48.112, H48.113), bỏ 0, sửa 1 (H48.35)`.
    #[must_use]
    pub fn summary_vi(&self) -> String {
        format!("thêm {}, bỏ {}, sửa {}", self.added, self.removed, self.changed)
    }
}

/// The summary in English.
impl fmt::Display for DirectoryDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} added, {} removed, {} changed", self.added, self.removed, self.changed)
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.count)?;
        if self.first.is_empty() {
            return Ok(());
        }
        let named: Vec<&str> = self.first.iter().map(AgencyCode::as_str).collect();
        let more = if self.count > named.len() { ", …" } else { "" };
        write!(f, " ({}{more})", named.join(", "))
    }
}

#[cfg(test)]
mod tests;
