//! Certificates, lists and responses that come with a signature or a document.
//!
//! They count like those that were handed in: nothing is trusted for being here. What does not read, or is more than
//! is taken, is left out, and so answers nothing. Sources: RFC 5652 clause 10.2.1, RFC 5940; ETSI EN 319 122-1
//! clauses 5.4 and A.1; ISO 32000-2 clauses 12.8.3.3.2 and 12.8.4.3.

use std::collections::HashSet;
use std::sync::Arc;

use types::Digest;

use crate::certificate::{Certificate, sha256};
use crate::cms::{Attribute, SignedData, attribute_list};
use crate::der::{DerError, Reader, Tlv, single, tag};
use crate::oid;
use crate::revocation::{Crl, OcspResponse, RevocationEvidence};
use crate::trust::TrustStore;

/// Certificates of one document: signers, authorities, responders, and their paths.
const CERTIFICATES_MAX: usize = 256;
/// Lists of one document, which are the costly ones to read.
const CRLS_MAX: usize = 32;
/// Responses of one document.
const RESPONSES_MAX: usize = 128;
/// Bytes of all lists of one document, as many as of one list from anywhere: about a second's reading.
const CRL_BYTES_MAX: usize = 16 * 1024 * 1024;

/// What is at hand for one check: what was handed in, and what came along.
#[derive(Clone)]
pub(crate) struct Embedded<'a> {
    base: &'a RevocationEvidence,
    trust: &'a TrustStore,
    /// Base and more; made only when more comes.
    joined: Option<RevocationEvidence>,
    certificates: Vec<Certificate>,
    seen: HashSet<Digest>,
    crls: usize,
    crl_bytes: usize,
    responses: usize,
}

impl<'a> Embedded<'a> {
    /// What was handed in, alone.
    pub(crate) fn over(base: &'a RevocationEvidence, trust: &'a TrustStore) -> Self {
        let seen = HashSet::new();
        Self { base, trust, joined: None, certificates: Vec::new(), seen, crls: 0, crl_bytes: 0, responses: 0 }
    }

    pub(crate) fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    pub(crate) fn evidence(&self) -> &RevocationEvidence {
        self.joined.as_ref().unwrap_or(self.base)
    }

    pub(crate) fn take_certificate(&mut self, der: &[u8]) {
        if self.certificates.len() < CERTIFICATES_MAX && self.seen.insert(sha256(der)) {
            self.certificates.extend(self.trust.read(der).ok());
        }
    }

    pub(crate) fn take_crl(&mut self, der: &[u8]) {
        let bytes = self.crl_bytes.saturating_add(der.len());
        if self.crls >= CRLS_MAX || bytes > CRL_BYTES_MAX || !self.seen.insert(sha256(der)) {
            return;
        }
        (self.crls, self.crl_bytes) = (self.crls + 1, bytes);
        if self.trust.budget().take_bytes(der.len()).is_err() {
            return;
        }
        if let Ok(crl) = Crl::parse(der) {
            self.join(|evidence| evidence.with_crl(Arc::new(crl)));
        }
    }

    /// An OCSPResponse.
    pub(crate) fn take_response(&mut self, der: &[u8]) {
        self.response(der, || OcspResponse::parse(der).ok());
    }

    /// A BasicOCSPResponse, as CAdES keeps it.
    fn take_basic(&mut self, der: &[u8]) {
        self.response(der, || OcspResponse::parse_basic(der).ok());
    }

    fn response(&mut self, der: &[u8], read: impl FnOnce() -> Option<OcspResponse>) {
        if self.responses >= RESPONSES_MAX || !self.seen.insert(sha256(der)) {
            return;
        }
        self.responses += 1;
        if let Some(response) = read() {
            self.join(|evidence| evidence.with_response(Arc::new(response)));
        }
    }

    fn join(&mut self, add: impl FnOnce(RevocationEvidence) -> RevocationEvidence) {
        let joined = self.joined.take().unwrap_or_else(|| self.base.clone());
        self.joined = Some(add(joined));
    }

