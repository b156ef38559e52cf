//! Why bytes do not read as a PDF.

/// Why bytes do not read as a PDF.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum PdfError {
    #[error("byte {at}: {why}")]
    Malformed { at: usize, why: &'static str },
    #[error("byte {at}: expected {keyword}")]
    Expected { at: usize, keyword: &'static str },
    #[error("object {number}: {why}")]
    Object { number: u32, why: &'static str },
    #[error("more than {max} {what}")]
    Limit { what: &'static str, max: usize },
}
