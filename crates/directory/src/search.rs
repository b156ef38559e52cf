//! Finding agencies by code or name.

use std::collections::BinaryHeap;
use std::fmt;
use std::str::FromStr;

use types::{AgencyCode, ErrorCode, Level, UnixMillis};

use crate::fold::{composed, fold, words};
use crate::lookup::Index;
use crate::{Agency, Day, Directory};

/// Agencies of one page: what a table in the console shows without scrolling for ever.
const PAGE_MAX: usize = 500;
/// Bytes of a query: longer than any official name.
const QUERY_MAX: usize = 600;

/// Which agencies a search may return; empty fields ask for nothing.
#[derive(Clone, Debug, Default)]
pub struct SearchFilter {
    /// Only this level.
    pub level: Option<Level>,
    /// Only agencies below this one, at any depth.
    pub under: Option<AgencyCode>,
    /// Only agencies that exist on the Vietnamese day of this instant.
    pub valid_on: Option<UnixMillis>,
}

/// One page of results.
#[derive(Clone, Debug)]
pub struct SearchPage<'a> {
    /// The best first.
    pub agencies: Vec<&'a Agency>,
    /// Everything that matches, on all pages.
    pub total: usize,
    /// Where the next page starts; `None` on the last one.
    pub next: Option<SearchCursor>,
}

/// Place of a result in the order of a search; stays right when the directory is reloaded.
///
/// Prints as opaque text without white space.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SearchCursor {
    /// Kind of match, 0 with and 1 without the query's own diacritics, level.
    key: (u8, u8, u8),
    canonical: String,
}

/// Why a search was not made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SearchError {
    /// More text than any name has.
    #[error("the query has {length} bytes, limit {max}")]
    TooLong {
        /// Bytes found.
        length: usize,
        /// Bytes allowed.
        max: usize,
    },
    /// The body to search under is not listed.
    #[error("agency {under} is not in the directory")]
    UnknownAgency {
        /// The code as it came in.
        under: AgencyCode,
    },
    /// Not a cursor of a search.
    #[error("{text:?} is not a search cursor")]
    BadCursor {
        /// The text, cut to 32 characters.
        text: String,
    },
}

impl SearchError {
    /// The public code.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::TooLong { .. } => ErrorCode::LimitExceeded,
            Self::UnknownAgency { .. } => ErrorCode::UnknownAgency,
            Self::BadCursor { .. } => ErrorCode::InvalidArgument,
        }
    }
}

impl Directory {
    /// Agencies that match `query`, the best first: exact code, beginning of a code, exact name, beginning of a
    /// name, then all words; among equals those with the query's own diacritics, the higher level, the lower code.
    ///
    /// Every word of the query must begin a word of the agency's names or one of its codes; case and diacritics
    /// do not matter. An empty query matches all. `limit` is cut to 1–500; `after` continues an earlier page.
    ///
    /// # Errors
    /// `limit_exceeded` for a query over 600 bytes; `unknown_agency` for an unlisted `under`.
    pub fn search(
        &self,
        query: &str,
        filter: &SearchFilter,
        limit: usize,
        after: Option<&SearchCursor>,
    ) -> Result<SearchPage<'_>, SearchError> {
        if query.len() > QUERY_MAX {
            return Err(SearchError::TooLong { length: query.len(), max: QUERY_MAX });
        }
        let query = Query::new(query);
        let under = filter.under.as_ref().map(|code| self.position_of(code).ok_or_else(|| unlisted(code)));
        let (under, day) = (under.transpose()?, filter.valid_on.map(Day::in_vietnam));
        let limit = limit.clamp(1, PAGE_MAX);
        let (mut total, mut left) = (0, 0_usize);
        let mut best: BinaryHeap<Hit<'_>> = BinaryHeap::with_capacity(limit + 1);
        for ((index, agency), searchable) in (0..).zip(&self.agencies).zip(&self.folded) {
            let is_wanted = query.matches(searchable)
                && filter.level.is_none_or(|level| agency.level == level)
                && day.is_none_or(|day| agency.is_valid_on(day))
                && under.is_none_or(|under| self.is_below(index, under));
            if !is_wanted {
                continue;
            }
            total += 1;
            let (kind, level, canonical) =
                (query.kind(agency, searchable), rank(agency.level), agency.code.canonical());
            // Diacritics are costly to compare: not for a hit that would not make this page even with them.
            let is_late = best.len() == limit
                && best.peek().is_some_and(|last| ((kind, 0, level), canonical) > (last.key, last.canonical));
            if is_late {
                left += 1;
                continue;
            }
            let hit = Hit { key: (kind, u8::from(!query.has_marks(agency)), level), canonical, index };
            if after.is_some_and(|after| (hit.key, canonical) <= (after.key, after.canonical.as_str())) {
                continue;
            }
            left += 1;
            best.push(hit);
            if best.len() > limit {
                best.pop();
            }
        }
        let hits = best.into_sorted_vec();
        let last = if left > limit { hits.last() } else { None };
        let next = last.map(|hit| SearchCursor { key: hit.key, canonical: hit.canonical.to_owned() });
        Ok(SearchPage { agencies: hits.iter().filter_map(|hit| self.at(hit.index)).collect(), total, next })
    }
}

