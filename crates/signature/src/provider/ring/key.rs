//! Private keys in memory, by `ring`.

use ::ring::rand::SystemRandom;
use ::ring::signature::{self, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RsaEncoding, RsaKeyPair};

use crate::provider::PrivateKey;
use crate::sign::{KeyKind, RsaPadding};

/// A private key in memory.
pub(crate) enum Key {
    Rsa(Box<RsaKeyPair>),
    P256(Box<EcdsaKeyPair>),
    P384(Box<EcdsaKeyPair>),
    Ed25519(Box<Ed25519KeyPair>),
}

impl PrivateKey for Key {
    fn from_pkcs8(der: &[u8]) -> Option<Self> {
        let random = SystemRandom::new();
        if let Ok(key) = EcdsaKeyPair::from_pkcs8(&signature::ECDSA_P256_SHA256_FIXED_SIGNING, der, &random) {
            return Some(Self::P256(Box::new(key)));
        }
        if let Ok(key) = EcdsaKeyPair::from_pkcs8(&signature::ECDSA_P384_SHA384_FIXED_SIGNING, der, &random) {
            return Some(Self::P384(Box::new(key)));
        }
        // Files of version 1 carry no public key to compare with; the certificate is compared instead.
        if let Ok(key) = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der) {
            return Some(Self::Ed25519(Box::new(key)));
        }
        RsaKeyPair::from_pkcs8(der).ok().and_then(Self::rsa)
    }

    fn from_pkcs1(der: &[u8]) -> Option<Self> {
        RsaKeyPair::from_der(der).ok().and_then(Self::rsa)
    }

    fn kind(&self) -> KeyKind {
        match self {
            Self::Rsa(_) => KeyKind::Rsa,
            Self::P256(_) => KeyKind::P256,
            Self::P384(_) => KeyKind::P384,
            Self::Ed25519(_) => KeyKind::Ed25519,
        }
    }

    fn public_key(&self) -> &[u8] {
        match self {
            Self::Rsa(key) => key.public_key().as_ref(),
            Self::P256(key) | Self::P384(key) => key.public_key().as_ref(),
            Self::Ed25519(key) => key.public_key().as_ref(),
        }
    }

    fn sign(&self, message: &[u8], padding: RsaPadding) -> Option<Vec<u8>> {
        let random = SystemRandom::new();
        match self {
            Self::Rsa(key) => {
                let encoding: &dyn RsaEncoding = match padding {
                    RsaPadding::Pkcs1 => &signature::RSA_PKCS1_SHA256,
                    RsaPadding::Pss => &signature::RSA_PSS_SHA256,
                };
                let mut value = vec![0; key.public().modulus_len()];
                key.sign(encoding, &random, message, &mut value).ok()?;
                Some(value)
            }
            Self::P256(key) | Self::P384(key) => Some(key.sign(&random, message).ok()?.as_ref().to_vec()),
            Self::Ed25519(key) => Some(key.sign(message).as_ref().to_vec()),
        }
    }
}

impl Key {
    /// RSA below 2048 bits is no key.
    fn rsa(key: RsaKeyPair) -> Option<Self> {
        (key.public().modulus_len() >= 256).then(|| Self::Rsa(Box::new(key)))
    }
}
