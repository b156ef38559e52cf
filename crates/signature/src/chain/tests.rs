mod collisions;

use super::*;
use crate::pki::{AT, Entity, ca_params, critical, leaf_params, params, purposes, root, root_of};
use crate::policy::Policy;
use crate::trust::TrustStore;
use rcgen::{ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose, date_time_ymd};

/// [`validate_path`] for the signer of a document, when only the outcome matters.
fn validate(
    leaf: &Certificate,
    embedded: &[Certificate],
    trust: &TrustStore,
    policy: &Policy,
    at: UnixMillis,
) -> Result<(), Reason> {
    validate_path(&PathRequest::new(leaf, trust, policy, at).with_embedded(embedded)).map(|_| ())
}

fn store(anchors: &[&Entity], intermediates: &[&Entity]) -> TrustStore {
    let read = |list: &[&Entity]| list.iter().map(|entity| entity.certificate()).collect();
    TrustStore::new(read(anchors), read(intermediates))
}

fn outcome(leaf: &Entity, anchors: &[&Entity], intermediates: &[&Entity]) -> Result<(), Reason> {
    validate(&leaf.certificate(), &[], &store(anchors, intermediates), &Policy::envelope(), AT)
}

fn refused(leaf: &Entity, anchors: &[&Entity], intermediates: &[&Entity], rule: &str) -> Reason {
    let reason = outcome(leaf, anchors, intermediates).unwrap_err();
    assert_eq!(reason.rule(), rule, "{reason}");
    reason
}

/// Leaf directly under the root, with these parameters.
fn check_leaf(params: rcgen::CertificateParams, rule: &str) -> Reason {
    let root = root();
    refused(&root.issue(params), &[&root], &[], rule)
}

/// Leaf under a CA with these parameters under the root.
fn check_ca(params: rcgen::CertificateParams, rule: &str) -> Reason {
    let root = root();
    let ca = root.issue(params);
    refused(&ca.issue(leaf_params("EXAMPLE Leaf")), &[&root], &[&ca], rule)
}

#[test]
fn a_leaf_chains_through_the_stores_intermediates() {
    let root = root();
    let ca = root.issue(ca_params("EXAMPLE CA", Some(0)));
    let leaf = ca.issue(leaf_params("EXAMPLE Leaf"));
    assert_eq!(outcome(&leaf, &[&root], &[&ca]), Ok(()));
}

#[test]
fn a_leaf_chains_through_embedded_intermediates() {
    let root = root();
    let ca = root.issue(ca_params("EXAMPLE CA", None));
    let leaf = ca.issue(leaf_params("EXAMPLE Leaf")).certificate();
    let trust = store(&[&root], &[]);
    assert_eq!(validate(&leaf, &[ca.certificate()], &trust, &Policy::envelope(), AT), Ok(()));
}

#[test]
fn an_embedded_root_is_not_an_anchor() {
    let (root, other) = (root(), root_of(ca_params("EXAMPLE Other", None)));
    let leaf = other.issue(leaf_params("EXAMPLE Leaf")).certificate();
    let reason = validate(&leaf, &[other.certificate()], &store(&[&root], &[]), &Policy::envelope(), AT).unwrap_err();
    assert_eq!(reason.rule(), "no_issuer");
}

#[test]
fn another_ca_of_the_same_name_is_found_out() {
    let (root, impostor) = (root(), root());
    let leaf = impostor.issue(leaf_params("EXAMPLE Leaf"));
    let reason = refused(&leaf, &[&root], &[], "chain_signature_wrong");
    assert_eq!(reason.code(), types::ErrorCode::CertificateUntrusted);
}

#[test]
fn two_anchors_of_one_name_are_both_tried() {
    let (old, new) = (root(), root());
    let leaf = new.issue(leaf_params("EXAMPLE Leaf"));
    assert_eq!(outcome(&leaf, &[&old, &new], &[]), Ok(()));
}

#[test]
fn an_expired_leaf_is_refused_with_both_times() {
    let mut params = leaf_params("EXAMPLE Leaf");
    params.not_after = date_time_ymd(2026, 11, 20);
    let reason = check_leaf(params, "certificate_expired");
    assert_eq!(reason.code(), types::ErrorCode::CertificateExpired);
    assert!(reason.to_string().ends_with("expired at 2026-11-20T00:00:00.000Z, checked at 2026-11-21T03:00:00.000Z"));
}

