//! Certificate revocation lists (RFC 5280 clause 5): reading, and finding a certificate in them.

use std::sync::OnceLock;

use types::{Digest, UnixMillis};

use super::RevocationError;
use super::scope::IssuingPoint;
use crate::certificate::{GeneralName, Name, directory, sha256};
use crate::der::{self, DerError, Reader, Tlv, single, tag};
use crate::{oid, time};

/// Bytes of one list: 100,000 entries take about four million.
const BYTES_MAX: usize = 16 * 1024 * 1024;

/// One revocation list, read; nothing about it is trusted yet.
///
/// Entries stay in the bytes they came in, with an index of 24 bytes each: a list of 100,000 entries takes about
/// seven megabytes, and a look-up a few hundred nanoseconds.
pub struct Crl {
    der: Box<[u8]>,
    sha256: Digest,
    pub(super) tbs: std::ops::Range<usize>,
    issuer: Name,
    this_update: UnixMillis,
    next_update: Option<UnixMillis>,
    number: Option<Box<[u8]>>,
    /// Number of the list that this one adds to, for a delta list.
    base: Option<Box<[u8]>>,
    point: Option<IssuingPoint>,
    point_bytes: Option<Box<[u8]>>,
    authority_key: Option<Box<[u8]>>,
    expired_since: Option<UnixMillis>,
    /// A critical extension that is not evaluated here, of the list or of an entry.
    unevaluated: Option<String>,
    /// Sorted by issuer and serial number.
    entries: Vec<Entry>,
    /// Certificate issuers of the entries; the list's own is the first.
    issuers: Vec<Box<[u8]>>,
    /// The certificate whose key was seen to verify this list: a list is hashed once, not once a document.
    pub(super) verified_by: OnceLock<Digest>,
}

#[derive(Clone, Copy)]
struct Entry {
    revoked_at: u64,
    serial: u32,
    serial_length: u16,
    issuer: u16,
    reason: u8,
    /// Seconds by which an invalidity date comes before the revocation date.
    earlier: u32,
}

/// A revocation, as a list or a responder states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Revoked {
    /// Revocation date; for a compromised key, its invalidity date where that is earlier.
    pub(crate) at: UnixMillis,
    /// CRLReason (RFC 5280 5.3.1).
    pub(crate) reason: u8,
}

/// CRLReason removeFromCRL: an entry of a delta list that takes an earlier one back.
pub(crate) const REMOVED: u8 = 8;
/// CRLReason keyCompromise and cACompromise.
const COMPROMISES: [u8; 2] = [1, 2];

impl Crl {
    /// Reads one list in DER.
    ///
    /// # Errors
    /// `invalid_argument` when it is no list of RFC 5280, or has more than 16 MiB.
    pub fn parse(der: &[u8]) -> Result<Self, RevocationError> {
        if der.len() > BYTES_MAX {
            return Err(RevocationError::TooLarge { length: der.len(), max: BYTES_MAX });
        }
        Self::read(der).map_err(|error| RevocationError::Malformed { what: "revocation list", why: error.to_string() })
    }

