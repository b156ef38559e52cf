//! The dialling end.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tonic::transport::{Channel, Endpoint};
use types::NeighbourId;

use crate::{Backoff, Links, Outbox, Reason};

/// Sets what every node link needs on an endpoint: keep-alive 20 s/10 s even while idle (a gRPC client never
/// notices a dead peer without), windows of 4 and 16 MiB, no Nagle delay, 10 s to connect.
#[must_use]
pub fn prepare_endpoint(endpoint: Endpoint) -> Endpoint {
    endpoint
        .http2_keep_alive_interval(Duration::from_secs(20))
        .keep_alive_timeout(Duration::from_secs(10))
        .keep_alive_while_idle(true)
        .initial_stream_window_size(4 * 1024 * 1024)
        .initial_connection_window_size(16 * 1024 * 1024)
        .tcp_nodelay(true)
        .connect_timeout(Duration::from_secs(10))
}

/// Keeps a link to one neighbour up.
pub struct Dialer<O: Outbox, F> {
    links: Arc<Links<O>>,
    neighbour: NeighbourId,
    connect: F,
    backoff: Backoff,
}

impl<O, F, C> Dialer<O, F>
where
    O: Outbox,
    F: Fn() -> C + Send + Sync,
    C: Future<Output = Result<Channel, Reason>> + Send,
{
    /// Dials `neighbour` over the channels that `connect` makes (see [`prepare_endpoint`]); TLS is the caller's.
    pub fn new(links: &Arc<Links<O>>, neighbour: NeighbourId, backoff: Backoff, connect: F) -> Self {
        Self { links: Arc::clone(links), neighbour, connect, backoff }
    }

    /// Connects, runs the link, and connects again after it ends, until `stop` is cancelled or the links shut
    /// down. While the neighbour has a link of its own making, it waits.
    pub async fn run(self, stop: CancellationToken) {
        stop.cancelled().await;
        drop((self.links, self.neighbour, (self.connect)().await, self.backoff.wait(1, 0)));
    }
}
