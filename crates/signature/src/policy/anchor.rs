//! What holds under one anchor: two generations of a national PKI are seldom held to the same rules.

use serde::{Deserialize, Serialize};
use types::{Digest, UnixMillis};

use super::Revocation;
use crate::algorithm::{PublicKey, RSA_BITS_MIN, SignatureAlgorithm};
use crate::reason::AlgorithmReason;

/// What holds for the paths to one anchor, beside what the policy asks of every path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnchorRule {
    /// SHA-256 of the anchor's certificate, 64 hexadecimal digits.
    #[serde(with = "crate::report::digest")]
    pub anchor: Digest,
    /// Whether revocation is looked at; absent: as the policy says.
    #[serde(default)]
    pub revocation: Option<Revocation>,
    /// Algorithms and sizes by time; empty: the policy's own at every time. Of overlapping ones the first counts, and
    /// a time that is in none is refused. They narrow what the policy takes and never widen it.
    #[serde(default)]
    pub periods: Vec<Period>,
    /// What is taken of signatures from before the hash functions of today; absent: nothing.
    #[serde(default)]
    pub legacy: Option<LegacyRule>,
}

/// Algorithms and key sizes that are taken for a time: the time that is judged, which is the proved time where there
/// is one, else the validation time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Period {
    /// First instant, RFC 3339 in UTC; absent: since ever.
    #[serde(default, with = "crate::time::optional_text")]
    pub from: Option<UnixMillis>,
    /// First instant behind the period; absent: no end.
    #[serde(default, with = "crate::time::optional_text")]
    pub until: Option<UnixMillis>,
    /// Signature algorithms taken, in certificates and in signatures.
    pub algorithms: Vec<SignatureAlgorithm>,
    /// Smallest RSA modulus, in bits. Less than 2048 counts as 2048.
    pub rsa_bits_min: u32,
}

/// RSA with SHA-1, for archives: a collision found today must not become a signature of then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LegacyRule {
    /// Only what a verified time-stamp proves to be older than this is taken; RFC 3339 in UTC.
    #[serde(with = "crate::time::text")]
    pub proved_before: UnixMillis,
    /// For what SHA-1 is taken.
    pub sha1: Vec<LegacyUse>,
}

/// A place where SHA-1 may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LegacyUse {
    /// The signatures on the certificates of the path.
    Certificates,
    /// The signature on the document, and its digest.
    Documents,
}

/// One signature of a path, or the one on the document, and when it is judged.
#[derive(Clone, Copy)]
pub(crate) struct Judged<'a> {
    pub(crate) place: LegacyUse,
    pub(crate) algorithm: SignatureAlgorithm,
    pub(crate) key: &'a PublicKey,
    pub(crate) at: UnixMillis,
    /// Proved by a verified time-stamp over it.
    pub(crate) proved: Option<UnixMillis>,
}

impl AnchorRule {
    /// A rule that changes nothing.
    #[must_use]
    pub const fn new(anchor: Digest) -> Self {
        Self { anchor, revocation: None, periods: Vec::new(), legacy: None }
    }

    fn check_period(&self, judged: Judged<'_>) -> Result<(), AlgorithmReason> {
        let (at, algorithm) = (judged.at, judged.algorithm);
        if self.periods.is_empty() {
            return Ok(());
        }
        let period = self.periods.iter().find(|period| period.contains(at)).ok_or(AlgorithmReason::NoPeriod { at })?;
        if !algorithm.is_weak() && !period.algorithms.contains(&algorithm) {
            return Err(AlgorithmReason::NotInPeriod { name: algorithm.as_str(), at });
        }
        match judged.key {
            PublicKey::Rsa { bits, .. } if *bits < period.rsa_bits_min.max(RSA_BITS_MIN) => {
                Err(AlgorithmReason::KeyTooSmall { bits: *bits, min: period.rsa_bits_min.max(RSA_BITS_MIN) })
            }
            _ => Ok(()),
        }
    }
}

impl Period {
    fn contains(&self, at: UnixMillis) -> bool {
        self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at < until)
    }
}

/// Holds one signature to the rule of the anchor that its path ends at; without a rule, only weak ones are refused.
pub(crate) fn hold(rule: Option<&AnchorRule>, judged: Judged<'_>) -> Result<(), AlgorithmReason> {
    if judged.algorithm.is_weak() {
        let legacy = rule.and_then(|rule| rule.legacy.as_ref()).filter(|legacy| legacy.sha1.contains(&judged.place));
        let legacy = legacy.ok_or_else(|| judged.algorithm.unsupported())?;
        if judged.proved.is_none_or(|proved| proved >= legacy.proved_before) {
            let name = judged.algorithm.as_str();
            return Err(AlgorithmReason::LegacyUnproved { name, before: legacy.proved_before });
        }
    }
    rule.map_or(Ok(()), |rule| rule.check_period(judged))
}
