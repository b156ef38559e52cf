//! Who stands above and below whom.

use types::AgencyCode;

use crate::lookup::Index;
use crate::{Agency, Directory};

/// Levels of parents that are followed: deeper than any government, and a fence against damage.
const DEPTH_MAX: usize = 64;

impl Directory {
    /// The body above the agency `code` names.
    #[must_use]
    pub fn parent(&self, code: &AgencyCode) -> Option<&Agency> {
        self.parent_index(self.position_of(code)?).and_then(|index| self.at(index))
    }

    /// The bodies directly below the agency `code` names, by canonical code; none for an unlisted code.
    pub fn children(&self, code: &AgencyCode) -> impl Iterator<Item = &Agency> {
        let index = self.position_of(code);
        index.into_iter().flat_map(|index| self.child_indexes(index)).filter_map(|child| self.at(child))
    }

    /// Every body below the agency `code` names, at any depth, a body before those under it.
    pub fn descendants(&self, code: &AgencyCode) -> impl Iterator<Item = &Agency> {
        let mut open: Vec<Index> = Vec::new();
        if let Some(index) = self.position_of(code) {
            open.extend(self.child_indexes(index).rev());
        }
        std::iter::from_fn(move || {
            let next = open.pop()?;
            open.extend(self.child_indexes(next).rev());
            Some(next)
        })
        .filter_map(|index| self.at(index))
    }

    /// The listed bodies above the agency `code` names, the nearest first, by listed parents.
    pub fn superiors(&self, code: &AgencyCode) -> impl Iterator<Item = &Agency> {
        let start = self.position_of(code);
        std::iter::successors(start, |index| self.parent_index(*index))
            .skip(1)
            .take(DEPTH_MAX)
            .filter_map(|index| self.at(index))
    }

    pub(crate) fn parent_index(&self, index: Index) -> Option<Index> {
        usize::try_from(index).ok().and_then(|index| self.parents.get(index).copied()).flatten()
    }

    pub(crate) fn is_below(&self, index: Index, above: Index) -> bool {
        std::iter::successors(self.parent_index(index), |index| self.parent_index(*index))
            .take(DEPTH_MAX)
            .any(|parent| parent == above)
    }

    fn child_indexes(&self, parent: Index) -> impl DoubleEndedIterator<Item = Index> {
        let start = self.children.partition_point(|(above, _)| *above < parent);
        let end = self.children.partition_point(|(above, _)| *above <= parent);
        self.children.get(start..end).unwrap_or_default().iter().map(|(_, child)| *child)
    }
}

#[cfg(test)]
mod tests;
