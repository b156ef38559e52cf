//! Requests as a responder reads them (RFC 6960 4.1).

use super::super::RevocationError;
use super::super::crl::each_extension;
use super::{CertId, cert_id, limited};
use crate::algorithm::explicit;
use crate::certificate::Certificate;
use crate::der::{DerError, Reader, single, tag};
use crate::oid;

/// Bytes of one request: what a GET carries is far shorter.
const BYTES_MAX: usize = 64 * 1024;
/// Bytes of a nonce that is repeated (RFC 9654 2.1 asks for 128 at least).
const NONCE_BYTES_MAX: usize = 256;

/// An OCSPRequest, read. Its own signature, where there is one, is not looked at: RFC 6960 leaves that to the responder.
#[derive(Clone)]
pub struct OcspRequest {
    questions: Vec<OcspQuestion>,
    nonce: Option<Vec<u8>>,
}

/// One certificate that is asked about.
#[derive(Clone)]
pub struct OcspQuestion {
    raw: Vec<u8>,
    /// `None` when the hash of its names is not known here.
    id: Option<CertId>,
}

impl OcspRequest {
    /// Reads one OCSPRequest in DER.
    ///
    /// # Errors
    /// `invalid_argument` when it is none of RFC 6960, has more than 64 KiB, no question or more than 32, or a
    /// critical extension that is not known here.
    pub fn parse(der: &[u8]) -> Result<Self, RevocationError> {
        if der.len() > BYTES_MAX {
            return Err(RevocationError::TooLarge { length: der.len(), max: BYTES_MAX });
        }
        let malformed =
            |error: DerError| RevocationError::Malformed { what: "request to a responder", why: error.to_string() };
        let mut inside = single(der, tag::SEQUENCE).map_err(malformed)?.inside();
        let tbs = inside.expect(tag::SEQUENCE).map_err(malformed)?;
        explicit(&mut inside, 0).and_then(|_| inside.end()).map_err(malformed)?;
        Self::read(tbs.inside()).map_err(malformed)
    }

    fn read(mut fields: Reader<'_>) -> Result<Self, DerError> {
        if explicit(&mut fields, 0)?.is_some_and(|version| version.content != [0]) {
            return Err(DerError::Value);
        }
        explicit(&mut fields, 1)?;
        let list = limited(fields.expect(tag::SEQUENCE)?.inside().all()?)?;
        let extensions = explicit(&mut fields, 2)?;
        fields.end()?;
        let mut nonce = None;
        if let Some(extensions) = extensions {
            each_extension(extensions.inside(), |id, is_critical, value| match id {
                oid::OCSP_NONCE if value.len() <= NONCE_BYTES_MAX => {
                    nonce = Some(value.to_vec());
                    Ok(())
                }
                _ if is_critical => Err(DerError::Value),
                _ => Ok(()),
            })?;
        }
        let mut questions = Vec::new();
        for request in list {
            let mut inside = request.inside();
            let id = inside.expect(tag::SEQUENCE)?;
            explicit(&mut inside, 0)?;
            inside.end()?;
            questions.push(OcspQuestion { raw: id.raw.to_vec(), id: cert_id(&id)? });
        }
        if questions.is_empty() { Err(DerError::Value) } else { Ok(Self { questions, nonce }) }
    }

    /// The certificates asked about, in order; at least one.
    #[must_use]
    pub fn questions(&self) -> &[OcspQuestion] {
        &self.questions
    }

    /// The nonce's extension value, as an answer repeats it.
    pub(crate) fn nonce(&self) -> Option<&[u8]> {
        self.nonce.as_deref()
    }
}

impl OcspQuestion {
    /// Whether it is about a certificate that this CA issued, by the CA's name and key.
    #[must_use]
    pub fn is_of_issuer(&self, issuer: &Certificate) -> bool {
        self.id.as_ref().is_some_and(|id| {
            *id.issuer_name == *id.hash.of(issuer.subject_name().raw())
                && *id.issuer_key == *id.hash.of(issuer.key_bits())
        })
    }

    /// Serial number of the certificate: the content bytes of its INTEGER; empty when the question is not understood.
    #[must_use]
    pub fn serial(&self) -> &[u8] {
        self.id.as_ref().map(|id| &*id.serial).unwrap_or_default()
    }

    /// The CertID as it was asked, which the answer repeats.
    pub(crate) fn raw(&self) -> &[u8] {
        &self.raw
    }
}

impl std::fmt::Debug for OcspRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OcspRequest({} certificates)", self.questions.len())
    }
}

impl std::fmt::Debug for OcspQuestion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let serial: String = self.serial().iter().map(|byte| format!("{byte:02x}")).collect();
        write!(f, "OcspQuestion({serial})")
    }
}
