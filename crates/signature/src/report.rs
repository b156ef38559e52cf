//! Validation reports in the terms of ETSI EN 319 102-1.

mod words;

pub use words::{Indication, Quirk, SignatureFormat, SignatureKind, SubIndication, TimestampKind, Unchecked};
pub(crate) use words::{code, digest};

use serde::{Deserialize, Serialize};
use types::{Digest, ErrorCode, UnixMillis};

use crate::algorithm::SignatureAlgorithm;
use crate::revocation::{RevocationState, RevocationStatus};
use crate::wanted::{Wanted, merge};

/// What was checked, what came out, and what was not looked at.
///
/// JSON in camelCase, times in RFC 3339; reads back to the same value. A report that came from elsewhere is
/// that node's word: only [`crate::VerifiedManifest`] is proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Name of the policy.
    pub policy: String,
    /// Version of the trust store: its anchors' and intermediates' digest.
    pub trust_version: String,
    /// Validation time.
    #[serde(with = "crate::time::text")]
    pub at: UnixMillis,
    /// One entry per signature found, in the order of the signature.
    pub signatures: Vec<SignatureReport>,
    /// What this check did not look at: never to be read as passed.
    pub not_checked: Vec<NotChecked>,
}

/// What came out for one signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SignatureReport {
    /// What was signed.
    pub kind: SignatureKind,
    /// How.
    pub format: SignatureFormat,
    /// The verdict.
    pub indication: Indication,
    /// Its ground, absent when passed.
    pub sub_indication: Option<SubIndication>,
    /// The public code, absent when passed.
    #[serde(with = "words::code")]
    pub reason_code: Option<ErrorCode>,
    /// The rule that was broken, one stable word, for example `duplicate_attribute`; absent when passed.
    pub rule: Option<String>,
    /// The verdict in Vietnamese.
    pub explanation_vi: String,
    /// The verdict in English, with the values compared.
    pub explanation_en: String,
    /// The signer's certificate, as far as it was found.
    pub signer: Option<Signatory>,
    /// The signature algorithm, as far as it was read.
    pub algorithm: Option<SignatureAlgorithm>,
    /// The time the signer claims: not evidence.
    #[serde(with = "crate::time::optional_text")]
    pub claimed_time: Option<UnixMillis>,
    /// The earliest time that a time-stamp over the signature proves: the signature existed then. Reports of
    /// earlier versions have none.
    #[serde(default, with = "crate::time::optional_text")]
    pub proved_time: Option<UnixMillis>,
    /// Time-stamps found, each with its own verdict.
    #[serde(default)]
    pub timestamps: Vec<TimestampReport>,
    /// The revocation of each certificate of the path below its anchor, the signer's first, as far as the policy
    /// looks at it. Reports of earlier versions have none.
    #[serde(default)]
    pub revocation: Vec<RevocationStatus>,
    /// What a passed XML signature covers, as absolute paths of the packet's elements; `/` is all of it. Empty for other
    /// formats, which cover what was handed in.
    #[serde(default)]
    pub covers: Vec<String>,
    /// Oddities that were tolerated.
    pub quirks: Vec<Quirk>,
    /// What was lacking to find more out. For whoever fetches it; taken out before a report is kept or shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wanted: Vec<Wanted>,
}

impl SignatureReport {
    /// True for `TOTAL_PASSED`.
    #[must_use]
    pub fn is_passed(&self) -> bool {
        self.indication == Indication::TotalPassed
    }

    /// True when the revocation of every certificate was found out: of the signer's path, and of the paths of the
    /// authorities whose time-stamps passed.
    #[must_use]
    pub fn has_revocation(&self) -> bool {
        let mut stamps = self.timestamps.iter().filter(|stamp| stamp.is_passed());
        // A document time-stamp has its authority's alone.
        let is_own_known = self.format == SignatureFormat::PdfTimestamp || is_known(&self.revocation);
        is_own_known && stamps.all(TimestampReport::has_revocation)
    }
}

fn is_known(statuses: &[RevocationStatus]) -> bool {
    !statuses.is_empty() && statuses.iter().all(|status| status.state != RevocationState::Unknown)
}

