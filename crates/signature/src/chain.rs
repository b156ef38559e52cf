//! Paths from a certificate to an anchor. Source: RFC 5280 clause 6.

mod names;
mod policies;
mod request;
mod target;
mod trail;

pub use request::PathRequest;
pub use target::Target;
pub(crate) use trail::Trail;

use types::UnixMillis;

use crate::algorithm::{Legacy, SignatureAlgorithm};
use crate::certificate::Certificate;
use crate::policy::{Judged, LegacyUse, hold};
use crate::reason::{ChainReason, Reason};
use crate::revocation::{self, Context, RevocationEvidence, RevocationStatus};

/// A path that holds.
#[derive(Clone, Debug)]
pub struct ValidPath {
    certificates: Vec<Certificate>,
    revocation: Vec<RevocationStatus>,
}

impl ValidPath {
    /// From the certificate asked about to the anchor, both included.
    #[must_use]
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// Whether a certificate below the anchor is signed with SHA-1.
    pub(crate) fn has_sha1(&self) -> bool {
        self.certificates.windows(2).any(|pair| match pair {
            [certificate, issuer] => certificate.algorithm_by(issuer).is_ok_and(SignatureAlgorithm::is_weak),
            _ => false,
        })
    }

    /// The revocation of each certificate below the anchor, as far as the policy looks at it.
    #[must_use]
    pub fn revocation(&self) -> &[RevocationStatus] {
        &self.revocation
    }
}

/// Looks for a path to an anchor. Tries every issuer of the right name, those whose key identifier fits first, and
/// ends after the policy's number of signature checks, whatever the certificates look like.
///
/// # Errors
/// The reason of the path that came closest: `certificate_untrusted`, `certificate_expired`,
/// `certificate_unsuitable`, `algorithm_refused`.
pub fn validate_path(request: &PathRequest<'_>) -> Result<ValidPath, Reason> {
    examine(request, &mut Trail::default())
}

/// [`validate_path`] that also leaves what it came across: the statuses of the path that came last, when it is
/// refused for them, and what was lacking.
pub(crate) fn examine(request: &PathRequest<'_>, trail: &mut Trail) -> Result<ValidPath, Reason> {
    search(request, &mut 0, trail)
}

/// The path of the issuer of a list, on the same budget of revocation checks.
pub(crate) fn validate_for_list(request: &PathRequest<'_>, spent: &mut u32) -> Result<ValidPath, Reason> {
    search(request, spent, &mut Trail::default())
}

fn search(request: &PathRequest<'_>, spent: &mut u32, trail: &mut Trail) -> Result<ValidPath, Reason> {
    check_standing(request.certificate, request.judged_at())?;
    request.target.check(request.certificate)?;
    let found = Search { request, checks: 0, spent, trail, is_new: false, path: vec![request.certificate] }.extend(0);
    trail.settle(found.as_ref().err());
    // What was passed over for want of work left, a time-stamp or a list, might have said otherwise.
    request.trust.budget().holds()?;
    found
}

/// What holds for every certificate, whatever it is for.
pub(crate) fn check_standing(certificate: &Certificate, at: UnixMillis) -> Result<(), ChainReason> {
    check_validity(certificate, at)?;
    check_extensions(certificate)
}

struct Search<'a, 's> {
    request: &'a PathRequest<'a>,
    checks: u32,
    /// Signature checks on lists and responses, those of paths that this one needs included.
    spent: &'s mut u32,
    trail: &'s mut Trail,
    /// Whether a signature was checked that is not remembered.
    is_new: bool,
    /// From the leaf upwards.
    path: Vec<&'a Certificate>,
}

