//! Signatures that bring their evidence along, in every place that has one.

use super::*;
use crate::cms::fixture::Parts;
use crate::der::{object_id, sequence, tlv};
use crate::pki::{AT, Entity, Span, answer, ca_params, leaf_params, list, root, this_week};
use crate::policy::{Policy, Revocation};
use crate::sign::{add_unsigned, sign_pdf_cms};
use crate::{CertStatus, Content, CrlReason, Report, TrustStore, Unchecked, verify_cms};

const CONTENT: &[u8] = b"%PDF-";
const HOUR: std::time::Duration = std::time::Duration::from_secs(3600);

struct World {
    root: Entity,
    leaf: Entity,
    cms: Vec<u8>,
}

impl World {
    fn new() -> Self {
        let root = root();
        let leaf = root.issue(leaf_params("EXAMPLE Leaf"));
        let cms = sign_pdf_cms(&leaf.signer(&[]), CONTENT, AT).unwrap();
        Self { root, leaf, cms }
    }

    fn good(&self) -> Vec<u8> {
        answer(&self.root, &self.root, &self.leaf, this_week(), CertStatus::Good)
    }

    /// The BasicOCSPResponse inside a response.
    fn basic(response: &[u8]) -> Vec<u8> {
        let mut inside = single(response, tag::SEQUENCE).unwrap().inside();
        inside.next().unwrap();
        let bytes = inside.next().unwrap().inside().next().unwrap();
        bytes.inside().all().unwrap()[1].content.to_vec()
    }

    fn with_crls(&self, choices: &[Vec<u8>]) -> Vec<u8> {
        let mut parts = Parts::of(&self.cms);
        parts.crls = choices.to_vec();
        parts.write()
    }

    fn report(&self, cms: &[u8]) -> Report {
        let policy = Policy { revocation: Revocation::Require, ..Policy::documents() };
        let trust = TrustStore::new(vec![self.root.certificate()], vec![]);
        verify_cms(cms, Content::Detached(CONTENT), &trust, &policy, &RevocationEvidence::new(), AT)
    }

    fn rule(&self, cms: &[u8]) -> String {
        let report = self.report(cms);
        let is_unchecked = report.not_checked.iter().any(|entry| entry.what == Unchecked::Revocation);
        assert_eq!(is_unchecked, !report.signatures[0].has_revocation());
        report.signatures[0].rule.clone().unwrap_or_else(|| "passed".to_owned())
    }
}

fn other(format: &[u8], value: &[u8]) -> Vec<u8> {
    tlv(tag::context(1), &[object_id(format), value.to_vec()].concat())
}

#[test]
fn without_evidence_the_status_is_not_known() {
    let world = World::new();
    assert_eq!(world.rule(&world.cms), "revocation_unknown");
}

#[test]
fn lists_and_responses_in_the_crls_of_the_structure_count() {
    let world = World::new();
    let good = world.good();
    for choice in [
        list(&world.root, this_week(), &[]),
        other(oid::OCSP_IN_CMS, &good),
        other(oid::OCSP_BASIC, &World::basic(&good)),
    ] {
        assert_eq!(world.rule(&world.with_crls(&[choice])), "passed");
    }
    let revoked = list(&world.root, this_week(), &[(&world.leaf, AT - HOUR)]);
    assert_eq!(world.rule(&world.with_crls(&[revoked])), "certificate_revoked");
}

#[test]
fn revocation_values_of_cades_count() {
    let world = World::new();
    let crls = tlv(tag::context(0), &sequence(&[&list(&world.root, this_week(), &[])]));
    let basics = tlv(tag::context(1), &sequence(&[&World::basic(&world.good())]));
    for value in [sequence(&[&crls]), sequence(&[&basics]), sequence(&[&crls, &basics])] {
        assert_eq!(world.rule(&add_unsigned(&world.cms, oid::REVOCATION_VALUES, &value).unwrap()), "passed");
    }
}

#[test]
fn the_archival_attribute_of_adobe_counts() {
    let world = World::new();
    let crls = tlv(tag::context(0), &sequence(&[&list(&world.root, this_week(), &[])]));
    let responses = tlv(tag::context(1), &sequence(&[&world.good()]));
    for value in [sequence(&[&crls]), sequence(&[&responses])] {
        let mut parts = Parts::of(&world.cms);
        let signer = &mut parts.signers[0];
        let attributes = signer.attributes.as_mut().unwrap();
        attributes.push(sequence(&[&object_id(oid::ADOBE_REVOCATION), &tlv(tag::SET, &value)]));
        let signed = tlv(tag::SET, &attributes.concat());
        signer.signature = rcgen::SigningKey::sign(&world.leaf.key, &signed).unwrap();
        assert_eq!(world.rule(&parts.write()), "passed");
    }
}

#[test]
fn certificate_values_complete_a_path_and_are_no_anchors() {
    let root = root();
    let ca = root.issue(ca_params("EXAMPLE CA", Some(0)));
    let leaf = ca.issue(leaf_params("EXAMPLE Leaf"));
    let cms = sign_pdf_cms(&leaf.signer(&[]), CONTENT, AT).unwrap();
    let values = sequence(&[ca.certificate().der(), root.certificate().der()]);
    let cms = add_unsigned(&cms, oid::CERTIFICATE_VALUES, &values).unwrap();
    let rule = |trust: &TrustStore| {
        let policy = Policy { revocation: Revocation::Off, ..Policy::documents() };
        let evidence = RevocationEvidence::new();
        let report = verify_cms(&cms, Content::Detached(CONTENT), trust, &policy, &evidence, AT);
        report.signatures[0].rule.clone().unwrap_or_else(|| "passed".to_owned())
    };
    assert_eq!(rule(&TrustStore::new(vec![root.certificate()], vec![])), "passed");
    let stranger = crate::pki::root_of(ca_params("EXAMPLE Stranger", None)).certificate();
    assert_eq!(rule(&TrustStore::new(vec![stranger], vec![])), "no_issuer");
}

