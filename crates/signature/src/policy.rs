//! What a signature has to fulfil.

mod anchor;
mod text;

pub use anchor::{AnchorRule, LegacyRule, LegacyUse, Period};
pub(crate) use anchor::{Judged, hold};

use std::time::Duration;

use serde::{Deserialize, Serialize};
use types::Digest;

use crate::algorithm::SignatureAlgorithm;
use crate::oid::ObjectId;

/// Rules that a signature is checked against; named in every report.
///
/// JSON in snake_case, durations in whole milliseconds, names of algorithms as reports show them; reads back to the
/// same value. Unknown members are refused: a rule that is misspelt would not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Name that the report carries.
    pub name: String,
    /// Smallest RSA modulus, in bits. Never below 2048: the signature check itself refuses less.
    pub rsa_bits_min: u32,
    /// Signature algorithms taken, in certificates and in signatures.
    pub algorithms: Vec<SignatureAlgorithm>,
    /// How far in the future a claimed time may lie.
    #[serde(with = "text::millis", rename = "clock_tolerance_ms")]
    pub clock_tolerance: Duration,
    /// What to do with signing tools that write Vietnamese time (UTC+7) and mark it as UTC.
    pub local_time: LocalTime,
    /// Certificates of a path, the signer's and the anchor included.
    pub chain_length_max: usize,
    /// Certificate signatures checked while a path is looked for.
    pub chain_checks_max: u32,
    /// Bytes of one signature (CMS or JWS).
    pub signature_bytes_max: usize,
    /// Signers of one CMS signature.
    pub signers_max: usize,
    /// Whether revocation is looked at, under anchors whose rule does not say otherwise.
    pub revocation: Revocation,
    /// How much older than the time judged the newest list or response may be, whatever its `nextUpdate` says; `None`
    /// leaves it to `nextUpdate`.
    #[serde(with = "text::optional_millis", rename = "revocation_age_ms_max")]
    pub revocation_age_max: Option<Duration>,
    /// Signatures on lists and responses checked for one path.
    pub revocation_checks_max: u32,
    /// Policies of time-stamping authorities that are taken, dotted; empty: every policy of a trusted authority.
    pub timestamp_policies: Vec<String>,
    /// How inexact an authority's clock may be, as its token states it; a token that states nothing is taken.
    #[serde(with = "text::millis", rename = "timestamp_accuracy_ms_max")]
    pub timestamp_accuracy_max: Duration,
    /// Which certificate policies a path must be valid for.
    pub certificate_policies: CertificatePolicies,
    /// What holds under single anchors; the first entry that names an anchor counts.
    pub anchors: Vec<AnchorRule>,
}

/// What is asked of the certificate policies of a path: the inputs of RFC 5280 6.1.1 (c), (e)–(g).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertificatePolicies {
    /// Policies of which one must be valid, when any is asked for; empty takes every one.
    #[serde(with = "text::object_ids")]
    pub acceptable: Vec<ObjectId>,
    /// Whether a policy is asked for even where no certificate asks for it.
    pub require_explicit: Initial,
    /// Whether mappings are inhibited from the start.
    pub inhibit_mapping: Initial,
    /// Whether anyPolicy is inhibited from the start.
    pub inhibit_any: Initial,
}

/// An initial indicator of path validation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Initial {
    /// As the certificates say.
    #[default]
    Unset,
    /// Set from the start.
    Set,
}

/// What to do with a claimed time that is local time marked as UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LocalTime {
    /// Taken up to seven hours ahead, and noted as a quirk.
    Noted,
    /// Refused like any other time in the future.
    Refused,
}

/// Whether revocation is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Revocation {
    /// Not looked at; the report says so.
    Off,
    /// Looked at where a list or a response was handed in; a status that could not be found out is in the report
    /// and refuses nothing.
    Prefer,
    /// Every certificate below the anchor has to be known as not revoked.
    Require,
}

impl Policy {
    /// The policy for envelopes and receipts: RSA of 2048 bits or more, P-256, P-384 or Ed25519 with
    /// SHA-256 or better, times up to five minutes ahead, paths of up to six certificates.
    #[must_use]
    pub fn envelope() -> Self {
        Self {
            name: "lienthong-envelope-1".to_owned(),
            rsa_bits_min: 2048,
            algorithms: SignatureAlgorithm::ALL.to_vec(),
            clock_tolerance: Duration::from_secs(5 * 60),
            local_time: LocalTime::Noted,
            // The government's paths have three; one more level and a cross certificate leave room.
            chain_length_max: 6,
            // A hostile set of look-alike issuers costs at most this many checks, about half a millisecond.
            chain_checks_max: 24,
            // A leaf, a path, a timestamp and revocation values of an LT signature fit.
            signature_bytes_max: 512 * 1024,
            // A leader, a seal and their deputies.
            signers_max: 4,
            revocation: Revocation::Off,
            revocation_age_max: None,
            // A list and a response for each certificate, and paths to issuers of lists.
            revocation_checks_max: 32,
            timestamp_policies: Vec::new(),
            timestamp_accuracy_max: Duration::from_secs(60),
            certificate_policies: CertificatePolicies::default(),
            anchors: Vec::new(),
        }
    }

    /// The policy for documents, PDF, CMS and XML: as for envelopes, with room for the revocation data and the
    /// time-stamps that long-lived signatures bring, and with revocation looked at where data is there.
    #[must_use]
    pub fn documents() -> Self {
        Self {
            name: "lienthong-documents-1".to_owned(),
            // Lists of revoked certificates inside the signature.
            signature_bytes_max: 16 * 1024 * 1024,
            revocation: Revocation::Prefer,
            // Signers, time-stamping authorities and responders, each with its path.
            revocation_checks_max: 64,
            ..Self::envelope()
        }
    }

    /// The rule for an anchor.
    pub(crate) fn rule(&self, anchor: Digest) -> Option<&AnchorRule> {
        self.anchors.iter().find(|rule| rule.anchor == anchor)
    }

    /// Whether revocation is looked at below an anchor.
    pub(crate) fn revocation_under(&self, anchor: Digest) -> Revocation {
        self.rule(anchor).and_then(|rule| rule.revocation).unwrap_or(self.revocation)
    }

    /// Whether an old algorithm may turn out to be taken once the anchor is known.
    pub(crate) fn has_legacy(&self) -> bool {
        self.anchors.iter().any(|rule| rule.legacy.is_some())
    }
}

#[cfg(test)]
mod tests;
