//! Rules about time-stamps.

use types::{ErrorCode, UnixMillis};

use super::Facts;
use crate::report::SubIndication;
use crate::time::to_rfc3339;

/// Which rule about RFC 3161 time-stamps was broken. Codes: `signature_malformed`, `signature_invalid`,
/// `limit_exceeded`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimestampReason {
    /// Not the ASN.1 that RFC 3161 describes.
    #[error("the time-stamp is broken at {at}: {why}")]
    Malformed {
        /// Which part.
        at: &'static str,
        /// What was wrong.
        why: String,
    },
    /// More tokens on one signature than are looked at.
    #[error("the signature carries more than {max} time-stamps")]
    TooMany {
        /// Tokens allowed.
        max: usize,
    },
    /// The token stamps other bytes: it was moved here from elsewhere, or what it stamps was changed.
    #[error("the time-stamp's message imprint is not that of the stamped bytes")]
    ImprintMismatch,
    /// The token's policy is not in the policy's list.
    #[error("the time-stamp policy {oid} is not taken")]
    PolicyNotTaken {
        /// Object identifier.
        oid: String,
    },
    /// The authority's clock is less exact than the policy takes.
    #[error("the time-stamp is exact to {milliseconds} ms, at most {max} ms are taken")]
    Accuracy {
        /// As the token states it.
        milliseconds: u64,
        /// As the policy takes it.
        max: u64,
    },
    /// The stamped time lies in the future.
    #[error("the stamped time {} is ahead of {}", to_rfc3339(*time), to_rfc3339(*at))]
    Ahead {
        /// The token's time.
        time: UnixMillis,
        /// The validation time.
        at: UnixMillis,
    },
    /// A time-stamp of the content is younger than one of the signature.
    #[error("the content was stamped at {}, after the signature at {}", to_rfc3339(*content), to_rfc3339(*signature))]
    Order {
        /// The content's.
        content: UnixMillis,
        /// The signature's.
        signature: UnixMillis,
    },
    /// A time-stamp that covers this one says that it is older than itself.
    #[error("stamped at {}, and covered by a time-stamp of {}", to_rfc3339(*time), to_rfc3339(*later))]
    LaterOlder {
        /// The token's.
        time: UnixMillis,
        /// The covering token's.
        later: UnixMillis,
    },
    /// The answer is to another request.
    #[error("the time-stamp's {what} is not the request's")]
    OtherRequest {
        /// Which part differs.
        what: &'static str,
    },
    /// The authority did not stamp.
    #[error("the authority answered status {status}, failure {failure}: {text}")]
    Refused {
        /// PKIStatus (RFC 3161 2.4.2).
        status: u32,
        /// Name of the PKIFailureInfo bit, `none` where there is none.
        failure: &'static str,
        /// The authority's words, cut to 200 characters.
        text: String,
    },
    /// A kind of time-stamp that is recognised and not evaluated here.
    #[error("an archive time-stamp is there and was not checked")]
    NotEvaluated,
}

impl TimestampReason {
    pub(super) const fn facts(&self) -> Facts {
        use ErrorCode as Code;
        use SubIndication as Sub;
        let (rule, code, sub, vi) = match self {
            Self::Malformed { .. } => {
                ("timestamp_malformed", Code::SignatureMalformed, Sub::FormatFailure, "Dấu thời gian sai cấu trúc")
            }
            Self::TooMany { .. } => {
                ("timestamps_too_many", Code::LimitExceeded, Sub::FormatFailure, "Chữ ký mang quá nhiều dấu thời gian")
            }
            Self::ImprintMismatch => (
                "timestamp_imprint_mismatch",
                Code::SignatureInvalid,
                Sub::HashFailure,
                "Dấu thời gian được cấp cho dữ liệu khác",
            ),
            Self::PolicyNotTaken { .. } => (
                "timestamp_policy",
                Code::SignatureInvalid,
                Sub::SigConstraintsFailure,
                "Chính sách cấp dấu thời gian không được chấp nhận",
            ),
            Self::Accuracy { .. } => (
                "timestamp_accuracy",
                Code::SignatureInvalid,
                Sub::SigConstraintsFailure,
                "Độ chính xác của dấu thời gian thấp hơn mức yêu cầu",
            ),
            Self::Ahead { .. } => (
                "timestamp_ahead",
                Code::SignatureInvalid,
                Sub::SigConstraintsFailure,
                "Dấu thời gian nằm trong tương lai",
            ),
            Self::Order { .. } | Self::LaterOlder { .. } => (
                "timestamp_order",
                Code::SignatureInvalid,
                Sub::TimestampOrderFailure,
                "Thứ tự các dấu thời gian không đúng",
            ),
            Self::OtherRequest { .. } => (
                "timestamp_other_request",
                Code::SignatureInvalid,
                Sub::SigConstraintsFailure,
                "Dấu thời gian trả lời một yêu cầu khác",
            ),
            Self::Refused { .. } => (
                "timestamp_refused",
                Code::SignatureInvalid,
                Sub::SigConstraintsFailure,
                "Nơi cấp dấu thời gian từ chối yêu cầu",
            ),
            Self::NotEvaluated => (
                "archive_timestamp_not_checked",
                Code::Unsupported,
                Sub::SigConstraintsFailure,
                "Có dấu thời gian lưu trữ nhưng chưa được kiểm tra",
            ),
        };
        Facts { rule, code, sub, vi }
    }
}
