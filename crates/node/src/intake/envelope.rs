//! The sender's signed manifest: verified, and compared with the packet.

use edxml::Packet;
use ring::digest::{SHA256, digest as sha256};
use signature::{
    Budget, EnvelopeSignature, Indication, Policy, Report, Revocation, RevocationEvidence, Signatory, SubIndication,
    VerifiedManifest, verify_envelope_with,
};
use types::{Digest, ErrorCode, UnixMillis};
use wire::types_v1::{Envelope, envelope};

use super::{Door, Facts, Received, Refused};
use crate::core::Core;

/// What a signature covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coverage {
    /// Every byte of the packet.
    Packet,
    /// Sender, receivers, id, type, subject and files of a packet that the node built.
    Facts,
    /// There is no signature.
    Nothing,
}

/// SHA-256 of bytes in memory.
pub(crate) fn digest(bytes: &[u8]) -> Digest {
    Digest::try_from(sha256(&SHA256, bytes).as_ref()).expect("SHA-256 has 32 bytes")
}

/// An envelope whose signature is good, or waits for revocation data only, and whose manifest is the packet's.
#[derive(Clone, Debug)]
pub(super) struct Sealed {
    /// The check's report.
    pub(super) report: Report,
    /// Digest of the signed manifest.
    pub(super) manifest: Digest,
    /// Digest of the signature.
    pub(super) signature: Digest,
    /// What the signature covers.
    pub(super) coverage: Coverage,
}

impl Sealed {
    /// Checks the envelope within the document's budget, and compares it with the packet.
    ///
    /// Refused: the report's own code when a signature is not good, `manifest_mismatch` when something else was signed.
    pub(super) fn of(
        core: &Core,
        envelope: &Envelope,
        door: &Door,
        facts: &Facts,
        received: &Received,
        (at, budget): (UnixMillis, &Budget),
    ) -> Result<Self, Refused> {
        let (signature, bytes) = signature_of(envelope)?;
        let sealed = signature::Envelope { manifest: envelope.manifest.to_vec(), signature };
        let (report, manifest) = verify(core, &sealed, at, budget)?;
        check_signers(core, manifest.signers(), door)?;
        manifest
            .matches(&facts.signed_as(received))
            .map_err(|mismatch| Refused::new(mismatch.code(), mismatch.to_string()).at(mismatch.field))?;
        check_subject(manifest.subject.as_deref(), &received.packet)?;
        let coverage = if manifest.packet.is_some() { Coverage::Packet } else { Coverage::Facts };
        Ok(Self { report, manifest: manifest.bytes_sha256(), signature: bytes, coverage })
    }
}

fn signature_of(envelope: &Envelope) -> Result<(EnvelopeSignature, Digest), Refused> {
    match &envelope.signature {
        Some(envelope::Signature::Cms(der)) => Ok((EnvelopeSignature::Cms(der.to_vec()), digest(der))),
        Some(envelope::Signature::Jws(text)) => Ok((EnvelopeSignature::Jws(text.clone()), digest(text.as_bytes()))),
        None => Err(Refused::new(ErrorCode::SignatureMissing, "the envelope has a manifest and no signature")),
    }
}

/// Checks a kept envelope once more; it was compared with its packet when that came.
pub(super) fn verify_again(
    core: &Core,
    envelope: &Envelope,
    at: UnixMillis,
    budget: &Budget,
) -> Result<Report, Refused> {
    let (signature, _) = signature_of(envelope)?;
    let sealed = signature::Envelope { manifest: envelope.manifest.to_vec(), signature };
    let (trust, evidence) = (core.validation.trust().within(budget), core.validation.evidence());
    Ok(verify_envelope_with(&sealed, &trust, &core.material.load().envelopes, &evidence, at).report)
}

/// The report by the whole policy, and the manifest. Where only revocation data is lacking the manifest is had all the
/// same: what happens to the document is the policy's to say.
fn verify(
    core: &Core,
    sealed: &signature::Envelope,
    at: UnixMillis,
    budget: &Budget,
) -> Result<(Report, VerifiedManifest), Refused> {
    let material = core.material.load();
    let trust = &core.validation.trust().within(budget);
    let policy = &material.envelopes;
    let found = verify_envelope_with(sealed, trust, policy, &core.validation.evidence(), at);
    if let Some(manifest) = found.manifest {
        return Ok((found.report, manifest));
    }
    let may_settle = found.report.signatures.iter().all(|signature| {
        signature.indication == Indication::TotalPassed || signature.sub_indication == Some(SubIndication::TryLater)
    });
    let without = Policy { revocation: Revocation::Off, anchors: Vec::new(), ..policy.clone() };
    let manifest = match may_settle {
        true => verify_envelope_with(sealed, trust, &without, &RevocationEvidence::new(), at).manifest,
        false => None,
    };
    manifest.ok_or_else(|| refused(&found.report)).map(|manifest| (found.report, manifest))
}

/// The subject that was signed is the packet's; the manifest may leave it out.
fn check_subject(signed: Option<&str>, packet: &Packet) -> Result<(), Refused> {
    let Packet::Document(document) = packet else { return Ok(()) };
    match signed {
        Some(signed) if signed != document.subject => {
            let detail = format!("subject: signed {signed:?}, packet {:?}", document.subject);
            Err(Refused::new(ErrorCode::ManifestMismatch, detail).at("subject"))
        }
        Some(_) | None => Ok(()),
    }
}

/// A system that names its signing certificates is held to them: a trusted certificate of another agency is not enough.
/// Over a link, the first node has checked this.
fn check_signers(core: &Core, signers: &[Signatory], door: &Door) -> Result<(), Refused> {
    let system = door.system().and_then(|system| core.system(system));
    let Some(system) = system.filter(|system| !system.signers.is_empty()) else { return Ok(()) };
    match signers.iter().find(|signer| !system.signers.contains(&signer.sha256)) {
        None => Ok(()),
        Some(signer) => {
            let detail = format!(
                "{} (SHA-256 {}) is no signing certificate of system {}",
                signer.subject, signer.sha256, system.id
            );
            Err(Refused::new(ErrorCode::CertificateUntrusted, detail))
        }
    }
}

fn refused(report: &Report) -> Refused {
    let failed = report.signatures.iter().find(|signature| !signature.is_passed());
    let code = failed.and_then(|signature| signature.reason_code).unwrap_or(ErrorCode::SignatureInvalid);
    let detail = failed.map_or("no signature was found", |signature| &signature.explanation_en);
    Refused::new(code, detail)
}
