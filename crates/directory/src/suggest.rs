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
    /// Codes of agencies valid on `day` whose code or alias is within two edits of `text`, the nearest first.
    ///
    /// Compares only texts of nearly the same length, each in a handful of steps; also tries the groups of
    /// `text` in the order of the other generation.
    #[must_use]
    pub fn suggest(&self, text: &str, day: Day) -> Vec<AgencyCode> {
        let wanted = text.trim().to_ascii_uppercase();
        if wanted.is_empty() || wanted.len() > TEXT_MAX {
            return Vec::new();
        }
        let turned = turned(&wanted);
        let mut found: Vec<(usize, &AgencyCode)> = Vec::new();
        for form in [Some(wanted.as_str()), turned.as_deref()].into_iter().flatten() {
            let lengths = form.len().saturating_sub(DISTANCE_MAX)..=form.len() + DISTANCE_MAX;
            for position in lengths.filter_map(|length| self.by_length.get(length)).flatten() {
                let name = usize::try_from(*position).ok().and_then(|at| self.texts.get(at));
                let Some((name, agency)) = name.and_then(|name| Some((*name, self.at(name.agency)?))) else { continue };
                if let Some(distance) = distance(form.as_bytes(), self.text(name).as_bytes(), DISTANCE_MAX)
                    && agency.is_valid_on(day)
                {
                    found.push((distance, &agency.code));
                }
            }
        }
        found.sort_unstable();
        let mut suggestions: Vec<AgencyCode> = Vec::new();
        for (_, code) in found {
            if suggestions.len() < SUGGESTIONS_MAX && !suggestions.contains(code) {
                suggestions.push(code.clone());
            }
        }
        suggestions
    }
}

/// The groups in the other order, absent ones dropped: `000.00.2O.H48` as `H48.2O`.
fn turned(text: &str) -> Option<String> {
    let groups: Vec<&str> = text.split('.').rev().filter(|group| !matches!(*group, "00" | "000")).collect();
    let is_other = text.contains('.') && !groups.is_empty();
    is_other.then(|| groups.join("."))
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
