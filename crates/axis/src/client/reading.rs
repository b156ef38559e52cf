//! The body of an answer, read as it arrives.

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::time::timeout;

use super::answer::{Answer, Data};
use super::error::{CallError, CallErrorKind, Stage};
use super::head::{Head, Verdict};
use crate::AxisCode;

/// Characters of `ErrorCode` that are kept.
const NUMBER_MAX: usize = 16;

/// A body under way.
#[derive(Debug)]
pub(super) struct Body {
    pub(super) operation: &'static str,
    incoming: Incoming,
    /// Bytes that may still come.
    left: u64,
    idle: Duration,
}

impl Body {
    pub(super) fn new(operation: &'static str, response: Response<Incoming>, most: u64, idle: Duration) -> Self {
        Self { operation, incoming: response.into_body(), left: most, idle }
    }

    /// The next bytes; `None` at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, CallError> {
        loop {
            let Ok(frame) = timeout(self.idle, self.incoming.frame()).await else {
                return Err(self.fail(CallErrorKind::Timeout { stage: Stage::Download, after: self.idle }));
            };
            let Some(frame) = frame else { return Ok(None) };
            let frame = frame.map_err(|error| {
                self.fail(CallErrorKind::Transport { detail: format!("the answer broke off: {error}") })
            })?;
            let Ok(data) = frame.into_data() else { continue };
            self.left = self
                .left
                .checked_sub(data.len() as u64)
                .ok_or_else(|| self.fail(CallErrorKind::Malformed { detail: "an answer that is too long".into() }))?;
            return Ok(Some(data));
        }
    }

    pub(super) fn fail(&self, kind: CallErrorKind) -> CallError {
        CallError::new(self.operation, kind)
    }
}

/// An answer in JSON under way.
#[derive(Debug)]
pub(super) struct Reading<D> {
    body: Body,
    pub(super) answer: Answer<D>,
    is_complete: bool,
}

impl<D: Data> Reading<D> {
    pub(super) fn new(
        operation: &'static str,
        response: Response<Incoming>,
        data: D,
        most: u64,
        idle: Duration,
    ) -> Self {
        Self { body: Body::new(operation, response, most, idle), answer: Answer::new(data), is_complete: false }
    }

    /// Reads on; false once the answer is whole and says OK.
    pub(super) async fn more(&mut self) -> Result<bool, CallError> {
        if self.is_complete {
            return Ok(false);
        }
        let malformed = |error: crate::scan::Malformed| CallErrorKind::Malformed { detail: error.to_string() };
        if let Some(chunk) = self.body.next().await? {
            return self.answer.feed(&chunk).map(|()| true).map_err(|error| self.body.fail(malformed(error)));
        }
        match self.answer.finish().map_err(|error| self.body.fail(malformed(error)))?.1 {
            Verdict::Ok => {
                self.is_complete = true;
                Ok(false)
            }
            Verdict::Fail(number, description) => {
                let code = number.parse().ok().and_then(AxisCode::from_number);
                let number = number.chars().take(NUMBER_MAX).collect();
                Err(self.fail(CallErrorKind::Refused { code, number, description }))
            }
            Verdict::None => Err(self.fail(CallErrorKind::Malformed { detail: "no status in the answer".into() })),
        }
    }

    /// Reads to the end.
    pub(super) async fn all(mut self) -> Result<Head, CallError> {
        while self.more().await? {}
        Ok(self.answer.into_head())
    }

    pub(super) fn fail(&self, kind: CallErrorKind) -> CallError {
        self.body.fail(kind)
    }
}
