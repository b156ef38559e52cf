//! XML signatures on edXML packets: XMLDSig, enveloped or by `#id`, with X.509 certificates.
//!
//! The packet is walked twice and never built in memory: once to find signatures, identifiers and the elements that the
//! packet is read from, once to digest what the references name. Source: W3C XMLDSig core 1.1; QCVN 102:2016/BTTTT.

mod canonical;
mod certificate;
mod signing;
mod survey;
mod tokens;
mod tree;
mod walk;

pub(crate) use canonical::Method;
pub(crate) use signing::{canonical_signed_info, canonical_text, insertion};

use types::UnixMillis;

use crate::algorithm::{self, EcdsaForm, Legacy};
use crate::chain::{PathRequest, examine};
use crate::policy::Policy;
use crate::reason::{CmsReason, Reason, XmlReason};
use crate::report::{NotChecked, Report, SignatureFormat, SignatureKind, SignatureReport, Unchecked};
use crate::revocation::RevocationEvidence;
use crate::trust::TrustStore;
use crate::verdict::Findings;
use survey::{Place, Survey};
use tree::{Builder, Extract, Reference, SignedInfo, Target};
use walk::{Scopes, walk};

/// Bytes of a packet whose signatures are checked: as much as a node takes in one packet.
const PACKET_BYTES_MAX: usize = 256 * 1024 * 1024;
/// UTF-8's byte order mark.
const MARK: &str = "\u{feff}";

/// Checks every XML signature of a packet as of `at` (UTC).
///
/// `packet` begins at its XML: what stands before it, by `edxml::preamble_length`, is left out. Each entry's `covers`
/// lists what it signed by absolute path, `/` being the whole packet; only then is it passed. A packet without
/// signatures gives a report without entries, whose code is `signature_missing`.
///
/// Taken: C14N 1.0 and 1.1 and exclusive C14N, the enveloped-signature transform, references `""` and `"#id"` to
/// elements that the packet is read from, SHA-256 and better. Keys come from certificates with a path to an anchor;
/// `KeyValue` is ignored. Time-stamps inside the signature are not looked at.
#[must_use]
pub fn verify_xml(packet: &[u8], trust: &TrustStore, policy: &Policy, at: UnixMillis) -> Report {
    verify_xml_with(packet, trust, policy, &RevocationEvidence::new(), at)
}

/// [`verify_xml`] with lists and responses about revocation, which the policy may prefer or require.
#[must_use]
pub fn verify_xml_with(
    packet: &[u8],
    trust: &TrustStore,
    policy: &Policy,
    evidence: &RevocationEvidence,
    at: UnixMillis,
) -> Report {
    let check = Check { trust, policy, evidence, at };
    let failed = |reason: XmlReason| vec![entry(Findings::default(), &Err(reason.into()))];
    let signatures = match check.packet(packet) {
        Ok(signatures) => signatures,
        Err(reason) => failed(reason),
    };
    let unchecked = [Unchecked::Revocation, Unchecked::PdfSignatures, Unchecked::Timestamps];
    let mut not_checked = NotChecked::envelope();
    not_checked.retain(|entry| unchecked.contains(&entry.what));
    if !signatures.is_empty() && signatures.iter().all(SignatureReport::has_revocation) {
        not_checked.retain(|entry| entry.what != Unchecked::Revocation);
    }
    Report { policy: policy.name.clone(), trust_version: trust.version().to_owned(), at, signatures, not_checked }
}

struct Check<'a> {
    trust: &'a TrustStore,
    policy: &'a Policy,
    evidence: &'a RevocationEvidence,
    at: UnixMillis,
}

fn entry(findings: Findings, outcome: &Result<(), Reason>) -> SignatureReport {
    findings.into_report(SignatureKind::Packet, SignatureFormat::XmlDsig, outcome)
}