fn unlisted(code: &AgencyCode) -> SearchError {
    SearchError::UnknownAgency { under: code.clone() }
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Hit<'a> {
    key: (u8, u8, u8),
    canonical: &'a str,
    index: Index,
}

struct Query {
    /// The whole, as a code would be written.
    code: String,
    /// The whole, folded, words joined by one space.
    name: String,
    /// Needles in an agency's searchable text: each inner list is one word of the query, any way it may be meant.
    words: Vec<Word>,
    /// Words with diacritics, for the order.
    marked: Vec<String>,
}

struct Word {
    /// As part of a code.
    code: String,
    /// As words of a name; empty for a word of signs only.
    names: Vec<String>,
}

impl Query {
    fn new(text: &str) -> Self {
        let text = text.trim();
        let needle = |word: &str| format!(" {word}");
        let words_of = |word: &str| words(word).map(|part| needle(&part)).collect();
        let parts = text.split_whitespace();
        let words = parts
            .clone()
            .map(|word| Word { code: needle(&word.to_ascii_lowercase()), names: words_of(word) })
            .collect();
        let marked = parts.map(composed).filter(|word| *word != fold(word)).collect();
        let name = words_joined(text);
        Self { code: text.to_ascii_uppercase(), name, words, marked }
    }

    fn matches(&self, searchable: &str) -> bool {
        self.words.iter().all(|word| {
            let is_name = !word.names.is_empty() && word.names.iter().all(|name| searchable.contains(name.as_str()));
            is_name || searchable.contains(word.code.as_str())
        })
    }

    /// How the agency matches; smaller is better.
    fn kind(&self, agency: &Agency, searchable: &str) -> u8 {
        if self.words.is_empty() {
            return 4;
        }
        let aliases = agency.aliases.iter().map(AgencyCode::as_str);
        let codes = || [agency.code.as_str(), agency.code.canonical()].into_iter().chain(aliases.clone());
        let starts =
            |code: &str| code.get(..self.code.len()).is_some_and(|start| start.eq_ignore_ascii_case(&self.code));
        // The official name's words come first, up to a line break.
        let name = searchable.split('\n').next().unwrap_or_default().trim();
        if codes().any(|code| code.eq_ignore_ascii_case(&self.code)) {
            0
        } else if codes().any(starts) {
            1
        } else if name == self.name {
            2
        } else if name.starts_with(self.name.as_str()) {
            3
        } else {
            4
        }
    }

    fn has_marks(&self, agency: &Agency) -> bool {
        if self.marked.is_empty() {
            return true;
        }
        let names = [Some(&agency.name), agency.short_name.as_ref()].into_iter().flatten();
        let names: String = names.map(|name| composed(name) + " ").collect();
        self.marked.iter().all(|word| names.contains(word.as_str()))
    }
}

/// Higher levels first.
const fn rank(level: Level) -> u8 {
    match level {
        Level::Central => 0,
        Level::Province => 1,
        Level::District => 2,
        Level::Commune => 3,
        Level::Other => 4,
    }
}

fn words_joined(text: &str) -> String {
    words(text).collect::<Vec<_>>().join(" ")
}

impl FromStr for SearchCursor {
    type Err = SearchError;

    fn from_str(text: &str) -> Result<Self, SearchError> {
        let bad = || SearchError::BadCursor { text: text.chars().take(32).collect() };
        let mut parts = text.splitn(4, '-');
        let mut number = || parts.next().and_then(|part| part.parse::<u8>().ok()).ok_or_else(bad);
        let key = (number()?, number()?, number()?);
        let canonical = parts.next().filter(|code| AgencyCode::opaque(code).is_ok()).ok_or_else(bad)?;
        Ok(Self { key, canonical: canonical.to_owned() })
    }
}

impl fmt::Display for SearchCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, marks, level) = self.key;
        write!(f, "{kind}-{marks}-{level}-{}", self.canonical)
    }
}

#[cfg(test)]
mod tests;
