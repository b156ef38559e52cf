//! Why something is not kept.

use signature::{CertificateError, Reason, RevocationError, StandingError};
use types::{ErrorCode, UnixMillis};

use crate::shelf::ShelfError;

/// Why something is not kept.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// No list or response.
    #[error(transparent)]
    Malformed(#[from] RevocationError),
    /// No certificate.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// Not signed by one who may.
    #[error(transparent)]
    Standing(#[from] StandingError),
    /// An issuer's certificate that chains to no anchor.
    #[error("the certificate {subject}: {reason}")]
    Untrusted {
        /// Whose.
        subject: String,
        /// Why.
        reason: Reason,
    },
    /// Older than what is kept: somebody plays an old one again, or a server lags behind.
    #[error("{what} is older than the one kept (issued {}, kept one {})", iso(*offered), iso(*kept))]
    Older {
        /// List or response, and whose.
        what: String,
        /// When the offered one was issued.
        offered: UnixMillis,
        /// When the kept one was issued.
        kept: UnixMillis,
    },
    /// Issued later than it can be by this clock.
    #[error("{what} was issued at {}, ahead of this machine's clock", iso(*this_update))]
    Ahead {
        /// List or response, and whose.
        what: String,
        /// When it says it was issued.
        this_update: UnixMillis,
    },
    /// Without the time of the next one it never is current.
    #[error("{what} does not say when the next one is due (nextUpdate)")]
    Endless {
        /// List or response, and whose.
        what: String,
    },
    /// A response that is over; of a list, even an old one tells something.
    #[error("{what} was good until {}", iso(*next_update))]
    Over {
        /// Whose response.
        what: String,
        /// Until when it was good.
        next_update: UnixMillis,
    },
    /// A response that speaks of other certificates than the one asked about.
    #[error("the response does not speak of {subject}")]
    OtherCertificate {
        /// Whose status was asked for.
        subject: String,
    },
    /// A response without the nonce of the request.
    #[error("the response does not repeat the request's nonce")]
    Nonce,
    /// There is no room for another.
    #[error("{max} are kept already")]
    Full {
        /// How many fit.
        max: usize,
    },
    /// The disk.
    #[error(transparent)]
    Shelf(#[from] ShelfError),
}

impl KeepError {
    /// The public code.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Malformed(error) => error.code(),
            Self::Certificate(error) => error.code(),
            Self::Standing(error) => error.code(),
            Self::Untrusted { .. } => ErrorCode::CertificateUntrusted,
            Self::Older { .. }
            | Self::Ahead { .. }
            | Self::Endless { .. }
            | Self::Over { .. }
            | Self::OtherCertificate { .. }
            | Self::Nonce => ErrorCode::InvalidArgument,
            Self::Full { .. } => ErrorCode::LimitExceeded,
            Self::Shelf(_) => ErrorCode::Internal,
        }
    }
}

/// A time for people, UTC.
pub(crate) fn iso(time: UnixMillis) -> String {
    let millis = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
    jiff::Timestamp::from_millisecond(millis).map_or_else(|_| time.to_string(), |time| time.to_string())
}
