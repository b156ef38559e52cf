use super::*;
use crate::chain::{PathRequest, validate_path};
use crate::pki::{AT, Entity, ca_params, leaf_params, root};
use crate::policy::Policy;
use crate::reason::Reason;
use crate::trust::TrustStore;
use types::UnixMillis;

struct Cast {
    root: Entity,
    between: Entity,
    leaf: Entity,
}

impl Cast {
    fn new() -> Self {
        let root = root();
        let between = root.issue(ca_params("EXAMPLE CA", None));
        let leaf = between.issue(leaf_params("EXAMPLE Leaf"));
        Self { root, between, leaf }
    }

    fn trust(&self) -> TrustStore {
        TrustStore::new(vec![self.root.certificate()], vec![self.between.certificate()])
    }
}

fn check(leaf: &Certificate, trust: &TrustStore, policy: &Policy, at: UnixMillis) -> Result<(), Reason> {
    validate_path(&PathRequest::new(leaf, trust, policy, at)).map(drop)
}

/// A store that remembers the leaf's path.
fn warm(cast: &Cast) -> TrustStore {
    let trust = cast.trust();
    check(&cast.leaf.certificate(), &trust, &Policy::envelope(), AT).unwrap();
    assert!(trust.is_issued(&cast.leaf.certificate(), &cast.between.certificate()));
    trust
}

#[test]
fn a_path_that_holds_is_remembered_with_its_certificates() {
    let cast = Cast::new();
    let (trust, leaf) = (warm(&cast), cast.leaf.certificate());
    assert!(trust.is_issued(&cast.between.certificate(), &cast.root.certificate()));
    assert_eq!(trust.read(leaf.der()).unwrap(), leaf);
    check(&leaf, &trust, &Policy::envelope(), AT).unwrap();
}

#[test]
fn an_expired_certificate_is_seen_though_its_path_is_remembered() {
    let cast = Cast::new();
    let later = UnixMillis::new(cast.leaf.certificate().not_after().as_millis() + 1_000);
    let refused = check(&cast.leaf.certificate(), &warm(&cast), &Policy::envelope(), later).unwrap_err();
    assert_eq!(refused.rule(), "certificate_expired");
}

#[test]
fn another_policy_is_seen_though_the_path_is_remembered() {
    let (cast, mut policy) = (Cast::new(), Policy::envelope());
    let trust = warm(&cast);
    policy.algorithms.retain(|algorithm| !algorithm.as_str().starts_with("ECDSA"));
    assert_eq!(check(&cast.leaf.certificate(), &trust, &policy, AT).unwrap_err().rule(), "algorithm_not_allowed");
}

#[test]
fn another_store_remembers_nothing() {
    let cast = Cast::new();
    let _warm = warm(&cast);
    assert!(!cast.trust().is_issued(&cast.leaf.certificate(), &cast.between.certificate()));
    let stranger = TrustStore::new(vec![root().certificate()], vec![cast.between.certificate()]);
    assert!(check(&cast.leaf.certificate(), &stranger, &Policy::envelope(), AT).is_err());
}

/// The same name and key identifier, another signature.
#[test]
fn a_certificate_that_resembles_a_remembered_one_is_checked() {
    let cast = Cast::new();
    let trust = warm(&cast);
    let forger = Entity { params: cast.between.params.clone(), key: crate::pki::key(), pem: String::new() };
    let forged = forger.issue(leaf_params("EXAMPLE Leaf")).certificate();
    assert!(check(&forged, &trust, &Policy::envelope(), AT).is_err());
    assert!(!trust.is_issued(&forged, &cast.between.certificate()));
}

#[test]
fn paths_that_lead_to_no_anchor_are_not_remembered() {
    let (cast, other) = (Cast::new(), Cast::new());
    let (trust, between) = (cast.trust(), other.between.certificate());
    let embedded = [between.clone(), other.root.certificate()];
    let leaf = other.leaf.certificate();
    let policy = Policy::envelope();
    let request = PathRequest::new(&leaf, &trust, &policy, AT).with_embedded(&embedded);
    assert!(validate_path(&request).is_err());
    assert!(!trust.is_issued(&leaf, &between));
}

#[test]
fn copies_of_a_store_share_what_they_remember() {
    let cast = Cast::new();
    let trust = cast.trust();
    check(&cast.leaf.certificate(), &trust.clone(), &Policy::envelope(), AT).unwrap();
    assert!(trust.is_issued(&cast.leaf.certificate(), &cast.between.certificate()));
}

#[test]
fn what_was_not_asked_for_lately_is_forgotten_and_the_rest_kept() {
    let mut recent = Recent::new(4);
    for key in 0..100 {
        recent.put(key, key);
        assert!(recent.younger.len() + recent.older.len() <= 4);
        assert_eq!(recent.get(&0), Some(0), "asked for every time");
    }
    assert_eq!((recent.get(&99), recent.get(&50)), (Some(99), None));
}
