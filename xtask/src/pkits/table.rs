//! The cases and the allowed deviations, from their tables.

use std::collections::BTreeMap;

use signature::{CertificatePolicies, Initial, ObjectId};

const CASES: &str = include_str!("../../pkits/cases.tsv");
const DEVIATIONS: &str = include_str!("../../pkits/deviations.tsv");
/// NIST-test-policy-1 to -6 are below this arc.
const POLICY_ARC: &str = "2.16.840.1.101.3.2.1.48.";

/// What the suite says a case must give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    Valid,
    Invalid,
}

/// One case with one setting.
pub(super) struct Case {
    pub(super) number: &'static str,
    /// File name of the end certificate, without its ending.
    pub(super) end: &'static str,
    pub(super) expected: Expected,
    pub(super) policies: CertificatePolicies,
}

/// Every case, in order.
pub(super) fn cases() -> Result<Vec<Case>, String> {
    lines(CASES).map(|line| case(line).ok_or(format!("cases.tsv: {line}"))).collect()
}

/// The reason of each allowed deviation, by number.
pub(super) fn deviations() -> Result<BTreeMap<&'static str, &'static str>, String> {
    lines(DEVIATIONS).map(|line| line.split_once('\t').ok_or(format!("deviations.tsv: {line}"))).collect()
}

fn lines(table: &'static str) -> impl Iterator<Item = &'static str> {
    table.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn case(line: &'static str) -> Option<Case> {
    let columns: Vec<&'static str> = line.split('\t').collect();
    let [number, end, expected, policies, settings] = columns.try_into().ok()?;
    let expected = match expected {
        "valid" => Expected::Valid,
        "invalid" => Expected::Invalid,
        _ => return None,
    };
    let set = |name| if settings.split(',').any(|setting| setting == name) { Initial::Set } else { Initial::Unset };
    let acceptable: Vec<ObjectId> = match policies {
        "-" => Vec::new(),
        some => some.split(',').map(|number| format!("{POLICY_ARC}{number}").parse().ok()).collect::<Option<_>>()?,
    };
    let policies = CertificatePolicies {
        acceptable,
        require_explicit: set("explicit"),
        inhibit_mapping: set("inhibit-mapping"),
        inhibit_any: set("inhibit-any"),
    };
    Some(Case { number, end, expected, policies })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_every_case_of_the_suite() {
        let cases = cases().unwrap_or_default();
        // 224 cases, some with several settings.
        let numbers: std::collections::BTreeSet<String> =
            cases.iter().map(|case| case.number.split('.').take(3).collect::<Vec<_>>().join(".")).collect();
        assert_eq!((numbers.len(), cases.len()), (224, 247));
    }

    #[test]
    fn no_deviation_is_a_false_accept() {
        let allowed = deviations().unwrap_or_default();
        let cases = cases().unwrap_or_default();
        for number in allowed.keys() {
            let case = cases.iter().find(|case| case.number == *number);
            assert_eq!(case.map(|case| case.expected), Some(Expected::Valid), "{number}");
        }
    }
}
