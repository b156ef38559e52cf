//! One request and its answer, as the page shows them.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Instant;

use axis::server::{Authenticity, Dialect, Handled};
use http::{HeaderMap, request, response};
use serde::Serialize;

use super::capture::{Capture, Captured};
use crate::clock;
use crate::faults::layer::{Carried, operation};
use crate::summary::Summary;

/// Headers whose values are secrets.
const SECRET_HEADERS: [&str; 4] = ["x-secretkey", "authorization", "proxy-authorization", "cookie"];
/// Stands for a secret.
const HIDDEN: &str = "(ẩn/hidden)";

/// What one line of the page needs.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Line {
    /// Counted from 1.
    pub(crate) number: u64,
    /// `yyyy-MM-dd HH:mm:ss`, Vietnam.
    pub(crate) at: String,
    /// The operation, or the path where it is none.
    pub(crate) operation: String,
    /// As claimed.
    pub(crate) system: String,
    /// `proven`, `refused` or `unchecked`.
    pub(crate) signature: &'static str,
    /// `ErrorCode`; empty where the axis did not get to answer.
    pub(crate) code: String,
    /// HTTP status.
    pub(crate) status: u16,
    pub(crate) duration_ms: u64,
    pub(crate) request_bytes: u64,
    pub(crate) response_bytes: u64,
    /// One line about the packet; empty without one.
    pub(crate) packet: String,
    pub(crate) faults: Vec<String>,
}

/// The whole exchange.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Exchange {
    #[serde(flatten)]
    pub(crate) line: Line,
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) peer: String,
    /// Secrets are hidden.
    pub(crate) headers: Vec<(String, String)>,
    /// Why the signature was refused.
    pub(crate) signature_fault: String,
    pub(crate) parameters: BTreeMap<String, String>,
    pub(crate) doc_id: String,
    pub(crate) description: String,
    pub(crate) request: Shown,
    pub(crate) response_headers: Vec<(String, String)>,
    pub(crate) response: Shown,
    /// What broke the answer off; empty when it went out whole.
    pub(crate) broken: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) summary: Option<Summary>,
}

/// A body as it is shown.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Shown {
    /// The beginning, bytes that are no UTF-8 replaced.
    pub(crate) text: String,
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
}

impl Shown {
    pub(super) fn of(captured: &Captured, max: usize) -> Self {
        let beginning = captured.beginning.get(..max.min(captured.beginning.len())).unwrap_or_default();
        Self {
            text: String::from_utf8_lossy(beginning).into_owned(),
            bytes: captured.total,
            sha256: captured.digest.clone(),
        }
    }
}

/// An exchange under way.
#[derive(Debug)]
pub(super) struct Draft {
    number: u64,
    started: Instant,
    at: String,
    peer: String,
    method: String,
    target: String,
    path: String,
    headers: Vec<(String, String)>,
    sent: Capture,
    answer: Option<Answered>,
    pub(super) broken: String,
}

#[derive(Debug)]
struct Answered {
    status: u16,
    headers: Vec<(String, String)>,
    handled: Option<Handled>,
    faults: Vec<String>,
    body: Capture,
}

/// An exchange that has ended, with its bodies as far as they were kept.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) exchange: Exchange,
    pub(super) request: Captured,
    pub(super) response: Captured,
}

impl Draft {
    pub(super) fn begin(
        number: u64,
        started: Instant,
        peer: Option<SocketAddr>,
        parts: &request::Parts,
        sent: Capture,
    ) -> Self {
        Self {
            number,
            started,
            at: clock::vietnam(clock::now(), 0),
            peer: peer.map(|peer| peer.to_string()).unwrap_or_default(),
            method: parts.method.to_string(),
            target: parts.uri.to_string(),
            path: parts.uri.path().to_owned(),
            headers: shown(&parts.headers),
            sent,
            answer: None,
            broken: String::new(),
        }
    }

