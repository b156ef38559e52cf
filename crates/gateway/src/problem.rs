//! A refusal on its way to becoming an HTTP answer.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::Value;
use types::ErrorCode;

use crate::layers::RequestId;
use crate::{Refusal, outcome};

/// A refusal with the HTTP status that fits the protocol's own failures better than its code's.
///
/// Handlers answer it as a mark in the extensions; [`crate::layers::outermost`], which knows the
/// request's id and protocol, writes it out.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    refusal: Refusal,
    status: StatusCode,
    header: Option<(HeaderName, HeaderValue)>,
}

impl Problem {
    /// A failure of the HTTP request itself, such as 405, 415 or 416.
    pub(crate) fn http(status: StatusCode, refusal: Refusal) -> Self {
        Self { refusal, status, header: None }
    }

    /// Adds a header that the status calls for.
    pub(crate) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.header = Some((name, value));
        self
    }

    pub(crate) fn refusal(&self) -> &Refusal {
        &self.refusal
    }

    /// Writes the answer.
    pub(crate) fn render(self, id: &RequestId) -> Response {
        outcome::note(&self.refusal);
        let members = outcome::problem(&self.refusal, self.status, id.as_str());
        let mut response = Response::new(Body::from(Value::Object(members).to_string()));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = outcome::retry_after_seconds(&self.refusal) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.refusal.code() == ErrorCode::Unauthenticated {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some((name, value)) = self.header {
            headers.insert(name, value);
        }
        response
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let (_, status) = outcome::statuses(refusal.code());
        Self { refusal, status, header: None }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.status;
        response.extensions_mut().insert(self);
        response
    }
}
