use std::sync::Arc;

use super::*;
use crate::pki::{AT, Entity, ca_params, leaf_params, root};
use crate::revocation::{Crl, RevocationEvidence, RevocationState};
use crate::{PathRequest, Policy, Revocation, TrustStore, validate_path};

const HOUR: u64 = 3_600_000;

fn before(milliseconds: u64) -> UnixMillis {
    UnixMillis::new(AT.as_millis() - milliseconds)
}

fn contents(number: u64, revoked: Vec<RevokedCertificate>) -> CrlContents {
    CrlContents {
        this_update: before(HOUR),
        next_update: UnixMillis::new(AT.as_millis() + HOUR),
        number,
        base: None,
        indirect_point: None,
        freshest: None,
        revoked,
    }
}

fn entry_for(certificate: &Certificate, reason: CrlReason) -> RevokedCertificate {
    RevokedCertificate { serial: certificate.serial().to_vec(), at: before(2 * HOUR), reason, issuer: None }
}

fn list(signer: &Entity, contents: &CrlContents) -> Arc<Crl> {
    Arc::new(Crl::parse(&sign_crl(&signer.signer(&[]), contents).unwrap()).unwrap())
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

    fn checked(&self, lists: &[Arc<Crl>]) -> Result<RevocationState, &'static str> {
        let evidence = lists.iter().fold(RevocationEvidence::new(), |all, list| all.with_crl(Arc::clone(list)));
        let policy = Policy { revocation: Revocation::Require, ..Policy::envelope() };
        let trust = TrustStore::new(vec![self.root.certificate()], Vec::new());
        let leaf = self.leaf.certificate();
        let request = PathRequest::new(&leaf, &trust, &policy, AT).with_evidence(&evidence);
        validate_path(&request).map(|path| path.revocation()[0].state).map_err(|reason| reason.rule())
    }
}

#[test]
fn an_empty_list_calls_everything_good() {
    let stage = Stage::new();
    let list = list(&stage.root, &contents(7, Vec::new()));
    assert_eq!((list.entries(), list.number_hex().as_deref()), (0, Some("07")));
    assert_eq!(stage.checked(&[list]), Ok(RevocationState::Good));
}

#[test]
fn every_reason_revokes() {
    let stage = Stage::new();
    for reason in CrlReason::ALL.into_iter().filter(|reason| *reason != CrlReason::RemoveFromCrl) {
        let list = list(&stage.root, &contents(u64::MAX, vec![entry_for(&stage.leaf.certificate(), reason)]));
        assert_eq!(stage.checked(&[list]), Err("certificate_revoked"), "{reason}");
        assert_eq!(reason.as_str().parse(), Ok(reason));
    }
}

#[test]
fn a_delta_list_adds_to_the_complete_one_and_takes_back() {
    let stage = Stage::new();
    let leaf = stage.leaf.certificate();
    let delta = |reason| CrlContents { base: Some(3), ..contents(9, vec![entry_for(&leaf, reason)]) };
    let clean = list(&stage.root, &contents(5, Vec::new()));
    let adds = list(&stage.root, &delta(CrlReason::Superseded));
    assert_eq!(stage.checked(&[clean, adds]), Err("certificate_revoked"));
    let held = list(&stage.root, &contents(5, vec![entry_for(&leaf, CrlReason::CertificateHold)]));
    let takes_back = list(&stage.root, &delta(CrlReason::RemoveFromCrl));
    assert_eq!(stage.checked(&[held, takes_back]), Ok(RevocationState::Good));
}

#[test]
fn an_indirect_list_speaks_for_the_issuers_that_it_names() {
    const URL: &str = "http://crl.example/indirect.crl";
    let root = root();
    let lists = root.issue(ca_params("EXAMPLE Lists", Some(0)));
    let mut params = leaf_params("EXAMPLE Leaf");
    // DistributionPoint: [0] fullName [0] URI [6], [2] cRLIssuer.
    let point = [
        tlv(tag::context(0), &tlv(tag::context(0), &uri(URL))),
        tlv(tag::context(2), &tlv(tag::context(4), lists.certificate().subject_name().raw())),
    ]
    .concat();
    let points = sequence(&[&tlv(tag::SEQUENCE, &point)]);
    params.custom_extensions.push(rcgen::CustomExtension::from_oid_content(&[2, 5, 29, 31], points));
    let stage = Stage { leaf: root.issue(params), root };
    let leaf = stage.leaf.certificate();
    let mut entry = entry_for(&leaf, CrlReason::KeyCompromise);
    entry.issuer = Some(stage.root.certificate());
    let indirect = |revoked| CrlContents { indirect_point: Some(URL.to_owned()), ..contents(1, revoked) };
    let made = |revoked| {
        let der = sign_crl(&lists.signer(&[]), &indirect(revoked)).unwrap();
        Arc::new(Crl::parse(&der).unwrap())
    };
    let trust = TrustStore::new(vec![stage.root.certificate()], vec![lists.certificate()]);
    let policy = Policy { revocation: Revocation::Require, ..Policy::envelope() };
    let rule = |list: Arc<Crl>| {
        let root_list = self::list(&stage.root, &contents(1, Vec::new()));
        let evidence = RevocationEvidence::new().with_crl(list).with_crl(root_list);
        let request = PathRequest::new(&leaf, &trust, &policy, AT).with_evidence(&evidence);
        validate_path(&request).map(|path| path.revocation()[0].state).map_err(|reason| reason.rule())
    };
    assert_eq!(rule(made(Vec::new())), Ok(RevocationState::Good));
    assert_eq!(rule(made(vec![entry])), Err("certificate_revoked"));
}
