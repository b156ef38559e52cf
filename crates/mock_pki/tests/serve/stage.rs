//! A served PKI, and a verifier that requires revocation data.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use http::Method;
use mock_pki::{Example, Existing, Pki, Running, Server};
use signature::{
    Certificate, Crl, NONCE_BYTES, OcspResponse, PathRequest, Policy, Revocation, RevocationEvidence, TrustStore,
    ocsp_request, validate_path,
};
use types::UnixMillis;

use crate::http::fetched;

/// A nonce of the tests.
pub(crate) const NONCE: [u8; NONCE_BYTES] = [9; NONCE_BYTES];
/// An official document-signing certificate of the example.
pub(crate) const LEAF: &str = "systems/vpcp/signing";

/// A served example PKI.
pub(crate) struct Stage {
    pub(crate) server: Running,
    _dir: tempfile::TempDir,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let bound = Server::bind(([127, 0, 0, 1], 0).into()).await.unwrap();
        let example = Example { year: 2026, existing: Existing::Keep, url: Some(bound.url()) };
        example.write(dir.path()).unwrap();
        let server = bound.serve(Pki::open(dir.path()).unwrap());
        Self { server, _dir: dir }
    }

    pub(crate) fn certificate(&self, name: &str) -> Certificate {
        self.server.pki().find(name).unwrap().certificate.clone()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.server.url())
    }

    /// The request about [`LEAF`], with [`NONCE`].
    pub(crate) fn question(&self) -> Vec<u8> {
        ocsp_request(&self.certificate(LEAF), &self.certificate("ca/signing"), Some(&NONCE))
    }

    pub(crate) async fn response(&self) -> OcspResponse {
        OcspResponse::parse(&fetched(Method::POST, &self.url("/ocsp"), self.question()).await).unwrap()
    }

    pub(crate) async fn list(&self, name: &str) -> Crl {
        let body = fetched(Method::GET, &self.url(&format!("/pki/pub/crl/{name}.crl")), Vec::new()).await;
        Crl::parse(&body).unwrap()
    }

    /// The rule that refuses [`LEAF`]'s path with this evidence; none when it passes.
    pub(crate) fn refusal(&self, evidence: &RevocationEvidence) -> Option<&'static str> {
        let policy = Policy { revocation: Revocation::Require, ..Policy::envelope() };
        let trust = TrustStore::new(vec![self.certificate("ca/root")], vec![self.certificate("ca/signing")]);
        let leaf = self.certificate(LEAF);
        let request = PathRequest::new(&leaf, &trust, &policy, now()).with_evidence(evidence);
        validate_path(&request).err().map(|reason| reason.rule())
    }

    /// Evidence: the root's list, and what is given.
    pub(crate) async fn with_response(&self, response: OcspResponse) -> RevocationEvidence {
        RevocationEvidence::new().with_crl(Arc::new(self.list("root").await)).with_response(Arc::new(response))
    }

    pub(crate) async fn with_list(&self, list: Crl) -> RevocationEvidence {
        RevocationEvidence::new().with_crl(Arc::new(self.list("root").await)).with_crl(Arc::new(list))
    }
}

/// The time of this machine.
pub(crate) fn now() -> UnixMillis {
    UnixMillis::new(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis().try_into().unwrap())
}
