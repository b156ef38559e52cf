//! Signed attributes: rules 4 to 7.

use types::UnixMillis;

use super::{SignerInfo, malformed};
use crate::algorithm::{AlgorithmId, Hash};
use crate::certificate::Certificate;
use crate::der::{self, DerError, Tlv, tag, tlv};
use crate::oid;
use crate::provider::{DigestAlgorithm, digest};
use crate::reason::{AlgorithmReason, CmsReason, Reason};
use crate::time::{Asn1Time, from_asn1};

/// Attributes of one signer: CAdES knows about fifteen that are signed.
const ATTRIBUTES_MAX: usize = 64;

/// Signed attributes as they travelled, each with its values.
#[derive(Debug)]
pub(super) struct Attributes<'a> {
    set: Tlv<'a>,
    list: Vec<Attribute<'a>>,
}

/// One attribute, its values uninterpreted.
#[derive(Debug)]
pub(crate) struct Attribute<'a> {
    pub(crate) oid: &'a [u8],
    raw: &'a [u8],
    pub(crate) values: Vec<Tlv<'a>>,
}

/// The attributes of a set, signed or not; `at` names it in reasons.
pub(crate) fn attribute_list<'a>(set: &Tlv<'a>, at: &'static str) -> Result<Vec<Attribute<'a>>, CmsReason> {
    let values = set.inside().all().map_err(malformed(at))?;
    if values.len() > ATTRIBUTES_MAX {
        return Err(CmsReason::Malformed { at, why: format!("more than {ATTRIBUTES_MAX}") });
    }
    values.iter().map(attribute).collect::<Result<_, _>>().map_err(malformed(at))
}

/// Whether somebody signed the signature. Nothing vouches for that signature until it is checked itself.
pub(crate) fn is_counter_signed(signer: &SignerInfo<'_>) -> Result<bool, CmsReason> {
    let Some(set) = &signer.unsigned_attributes else { return Ok(false) };
    Ok(attribute_list(set, "unsignedAttrs")?.iter().any(|attribute| attribute.oid == oid::COUNTER_SIGNATURE))
}

impl<'a> Attributes<'a> {
    /// Reads the `[0]` of a SignerInfo; each attribute at most once, content timestamps excepted.
    pub(super) fn read(set: Tlv<'a>) -> Result<Self, CmsReason> {
        let list = attribute_list(&set, "signedAttrs")?;
        for (index, attribute) in list.iter().enumerate() {
            let is_repeated = list.iter().skip(index + 1).any(|other| other.oid == attribute.oid);
            if is_repeated && attribute.oid != oid::CONTENT_TIMESTAMP {
                return Err(CmsReason::DuplicateAttribute { oid: oid::text(attribute.oid) });
            }
        }
        Ok(Self { set, list })
    }

    /// What was signed, in the order in which it travelled: the set with its own tag (rule 9).
    pub(super) fn as_travelled(&self) -> Vec<u8> {
        tlv(tag::SET, self.set.content)
    }

    /// The same in DER order; `None` when that is the order in which it travelled.
    pub(super) fn sorted(&self) -> Option<Vec<u8>> {
        let raw: Vec<&[u8]> = self.list.iter().map(|attribute| attribute.raw).collect();
        let sorted = der::set_of(&raw);
        (sorted != self.as_travelled()).then_some(sorted)
    }

