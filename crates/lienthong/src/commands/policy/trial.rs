//! One document, checked and judged as a node would.

use std::path::{Path, PathBuf};

use edxml::Packet;
use node::Signers;
use serde::Serialize;
use signature::ruling::{
    Capacity, DocumentFacts, DocumentFindings, FileOutcome, Judgement, PacketOutcome, Place, judge,
};
use signature::{Report, Signatory, SignatureFormat, SignatureReport, verify_envelope_with};
use types::{AgencyCode, Level};

use super::TestArgs;
use super::desk::Desk;
use crate::commands::packet::facts;
use crate::failure::Failure;
use crate::packet_file::PacketFile;
use crate::sealing::EnvelopeFiles;

/// What a policy would do with documents.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Trial {
    /// Name of the policy.
    pub(super) policy: String,
    pub(super) documents: Vec<Tried>,
}

/// One document.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Tried {
    pub(super) files: Vec<PathBuf>,
    pub(super) sender: String,
    pub(super) level: String,
    pub(super) judgement: Judgement,
    pub(super) signatures: Vec<Signed>,
    /// Everything that was found.
    pub(super) findings: DocumentFindings,
}

/// One signature, in short.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Signed {
    pub(super) place: Place,
    pub(super) indication: signature::Indication,
    pub(super) rule: Option<String>,
    pub(super) explanation_vi: String,
    pub(super) explanation_en: String,
    pub(super) format: SignatureFormat,
    pub(super) signer: String,
    /// On behalf of whom, of a signature that passed.
    pub(super) agency: Option<String>,
    pub(super) role: Option<&'static str>,
    pub(super) bound_by: Option<&'static str>,
}

impl Tried {
    /// A packet, with the envelope beside it.
    pub(super) fn packet(path: &Path, desk: &Desk) -> Result<Self, Failure> {
        let file = PacketFile::read(path)?;
        let sender = agency(file.packet.from().organ_id.as_str())?;
        let document_type = match &file.packet {
            Packet::Document(document) => document.document_type.as_ref().and_then(|kind| kind.kind),
            Packet::Status(_) => None,
        };
        let (packet, files) = desk.examiner.packet(path, &file.packet, desk.at);
        let findings = DocumentFindings { envelope: envelope(path, &file, desk)?, packet, files };
        Ok(Self::of(vec![path.to_owned()], sender, document_type, findings, desk))
    }

    /// Files that would be one document. There is no envelope yet, and none is missed.
    pub(super) fn files(paths: &[PathBuf], args: &TestArgs, desk: &Desk) -> Result<Self, Failure> {
        let sender = args.sender.as_deref();
        let sender = agency(sender.ok_or_else(|| {
            Failure::usage(
                "tệp rời cần --sender: mã cơ quan gửi (loose files need --sender, the sending agency's code)",
            )
        })?)?;
        let files = desk.examiner.files(paths, desk.at);
        let findings = DocumentFindings { envelope: None, packet: PacketOutcome::Unsigned, files };
        let mut tried = Self::of(paths.to_vec(), sender, args.document_type, findings, desk);
        let judgement = &mut tried.judgement;
        judgement.remarks.retain(|remark| !matches!(remark.place, Place::Envelope | Place::Packet));
        judgement.ruling = judgement.remarks.first().map_or(signature::ruling::Ruling::Accept, |remark| remark.ruling);
        Ok(tried)
    }

    fn of(
        files: Vec<PathBuf>,
        sender: AgencyCode,
        document_type: Option<i64>,
        findings: DocumentFindings,
        desk: &Desk,
    ) -> Self {
        let listed = desk.directory.find(&sender);
        let signers = Signers { directory: &desk.directory, entries: &desk.signers, sender: listed };
        let level = listed.map(|agency| agency.level).or(desk.level).unwrap_or(Level::Other);
        let facts = DocumentFacts {
            sender: listed.map_or(sender, |agency| agency.code.clone()),
            above: signers.above(),
            level,
            document_type,
        };
        let capacity = |signer: &Signatory| signers.capacity(signer);
        let judgement = judge(&desk.named.rules, &findings, &facts, &capacity);
        let signatures = signatures(&findings, &capacity);
        Self { files, sender: facts.sender.to_string(), level: level.to_string(), judgement, signatures, findings }
    }
}

fn agency(text: &str) -> Result<AgencyCode, Failure> {
    let code = text.parse().or_else(|_| AgencyCode::opaque(text));
    code.map_err(|error| Failure::usage(format!("{text:?}: {error}")))
}

/// The report on the manifest beside a packet; a manifest of something else is no signature of this packet.
fn envelope(path: &Path, file: &PacketFile, desk: &Desk) -> Result<Option<Report>, Failure> {
    let Some(envelope) = EnvelopeFiles::default().read_or_beside(path)? else { return Ok(None) };
    let found = verify_envelope_with(&envelope, &desk.trust, &desk.named.envelopes(), &desk.evidence, desk.at);
    if let Some(manifest) = &found.manifest {
        manifest.matches(&facts(file)?).map_err(|mismatch| Failure::Unverified {
            code: mismatch.code(),
            detail: format!("{}: {mismatch}", path.display()),
        })?;
    }
    Ok(Some(found.report))
}

fn signatures(findings: &DocumentFindings, capacity: &dyn Fn(&Signatory) -> Option<Capacity>) -> Vec<Signed> {
    let one = |place: Place, signature: &SignatureReport| {
        let signer = signature.signer.as_ref();
        let capacity = signer.filter(|_| signature.is_passed()).and_then(capacity);
        Signed {
            place,
            indication: signature.indication,
            rule: signature.rule.clone(),
            explanation_vi: signature.explanation_vi.clone(),
            explanation_en: signature.explanation_en.clone(),
            format: signature.format,
            signer: signer.map(|signer| signer.subject.clone()).unwrap_or_default(),
            agency: capacity.as_ref().map(|capacity| capacity.agency.to_string()),
            role: capacity.as_ref().map(|capacity| capacity.role.as_str()),
            bound_by: capacity.as_ref().map(|capacity| capacity.bound_by.as_str()),
        }
    };
    let mut all = Vec::new();
    let envelope = findings.envelope.iter().flat_map(|report| &report.signatures);
    all.extend(envelope.map(|signature| one(Place::Envelope, signature)));
    if let PacketOutcome::Checked(report) = &findings.packet {
        all.extend(report.signatures.iter().map(|signature| one(Place::Packet, signature)));
    }
    for file in &findings.files {
        if let FileOutcome::Pdf(report) = &file.outcome {
            let place = || Place::File { index: file.index, name: file.name.clone() };
            all.extend(report.signatures.iter().map(|entry| one(place(), &entry.signature)));
        }
    }
    all
}
