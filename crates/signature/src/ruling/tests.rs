use types::{AgencyCode, Digest, ErrorCode, Level, UnixMillis};

use super::*;
use crate::pdf::{PdfReport, PdfSignature};
use crate::report::{Indication, Report, Signatory, SignatureFormat, SignatureKind, SignatureReport, SubIndication};

const SENDER: &str = "000.00.15.H48";
const PARENT: &str = "000.00.00.H48";
const OTHER: &str = "000.00.16.H48";

fn code(text: &str) -> AgencyCode {
    text.parse().unwrap()
}

/// A signer called `role of agency`, which [`capacity`] reads back.
fn signer(role: &str, agency: &str) -> Signatory {
    Signatory {
        subject: format!("{role} of {agency}"),
        issuer: "CA".to_owned(),
        serial: "01".to_owned(),
        not_before: UnixMillis::new(0),
        not_after: UnixMillis::new(1),
        sha256: Digest::try_from([0; 32].as_slice()).unwrap(),
        public_key: "RSA".to_owned(),
        public_key_bits: 2048,
        common_name: None,
        organisations: Vec::new(),
        uris: Vec::new(),
    }
}

fn capacity(signer: &Signatory) -> Option<Capacity> {
    let (role, agency) = signer.subject.split_once(" of ")?;
    let role = if role == "leader" { Role::Leader } else { Role::Seal };
    Some(Capacity { agency: agency.parse().ok()?, role, bound_by: BoundBy::Configuration })
}

fn signature(kind: SignatureKind, signer: Signatory, sub: Option<SubIndication>) -> SignatureReport {
    SignatureReport {
        kind,
        format: SignatureFormat::Pdf,
        indication: sub.map_or(Indication::TotalPassed, SubIndication::indication),
        sub_indication: sub,
        reason_code: sub.map(|_| ErrorCode::SignatureInvalid),
        rule: None,
        explanation_vi: String::new(),
        explanation_en: String::new(),
        signer: Some(signer),
        algorithm: None,
        claimed_time: None,
        proved_time: None,
        timestamps: Vec::new(),
        revocation: Vec::new(),
        covers: Vec::new(),
        quirks: Vec::new(),
        wanted: Vec::new(),
    }
}

fn envelope(sub: Option<SubIndication>, agency: &str) -> Report {
    Report {
        policy: String::new(),
        trust_version: String::new(),
        at: UnixMillis::new(0),
        signatures: vec![signature(SignatureKind::Envelope, signer("seal", agency), sub)],
        not_checked: Vec::new(),
    }
}

/// A PDF with these signatures; without any, an unsigned one.
fn pdf(signatures: &[(&str, &str, Option<SubIndication>)]) -> FileOutcome {
    let entries: Vec<PdfSignature> = signatures
        .iter()
        .map(|(role, agency, sub)| PdfSignature {
            field: format!("{role} {agency}"),
            coverage: None,
            covered_bytes: None,
            changes: Vec::new(),
            signature: signature(SignatureKind::Document, signer(role, agency), *sub),
        })
        .collect();
    let worst = entries.iter().map(|entry| &entry.signature).find(|signature| !signature.is_passed());
    let unsigned = entries.is_empty().then_some(SubIndication::SignedDataNotFound);
    let sub = worst.and_then(|signature| signature.sub_indication).or(unsigned);
    FileOutcome::Pdf(Box::new(PdfReport {
        policy: String::new(),
        trust_version: String::new(),
        at: UnixMillis::new(0),
        indication: sub.map_or(Indication::TotalPassed, SubIndication::indication),
        sub_indication: sub,
        reason_code: if entries.is_empty() {
            Some(ErrorCode::SignatureMissing)
        } else {
            worst.and_then(|signature| signature.reason_code)
        },
        rule: None,
        explanation_vi: String::new(),
        explanation_en: String::new(),
        signatures: entries,
        active_content: Vec::new(),
        not_checked: Vec::new(),
    }))
}

fn of_files(outcomes: impl IntoIterator<Item = FileOutcome>) -> DocumentFindings {
    let files = outcomes.into_iter().enumerate();
    DocumentFindings {
        envelope: Some(envelope(None, SENDER)),
        packet: PacketOutcome::Unsigned,
        files: files.map(|(index, outcome)| FileFinding { index, name: format!("{index}"), outcome }).collect(),
    }
}

fn facts() -> DocumentFacts {
    DocumentFacts { sender: code(SENDER), above: vec![code(PARENT)], level: Level::Province, document_type: Some(3) }
}

fn by(name: PolicyName, findings: &DocumentFindings) -> Judgement {
    judge(&NamedPolicy::shipped(name).rules, findings, &facts(), &capacity)
}

/// The ruling and the rule that decided.
fn outcome(judgement: &Judgement) -> (Ruling, &str) {
    (judgement.ruling, judgement.decisive().map_or("", |remark| remark.rule.as_str()))
}

const BOTH: [(&str, &str, Option<SubIndication>); 2] = [("leader", SENDER, None), ("seal", SENDER, None)];

