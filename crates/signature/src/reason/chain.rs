//! Rules about certificates and paths.

use types::{ErrorCode, UnixMillis};

use super::Facts;
use crate::report::SubIndication;
use crate::time::to_rfc3339;

/// Which rule about certificates was broken. Codes: `certificate_untrusted`, `certificate_expired`,
/// `certificate_unsuitable`, `signature_malformed`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainReason {
    /// Not a certificate of RFC 5280.
    #[error("a certificate is broken: {why}")]
    Malformed {
        /// What was wrong.
        why: String,
    },
    /// Past its end.
    #[error("{subject} expired at {}, checked at {}", to_rfc3339(*not_after), to_rfc3339(*at))]
    Expired {
        /// Whose certificate.
        subject: String,
        /// Validation time.
        at: UnixMillis,
        /// End of validity.
        not_after: UnixMillis,
    },
    /// Before its start.
    #[error("{subject} is valid from {}, checked at {}", to_rfc3339(*not_before), to_rfc3339(*at))]
    NotYetValid {
        /// Whose certificate.
        subject: String,
        /// Validation time.
        at: UnixMillis,
        /// Start of validity.
        not_before: UnixMillis,
    },
    /// No issuer known, up to an anchor.
    #[error("no path to a trust anchor: no certificate of the issuer {issuer}")]
    NoIssuer {
        /// The issuer's name that was looked for last.
        issuer: String,
    },
    /// Every issuer of that name has another key.
    #[error("the signature on {subject} does not verify with its issuer's key")]
    SignatureWrong {
        /// Whose certificate.
        subject: String,
    },
    /// Longer than the policy takes.
    #[error("the path is longer than {max} certificates")]
    TooLong {
        /// Certificates allowed.
        max: usize,
    },
    /// More work than the policy allows.
    #[error("no path was found within {max} signature checks")]
    TooMuchWork {
        /// Checks allowed.
        max: u32,
    },
    /// An issuer that is no CA.
    #[error("{subject} issued a certificate and is no CA")]
    NotCa {
        /// Whose certificate.
        subject: String,
    },
    /// An issuer whose key usage lacks keyCertSign.
    #[error("{subject} issued a certificate without the key usage keyCertSign")]
    NoCertSign {
        /// Whose certificate.
        subject: String,
    },
    /// More CAs below an issuer than its pathLenConstraint allows.
    #[error("{subject} allows {max} CAs below it")]
    PathLength {
        /// Whose certificate.
        subject: String,
        /// Its constraint.
        max: u32,
    },
    /// A critical extension that is not evaluated here.
    #[error("{subject} has the extension {oid}, which is not evaluated here")]
    Extension {
        /// Whose certificate.
        subject: String,
        /// Object identifier.
        oid: String,
    },
    /// A name outside what a CA above is allowed to name.
    #[error("{subject} has the name {name}, which a certificate above it does not allow")]
    NameConstraint {
        /// Whose certificate.
        subject: String,
        /// The name.
        name: String,
    },
    /// No certificate policy that is asked for is valid for the path.
    #[error("no certificate policy asked for is valid at {subject}")]
    CertificatePolicy {
        /// Whose certificate.
        subject: String,
    },
    /// A mapping from or to anyPolicy.
    #[error("{subject} maps policies from or to anyPolicy")]
    PolicyMapping {
        /// Whose certificate.
        subject: String,
    },
    /// A signer whose key usage has neither digitalSignature nor nonRepudiation.
    #[error("{subject} may not sign: its key usage has neither digitalSignature nor nonRepudiation")]
    KeyUsage {
        /// Whose certificate.
        subject: String,
    },
    /// An extended key usage without any purpose for documents.
    #[error("{subject} may not sign documents: its extended key usage has no such purpose")]
    ExtendedKeyUsage {
        /// Whose certificate.
        subject: String,
    },
    /// A time-stamping certificate whose extended key usage is not timeStamping alone, marked critical.
    #[error("{subject} may not sign time-stamps: its extended key usage is not a critical timeStamping alone")]
    TimestampingPurpose {
        /// Whose certificate.
        subject: String,
    },
    /// A certificate that signed a revocation list without the key usage cRLSign.
    #[error("{subject} signed a revocation list without the key usage cRLSign")]
    NoCrlSign {
        /// Whose certificate.
        subject: String,
    },
    /// A signer that is a CA.
    #[error("{subject} is a CA and may not sign documents")]
    SignerIsCa {
        /// Whose certificate.
        subject: String,
    },
}

