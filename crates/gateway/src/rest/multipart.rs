//! A form read part by part as it comes, never as a whole.

use axum::body::Body;
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use http::{HeaderMap, header};
use multer::{Field, Multipart};
use types::ErrorCode;

use super::unsupported_media_type;
use crate::Refusal;
use crate::problem::Problem;

/// A form whose parts come in a fixed order.
pub(super) struct Form(Multipart<'static>);

impl Form {
    /// The form in `body`.
    pub(super) fn new(headers: &HeaderMap, body: Body) -> Result<Self, Problem> {
        let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let boundary =
            multer::parse_boundary(value).map_err(|_| unsupported_media_type("multipart/form-data with a boundary"))?;
        let bytes: BoxStream<'static, Result<Bytes, axum::Error>> = body.into_data_stream().boxed();
        Ok(Self(Multipart::new(bytes, boundary)))
    }

    /// The next part.
    pub(super) async fn next(&mut self) -> Result<Option<Part>, Refusal> {
        Ok(self.0.next_field().await.map_err(refused)?.map(Part))
    }
}

/// One part.
pub(super) struct Part(Field<'static>);

impl Part {
    pub(super) fn name(&self) -> &str {
        self.0.name().unwrap_or_default()
    }

    pub(super) fn file_name(&self) -> &str {
        self.0.file_name().unwrap_or_default()
    }

    pub(super) fn content_type(&self) -> &str {
        self.0.content_type().map_or("", |media_type| media_type.as_ref())
    }

    pub(super) fn headers(&self) -> &HeaderMap {
        self.0.headers()
    }

    /// The next bytes; never empty.
    pub(super) async fn chunk(&mut self) -> Result<Option<Bytes>, Refusal> {
        loop {
            match self.0.chunk().await.map_err(refused)? {
                Some(chunk) if chunk.is_empty() => {}
                chunk => return Ok(chunk),
            }
        }
    }

    /// A part small enough to be held.
    pub(super) async fn whole(mut self, limit: usize) -> Result<Vec<u8>, Refusal> {
        let mut whole = Vec::new();
        while let Some(chunk) = self.chunk().await? {
            if whole.len() + chunk.len() > limit {
                let detail = format!("the part {:?} has more than {limit} bytes", self.name());
                return Err(Refusal::new(ErrorCode::LimitExceeded, detail).at_field(self.name()));
            }
            whole.extend_from_slice(&chunk);
        }
        Ok(whole)
    }
}

fn refused(error: multer::Error) -> Refusal {
    use multer::Error as E;
    match error {
        E::StreamReadFailed(_) | E::IncompleteStream | E::IncompleteHeaders | E::IncompleteFieldData { .. } => {
            Refusal::new(ErrorCode::Cancelled, "the form broke off")
        }
        other => Refusal::new(ErrorCode::InvalidArgument, format!("the form is not readable: {other}")),
    }
}
