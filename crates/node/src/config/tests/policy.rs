use signature::Revocation;
use signature::ruling::{BoundBy, Demand, OnFailure, OnUndecided, PolicyName};
use types::Level;

use super::*;

fn policy(text: &str) -> SignaturePolicy {
    read(&format!("{MINIMAL}\n{text}"), &[]).unwrap().policy
}

fn problem(text: &str) -> String {
    read(&format!("{MINIMAL}\n{text}"), &[]).unwrap_err()
}

#[test]
fn without_a_choice_manifests_are_required_and_only_what_is_disproved_inside_is_refused() {
    let SignaturePolicy { named, statuses, .. } = policy("");
    assert_eq!((named.name, statuses), (PolicyName::Default, Requirement::Optional));
    assert_eq!((named.rules.demands.envelope, named.rules.demands.seal), (Demand::Required, Demand::Optional));
    assert_eq!((named.rules.indeterminate, named.rules.failed), (OnUndecided::Flag, OnFailure::Refuse));
}

#[test]
fn the_keys_of_earlier_versions_keep_their_meaning() {
    let old = policy(
        "[policy]\ndocuments = \"optional\"\nstatuses = \"required\"\nrsa_bits_min = 3072\n\n[policy.by_level]\ncentral = \"required\"\n",
    );
    assert_eq!((old.statuses, old.named.signatures.rsa_bits_min), (Requirement::Required, 3072));
    // An unsigned document that is taken is flagged, as it always was.
    assert_eq!(old.named.rules.demands_of(Level::Commune, None).envelope, Demand::Expected);
    assert_eq!(old.named.rules.demands_of(Level::Central, None).envelope, Demand::Required);
}

#[test]
fn single_keys_change_a_shipped_policy() {
    let changed = policy(
        "[policy]\nuse = \"strict\"\nattachment_seal = \"expected\"\nrevocation = \"prefer\"\nclock_tolerance = \"1m\"\n",
    );
    assert_eq!(changed.named.rules.demands.attachment_seal, Demand::Expected);
    assert_eq!(changed.named.rules.demands.leader, Demand::Required);
    assert_eq!(changed.named.signatures.revocation, Revocation::Prefer);
    assert_eq!(changed.named.signatures.clock_tolerance, Duration::from_secs(60));
}

#[test]
fn exceptions_are_by_level_and_type() {
    let text = "[policy]\nuse = \"strict\"\n[[policy.rule]]\nlevels = [\"commune\"]\nleader = \"optional\"\n\
                [[policy.rule]]\ndocument_types = [7]\nseal = \"optional\"\n";
    let rules = policy(text).named.rules;
    assert_eq!(rules.demands_of(Level::Commune, None).leader, Demand::Optional);
    assert_eq!(rules.demands_of(Level::Province, Some(7)).seal, Demand::Optional);
    assert_eq!(rules.demands_of(Level::Province, Some(3)).seal, Demand::Required);
}

#[test]
fn an_anchor_has_rules_of_its_own() {
    let sha256 = "ab".repeat(32);
    let text = format!(
        "[[policy.anchor]]\ncertificate_sha256 = \"{sha256}\"\nrevocation = \"off\"\n\
         sha1_proved_before = \"2016-01-01T00:00:00Z\"\nsha1 = [\"certificates\"]\n\
         periods = [{{ algorithms = [\"RSA-PKCS1-SHA256\"], rsa_bits_min = 3072 }}]\n"
    );
    let rule = &policy(&text).named.signatures.anchors[0];
    assert_eq!((rule.anchor.to_string(), rule.revocation), (sha256, Some(Revocation::Off)));
    assert!(rule.legacy.is_some());
    assert_eq!(rule.periods[0].rsa_bits_min, 3072);
}

#[test]
fn sha1_without_a_date_is_refused() {
    let sha256 = "ab".repeat(32);
    let error = problem(&format!("[[policy.anchor]]\ncertificate_sha256 = \"{sha256}\"\nsha1 = [\"documents\"]\n"));
    assert!(error.contains("sha1_proved_before"), "{error}");
}

#[test]
fn what_is_required_inside_files_needs_workers() {
    let error = problem("[policy]\nseal = \"required\"\n[verification]\nworkers = 0\n");
    assert!(error.contains("verification.workers"), "{error}");
    assert_eq!(read(&format!("{MINIMAL}\n[verification]\nworkers = 0\n"), &[]).unwrap().verification.workers, 0);
}

#[test]
fn unknown_levels_and_algorithms_are_named() {
    let error = problem("[policy]\nalgorithms = [\"MD5\"]\n[[policy.rule]]\nlevels = [\"village\"]\n");
    assert!(error.contains("MD5") && error.contains("village"), "{error}");
}

#[test]
fn a_signer_is_a_certificate_with_its_agency_and_role() {
    let sha256 = "0c".repeat(32);
    let text = format!("[[signer]]\ncertificate_sha256 = \"{sha256}\"\nagency = \"H48.15\"\nrole = \"copy\"\n");
    let signers = read(&format!("{MINIMAL}\n{text}"), &[]).unwrap().signers;
    assert_eq!((signers[0].agency.as_str(), signers[0].role.as_str()), ("H48.15", "copy"));
    assert_eq!(BoundBy::Configuration.as_str(), "configuration");
}
