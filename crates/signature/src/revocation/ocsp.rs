//! OCSP (RFC 6960): requests, and responses that were handed in.

mod asked;
mod request;

pub use asked::{OcspQuestion, OcspRequest};
pub use request::{NONCE_BYTES, ocsp_request};

use std::sync::OnceLock;

use types::{Digest, UnixMillis};

use super::check::Context;
use super::crl::{Revoked, each_extension, instant};
use super::{Answered, RevocationError, crl};
use crate::algorithm::explicit;
use crate::certificate::{Certificate, is_signed, permitted};
use crate::der::{self, DerError, Reader, Tlv, single, tag};
use crate::oid;
use crate::provider::{DigestAlgorithm, digest};
use crate::reason::{ChainReason, Reason};

/// Bytes of one response: several answers and a path fit.
const BYTES_MAX: usize = 128 * 1024;
/// Answers and certificates of one response.
const ITEMS_MAX: usize = 32;
const ENUMERATED: u8 = 0x0a;

/// One response of a responder, read; nothing about it is trusted yet.
#[derive(Clone)]
pub struct OcspResponse {
    basic: Box<[u8]>,
    /// Where the signed part begins and ends in `basic`.
    tbs: std::ops::Range<usize>,
    responder: Responder,
    produced_at: UnixMillis,
    nonce: Option<Box<[u8]>>,
    answers: Vec<Answer>,
    certificates: Vec<Certificate>,
    /// Whose key the signature is known to verify with.
    verified_by: OnceLock<Digest>,
}

#[derive(Clone, PartialEq, Eq)]
enum Responder {
    Name(Box<[u8]>),
    KeyHash(Box<[u8]>),
}

/// SingleResponse.
#[derive(Clone)]
pub(super) struct Answer {
    id: CertId,
    pub(super) revoked: Option<Revoked>,
    is_known: bool,
    pub(super) this_update: UnixMillis,
    pub(super) next_update: Option<UnixMillis>,
}

/// CertID, with a hash that is known here.
#[derive(Clone, PartialEq, Eq)]
struct CertId {
    hash: IdHash,
    issuer_name: Box<[u8]>,
    issuer_key: Box<[u8]>,
    serial: Box<[u8]>,
}

/// Names a certificate, protects nothing: SHA-1 is what most responders speak (RFC 6960 4.3, RFC 5019 2.1.1).
#[derive(Clone, Copy, PartialEq, Eq)]
enum IdHash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl IdHash {
    fn of(self, bytes: &[u8]) -> Vec<u8> {
        let algorithm = match self {
            Self::Sha1 => DigestAlgorithm::Sha1,
            Self::Sha256 => DigestAlgorithm::Sha256,
            Self::Sha384 => DigestAlgorithm::Sha384,
            Self::Sha512 => DigestAlgorithm::Sha512,
        };
        digest(algorithm, &[bytes]).as_ref().to_vec()
    }
}

impl OcspResponse {
    /// Reads one OCSPResponse in DER.
    ///
    /// # Errors
    /// `invalid_argument` when it is none of RFC 6960, has more than 128 KiB, or the responder gave no status.
    pub fn parse(der: &[u8]) -> Result<Self, RevocationError> {
        if der.len() > BYTES_MAX {
            return Err(RevocationError::TooLarge { length: der.len(), max: BYTES_MAX });
        }
        let malformed =
            |error: DerError| RevocationError::Malformed { what: "response of a responder", why: error.to_string() };
        let mut inside = single(der, tag::SEQUENCE).map_err(malformed)?.inside();
        match inside.expect(ENUMERATED).map_err(malformed)?.content {
            [0] => {}
            [status] => return Err(RevocationError::NotSuccessful { status: *status }),
            _ => return Err(malformed(DerError::Value)),
        }
        Self::read(&mut inside).map_err(malformed)
    }

    /// Reads one BasicOCSPResponse in DER, as CAdES keeps it.
    pub(crate) fn parse_basic(der: &[u8]) -> Result<Self, RevocationError> {
        if der.len() > BYTES_MAX {
            return Err(RevocationError::TooLarge { length: der.len(), max: BYTES_MAX });
        }
        let why = |error: DerError| RevocationError::Malformed { what: "basic response", why: error.to_string() };
        Self::read_basic(der).map_err(why)
    }

