//! Why a call of the client failed.

use std::fmt;
use std::time::Duration;

use types::ErrorCode;

use crate::AxisCode;

/// A call that failed. Never shows the secret, or a proxy's password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{operation}: {kind}")]
pub struct CallError {
    /// The operation, by its name on the wire.
    pub operation: &'static str,
    /// What went wrong.
    pub kind: CallErrorKind,
}

/// What goes wrong with a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallErrorKind {
    /// No connection, or one that broke.
    Transport {
        /// Where, and what the system says.
        detail: String,
    },
    /// Nothing came for too long.
    Timeout {
        /// What was waited for.
        stage: Stage,
        /// How long.
        after: Duration,
    },
    /// An HTTP status without an answer of the protocol: something else than the axis answered, or it is down.
    Http {
        /// The status.
        status: u16,
    },
    /// An answer that is none of the protocol, or not whole.
    Malformed {
        /// What and where.
        detail: String,
    },
    /// `status: "FAIL"`.
    Refused {
        /// Its meaning; `None` for a number of no known code.
        code: Option<AxisCode>,
        /// `ErrorCode` as sent, at most 16 characters.
        number: String,
        /// `ErrorDesc` as sent, at most 4 KiB.
        description: String,
    },
    /// The packet to be sent could not be read here.
    Content {
        /// Why.
        detail: String,
    },
    /// A parameter that no header can carry.
    Parameter {
        /// Which.
        detail: String,
    },
}

/// What a call waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// A connection, with the proxy's and TLS's handshakes.
    Connect,
    /// The other side to read on.
    Upload,
    /// The beginning of the answer.
    Answer,
    /// More of the answer.
    Download,
}

impl CallError {
    pub(super) fn new(operation: &'static str, kind: CallErrorKind) -> Self {
        Self { operation, kind }
    }

    /// A call that was given up `after` the stop.
    pub(crate) fn stopped(operation: &'static str, after: Duration) -> Self {
        Self::new(operation, CallErrorKind::Timeout { stage: Stage::Answer, after })
    }

    /// The public code. `unauthenticated` for a wrong system id or secret (code 15); `peer_refused` for other refusals;
    /// `peer_unavailable` where waiting helps; `protocol_violation` where something else than the axis answers.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match &self.kind {
            CallErrorKind::Transport { .. }
            | CallErrorKind::Timeout { .. }
            | CallErrorKind::Http { status: 408 | 429 | 500.. }
            | CallErrorKind::Refused { code: Some(AxisCode::Internal), .. } => ErrorCode::PeerUnavailable,
            CallErrorKind::Http { .. } | CallErrorKind::Malformed { .. } => ErrorCode::ProtocolViolation,
            CallErrorKind::Refused { code: Some(AxisCode::WrongSecret), .. } => ErrorCode::Unauthenticated,
            CallErrorKind::Refused { .. } => ErrorCode::PeerRefused,
            CallErrorKind::Content { .. } => ErrorCode::StoreDamaged,
            CallErrorKind::Parameter { .. } => ErrorCode::InvalidArgument,
        }
    }

    /// Whether the same call may succeed later: code 20, and everything that is no answer of the axis. A status page of
    /// something in between must not cost a document.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        match &self.kind {
            CallErrorKind::Transport { .. }
            | CallErrorKind::Timeout { .. }
            | CallErrorKind::Http { .. }
            | CallErrorKind::Malformed { .. } => true,
            CallErrorKind::Refused { code: Some(code), .. } => code.is_retryable(),
            CallErrorKind::Refused { code: None, .. }
            | CallErrorKind::Content { .. }
            | CallErrorKind::Parameter { .. } => false,
        }
    }

    /// Whether every call fails the same way, whatever its packet: the axis is away, or does not know this system.
    #[must_use]
    pub const fn is_about_the_link(&self) -> bool {
        match &self.kind {
            CallErrorKind::Transport { .. } | CallErrorKind::Timeout { .. } | CallErrorKind::Http { .. } => true,
            CallErrorKind::Refused { code, .. } => matches!(code, Some(AxisCode::WrongSecret)),
            CallErrorKind::Malformed { .. } | CallErrorKind::Content { .. } | CallErrorKind::Parameter { .. } => false,
        }
    }

    /// What to do next, in Vietnamese.
    #[must_use]
    pub const fn action_vi(&self) -> &'static str {
        match &self.kind {
            CallErrorKind::Transport { .. } | CallErrorKind::Timeout { .. } => {
                "Hệ thống tự thử lại; kiểm tra đường truyền, proxy, tường lửa đến trục"
            }
            CallErrorKind::Http { status: 408 | 429 | 500.. } => "Hệ thống tự thử lại; trục đang tạm ngừng",
            CallErrorKind::Http { .. } | CallErrorKind::Malformed { .. } => "Kiểm tra địa chỉ trục trong cấu hình",
            CallErrorKind::Refused { code: Some(AxisCode::WrongSecret), .. } => {
                "Kiểm tra mã hệ thống và khóa bí mật đã đăng ký với trục"
            }
            CallErrorKind::Refused { .. } => "Xem mô tả lỗi của trục kèm theo",
            CallErrorKind::Content { .. } => "Người vận hành kiểm tra kho dữ liệu",
            CallErrorKind::Parameter { .. } => "Sửa tham số được nêu",
        }
    }

    /// What to do next, in English.
    #[must_use]
    pub const fn action_en(&self) -> &'static str {
        match &self.kind {
            CallErrorKind::Transport { .. } | CallErrorKind::Timeout { .. } => {
                "It is retried; check the connection, proxy and firewall towards the axis"
            }
            CallErrorKind::Http { status: 408 | 429 | 500.. } => "It is retried; the axis is down for the moment",
            CallErrorKind::Http { .. } | CallErrorKind::Malformed { .. } => {
                "Check the axis's endpoint in the configuration"
            }
            CallErrorKind::Refused { code: Some(AxisCode::WrongSecret), .. } => {
                "Check the system id and the secret registered with the axis"
            }
            CallErrorKind::Refused { .. } => "See the axis's description",
            CallErrorKind::Content { .. } => "The operator has to check the store",
            CallErrorKind::Parameter { .. } => "Correct the named parameter",
        }
    }
}

impl fmt::Display for CallErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transport { detail } | Self::Malformed { detail } | Self::Parameter { detail } => f.write_str(detail),
            Self::Timeout { stage, after } => {
                let what = match stage {
                    Stage::Connect => "no connection",
                    Stage::Upload => "nothing read of the packet",
                    Stage::Answer => "no answer",
                    Stage::Download => "nothing more of the answer",
                };
                write!(f, "{what} within {} s", after.as_secs_f32())
            }
            Self::Http { status } => write!(f, "HTTP {status} without an answer of the axis"),
            Self::Refused { number, description, .. } => write!(f, "refused with code {number}: {description}"),
            Self::Content { detail } => write!(f, "the packet cannot be read here: {detail}"),
        }
    }
}
