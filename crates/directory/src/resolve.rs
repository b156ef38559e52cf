//! From the text on a document to the agency it names on a given day.

use types::{AgencyCode, CodeError, CodeRule, ErrorCode, UnixMillis};

use crate::{Agency, Day, Directory};

/// The agency that a text names.
#[derive(Clone, Debug)]
pub struct Resolved<'a> {
    /// Who receives (or sends): valid on the day, except a dissolved sender.
    pub agency: &'a Agency,
    /// The dissolved agency that the text named, when its one successor receives instead; the trace says so.
    pub redirected_from: Option<&'a Agency>,
    /// What the sender should hear although the code was accepted.
    pub warnings: Vec<ResolveWarning>,
}

/// What is odd about an accepted code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResolveWarning {
    /// A group is set below an absent one; accepted because the directory lists the code.
    Gapped {
        /// The code as it came in.
        code: AgencyCode,
    },
    /// The named agency was dissolved and its one successor receives.
    Redirected {
        /// Who was named.
        from: AgencyCode,
        /// Who receives.
        to: AgencyCode,
    },
    /// The sender has been dissolved.
    DissolvedSender {
        /// Who sent.
        code: AgencyCode,
        /// The sender's last day.
        until: Day,
    },
}

/// Why a text names no agency that can receive (or send) on the day.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    /// The text is no code, and the directory does not list it verbatim.
    #[error("{source}{}", did_you_mean(suggestions))]
    Malformed {
        /// Position and rule.
        source: CodeError,
        /// Listed codes that differ in one or two characters, the nearest first.
        suggestions: Vec<AgencyCode>,
    },
    /// The receiver is not listed.
    #[error("agency {code} is not in the directory{}", did_you_mean(suggestions))]
    UnknownAgency {
        /// The code as it came in.
        code: AgencyCode,
        /// Listed codes that differ in one or two characters, the nearest first.
        suggestions: Vec<AgencyCode>,
    },
    /// The sender is not listed.
    #[error("sending agency {code} is not in the directory{}", did_you_mean(suggestions))]
    UnknownSender {
        /// The code as it came in.
        code: AgencyCode,
        /// Listed codes that differ in one or two characters, the nearest first.
        suggestions: Vec<AgencyCode>,
    },
    /// Listed, but it does not exist yet.
    #[error("agency {code} exists only from {from}; the day is {on}")]
    NotYetValid {
        /// The code as listed.
        code: AgencyCode,
        /// Its first day.
        from: Day,
        /// The day asked for.
        on: Day,
    },
    /// Dissolved, with several successors or none.
    #[error("agency {code} was dissolved after {until}; {}", successor_list(successors))]
    Dissolved {
        /// The code as listed.
        code: AgencyCode,
        /// Its last day.
        until: Day,
        /// Who took over, as listed; empty when nobody did.
        successors: Vec<AgencyCode>,
    },
}

impl ResolveError {
    /// The public code.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Malformed { .. } => ErrorCode::MalformedCode,
            Self::UnknownAgency { .. } | Self::NotYetValid { .. } => ErrorCode::UnknownAgency,
            Self::UnknownSender { .. } => ErrorCode::UnknownSender,
            Self::Dissolved { .. } => ErrorCode::AgencyDissolved,
        }
    }

    /// Codes to offer in its place: near misses, or successors.
    #[must_use]
    pub fn suggestions(&self) -> &[AgencyCode] {
        match self {
            Self::Malformed { suggestions, .. }
            | Self::UnknownAgency { suggestions, .. }
            | Self::UnknownSender { suggestions, .. } => suggestions,
            Self::Dissolved { successors, .. } => successors,
            Self::NotYetValid { .. } => &[],
        }
    }
}

