//! Making signatures.

mod cms;
mod crl;
mod file_key;
mod key;
mod ocsp;
mod timestamp;
mod xml;

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::Serialize;
use types::{ErrorCode, UnixMillis};

use crate::algorithm::EcdsaForm;
use crate::canonical::canonical_json;
use crate::certificate::{Certificate, CertificateError};
use crate::jws::signing_input;
use crate::manifest::{Manifest, ManifestError};
use crate::receipt::MANIFEST_TYPE;

pub(crate) use cms::{Claim, sign_pieces};
pub use crl::{CrlContents, CrlReason, CrlReasonError, RevokedCertificate, sign_crl};
pub use file_key::FileKey;
pub use key::{KeyKind, SigningKey, octet_string_content, rsa_public_key};
pub use ocsp::{CertStatus, OcspRefusal, OcspSigning, ResponseNonce, refuse_ocsp, sign_ocsp_response};
#[cfg(test)]
pub(crate) use timestamp::add_unsigned;
pub use timestamp::{Stamping, add_signature_timestamp, signature_value, stamp};
pub use xml::sign_xml;

/// Padding of RSA signatures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RsaPadding {
    /// RSASSA-PKCS1-v1_5.
    #[default]
    Pkcs1,
    /// RSASSA-PSS.
    Pss,
}

/// A private key with its certificate and the path to its anchor. Prints without the key.
#[derive(Clone)]
pub struct Signer {
    key: Arc<dyn SigningKey>,
    certificates: Vec<Certificate>,
    padding: RsaPadding,
}

/// Why something was not signed. Codes: `invalid_argument`, `signature_malformed`, `manifest_malformed`,
/// `limit_exceeded`, `key_unavailable`, `internal`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// Not a private key in PEM that is taken here.
    #[error("the private key is not taken: {why}")]
    Key {
        /// What was wrong.
        why: String,
    },
    /// The certificates do not read.
    #[error("the signer's certificates do not read")]
    Certificate(#[from] CertificateError),
    /// The first certificate is another key's.
    #[error("the private key is not the one of the certificate {subject}")]
    OtherKey {
        /// Whose certificate.
        subject: String,
    },
    /// What is to be signed is no manifest in canonical form.
    #[error("what is to be signed is no manifest")]
    Manifest(#[from] ManifestError),
    /// What is to be signed does not say what it is.
    #[error("the payload's member \"domain\" is missing or not one that may be signed here")]
    Domain,
    /// No payloads to sign together, or too many.
    #[error("{found} receipts to be signed together, 1 to {max} are")]
    BatchSize {
        /// How many there were.
        found: usize,
        /// How many are taken.
        max: usize,
    },
    /// What is to be signed as a plain file is a manifest.
    #[error("what is to be signed is a manifest; sign it as one")]
    IsManifest,
    /// The policy of a time-stamp is no object identifier.
    #[error("the time-stamp policy is not an object identifier in dotted form")]
    Policy,
    /// What is to be completed is not a CMS signature with one signer.
    #[error("not CMS SignedData in DER with exactly one signer")]
    NotCms,
    /// What is to be signed is not XML that can carry a signature.
    #[error("the packet cannot be signed: {why}")]
    Xml {
        /// What was wrong.
        why: String,
    },
    /// The key cannot be reached; it may be again later.
    #[error("the signing key cannot be reached: {why}")]
    Unavailable {
        /// What was wrong, and what to do.
        why: String,
    },
    /// The key refused.
    #[error("the key refused to sign")]
    Refused,
}

impl SignError {
    /// The public code.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Key { .. }
            | Self::Certificate(_)
            | Self::OtherKey { .. }
            | Self::Domain
            | Self::BatchSize { .. }
            | Self::IsManifest
            | Self::Policy
            | Self::Xml { .. } => ErrorCode::InvalidArgument,
            Self::Manifest(error) => error.code(),
            Self::NotCms => ErrorCode::SignatureMalformed,
            Self::Unavailable { .. } => ErrorCode::KeyUnavailable,
            Self::Refused => ErrorCode::Internal,
        }
    }
}

impl Signer {
    /// Reads a private key (PKCS#8 in PEM; RSA also PKCS#1) and its certificates in PEM, the signer's first,
    /// then its issuers; the anchor may be left out.
    ///
    /// Keys: ECDSA on P-256 and P-384, Ed25519, RSA of 2048 bits or more.
    ///
    /// # Errors
    /// `invalid_argument` when a file does not read or the key is not the first certificate's.
    pub fn from_pem(key: &[u8], certificates: &[u8]) -> Result<Self, SignError> {
        let certificates = Certificate::parse_all(certificates)?;
        Self::new(Arc::new(FileKey::from_pem(key)?), certificates)
    }

    /// Puts a key and its certificates together: the signer's first, then its issuers; the anchor may be left out.
    ///
    /// # Errors
    /// `invalid_argument` when there is no certificate or the first one is another key's.
    pub fn new(key: Arc<dyn SigningKey>, certificates: Vec<Certificate>) -> Result<Self, SignError> {
        match certificates.first() {
            Some(own) if key::is_of(&*key, own) => Ok(Self { key, certificates, padding: RsaPadding::default() }),
            Some(other) => Err(SignError::OtherKey { subject: other.subject().to_owned() }),
            None => Err(CertificateError::NoCertificate { why: "the list is empty".to_owned() }.into()),
        }
    }

