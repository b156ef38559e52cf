//! Ids that are not agency codes.

use std::fmt;
use std::str::FromStr;

/// Why a text is not an id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Nothing, or only white space.
    #[error("{kind} is empty")]
    Empty {
        /// What was being read.
        kind: &'static str,
    },
    /// Longer than the limit.
    #[error("{kind} has {length} bytes, limit {max}")]
    TooLong {
        /// What was being read.
        kind: &'static str,
        /// Bytes found.
        length: usize,
        /// Bytes allowed.
        max: usize,
    },
    /// A character that the id cannot hold.
    #[error("{kind} has the character {found:?} at byte {position}")]
    Character {
        /// What was being read.
        kind: &'static str,
        /// Byte offset, from 0.
        position: usize,
        /// The character.
        found: char,
    },
    /// Not a UUID.
    #[error("{kind} is not a UUID")]
    NotUuid {
        /// What was being read.
        kind: &'static str,
    },
}

fn check(kind: &'static str, text: &str, max: usize, allowed: fn(char) -> bool) -> Result<Box<str>, IdError> {
    if text.trim().is_empty() {
        return Err(IdError::Empty { kind });
    }
    if text.len() > max {
        return Err(IdError::TooLong { kind, length: text.len(), max });
    }
    match text.char_indices().find(|(_, c)| !allowed(*c)) {
        Some((position, found)) => Err(IdError::Character { kind, position, found }),
        None => Ok(text.into()),
    }
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $max:literal, $allowed:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Box<str>);

        impl $name {
            /// The text, as it came in.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                check($kind, text, $max, $allowed).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id!(
    /// `DocumentId` of QCVN 102:2016: the sender's own name for a document.
    ///
    /// Shape: 1–256 bytes of UTF-8 without control characters; by custom
    /// `000.00.00.G22,2015/09/30,7816/VPCP-TTĐT` or a UUID. Unique only together with the sender.
    DocumentId, "DocumentId", 256, |c| !c.is_control()
);
text_id!(
    /// A connected system (an agency's document software, a centre). 1–64 of `A–Z a–z 0–9 . _ -`.
    SystemId, "system id", 64, |c| c.is_ascii_alphanumeric() || "._-".contains(c)
);
text_id!(
    /// A node of the bus. 1–64 of `A–Z a–z 0–9 . _ -`; in certificates `urn:lienthong:node:<id>`.
    NodeId, "node id", 64, |c| c.is_ascii_alphanumeric() || "._-".contains(c)
);
text_id!(
    /// A neighbour as this node's configuration names it. 1–64 of `A–Z a–z 0–9 . _ -`.
    NeighbourId, "neighbour id", 64, |c| c.is_ascii_alphanumeric() || "._-".contains(c)
);

/// One exchange of one packet: given by the first node that accepts it, kept on every hop.
///
/// A UUID (RFC 9562), version 7 as we make it; prints in the hyphenated lower-case form.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExchangeId([u8; 16]);

impl ExchangeId {
    /// Wraps the 16 bytes of a UUID.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The 16 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl TryFrom<&[u8]> for ExchangeId {
    type Error = IdError;

    fn try_from(bytes: &[u8]) -> Result<Self, IdError> {
        bytes.try_into().map(Self).map_err(|_| IdError::NotUuid { kind: "exchange id" })
    }
}

impl FromStr for ExchangeId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let bad = || IdError::NotUuid { kind: "exchange id" };
        let hyphens = [8, 13, 18, 23];
        let fits = |(i, b): (usize, u8)| if hyphens.contains(&i) { b == b'-' } else { b.is_ascii_hexdigit() };
        if text.len() != 36 || !text.bytes().enumerate().all(fits) {
            return Err(bad());
        }
        let hex: String = text.chars().filter(|c| *c != '-').collect();
        u128::from_str_radix(&hex, 16).map(|number| Self(number.to_be_bytes())).map_err(|_| bad())
    }
}

impl fmt::Display for ExchangeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.0.iter().enumerate() {
            if matches!(index, 4 | 6 | 8 | 10) {
                f.write_str("-")?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for ExchangeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ExchangeId({self})")
    }
}

#[cfg(test)]
mod tests;
