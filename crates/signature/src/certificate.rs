//! X.509 certificates: what is read from them once, and kept.

mod constraints;
mod extensions;
mod general_name;
mod name;
mod signed;

pub(crate) use constraints::{NameConstraints, maps_any};
pub(crate) use extensions::Extensions;
pub(crate) use general_name::{GeneralName, directory};
pub(crate) use name::Name;
pub(crate) use signed::{algorithm_of, is_signed, permitted};

use std::sync::Arc;

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use types::{Digest, ErrorCode, UnixMillis};
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::algorithm::{Legacy, PublicKey, SignatureAlgorithm};
use crate::der::{self, Reader, tag};
use crate::policy::Policy;
use crate::provider::{DigestAlgorithm, digest};
use crate::reason::Reason;
use crate::report::Signatory;
use crate::revocation::Point;

/// Bytes of one certificate: ten times the largest seen on the government's PKI.
pub(crate) const CERTIFICATE_BYTES_MAX: usize = 32 * 1024;
/// Certificates of one file: more than every agency CA of the country.
const FILE_CERTIFICATES_MAX: usize = 10_000;

/// One certificate, parsed; nothing about it is trusted yet. A copy shares what was parsed.
#[derive(Clone)]
pub struct Certificate(Arc<Parsed>);

struct Parsed {
    der: Box<[u8]>,
    /// Where the signed part begins and ends in `der`.
    tbs: std::ops::Range<usize>,
    sha256: Digest,
    subject: Name,
    issuer: Name,
    serial: Box<[u8]>,
    not_before: UnixMillis,
    not_after: UnixMillis,
    key: PublicKey,
    key_bits: Box<[u8]>,
    extensions: Extensions,
}

/// Why bytes are not certificates. Code: `invalid_argument`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// Not a certificate of RFC 5280.
    #[error("not an X.509 certificate: {why}")]
    Malformed {
        /// What was wrong.
        why: String,
    },
    /// Longer than 32 KiB.
    #[error("the certificate has {length} bytes, limit {max}")]
    TooLarge {
        /// Bytes found.
        length: usize,
        /// Bytes allowed.
        max: usize,
    },
    /// Not PEM, or PEM without a certificate.
    #[error("no certificate was found: {why}")]
    NoCertificate {
        /// What was wrong.
        why: String,
    },
    /// More certificates than a file may hold.
    #[error("more than {max} certificates")]
    TooMany {
        /// Certificates allowed.
        max: usize,
    },
}

impl CertificateError {
    /// The public code.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        ErrorCode::InvalidArgument
    }
}

impl Certificate {
    /// Reads one certificate in DER.
    ///
    /// # Errors
    /// `invalid_argument` when it is no certificate, has bytes after it, an extension twice, or 32 KiB or more.
    pub fn parse(der: &[u8]) -> Result<Self, CertificateError> {
        if der.len() > CERTIFICATE_BYTES_MAX {
            return Err(CertificateError::TooLarge { length: der.len(), max: CERTIFICATE_BYTES_MAX });
        }
        let bad = |why: String| CertificateError::Malformed { why };
        let (rest, parsed) = X509Certificate::from_der(der).map_err(|error| bad(error.to_string()))?;
        if !rest.is_empty() {
            return Err(bad("bytes follow the certificate".to_owned()));
        }
        let parts = Parts::read(der).map_err(|error| bad(error.to_string()))?;
        if parts.algorithm != parts.inner_algorithm {
            return Err(bad("the two signature algorithms differ".to_owned()));
        }
        let info = Reader::new(parsed.subject_pki.raw).next().map_err(|error| bad(error.to_string()))?;
        let start = parts.tbs_start;
        Ok(Self(Arc::new(Parsed {
            tbs: start..start + parts.tbs.len(),
            sha256: sha256(der),
            subject: Name::read(parsed.subject()),
            issuer: Name::read(parsed.issuer()),
            serial: parsed.raw_serial().into(),
            not_before: seconds(parsed.validity().not_before.timestamp()),
            not_after: seconds(parsed.validity().not_after.timestamp()),
            key: PublicKey::read(&info).map_err(|error| bad(format!("public key: {error}")))?,
            key_bits: parsed.subject_pki.subject_public_key.data.as_ref().into(),
            extensions: Extensions::read(&parsed).map_err(bad)?,
            der: der.into(),
        })))
    }

