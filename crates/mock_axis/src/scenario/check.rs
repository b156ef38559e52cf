//! Whether an answer holds what a step expects.

use std::collections::BTreeMap;

use axis::client::CallErrorKind;
use axis::{DocId, SentEdoc};
use types::AgencyCode;

use super::party::{Fetched, Problem};
use super::step::Expect;
use super::written::{Identity, Written};

/// What a step saw.
#[derive(Debug)]
pub(super) enum Seen {
    /// The answer said OK, and no more.
    Done,
    /// What waits.
    Waiting(Vec<(DocId, Identity)>),
    /// What became of a packet.
    Sent(Vec<SentEdoc>),
    /// A number.
    Count(u64),
    /// Codes of agencies.
    Agencies(Vec<String>),
    /// A packet.
    Fetched(Fetched),
}

/// Checks one answer; the reason is for the reader.
pub(super) fn check(
    expect: &Expect,
    seen: Result<&Seen, &Problem>,
    written: &BTreeMap<String, Written>,
) -> Result<(), String> {
    let seen = match seen {
        Ok(seen) => seen,
        Err(problem) => return check_problem(expect, problem),
    };
    if expect.code != 0 {
        return Err(format!("mong mã {}, nhận mã 0 (expected code {0}, the call succeeded)", expect.code));
    }
    match seen {
        Seen::Done => Ok(()),
        Seen::Waiting(lines) => {
            let is_there = |name: &String| {
                written.get(name).is_some_and(|one| lines.iter().any(|(_, identity)| identity.is(&one.identity)))
            };
            check_names(expect, is_there)?;
            check_count(expect, lines.len() as u64)
        }
        Seen::Agencies(codes) => {
            check_names(expect, |code| codes.binary_search(code).is_ok())?;
            check_count(expect, codes.len() as u64)
        }
        Seen::Count(count) => check_count(expect, *count),
        Seen::Sent(lines) => {
            check_states(expect, lines)?;
            check_count(expect, lines.len() as u64)
        }
        Seen::Fetched(fetched) => check_bytes(expect, fetched, written),
    }
}

fn check_problem(expect: &Expect, problem: &Problem) -> Result<(), String> {
    match problem {
        Problem::Call(error) => match &error.kind {
            CallErrorKind::Refused { number, .. } if expect.code != 0 && *number == expect.code.to_string() => Ok(()),
            _ => Err(format!("mong mã {} (expected code {0}): {error}", expect.code)),
        },
        Problem::Here(text) => Err(text.clone()),
    }
}

fn check_names(expect: &Expect, is_there: impl Fn(&String) -> bool) -> Result<(), String> {
    if let Some(name) = expect.has.iter().find(|name| !is_there(name)) {
        return Err(format!("thiếu {name:?} trong danh sách (missing from the list)"));
    }
    match expect.has_not.iter().find(|name| is_there(name)) {
        Some(name) => Err(format!("{name:?} còn trong danh sách (is in the list)")),
        None => Ok(()),
    }
}

fn check_count(expect: &Expect, seen: u64) -> Result<(), String> {
    if let Some(count) = expect.count.filter(|count| *count != seen) {
        return Err(format!("mong {count}, thấy {seen} (expected {count}, saw {seen})"));
    }
    match expect.at_least.filter(|least| seen < *least) {
        Some(least) => Err(format!("mong ít nhất {least}, thấy {seen} (expected at least {least}, saw {seen})")),
        None => Ok(()),
    }
}

fn check_states(expect: &Expect, lines: &[SentEdoc]) -> Result<(), String> {
    for (agency, state) in &expect.states {
        let states: Vec<&str> = lines
            .iter()
            .filter(|line| is_same(&line.to_code, agency))
            .map(|line| line.receive_status.as_str())
            .collect();
        if !states.contains(&state.as_str()) {
            let saw = if states.is_empty() { "–".to_owned() } else { states.join(", ") };
            return Err(format!("{agency}: mong {state}, thấy {saw} (expected {state}, saw {saw})"));
        }
    }
    Ok(())
}

/// Two ways to write one agency's code are the same agency.
fn is_same(code: &str, other: &str) -> bool {
    let canonical = |code: &str| AgencyCode::opaque(code).ok().map(|code| code.canonical().to_owned());
    canonical(code).is_some_and(|code| canonical(other) == Some(code))
}

fn check_bytes(expect: &Expect, fetched: &Fetched, written: &BTreeMap<String, Written>) -> Result<(), String> {
    let Some(name) = &expect.bytes_of else { return Ok(()) };
    // What software outside sent cannot be compared: that it came whole is all that is known.
    let Some(sent) = written.get(name).and_then(|one| one.bytes.as_ref()) else { return Ok(()) };
    if (sent.length, sent.digest) == (fetched.length, fetched.digest) {
        return Ok(());
    }
    Err(format!(
        "gửi {} byte SHA-256 {}, lấy được {} byte SHA-256 {} (other bytes than were sent)",
        sent.length, sent.digest, fetched.length, fetched.digest
    ))
}
