use rcgen::{CertificateRevocationListParams, Issuer, KeyIdMethod, KeyUsagePurpose, SerialNumber, date_time_ymd};

use super::*;
use crate::pki::{AT, Entity, ca_params, leaf_params, root, root_of};

fn list(issuer: &Entity, number: u64, day: u8) -> Crl {
    let params = CertificateRevocationListParams {
        this_update: date_time_ymd(2026, 11, day),
        next_update: date_time_ymd(2026, 11, 28),
        crl_number: SerialNumber::from(number),
        issuing_distribution_point: None,
        revoked_certs: Vec::new(),
        key_identifier_method: KeyIdMethod::Sha256,
    };
    // The generator refuses to sign for a CA that may not; a real one has no such scruples.
    let mut willing = issuer.params.clone();
    willing.key_usages.push(KeyUsagePurpose::CrlSign);
    Crl::parse(params.signed_by(&Issuer::from_params(&willing, &issuer.key)).unwrap().der()).unwrap()
}

#[test]
fn the_lists_of_anchors_and_of_their_cas_stand() {
    let root = root();
    let ca = root.issue(ca_params("EXAMPLE CA", Some(0)));
    let trust = TrustStore::new(vec![root.certificate()], vec![ca.certificate()]);
    for issuer in [&root, &ca] {
        let signer = verify_crl(&list(issuer, 7, 20), &trust, &Policy::envelope(), AT).unwrap();
        assert_eq!(signer.sha256(), issuer.certificate().sha256());
    }
}

#[test]
fn a_namesakes_list_and_a_strangers_do_not() {
    let root = root();
    let namesake = root_of(ca_params("EXAMPLE Root", None));
    let stranger = root_of(ca_params("EXAMPLE Stranger", None));
    let trust = TrustStore::new(vec![root.certificate()], Vec::new());
    let judge = |issuer: &Entity| verify_crl(&list(issuer, 7, 20), &trust, &Policy::envelope(), AT).map(|_| ());
    assert!(matches!(judge(&namesake), Err(StandingError::Signature { .. })));
    assert!(matches!(judge(&stranger), Err(StandingError::Issuer { .. })));
}

#[test]
fn the_list_of_a_ca_that_chains_nowhere_or_may_not_sign_lists_does_not() {
    let (root, other) = (root(), root_of(ca_params("EXAMPLE Other", None)));
    let ca = other.issue(ca_params("EXAMPLE CA", Some(0)));
    let mut params = ca_params("EXAMPLE Mute CA", Some(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let mute = root.issue(params);
    let trust = TrustStore::new(vec![root.certificate()], vec![ca.certificate(), mute.certificate()]);
    for issuer in [&ca, &mute] {
        let judged = verify_crl(&list(issuer, 7, 20), &trust, &Policy::envelope(), AT);
        assert!(matches!(judged, Err(StandingError::Issuer { .. })));
    }
}

#[test]
fn a_line_is_of_one_issuer_and_the_number_says_which_list_is_older() {
    let (root, other) = (root(), root_of(ca_params("EXAMPLE Root", None)));
    assert_eq!(list(&root, 7, 20).line(), list(&root, 8, 21).line());
    assert_ne!(list(&root, 7, 20).line(), list(&other, 7, 20).line());
    let is_older = |one: (u64, u8), two: (u64, u8)| list(&root, one.0, one.1).is_older_than(&list(&root, two.0, two.1));
    assert!(is_older((7, 21), (8, 20)));
    assert!(is_older((255, 20), (256, 20)));
    assert!(is_older((7, 19), (7, 20)));
    assert!(!is_older((7, 20), (7, 20)));
    assert!(!is_older((8, 20), (7, 21)));
}

#[test]
fn a_response_by_a_stranger_and_about_another_issuer_does_not_stand() {
    // Good responses are in the tests of OCSP; here, what is refused before a path is looked at.
    let (root, other) = (root(), root_of(ca_params("EXAMPLE Other", None)));
    let leaf = root.issue(leaf_params("EXAMPLE Leaf")).certificate();
    let trust = TrustStore::new(vec![root.certificate()], Vec::new());
    let issuer = root.certificate();
    let der = crate::revocation::ocsp::fixture_response(&leaf, &issuer, &root);
    let response = OcspResponse::parse(&der).unwrap();
    let answers = verify_response(&response, &issuer, &trust, &Policy::envelope(), AT).unwrap();
    assert_eq!((answers.len(), &answers[0].serial, answers[0].revoked_at), (1, &leaf.serial_hex(), None));
    let elsewhere = verify_response(&response, &other.certificate(), &trust, &Policy::envelope(), AT);
    assert!(matches!(elsewhere, Err(StandingError::OtherIssuer { .. })));
    let by_other = OcspResponse::parse(&crate::revocation::ocsp::fixture_response(&leaf, &issuer, &other)).unwrap();
    let judged = verify_response(&by_other, &issuer, &trust, &Policy::envelope(), AT);
    assert!(matches!(judged, Err(StandingError::Signer(_))));
    let untrusting = TrustStore::new(vec![other.certificate()], Vec::new());
    let judged = verify_response(&response, &issuer, &untrusting, &Policy::envelope(), AT);
    assert!(matches!(judged, Err(StandingError::Issuer { .. })));
}
