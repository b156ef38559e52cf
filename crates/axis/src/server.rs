//! The server side: [`router`] offers a [`Service`] in the axis's own dialect and in the provincial one.

mod agencies;
mod call;
mod content;
mod form;
mod front;
mod handled;
mod linger;
mod places;
mod provincial;
mod tail;
mod upload;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::any;
use tokio_util::task::TaskTracker;

use crate::Service;
use crate::operation::Operation;
use front::Front;

pub use handled::{Authenticity, Dialect, Handled};

/// Limits of a server.
#[derive(Clone, Debug)]
pub struct Options {
    /// Lines of `getReceivedEdocList` and `getSentEdocList` at most; 500 unless said.
    pub list_max: usize,
    /// Calls at work at once, the sending of their answers included; one more is refused with code 20. 256 unless said.
    pub calls_max: usize,
    /// Calls of one system at work at once, counted like all; 64 unless said.
    pub calls_per_system_max: usize,
    /// Wait for the next bytes of a request's body; 30 s unless said.
    pub idle_timeout: Duration,
    /// How far a request's timestamp may be from now; no limit unless said. It gives no protection against replay:
    /// the clients set it once per client object, hours before a call.
    pub timestamp_window: Option<Duration>,
    /// Holds the tasks of calls that run to their end although the client went away: wait for them before the end.
    pub tasks: TaskTracker,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            list_max: 500,
            calls_max: 256,
            calls_per_system_max: 64,
            idle_timeout: Duration::from_secs(30),
            timestamp_window: None,
            tasks: TaskTracker::new(),
        }
    }
}

/// Every operation under `/{operation}` and `/v1/{operation}`; another path is answered `FAIL`.
///
/// Nest it under a root of its own. Every response carries a [`Handled`] in its extensions. The layers around it must
/// not limit the body: packets have their own limit ([`Service::file_bytes_max`]).
pub fn router(service: Arc<dyn Service>, options: Options) -> Router {
    let front = Arc::new(Front::new(service, options));
    let routes = Operation::ALL.into_iter().fold(Router::new(), |routes, operation| {
        let name = operation.name();
        routes.route(&format!("/{name}"), any(front::handle)).route(&format!("/v1/{name}"), any(front::handle))
    });
    routes.fallback(front::handle).with_state(front)
}
