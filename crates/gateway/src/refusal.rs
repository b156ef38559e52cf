//! Why a call was refused: one public code and what its caller may know.

use std::fmt;
use std::time::Duration;

use types::ErrorCode;
use wire::types_v1::Receipt;

/// A refused or failed call, in words that are safe for its caller: no paths, addresses or causes.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal(Box<Facts>);

#[derive(Clone, Debug, PartialEq)]
struct Facts {
    code: ErrorCode,
    detail: String,
    detail_vi: Option<String>,
    field: Option<String>,
    position: Option<u64>,
    document_id: Option<String>,
    exchange_id: Option<String>,
    receipt: Option<Receipt>,
    retry_after: Option<Duration>,
}

impl Refusal {
    /// A refusal with its code and an English sentence with the values at fault.
    #[must_use]
    pub fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self(Box::new(Facts {
            code,
            detail: detail.into(),
            detail_vi: None,
            field: None,
            position: None,
            document_id: None,
            exchange_id: None,
            receipt: None,
            retry_after: None,
        }))
    }

    /// A parameter that is not valid: `invalid_argument`, with the field's path in the JSON spelling.
    #[must_use]
    pub fn field(field: impl Into<String>, problem: impl fmt::Display) -> Self {
        let field = field.into();
        let mut refusal = Self::new(ErrorCode::InvalidArgument, format!("{field}: {problem}"));
        refusal.0.field = Some(field);
        refusal
    }

    /// Adds the detail in Vietnamese.
    #[must_use]
    pub fn in_vietnamese(mut self, detail: impl Into<String>) -> Self {
        self.0.detail_vi = Some(detail.into());
        self
    }

    /// Adds the element or field at fault.
    #[must_use]
    pub fn at_field(mut self, field: impl Into<String>) -> Self {
        self.0.field = Some(field.into());
        self
    }

    /// Adds where the fault lies: the byte of a packet or the character of a code, from 0.
    #[must_use]
    pub fn at_position(mut self, position: u64) -> Self {
        self.0.position = Some(position);
        self
    }

    /// Adds the document's `DocumentId`.
    #[must_use]
    pub fn about(mut self, document_id: impl Into<String>) -> Self {
        self.0.document_id = Some(document_id.into());
        self
    }

    /// Adds the exchange's id.
    #[must_use]
    pub fn in_exchange(mut self, exchange_id: impl fmt::Display) -> Self {
        self.0.exchange_id = Some(exchange_id.to_string());
        self
    }

    /// Adds the signed `SubmissionRejection`.
    #[must_use]
    pub fn with_receipt(mut self, receipt: Receipt) -> Self {
        self.0.receipt = Some(receipt);
        self
    }

    /// Adds how long the caller should wait before it tries again.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self
    }

    /// The public code.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        self.0.code
    }

    /// What went wrong, in English.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.0.detail
    }

    /// What went wrong, in Vietnamese.
    #[must_use]
    pub fn detail_vi(&self) -> Option<&str> {
        self.0.detail_vi.as_deref()
    }

    /// The element or field at fault.
    #[must_use]
    pub fn field_at_fault(&self) -> Option<&str> {
        self.0.field.as_deref()
    }

    /// Byte or character at fault, from 0.
    #[must_use]
    pub fn position(&self) -> Option<u64> {
        self.0.position
    }

    /// The document's `DocumentId`, where known.
    #[must_use]
    pub fn document_id(&self) -> Option<&str> {
        self.0.document_id.as_deref()
    }

    /// The exchange's id, where known.
    #[must_use]
    pub fn exchange_id(&self) -> Option<&str> {
        self.0.exchange_id.as_deref()
    }

    /// The signed `SubmissionRejection`, when there is one.
    #[must_use]
    pub fn receipt(&self) -> Option<&Receipt> {
        self.0.receipt.as_ref()
    }

    /// How long to wait before the next try.
    #[must_use]
    pub fn wait(&self) -> Option<Duration> {
        self.0.retry_after
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.code, self.0.detail)
    }
}

impl std::error::Error for Refusal {}

impl From<wire::FieldError> for Refusal {
    fn from(error: wire::FieldError) -> Self {
        Self::new(error.code(), error.to_string()).at_field(error.field)
    }
}