impl<'a> Search<'a, '_> {
    /// Finds issuers for the top of the path; `cas` are the CAs in it that are not self-issued.
    fn extend(&mut self, cas: u32) -> Result<ValidPath, Reason> {
        let PathRequest { trust, policy, embedded, .. } = *self.request;
        let Some(top) = self.path.last().copied() else {
            return Err(ChainReason::NoIssuer { issuer: String::new() }.into());
        };
        if self.path.len() >= policy.chain_length_max {
            return Err(ChainReason::TooLong { max: policy.chain_length_max }.into());
        }
        let mut best = Reason::from(ChainReason::NoIssuer { issuer: top.issuer().to_owned() });
        let mut has_candidate = false;
        for anchor in candidates(top, trust.anchors_named(top.issuer_name())) {
            has_candidate = true;
            match self.check_issuer(anchor, top, cas, IssuerKind::Anchor).and_then(|()| self.finish(anchor)) {
                Ok(path) => return Ok(path),
                Err(reason) => keep(&mut best, reason)?,
            }
        }
        // An anchor that was sent along is no step of a path: it ends one, above.
        let name = top.issuer_name().chain_key();
        let embedded = embedded.iter().filter(|other| other.subject_name().chain_key() == name);
        for issuer in candidates(top, trust.intermediates_named(top.issuer_name()).chain(embedded)) {
            let is_anchor = trust.anchors_named(issuer.subject_name()).any(|anchor| anchor.sha256() == issuer.sha256());
            if is_anchor || self.path.iter().any(|other| other.sha256() == issuer.sha256()) {
                continue;
            }
            has_candidate = true;
            let found = self.check_issuer(issuer, top, cas, IssuerKind::Intermediate).and_then(|()| {
                self.path.push(issuer);
                let above = self.extend(cas + u32::from(!is_self_issued(issuer)));
                self.path.pop();
                above
            });
            match found {
                Ok(path) => return Ok(path),
                Err(reason) => keep(&mut best, reason)?,
            }
        }
        if !has_candidate {
            self.trail.lacks_issuer(top);
        }
        Err(best)
    }

    /// Everything that does not cost a signature check first.
    fn check_issuer(
        &mut self,
        issuer: &Certificate,
        below: &Certificate,
        cas: u32,
        kind: IssuerKind,
    ) -> Result<(), Reason> {
        let policy = self.request.policy;
        check_validity(issuer, self.request.judged_at())?;
        check_ca(issuer, cas, kind, self.request.target)?;
        if self.checks >= policy.chain_checks_max {
            return Err(ChainReason::TooMuchWork { max: policy.chain_checks_max }.into());
        }
        self.checks += 1;
        let trust = self.request.trust;
        // Counted whether it is remembered or not: what came before decides no outcome.
        trust.budget().take_check()?;
        if trust.is_issued(below, issuer) {
            return below.is_permitted_for(issuer, policy, self.request.legacy());
        }
        self.is_new = true;
        if below.is_signed_for(issuer, policy, self.request.legacy())? {
            return Ok(());
        }
        Err(ChainReason::SignatureWrong { subject: below.subject().to_owned() }.into())
    }

    /// The checks that go down from the anchor, over the whole path.
    fn finish(&mut self, anchor: &Certificate) -> Result<ValidPath, Reason> {
        let downwards: Vec<&Certificate> = self.path.iter().rev().copied().collect();
        names::check(anchor, &downwards)?;
        policies::check(anchor, &downwards, &self.request.policy.certificate_policies)?;
        let upwards: Vec<&Certificate> = self.path.iter().copied().chain([anchor]).collect();
        if self.is_new {
            self.request.trust.remember(&upwards);
        }
        self.hold_to_rule(anchor, &upwards)?;
        let nothing = RevocationEvidence::new();
        let PathRequest { policy, at, proved, depth, evidence, .. } = *self.request;
        let evidence = evidence.unwrap_or(&nothing);
        let grade = policy.revocation_under(anchor.sha256());
        let context = Context { request: self.request, evidence, policy, grade, at, proved, depth };
        let checked = revocation::check_path(&context, &upwards, self.spent);
        self.trail.found(&checked.statuses, &upwards);
        checked.outcome?;
        let certificates = upwards.into_iter().cloned().collect();
        Ok(ValidPath { certificates, revocation: checked.statuses })
    }

    /// Holds every signature of the path, and the one that it is looked for, to the rule of its anchor.
    fn hold_to_rule(&self, anchor: &Certificate, upwards: &[&Certificate]) -> Result<(), Reason> {
        let PathRequest { policy, signature, proved, .. } = *self.request;
        let rule = policy.rule(anchor.sha256());
        let is_legacy = self.request.legacy() == Legacy::ByAnchor;
        if rule.is_none() && !is_legacy {
            return Ok(());
        }
        let (at, proved) = (self.request.judged_at(), proved.filter(|_| is_legacy));
        for pair in upwards.windows(2) {
            let [certificate, issuer] = pair else { continue };
            let algorithm = certificate.algorithm_by(issuer)?;
            hold(rule, Judged { place: LegacyUse::Certificates, algorithm, key: issuer.key(), at, proved })?;
        }
        if let (Some((algorithm, _)), Some(leaf)) = (signature, upwards.first()) {
            hold(rule, Judged { place: LegacyUse::Documents, algorithm, key: leaf.key(), at, proved })?;
        }
        Ok(())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum IssuerKind {
    Anchor,
    Intermediate,
}

/// Those whose key identifier is the wanted one first: a hint, never a condition (RFC 5280 4.2.1.1).
fn candidates<'a>(below: &Certificate, issuers: impl Iterator<Item = &'a Certificate>) -> Vec<&'a Certificate> {
    let wanted = &below.extensions().authority_key;
    let mut issuers: Vec<&Certificate> = issuers.collect();
    issuers.sort_by_key(|issuer| wanted.is_none() || issuer.extensions().subject_key != *wanted);
    issuers
}

