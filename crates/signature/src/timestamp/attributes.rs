//! Time-stamps in the attributes of a CMS signature. Source: ETSI EN 319 122-1 clauses 5.2.8, 5.3, 5.5.

use types::UnixMillis;

use super::{Check, Found, Imprint, verify};
use crate::cms::{Attribute, SignerInfo, attribute_list};
use crate::oid;
use crate::reason::{Reason, TimestampReason};
use crate::report::{Indication, TimestampKind};
use crate::verdict::Findings;
use crate::wanted::merge;

/// Tokens on one signature: renewals every few years over the life of an archive.
const TIMESTAMPS_MAX: usize = 8;

/// Kinds of time-stamps that are recognised and not evaluated.
const ARCHIVE: [&[u8]; 5] = [
    oid::ARCHIVE_TIMESTAMP,
    oid::ARCHIVE_TIMESTAMP_V2,
    oid::ARCHIVE_TIMESTAMP_V3,
    oid::ESC_TIMESTAMP,
    oid::CERT_CRL_TIMESTAMP,
];

/// Checks every time-stamp of a signature over `content` whose value was verified before, and writes to `findings`
/// each one's verdict and the earliest time that one over the signature proves.
///
/// A token that is broken or over something else fails the signature: somebody put it there. One that cannot be
/// settled, because its authority is not known here, proves nothing and is listed as such.
pub(crate) fn check_attributes(
    signer: &SignerInfo<'_>,
    content: Imprint<'_>,
    check: Check<'_>,
    findings: &mut Findings,
) -> Result<(), Reason> {
    let signed = signer.signed_attributes.map(|set| attribute_list(&set, "signedAttrs")).transpose()?;
    let unsigned = signer.unsigned_attributes.map(|set| attribute_list(&set, "unsignedAttrs")).transpose()?;
    let (signed, unsigned) = (signed.unwrap_or_default(), unsigned.unwrap_or_default());
    let values = |list: &[Attribute<'_>], wanted: &[&[u8]]| -> usize {
        list.iter().filter(|attribute| wanted.contains(&attribute.oid)).map(|attribute| attribute.values.len()).sum()
    };
    let count = values(&signed, &[oid::CONTENT_TIMESTAMP])
        + values(&unsigned, &[oid::SIGNATURE_TIMESTAMP])
        + values(&unsigned, &ARCHIVE);
    if count > TIMESTAMPS_MAX {
        return Err(TimestampReason::TooMany { max: TIMESTAMPS_MAX }.into());
    }
    let content = stamps(&signed, oid::CONTENT_TIMESTAMP, TimestampKind::Content, content, check, findings)?;
    let value = Imprint::Of(signer.signature);
    let signature = stamps(&unsigned, oid::SIGNATURE_TIMESTAMP, TimestampKind::Signature, value, check, findings)?;
    for _ in 0..values(&unsigned, &ARCHIVE) {
        let outcome = Err(TimestampReason::NotEvaluated.into());
        findings.timestamps.push(Found::default().into_report(TimestampKind::Archive, &outcome));
    }
    findings.proved = signature.iter().min().copied();
    match (content.iter().max(), findings.proved) {
        (Some(content), Some(signature)) if *content > signature + check.policy.timestamp_accuracy_max => {
            Err(TimestampReason::Order { content: *content, signature }.into())
        }
        _ => Ok(()),
    }
}

/// The times that the tokens of one attribute prove.
fn stamps(
    list: &[Attribute<'_>],
    oid: &[u8],
    kind: TimestampKind,
    stamped: Imprint<'_>,
    check: Check<'_>,
    findings: &mut Findings,
) -> Result<Vec<UnixMillis>, Reason> {
    let mut times = Vec::new();
    let attributes = list.iter().filter(|attribute| attribute.oid == oid);
    for token in attributes.flat_map(|attribute| &attribute.values) {
        let mut found = Found::default();
        let outcome = verify(token.raw, stamped, check, &mut found);
        merge(&mut findings.trail.wanted, std::mem::take(&mut found.trail.wanted));
        findings.timestamps.push(found.into_report(kind, &outcome));
        match outcome {
            Ok(time) => times.push(time),
            Err(reason) if reason.facts().sub.indication() == Indication::TotalFailed => return Err(reason),
            Err(_) => {}
        }
    }
    Ok(times)
}
