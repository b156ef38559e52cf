use super::*;
use crate::der::{object_id, sequence, tlv};
use crate::pki::{ca_params, leaf_params, root};
use rcgen::{CertificateParams, CustomExtension};

/// 1.3.6.1.4.1.99999.N
fn policy(number: u8) -> Vec<u8> {
    [&[0x2b, 6, 1, 4, 1, 0x86, 0x8d, 0x1f][..], &[number]].concat()
}

fn wanted(number: u8) -> CertificatePolicies {
    let id = format!("1.3.6.1.4.1.99999.{number}").parse().unwrap();
    CertificatePolicies { acceptable: vec![id], require_explicit: Initial::Set, ..CertificatePolicies::default() }
}

fn with(mut params: CertificateParams, id: &[u64], content: Vec<u8>) -> CertificateParams {
    params.custom_extensions.push(CustomExtension::from_oid_content(id, content));
    params
}

fn stating(params: CertificateParams, policies: &[Vec<u8>]) -> CertificateParams {
    let infos: Vec<Vec<u8>> = policies.iter().map(|policy| sequence(&[&object_id(policy)])).collect();
    let infos: Vec<&[u8]> = infos.iter().map(Vec::as_slice).collect();
    with(params, &[2, 5, 29, 32], sequence(&infos))
}

fn mapping(params: CertificateParams, issuers: &[u8], subjects: &[u8]) -> CertificateParams {
    with(params, &[2, 5, 29, 33], sequence(&[&sequence(&[&object_id(issuers), &object_id(subjects)])]))
}

/// Outcome of a path root, CA, leaf with these parameters.
fn outcome(ca: CertificateParams, leaf: CertificateParams, wanted: &CertificatePolicies) -> Result<(), &'static str> {
    let root = root();
    let ca = root.issue(ca);
    let leaf = ca.issue(leaf);
    check(&root.certificate(), &[&ca.certificate(), &leaf.certificate()], wanted)
        .map_err(|reason| crate::Reason::from(reason).rule())
}

fn ca() -> CertificateParams {
    ca_params("EXAMPLE CA", None)
}

fn leaf() -> CertificateParams {
    leaf_params("EXAMPLE Leaf")
}

#[test]
fn policies_do_not_matter_until_somebody_asks() {
    assert_eq!(outcome(ca(), leaf(), &CertificatePolicies::default()), Ok(()));
}

#[test]
fn a_wanted_policy_has_to_be_in_every_certificate() {
    let one = [policy(1)];
    assert_eq!(outcome(stating(ca(), &one), stating(leaf(), &one), &wanted(1)), Ok(()));
    assert_eq!(outcome(ca(), stating(leaf(), &one), &wanted(1)), Err("certificate_policy"));
    assert_eq!(outcome(stating(ca(), &one), leaf(), &wanted(1)), Err("certificate_policy"));
    assert_eq!(outcome(stating(ca(), &one), stating(leaf(), &one), &wanted(2)), Err("certificate_policy"));
}

#[test]
fn any_policy_of_a_ca_covers_the_leafs_unless_inhibited() {
    let any = [oid::ANY_POLICY.to_vec()];
    assert_eq!(outcome(stating(ca(), &any), stating(leaf(), &[policy(1)]), &wanted(1)), Ok(()));
    let inhibited = CertificatePolicies { inhibit_any: Initial::Set, ..wanted(1) };
    assert_eq!(outcome(stating(ca(), &any), stating(leaf(), &[policy(1)]), &inhibited), Err("certificate_policy"));
}

#[test]
fn a_ca_can_ask_for_a_policy_below_it() {
    let asking = || with(ca(), &[2, 5, 29, 36], sequence(&[&tlv(0x80, &[0])]));
    assert_eq!(outcome(asking(), leaf(), &CertificatePolicies::default()), Err("certificate_policy"));
    let one = [policy(1)];
    assert_eq!(outcome(stating(asking(), &one), stating(leaf(), &one), &CertificatePolicies::default()), Ok(()));
}

#[test]
fn a_mapped_policy_counts_as_the_issuers() {
    let mapped = || mapping(stating(ca(), &[policy(1)]), &policy(1), &policy(2));
    let leaf = || stating(leaf(), &[policy(2)]);
    assert_eq!(outcome(mapped(), leaf(), &wanted(1)), Ok(()));
    assert_eq!(outcome(mapped(), leaf(), &wanted(2)), Err("certificate_policy"));
    let inhibited = CertificatePolicies { inhibit_mapping: Initial::Set, ..wanted(1) };
    assert_eq!(outcome(mapped(), leaf(), &inhibited), Err("certificate_policy"));
}

#[test]
fn any_policy_is_never_mapped() {
    let ca = mapping(stating(ca(), &[policy(1)]), oid::ANY_POLICY, &policy(2));
    assert_eq!(outcome(ca, leaf(), &CertificatePolicies::default()), Err("policy_mapping"));
}

#[test]
fn many_mappings_stay_small() {
    // Every policy maps to every other: a tree doubles at each level, the graph does not grow.
    let policies: Vec<Vec<u8>> = (1..15).map(policy).collect();
    let pairs: Vec<Vec<u8>> = policies
        .iter()
        .flat_map(|one| policies.iter().map(|other| sequence(&[&object_id(one), &object_id(other)])))
        .collect();
    let pairs: Vec<&[u8]> = pairs.iter().map(Vec::as_slice).collect();
    let mut issuer = root();
    let anchor = issuer.certificate();
    let mut path = Vec::new();
    for number in 0..12 {
        let ca = stating(ca_params(&format!("EXAMPLE CA {number}"), None), &policies);
        issuer = issuer.issue(with(ca, &[2, 5, 29, 33], sequence(&pairs)));
        path.push(issuer.certificate());
    }
    let path: Vec<&Certificate> = path.iter().collect();
    // 14 policies, 12 CAs: 14^12 nodes in a tree.
    assert_eq!(check(&anchor, &path, &wanted(1)), Ok(()));
}