#[test]
fn evidence_that_does_not_verify_or_speaks_of_another_answers_nothing() {
    let world = World::new();
    let namesake = root();
    let other_leaf = world.root.issue(leaf_params("EXAMPLE Leaf"));
    for (what, choice) in [
        ("a list of a key of the same name", list(&namesake, this_week(), &[])),
        (
            "a forged response",
            other(oid::OCSP_IN_CMS, &answer(&namesake, &world.root, &world.leaf, this_week(), CertStatus::Good)),
        ),
        (
            "a response about another",
            other(oid::OCSP_IN_CMS, &answer(&world.root, &world.root, &other_leaf, this_week(), CertStatus::Good)),
        ),
        ("bytes that are neither", vec![0x30, 3, 2, 1, 0]),
        ("a format that is not known", other(oid::DATA, &world.good())),
    ] {
        assert_eq!(world.rule(&world.with_crls(&[choice])), "revocation_unknown", "{what}");
    }
}

#[test]
fn an_older_good_answer_does_not_hide_a_revocation() {
    let world = World::new();
    let (older, newer) = (Span(AT - 72 * HOUR, AT + 72 * HOUR), Span(AT - HOUR, AT + HOUR));
    let good = other(oid::OCSP_IN_CMS, &answer(&world.root, &world.root, &world.leaf, older, CertStatus::Good));
    let clean = list(&world.root, older, &[]);
    let revoked = list(&world.root, newer, &[(&world.leaf, AT - 2 * HOUR)]);
    let at = CertStatus::Revoked { at: AT - 2 * HOUR, reason: CrlReason::KeyCompromise };
    let told = other(oid::OCSP_IN_CMS, &answer(&world.root, &world.root, &world.leaf, newer, at));
    for choices in [
        [good.clone(), revoked.clone()],
        [clean.clone(), revoked.clone()],
        [revoked, clean.clone()],
        [good, told.clone()],
        [clean, told],
    ] {
        assert_eq!(world.rule(&world.with_crls(&choices)), "certificate_revoked");
    }
}

#[test]
fn a_responder_without_nocheck_counts_once_a_list_clears_it() {
    use rcgen::ExtendedKeyUsagePurpose;

    use crate::pki::purposes;
    use crate::revocation::RevocationSource;
    let world = World::new();
    let responder = purposes(leaf_params("EXAMPLE OCSP"), &[ExtendedKeyUsagePurpose::OcspSigning]);
    let responder = world.root.issue(responder);
    let good = answer(&responder, &world.root, &world.leaf, this_week(), CertStatus::Good);
    let good = other(oid::OCSP_IN_CMS, &good);
    let clean = list(&world.root, this_week(), &[]);
    let source = |choices: &[Vec<u8>]| world.report(&world.with_crls(choices)).signatures[0].revocation[0].source;
    assert_eq!(world.rule(&world.with_crls(std::slice::from_ref(&good))), "revocation_unknown");
    assert_eq!(source(&[good.clone(), clean]), Some(RevocationSource::Ocsp));
    // Revoked, its word is nothing, and the list's is left.
    let revoking = list(&world.root, this_week(), &[(&responder, AT - HOUR)]);
    assert_eq!(source(&[good, revoking]), Some(RevocationSource::Crl));
}

#[test]
fn a_policy_may_ask_for_young_data() {
    let world = World::new();
    let cms = world.with_crls(&[list(&world.root, Span(AT - 72 * HOUR, AT + 72 * HOUR), &[])]);
    let trust = TrustStore::new(vec![world.root.certificate()], vec![]);
    for (age, expected) in [(71, Some("revocation_unknown")), (72, None)] {
        let revocation_age_max = Some(age * HOUR);
        let policy = Policy { revocation: Revocation::Require, revocation_age_max, ..Policy::documents() };
        let report = verify_cms(&cms, Content::Detached(CONTENT), &trust, &policy, &RevocationEvidence::new(), AT);
        assert_eq!(report.signatures[0].rule.as_deref(), expected, "{age} hours");
    }
}

#[test]
fn what_is_more_than_is_taken_is_left_out() {
    let (base, root) = (RevocationEvidence::new(), root());
    let trust = TrustStore::new(vec![], vec![]);
    let mut embedded = Embedded::over(&base, &trust);
    for minute in 0..u64::try_from(CRLS_MAX).unwrap() + 5 {
        let at = AT - std::time::Duration::from_secs(60 * minute);
        let der = list(&root, Span(at, at), &[]);
        // The same one twice is one.
        embedded.take_crl(&der);
        embedded.take_crl(&der);
    }
    assert_eq!(embedded.crls, CRLS_MAX);
    let mut many = Embedded::over(&base, &trust);
    for _ in 0..CERTIFICATES_MAX + 5 {
        many.take_certificate(root.certificate().der());
    }
    assert_eq!(many.certificates().len(), 1);
}
