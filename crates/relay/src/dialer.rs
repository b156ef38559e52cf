//! The dialling end.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use ring::rand::{SecureRandom, SystemRandom};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::transport::{Channel, Endpoint};
use types::{ErrorCode, NeighbourId};
use wire::relay_v1::LinkRequest;
use wire::relay_v1::relay_service_client::RelayServiceClient;

use crate::link::OUTGOING_FRAMES;
use crate::links::MESSAGE_MAX;
use crate::server::broken;
use crate::{Backoff, Halves, LinkEnd, Links, Outbox, Presence, Reason};

/// A link that lived so long was a good one: the next wait is the shortest again.
const GOOD_LINK: Duration = Duration::from_secs(30);

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
        let both = self.links.stop.child_token();
        let mut running = pin!(self.links.tasks.track_future(self.keep_up(&both)));
        tokio::select! {
            () = &mut running => return,
            () = stop.cancelled() => both.cancel(),
        }
        running.await;
    }

    async fn keep_up(&self, stop: &CancellationToken) {
        let mut status = self.links.watch(&self.neighbour);
        let mut failures = 0;
        while !stop.is_cancelled() {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = status.wait_for(|status| !matches!(status.presence, Presence::Up { .. })) => {}
            }
            let started = Instant::now();
            match self.attempt(stop).await {
                Ok(end) => self.links.unreachable(&self.neighbour, end.to_string()),
                Err(reason) => {
                    tracing::warn!(
                        neighbour = %self.neighbour, error.code = reason.code.as_str(),
                        "no link to {}: {}", self.neighbour, reason.text
                    );
                    self.links.unreachable(&self.neighbour, reason.text);
                }
            }
            failures = if started.elapsed() >= GOOD_LINK { 1 } else { failures + 1 };
            tokio::select! {
                () = stop.cancelled() => return,
                () = sleep(self.backoff.wait(failures, jitter())) => {}
            }
        }
    }

    /// One connection from beginning to end.
    async fn attempt(&self, stop: &CancellationToken) -> Result<LinkEnd, Reason> {
        let limit = self.links.limits.hello_timeout.saturating_mul(2);
        let halves = tokio::select! {
            () = stop.cancelled() => return Ok(LinkEnd::Stopped),
            connected = timeout(limit, self.connect()) => {
                connected.unwrap_or_else(|_| Err(Reason::new(ErrorCode::PeerUnavailable, "no answer in time")))?
            }
        };
        Ok(self.links.run_link(self.neighbour.clone(), halves, stop).await)
    }

    async fn connect(&self) -> Result<Halves, Reason> {
        let channel = (self.connect)().await?;
        let (outgoing, frames) = mpsc::channel(OUTGOING_FRAMES);
        let requests = ReceiverStream::new(frames).map(|frame| LinkRequest { frame: Some(frame) });
        let mut client = RelayServiceClient::new(channel)
            .max_decoding_message_size(MESSAGE_MAX)
            .max_encoding_message_size(MESSAGE_MAX);
        let responses = client.link(requests).await.map_err(broken)?.into_inner();
        let incoming = responses.map(|message| message.map(|m| m.frame.unwrap_or_default()).map_err(broken));
        Ok(Halves { incoming: Box::pin(incoming), outgoing })
    }
}

/// One random byte; the middle when the system has none.
fn jitter() -> u8 {
    let mut byte = [128];
    if SystemRandom::new().fill(&mut byte).is_err() {
        byte = [128];
    }
    let [byte] = byte;
    byte
}
