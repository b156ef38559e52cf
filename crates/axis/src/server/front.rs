//! From a request to its answer: which operation, who calls, what came of it.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use jiff::Timestamp;
use jiff::tz::{self, TimeZone};
use tracing::{debug, info};
use types::ErrorCode;

use super::call::{self, Asked, Reply};
use super::handled::{Authenticity, Dialect, Handled};
use super::places::{Place, Places};
use super::upload::Upload;
use super::{Options, agencies, content, form, provincial};
use crate::answer::Answer;
use crate::operation::Operation;
use crate::parameters::{Parameters, invalid};
use crate::verify::{SignatureFault, Window, claimed_system, verify};
use crate::{AxisCode, Caller, Failure, Service};

/// What every call shares.
pub(super) struct Front {
    pub(super) service: Arc<dyn Service>,
    pub(super) options: Options,
    places: Places,
}

impl Front {
    pub(super) fn new(service: Arc<dyn Service>, options: Options) -> Self {
        Self { service, places: Places::new(&options), options }
    }
}

/// Answers one request.
pub(super) async fn handle(State(front): State<Arc<Front>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let (dialect, operation) = place_of(parts.uri.path());
    let mut handled = Handled {
        dialect,
        operation,
        system: None,
        authenticity: Authenticity::Unchecked,
        parameters: Parameters::default(),
        doc_id: None,
        code: AxisCode::Success,
        description: String::new(),
    };
    let outcome = attempt(&front, &parts, body, &mut handled).await;
    let mut response = match outcome {
        Ok((reply, place)) => respond(operation, dialect, reply, place, &mut handled),
        Err(failure) => {
            handled.code = failure.code;
            handled.description.clone_from(&failure.description);
            refuse(operation, dialect, &failure)
        }
    };
    tell(&handled);
    response.extensions_mut().insert(handled);
    response
}

/// `sendEdoc`, `v1/sendEdoc`; slashes too many, as of an endpoint written with one at its end, do not count.
fn place_of(path: &str) -> (Dialect, Option<Operation>) {
    let mut segments = path.split('/').filter(|segment| !segment.is_empty());
    let (mut first, mut dialect) = (segments.next(), Dialect::Axis);
    if first == Some("v1") {
        (first, dialect) = (segments.next(), Dialect::Provincial);
    }
    let operation = first.and_then(Operation::from_name);
    (dialect, if segments.next().is_none() { operation } else { None })
}

async fn attempt(
    front: &Arc<Front>,
    parts: &Parts,
    body: Body,
    handled: &mut Handled,
) -> Result<(Reply, Place), Failure> {
    let upload = Upload::new(&parts.headers, body, &front.options);
    let (upload, small) = match handled.operation {
        Some(Operation::SendEdoc) => (Some(upload), Bytes::new()),
        // Read before anything is refused: a client that sends first and reads then gets to see the answer.
        _ => (None, upload.small().await?),
    };
    let Some(operation) = handled.operation else {
        let detail = format!("không có chức năng này / no such operation: {}", shown(parts.uri.path()));
        return Err(Failure::of(ErrorCode::Unsupported, &detail));
    };
    if !operation.takes(&parts.method) && !provincial::takes(handled.dialect, operation, &parts.method) {
        return Err(invalid(&format!("{operation}: dùng POST / use POST, not {}", shown(parts.method.as_str()))));
    }
    let caller = authenticate(front, &parts.headers, handled)?;
    front.service.admit(&caller)?;
    let place = front.places.take(&caller)?;
    let (parameters, file) = match (handled.dialect, upload) {
        (Dialect::Axis, Some(upload)) => (None, Some(upload.axis_file(&parts.headers).await?)),
        (Dialect::Axis, None) => (None, None),
        (Dialect::Provincial, Some(upload)) => {
            let (fields, source) = upload.provincial_file(&parts.headers).await?;
            (Some(provincial::parameters(parts, fields)), Some(source))
        }
        (Dialect::Provincial, None) => {
            let fields = form::fields(&parts.headers, &small).await?;
            (Some(provincial::parameters(parts, fields)), None)
        }
    };
    if let Some(parameters) = parameters {
        handled.parameters = parameters;
    }
    handled.doc_id = call::asked_for(operation, &handled.parameters).map(str::to_owned);
    let asked = Asked { operation, dialect: handled.dialect, caller, small, file };
    let reply = call::run(front, asked, &handled.parameters).await?;
    Ok((reply, place))
}

