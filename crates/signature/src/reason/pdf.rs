//! Rules about PDF files and the signatures inside them.

use types::ErrorCode;

use super::Facts;
use crate::report::SubIndication;

/// Which rule about PDF was broken. Codes: `limit_exceeded`, `signature_missing`, `signature_malformed`,
/// `signature_invalid`, `document_altered`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PdfReason {
    /// More bytes than the limits allow.
    #[error("the file has {length} bytes, limit {max}")]
    TooLarge {
        /// Bytes found.
        length: usize,
        /// Bytes allowed.
        max: usize,
    },
    /// More signatures than the limits allow.
    #[error("the file has {count} signatures, limit {max}")]
    TooManySignatures {
        /// Signatures found.
        count: usize,
        /// Signatures allowed.
        max: usize,
    },
    /// No PDF, or one that readers could read differently.
    #[error("the PDF does not read: {why}")]
    Malformed {
        /// Where and what.
        why: String,
    },
    /// Encrypted: what a reader shows depends on a key.
    #[error("the PDF is encrypted")]
    Encrypted,
    /// An XFA form: what a reader shows is not what the PDF's pages say.
    #[error("the PDF has an XFA form")]
    Xfa,
    /// An action that runs code or programs.
    #[error("object {number} has active content: {what}")]
    ActiveContent {
        /// Number of the object.
        number: u32,
        /// Kind of action.
        what: &'static str,
    },
    /// No signature field has a signature.
    #[error("the PDF has no signature")]
    NoSignature,
    /// A signature field without what a signature needs.
    #[error("the signature field {field:?} is broken: {why}")]
    FieldMalformed {
        /// Name of the field.
        field: String,
        /// What was wrong.
        why: String,
    },
    /// A signature that no field of the form leads to.
    #[error("object {number} is a signature that the form does not show")]
    HiddenSignature {
        /// Number of the object.
        number: u32,
    },
    /// A signature of a kind that is refused.
    #[error("the signature's SubFilter {found:?} is not taken")]
    SubFilter {
        /// As found.
        found: String,
    },
    /// A ByteRange that covers anything but the file around the signature.
    #[error("the signature's ByteRange is refused: {why}")]
    ByteRange {
        /// What was wrong.
        why: &'static str,
    },
    /// The covered part does not hold the signature as a document of its own.
    #[error("the signature is not part of the revision that it covers: {why}")]
    NotOfRevision {
        /// What was wrong.
        why: String,
    },
    /// What follows the covered part is no incremental update of it.
    #[error("what follows the signed revision is no update of it: {why}")]
    NotIncremental {
        /// What was wrong.
        why: String,
    },
    /// Something was changed after signing that may not be.
    #[error("changed after signing: {what}")]
    Changed {
        /// What, by position and type.
        what: String,
    },
    /// A certification or field lock forbids what came after.
    #[error("the signature forbids what came after it: {what}")]
    Forbidden {
        /// What came after.
        what: String,
    },
    /// A later signature is not verified, so what it brought is nobody's.
    #[error("the later signature {field:?} did not pass, and what it shows stands on the page")]
    LaterSignature {
        /// Name of the later field.
        field: String,
    },
}

impl PdfReason {
    pub(super) const fn facts(&self) -> Facts {
        use ErrorCode as Code;
        use SubIndication as Sub;
        let (rule, code, sub, vi) = match self {
            Self::TooLarge { .. } => ("pdf_too_large", Code::LimitExceeded, Sub::FormatFailure, "Tệp PDF quá lớn"),
            Self::TooManySignatures { .. } => {
                ("pdf_too_many_signatures", Code::LimitExceeded, Sub::FormatFailure, "Tệp PDF có quá nhiều chữ ký số")
            }
            Self::Malformed { .. } => (
                "pdf_malformed",
                Code::SignatureMalformed,
                Sub::FormatFailure,
                "Tệp PDF sai cấu trúc; các phần mềm có thể đọc ra nội dung khác nhau",
            ),
            Self::Encrypted => ("pdf_encrypted", Code::SignatureMalformed, Sub::FormatFailure, "Tệp PDF bị mã hóa"),
            Self::Xfa => ("pdf_xfa", Code::SignatureMalformed, Sub::FormatFailure, "Tệp PDF có biểu mẫu XFA"),
            Self::ActiveContent { .. } => (
                "pdf_active_content",
                Code::SignatureMalformed,
                Sub::SigConstraintsFailure,
                "Tệp PDF có mã lệnh hoặc lệnh chạy chương trình",
            ),
            Self::NoSignature => {
                ("pdf_no_signature", Code::SignatureMissing, Sub::SignedDataNotFound, "Tệp PDF không có chữ ký số")
            }
            Self::FieldMalformed { .. } => {
                ("pdf_field_malformed", Code::SignatureMalformed, Sub::FormatFailure, "Trường chữ ký trong PDF bị hỏng")
            }
            Self::HiddenSignature { .. } => (
                "pdf_hidden_signature",
                Code::SignatureMalformed,
                Sub::FormatFailure,
                "Tệp PDF có chữ ký số không nằm trong biểu mẫu",
            ),
            Self::SubFilter { .. } => {
                ("pdf_sub_filter", Code::SignatureMalformed, Sub::FormatFailure, "Kiểu chữ ký PDF không được chấp nhận")
            }
            Self::ByteRange { .. } => (
                "pdf_byte_range",
                Code::SignatureInvalid,
                Sub::FormatFailure,
                "Vùng được ký (ByteRange) không phải toàn bộ tệp quanh chữ ký",
            ),
            Self::NotOfRevision { .. } => (
                "pdf_not_of_revision",
                Code::SignatureInvalid,
                Sub::FormatFailure,
                "Chữ ký không thuộc phiên bản tài liệu mà nó ký",
            ),
            Self::NotIncremental { .. } => (
                "pdf_not_incremental",
                Code::DocumentAltered,
                Sub::FormatFailure,
                "Phần nối sau chữ ký không phải bản cập nhật đúng chuẩn",
            ),
            Self::Changed { .. } => {
                ("pdf_changed", Code::DocumentAltered, Sub::FormatFailure, "Tài liệu đã bị thay đổi sau khi ký")
            }
            Self::Forbidden { .. } => (
                "pdf_forbidden",
                Code::DocumentAltered,
                Sub::FormatFailure,
                "Thay đổi sau chữ ký trái với quyền mà chữ ký cho phép",
            ),
            Self::LaterSignature { .. } => (
                "pdf_later_signature",
                Code::SignatureInvalid,
                Sub::SigConstraintsFailure,
                "Một chữ ký thêm sau chưa được xác nhận",
            ),
        };
        Facts { rule, code, sub, vi }
    }
}
