//! Keys that sign, wherever they live.

use std::fmt;

use super::{RsaPadding, SignError};
use crate::algorithm::PublicKey;
use crate::certificate::Certificate;
use crate::der::{self, sequence, tag, tlv};

/// What kind of key it is; with [`RsaPadding`] it says how signatures are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// RSA of 2048 bits or more; SHA-256.
    Rsa,
    /// ECDSA on P-256; SHA-256.
    P256,
    /// ECDSA on P-384; SHA-384.
    P384,
    /// Ed25519 (RFC 8032).
    Ed25519,
}

impl KeyKind {
    /// Name for people.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rsa => "RSA",
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::Ed25519 => "Ed25519",
        }
    }
}

/// A private key: from a file, in a token, in a hardware security module.
///
/// Its `Debug` form shows no secret. One key may be used by several threads at a time.
pub trait SigningKey: Send + Sync + fmt::Debug {
    /// What kind of key it is.
    fn kind(&self) -> KeyKind;

    /// Its public half as certificates carry it, the content of `subjectPublicKey` (RFC 5280 4.1.2.7): RSAPublicKey in
    /// DER, an uncompressed point, or the 32 bytes of Ed25519.
    fn public_key(&self) -> &[u8];

    /// Signs `message`, which the key or its holder hashes: SHA-384 with P-384, else SHA-256.
    ///
    /// RSA: PKCS #1 v1.5, or PSS with MGF1 over SHA-256 and a salt of 32 bytes, as `padding` says. ECDSA: both numbers at
    /// full width, one after the other (IEEE P1363); [`Signer`](super::Signer) writes the form that each format wants.
    ///
    /// May wait for a device. Callers in asynchronous code do it on a thread of its own.
    ///
    /// # Errors
    /// `key_unavailable` when the key cannot be reached and may be again later; `internal` when it refuses.
    fn sign(&self, message: &[u8], padding: RsaPadding) -> Result<Vec<u8>, SignError>;
}

/// Whether the certificate states this key's public half.
pub(super) fn is_of(key: &dyn SigningKey, certificate: &Certificate) -> bool {
    let is_same_kind = matches!(
        (key.kind(), certificate.key()),
        (KeyKind::Rsa, PublicKey::Rsa { .. })
            | (KeyKind::P256, PublicKey::P256(_))
            | (KeyKind::P384, PublicKey::P384(_))
            | (KeyKind::Ed25519, PublicKey::Ed25519(_))
    );
    is_same_kind && key.public_key() == certificate.key_bits()
}

/// `alg` of RFC 7518 and RFC 8037.
pub(super) const fn jws_name(kind: KeyKind, padding: RsaPadding) -> &'static str {
    match (kind, padding) {
        (KeyKind::Rsa, RsaPadding::Pkcs1) => "RS256",
        (KeyKind::Rsa, RsaPadding::Pss) => "PS256",
        (KeyKind::P256, _) => "ES256",
        (KeyKind::P384, _) => "ES384",
        (KeyKind::Ed25519, _) => "EdDSA",
    }
}

/// ECDSA-Sig-Value (RFC 3279 2.2.3) of the two numbers at full width.
pub(super) fn ecdsa_asn1(fixed: &[u8]) -> Vec<u8> {
    let (r, s) = fixed.split_at(fixed.len() / 2);
    sequence(&[&unsigned(r), &unsigned(s)])
}

/// INTEGER of a number that is not negative: shortest form, with a zero before a set top bit.
fn unsigned(number: &[u8]) -> Vec<u8> {
    let start = number.iter().position(|byte| *byte != 0).unwrap_or(number.len());
    let digits = number.split_at(start).1;
    let is_padded = digits.first().is_none_or(|byte| *byte >= 0x80);
    let padding: &[u8] = if is_padded { &[0] } else { &[] };
    tlv(tag::INTEGER, &[padding, digits].concat())
}

/// RSAPublicKey (RFC 8017 A.1.1) in DER from its two numbers, big-endian: what [`SigningKey::public_key`] gives for RSA.
#[must_use]
pub fn rsa_public_key(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    sequence(&[&unsigned(modulus), &unsigned(exponent)])
}

/// The content of a DER OCTET STRING: PKCS #11 wraps points in one.
///
/// # Errors
/// `invalid_argument` when `bytes` is anything else.
pub fn octet_string_content(bytes: &[u8]) -> Result<&[u8], SignError> {
    der::single(bytes, tag::OCTET_STRING)
        .map(|value| value.content)
        .map_err(|_| SignError::Key { why: "the public key is no OCTET STRING in DER".to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ecdsa_numbers_are_written_in_their_shortest_form() {
        assert_eq!(ecdsa_asn1(&[0, 1, 0x80, 2]), [0x30, 8, 2, 1, 1, 2, 3, 0, 0x80, 2]);
        assert_eq!(ecdsa_asn1(&[0, 0, 0x7f, 0xff]), [0x30, 7, 2, 1, 0, 2, 2, 0x7f, 0xff]);
    }

    #[test]
    fn an_rsa_key_is_written_as_certificates_carry_it() {
        assert_eq!(rsa_public_key(&[0x80, 1], &[1, 0, 1]), [0x30, 10, 2, 3, 0, 0x80, 1, 2, 3, 1, 0, 1]);
    }
}