    fn read(bytes: &[u8]) -> Result<Self, DerError> {
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

    /// What the list says of a certificate.
    pub(super) fn find(&self, certificate_issuer: &Name, serial: &[u8]) -> Option<Revoked> {
        let issuer = self.issuers.iter().position(|known| **known == *certificate_issuer.chain_key())?;
        let issuer = u16::try_from(issuer).ok()?;
        let wanted = (issuer, serial);
        let start = self.entries.partition_point(|entry| (entry.issuer, serial_of(&self.der, entry)) < wanted);
        let found = self.entries.get(start..)?.iter();
        let found = found.take_while(|entry| (entry.issuer, serial_of(&self.der, entry)) == wanted);
        // An entry that revokes counts before one that takes back, were both there.
        let entry = found.min_by_key(|entry| (entry.reason == REMOVED, entry.revoked_at))?;
        let earlier = if COMPROMISES.contains(&entry.reason) { u64::from(entry.earlier) * 1000 } else { 0 };
        Some(Revoked { at: UnixMillis::new(entry.revoked_at.saturating_sub(earlier)), reason: entry.reason })
    }

    pub(super) fn issuer_name(&self) -> &Name {
        &self.issuer
    }

    /// The list's bytes.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Names the line of lists that this one belongs to, of which the newest counts: the same issuer with the same key,
    /// the same distribution point, complete or delta (RFC 5280 5.2.3, 5.2.4).
    #[must_use]
    pub fn line(&self) -> Digest {
        let mut all = Vec::new();
        let key = self.authority_key.as_deref().unwrap_or_default();
        for part in [self.issuer.chain_key(), key, self.point_bytes.as_deref().unwrap_or_default()] {
            all.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
            all.extend_from_slice(part);
        }
        all.push(u8::from(self.is_delta()));
        sha256(&all)
    }

    /// Whether this list is older than another of its line: by number, and by the time of issue.
    #[must_use]
    pub fn is_older_than(&self, other: &Self) -> bool {
        match (&self.number, &other.number) {
            (Some(own), Some(theirs)) if own != theirs => !is_at_most(theirs, own),
            _ => self.this_update < other.this_update,
        }
    }

    pub(super) fn point(&self) -> Option<&IssuingPoint> {
        self.point.as_ref()
    }

    pub(super) fn unevaluated(&self) -> Option<&str> {
        self.unevaluated.as_deref()
    }

    /// Whether it only tells what changed since another list (RFC 5280 5.2.4).
    #[must_use]
    pub fn is_delta(&self) -> bool {
        self.base.is_some()
    }

    pub(super) fn expired_since(&self) -> Option<UnixMillis> {
        self.expired_since
    }

    /// Whether this delta list may be joined to `complete` (RFC 5280 5.2.4, 6.3.3 c).
    pub(super) fn extends(&self, complete: &Self) -> bool {
        let (Some(base), Some(number), Some(own)) = (&self.base, &complete.number, &self.number) else { return false };
        self.issuer.chain_key() == complete.issuer.chain_key()
            && self.point_bytes == complete.point_bytes
            && self.authority_key == complete.authority_key
            && is_at_most(base, number)
            && is_at_most(number, own)
    }

    /// Issuer, as text.
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.issuer.as_str()
    }

    /// When it was issued.
    #[must_use]
    pub const fn this_update(&self) -> UnixMillis {
        self.this_update
    }

    /// When the next one is due.
    #[must_use]
    pub const fn next_update(&self) -> Option<UnixMillis> {
        self.next_update
    }

    /// Its number, hexadecimal.
    #[must_use]
    pub fn number_hex(&self) -> Option<String> {
        self.number.as_ref().map(|number| number.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// Entries in it.
    #[must_use]
    pub fn entries(&self) -> usize {
        self.entries.len()
    }

    /// SHA-256 of its bytes.
    #[must_use]
    pub const fn sha256(&self) -> Digest {
        self.sha256
    }
}

impl std::fmt::Debug for Crl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Crl({}, {} entries, {})", self.issuer(), self.entries.len(), self.sha256)
    }
}

const ENUMERATED: u8 = 0x0a;
const BOOLEAN: u8 = 0x01;

fn serial_of<'a>(der: &'a [u8], entry: &Entry) -> &'a [u8] {
    let start = entry.serial as usize;
    der.get(start..start + usize::from(entry.serial_length)).unwrap_or_default()
}

/// Both positive, in DER: the longer one is the larger one.
fn is_at_most(one: &[u8], other: &[u8]) -> bool {
    (one.len(), one) <= (other.len(), other)
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
pub(super) fn each_extension(
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
pub(super) fn instant(value: &Tlv<'_>) -> Result<UnixMillis, DerError> {
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
