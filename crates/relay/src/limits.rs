//! Limits of a link, each with its reason.

use std::time::Duration;

use delivery::{CircuitRule, WindowRule};

/// Limits and times of every link of a node. Start from `default()` and change what the configuration sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of one chunk, 4 KiB to 1 MiB. Default 256 KiB, the HTTP/2 frame size measured best.
    pub chunk_max: u32,
    /// Bytes that one incoming transfer may have under way, `chunk_max` or more. Default 4 MiB: the
    /// product of 100 Mbit/s and a third of a second.
    pub window: u64,
    /// Bytes that all incoming transfers of a link may have under way together, beside one chunk each. Default
    /// 16 MiB, so that ten links stay under the node's memory promise.
    pub window_link: u64,
    /// Most content taken inside an offer. Default 64 KiB: receipts, statuses, small documents.
    pub inline_max: u32,
    /// Most incoming transfers at once. Default 32: over a line of 300 ms a hundred small documents a second.
    pub incoming_max: u32,
    /// Most outgoing transfers at once, [`urgent_places`](Self::urgent_places) included. Default 32.
    pub outgoing_max: u32,
    /// Outgoing places kept for lanes above normal. Default 4.
    pub urgent_places: u32,
    /// How the number of outgoing transfers adapts to what the neighbour takes; the urgent places come on top. Default 1
    /// to 28, starting at 12, shrinking once a second at most.
    pub concurrency: WindowRule,
    /// When a neighbour that fails is left alone, and for how long. Default: after 5 failures in a row for 5 s, doubling up
    /// to 5 min; a probe may take 1 min.
    pub circuit: CircuitRule,
    /// Wait for the other side's Hello. Default 10 s, as for a TLS handshake.
    pub hello_timeout: Duration,
    /// Time between two extensions of a claim; well under the queue's lease. Default 15 s.
    pub extend_every: Duration,
    /// An outgoing transfer without any answer, credit or turn for so long ends the link: the neighbour's transport
    /// lives but its node does not. Default 10 min, above the longest check of a 2 GiB document.
    pub stall_timeout: Duration,
    /// Time for transfers under way when the node stops. Default 10 s.
    pub grace: Duration,
    /// Wait for the other side's end of stream after Goodbye. Default 2 s.
    pub linger: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            chunk_max: 256 * 1024,
            window: 4 * 1024 * 1024,
            window_link: 16 * 1024 * 1024,
            inline_max: 64 * 1024,
            incoming_max: 32,
            outgoing_max: 32,
            urgent_places: 4,
            concurrency: concurrency(),
            circuit: CircuitRule::default(),
            hello_timeout: Duration::from_secs(10),
            extend_every: Duration::from_secs(15),
            stall_timeout: Duration::from_secs(600),
            grace: Duration::from_secs(10),
            linger: Duration::from_secs(2),
        }
    }
}

fn concurrency() -> WindowRule {
    // 1 to 28 starting at 12 is in order; the rule's own default would do as well.
    WindowRule::try_new(1, 12, 28, Duration::from_secs(1)).unwrap_or_default()
}
