mod budget;
mod online;

use std::path::PathBuf;

use clap::Parser as _;
use serde_json::Value;
use signature::{Signer, sign_pdf_cms, sign_xml};
use types::UnixMillis;

use crate::cli::Cli;
use crate::commands::tests::pdf::signed;
use crate::commands::{dispatch, now};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Form;
use crate::output::tests::printed;
use crate::pki::{Existing, write_example};

struct Desk {
    dir: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        write_example(&dir.path().join("pki"), crate::header::today().year().into(), Existing::Keep).unwrap();
        Self { dir }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn signer(&self) -> Signer {
        let read = |name: &str| std::fs::read(self.at(name)).unwrap();
        Signer::from_pem(&read("pki/systems/vpcp/signing.key.pem"), &read("pki/systems/vpcp/signing.pem")).unwrap()
    }

    fn run(&self, form: Form, line: &[&str]) -> (String, Result<(), Failure>) {
        let cli = Cli::try_parse_from(std::iter::once("lienthong").chain(line.iter().copied())).unwrap();
        let mut result = Ok(());
        let text = printed(form, |output| result = dispatch(cli.command, output));
        (text, result)
    }

    /// Runs `verify` on these bytes.
    fn verify(&self, form: Form, bytes: &[u8], trust: &str, more: &[&str]) -> (String, Result<(), Failure>) {
        let file = self.at("a.file");
        std::fs::write(&file, bytes).unwrap();
        let (file, trust) = (file.display().to_string(), self.at(trust).display().to_string());
        self.run(form, &[&["verify", &file, "--trust", &trust], more].concat())
    }

    /// The report in JSON and how the command ended.
    fn report(&self, bytes: &[u8], trust: &str, more: &[&str]) -> (Value, Result<(), Failure>) {
        let (text, result) = self.verify(Form::Json, bytes, trust, more);
        (serde_json::from_str(&text).unwrap(), result)
    }

    /// Builds a packet with these attachments, and its detached signature where `more` asks for one.
    fn packet(&self, files: &[(&str, &[u8])], more: &[&str]) -> PathBuf {
        let out = self.at("p.edxml");
        let paths: Vec<String> = files.iter().map(|(name, _)| self.at(name).display().to_string()).collect();
        for ((_, bytes), path) in files.iter().zip(&paths) {
            std::fs::write(path, bytes).unwrap();
        }
        let mut line = vec!["packet", "build"];
        line.extend(paths.iter().map(String::as_str));
        let target = out.display().to_string();
        line.extend(["-o", &target, "--from", "G22", "--to", "H48", "--number", "7", "--subject", "thử nghiệm"]);
        line.extend(more);
        self.run(Form::Json, &line).1.unwrap();
        out
    }

    /// Options that sign a packet.
    fn sealed(&self) -> [String; 5] {
        let at = |name: &str| self.at(name).display().to_string();
        let (cert, key) = (at("pki/systems/vpcp/signing.pem"), at("pki/systems/vpcp/signing.key.pem"));
        ["--sign".to_owned(), "--signing-cert".to_owned(), cert, "--signing-key".to_owned(), key]
    }

    /// Verifies a file that lies here.
    fn verify_file(&self, path: &std::path::Path, more: &[&str]) -> (Value, Result<(), Failure>) {
        let (file, trust) = (path.display().to_string(), self.at("pki/ca").display().to_string());
        let (text, result) = self.run(Form::Json, &[&["verify", &file, "--trust", &trust], more].concat());
        // Where the file cannot be read at all there is no report.
        (if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() }, result)
    }
}

#[track_caller]
fn ended(result: Result<(), Failure>, exit: Exit) {
    let failure = result.unwrap_err();
    assert_eq!(failure.exit(), exit, "{failure}");
}