/// What came out for one time-stamp (RFC 3161). Only one with `TOTAL_PASSED` proves anything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TimestampReport {
    /// What it is over.
    pub kind: TimestampKind,
    /// The verdict.
    pub indication: Indication,
    /// Its ground, absent when passed.
    pub sub_indication: Option<SubIndication>,
    /// The public code, absent when passed.
    #[serde(with = "words::code")]
    pub reason_code: Option<ErrorCode>,
    /// The rule that was broken, one stable word, for example `timestamp_imprint_mismatch`; absent when passed.
    pub rule: Option<String>,
    /// The verdict in Vietnamese.
    pub explanation_vi: String,
    /// The verdict in English, with the values compared.
    pub explanation_en: String,
    /// `genTime`, as far as it was read.
    #[serde(with = "crate::time::optional_text")]
    pub time: Option<UnixMillis>,
    /// `accuracy`, in milliseconds, rounded up; absent when the token states none.
    pub accuracy_ms: Option<u64>,
    /// Policy of the authority, dotted.
    pub policy: Option<String>,
    /// Serial number of the token, hexadecimal.
    pub serial: Option<String>,
    /// The authority's certificate, as far as it was found.
    pub authority: Option<Signatory>,
    /// The revocation of each certificate of the authority's path, as far as the policy looks at it. Reports of
    /// earlier versions have none.
    #[serde(default)]
    pub revocation: Vec<RevocationStatus>,
}

impl TimestampReport {
    /// True when the revocation of every certificate of the authority's path was found out.
    #[must_use]
    pub fn has_revocation(&self) -> bool {
        is_known(&self.revocation)
    }

    /// True for `TOTAL_PASSED`.
    #[must_use]
    pub fn is_passed(&self) -> bool {
        self.indication == Indication::TotalPassed
    }
}

/// A signer's certificate, as reports show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Signatory {
    /// Subject, RFC 4514 style.
    pub subject: String,
    /// Issuer, RFC 4514 style.
    pub issuer: String,
    /// Serial number, hexadecimal.
    pub serial: String,
    /// Start of validity.
    #[serde(with = "crate::time::text")]
    pub not_before: UnixMillis,
    /// End of validity.
    #[serde(with = "crate::time::text")]
    pub not_after: UnixMillis,
    /// SHA-256 of the certificate, 64 hexadecimal digits.
    #[serde(with = "words::digest")]
    pub sha256: Digest,
    /// Kind of key: `RSA`, `P-256`, `P-384`, `Ed25519` or an object identifier.
    pub public_key: String,
    /// Size of the key, in bits; 0 when unknown.
    pub public_key_bits: u32,
    /// Common name, as far as it is text. Reports of earlier versions have none.
    #[serde(default)]
    pub common_name: Option<String>,
    /// Organisation and organisational units, in order, as far as they are text.
    #[serde(default)]
    pub organisations: Vec<String>,
    /// URIs of the subject alternative name.
    #[serde(default)]
    pub uris: Vec<String>,
}

/// Something a report did not look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NotChecked {
    /// What.
    pub what: Unchecked,
    /// Why, in Vietnamese.
    pub why_vi: String,
    /// Why, in English.
    pub why_en: String,
}

impl NotChecked {
    /// Everything that the check of an envelope leaves out.
    #[must_use]
    pub fn envelope() -> Vec<Self> {
        Self::list(Unchecked::ALL)
    }

    /// Entries for these.
    pub(crate) fn list(what: impl IntoIterator<Item = Unchecked>) -> Vec<Self> {
        what.into_iter()
            .map(|what| Self { what, why_vi: what.why_vi().to_owned(), why_en: what.why_en().to_owned() })
            .collect()
    }
}

impl Report {
    /// Takes out what was lacking, each once, for whoever can fetch it.
    #[must_use]
    pub fn take_wanted(&mut self) -> Vec<Wanted> {
        let mut all = Vec::new();
        self.signatures.iter_mut().for_each(|signature| merge(&mut all, std::mem::take(&mut signature.wanted)));
        all
    }

    /// True when there is at least one signature and every one passed.
    #[must_use]
    pub fn is_passed(&self) -> bool {
        !self.signatures.is_empty() && self.signatures.iter().all(SignatureReport::is_passed)
    }

    /// The first code of a signature that did not pass; `signature_missing` when there is none at all.
    #[must_use]
    pub fn code(&self) -> Option<ErrorCode> {
        if self.signatures.is_empty() {
            return Some(ErrorCode::SignatureMissing);
        }
        let failed = self.signatures.iter().find(|signature| !signature.is_passed())?;
        Some(failed.reason_code.unwrap_or(ErrorCode::SignatureInvalid))
    }
}
