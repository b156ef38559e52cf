//! Reading a scenario file; everything that it says wrong is found here, with its line.

use std::collections::BTreeSet;

use toml::Spanned;

use super::raw::{RawParty, RawScenario, RawStep};
use super::step::{Act, Expect, Step, duration};
use crate::System;

/// Parties and steps of one file at most; more is no scenario.
const STEPS_MAX: usize = 1000;

/// A scenario file that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// No TOML, or an unknown key; the text names line and column.
    #[error("{0}")]
    Toml(String),
    /// A party or step.
    #[error("dòng (line) {line}: {what}")]
    Line {
        /// From 1.
        line: usize,
        /// What is wrong with it.
        what: String,
    },
}

/// A scenario.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// What it shows.
    pub title: String,
    /// The clause that it is about; may be empty.
    pub clause: String,
    /// Who acts.
    pub parties: Vec<Party>,
    /// What they do, in this order.
    pub steps: Vec<Step>,
}

/// A connected system that acts in a scenario.
#[derive(Clone, Debug)]
pub struct Party {
    /// As steps call it.
    pub name: String,
    /// Its system, with the secret that a throw-away mock gives it.
    pub system: System,
    /// The agency that it sends for when a step names none.
    pub agency: String,
}

impl Scenario {
    /// Reads a scenario file.
    ///
    /// # Errors
    /// What is wrong, with its line.
    pub fn from_toml(text: &str) -> Result<Self, FileError> {
        let raw: RawScenario = toml::from_str(text).map_err(|error| FileError::Toml(error.to_string()))?;
        let line = |at: usize| text.get(..at).map_or(1, |before| before.matches('\n').count() + 1);
        let mut parties: Vec<Party> = Vec::new();
        for spanned in &raw.party {
            let wrong = |what| FileError::Line { line: line(spanned.span().start), what };
            let party = party(spanned.get_ref()).map_err(wrong)?;
            if parties.iter().any(|known| known.name == party.name || known.system.id == party.system.id) {
                return Err(wrong(format!("party {:?}: hai lần (twice)", party.name)));
            }
            parties.push(party);
        }
        let mut steps: Vec<Step> = Vec::new();
        let mut packets = BTreeSet::new();
        for spanned in &raw.step {
            let line = line(spanned.span().start);
            let wrong = |what| FileError::Line { line, what };
            let step = step(spanned, line, &parties, steps.len() + 1).map_err(wrong)?;
            check_names(&step, &packets).map_err(wrong)?;
            if steps.iter().any(|known| known.name == step.name) {
                return Err(wrong(format!("name {:?}: hai lần (twice)", step.name)));
            }
            if steps.len() >= STEPS_MAX {
                return Err(wrong(format!("quá {STEPS_MAX} bước (too many steps)")));
            }
            if step.act.makes_packet() {
                packets.insert(step.name.clone());
            }
            steps.push(step);
        }
        Ok(Self { title: raw.title, clause: raw.clause, parties, steps })
    }

    /// Whether a step needs the mock in the same process.
    #[must_use]
    pub fn needs_mock(&self) -> bool {
        self.steps.iter().any(|step| step.act.needs_mock())
    }
}

fn party(raw: &RawParty) -> Result<Party, String> {
    let secret = raw.secret.clone().unwrap_or_else(|| format!("mock-secret-{}", raw.system));
    let system = System::new(&raw.system, &secret, &raw.agencies).map_err(|error| error.to_string())?;
    let first = raw.agencies.first().map_or(raw.system.as_str(), |agency| agency.trim_end_matches(".*"));
    Ok(Party { name: raw.name.clone(), agency: first.to_owned(), system })
}

fn step(spanned: &Spanned<RawStep>, line: usize, parties: &[Party], number: usize) -> Result<Step, String> {
    let raw = spanned.get_ref();
    let act = Act::read(raw)?;
    let by = match &raw.by {
        Some(name) => {
            let found = parties.iter().position(|party| party.name == *name);
            Some(found.ok_or_else(|| format!("by {name:?}: không có bên này (no such party)"))?)
        }
        None => None,
    };
    match (by, act.needs_mock()) {
        (None, false) => return Err("thiếu by: bên thực hiện (missing: the acting party)".to_owned()),
        (Some(_), true) => return Err("by: trục tự làm bước này (the mock does this itself)".to_owned()),
        _ => {}
    }
    let raw_expect = raw.expect.clone();
    let expect = Expect {
        code: raw_expect.code.unwrap_or(0),
        has: raw_expect.has,
        has_not: raw_expect.has_not,
        states: raw_expect.states,
        bytes_of: raw_expect.bytes_of,
        count: raw_expect.count,
        at_least: raw_expect.at_least,
    };
    check_expect(&act, &expect)?;
    Ok(Step {
        name: raw.name.clone().unwrap_or_else(|| format!("{number}. {}", raw.act)),
        line,
        by,
        act,
        expect,
        within: raw.within.as_deref().map(duration).transpose().map_err(|error| format!("within {error}"))?,
    })
}

/// What is expected has to be something that the answer can show.
fn check_expect(act: &Act, expect: &Expect) -> Result<(), String> {
    let is_list = matches!(act, Act::List(_) | Act::Agencies(_));
    let can_count = is_list || matches!(act, Act::Count(_) | Act::Sent(_));
    let written = [
        ("has", !expect.has.is_empty(), is_list),
        ("has_not", !expect.has_not.is_empty(), is_list),
        ("states", !expect.states.is_empty(), matches!(act, Act::Sent(_))),
        ("bytes_of", expect.bytes_of.is_some(), matches!(act, Act::Fetch(..))),
        ("count", expect.count.is_some(), can_count),
        ("at_least", expect.at_least.is_some(), can_count),
    ];
    match written.into_iter().find(|(_, is_written, is_shown)| *is_written && !is_shown) {
        Some((key, ..)) => Err(format!("expect.{key}: {} không cho biết (does not show it)", act.word())),
        None => Ok(()),
    }
}

/// Steps are named after they were written, and only those that make a packet.
fn check_names(step: &Step, packets: &BTreeSet<String>) -> Result<(), String> {
    let listed = match step.act {
        Act::List(_) => step.expect.has.iter().chain(&step.expect.has_not).collect(),
        _ => Vec::new(),
    };
    let named = step.act.names().into_iter().chain(listed).chain(step.expect.bytes_of.as_ref());
    match named.into_iter().find(|name| !packets.contains(*name)) {
        Some(name) => Err(format!("{name:?}: không phải bước gửi nào ở trên (no sending step above)")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
