//! Extensions that constrain a path: names, policies, mappings (RFC 5280 4.2.1.4, .5, .10, .11, .14).

use super::GeneralName;
use crate::der::{DerError, Reader, Tlv, single, small, tag};
use crate::oid;

/// Policies, mappings and subtrees of one certificate: ten times what any certificate seen holds.
const ITEMS_MAX: usize = 256;

/// NameConstraints.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct NameConstraints {
    pub(crate) permitted: Vec<GeneralName>,
    pub(crate) excluded: Vec<GeneralName>,
}

impl NameConstraints {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, DerError> {
        let mut inside = single(bytes, tag::SEQUENCE)?.inside();
        let permitted = inside.optional(tag::context(0))?.map_or(Ok(Vec::new()), |value| subtrees(&value))?;
        let excluded = inside.optional(tag::context(1))?.map_or(Ok(Vec::new()), |value| subtrees(&value))?;
        inside.end()?;
        if permitted.is_empty() && excluded.is_empty() {
            return Err(DerError::Value);
        }
        Ok(Self { permitted, excluded })
    }
}

fn subtrees(value: &Tlv<'_>) -> Result<Vec<GeneralName>, DerError> {
    limited(value.inside().all()?)?
        .iter()
        .map(|subtree| {
            if subtree.tag != tag::SEQUENCE {
                return Err(DerError::Tag);
            }
            let mut inside = subtree.inside();
            let base = GeneralName::read(&inside.next()?)?;
            // RFC 5280 4.2.1.10: minimum is 0, which DER leaves out, and maximum is absent.
            inside.end()?;
            check_mask(&base)?;
            Ok(base)
        })
        .collect()
}

/// An address constraint is an address and a mask of leading ones.
fn check_mask(base: &GeneralName) -> Result<(), DerError> {
    let GeneralName::Ip(bytes) = base else { return Ok(()) };
    if bytes.len() != 8 && bytes.len() != 32 {
        return Err(DerError::Value);
    }
    let mask = bytes.get(bytes.len() / 2..).unwrap_or_default();
    let bits: Vec<bool> = mask.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1)).collect();
    if bits.windows(2).any(|pair| pair == [false, true]) { Err(DerError::Value) } else { Ok(()) }
}

/// PolicyConstraints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PolicyConstraints {
    pub(crate) require_explicit: Option<u32>,
    pub(crate) inhibit_mapping: Option<u32>,
}

impl PolicyConstraints {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, DerError> {
        let mut inside = single(bytes, tag::SEQUENCE)?.inside();
        let require_explicit = skip_certs(&mut inside, 0)?;
        let inhibit_mapping = skip_certs(&mut inside, 1)?;
        inside.end()?;
        if require_explicit.is_none() && inhibit_mapping.is_none() {
            return Err(DerError::Value);
        }
        Ok(Self { require_explicit, inhibit_mapping })
    }
}

fn skip_certs(inside: &mut Reader<'_>, number: u8) -> Result<Option<u32>, DerError> {
    inside.optional(tag::context_primitive(number))?.map(|value| small(&value)).transpose()
}

/// InhibitAnyPolicy.
pub(super) fn inhibit_any(bytes: &[u8]) -> Result<u32, DerError> {
    small(&single(bytes, tag::INTEGER)?)
}

/// The policies of CertificatePolicies, as object identifiers; none twice, qualifiers put aside.
pub(super) fn policies(bytes: &[u8]) -> Result<Vec<Vec<u8>>, DerError> {
    let values = limited(single(bytes, tag::SEQUENCE)?.inside().all()?)?;
    let mut found: Vec<Vec<u8>> = Vec::with_capacity(values.len());
    for value in values {
        let mut inside = value.inside();
        let policy = inside.expect(tag::OBJECT_ID)?.content.to_vec();
        inside.optional(tag::SEQUENCE)?;
        inside.end()?;
        if value.tag != tag::SEQUENCE || found.contains(&policy) {
            return Err(DerError::Value);
        }
        found.push(policy);
    }
    if found.is_empty() { Err(DerError::Value) } else { Ok(found) }
}

/// One mapping: the issuer's policy, the subject's policy, as object identifiers.
pub(crate) type PolicyMapping = (Vec<u8>, Vec<u8>);

/// The pairs of PolicyMappings: the issuer's policy, the subject's policy. Never anyPolicy (RFC 5280 4.2.1.5).
pub(super) fn mappings(bytes: &[u8]) -> Result<Vec<PolicyMapping>, DerError> {
    let values = limited(single(bytes, tag::SEQUENCE)?.inside().all()?)?;
    values
        .iter()
        .map(|value| {
            let mut inside = value.inside();
            let issuers = inside.expect(tag::OBJECT_ID)?.content.to_vec();
            let subjects = inside.expect(tag::OBJECT_ID)?.content.to_vec();
            inside.end()?;
            Ok((issuers, subjects))
        })
        .collect()
}

fn limited<T>(values: Vec<T>) -> Result<Vec<T>, DerError> {
    if values.len() > ITEMS_MAX { Err(DerError::Length) } else { Ok(values) }
}

/// True when a mapping maps from or to anyPolicy.
pub(crate) fn maps_any(mappings: &[PolicyMapping]) -> bool {
    mappings.iter().any(|(issuers, subjects)| issuers == oid::ANY_POLICY || subjects == oid::ANY_POLICY)
}
