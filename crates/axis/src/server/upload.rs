//! The body of a request, and the file in that of `sendEdoc`.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, stream};
use http::{HeaderMap, header};
use multer::Field;
use tokio::time::timeout;
use types::ErrorCode;

use super::Options;
use super::form::{Fields, Form, boundary, broke_off, unreadable};
use super::linger::Lingering;
use super::tail::{Tail, Undeclared, too_large};
use crate::parameters::invalid;
use crate::{Failure, FileStream};

/// Bytes of the body of any operation but `sendEdoc`.
const SMALL_BYTES_MAX: usize = 64 * 1024;

/// A body not yet read.
pub(super) struct Upload {
    body: Lingering,
    idle: Duration,
    /// `Content-Length`.
    declared: Option<u64>,
}

impl Upload {
    pub(super) fn new(headers: &HeaderMap, body: axum::body::Body, options: &Options) -> Self {
        let declared = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
        let body = Lingering::new(headers, body, options.tasks.clone());
        Self { body, idle: options.idle_timeout, declared }
    }

    /// The whole of a small body.
    pub(super) async fn small(mut self) -> Result<Bytes, Failure> {
        let mut whole = BytesMut::new();
        while let Some(chunk) = in_time(self.idle, self.body.next()).await? {
            let chunk = chunk.map_err(|_| broke_off())?;
            if whole.len() + chunk.len() > SMALL_BYTES_MAX {
                let detail = format!("thân yêu cầu quá {SMALL_BYTES_MAX} byte / the body is too long");
                return Err(Failure::of(ErrorCode::LimitExceeded, &detail));
            }
            whole.extend_from_slice(&chunk);
        }
        Ok(whole.freeze())
    }

    /// The file of the axis's own dialect: the body, or a part of it. Parameters in the form's fields do not count:
    /// they are not signed.
    pub(super) async fn axis_file(self, headers: &HeaderMap) -> Result<Incoming, Failure> {
        Ok(self.file(headers).await?.1)
    }

    /// The file of the second dialect and the fields before it.
    pub(super) async fn provincial_file(self, headers: &HeaderMap) -> Result<(Fields, Incoming), Failure> {
        let (fields, mut incoming) = self.file(headers).await?;
        if let Source::Part(part) = &mut incoming.source {
            part.late = Late::Refused;
        }
        Ok((fields, incoming))
    }

    async fn file(self, headers: &HeaderMap) -> Result<(Fields, Incoming), Failure> {
        let Self { body, idle, declared } = self;
        let Some(boundary) = boundary(headers) else {
            return Ok((Fields::new(), Incoming { source: Source::Raw(body), idle, declared }));
        };
        let mut form = Form::of(body, boundary);
        let (fields, part) = in_time(idle, form.until_file()).await??;
        let part = part.ok_or_else(|| invalid("thiếu phần edocFile / the part edocFile is missing"))?;
        let source = Source::Part(Box::new(FilePart { form, open: Some(part), late: Late::Ignored }));
        Ok((fields, Incoming { source, idle, declared: None }))
    }
}

async fn in_time<T>(idle: Duration, next: impl Future<Output = T>) -> Result<T, Failure> {
    let late = |_| Failure::of(ErrorCode::Cancelled, "thân yêu cầu đến quá chậm / the request's body stands still");
    timeout(idle, next).await.map_err(late)
}

/// A file about to come.
pub(super) struct Incoming {
    source: Source,
    idle: Duration,
    declared: Option<u64>,
}

enum Source {
    Raw(Lingering),
    Part(Box<FilePart>),
}

/// The file in a form.
struct FilePart {
    form: Form,
    /// None once all of it was read.
    open: Option<Field<'static>>,
    late: Late,
}

/// What to do with fields that come after the file.
#[derive(Clone, Copy)]
enum Late {
    /// They mean nothing.
    Ignored,
    /// They could mean something, and came too late to be taken into account.
    Refused,
}

impl Incoming {
    /// The file's bytes, the added line end off. Ends with an error when `hash` is not the file's.
    pub(super) fn stream(self, hash: Option<String>, bytes_max: u64) -> FileStream {
        let undeclared = match self.source {
            Source::Raw(_) => Undeclared::LineEndIsAdded,
            Source::Part(_) => Undeclared::AllIsFile,
        };
        if self.declared.is_some_and(|length| length.saturating_sub(2) > bytes_max) {
            return stream::once(async move { Err(too_large(bytes_max)) }).boxed();
        }
        let tail = Tail::new(hash, undeclared, bytes_max);
        let state = Some((self, tail));
        stream::unfold(state, |state| async move {
            let (mut incoming, mut tail) = state?;
            loop {
                let passed = match incoming.chunk().await {
                    Ok(Some(chunk)) => tail.push(chunk),
                    Ok(None) => {
                        let last = tail.finish();
                        return if matches!(&last, Ok(bytes) if bytes.is_empty()) { None } else { Some((last, None)) };
                    }
                    Err(failure) => Err(failure),
                };
                match passed {
                    Ok(bytes) if bytes.is_empty() => {}
                    Ok(bytes) => return Some((Ok(bytes), Some((incoming, tail)))),
                    Err(failure) => return Some((Err(failure), None)),
                }
            }
        })
        .boxed()
    }

    async fn chunk(&mut self) -> Result<Option<Bytes>, Failure> {
        match &mut self.source {
            Source::Raw(body) => in_time(self.idle, body.next()).await?.transpose().map_err(|_| broke_off()),
            Source::Part(part) => part.chunk(self.idle).await,
        }
    }
}

impl FilePart {
    async fn chunk(&mut self, idle: Duration) -> Result<Option<Bytes>, Failure> {
        let Some(open) = &mut self.open else { return Ok(None) };
        if let Some(chunk) = in_time(idle, open.chunk()).await?.map_err(unreadable)? {
            return Ok(Some(chunk));
        }
        // The reader of a form gives the next part only after the last one is gone.
        self.open = None;
        let (fields, second) = in_time(idle, self.form.until_file()).await??;
        if second.is_some() {
            return Err(invalid("hai tệp trong một biểu mẫu / two files in one form"));
        }
        if let Late::Refused = self.late {
            late_fields(&fields)?;
        }
        Ok(None)
    }
}

/// `messageType` may follow the file, since the packet tells what it is; what would change the sending may not.
fn late_fields(fields: &Fields) -> Result<(), Failure> {
    for (name, value) in fields {
        if name.eq_ignore_ascii_case("messageType") {
            let _: crate::MessageType = value.trim().parse().map_err(|error| invalid(&format!("{error}")))?;
        } else if ["from", "to", "hash-file", "hashFile"].iter().any(|known| name.eq_ignore_ascii_case(known)) {
            let detail = format!("đặt {name} trước edocFile / put {name} before edocFile, in the query or in a header");
            return Err(invalid(&detail));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
