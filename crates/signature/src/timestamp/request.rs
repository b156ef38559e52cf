//! Asking an authority for a token, and reading what it answers. Source: RFC 3161 2.4.

use types::{Digest, UnixMillis};

use super::info::{imprint_parts, integer};
use super::{Check, Found, Imprint, verify};
use crate::algorithm::{AlgorithmId, Hash};
use crate::der::{self, DerError, Tlv, object_id, octet_string, sequence, tag, tlv};
use crate::oid;
use crate::policy::Policy;
use crate::reason::{CmsReason, Reason, TimestampReason};
use crate::report::{TimestampKind, TimestampReport};
use crate::revocation::RevocationEvidence;
use crate::trust::TrustStore;

/// BOOLEAN TRUE.
const TRUE: [u8; 3] = [0x01, 0x01, 0xff];

/// A request for a time-stamp over some bytes' SHA-256, kept to be held against the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimestampRequest {
    digest: [u8; 32],
    nonce: u64,
    policy: Option<String>,
}

/// A token that was checked: what to keep, and what it proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timestamp {
    /// The token, a CMS ContentInfo in DER, as it came.
    pub token: Vec<u8>,
    /// The time it proves.
    pub time: UnixMillis,
    /// Its report, passed.
    pub report: TimestampReport,
}

impl TimestampRequest {
    /// Request over `stamped`. `nonce` is fresh and random: it ties the answer to this request.
    #[must_use]
    pub fn over(stamped: &[u8], nonce: u64) -> Self {
        Self { digest: *crate::certificate::sha256(stamped).as_bytes(), nonce, policy: None }
    }

    /// Request over bytes with this SHA-256. `nonce` as in [`Self::over`].
    #[must_use]
    pub const fn over_digest(digest: Digest, nonce: u64) -> Self {
        Self { digest: *digest.as_bytes(), nonce, policy: None }
    }

    /// The same request for a token of one policy, dotted.
    #[must_use]
    pub fn under(mut self, policy: &str) -> Self {
        self.policy = Some(policy.to_owned());
        self
    }

    /// TimeStampReq in DER, to be posted as `application/timestamp-query`. The authority's certificate is asked for.
    /// A policy that is no object identifier is left out, and the answer is then refused.
    #[must_use]
    pub fn to_der(&self) -> Vec<u8> {
        let imprint = sequence(&[&sequence(&[&object_id(oid::SHA256)]), &octet_string(&self.digest)]);
        let policy = self.policy.as_deref().and_then(oid::from_text).map(|oid| object_id(&oid));
        sequence(&[&der::integer(1), &imprint, &policy.unwrap_or_default(), &tlv(tag::INTEGER, &self.nonce()), &TRUE])
    }

    /// Reads the answer (TimeStampResp, `application/timestamp-reply`) and checks its token, as of `at` (UTC).
    ///
    /// # Errors
    /// The rule that was broken: `timestamp_refused` with the authority's status, `timestamp_other_request` for
    /// another nonce or policy, and everything that [`verify_timestamp`](crate::verify_timestamp) refuses.
    pub fn read_response(
        &self,
        response: &[u8],
        trust: &TrustStore,
        policy: &Policy,
        at: UnixMillis,
    ) -> Result<Timestamp, Reason> {
        let max = policy.signature_bytes_max;
        if response.len() > max {
            return Err(CmsReason::TooLarge { length: response.len(), max }.into());
        }
        let broken = |error: DerError| TimestampReason::Malformed { at: "TimeStampResp", why: error.to_string() };
        let response = der::to_der(response).map_err(broken)?;
        let mut inside = der::single(&response, tag::SEQUENCE).map_err(broken)?.inside();
        let status = inside.expect(tag::SEQUENCE).map_err(broken)?;
        let token = inside.optional(tag::SEQUENCE).map_err(broken)?;
        inside.end().map_err(broken)?;
        granted(&status, token.is_some())?;
        let token = token.ok_or(DerError::Truncated).map_err(broken)?.raw;
        let mut found = Found::default();
        let expected = Imprint::Digest(Hash::Sha256, &self.digest);
        let evidence = &RevocationEvidence::new();
        let time =
            verify(token, expected, Check { trust, policy, evidence, at, embedded: &[], proved: None }, &mut found)?;
        let Some(info) = &found.info else { return Err(broken(DerError::Truncated).into()) };
        if info.nonce.as_deref() != Some(&self.nonce()) {
            return Err(TimestampReason::OtherRequest { what: "nonce" }.into());
        }
        if self.policy.as_ref().is_some_and(|policy| *policy != info.policy) {
            return Err(TimestampReason::OtherRequest { what: "policy" }.into());
        }
        let report = found.into_report(TimestampKind::Data, &Ok(time));
        Ok(Timestamp { token: token.to_vec(), time, report })
    }

