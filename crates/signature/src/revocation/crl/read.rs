//! Reading a list: its fields, its extensions, its entries.

use std::sync::OnceLock;

use types::UnixMillis;

use super::{Crl, Entry, serial_of};
use crate::certificate::{GeneralName, directory, sha256};
use crate::der::{self, DerError, Reader, Tlv, single, tag};
use crate::revocation::scope::IssuingPoint;
use crate::{oid, time};

const ENUMERATED: u8 = 0x0a;
const BOOLEAN: u8 = 0x01;

impl Crl {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, DerError> {
        let outer = single(bytes, tag::SEQUENCE)?;
        let start = outer.raw.len() - outer.content.len();
        let mut inside = outer.inside();
        let tbs = inside.expect(tag::SEQUENCE)?;
        let algorithm = inside.expect(tag::SEQUENCE)?;
        der::bits(&inside.expect(tag::BIT_STRING)?)?;
        inside.end()?;
        let mut fields = tbs.inside();
        let version = fields.optional(tag::INTEGER)?;
        if version.is_some_and(|version| version.content != [1]) {
            return Err(DerError::Value);
        }
        if fields.expect(tag::SEQUENCE)?.raw != algorithm.raw {
            return Err(DerError::Value);
        }
        let issuer = directory(fields.expect(tag::SEQUENCE)?.raw)?;
        let this_update = instant(&fields.next()?)?;
        let next_update = optional_instant(&mut fields)?;
        let before = tbs.content.len() - fields.left();
        let revoked = fields.optional(tag::SEQUENCE)?;
        let extensions = crate::algorithm::explicit(&mut fields, 0)?;
        fields.end()?;
        let mut list = Self {
            der: bytes.into(),
            sha256: sha256(bytes),
            tbs: start..start + tbs.raw.len(),
            issuers: vec![issuer.chain_key().into()],
            issuer,
            this_update,
            next_update,
            number: None,
            base: None,
            point: None,
            point_bytes: None,
            authority_key: None,
            expired_since: None,
            unevaluated: None,
            entries: Vec::new(),
            verified_by: OnceLock::new(),
        };
        if let Some(extensions) = extensions {
            each_extension(extensions.inside(), |id, is_critical, value| list.take(id, is_critical, value))?;
        }
        if let Some(revoked) = revoked {
            let headers = (tbs.raw.len() - tbs.content.len()) + (revoked.raw.len() - revoked.content.len());
            list.take_entries(&revoked, start + headers + before)?;
        }
        Ok(list)
    }

    fn take(&mut self, id: &[u8], is_critical: bool, value: &[u8]) -> Result<(), DerError> {
        match id {
            oid::CRL_NUMBER => self.number = Some(number(value)?),
            oid::DELTA_CRL => self.base = Some(number(value)?),
            oid::ISSUING_POINT => {
                self.point = Some(IssuingPoint::read(value)?);
                self.point_bytes = Some(value.into());
            }
            oid::AUTHORITY_KEY => self.authority_key = Some(value.into()),
            oid::EXPIRED_CERTIFICATES => {
                let mut inside = Reader::new(value);
                self.expired_since = Some(instant(&inside.next()?)?);
                inside.end()?;
            }
            other if is_critical => self.unevaluated = Some(oid::text(other)),
            _ => {}
        }
        Ok(())
    }

    /// Reads the entries, whose content begins at `origin` in the list's bytes.
    fn take_entries(&mut self, revoked: &Tlv<'_>, origin: usize) -> Result<(), DerError> {
        let mut reader = revoked.inside();
        let total = revoked.content.len();
        let mut issuer = 0_u16;
        let mut entries = Vec::new();
        while !reader.is_empty() {
            let before = total - reader.left();
            let value = reader.expect(tag::SEQUENCE)?;
            let mut fields = value.inside();
            let serial = fields.expect(tag::INTEGER)?;
            let revoked_at = instant(&fields.next()?)?;
            let mut entry = Entry {
                revoked_at: revoked_at.as_millis(),
                serial: u32::try_from(
                    origin
                        + before
                        + (value.raw.len() - value.content.len())
                        + (serial.raw.len() - serial.content.len()),
                )
                .map_err(|_| DerError::Length)?,
                serial_length: u16::try_from(serial.content.len()).map_err(|_| DerError::Length)?,
                issuer,
                reason: 0,
                earlier: 0,
            };
            if let Some(extensions) = fields.optional(tag::SEQUENCE)? {
                each_extension(extensions.inside(), |id, is_critical, value| {
                    self.take_entry(&mut entry, id, is_critical, value)
                })?;
            }
            fields.end()?;
            issuer = entry.issuer;
            entries.push(entry);
        }
        let der = std::mem::take(&mut self.der);
        entries.sort_by(|one, other| (one.issuer, serial_of(&der, one)).cmp(&(other.issuer, serial_of(&der, other))));
        entries.shrink_to_fit();
        self.der = der;
        self.entries = entries;
        Ok(())
    }

