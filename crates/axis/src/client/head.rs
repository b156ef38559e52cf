//! What every answer says: `status`, `ErrorCode`, `ErrorDesc`.

/// Bytes of a value that are kept: a description, at most.
const VALUE_MAX: usize = 4096;

/// The fields that tell how a call went, as they arrive.
#[derive(Clone, Debug, Default)]
pub(super) struct Head {
    status: Vec<u8>,
    code: Vec<u8>,
    description: Vec<u8>,
    pub(super) doc_id: Vec<u8>,
    pub(super) count: Vec<u8>,
}

/// A field of the answer's outermost object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Status,
    Code,
    Description,
    DocId,
    Count,
    Data,
    Other,
}

impl Field {
    pub(super) fn of(key: &[u8]) -> Self {
        match key {
            b"status" => Self::Status,
            b"ErrorCode" => Self::Code,
            b"ErrorDesc" => Self::Description,
            b"DocId" => Self::DocId,
            b"count" => Self::Count,
            b"data" => Self::Data,
            _ => Self::Other,
        }
    }
}

/// How a call went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Ok,
    /// `ErrorCode` as text, and `ErrorDesc`.
    Fail(String, String),
    /// No `status`, or one that is neither.
    None,
}

impl Head {
    /// Forgets what a field held: the last of two counts.
    pub(super) fn begin(&mut self, field: Field) {
        if let Some(value) = self.value(field) {
            value.clear();
        }
    }

    /// Adds a piece of a field's text.
    pub(super) fn push(&mut self, field: Field, text: &[u8]) {
        if let Some(value) = self.value(field) {
            let room = VALUE_MAX.saturating_sub(value.len());
            value.extend(text.iter().take(room));
        }
    }

    /// A number or a literal; `null` is as good as absent.
    pub(super) fn scalar(&mut self, field: Field, text: &[u8]) {
        self.begin(field);
        if text != b"null" {
            self.push(field, text);
        }
    }

    pub(super) fn verdict(&self) -> Verdict {
        let status = String::from_utf8_lossy(&self.status);
        match status.trim() {
            status if status.eq_ignore_ascii_case("ok") => Verdict::Ok,
            status if status.eq_ignore_ascii_case("fail") => {
                let text = |value: &[u8]| String::from_utf8_lossy(value).trim().to_owned();
                Verdict::Fail(text(&self.code), text(&self.description))
            }
            _ => Verdict::None,
        }
    }

    const fn value(&mut self, field: Field) -> Option<&mut Vec<u8>> {
        match field {
            Field::Status => Some(&mut self.status),
            Field::Code => Some(&mut self.code),
            Field::Description => Some(&mut self.description),
            Field::DocId => Some(&mut self.doc_id),
            Field::Count => Some(&mut self.count),
            Field::Data | Field::Other => None,
        }
    }
}
