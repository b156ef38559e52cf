//! Forms: fields held, the file streamed.

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{HeaderMap, header};
use multer::{Field, Multipart};
use types::ErrorCode;

use crate::Failure;
use crate::parameters::{invalid, plain_object};

/// Bytes of all the fields beside the file: a thousand receivers with room to spare.
const FIELDS_BYTES_MAX: usize = 64 * 1024;
/// Fields beside the file.
const FIELDS_MAX: usize = 100;

/// Names and values as they came.
pub(super) type Fields = Vec<(String, String)>;

/// The boundary, if the body is a form of parts.
pub(super) fn boundary(headers: &HeaderMap) -> Option<String> {
    headers.get(header::CONTENT_TYPE)?.to_str().ok().and_then(|value| multer::parse_boundary(value).ok())
}

/// The fields of a small body: a form of either kind, or an object of plain values. Any other body has none.
pub(super) async fn fields(headers: &HeaderMap, body: &Bytes) -> Result<Fields, Failure> {
    if let Some(boundary) = boundary(headers) {
        let body = body.clone();
        let form = Multipart::new(stream::once(async move { Ok::<_, std::convert::Infallible>(body) }), boundary);
        return match Form::new(form).until_file().await? {
            (fields, None) => Ok(fields),
            (_, Some(_)) => Err(invalid("chức năng này không nhận tệp / this operation takes no file")),
        };
    }
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if media_type.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded") {
        return Ok(form_urlencoded::parse(body).into_owned().take(FIELDS_MAX).collect());
    }
    // Bodies of other shapes belong to the operation, or to nobody.
    Ok(plain_object(body).unwrap_or_default())
}

/// A form read part by part as it comes.
pub(super) struct Form {
    parts: Multipart<'static>,
    fields_bytes: usize,
    fields: usize,
}

impl Form {
    pub(super) fn new(parts: Multipart<'static>) -> Self {
        Self { parts, fields_bytes: 0, fields: 0 }
    }

    /// The form in a body.
    pub(super) fn of(body: super::linger::Lingering, boundary: String) -> Self {
        Self::new(Multipart::new(body.boxed(), boundary))
    }

    /// The fields up to the file, and the file, unless the form ends without one.
    pub(super) async fn until_file(&mut self) -> Result<(Fields, Option<Field<'static>>), Failure> {
        let mut fields = Vec::new();
        while let Some(part) = self.parts.next_field().await.map_err(unreadable)? {
            if matches!(part.name(), Some("edocFile" | "file_doc")) {
                return Ok((fields, Some(part)));
            }
            fields.push(self.field(part).await?);
        }
        Ok((fields, None))
    }

    async fn field(&mut self, mut part: Field<'static>) -> Result<(String, String), Failure> {
        let name = part.name().unwrap_or_default().to_owned();
        let mut value = Vec::new();
        while let Some(chunk) = part.chunk().await.map_err(unreadable)? {
            self.fields_bytes = self.fields_bytes.saturating_add(chunk.len());
            if self.fields_bytes > FIELDS_BYTES_MAX {
                let detail =
                    format!("các trường của biểu mẫu quá {FIELDS_BYTES_MAX} byte / the form's fields are too long");
                return Err(Failure::of(ErrorCode::LimitExceeded, &detail));
            }
            value.extend_from_slice(&chunk);
        }
        self.fields += 1;
        if self.fields > FIELDS_MAX {
            return Err(Failure::of(ErrorCode::LimitExceeded, &format!("more than {FIELDS_MAX} fields in the form")));
        }
        let text = |_| invalid("một trường của biểu mẫu không phải UTF-8 / a field of the form is not UTF-8");
        Ok((name, String::from_utf8(value).map_err(text)?))
    }
}

pub(super) fn unreadable(error: multer::Error) -> Failure {
    use multer::Error as E;
    match error {
        E::StreamReadFailed(_) | E::IncompleteStream | E::IncompleteHeaders | E::IncompleteFieldData { .. } => {
            broke_off()
        }
        other => invalid(&format!("không đọc được biểu mẫu / the form is not readable: {other}")),
    }
}

pub(super) fn broke_off() -> Failure {
    Failure::of(ErrorCode::Cancelled, "thân yêu cầu bị ngắt; gửi lại / the request's body broke off; send it again")
}
