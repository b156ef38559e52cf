//! What the check of a packet's signatures came to, and what is done with it.

use edxml::Packet;
use evidence::Notice;
use queue::{Document, Origin, Seq};
use signature::ruling::{
    Demand, DemandChanges, Demands, DocumentFacts, DocumentFindings, Exception, Judgement, Remark, Rules, Ruling, judge,
};
use signature::{Budget, Indication, Wanted};
use types::{AgencyCode, Digest, ErrorCode, Level, PacketKind, UnixMillis};

use super::envelope::{Coverage, Sealed, digest, verify_again};
use super::report::{FullReport, wire_report};
use super::signers::Signers;
use super::{Arrival, Facts, Received, Refused};
use crate::config::Requirement;
use crate::core::Core;
use crate::record::Side;
use crate::verification::{Client, Exhibit, FilePlace, Findings, Look};

/// What the check of a packet's signatures came to.
#[derive(Clone, Debug)]
pub(crate) struct Verdict {
    /// What is done with the packet.
    pub(crate) judgement: Judgement,
    /// The worst of what was found; `None` where nothing is signed.
    pub(crate) indication: Option<Indication>,
    /// What the envelope covers.
    pub(crate) coverage: Coverage,
    /// Digest of the signed manifest.
    pub(crate) manifest: Option<Digest>,
    /// Digest of the signature.
    pub(crate) signature: Option<Digest>,
    /// The report as callers see it; its full form is what the receipt has the digest of.
    pub(crate) report: wire::types_v1::SignatureReport,
    /// What was lacking to decide more.
    pub(crate) wanted: Vec<Wanted>,
}

/// A packet whose signatures are judged.
struct Case<'a> {
    sender: &'a AgencyCode,
    kind: PacketKind,
    document_type: Option<i64>,
    origin: &'a Origin,
    client: Client,
    exhibit: Exhibit,
    at: UnixMillis,
    budget: Budget,
}

impl Verdict {
    /// Checks everything in a packet that is signed, and judges it.
    ///
    /// Refused: an envelope that is not good or not the packet's; what the policy refuses; what could not be checked
    /// now (`overloaded`, `rate_limited`).
    pub(crate) async fn of(
        core: &Core,
        arrival: &Arrival,
        facts: &Facts,
        received: &Received,
        at: UnixMillis,
    ) -> Result<Self, Refused> {
        let mut verdict = Self::once(core, arrival, facts, received, at).await?;
        if core.fetch(&verdict.wanted).await {
            verdict = Self::once(core, arrival, facts, received, at).await?;
        }
        match verdict.judgement.decisive() {
            Some(remark) if remark.ruling == Ruling::Refuse => Err(refused(remark)),
            Some(_) | None => Ok(verdict),
        }
    }

    /// With the revocation data that is there now.
    async fn once(
        core: &Core,
        arrival: &Arrival,
        facts: &Facts,
        received: &Received,
        at: UnixMillis,
    ) -> Result<Self, Refused> {
        let budget = Budget::new(core.config.verification.document_work);
        let sealed = match &arrival.envelope {
            Some(envelope) => Some(Sealed::of(core, envelope, &arrival.door, facts, received, (at, &budget))?),
            None => None,
        };
        let origin = arrival.door.origin();
        let case = Case {
            sender: &facts.sender,
            kind: facts.kind,
            document_type: document_type(&received.packet),
            client: match &origin {
                Origin::Local(system) => Client::System(system.clone()),
                Origin::Neighbour(id) => Client::Neighbour(id.clone()),
            },
            origin: &origin,
            exhibit: exhibit(received)?,
            at,
            budget,
        };
        let coverage = sealed.as_ref().map_or(Coverage::Nothing, |sealed| sealed.coverage);
        let (manifest, signature) = sealed.as_ref().map(|sealed| (sealed.manifest, sealed.signature)).unzip();
        let verdict = case.judge(core, sealed.map(|sealed| sealed.report), coverage).await?;
        Ok(Self { manifest, signature, ..verdict })
    }

