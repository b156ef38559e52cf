//! A CMS signature with all that belongs to it: its value, its time-stamps, the path of its signer.
//!
//! Envelopes, PDF files and CMS files are checked by the same steps. Source: RFC 5652; ETSI EN 319 122-1,
//! EN 319 102-1 clause 5.

use std::borrow::Cow;

use types::UnixMillis;

use crate::algorithm::{Legacy, SignatureAlgorithm};
use crate::certificate::Certificate;
use crate::chain::{PathRequest, examine};
use crate::cms::{self, Request, Requirement, SignedData, SignerInfo};
use crate::der::{self, DerError};
use crate::embedded::Embedded;
use crate::policy::Policy;
use crate::reason::{CmsReason, Reason};
use crate::report::{NotChecked, Quirk, Report, SignatureFormat, SignatureKind, SignatureReport, Unchecked};
use crate::revocation::RevocationEvidence;
use crate::timestamp::{self, Imprint};
use crate::trust::TrustStore;
use crate::verdict::Findings;

/// What a CMS signature is over.
#[derive(Clone, Copy, Debug)]
pub enum Content<'a> {
    /// These bytes; a structure that has content of its own is refused.
    Detached(&'a [u8]),
    /// These pieces, one after another.
    Pieces(&'a [&'a [u8]]),
    /// The content inside the structure; one without is refused.
    Attached,
}

/// Checks a CMS or CAdES signature in DER or BER over `content` as of `at` (UTC).
///
/// One entry per signer. Time-stamps over the signature that pass prove its age, and its certificates are judged as
/// of then. Counter-signatures are nobody's until they are checked on their own: they are listed as not checked, and
/// so is what the policy left out. Nothing is fetched; what was lacking is in the entries' `wanted`.
#[must_use]
pub fn verify_cms(
    signature: &[u8],
    content: Content<'_>,
    trust: &TrustStore,
    policy: &Policy,
    evidence: &RevocationEvidence,
    at: UnixMillis,
) -> Report {
    let basis = Basis { trust, policy, evidence, at };
    let outcome = signers(signature, content, basis);
    let (signatures, has_counter) =
        outcome.unwrap_or_else(|reason| (vec![entry(Findings::default(), &Err(reason), content)], false));
    let mut not_checked = Vec::new();
    if !signatures.iter().all(SignatureReport::has_revocation) {
        not_checked.push(Unchecked::Revocation);
    }
    if has_counter {
        not_checked.push(Unchecked::CounterSignatures);
    }
    let (policy, trust_version) = (policy.name.clone(), trust.version().to_owned());
    Report { policy, trust_version, at, signatures, not_checked: NotChecked::list(not_checked) }
}

fn entry(findings: Findings, outcome: &Result<(), Reason>, content: Content<'_>) -> SignatureReport {
    let format = match content {
        Content::Attached => SignatureFormat::CmsAttached,
        Content::Detached(_) | Content::Pieces(_) => SignatureFormat::CmsDetached,
    };
    findings.into_report(SignatureKind::File, format, outcome)
}

/// An entry for each signer, and whether one is counter-signed.
fn signers(signature: &[u8], content: Content<'_>, basis: Basis<'_>) -> Result<(Vec<SignatureReport>, bool), Reason> {
    let der = open(signature, basis.policy)?;
    let data = SignedData::read(&der, basis.policy.signers_max)?;
    let mut embedded = Embedded::over(basis.evidence, basis.trust);
    embedded.take_structure(&data);
    let content_in = match content {
        Content::Detached(bytes) => cms::Content::Detached(bytes),
        Content::Pieces(pieces) => cms::Content::Pieces(pieces),
        Content::Attached => cms::Content::Attached,
    };
    let mut reports = Vec::new();
    let mut has_counter = false;
    for signer in &data.signers {
        has_counter |= cms::is_counter_signed(signer)?;
        let check = Check {
            content: content_in,
            // CAdES asks for it; signatures of other tools are taken without, their certificate is in the path anyway.
            reference: Requirement::Optional,
            legacy: Legacy::ByAnchor,
            embedded: embedded.certificates(),
            basis: Basis { evidence: embedded.evidence(), ..basis },
            later: None,
        };
        let mut findings = Findings::default();
        note_ber(&der, &mut findings);
        let outcome = check.run(&data, signer, &mut findings).and_then(|()| {
            findings.claimed.map_or(Ok(()), |claimed| findings.check_claim(claimed, basis.policy, basis.at))
        });
        reports.push(entry(findings, &outcome, content));
    }
    Ok((reports, has_counter))
}

