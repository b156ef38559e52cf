//! Private keys from files, held by ring.

use ring::rand::SystemRandom;
use ring::signature::{self, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RsaEncoding, RsaKeyPair};
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject;

use super::{RsaPadding, SignError};
use crate::algorithm::{EcdsaForm, PublicKey};
use crate::certificate::Certificate;

/// A private key. The curves' keys are held once per form of their signatures, as ring wants it.
pub(super) enum Key {
    Rsa(Box<RsaKeyPair>),
    P256(Box<EcdsaPair>),
    P384(Box<EcdsaPair>),
    Ed25519(Box<Ed25519KeyPair>),
}

pub(super) struct EcdsaPair {
    asn1: EcdsaKeyPair,
    fixed: EcdsaKeyPair,
}

impl Key {
    pub(super) fn from_pem(pem: &[u8]) -> Result<Self, SignError> {
        let bad = |why: &str| SignError::Key { why: why.to_owned() };
        let der = PrivateKeyDer::from_pem_slice(pem).map_err(|error| bad(&error.to_string()))?;
        match &der {
            PrivateKeyDer::Pkcs8(key) => Self::from_pkcs8(key.secret_pkcs8_der())
                .ok_or_else(|| bad("not RSA of 2048 bits or more, P-256, P-384 or Ed25519")),
            PrivateKeyDer::Pkcs1(key) => RsaKeyPair::from_der(key.secret_pkcs1_der())
                .map(|key| Self::Rsa(Box::new(key)))
                .map_err(|error| bad(&error.to_string())),
            _ => Err(bad("not PKCS#8; convert it with: openssl pkcs8 -topk8 -nocrypt")),
        }
    }

    fn from_pkcs8(der: &[u8]) -> Option<Self> {
        let random = SystemRandom::new();
        let pair = |asn1, fixed| {
            let asn1 = EcdsaKeyPair::from_pkcs8(asn1, der, &random).ok()?;
            let fixed = EcdsaKeyPair::from_pkcs8(fixed, der, &random).ok()?;
            Some(Box::new(EcdsaPair { asn1, fixed }))
        };
        if let Some(pair) =
            pair(&signature::ECDSA_P256_SHA256_ASN1_SIGNING, &signature::ECDSA_P256_SHA256_FIXED_SIGNING)
        {
            return Some(Self::P256(pair));
        }
        if let Some(pair) =
            pair(&signature::ECDSA_P384_SHA384_ASN1_SIGNING, &signature::ECDSA_P384_SHA384_FIXED_SIGNING)
        {
            return Some(Self::P384(pair));
        }
        // Files of version 1 carry no public key to compare with; the certificate is compared instead.
        if let Ok(key) = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der) {
            return Some(Self::Ed25519(Box::new(key)));
        }
        RsaKeyPair::from_pkcs8(der).ok().map(|key| Self::Rsa(Box::new(key)))
    }

    /// Whether the certificate states this key's public half.
    pub(super) fn is_of(&self, certificate: &Certificate) -> bool {
        match (self, certificate.key()) {
            (Self::Rsa(key), PublicKey::Rsa { bytes, .. }) => key.public_key().as_ref() == bytes,
            (Self::P256(pair), PublicKey::P256(point)) | (Self::P384(pair), PublicKey::P384(point)) => {
                pair.asn1.public_key().as_ref() == point
            }
            (Self::Ed25519(key), PublicKey::Ed25519(bytes)) => key.public_key().as_ref() == bytes,
            _ => false,
        }
    }

    /// `alg` of RFC 7518 and RFC 8037.
    pub(super) const fn jws_name(&self, padding: RsaPadding) -> &'static str {
        match (self, padding) {
            (Self::Rsa(_), RsaPadding::Pkcs1) => "RS256",
            (Self::Rsa(_), RsaPadding::Pss) => "PS256",
            (Self::P256(_), _) => "ES256",
            (Self::P384(_), _) => "ES384",
            (Self::Ed25519(_), _) => "EdDSA",
        }
    }

    /// Signs the message itself: ring hashes it.
    pub(super) fn sign(&self, message: &[u8], padding: RsaPadding, form: EcdsaForm) -> Result<Vec<u8>, SignError> {
        let random = SystemRandom::new();
        let refused = |_| SignError::Refused;
        match self {
            Self::Rsa(key) => {
                let encoding: &dyn RsaEncoding = match padding {
                    RsaPadding::Pkcs1 => &signature::RSA_PKCS1_SHA256,
                    RsaPadding::Pss => &signature::RSA_PSS_SHA256,
                };
                let mut value = vec![0; key.public().modulus_len()];
                key.sign(encoding, &random, message, &mut value).map_err(refused)?;
                Ok(value)
            }
            Self::P256(pair) | Self::P384(pair) => {
                let key = match form {
                    EcdsaForm::Asn1 => &pair.asn1,
                    EcdsaForm::Fixed => &pair.fixed,
                };
                Ok(key.sign(&random, message).map_err(refused)?.as_ref().to_vec())
            }
            Self::Ed25519(key) => Ok(key.sign(message).as_ref().to_vec()),
        }
    }
}
