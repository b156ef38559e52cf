//! CMS SignedData (RFC 5652): reading it. The rules are in `verify`, the attributes in `attributes`.

mod attributes;
mod verify;

pub(crate) use attributes::{Attribute, attribute_list, is_counter_signed};
pub(crate) use verify::{Content, Request, Requirement, verify_signer};

use crate::algorithm::{AlgorithmId, explicit};
use crate::certificate::Certificate;
use crate::der::{self, DerError, Reader, Tlv, tag};
use crate::oid;
use crate::reason::CmsReason;

/// Certificates read from one structure: several paths fit, and parsing them stays under a millisecond.
const CERTIFICATES_MAX: usize = 32;

/// SignedData, its parts uninterpreted.
#[derive(Debug)]
pub(crate) struct SignedData<'a> {
    pub(crate) content_type: &'a [u8],
    pub(crate) content: Option<&'a [u8]>,
    pub(crate) certificates: Vec<&'a [u8]>,
    /// RevocationInfoChoices.
    pub(crate) crls: Vec<Tlv<'a>>,
    pub(crate) signers: Vec<SignerInfo<'a>>,
}

/// SignerInfo, its parts uninterpreted. Nothing in the unsigned attributes is authenticated by this signature.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SignerInfo<'a> {
    pub(crate) id: SignerId<'a>,
    pub(crate) digest_algorithm: AlgorithmId<'a>,
    pub(crate) signed_attributes: Option<Tlv<'a>>,
    pub(crate) algorithm: AlgorithmId<'a>,
    pub(crate) signature: &'a [u8],
    pub(crate) unsigned_attributes: Option<Tlv<'a>>,
}

/// How a signer is named.
#[derive(Clone, Copy, Debug)]
pub(crate) enum SignerId<'a> {
    IssuerAndSerial { issuer: &'a [u8], serial: &'a [u8] },
    KeyIdentifier(&'a [u8]),
}

impl SignerId<'_> {
    /// By raw bytes, never by position (rule 3).
    pub(crate) fn names(&self, certificate: &Certificate) -> bool {
        match self {
            Self::IssuerAndSerial { issuer, serial } => {
                certificate.issuer_name().raw() == *issuer && certificate.serial() == *serial
            }
            Self::KeyIdentifier(id) => certificate.extensions().subject_key.as_deref() == Some(*id),
        }
    }
}

fn malformed(at: &'static str) -> impl Fn(DerError) -> CmsReason {
    move |error| CmsReason::Malformed { at, why: error.to_string() }
}

impl<'a> SignedData<'a> {
    /// Reads one ContentInfo with SignedData from DER.
    pub(crate) fn read(bytes: &'a [u8], signers_max: usize) -> Result<Self, CmsReason> {
        let mut outer = der::single(bytes, tag::SEQUENCE).map_err(malformed("ContentInfo"))?.inside();
        let content_type = outer.expect(tag::OBJECT_ID).map_err(malformed("contentType"))?.content;
        if content_type != oid::SIGNED_DATA {
            return Err(CmsReason::NotSignedData { found: oid::text(content_type) });
        }
        let body = explicit(&mut outer, 0).map_err(malformed("content"))?;
        outer.end().map_err(malformed("ContentInfo"))?;
        let body =
            body.filter(|body| body.tag == tag::SEQUENCE).ok_or(DerError::Tag).map_err(malformed("SignedData"))?;
        let mut inside = body.inside();
        version(&mut inside).map_err(malformed("version"))?;
        inside.expect(tag::SET).map_err(malformed("digestAlgorithms"))?;
        let content = inside.expect(tag::SEQUENCE).map_err(malformed("encapContentInfo"))?;
        let (content_type, content) = encapsulated(&content).map_err(malformed("encapContentInfo"))?;
        let certificates = inside.optional(tag::context(0)).map_err(malformed("certificates"))?;
        let crls = inside.optional(tag::context(1)).map_err(malformed("crls"))?;
        let crls = crls.map_or(Ok(Vec::new()), |set| set.inside().all()).map_err(malformed("crls"))?;
        let signers = inside.expect(tag::SET).map_err(malformed("signerInfos"))?;
        inside.end().map_err(malformed("SignedData"))?;
        Ok(Self {
            content_type,
            content,
            certificates: plain_certificates(certificates)?,
            crls,
            signers: signer_infos(&signers, signers_max)?,
        })
    }
}

/// 1, 3, 4 or 5 (RFC 5652 5.1 and 5.3).
fn version(reader: &mut Reader<'_>) -> Result<(), DerError> {
    match der::small(&reader.expect(tag::INTEGER)?)? {
        1 | 3 | 4 | 5 => Ok(()),
        _ => Err(DerError::Value),
    }
}

fn encapsulated<'a>(value: &Tlv<'a>) -> Result<(&'a [u8], Option<&'a [u8]>), DerError> {
    let mut inside = value.inside();
    let content_type = inside.expect(tag::OBJECT_ID)?.content;
    let content = explicit(&mut inside, 0)?;
    inside.end()?;
    match content {
        Some(content) if content.tag == tag::OCTET_STRING => Ok((content_type, Some(content.content))),
        Some(_) => Err(DerError::Tag),
        None => Ok((content_type, None)),
    }
}

/// X.509 certificates; attribute certificates and other formats have other tags and are passed over.
fn plain_certificates(set: Option<Tlv<'_>>) -> Result<Vec<&[u8]>, CmsReason> {
    let Some(set) = set else { return Ok(Vec::new()) };
    let all = set.inside().all().map_err(malformed("certificates"))?;
    Ok(all.iter().filter(|value| value.tag == tag::SEQUENCE).map(|value| value.raw).take(CERTIFICATES_MAX).collect())
}

fn signer_infos<'a>(set: &Tlv<'a>, max: usize) -> Result<Vec<SignerInfo<'a>>, CmsReason> {
    let values = set.inside().all().map_err(malformed("signerInfos"))?;
    if values.is_empty() {
        return Err(CmsReason::NoSigner);
    }
    if values.len() > max {
        return Err(CmsReason::TooManySigners { count: values.len(), max });
    }
    values.iter().map(signer_info).collect::<Result<_, _>>().map_err(malformed("SignerInfo"))
}

fn signer_info<'a>(value: &Tlv<'a>) -> Result<SignerInfo<'a>, DerError> {
    if value.tag != tag::SEQUENCE {
        return Err(DerError::Tag);
    }
    let mut inside = value.inside();
    version(&mut inside)?;
    let id = inside.next()?;
    let id = match id.tag {
        tag::SEQUENCE => {
            let mut id = id.inside();
            let issuer = id.expect(tag::SEQUENCE)?.raw;
            let serial = id.expect(tag::INTEGER)?.content;
            id.end()?;
            SignerId::IssuerAndSerial { issuer, serial }
        }
        other if other == tag::context_primitive(0) => SignerId::KeyIdentifier(id.content),
        _ => return Err(DerError::Tag),
    };
    let digest_algorithm = AlgorithmId::read(&inside.expect(tag::SEQUENCE)?)?;
    let signed_attributes = inside.optional(tag::context(0))?;
    let algorithm = AlgorithmId::read(&inside.expect(tag::SEQUENCE)?)?;
    let signature = inside.expect(tag::OCTET_STRING)?.content;
    let unsigned_attributes = inside.optional(tag::context(1))?;
    inside.end()?;
    Ok(SignerInfo { id, digest_algorithm, signed_attributes, algorithm, signature, unsigned_attributes })
}

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod tests;