impl Check<'_> {
    fn packet(&self, packet: &[u8]) -> Result<Vec<SignatureReport>, XmlReason> {
        if packet.len() > PACKET_BYTES_MAX {
            return Err(XmlReason::TooLarge { length: packet.len(), max: PACKET_BYTES_MAX });
        }
        let text = std::str::from_utf8(packet)
            .map_err(|error| XmlReason::Malformed { at: error.valid_up_to(), why: "not UTF-8" })?;
        let text = text.strip_prefix(MARK).unwrap_or(text);
        let mut survey = Survey::default();
        walk(text, &Scopes::default(), &mut survey)?;
        let signature = |place: &Place| {
            let mut findings = Findings::default();
            let outcome = self.signature(text, place, &survey, &mut findings);
            if outcome.is_err() {
                findings.covers.clear();
            }
            entry(findings, &outcome)
        };
        Ok(survey.signatures.iter().map(signature).collect())
    }

    fn signature(&self, text: &str, place: &Place, survey: &Survey, findings: &mut Findings) -> Result<(), Reason> {
        if let Some(path) = &place.misplaced {
            return Err(XmlReason::Misplaced { path: path.clone() }.into());
        }
        let own = text.get(place.bytes.clone()).unwrap_or_default();
        let max = self.policy.signature_bytes_max;
        if own.len() > max {
            return Err(CmsReason::TooLarge { length: own.len(), max }.into());
        }
        let mut builder = Builder::default();
        walk(own, &place.scopes, &mut builder)?;
        let node = builder.finish()?;
        let info = SignedInfo::read(&node)?;
        findings.algorithm = Some(info.algorithm);
        let value = node.one("SignatureValue")?.base64()?;
        let (certificate, embedded) = certificate::find(&node, self.trust)?;
        findings.certificate = Some(certificate.clone());
        algorithm::permit(self.policy, info.algorithm, certificate.key())?;
        algorithm::fits(info.algorithm, certificate.key())?;
        let mut signed = Vec::new();
        // SignedInfo comes first in its Signature (XMLDSig 4.2), so its number there is 1.
        if node.children.first().is_none_or(|first| !std::ptr::eq(first, node.one("SignedInfo").unwrap_or(&node))) {
            return Err(XmlReason::Structure { what: "SignedInfo is not first" }.into());
        }
        let mut extract =
            Extract::new(info.method.clone(), Target::Element(1), None, |piece| signed.extend_from_slice(piece));
        walk(own, &place.scopes, &mut extract)?;
        drop(extract);
        self.trust.budget().take_check()?;
        if !algorithm::verifies(info.algorithm, EcdsaForm::Fixed, certificate.key(), &signed, &value) {
            return Err(CmsReason::SignatureWrong.into());
        }
        // Before the references: only who is trusted here may have whole packets digested.
        let request = PathRequest::new(&certificate, self.trust, self.policy, self.at)
            .with_embedded(&embedded)
            .with_evidence(self.evidence)
            .for_signature(info.algorithm, Legacy::Refused);
        examine(&request, &mut findings.trail)?;
        for reference in &info.references {
            self.trust.budget().take_bytes(text.len())?;
            match digest_reference(text, place, survey, reference)? {
                Some(path) => findings.covers.push(path),
                None => {
                    findings.claimed =
                        certificate::properties(&node, &reference.uri, &certificate)?.or(findings.claimed)
                }
            }
        }
        if findings.covers.is_empty() {
            return Err(XmlReason::CoversNothing.into());
        }
        findings.claimed.map_or(Ok(()), |claimed| findings.check_claim(claimed, self.policy, self.at))
    }
}

/// Digests what one reference names. Gives the path that it covers, or nothing for a part of the signature itself.
fn digest_reference(
    text: &str,
    place: &Place,
    survey: &Survey,
    reference: &Reference,
) -> Result<Option<String>, Reason> {
    let shown = || reference.uri.chars().take(200).collect::<String>();
    let (target, path) = match reference.uri.strip_prefix('#') {
        None if reference.uri.is_empty() => (Target::Whole, Some("/".to_owned())),
        Some(id) if !id.is_empty() && !id.contains(['(', '#']) => {
            let found = survey.ids.get(id).ok_or_else(|| XmlReason::TargetMissing { id: shown() })?;
            let is_own = place.elements.contains(&found.number);
            (Target::Element(found.number), (!is_own).then(|| found.path.clone()))
        }
        _ => return Err(XmlReason::Reference { uri: shown() }.into()),
    };
    if let Some(path) = path.as_deref().filter(|path| *path != "/") {
        survey.check_consumed(path)?;
    }
    let mut context = reference.hash.context();
    let skipped = reference.is_enveloped.then_some(place.number);
    let mut extract = Extract::new(reference.method.clone(), target, skipped, |piece| context.update(piece));
    walk(text, &Scopes::default(), &mut extract)?;
    drop(extract);
    if context.finish().as_ref() != reference.digest {
        return Err(XmlReason::DigestMismatch { uri: shown() }.into());
    }
    Ok(path)
}

#[cfg(test)]
mod tests;
