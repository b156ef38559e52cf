//! The primitives behind one trait: which library hashes, checks and signs is decided when the program is built.
//!
//! The rest of the crate names no library. `ring` is the default; with the feature `aws-lc-rs` that library does all of
//! it, whether `ring` is built as well or not.

#[cfg(feature = "aws-lc-rs")]
mod aws_lc;
// Beside the other library only to be compared with it.
#[cfg(all(feature = "ring", any(test, not(feature = "aws-lc-rs"))))]
mod ring;

use crate::algorithm::{EcdsaForm, SignatureAlgorithm};
use crate::sign::{KeyKind, RsaPadding};

#[cfg(feature = "aws-lc-rs")]
pub(crate) use self::aws_lc::AwsLc as Active;
#[cfg(all(feature = "ring", not(feature = "aws-lc-rs")))]
pub(crate) use self::ring::Ring as Active;

#[cfg(not(any(feature = "ring", feature = "aws-lc-rs")))]
compile_error!("signature needs one of its features: ring, aws-lc-rs");

/// What this crate asks of a library of primitives. Every method is total: what a library cannot read does not verify.
pub(crate) trait Provider {
    /// Name of the library, as a version report shows it.
    const NAME: &'static str;
    /// A digest under way.
    type Hashing: Hashing;
    /// A private key in memory.
    type PrivateKey: PrivateKey;

    /// Starts a digest.
    fn hashing(algorithm: DigestAlgorithm) -> Self::Hashing;

    /// Whether `value` is a signature of `message` by the key. `key` is what a certificate holds: RSAPublicKey in DER,
    /// an uncompressed point, or the 32 bytes of Ed25519. RSA below 2048 bits never verifies.
    fn verifies(algorithm: SignatureAlgorithm, form: EcdsaForm, key: &[u8], message: &[u8], value: &[u8]) -> bool;
}

/// A private key that a library holds.
pub(crate) trait PrivateKey: Sized + Send + Sync {
    /// Reads PKCS #8 in DER, not encrypted: P-256, P-384, Ed25519, RSA of 2048 bits or more.
    fn from_pkcs8(der: &[u8]) -> Option<Self>;

    /// Reads PKCS #1 in DER: RSA of 2048 bits or more.
    fn from_pkcs1(der: &[u8]) -> Option<Self>;

    /// What kind of key it is.
    fn kind(&self) -> KeyKind;

    /// The public half, as certificates carry it.
    fn public_key(&self) -> &[u8];

    /// Signs as [`SigningKey::sign`](crate::SigningKey::sign) says; `None` when the library refuses.
    fn sign(&self, message: &[u8], padding: RsaPadding) -> Option<Vec<u8>>;
}

/// A digest that takes its bytes piece by piece.
pub(crate) trait Hashing: Clone {
    /// Takes the next bytes.
    fn update(&mut self, bytes: &[u8]);

    /// The digest of all bytes taken.
    fn finish(self) -> DigestValue;
}

/// The digests asked of a library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DigestAlgorithm {
    /// Only names certificates, and reads what old archives hold (OCSP CertID, ESSCertID).
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

/// Bytes of the longest digest, SHA-512.
const DIGEST_BYTES_MAX: usize = 64;

/// A digest, of 20 to 64 bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DigestValue {
    bytes: [u8; DIGEST_BYTES_MAX],
    length: usize,
}

impl DigestValue {
    /// Of at most 64 bytes; every digest of [`DigestAlgorithm`] is.
    fn new(digest: &[u8]) -> Self {
        let mut bytes = [0; DIGEST_BYTES_MAX];
        bytes.iter_mut().zip(digest).for_each(|(to, from)| *to = *from);
        Self { bytes, length: digest.len().min(DIGEST_BYTES_MAX) }
    }
}

impl AsRef<[u8]> for DigestValue {
    fn as_ref(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

/// A digest under way, of the library in use.
#[derive(Clone)]
pub(crate) struct Digesting(<Active as Provider>::Hashing);

impl Digesting {
    pub(crate) fn new(algorithm: DigestAlgorithm) -> Self {
        Self(Active::hashing(algorithm))
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        Hashing::update(&mut self.0, bytes);
    }

    pub(crate) fn finish(self) -> DigestValue {
        Hashing::finish(self.0)
    }
}

/// The digest of pieces one after another, none copied.
pub(crate) fn digest(algorithm: DigestAlgorithm, pieces: &[&[u8]]) -> DigestValue {
    let mut hashing = Digesting::new(algorithm);
    pieces.iter().for_each(|piece| hashing.update(piece));
    hashing.finish()
}

/// Name of the library that this build hashes, checks and signs with: `ring` or `aws-lc-rs`.
#[must_use]
pub const fn provider_name() -> &'static str {
    Active::NAME
}

#[cfg(test)]
mod tests;
