//! Keys and algorithms: which go together, and the check itself.

mod hash;
mod identifier;
mod key;
mod pss;

pub(crate) use hash::Hash;
pub(crate) use identifier::AlgorithmId;
pub(crate) use key::PublicKey;

use serde::{Deserialize, Serialize};

use crate::der::{DerError, Reader, Tlv, tag};
use crate::oid;
use crate::policy::Policy;
use crate::provider::{Active, Provider};
use crate::reason::AlgorithmReason;

/// A signature algorithm with its hash, and with its curve where there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SignatureAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-1: only under an anchor whose rule takes it, for what is proved to be old.
    #[serde(rename = "RSA-PKCS1-SHA1")]
    RsaPkcs1Sha1,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    #[serde(rename = "RSA-PKCS1-SHA256")]
    RsaPkcs1Sha256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    #[serde(rename = "RSA-PKCS1-SHA384")]
    RsaPkcs1Sha384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    #[serde(rename = "RSA-PKCS1-SHA512")]
    RsaPkcs1Sha512,
    /// RSASSA-PSS with SHA-256, MGF1 with SHA-256 and a salt of 32 bytes.
    #[serde(rename = "RSA-PSS-SHA256")]
    RsaPssSha256,
    /// RSASSA-PSS with SHA-384, MGF1 with SHA-384 and a salt of 48 bytes.
    #[serde(rename = "RSA-PSS-SHA384")]
    RsaPssSha384,
    /// RSASSA-PSS with SHA-512, MGF1 with SHA-512 and a salt of 64 bytes.
    #[serde(rename = "RSA-PSS-SHA512")]
    RsaPssSha512,
    /// ECDSA on P-256 with SHA-256.
    #[serde(rename = "ECDSA-P256-SHA256")]
    EcdsaP256Sha256,
    /// ECDSA on P-256 with SHA-384.
    #[serde(rename = "ECDSA-P256-SHA384")]
    EcdsaP256Sha384,
    /// ECDSA on P-384 with SHA-256.
    #[serde(rename = "ECDSA-P384-SHA256")]
    EcdsaP384Sha256,
    /// ECDSA on P-384 with SHA-384.
    #[serde(rename = "ECDSA-P384-SHA384")]
    EcdsaP384Sha384,
    /// Ed25519 (RFC 8032).
    #[serde(rename = "Ed25519")]
    Ed25519,
}

use SignatureAlgorithm as Algorithm;

impl SignatureAlgorithm {
    /// Every algorithm that a signature of today may have; the one with SHA-1 is not among them.
    pub const ALL: [Self; 11] = [
        Self::RsaPkcs1Sha256,
        Self::RsaPkcs1Sha384,
        Self::RsaPkcs1Sha512,
        Self::RsaPssSha256,
        Self::RsaPssSha384,
        Self::RsaPssSha512,
        Self::EcdsaP256Sha256,
        Self::EcdsaP256Sha384,
        Self::EcdsaP384Sha256,
        Self::EcdsaP384Sha384,
        Self::Ed25519,
    ];

    /// Name, as reports and configuration show it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RsaPkcs1Sha1 => "RSA-PKCS1-SHA1",
            Self::RsaPkcs1Sha256 => "RSA-PKCS1-SHA256",
            Self::RsaPkcs1Sha384 => "RSA-PKCS1-SHA384",
            Self::RsaPkcs1Sha512 => "RSA-PKCS1-SHA512",
            Self::RsaPssSha256 => "RSA-PSS-SHA256",
            Self::RsaPssSha384 => "RSA-PSS-SHA384",
            Self::RsaPssSha512 => "RSA-PSS-SHA512",
            Self::EcdsaP256Sha256 => "ECDSA-P256-SHA256",
            Self::EcdsaP256Sha384 => "ECDSA-P256-SHA384",
            Self::EcdsaP384Sha256 => "ECDSA-P384-SHA256",
            Self::EcdsaP384Sha384 => "ECDSA-P384-SHA384",
            Self::Ed25519 => "Ed25519",
        }
    }

    /// Whether its hash has collisions.
    pub(crate) const fn is_weak(self) -> bool {
        matches!(self, Self::RsaPkcs1Sha1)
    }

    /// The reason for which it is refused where nothing allows it.
    pub(crate) fn unsupported(self) -> AlgorithmReason {
        let name = if self.is_weak() { "SHA-1 with RSA" } else { self.as_str() };
        AlgorithmReason::Unsupported { name: name.to_owned() }
    }
}

/// How an ECDSA signature value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EcdsaForm {
    /// SEQUENCE of two INTEGERs (CMS, X.509).
    Asn1,
    /// Both numbers at full width, one after the other (JOSE).
    Fixed,
}

