//! The hashes of signatures.

use super::{AlgorithmId, Legacy};
use crate::oid;
use crate::provider::{self, DigestAlgorithm, DigestValue, Digesting};
use crate::reason::AlgorithmReason;

/// The hashes taken here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hash {
    /// Never read from an algorithm identifier but by [`Hash::read_for`].
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA-1",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        }
    }

    pub(crate) fn of(self, bytes: &[u8]) -> DigestValue {
        self.of_pieces(&[bytes])
    }

    /// Of pieces one after another, none copied.
    pub(crate) fn of_pieces(self, pieces: &[&[u8]]) -> DigestValue {
        provider::digest(self.primitive(), pieces)
    }

    /// To be fed piece by piece.
    pub(crate) fn context(self) -> Digesting {
        Digesting::new(self.primitive())
    }

    const fn primitive(self) -> DigestAlgorithm {
        match self {
            Self::Sha1 => DigestAlgorithm::Sha1,
            Self::Sha256 => DigestAlgorithm::Sha256,
            Self::Sha384 => DigestAlgorithm::Sha384,
            Self::Sha512 => DigestAlgorithm::Sha512,
        }
    }

    pub(crate) const fn oid(self) -> &'static [u8] {
        match self {
            Self::Sha1 => oid::SHA1,
            Self::Sha256 => oid::SHA256,
            Self::Sha384 => oid::SHA384,
            Self::Sha512 => oid::SHA512,
        }
    }

    /// The same, with SHA-1 where it may be judged later.
    pub(crate) fn read_for(id: &AlgorithmId<'_>, legacy: Legacy) -> Result<Self, AlgorithmReason> {
        match legacy {
            Legacy::ByAnchor if id.oid == oid::SHA1 => id.no_parameters().map(|()| Self::Sha1),
            _ => Self::read(id),
        }
    }

    /// The hash that an AlgorithmIdentifier names. SHA-1 and MD5 are not looked for, so they cannot pass.
    pub(crate) fn read(id: &AlgorithmId<'_>) -> Result<Self, AlgorithmReason> {
        id.no_parameters()?;
        [Self::Sha256, Self::Sha384, Self::Sha512]
            .into_iter()
            .find(|hash| hash.oid() == id.oid)
            .ok_or_else(|| id.unsupported())
    }
}