    /// The response as an OCSPResponse in DER, which reads back to the same.
    #[must_use]
    pub fn to_der(&self) -> Vec<u8> {
        let bytes = der::sequence(&[&der::object_id(oid::OCSP_BASIC), &der::octet_string(&self.basic)]);
        der::sequence(&[&der::tlv(ENUMERATED, &[0]), &der::tlv(tag::context(0), &bytes)])
    }

    fn read(inside: &mut Reader<'_>) -> Result<Self, DerError> {
        let bytes = explicit(inside, 0)?.ok_or(DerError::Value)?;
        inside.end()?;
        let mut bytes = bytes.inside();
        if bytes.expect(tag::OBJECT_ID)?.content != oid::OCSP_BASIC {
            return Err(DerError::Value);
        }
        let basic = bytes.expect(tag::OCTET_STRING)?.content;
        bytes.end()?;
        Self::read_basic(basic)
    }

    fn read_basic(basic: &[u8]) -> Result<Self, DerError> {
        let outer = single(basic, tag::SEQUENCE)?;
        let start = outer.raw.len() - outer.content.len();
        let mut parts = outer.inside();
        let tbs = parts.expect(tag::SEQUENCE)?;
        parts.expect(tag::SEQUENCE)?;
        der::bits(&parts.expect(tag::BIT_STRING)?)?;
        let certificates = explicit(&mut parts, 0)?;
        parts.end()?;
        let mut fields = tbs.inside();
        if explicit(&mut fields, 0)?.is_some_and(|version| version.content != [0]) {
            return Err(DerError::Value);
        }
        let responder = responder(&fields.next()?)?;
        let produced_at = instant(&fields.expect(tag::GENERALIZED_TIME)?)?;
        let answers = limited(fields.expect(tag::SEQUENCE)?.inside().all()?)?;
        let extensions = explicit(&mut fields, 1)?;
        fields.end()?;
        let mut nonce = None;
        if let Some(extensions) = extensions {
            each_extension(extensions.inside(), |id, is_critical, value| match id {
                oid::OCSP_NONCE => {
                    nonce = Some(single(value, tag::OCTET_STRING)?.content.into());
                    Ok(())
                }
                _ if is_critical => Err(DerError::Value),
                _ => Ok(()),
            })?;
        }
        let certificates = certificates.map_or(Ok(Vec::new()), |list| limited(list.inside().all()?))?;
        Ok(Self {
            basic: basic.into(),
            tbs: start..start + tbs.raw.len(),
            responder,
            produced_at,
            nonce,
            // An answer that is not understood answers nothing.
            answers: answers.iter().filter_map(|value| answer(value).transpose()).collect::<Result<_, _>>()?,
            certificates: certificates.iter().filter_map(|value| Certificate::parse(value.raw).ok()).collect(),
            verified_by: OnceLock::new(),
        })
    }

    /// When it was signed.
    #[must_use]
    pub const fn produced_at(&self) -> UnixMillis {
        self.produced_at
    }

    /// Whether it answers the request with this nonce: without it, an old response could be played again.
    #[must_use]
    pub fn answers_nonce(&self, nonce: &[u8; NONCE_BYTES]) -> bool {
        self.nonce.as_deref() == Some(nonce)
    }

    /// What it says of certificates of this issuer, those of unknown status left out.
    pub(super) fn answers_of(&self, issuer: &Certificate) -> Vec<Answered> {
        let speaks_of = |answer: &&Answer| {
            let id = &answer.id;
            answer.is_known
                && *id.issuer_name == *id.hash.of(issuer.subject_name().raw())
                && *id.issuer_key == *id.hash.of(issuer.key_bits())
        };
        let answers = self.answers.iter().filter(speaks_of).map(|answer| Answered {
            serial: answer.id.serial.iter().map(|byte| format!("{byte:02x}")).collect(),
            this_update: answer.this_update,
            next_update: answer.next_update,
            revoked_at: answer.revoked.map(|revoked| revoked.at),
        });
        answers.collect()
    }