    /// Checks and judges a kept packet once more, as of when it came.
    pub(crate) async fn of_kept(core: &Core, seq: Seq) -> Result<Self, Refused> {
        let verdict = Self::kept_once(core, seq).await?;
        if core.fetch(&verdict.wanted).await { Self::kept_once(core, seq).await } else { Ok(verdict) }
    }

    async fn kept_once(core: &Core, seq: Seq) -> Result<Self, Refused> {
        let document = core.store.document(seq)?;
        let side = core.side(&document)?;
        let at = document.received_at;
        let budget = Budget::new(core.config.verification.document_work);
        let envelope = side.envelope.as_ref().map(|envelope| verify_again(core, envelope, at, &budget)).transpose()?;
        let case = Case {
            sender: &document.key.sender,
            kind: match document.kind {
                queue::EntryKind::Status => PacketKind::Status,
                queue::EntryKind::Document | queue::EntryKind::Receipt => PacketKind::Document,
            },
            document_type: side.document_type,
            origin: &document.origin,
            client: Client::Kept(document.key.sender.clone()),
            exhibit: kept_exhibit(core, &document, &side)?,
            at,
            budget,
        };
        let coverage = match (&envelope, side.covers_packet) {
            (None, _) => Coverage::Nothing,
            (Some(_), true) => Coverage::Packet,
            (Some(_), false) => Coverage::Facts,
        };
        case.judge(core, envelope, coverage).await
    }

    /// What the packet's side keeps of it, and for [`Verdict::of_kept`].
    pub(super) fn side(&self, received: &Received) -> Side {
        Side {
            report: Some(self.report.clone()),
            document_type: document_type(&received.packet),
            has_xml_signatures: packet_files(&received.packet).0,
            covers_packet: self.coverage == Coverage::Packet,
            ..Side::default()
        }
    }

    /// What decided, as a code and in words; `None` for a packet that is accepted without a remark.
    pub(crate) fn decisive(&self) -> Option<(ErrorCode, String)> {
        let remark = self.judgement.decisive()?;
        let place = place(remark);
        Some((remark.code, format!("{place}{} / {place}{}", remark.vi, remark.en)))
    }

    /// What is missing, of a packet that has to wait for it.
    pub(crate) fn waits_for(&self) -> Option<(ErrorCode, String)> {
        self.decisive().filter(|_| self.judgement.ruling == Ruling::Quarantine)
    }

    /// SHA-256 of the full report.
    pub(crate) fn digest(&self) -> Digest {
        digest(&self.report.full)
    }

    /// The remarks as notices for receipts and answers.
    pub(crate) fn notices(&self) -> impl Iterator<Item = Notice> {
        self.judgement.remarks.iter().map(|remark| {
            let place = place(remark);
            Notice::new(remark.code, &format!("{place}{} / {place}{}", remark.vi, remark.en))
        })
    }
}

