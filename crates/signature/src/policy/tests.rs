use super::*;
use crate::algorithm::Legacy;
use crate::pki::{AT, Entity, leaf_params, root};
use crate::{PathRequest, Reason, SignatureAlgorithm, TrustStore, validate_path};
use types::UnixMillis;

#[test]
fn a_policy_reads_back_from_its_json() {
    let mut policy = Policy::documents();
    policy.certificate_policies.acceptable.push("2.16.704.1.1.1.1.1".parse().unwrap());
    policy.revocation_age_max = Some(Duration::from_secs(24 * 3600));
    policy.anchors = vec![AnchorRule {
        revocation: Some(Revocation::Require),
        periods: vec![Period {
            from: None,
            until: Some(AT),
            algorithms: SignatureAlgorithm::ALL.to_vec(),
            rsa_bits_min: 3072,
        }],
        legacy: Some(LegacyRule { proved_before: AT, sha1: vec![LegacyUse::Certificates, LegacyUse::Documents] }),
        ..AnchorRule::new(Digest::new([7; 32]))
    }];
    let json = serde_json::to_string(&policy).unwrap();
    assert!(json.contains(r#""clock_tolerance_ms":300000"#), "{json}");
    assert_eq!(serde_json::from_str::<Policy>(&json).unwrap(), policy);
    let misspelt = json.replace("proved_before", "proved_bevore");
    assert!(serde_json::from_str::<Policy>(&misspelt).is_err());
}

struct Stage {
    root: Entity,
    leaf: Entity,
}

impl Stage {
    fn new() -> Self {
        let root = root();
        let leaf = root.issue(leaf_params("EXAMPLE Leaf"));
        Self { root, leaf }
    }

    /// What comes out for a signature of P-256 under this rule.
    fn rule(&self, change: impl FnOnce(&mut AnchorRule), proved: Option<UnixMillis>) -> Option<&'static str> {
        let (root, leaf) = (self.root.certificate(), self.leaf.certificate());
        let mut rule = AnchorRule::new(root.sha256());
        change(&mut rule);
        let policy = Policy { anchors: vec![rule], ..Policy::envelope() };
        let trust = TrustStore::new(vec![root], vec![]);
        let request = PathRequest::new(&leaf, &trust, &policy, AT)
            .for_signature(SignatureAlgorithm::EcdsaP256Sha256, Legacy::ByAnchor);
        let request = proved.map_or(request, |proved| request.signed_before(proved));
        validate_path(&request).err().as_ref().map(Reason::rule)
    }
}

fn period(from: Option<UnixMillis>, until: Option<UnixMillis>, algorithms: &[SignatureAlgorithm]) -> Period {
    Period { from, until, algorithms: algorithms.to_vec(), rsa_bits_min: 2048 }
}

#[test]
fn algorithms_are_taken_by_period_of_the_time_that_is_judged() {
    let stage = Stage::new();
    let p256 = &[SignatureAlgorithm::EcdsaP256Sha256][..];
    let earlier = AT - Duration::from_secs(3600);
    let until_now = |rule: &mut AnchorRule| rule.periods = vec![period(None, Some(AT), p256)];
    assert_eq!(stage.rule(until_now, None), Some("algorithm_not_in_period"));
    assert_eq!(stage.rule(until_now, Some(earlier)), None);
    let from_now = |rule: &mut AnchorRule| rule.periods = vec![period(Some(AT), None, p256)];
    assert_eq!(stage.rule(from_now, None), None);
    assert_eq!(stage.rule(from_now, Some(earlier)), Some("algorithm_not_in_period"));
    let other = |rule: &mut AnchorRule| rule.periods = vec![period(None, None, &[SignatureAlgorithm::Ed25519])];
    assert_eq!(stage.rule(other, None), Some("algorithm_not_in_period"));
}

#[test]
fn a_rule_of_another_anchor_changes_nothing() {
    let stage = Stage::new();
    let other = |rule: &mut AnchorRule| {
        rule.anchor = Digest::new([7; 32]);
        rule.revocation = Some(Revocation::Require);
        rule.periods = vec![period(None, None, &[])];
    };
    assert_eq!(stage.rule(other, None), None);
}

#[test]
fn revocation_is_graded_by_anchor() {
    let stage = Stage::new();
    let required = |rule: &mut AnchorRule| rule.revocation = Some(Revocation::Require);
    assert_eq!(stage.rule(required, None), Some("revocation_unknown"));
    let (root, leaf) = (stage.root.certificate(), stage.leaf.certificate());
    let off = AnchorRule { revocation: Some(Revocation::Off), ..AnchorRule::new(root.sha256()) };
    let policy = Policy { revocation: Revocation::Require, anchors: vec![off], ..Policy::envelope() };
    let trust = TrustStore::new(vec![root], vec![]);
    let path = validate_path(&PathRequest::new(&leaf, &trust, &policy, AT)).unwrap();
    assert!(path.revocation().is_empty());
}
