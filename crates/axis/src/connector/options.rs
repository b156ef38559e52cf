//! How a connector works.

use std::time::Duration;

use delivery::CircuitRule;

/// Pace and places of a connector.
#[derive(Clone, Debug)]
pub struct ConnectorOptions {
    /// The axis's name in logs.
    pub peer: String,
    /// Pause between two looks at the list of what waits. After a round that brought something it is looked at again at
    /// once.
    pub poll_interval: Duration,
    /// Packets fetched at once, 1 or more; those of one sender always one after the other.
    pub fetch_places: usize,
    /// Lines of a list that are a full page: more may wait behind it.
    pub page: usize,
    /// Packets sent at once, 1 or more.
    pub send_places: usize,
    /// Of these, places that only urgent items take; fewer than `send_places`.
    pub urgent_places: usize,
    /// Pause between two extensions of a claim, well below its lease.
    pub extend_every: Duration,
    /// When the axis counts as away, and how often it is then tried.
    pub circuit: CircuitRule,
    /// Pause between two questions about sent packets; `None` asks never.
    pub follow_up_every: Option<Duration>,
    /// Time that sendings under way are given when the connector stops.
    pub grace: Duration,
}

impl ConnectorOptions {
    /// A look every 30 s, 4 fetches, 8 sendings with 2 places for urgent ones, claims extended every 20 s, follow-up
    /// every 10 min, 10 s of grace. Away after 3 failures in a row, then tried after 5 s, doubling to 5 min.
    #[must_use]
    pub fn new(peer: impl Into<String>) -> Self {
        let circuit =
            CircuitRule::try_new(3, Duration::from_secs(5), Duration::from_secs(300), Duration::from_secs(60));
        Self {
            peer: peer.into(),
            poll_interval: Duration::from_secs(30),
            fetch_places: 4,
            page: 500,
            send_places: 8,
            urgent_places: 2,
            extend_every: Duration::from_secs(20),
            circuit: circuit.unwrap_or_default(),
            follow_up_every: Some(Duration::from_secs(600)),
            grace: Duration::from_secs(10),
        }
    }
}
