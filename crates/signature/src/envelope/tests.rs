use super::*;
use std::time::Duration;

use crate::manifest::ManifestTime;
use crate::pki::{AT, Entity, RSA_KEY, ca_params, leaf_params, manifest, root};
use crate::report::{Indication, SubIndication, Unchecked};
use crate::sign::{RsaPadding, Signer, sign_envelope_cms, sign_envelope_jws};
use proptest::prelude::*;
use rcgen::KeyPair;
use types::ErrorCode;

/// Root, CA in the store, leaf with its key.
struct World {
    trust: TrustStore,
    signer: Signer,
    bytes: Vec<u8>,
}

fn world(key: KeyPair) -> World {
    let root = root();
    let ca = root.issue(ca_params("EXAMPLE CA", Some(0)));
    let leaf = ca.issue_to(leaf_params("EXAMPLE Văn thư"), key);
    let trust = TrustStore::new(vec![root.certificate()], vec![ca.certificate()]);
    World { trust, signer: leaf.signer(&[]), bytes: manifest().to_bytes().unwrap() }
}

fn p256() -> World {
    world(crate::pki::key())
}

impl World {
    fn cms(&self) -> Envelope {
        let signature = sign_envelope_cms(&self.signer, &self.bytes, AT).unwrap();
        Envelope { manifest: self.bytes.clone(), signature: EnvelopeSignature::Cms(signature) }
    }

    fn jws(&self) -> Envelope {
        let signature = sign_envelope_jws(&self.signer, &self.bytes, AT).unwrap();
        Envelope { manifest: self.bytes.clone(), signature: EnvelopeSignature::Jws(signature) }
    }

    fn verify(&self, envelope: &Envelope) -> Verification {
        verify_envelope(envelope, &self.trust, &Policy::envelope(), AT)
    }

    fn rule(&self, envelope: &Envelope) -> String {
        let verification = self.verify(envelope);
        assert!(verification.manifest.is_none());
        assert_eq!(verification.report.signatures.len(), 1);
        verification.report.signatures[0].rule.clone().unwrap_or_default()
    }
}

fn assert_passed(world: &World, envelope: &Envelope, format: SignatureFormat, algorithm: &str) {
    let Verification { report, manifest } = world.verify(envelope);
    let [signature] = report.signatures.as_slice() else { panic!("{report:?}") };
    assert_eq!(signature.indication, Indication::TotalPassed, "{}", signature.explanation_en);
    assert_eq!(signature.format, format);
    assert_eq!(signature.algorithm.unwrap().as_str(), algorithm);
    assert_eq!(signature.claimed_time, Some(AT));
    assert_eq!(signature.quirks, []);
    assert_eq!(report.code(), None);
    let manifest = manifest.unwrap();
    assert_eq!(manifest.from.as_str(), "H48.20");
    assert_eq!(manifest.bytes_sha256(), sha256(&world.bytes));
    assert_eq!(manifest.signers(), [world.signer.certificate().signatory()]);
}

#[test]
fn what_each_key_signs_passes_in_both_formats() {
    let rsa = || KeyPair::from_pem(RSA_KEY).unwrap();
    let p384 = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap();
    let ed25519 = KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
    let mut pss = world(rsa());
    pss.signer = pss.signer.with_padding(RsaPadding::Pss);
    for (world, algorithm) in [
        (p256(), "ECDSA-P256-SHA256"),
        (world(p384), "ECDSA-P384-SHA384"),
        (world(ed25519), "Ed25519"),
        (world(rsa()), "RSA-PKCS1-SHA256"),
        (pss, "RSA-PSS-SHA256"),
    ] {
        assert_passed(&world, &world.cms(), SignatureFormat::CmsDetached, algorithm);
        assert_passed(&world, &world.jws(), SignatureFormat::JwsDetached, algorithm);
    }
}

#[test]
fn a_passed_report_still_says_what_was_not_checked() {
    let world = p256();
    let but_timestamps: Vec<Unchecked> =
        Unchecked::ALL.into_iter().filter(|what| *what != Unchecked::Timestamps).collect();
    for (envelope, expected) in [(world.cms(), but_timestamps), (world.jws(), Unchecked::ALL.to_vec())] {
        let report = world.verify(&envelope).report;
        let what: Vec<Unchecked> = report.not_checked.iter().map(|entry| entry.what).collect();
        assert_eq!(what, expected);
        assert_eq!(report.policy, "lienthong-envelope-1");
        assert_eq!(report.trust_version, world.trust.version());
        assert_eq!(report.at, AT);
    }
}

#[test]
fn a_changed_manifest_is_a_hash_failure_in_cms_and_a_crypto_failure_in_jws() {
    let world = p256();
    let other = crate::Manifest { nonce: "EXAMPLE-nonce-0002".to_owned(), ..manifest() }.to_bytes().unwrap();
    for (mut envelope, rule, sub) in [
        (world.cms(), "digest_mismatch", SubIndication::HashFailure),
        (world.jws(), "signature_wrong", SubIndication::SigCryptoFailure),
    ] {
        envelope.manifest.clone_from(&other);
        let report = world.verify(&envelope).report;
        assert_eq!(report.signatures[0].rule.as_deref(), Some(rule));
        assert_eq!(report.signatures[0].sub_indication, Some(sub));
        assert_eq!(report.signatures[0].indication, Indication::TotalFailed);
        assert_eq!(report.code(), Some(ErrorCode::SignatureInvalid));
    }
}

