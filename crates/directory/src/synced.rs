//! The national axis's list of agencies: made fit, compared, and put under the operator's own directory.
//!
//! The list is not this node's work and has what long-lived lists have: codes of no generation, the same code twice,
//! aliases that two agencies claim, parents that are not there or go round in a circle. [`SyncedList::of`] keeps what
//! names an agency and counts what it had to leave out; nothing in the list can make the directory unusable.

mod circles;
mod diff;
mod file;
mod merge;

use std::collections::{HashMap, HashSet};

use types::{AgencyCode, Level};

use crate::{Agency, Reach};

pub use diff::{AgencyChange, ListChanges, REMOVED_PERCENT_MAX, TooManyRemoved};

/// Bytes of a name; a longer one is cut.
const NAME_MAX: usize = 500;
/// Bytes of a mail address (RFC 5321); a longer one is left out.
const MAIL_MAX: usize = 254;
/// Other codes kept of one agency.
const ALIASES_MAX: usize = 16;
/// Agencies kept; the national axis listed 111,339 in October 2025.
const LISTED_MAX: usize = 500_000;

/// One line of the axis's list, as it came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListedAgency {
    /// The axis's id of it.
    pub id: String,
    /// The id of its parent; empty at the top.
    pub parent_id: String,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its mail address.
    pub mail: String,
    /// Its codes of other generations; empty ones do not count.
    pub other_codes: Vec<String>,
}

/// The list, fit to be put under a directory: codes and other codes unambiguous, parents listed and free of circles.
#[derive(Clone, Debug, Default)]
pub struct SyncedList {
    /// Sorted by canonical code.
    agencies: Vec<Agency>,
}

/// What was read and what could not be used as it came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ListTally {
    /// Lines read.
    pub listed: usize,
    /// Agencies kept.
    pub kept: usize,
    /// Lines left out: no code, or one with white space, control characters or more than 64 bytes.
    pub malformed: usize,
    /// Lines left out: the code is another line's, in the same or the other generation.
    pub repeated: usize,
    /// Lines left out: more than 500,000.
    pub beyond_limit: usize,
    /// Agencies kept under their code as their name.
    pub nameless: usize,
    /// Other codes left out: malformed, or another agency's.
    pub other_codes_dropped: usize,
    /// Parents left out: not listed, or in a circle. Such an agency stands below the nearest body by its code.
    pub parents_dropped: usize,
}

impl SyncedList {
    /// Makes a list fit. Of two lines with one code the first counts.
    #[must_use]
    pub fn of(lines: impl IntoIterator<Item = ListedAgency>) -> (Self, ListTally) {
        let mut tally = ListTally::default();
        let mut draft = Draft::default();
        for line in lines {
            tally.listed += 1;
            draft.add(line, &mut tally);
        }
        let mut agencies = draft.finish(&mut tally);
        tally.parents_dropped += circles::cut(&mut agencies, 0);
        tally.kept = agencies.len();
        (Self { agencies }, tally)
    }

    /// Agencies in it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.agencies.len()
    }

    /// True for a list without agencies.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.agencies.is_empty()
    }

    /// The agencies, in the order of their canonical codes.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Agency> {
        self.agencies.iter()
    }
}

/// Lines on their way to a list.
#[derive(Default)]
struct Draft {
    agencies: Vec<Agency>,
    parent_ids: Vec<String>,
    by_id: HashMap<String, usize>,
    codes: HashMap<String, usize>,
}