    pub(super) fn answer(&mut self, parts: &response::Parts, body: Capture) {
        self.answer = Some(Answered {
            status: parts.status.as_u16(),
            headers: shown(&parts.headers),
            handled: parts.extensions.get::<Handled>().cloned(),
            faults: parts.extensions.get::<Carried>().map(|Carried(names)| names.clone()).unwrap_or_default(),
            body,
        });
    }

    pub(super) fn end(self, shown_bytes_max: usize) -> Ended {
        let request = self.sent.take();
        let response = self.answer.as_ref().map(|answer| answer.body.take()).unwrap_or_default();
        let handled = self.answer.as_ref().and_then(|answer| answer.handled.as_ref());
        let header = |name: &str| self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        let claimed = header("XroadVnpt-systemid").or_else(|| header("X-SystemId")).map(|(_, id)| id.clone());
        let (signature, signature_fault) = match handled.map(|handled| &handled.authenticity) {
            Some(Authenticity::Proven) => ("proven", String::new()),
            Some(Authenticity::Refused(fault)) => ("refused", fault.to_string()),
            Some(Authenticity::Unchecked) | None => ("unchecked", String::new()),
        };
        let line = Line {
            number: self.number,
            at: self.at,
            operation: operation_shown(&self.path, handled),
            system: claimed.unwrap_or_default(),
            signature,
            code: handled.map(|handled| handled.code.to_string()).unwrap_or_default(),
            status: self.answer.as_ref().map_or(0, |answer| answer.status),
            duration_ms: u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX),
            request_bytes: request.total,
            response_bytes: response.total,
            packet: String::new(),
            faults: self.answer.as_ref().map(|answer| answer.faults.clone()).unwrap_or_default(),
        };
        let parameters = handled.map(|handled| handled.parameters.iter());
        let exchange = Exchange {
            line,
            method: self.method,
            target: self.target,
            peer: self.peer,
            headers: self.headers,
            signature_fault,
            parameters: parameters
                .into_iter()
                .flatten()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            doc_id: handled.and_then(|handled| handled.doc_id.clone()).unwrap_or_default(),
            description: handled.map(|handled| handled.description.clone()).unwrap_or_default(),
            request: Shown::of(&request, shown_bytes_max),
            response: Shown::of(&response, shown_bytes_max),
            response_headers: self.answer.map(|answer| answer.headers).unwrap_or_default(),
            broken: self.broken,
            summary: None,
        };
        Ended { exchange, request, response }
    }
}

impl Exchange {
    /// Adds what the axis kept of the packet.
    pub(super) fn describe(&mut self, summary: Summary) {
        let what = match summary.status {
            Some(status) => format!("trạng thái {status:02}"),
            None => summary.notation.clone(),
        };
        let to = summary.to.first().cloned().unwrap_or_default();
        let more = if summary.to_count > 1 { format!(" +{}", summary.to_count - 1) } else { String::new() };
        self.line.packet = format!("{what} · {} → {to}{more} · {}", summary.from, summary.title);
        self.summary = Some(summary);
    }
}

fn operation_shown(path: &str, handled: Option<&Handled>) -> String {
    let name = operation(path).map(|operation| operation.name().to_owned());
    let is_provincial = handled.is_some_and(|handled| handled.dialect == Dialect::Provincial);
    match name {
        Some(name) if is_provincial => format!("v1/{name}"),
        Some(name) => name,
        None => path.chars().take(64).collect(),
    }
}

/// Names and values as received, UTF-8 or Latin-1; secrets hidden.
fn shown(headers: &HeaderMap) -> Vec<(String, String)> {
    let value = |name: &http::HeaderName, bytes: &[u8]| {
        if SECRET_HEADERS.contains(&name.as_str()) {
            return HIDDEN.to_owned();
        }
        match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
        }
    };
    headers.iter().map(|(name, bytes)| (name.as_str().to_owned(), value(name, bytes.as_bytes()))).collect()
}
