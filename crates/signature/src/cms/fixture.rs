//! Rebuilding CMS structures with one thing wrong.

use super::{SignedData, SignerInfo};
use crate::der::{integer, object_id, octet_string, sequence, set_of, tag, tlv};
use crate::oid;

/// What a test puts into a SignedData.
pub(crate) struct Parts {
    pub(crate) content_type: Vec<u8>,
    pub(crate) content: Option<Vec<u8>>,
    pub(crate) certificates: Vec<Vec<u8>>,
    /// RevocationInfoChoices.
    pub(crate) crls: Vec<Vec<u8>>,
    pub(crate) signers: Vec<Signer>,
}

/// What a test puts into a SignerInfo, each in DER; attributes as a list.
#[derive(Clone)]
pub(crate) struct Signer {
    pub(crate) id: Vec<u8>,
    pub(crate) digest_algorithm: Vec<u8>,
    pub(crate) attributes: Option<Vec<Vec<u8>>>,
    pub(crate) algorithm: Vec<u8>,
    pub(crate) signature: Vec<u8>,
}

impl Parts {
    pub(crate) fn of(cms: &[u8]) -> Self {
        let data = SignedData::read(cms, 8).unwrap();
        Self {
            content_type: data.content_type.to_vec(),
            content: data.content.map(<[u8]>::to_vec),
            certificates: data.certificates.iter().map(|raw| raw.to_vec()).collect(),
            crls: data.crls.iter().map(|choice| choice.raw.to_vec()).collect(),
            signers: data.signers.iter().map(Signer::of).collect(),
        }
    }

    pub(crate) fn write(&self) -> Vec<u8> {
        let mut content = vec![object_id(&self.content_type)];
        content.extend(self.content.as_ref().map(|bytes| tlv(tag::context(0), &octet_string(bytes))));
        let signers: Vec<Vec<u8>> = self.signers.iter().map(Signer::write).collect();
        let data = sequence(&[
            &integer(1),
            &set_of(&[]),
            &tlv(tag::SEQUENCE, &content.concat()),
            &tlv(tag::context(0), &self.certificates.concat()),
            &if self.crls.is_empty() { Vec::new() } else { tlv(tag::context(1), &self.crls.concat()) },
            &tlv(tag::SET, &signers.concat()),
        ]);
        sequence(&[&object_id(oid::SIGNED_DATA), &tlv(tag::context(0), &data)])
    }
}

impl Signer {
    fn of(signer: &SignerInfo<'_>) -> Self {
        let id = match signer.id {
            super::SignerId::IssuerAndSerial { issuer, serial } => sequence(&[issuer, &tlv(tag::INTEGER, serial)]),
            super::SignerId::KeyIdentifier(id) => tlv(tag::context_primitive(0), id),
        };
        let algorithm = |id: &crate::algorithm::AlgorithmId<'_>| {
            sequence(&[&object_id(id.oid), id.parameters.map_or(&[][..], |value| value.raw)])
        };
        Self {
            id,
            digest_algorithm: algorithm(&signer.digest_algorithm),
            attributes: signer
                .signed_attributes
                .map(|set| set.inside().all().unwrap().iter().map(|value| value.raw.to_vec()).collect()),
            algorithm: algorithm(&signer.algorithm),
            signature: signer.signature.to_vec(),
        }
    }

    fn write(&self) -> Vec<u8> {
        let attributes = self.attributes.as_ref().map(|list| tlv(tag::context(0), &list.concat()));
        sequence(&[
            &integer(1),
            &self.id,
            &self.digest_algorithm,
            attributes.as_deref().unwrap_or_default(),
            &self.algorithm,
            &octet_string(&self.signature),
        ])
    }
}

/// Both signers and both sets of certificates in one structure.
pub(crate) fn joined(one: &[u8], other: &[u8]) -> Vec<u8> {
    let (mut parts, mut more) = (Parts::of(one), Parts::of(other));
    parts.certificates.append(&mut more.certificates);
    parts.signers.append(&mut more.signers);
    parts.write()
}

/// The same value with every constructed length left open and every OCTET STRING cut in two.
pub(crate) fn indefinite(der: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for value in crate::der::Reader::new(der).all().unwrap() {
        match value.tag {
            tag::OCTET_STRING => {
                let (head, tail) = value.content.split_at(value.content.len() / 2);
                out.extend_from_slice(&[0x24, 0x80]);
                out.extend_from_slice(&[octet_string(head), octet_string(tail), vec![0, 0]].concat());
            }
            constructed if constructed & 0x20 != 0 => {
                out.extend_from_slice(&[constructed, 0x80]);
                out.extend_from_slice(&[indefinite(value.content), vec![0, 0]].concat());
            }
            _ => out.extend_from_slice(value.raw),
        }
    }
    out
}
