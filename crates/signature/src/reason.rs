//! Why a signature did not pass: one variant per rule, each with its word, code and sub-indication.

mod chain;
mod cms;
mod jws;
mod pdf;
mod revocation;
mod timestamp;
mod xml;

pub use chain::ChainReason;
pub use cms::CmsReason;
pub use jws::JwsReason;
pub use pdf::PdfReason;
pub use revocation::RevocationReason;
pub use timestamp::TimestampReason;
pub use xml::XmlReason;

use types::{ErrorCode, UnixMillis};

use crate::manifest::ManifestError;
use crate::report::SubIndication;

/// What every reason answers.
pub(crate) struct Facts {
    /// Stable word.
    pub(crate) rule: &'static str,
    /// Public code.
    pub(crate) code: ErrorCode,
    /// Source: ETSI EN 319 102-1.
    pub(crate) sub: SubIndication,
    /// In Vietnamese.
    pub(crate) vi: &'static str,
}

/// Why a signature did not pass. Prints in English, with the values compared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// A rule about CMS.
    #[error(transparent)]
    Cms(#[from] CmsReason),
    /// A rule about JWS.
    #[error(transparent)]
    Jws(#[from] JwsReason),
    /// A rule about algorithms and keys.
    #[error(transparent)]
    Algorithm(#[from] AlgorithmReason),
    /// A rule about certificates and paths.
    #[error(transparent)]
    Chain(#[from] ChainReason),
    /// A rule about revocation.
    #[error(transparent)]
    Revocation(#[from] RevocationReason),
    /// A rule about time-stamps.
    #[error(transparent)]
    Timestamp(#[from] TimestampReason),
    /// A rule about PDF.
    #[error(transparent)]
    Pdf(#[from] PdfReason),
    /// A rule about XML signatures.
    #[error(transparent)]
    Xml(#[from] XmlReason),
    /// The signed bytes are no manifest.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// More work than the checks of the document share ([`Budget`](crate::Budget)).
    #[error(
        "the checks of the document need more than {checks_max} signature checks or {bytes_max} bytes, or were ended"
    )]
    WorkSpent {
        /// Signature checks allowed.
        checks_max: u64,
        /// Bytes allowed.
        bytes_max: u64,
    },
    /// The claimed time lies further ahead than clocks differ.
    #[error("the claimed time {} is ahead of {}", crate::time::to_rfc3339(*claimed), crate::time::to_rfc3339(*at))]
    ClaimedTimeAhead {
        /// The claim.
        claimed: UnixMillis,
        /// The validation time.
        at: UnixMillis,
    },
}

/// Why an algorithm or a key is refused. Codes: `algorithm_refused`, `signature_invalid`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AlgorithmReason {
    /// Not known here, or not sound (SHA-1 and MD5 too).
    #[error("the algorithm {name} is not taken")]
    Unsupported {
        /// Name or object identifier.
        name: String,
    },
    /// Known, and not in the policy's list.
    #[error("the policy does not take {name}")]
    NotAllowed {
        /// Name.
        name: &'static str,
    },
    /// The rule of the anchor does not take it at the time that is judged.
    #[error("the rule of the anchor does not take {name} at {}", crate::time::to_rfc3339(*at))]
    NotInPeriod {
        /// Name.
        name: &'static str,
        /// The proved time, else the validation time.
        at: UnixMillis,
    },
    /// The rule of the anchor says nothing about the time that is judged.
    #[error("no period of the anchor's rule has {}", crate::time::to_rfc3339(*at))]
    NoPeriod {
        /// The proved time, else the validation time.
        at: UnixMillis,
    },
    /// Taken for old documents only, and not proved to be old.
    #[error("{name} is taken only for what a time-stamp proves to be older than {}", crate::time::to_rfc3339(*before))]
    LegacyUnproved {
        /// Name.
        name: &'static str,
        /// The cut-off of the anchor's rule.
        before: UnixMillis,
    },
    /// An RSA key below the policy's size.
    #[error("the RSA key has {bits} bits, at least {min} are needed")]
    KeyTooSmall {
        /// Bits found.
        bits: u32,
        /// Bits needed.
        min: u32,
    },
    /// Key, signature algorithm and digest algorithm contradict each other.
    #[error("the {one} does not go with the {other}")]
    Mismatch {
        /// One side.
        one: String,
        /// Other side.
        other: String,
    },
    /// PSS parameters other than MGF1 with the same hash and a salt as long as the hash.
    #[error("the PSS parameters are not taken: {what}")]
    PssParameters {
        /// Which one.
        what: &'static str,
    },
}

impl AlgorithmReason {
    pub(crate) const fn facts(&self) -> Facts {
        let sub = SubIndication::CryptoConstraintsFailure;
        let code = ErrorCode::AlgorithmRefused;
        match self {
            Self::Unsupported { .. } => {
                Facts { rule: "algorithm_unsupported", code, sub, vi: "Thuật toán không được chấp nhận" }
            }
            Self::NotAllowed { .. } => {
                Facts {
                    rule: "algorithm_not_allowed", code, sub, vi: "Chính sách không cho phép thuật toán này"
                }
            }
            Self::NotInPeriod { .. } | Self::NoPeriod { .. } => Facts {
                rule: "algorithm_not_in_period",
                code,
                sub,
                vi: "Thuật toán không được chấp nhận ở thời điểm ký theo quy tắc của CA gốc",
            },
            Self::LegacyUnproved { .. } => Facts {
                rule: "legacy_unproved",
                code,
                sub,
                vi: "SHA-1 chỉ được chấp nhận cho tài liệu cũ có dấu thời gian chứng minh",
            },
            Self::KeyTooSmall { .. } => {
                Facts { rule: "key_too_small", code, sub, vi: "Khóa RSA ngắn hơn mức tối thiểu" }
            }
            Self::Mismatch { .. } => Facts {
                rule: "algorithm_mismatch",
                code,
                sub,
                vi: "Khóa, thuật toán ký và thuật toán băm không phù hợp với nhau",
            },
            Self::PssParameters { .. } => {
                Facts { rule: "pss_parameters", code, sub, vi: "Tham số RSA-PSS không được chấp nhận" }
            }
        }
    }
}

impl Reason {
    pub(crate) const fn facts(&self) -> Facts {
        match self {
            Self::Cms(reason) => reason.facts(),
            Self::Jws(reason) => reason.facts(),
            Self::Algorithm(reason) => reason.facts(),
            Self::Chain(reason) => reason.facts(),
            Self::Revocation(reason) => reason.facts(),
            Self::Timestamp(reason) => reason.facts(),
            Self::Pdf(reason) => reason.facts(),
            Self::Xml(reason) => reason.facts(),
            Self::Manifest(error) => Facts {
                rule: "manifest_malformed",
                code: error.code(),
                sub: SubIndication::FormatFailure,
                vi: "Nội dung được ký không phải bản kê đúng dạng chuẩn",
            },
            Self::WorkSpent { .. } => Facts {
                rule: "work_budget_spent",
                code: ErrorCode::LimitExceeded,
                sub: SubIndication::SigConstraintsFailure,
                vi: "Kiểm tra hết chữ ký của văn bản tốn quá mức cho phép",
            },
            Self::ClaimedTimeAhead { .. } => Facts {
                rule: "claimed_time_ahead",
                code: ErrorCode::SignatureInvalid,
                sub: SubIndication::SigConstraintsFailure,
                vi: "Thời điểm ký khai báo nằm trong tương lai",
            },
        }
    }

    /// The stable word of the rule, for example `duplicate_attribute`.
    #[must_use]
    pub const fn rule(&self) -> &'static str {
        self.facts().rule
    }

    /// The public code.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        self.facts().code
    }

    /// The sub-indication of ETSI EN 319 102-1.
    #[must_use]
    pub const fn sub_indication(&self) -> SubIndication {
        self.facts().sub
    }
}