    /// Reads every certificate of a PEM file, or the one of a DER file.
    ///
    /// # Errors
    /// `invalid_argument` when there is none, when one is broken, or when there are more than 10,000.
    pub fn parse_all(pem_or_der: &[u8]) -> Result<Vec<Self>, CertificateError> {
        if pem_or_der.first() == Some(&tag::SEQUENCE) {
            return Ok(vec![Self::parse(pem_or_der)?]);
        }
        let mut certificates = Vec::new();
        for entry in CertificateDer::pem_slice_iter(pem_or_der) {
            let der = entry.map_err(|error| CertificateError::NoCertificate { why: error.to_string() })?;
            if certificates.len() >= FILE_CERTIFICATES_MAX {
                return Err(CertificateError::TooMany { max: FILE_CERTIFICATES_MAX });
            }
            certificates.push(Self::parse(&der)?);
        }
        if certificates.is_empty() {
            return Err(CertificateError::NoCertificate { why: "no CERTIFICATE block".to_owned() });
        }
        Ok(certificates)
    }

    /// The certificate's bytes.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// SHA-256 of the certificate's bytes.
    #[must_use]
    pub fn sha256(&self) -> Digest {
        self.0.sha256
    }

    /// Subject, as text.
    #[must_use]
    pub fn subject(&self) -> &str {
        self.0.subject.as_str()
    }

    /// Issuer, as text.
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.0.issuer.as_str()
    }

    /// Serial number, hexadecimal.
    #[must_use]
    pub fn serial_hex(&self) -> String {
        let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or_default();
        self.0.serial.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]).collect()
    }

    /// Serial number: the content bytes of its INTEGER.
    #[must_use]
    pub fn serial(&self) -> &[u8] {
        &self.0.serial
    }

    /// Whether it names `issuer` as its issuer, and the issuer's key where both tell it (RFC 5280 4.1.2.4, 4.2.1.1).
    /// The signature is not looked at.
    #[must_use]
    pub fn names_issuer(&self, issuer: &Self) -> bool {
        let keys = (&self.0.extensions.authority_key, &issuer.0.extensions.subject_key);
        let is_key = !matches!(keys, (Some(own), Some(issuers)) if own != issuers);
        is_key && self.0.issuer.chain_key() == issuer.0.subject.chain_key()
    }

    /// True when its extended key usage names this purpose.
    #[must_use]
    pub fn is_for(&self, purpose: &crate::ObjectId) -> bool {
        let purposes = self.0.extensions.purposes.as_ref();
        purposes.is_some_and(|purposes| purposes.oids.iter().any(|oid| oid == purpose.content()))
    }

    /// Start of validity.
    #[must_use]
    pub fn not_before(&self) -> UnixMillis {
        self.0.not_before
    }

    /// End of validity.
    #[must_use]
    pub fn not_after(&self) -> UnixMillis {
        self.0.not_after
    }

    /// URIs of the subject alternative name, for example `urn:lienthong:node:so-tttt`.
    #[must_use]
    pub fn uris(&self) -> &[String] {
        &self.0.extensions.uris
    }

    /// DNS names of the subject alternative name.
    #[must_use]
    pub fn dns_names(&self) -> &[String] {
        &self.0.extensions.dns_names
    }

    /// E-mail addresses of the subject alternative name.
    #[must_use]
    pub fn emails(&self) -> &[String] {
        &self.0.extensions.emails
    }

    /// Where its distribution points say that revocation lists are, as stated (RFC 5280 4.2.1.13).
    #[must_use]
    pub fn crl_urls(&self) -> Vec<String> {
        self.0.extensions.points.iter().flat_map(Point::urls).map(str::to_owned).collect()
    }

    /// Where responders answer for it, as stated (RFC 5280 4.2.2.1, id-ad-ocsp).
    #[must_use]
    pub fn ocsp_urls(&self) -> &[String] {
        &self.0.extensions.ocsp_urls
    }

    /// Where its issuer's certificate is, as stated (RFC 5280 4.2.2.1, id-ad-caIssuers).
    #[must_use]
    pub fn issuer_urls(&self) -> &[String] {
        &self.0.extensions.issuer_urls
    }

    /// True for a CA by its basic constraints.
    #[must_use]
    pub fn is_ca(&self) -> bool {
        self.0.extensions.basic.is_some_and(|basic| basic.is_ca)
    }

    /// True when the organisation or the common name of subject or issuer contains `EXAMPLE`: made for
    /// tests and demonstrations, never for production.
    #[must_use]
    pub fn is_example(&self) -> bool {
        self.0.subject.is_example() || self.0.issuer.is_example()
    }

    /// What reports show of it.
    #[must_use]
    pub fn signatory(&self) -> Signatory {
        Signatory {
            subject: self.subject().to_owned(),
            issuer: self.issuer().to_owned(),
            serial: self.serial_hex(),
            not_before: self.0.not_before,
            not_after: self.0.not_after,
            sha256: self.0.sha256,
            public_key: self.0.key.name(),
            public_key_bits: self.0.key.bits(),
            common_name: self.0.subject.common_name().map(str::to_owned),
            organisations: self.0.subject.organisations().to_vec(),
            uris: self.0.extensions.uris.clone(),
        }
    }

    pub(crate) fn subject_name(&self) -> &Name {
        &self.0.subject
    }

    pub(crate) fn issuer_name(&self) -> &Name {
        &self.0.issuer
    }

    pub(crate) fn key(&self) -> &PublicKey {
        &self.0.key
    }

    /// The public key as it stands in the certificate, the content of `subjectPublicKey` (RFC 5280 4.1.2.7): what
    /// [`SigningKey::public_key`](crate::SigningKey::public_key) gives for its private half.
    #[must_use]
    pub fn public_key(&self) -> &[u8] {
        self.key_bits()
    }

    /// The bits of the public key, which OCSP names issuers by.
    pub(crate) fn key_bits(&self) -> &[u8] {
        &self.0.key_bits
    }

    pub(crate) fn extensions(&self) -> &Extensions {
        &self.0.extensions
    }

    /// Whether the signature on this certificate verifies with the issuer's key, by the policy's algorithms.
    pub(crate) fn is_signed_by(&self, issuer: &Self, policy: &Policy) -> Result<bool, Reason> {
        is_signed(&self.0.der, self.0.tbs.clone(), &issuer.0.key, policy)
    }

    /// The same, with SHA-1 where the path is to be held to the rule of its anchor.
    pub(crate) fn is_signed_for(&self, issuer: &Self, policy: &Policy, legacy: Legacy) -> Result<bool, Reason> {
        signed::is_signed_for(&self.0.der, self.0.tbs.clone(), &issuer.0.key, policy, legacy)
    }

    /// What is left of [`Certificate::is_signed_for`] once the signature is known to verify: what the policy takes.
    pub(crate) fn is_permitted_for(&self, issuer: &Self, policy: &Policy, legacy: Legacy) -> Result<(), Reason> {
        signed::permitted_for(&self.0.der, &issuer.0.key, policy, legacy)
    }

    /// The algorithm of the signature on this certificate, made with the issuer's key.
    pub(crate) fn algorithm_by(&self, issuer: &Self) -> Result<SignatureAlgorithm, Reason> {
        algorithm_of(&self.0.der, &issuer.0.key)
    }
}

