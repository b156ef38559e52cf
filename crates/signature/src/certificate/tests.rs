use super::*;
use crate::pki::{ca_params, leaf_params, params, root, root_of};
use rcgen::{DnType, SanType};

#[test]
fn a_certificate_says_who_and_how_long() {
    let mut named = leaf_params("EXAMPLE Nút Sở TT&TT");
    named.subject_alt_names = vec![
        SanType::URI("urn:lienthong:node:so-tttt".try_into().unwrap()),
        SanType::DnsName("nut.example.vn".try_into().unwrap()),
        SanType::Rfc822Name("van-thu@example.vn".try_into().unwrap()),
    ];
    let certificate = root().issue(named).certificate();
    assert!(certificate.subject().contains("EXAMPLE Nút Sở TT&TT"));
    assert!(certificate.issuer().contains("EXAMPLE Root"));
    assert_eq!(certificate.uris(), ["urn:lienthong:node:so-tttt"]);
    assert_eq!(certificate.dns_names(), ["nut.example.vn"]);
    assert_eq!(certificate.emails(), ["van-thu@example.vn"]);
    assert_eq!(certificate.not_before().as_seconds(), 1_767_225_600);
    assert_eq!(certificate.not_after().as_seconds(), 1_924_992_000);
    assert_eq!(certificate.sha256(), sha256(certificate.der()));
    assert!(!certificate.is_ca());
    assert!(root().certificate().is_ca());
    let signatory = certificate.signatory();
    assert_eq!((signatory.public_key.as_str(), signatory.public_key_bits), ("P-256", 256));
    assert_eq!(signatory.serial, certificate.serial_hex());
}

#[test]
fn an_example_is_known_by_its_organisation_or_its_name() {
    let named = |organisation: &str, name: &str| {
        let mut plain = params(name);
        plain.distinguished_name.push(DnType::OrganizationName, organisation);
        root_of(plain).certificate().is_example()
    };
    assert!(named("EXAMPLE", "Nút"));
    assert!(named("Sở", "Nút EXAMPLE"));
    assert!(!named("Sở", "Nút"));
    assert!(!named("Example", "Nút"));
}

#[test]
fn an_examples_children_are_examples() {
    let mut plain = leaf_params("Nút");
    plain.distinguished_name.push(DnType::OrganizationName, "Sở");
    assert!(root().issue(plain).certificate().is_example());
}

#[test]
fn pem_with_several_blocks_and_der_are_read() {
    let (one, other) = (root(), root());
    let pem = format!("a comment\n{}\n{}", one.pem, other.pem);
    assert_eq!(Certificate::parse_all(pem.as_bytes()).unwrap(), [one.certificate(), other.certificate()]);
    assert_eq!(Certificate::parse_all(one.certificate().der()).unwrap(), [one.certificate()]);
}

#[test]
fn what_is_no_certificate_is_refused() {
    let certificate = root().certificate();
    let der = certificate.der();
    let trailing = [der, &[0]].concat();
    for bytes in [&[][..], b"hello", &[0x30, 0], &der[..der.len() - 1], &trailing] {
        assert_eq!(Certificate::parse(bytes).unwrap_err().code(), ErrorCode::InvalidArgument);
    }
    assert!(matches!(Certificate::parse_all(b""), Err(CertificateError::NoCertificate { .. })));
    let large = vec![0x30; CERTIFICATE_BYTES_MAX + 1];
    assert!(matches!(Certificate::parse(&large), Err(CertificateError::TooLarge { .. })));
}

#[test]
fn an_extension_twice_is_refused() {
    let mut twice = ca_params("EXAMPLE Twice", None);
    for _ in 0..2 {
        let oid = [1, 3, 6, 1, 4, 1, 99_999, 2];
        twice.custom_extensions.push(rcgen::CustomExtension::from_oid_content(&oid, vec![5, 0]));
    }
    let key = crate::pki::key();
    let pem = twice.self_signed(&key).unwrap().pem();
    assert!(Certificate::parse_all(pem.as_bytes()).unwrap_err().to_string().contains("twice"));
}

#[test]
fn an_odd_extension_that_is_not_evaluated_is_let_be_unless_critical() {
    // issuerAltName without a name, as government certificates of 2015 have it.
    let odd = |critical: bool| {
        let mut params = ca_params("EXAMPLE Odd", None);
        let mut extension = rcgen::CustomExtension::from_oid_content(&[2, 5, 29, 18], vec![0x30, 0x00]);
        extension.set_criticality(critical);
        params.custom_extensions.push(extension);
        let pem = params.self_signed(&crate::pki::key()).unwrap().pem();
        Certificate::parse_all(pem.as_bytes()).map(|found| found[0].extensions().unevaluated.clone())
    };
    assert_eq!(odd(false), Ok(None));
    assert!(!matches!(odd(true), Ok(None)));
}

#[test]
fn any_changed_byte_is_read_without_panic() {
    let certificate = root().certificate();
    for position in 0..certificate.der().len() {
        for mask in [0x01, 0x80, 0xff] {
            let mut changed = certificate.der().to_vec();
            changed[position] ^= mask;
            if let Ok(read) = Certificate::parse(&changed) {
                assert_ne!(read.sha256(), certificate.sha256());
            }
        }
    }
}

#[test]
fn the_algorithm_outside_the_signed_part_has_to_be_the_one_inside() {
    let mut der = root().certificate().der().to_vec();
    let oid = crate::oid::ECDSA_SHA256;
    let outside = der.windows(oid.len()).rposition(|part| part == oid).unwrap();
    der[outside..outside + oid.len()].copy_from_slice(crate::oid::ECDSA_SHA384);
    let error = Certificate::parse(&der).unwrap_err();
    assert!(error.to_string().contains("signature algorithms differ"), "{error}");
}
