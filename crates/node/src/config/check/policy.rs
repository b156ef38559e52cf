//! What is asked of signatures: a shipped policy, changed key by key.

use signature::ruling::{
    Demand, DemandChanges, Exception, NamedPolicy, OnFailure, OnUndecided, PolicyName, Role, Rules, SignedBy,
};
use signature::{ActiveContent, AnchorRule, BudgetLimits, Policy, Revocation, SignatureAlgorithm};
use types::Level;

use super::super::file::{
    ActiveContentText, DemandText, FailedText, IndeterminateText, PolicyAnchorSection, PolicyNameText,
    PolicyRuleSection, PolicySection, RequirementText, RevocationText, RoleText, SignedByText, SignerSection,
    VerificationSection,
};
use super::super::{Requirement, SignaturePolicy, SignerEntry, Verification};
use super::{Problems, requirement};

/// Workers that one node can be told to have: each may take its memory.
const WORKERS_MAX: usize = 64;

pub(super) fn policy(problems: &mut Problems, section: &PolicySection) -> SignaturePolicy {
    let NamedPolicy { name, signatures, rules } = NamedPolicy::shipped(name(section.name));
    let named =
        NamedPolicy { name, signatures: held(problems, section, signatures), rules: asked(problems, section, rules) };
    SignaturePolicy {
        named,
        statuses: section.statuses.map_or(Requirement::Optional, requirement),
        active_content: match section.active_content {
            Some(ActiveContentText::Note) => ActiveContent::Noted,
            Some(ActiveContentText::Refuse) | None => ActiveContent::Refused,
        },
    }
}

const fn name(text: PolicyNameText) -> PolicyName {
    match text {
        PolicyNameText::Default => PolicyName::Default,
        PolicyNameText::Strict => PolicyName::Strict,
        PolicyNameText::Transition => PolicyName::Transition,
        PolicyNameText::LegacyArchive => PolicyName::LegacyArchive,
    }
}

/// What each signature has to fulfil.
fn held(problems: &mut Problems, section: &PolicySection, shipped: Policy) -> Policy {
    let rsa_bits_min = section.rsa_bits_min.unwrap_or(shipped.rsa_bits_min);
    problems.unless((2048..=8192).contains(&rsa_bits_min), || "policy.rsa_bits_min: 2048 to 8192".into());
    let algorithms = algorithms(problems, "policy.algorithms", &section.algorithms);
    Policy {
        rsa_bits_min,
        algorithms: if section.algorithms.is_empty() { shipped.algorithms } else { algorithms },
        clock_tolerance: section.clock_tolerance.unwrap_or(shipped.clock_tolerance),
        revocation: section.revocation.map_or(shipped.revocation, revocation),
        revocation_age_max: section.revocation_age_max.or(shipped.revocation_age_max),
        anchors: section.anchor.iter().filter_map(|anchor| anchor_rule(problems, anchor)).collect(),
        ..shipped
    }
}

fn algorithms(problems: &mut Problems, key: &str, names: &[String]) -> Vec<SignatureAlgorithm> {
    let mut found = Vec::new();
    for name in names {
        match SignatureAlgorithm::ALL.into_iter().find(|algorithm| algorithm.as_str() == name) {
            Some(algorithm) => found.push(algorithm),
            None => {
                let known: Vec<&str> = SignatureAlgorithm::ALL.iter().map(|algorithm| algorithm.as_str()).collect();
                problems.0.push(format!("{key}: {name:?} is none of {}", known.join(", ")));
            }
        }
    }
    found
}

const fn revocation(text: RevocationText) -> Revocation {
    match text {
        RevocationText::Require => Revocation::Require,
        RevocationText::Prefer => Revocation::Prefer,
        RevocationText::Off => Revocation::Off,
    }
}

/// Read by way of the rule's own form, so that there is one place that knows it.
fn anchor_rule(problems: &mut Problems, section: &PolicyAnchorSection) -> Option<AnchorRule> {
    let mut form = serde_json::json!({ "anchor": section.certificate_sha256, "periods": section.periods });
    let members = form.as_object_mut()?;
    if let Some(text) = section.revocation {
        members.insert("revocation".to_owned(), serde_json::to_value(revocation(text)).ok()?);
    }
    if let Some(before) = &section.sha1_proved_before {
        let legacy = serde_json::json!({ "proved_before": before, "sha1": section.sha1 });
        members.insert("legacy".to_owned(), legacy);
    }
    problems.unless(section.sha1.is_empty() || section.sha1_proved_before.is_some(), || {
        format!("policy.anchor {:?}: sha1 needs sha1_proved_before", section.certificate_sha256)
    });
    problems.take(&format!("policy.anchor {:?}", section.certificate_sha256), serde_json::from_value(form))
}