/// The same bytes.
impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.der == other.0.der
    }
}

impl Eq for Certificate {}

impl std::fmt::Debug for Certificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Certificate({}, {})", self.subject(), self.0.sha256)
    }
}

/// The three parts of a certificate, uninterpreted.
struct Parts<'a> {
    tbs: &'a [u8],
    tbs_start: usize,
    algorithm: &'a [u8],
    inner_algorithm: &'a [u8],
}

impl<'a> Parts<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, der::DerError> {
        let outer = der::single(bytes, tag::SEQUENCE)?;
        let mut inside = outer.inside();
        let tbs = inside.expect(tag::SEQUENCE)?;
        let algorithm = inside.expect(tag::SEQUENCE)?;
        der::bits(&inside.expect(tag::BIT_STRING)?)?;
        inside.end()?;
        let mut fields = tbs.inside();
        fields.optional(tag::context(0))?;
        fields.expect(tag::INTEGER)?;
        let inner = fields.expect(tag::SEQUENCE)?;
        Ok(Self {
            tbs: tbs.raw,
            tbs_start: outer.raw.len() - outer.content.len(),
            algorithm: algorithm.raw,
            inner_algorithm: inner.raw,
        })
    }
}

pub(crate) fn sha256(bytes: &[u8]) -> Digest {
    let mut out = [0; 32];
    out.copy_from_slice(digest(DigestAlgorithm::Sha256, &[bytes]).as_ref());
    Digest::new(out)
}

/// Times before 1970 count as 1970: nothing is checked as of a time before.
fn seconds(seconds: i64) -> UnixMillis {
    UnixMillis::new(u64::try_from(seconds).unwrap_or(0).saturating_mul(1000))
}

#[cfg(test)]
mod tests;
