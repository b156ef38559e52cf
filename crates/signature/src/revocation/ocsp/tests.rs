use std::sync::Arc;

use rcgen::{CertificateParams, CustomExtension, ExtendedKeyUsagePurpose};

use super::fixture::{Made, good, revoked, unknown};
use super::*;
use crate::pki::{AT, Entity, ca_params, leaf_params, purposes, root, root_of};
use crate::revocation::{RevocationEvidence, RevocationSource, RevocationState};
use crate::{PathRequest, Policy, Reason, Revocation, TrustStore, ValidPath, validate_path};

/// A leaf directly under the root: one certificate whose status is asked.
struct Stage {
    root: Entity,
    leaf: Certificate,
    issuer: Certificate,
}

impl Stage {
    fn new() -> Self {
        let root = root();
        let (leaf, issuer) = (root.issue(leaf_params("EXAMPLE Leaf")).certificate(), root.certificate());
        Self { root, leaf, issuer }
    }

    fn made<'a>(&'a self, signer: &'a Entity) -> Made<'a> {
        Made {
            certificate: &self.leaf,
            issuer: &self.issuer,
            signer,
            hash: IdHash::Sha1,
            status: good(),
            this_update: "20261121020000Z",
            next_update: Some("20261122020000Z"),
            nonce: None,
        }
    }

    fn path(&self, response: &[u8]) -> Result<ValidPath, Reason> {
        let evidence = RevocationEvidence::new().with_response(Arc::new(OcspResponse::parse(response).unwrap()));
        let policy = Policy { revocation: Revocation::Require, ..Policy::envelope() };
        let trust = TrustStore::new(vec![self.issuer.clone()], Vec::new());
        validate_path(&PathRequest::new(&self.leaf, &trust, &policy, AT).with_evidence(&evidence))
    }

    /// What the report says about why nothing was found out.
    fn refusal(&self, made: &Made<'_>) -> String {
        let reason = self.path(&made.der()).unwrap_err();
        assert_eq!(reason.rule(), "revocation_unknown");
        reason.to_string()
    }
}

/// A responder's certificate; with nocheck unless it is left out.
fn responder() -> CertificateParams {
    let mut params = unexempted();
    let no_check = CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 48, 1, 5], vec![5, 0]);
    params.custom_extensions.push(no_check);
    params
}

fn unexempted() -> CertificateParams {
    purposes(leaf_params("EXAMPLE OCSP"), &[ExtendedKeyUsagePurpose::OcspSigning])
}

#[test]
fn the_issuers_own_answer_is_taken() {
    let stage = Stage::new();
    for hash in [IdHash::Sha1, IdHash::Sha256, IdHash::Sha384, IdHash::Sha512] {
        let path = stage.path(&Made { hash, ..stage.made(&stage.root) }.der()).unwrap();
        let status = &path.revocation()[0];
        assert_eq!((status.state, status.source), (RevocationState::Good, Some(RevocationSource::Ocsp)));
    }
}

#[test]
fn a_delegates_answer_is_taken() {
    let stage = Stage::new();
    let delegate = stage.root.issue(responder());
    let path = stage.path(&stage.made(&delegate).der()).unwrap();
    assert!(path.revocation()[0].source_issuer.as_ref().unwrap().contains("EXAMPLE OCSP"));
}

#[test]
fn a_revoked_answer_refuses() {
    let stage = Stage::new();
    let made = Made { status: revoked("20261110000000Z"), ..stage.made(&stage.root) };
    assert_eq!(stage.path(&made.der()).unwrap_err().rule(), "certificate_revoked");
}

#[test]
fn an_answer_of_unknown_is_no_answer() {
    let stage = Stage::new();
    stage.refusal(&Made { status: unknown(), ..stage.made(&stage.root) });
}

#[test]
fn a_delegate_needs_the_purpose() {
    let stage = Stage::new();
    let mut params = leaf_params("EXAMPLE OCSP");
    params.custom_extensions = responder().custom_extensions;
    let reason = stage.refusal(&stage.made(&stage.root.issue(params)));
    assert!(reason.contains("extended key usage"), "{reason}");
}

#[test]
fn a_delegate_needs_nocheck() {
    let stage = Stage::new();
    let reason = stage.refusal(&stage.made(&stage.root.issue(unexempted())));
    assert!(reason.contains("nocheck"), "{reason}");
}

#[test]
fn a_delegate_of_another_ca_or_below_the_issuer_is_refused() {
    let stage = Stage::new();
    let namesake = root_of(ca_params("EXAMPLE Root", None)).issue(responder());
    let below = stage.root.issue(ca_params("EXAMPLE CA", None)).issue(responder());
    for delegate in [namesake, below] {
        let reason = stage.refusal(&stage.made(&delegate));
        assert!(reason.contains("does not verify with its issuer's key"), "{reason}");
    }
}

#[test]
fn an_expired_delegate_is_refused() {
    let stage = Stage::new();
    let mut params = responder();
    params.not_after = rcgen::date_time_ymd(2026, 11, 20);
    assert!(stage.refusal(&stage.made(&stage.root.issue(params))).contains("expired"));
}

#[test]
fn an_old_answer_one_without_an_end_and_one_from_the_future_are_refused() {
    let stage = Stage::new();
    let old = Made { next_update: Some("20261121025959Z"), ..stage.made(&stage.root) };
    let endless = Made { next_update: None, ..stage.made(&stage.root) };
    let ahead = Made { this_update: "20261121031000Z", ..stage.made(&stage.root) };
    for made in [old, endless, ahead] {
        assert!(stage.refusal(&made).contains("not current"));
    }
}

#[test]
fn an_answer_about_another_certificate_says_nothing() {
    let stage = Stage::new();
    let other = stage.root.issue(leaf_params("EXAMPLE Other")).certificate();
    stage.refusal(&Made { certificate: &other, ..stage.made(&stage.root) });
    let issuer = root_of(ca_params("EXAMPLE Root", None)).certificate();
    stage.refusal(&Made { issuer: &issuer, ..stage.made(&stage.root) });
}

#[test]
fn an_altered_answer_is_refused() {
    let stage = Stage::new();
    let mut bytes = Made { status: revoked("20261110000000Z"), ..stage.made(&stage.root) }.der();
    let position = bytes.windows(15).position(|window| window == b"20261110000000Z").unwrap();
    bytes[position..position + 15].copy_from_slice(b"20361110000000Z");
    assert_eq!(stage.path(&bytes).unwrap_err().rule(), "revocation_unknown");
}

#[test]
fn a_nonce_has_to_be_the_requests() {
    let stage = Stage::new();
    let nonce = [7; NONCE_BYTES];
    let request = ocsp_request(&stage.leaf, &stage.issuer, Some(&nonce));
    assert!(request.windows(NONCE_BYTES).any(|window| window == nonce));
    let parse = |nonce: Option<Vec<u8>>| OcspResponse::parse(&Made { nonce, ..stage.made(&stage.root) }.der()).unwrap();
    assert!(parse(Some(nonce.to_vec())).answers_nonce(&nonce));
    assert!(!parse(Some(vec![8; NONCE_BYTES])).answers_nonce(&nonce));
    assert!(!parse(None).answers_nonce(&nonce));
}

#[test]
fn a_responder_that_gives_no_status_says_which() {
    let try_later = [0x30, 3, 0x0a, 1, 3];
    assert!(matches!(OcspResponse::parse(&try_later), Err(RevocationError::NotSuccessful { status: 3 })));
    assert!(matches!(OcspResponse::parse(&[0x30, 3, 0x0a, 1, 0]), Err(RevocationError::Malformed { .. })));
}
