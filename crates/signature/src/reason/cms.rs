//! Rules about CMS.

use types::ErrorCode;

use super::Facts;
use crate::report::SubIndication;

/// Which rule about CMS was broken. Codes: `signature_malformed`, `signature_invalid`, `certificate_untrusted`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CmsReason {
    /// More bytes than the policy takes.
    #[error("the CMS signature has {length} bytes, limit {max}")]
    TooLarge {
        /// Bytes found.
        length: usize,
        /// Bytes allowed.
        max: usize,
    },
    /// Not the ASN.1 that RFC 5652 describes, not exactly one value, or nested too deep.
    #[error("the CMS structure is broken at {at}: {why}")]
    Malformed {
        /// Which part.
        at: &'static str,
        /// What was wrong.
        why: String,
    },
    /// Another content type than signedData.
    #[error("the content type is {found}, expected signedData")]
    NotSignedData {
        /// Object identifier found.
        found: String,
    },
    /// No SignerInfo.
    #[error("the CMS structure has no signer")]
    NoSigner,
    /// More signers than the policy takes.
    #[error("the CMS structure has {count} signers, limit {max}")]
    TooManySigners {
        /// Signers found.
        count: usize,
        /// Signers allowed.
        max: usize,
    },
    /// No certificate has the signer's issuer and serial number, or key identifier.
    #[error("the signer's certificate is neither embedded nor in the trust store")]
    CertificateMissing,
    /// No signed attributes: the content itself could be read as attributes.
    #[error("there are no signed attributes")]
    NoSignedAttributes,
    /// An attribute occurs twice.
    #[error("the signed attribute {oid} occurs twice")]
    DuplicateAttribute {
        /// Object identifier.
        oid: String,
    },
    /// An attribute with no value, or with several.
    #[error("the signed attribute {oid} has {count} values, expected one")]
    AttributeValues {
        /// Object identifier.
        oid: String,
        /// Values found.
        count: usize,
    },
    /// A required attribute is absent.
    #[error("the signed attribute {name} is missing")]
    AttributeMissing {
        /// Name of RFC 5652 or RFC 5035.
        name: &'static str,
    },
    /// The contentType attribute is not the type of the content.
    #[error("the contentType attribute is {attribute}, the content is {content}")]
    ContentTypeMismatch {
        /// The attribute's.
        attribute: String,
        /// The content's.
        content: String,
    },
    /// The content is embedded where it has to stay outside.
    #[error("the content is embedded; a detached signature is expected")]
    ContentAttached,
    /// The content is neither embedded nor handed in.
    #[error("the signed content was not handed in")]
    ContentMissing,
    /// The content is not what was signed.
    #[error("the content's digest is not the signed one")]
    DigestMismatch,
    /// The certificate that was signed for is another one.
    #[error("the signing-certificate attribute names another certificate")]
    CertificateMismatch,
    /// The signature value does not verify.
    #[error("the signature value does not verify")]
    SignatureWrong,
}

impl CmsReason {
    pub(super) const fn facts(&self) -> Facts {
        use SubIndication as Sub;
        let (rule, code, sub, vi) = match self {
            Self::TooLarge { .. } => {
                ("cms_too_large", ErrorCode::LimitExceeded, Sub::FormatFailure, "Chữ ký CMS quá lớn")
            }
            Self::Malformed { .. } => {
                ("cms_malformed", ErrorCode::SignatureMalformed, Sub::FormatFailure, "Cấu trúc CMS sai chuẩn")
            }
            Self::NotSignedData { .. } => (
                "cms_not_signed_data",
                ErrorCode::SignatureMalformed,
                Sub::FormatFailure,
                "Khối CMS không phải loại signedData",
            ),
            Self::NoSigner => {
                ("cms_no_signer", ErrorCode::SignatureMalformed, Sub::FormatFailure, "Khối CMS không có người ký")
            }
            Self::TooManySigners { .. } => {
                ("cms_too_many_signers", ErrorCode::LimitExceeded, Sub::FormatFailure, "Khối CMS có quá nhiều người ký")
            }
            Self::CertificateMissing => (
                "signer_certificate_missing",
                ErrorCode::CertificateUntrusted,
                Sub::NoSigningCertificateFound,
                "Không tìm thấy chứng thư của người ký",
            ),
            Self::NoSignedAttributes => (
                "no_signed_attributes",
                ErrorCode::SignatureMalformed,
                Sub::SigConstraintsFailure,
                "Chữ ký không có thuộc tính được ký",
            ),
            Self::DuplicateAttribute { .. } => (
                "duplicate_attribute",
                ErrorCode::SignatureMalformed,
                Sub::FormatFailure,
                "Một thuộc tính được ký xuất hiện hai lần",
            ),
            Self::AttributeValues { .. } => (
                "attribute_values",
                ErrorCode::SignatureMalformed,
                Sub::FormatFailure,
                "Một thuộc tính được ký không có đúng một giá trị",
            ),
            Self::AttributeMissing { .. } => (
                "attribute_missing",
                ErrorCode::SignatureMalformed,
                Sub::SigConstraintsFailure,
                "Thiếu một thuộc tính được ký bắt buộc",
            ),
            Self::ContentTypeMismatch { .. } => (
                "content_type_mismatch",
                ErrorCode::SignatureInvalid,
                Sub::FormatFailure,
                "Loại nội dung đã ký khác loại nội dung thật",
            ),
            Self::ContentAttached => (
                "content_attached",
                ErrorCode::SignatureMalformed,
                Sub::FormatFailure,
                "Chữ ký chứa kèm nội dung; yêu cầu chữ ký tách rời",
            ),
            Self::ContentMissing => (
                "content_missing",
                ErrorCode::SignatureInvalid,
                Sub::SignedDataNotFound,
                "Không có nội dung được ký để kiểm tra",
            ),
            Self::DigestMismatch => {
                ("digest_mismatch", ErrorCode::SignatureInvalid, Sub::HashFailure, "Nội dung đã bị thay đổi sau khi ký")
            }
            Self::CertificateMismatch => (
                "signing_certificate_mismatch",
                ErrorCode::SignatureInvalid,
                Sub::SigConstraintsFailure,
                "Chứng thư đi kèm không phải chứng thư đã được ký",
            ),
            Self::SignatureWrong => {
                ("signature_wrong", ErrorCode::SignatureInvalid, Sub::SigCryptoFailure, "Giá trị chữ ký số không đúng")
            }
        };
        Facts { rule, code, sub, vi }
    }
}
