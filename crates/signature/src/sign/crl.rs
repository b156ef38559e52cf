//! Making revocation lists (RFC 5280 clause 5): for a test CA, and for tests.

use types::UnixMillis;

use super::{SignError, Signer, cms};
use crate::certificate::Certificate;
use crate::der::{integer, object_id, octet_string, sequence, tag, tlv, unsigned};
use crate::oid;
use crate::time::{Asn1Time, to_asn1, to_generalized};

const ENUMERATED: u8 = 0x0a;
/// BOOLEAN TRUE.
const TRUE: [u8; 3] = [0x01, 0x01, 0xff];

/// Why a certificate was revoked: CRLReason (RFC 5280 5.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CrlReason {
    /// Not said; lists leave it out.
    Unspecified,
    /// Somebody else has, or may have, the key.
    KeyCompromise,
    /// Somebody else has, or may have, the CA's key.
    CaCompromise,
    /// The name or other facts changed.
    AffiliationChanged,
    /// Another certificate takes its place.
    Superseded,
    /// No longer needed.
    CessationOfOperation,
    /// Suspended, and may come back.
    CertificateHold,
    /// Taken back from a list by a delta list.
    RemoveFromCrl,
    /// The right to it was withdrawn.
    PrivilegeWithdrawn,
}

impl CrlReason {
    /// Every reason.
    pub const ALL: [Self; 9] = [
        Self::Unspecified,
        Self::KeyCompromise,
        Self::CaCompromise,
        Self::AffiliationChanged,
        Self::Superseded,
        Self::CessationOfOperation,
        Self::CertificateHold,
        Self::RemoveFromCrl,
        Self::PrivilegeWithdrawn,
    ];

    /// The number in ASN.1.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Unspecified => 0,
            Self::KeyCompromise => 1,
            Self::CaCompromise => 2,
            Self::AffiliationChanged => 3,
            Self::Superseded => 4,
            Self::CessationOfOperation => 5,
            Self::CertificateHold => 6,
            Self::RemoveFromCrl => 8,
            Self::PrivilegeWithdrawn => 9,
        }
    }

    /// The name in ASN.1, for example `keyCompromise`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::KeyCompromise => "keyCompromise",
            Self::CaCompromise => "cACompromise",
            Self::AffiliationChanged => "affiliationChanged",
            Self::Superseded => "superseded",
            Self::CessationOfOperation => "cessationOfOperation",
            Self::CertificateHold => "certificateHold",
            Self::RemoveFromCrl => "removeFromCRL",
            Self::PrivilegeWithdrawn => "privilegeWithdrawn",
        }
    }
}

impl std::fmt::Display for CrlReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that names no reason. Code: `invalid_argument`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a reason of RFC 5280 5.3.1")]
pub struct CrlReasonError;

impl std::str::FromStr for CrlReason {
    type Err = CrlReasonError;

    fn from_str(text: &str) -> Result<Self, CrlReasonError> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == text).ok_or(CrlReasonError)
    }
}

/// One entry of a list.
#[derive(Clone, Debug)]
pub struct RevokedCertificate {
    /// Serial number: the content bytes of its INTEGER.
    pub serial: Vec<u8>,
    /// When it was revoked, to the second.
    pub at: UnixMillis,
    /// Why.
    pub reason: CrlReason,
    /// The CA that issued it, where that is not the list's own issuer: entries of indirect lists.
    pub issuer: Option<Certificate>,
}

/// What a list is about.
#[derive(Clone, Debug)]
pub struct CrlContents {
    /// When it is issued, to the second.
    pub this_update: UnixMillis,
    /// When the next one is due.
    pub next_update: UnixMillis,
    /// CRLNumber: grows from list to list.
    pub number: u64,
    /// For a delta list: number of the list that it adds to.
    pub base: Option<u64>,
    /// For an indirect list: URL of the distribution point that it is for.
    pub indirect_point: Option<String>,
    /// Where delta lists are published.
    pub freshest: Option<String>,
    /// The entries.
    pub revoked: Vec<RevokedCertificate>,
}

/// Signs a list, DER. `signer` is the CA, or for an indirect list whoever the certificates name as its issuer.
///
/// # Errors
/// `internal` when the key refuses.
pub fn sign_crl(signer: &Signer, contents: &CrlContents) -> Result<Vec<u8>, SignError> {
    let own = signer.certificate();
    let entries: Vec<Vec<u8>> = contents.revoked.iter().map(entry).collect();
    let entries = if entries.is_empty() { Vec::new() } else { tlv(tag::SEQUENCE, &entries.concat()) };
    let tbs = sequence(&[
        &integer(1),
        &cms::signature_algorithm(signer),
        own.subject_name().raw(),
        &time(contents.this_update),
        &time(contents.next_update),
        &entries,
        &tlv(tag::context(0), &extensions(own, contents)),
    ]);
    cms::signed(signer, &tbs, &[])
}

fn extensions(own: &Certificate, contents: &CrlContents) -> Vec<u8> {
    let mut list = Vec::new();
    if let Some(key) = &own.extensions().subject_key {
        list.push(extension(oid::AUTHORITY_KEY, false, &sequence(&[&tlv(tag::context_primitive(0), key)])));
    }
    list.push(extension(oid::CRL_NUMBER, false, &unsigned(contents.number)));
    if let Some(base) = contents.base {
        list.push(extension(oid::DELTA_CRL, true, &unsigned(base)));
    }
    if let Some(url) = &contents.indirect_point {
        let point = tlv(tag::context(0), &tlv(tag::context(0), &uri(url)));
        // indirectCRL [4] TRUE
        list.push(extension(oid::ISSUING_POINT, true, &sequence(&[&point, &tlv(tag::context_primitive(4), &[0xff])])));
    }
    if let Some(url) = &contents.freshest {
        let point = sequence(&[&tlv(tag::context(0), &tlv(tag::context(0), &uri(url)))]);
        list.push(extension(oid::FRESHEST_CRL, false, &sequence(&[&point])));
    }
    tlv(tag::SEQUENCE, &list.concat())
}

fn entry(revoked: &RevokedCertificate) -> Vec<u8> {
    let mut list = Vec::new();
    if revoked.reason != CrlReason::Unspecified {
        list.push(extension(oid::CRL_REASON, false, &tlv(ENUMERATED, &[revoked.reason.number()])));
    }
    if let Some(issuer) = &revoked.issuer {
        let name = tlv(tag::context(4), issuer.subject_name().raw());
        list.push(extension(oid::CERTIFICATE_ISSUER, true, &sequence(&[&name])));
    }
    let list = if list.is_empty() { Vec::new() } else { tlv(tag::SEQUENCE, &list.concat()) };
    sequence(&[&tlv(tag::INTEGER, &revoked.serial), &time(revoked.at), &list])
}

fn extension(id: &[u8], is_critical: bool, value: &[u8]) -> Vec<u8> {
    let critical: &[u8] = if is_critical { &TRUE } else { &[] };
    sequence(&[&object_id(id), critical, &octet_string(value)])
}

/// A GeneralName of a URI, [6].
fn uri(url: &str) -> Vec<u8> {
    tlv(tag::context_primitive(6), url.as_bytes())
}

/// UTCTime up to 2049 (RFC 5280 5.1.2.4).
fn time(at: UnixMillis) -> Vec<u8> {
    match to_asn1(at) {
        (Asn1Time::Utc, text) => tlv(tag::UTC_TIME, text.as_bytes()),
        (Asn1Time::Generalized, _) => tlv(tag::GENERALIZED_TIME, to_generalized(at).as_bytes()),
    }
}

#[cfg(test)]
mod tests;
