//! Packets that xmlsec1 signed: see `fixtures/README.md`.

use super::*;

macro_rules! fixture {
    ($name:literal) => {
        ($name, include_str!(concat!("../../../fixtures/xml-", $name, ".xml")))
    };
}

fn check((name, packet): (&str, &str), expected: &str, covers: &[&str]) {
    let root = include_bytes!("../../../fixtures/xml-root.pem");
    let trust = TrustStore::from_pem(root, b"").unwrap();
    let at = UnixMillis::new(1_798_761_600_000);
    let verify = |packet: &str| {
        let report = verify_xml(packet.as_bytes(), &trust, &Policy::envelope(), at);
        assert_eq!(report.signatures.len(), 1, "{name}");
        report.signatures[0].clone()
    };
    let entry = verify(packet);
    assert_eq!(entry.rule.as_deref().unwrap_or("passed"), expected, "{name}: {}", entry.explanation_en);
    assert_eq!(entry.covers, covers, "{name}");
    // One letter of each part: what is covered, and only that, fails.
    for (part, from, to) in [("header", "20.H48", "21.H48"), ("files", "Q2jDoG8=", "Q2jDoG9=")] {
        let is_covered = covers.iter().any(|path| *path == "/" || (path.ends_with("Header")) == (part == "header"));
        let rule = verify(&packet.replacen(from, to, 1)).rule;
        match (expected, is_covered) {
            ("passed", true) => assert_eq!(rule.as_deref(), Some("xml_digest_mismatch"), "{name} {part}"),
            ("passed", false) => assert_eq!(rule, None, "{name} {part}"),
            _ => assert!(rule.is_some()),
        }
    }
}

#[test]
fn every_canonicalisation_of_the_whole_packet() {
    check(fixture!("c14n10"), "passed", &["/"]);
    check(fixture!("c14n11"), "passed", &["/"]);
    check(fixture!("exclusive"), "passed", &["/"]);
    check(fixture!("exclusive-comments"), "passed", &["/"]);
    check(fixture!("comments"), "passed", &["/"]);
    check(fixture!("default"), "passed", &["/"]);
}

#[test]
fn elements_by_their_identifier() {
    check(fixture!("header"), "passed", &["/edXML/edXMLEnvelope/edXMLHeader"]);
    check(fixture!("files-c14n10"), "passed", &["/edXML/AttachmentEncoded"]);
    check(fixture!("files-exclusive"), "passed", &["/edXML/AttachmentEncoded"]);
}

#[test]
fn sha1_is_not_taken() {
    check(fixture!("sha1"), "algorithm_unsupported", &[]);
}
