//! Conformance: plays the real client against a server, rule by rule, and watches a real client against a mock.
//!
//! Each rule has a stable id such as `AX-SIGN-3`, listed in `docs/axis-conformance.md`.

mod agencies;
mod answers;
mod checks;
mod client_rules;
mod counting;
mod fetching;
mod hashing;
mod junit;
mod lists;
mod provincial;
mod reference;
mod report;
mod sending;
mod signing;
mod stage;
mod watch;

use axis::Secret;

pub use checks::{RULES, Rule, SECRET_RULE, run};
pub use client_rules::CLIENT_RULES;
pub use junit::junit;
pub use reference::markdown;
pub use report::{Outcome, Report, Shown, Verdict};
pub use watch::{Watch, WatchError};

use crate::sdk::Endpoint;

/// One system that calls, and the agency that it speaks for.
#[derive(Clone, Debug)]
pub struct Party {
    /// `systemid`.
    pub system: String,
    /// Its secret.
    pub secret: Secret,
    /// An agency that it speaks for.
    pub agency: String,
}

/// A server to be checked.
#[derive(Clone, Debug)]
pub struct Target {
    /// Where it is.
    pub endpoint: Endpoint,
    /// Who sends.
    pub sender: Party,
    /// Who receives; the sender's own system where that speaks for two agencies.
    pub receiver: Party,
    /// An agency to register and delete; none leaves these operations out.
    pub registered: Option<String>,
    /// MiB of the large attachment; none leaves the check out.
    pub large_mib: Option<u32>,
    /// Whether the provincial dialect is checked.
    pub provincial: Provincial,
    /// How long a packet may take from one system to the other.
    pub patience: std::time::Duration,
    /// Now: the ids of the documents are made of it.
    pub at: types::UnixMillis,
}

/// Whether the provincial dialect is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provincial {
    /// It is.
    Checked,
    /// The server does not offer it.
    LeftOut,
}

impl Target {
    /// An agency code directly below `agency`: what is registered and deleted when nothing else is said.
    #[must_use]
    pub fn below(agency: &str) -> String {
        let groups: Vec<&str> = agency.split('.').collect();
        let is_digits = |group: &str| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit());
        // Generation 1 writes the lowest unit first: `000.00.00.H48` is above `000.00.99.H48`.
        if let [first, second, third, province] = groups.as_slice()
            && [first, second, third].into_iter().all(|group| is_digits(group))
        {
            return match (*first, *second, *third) {
                (first, second, "00") => format!("{first}.{second}.99.{province}"),
                (first, "00", third) => format!("{first}.99.{third}.{province}"),
                (_, second, third) => format!("999.{second}.{third}.{province}"),
            };
        }
        format!("{agency}.99")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agency_below_another_is_written_in_its_generation() {
        assert_eq!(Target::below("000.00.00.H48"), "000.00.99.H48");
        assert_eq!(Target::below("000.00.15.H48"), "000.99.15.H48");
        assert_eq!(Target::below("000.12.15.H48"), "999.12.15.H48");
        assert_eq!(Target::below("H48.15"), "H48.15.99");
    }
}
