//! Making time-stamp tokens: for a test authority, and for tests.

use types::UnixMillis;

use super::{SignError, Signer, cms};
use crate::algorithm::Hash;
use crate::cms::SignedData;
use crate::der::{self, Reader, integer, object_id, sequence, set_of, tag, tlv, unsigned};
use crate::oid;
use crate::time::to_generalized;
use crate::timestamp::RequestFields;

/// What an authority writes into a token of its own accord.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamping {
    /// Policy under which it stamps, dotted.
    pub policy: String,
    /// Serial number: no other token of the authority has it.
    pub serial: u64,
    /// The time, to the second.
    pub time: UnixMillis,
    /// How exact its clock is, in seconds, 1 to 127.
    pub accuracy_seconds: u8,
}

/// Answers a TimeStampReq with a TimeStampResp, both in DER (RFC 3161 2.4): a token, or a refusal that says why.
///
/// `signer` is a time-stamping authority's: its certificate has the one purpose timeStamping, critical. SHA-256,
/// SHA-384 and SHA-512 imprints are stamped.
///
/// # Errors
/// `invalid_argument` when the policy of `stamping` is no object identifier; `internal` when the key refuses.
pub fn stamp(signer: &Signer, request: &[u8], stamping: &Stamping) -> Result<Vec<u8>, SignError> {
    let policy = oid::from_text(&stamping.policy).ok_or(SignError::Policy)?;
    let Ok(request) = RequestFields::read(request) else { return Ok(refusal(2)) };
    let is_digest =
        Hash::read(&request.hash_algorithm).is_ok_and(|hash| hash.of(&[]).as_ref().len() == request.hashed.len());
    if !is_digest {
        return Ok(refusal(0));
    }
    if request.policy.is_some_and(|wanted| wanted != policy) {
        return Ok(refusal(15));
    }
    let nonce = request.nonce.map(|nonce| tlv(tag::INTEGER, nonce)).unwrap_or_default();
    let info = sequence(&[
        &integer(1),
        &object_id(&policy),
        request.imprint,
        &unsigned(stamping.serial),
        &tlv(tag::GENERALIZED_TIME, to_generalized(stamping.time).as_bytes()),
        &sequence(&[&integer(stamping.accuracy_seconds)]),
        &nonce,
    ]);
    let certificates = if request.wants_certificate { cms::Certificates::Embedded } else { cms::Certificates::LeftOut };
    let token = cms::sign_token(signer, &info, stamping.time, certificates)?;
    Ok(sequence(&[&sequence(&[&integer(0)]), &token]))
}

/// PKIStatus 2, rejection, with one bit of PKIFailureInfo.
fn refusal(bit: u8) -> Vec<u8> {
    // The first byte counts the bits of the last one that do not belong.
    let mut bits = vec![7 - bit % 8];
    bits.resize(usize::from(bit / 8) + 1, 0);
    bits.push(0x80 >> (bit % 8));
    sequence(&[&sequence(&[&integer(2), &tlv(tag::BIT_STRING, &bits)])])
}

/// Value of the only signature of a CMS structure in DER: what a signature time-stamp is over.
///
/// # Errors
/// `signature_malformed` when it is not CMS SignedData with one signer.
pub fn signature_value(cms: &[u8]) -> Result<Vec<u8>, SignError> {
    let data = SignedData::read(cms, 1).map_err(|_| SignError::NotCms)?;
    data.signers.first().map(|signer| signer.signature.to_vec()).ok_or(SignError::NotCms)
}

/// Adds a token over the signature's value to a CMS structure in DER with one signer: CAdES-B-T
/// (ETSI EN 319 122-1 clause 5.3). The signature itself stays as it is; the token is not checked.
///
/// # Errors
/// `signature_malformed` when `cms` is not CMS SignedData with one signer, or `token` is no single DER value.
pub fn add_signature_timestamp(cms: &[u8], token: &[u8]) -> Result<Vec<u8>, SignError> {
    der::single(token, tag::SEQUENCE).map_err(|_| SignError::NotCms)?;
    add_unsigned(cms, oid::SIGNATURE_TIMESTAMP, token)
}

/// Adds an unsigned attribute with one value to a CMS structure in DER with one signer.
pub(crate) fn add_unsigned(cms: &[u8], oid: &[u8], value: &[u8]) -> Result<Vec<u8>, SignError> {
    let not_cms = |_| SignError::NotCms;
    SignedData::read(cms, 1).map_err(|_| SignError::NotCms)?;
    let mut outer = der::single(cms, tag::SEQUENCE).map_err(not_cms)?.inside();
    let content_type = outer.next().map_err(not_cms)?;
    let body = outer.next().map_err(not_cms)?.inside().next().map_err(not_cms)?;
    let mut parts: Vec<Vec<u8>> = body.inside().all().map_err(not_cms)?.iter().map(|part| part.raw.to_vec()).collect();
    let signers = parts.pop().ok_or(SignError::NotCms)?;
    let signer = Reader::new(&signers).next().map_err(not_cms)?.inside().next().map_err(not_cms)?;
    let attribute = sequence(&[&object_id(oid), &set_of(&[value])]);
    let mut fields: Vec<Vec<u8>> =
        signer.inside().all().map_err(not_cms)?.iter().map(|field| field.raw.to_vec()).collect();
    let older = fields.pop_if(|field| field.first() == Some(&tag::context(1)));
    let older = older.as_deref().map_or(Ok(Vec::new()), |set| Reader::new(set).next()?.inside().all());
    let mut attributes: Vec<&[u8]> = older.map_err(not_cms)?.iter().map(|value| value.raw).collect();
    attributes.push(&attribute);
    let attributes = set_of(&attributes);
    let attributes = der::single(&attributes, tag::SET).map_err(not_cms)?.content;
    fields.push(tlv(tag::context(1), attributes));
    parts.push(set_of(&[&tlv(tag::SEQUENCE, &fields.concat())]));
    let body = tlv(tag::SEQUENCE, &parts.concat());
    Ok(sequence(&[content_type.raw, &tlv(tag::context(0), &body)]))
}
