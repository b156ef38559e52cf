use std::sync::Arc;

use rcgen::ExtendedKeyUsagePurpose;

use super::*;
use crate::pki::{AT, Entity, leaf_params, purposes, root};
use crate::revocation::{
    NONCE_BYTES, OcspResponse, RevocationError, RevocationEvidence, RevocationState, ocsp_request,
};
use crate::{PathRequest, Policy, Revocation, TrustStore, validate_path};

const NONCE: [u8; NONCE_BYTES] = [7; NONCE_BYTES];
const NO_CHECK: [u64; 9] = [1, 3, 6, 1, 5, 5, 7, 48, 1];

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

    fn delegate(&self) -> Entity {
        let mut params = purposes(leaf_params("EXAMPLE Responder"), &[ExtendedKeyUsagePurpose::OcspSigning]);
        let id = [NO_CHECK.as_slice(), &[5]].concat();
        params.custom_extensions.push(rcgen::CustomExtension::from_oid_content(&id, vec![5, 0]));
        self.root.issue(params)
    }

    fn request(&self) -> OcspRequest {
        let request = ocsp_request(&self.leaf.certificate(), &self.root.certificate(), Some(&NONCE));
        OcspRequest::parse(&request).unwrap()
    }

    fn answer(&self, signer: &Entity, statuses: &[CertStatus], nonce: ResponseNonce) -> OcspResponse {
        let next_update = Some(UnixMillis::new(AT.as_millis() + 3_600_000));
        let signing = OcspSigning { produced_at: AT, this_update: AT, next_update, nonce };
        let response = sign_ocsp_response(&signer.signer(&[]), &self.request(), statuses, &signing).unwrap();
        OcspResponse::parse(&response).unwrap()
    }

    /// What a policy that requires revocation data makes of a response: a state, or the rule that refuses.
    fn checked(&self, response: OcspResponse) -> Result<RevocationState, &'static str> {
        let evidence = RevocationEvidence::new().with_response(Arc::new(response));
        let policy = Policy { revocation: Revocation::Require, ..Policy::envelope() };
        let trust = TrustStore::new(vec![self.root.certificate()], Vec::new());
        let leaf = self.leaf.certificate();
        let request = PathRequest::new(&leaf, &trust, &policy, AT).with_evidence(&evidence);
        validate_path(&request).map(|path| path.revocation()[0].state).map_err(|reason| reason.rule())
    }
}

#[test]
fn the_answers_of_the_issuer_and_of_its_delegate_are_believed() {
    let stage = Stage::new();
    let delegate = stage.delegate();
    for signer in [&stage.root, &delegate] {
        let response = stage.answer(signer, &[CertStatus::Good], ResponseNonce::Repeated);
        assert!(response.answers_nonce(&NONCE));
        assert_eq!(stage.checked(response), Ok(RevocationState::Good));
    }
}

#[test]
fn each_status_is_read_as_it_was_made() {
    let stage = Stage::new();
    let at = UnixMillis::new(AT.as_millis() - 60_000);
    let revoked = |reason| CertStatus::Revoked { at, reason };
    for (statuses, rule) in [
        (vec![revoked(CrlReason::KeyCompromise)], "certificate_revoked"),
        (vec![revoked(CrlReason::Unspecified)], "certificate_revoked"),
        (vec![CertStatus::Unknown], "revocation_unknown"),
        (vec![], "revocation_unknown"),
    ] {
        let response = stage.answer(&stage.root, &statuses, ResponseNonce::Repeated);
        assert_eq!(stage.checked(response), Err(rule), "{statuses:?}");
    }
}

#[test]
fn a_nonce_is_left_out_or_wrong_only_when_asked_for() {
    let stage = Stage::new();
    for nonce in [ResponseNonce::LeftOut, ResponseNonce::Other] {
        assert!(!stage.answer(&stage.root, &[CertStatus::Good], nonce).answers_nonce(&NONCE), "{nonce:?}");
    }
}

#[test]
fn a_request_says_which_certificate_of_which_issuer() {
    let stage = Stage::new();
    let request = stage.request();
    let [question] = request.questions() else { panic!("{request:?}") };
    assert!(question.is_of_issuer(&stage.root.certificate()));
    assert!(!question.is_of_issuer(&root().certificate()));
    assert_eq!(question.serial(), stage.leaf.certificate().serial());
}

#[test]
fn what_is_no_request_is_refused() {
    let request = ocsp_request(&root().certificate(), &root().certificate(), Some(&NONCE));
    for length in 0..request.len() {
        assert!(OcspRequest::parse(&request[..length]).is_err(), "{length}");
    }
}

#[test]
fn a_refusal_carries_its_status() {
    let refused = OcspResponse::parse(&refuse_ocsp(OcspRefusal::TryLater)).unwrap_err();
    assert!(matches!(refused, RevocationError::NotSuccessful { status: 3 }), "{refused}");
}