#[test]
fn a_leaf_that_is_not_yet_valid_is_refused() {
    let mut params = leaf_params("EXAMPLE Leaf");
    params.not_before = date_time_ymd(2026, 11, 22);
    check_leaf(params, "certificate_not_yet_valid");
}

#[test]
fn both_ends_of_the_validity_belong_to_it() {
    let root = root();
    let leaf = root.issue(leaf_params("EXAMPLE Leaf")).certificate();
    let trust = store(&[&root], &[]);
    let at = |at| validate(&leaf, &[], &trust, &Policy::envelope(), at).map_err(|reason| reason.rule());
    let (first, last) = (leaf.not_before(), leaf.not_after());
    let second = std::time::Duration::from_secs(1);
    assert_eq!(at(first), Ok(()));
    assert_eq!(at(last), Ok(()));
    assert_eq!(at(first - second), Err("certificate_not_yet_valid"));
    assert_eq!(at(last + second), Err("certificate_expired"));
}

#[test]
fn an_expired_intermediate_is_refused() {
    let mut params = ca_params("EXAMPLE CA", None);
    params.not_after = date_time_ymd(2026, 11, 20);
    check_ca(params, "certificate_expired");
}

#[test]
fn an_expired_anchor_is_refused() {
    let mut params = ca_params("EXAMPLE Root", None);
    params.not_after = date_time_ymd(2026, 11, 20);
    let root = root_of(params);
    refused(&root.issue(leaf_params("EXAMPLE Leaf")), &[&root], &[], "certificate_expired");
}

#[test]
fn a_leaf_without_a_signing_usage_is_refused() {
    let mut params = leaf_params("EXAMPLE Leaf");
    params.key_usages = vec![KeyUsagePurpose::KeyEncipherment];
    check_leaf(params, "key_usage");
    check_leaf(crate::pki::params("EXAMPLE Leaf"), "key_usage");
}

#[test]
fn content_commitment_alone_is_enough() {
    let root = root();
    let mut params = leaf_params("EXAMPLE Leaf");
    params.key_usages = vec![KeyUsagePurpose::ContentCommitment];
    assert_eq!(outcome(&root.issue(params), &[&root], &[]), Ok(()));
}

#[test]
fn a_leaf_for_servers_only_is_refused() {
    check_leaf(purposes(leaf_params("EXAMPLE Leaf"), &[ExtendedKeyUsagePurpose::ServerAuth]), "extended_key_usage");
}

#[test]
fn each_document_purpose_is_enough_beside_others() {
    let root = root();
    let document_signing = ExtendedKeyUsagePurpose::Other(vec![1, 3, 6, 1, 5, 5, 7, 3, 36]);
    let microsoft = ExtendedKeyUsagePurpose::Other(vec![1, 3, 6, 1, 4, 1, 311, 10, 3, 12]);
    let adobe = ExtendedKeyUsagePurpose::Other(vec![1, 2, 840, 113_583, 1, 1, 5]);
    for purpose in [ExtendedKeyUsagePurpose::EmailProtection, document_signing, microsoft, adobe] {
        let params = purposes(leaf_params("EXAMPLE Leaf"), &[ExtendedKeyUsagePurpose::ClientAuth, purpose]);
        assert_eq!(outcome(&root.issue(params), &[&root], &[]), Ok(()));
    }
}

#[test]
fn a_ca_may_not_sign_documents() {
    let mut params = ca_params("EXAMPLE Leaf", None);
    params.key_usages.push(KeyUsagePurpose::DigitalSignature);
    check_leaf(params, "signer_is_ca");
}

#[test]
fn a_leaf_cannot_issue() {
    check_ca(leaf_params("EXAMPLE CA"), "issuer_not_ca");
    check_ca(params("EXAMPLE CA"), "issuer_not_ca");
}

#[test]
fn a_ca_without_cert_sign_cannot_issue() {
    let mut params = ca_params("EXAMPLE CA", None);
    params.key_usages = vec![KeyUsagePurpose::CrlSign];
    check_ca(params, "issuer_no_cert_sign");
}

#[test]
fn a_ca_for_servers_cannot_issue_signers() {
    check_ca(purposes(ca_params("EXAMPLE CA", None), &[ExtendedKeyUsagePurpose::ServerAuth]), "extended_key_usage");
}

#[test]
fn a_path_length_of_zero_allows_no_ca_below() {
    let root = root();
    let upper = root.issue(ca_params("EXAMPLE Upper", Some(0)));
    let lower = upper.issue(ca_params("EXAMPLE Lower", None));
    let leaf = lower.issue(leaf_params("EXAMPLE Leaf"));
    refused(&leaf, &[&root], &[&upper, &lower], "path_length");
    assert_eq!(outcome(&upper.issue(leaf_params("EXAMPLE Leaf")), &[&root], &[&upper]), Ok(()));
}