fn authenticate(front: &Front, headers: &HeaderMap, handled: &mut Handled) -> Result<Caller, Failure> {
    let claimed = match handled.dialect {
        Dialect::Axis => claimed_system(headers),
        Dialect::Provincial => provincial::claimed_system(headers),
    };
    let checked = claimed.and_then(|system| {
        handled.system = Some(Arc::from(system));
        let secrets = front.service.secrets(system);
        match handled.dialect {
            Dialect::Axis => verify(headers, &secrets, window(&front.options)).map(|parameters| (system, parameters)),
            Dialect::Provincial => provincial::verify(headers, &secrets).map(|()| (system, Parameters::default())),
        }
    });
    match checked {
        Ok((system, parameters)) => {
            handled.authenticity = Authenticity::Proven;
            handled.parameters = parameters;
            Ok(Caller { system: Arc::from(system) })
        }
        Err(fault) => {
            let failure = SignatureFault::failure(&fault);
            handled.authenticity = Authenticity::Refused(fault);
            Err(failure)
        }
    }
}

/// The clients are in Vietnam, and their timestamps name no zone.
fn window(options: &Options) -> Option<Window> {
    let distance = options.timestamp_window?;
    let now = Timestamp::now().to_zoned(TimeZone::fixed(tz::offset(7))).datetime();
    Some(Window { now, distance })
}

fn respond(
    operation: Option<Operation>,
    dialect: Dialect,
    reply: Reply,
    place: Place,
    handled: &mut Handled,
) -> Response {
    let answer = Answer::success();
    let line = match reply {
        Reply::Done => answer,
        Reply::Sent(doc_id) => {
            handled.doc_id = Some(doc_id.to_string());
            with_doc_id(answer, dialect, doc_id.as_str())
        }
        Reply::Count(count) => answer.with("count", &count),
        Reply::ReceivedEdocs(lines) => answer.with("data", &lines),
        Reply::SentEdocs(lines) => answer.with("data", &lines),
        Reply::Edoc(edoc) if operation == Some(Operation::DownloadEdoc) => return content::raw(edoc, place),
        Reply::Edoc(edoc) => return content::base64(answer, edoc, place),
        Reply::Agencies(entries, shape) => return agencies::list(answer, entries, shape, place),
    };
    json(StatusCode::OK, line.finish())
}

fn with_doc_id(answer: Answer, dialect: Dialect, doc_id: &str) -> Answer {
    let answer = answer.with("DocId", &doc_id);
    match dialect {
        Dialect::Axis => answer,
        Dialect::Provincial => answer.with("data", &std::collections::BTreeMap::from([("docId", doc_id)])),
    }
}

fn refuse(operation: Option<Operation>, dialect: Dialect, failure: &Failure) -> Response {
    let answer = Answer::failure(failure);
    let answer = match operation {
        Some(Operation::SendEdoc) => with_doc_id(answer, dialect, ""),
        _ => answer,
    };
    // A client takes whatever a download answers 200 with for the packet.
    let status = if operation == Some(Operation::DownloadEdoc) { StatusCode::NOT_FOUND } else { StatusCode::OK };
    json(status, answer.finish())
}

fn json(status: StatusCode, line: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(line));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn tell(handled: &Handled) {
    let operation = handled.operation.map_or("-", Operation::name);
    let (system, doc) = (handled.system.as_deref().unwrap_or("-"), handled.doc_id.as_deref().unwrap_or("-"));
    let code = handled.code.as_number();
    if handled.code == AxisCode::Success {
        debug!(axis.operation = operation, system.id = system, doc.id = doc, "answered {operation}");
    } else {
        let cause = handled.description.as_str();
        info!(
            axis.operation = operation,
            system.id = system,
            doc.id = doc,
            axis.code = code,
            cause,
            "refused {operation}"
        );
    }
}

fn shown(text: &str) -> String {
    text.chars().take(64).collect()
}