    /// The same signer with this padding; other keys than RSA do not care.
    #[must_use]
    pub fn with_padding(mut self, padding: RsaPadding) -> Self {
        self.padding = padding;
        self
    }

    /// The signer's own certificate.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        self.certificates.first().expect("new refuses an empty list")
    }

    /// The signer's certificate and its issuers.
    #[must_use]
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// What travels with a signature: everything but a self-signed anchor, which the other side has or must not trust.
    fn embedded(&self) -> impl Iterator<Item = &Certificate> {
        let is_anchor = |certificate: &Certificate| certificate.subject_name() == certificate.issuer_name();
        self.certificates.iter().enumerate().filter(move |(index, c)| *index == 0 || !is_anchor(c)).map(|(_, c)| c)
    }

    /// What kind of key it signs with.
    pub(crate) fn kind(&self) -> KeyKind {
        self.key.kind()
    }

    /// Signs a message; ECDSA values in the form asked for.
    pub(crate) fn sign(&self, message: &[u8], form: EcdsaForm) -> Result<Vec<u8>, SignError> {
        let value = self.key.sign(message, self.padding)?;
        Ok(match (self.kind(), form) {
            (KeyKind::P256 | KeyKind::P384, EcdsaForm::Asn1) => key::ecdsa_asn1(&value),
            _ => value,
        })
    }

    /// A detached JWS of this type over `payload`.
    pub(crate) fn jws(&self, typ: &str, payload: &[u8], issued_at: Option<UnixMillis>) -> Result<String, SignError> {
        let header = JwsHeader {
            alg: key::jws_name(self.kind(), self.padding),
            b64: false,
            crit: ["b64"],
            iat: issued_at.map(UnixMillis::as_seconds),
            typ,
            x5c: self.embedded().map(|certificate| STANDARD.encode(certificate.der())).collect(),
        };
        let header = URL_SAFE_NO_PAD.encode(canonical_json(&header).map_err(|_| SignError::Refused)?);
        let value = self.sign(&signing_input(&header, payload), EcdsaForm::Fixed)?;
        Ok(format!("{header}..{}", URL_SAFE_NO_PAD.encode(value)))
    }
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Signer({})", self.certificate().subject())
    }
}

#[derive(Serialize)]
struct JwsHeader<'a> {
    alg: &'a str,
    b64: bool,
    crit: [&'a str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    iat: Option<u64>,
    typ: &'a str,
    x5c: Vec<String>,
}

/// Signs a manifest as detached CMS, CAdES-B-B (ETSI EN 319 122-1), DER.
///
/// `signing_time` is written to the second: a claim.
///
/// # Errors
/// `manifest_malformed` or `limit_exceeded` when `manifest` is not canonical; `internal` when the key refuses.
pub fn sign_envelope_cms(signer: &Signer, manifest: &[u8], signing_time: UnixMillis) -> Result<Vec<u8>, SignError> {
    Manifest::parse(manifest)?;
    cms::sign(signer, manifest, signing_time)
}

/// Signs any content as detached CMS, CAdES-B-B (ETSI EN 319 122-1), DER.
///
/// A manifest is refused: signed like this it would be an envelope, and [`sign_envelope_cms`] makes those.
///
/// # Errors
/// `invalid_argument` when `content` is a manifest; those of the key.
pub fn sign_cms(signer: &Signer, content: &[u8], signing_time: UnixMillis) -> Result<Vec<u8>, SignError> {
    if Manifest::parse(content).is_ok() {
        return Err(SignError::IsManifest);
    }
    cms::sign(signer, content, signing_time)
}

/// Signs the covered bytes of a PDF as detached CMS for its `Contents`, `ETSI.CAdES.detached`, DER.
///
/// `covered` is the file without the token of `Contents`. It has to begin like a PDF, so that no manifest and no
/// receipt can be passed off as one.
///
/// # Errors
/// `invalid_argument` when `covered` does not begin with `%PDF-`; `internal` when the key refuses.
pub fn sign_pdf_cms(signer: &Signer, covered: &[u8], signing_time: UnixMillis) -> Result<Vec<u8>, SignError> {
    if !covered.starts_with(b"%PDF-") {
        return Err(SignError::Domain);
    }
    cms::sign(signer, covered, signing_time)
}

/// Signs a manifest as detached JWS (RFC 7515, RFC 7797), type `lienthong-manifest+jws`, with `x5c`.
///
/// `signing_time` becomes the header's `iat`, in seconds: a claim.
///
/// # Errors
/// `manifest_malformed` or `limit_exceeded` when `manifest` is not canonical; `internal` when the key refuses.
pub fn sign_envelope_jws(signer: &Signer, manifest: &[u8], signing_time: UnixMillis) -> Result<String, SignError> {
    Manifest::parse(manifest)?;
    signer.jws(MANIFEST_TYPE, manifest, Some(signing_time))
}

/// A token around any TSTInfo, for tests of readers.
#[cfg(test)]
pub(crate) fn token_for_tests(signer: &Signer, info: &[u8], time: UnixMillis) -> Vec<u8> {
    cms::sign_token(signer, info, time, cms::Certificates::Embedded).unwrap()
}

#[cfg(test)]
mod tests;
