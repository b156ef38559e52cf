mod authority;

use std::path::PathBuf;

use clap::Parser as _;
use serde_json::Value;

use crate::cli::Cli;
use crate::commands::dispatch;
use crate::commands::tests::pdf::one_page;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Form;
use crate::output::tests::printed;
use crate::pki::{Existing, write_example};

struct Desk {
    dir: tempfile::TempDir,
}

impl Desk {
    /// Builds a packet of one file.
    fn build(&self, file: &str, packet: &str) {
        let parties = ["--from", "G22", "--to", "H48"];
        let facts = ["--number", "1", "--notation", "CV", "--subject", "Họp"];
        self.run(&[&["packet", "build", file, "-o", packet][..], &parties, &facts].concat());
    }

    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        write_example(&dir.path().join("pki"), crate::header::today().year().into(), Existing::Keep).unwrap();
        std::fs::write(dir.path().join("a.pdf"), one_page()).unwrap();
        Self { dir }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.at(name).display().to_string()
    }

    fn try_run(&self, line: &[&str]) -> (String, Result<(), Failure>) {
        let cli = Cli::try_parse_from([&["lienthong"], line].concat()).unwrap();
        let mut result = Ok(());
        let text = printed(Form::Json, |output| result = dispatch(cli.command, output));
        (text, result)
    }

    fn run(&self, line: &[&str]) -> Value {
        let (text, result) = self.try_run(line);
        result.unwrap();
        serde_json::from_str(&text).unwrap()
    }

    /// Signs with a key of the example PKI.
    fn try_sign(&self, line: &[&str]) -> (String, Result<(), Failure>) {
        let (cert, key) = (self.text("pki/systems/vpcp/signing.pem"), self.text("pki/systems/vpcp/signing.key.pem"));
        self.try_run(&[&["sign"], line, &["--signing-cert", &cert, "--signing-key", &key]].concat())
    }

    fn sign(&self, line: &[&str]) -> Value {
        let (text, result) = self.try_sign(line);
        result.unwrap();
        serde_json::from_str(&text).unwrap()
    }

    fn refused(&self, line: &[&str]) -> (Exit, String) {
        let failure = self.try_sign(line).1.unwrap_err();
        (failure.exit(), failure.lines().join("\n"))
    }

    fn trust(&self) -> String {
        self.text("pki/ca/signing.pem")
    }
}

#[test]
fn a_document_is_signed_by_one_after_another_and_verifies() {
    let desk = Desk::new();
    let (one, two, trust) = (desk.text("a.pdf"), desk.text("a.signed.pdf"), desk.trust());
    // A machine may have no font with Vietnamese letters.
    let font = concat!(env!("CARGO_MANIFEST_DIR"), "/../signature/fixtures/EXAMPLE-boxes.ttf");
    let line = ["pdf", &one, "--as", "leader", "--at-rect", "100,200,60,25", "--name", "EXAMPLE", "--font", font];
    let signed = desk.sign(&line);
    assert_eq!((signed["kind"].as_str(), signed["format"].as_str()), (Some("pdf leader"), Some("PAdES B-B")));
    assert_eq!(signed["files"][0].as_str(), Some(two.as_str()));
    let before = std::fs::read(desk.at("a.signed.pdf")).unwrap();
    assert!(before.starts_with(&one_page()));
    let out = desk.text("out.pdf");
    desk.sign(&["pdf", &two, "--as", "appendix", "--number", "15/QĐ-UBND", "-o", &out]);
    let report = desk.run(&["verify", &out, "--trust", &trust]);
    assert_eq!(report["indication"], "TOTAL_PASSED", "{report:#}");
    let signatures = report["parts"][0]["pdf"]["signatures"].as_array().unwrap();
    let fields: Vec<_> = signatures.iter().map(|one| one["field"].as_str()).collect();
    assert_eq!(fields, [Some("LanhDao"), Some("PhuLuc")]);
}

#[test]
fn what_is_there_is_not_written_over_unless_it_is_said() {
    let desk = Desk::new();
    let line = ["pdf", &desk.text("a.pdf"), "--as", "leader", "--invisible"];
    desk.sign(&line);
    let before = std::fs::read(desk.at("a.signed.pdf")).unwrap();
    let (exit, text) = desk.refused(&line);
    assert!(exit == Exit::LocalFile && text.contains("--force"), "{text}");
    assert_eq!(std::fs::read(desk.at("a.signed.pdf")).unwrap(), before);
    // In place, with every byte that was there kept.
    let own = desk.text("a.signed.pdf");
    desk.sign(&["pdf", &own, "--as", "leader", "--invisible", "-o", &own, "--force"]);
    assert!(std::fs::read(desk.at("a.signed.pdf")).unwrap().starts_with(&before));
}

