//! Rules about XML signatures.

use types::ErrorCode;

use super::Facts;
use crate::report::SubIndication;

/// Which rule about XML signatures was broken. Codes: `signature_malformed`, `signature_invalid`, `limit_exceeded`,
/// `unsupported`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum XmlReason {
    /// More bytes than the policy takes: nothing was looked at.
    #[error("the packet has {length} bytes; XML signatures are checked up to {max}")]
    TooLarge {
        /// Bytes found.
        length: usize,
        /// Bytes looked at.
        max: usize,
    },
    /// Not well-formed XML 1.0 in UTF-8.
    #[error("the XML is broken at byte {at}: {why}")]
    Malformed {
        /// Offset.
        at: usize,
        /// What was wrong.
        why: &'static str,
    },
    /// A DTD or an entity.
    #[error("the XML has {what}")]
    Forbidden {
        /// What.
        what: &'static str,
    },
    /// More of something than is taken.
    #[error("the XML has more than {max} {what}")]
    Limit {
        /// Of what.
        what: &'static str,
        /// How many are taken.
        max: usize,
    },
    /// Two elements with one identifier: which one was signed would be anybody's choice.
    #[error("the identifier {id:?} occurs twice")]
    DuplicateId {
        /// The identifier.
        id: String,
    },
    /// A signature where none may stand.
    #[error("an XML signature stands at {path}")]
    Misplaced {
        /// Absolute path.
        path: String,
    },
    /// Not built as XMLDSig says.
    #[error("the XML signature is broken: {what}")]
    Structure {
        /// What was wrong.
        what: &'static str,
    },
    /// A transform other than enveloped-signature and canonicalisation.
    #[error("the transform {uri:?} is not taken")]
    Transform {
        /// Its identifier.
        uri: String,
    },
    /// A reference to something outside the packet, or one that is no plain identifier.
    #[error("the reference {uri:?} is not taken: only \"\" and \"#id\" are")]
    Reference {
        /// The reference.
        uri: String,
    },
    /// A reference to an identifier that no element has.
    #[error("no element has the identifier {id:?}")]
    TargetMissing {
        /// The identifier.
        id: String,
    },
    /// A feature that edXML does not use and that is not evaluated here.
    #[error("{what}: not evaluated here")]
    Unsupported {
        /// What.
        what: &'static str,
    },
    /// The referenced element is not what was signed.
    #[error("the digest of {uri:?} is not the signed one")]
    DigestMismatch {
        /// The reference.
        uri: String,
    },
    /// The signed element is not one that is read as the packet's: signature wrapping.
    #[error("the signed element {path} is not one that the packet is read from")]
    NotConsumed {
        /// Absolute path of the signed element.
        path: String,
    },
    /// The signed element's place is taken twice: which one is read would be anybody's choice.
    #[error("the element {path} occurs {count} times")]
    Repeated {
        /// Absolute path.
        path: String,
        /// Elements there.
        count: usize,
    },
    /// Only properties of the signature itself are signed.
    #[error("the signature covers nothing of the packet")]
    CoversNothing,
}

impl XmlReason {
    pub(super) const fn facts(&self) -> Facts {
        use ErrorCode as Code;
        use SubIndication as Sub;
        let (rule, code, sub, vi) = match self {
            Self::TooLarge { .. } => (
                "xml_too_large",
                Code::LimitExceeded,
                Sub::SigConstraintsFailure,
                "Gói tin quá lớn nên chữ ký XML chưa được kiểm tra",
            ),
            Self::Malformed { .. } => {
                ("xml_malformed", Code::SignatureMalformed, Sub::FormatFailure, "XML sai cấu trúc")
            }
            Self::Forbidden { .. } => {
                ("xml_forbidden", Code::SignatureMalformed, Sub::FormatFailure, "XML chứa DTD hoặc thực thể bị cấm")
            }
            Self::Limit { .. } => {
                ("xml_limit", Code::LimitExceeded, Sub::SigConstraintsFailure, "XML vượt giới hạn cho phép")
            }
            Self::DuplicateId { .. } => {
                ("xml_duplicate_id", Code::SignatureInvalid, Sub::FormatFailure, "Hai phần tử có cùng mã định danh")
            }
            Self::Misplaced { .. } => (
                "xml_signature_misplaced",
                Code::SignatureInvalid,
                Sub::FormatFailure,
                "Chữ ký XML nằm ở vị trí không được phép",
            ),
            Self::Structure { .. } => {
                ("xml_signature_malformed", Code::SignatureMalformed, Sub::FormatFailure, "Chữ ký XML sai cấu trúc")
            }
            Self::Transform { .. } => (
                "xml_transform_refused",
                Code::SignatureInvalid,
                Sub::SigConstraintsFailure,
                "Phép biến đổi trong chữ ký XML không được chấp nhận",
            ),
            Self::Reference { .. } => (
                "xml_reference_refused",
                Code::SignatureInvalid,
                Sub::SigConstraintsFailure,
                "Chữ ký XML tham chiếu ra ngoài gói tin",
            ),
            Self::TargetMissing { .. } => (
                "xml_reference_missing",
                Code::SignatureInvalid,
                Sub::SignedDataNotFound,
                "Không tìm thấy phần tử được ký",
            ),
            Self::Unsupported { .. } => {
                ("xml_unsupported", Code::Unsupported, Sub::SigConstraintsFailure, "Dạng chữ ký XML chưa được hỗ trợ")
            }
            Self::DigestMismatch { .. } => (
                "xml_digest_mismatch",
                Code::SignatureInvalid,
                Sub::HashFailure,
                "Nội dung XML đã bị thay đổi sau khi ký",
            ),
            Self::NotConsumed { .. } => (
                "xml_not_consumed",
                Code::SignatureInvalid,
                Sub::FormatFailure,
                "Phần tử được ký không phải phần tử được sử dụng",
            ),
            Self::Repeated { .. } => (
                "xml_element_repeated",
                Code::SignatureInvalid,
                Sub::FormatFailure,
                "Phần tử được ký xuất hiện nhiều lần",
            ),
            Self::CoversNothing => (
                "xml_covers_nothing",
                Code::SignatureInvalid,
                Sub::SigConstraintsFailure,
                "Chữ ký XML không bao gồm phần nào của gói tin",
            ),
        };
        Facts { rule, code, sub, vi }
    }
}
