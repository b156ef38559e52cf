//! The decision.

use std::borrow::Cow;

use types::{AgencyCode, ErrorCode};

use super::demands::{Demand, Demands, Rules, SignedBy};
use super::findings::{
    Capacity, DocumentFacts, DocumentFindings, FileFinding, FileOutcome, PacketOutcome, Place, Role, Unexamined,
    is_unsigned,
};
use super::remark::{Judgement, Remark, Ruling};
use super::standing::Standing;
use crate::pdf::PdfReport;
use crate::report::{Report, Signatory, SignatureFormat, SignatureReport};

/// Decides what is done with a document.
///
/// `capacity` says on behalf of whom a certificate signs. A signature fulfils a demand when it passed, or waits for data
/// only (`TRY_LATER`), and its signer is bound to the sender; anybody else's is in the report and fulfils nothing.
#[must_use]
pub fn judge(
    rules: &Rules,
    findings: &DocumentFindings,
    facts: &DocumentFacts,
    capacity: &dyn Fn(&Signatory) -> Option<Capacity>,
) -> Judgement {
    let demands = rules.demands_of(facts.level, facts.document_type);
    let mut court = Court { rules, facts, demands, capacity, remarks: Vec::new() };
    court.envelope(findings.envelope.as_ref());
    court.packet(&findings.packet);
    court.files(&findings.files);
    let mut remarks = court.remarks;
    remarks.sort_by_key(|remark| std::cmp::Reverse(remark.ruling));
    Judgement { ruling: remarks.first().map_or(Ruling::Accept, |remark| remark.ruling), remarks }
}

struct Court<'a> {
    rules: &'a Rules,
    facts: &'a DocumentFacts,
    demands: Demands,
    capacity: &'a dyn Fn(&Signatory) -> Option<Capacity>,
    remarks: Vec<Remark>,
}