#[test]
fn refusals_say_what_to_do() {
    let desk = Desk::new();
    let file = desk.text("a.pdf");
    let (exit, text) = desk.refused(&["pdf", &file, "--as", "seal"]);
    assert!(exit == Exit::Usage && text.contains("--at-rect"), "{text}");
    let (exit, text) = desk.refused(&["pdf", &file, "--as", "appendix"]);
    assert!(exit == Exit::Usage && text.contains("--number"), "{text}");
    let (exit, text) = desk.refused(&["pdf", &file, "--as", "leader", "--image", &file]);
    assert!(exit == Exit::Usage && text.contains("ảnh"), "{text}");
    let (exit, text) = desk.refused(&["pdf", &file, "--as", "leader", "--font", &file]);
    assert!(exit == Exit::Usage && text.contains("phông"), "{text}");
    std::fs::write(desk.at("cut.pdf"), &one_page()[..300]).unwrap();
    let (exit, text) = desk.refused(&["pdf", &desk.text("cut.pdf"), "--as", "leader", "--invisible"]);
    assert!(exit == Exit::Unverified && text.contains("signature_malformed"), "{text}");
    assert!(!desk.at("cut.signed.pdf").exists());
    for rectangle in ["1,2,3", "a,b,c,d"] {
        let line = ["lienthong", "sign", "pdf", &file, "--as", "leader", "--at-rect", rectangle];
        assert!(Cli::try_parse_from(line).is_err());
    }
}

#[test]
fn a_certificate_that_has_expired_is_told() {
    let desk = Desk::new();
    let [cert, key] = ["pem", "key.pem"].map(|ending| desk.text(&format!("pki/rejected/expired/signing.{ending}")));
    let file = desk.text("a.pdf");
    let signed = desk.run(&["sign", "cms", &file, "--signing-cert", &cert, "--signing-key", &key]);
    assert!(signed["warning"].as_str().unwrap().contains("has expired"), "{signed}");
    assert!(desk.sign(&["cms", &file, "--force"])["warning"].is_null());
}

#[test]
fn packets_are_signed_beside_and_inside() {
    let desk = Desk::new();
    let (file, packet, trust) = (desk.text("a.pdf"), desk.text("p.edxml"), desk.trust());
    desk.build(&file, &packet);
    let signed = desk.sign(&["packet", &packet]);
    let [manifest, signature] = [0, 1].map(|index| signed["files"][index].as_str().unwrap().to_owned());
    let valid = ["packet", "validate", &packet, "--signature", &signature, "--manifest", &manifest, "--trust", &trust];
    desk.run(&valid);
    std::fs::remove_file(&signature).unwrap();
    // The same manifest, signed as another form.
    let again = desk.sign(&["manifest", &manifest, "--format", "jws"]);
    let signature = again["files"][0].as_str().unwrap();
    assert!(signature.ends_with("p.edxml.jws"), "{signature}");
    desk.run(&["packet", "validate", &packet, "--signature", signature, "--trust", &trust]);
    let inside = desk.sign(&["packet", &packet, "--xml"]);
    let path = inside["files"][0].as_str().unwrap();
    assert!(path.ends_with("p.signed.edxml"), "{path}");
    let report = desk.run(&["verify", path, "--trust", &trust]);
    assert_eq!(report["indication"], "TOTAL_PASSED", "{report:#}");
}

#[test]
fn a_file_is_signed_beside_it_and_a_manifest_is_not() {
    let desk = Desk::new();
    let file = desk.text("a.pdf");
    let signed = desk.sign(&["cms", &file]);
    assert_eq!(signed["format"], "CAdES-B-B");
    let (signature, trust) = (desk.text("a.pdf.p7s"), desk.trust());
    let report = desk.run(&["verify", &signature, "--content", &file, "--trust", &trust]);
    assert_eq!(report["indication"], "TOTAL_PASSED", "{report:#}");
    let packet = desk.text("p.edxml");
    desk.build(&file, &packet);
    desk.run(&["packet", "manifest", &packet]);
    let (exit, text) = desk.refused(&["cms", &desk.text("p.edxml.manifest")]);
    assert!(exit == Exit::Usage && text.contains("manifest"), "{text}");
}
