//! Writing CMS: detached CAdES-B-B, and time-stamp tokens.

use types::UnixMillis;

use super::{KeyKind, RsaPadding, SignError, Signer};
use crate::algorithm::{EcdsaForm, Hash};
use crate::der::{self, integer, object_id, octet_string, sequence, set_of, tag, tlv};
use crate::oid;
use crate::time::{Asn1Time, to_asn1};

/// Whether certificates travel with the signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Certificates {
    Embedded,
    LeftOut,
}

/// Whether the signature itself claims a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    At(UnixMillis),
    Absent,
}

/// A detached signature over `content`.
pub(super) fn sign(signer: &Signer, content: &[u8], signing_time: UnixMillis) -> Result<Vec<u8>, SignError> {
    sign_pieces(signer, &[content], Claim::At(signing_time))
}

/// A detached signature over content in pieces, one after another.
pub(crate) fn sign_pieces(signer: &Signer, content: &[&[u8]], claim: Claim) -> Result<Vec<u8>, SignError> {
    let outside = sequence(&[&object_id(oid::DATA)]);
    sign_as(signer, oid::DATA, &outside, content, claim, Certificates::Embedded)
}

/// A time-stamp token: a TSTInfo, embedded.
pub(super) fn sign_token(
    signer: &Signer,
    info: &[u8],
    time: UnixMillis,
    certificates: Certificates,
) -> Result<Vec<u8>, SignError> {
    let inside = sequence(&[&object_id(oid::TST_INFO), &tlv(tag::context(0), &octet_string(info))]);
    sign_as(signer, oid::TST_INFO, &inside, &[info], Claim::At(time), certificates)
}

fn sign_as(
    signer: &Signer,
    content_type: &[u8],
    encapsulated: &[u8],
    content: &[&[u8]],
    claim: Claim,
    certificates: Certificates,
) -> Result<Vec<u8>, SignError> {
    let hash = hash(signer.kind());
    let attributes = attributes(signer, hash, content_type, content, claim);
    let value = signer.sign(&attributes, EcdsaForm::Asn1)?;
    // The signer info carries the attributes under [0] instead of the SET they were signed as (RFC 5652 5.4).
    let carried = attributes.split_first().map(|(_, rest)| [&[tag::context(0)], rest].concat()).unwrap_or_default();
    let own = signer.certificate();
    let signer_info = sequence(&[
        &integer(1),
        &sequence(&[own.issuer_name().raw(), &tlv(tag::INTEGER, own.serial())]),
        &digest_algorithm(hash),
        &carried,
        &signature_algorithm(signer),
        &octet_string(&value),
    ]);
    let embedded: Vec<&[u8]> = signer.embedded().map(|certificate| certificate.der()).collect();
    let embedded = set_of(&embedded);
    let embedded = match certificates {
        Certificates::Embedded => der::single(&embedded, tag::SET).map(|set| tlv(tag::context(0), set.content)),
        Certificates::LeftOut => Ok(Vec::new()),
    };
    // RFC 5652 5.1: 3 for any other content than plain data.
    let version = if content_type == oid::DATA { 1 } else { 3 };
    let signed_data = sequence(&[
        &integer(version),
        &set_of(&[&digest_algorithm(hash)]),
        encapsulated,
        &embedded.map_err(|_| SignError::Refused)?,
        &set_of(&[&signer_info]),
    ]);
    Ok(sequence(&[&object_id(oid::SIGNED_DATA), &tlv(tag::context(0), &signed_data)]))
}

/// contentType, messageDigest, signingTime, signingCertificateV2 (EN 319 122-1 table 1, level B-B), in DER order.
fn attributes(signer: &Signer, hash: Hash, content_type: &[u8], content: &[&[u8]], claim: Claim) -> Vec<u8> {
    // ESSCertIDv2 with its default hash, SHA-256, which DER leaves out.
    let id = sequence(&[&octet_string(signer.certificate().sha256().as_bytes())]);
    let content_type = attribute(oid::CONTENT_TYPE, &object_id(content_type));
    let digest = attribute(oid::MESSAGE_DIGEST, &octet_string(hash.of_pieces(content).as_ref()));
    let certificate = attribute(oid::SIGNING_CERTIFICATE_V2, &sequence(&[&sequence(&[&id])]));
    match claim {
        Claim::At(time) => {
            set_of(&[&content_type, &digest, &attribute(oid::SIGNING_TIME, &signing_time(time)), &certificate])
        }
        Claim::Absent => set_of(&[&content_type, &digest, &certificate]),
    }
}

fn signing_time(time: UnixMillis) -> Vec<u8> {
    let (kind, time) = to_asn1(time);
    let time_tag = match kind {
        Asn1Time::Utc => tag::UTC_TIME,
        Asn1Time::Generalized => tag::GENERALIZED_TIME,
    };
    tlv(time_tag, time.as_bytes())
}

fn attribute(oid: &[u8], value: &[u8]) -> Vec<u8> {
    sequence(&[&object_id(oid), &set_of(&[value])])
}

/// The hash that goes with the key; Ed25519 with signed attributes wants SHA-512 (RFC 8419 3.1).
const fn hash(key: KeyKind) -> Hash {
    match key {
        KeyKind::Rsa | KeyKind::P256 => Hash::Sha256,
        KeyKind::P384 => Hash::Sha384,
        KeyKind::Ed25519 => Hash::Sha512,
    }
}

/// Without parameters (RFC 5754 2).
fn digest_algorithm(hash: Hash) -> Vec<u8> {
    sequence(&[&object_id(hash.oid())])
}

/// What OCSP responses and revocation lists share: the signed part, the algorithm, the signature, and what follows.
pub(super) fn signed(signer: &Signer, tbs: &[u8], after: &[u8]) -> Result<Vec<u8>, SignError> {
    let value = signer.sign(tbs, EcdsaForm::Asn1)?;
    let bits = tlv(tag::BIT_STRING, &[&[0], value.as_slice()].concat());
    Ok(sequence(&[tbs, &signature_algorithm(signer), &bits, after]))
}

/// AlgorithmIdentifier of the signer's signatures.
pub(super) fn signature_algorithm(signer: &Signer) -> Vec<u8> {
    match (signer.kind(), signer.padding) {
        // RFC 4055 5: the parameters are NULL.
        (KeyKind::Rsa, RsaPadding::Pkcs1) => sequence(&[&object_id(oid::SHA256_WITH_RSA), &tlv(tag::NULL, &[])]),
        (KeyKind::Rsa, RsaPadding::Pss) => sequence(&[&object_id(oid::RSA_PSS), &pss_parameters()]),
        (KeyKind::P256, _) => sequence(&[&object_id(oid::ECDSA_SHA256)]),
        (KeyKind::P384, _) => sequence(&[&object_id(oid::ECDSA_SHA384)]),
        (KeyKind::Ed25519, _) => sequence(&[&object_id(oid::ED25519)]),
    }
}

/// SHA-256, MGF1 with SHA-256, a salt of 32 bytes.
fn pss_parameters() -> Vec<u8> {
    let hash = sequence(&[&object_id(oid::SHA256)]);
    sequence(&[
        &tlv(tag::context(0), &hash),
        &tlv(tag::context(1), &sequence(&[&object_id(oid::MGF1), &hash])),
        &tlv(tag::context(2), &integer(32)),
    ])
}