impl Directory {
    /// The agency that receives a document addressed to `text` at the time `on`.
    ///
    /// Looks for the text verbatim among codes and aliases, then for its other generation. A dissolved
    /// agency with exactly one successor is replaced by it, again and again if need be.
    ///
    /// # Errors
    /// `malformed_code` with position, rule and suggestions; `unknown_agency` with suggestions, or when the
    /// agency does not exist yet; `agency_dissolved` with the successors when they are several or none.
    pub fn resolve(&self, text: &str, on: UnixMillis) -> Result<Resolved<'_>, ResolveError> {
        let day = Day::in_vietnam(on);
        let named = self.find_text(text).ok_or_else(|| self.unlisted(text, day, Role::Receiver))?;
        let mut warnings = gap_warning(text);
        let receiver = self.receiver(named, day)?;
        let redirected_from = (receiver.code != named.code).then_some(named);
        if let Some(from) = redirected_from {
            warnings.push(ResolveWarning::Redirected { from: from.code.clone(), to: receiver.code.clone() });
        }
        Ok(Resolved { agency: receiver, redirected_from, warnings })
    }

    /// The agency that sends a document as `text` at the time `on`.
    ///
    /// Never redirected; a dissolved sender is accepted with a warning, because it still answers old documents.
    ///
    /// # Errors
    /// `malformed_code`; `unknown_sender`; `unknown_agency` when the agency does not exist yet.
    pub fn resolve_sender(&self, text: &str, on: UnixMillis) -> Result<Resolved<'_>, ResolveError> {
        let day = Day::in_vietnam(on);
        let agency = self.find_text(text).ok_or_else(|| self.unlisted(text, day, Role::Sender))?;
        check_begun(agency, day)?;
        let mut warnings = gap_warning(text);
        if let Some(until) = agency.last_day().filter(|until| *until < day) {
            warnings.push(ResolveWarning::DissolvedSender { code: agency.code.clone(), until });
        }
        Ok(Resolved { agency, redirected_from: None, warnings })
    }

    /// Follows single successors from `named` to the one who exists on `day`.
    fn receiver<'a>(&'a self, named: &'a Agency, day: Day) -> Result<&'a Agency, ResolveError> {
        let mut agency = named;
        // The directory has no succession cycles, so that this ends; the count is a second fence.
        for _ in 0..=self.len() {
            check_begun(agency, day)?;
            let Some(until) = agency.last_day().filter(|until| *until < day) else {
                return Ok(agency);
            };
            let successors = agency.successors_on(day);
            let only = if let [one] = successors { self.find(one) } else { None };
            let Some(next) = only else {
                let (code, successors) = (agency.code.clone(), successors.to_vec());
                return Err(ResolveError::Dissolved { code, until, successors });
            };
            agency = next;
        }
        Ok(agency)
    }

    fn unlisted(&self, text: &str, day: Day, role: Role) -> ResolveError {
        let suggestions = self.suggest(text, day);
        let code = match text.parse::<AgencyCode>() {
            Ok(code) => code,
            Err(source) => return ResolveError::Malformed { source, suggestions },
        };
        if let Some(position) = code.gap() {
            return ResolveError::Malformed { source: CodeError::new(text, position, CodeRule::Gap), suggestions };
        }
        match role {
            Role::Receiver => ResolveError::UnknownAgency { code, suggestions },
            Role::Sender => ResolveError::UnknownSender { code, suggestions },
        }
    }
}

#[derive(Clone, Copy)]
enum Role {
    Receiver,
    Sender,
}

fn check_begun(agency: &Agency, on: Day) -> Result<(), ResolveError> {
    match agency.valid_from {
        Some(from) if from > on => Err(ResolveError::NotYetValid { code: agency.code.clone(), from, on }),
        _ => Ok(()),
    }
}

fn gap_warning(text: &str) -> Vec<ResolveWarning> {
    match AgencyCode::opaque(text) {
        Ok(code) if code.has_gap() => vec![ResolveWarning::Gapped { code }],
        _ => Vec::new(),
    }
}

fn joined(codes: &[AgencyCode]) -> String {
    codes.iter().map(AgencyCode::as_str).collect::<Vec<_>>().join(", ")
}

fn did_you_mean(suggestions: &[AgencyCode]) -> String {
    if suggestions.is_empty() { String::new() } else { format!("; did you mean {}?", joined(suggestions)) }
}

fn successor_list(successors: &[AgencyCode]) -> String {
    if successors.is_empty() { "it has no successor".to_owned() } else { format!("address {}", joined(successors)) }
}

#[cfg(test)]
mod tests;