    /// What it says of a certificate of this issuer; `None` for a status of unknown too.
    pub(super) fn find(&self, certificate: &Certificate, issuer: &Certificate) -> Option<&Answer> {
        let speaks_of = |answer: &&Answer| {
            let id = &answer.id;
            *id.serial == *certificate.serial()
                && *id.issuer_name == *id.hash.of(issuer.subject_name().raw())
                && *id.issuer_key == *id.hash.of(issuer.key_bits())
        };
        let mut found = self.answers.iter().filter(speaks_of).filter(|answer| answer.is_known);
        let first = found.next()?;
        // Two answers of one response about one certificate: the one that revokes counts.
        Some(std::iter::once(first).chain(found).find(|answer| answer.revoked.is_some()).unwrap_or(first))
    }
}

impl std::fmt::Debug for OcspResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OcspResponse({} answers, {})", self.answers.len(), crate::time::to_rfc3339(self.produced_at))
    }
}

/// Whose key signed a response.
pub(super) enum Signer<'r> {
    /// The issuer asked about.
    Issuer,
    /// A responder that it exempts from revocation.
    Exempt(&'r Certificate),
    /// A responder whose own revocation has to be known (RFC 6960 4.2.2.2.1).
    Unchecked(&'r Certificate),
}

/// Who signed a response: the issuer asked about, or a responder that it certified for OCSP itself
/// (RFC 6960 4.2.2.2).
pub(super) fn signer<'r>(
    response: &'r OcspResponse,
    issuer: &Certificate,
    context: &Context<'_>,
) -> Result<Signer<'r>, Reason> {
    let mut reason = Reason::from(crate::reason::RevocationReason::ResponderUnknown);
    if is_named(&response.responder, issuer) {
        match is_signed_by(response, issuer, context) {
            Ok(true) => return Ok(Signer::Issuer),
            Ok(false) => {}
            Err(refused) => reason = refused,
        }
    }
    for certificate in response.certificates.iter().filter(|other| is_named(&response.responder, other)) {
        let checked = match is_signed_by(response, certificate, context) {
            Ok(false) => continue,
            Ok(true) => check_delegate(certificate, issuer, response, context),
            Err(refused) => Err(refused),
        };
        match checked {
            Ok(()) if certificate.extensions().has_no_check => return Ok(Signer::Exempt(certificate)),
            Ok(()) => return Ok(Signer::Unchecked(certificate)),
            Err(refused) => reason = refused,
        }
    }
    Err(reason)
}

fn is_signed_by(response: &OcspResponse, certificate: &Certificate, context: &Context<'_>) -> Result<bool, Reason> {
    context.request.trust().budget().take_check()?;
    permitted(&response.basic, certificate.key(), context.policy)?;
    if response.verified_by.get() == Some(&certificate.sha256()) {
        return Ok(true);
    }
    let is_signed = is_signed(&response.basic, response.tbs.clone(), certificate.key(), context.policy)?;
    if is_signed {
        response.verified_by.get_or_init(|| certificate.sha256());
    }
    Ok(is_signed)
}

/// A delegate is certified by the issuer itself, for OCSP, and was valid when it signed and when it is relied upon.
fn check_delegate(
    delegate: &Certificate,
    issuer: &Certificate,
    response: &OcspResponse,
    context: &Context<'_>,
) -> Result<(), Reason> {
    let subject = || delegate.subject().to_owned();
    crate::chain::check_standing(delegate, response.produced_at)?;
    // A response that was made after the signature is relied upon when it was made.
    let judged_at = context.proved.unwrap_or(context.at).max(response.produced_at);
    crate::chain::check_standing(delegate, judged_at)?;
    let purposes = delegate.extensions().purposes.as_ref();
    if !purposes.is_some_and(|purposes| purposes.oids.iter().any(|purpose| purpose == oid::FOR_OCSP)) {
        return Err(ChainReason::ExtendedKeyUsage { subject: subject() }.into());
    }
    if delegate.extensions().usage.is_some_and(|usage| !usage.signs_documents) {
        return Err(ChainReason::KeyUsage { subject: subject() }.into());
    }
    let is_issued = delegate.issuer_name().chain_key() == issuer.subject_name().chain_key();
    context.request.trust().budget().take_check()?;
    if is_issued && delegate.is_signed_by(issuer, context.policy)? {
        return Ok(());
    }
    Err(ChainReason::SignatureWrong { subject: subject() }.into())
}