impl Draft {
    fn add(&mut self, line: ListedAgency, tally: &mut ListTally) {
        let Ok(code) = AgencyCode::opaque(line.code.trim()) else {
            tally.malformed += 1;
            return;
        };
        if let Some(first) = self.codes.get(code.canonical()) {
            // Who stands below the repeated line stands below the first.
            self.by_id.entry(line.id).or_insert(*first);
            tally.repeated += 1;
            return;
        }
        if self.agencies.len() >= LISTED_MAX {
            tally.beyond_limit += 1;
            return;
        }
        let name = plain(&line.name);
        tally.nameless += usize::from(name.is_empty());
        let aliases = other_codes(&code, &line.other_codes, tally);
        let mail = line.mail.trim();
        let has_mail = !mail.is_empty() && mail.len() <= MAIL_MAX && !mail.contains(char::is_control);
        let index = self.agencies.len();
        self.codes.insert(code.canonical().to_owned(), index);
        if !line.id.is_empty() {
            self.by_id.entry(line.id).or_insert(index);
        }
        self.parent_ids.push(line.parent_id);
        self.agencies.push(Agency {
            level: level_of(&code),
            parent: None,
            name: if name.is_empty() { code.as_str().into() } else { name.into() },
            short_name: None,
            aliases,
            valid_from: None,
            valid_until: None,
            succession: None,
            mail: has_mail.then(|| mail.into()),
            reach: Reach::Unstated,
            code,
        });
    }

    fn finish(self, tally: &mut ListTally) -> Vec<Agency> {
        let Self { mut agencies, parent_ids, by_id, codes } = self;
        let parents: Vec<Option<AgencyCode>> = parent_ids
            .iter()
            .enumerate()
            .map(|(own, id)| {
                let found = by_id.get(id).filter(|found| **found != own).and_then(|found| agencies.get(*found));
                // The top of the list has no parent, or itself, or number 0 or -1.
                let is_top = matches!(id.as_str(), "" | "0" | "-1" | "null") || by_id.get(id) == Some(&own);
                tally.parents_dropped += usize::from(found.is_none() && !is_top);
                found.map(|agency| agency.code.clone())
            })
            .collect();
        let mut taken: HashSet<String> = agencies.iter().map(|agency| agency.code.as_str().to_owned()).collect();
        for (own, (agency, parent)) in agencies.iter_mut().zip(parents).enumerate() {
            agency.parent = parent;
            let before = agency.aliases.len();
            agency.aliases.retain(|alias| {
                let is_anothers = codes.get(alias.canonical()).is_some_and(|other| *other != own);
                !is_anothers && taken.insert(alias.as_str().to_owned())
            });
            tally.other_codes_dropped += before - agency.aliases.len();
        }
        agencies.sort_by(|a, b| a.code.cmp(&b.code));
        agencies
    }
}

/// Other codes as the file can hold them, each once, without the code itself.
fn other_codes(own: &AgencyCode, texts: &[String], tally: &mut ListTally) -> Vec<AgencyCode> {
    let mut codes: Vec<AgencyCode> = Vec::new();
    for text in texts.iter().map(|text| text.trim()).filter(|text| !text.is_empty() && *text != own.as_str()) {
        let is_separator = |c| matches!(c, ';' | '|');
        match AgencyCode::opaque(text) {
            Ok(code) if codes.len() < ALIASES_MAX && !text.contains(is_separator) => {
                if !codes.iter().any(|known| known.as_str() == text) {
                    codes.push(code);
                }
            }
            Ok(_) | Err(_) => tally.other_codes_dropped += 1,
        }
    }
    codes
}

/// The text on one line without control characters, cut at a character to what a name may have.
fn plain(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        if !kept.is_empty() {
            kept.push(' ');
        }
        kept.push_str(word);
    }
    let end = (0..=NAME_MAX.min(kept.len())).rev().find(|end| kept.is_char_boundary(*end)).unwrap_or(0);
    kept.truncate(end);
    kept.truncate(kept.trim_end().len());
    kept
}

/// The list says nothing of levels. Codes of level 1 do: `G…` are ministries, `H…` provinces (Decision
/// 20/2020/QĐ-TTg, annexes); all else is left open.
fn level_of(code: &AgencyCode) -> Level {
    let canonical = code.canonical();
    match canonical.as_bytes() {
        [b'G', _, _] => Level::Central,
        [b'H', _, _] => Level::Province,
        _ => Level::Other,
    }
}

#[cfg(test)]
mod tests;
