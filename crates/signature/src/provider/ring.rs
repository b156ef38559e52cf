//! The primitives of `ring`.

mod key;

use ::ring::{digest, signature};

use super::{DigestAlgorithm, DigestValue, Hashing, Provider};
use crate::algorithm::{EcdsaForm, SignatureAlgorithm as Algorithm};

/// Source: the crate `ring`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ring;

impl Provider for Ring {
    const NAME: &'static str = "ring";
    type Hashing = digest::Context;
    type PrivateKey = key::Key;

    fn hashing(algorithm: DigestAlgorithm) -> digest::Context {
        digest::Context::new(match algorithm {
            DigestAlgorithm::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            DigestAlgorithm::Sha256 => &digest::SHA256,
            DigestAlgorithm::Sha384 => &digest::SHA384,
            DigestAlgorithm::Sha512 => &digest::SHA512,
        })
    }

    fn verifies(algorithm: Algorithm, form: EcdsaForm, key: &[u8], message: &[u8], value: &[u8]) -> bool {
        signature::UnparsedPublicKey::new(verification(algorithm, form), key).verify(message, value).is_ok()
    }
}

impl Hashing for digest::Context {
    fn update(&mut self, bytes: &[u8]) {
        Self::update(self, bytes);
    }

    fn finish(self) -> DigestValue {
        DigestValue::new(Self::finish(self).as_ref())
    }
}

fn verification(algorithm: Algorithm, form: EcdsaForm) -> &'static dyn signature::VerificationAlgorithm {
    match (algorithm, form) {
        (Algorithm::RsaPkcs1Sha1, _) => &signature::RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
        (Algorithm::RsaPkcs1Sha256, _) => &signature::RSA_PKCS1_2048_8192_SHA256,
        (Algorithm::RsaPkcs1Sha384, _) => &signature::RSA_PKCS1_2048_8192_SHA384,
        (Algorithm::RsaPkcs1Sha512, _) => &signature::RSA_PKCS1_2048_8192_SHA512,
        (Algorithm::RsaPssSha256, _) => &signature::RSA_PSS_2048_8192_SHA256,
        (Algorithm::RsaPssSha384, _) => &signature::RSA_PSS_2048_8192_SHA384,
        (Algorithm::RsaPssSha512, _) => &signature::RSA_PSS_2048_8192_SHA512,
        (Algorithm::EcdsaP256Sha256, EcdsaForm::Fixed) => &signature::ECDSA_P256_SHA256_FIXED,
        (Algorithm::EcdsaP384Sha384, EcdsaForm::Fixed) => &signature::ECDSA_P384_SHA384_FIXED,
        (Algorithm::EcdsaP256Sha256, EcdsaForm::Asn1) => &signature::ECDSA_P256_SHA256_ASN1,
        (Algorithm::EcdsaP384Sha384, EcdsaForm::Asn1) => &signature::ECDSA_P384_SHA384_ASN1,
        // JOSE has no name for these two pairs, so the form is always ASN.1.
        (Algorithm::EcdsaP256Sha384, _) => &signature::ECDSA_P256_SHA384_ASN1,
        (Algorithm::EcdsaP384Sha256, _) => &signature::ECDSA_P384_SHA256_ASN1,
        (Algorithm::Ed25519, _) => &signature::ED25519,
    }
}
