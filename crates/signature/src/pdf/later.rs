//! What came after a signature: other signatures, which may or may not be there.

use types::UnixMillis;

use super::object::Id;

/// What came of a signature made after the one that is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Later {
    pub(super) field: Id,
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) standing: Standing,
    /// When everything before it is proved to have existed.
    pub(super) proved: Option<UnixMillis>,
}

/// What a later signature is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Signature,
    Timestamp,
}

/// What a later signature may bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Verified, by a trusted certificate: its widget may appear.
    Passed,
    /// A document time-stamp that is neither proved nor disproved: it may be there and show nothing.
    Undecided,
    /// Anything else.
    Refused,
}
