//! The interface for the people who run the node: gRPC only, for certificates that the node's configuration lists.

use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use tonic::service::Routes;
use tonic::{Request, Response, Status};
use types::ErrorCode;
use wire::admin_v1 as v1;
use wire::admin_v1::quarantine_service_server::{QuarantineService, QuarantineServiceServer};

use crate::layers::RequestId;
use crate::{PeerCertificate, Refusal, grpc};

/// Bytes of one request: ids and a reason.
const REQUEST_BYTES_MAX: usize = 64 * 1024;

/// Who gives an order, as it is kept with what was ordered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator(pub String);

/// What an operator may do, given by the node.
#[async_trait]
pub trait Admin: Send + Sync + 'static {
    /// The operator with this certificate; `None` for everybody else.
    fn operator(&self, certificate: &PeerCertificate) -> Option<Operator>;

    /// A page of what is in quarantine.
    ///
    /// # Errors
    /// `invalid_argument`; the store's.
    async fn list_held(&self, request: v1::ListHeldRequest) -> Result<v1::ListHeldResponse, Refusal>;

    /// How much of the quarantine each sender has.
    ///
    /// # Errors
    /// `invalid_argument`.
    async fn held_stats(&self, request: v1::GetHeldStatsRequest) -> Result<v1::GetHeldStatsResponse, Refusal>;

    /// One document that is or was in quarantine.
    ///
    /// # Errors
    /// `not_found`; the store's.
    async fn held(&self, request: v1::GetHeldRequest) -> Result<v1::GetHeldResponse, Refusal>;

    /// Lets a held document go on.
    ///
    /// # Errors
    /// `invalid_argument` without a reason; `not_found`; the store's.
    async fn release_held(
        &self,
        operator: Operator,
        request: v1::ReleaseHeldRequest,
    ) -> Result<v1::ReleaseHeldResponse, Refusal>;

    /// Returns a held document to its sender.
    ///
    /// # Errors
    /// `invalid_argument` without a reason; `not_found`; the store's.
    async fn refuse_held(
        &self,
        operator: Operator,
        request: v1::RefuseHeldRequest,
    ) -> Result<v1::RefuseHeldResponse, Refusal>;

    /// Has everything checked again.
    fn recheck_held(&self, operator: Operator);
}

/// Routes for [`crate::Extra::grpc`].
pub fn admin_routes(admin: Arc<dyn Admin>) -> Router {
    let service = QuarantineServiceServer::new(Service(admin)).max_decoding_message_size(REQUEST_BYTES_MAX);
    Routes::new(service).into_axum_router().reset_fallback()
}

struct Service(Arc<dyn Admin>);

impl Service {
    /// The operator, and what is asked; everybody else learns nothing.
    fn open<T>(&self, request: Request<T>) -> Result<(Operator, RequestId, T), Status> {
        let (_, extensions, message) = request.into_parts();
        let id = extensions.get::<RequestId>().cloned().unwrap_or_default();
        match extensions.get::<PeerCertificate>().and_then(|certificate| self.0.operator(certificate)) {
            Some(operator) => Ok((operator, id, message)),
            None => {
                let detail = "this interface is for certificates that [admin] certificate_sha256 lists";
                Err(grpc::status(&Refusal::new(ErrorCode::PermissionDenied, detail), &id))
            }
        }
    }
}

fn answer<T>(result: Result<T, Refusal>, id: &RequestId) -> Result<Response<T>, Status> {
    result.map(Response::new).map_err(|refusal| grpc::status(&refusal, id))
}

#[async_trait]
impl QuarantineService for Service {
    async fn list_held(&self, request: Request<v1::ListHeldRequest>) -> Result<Response<v1::ListHeldResponse>, Status> {
        let (_, id, message) = self.open(request)?;
        answer(self.0.list_held(message).await, &id)
    }

    async fn get_held_stats(
        &self,
        request: Request<v1::GetHeldStatsRequest>,
    ) -> Result<Response<v1::GetHeldStatsResponse>, Status> {
        let (_, id, message) = self.open(request)?;
        answer(self.0.held_stats(message).await, &id)
    }

    async fn get_held(&self, request: Request<v1::GetHeldRequest>) -> Result<Response<v1::GetHeldResponse>, Status> {
        let (_, id, message) = self.open(request)?;
        answer(self.0.held(message).await, &id)
    }

    async fn release_held(
        &self,
        request: Request<v1::ReleaseHeldRequest>,
    ) -> Result<Response<v1::ReleaseHeldResponse>, Status> {
        let (operator, id, message) = self.open(request)?;
        answer(self.0.release_held(operator, message).await, &id)
    }

    async fn refuse_held(
        &self,
        request: Request<v1::RefuseHeldRequest>,
    ) -> Result<Response<v1::RefuseHeldResponse>, Status> {
        let (operator, id, message) = self.open(request)?;
        answer(self.0.refuse_held(operator, message).await, &id)
    }

    async fn recheck_held(
        &self,
        request: Request<v1::RecheckHeldRequest>,
    ) -> Result<Response<v1::RecheckHeldResponse>, Status> {
        let (operator, _, _) = self.open(request)?;
        self.0.recheck_held(operator);
        Ok(Response::new(v1::RecheckHeldResponse {}))
    }
}