/// What is asked of documents.
fn asked(problems: &mut Problems, section: &PolicySection, shipped: Rules) -> Rules {
    let changes = DemandChanges {
        envelope: section.documents.map(manifest),
        envelope_signer: section.envelope_signer.map(demand),
        packet: section.packet.map(demand),
        leader: section.leader.map(demand),
        seal: section.seal.map(demand),
        attachment_seal: section.attachment_seal.map(demand),
        attachment_pdf: section.attachment_pdf.map(demand),
    };
    let mut exceptions = Vec::new();
    for (name, text) in &section.by_level {
        let level: Option<Level> = problems.parse("policy.by_level", name);
        let demands = DemandChanges { envelope: Some(manifest(*text)), ..DemandChanges::default() };
        exceptions.extend(level.map(|level| Exception { levels: vec![level], document_types: Vec::new(), demands }));
    }
    exceptions.extend(section.rule.iter().map(|rule| exception(problems, rule)));
    Rules {
        demands: shipped.demands.with(&changes),
        exceptions,
        indeterminate: section.indeterminate.map_or(shipped.indeterminate, |text| match text {
            IndeterminateText::Accept => OnUndecided::Accept,
            IndeterminateText::Flag => OnUndecided::Flag,
            IndeterminateText::Quarantine => OnUndecided::Quarantine,
            IndeterminateText::Refuse => OnUndecided::Refuse,
        }),
        failed: section.failed.map_or(shipped.failed, |text| match text {
            FailedText::Refuse => OnFailure::Refuse,
            FailedText::Flag => OnFailure::Flag,
        }),
        signed_by: section.signed_by.map_or(shipped.signed_by, |text| match text {
            SignedByText::Sender => SignedBy::Sender,
            SignedByText::SenderOrParent => SignedBy::SenderOrParent,
        }),
    }
}

fn exception(problems: &mut Problems, rule: &PolicyRuleSection) -> Exception {
    Exception {
        levels: rule.levels.iter().filter_map(|name| problems.parse("policy.rule: levels", name)).collect(),
        document_types: rule.document_types.clone(),
        demands: DemandChanges {
            envelope: rule.envelope.map(demand),
            envelope_signer: rule.envelope_signer.map(demand),
            packet: rule.packet.map(demand),
            leader: rule.leader.map(demand),
            seal: rule.seal.map(demand),
            attachment_seal: rule.attachment_seal.map(demand),
            attachment_pdf: rule.attachment_pdf.map(demand),
        },
    }
}

const fn demand(text: DemandText) -> Demand {
    match text {
        DemandText::Required => Demand::Required,
        DemandText::Expected => Demand::Expected,
        DemandText::Optional => Demand::Optional,
    }
}

/// An unsigned document that is taken is flagged all the same.
const fn manifest(text: RequirementText) -> Demand {
    match text {
        RequirementText::Required => Demand::Required,
        RequirementText::Optional => Demand::Expected,
    }
}

pub(super) fn verification(
    problems: &mut Problems,
    section: &VerificationSection,
    policy: &SignaturePolicy,
) -> Verification {
    problems.unless(section.workers <= WORKERS_MAX, || format!("verification.workers: 0 to {WORKERS_MAX}"));
    problems.unless(section.workers > 0 || !policy.looks_inside(), || {
        "verification.workers = 0: the policy requires signatures inside files, which nobody would check then".into()
    });
    problems.unless(section.file_bytes_max > 0, || "verification.file_bytes_max: more than 0".into());
    problems.unless(section.memory_max >= MEMORY_MIN, || format!("verification.memory_max: {MEMORY_MIN} or more"));
    for (key, max) in
        [("document_checks_max", section.document_checks_max), ("document_bytes_max", section.document_bytes_max)]
    {
        problems.unless(max > 0, || format!("verification.{key}: more than 0"));
    }
    for (key, time) in [
        ("time_max", section.time_max),
        ("document_time_max", section.document_time_max),
        ("time_per_minute", section.time_per_minute),
    ] {
        problems.unless(!time.is_zero(), || format!("verification.{key}: more than 0"));
    }
    Verification {
        workers: section.workers,
        file_bytes_max: section.file_bytes_max,
        memory_max: section.memory_max,
        time_max: section.time_max,
        document_time_max: section.document_time_max,
        document_work: BudgetLimits { checks_max: section.document_checks_max, bytes_max: section.document_bytes_max },
        time_per_minute: section.time_per_minute,
    }
}

/// Bytes with which a worker can check anything at all.
const MEMORY_MIN: u64 = 64 << 20;

pub(super) fn signers(problems: &mut Problems, sections: &[SignerSection]) -> Vec<SignerEntry> {
    let mut entries = Vec::new();
    for section in sections {
        let certificate = problems.parse("signer: certificate_sha256", &section.certificate_sha256);
        let agencies = super::codes(problems, "signer: agency", std::slice::from_ref(&section.agency));
        let role = match section.role {
            RoleText::Leader => Role::Leader,
            RoleText::Seal => Role::Seal,
            RoleText::Copy => Role::Copy,
            RoleText::Incoming => Role::Incoming,
        };
        entries.extend(certificate.zip(agencies.into_iter().next()).map(|(certificate, agency)| SignerEntry {
            certificate,
            agency,
            role,
        }));
    }
    entries
}