/// The structure in DER, once its size is known to be sane.
pub(crate) fn open<'s>(signature: &'s [u8], policy: &Policy) -> Result<Cow<'s, [u8]>, Reason> {
    let max = policy.signature_bytes_max;
    if signature.len() > max {
        return Err(CmsReason::TooLarge { length: signature.len(), max }.into());
    }
    let malformed = |why: DerError| CmsReason::Malformed { at: "ContentInfo", why: why.to_string() };
    Ok(der::to_der(signature).map_err(malformed)?)
}

#[expect(clippy::ptr_arg, reason = "whether it had to be rewritten is what is asked")]
pub(crate) fn note_ber(der: &Cow<'_, [u8]>, findings: &mut Findings) {
    if matches!(der, Cow::Owned(_)) {
        findings.quirks.push(Quirk::Ber);
    }
}

/// What every check rests on.
#[derive(Clone, Copy)]
pub(crate) struct Basis<'a> {
    pub(crate) trust: &'a TrustStore,
    pub(crate) policy: &'a Policy,
    pub(crate) evidence: &'a RevocationEvidence,
    pub(crate) at: UnixMillis,
}

/// One signature, and what it is checked against.
pub(crate) struct Check<'a> {
    pub(crate) content: cms::Content<'a>,
    /// The signing-certificate attribute.
    pub(crate) reference: Requirement,
    pub(crate) legacy: Legacy,
    /// Certificates at hand that are not the store's.
    pub(crate) embedded: &'a [Certificate],
    pub(crate) basis: Basis<'a>,
    /// When a later time-stamp proves the signature, with its own time-stamps, to have existed.
    pub(crate) later: Option<UnixMillis>,
}

impl Check<'_> {
    /// The signature value, its time-stamps, and the signer's path. Claims are left to the caller.
    pub(crate) fn run(
        &self,
        data: &SignedData<'_>,
        signer: &SignerInfo<'_>,
        findings: &mut Findings,
    ) -> Result<(), Reason> {
        let Basis { trust, policy, evidence, at } = self.basis;
        let request = Request {
            content: self.content,
            reference: self.reference,
            legacy: self.legacy,
            embedded: self.embedded,
            trust,
            policy,
        };
        cms::verify_signer(data, signer, &request, findings)?;
        let stamps = timestamp::Check { trust, policy, evidence, at, embedded: self.embedded, proved: self.later };
        let pieces;
        let imprint = match self.content {
            cms::Content::Detached(bytes) => Imprint::Of(bytes),
            cms::Content::Pieces(pieces) => Imprint::Pieces(pieces),
            cms::Content::Covered(covered) => Imprint::Covered(covered),
            cms::Content::Attached | cms::Content::Token => {
                pieces = [data.content.unwrap_or_default()];
                Imprint::Pieces(&pieces)
            }
        };
        timestamp::check_attributes(signer, imprint, stamps, findings)?;
        findings.proved = [findings.proved, self.later].into_iter().flatten().min();
        self.path(findings)
    }

    /// The path of the certificate found, as of the proved time where there is one (EN 319 102-1 clause 5.5).
    pub(crate) fn path(&self, findings: &mut Findings) -> Result<(), Reason> {
        let Basis { trust, policy, evidence, at } = self.basis;
        let certificate = findings.certificate.clone().ok_or(CmsReason::CertificateMissing)?;
        let request =
            PathRequest::new(&certificate, trust, policy, at).with_embedded(self.embedded).with_evidence(evidence);
        let request = findings.proved.map_or(request, |proved| request.signed_before(proved));
        let request = findings.algorithm.map_or(request, |algorithm| request.for_signature(algorithm, self.legacy));
        let path = examine(&request, &mut findings.trail)?;
        if policy.has_legacy() && (findings.algorithm.is_some_and(SignatureAlgorithm::is_weak) || path.has_sha1()) {
            findings.quirks.push(Quirk::Sha1);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
