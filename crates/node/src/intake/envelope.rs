//! The sender's signature: verified, compared with the packet, and judged by the policy.

use edxml::Packet;
use evidence::Notice;
use ring::digest::{SHA256, digest as sha256};
use signature::{
    EnvelopeSignature, Indication, NotChecked, Report, Signatory, SignatureKind, SignatureReport, verify_envelope,
};
use types::{Digest, ErrorCode, Level, PacketKind, UnixMillis};
use wire::types_v1::{self, Envelope, envelope};

use super::{Arrival, Door, Facts, Received, Refused};
use crate::config::Requirement;
use crate::core::Core;

/// What the check of a packet's signatures came to.
#[derive(Clone, Debug)]
pub(crate) struct Verdict {
    /// The full report.
    pub(crate) report: Report,
    /// Digest of the signed manifest.
    pub(crate) manifest: Option<Digest>,
    /// Digest of the signature.
    pub(crate) signature: Option<Digest>,
    /// What the signature covers.
    pub(crate) coverage: Coverage,
    /// The envelope's indication, when there is one.
    pub(crate) indication: Option<Indication>,
    /// What the sender should know.
    pub(crate) warning: Option<Notice>,
}

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

impl Verdict {
    /// Checks the envelope of a packet whose sender has `level`.
    ///
    /// Refused: `signature_missing` where the policy requires one, the report's own code when it
    /// does not pass, `manifest_mismatch` when something else was signed.
    pub(crate) fn of(
        core: &Core,
        arrival: &Arrival,
        facts: &Facts,
        received: &Received,
        level: Level,
        at: UnixMillis,
    ) -> Result<Self, Refused> {
        match &arrival.envelope {
            Some(envelope) => Self::signed(core, envelope, &arrival.door, facts, received, at),
            None => Self::unsigned(core, &arrival.door, facts, level, at),
        }
    }

    fn signed(
        core: &Core,
        envelope: &Envelope,
        door: &Door,
        facts: &Facts,
        received: &Received,
        at: UnixMillis,
    ) -> Result<Self, Refused> {
        let (signature, bytes) = match &envelope.signature {
            Some(envelope::Signature::Cms(der)) => (EnvelopeSignature::Cms(der.to_vec()), digest(der)),
            Some(envelope::Signature::Jws(text)) => (EnvelopeSignature::Jws(text.clone()), digest(text.as_bytes())),
            None => {
                return Err(Refused::new(ErrorCode::SignatureMissing, "the envelope has a manifest and no signature"));
            }
        };
        let manifest = envelope.manifest.to_vec();
        let material = core.material.load();
        let sealed = signature::Envelope { manifest, signature };
        let found = verify_envelope(&sealed, &material.documents, &material.policy, at);
        let Some(manifest) = found.manifest else {
            return Err(refused(&found.report));
        };
        check_signers(core, manifest.signers(), door)?;
        manifest
            .matches(&facts.signed_as(received))
            .map_err(|mismatch| Refused::new(mismatch.code(), mismatch.to_string()).at(mismatch.field))?;
        check_subject(manifest.subject.as_deref(), &received.packet)?;
        let coverage = if manifest.packet.is_some() { Coverage::Packet } else { Coverage::Facts };
        Ok(Self {
            report: found.report,
            manifest: Some(manifest.bytes_sha256()),
            signature: Some(bytes),
            indication: Some(Indication::TotalPassed),
            coverage,
            warning: None,
        })
    }

    fn unsigned(core: &Core, door: &Door, facts: &Facts, level: Level, at: UnixMillis) -> Result<Self, Refused> {
        let policy = &core.config.policy;
        let link = door.neighbour().and_then(|id| core.neighbour(id)).and_then(|neighbour| neighbour.signatures);
        let own = door.system().and_then(|system| core.system(system)).and_then(|system| system.signatures);
        let requirement = own.or(link).unwrap_or_else(|| match facts.kind {
            PacketKind::Document => policy.for_document(level),
            PacketKind::Status => policy.statuses,
        });
        if requirement == Requirement::Required {
            let detail = format!("packets of {} have to be signed: attach a signed manifest", facts.sender);
            return Err(Refused::new(ErrorCode::SignatureMissing, detail));
        }
        let material = core.material.load();
        let report = Report {
            policy: material.policy.name.clone(),
            trust_version: material.documents.version().to_owned(),
            at,
            signatures: Vec::new(),
            not_checked: NotChecked::envelope(),
        };
        let warning = (facts.kind == PacketKind::Document).then(|| {
            Notice::new(
                ErrorCode::SignatureMissing,
                "Gói tin không kèm chữ ký số. / The packet came without a signature.",
            )
        });
        let coverage = Coverage::Nothing;
        Ok(Self { report, manifest: None, signature: None, indication: None, coverage, warning })
    }

    /// What was not looked at, one sentence each.
    fn not_checked(&self) -> impl Iterator<Item = String> {
        let uncovered = (self.coverage == Coverage::Facts).then(|| {
            "Chữ ký không bao gồm độ khẩn, nội dung và các trường khác của phần đầu / priority, content and other \
             header fields are not covered by the signature"
                .to_owned()
        });
        let unchecked = self.report.not_checked.iter();
        unchecked.map(|unchecked| format!("{} / {}", unchecked.why_vi, unchecked.why_en)).chain(uncovered)
    }

    /// The report as callers see it.
    pub(crate) fn to_wire(&self) -> types_v1::SignatureReport {
        types_v1::SignatureReport {
            signatures: self.report.signatures.iter().map(result).collect(),
            not_checked: self.not_checked().collect(),
        }
    }
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

fn result(signature: &SignatureReport) -> types_v1::SignatureResult {
    let signer = signature.signer.as_ref();
    types_v1::SignatureResult {
        kind: match signature.kind {
            SignatureKind::Envelope => "ENVELOPE",
            SignatureKind::Receipt => "RECEIPT",
            SignatureKind::Document => "DOCUMENT",
            SignatureKind::Packet => "PACKET",
            SignatureKind::File => "FILE",
        }
        .to_owned(),
        indication: indication(signature.indication).to_owned(),
        sub_indication: serde_json::to_value(signature.sub_indication)
            .ok()
            .and_then(|text| Some(text.as_str()?.to_owned()))
            .unwrap_or_default(),
        code: signature.reason_code.map(|code| code.to_string()).unwrap_or_default(),
        signer: signer.map(|signer| signer.subject.clone()).unwrap_or_default(),
        certificate_sha256: signer.map(|signer| signer.sha256.to_string()).unwrap_or_default(),
        explanation_vi: signature.explanation_vi.clone(),
        explanation_en: signature.explanation_en.clone(),
    }
}

/// The indication's name in ETSI EN 319 102-1.
pub(crate) const fn indication(found: Indication) -> &'static str {
    match found {
        Indication::TotalPassed => "TOTAL_PASSED",
        Indication::Indeterminate => "INDETERMINATE",
        Indication::TotalFailed => "TOTAL_FAILED",
    }
}
