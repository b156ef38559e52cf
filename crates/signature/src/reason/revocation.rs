//! Rules about revocation.

use types::{ErrorCode, UnixMillis};

use super::Facts;
use crate::report::SubIndication;
use crate::time::to_rfc3339;

/// Which rule about revocation was broken. Codes: `certificate_revoked`, `revocation_unknown`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RevocationReason {
    /// The signer's certificate is revoked, and nothing proves that the signature is older.
    #[error("{subject} was revoked at {}, and nothing proves that the signature is older", to_rfc3339(*revoked_at))]
    Revoked {
        /// Whose certificate.
        subject: String,
        /// When.
        revoked_at: UnixMillis,
    },
    /// A CA of the path is revoked, and nothing proves that the signature is older.
    #[error("the CA {subject} was revoked at {}, and nothing proves that the signature is older", to_rfc3339(*revoked_at))]
    AuthorityRevoked {
        /// Whose certificate.
        subject: String,
        /// When.
        revoked_at: UnixMillis,
    },
    /// Revoked first, used afterwards: proved by a time-stamp.
    #[error("{subject} was revoked at {}, before the proved time {}", to_rfc3339(*revoked_at), to_rfc3339(*proved))]
    SignedAfter {
        /// Whose certificate.
        subject: String,
        /// The proved time of the signature.
        proved: UnixMillis,
        /// When it was revoked.
        revoked_at: UnixMillis,
    },
    /// The policy asks for a status, and none was found out.
    #[error("the revocation of {subject} could not be found out: {why}")]
    Unknown {
        /// Whose certificate.
        subject: String,
        /// Why not.
        why: String,
    },
    /// A response signed by nobody who may.
    #[error("neither the issuer nor a responder it certified signed the response")]
    ResponderUnknown,
    /// A responder whose own revocation would have to be known.
    #[error("{subject} lacks the extension nocheck, and no list says that it is not revoked")]
    ResponderUnchecked {
        /// Whose certificate.
        subject: String,
    },
}

impl RevocationReason {
    pub(super) const fn facts(&self) -> Facts {
        use ErrorCode as Code;
        use SubIndication as Sub;
        let (rule, code, sub, vi) = match self {
            Self::Revoked { .. } => (
                "certificate_revoked",
                Code::CertificateRevoked,
                Sub::RevokedNoPoe,
                "Chứng thư đã bị thu hồi, không có bằng chứng chữ ký có trước",
            ),
            Self::AuthorityRevoked { .. } => (
                "ca_revoked",
                Code::CertificateRevoked,
                Sub::RevokedCaNoPoe,
                "Chứng thư của CA đã bị thu hồi, không có bằng chứng chữ ký có trước",
            ),
            Self::SignedAfter { .. } => (
                "signed_after_revocation",
                Code::CertificateRevoked,
                Sub::Revoked,
                "Chữ ký được tạo sau khi chứng thư bị thu hồi",
            ),
            Self::Unknown { .. } => (
                "revocation_unknown",
                Code::RevocationUnknown,
                Sub::TryLater,
                "Chưa xác định được chứng thư có bị thu hồi hay không",
            ),
            Self::ResponderUnknown => (
                "responder_unknown",
                Code::RevocationUnknown,
                Sub::TryLater,
                "Trả lời OCSP không do nơi cấp hoặc nơi được ủy quyền ký",
            ),
            Self::ResponderUnchecked { .. } => (
                "responder_unchecked",
                Code::RevocationUnknown,
                Sub::TryLater,
                "Chứng thư của nơi trả lời OCSP chưa được kiểm tra thu hồi",
            ),
        };
        Facts { rule, code, sub, vi }
    }
}