#[test]
fn leader_and_seal_of_the_sender_fulfil_the_strict_policy() {
    assert_eq!(outcome(&by(PolicyName::Strict, &of_files([pdf(&BOTH)]))), (Ruling::Accept, ""));
}

#[test]
fn another_agencys_valid_seal_fulfils_nothing() {
    let findings = of_files([pdf(&[("leader", SENDER, None), ("seal", OTHER, None)])]);
    let judgement = by(PolicyName::Strict, &findings);
    assert_eq!(outcome(&judgement), (Ruling::Refuse, "seal = required"));
    assert_eq!(judgement.decisive().unwrap().code, ErrorCode::SignerNotOfSender);
}

#[test]
fn the_parents_seal_counts_unless_the_rules_say_otherwise() {
    let findings = of_files([pdf(&[("leader", SENDER, None), ("seal", PARENT, None)])]);
    assert_eq!(by(PolicyName::Strict, &findings).ruling, Ruling::Accept);
    let rules = Rules { signed_by: SignedBy::Sender, ..NamedPolicy::shipped(PolicyName::Strict).rules };
    assert_eq!(judge(&rules, &findings, &facts(), &capacity).ruling, Ruling::Refuse);
}

#[test]
fn each_further_pdf_needs_the_seal() {
    let judgement = by(PolicyName::Strict, &of_files([pdf(&BOTH), pdf(&[])]));
    assert_eq!(outcome(&judgement), (Ruling::Refuse, "attachment_seal = required"));
    assert_eq!(judgement.decisive().unwrap().place, Place::File { index: 1, name: "1".to_owned() });
}

#[test]
fn a_file_of_another_kind_is_flagged_where_seals_are_required() {
    let judgement = by(PolicyName::Strict, &of_files([pdf(&BOTH), FileOutcome::NotPdf]));
    assert_eq!(outcome(&judgement), (Ruling::Flag, "attachment_pdf = expected"));
}

#[test]
fn a_document_without_a_pdf_lacks_its_signatures_and_one_without_files_does_not() {
    assert_eq!(by(PolicyName::Strict, &of_files([FileOutcome::NotPdf])).ruling, Ruling::Refuse);
    assert_eq!(by(PolicyName::Strict, &of_files([])).ruling, Ruling::Accept);
}

#[test]
fn what_waits_for_data_is_held_and_what_waiting_cannot_settle_is_refused() {
    let with = |sub| of_files([pdf(&[("leader", SENDER, Some(sub)), ("seal", SENDER, None)])]);
    let held = by(PolicyName::Strict, &with(SubIndication::TryLater));
    assert_eq!(outcome(&held), (Ruling::Quarantine, "indeterminate = quarantine"));
    let refused = by(PolicyName::Strict, &with(SubIndication::NoCertificateChainFound));
    assert_eq!(outcome(&refused), (Ruling::Refuse, "indeterminate = quarantine"));
}

#[test]
fn a_revoked_certificate_is_disproved_not_undecided() {
    let findings = of_files([pdf(&[("leader", SENDER, Some(SubIndication::RevokedNoPoe)), ("seal", SENDER, None)])]);
    let rules = Rules {
        indeterminate: OnUndecided::Accept,
        failed: OnFailure::Refuse,
        ..NamedPolicy::shipped(PolicyName::Default).rules
    };
    assert_eq!(outcome(&judge(&rules, &findings, &facts(), &capacity)), (Ruling::Refuse, "failed = refuse"));
}

#[test]
fn a_disproved_signature_that_nobody_asked_for_is_never_silent() {
    for name in PolicyName::ALL {
        let failed = ("copy", OTHER, Some(SubIndication::HashFailure));
        let [leader, seal] = BOTH;
        let judgement = by(name, &of_files([pdf(&[leader, seal, failed])]));
        assert!(judgement.ruling >= Ruling::Flag, "{name}");
        assert!(judgement.remarks.iter().any(|remark| remark.rule.starts_with("failed")), "{name}");
    }
}

#[test]
fn an_untrusted_signature_does_not_count_even_where_undecided_ones_are_accepted() {
    let self_made = Some(SubIndication::NoCertificateChainFound);
    let findings = of_files([pdf(&[("leader", SENDER, self_made), ("seal", SENDER, self_made)])]);
    let strict = NamedPolicy::shipped(PolicyName::Strict).rules;
    let rules = Rules { indeterminate: OnUndecided::Accept, ..strict };
    assert_eq!(outcome(&judge(&rules, &findings, &facts(), &capacity)), (Ruling::Refuse, "leader = required"));
}

#[test]
fn a_file_that_cannot_be_read_and_shows_no_signature_disproves_none() {
    let FileOutcome::Pdf(mut unread) = pdf(&[]) else { panic!("a PDF") };
    unread.indication = Indication::TotalFailed;
    unread.sub_indication = Some(SubIndication::FormatFailure);
    unread.reason_code = Some(ErrorCode::SignatureMalformed);
    for (rule, expected) in [("pdf_malformed", Ruling::Flag), ("pdf_hidden_signature", Ruling::Refuse)] {
        unread.rule = Some(rule.to_owned());
        let findings = of_files([FileOutcome::Pdf(unread.clone())]);
        assert_eq!(by(PolicyName::Default, &findings).ruling, expected, "{rule}");
    }
}