fn is_named(responder: &Responder, certificate: &Certificate) -> bool {
    match responder {
        Responder::Name(name) => **name == *certificate.subject_name().chain_key(),
        Responder::KeyHash(hash) => **hash == *IdHash::Sha1.of(certificate.key_bits()),
    }
}

fn responder(value: &Tlv<'_>) -> Result<Responder, DerError> {
    let mut inside = value.inside();
    let responder = match value.tag {
        0xa1 => Responder::Name(crate::certificate::directory(inside.next()?.raw)?.chain_key().into()),
        0xa2 => Responder::KeyHash(inside.expect(tag::OCTET_STRING)?.content.into()),
        _ => return Err(DerError::Tag),
    };
    inside.end()?;
    Ok(responder)
}

/// One SingleResponse; `None` when its CertID has a hash, or it a critical extension, that is not known here.
fn answer(value: &Tlv<'_>) -> Result<Option<Answer>, DerError> {
    let mut fields = value.inside();
    let id = fields.expect(tag::SEQUENCE)?;
    let status = fields.next()?;
    let (revoked, is_known) = match status.tag {
        0x80 if status.content.is_empty() => (None, true),
        0xa1 => (Some(revoked(&status)?), true),
        0x82 if status.content.is_empty() => (None, false),
        _ => return Err(DerError::Value),
    };
    let this_update = instant(&fields.expect(tag::GENERALIZED_TIME)?)?;
    let next_update = explicit(&mut fields, 0)?.map(|value| instant(&value)).transpose()?;
    let extensions = explicit(&mut fields, 1)?;
    fields.end()?;
    let mut is_understood = true;
    if let Some(extensions) = extensions {
        each_extension(extensions.inside(), |_, is_critical, _| {
            is_understood &= !is_critical;
            Ok(())
        })?;
    }
    let id = cert_id(&id)?.filter(|_| is_understood);
    Ok(id.map(|id| Answer { id, revoked, is_known, this_update, next_update }))
}

fn revoked(status: &Tlv<'_>) -> Result<Revoked, DerError> {
    let mut inside = status.inside();
    let at = instant(&inside.expect(tag::GENERALIZED_TIME)?)?;
    let reason = match explicit(&mut inside, 0)?.map(|value| (value.tag, value.content)) {
        None => 0,
        Some((ENUMERATED, [reason])) if *reason != crl::REMOVED => *reason,
        Some(_) => return Err(DerError::Value),
    };
    inside.end()?;
    Ok(Revoked { at, reason })
}

fn cert_id(value: &Tlv<'_>) -> Result<Option<CertId>, DerError> {
    let mut inside = value.inside();
    let algorithm = crate::algorithm::AlgorithmId::read(&inside.expect(tag::SEQUENCE)?)?;
    let issuer_name = inside.expect(tag::OCTET_STRING)?.content.into();
    let issuer_key = inside.expect(tag::OCTET_STRING)?.content.into();
    let serial = inside.expect(tag::INTEGER)?.content.into();
    inside.end()?;
    let hash = match algorithm.oid {
        oid::SHA1 => IdHash::Sha1,
        oid::SHA256 => IdHash::Sha256,
        oid::SHA384 => IdHash::Sha384,
        oid::SHA512 => IdHash::Sha512,
        _ => return Ok(None),
    };
    Ok(Some(CertId { hash, issuer_name, issuer_key, serial }))
}

fn limited<T>(values: Vec<T>) -> Result<Vec<T>, DerError> {
    if values.len() > ITEMS_MAX { Err(DerError::Length) } else { Ok(values) }
}

#[cfg(test)]
mod fixture;
#[cfg(test)]
pub(crate) use fixture::fixture_response;
#[cfg(test)]
mod tests;
