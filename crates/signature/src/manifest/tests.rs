use super::*;
use crate::certificate::sha256;
use crate::pki::manifest;
use proptest::prelude::*;

fn text(manifest: &Manifest) -> String {
    String::from_utf8(manifest.to_bytes().unwrap()).unwrap()
}

fn facts(manifest: &Manifest) -> PacketFacts {
    PacketFacts {
        from: manifest.from.clone(),
        to: manifest.to.clone(),
        document_id: manifest.document_id.clone(),
        kind: manifest.kind,
        business_type: manifest.business_type,
        packet: manifest.packet.unwrap(),
        parts: manifest.parts.clone(),
    }
}

#[test]
fn the_canonical_bytes_are_these() {
    let hello = sha256(b"hello world");
    let packet = sha256(b"packet");
    assert_eq!(
        text(&manifest()),
        format!(
            "{{\"businessType\":0,\"created\":\"2026-11-21T02:00:00.000Z\",\
             \"documentId\":\"000.00.00.H48,2026/11/21,15/UBND-VX\",\"domain\":\"vn.lienthong.manifest.v1\",\
             \"from\":\"H48.20\",\"kind\":\"document\",\"message\":\"0190f3a2-7b1c-7cc0-8f00-000000000001\",\
             \"nonce\":\"EXAMPLE-nonce-0001\",\"packet\":{{\"length\":4096,\"sha256\":\"{packet}\"}},\
             \"parts\":[{{\"length\":11,\"mediaType\":\"application/pdf\",\"name\":\"Công văn.pdf\",\
             \"sha256\":\"{hello}\"}}],\"subject\":\"V/v thử nghiệm \\\"liên thông\\\"\",\
             \"to\":[\"H48.21\",\"000.00.22.H48\"]}}"
        )
    );
}

#[test]
fn canonical_bytes_read_back() {
    let mut manifest = manifest();
    assert_eq!(Manifest::parse(&manifest.to_bytes().unwrap()), Ok(manifest.clone()));
    manifest.kind = PacketKind::Status;
    manifest.subject = None;
    manifest.packet = None;
    manifest.parts.clear();
    manifest.reply_to = Some(manifest.message);
    manifest.created = "2026-11-21T02:00:00.123456Z".parse().unwrap();
    assert_eq!(Manifest::parse(&manifest.to_bytes().unwrap()), Ok(manifest));
}

#[test]
fn every_other_way_to_write_the_same_is_refused() {
    let canonical = text(&manifest());
    let variants = [
        canonical.replace("\":\"H48.20\"", "\": \"H48.20\""),
        canonical.replace("0190f3a2", "0190F3A2"),
        canonical.replace("Công", "C\\u00f4ng"),
        canonical.replace("application/pdf", "application\\/pdf"),
        canonical.replace("\"from\":\"H48.20\",\"kind\":\"document\"", "\"kind\":\"document\",\"from\":\"H48.20\""),
        canonical.replace("\"nonce\"", "\"replyTo\":null,\"nonce\""),
        format!("{canonical}\n"),
    ];
    for variant in variants {
        assert_ne!(variant, canonical);
        assert!(matches!(Manifest::parse(variant.as_bytes()), Err(ManifestError::NotCanonical { .. })), "{variant}");
    }
}

#[test]
fn the_position_of_the_first_difference_is_named() {
    let spaced = text(&manifest()).replacen(':', ": ", 1);
    let position = "{\"businessType\":".len();
    assert_eq!(Manifest::parse(spaced.as_bytes()), Err(ManifestError::NotCanonical { position }));
}

#[test]
fn unknown_doubled_missing_and_mistyped_members_are_refused() {
    let canonical = text(&manifest());
    for variant in [
        canonical.replace("\"businessType\"", "\"a\":1,\"businessType\""),
        canonical.replace("\"businessType\":0", "\"businessType\":0,\"businessType\":0"),
        canonical.replace("\"businessType\":0,", ""),
        canonical.replace("\"businessType\":0", "\"businessType\":\"0\""),
        canonical.replace("\"length\":11", "\"length\":11,\"x\":1"),
        canonical.replace("\"document\"", "\"letter\""),
        "[]".to_owned(),
        String::new(),
    ] {
        assert!(matches!(Manifest::parse(variant.as_bytes()), Err(ManifestError::Json { .. })), "{variant}");
    }
}

#[test]
fn another_domain_is_named() {
    let other = text(&manifest()).replace("manifest.v1", "receipt.v1");
    assert_eq!(
        Manifest::parse(other.as_bytes()),
        Err(ManifestError::Domain { found: "vn.lienthong.receipt.v1".to_owned() })
    );
}

#[test]
fn a_value_outside_its_rule_is_named_by_its_member() {
    let canonical = text(&manifest());
    let check = |from: &str, to: &str, field: &str| {
        let variant = canonical.replacen(from, to, 1);
        match Manifest::parse(variant.as_bytes()) {
            Err(error @ ManifestError::Field { .. }) => {
                assert!(error.to_string().contains(field), "{error}");
                assert_eq!(error.code(), ErrorCode::ManifestMalformed);
            }
            other => panic!("{field}: {other:?}"),
        }
    };
    check("0190f3a2-", "0190f3a2", "message");
    check("H48.21", "H48 21", "to[0]");
    check("2026-11-21T02", "2026-11-31T02", "created");
    check("\"businessType\":0", "\"businessType\":4", "businessType");
    check("EXAMPLE-nonce-0001", "short", "nonce");
    check("EXAMPLE-nonce-0001", "with spaces in it", "nonce");
    check("Công văn.pdf", "", "parts[0].name");
    check("\"sha256\":\"", "\"sha256\":\"zz", "packet.sha256");
}