#[test]
fn a_signed_pdf_passes_with_a_readable_report() {
    let desk = Desk::new();
    let pdf = signed(&desk.signer());
    let (text, result) = desk.verify(Form::Text, &pdf, "pki/ca", &[]);
    result.unwrap();
    for part in ["TOTAL_PASSED", "LanhDao", "toàn bộ tệp", "EXAMPLE", "Thu hồi", "Chưa kiểm tra"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let (report, result) = desk.report(&pdf, "pki/ca/signing.pem", &[]);
    result.unwrap();
    assert_eq!((&report["kind"], &report["indication"]), (&"pdf".into(), &"TOTAL_PASSED".into()));
    assert_eq!(report["parts"][0]["pdf"]["signatures"][0]["field"], "LanhDao");
}

#[test]
fn a_disproved_signature_and_an_undecided_one_end_differently() {
    let desk = Desk::new();
    let pdf = signed(&desk.signer());
    let mut altered = pdf.clone();
    let at = altered.windows(2).position(|window| window == b"ET").unwrap();
    altered[at] = b'B';
    for (bytes, trust, more, rule, exit) in [
        (&altered, "pki/ca", &[][..], "digest_mismatch", Exit::Unverified),
        (&pdf, "pki/ca/transport.pem", &[], "no_issuer", Exit::Undecided),
        (&pdf, "pki/ca", &["--at", "2001-01-01T00:00:00Z"], "certificate_not_yet_valid", Exit::Unverified),
        (&pdf, "pki/ca", &["--check-revocation", "require"], "revocation_unknown", Exit::Undecided),
    ] {
        let (report, result) = desk.report(bytes, trust, more);
        assert_eq!(report["rule"], rule);
        ended(result, exit);
    }
}

#[test]
fn a_packet_is_checked_with_its_detached_signature_and_its_pdfs() {
    let desk = Desk::new();
    let pdf = signed(&desk.signer());
    let sealed = desk.sealed();
    let sealed: Vec<&str> = sealed.iter().map(String::as_str).collect();
    let packet = desk.packet(&[("a.pdf", &pdf), ("b.txt", b"xin chao")], &sealed);
    let (report, result) = desk.verify_file(&packet, &[]);
    result.unwrap();
    let parts: Vec<&str> =
        report["parts"].as_array().unwrap().iter().map(|part| part["part"].as_str().unwrap()).collect();
    assert_eq!(parts, ["envelope", "attachment", "attachment"]);
    assert_eq!(report["parts"][1]["pdf"]["indication"], "TOTAL_PASSED");
    assert_eq!(report["parts"][2]["covered"], "byEnvelope");
}

#[test]
fn an_attachment_that_no_signature_covers_leaves_the_packet_undecided() {
    let desk = Desk::new();
    let pdf = signed(&desk.signer());
    let (report, result) = desk.verify_file(&desk.packet(&[("a.pdf", &pdf), ("b.txt", b"xin chao")], &[]), &[]);
    assert_eq!(report["subIndication"], "SIGNED_DATA_NOT_FOUND");
    ended(result, Exit::Undecided);
}

#[test]
fn a_packet_that_was_changed_after_its_manifest_was_signed_fails() {
    let desk = Desk::new();
    let sealed = desk.sealed();
    let packet = desk.packet(&[("b.txt", b"xin chao")], &sealed.each_ref().map(String::as_str));
    let changed = std::fs::read_to_string(&packet).unwrap().replace("thử nghiệm", "thử nghiện");
    std::fs::write(&packet, changed).unwrap();
    let (report, result) = desk.verify_file(&packet, &[]);
    assert_eq!(report["reasonCode"], "manifest_mismatch");
    assert!(report["parts"][1].get("covered").is_none(), "{report}");
    ended(result, Exit::Unverified);
}

#[test]
fn xml_signatures_of_a_packet_cover_its_attachments() {
    let desk = Desk::new();
    let packet = desk.packet(&[("b.txt", b"xin chao")], &[]);
    let signed = sign_xml(&desk.signer(), &std::fs::read(&packet).unwrap()).unwrap();
    std::fs::write(&packet, signed).unwrap();
    let (report, result) = desk.verify_file(&packet, &[]);
    result.unwrap();
    assert_eq!(report["parts"][0]["part"], "packetXml");
    assert_eq!(report["parts"][1]["covered"], "byPacketXml");
}

#[test]
fn a_file_without_any_signature_is_never_passed() {
    let desk = Desk::new();
    let packet = desk.packet(&[("b.txt", b"xin chao")], &[]);
    let (report, result) = desk.verify_file(&packet, &[]);
    assert_eq!(report["reasonCode"], "signature_missing");
    ended(result, Exit::Undecided);
}

#[test]
fn options_that_do_not_fit_and_files_of_another_kind_are_said() {
    let desk = Desk::new();
    ended(desk.verify(Form::Text, b"PK\x03\x04", "pki/ca", &[]).1, Exit::LocalFile);
    ended(desk.verify(Form::Text, b"%PDF-1.7\n", "pki/ca", &["--content", "a"]).1, Exit::Usage);
    ended(desk.verify(Form::Text, b"%PDF-1.7\n", "pki/ca", &["--signature", "a"]).1, Exit::Usage);
    std::fs::create_dir(desk.at("none")).unwrap();
    ended(desk.verify(Form::Text, b"%PDF-1.7\n", "none", &[]).1, Exit::Usage);
}

#[test]
fn a_cms_signature_is_checked_over_the_file_beside_it_or_the_one_that_is_named() {
    let desk = Desk::new();
    let content = b"%PDF-1.7 cong van";
    let cms = sign_pdf_cms(&desk.signer(), content, now()).unwrap();
    std::fs::write(desk.at("a.txt"), content).unwrap();
    std::fs::write(desk.at("a.txt.p7s"), &cms).unwrap();
    let (report, result) = desk.verify_file(&desk.at("a.txt.p7s"), &[]);
    result.unwrap();
    assert_eq!((&report["kind"], &report["indication"]), (&"cms".into(), &"TOTAL_PASSED".into()));
    std::fs::write(desk.at("b.txt"), b"%PDF-khac").unwrap();
    let other = desk.at("b.txt").display().to_string();
    let (report, result) = desk.verify_file(&desk.at("a.txt.p7s"), &["--content", &other]);
    assert_eq!(report["rule"], "digest_mismatch");
    ended(result, Exit::Unverified);
}

#[test]
fn a_cms_signature_in_base64_is_taken() {
    use base64::Engine as _;
    let desk = Desk::new();
    let cms = sign_pdf_cms(&desk.signer(), b"%PDF-1.7 cong van", now()).unwrap();
    std::fs::write(desk.at("a.txt"), b"%PDF-1.7 cong van").unwrap();
    let text = base64::engine::general_purpose::STANDARD.encode(cms);
    std::fs::write(desk.at("a.txt.p7s"), format!("-----BEGIN CMS-----\n{text}\n-----END CMS-----\n")).unwrap();
    desk.verify_file(&desk.at("a.txt.p7s"), &[]).1.unwrap();
}

#[test]
fn receipts_are_checked_one_by_one_and_against_the_packet_they_are_about() {
    use base64::Engine as _;
    let desk = Desk::new();
    std::fs::write(desk.at("p.edxml"), b"<edXML/>").unwrap();
    let content = crate::files::LocalFile::inspect(&desk.at("p.edxml")).unwrap();
    let read = |name: &str| std::fs::read(desk.at(name)).unwrap();
    let node = "pki/nodes/lgsp-h48/signing";
    let signer = Signer::from_pem(&read(&format!("{node}.key.pem")), &read(&format!("{node}.pem"))).unwrap();
    let receipt = evidence::Receipt {
        event: evidence::ReceiptEvent::ContentHandover,
        id: evidence::ReceiptId::from_bytes([7; 16]),
        exchange: types::ExchangeId::from_bytes([8; 16]),
        node: "lgsp-h48".parse().unwrap(),
        at: now(),
        document: Some(evidence::DocumentFacts {
            sender: "H48".parse().unwrap(),
            document_id: "000.00.00.H48,2026/11/21,15/UBND".parse().unwrap(),
            kind: types::PacketKind::Document,
            business_type: types::BusinessType::New,
        }),
        content: Some(evidence::ContentFacts { length: content.length, sha256: content.sha256 }),
        manifest: None,
        signature: None,
        recipients: evidence::Recipients::new(&["G22".parse().unwrap()]),
        peer: None,
        reason: None,
        verdict: None,
        report: None,
        warnings: Vec::new(),
        previous: None,
    };
    let signed = evidence::sign(&receipt, &signer).unwrap();
    let payload = base64::engine::general_purpose::STANDARD.encode(&signed.payload);
    std::fs::write(desk.at("a.receipt.json"), &signed.payload).unwrap();
    ended(desk.verify_file(&desk.at("a.receipt.json"), &[]).1, Exit::LocalFile);
    std::fs::write(desk.at("a.jws"), &signed.signature).unwrap();
    let (report, result) = desk.verify_file(&desk.at("a.receipt.json"), &[]);
    result.unwrap();
    assert_eq!(report["parts"][0]["receipt"]["event"], "ContentHandover", "as `receipts --export` wrote it");
    let list = serde_json::json!({ "receipts": [{ "payload": payload, "signature": signed.signature }] });
    std::fs::write(desk.at("r.json"), list.to_string()).unwrap();
    let packet = desk.at("p.edxml").display().to_string();
    let (report, result) = desk.verify_file(&desk.at("r.json"), &["--content", &packet]);
    result.unwrap();
    assert_eq!(report["parts"][0]["receipt"]["event"], "ContentHandover");
    std::fs::write(desk.at("p.edxml"), b"<edXML />").unwrap();
    ended(desk.verify_file(&desk.at("r.json"), &["--content", &packet]).1, Exit::Unverified);
    let forged = list.to_string().replace(&payload[8..12], "AAAA");
    std::fs::write(desk.at("r.json"), forged).unwrap();
    ended(desk.verify_file(&desk.at("r.json"), &[]).1, Exit::Unverified);
}
