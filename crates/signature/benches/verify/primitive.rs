//! The library of primitives alone: what every other row is measured against.

#[cfg(feature = "aws-lc-rs")]
use aws_lc_rs::{digest, signature};
#[cfg(not(feature = "aws-lc-rs"))]
use ring::{digest, signature};

use rcgen::{KeyPair, SigningKey as _};
use signature::VerificationAlgorithm;
use std::hint::black_box;

/// One key with a signature over a message of one kilobyte.
pub(crate) struct Primitive {
    pub(crate) name: &'static str,
    algorithm: &'static dyn VerificationAlgorithm,
    public: Vec<u8>,
    message: Vec<u8>,
    value: Vec<u8>,
}

impl Primitive {
    pub(crate) fn rsa(name: &'static str, key: &KeyPair) -> Self {
        Self::new(name, key, &signature::RSA_PKCS1_2048_8192_SHA256)
    }

    pub(crate) fn p256(key: &KeyPair) -> Self {
        Self::new("P-256", key, &signature::ECDSA_P256_SHA256_ASN1)
    }

    pub(crate) fn ed25519(key: &KeyPair) -> Self {
        Self::new("Ed25519", key, &signature::ED25519)
    }

    fn new(name: &'static str, key: &KeyPair, algorithm: &'static dyn VerificationAlgorithm) -> Self {
        let message = vec![b'm'; 1024];
        let value = key.sign(&message).expect("the key signs");
        Self { name, algorithm, public: key.public_key_raw().to_vec(), message, value }
    }

    pub(crate) fn verify(&self) {
        let key = signature::UnparsedPublicKey::new(self.algorithm, &self.public);
        key.verify(black_box(&self.message), &self.value).expect("signed above");
    }
}

pub(crate) fn hash(bytes: &[u8]) {
    black_box(digest::digest(&digest::SHA256, black_box(bytes)));
}