impl ChainReason {
    pub(super) const fn facts(&self) -> Facts {
        use ErrorCode as Code;
        use SubIndication as Sub;
        let (rule, code, sub, vi) = match self {
            Self::Malformed { .. } => {
                ("certificate_malformed", Code::SignatureMalformed, Sub::FormatFailure, "Chứng thư sai cấu trúc")
            }
            Self::Expired { .. } => {
                ("certificate_expired", Code::CertificateExpired, Sub::OutOfBoundsNoPoe, "Chứng thư đã hết hạn")
            }
            Self::NotYetValid { .. } => {
                ("certificate_not_yet_valid", Code::CertificateExpired, Sub::NotYetValid, "Chứng thư chưa có hiệu lực")
            }
            Self::NoIssuer { .. } => (
                "no_issuer",
                Code::CertificateUntrusted,
                Sub::NoCertificateChainFound,
                "Không có đường dẫn chứng thực đến nguồn tin cậy",
            ),
            Self::SignatureWrong { .. } => (
                "chain_signature_wrong",
                Code::CertificateUntrusted,
                Sub::NoCertificateChainFound,
                "Chữ ký trên chứng thư không đúng với khóa của nơi cấp",
            ),
            Self::TooLong { .. } => (
                "chain_too_long",
                Code::CertificateUntrusted,
                Sub::ChainConstraintsFailure,
                "Đường dẫn chứng thực quá dài",
            ),
            Self::TooMuchWork { .. } => (
                "chain_too_much_work",
                Code::CertificateUntrusted,
                Sub::CertificateChainGeneralFailure,
                "Không tìm được đường dẫn chứng thực trong giới hạn tính toán",
            ),
            Self::NotCa { .. } => (
                "issuer_not_ca",
                Code::CertificateUnsuitable,
                Sub::ChainConstraintsFailure,
                "Chứng thư cấp không phải của CA",
            ),
            Self::NoCertSign { .. } => (
                "issuer_no_cert_sign",
                Code::CertificateUnsuitable,
                Sub::ChainConstraintsFailure,
                "Chứng thư cấp không có quyền ký chứng thư",
            ),
            Self::PathLength { .. } => (
                "path_length",
                Code::CertificateUnsuitable,
                Sub::ChainConstraintsFailure,
                "Số CA cấp dưới vượt giới hạn của chứng thư",
            ),
            Self::Extension { .. } => (
                "extension_not_evaluated",
                Code::CertificateUnsuitable,
                Sub::ChainConstraintsFailure,
                "Chứng thư có phần mở rộng ràng buộc chưa được hỗ trợ",
            ),
            Self::NameConstraint { .. } => (
                "name_constraint",
                Code::CertificateUnsuitable,
                Sub::ChainConstraintsFailure,
                "Tên trong chứng thư nằm ngoài phạm vi CA được cấp",
            ),
            Self::CertificatePolicy { .. } => (
                "certificate_policy",
                Code::CertificateUnsuitable,
                Sub::ChainConstraintsFailure,
                "Đường dẫn chứng thực không có chính sách chứng thư được yêu cầu",
            ),
            Self::PolicyMapping { .. } => (
                "policy_mapping",
                Code::CertificateUnsuitable,
                Sub::ChainConstraintsFailure,
                "Chứng thư ánh xạ chính sách không hợp lệ",
            ),
            Self::KeyUsage { .. } => (
                "key_usage",
                Code::CertificateUnsuitable,
                Sub::ChainConstraintsFailure,
                "Chứng thư không có quyền ký số hoặc chống chối bỏ",
            ),
            Self::ExtendedKeyUsage { .. } => (
                "extended_key_usage",
                Code::CertificateUnsuitable,
                Sub::ChainConstraintsFailure,
                "Mục đích mở rộng của chứng thư không gồm ký văn bản",
            ),
            Self::TimestampingPurpose { .. } => (
                "timestamping_purpose",
                Code::CertificateUnsuitable,
                Sub::ChainConstraintsFailure,
                "Chứng thư không phải chỉ dành cho cấp dấu thời gian",
            ),
            Self::NoCrlSign { .. } => (
                "issuer_no_crl_sign",
                Code::CertificateUnsuitable,
                Sub::ChainConstraintsFailure,
                "Chứng thư không có quyền ký danh sách thu hồi",
            ),
            Self::SignerIsCa { .. } => (
                "signer_is_ca",
                Code::CertificateUnsuitable,
                Sub::ChainConstraintsFailure,
                "Chứng thư của CA không được dùng để ký văn bản",
            ),
        };
        Facts { rule, code, sub, vi }
    }
}