impl Court<'_> {
    fn remark(
        &mut self,
        (ruling, rule): (Ruling, impl Into<String>),
        code: ErrorCode,
        place: Place,
        vi: impl Into<Cow<'static, str>>,
        en: impl Into<Cow<'static, str>>,
    ) {
        let (vi, en) = (vi.into().into_owned(), en.into().into_owned());
        self.remarks.push(Remark { ruling, rule: rule.into(), code, place, vi, en });
    }

    /// Says that a demand is not met.
    fn unmet(&mut self, (name, demand): (&str, Demand), code: ErrorCode, place: Place, vi: &str, en: &str) {
        let ruling = match demand {
            Demand::Optional => return,
            Demand::Expected => (Ruling::Flag, format!("{name} = expected")),
            Demand::Required => (Ruling::Refuse, format!("{name} = required")),
        };
        self.remark(ruling, code, place, vi.to_owned(), en.to_owned());
    }

    /// Whether this agency's signatures count as the sender's.
    fn is_of_sender(&self, agency: &AgencyCode) -> bool {
        let is_above = self.rules.signed_by == SignedBy::SenderOrParent && self.facts.above.contains(agency);
        *agency == self.facts.sender || is_above
    }

    fn capacity_of(&self, signature: &SignatureReport) -> Option<Capacity> {
        signature.signer.as_ref().and_then(self.capacity)
    }

    fn is_bound(&self, signature: &SignatureReport) -> bool {
        self.capacity_of(signature).is_some_and(|capacity| self.is_of_sender(&capacity.agency))
    }

    fn envelope(&mut self, report: Option<&Report>) {
        let demands = self.demands;
        let Some(report) = report.filter(|report| !report.signatures.is_empty()) else {
            let (vi, en) = ("Gói tin không kèm chữ ký số", "the packet came without a signature");
            self.unmet(("envelope", demands.envelope), ErrorCode::SignatureMissing, Place::Envelope, vi, en);
            return;
        };
        for signature in &report.signatures {
            let standing = Standing::of_signature(signature);
            let ruling = match standing {
                Standing::Passed => None,
                Standing::Waiting => standing.ruling(self.rules),
                // The manifest is this network's own: one that is not good is not taken, whatever is asked of documents.
                Standing::Undecided | Standing::Failed => Some((Ruling::Refuse, "envelope")),
            };
            if let Some(ruling) = ruling {
                let code = signature.reason_code.unwrap_or(ErrorCode::SignatureInvalid);
                let (vi, en) = (signature.explanation_vi.clone(), signature.explanation_en.clone());
                self.remark(ruling, code, Place::Envelope, vi, en);
            }
        }
        if !report.signatures.iter().all(|signature| self.is_bound(signature)) {
            let vi = "Người ký bản kê không gắn với cơ quan gửi";
            let en = "the manifest's signer is not bound to the sender";
            let demand = ("envelope_signer", demands.envelope_signer);
            self.unmet(demand, ErrorCode::SignerNotOfSender, Place::Envelope, vi, en);
        }
    }

    fn packet(&mut self, outcome: &PacketOutcome) {
        let demand = ("packet", self.demands.packet);
        let (vi, en) = ("Gói tin không có chữ ký XML trên toàn bộ gói", "no XML signature covers the whole packet");
        match outcome {
            PacketOutcome::Unsigned => self.unmet(demand, ErrorCode::SignatureMissing, Place::Packet, vi, en),
            PacketOutcome::Unexamined(why) => self.unexamined(*why, Place::Packet),
            PacketOutcome::Checked(report) => {
                for signature in &report.signatures {
                    self.packet_signature(signature);
                }
                let covers_all = |signature: &&SignatureReport| signature.covers.iter().any(|path| path == "/");
                let is_met = report.signatures.iter().filter(covers_all).any(|signature| self.is_bound(signature));
                if !is_met {
                    self.unmet(demand, ErrorCode::SignatureMissing, Place::Packet, vi, en);
                }
            }
        }
    }

    fn packet_signature(&mut self, signature: &SignatureReport) {
        let standing = Standing::of_signature(signature);
        if let Some(ruling) = standing.ruling(self.rules) {
            let code = signature.reason_code.unwrap_or(ErrorCode::SignatureInvalid);
            let (vi, en) = (signature.explanation_vi.clone(), signature.explanation_en.clone());
            self.remark(ruling, code, Place::Packet, vi, en);
        }
        if standing == Standing::Passed && !signature.covers.iter().any(|path| path == "/") {
            let covers = signature.covers.join(", ");
            let vi = format!("Chữ ký XML chỉ bao gồm {covers}");
            let en = format!("the XML signature covers {covers} only");
            self.remark((Ruling::Flag, "packet"), ErrorCode::SignatureInvalid, Place::Packet, vi, en);
        }
    }

    fn unexamined(&mut self, why: Unexamined, place: Place) {
        let standing = match why {
            // The operator decided so, and the report says it.
            Unexamined::TurnedOff => return,
            why if why.may_settle() => Standing::Waiting,
            _ => Standing::Undecided,
        };
        if let Some(ruling) = standing.ruling(self.rules) {
            self.remark(ruling, why.code(), place, why.vi(), why.en());
        }
    }

    fn files(&mut self, files: &[FileFinding]) {
        let main = files.iter().position(|file| file.outcome != FileOutcome::NotPdf);
        for (position, file) in files.iter().enumerate() {
            let place = Place::File { index: file.index, name: file.name.clone() };
            let is_main = main == Some(position);
            match &file.outcome {
                FileOutcome::NotPdf => {
                    let vi = "Tệp không phải PDF: không kiểm tra được dấu của cơ quan trong tệp";
                    let en = "not a PDF: an agency's seal inside it cannot be checked";
                    let demand = ("attachment_pdf", self.demands.attachment_pdf);
                    self.unmet(demand, ErrorCode::SignatureMissing, place, vi, en);
                }
                FileOutcome::Unexamined(why) => self.unexamined(*why, place),
                FileOutcome::Pdf(report) => {
                    self.pdf(report, &place);
                    if is_main {
                        self.role(report, ("leader", self.demands.leader), Role::Leader, &place);
                        self.role(report, ("seal", self.demands.seal), Role::Seal, &place);
                    } else {
                        let demand = ("attachment_seal", self.demands.attachment_seal);
                        self.role(report, demand, Role::Seal, &place);
                    }
                }
            }
        }
        if main.is_none() && !files.is_empty() {
            let (vi, en) = ("Văn bản không có tệp PDF nào", "the document has no PDF");
            let demand = self.demands.leader.max(self.demands.seal);
            self.unmet(("leader, seal", demand), ErrorCode::SignatureMissing, Place::Document, vi, en);
        }
    }

    /// What is there has to be good, whether or not it was asked for. One remark a file, about the worst.
    fn pdf(&mut self, report: &PdfReport, place: &Place) {
        if is_unsigned(report) {
            return;
        }
        let signatures = report.signatures.iter().map(|entry| {
            let signature = &entry.signature;
            let words = (signature.reason_code, &signature.explanation_vi, &signature.explanation_en);
            (Standing::of_signature(signature), words)
        });
        let own = (report.reason_code, &report.explanation_vi, &report.explanation_en);
        let file = (Standing::of_file(report), own);
        // Of equals the first counts, so that the file's own verdict, which names the field, comes before.
        let worst = signatures.fold(file, |worst, next| if next.0 > worst.0 { next } else { worst });
        if let (standing, (code, vi, en)) = worst
            && let Some(ruling) = standing.ruling(self.rules)
        {
            let code = code.unwrap_or(ErrorCode::SignatureInvalid);
            self.remark(ruling, code, place.clone(), vi.clone(), en.clone());
        }
    }

    /// Whether somebody of the sender signed in this role.
    fn role(&mut self, report: &PdfReport, demand: (&str, Demand), role: Role, place: &Place) {
        let signed = report.signatures.iter().map(|entry| &entry.signature).filter(|signature| {
            signature.format != SignatureFormat::PdfTimestamp && Standing::of_signature(signature) <= Standing::Waiting
        });
        let capacities: Vec<Option<Capacity>> = signed.map(|signature| self.capacity_of(signature)).collect();
        let fulfils = |capacity: &Capacity| capacity.role == role && self.is_of_sender(&capacity.agency);
        if capacities.iter().flatten().any(fulfils) {
            return;
        }
        let (vi, en) = match role {
            Role::Leader => ("Thiếu chữ ký của người có thẩm quyền", "the leader's signature is missing"),
            Role::Seal | Role::Copy | Role::Incoming => {
                ("Thiếu chữ ký (dấu) của cơ quan", "the agency's seal is missing")
            }
        };
        let other = capacities.iter().flatten().find(|capacity| capacity.role == role);
        match (other, capacities.iter().all(Option::is_some)) {
            (None, true) => self.unmet(demand, ErrorCode::SignatureMissing, place.clone(), vi, en),
            (Some(other), _) => {
                let vi = format!("{vi} gửi: đã ký nhân danh {}", other.agency);
                let en = format!("{en}: it was signed for {}, which is not the sender", other.agency);
                self.unmet(demand, ErrorCode::SignerNotOfSender, place.clone(), &vi, &en);
            }
            (None, false) => {
                let vi = format!("{vi}: chữ ký có trong tệp không gắn với cơ quan gửi trong vai trò này");
                let en = format!("{en}: what is signed is not bound to the sender in this role");
                self.unmet(demand, ErrorCode::SignerNotOfSender, place.clone(), &vi, &en);
            }
        }
    }
}
