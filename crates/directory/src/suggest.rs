//! Near misses: listed codes that differ from a text in one or two characters.

use types::AgencyCode;

use crate::{Day, Directory};

/// Codes offered: as many as a person compares at a glance.
const SUGGESTIONS_MAX: usize = 5;
/// Characters that may differ.
const DISTANCE_MAX: usize = 2;
/// Texts longer than any code are not compared.
const TEXT_MAX: usize = 64;

impl Directory {
    /// Codes of agencies valid on `day` whose code or alias differs from `text` in one character, or else in two.
    ///
    /// Compares only texts of nearly the same length and the same characters, each in a handful of steps; also
    /// tries `text` in the form of the other generation. Takes a few milliseconds among 100,000 agencies.
    #[must_use]
    pub fn suggest(&self, text: &str, day: Day) -> Vec<AgencyCode> {
        let wanted = text.trim().to_ascii_uppercase();
        if wanted.is_empty() || wanted.len() > TEXT_MAX {
            return Vec::new();
        }
        let other = other_form(&wanted);
        let mut found: Vec<&AgencyCode> = Vec::new();
        let mut nearest = DISTANCE_MAX;
        for form in [Some(wanted.as_str()), other.as_deref()].into_iter().flatten() {
            let lengths = form.len().saturating_sub(DISTANCE_MAX)..=form.len() + DISTANCE_MAX;
            let counts = Counts::of(form);
            for bucket in lengths.filter_map(|length| self.by_length.get(length)) {
                for entry in bucket {
                    if counts.difference(&entry.counts) > 2 * nearest {
                        continue;
                    }
                    let text = self.text_at(entry.position);
                    let Some(distance) = distance(form.as_bytes(), text.as_bytes(), nearest) else { continue };
                    let Some(agency) = self.agency_at(entry.position).filter(|agency| agency.is_valid_on(day)) else {
                        continue;
                    };
                    if distance < nearest {
                        found.clear();
                        nearest = distance;
                    }
                    found.push(&agency.code);
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        found.into_iter().take(SUGGESTIONS_MAX).cloned().collect()
    }
}

/// One code or alias, as [`Directory::suggest`] looks at it first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Nearby {
    /// Its place in the directory's texts.
    position: u32,
    counts: Counts,
}

impl Nearby {
    pub(crate) fn new(position: u32, text: &str) -> Self {
        Self { position, counts: Counts::of(text) }
    }
}

/// How often each kind of character occurs: ten digits, the dot, and the others in five lots.
///
/// One edit changes at most two counts by one, so that most texts are ruled out without being looked at.
#[derive(Clone, Copy, Debug)]
struct Counts([u8; 16]);

impl Counts {
    fn of(text: &str) -> Self {
        let mut counts = [0_u8; 16];
        for byte in text.bytes() {
            let lot = match byte {
                b'0'..=b'9' => byte - b'0',
                b'.' => 10,
                other => 11 + other.to_ascii_uppercase() % 5,
            };
            if let Some(count) = counts.get_mut(usize::from(lot)) {
                *count = count.saturating_add(1);
            }
        }
        Self(counts)
    }

    fn difference(&self, other: &Self) -> usize {
        let sum: u8 = self.0.iter().zip(&other.0).map(|(a, b)| a.abs_diff(*b)).fold(0, u8::saturating_add);
        usize::from(sum)
    }
}

/// The text as the other generation writes it: `H48.2O` for `000.00.2O.H48`, which need not be a code.
fn other_form(text: &str) -> Option<String> {
    if text.starts_with(|c: char| c.is_ascii_digit()) && text.contains('.') {
        let groups: Vec<&str> = text.split('.').rev().filter(|group| !matches!(*group, "00" | "000")).collect();
        return Some(groups.join("."));
    }
    text.parse::<AgencyCode>().ok().and_then(|code| code.as_qcvn2016())
}

/// Insertions, deletions and replacements between `a` and `b`; `None` when more than `max`.
fn distance(a: &[u8], b: &[u8], max: usize) -> Option<usize> {
    let shared = a.iter().zip(b).take_while(|(a, b)| a.eq_ignore_ascii_case(b)).count();
    let (a, b) = (a.get(shared..).unwrap_or_default(), b.get(shared..).unwrap_or_default());
    let (Some((_, a_rest)), Some((_, b_rest))) = (a.split_first(), b.split_first()) else {
        return Some(a.len() + b.len()).filter(|distance| *distance <= max);
    };
    let left = max.checked_sub(1)?;
    let ways = [(a_rest, b_rest), (a, b_rest), (a_rest, b)];
    ways.into_iter().filter_map(|(a, b)| distance(a, b, left)).min().map(|distance| distance + 1)
}

#[cfg(test)]
mod tests;