#[test]
fn a_good_signature_over_no_manifest_gives_no_manifest() {
    let mut world = p256();
    let jws = world.signer.jws(MANIFEST_TYPE, b"{}", None).unwrap();
    world.bytes = b"{}".to_vec();
    let envelope = Envelope { manifest: b"{}".to_vec(), signature: EnvelopeSignature::Jws(jws) };
    assert_eq!(world.rule(&envelope), "manifest_malformed");
    assert_eq!(world.verify(&envelope).report.code(), Some(ErrorCode::ManifestMalformed));
}

#[test]
fn a_signer_of_another_ca_is_indeterminate() {
    let (world, stranger) = (p256(), p256());
    for envelope in [stranger.cms(), stranger.jws()] {
        let report = world.verify(&envelope).report;
        assert_eq!(report.signatures[0].indication, Indication::Indeterminate);
        assert_eq!(report.code(), Some(ErrorCode::CertificateUntrusted));
        assert!(report.signatures[0].signer.is_some());
    }
}

#[test]
fn an_expired_signer_has_no_proof_of_existence() {
    let world = p256();
    let later = AT + Duration::from_secs(6 * 365 * 86_400);
    let report = verify_envelope(&world.cms(), &world.trust, &Policy::envelope(), later).report;
    assert_eq!(report.signatures[0].sub_indication, Some(SubIndication::OutOfBoundsNoPoe));
    assert_eq!(report.code(), Some(ErrorCode::CertificateExpired));
}

#[test]
fn a_claimed_time_may_be_five_minutes_ahead() {
    let world = p256();
    let check = |ahead: u64, policy: &Policy| {
        let signature = sign_envelope_cms(&world.signer, &world.bytes, AT + Duration::from_secs(ahead)).unwrap();
        let envelope = Envelope { manifest: world.bytes.clone(), signature: EnvelopeSignature::Cms(signature) };
        let signature = verify_envelope(&envelope, &world.trust, policy, AT).report.signatures.remove(0);
        (signature.rule, signature.quirks)
    };
    let strict = Policy { local_time: crate::LocalTime::Refused, ..Policy::envelope() };
    let ahead = Some("claimed_time_ahead".to_owned());
    assert_eq!(check(300, &strict), (None, vec![]));
    assert_eq!(check(301, &strict), (ahead.clone(), vec![]));
    assert_eq!(check(7 * 3600, &strict), (ahead.clone(), vec![]));
    assert_eq!(check(7 * 3600, &Policy::envelope()), (None, vec![crate::Quirk::LocalTimeAsUtc]));
    assert_eq!(check(7 * 3600 + 301, &Policy::envelope()), (ahead, vec![]));
}

#[test]
fn the_manifests_own_time_is_a_claim_too() {
    let mut world = p256();
    let created = ManifestTime::new(AT + Duration::from_secs(86_400));
    world.bytes = crate::Manifest { created, ..manifest() }.to_bytes().unwrap();
    assert_eq!(world.rule(&world.cms()), "claimed_time_ahead");
    assert_eq!(world.rule(&world.jws()), "claimed_time_ahead");
}

#[test]
fn oversized_signatures_and_manifests_are_refused_before_any_work() {
    let world = p256();
    let cms = Envelope { manifest: world.bytes.clone(), signature: EnvelopeSignature::Cms(vec![0x30; 600_000]) };
    assert_eq!(world.rule(&cms), "cms_too_large");
    let jws = Envelope { manifest: world.bytes.clone(), signature: EnvelopeSignature::Jws("a".repeat(600_000)) };
    assert_eq!(world.rule(&jws), "jws_too_large");
    let manifest = Envelope { manifest: vec![b' '; 2_000_000], ..world.cms() };
    assert_eq!(world.verify(&manifest).report.code(), Some(ErrorCode::LimitExceeded));
}

#[test]
fn a_report_reads_back_from_json() {
    let (world, stranger) = (p256(), p256());
    for envelope in [world.cms(), world.jws(), stranger.cms()] {
        let report = world.verify(&envelope).report;
        let json = serde_json::to_string(&report).unwrap();
        assert_eq!(serde_json::from_str::<Report>(&json).unwrap(), report);
    }
}

