//! Requests (RFC 6960 4.1).

use super::IdHash;
use crate::certificate::Certificate;
use crate::der::{object_id, octet_string, sequence, tlv};
use crate::oid;

/// Bytes of a nonce (RFC 9654 2.1).
pub const NONCE_BYTES: usize = 32;

/// An OCSPRequest in DER for one certificate, with SHA-1 in its CertID, which every responder understands.
///
/// With a nonce the answer must repeat it: [`super::OcspResponse::answers_nonce`]. Responders that sign in advance
/// leave it out.
#[must_use]
pub fn ocsp_request(certificate: &Certificate, issuer: &Certificate, nonce: Option<&[u8; NONCE_BYTES]>) -> Vec<u8> {
    let hash = IdHash::Sha1;
    let id = sequence(&[
        &sequence(&[&object_id(oid::SHA1), &tlv(crate::der::tag::NULL, &[])]),
        &octet_string(&hash.of(issuer.subject_name().raw())),
        &octet_string(&hash.of(issuer.key_bits())),
        &tlv(crate::der::tag::INTEGER, certificate.serial()),
    ]);
    let requests = sequence(&[&sequence(&[&id])]);
    let extensions = nonce.map(|nonce| {
        let value = octet_string(&octet_string(nonce));
        tlv(0xa2, &sequence(&[&sequence(&[&object_id(oid::OCSP_NONCE), &value])]))
    });
    sequence(&[&sequence(&[&requests, extensions.as_deref().unwrap_or_default()])])
}
