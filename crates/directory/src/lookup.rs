//! The directory as a value, and how it finds an agency by a code.

use types::AgencyCode;

use crate::Agency;
use crate::suggest::Nearby;

/// Position of an agency in [`Directory::agencies`].
pub(crate) type Index = u32;

/// All agencies that this node knows.
///
/// Immutable and checked as a whole: codes and aliases are unambiguous, parents and successors are listed and
/// free of cycles. Holds some 800 bytes per agency.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    /// Sorted by canonical code.
    pub(crate) agencies: Vec<Agency>,
    /// Every code and alias, sorted by its text.
    pub(crate) texts: Vec<Name>,
    /// Aliases that have another canonical form than their agency's code, sorted by that form.
    pub(crate) alias_forms: Vec<Name>,
    /// Entries of `texts` by the byte length of the text.
    pub(crate) by_length: Vec<Vec<Nearby>>,
    /// Position of each agency's parent.
    pub(crate) parents: Vec<Option<Index>>,
    /// (parent, child), sorted.
    pub(crate) children: Vec<(Index, Index)>,
    /// Folded words of each agency's names and codes, each word after one space.
    pub(crate) folded: Vec<Box<str>>,
}

/// One code or alias of one agency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    pub(crate) agency: Index,
    /// 0 is the code, `n` the alias `n - 1`.
    pub(crate) slot: u16,
}

impl Directory {
    /// Number of agencies, those dissolved or not yet in being included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.agencies.len()
    }

    /// True for a directory without agencies.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.agencies.is_empty()
    }

    /// All agencies, in the order of their canonical codes.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Agency> {
        self.agencies.iter()
    }

    /// The agency that `code` names, whatever the day: for references to old documents, and for routes.
    #[must_use]
    pub fn find(&self, code: &AgencyCode) -> Option<&Agency> {
        self.position(code.as_str(), Some(code.canonical())).and_then(|index| self.at(index))
    }

    /// The agency that `text` names, whatever the day; codes of neither generation only when listed verbatim.
    ///
    /// Order: code or alias verbatim, then the agency whose code is the text's other generation, then the alias.
    #[must_use]
    pub fn find_text(&self, text: &str) -> Option<&Agency> {
        let code = text.parse::<AgencyCode>().ok();
        self.position(text, code.as_ref().map(AgencyCode::canonical)).and_then(|index| self.at(index))
    }

    pub(crate) fn position(&self, text: &str, canonical: Option<&str>) -> Option<Index> {
        let verbatim = self.texts.binary_search_by(|name| self.text(*name).cmp(text)).ok();
        if let Some(name) = verbatim.and_then(|at| self.texts.get(at)) {
            return Some(name.agency);
        }
        let canonical = canonical?;
        if let Ok(at) = self.agencies.binary_search_by(|agency| agency.code.canonical().cmp(canonical)) {
            return Index::try_from(at).ok();
        }
        let form = self.alias_forms.binary_search_by(|name| self.form(*name).cmp(canonical)).ok();
        form.and_then(|at| self.alias_forms.get(at)).map(|name| name.agency)
    }

    pub(crate) fn position_of(&self, code: &AgencyCode) -> Option<Index> {
        self.position(code.as_str(), Some(code.canonical()))
    }

    pub(crate) fn at(&self, index: Index) -> Option<&Agency> {
        usize::try_from(index).ok().and_then(|index| self.agencies.get(index))
    }

    /// The code or alias behind `name`.
    pub(crate) fn code(&self, name: Name) -> Option<&AgencyCode> {
        let agency = self.at(name.agency)?;
        match name.slot.checked_sub(1) {
            None => Some(&agency.code),
            Some(alias) => agency.aliases.get(usize::from(alias)),
        }
    }

    /// The text at `position` of the sorted texts.
    pub(crate) fn text_at(&self, position: u32) -> &str {
        self.name_at(position).map_or("", |name| self.text(name))
    }

    pub(crate) fn agency_at(&self, position: u32) -> Option<&Agency> {
        self.name_at(position).and_then(|name| self.at(name.agency))
    }

    fn name_at(&self, position: u32) -> Option<Name> {
        usize::try_from(position).ok().and_then(|position| self.texts.get(position)).copied()
    }

    pub(crate) fn text(&self, name: Name) -> &str {
        self.code(name).map_or("", AgencyCode::as_str)
    }

    pub(crate) fn form(&self, name: Name) -> &str {
        self.code(name).map_or("", AgencyCode::canonical)
    }
}

#[cfg(test)]
mod tests;