/// The smallest RSA modulus that is taken anywhere, in bits.
pub(crate) const RSA_BITS_MIN: u32 = 2048;

/// Whether SHA-1 may be computed with, to be judged once the anchor and the proved time are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Legacy {
    /// Never: what is exchanged today.
    Refused,
    /// As the rule of the anchor says.
    ByAnchor,
}

/// The algorithm that identifier, key and digest (CMS only) agree on.
pub(crate) fn resolve(
    id: &AlgorithmId<'_>,
    key: &PublicKey,
    digest: Option<Hash>,
) -> Result<SignatureAlgorithm, AlgorithmReason> {
    let mismatch = |one: &str, other: &str| AlgorithmReason::Mismatch { one: one.to_owned(), other: other.to_owned() };
    if id.oid == oid::RSA_PSS {
        let hash = pss::hash(id)?;
        return rsa(key, Padding::Pss, hash, digest);
    }
    id.no_parameters()?;
    let ecdsa_hash = match id.oid {
        oid::RSA => {
            // RFC 3370 3.2: rsaEncryption takes its hash from digestAlgorithm; certificates have none.
            let hash = digest.ok_or_else(|| id.unsupported())?;
            return rsa(key, Padding::Pkcs1, hash, digest);
        }
        oid::SHA1_WITH_RSA => return rsa(key, Padding::Pkcs1, Hash::Sha1, digest),
        oid::SHA256_WITH_RSA => return rsa(key, Padding::Pkcs1, Hash::Sha256, digest),
        oid::SHA384_WITH_RSA => return rsa(key, Padding::Pkcs1, Hash::Sha384, digest),
        oid::SHA512_WITH_RSA => return rsa(key, Padding::Pkcs1, Hash::Sha512, digest),
        oid::ED25519 => {
            // RFC 8419 3.1: with signed attributes, the digest is SHA-512.
            return match (key, digest) {
                (PublicKey::Ed25519(_), None | Some(Hash::Sha512)) => Ok(Algorithm::Ed25519),
                (PublicKey::Ed25519(_), Some(hash)) => Err(mismatch("Ed25519", hash.as_str())),
                _ => Err(mismatch("Ed25519", &key.name())),
            };
        }
        oid::ECDSA_SHA256 => Hash::Sha256,
        oid::ECDSA_SHA384 => Hash::Sha384,
        _ => return Err(id.unsupported()),
    };
    if let Some(digest) = digest.filter(|digest| *digest != ecdsa_hash) {
        return Err(mismatch(&format!("ECDSA with {}", ecdsa_hash.as_str()), digest.as_str()));
    }
    match (key, ecdsa_hash) {
        (PublicKey::P256(_), Hash::Sha256) => Ok(Algorithm::EcdsaP256Sha256),
        (PublicKey::P256(_), Hash::Sha384) => Ok(Algorithm::EcdsaP256Sha384),
        (PublicKey::P384(_), Hash::Sha256) => Ok(Algorithm::EcdsaP384Sha256),
        (PublicKey::P384(_), Hash::Sha384) => Ok(Algorithm::EcdsaP384Sha384),
        _ => Err(mismatch("ECDSA", &key.name())),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Padding {
    Pkcs1,
    Pss,
}

/// The RSA algorithm of a padding and a hash, if key and digest allow it.
pub(crate) fn rsa(
    key: &PublicKey,
    padding: Padding,
    hash: Hash,
    digest: Option<Hash>,
) -> Result<SignatureAlgorithm, AlgorithmReason> {
    let PublicKey::Rsa { restriction, .. } = key else {
        return Err(AlgorithmReason::Mismatch { one: "RSA".to_owned(), other: key.name() });
    };
    if let Some(digest) = digest.filter(|digest| *digest != hash) {
        return Err(AlgorithmReason::Mismatch {
            one: format!("RSA with {}", hash.as_str()),
            other: digest.as_str().to_owned(),
        });
    }
    let fits = match restriction {
        key::Restriction::None => true,
        key::Restriction::PssOnly(wanted) => padding == Padding::Pss && wanted.is_none_or(|wanted| wanted == hash),
    };
    if !fits {
        return Err(AlgorithmReason::Mismatch {
            one: "signature".to_owned(),
            other: "key's PSS restriction".to_owned(),
        });
    }
    Ok(match (padding, hash) {
        (Padding::Pkcs1, Hash::Sha1) => Algorithm::RsaPkcs1Sha1,
        (Padding::Pss, Hash::Sha1) => {
            return Err(AlgorithmReason::Unsupported { name: "RSA-PSS with SHA-1".to_owned() });
        }
        (Padding::Pkcs1, Hash::Sha256) => Algorithm::RsaPkcs1Sha256,
        (Padding::Pkcs1, Hash::Sha384) => Algorithm::RsaPkcs1Sha384,
        (Padding::Pkcs1, Hash::Sha512) => Algorithm::RsaPkcs1Sha512,
        (Padding::Pss, Hash::Sha256) => Algorithm::RsaPssSha256,
        (Padding::Pss, Hash::Sha384) => Algorithm::RsaPssSha384,
        (Padding::Pss, Hash::Sha512) => Algorithm::RsaPssSha512,
    })
}

/// Whether an algorithm that was named outright goes with a key.
pub(crate) fn fits(algorithm: SignatureAlgorithm, key: &PublicKey) -> Result<(), AlgorithmReason> {
    let fits = match algorithm {
        Algorithm::RsaPkcs1Sha1 => return rsa(key, Padding::Pkcs1, Hash::Sha1, None).map(drop),
        Algorithm::RsaPkcs1Sha256 => return rsa(key, Padding::Pkcs1, Hash::Sha256, None).map(drop),
        Algorithm::RsaPkcs1Sha384 => return rsa(key, Padding::Pkcs1, Hash::Sha384, None).map(drop),
        Algorithm::RsaPkcs1Sha512 => return rsa(key, Padding::Pkcs1, Hash::Sha512, None).map(drop),
        Algorithm::RsaPssSha256 => return rsa(key, Padding::Pss, Hash::Sha256, None).map(drop),
        Algorithm::RsaPssSha384 => return rsa(key, Padding::Pss, Hash::Sha384, None).map(drop),
        Algorithm::RsaPssSha512 => return rsa(key, Padding::Pss, Hash::Sha512, None).map(drop),
        Algorithm::EcdsaP256Sha256 | Algorithm::EcdsaP256Sha384 => matches!(key, PublicKey::P256(_)),
        Algorithm::EcdsaP384Sha256 | Algorithm::EcdsaP384Sha384 => matches!(key, PublicKey::P384(_)),
        Algorithm::Ed25519 => matches!(key, PublicKey::Ed25519(_)),
    };
    if fits {
        return Ok(());
    }
    Err(AlgorithmReason::Mismatch { one: algorithm.as_str().to_owned(), other: key.name() })
}

/// Asks the policy about an algorithm and its key. One with SHA-1 is refused, whatever the policy lists.
pub(crate) fn permit(policy: &Policy, algorithm: SignatureAlgorithm, key: &PublicKey) -> Result<(), AlgorithmReason> {
    permit_for(policy, algorithm, key, Legacy::Refused)
}

/// [`permit`] that leaves SHA-1 to the path, where any anchor's rule may take it: the path then has to be held to
/// that rule.
pub(crate) fn permit_for(
    policy: &Policy,
    algorithm: SignatureAlgorithm,
    key: &PublicKey,
    legacy: Legacy,
) -> Result<(), AlgorithmReason> {
    if algorithm.is_weak() {
        if legacy == Legacy::Refused || !policy.has_legacy() {
            return Err(algorithm.unsupported());
        }
    } else if !policy.algorithms.contains(&algorithm) {
        return Err(AlgorithmReason::NotAllowed { name: algorithm.as_str() });
    }
    match key {
        // The floor holds whatever the policy says; the primitive keeps it too.
        PublicKey::Rsa { bits, .. } if *bits < policy.rsa_bits_min.max(RSA_BITS_MIN) => {
            Err(AlgorithmReason::KeyTooSmall { bits: *bits, min: policy.rsa_bits_min.max(RSA_BITS_MIN) })
        }
        _ => Ok(()),
    }
}

/// Checks one signature value.
pub(crate) fn verifies(
    algorithm: SignatureAlgorithm,
    form: EcdsaForm,
    key: &PublicKey,
    message: &[u8],
    value: &[u8],
) -> bool {
    let bytes = match key {
        PublicKey::Rsa { bytes, .. } | PublicKey::P256(bytes) | PublicKey::P384(bytes) | PublicKey::Ed25519(bytes) => {
            bytes
        }
        PublicKey::Other { .. } => return false,
    };
    Active::verifies(algorithm, form, bytes, message, value)
}

/// Reader helper: the one value inside an explicit tag.
pub(crate) fn explicit<'a>(reader: &mut Reader<'a>, number: u8) -> Result<Option<Tlv<'a>>, DerError> {
    let Some(outer) = reader.optional(tag::context(number))? else { return Ok(None) };
    let mut inside = outer.inside();
    let value = inside.next()?;
    inside.end()?;
    Ok(Some(value))
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod wycheproof;
