//! Paths from a signer's certificate to an anchor. Source: RFC 5280 clause 6, without policies and names.

use types::UnixMillis;

use crate::certificate::{Certificate, Purpose, Stamping};
use crate::policy::Policy;
use crate::reason::{ChainReason, Reason};
use crate::trust::TrustStore;

/// Looks for a path from `leaf` to an anchor, valid at `at`, over the store's and the `embedded` certificates.
///
/// Ends after the policy's number of signature checks, whatever the certificates look like.
pub(crate) fn validate(
    leaf: &Certificate,
    embedded: &[Certificate],
    trust: &TrustStore,
    policy: &Policy,
    at: UnixMillis,
) -> Result<(), Reason> {
    validate_as(Role::Document, leaf, embedded, trust, policy, at)
}

/// The same for a certificate that signs for something else than documents.
pub(crate) fn validate_as(
    role: Role,
    leaf: &Certificate,
    embedded: &[Certificate],
    trust: &TrustStore,
    policy: &Policy,
    at: UnixMillis,
) -> Result<(), Reason> {
    check_signer(leaf, role, at)?;
    let mut search = Search { embedded, trust, policy, at, role, checks: 0, path: vec![leaf] };
    search.extend(0)
}

/// What the leaf of a path signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Documents, manifests, receipts.
    Document,
    /// Time-stamp tokens (RFC 3161 2.3).
    TimeStamp,
}

struct Search<'a> {
    embedded: &'a [Certificate],
    trust: &'a TrustStore,
    policy: &'a Policy,
    at: UnixMillis,
    role: Role,
    checks: u32,
    /// From the leaf upwards.
    path: Vec<&'a Certificate>,
}

impl<'a> Search<'a> {
    /// Finds issuers for the top of the path; `cas` are the CAs in it that are not self-issued.
    fn extend(&mut self, cas: u32) -> Result<(), Reason> {
        let Some(top) = self.path.last().copied() else { return Ok(()) };
        if self.path.len() >= self.policy.chain_length_max {
            return Err(ChainReason::TooLong { max: self.policy.chain_length_max }.into());
        }
        let mut best = Reason::from(ChainReason::NoIssuer { issuer: top.issuer().to_owned() });
        for anchor in candidates(top, self.trust.anchors_named(top.issuer_name())) {
            match self.check_issuer(anchor, top, cas, IssuerKind::Anchor) {
                Ok(()) => return Ok(()),
                Err(reason) => keep(&mut best, reason)?,
            }
        }
        let name = top.issuer_name().chain_key();
        let embedded = self.embedded.iter().filter(|other| other.subject_name().chain_key() == name);
        for issuer in candidates(top, self.trust.intermediates_named(top.issuer_name()).chain(embedded)) {
            if self.path.iter().any(|other| other.sha256() == issuer.sha256()) {
                continue;
            }
            let found = self.check_issuer(issuer, top, cas, IssuerKind::Intermediate).and_then(|()| {
                self.path.push(issuer);
                let above = self.extend(cas + u32::from(!is_self_issued(issuer)));
                self.path.pop();
                above
            });
            match found {
                Ok(()) => return Ok(()),
                Err(reason) => keep(&mut best, reason)?,
            }
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
        check_validity(issuer, self.at)?;
        check_ca(issuer, cas, kind, self.role)?;
        if self.checks >= self.policy.chain_checks_max {
            return Err(ChainReason::TooMuchWork { max: self.policy.chain_checks_max }.into());
        }
        self.checks += 1;
        if below.is_signed_by(issuer, self.policy)? {
            return Ok(());
        }
        Err(ChainReason::SignatureWrong { subject: below.subject().to_owned() }.into())
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
    if matches!(reason, Reason::Chain(ChainReason::TooMuchWork { .. })) {
        return Err(reason);
    }
    if rank(&reason) > rank(best) {
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

fn check_signer(leaf: &Certificate, role: Role, at: UnixMillis) -> Result<(), ChainReason> {
    check_validity(leaf, at)?;
    check_extensions(leaf)?;
    let subject = || leaf.subject().to_owned();
    let extensions = leaf.extensions();
    if leaf.is_ca() {
        return Err(ChainReason::SignerIsCa { subject: subject() });
    }
    let may_sign = match (extensions.usage, role) {
        (Some(usage), _) => usage.signs_documents,
        // Its one critical purpose says all that a key usage could.
        (None, role) => role == Role::TimeStamp,
    };
    if !may_sign {
        return Err(ChainReason::KeyUsage { subject: subject() });
    }
    match role {
        Role::Document if extensions.purpose == Some(Purpose::Other) => {
            Err(ChainReason::ExtendedKeyUsage { subject: subject() })
        }
        Role::TimeStamp if extensions.stamping != Stamping::Exactly => {
            Err(ChainReason::TimestampingPurpose { subject: subject() })
        }
        Role::Document | Role::TimeStamp => Ok(()),
    }
}

fn check_ca(issuer: &Certificate, cas_below: u32, kind: IssuerKind, role: Role) -> Result<(), ChainReason> {
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
    let is_for_others = match role {
        Role::Document => extensions.purpose == Some(Purpose::Other),
        Role::TimeStamp => extensions.stamping == Stamping::Excluded,
    };
    if is_for_others {
        return Err(ChainReason::ExtendedKeyUsage { subject: subject() });
    }
    match extensions.basic.and_then(|basic| basic.path_length) {
        Some(max) if cas_below > max => Err(ChainReason::PathLength { subject: subject(), max }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
