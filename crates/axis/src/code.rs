//! Codes of the axis's answers.

use std::fmt;

use types::ErrorCode;

/// `ErrorCode` of an answer. Source: the axis operator's SDK 2.0.x.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AxisCode {
    /// 0: success.
    Success,
    /// 10: the file is not valid (its hash above all).
    FileInvalid,
    /// 15: wrong system id or secret.
    WrongSecret,
    /// 18: a receiving agency does not exist.
    UnknownReceiver,
    /// 19: the sending agency is not registered, or not one of the system's.
    UnknownSender,
    /// 20: an internal error; the only one worth a retry.
    Internal,
    /// 21: the file cannot be processed.
    Unprocessable,
    /// 22: the packet breaks the standard.
    BreaksStandard,
    /// 23: a receiving agency is locked.
    ReceiverLocked,
}

impl AxisCode {
    /// Every code, by number.
    pub const ALL: [Self; 9] = [
        Self::Success,
        Self::FileInvalid,
        Self::WrongSecret,
        Self::UnknownReceiver,
        Self::UnknownSender,
        Self::Internal,
        Self::Unprocessable,
        Self::BreaksStandard,
        Self::ReceiverLocked,
    ];

    /// The number, as it travels (in decimal, as a string).
    #[must_use]
    pub const fn as_number(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::FileInvalid => 10,
            Self::WrongSecret => 15,
            Self::UnknownReceiver => 18,
            Self::UnknownSender => 19,
            Self::Internal => 20,
            Self::Unprocessable => 21,
            Self::BreaksStandard => 22,
            Self::ReceiverLocked => 23,
        }
    }

    /// The code with this number.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.as_number() == number)
    }

    /// Whether the same request may succeed later: code 20 only.
    #[must_use]
    pub const fn is_retryable(self) -> bool {
        matches!(self, Self::Internal)
    }

    /// The code that tells an axis client of a refusal of ours. Whatever passes by itself is 20.
    #[must_use]
    pub const fn of(code: ErrorCode) -> Self {
        use ErrorCode as E;
        match code {
            E::Unauthenticated | E::PermissionDenied => Self::WrongSecret,
            E::AgencyNotSpokenFor | E::UnknownSender | E::SenderMismatch => Self::UnknownSender,
            E::UnknownAgency | E::NoRoute => Self::UnknownReceiver,
            E::AgencyDissolved => Self::ReceiverLocked,
            E::MalformedDocument
            | E::ForbiddenXml
            | E::WrongNamespace
            | E::MissingElement
            | E::InvalidElement
            | E::MalformedCode
            | E::AttachmentMissing
            | E::AttachmentDuplicate
            | E::AttachmentUnlisted => Self::BreaksStandard,
            E::DigestMismatch | E::LengthMismatch | E::InvalidBase64 => Self::FileInvalid,
            E::InvalidArgument
            | E::NotFound
            | E::LimitExceeded
            | E::DocumentTooLarge
            | E::ArchiveUnsafe
            | E::SecretDocument
            | E::ReferenceUnknown
            | E::SignatureMissing
            | E::SignatureInvalid
            | E::SignatureMalformed
            | E::ManifestMalformed
            | E::Recalled
            | E::Replaced
            | E::CertificateExpired
            | E::CertificateRevoked
            | E::DocumentAltered
            | E::SignerNotOfSender
            | E::VerificationUnfinished
            | E::CertificateUntrusted
            | E::CertificateUnsuitable
            | E::AlgorithmRefused
            | E::ManifestMismatch
            | E::DocumentConflict
            | E::LeaseLost
            | E::StoreDamaged
            | E::PeerRefused
            | E::OperatorRefused
            | E::LoopDetected
            | E::HopLimit
            | E::TimeToLive
            | E::DeadlineAtRisk
            | E::ProtocolViolation
            | E::Unsupported => Self::Unprocessable,
            E::RateLimited
            | E::QuotaExceeded
            | E::Overloaded
            | E::DiskReserve
            | E::QuarantineFull
            | E::StorePoisoned
            | E::KeyUnavailable
            | E::ShuttingDown
            | E::PeerUnavailable
            | E::RevocationUnknown
            | E::VerificationPending
            | E::Cancelled
            | E::Internal => Self::Internal,
        }
    }
}

impl fmt::Display for AxisCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.as_number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_by_itself_is_the_retryable_code_and_nothing_else_is() {
        for code in ErrorCode::ALL {
            assert_eq!(AxisCode::of(*code).is_retryable(), code.is_retryable(), "{code}");
        }
    }
}