#[test]
fn lists_and_bytes_have_limits() {
    let mut many = manifest();
    many.to = vec![many.from.clone(); RECIPIENTS_MAX + 1];
    assert_eq!(many.to_bytes().unwrap_err().code(), ErrorCode::LimitExceeded);
    many.to.truncate(RECIPIENTS_MAX);
    assert!(Manifest::parse(&many.to_bytes().unwrap()).is_ok());
    many.parts = vec![many.parts[0].clone(); PARTS_MAX + 1];
    assert_eq!(many.to_bytes().unwrap_err().code(), ErrorCode::LimitExceeded);
    assert_eq!(Manifest::parse(&vec![b' '; MANIFEST_BYTES_MAX + 1]).unwrap_err().code(), ErrorCode::LimitExceeded);
}

#[test]
fn a_manifest_without_receivers_is_refused() {
    let empty = Manifest { to: Vec::new(), ..manifest() };
    assert_eq!(empty.to_bytes().unwrap_err().code(), ErrorCode::ManifestMalformed);
}

#[test]
fn a_length_that_json_cannot_keep_is_refused() {
    let mut long = manifest();
    long.parts[0].length = 1 << 53;
    assert_eq!(long.to_bytes().unwrap_err().code(), ErrorCode::ManifestMalformed);
}

#[test]
fn a_manifest_matches_its_own_packet() {
    let manifest = manifest();
    let mut facts = facts(&manifest);
    facts.to.reverse();
    facts.parts[0].media_type = "Application/PDF".to_owned();
    assert_eq!(manifest.matches(&facts), Ok(()));
}

#[test]
fn receivers_compare_by_agency_not_by_spelling() {
    let manifest = manifest();
    let mut facts = facts(&manifest);
    facts.to = vec!["H48.22".parse().unwrap(), "000.00.21.H48".parse().unwrap()];
    assert_eq!(manifest.matches(&facts), Ok(()));
}

#[test]
fn the_packets_digest_is_compared_only_where_it_was_signed() {
    let mut manifest = manifest();
    let mut facts = facts(&manifest);
    facts.packet.length += 1;
    assert_eq!(manifest.matches(&facts).unwrap_err().field, "packet.length");
    manifest.packet = None;
    assert_eq!(manifest.matches(&facts), Ok(()));
}

#[test]
fn each_difference_is_named_with_both_values() {
    let manifest = manifest();
    let check = |change: fn(&mut PacketFacts), field: &str, signed: &str, found: &str| {
        let mut facts = facts(&manifest);
        change(&mut facts);
        let mismatch = manifest.matches(&facts).unwrap_err();
        assert_eq!(mismatch.field, field);
        assert!(mismatch.signed.contains(signed), "{mismatch}");
        assert!(mismatch.found.contains(found), "{mismatch}");
        assert_eq!(mismatch.code(), ErrorCode::ManifestMismatch);
    };
    check(|facts| facts.from = "H49".parse().unwrap(), "from", "H48.20", "H49");
    check(|facts| facts.to[0] = "H48.99".parse().unwrap(), "to", "H48.21", "H48.99");
    check(|facts| drop(facts.to.pop()), "to", "000.00.22.H48", "1 codes");
    check(|facts| facts.document_id = "other".parse().unwrap(), "documentId", "15/UBND-VX", "other");
    check(|facts| facts.kind = PacketKind::Status, "kind", "document", "status");
    check(|facts| facts.business_type = BusinessType::Replace, "businessType", "0", "3");
    check(|facts| facts.packet.sha256 = sha256(b""), "packet.sha256", "", "e3b0c442");
    check(|facts| facts.parts.clear(), "parts.length", "1", "0");
    check(|facts| facts.parts[0].name.push('x'), "parts[0].name", "Công văn.pdf", "Công văn.pdfx");
    check(|facts| facts.parts[0].media_type.push('x'), "parts[0].mediaType", "pdf", "pdfx");
    check(|facts| facts.parts[0].length = 12, "parts[0].length", "11", "12");
    check(|facts| facts.parts[0].sha256 = sha256(b""), "parts[0].sha256", "b94d27b9", "e3b0c442");
}

proptest! {
    #[test]
    fn any_text_travels_unchanged(subject in ".{0,200}", name in ".{1,200}") {
        let mut manifest = manifest();
        manifest.subject = Some(subject);
        manifest.parts[0].name = name;
        let bytes = manifest.to_bytes().unwrap();
        prop_assert_eq!(Manifest::parse(&bytes), Ok(manifest));
    }

    #[test]
    fn a_changed_byte_never_reads_as_the_same_manifest(position in 0_usize..500, mask in 1_u8..=255) {
        let manifest = manifest();
        let mut bytes = manifest.to_bytes().unwrap();
        let position = position % bytes.len();
        bytes[position] ^= mask;
        prop_assert_ne!(Manifest::parse(&bytes), Ok(manifest));
    }
}
