//! One link: the loop that owns its state, and the tasks around it.

mod carry;
mod feed;
mod run;
mod take;

use std::pin::Pin;
use std::sync::Arc;

use futures_util::{Stream, StreamExt};
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use types::{ErrorCode, NeighbourId};
use wire::relay_v1::Frame;

use crate::pace::Pace;
use crate::state::{Action, LinkState, Peer, Violation, goodbye};
use crate::{LinkStatus, Links, Outbox, Reason};
use run::Run;

/// The two directions of a transport.
pub struct Halves {
    /// Frames of the other side; an error or the end is the loss of the link.
    pub incoming: Pin<Box<dyn Stream<Item = Result<Frame, Reason>> + Send>>,
    /// Frames to the other side. Small: what waits here can no longer be overtaken by an urgent chunk.
    pub outgoing: mpsc::Sender<Frame>,
}

/// Frames between the loop and the transport: one being sent, one ready.
pub(crate) const OUTGOING_FRAMES: usize = 2;

/// Why a link ended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkEnd {
    /// This node stopped it.
    #[error("stopped by this node")]
    Stopped,
    /// The same neighbour opened a newer one.
    #[error("replaced by a newer link")]
    Replaced,
    /// The other side said goodbye.
    #[error("the neighbour said goodbye{}", reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default())]
    Farewell {
        /// Its reason, if it had one.
        reason: Option<Reason>,
    },
    /// The transport broke.
    #[error("lost: {text}")]
    Lost {
        /// As the transport tells it.
        text: String,
    },
    /// No Hello in time.
    #[error("no Hello from the neighbour")]
    Silent,
    /// The other side broke the protocol.
    #[error("protocol violation: {0}")]
    Violated(#[from] Violation),
}

impl LinkEnd {
    /// The public code.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Stopped => ErrorCode::ShuttingDown,
            Self::Replaced | Self::Lost { .. } | Self::Silent | Self::Farewell { .. } => ErrorCode::PeerUnavailable,
            Self::Violated(violation) => violation.code(),
        }
    }

    /// The last words to the other side; none where it does not listen any more.
    fn last_words(&self) -> Option<Frame> {
        match self {
            Self::Stopped => Some(goodbye(Some(ErrorCode::ShuttingDown), "the node is shutting down")),
            Self::Replaced => Some(goodbye(None, "replaced by a newer link")),
            Self::Silent => Some(goodbye(Some(ErrorCode::ProtocolViolation), "no Hello in time")),
            Self::Violated(violation) => Some(goodbye(Some(violation.code()), violation.to_string())),
            Self::Farewell { .. } | Self::Lost { .. } => None,
        }
    }
}

/// What the tasks of one link share.
struct Shared<O: Outbox> {
    links: Arc<Links<O>>,
    neighbour: NeighbourId,
    peer: Peer,
    status: watch::Sender<LinkStatus>,
    pace: Arc<Pace>,
    /// Cancelled when this side makes no more offers.
    no_offers: CancellationToken,
    /// Cancelled when this side takes the link down on purpose.
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl<O: Outbox> Links<O> {
    /// Runs one link from Hello to the end; returns when its tasks have ended and every item is settled.
    ///
    /// `stop` takes it down with the grace time.
    pub async fn run_link(
        self: &Arc<Self>,
        neighbour: NeighbourId,
        mut halves: Halves,
        stop: &CancellationToken,
    ) -> LinkEnd {
        let (mut state, hello) = LinkState::new(&self.node, &self.limits);
        let end = match greet(self, &mut state, hello, &mut halves, stop).await {
            Ok(peer) => self.run_greeted(neighbour.clone(), state, peer, halves, stop).await,
            Err(end) => {
                part(&end, halves, self.limits.linger).await;
                end
            }
        };
        tracing::info!(neighbour = %neighbour, error.code = end.code().as_str(), "link to {neighbour} ended: {end}");
        end
    }

    async fn run_greeted(
        self: &Arc<Self>,
        neighbour: NeighbourId,
        state: LinkState,
        peer: Peer,
        mut halves: Halves,
        stop: &CancellationToken,
    ) -> LinkEnd {
        let (node, version) = (&peer.node, peer.version);
        tracing::info!(neighbour = %neighbour, peer.id = %node, version, "link to {neighbour} is up");
        let entry = self.enter(&neighbour, &peer).await;
        let shared = Arc::new(Shared {
            links: Arc::clone(self),
            neighbour,
            peer,
            status: entry.status(),
            pace: entry.pace(),
            no_offers: CancellationToken::new(),
            stop: stop.clone(),
            tasks: TaskTracker::new(),
        });
        let end = Run::new(Arc::clone(&shared), state).run(&mut halves, entry.replaced()).await;
        shared.no_offers.cancel();
        shared.tasks.close();
        let settle = async {
            shared.tasks.wait().await;
            entry.leave(&end);
        };
        // Neither waits for the other: a commit may take long, and a half-dead transport never hears the goodbye.
        tokio::join!(part(&end, halves, self.limits.linger), settle);
        end
    }
}

/// Hello both ways.
async fn greet<O: Outbox>(
    links: &Links<O>,
    state: &mut LinkState,
    hello: Frame,
    halves: &mut Halves,
    stop: &CancellationToken,
) -> Result<Peer, LinkEnd> {
    let lost = |text: String| LinkEnd::Lost { text };
    let exchange = async {
        halves.outgoing.send(hello).await.map_err(|_| lost("closed before Hello".into()))?;
        loop {
            let frame = halves.incoming.next().await.ok_or_else(|| lost("closed before Hello".into()))?;
            match state.on_frame(frame.map_err(|reason| lost(reason.text))?)? {
                Action::Greeted(peer) => return Ok(peer),
                Action::End(reason) => return Err(LinkEnd::Farewell { reason }),
                _ => {}
            }
        }
    };
    tokio::select! {
        () = stop.cancelled() => Err(LinkEnd::Stopped),
        greeted = timeout(links.limits.hello_timeout, exchange) => greeted.unwrap_or(Err(LinkEnd::Silent)),
    }
}

/// Says goodbye and waits for the other side's end, so that the transport does not cut off what is on its way.
async fn part(end: &LinkEnd, halves: Halves, linger: std::time::Duration) {
    let Halves { mut incoming, outgoing } = halves;
    let parting = async {
        if let Some(frame) = end.last_words()
            && outgoing.send(frame).await.is_err()
        {
            return;
        }
        drop(outgoing);
        while matches!(incoming.next().await, Some(Ok(_))) {}
    };
    if timeout(linger, parting).await.is_err() {
        tracing::debug!("the neighbour did not end its side of the link");
    }
}
