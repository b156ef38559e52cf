//! Certificate revocation lists (RFC 5280 clause 5): what they say, and of which certificates.

mod read;

pub(super) use read::{each_extension, instant};

use std::sync::OnceLock;

use types::{Digest, UnixMillis};

use super::RevocationError;
use super::scope::IssuingPoint;
use crate::certificate::{Name, sha256};

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

fn serial_of<'a>(der: &'a [u8], entry: &Entry) -> &'a [u8] {
    let start = entry.serial as usize;
    der.get(start..start + usize::from(entry.serial_length)).unwrap_or_default()
}

/// Both positive, in DER: the longer one is the larger one.
fn is_at_most(one: &[u8], other: &[u8]) -> bool {
    (one.len(), one) <= (other.len(), other)
}