    /// The one value of an attribute that may be absent.
    fn single(&self, wanted: &[u8]) -> Result<Option<Tlv<'a>>, CmsReason> {
        let Some(attribute) = self.list.iter().find(|attribute| attribute.oid == wanted) else { return Ok(None) };
        match attribute.values.as_slice() {
            [value] => Ok(Some(*value)),
            values => Err(CmsReason::AttributeValues { oid: oid::text(wanted), count: values.len() }),
        }
    }

    pub(super) fn content_type(&self) -> Result<&'a [u8], CmsReason> {
        match self.single(oid::CONTENT_TYPE)? {
            Some(value) if value.tag == tag::OBJECT_ID => Ok(value.content),
            Some(_) => Err(malformed("contentType")(DerError::Tag)),
            None => Err(CmsReason::AttributeMissing { name: "contentType" }),
        }
    }

    pub(super) fn message_digest(&self) -> Result<&'a [u8], CmsReason> {
        match self.single(oid::MESSAGE_DIGEST)? {
            Some(value) if value.tag == tag::OCTET_STRING => Ok(value.content),
            Some(_) => Err(malformed("messageDigest")(DerError::Tag)),
            None => Err(CmsReason::AttributeMissing { name: "messageDigest" }),
        }
    }

    pub(super) fn signing_time(&self) -> Result<Option<UnixMillis>, CmsReason> {
        let Some(value) = self.single(oid::SIGNING_TIME)? else { return Ok(None) };
        let kind = match value.tag {
            tag::UTC_TIME => Asn1Time::Utc,
            tag::GENERALIZED_TIME => Asn1Time::Generalized,
            _ => return Err(malformed("signingTime")(DerError::Tag)),
        };
        from_asn1(value.content, kind).map(Some).ok_or_else(|| malformed("signingTime")(DerError::Value))
    }

    /// The algorithms that were signed for, where the attribute of RFC 6211 states them, are the signer info's.
    pub(super) fn protects(&self, digest: &AlgorithmId<'_>, signature: &AlgorithmId<'_>) -> Result<(), Reason> {
        let Some(value) = self.single(oid::ALGORITHM_PROTECTION)? else { return Ok(()) };
        let broken = malformed("algorithmProtection");
        let mut inside = value.inside();
        let signed_digest = AlgorithmId::read(&inside.expect(tag::SEQUENCE).map_err(&broken)?).map_err(&broken)?;
        let signed = AlgorithmId::read(&inside.expect(tag::context(1)).map_err(&broken)?).map_err(&broken)?;
        for (signed, found) in [(&signed_digest, digest), (&signed, signature)] {
            if signed.oid != found.oid {
                let one = format!("signed algorithm {}", oid::text(signed.oid));
                return Err(AlgorithmReason::Mismatch { one, other: oid::text(found.oid) }.into());
            }
        }
        Ok(())
    }

    /// Whether the ESS attributes name this certificate; `false` when there is none of them (rule 7).
    pub(super) fn names_certificate(&self, certificate: &Certificate) -> Result<bool, Reason> {
        let newer = self.single(oid::SIGNING_CERTIFICATE_V2)?;
        let older = self.single(oid::SIGNING_CERTIFICATE)?;
        if let Some(value) = newer {
            let (id, digest) = newer_id(&value)?;
            match digest {
                Hash::Sha256 => same(id, certificate.sha256().as_bytes())?,
                other => same(id, other.of(certificate.der()).as_ref())?,
            }
        }
        if let Some(value) = older {
            let id = older_id(&value).map_err(malformed("signingCertificate"))?;
            // SHA-1 is the attribute's own hash. It only picks one of the certificates at hand, which the
            // signature and the path then have to bear out.
            same(id, digest(DigestAlgorithm::Sha1, &[certificate.der()]).as_ref())?;
        }
        Ok(newer.is_some() || older.is_some())
    }
}

fn attribute<'a>(value: &Tlv<'a>) -> Result<Attribute<'a>, DerError> {
    if value.tag != tag::SEQUENCE {
        return Err(DerError::Tag);
    }
    let mut inside = value.inside();
    let oid = inside.expect(tag::OBJECT_ID)?.content;
    let values = inside.expect(tag::SET)?.inside().all()?;
    inside.end()?;
    Ok(Attribute { oid, raw: value.raw, values })
}

fn same(signed: &[u8], found: &[u8]) -> Result<(), CmsReason> {
    if signed == found { Ok(()) } else { Err(CmsReason::CertificateMismatch) }
}

/// Hash and its algorithm of the first ESSCertIDv2 (RFC 5035 4): the first one is the signer's.
fn newer_id<'a>(value: &Tlv<'a>) -> Result<(&'a [u8], Hash), Reason> {
    let broken = malformed("signingCertificateV2");
    let mut id = first_id(value).map_err(&broken)?.inside();
    let hash = match id.optional(tag::SEQUENCE).map_err(&broken)? {
        Some(algorithm) => Hash::read(&AlgorithmId::read(&algorithm).map_err(&broken)?)?,
        None => Hash::Sha256,
    };
    Ok((id.expect(tag::OCTET_STRING).map_err(&broken)?.content, hash))
}

fn older_id<'a>(value: &Tlv<'a>) -> Result<&'a [u8], DerError> {
    Ok(first_id(value)?.inside().expect(tag::OCTET_STRING)?.content)
}

/// SigningCertificate is a SEQUENCE whose first member is the SEQUENCE of ids.
fn first_id<'a>(value: &Tlv<'a>) -> Result<Tlv<'a>, DerError> {
    if value.tag != tag::SEQUENCE {
        return Err(DerError::Tag);
    }
    value.inside().expect(tag::SEQUENCE)?.inside().expect(tag::SEQUENCE)
}
