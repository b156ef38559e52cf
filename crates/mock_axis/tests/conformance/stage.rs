//! A mock and the target that stands for it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axis::Secret;
use mock_axis::conformance::{Party, Provincial, Report, Target, Verdict};
use mock_axis::{Mock, Options, Running};
use types::UnixMillis;

pub(crate) const H48: (&str, &str) = ("000.00.00.H48", "mock-secret-h48/With+Base64==");
pub(crate) const G22: (&str, &str) = ("000.00.00.G22", "mock-secret-g22");

pub(crate) async fn start() -> Running {
    Mock::start(Options { agencies: Some(200), ..Options::default() }).await.unwrap()
}

pub(crate) fn party((system, secret): (&str, &str)) -> Party {
    Party { system: system.to_owned(), secret: Secret::new(secret.as_bytes()), agency: system.to_owned() }
}

pub(crate) fn target(endpoint: &str) -> Target {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Target {
        endpoint: endpoint.parse().unwrap(),
        sender: party(H48),
        receiver: party(G22),
        registered: Some(Target::below(H48.0)),
        large_mib: None,
        provincial: Provincial::Checked,
        patience: Duration::from_secs(10),
        at: UnixMillis::new(u64::try_from(since.as_millis()).unwrap()),
    }
}

/// Rules that were not held or not checked, with the reasons.
pub(crate) fn troubles(report: &Report) -> Vec<String> {
    let told = report.outcomes.iter().filter_map(|outcome| match &outcome.verdict {
        Verdict::Passed => None,
        Verdict::Failed(why) => Some(format!("{} failed: {why}", outcome.rule.id)),
        Verdict::Skipped(why) => Some(format!("{} skipped: {why}", outcome.rule.id)),
    });
    told.collect()
}