    fn take_entry(&mut self, entry: &mut Entry, id: &[u8], is_critical: bool, value: &[u8]) -> Result<(), DerError> {
        match id {
            oid::CRL_REASON => {
                entry.reason = match single(value, ENUMERATED)?.content {
                    [reason] => *reason,
                    _ => return Err(DerError::Value),
                };
            }
            oid::INVALIDITY_DATE => {
                let mut inside = Reader::new(value);
                let invalid = instant(&inside.next()?)?;
                inside.end()?;
                let earlier = (entry.revoked_at / 1000).saturating_sub(invalid.as_seconds());
                entry.earlier = u32::try_from(earlier).unwrap_or(u32::MAX);
            }
            oid::CERTIFICATE_ISSUER => {
                let names = GeneralName::read_all(single(value, tag::SEQUENCE)?.inside())?;
                let Some(GeneralName::Directory(name)) =
                    names.iter().find(|name| matches!(name, GeneralName::Directory(_)))
                else {
                    return Err(DerError::Value);
                };
                let known = self.issuers.iter().position(|known| **known == *name.chain_key());
                let position = known.unwrap_or(self.issuers.len());
                entry.issuer = u16::try_from(position).map_err(|_| DerError::Length)?;
                if known.is_none() {
                    self.issuers.push(name.chain_key().into());
                }
                if !self.point.as_ref().is_some_and(|point| point.is_indirect) {
                    self.unevaluated = Some(oid::text(id));
                }
            }
            other if is_critical => self.unevaluated = Some(oid::text(other)),
            _ => {}
        }
        Ok(())
    }
}

/// CRLNumber: a positive INTEGER of at most 20 bytes (RFC 5280 5.2.3), and its sign byte.
fn number(value: &[u8]) -> Result<Box<[u8]>, DerError> {
    match single(value, tag::INTEGER)?.content {
        [0..=0x7f, ..] => {}
        _ => return Err(DerError::Value),
    }
    let content = single(value, tag::INTEGER)?.content;
    let is_shortest = !matches!(content, [0, 0..=0x7f, ..]);
    if is_shortest && content.len() <= 21 { Ok(content.into()) } else { Err(DerError::Value) }
}

/// Calls `take` with object identifier, criticality and value of each Extension; none may occur twice.
pub(in crate::revocation) fn each_extension(
    extensions: Reader<'_>,
    mut take: impl FnMut(&[u8], bool, &[u8]) -> Result<(), DerError>,
) -> Result<(), DerError> {
    let mut seen: Vec<&[u8]> = Vec::new();
    let mut extensions = extensions;
    while !extensions.is_empty() {
        let mut inside = extensions.expect(tag::SEQUENCE)?.inside();
        let id = inside.expect(tag::OBJECT_ID)?.content;
        let is_critical = match inside.optional(BOOLEAN)?.map(|value| value.content) {
            None | Some([0]) => false,
            Some([0xff]) => true,
            Some(_) => return Err(DerError::Value),
        };
        let value = inside.expect(tag::OCTET_STRING)?.content;
        inside.end()?;
        if seen.contains(&id) || seen.len() >= EXTENSIONS_MAX {
            return Err(DerError::Value);
        }
        seen.push(id);
        take(id, is_critical, value)?;
    }
    Ok(())
}

/// Extensions of one list, entry or response.
const EXTENSIONS_MAX: usize = 32;

/// A UTCTime or GeneralizedTime.
pub(in crate::revocation) fn instant(value: &Tlv<'_>) -> Result<UnixMillis, DerError> {
    let kind = match value.tag {
        tag::UTC_TIME => time::Asn1Time::Utc,
        tag::GENERALIZED_TIME => time::Asn1Time::Generalized,
        _ => return Err(DerError::Tag),
    };
    time::from_asn1(value.content, kind).ok_or(DerError::Value)
}

fn optional_instant(fields: &mut Reader<'_>) -> Result<Option<UnixMillis>, DerError> {
    for tag in [tag::UTC_TIME, tag::GENERALIZED_TIME] {
        if let Some(value) = fields.optional(tag)? {
            return instant(&value).map(Some);
        }
    }
    Ok(None)
}
