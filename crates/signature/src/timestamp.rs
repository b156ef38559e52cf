//! Time-stamp tokens: RFC 3161, with the token's signature checked by the same rules as any other CMS.

mod attributes;
mod info;
mod request;

pub(crate) use attributes::check_attributes;
pub(crate) use info::{Imprint, TstInfo};
pub(crate) use request::RequestFields;
pub use request::{Timestamp, TimestampRequest};

use types::UnixMillis;

use crate::algorithm::Legacy;
use crate::certificate::Certificate;
use crate::chain::{PathRequest, Target, Trail, examine, validate_path};
use crate::cms::{self, Content, Request, Requirement, SignedData};
use crate::der::{self, DerError};
use crate::embedded::Embedded;
use crate::oid;
use crate::policy::Policy;
use crate::reason::{CmsReason, Reason, TimestampReason};
use crate::report::{Indication, TimestampKind, TimestampReport};
use crate::revocation::RevocationEvidence;
use crate::trust::TrustStore;
use crate::verdict::{Findings, PASSED_EN, PASSED_VI};

/// What a token is checked against.
#[derive(Clone, Copy)]
pub(crate) struct Check<'a> {
    pub(crate) trust: &'a TrustStore,
    pub(crate) policy: &'a Policy,
    pub(crate) evidence: &'a RevocationEvidence,
    pub(crate) at: UnixMillis,
    /// Certificates at hand that are neither the store's nor the token's.
    pub(crate) embedded: &'a [Certificate],
    /// When a later time-stamp proves the token to have existed.
    pub(crate) proved: Option<UnixMillis>,
}

/// What a check of a token found on its way.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) info: Option<Facts>,
    pub(crate) authority: Option<Certificate>,
    pub(crate) trail: Trail,
}

/// What a token states, kept beyond its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) time: UnixMillis,
    pub(crate) accuracy_ms: Option<u64>,
    pub(crate) policy: String,
    pub(crate) serial: String,
    pub(crate) nonce: Option<Vec<u8>>,
}

/// Checks a token over `stamped` as of `at` (UTC): its structure, its signature, the message imprint, the
/// authority's certificate and path, its policy and accuracy. Source: RFC 3161 2.3, 2.4.2; RFC 5816.
///
/// The authority's certificate has to be valid both at the stamped time and at `at`. Revocation is
/// looked at as the policy says, with nothing at hand: a policy that requires it refuses.
#[must_use]
pub fn verify_timestamp(
    token: &[u8],
    stamped: &[u8],
    trust: &TrustStore,
    policy: &Policy,
    at: UnixMillis,
) -> TimestampReport {
    let mut found = Found::default();
    let evidence = &RevocationEvidence::new();
    let check = Check { trust, policy, evidence, at, embedded: &[], proved: None };
    let outcome = verify(token, Imprint::Of(stamped), check, &mut found);
    found.into_report(TimestampKind::Data, &outcome)
}

/// The same, for a report of another kind. The time is proved only by `Ok`.
pub(crate) fn verify(
    token: &[u8],
    expected: Imprint<'_>,
    check: Check<'_>,
    found: &mut Found,
) -> Result<UnixMillis, Reason> {
    let max = check.policy.signature_bytes_max;
    if token.len() > max {
        return Err(CmsReason::TooLarge { length: token.len(), max }.into());
    }
    let malformed = |why: DerError| CmsReason::Malformed { at: "ContentInfo", why: why.to_string() };
    let der = der::to_der(token).map_err(malformed)?;
    // RFC 3161 2.4.2: no signature but the authority's.
    let data = SignedData::read(&der, 1)?;
    let signer = data.signers.first().ok_or(CmsReason::NoSigner)?;
    if data.content_type != oid::TST_INFO {
        let (attribute, content) = (oid::text(oid::TST_INFO), oid::text(data.content_type));
        return Err(CmsReason::ContentTypeMismatch { attribute, content }.into());
    }
    let info = TstInfo::read(data.content.ok_or(CmsReason::ContentMissing)?)?;
    found.info = Some(info.facts());
    let mut own = Embedded::over(check.evidence, check.trust);
    own.take_structure(&data);
    let embedded: Vec<Certificate> = own.certificates().iter().chain(check.embedded).cloned().collect();
    let request = Request {
        content: Content::Token,
        reference: Requirement::Required,
        // What proves the age of others must be sound itself.
        legacy: Legacy::Refused,
        embedded: &embedded,
        trust: check.trust,
        policy: check.policy,
    };
    let mut findings = Findings::default();
    let outcome = cms::verify_signer(&data, signer, &request, &mut findings);
    found.authority = findings.certificate;
    outcome?;
    info.stamps(expected, check.trust.budget())?;
    let time = info.time;
    if time > check.at + check.policy.clock_tolerance {
        return Err(TimestampReason::Ahead { time, at: check.at }.into());
    }
    if let Some(proved) = check.proved.filter(|proved| time > *proved + check.policy.timestamp_accuracy_max) {
        return Err(TimestampReason::LaterOlder { time, later: proved }.into());
    }
    permit(&info, check.policy)?;
    let authority = found.authority.as_ref().ok_or(CmsReason::CertificateMissing)?;
    let request = PathRequest::new(authority, check.trust, check.policy, check.at)
        .with_embedded(&embedded)
        .with_evidence(own.evidence())
        .for_target(Target::TimestampAuthority);
    let request = findings.algorithm.map_or(request, |used| request.for_signature(used, Legacy::Refused));
    validate_path(&request.signed_before(time))?;
    // Later, the key may be in other hands: a token of an expired authority proves something only when it is itself
    // proved to be older, by a later one.
    let request = check.proved.map_or(request, |proved| request.signed_before(proved));
    examine(&request, &mut found.trail)?;
    Ok(time)
}

fn permit(info: &TstInfo<'_>, policy: &Policy) -> Result<(), TimestampReason> {
    let oid = oid::text(info.policy);
    if !policy.timestamp_policies.is_empty() && !policy.timestamp_policies.contains(&oid) {
        return Err(TimestampReason::PolicyNotTaken { oid });
    }
    let max = u64::try_from(policy.timestamp_accuracy_max.as_millis()).unwrap_or(u64::MAX);
    match info.accuracy_ms {
        Some(milliseconds) if milliseconds > max => Err(TimestampReason::Accuracy { milliseconds, max }),
        _ => Ok(()),
    }
}

impl Found {
    pub(crate) fn into_report(self, kind: TimestampKind, outcome: &Result<UnixMillis, Reason>) -> TimestampReport {
        let facts = outcome.as_ref().err().map(Reason::facts);
        let (vi, en) = match outcome {
            Ok(_) => (PASSED_VI.to_owned(), PASSED_EN.to_owned()),
            Err(reason) => (reason.facts().vi.to_owned(), reason.to_string()),
        };
        let info = self.info.as_ref();
        TimestampReport {
            kind,
            indication: facts.as_ref().map_or(Indication::TotalPassed, |facts| facts.sub.indication()),
            sub_indication: facts.as_ref().map(|facts| facts.sub),
            reason_code: facts.as_ref().map(|facts| facts.code),
            rule: facts.map(|facts| facts.rule.to_owned()),
            explanation_vi: vi,
            explanation_en: en,
            time: info.map(|info| info.time),
            accuracy_ms: info.and_then(|info| info.accuracy_ms),
            policy: info.map(|info| info.policy.clone()),
            serial: info.map(|info| info.serial.clone()),
            authority: self.authority.as_ref().map(Certificate::signatory),
            revocation: self.trail.statuses,
        }
    }
}

#[cfg(test)]
mod tests;
