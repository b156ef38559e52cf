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

/// What a certificate holds of a key, a message, and its signature.
#[cfg(all(feature = "ring", feature = "aws-lc-rs"))]
#[test]
fn both_libraries_agree() {
    use super::aws_lc::AwsLc;
    use super::ring::Ring;
    use rcgen::SigningKey;

    let rsa = rcgen::KeyPair::from_pem(crate::pki::RSA_KEY).unwrap();
    let generate = |algorithm| rcgen::KeyPair::generate_for(algorithm).unwrap();
    let keys = [
        (SignatureAlgorithm::RsaPkcs1Sha256, rsa),
        (SignatureAlgorithm::EcdsaP256Sha256, generate(&rcgen::PKCS_ECDSA_P256_SHA256)),
        (SignatureAlgorithm::EcdsaP384Sha384, generate(&rcgen::PKCS_ECDSA_P384_SHA384)),
        (SignatureAlgorithm::Ed25519, generate(&rcgen::PKCS_ED25519)),
    ];
    for (algorithm, key) in keys {
        let (public, value) = (key.public_key_raw(), key.sign(b"message").unwrap());
        for (message, expected) in [(&b"message"[..], true), (b"another", false)] {
            let ring = Ring::verifies(algorithm, EcdsaForm::Asn1, public, message, &value);
            let aws_lc = AwsLc::verifies(algorithm, EcdsaForm::Asn1, public, message, &value);
            assert_eq!((ring, aws_lc), (expected, expected), "{algorithm:?}");
        }
    }
}