#[test]
fn a_reports_words_are_those_of_the_standard() {
    let (world, stranger) = (p256(), p256());
    let json = serde_json::to_value(world.verify(&stranger.cms()).report).unwrap();
    let signature = &json["signatures"][0];
    assert_eq!(signature["indication"], "INDETERMINATE");
    assert_eq!(signature["subIndication"], "NO_CERTIFICATE_CHAIN_FOUND");
    assert_eq!(signature["reasonCode"], "certificate_untrusted");
    assert_eq!(signature["format"], "cmsDetached");
    assert_eq!(signature["algorithm"], "ECDSA-P256-SHA256");
    assert_eq!(signature["claimedTime"], "2026-11-21T03:00:00.000Z");
    assert_eq!(signature["signer"]["publicKeyBits"], 256);
    assert_eq!(json["notChecked"][0]["what"], "revocation");
    let passed = serde_json::to_value(world.verify(&world.jws()).report).unwrap();
    assert_eq!(passed["signatures"][0]["indication"], "TOTAL_PASSED");
}

#[test]
fn every_signer_of_a_cms_has_to_pass() {
    let (world, stranger) = (p256(), p256());
    let own = sign_envelope_cms(&world.signer, &world.bytes, AT).unwrap();
    let other = sign_envelope_cms(&stranger.signer, &world.bytes, AT).unwrap();
    let envelope = Envelope {
        manifest: world.bytes.clone(),
        signature: EnvelopeSignature::Cms(crate::cms::fixture::joined(&own, &other)),
    };
    let Verification { report, manifest } = world.verify(&envelope);
    let mut passed: Vec<bool> = report.signatures.iter().map(SignatureReport::is_passed).collect();
    passed.sort_unstable();
    assert_eq!(passed, [false, true]);
    assert!(manifest.is_none());
}

/// Where in a CMS structure the signed and the signing bytes are.
fn authenticated(cms: &[u8]) -> Vec<usize> {
    let data = SignedData::read(cms, 1).unwrap();
    let signer = data.signers[0];
    let offset = |part: &[u8]| part.as_ptr() as usize - cms.as_ptr() as usize;
    let attributes = signer.signed_attributes.unwrap().raw;
    let (a, s) = (offset(attributes), offset(signer.signature));
    (a..a + attributes.len()).chain(s..s + signer.signature.len()).collect()
}

fn shared() -> &'static (World, Entity) {
    static WORLD: std::sync::OnceLock<(World, Entity)> = std::sync::OnceLock::new();
    WORLD.get_or_init(|| (p256(), root()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_changed_bit_of_signed_bytes_or_signature_never_passes(pick in any::<prop::sample::Index>(), mask in 1_u8..=255) {
        let world = &shared().0;
        let EnvelopeSignature::Cms(mut cms) = world.cms().signature else { unreachable!() };
        let positions = authenticated(&cms);
        cms[*pick.get(&positions)] ^= mask;
        let envelope = Envelope { manifest: world.bytes.clone(), signature: EnvelopeSignature::Cms(cms) };
        prop_assert!(world.verify(&envelope).manifest.is_none());
    }

    #[test]
    fn a_changed_character_of_a_jws_never_passes(pick in any::<prop::sample::Index>(), to in "[A-Za-z0-9_.=-]") {
        let world = &shared().0;
        let EnvelopeSignature::Jws(jws) = world.jws().signature else { unreachable!() };
        let position = pick.index(jws.len());
        let mut changed = jws.clone();
        changed.replace_range(position..=position, &to);
        prop_assume!(changed != jws);
        let envelope = Envelope { manifest: world.bytes.clone(), signature: EnvelopeSignature::Jws(changed) };
        prop_assert!(world.verify(&envelope).manifest.is_none());
    }

    #[test]
    fn a_cut_signature_neither_passes_nor_panics(pick in any::<prop::sample::Index>()) {
        let world = &shared().0;
        let EnvelopeSignature::Cms(mut cms) = world.cms().signature else { unreachable!() };
        cms.truncate(pick.index(cms.len()));
        let envelope = Envelope { manifest: world.bytes.clone(), signature: EnvelopeSignature::Cms(cms) };
        prop_assert!(world.verify(&envelope).manifest.is_none());
    }

    #[test]
    fn any_bytes_in_place_of_a_signature_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..400), text in ".{0,200}") {
        let world = &shared().0;
        for signature in [EnvelopeSignature::Cms(bytes), EnvelopeSignature::Jws(text)] {
            let envelope = Envelope { manifest: world.bytes.clone(), signature };
            prop_assert!(world.verify(&envelope).manifest.is_none());
        }
    }

    #[test]
    fn a_changed_byte_anywhere_in_a_cms_never_panics(pick in any::<prop::sample::Index>(), mask in 1_u8..=255) {
        let world = &shared().0;
        let EnvelopeSignature::Cms(mut cms) = world.cms().signature else { unreachable!() };
        let position = pick.index(cms.len());
        cms[position] ^= mask;
        let envelope = Envelope { manifest: world.bytes.clone(), signature: EnvelopeSignature::Cms(cms) };
        let Verification { report, manifest: found } = world.verify(&envelope);
        // Bytes outside the signed ones may be changed without harm; the manifest is then still the signed one.
        prop_assert_eq!(report.is_passed(), found.is_some());
        prop_assert!(found.is_none_or(|found| *found == manifest()));
    }
}