    /// The same with what a CMS structure brings, whose own certificates come first: nothing that was added to the
    /// document later takes the place of one.
    pub(crate) fn with_structure(&self, data: &SignedData<'_>) -> Self {
        let mut joined = self.clone();
        joined.take_structure(data);
        joined.certificates.rotate_left(self.certificates.len());
        joined
    }

    /// Everything that a CMS structure brings: its certificates and `crls`, and what its signers' attributes hold.
    pub(crate) fn take_structure(&mut self, data: &SignedData<'_>) {
        data.certificates.iter().for_each(|der| self.take_certificate(der));
        for choice in &data.crls {
            // A choice that is not understood is no evidence.
            let _unread = self.take_choice(choice).is_err();
        }
        for signer in &data.signers {
            let sets = [(signer.signed_attributes, "signedAttrs"), (signer.unsigned_attributes, "unsignedAttrs")];
            for (set, at) in sets.into_iter().filter_map(|(set, at)| Some((set?, at))) {
                // Attributes that do not read fail the signature elsewhere, where that matters.
                let list = attribute_list(&set, at).unwrap_or_default();
                list.iter().for_each(|attribute| self.take_attribute(attribute));
            }
        }
    }

    /// RevocationInfoChoice: a list, or `[1]` with a response (RFC 5652 10.2.1, RFC 5940).
    fn take_choice(&mut self, choice: &Tlv<'_>) -> Result<(), DerError> {
        match choice.tag {
            tag::SEQUENCE => self.take_crl(choice.raw),
            other if other == tag::context(1) => {
                let mut inside = choice.inside();
                let format = inside.expect(tag::OBJECT_ID)?.content;
                let value = inside.next()?;
                inside.end()?;
                match format {
                    oid::OCSP_IN_CMS => self.take_response(value.raw),
                    oid::OCSP_BASIC => self.take_basic(value.raw),
                    _ => {}
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn take_attribute(&mut self, attribute: &Attribute<'_>) {
        for value in &attribute.values {
            let _unread = match attribute.oid {
                oid::ADOBE_REVOCATION => self.take_adobe(value),
                oid::REVOCATION_VALUES => self.take_revocation_values(value),
                oid::CERTIFICATE_VALUES => self.take_certificate_values(value),
                _ => Ok(()),
            }
            .is_err();
        }
    }

    /// RevocationInfoArchival: `[0]` lists, `[1]` responses (ISO 32000-2 12.8.3.3.2).
    fn take_adobe(&mut self, value: &Tlv<'_>) -> Result<(), DerError> {
        let mut inside = sequence(value)?;
        each(&mut inside, 0, |crl| self.take_crl(crl))?;
        each(&mut inside, 1, |response| self.take_response(response))
    }

    /// RevocationValues: `[0]` lists, `[1]` basic responses (EN 319 122-1 A.1.2.1).
    fn take_revocation_values(&mut self, value: &Tlv<'_>) -> Result<(), DerError> {
        let mut inside = sequence(value)?;
        each(&mut inside, 0, |crl| self.take_crl(crl))?;
        each(&mut inside, 1, |basic| self.take_basic(basic))
    }

    /// CertificateValues (EN 319 122-1 A.1.1.2).
    fn take_certificate_values(&mut self, value: &Tlv<'_>) -> Result<(), DerError> {
        sequence(value)?.all()?.iter().for_each(|certificate| self.take_certificate(certificate.raw));
        Ok(())
    }
}

fn sequence<'v>(value: &Tlv<'v>) -> Result<Reader<'v>, DerError> {
    Ok(single(value.raw, tag::SEQUENCE)?.inside())
}

/// Calls `take` with each member of the SEQUENCE inside an explicit tag, where that is there.
fn each(inside: &mut Reader<'_>, number: u8, mut take: impl FnMut(&[u8])) -> Result<(), DerError> {
    let Some(list) = crate::algorithm::explicit(inside, number)? else { return Ok(()) };
    if list.tag != tag::SEQUENCE {
        return Err(DerError::Tag);
    }
    list.inside().all()?.iter().for_each(|value| take(value.raw));
    Ok(())
}

#[cfg(test)]
mod tests;
