//! What an operator can see of a link.

use delivery::{CircuitState, Forecast};
use types::{NodeId, UnixMillis};

/// A link as it is at this moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkStatus {
    /// Up or down.
    pub presence: Presence,
    /// Outgoing items claimed and not settled.
    pub sending: u64,
    /// Incoming transfers not answered.
    pub receiving: u64,
    /// Content bytes sent since the node started.
    pub bytes_sent: u64,
    /// Content bytes received since the node started.
    pub bytes_received: u64,
    /// How many transmissions it gets at a time, and whether it gets any.
    pub pace: PaceStatus,
}

/// What a neighbour is found to take, as it is at this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaceStatus {
    /// Ordinary transmissions that may be under way; 0 before the first link.
    pub window: u32,
    /// Whether it is left alone after failures.
    pub circuit: CircuitState,
    /// How long it takes.
    pub forecast: Forecast,
}

impl Default for PaceStatus {
    fn default() -> Self {
        Self { window: 0, circuit: CircuitState::Closed, forecast: Forecast::default() }
    }
}

/// Whether a link is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Presence {
    /// No link since the node started.
    #[default]
    Never,
    /// A link.
    Up {
        /// Since when.
        since: UnixMillis,
        /// The other side, as it names itself.
        node: NodeId,
        /// Protocol version in use.
        version: u32,
    },
    /// A link that ended.
    Down {
        /// Since when.
        since: UnixMillis,
        /// Why, for people.
        reason: String,
    },
}
