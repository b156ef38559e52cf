//! Rules about JWS.

use types::ErrorCode;

use super::Facts;
use crate::report::SubIndication;

/// Which rule about JWS was broken. Codes: `signature_malformed`, `signature_invalid`, `algorithm_refused`,
/// `certificate_untrusted`, `limit_exceeded`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwsReason {
    /// More bytes than the policy takes.
    #[error("the JWS has {length} bytes, limit {max}")]
    TooLarge {
        /// Bytes found.
        length: usize,
        /// Bytes allowed.
        max: usize,
    },
    /// Not `header..signature` in base64url, or a header that is not the JSON expected.
    #[error("the JWS is broken: {why}")]
    Malformed {
        /// What was wrong.
        why: String,
    },
    /// The payload is embedded.
    #[error("the payload is embedded; a detached JWS is expected")]
    PayloadAttached,
    /// `none`, HMAC, or an algorithm not known here.
    #[error("the algorithm {name:?} is not taken")]
    Algorithm {
        /// The header's `alg`, cut to 32 characters.
        name: String,
    },
    /// The header brings or points to a key of its own: `jku`, `x5u` or `jwk`.
    #[error("the header member {name:?} is refused: keys come from certificates only")]
    KeyInHeader {
        /// The member.
        name: &'static str,
    },
    /// A critical member that is not known here, or not present.
    #[error("the critical header member {name:?} is not known")]
    UnknownCritical {
        /// The member, cut to 32 characters.
        name: String,
    },
    /// `b64` is not `false`, or not named in `crit`.
    #[error("the header needs \"b64\":false and \"crit\":[\"b64\"]")]
    Encoding,
    /// Another kind of object.
    #[error("the type is {found:?}, expected {expected:?}")]
    Type {
        /// The header's `typ`, cut to 64 characters.
        found: String,
        /// What was expected.
        expected: &'static str,
    },
    /// The payload's domain string belongs to another kind of object, or is missing.
    #[error("the payload's domain is {found:?}, expected one that begins with {expected:?}")]
    Domain {
        /// The domain, cut to 64 characters.
        found: String,
        /// How it has to begin.
        expected: &'static str,
    },
    /// A receipt's share of a batch is not `batch-v1:INDEX:SIZE:PATH:JWS`, or its path does not fit its place.
    #[error("the receipt's share of a batch is broken: {why}")]
    Batch {
        /// What was wrong.
        why: String,
    },
    /// Neither `x5c` nor a known `x5t#S256`.
    #[error("the signer's certificate is neither in the header nor in the trust store")]
    CertificateMissing,
    /// `x5c` and `x5t#S256` name different certificates.
    #[error("x5t#S256 names another certificate than x5c")]
    CertificateMismatch,
    /// The signature value does not verify: the payload or the header was changed, or the key is another.
    #[error("the signature value does not verify")]
    SignatureWrong,
}

impl JwsReason {
    pub(super) const fn facts(&self) -> Facts {
        use ErrorCode as Code;
        use SubIndication as Sub;
        let (rule, code, sub, vi) = match self {
            Self::TooLarge { .. } => ("jws_too_large", Code::LimitExceeded, Sub::FormatFailure, "Chữ ký JWS quá lớn"),
            Self::Malformed { .. } => {
                ("jws_malformed", Code::SignatureMalformed, Sub::FormatFailure, "Chữ ký JWS sai cấu trúc")
            }
            Self::PayloadAttached => (
                "jws_payload_attached",
                Code::SignatureMalformed,
                Sub::FormatFailure,
                "JWS chứa kèm nội dung; yêu cầu chữ ký tách rời",
            ),
            Self::Algorithm { .. } => (
                "jws_algorithm",
                Code::AlgorithmRefused,
                Sub::CryptoConstraintsFailure,
                "Thuật toán ký JWS không được chấp nhận",
            ),
            Self::KeyInHeader { .. } => (
                "jws_key_in_header",
                Code::SignatureInvalid,
                Sub::SigConstraintsFailure,
                "Phần đầu JWS mang hoặc trỏ tới khóa riêng (jku, x5u, jwk)",
            ),
            Self::UnknownCritical { .. } => (
                "jws_unknown_critical",
                Code::SignatureMalformed,
                Sub::FormatFailure,
                "JWS có tham số bắt buộc (crit) không hiểu được",
            ),
            Self::Encoding => (
                "jws_encoding",
                Code::SignatureMalformed,
                Sub::FormatFailure,
                "JWS phải có b64=false và khai báo b64 trong crit",
            ),
            Self::Type { .. } => (
                "jws_type",
                Code::SignatureInvalid,
                Sub::SigConstraintsFailure,
                "Chữ ký dành cho loại đối tượng khác (typ)",
            ),
            Self::Domain { .. } => (
                "jws_domain",
                Code::SignatureInvalid,
                Sub::SigConstraintsFailure,
                "Nội dung được ký thuộc loại đối tượng khác (domain)",
            ),
            Self::Batch { .. } => (
                "receipt_batch_malformed",
                Code::SignatureMalformed,
                Sub::FormatFailure,
                "Phần chữ ký gộp của biên nhận sai cấu trúc",
            ),
            Self::CertificateMissing => (
                "signer_certificate_missing",
                Code::CertificateUntrusted,
                Sub::NoSigningCertificateFound,
                "Không tìm thấy chứng thư của người ký",
            ),
            Self::CertificateMismatch => (
                "signing_certificate_mismatch",
                Code::SignatureInvalid,
                Sub::SigConstraintsFailure,
                "x5t#S256 và x5c chỉ hai chứng thư khác nhau",
            ),
            Self::SignatureWrong => (
                "signature_wrong",
                Code::SignatureInvalid,
                Sub::SigCryptoFailure,
                "Giá trị chữ ký số không đúng: nội dung hoặc phần đầu đã bị thay đổi",
            ),
        };
        Facts { rule, code, sub, vi }
    }
}
