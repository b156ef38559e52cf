use std::path::PathBuf;

use clap::Parser as _;
use serde_json::Value;
use signature::{PdfPlace, PdfRole, PdfSignOptions, Signer, sign_pdf};
use types::UnixMillis;

use super::*;
use crate::cli::Cli;
use crate::commands::dispatch;
use crate::output::Form;
use crate::output::tests::printed;

const AT: &str = "2026-12-01T00:00:00Z";

struct Stage {
    dir: tempfile::TempDir,
}

impl Stage {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let agencies = "[[agency]]\ncode = \"G22\"\nlevel = \"central\"\nname = \"Văn phòng Chính phủ\"\n";
        std::fs::write(dir.path().join("agencies.toml"), agencies).unwrap();
        Self { dir }
    }

    fn pki() -> PathBuf {
        PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../certs-example"))
    }

    fn pdf(&self, name: &str, sealed_by: Option<&str>) -> PathBuf {
        let mut bytes = b"%PDF-1.7\n".to_vec();
        let mut places = Vec::new();
        for (number, object) in (1..).zip([
            "<< /Type /Catalog /Pages 2 0 R >>",
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
        ]) {
            places.push(bytes.len());
            bytes.extend_from_slice(format!("{number} 0 obj\n{object}\nendobj\n").as_bytes());
        }
        let start = bytes.len();
        bytes.extend_from_slice(b"xref\n0 4\n0000000000 65535 f \n");
        places.iter().for_each(|place| bytes.extend_from_slice(format!("{place:010} 00000 n \n").as_bytes()));
        let trailer = format!("trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n");
        bytes.extend_from_slice(trailer.as_bytes());
        if let Some(system) = sealed_by {
            let dir = Self::pki().join("systems").join(system);
            let read = |name: &str| std::fs::read(dir.join(name)).unwrap();
            let signer = Signer::from_pem(&read("signing.key.pem"), &read("signing.pem")).unwrap();
            let time = UnixMillis::new(1_796_083_200_000);
            bytes = sign_pdf(
                &signer,
                &bytes,
                &PdfSignOptions { place: PdfPlace::Invisible, ..PdfSignOptions::new(PdfRole::Seal, &signer, time) },
            )
            .unwrap();
        }
        let path = self.dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn run(&self, form: Form, line: &[&str]) -> (String, Result<(), Failure>) {
        let cli = Cli::try_parse_from(std::iter::once("lienthong").chain(line.iter().copied())).unwrap();
        let mut result = Ok(());
        let text = printed(form, |output| result = dispatch(cli.command, output));
        (text, result)
    }

    /// Ruling and deciding rule for these files.
    fn test(&self, files: &[&PathBuf], policy: &str) -> (Value, Result<(), Failure>) {
        let pki = Self::pki();
        let ca = pki.join("ca").display().to_string();
        let directory = self.dir.path().join("agencies.toml").display().to_string();
        let names: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
        let mut line = vec!["policy", "test"];
        line.extend(names.iter().map(String::as_str));
        line.extend(["--policy", policy, "--trust", &ca, "--intermediates", &ca, "--directory", &directory]);
        line.extend(["--sender", "G22", "--at", AT]);
        let (text, result) = self.run(Form::Json, &line);
        let trial: Value = serde_json::from_str(&text).unwrap();
        (trial["documents"][0].clone(), result)
    }
}

#[test]
fn a_sealed_pdf_lacks_its_leader_under_the_strict_policy() {
    let stage = Stage::new();
    let file = stage.pdf("a.pdf", Some("vpcp"));
    let (tried, result) = stage.test(&[&file], "strict");
    assert_eq!(tried["judgement"]["ruling"], "refuse", "{tried}");
    assert!(tried["judgement"].to_string().contains("leader = required"), "{tried}");
    assert!(matches!(result, Err(Failure::Unverified { .. })));
}

#[test]
fn the_same_is_flagged_in_transition_and_taken_without_a_choice() {
    let stage = Stage::new();
    let file = stage.pdf("a.pdf", Some("vpcp"));
    let (tried, result) = stage.test(&[&file], "transition");
    assert_eq!((&tried["judgement"]["ruling"], result.is_ok()), (&"flag".into(), true), "{tried}");
    let (tried, result) = stage.test(&[&file], "default");
    assert_eq!((&tried["judgement"]["ruling"], result.is_ok()), (&"accept".into(), true), "{tried}");
    let signature = &tried["signatures"][0];
    assert_eq!((&signature["agency"], &signature["role"]), (&"G22".into(), &"seal".into()));
}

#[test]
fn another_agencys_seal_and_an_unsealed_attachment_are_told_apart() {
    let stage = Stage::new();
    let foreign = stage.pdf("a.pdf", Some("ubnd-h48"));
    let plain = stage.pdf("b.pdf", None);
    let (tried, _) = stage.test(&[&foreign, &plain], "transition");
    let remarks = tried["judgement"]["remarks"].as_array().unwrap();
    let found: Vec<(&str, &str)> =
        remarks.iter().map(|remark| (remark["rule"].as_str().unwrap(), remark["code"].as_str().unwrap())).collect();
    assert!(found.contains(&("seal = expected", "signer_not_of_sender")), "{found:?}");
    assert!(found.contains(&("attachment_seal = expected", "signature_missing")), "{found:?}");
}

#[test]
fn a_policy_is_shown_in_words_and_in_json() {
    let stage = Stage::new();
    let (text, _) = stage.run(Form::Text, &["policy", "show", "strict"]);
    assert!(text.contains("leader") && text.contains("required") && text.contains("quarantine"), "{text}");
    let (text, _) = stage.run(Form::Json, &["policy", "show", "legacy-archive"]);
    let shown: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(shown["rules"]["demands"]["leader"], "expected", "{shown}");
}

#[test]
fn loose_files_need_their_sender() {
    let stage = Stage::new();
    let file = stage.pdf("a.pdf", None).display().to_string();
    let ca = Stage::pki().join("ca").display().to_string();
    let (_, result) = stage.run(Form::Json, &["policy", "test", &file, "--trust", &ca]);
    assert!(result.unwrap_err().to_string().contains("--sender"));
}
