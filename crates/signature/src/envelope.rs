//! The signature on a packet's manifest.

use std::ops::Deref;

use types::{Digest, UnixMillis};

use crate::algorithm::Legacy;
use crate::cades::{self, Basis};
use crate::certificate::{Certificate, sha256};
use crate::cms::{Content, Requirement, SignedData};
use crate::embedded::Embedded;
use crate::jws;
use crate::manifest::{Manifest, ManifestError};
use crate::policy::Policy;
use crate::reason::Reason;
use crate::receipt::MANIFEST_TYPE;
use crate::report::{NotChecked, Report, Signatory, SignatureFormat, SignatureKind, SignatureReport, Unchecked};
use crate::revocation::RevocationEvidence;
use crate::trust::TrustStore;
use crate::verdict::Findings;

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
    verify_envelope_with(envelope, trust, policy, &RevocationEvidence::new(), at)
}

/// [`verify_envelope`] with lists and responses about revocation, which the policy may prefer or require.
///
/// Nothing is fetched: a policy that requires what `evidence` does not answer gives `INDETERMINATE` with `TRY_LATER`.
#[must_use]
pub fn verify_envelope_with(
    envelope: &Envelope,
    trust: &TrustStore,
    policy: &Policy,
    evidence: &RevocationEvidence,
    at: UnixMillis,
) -> Verification {
    let manifest = Manifest::parse(&envelope.manifest);
    let check = Check { bytes: &envelope.manifest, manifest, trust, policy, evidence, at };
    let signatures = match &envelope.signature {
        EnvelopeSignature::Cms(signature) => check.cms(signature),
        EnvelopeSignature::Jws(signature) => vec![check.jws(signature)],
    };
    let not_checked = not_checked(&envelope.signature, &signatures);
    let trust_version = trust.version().to_owned();
    let report = Report { policy: policy.name.clone(), trust_version, at, signatures, not_checked };
    let manifest = match check.manifest {
        Ok(manifest) if report.is_passed() => Some(VerifiedManifest {
            manifest,
            bytes_sha256: sha256(&envelope.manifest),
            signers: report.signatures.iter().filter_map(|signature| signature.signer.clone()).collect(),
        }),
        _ => None,
    };
    Verification { report, manifest }
}

/// Time-stamps on CMS are checked; JWS carries none that are known here. Revocation is checked when every certificate
/// of every signature has a status.
fn not_checked(signature: &EnvelopeSignature, signatures: &[SignatureReport]) -> Vec<NotChecked> {
    let mut all = NotChecked::envelope();
    if signatures.iter().all(SignatureReport::has_revocation) {
        all.retain(|entry| entry.what != Unchecked::Revocation);
    }
    if matches!(signature, EnvelopeSignature::Cms(_)) {
        all.retain(|entry| entry.what != Unchecked::Timestamps);
    }
    all
}

/// One envelope and what it is checked against.
struct Check<'a> {
    bytes: &'a [u8],
    manifest: Result<Manifest, ManifestError>,
    trust: &'a TrustStore,
    policy: &'a Policy,
    evidence: &'a RevocationEvidence,
    at: UnixMillis,
}

impl Check<'_> {
    /// One entry per signer; one entry when the structure cannot be read that far.
    fn cms(&self, signature: &[u8]) -> Vec<SignatureReport> {
        self.cms_signers(signature).unwrap_or_else(|reason| vec![cms_report(Findings::default(), &Err(reason))])
    }

    fn cms_signers(&self, signature: &[u8]) -> Result<Vec<SignatureReport>, Reason> {
        self.check_manifest_size()?;
        let der = cades::open(signature, self.policy)?;
        let data = SignedData::read(&der, self.policy.signers_max)?;
        let mut embedded = Embedded::over(self.evidence, self.trust);
        embedded.take_structure(&data);
        let one = |signer| {
            let mut findings = Findings::default();
            cades::note_ber(&der, &mut findings);
            let check = self.signature(embedded.certificates(), embedded.evidence());
            let outcome = check.run(&data, signer, &mut findings).and_then(|()| self.claims(&mut findings));
            cms_report(findings, &outcome)
        };
        Ok(data.signers.iter().map(one).collect())
    }

    fn jws(&self, signature: &str) -> SignatureReport {
        let mut findings = Findings::default();
        let outcome = self
            .check_manifest_size()
            .and_then(|()| jws::verify(signature, self.bytes, MANIFEST_TYPE, self.trust, self.policy, &mut findings))
            .and_then(|embedded| self.signature(&embedded, self.evidence).path(&mut findings))
            .and_then(|()| self.claims(&mut findings));
        findings.into_report(SignatureKind::Envelope, SignatureFormat::JwsDetached, &outcome)
    }

    /// What CMS and JWS are checked against. What is exchanged today has no SHA-1, whatever an anchor's rule says.
    fn signature<'s>(&'s self, embedded: &'s [Certificate], evidence: &'s RevocationEvidence) -> cades::Check<'s> {
        cades::Check {
            content: Content::Detached(self.bytes),
            reference: Requirement::Required,
            legacy: Legacy::Refused,
            embedded,
            basis: Basis { trust: self.trust, policy: self.policy, evidence, at: self.at },
            later: None,
        }
    }

    /// The manifest, and the times that it and its signer claim.
    fn claims(&self, findings: &mut Findings) -> Result<(), Reason> {
        let manifest = self.manifest.as_ref().map_err(Clone::clone)?;
        let created = manifest.created.at();
        let claims = [findings.claimed, Some(created)];
        findings.claimed.get_or_insert(created);
        claims.into_iter().flatten().try_for_each(|claimed| findings.check_claim(claimed, self.policy, self.at))
    }

    /// Nothing is hashed before its size is known to be sane; other faults of a manifest come after its signature.
    fn check_manifest_size(&self) -> Result<(), Reason> {
        match &self.manifest {
            Err(error @ ManifestError::Limit { .. }) => Err(error.clone().into()),
            _ => Ok(()),
        }
    }
}

fn cms_report(findings: Findings, outcome: &Result<(), Reason>) -> SignatureReport {
    findings.into_report(SignatureKind::Envelope, SignatureFormat::CmsDetached, outcome)
}

#[cfg(test)]
mod tests;
