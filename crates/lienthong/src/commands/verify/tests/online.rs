//! What a check lacks, asked of a PKI that answers.

use mock_pki::{Bound, Example, Pki, Running, Server};
use tokio::runtime::Runtime;

use super::*;

/// A PKI that answers on this machine, and a desk with its certificates.
struct Online {
    desk: Desk,
    running: Running,
    runtime: Runtime,
}

impl Online {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let bound: Bound = runtime.block_on(Server::bind("127.0.0.1:0".parse().unwrap())).unwrap();
        let desk = Desk { dir: tempfile::tempdir().unwrap() };
        let year = crate::header::today().year().into();
        let example = Example { year, existing: Existing::Keep, url: Some(bound.url()) };
        example.write(&desk.at("pki")).unwrap();
        let running = {
            let _context = runtime.enter();
            bound.serve(Pki::open(&desk.at("pki")).unwrap())
        };
        Self { desk, running, runtime }
    }

    fn host(&self) -> String {
        self.running.url().trim_start_matches("http://").to_owned()
    }

    fn report(&self, more: &[&str]) -> (Value, Result<(), Failure>) {
        let pdf = signed(&self.desk.signer());
        self.desk.report(&pdf, "pki/ca", &[&["--check-revocation", "require"], more].concat())
    }
}

#[test]
fn what_is_lacking_is_asked_for_and_decides() {
    let online = Online::new();
    let (report, result) = online.report(&["--allow", &online.host()]);
    result.unwrap();
    let status = &report["parts"][0]["pdf"]["signatures"][0]["revocation"][0];
    assert_eq!((&status["state"], &status["source"]), (&"good".into(), &"ocsp".into()), "{report}");
}

#[test]
fn a_revoked_signer_is_found_out() {
    let online = Online::new();
    let at = UnixMillis::new(now().as_millis() - 3_600_000);
    online.running.revoke("systems/vpcp/signing", signature::CrlReason::KeyCompromise, at).unwrap();
    let (report, result) = online.report(&["--allow", &online.host()]);
    assert_eq!(report["subIndication"], "REVOKED_NO_POE", "{report}");
    ended(result, Exit::Undecided);
}

#[test]
fn nobody_is_asked_offline_or_without_leave_and_what_is_missing_is_named() {
    let online = Online::new();
    let (report, result) = online.report(&["--offline"]);
    assert!(report.get("notObtained").is_none(), "{report}");
    ended(result, Exit::Undecided);
    let (report, result) = online.report(&["--allow", "ocsp.example.vn"]);
    assert!(report["notObtained"][0]["why"].as_str().unwrap().contains("not among the hosts"), "{report}");
    ended(result, Exit::Undecided);
    assert_eq!(online.running.requests(mock_pki::Service::Ocsp), 0);
}

#[test]
fn what_was_fetched_is_kept_in_a_folder_and_serves_offline() {
    let online = Online::new();
    let kept = online.desk.at("kept").display().to_string();
    online.report(&["--allow", &online.host(), "--data-dir", &kept]).1.unwrap();
    let Online { desk, running, runtime } = online;
    runtime.block_on(running.stop());
    let pdf = signed(&desk.signer());
    let more = ["--check-revocation", "require", "--offline", "--data-dir", &kept];
    desk.report(&pdf, "pki/ca", &more).1.unwrap();
}
