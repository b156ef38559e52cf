//! Whom a receipt is about.

use ring::digest::{Context, SHA256};
use types::{AgencyCode, Digest};

use crate::digest_of;

/// Recipients that a receipt lists by code: at 64 bytes each they leave room for the rest within its 16 KiB.
pub const RECIPIENTS_LISTED_MAX: usize = 64;

/// The recipients of a receipt: the codes themselves, or, for long lists, what proves a list to be the one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recipients {
    /// The codes as they came in, at most 64. Empty only in a rejection of something unreadable.
    Listed(Vec<AgencyCode>),
    /// More than 64.
    Counted {
        /// How many.
        count: u32,
        /// SHA-256 of the codes as they came in, sorted by their bytes and each followed by a line feed.
        sha256: Digest,
    },
}

impl Recipients {
    /// Lists up to 64 codes, in their order; counts and hashes more.
    #[must_use]
    pub fn new(codes: &[AgencyCode]) -> Self {
        if codes.len() <= RECIPIENTS_LISTED_MAX {
            return Self::Listed(codes.to_vec());
        }
        let count = u32::try_from(codes.len()).unwrap_or(u32::MAX);
        Self::Counted { count, sha256: list_digest(codes) }
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        match self {
            Self::Listed(codes) => codes.len(),
            Self::Counted { count, .. } => usize::try_from(*count).unwrap_or(usize::MAX),
        }
    }

    /// Whether these are exactly `codes`, written as they came in, in any order.
    #[must_use]
    pub fn are(&self, codes: &[AgencyCode]) -> bool {
        match self {
            Self::Listed(listed) => listed.len() == codes.len() && list_digest(listed) == list_digest(codes),
            Self::Counted { count, sha256 } => {
                u32::try_from(codes.len()) == Ok(*count) && *sha256 == list_digest(codes)
            }
        }
    }
}

/// No code holds a line feed, so two lists with the same text are the same list.
fn list_digest(codes: &[AgencyCode]) -> Digest {
    let mut texts: Vec<&str> = codes.iter().map(AgencyCode::as_str).collect();
    texts.sort_unstable();
    let mut context = Context::new(&SHA256);
    for text in texts {
        context.update(text.as_bytes());
        context.update(b"\n");
    }
    digest_of(context)
}

#[cfg(test)]
mod tests;
