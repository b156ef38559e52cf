//! The signature on a packet's manifest.

use std::ops::Deref;

use types::{Digest, UnixMillis};

use crate::manifest::Manifest;
use crate::policy::Policy;
use crate::report::{Report, Signatory};
use crate::trust::TrustStore;

/// A manifest as it travelled, with its detached signature; nothing is known about either.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// The manifest's bytes.
    pub manifest: Vec<u8>,
    /// The signature over exactly these bytes.
    pub signature: EnvelopeSignature,
}

/// A detached signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnvelopeSignature {
    /// CMS SignedData in DER or BER.
    Cms(Vec<u8>),
    /// Compact JWS without its payload, `header..signature`.
    Jws(String),
}

/// What came out for an envelope.
#[derive(Clone, Debug)]
pub struct Verification {
    /// The report, to be stored with the document.
    pub report: Report,
    /// The manifest, only when every signature is `TOTAL_PASSED`.
    pub manifest: Option<VerifiedManifest>,
}

/// Proof that a manifest's signatures passed: [`verify_envelope`] alone makes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedManifest {
    manifest: Manifest,
    bytes_sha256: Digest,
    signers: Vec<Signatory>,
}

impl VerifiedManifest {
    /// SHA-256 of the manifest's bytes as they travelled.
    #[must_use]
    pub const fn bytes_sha256(&self) -> Digest {
        self.bytes_sha256
    }

    /// The certificates that signed, at least one.
    #[must_use]
    pub fn signers(&self) -> &[Signatory] {
        &self.signers
    }
}

impl Deref for VerifiedManifest {
    type Target = Manifest;

    fn deref(&self) -> &Manifest {
        &self.manifest
    }
}

/// Checks the signature of an envelope as of `at` (UTC).
///
/// The manifest comes out only when every signature passed; the report always does, and lists what was not
/// looked at. Source: ETSI EN 319 102-1; RFC 5652, RFC 7515, RFC 5280.
#[must_use]
pub fn verify_envelope(envelope: &Envelope, trust: &TrustStore, policy: &Policy, at: UnixMillis) -> Verification {
    let _ = envelope;
    Verification {
        report: Report {
            policy: policy.name.clone(),
            trust_version: trust.version().to_owned(),
            at,
            signatures: vec![],
            not_checked: crate::report::NotChecked::envelope(),
        },
        manifest: None,
    }
}
