use super::*;

fn hex(value: &DigestValue) -> String {
    value.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// FIPS 180-4, the example "abc".
#[test]
fn digests_are_those_of_the_standard() {
    use DigestAlgorithm::{Sha1, Sha256, Sha384, Sha512};
    let starts = [(Sha1, 20, "a9993e36"), (Sha256, 32, "ba7816bf"), (Sha384, 48, "cb00753f"), (Sha512, 64, "ddaf35a1")];
    for (algorithm, length, start) in starts {
        let found = digest(algorithm, &[b"a", b"", b"bc"]);
        assert_eq!((found.as_ref().len(), &hex(&found)[..8]), (length, start), "{algorithm:?}");
    }
}

#[test]
fn the_name_is_the_feature_that_was_chosen() {
    assert_eq!(provider_name(), if cfg!(feature = "aws-lc-rs") { "aws-lc-rs" } else { "ring" });
}

/// PKCS #8 of one key of each kind.
fn keys() -> Vec<Vec<u8>> {
    let generate = |algorithm| rcgen::KeyPair::generate_for(algorithm).unwrap().serialize_der();
    vec![
        rcgen::KeyPair::from_pem(crate::pki::RSA_KEY).unwrap().serialize_der(),
        generate(&rcgen::PKCS_ECDSA_P256_SHA256),
        generate(&rcgen::PKCS_ECDSA_P384_SHA384),
        generate(&rcgen::PKCS_ED25519),
    ]
}

const fn algorithm(kind: KeyKind, padding: RsaPadding) -> SignatureAlgorithm {
    match (kind, padding) {
        (KeyKind::Rsa, RsaPadding::Pkcs1) => SignatureAlgorithm::RsaPkcs1Sha256,
        (KeyKind::Rsa, RsaPadding::Pss) => SignatureAlgorithm::RsaPssSha256,
        (KeyKind::P256, _) => SignatureAlgorithm::EcdsaP256Sha256,
        (KeyKind::P384, _) => SignatureAlgorithm::EcdsaP384Sha384,
        (KeyKind::Ed25519, _) => SignatureAlgorithm::Ed25519,
    }
}

/// Signed by one library, checked by another.
fn check<Signs: Provider, Checks: Provider>() {
    for pkcs8 in keys() {
        let key = Signs::PrivateKey::from_pkcs8(&pkcs8).unwrap();
        for padding in [RsaPadding::Pkcs1, RsaPadding::Pss] {
            let (algorithm, value) = (algorithm(key.kind(), padding), key.sign(b"message", padding).unwrap());
            let verifies = |message| Checks::verifies(algorithm, EcdsaForm::Fixed, key.public_key(), message, &value);
            assert!(verifies(b"message"), "{} {} {algorithm:?}", Signs::NAME, Checks::NAME);
            assert!(!verifies(b"another"), "{} {} {algorithm:?}", Signs::NAME, Checks::NAME);
        }
    }
}

#[test]
fn what_a_key_signs_verifies() {
    check::<Active, Active>();
}

#[cfg(all(feature = "ring", feature = "aws-lc-rs"))]
#[test]
fn what_one_library_signs_the_other_verifies() {
    check::<super::ring::Ring, super::aws_lc::AwsLc>();
    check::<super::aws_lc::AwsLc, super::ring::Ring>();
}

/// RSA-1024 from `openssl genpkey`, PKCS #8; EXAMPLE, of no use.
#[test]
fn an_rsa_key_of_1024_bits_is_no_key() {
    let small = include_bytes!("../../fixtures/EXAMPLE-rsa1024.key.der");
    assert!(<Active as Provider>::PrivateKey::from_pkcs8(small).is_none());
}
