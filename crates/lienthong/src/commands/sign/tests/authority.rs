//! Time-stamps from a real server, and what is added to a document for its archive.

use mock_pki::{Example, Fault, Faults, Pki, Running, Server, Service};
use tokio::runtime::Runtime;

use super::*;

/// A desk whose PKI is served.
struct Served {
    desk: Desk,
    server: Running,
    _runtime: Runtime,
    tsa: [String; 6],
}

impl Served {
    fn new() -> Self {
        let runtime = Runtime::new().unwrap();
        let bound = runtime.block_on(Server::bind(([127, 0, 0, 1], 0).into())).unwrap();
        let desk = Desk { dir: tempfile::tempdir().unwrap() };
        std::fs::write(desk.at("a.pdf"), one_page()).unwrap();
        let year = crate::header::today().year().into();
        let example = Example { year, existing: Existing::Keep, url: Some(bound.url()) };
        example.write(&desk.at("pki")).unwrap();
        let (root, ca) = (desk.text("pki/ca/root.pem"), desk.text("pki/ca/signing.pem"));
        let url = format!("{}/tsa", bound.url());
        let options = ["--tsa", "--tsa-trust", "--tsa-intermediates"].map(str::to_owned);
        let [tsa, trust, intermediates] = options;
        let tsa = [tsa, url, trust, root, intermediates, ca];
        let pki = Pki::open(&desk.at("pki")).unwrap();
        let server = runtime.block_on(async { bound.serve(pki) });
        Self { desk, server, _runtime: runtime, tsa }
    }

    /// The line with the authority's options.
    fn with_tsa<'a>(&'a self, line: &[&'a str]) -> Vec<&'a str> {
        line.iter().copied().chain(self.tsa.iter().map(String::as_str)).collect()
    }

    fn report(&self, file: &str) -> Value {
        let (root, ca) = (self.desk.text("pki/ca/root.pem"), self.desk.text("pki/ca/signing.pem"));
        self.desk.run(&["verify", file, "--trust", &root, "--intermediates", &ca])
    }
}

#[test]
fn a_document_takes_a_time_stamp_validation_data_and_a_time_stamp_for_the_archive() {
    let served = Served::new();
    let (desk, file) = (&served.desk, served.desk.text("a.pdf"));
    let signed = desk.sign(&served.with_tsa(&["pdf", &file, "--as", "leader", "--invisible"]));
    assert_eq!(signed["format"], "PAdES B-T");
    assert!(signed["provedTime"].as_str().unwrap().ends_with('Z'), "{signed}");
    let (file, out) = (desk.text("a.signed.pdf"), desk.text("archive.pdf"));
    let ca = desk.text("pki/ca/signing.pem");
    let line = ["sign", "extend", &file, "--evidence", &ca, "-o", &out];
    let extended = desk.run(&served.with_tsa(&line));
    assert_eq!(extended["certificates"], 1, "{extended}");
    let report = served.report(&out);
    let text = report.to_string();
    assert!(text.contains("\"TOTAL_PASSED\"") && !text.contains("TOTAL_FAILED"), "{report:#}");
    for wanted in ["\"LanhDao\"", "\"DauThoiGian\"", "\"securityStore\""] {
        assert!(text.contains(wanted), "{wanted} {report:#}");
    }
}

#[test]
fn a_file_takes_a_time_stamp_too() {
    let served = Served::new();
    let file = served.desk.text("a.pdf");
    let signed = served.desk.sign(&served.with_tsa(&["cms", &file]));
    assert_eq!(signed["format"], "CAdES-B-T", "{signed}");
}

#[test]
fn an_authority_that_is_away_or_wrong_leaves_nothing_behind() {
    let served = Served::new();
    let file = served.desk.text("a.pdf");
    let line = served.with_tsa(&["pdf", &file, "--as", "leader", "--invisible"]);
    let faults = [
        (Fault::Away, Exit::Unreachable),
        (Fault::WrongNonce, Exit::Unverified),
        (Fault::WrongImprint, Exit::Unverified),
        (Fault::WrongSigner, Exit::Unverified),
        (Fault::Refuse, Exit::Unverified),
    ];
    for (fault, exit) in faults {
        served.server.set_faults(Faults::none().with(Service::Tsa, fault).unwrap());
        let found = served.desk.refused(&line);
        assert_eq!(found.0, exit, "{found:?}");
        assert!(!served.desk.at("a.signed.pdf").exists());
    }
}
