//! From what was found and the reason, if any, to the report's entry.

use std::time::Duration;

use types::UnixMillis;

use crate::algorithm::SignatureAlgorithm;
use crate::certificate::Certificate;
use crate::chain::Trail;
use crate::policy::{LocalTime, Policy};
use crate::reason::Reason;
use crate::report::{Indication, Quirk, SignatureFormat, SignatureKind, SignatureReport, TimestampReport};

/// What a check found out on its way, whatever its end.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) certificate: Option<Certificate>,
    pub(crate) algorithm: Option<SignatureAlgorithm>,
    pub(crate) claimed: Option<UnixMillis>,
    pub(crate) quirks: Vec<Quirk>,
    /// What an XML signature is over.
    pub(crate) covers: Vec<String>,
    /// From a time-stamp over the signature.
    pub(crate) proved: Option<UnixMillis>,
    /// What the path came across, and what the time-stamps' paths lacked.
    pub(crate) trail: Trail,
    pub(crate) timestamps: Vec<TimestampReport>,
}

impl Findings {
    /// The entry of a report.
    pub(crate) fn into_report(
        self,
        kind: SignatureKind,
        format: SignatureFormat,
        outcome: &Result<(), Reason>,
    ) -> SignatureReport {
        let facts = outcome.as_ref().err().map(Reason::facts);
        let (vi, en) = match outcome {
            Ok(()) => (PASSED_VI.to_owned(), PASSED_EN.to_owned()),
            Err(reason) => (reason.facts().vi.to_owned(), reason.to_string()),
        };
        SignatureReport {
            kind,
            format,
            indication: facts.as_ref().map_or(Indication::TotalPassed, |facts| facts.sub.indication()),
            sub_indication: facts.as_ref().map(|facts| facts.sub),
            reason_code: facts.as_ref().map(|facts| facts.code),
            rule: facts.map(|facts| facts.rule.to_owned()),
            explanation_vi: vi,
            explanation_en: en,
            signer: self.certificate.as_ref().map(Certificate::signatory),
            algorithm: self.algorithm,
            claimed_time: self.claimed,
            proved_time: self.proved,
            revocation: self.trail.statuses,
            timestamps: self.timestamps,
            covers: self.covers,
            quirks: self.quirks,
            wanted: self.trail.wanted,
        }
    }

    /// Holds a claimed time against the validation time. It is never used for anything else.
    ///
    /// A proved time takes the validation time's place, and clocks may then differ by a minute.
    pub(crate) fn check_claim(&mut self, claimed: UnixMillis, policy: &Policy, at: UnixMillis) -> Result<(), Reason> {
        let (at, tolerance) = match self.proved {
            Some(proved) => (proved, policy.clock_tolerance.min(PROVED_TOLERANCE)),
            None => (at, policy.clock_tolerance),
        };
        if claimed <= at + tolerance {
            return Ok(());
        }
        let is_local = claimed <= at + LOCAL_OFFSET + tolerance;
        if !is_local || policy.local_time == LocalTime::Refused {
            return Err(Reason::ClaimedTimeAhead { claimed, at });
        }
        if !self.quirks.contains(&Quirk::LocalTimeAsUtc) {
            self.quirks.push(Quirk::LocalTimeAsUtc);
        }
        Ok(())
    }
}

/// Vietnam keeps UTC+7 all year.
const LOCAL_OFFSET: Duration = Duration::from_secs(7 * 60 * 60);

/// How far a claim may lie ahead of the authority's time.
const PROVED_TOLERANCE: Duration = Duration::from_secs(60);

pub(crate) const PASSED_VI: &str = "Chữ ký số hợp lệ theo các bước đã kiểm tra";
pub(crate) const PASSED_EN: &str = "the signature is valid, as far as it was checked";
