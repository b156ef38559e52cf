//! What an operator can see of a connector.

use types::{ErrorCode, UnixMillis};

/// A connector as it is at this moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// Whether the axis answers.
    pub presence: Presence,
    /// When it last answered.
    pub last_success: Option<UnixMillis>,
    /// What last went wrong, with the connection or with one packet.
    pub last_error: Option<LastError>,
    /// Packets that wait at the axis, as of the last look.
    pub waiting: Option<u64>,
    /// Packets fetched and confirmed since the start.
    pub received: u64,
    /// Packets sent since the start.
    pub sent: u64,
    /// Packets being sent.
    pub sending: u64,
}

/// Something that went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastError {
    /// When.
    pub at: UnixMillis,
    /// Stable code.
    pub code: ErrorCode,
    /// In words, without a secret.
    pub text: String,
}

/// Whether the axis answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Presence {
    /// Not asked yet.
    #[default]
    Unknown,
    /// It answers.
    Reachable {
        /// Since when.
        since: UnixMillis,
    },
    /// It does not, or does not know this system: nothing is sent.
    Away {
        /// Since when.
        since: UnixMillis,
        /// Why: `unauthenticated` for a wrong system id or secret.
        code: ErrorCode,
        /// The same in words.
        text: String,
    },
}
