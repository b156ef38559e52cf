//! The whole application: gRPC and HTTP routes behind the common layers.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::DefaultBodyLimit;
use axum::{Router, middleware};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tonic::service::Routes;

use crate::front::Front;
use crate::{Callers, Exchange, grpc, layers, rest};

/// What the application needs beside the node: times, limits, and how it stops.
#[derive(Clone, Debug)]
pub struct Options {
    /// Ends watches and long polls, so that a shutdown does not wait for them.
    pub stop: CancellationToken,
    /// Owns the calls that change something; wait for it before the store is closed.
    pub tasks: TaskTracker,
    /// Time for a call without a stream.
    pub call_timeout: Duration,
    /// An upload that brings no byte for so long is cut off.
    pub upload_idle: Duration,
    /// Calls and uploads at work at once; more are refused with `overloaded`.
    pub calls_max: usize,
    /// Watches and long polls at once; more are refused with `overloaded`.
    pub watches_max: usize,
}

/// Routes of others behind the common layers.
#[derive(Clone, Debug, Default)]
pub struct Extra {
    /// Other gRPC services, such as the relay; they authenticate by the [`crate::PeerCertificate`] in the request's
    /// extensions. Without a fallback of its own (`Routes::into_axum_router().reset_fallback()`).
    pub grpc: Router,
    /// Another HTTP protocol below a path of its own; it authenticates its callers itself.
    pub http: Router,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
            call_timeout: Duration::from_secs(30),
            upload_idle: Duration::from_secs(60),
            calls_max: 1024,
            watches_max: 4096,
        }
    }
}

/// Builds the application: the exchange service over gRPC and HTTP, `GET /openapi.json`, and what `extra` adds.
pub fn app(exchange: Arc<dyn Exchange>, callers: Arc<dyn Callers>, extra: Extra, options: Options) -> Router {
    let tasks = options.tasks.clone();
    let front = Arc::new(Front::new(exchange, callers, options));
    let service = Routes::new(grpc::service(front.clone())).into_axum_router().reset_fallback();
    let grpc = service.merge(extra.grpc).layer(middleware::map_request(grpc::a_reset_is_an_error));
    // axum's own limit of 2 MiB is for handlers that collect a body; ours say their limits.
    rest::router(front)
        .merge(extra.http)
        .merge(grpc)
        .layer(DefaultBodyLimit::disable())
        .layer(middleware::from_fn_with_state(tasks, layers::outermost))
}
