//! The dialled end.

use std::pin::Pin;
use std::sync::Arc;

use futures_util::{Stream, StreamExt};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming};
use types::{ErrorCode, NeighbourId};
use wire::relay_v1::relay_service_server::RelayService;
use wire::relay_v1::{LinkRequest, LinkResponse};

use crate::link::OUTGOING_FRAMES;
use crate::{Halves, Links, Outbox, Reason};

/// Who the other side is, by its certificate. The node's acceptor puts it in the request's extensions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerIdentity(pub NeighbourId);

/// Serves links that neighbours dial.
pub struct RelayServer<O: Outbox> {
    links: Arc<Links<O>>,
}

impl<O: Outbox> RelayServer<O> {
    pub(crate) fn new(links: Arc<Links<O>>) -> Self {
        Self { links }
    }
}

#[tonic::async_trait]
impl<O: Outbox> RelayService for RelayServer<O> {
    type LinkStream = Pin<Box<dyn Stream<Item = Result<LinkResponse, Status>> + Send>>;

    async fn link(&self, request: Request<Streaming<LinkRequest>>) -> Result<Response<Self::LinkStream>, Status> {
        let Some(PeerIdentity(neighbour)) = request.extensions().get().cloned() else {
            return Err(Status::unauthenticated("a link needs a client certificate of a known neighbour"));
        };
        if self.links.stop.is_cancelled() {
            return Err(Status::unavailable(ErrorCode::ShuttingDown.as_str()));
        }
        let (outgoing, frames) = mpsc::channel(OUTGOING_FRAMES);
        let incoming = request.into_inner().map(|message| message.map(|m| m.frame.unwrap_or_default()).map_err(broken));
        let halves = Halves { incoming: Box::pin(incoming), outgoing };
        let links = Arc::clone(&self.links);
        self.links.tasks.spawn(async move {
            let stop = links.stop.clone();
            links.run_link(neighbour, halves, &stop).await;
        });
        let frames = ReceiverStream::new(frames).map(|frame| Ok(LinkResponse { frame: Some(frame) }));
        Ok(Response::new(Box::pin(frames)))
    }
}

/// A transport error in our words.
pub(crate) fn broken(status: Status) -> Reason {
    Reason::new(ErrorCode::PeerUnavailable, format!("{:?}: {}", status.code(), status.message()))
}
