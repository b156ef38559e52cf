//! A maker of responses for tests.

use rcgen::SigningKey;

use crate::certificate::Certificate;
use crate::der::{object_id, octet_string, sequence, tlv};
use crate::oid;
use crate::pki::Entity;

use super::IdHash;

/// A response to be made; every part can be made wrong.
pub(super) struct Made<'a> {
    pub(super) certificate: &'a Certificate,
    pub(super) issuer: &'a Certificate,
    pub(super) signer: &'a Entity,
    pub(super) hash: IdHash,
    /// CertStatus, with its tag.
    pub(super) status: Vec<u8>,
    pub(super) this_update: &'a str,
    pub(super) next_update: Option<&'a str>,
    pub(super) nonce: Option<Vec<u8>>,
}

pub(super) fn good() -> Vec<u8> {
    tlv(0x80, &[])
}

pub(super) fn unknown() -> Vec<u8> {
    tlv(0x82, &[])
}

pub(super) fn revoked(at: &str) -> Vec<u8> {
    tlv(0xa1, &[time(at), tlv(0xa0, &tlv(0x0a, &[1]))].concat())
}

fn time(text: &str) -> Vec<u8> {
    tlv(crate::der::tag::GENERALIZED_TIME, text.as_bytes())
}

impl Made<'_> {
    pub(super) fn der(&self) -> Vec<u8> {
        let algorithm = match self.hash {
            IdHash::Sha1 => oid::SHA1,
            IdHash::Sha256 => oid::SHA256,
            IdHash::Sha384 => oid::SHA384,
            IdHash::Sha512 => oid::SHA512,
        };
        let id = sequence(&[
            &sequence(&[&object_id(algorithm)]),
            &octet_string(&self.hash.of(self.issuer.subject_name().raw())),
            &octet_string(&self.hash.of(self.issuer.key_bits())),
            &tlv(crate::der::tag::INTEGER, self.certificate.serial()),
        ]);
        let next = self.next_update.map(|next| tlv(0xa0, &time(next))).unwrap_or_default();
        let answer = sequence(&[&id, &self.status, &time(self.this_update), &next]);
        let signer = self.signer.certificate();
        let responder = tlv(0xa2, &octet_string(&IdHash::Sha1.of(signer.key_bits())));
        let extensions = self.nonce.as_ref().map(|nonce| {
            let value = octet_string(&octet_string(nonce));
            tlv(0xa1, &sequence(&[&sequence(&[&object_id(oid::OCSP_NONCE), &value])]))
        });
        let extensions = extensions.unwrap_or_default();
        let tbs = sequence(&[&responder, &time("20261121020000Z"), &sequence(&[&answer]), &extensions]);
        let value = self.signer.key.sign(&tbs).unwrap();
        let bits = tlv(crate::der::tag::BIT_STRING, &[&[0], value.as_slice()].concat());
        let certificates = tlv(0xa0, &sequence(&[signer.der()]));
        let basic = sequence(&[&tbs, &sequence(&[&object_id(oid::ECDSA_SHA256)]), &bits, &certificates]);
        let inner = sequence(&[&object_id(oid::OCSP_BASIC), &octet_string(&basic)]);
        sequence(&[&tlv(0x0a, &[0]), &tlv(0xa0, &inner)])
    }
}

/// A good answer of `signer`, current on the day of the tests.
pub(crate) fn fixture_response(certificate: &Certificate, issuer: &Certificate, signer: &Entity) -> Vec<u8> {
    let (this_update, next_update) = ("20261121020000Z", Some("20261122020000Z"));
    Made { certificate, issuer, signer, hash: IdHash::Sha1, status: good(), this_update, next_update, nonce: None }
        .der()
}