#[test]
fn only_policies_for_a_time_of_change_take_what_was_altered() {
    let [leader, _] = BOTH;
    let altered = of_files([pdf(&[leader, ("seal", SENDER, Some(SubIndication::HashFailure))])]);
    let rulings = PolicyName::ALL.map(|name| by(name, &altered).ruling);
    assert_eq!(rulings, [Ruling::Refuse, Ruling::Refuse, Ruling::Flag, Ruling::Flag]);
}

#[test]
fn an_unfinished_check_is_undecided() {
    let findings = of_files([FileOutcome::Unexamined(Unexamined::WorkerDied)]);
    let judgement = by(PolicyName::Default, &findings);
    assert_eq!(outcome(&judgement), (Ruling::Flag, "indeterminate = flag"));
    assert_eq!(judgement.decisive().unwrap().code, ErrorCode::VerificationUnfinished);
    assert_eq!(by(PolicyName::Strict, &findings).ruling, Ruling::Quarantine);
}

#[test]
fn an_envelope_that_is_not_good_is_refused_by_every_policy() {
    for name in PolicyName::ALL {
        for sub in [SubIndication::HashFailure, SubIndication::NoCertificateChainFound] {
            let findings = DocumentFindings { envelope: Some(envelope(Some(sub), SENDER)), ..of_files([]) };
            assert_eq!(outcome(&by(name, &findings)), (Ruling::Refuse, "envelope"), "{name}");
        }
    }
}

#[test]
fn an_envelope_of_another_agencys_signer_is_flagged_or_refused() {
    let findings = DocumentFindings { envelope: Some(envelope(None, OTHER)), ..of_files([]) };
    assert_eq!(outcome(&by(PolicyName::Default, &findings)), (Ruling::Accept, ""));
    assert_eq!(outcome(&by(PolicyName::Transition, &findings)), (Ruling::Flag, "envelope_signer = expected"));
    assert_eq!(outcome(&by(PolicyName::Strict, &findings)), (Ruling::Refuse, "envelope_signer = required"));
}

#[test]
fn a_missing_envelope_is_refused_unless_it_is_only_expected() {
    let findings = DocumentFindings { envelope: None, ..of_files([]) };
    assert_eq!(outcome(&by(PolicyName::Default, &findings)), (Ruling::Refuse, "envelope = required"));
    assert_eq!(outcome(&by(PolicyName::Transition, &findings)), (Ruling::Flag, "envelope = expected"));
}

#[test]
fn an_xml_signature_over_a_part_of_the_packet_is_flagged() {
    let mut part = envelope(None, SENDER);
    part.signatures[0].covers = vec!["/edXML/edXMLHeader".to_owned()];
    let findings = DocumentFindings { packet: PacketOutcome::Checked(Box::new(part.clone())), ..of_files([]) };
    assert_eq!(by(PolicyName::Default, &findings).ruling, Ruling::Flag);
    part.signatures[0].covers = vec!["/".to_owned()];
    let findings = DocumentFindings { packet: PacketOutcome::Checked(Box::new(part)), ..of_files([]) };
    assert_eq!(by(PolicyName::Default, &findings).ruling, Ruling::Accept);
}

#[test]
fn exceptions_change_what_is_asked_in_order() {
    let optional = DemandChanges { seal: Some(Demand::Optional), ..DemandChanges::default() };
    let required = DemandChanges { seal: Some(Demand::Required), ..DemandChanges::default() };
    let rules = Rules {
        exceptions: vec![
            Exception { levels: vec![Level::Province], document_types: Vec::new(), demands: optional },
            Exception { levels: Vec::new(), document_types: vec![7], demands: required },
        ],
        ..NamedPolicy::shipped(PolicyName::Strict).rules
    };
    assert_eq!(rules.demands_of(Level::Province, Some(3)).seal, Demand::Optional);
    assert_eq!(rules.demands_of(Level::Province, Some(7)).seal, Demand::Required);
    assert_eq!(rules.demands_of(Level::Commune, None).seal, Demand::Required);
}

#[test]
fn rules_read_back_from_json() {
    for name in PolicyName::ALL {
        let rules = NamedPolicy::shipped(name).rules;
        let text = serde_json::to_string(&rules).unwrap();
        assert_eq!(serde_json::from_str::<Rules>(&text).unwrap(), rules);
    }
}

#[test]
fn a_seal_beside_which_only_the_leader_signed_is_missing_and_an_unbound_one_is_nobodys() {
    let leader = by(PolicyName::Strict, &of_files([pdf(&[("leader", SENDER, None)])]));
    assert_eq!(leader.decisive().unwrap().code, ErrorCode::SignatureMissing);
    let nobody = by(PolicyName::Strict, &of_files([pdf(&[("leader", SENDER, None), ("seal", "?", None)])]));
    assert_eq!(nobody.decisive().unwrap().code, ErrorCode::SignerNotOfSender);
}
