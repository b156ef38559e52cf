//! What a node refuses, with which code, and that nothing of it stays.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::harness::{AXIS, Ran, World, send_args, text};

/// Enough that a packet would be kept in a file of its own.
const CONTENT_BYTES: usize = 200_000;

struct Refusing {
    world: World,
    file: PathBuf,
}

impl Refusing {
    fn new() -> Self {
        let world = World::with(&[AXIS]);
        let file = world.file("a.txt", "x".repeat(CONTENT_BYTES));
        Self { world, file }
    }

    fn send(&self, to: &str, more: &[&str]) -> Ran {
        let mut args = send_args("1", &[to], &self.file);
        args.extend(more);
        self.world.run("vpcp", &args)
    }

    fn packet(&self, signed: bool) -> PathBuf {
        let path = self.world.path("packet.edxml");
        let mut args = vec!["packet", "build"];
        let built = send_args("1", &["G22"], &self.file);
        args.extend(&built[1..]);
        args.extend(["--output", path.to_str().unwrap()]);
        if signed {
            args.push("--sign");
        }
        self.world.ok("vpcp", &args);
        path
    }

    /// Refused with this code; then nothing of it is kept.
    fn is_refused(&self, ran: &Ran, code: &str, exit: i32) {
        assert_eq!((text(&ran.error["code"]), ran.exit), (code, exit), "{}", ran.error);
        self.is_empty();
    }

    fn is_empty(&self) {
        assert!(self.world.inbox("vpcp", "G22").is_empty());
        assert_eq!(self.world.staged(AXIS), Vec::<PathBuf>::new());
        assert_eq!(self.world.payloads(AXIS), Vec::<PathBuf>::new());
    }
}

#[test]
fn signatures_that_prove_nothing_are_refused() {
    let node = Refusing::new();
    for (kind, code) in [("expired", "certificate_expired"), ("foreign", "certificate_untrusted")] {
        let dir = node.world.scene.pki().join("rejected").join(kind);
        let (cert, key) = (dir.join("signing.pem"), dir.join("signing.key.pem"));
        let signer = ["--signing-cert", cert.to_str().unwrap(), "--signing-key", key.to_str().unwrap()];
        node.is_refused(&node.send("G22", &signer), code, 1);
    }
    node.is_refused(&node.send("G22", &["--no-sign"]), "signature_missing", 1);
}

#[test]
fn a_packet_changed_after_it_was_signed_is_refused() {
    let node = Refusing::new();
    let packet = node.packet(true);
    let changed = fs::read_to_string(&packet).unwrap().replace("thử nghiệm", "thử nghiêm");
    fs::write(&packet, changed).unwrap();
    let signature = format!("{}.p7s", packet.display());
    let ran = node.world.run("vpcp", &["send", packet.to_str().unwrap(), "--signature", &signature]);
    node.is_refused(&ran, "manifest_mismatch", 1);
}

#[test]
fn a_receiver_that_nobody_knows_is_refused_with_codes_like_it() {
    let node = Refusing::new();
    let ran = node.send("H48.35.99", &[]);
    node.is_refused(&ran, "unknown_agency", 3);
    assert!(text(&ran.error["detail"]).contains("H48.35.59"), "{}", ran.error);
}

#[test]
fn a_code_of_no_shape_is_refused() {
    let node = Refusing::new();
    node.is_refused(&node.send("H48..35", &[]), "malformed_code", 1);
}

#[test]
fn a_secret_document_is_refused() {
    let node = Refusing::new();
    let header = node.world.file("header.json", r#"{"secrecy": "Mật"}"#);
    node.is_refused(&node.send("G22", &["--header", header.to_str().unwrap()]), "secret_document", 1);
}

#[test]
fn a_system_speaks_for_no_agency_but_its_own() {
    let node = Refusing::new();
    node.is_refused(&node.send("G22", &["--from", "H48"]), "sender_mismatch", 1);
    let ran = node.world.run("vpcp", &["inbox", "--agency", "H48"]);
    assert_eq!((text(&ran.error["code"]), ran.exit), ("agency_not_spoken_for", 1));
}

#[test]
fn the_same_packet_again_is_answered_with_the_first_receipt_and_other_content_is_a_conflict() {
    let node = Refusing::new();
    let first = node.world.ok("vpcp", &send_args("1", &["G22"], &node.file));
    let again = node.world.ok("vpcp", &send_args("1", &["G22"], &node.file));
    assert_eq!((&first["duplicate"], &again["duplicate"]), (&Value::Null, &Value::Bool(true)));
    assert_eq!(first["exchangeId"], again["exchangeId"]);
    assert_eq!(first["receipt"], again["receipt"]);
    let kept = node.world.payloads(AXIS);
    fs::write(&node.file, "y".repeat(CONTENT_BYTES)).unwrap();
    let other = node.send("G22", &[]);
    assert_eq!((text(&other.error["code"]), other.exit), ("document_conflict", 1), "{}", other.error);
    assert_eq!(node.world.inbox("vpcp", "G22").len(), 1);
    assert_eq!(node.world.staged(AXIS), Vec::<PathBuf>::new());
    assert_eq!(node.world.payloads(AXIS), kept, "nothing of the other content");
}
