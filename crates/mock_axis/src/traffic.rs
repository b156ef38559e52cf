//! What goes through the axis: each exchange observed, kept for the page, and written to a file where asked.

mod capture;
mod exchange;
mod hub;
mod record;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::Response;

use capture::Capture;
use exchange::Draft;
pub(crate) use exchange::{Exchange, Line};
pub(crate) use hub::Traffic;
pub use record::{Recorded, RecordedAnswer, RecordedBody};

/// Who may open the page. It shows headers of signed requests, which can be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageAccess {
    /// Callers on this machine.
    Loopback,
    /// Everyone who reaches the port.
    Everyone,
    /// Nobody.
    Nobody,
}

/// What is kept of the traffic.
#[derive(Clone, Debug)]
pub struct TrafficOptions {
    /// Exchanges that the page shows at most.
    pub exchanges_max: usize,
    /// Bytes of each body that the page shows at most.
    pub shown_bytes_max: usize,
    /// A file that every exchange is appended to, one JSON object a line.
    pub record: Option<PathBuf>,
    /// Bytes of each body in that file at most; of a longer one, the beginning and the digest.
    pub recorded_bytes_max: usize,
}

impl Default for TrafficOptions {
    fn default() -> Self {
        Self { exchanges_max: 1000, shown_bytes_max: 4096, record: None, recorded_bytes_max: 1 << 20 }
    }
}

/// Observes one exchange: its head at once, its bodies as they pass, the whole when the answer has ended.
pub(crate) async fn watch(State(traffic): State<Arc<Traffic>>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let (parts, body) = request.into_parts();
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| *peer);
    let sent = Capture::new(traffic.captured_bytes_max());
    let mut draft = Draft::begin(traffic.number(), started, peer, &parts, sent.clone());
    let response = next.run(Request::from_parts(parts, sent.observe(body))).await;
    let (parts, body) = response.into_parts();
    let answered = Capture::new(traffic.captured_bytes_max());
    draft.answer(&parts, answered.clone());
    // The guard travels with the body: whether it ends, breaks or is dropped, the exchange is told.
    let guard = traffic.guard(draft);
    Response::from_parts(parts, answered.observe_with(body, guard))
}

/// Adds a body's pieces to a capture.
fn observed(body: Body, capture: Capture, guard: Option<hub::Guard>) -> Body {
    use futures_util::StreamExt as _;
    let mut guard = guard;
    let pieces = body.into_data_stream().map(move |piece| {
        match &piece {
            Ok(bytes) => capture.add(bytes),
            Err(error) => {
                if let Some(guard) = &mut guard {
                    guard.broke(error.to_string());
                }
            }
        }
        piece
    });
    Body::from_stream(pieces)
}
