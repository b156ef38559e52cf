//! What is asked about a path.

use types::UnixMillis;

use super::Target;
use crate::algorithm::{Legacy, SignatureAlgorithm};
use crate::certificate::{Certificate, Name};
use crate::policy::Policy;
use crate::revocation::RevocationEvidence;
use crate::trust::TrustStore;

/// A certificate, what its path is looked for in, and what it has to fulfil.
#[derive(Clone, Copy, Debug)]
pub struct PathRequest<'a> {
    pub(super) certificate: &'a Certificate,
    pub(super) embedded: &'a [Certificate],
    pub(super) trust: &'a TrustStore,
    pub(super) policy: &'a Policy,
    pub(super) target: Target,
    pub(super) at: UnixMillis,
    pub(super) proved: Option<UnixMillis>,
    pub(super) evidence: Option<&'a RevocationEvidence>,
    pub(super) signature: Option<(SignatureAlgorithm, Legacy)>,
    pub(super) depth: u8,
}

impl<'a> PathRequest<'a> {
    /// Path of the signer of a document, valid at `at` (UTC), over the store's certificates.
    #[must_use]
    pub const fn new(certificate: &'a Certificate, trust: &'a TrustStore, policy: &'a Policy, at: UnixMillis) -> Self {
        Self {
            certificate,
            embedded: &[],
            trust,
            policy,
            target: Target::DocumentSigner,
            at,
            proved: None,
            evidence: None,
            signature: None,
            depth: 0,
        }
    }

    /// The same, over certificates that came with the signature as well. They are never anchors.
    #[must_use]
    pub const fn with_embedded(mut self, embedded: &'a [Certificate]) -> Self {
        self.embedded = embedded;
        self
    }

    /// The same, with lists and responses: what the policy asks about revocation is answered from them alone.
    #[must_use]
    pub const fn with_evidence(mut self, evidence: &'a RevocationEvidence) -> Self {
        self.evidence = Some(evidence);
        self
    }

    /// The same for a signature that is proved to have existed at `proved`: certificates are judged as of then, and
    /// revocations after it do not count (EN 319 102-1 clause 5.5).
    #[must_use]
    pub const fn signed_before(mut self, proved: UnixMillis) -> Self {
        self.proved = Some(proved);
        self
    }

    /// The same for a signature with this algorithm, which is held to the rule of the anchor. With
    /// [`Legacy::ByAnchor`] that rule may take SHA-1 for what is proved to be old; otherwise SHA-1 is refused.
    #[must_use]
    pub const fn for_signature(mut self, algorithm: SignatureAlgorithm, legacy: Legacy) -> Self {
        self.signature = Some((algorithm, legacy));
        self
    }

    /// Path of the issuer of a list that a path needs.
    pub(crate) const fn nested(mut self, certificate: &'a Certificate, target: Target, depth: u8) -> Self {
        self.certificate = certificate;
        self.target = target;
        self.depth = depth;
        self.signature = None;
        self
    }

    /// Whether SHA-1 is computed with, and left to the rule of the anchor.
    pub(super) fn legacy(&self) -> Legacy {
        match (self.target, self.signature) {
            (Target::DocumentSigner, Some((_, legacy))) => legacy,
            _ => Legacy::Refused,
        }
    }

    /// Certificates of the store and the signature with this subject.
    pub(crate) fn certificates_named(&self, name: &Name) -> impl Iterator<Item = &'a Certificate> {
        let key = name.chain_key().to_vec();
        let embedded = self.embedded.iter().filter(move |other| other.subject_name().chain_key() == key);
        self.trust.intermediates_named(name).chain(embedded)
    }

    /// The store that is looked in.
    pub(crate) const fn trust(&self) -> &'a TrustStore {
        self.trust
    }

    /// When certificates have to be valid.
    pub(super) fn judged_at(&self) -> UnixMillis {
        self.proved.unwrap_or(self.at)
    }

    /// The same, for another use of the certificate.
    #[must_use]
    pub const fn for_target(mut self, target: Target) -> Self {
        self.target = target;
        self
    }
}
