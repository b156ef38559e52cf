//! Digest collisions of names: what is found by the digest or the normal form of a name is never trusted for it.

use super::{outcome, refused, store};
use crate::chain::{PathRequest, validate_path};
use crate::pki::{AT, ca_params, leaf_params, list, root, root_of, this_week};
use crate::policy::{Policy, Revocation};
use crate::revocation::{Crl, RevocationEvidence};
use rcgen::{KeyIdMethod, SerialNumber};
use std::sync::Arc;

#[test]
fn names_that_collide_in_normal_form_lead_to_no_other_key() {
    let root = root();
    let ca = root.issue(ca_params("EXAMPLE CA", Some(0)));
    // Alike but for case and spaces, which count for nothing when names are compared (RFC 5280 7.1).
    let alike = root_of(ca_params("example   ca", Some(0)));
    let leaf = alike.issue(leaf_params("EXAMPLE Leaf"));
    refused(&leaf, &[&root], &[&ca], "chain_signature_wrong");
    refused(&leaf, &[&root], &[&alike, &ca], "chain_signature_wrong");
    assert_eq!(outcome(&ca.issue(leaf_params("EXAMPLE Leaf")), &[&root], &[&alike, &ca]), Ok(()));
}

#[test]
fn key_identifiers_that_collide_lead_to_no_other_key() {
    let root = root();
    let same = || {
        let mut params = ca_params("EXAMPLE CA", Some(0));
        params.key_identifier_method = KeyIdMethod::PreSpecified(vec![7; 20]);
        params
    };
    let (ca, alike) = (root.issue(same()), root_of(same()));
    assert_eq!(alike.certificate().extensions().subject_key, ca.certificate().extensions().subject_key);
    let leaf = alike.issue(leaf_params("EXAMPLE Leaf"));
    // With the namesake at hand, nobody is there to vouch for it; without it, the key is another one.
    refused(&leaf, &[&root], &[&alike, &ca], "chain_signature_wrong");
    refused(&leaf, &[&root], &[&ca], "chain_signature_wrong");
}

#[test]
fn certificates_with_one_issuer_and_serial_number_share_no_status_across_keys() {
    let (root, other) = (root(), root_of(ca_params("EXAMPLE  ROOT", None)));
    let params = || {
        let mut params = leaf_params("EXAMPLE Leaf");
        params.serial_number = Some(SerialNumber::from(7_u64));
        params
    };
    let leaf = root.issue(params());
    // The namesake's list clears the number, or revokes it; it is not this issuer's word.
    let elsewhere = other.issue(params());
    let policy = Policy { revocation: Revocation::Require, ..Policy::envelope() };
    let trust = store(&[&root], &[&other]);
    for revoked in [vec![], vec![(&elsewhere, AT)]] {
        let crl = Crl::parse(&list(&other, this_week(), &revoked)).unwrap();
        let evidence = RevocationEvidence::new().with_crl(Arc::new(crl));
        let leaf = leaf.certificate();
        let request = PathRequest::new(&leaf, &trust, &policy, AT).with_evidence(&evidence);
        assert_eq!(validate_path(&request).unwrap_err().rule(), "revocation_unknown");
    }
}
