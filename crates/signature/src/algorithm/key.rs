//! Public keys of certificates.

use super::{AlgorithmId, Hash, pss};
use crate::der::{self, DerError, Tlv, tag};
use crate::oid;

/// A public key, as a certificate states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PublicKey {
    /// RSAPublicKey in DER.
    Rsa { bytes: Vec<u8>, bits: u32, restriction: Restriction },
    /// Uncompressed point.
    P256(Vec<u8>),
    /// Uncompressed point.
    P384(Vec<u8>),
    /// 32 bytes.
    Ed25519(Vec<u8>),
    /// Anything else: no signature of it verifies.
    Other { name: String },
}

/// What an RSA key may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Restriction {
    /// Either padding.
    None,
    /// id-RSASSA-PSS as the key's algorithm, perhaps with one hash (RFC 4055 1.2).
    PssOnly(Option<Hash>),
}

impl PublicKey {
    /// Reads SubjectPublicKeyInfo.
    pub(crate) fn read(info: &Tlv<'_>) -> Result<Self, DerError> {
        let mut inside = info.inside();
        let id = AlgorithmId::read(&inside.expect(tag::SEQUENCE)?)?;
        let bits = der::bits(&inside.expect(tag::BIT_STRING)?)?;
        inside.end()?;
        let curve = id.parameters.filter(|value| value.tag == tag::OBJECT_ID).map(|value| value.content);
        Ok(match (id.oid, curve) {
            (oid::RSA, _) => Self::rsa(bits, Restriction::None)?,
            (oid::RSA_PSS, _) => match id.parameters {
                None => Self::rsa(bits, Restriction::PssOnly(None))?,
                Some(_) => match pss::hash(&id) {
                    Ok(hash) => Self::rsa(bits, Restriction::PssOnly(Some(hash)))?,
                    Err(_) => Self::Other { name: "RSA-PSS with other parameters".to_owned() },
                },
            },
            (oid::EC_PUBLIC_KEY, Some(oid::P256)) => Self::P256(bits.to_vec()),
            (oid::EC_PUBLIC_KEY, Some(oid::P384)) => Self::P384(bits.to_vec()),
            (oid::EC_PUBLIC_KEY, Some(curve)) => Self::Other { name: format!("EC {}", oid::text(curve)) },
            (oid::ED25519, _) => Self::Ed25519(bits.to_vec()),
            (other, _) => Self::Other { name: oid::text(other) },
        })
    }

    fn rsa(bytes: &[u8], restriction: Restriction) -> Result<Self, DerError> {
        let mut inside = der::single(bytes, tag::SEQUENCE)?.inside();
        let modulus = inside.expect(tag::INTEGER)?.content;
        let significant = modulus.iter().skip_while(|byte| **byte == 0);
        let top = significant.clone().next().map_or(0, |byte| byte.leading_zeros());
        let bits =
            u32::try_from(significant.count()).map_err(|_| DerError::Value)?.saturating_mul(8).saturating_sub(top);
        Ok(Self::Rsa { bytes: bytes.to_vec(), bits, restriction })
    }

    /// Name for people.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Rsa { .. } => "RSA".to_owned(),
            Self::P256(_) => "P-256".to_owned(),
            Self::P384(_) => "P-384".to_owned(),
            Self::Ed25519(_) => "Ed25519".to_owned(),
            Self::Other { name } => name.clone(),
        }
    }

    /// Size in bits, 0 when unknown.
    pub(crate) fn bits(&self) -> u32 {
        match self {
            Self::Rsa { bits, .. } => *bits,
            Self::P256(_) | Self::Ed25519(_) => 256,
            Self::P384(_) => 384,
            Self::Other { .. } => 0,
        }
    }
}