impl Case<'_> {
    async fn judge(
        self,
        core: &Core,
        envelope: Option<signature::Report>,
        coverage: Coverage,
    ) -> Result<Verdict, Refused> {
        let directory = core.directory.load();
        let sender = directory.find(self.sender);
        let facts = DocumentFacts {
            sender: sender.map_or_else(|| self.sender.clone(), |agency| agency.code.clone()),
            above: Vec::new(),
            level: sender.map_or(Level::Other, |agency| agency.level),
            document_type: self.document_type,
        };
        let rules = self.rules(core);
        let demand = rules.demands_of(facts.level, facts.document_type).envelope;
        if envelope.is_none() && demand == Demand::Required {
            // Nobody's files are looked into before it is known whose they are.
            let detail = format!("packets of {} have to be signed: attach a signed manifest", self.sender);
            return Err(Refused::new(ErrorCode::SignatureMissing, detail));
        }
        let mut envelope = envelope;
        let mut wanted = envelope.as_mut().map(signature::Report::take_wanted).unwrap_or_default();
        let Findings { packet, files, wanted: more } =
            self.exhibit.examine(&core.workers, &self.client, &self.budget, self.at).await?;
        wanted.extend(more);
        let findings = DocumentFindings { envelope, packet, files };

        let signers = Signers { directory: &directory, entries: &core.config.signers, sender };
        let facts = DocumentFacts { above: signers.above(), ..facts };
        let judgement = judge(&rules, &findings, &facts, &|signer| signers.capacity(signer));
        let policy = &core.config.policy.named.signatures.name;
        let full = FullReport { policy, at: self.at, findings: &findings, judgement: &judgement };
        let report = wire_report(&full, coverage, &|signer| signers.capacity(signer));
        let report = report.map_err(|error| Refused::new(ErrorCode::Internal, error.to_string()))?;
        let indication = findings.indication();
        Ok(Verdict { judgement, indication, coverage, manifest: None, signature: None, report, wanted })
    }

    /// The policy's rules, with what the system or the neighbour is asked instead.
    fn rules(&self, core: &Core) -> Rules {
        let policy = &core.config.policy;
        let mut rules = policy.named.rules.clone();
        let asked = match self.origin {
            Origin::Local(system) => core.system(system).and_then(|system| system.signatures),
            Origin::Neighbour(id) => core.neighbour(id).and_then(|neighbour| neighbour.signatures),
        };
        match self.kind {
            PacketKind::Document => {
                // Also an unsigned document that may be taken is flagged.
                let envelope = asked.map(|asked| match asked {
                    Requirement::Required => Demand::Required,
                    Requirement::Optional => Demand::Expected,
                });
                let demands = DemandChanges { envelope, ..DemandChanges::default() };
                rules.exceptions.push(Exception { demands, ..Exception::default() });
            }
            PacketKind::Status => {
                let envelope = match asked.unwrap_or(policy.statuses) {
                    Requirement::Required => Demand::Required,
                    Requirement::Optional => Demand::Optional,
                };
                rules.demands = Demands { envelope, ..Demands::all(Demand::Optional) };
                rules.exceptions.clear();
            }
        }
        rules
    }
}

fn document_type(packet: &Packet) -> Option<i64> {
    match packet {
        Packet::Document(document) => document.document_type.as_ref().and_then(|kind| kind.kind),
        Packet::Status(_) => None,
    }
}

fn exhibit(received: &Received) -> Result<Exhibit, Refused> {
    let (has_xml_signatures, mut files) = packet_files(&received.packet);
    files.iter_mut().zip(&received.looks).for_each(|(file, look)| file.look = *look);
    let is_looked_into = has_xml_signatures || files.iter().any(|file| file.look == Look::Inside);
    let path = is_looked_into.then(|| received.staged.by_path()).transpose()?;
    Ok(Exhibit { path, has_xml_signatures, files })
}

/// Whether a packet's XML has signatures, and where its files are.
pub(crate) fn packet_files(packet: &Packet) -> (bool, Vec<FilePlace>) {
    let (signatures, attachments) = match packet {
        Packet::Document(document) => (&document.signatures, document.attachments.as_slice()),
        Packet::Status(status) => (&status.signatures, [].as_slice()),
    };
    let files = attachments.iter().map(|attachment| FilePlace {
        name: attachment.head.name.clone().unwrap_or_default(),
        offset: attachment.encoded.offset,
        length: attachment.encoded.length,
        look: Look::Inside,
    });
    (!signatures.is_empty(), files.collect())
}

fn kept_exhibit(core: &Core, document: &Document, side: &Side) -> Result<Exhibit, Refused> {
    let path = core.store.payload_by_path(&document.content)?;
    let files = side.attachments.iter().map(|place| FilePlace {
        name: place.name.clone(),
        offset: place.encoded_offset,
        length: place.encoded_length,
        look: Look::Inside,
    });
    Ok(Exhibit { path: Some(path), has_xml_signatures: side.has_xml_signatures, files: files.collect() })
}

/// A refusal in the sender's terms.
fn refused(remark: &Remark) -> Refused {
    let place = place(remark);
    let detail = format!("{place}{} / {place}{} [{}]", remark.vi, remark.en, remark.rule);
    Refused::new(remark.code, detail).at(remark.place.to_string())
}

/// The file, where it is about one.
fn place(remark: &Remark) -> String {
    match &remark.place {
        signature::ruling::Place::File { name, .. } => {
            let short: String = name.chars().take(40).collect();
            format!("{short}: ")
        }
        _ => String::new(),
    }
}
