use super::*;
use crate::der::{object_id, sequence};
use crate::pki::{AT, ca_params, critical, leaf_params, params, purposes, root};
use crate::{PathRequest, Policy, TrustStore, validate_path};
use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, KeyUsagePurpose};

fn rule(leaf: CertificateParams, target: Target) -> Option<&'static str> {
    let root = root();
    let leaf = root.issue(leaf).certificate();
    let (trust, policy) = (TrustStore::new(vec![root.certificate()], Vec::new()), Policy::envelope());
    validate_path(&PathRequest::new(&leaf, &trust, &policy, AT).for_target(target)).err().map(|reason| reason.rule())
}

#[test]
fn a_timestamp_authority_has_that_purpose_alone_and_critical() {
    let with = |ids: &[&[u8]]| {
        let ids: Vec<Vec<u8>> = ids.iter().map(|id| object_id(id)).collect();
        let ids: Vec<&[u8]> = ids.iter().map(Vec::as_slice).collect();
        critical(leaf_params("EXAMPLE TSA"), &[2, 5, 29, 37], sequence(&ids))
    };
    let target = Target::TimestampAuthority;
    assert_eq!(rule(with(&[oid::FOR_TIMESTAMPS]), target), None);
    assert_eq!(rule(with(&[oid::FOR_TIMESTAMPS, oid::FOR_EMAIL]), target), Some("timestamping_purpose"));
    assert_eq!(rule(with(&[oid::FOR_EMAIL]), target), Some("timestamping_purpose"));
    assert_eq!(rule(leaf_params("EXAMPLE TSA"), target), Some("timestamping_purpose"));
    let loose = purposes(leaf_params("EXAMPLE TSA"), &[ExtendedKeyUsagePurpose::TimeStamping]);
    assert_eq!(rule(loose, target), Some("timestamping_purpose"));
}

#[test]
fn a_timestamp_authority_signs_no_documents() {
    let authority = purposes(leaf_params("EXAMPLE TSA"), &[ExtendedKeyUsagePurpose::TimeStamping]);
    assert_eq!(rule(authority, Target::DocumentSigner), Some("extended_key_usage"));
}

#[test]
fn a_list_issuer_needs_crl_sign() {
    assert_eq!(rule(leaf_params("EXAMPLE Leaf"), Target::CrlIssuer), Some("issuer_no_crl_sign"));
    let mut issuer = params("EXAMPLE CRL");
    issuer.key_usages = vec![KeyUsagePurpose::CrlSign];
    assert_eq!(rule(issuer, Target::CrlIssuer), None);
}

#[test]
fn any_use_asks_only_for_the_path() {
    assert_eq!(rule(ca_params("EXAMPLE CA", None), Target::Any), None);
}