    /// The content of the nonce's INTEGER: shortest, not negative.
    fn nonce(&self) -> Vec<u8> {
        let bytes = self.nonce.to_be_bytes();
        let first = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len() - 1);
        let (_, significant) = bytes.split_at(first);
        let is_negative = significant.first().is_some_and(|byte| *byte >= 0x80);
        if is_negative { [&[0], significant].concat() } else { significant.to_vec() }
    }
}

/// PKIStatusInfo: 0 granted, 1 granted with modifications, all others refused.
fn granted(status: &Tlv<'_>, has_token: bool) -> Result<(), TimestampReason> {
    let broken = |error: DerError| TimestampReason::Malformed { at: "PKIStatusInfo", why: error.to_string() };
    let mut inside = status.inside();
    let status = der::small(&inside.expect(tag::INTEGER).map_err(broken)?).map_err(broken)?;
    let words = inside.optional(tag::SEQUENCE).map_err(broken)?;
    let failure = inside.optional(tag::BIT_STRING).map_err(broken)?;
    inside.end().map_err(broken)?;
    if status <= 1 && has_token {
        return Ok(());
    }
    let words = words.map_or(Ok(Vec::new()), |words| words.inside().all()).map_err(broken)?;
    let words: Vec<_> = words.iter().map(|word| String::from_utf8_lossy(word.content)).collect();
    let text = words.join(" ").chars().filter(|c| !c.is_control()).take(200).collect();
    Err(TimestampReason::Refused { status, failure: failure.map_or("none", |bits| failure_name(&bits)), text })
}

/// The first bit set, by the names of RFC 3161 2.4.2.
fn failure_name(bits: &Tlv<'_>) -> &'static str {
    let names = [
        (0, "badAlg"),
        (2, "badRequest"),
        (5, "badDataFormat"),
        (14, "timeNotAvailable"),
        (15, "unacceptedPolicy"),
        (16, "unacceptedExtension"),
        (17, "addInfoNotAvailable"),
        (25, "systemFailure"),
    ];
    // The first byte of a BIT STRING counts its unused bits.
    let is_set = |bit: usize| bits.content.get(1 + bit / 8).is_some_and(|byte| byte & (0x80 >> (bit % 8)) != 0);
    names.into_iter().find(|(bit, _)| is_set(*bit)).map_or("unknown", |(_, name)| name)
}

/// What an authority reads in a request.
#[derive(Debug)]
pub(crate) struct RequestFields<'a> {
    pub(crate) imprint: &'a [u8],
    pub(crate) hash_algorithm: AlgorithmId<'a>,
    pub(crate) hashed: &'a [u8],
    pub(crate) policy: Option<&'a [u8]>,
    pub(crate) nonce: Option<&'a [u8]>,
    pub(crate) wants_certificate: bool,
}

impl<'a> RequestFields<'a> {
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, DerError> {
        let mut inside = der::single(bytes, tag::SEQUENCE)?.inside();
        if der::small(&inside.expect(tag::INTEGER)?)? != 1 {
            return Err(DerError::Value);
        }
        let imprint = inside.expect(tag::SEQUENCE)?;
        let (hash_algorithm, hashed) = imprint_parts(&imprint)?;
        let policy = inside.optional(tag::OBJECT_ID)?.map(|value| value.content);
        let nonce = inside.optional(tag::INTEGER)?.map(|value| integer(&value)).transpose()?;
        let wants_certificate = inside.optional(TRUE[0])?.is_some_and(|value| value.content != [0]);
        // Extensions cannot be honoured, so they are refused (RFC 3161 2.4.1).
        inside.end()?;
        Ok(Self { imprint: imprint.raw, hash_algorithm, hashed, policy, nonce, wants_certificate })
    }
}
