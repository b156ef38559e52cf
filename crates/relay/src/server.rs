//! The dialled end.

use std::pin::Pin;
use std::sync::Arc;

use futures_util::Stream;
use tonic::{Request, Response, Status, Streaming};
use types::NeighbourId;
use wire::relay_v1::relay_service_server::RelayService;
use wire::relay_v1::{LinkRequest, LinkResponse};

use crate::{Links, Outbox};

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
        let Some(PeerIdentity(_neighbour)) = request.extensions().get().cloned() else {
            return Err(Status::unauthenticated("a link needs a client certificate of a known neighbour"));
        };
        drop(Arc::clone(&self.links));
        Err(Status::unimplemented("link"))
    }
}
