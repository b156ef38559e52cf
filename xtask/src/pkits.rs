//! NIST PKITS: `cargo run -p xtask -- pkits [DIR]` runs every case and compares it with the expected result.
//!
//! The certificates come from the Python package `cryptography_vectors`, which pip fetches into `target/pkits`;
//! DIR names a `PKITS_data` that is there already. The cases and the allowed deviations are in `xtask/pkits/`.

mod fetch;
mod table;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use signature::{
    Certificate, Crl, PathRequest, Policy, Revocation, RevocationEvidence, Target, TrustStore, validate_path,
};
use types::UnixMillis;

use table::{Case, Expected};

/// 2026-11-21T03:00:00Z: inside the validity of the suite, whatever the day this runs on.
const AT: UnixMillis = UnixMillis::new(1_795_230_000_000);

/// Runs the suite and gives its totals as text.
///
/// # Errors
/// A false accept, a deviation that is not listed, a listed one that does not occur, or no suite to run.
pub(crate) fn run(directory: Option<&str>) -> Result<String, String> {
    let data = directory.map_or_else(fetch::fetch, |directory| Ok(directory.into()))?;
    let suite = Suite::read(&data)?;
    let mut allowed = table::deviations()?;
    let mut report = Outcome::default();
    for case in table::cases()? {
        let found = suite.run(&case)?;
        report.count(&case, &found, allowed.remove(case.number));
    }
    for number in allowed.keys() {
        report.problems.push(format!("{number}: listed as a deviation, and it is none"));
    }
    report.finish()
}

/// The certificates and lists of the suite: all of them are offered to every case, so that path building and the
/// choice of lists are tested too.
struct Suite {
    ends: BTreeMap<String, Vec<u8>>,
    trust: TrustStore,
    evidence: RevocationEvidence,
}

impl Suite {
    fn read(data: &Path) -> Result<Self, String> {
        let (mut ends, mut anchors, mut intermediates) = (BTreeMap::new(), Vec::new(), Vec::new());
        for (name, bytes) in files(&data.join("certs"))? {
            if name.contains("Test") && name.ends_with("EE") {
                ends.insert(name, bytes);
            } else if let Ok(certificate) = Certificate::parse(&bytes) {
                let list = if name == "TrustAnchorRootCertificate" { &mut anchors } else { &mut intermediates };
                list.push(certificate);
            }
        }
        let lists = files(&data.join("crls"))?.into_iter().filter_map(|(_, bytes)| Crl::parse(&bytes).ok());
        let evidence = lists.fold(RevocationEvidence::new(), |evidence, list| evidence.with_crl(Arc::new(list)));
        Ok(Self { ends, trust: TrustStore::new(anchors, intermediates), evidence })
    }

    /// `Ok` when the case's certificate has a valid path, else the rule that refused it.
    fn run(&self, case: &Case) -> Result<Result<(), String>, String> {
        let bytes = self.ends.get(case.end).ok_or(format!("{}: no certificate {}", case.number, case.end))?;
        let Ok(certificate) = Certificate::parse(bytes) else { return Ok(Err("certificate_malformed".to_owned())) };
        let policy = Policy {
            chain_length_max: 10,
            certificate_policies: case.policies.clone(),
            revocation: Revocation::Require,
            ..Policy::envelope()
        };
        let request = PathRequest::new(&certificate, &self.trust, &policy, AT).for_target(Target::Any);
        let outcome = validate_path(&request.with_evidence(&self.evidence));
        Ok(outcome.map(|_| ()).map_err(|reason| format!("{}: {reason}", reason.rule())))
    }
}

/// Every file of a directory: name without its ending, and bytes.
fn files(directory: &Path) -> Result<Vec<(String, Vec<u8>)>, String> {
    let problem = |error: std::io::Error| format!("read {}: {error}", directory.display());
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).map_err(problem)? {
        let path = entry.map_err(problem)?.path();
        let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        found.push((name, fs::read(&path).map_err(problem)?));
    }
    found.sort();
    Ok(found)
}

#[derive(Default)]
struct Outcome {
    cases: usize,
    as_expected: usize,
    lines: Vec<String>,
    problems: Vec<String>,
}

impl Outcome {
    fn count(&mut self, case: &Case, found: &Result<(), String>, allowed: Option<&str>) {
        self.cases += 1;
        let Case { number, end, .. } = case;
        match (case.expected, found) {
            (Expected::Valid, Ok(())) | (Expected::Invalid, Err(_)) => {
                self.as_expected += 1;
                if allowed.is_some() {
                    self.problems.push(format!("{number}: listed as a deviation, and it is none"));
                }
            }
            // Never allowed, whatever the list says.
            (Expected::Invalid, Ok(())) => self.problems.push(format!("{number} {end}: FALSE ACCEPT")),
            (Expected::Valid, Err(rule)) => match allowed {
                Some(reason) => self.lines.push(format!("{number} {end}: refused ({rule}): {reason}")),
                None => self.problems.push(format!("{number} {end}: refused ({rule}), and not listed")),
            },
        }
    }

    fn finish(self) -> Result<String, String> {
        let total = format!(
            "PKITS: {} of {} cases as expected, {} listed deviations, no false accept",
            self.as_expected,
            self.cases,
            self.lines.len()
        );
        if self.problems.is_empty() {
            Ok(self.lines.into_iter().chain([total]).collect::<Vec<_>>().join("\n"))
        } else {
            Err(format!("PKITS: {} problems\n{}", self.problems.len(), self.problems.join("\n")))
        }
    }
}