/// Keeps the reason that says most: another issuer's broken rule beats a missing one. Spent work ends the search.
fn keep(best: &mut Reason, reason: Reason) -> Result<(), Reason> {
    if matches!(reason, Reason::Chain(ChainReason::TooMuchWork { .. }) | Reason::WorkSpent { .. }) {
        return Err(reason);
    }
    // Of two missing issuers the one further up is what is missing.
    if rank(&reason) > rank(best) || (rank(&reason), rank(best)) == (0, 0) {
        *best = reason;
    }
    Ok(())
}

const fn rank(reason: &Reason) -> u8 {
    match reason {
        Reason::Chain(ChainReason::NoIssuer { .. }) => 0,
        Reason::Chain(ChainReason::SignatureWrong { .. }) => 1,
        _ => 2,
    }
}

fn is_self_issued(certificate: &Certificate) -> bool {
    certificate.subject_name().chain_key() == certificate.issuer_name().chain_key()
}

fn check_validity(certificate: &Certificate, at: UnixMillis) -> Result<(), ChainReason> {
    let subject = || certificate.subject().to_owned();
    let (not_before, not_after) = (certificate.not_before(), certificate.not_after());
    // Both ends belong to the validity (RFC 5280 4.1.2.5), and they are counted in seconds.
    if at.as_seconds() < not_before.as_seconds() {
        return Err(ChainReason::NotYetValid { subject: subject(), at, not_before });
    }
    if at.as_seconds() > not_after.as_seconds() {
        return Err(ChainReason::Expired { subject: subject(), at, not_after });
    }
    Ok(())
}

fn check_extensions(certificate: &Certificate) -> Result<(), ChainReason> {
    match &certificate.extensions().unevaluated {
        Some(oid) => Err(ChainReason::Extension { subject: certificate.subject().to_owned(), oid: oid.clone() }),
        None => Ok(()),
    }
}

fn check_ca(issuer: &Certificate, cas_below: u32, kind: IssuerKind, target: Target) -> Result<(), ChainReason> {
    check_extensions(issuer)?;
    let subject = || issuer.subject().to_owned();
    let extensions = issuer.extensions();
    // A version 1 anchor has no extensions to say so: the operator who configured it does.
    let is_old_anchor = kind == IssuerKind::Anchor && extensions.version < 3;
    if !issuer.is_ca() && !is_old_anchor {
        return Err(ChainReason::NotCa { subject: subject() });
    }
    let may_sign = match (extensions.usage, kind) {
        (Some(usage), _) => usage.signs_certificates,
        // RFC 5280 4.2.1.3 obliges CAs to state it; anchors of other rules exist.
        (None, kind) => kind == IssuerKind::Anchor,
    };
    if !may_sign {
        return Err(ChainReason::NoCertSign { subject: subject() });
    }
    if !target.is_allowed_by(extensions) {
        return Err(ChainReason::ExtendedKeyUsage { subject: subject() });
    }
    match extensions.basic.and_then(|basic| basic.path_length) {
        Some(max) if cas_below > max => Err(ChainReason::PathLength { subject: subject(), max }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
