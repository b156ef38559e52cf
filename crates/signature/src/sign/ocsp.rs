//! Making OCSP responses (RFC 6960 4.2): for a test responder, and for tests.

use types::UnixMillis;

use super::crl::CrlReason;
use super::{SignError, Signer, cms};
use crate::certificate::Certificate;
use crate::der::{object_id, octet_string, sequence, tag, tlv};
use crate::oid;
use crate::provider::{DigestAlgorithm, digest};
use crate::revocation::OcspRequest;
use crate::time::to_generalized;

const ENUMERATED: u8 = 0x0a;

/// What a responder says of one certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertStatus {
    /// Issued, and not revoked.
    Good,
    /// Revoked.
    Revoked {
        /// When.
        at: UnixMillis,
        /// Why.
        reason: CrlReason,
    },
    /// Not one that the responder knows of.
    Unknown,
}

/// Why a responder gives no answer: OCSPResponseStatus (RFC 6960 4.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum OcspRefusal {
    /// The request does not read.
    MalformedRequest = 1,
    /// Something broke.
    InternalError = 2,
    /// Not now.
    TryLater = 3,
    /// Not for this client, or about none of the responder's certificates.
    Unauthorized = 6,
}

/// The times of a response, and whether it repeats the request's nonce.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OcspSigning {
    /// When it is signed, to the second.
    pub produced_at: UnixMillis,
    /// Since when the statuses are known to be so.
    pub this_update: UnixMillis,
    /// When there will be newer information.
    pub next_update: Option<UnixMillis>,
    /// What becomes of the nonce.
    pub nonce: ResponseNonce,
}

/// What becomes of a request's nonce.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseNonce {
    /// Repeated, where there is one.
    Repeated,
    /// Left out, as responders do that sign in advance.
    LeftOut,
    /// Another one in its place: an answer to somebody else.
    Other,
}

/// Answers a request with an OCSPResponse in DER, signed by the issuer itself or by a delegate, whose certificate it
/// then carries. `statuses` are those of the request's questions, in order; a question without one is unknown.
///
/// # Errors
/// `internal` when the key refuses.
pub fn sign_ocsp_response(
    signer: &Signer,
    request: &OcspRequest,
    statuses: &[CertStatus],
    signing: &OcspSigning,
) -> Result<Vec<u8>, SignError> {
    let own = signer.certificate();
    let statuses = statuses.iter().copied().chain(std::iter::repeat(CertStatus::Unknown));
    let answers: Vec<Vec<u8>> = request
        .questions()
        .iter()
        .zip(statuses)
        .map(|(question, status)| {
            let next = signing.next_update.map(|next| tlv(tag::context(0), &time(next))).unwrap_or_default();
            sequence(&[question.raw(), &status_value(status), &time(signing.this_update), &next])
        })
        .collect();
    let key_hash = digest(DigestAlgorithm::Sha1, &[own.key_bits()]);
    let responder = tlv(tag::context(2), &octet_string(key_hash.as_ref()));
    let nonce = match signing.nonce {
        ResponseNonce::Repeated => request.nonce().map(<[u8]>::to_vec),
        ResponseNonce::LeftOut => None,
        ResponseNonce::Other => Some(octet_string(&[0x5a; 32])),
    };
    let extensions = nonce.map(|nonce| {
        let extension = sequence(&[&object_id(oid::OCSP_NONCE), &octet_string(&nonce)]);
        tlv(tag::context(1), &sequence(&[&extension]))
    });
    let tbs = sequence(&[
        &responder,
        &time(signing.produced_at),
        &tlv(tag::SEQUENCE, &answers.concat()),
        &extensions.unwrap_or_default(),
    ]);
    let basic = cms::signed(signer, &tbs, &certificates(own))?;
    let bytes = sequence(&[&object_id(oid::OCSP_BASIC), &octet_string(&basic)]);
    Ok(sequence(&[&tlv(ENUMERATED, &[0]), &tlv(tag::context(0), &bytes)]))
}

/// An OCSPResponse in DER that gives no answer, and is not signed.
#[must_use]
pub fn refuse_ocsp(why: OcspRefusal) -> Vec<u8> {
    sequence(&[&tlv(ENUMERATED, &[why as u8])])
}

/// A CA is known to whoever asks about its certificates; a delegate may not be.
fn certificates(own: &Certificate) -> Vec<u8> {
    if own.is_ca() { Vec::new() } else { tlv(tag::context(0), &sequence(&[own.der()])) }
}

fn status_value(status: CertStatus) -> Vec<u8> {
    match status {
        CertStatus::Good => tlv(tag::context_primitive(0), &[]),
        CertStatus::Unknown => tlv(tag::context_primitive(2), &[]),
        CertStatus::Revoked { at, reason: CrlReason::Unspecified } => tlv(tag::context(1), &time(at)),
        CertStatus::Revoked { at, reason } => {
            let reason = tlv(tag::context(0), &tlv(ENUMERATED, &[reason.number()]));
            tlv(tag::context(1), &[time(at), reason].concat())
        }
    }
}

fn time(at: UnixMillis) -> Vec<u8> {
    tlv(tag::GENERALIZED_TIME, to_generalized(at).as_bytes())
}

#[cfg(test)]
mod tests;
