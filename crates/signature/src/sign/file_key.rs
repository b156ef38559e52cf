//! Private keys from files, held by ring.

use ring::rand::SystemRandom;
use ring::signature::{self, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RsaEncoding, RsaKeyPair};
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject;

use super::{KeyKind, RsaPadding, SignError, SigningKey};

/// A private key from a file. Prints without its secret.
pub struct FileKey(Key);

enum Key {
    Rsa(Box<RsaKeyPair>),
    P256(Box<EcdsaKeyPair>),
    P384(Box<EcdsaKeyPair>),
    Ed25519(Box<Ed25519KeyPair>),
}

impl FileKey {
    /// Reads a private key in PEM: PKCS #8, or PKCS #1 for RSA.
    ///
    /// Keys: ECDSA on P-256 and P-384, Ed25519, RSA of 2048 bits or more.
    ///
    /// # Errors
    /// `invalid_argument` for anything else, an encrypted key among it.
    pub fn from_pem(pem: &[u8]) -> Result<Self, SignError> {
        let bad = |why: &str| SignError::Key { why: why.to_owned() };
        let der = PrivateKeyDer::from_pem_slice(pem).map_err(|error| bad(&error.to_string()))?;
        match &der {
            PrivateKeyDer::Pkcs8(key) => Self::from_pkcs8(key.secret_pkcs8_der()),
            PrivateKeyDer::Pkcs1(key) => RsaKeyPair::from_der(key.secret_pkcs1_der())
                .map(|key| Self(Key::Rsa(Box::new(key))))
                .map_err(|error| bad(&error.to_string())),
            _ => Err(bad("not PKCS#8; convert it with: openssl pkcs8 -topk8 -nocrypt")),
        }
    }

    /// Reads a private key in the DER of PKCS #8, not encrypted.
    ///
    /// # Errors
    /// `invalid_argument` when it is not one of the keys that [`FileKey::from_pem`] takes.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, SignError> {
        let random = SystemRandom::new();
        if let Ok(key) = EcdsaKeyPair::from_pkcs8(&signature::ECDSA_P256_SHA256_FIXED_SIGNING, der, &random) {
            return Ok(Self(Key::P256(Box::new(key))));
        }
        if let Ok(key) = EcdsaKeyPair::from_pkcs8(&signature::ECDSA_P384_SHA384_FIXED_SIGNING, der, &random) {
            return Ok(Self(Key::P384(Box::new(key))));
        }
        // Files of version 1 carry no public key to compare with; the certificate is compared instead.
        if let Ok(key) = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der) {
            return Ok(Self(Key::Ed25519(Box::new(key))));
        }
        RsaKeyPair::from_pkcs8(der)
            .map(|key| Self(Key::Rsa(Box::new(key))))
            .map_err(|_| SignError::Key { why: "not RSA of 2048 bits or more, P-256, P-384 or Ed25519".to_owned() })
    }
}

impl SigningKey for FileKey {
    fn kind(&self) -> KeyKind {
        match self.0 {
            Key::Rsa(_) => KeyKind::Rsa,
            Key::P256(_) => KeyKind::P256,
            Key::P384(_) => KeyKind::P384,
            Key::Ed25519(_) => KeyKind::Ed25519,
        }
    }

    fn public_key(&self) -> &[u8] {
        match &self.0 {
            Key::Rsa(key) => key.public_key().as_ref(),
            Key::P256(key) | Key::P384(key) => key.public_key().as_ref(),
            Key::Ed25519(key) => key.public_key().as_ref(),
        }
    }

    fn sign(&self, message: &[u8], padding: RsaPadding) -> Result<Vec<u8>, SignError> {
        let random = SystemRandom::new();
        let refused = |_| SignError::Refused;
        match &self.0 {
            Key::Rsa(key) => {
                let encoding: &dyn RsaEncoding = match padding {
                    RsaPadding::Pkcs1 => &signature::RSA_PKCS1_SHA256,
                    RsaPadding::Pss => &signature::RSA_PSS_SHA256,
                };
                let mut value = vec![0; key.public().modulus_len()];
                key.sign(encoding, &random, message, &mut value).map_err(refused)?;
                Ok(value)
            }
            Key::P256(key) | Key::P384(key) => Ok(key.sign(&random, message).map_err(refused)?.as_ref().to_vec()),
            Key::Ed25519(key) => Ok(key.sign(message).as_ref().to_vec()),
        }
    }
}

impl std::fmt::Debug for FileKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FileKey({})", self.kind().as_str())
    }
}
