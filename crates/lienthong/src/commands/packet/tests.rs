use std::path::{Path, PathBuf};

use clap::Parser;
use types::ErrorCode;

use super::*;
use crate::output::Form;
use crate::output::tests::printed;
use crate::pki::{Existing, write_example};

#[derive(Parser)]
struct Line {
    #[command(subcommand)]
    command: PacketCommand,
}

struct Desk {
    dir: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        write_example(&dir.path().join("pki"), crate::header::today().year().into(), Existing::Keep).unwrap();
        std::fs::write(dir.path().join("a.pdf"), b"%PDF-1.7 mot").unwrap();
        std::fs::write(dir.path().join("b.bin"), vec![7; 100_000]).unwrap();
        Self { dir }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.at(name).to_str().unwrap().to_owned()
    }

    fn try_run(&self, form: Form, line: &[&str]) -> (String, Result<(), Failure>) {
        let line = Line::try_parse_from(std::iter::once("packet").chain(line.iter().copied())).unwrap();
        let mut result = Ok(());
        let text = printed(form, |output| result = run(&line.command, output));
        (text, result)
    }

    fn json(&self, line: &[&str]) -> serde_json::Value {
        let (text, result) = self.try_run(Form::Json, line);
        result.unwrap();
        serde_json::from_str(&text).unwrap()
    }

    /// Builds `out.edxml`, signed as this holder.
    fn build(&self, signer: &str, extra: &[&str]) -> serde_json::Value {
        let (cert, key) = (self.text(&format!("{signer}.pem")), self.text(&format!("{signer}.key.pem")));
        let (a, b, out) = (self.text("a.pdf"), self.text("b.bin"), self.text("out.edxml"));
        let mut line = vec!["build", &a, &b, "-o", &out, "--from", "H48.35.12", "--to", "H48.35", "G22"];
        line.extend(["--number", "12", "--notation", "UBND", "--subject", "Về việc <thử> & \"nghiệm\""]);
        line.extend(["--date", "2026/11/21", "--priority", "hoa-toc", "--sign", "--signing-cert", &cert]);
        line.extend(["--signing-key", &key]);
        line.extend(extra);
        self.json(&line)
    }

    fn validate(&self, signature: &str) -> Result<(), Failure> {
        let (out, signature, trust) = (self.text("out.edxml"), self.text(signature), self.text("pki/ca/root.pem"));
        self.try_run(Form::Text, &["validate", &out, "--signature", &signature, "--trust", &trust]).1
    }
}

const SIGNER: &str = "pki/systems/xa-h48-35-12/signing";

#[track_caller]
fn unverified(result: Result<(), Failure>) -> ErrorCode {
    match result {
        Err(Failure::Unverified { code, .. }) => code,
        other => panic!("{other:?}"),
    }
}

fn change(path: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.contains(from));
    std::fs::write(path, text.replacen(from, to, 1)).unwrap();
}

#[test]
fn a_packet_that_was_built_shows_what_went_in() {
    let desk = Desk::new();
    let view = desk.build(SIGNER, &[]);
    assert_eq!(view["from"]["code"], "H48.35.12");
    assert_eq!(view["to"][1]["code"], "G22");
    assert_eq!(view["subject"], "Về việc <thử> & \"nghiệm\"");
    assert_eq!(view["documentId"], "000.12.35.H48,2026/11/21,12/UBND");
    assert_eq!(view["priority"], 3);
    assert_eq!(view["attachments"][0]["name"], "a.pdf");
    assert_eq!(view["attachments"][1]["length"], 100_000);
    assert_eq!(view, desk.json(&["show", &desk.text("out.edxml")]));
}

#[test]
fn a_signature_over_a_packet_validates_in_both_forms() {
    let desk = Desk::new();
    desk.build(SIGNER, &[]);
    desk.validate("out.edxml.p7s").unwrap();

    let desk = Desk::new();
    desk.build(SIGNER, &["--format", "jws"]);
    desk.validate("out.edxml.jws").unwrap();
}

#[test]
fn a_packet_changed_after_signing_is_told() {
    let desk = Desk::new();
    desk.build(SIGNER, &[]);
    change(&desk.at("out.edxml"), "nghiệm", "nghiện");
    assert_eq!(unverified(desk.validate("out.edxml.p7s")), ErrorCode::ManifestMismatch);
}

#[test]
fn a_manifest_changed_after_signing_is_told() {
    let desk = Desk::new();
    desk.build(SIGNER, &[]);
    change(&desk.at("out.edxml.manifest"), "H48.35.12", "H48.35.13");
    assert_eq!(unverified(desk.validate("out.edxml.p7s")), ErrorCode::SignatureInvalid);
}

#[test]
fn an_expired_or_foreign_signer_is_told_with_exit_six() {
    for (signer, expected) in [
        ("pki/rejected/expired/signing", ErrorCode::CertificateExpired),
        ("pki/rejected/foreign/signing", ErrorCode::CertificateUntrusted),
    ] {
        let desk = Desk::new();
        desk.build(signer, &[]);
        let result = desk.validate("out.edxml.p7s");
        assert_eq!(result.as_ref().unwrap_err().exit(), crate::exit::Exit::Unverified);
        assert_eq!(unverified(result), expected);
    }
}

#[test]
fn a_broken_packet_is_told_with_code_position_and_action() {
    let desk = Desk::new();
    let path = desk.at("bad.edxml");
    std::fs::write(&path, "<!DOCTYPE a><a/>").unwrap();
    let failure = desk.try_run(Form::Text, &["validate", path.to_str().unwrap()]).1.unwrap_err();
    let lines = failure.lines();
    assert!(lines[0].starts_with("lỗi forbidden_xml: "), "{lines:?}");
    assert!(lines[1].contains("at byte "), "{lines:?}");
    assert!(lines[2].starts_with("→ "), "{lines:?}");
    assert_eq!(failure.exit(), crate::exit::Exit::Unverified);
}

#[test]
fn a_replacement_names_the_earlier_document_and_its_receivers() {
    let desk = Desk::new();
    let view = desk.build(SIGNER, &["--business-type", "replace", "--refers-to", "H48.35.12,2026/01/02,9/UBND"]);
    assert_eq!(view["businessType"], 3);
    assert_eq!(view["references"][0], "H48.35.12,2026/01/02,9/UBND");
}

#[test]
fn an_existing_packet_is_not_written_over() {
    let desk = Desk::new();
    std::fs::write(desk.at("out.edxml"), "mine").unwrap();
    let (a, out) = (desk.text("a.pdf"), desk.text("out.edxml"));
    let line = ["build", &a, "-o", &out, "--from", "H48", "--to", "G22", "--number", "1", "--subject", "s"];
    assert_eq!(desk.try_run(Form::Text, &line).1.unwrap_err().exit(), crate::exit::Exit::LocalFile);
    assert_eq!(std::fs::read(desk.at("out.edxml")).unwrap(), b"mine");
    let left: Vec<_> = std::fs::read_dir(desk.dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 4, "nothing half-written is left: {left:?}");
}

#[test]
fn a_manifest_is_written_for_signing_elsewhere() {
    let desk = Desk::new();
    desk.build(SIGNER, &[]);
    std::fs::remove_file(desk.at("out.edxml.manifest")).unwrap();
    desk.json(&["manifest", &desk.text("out.edxml")]);
    let bytes = std::fs::read(desk.at("out.edxml.manifest")).unwrap();
    let manifest = signature::Manifest::parse(&bytes).unwrap();
    assert_eq!(manifest.parts.len(), 2);
    assert!(manifest.packet.is_some());
}
