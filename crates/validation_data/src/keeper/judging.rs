//! What is offered, held against the certificates and rules of the keeper.

use std::sync::Arc;

use rustls_pki_types::CertificateRevocationListDer;
use rustls_pki_types::pem::PemObject as _;
use signature::{
    Answered, Certificate, Crl, OcspResponse, PathRequest, Policy, Target, TrustStore, validate_path, verify_crl,
    verify_response,
};
use types::UnixMillis;

use super::{HeldCrl, KeepError, Keeper};

impl Keeper {
    pub(super) fn judge_crl(&self, crl: Arc<Crl>, now: UnixMillis) -> Result<HeldCrl, KeepError> {
        let signer = verify_crl(&crl, &self.extended, &self.trust.policy, now)?.subject().to_owned();
        let held = HeldCrl { crl, signer };
        if held.crl.next_update().is_none() {
            return Err(KeepError::Endless { what: held.name() });
        }
        self.refuse_ahead(held.name(), held.crl.this_update(), now)?;
        Ok(held)
    }

    pub(super) fn judge_response(
        &self,
        response: &OcspResponse,
        issuer: &Certificate,
        now: UnixMillis,
    ) -> Result<Vec<Answered>, KeepError> {
        Ok(verify_response(response, issuer, &self.extended, &self.trust.policy, now)?)
    }

    pub(super) fn judge_issuer(&self, certificate: &Certificate, now: UnixMillis) -> Result<(), KeepError> {
        let untrusted = |reason| KeepError::Untrusted { subject: certificate.subject().to_owned(), reason };
        // An anchor is the operator's word: none is made of what was fetched.
        let policy = Policy { revocation: signature::Revocation::Off, ..Policy::clone(&self.trust.policy) };
        let request = PathRequest::new(certificate, &self.extended, &policy, now).for_target(Target::Any);
        validate_path(&request).map_err(untrusted)?;
        if !certificate.is_ca() {
            let subject = certificate.subject().to_owned();
            return Err(KeepError::Untrusted {
                reason: signature::ChainReason::NotCa { subject: subject.clone() }.into(),
                subject,
            });
        }
        Ok(())
    }

    pub(super) fn refuse_ahead(&self, what: String, this_update: UnixMillis, now: UnixMillis) -> Result<(), KeepError> {
        if this_update > now + self.trust.policy.clock_tolerance {
            return Err(KeepError::Ahead { what, this_update });
        }
        Ok(())
    }

    pub(super) fn extend(&mut self) {
        let store = &self.trust.store;
        let fetched = self.issuers.values().map(|held| held.certificate.clone());
        let intermediates = store.intermediates().iter().cloned().chain(fetched).collect();
        self.extended = TrustStore::new(store.anchors().to_vec(), intermediates);
    }
}

/// Reads a list, DER or PEM.
pub(crate) fn read_crl(bytes: &[u8]) -> Result<Arc<Crl>, KeepError> {
    Ok(Arc::new(Crl::parse(&der_of_crl(bytes))?))
}

/// The DER of a list in DER or PEM; what is neither stays as it is and is refused by the reader.
fn der_of_crl(bytes: &[u8]) -> std::borrow::Cow<'_, [u8]> {
    if bytes.first() == Some(&0x30) {
        return bytes.into();
    }
    match CertificateRevocationListDer::from_pem_slice(bytes) {
        Ok(list) => list.as_ref().to_vec().into(),
        Err(_) => bytes.into(),
    }
}
