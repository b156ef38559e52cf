//! Reasons and warnings: a stable code and a text for people.

use types::ErrorCode;

use crate::ReceiptError;

/// Bytes of a notice's text; the whole story is in the node's log.
pub const NOTICE_TEXT_BYTES_MAX: usize = 256;
/// Bytes of a notice's code.
const CODE_BYTES_MAX: usize = 64;

/// A reason or a warning in a receipt.
///
/// The code is 1–64 of `a–z 0–9 _`, the text at most 256 bytes without control characters. A receipt of a newer node may
/// have a code that this version does not know: it is kept as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    code: Box<str>,
    text: Box<str>,
}

impl Notice {
    /// A notice with one of our own codes. The text is cut at 256 bytes; control characters become spaces.
    #[must_use]
    pub fn new(code: ErrorCode, text: &str) -> Self {
        let mut kept = String::new();
        for c in text.chars().map(|c| if c.is_control() { ' ' } else { c }) {
            if kept.len() + c.len_utf8() > NOTICE_TEXT_BYTES_MAX {
                break;
            }
            kept.push(c);
        }
        Self { code: code.as_str().into(), text: kept.into() }
    }

    /// The code, `None` for one that this version does not know.
    #[must_use]
    pub fn code(&self) -> Option<ErrorCode> {
        ErrorCode::from_text(&self.code)
    }

    /// The code as it travels.
    #[must_use]
    pub fn code_text(&self) -> &str {
        &self.code
    }

    /// The text for people.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// A notice as it was read.
    pub(crate) fn read(field: &'static str, code: &str, text: &str) -> Result<Self, ReceiptError> {
        let bad = |why| ReceiptError::Field { field, why };
        let is_code = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        if code.is_empty() || code.len() > CODE_BYTES_MAX || !code.bytes().all(is_code) {
            return Err(bad("has a code that is not 1-64 of a-z, 0-9 and _"));
        }
        if text.len() > NOTICE_TEXT_BYTES_MAX || text.chars().any(char::is_control) {
            return Err(bad("has a text of more than 256 bytes or with control characters"));
        }
        Ok(Self { code: code.into(), text: text.into() })
    }
}
