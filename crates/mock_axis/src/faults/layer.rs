//! The layer between the network and the axis that carries the faults out.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axis::answer::Answer;
use axis::operation::Operation;
use axis::{AxisCode, Failure};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use futures_util::{StreamExt as _, stream};
use http::{HeaderMap, HeaderValue, header};
use tokio::time::{Instant, sleep_until, timeout};

use super::{Board, body};
use crate::clock;
use crate::system::Systems;

/// How long the rest of a request is read before an error is answered in its place.
const DRAIN: Duration = Duration::from_secs(10);

/// Board and systems.
#[derive(Clone, Debug)]
pub(crate) struct Faulty {
    pub(crate) board: Arc<Board>,
    pub(crate) systems: Arc<Systems>,
}

/// The names of the faults of one exchange; in the extensions of its response.
#[derive(Clone, Debug)]
pub(crate) struct Carried(pub(crate) Vec<String>);

/// Carries the faults out on one request.
pub(crate) async fn carry(State(faulty): State<Faulty>, request: Request, next: Next) -> Response {
    let operation = operation(request.uri().path());
    let system = known_system(request.headers(), &faulty.systems);
    let plan = faulty.board.plan(&system, operation);
    let names = plan.names();
    if !plan.delay.is_zero() {
        sleep_until(Instant::now() + plan.delay).await;
    }
    let mut response = if plan.away {
        silence()
    } else if let Some(code) = plan.error {
        drain(request).await;
        refusal(operation, code)
    } else {
        next.run(request).await
    };
    let skew = faulty.board.skew_seconds();
    if skew != 0 {
        date(response.headers_mut(), skew);
    }
    for fault in plan.body {
        response = body::spoil(response, fault);
    }
    response.extensions_mut().insert(Carried(names));
    response
}

/// The operation that a path ends in.
pub(crate) fn operation(path: &str) -> Option<Operation> {
    path.rsplit('/').find(|segment| !segment.is_empty()).and_then(Operation::from_name)
}

/// The system that a request claims, when there is one of that name.
fn known_system(headers: &HeaderMap, systems: &Systems) -> String {
    let claimed = ["xroadvnpt-systemid", "x-systemid"].iter().find_map(|name| headers.get(*name)?.to_str().ok());
    claimed.filter(|id| systems.find(id).is_some()).unwrap_or_default().to_owned()
}

/// A client that is still sending sees no answer: the rest is read first, for a while.
async fn drain(request: Request) {
    let mut data = request.into_body().into_data_stream();
    let read = async { while let Some(Ok(_)) = data.next().await {} };
    if timeout(DRAIN, read).await.is_err() {
        tracing::debug!("the rest of a request was not read");
    }
}

fn refusal(operation: Option<Operation>, code: AxisCode) -> Response {
    let failure = Failure::new(code, "Lỗi do trục mô phỏng tạo ra (an error on demand of the mock axis)");
    let answer = Answer::failure(&failure);
    let answer = if operation == Some(Operation::SendEdoc) { answer.with("DocId", &"") } else { answer };
    let mut response = Response::new(Body::from(answer.finish()));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// A body that fails before its first byte: the connection closes.
fn silence() -> Response {
    let broken = stream::once(async { Err::<bytes::Bytes, _>(io::Error::other("the axis is away")) });
    Response::new(Body::from_stream(broken))
}

/// The `Date` of an axis whose clock is wrong. Source: RFC 9110, 5.6.7.
fn date(headers: &mut HeaderMap, skew: i64) {
    let Some(vietnam) = clock::date_time(clock::now(), skew.saturating_sub(7 * 3600)) else { return };
    if let Ok(value) = vietnam.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string().parse() {
        headers.insert(header::DATE, value);
    }
}