#[test]
fn an_anchors_path_length_counts_too() {
    let root = root_of(ca_params("EXAMPLE Root", Some(0)));
    let ca = root.issue(ca_params("EXAMPLE CA", None));
    refused(&ca.issue(leaf_params("EXAMPLE Leaf")), &[&root], &[&ca], "path_length");
}

#[test]
fn an_unknown_critical_extension_is_refused_in_leaf_and_ca() {
    let oid = [1, 3, 6, 1, 4, 1, 99_999, 1];
    check_leaf(critical(leaf_params("EXAMPLE Leaf"), &oid, vec![5, 0]), "extension_not_evaluated");
    check_ca(critical(ca_params("EXAMPLE CA", None), &oid, vec![5, 0]), "extension_not_evaluated");
}

#[test]
fn a_path_longer_than_the_policy_takes_is_refused() {
    let root = root();
    let mut cas = vec![root.issue(ca_params("EXAMPLE CA 0", None))];
    for number in 1..5 {
        let next = cas.last().unwrap().issue(ca_params(&format!("EXAMPLE CA {number}"), None));
        cas.push(next);
    }
    let all: Vec<&Entity> = cas.iter().collect();
    // Leaf, four CAs, anchor: six certificates.
    assert_eq!(outcome(&cas[3].issue(leaf_params("EXAMPLE Leaf")), &[&root], &all), Ok(()));
    refused(&cas[4].issue(leaf_params("EXAMPLE Leaf")), &[&root], &all, "chain_too_long");
}

#[test]
fn look_alike_issuers_cost_a_bounded_number_of_checks() {
    let (root, stranger) = (root(), root_of(ca_params("EXAMPLE Stranger", None)));
    let leaf = stranger.issue(ca_params("EXAMPLE CA", None)).issue(leaf_params("EXAMPLE Leaf"));
    let alike: Vec<Certificate> =
        (0..40).map(|_| stranger.issue(ca_params("EXAMPLE CA", None)).certificate()).collect();
    let trust = store(&[&root], &[]);
    let reason = validate(&leaf.certificate(), &alike, &trust, &Policy::envelope(), AT).unwrap_err();
    assert_eq!(reason.rule(), "chain_too_much_work");
}

#[test]
fn two_cas_that_certify_each_other_do_not_loop() {
    let root = root();
    let (a, b) = (root_of(ca_params("EXAMPLE A", None)), root_of(ca_params("EXAMPLE B", None)));
    let a_by_b = b.issue_to(ca_params("EXAMPLE A", None), KeyPair::from_pem(&a.key.serialize_pem()).unwrap());
    let b_by_a = a.issue_to(ca_params("EXAMPLE B", None), KeyPair::from_pem(&b.key.serialize_pem()).unwrap());
    let leaf = a_by_b.issue(leaf_params("EXAMPLE Leaf"));
    refused(&leaf, &[&root], &[&a_by_b, &b_by_a], "no_issuer");
}

#[test]
fn names_chain_across_string_types_and_case() {
    let root = root();
    // The leaf's issuer is written as UTF8String; this anchor's subject as PrintableString, in other case.
    let mut printable = ca_params("EXAMPLE Root", None);
    let name = rcgen::string::PrintableString::try_from("Example  ROOT").unwrap();
    printable.distinguished_name.push(rcgen::DnType::CommonName, rcgen::DnValue::PrintableString(name));
    let key = KeyPair::from_pem(&root.key.serialize_pem()).unwrap();
    let pem = printable.self_signed(&key).unwrap().pem();
    let anchor = Entity { params: printable, key, pem };
    assert_ne!(anchor.certificate().subject_name().raw(), root.certificate().subject_name().raw());
    assert_eq!(outcome(&root.issue(leaf_params("EXAMPLE Leaf")), &[&anchor], &[]), Ok(()));
}

#[test]
fn a_policy_may_take_fewer_algorithms() {
    let root = root();
    let leaf = root.issue(leaf_params("EXAMPLE Leaf")).certificate();
    let policy = Policy { algorithms: vec![crate::SignatureAlgorithm::Ed25519], ..Policy::envelope() };
    let reason = validate(&leaf, &[], &store(&[&root], &[]), &policy, AT).unwrap_err();
    assert_eq!(reason.rule(), "algorithm_not_allowed");
}
