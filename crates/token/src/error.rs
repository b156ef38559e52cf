//! What goes wrong with tokens, and what to do about it.

use std::path::PathBuf;
use std::time::Duration;

use cryptoki::error::{Error, RvError};
use signature::SignError;
use types::ErrorCode;

/// Why a token or a key in it is of no use. Each text says what to do, Vietnamese first. Never tells a PIN.
///
/// Codes: `invalid_argument` for what the operator has to correct, `key_unavailable` for a device that may be back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The module cannot be loaded or does not start.
    #[error(
        "không nạp được mô-đun PKCS#11 {}: {why}; kiểm tra đường dẫn và cài trình điều khiển của thiết bị \
         (the module does not load; check the path and install the device's driver)",
        module.display()
    )]
    Module {
        /// The module's file.
        module: PathBuf,
        /// What the system or the module said.
        why: String,
    },
    /// No token has the label.
    #[error(
        "không có token nhãn {label:?}; đang cắm: {present}. Cắm thiết bị, hoặc sửa nhãn theo `lienthong token list` \
         (no such token; plug it in, or correct the label)"
    )]
    NoToken {
        /// The label asked for.
        label: String,
        /// The labels found.
        present: String,
    },
    /// Several tokens have the label.
    #[error(
        "{count} token cùng nhãn {label:?}: rút bớt hoặc đổi nhãn (several tokens have this label; unplug or rename)"
    )]
    TokenAmbiguous {
        /// The label.
        label: String,
        /// How many.
        count: usize,
    },
    /// The PIN is wrong.
    #[error(
        "PIN của token {token:?} không đúng; không thử lại tự động để khỏi khóa token. Sửa PIN rồi khởi động lại hoặc \
         gửi SIGHUP (the PIN is wrong; it is not tried again by itself, so that the token does not lock)"
    )]
    PinWrong {
        /// The token's label.
        token: String,
    },
    /// The PIN is locked, or one try from it.
    #[error(
        "PIN của token {token:?} đã khóa hoặc chỉ còn một lần thử: mở khóa bằng công cụ của nhà cung cấp (SO PIN) rồi \
         thử lại (the PIN is locked or at its last try; unlock it with the vendor's tool)"
    )]
    PinLocked {
        /// The token's label.
        token: String,
    },
    /// The token asks for a PIN and none was given.
    #[error("token {token:?} cần PIN: đặt `pin` trong cấu hình hoặc dùng --pin (the token needs a PIN)")]
    PinMissing {
        /// The token's label.
        token: String,
    },
    /// Not the length of a PIN.
    #[error("PIN dài {length} byte; cần 1 đến 255 (a PIN has 1 to 255 bytes)")]
    PinLength {
        /// Bytes found.
        length: usize,
    },
    /// Not a name of a key.
    #[error("{name:?} không phải nhãn khóa hay id:HEX (neither a key's label nor id:HEX)")]
    KeyName {
        /// What was written.
        name: String,
    },
    /// The token has no such private key.
    #[error(
        "token {token:?} không có khóa riêng {key:?}; xem `lienthong token list --pin` (the token has no such private key)"
    )]
    NoKey {
        /// The token's label.
        token: String,
        /// The key asked for.
        key: String,
    },
    /// The token has several such private keys.
    #[error("token {token:?} có {count} khóa {key:?}: chọn bằng id:HEX (several such keys; choose one by id:HEX)")]
    KeyAmbiguous {
        /// The token's label.
        token: String,
        /// The key asked for.
        key: String,
        /// How many.
        count: usize,
    },
    /// A kind of key or a mechanism that is not usable here.
    #[error("khóa {key:?} không dùng được: {why} (the key is of no use here)")]
    KeyUnsuitable {
        /// The key.
        key: String,
        /// What is missing.
        why: String,
    },
    /// The token came back with another key under the same name.
    #[error(
        "khóa {key:?} trên token không còn là khóa lúc khởi động: gửi SIGHUP sau khi đổi chứng thư \
         (the key is another than at start; replace the certificate and send SIGHUP)"
    )]
    KeyChanged {
        /// The key.
        key: String,
    },
    /// The device is away or in disorder.
    #[error("thiết bị không dùng được: {why}; cắm lại hoặc kiểm tra HSM (the device is away or in disorder)")]
    Away {
        /// What the module said.
        why: String,
    },
    /// The device did not answer.
    #[error("thiết bị không trả lời trong {} giây; kiểm tra HSM (the device does not answer)", limit.as_secs())]
    Silent {
        /// How long was waited.
        limit: Duration,
    },
}

impl TokenError {
    /// The public code.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Away { .. } | Self::Silent { .. } | Self::NoToken { .. } => ErrorCode::KeyUnavailable,
            Self::Module { .. }
            | Self::TokenAmbiguous { .. }
            | Self::PinWrong { .. }
            | Self::PinLocked { .. }
            | Self::PinMissing { .. }
            | Self::PinLength { .. }
            | Self::KeyName { .. }
            | Self::NoKey { .. }
            | Self::KeyAmbiguous { .. }
            | Self::KeyUnsuitable { .. }
            | Self::KeyChanged { .. } => ErrorCode::InvalidArgument,
        }
    }

    /// Whether a new session may help: the token was taken out, or the module lost its state.
    pub(crate) const fn is_passing(&self) -> bool {
        matches!(self, Self::Away { .. })
    }

    /// Whether trying again with the same PIN would come closer to locking the token.
    pub(crate) const fn is_about_the_pin(&self) -> bool {
        matches!(self, Self::PinWrong { .. } | Self::PinLocked { .. })
    }
}

/// What a module said about a call that is not special.
pub(crate) fn away(error: &Error) -> TokenError {
    TokenError::Away { why: error.to_string() }
}

/// What a module said about logging in to `token`.
pub(crate) fn login(error: &Error, token: &str) -> TokenError {
    let token = token.to_owned();
    match error {
        Error::Pkcs11(RvError::PinIncorrect | RvError::PinInvalid | RvError::PinLenRange, _) => {
            TokenError::PinWrong { token }
        }
        Error::Pkcs11(RvError::PinLocked | RvError::PinExpired, _) => TokenError::PinLocked { token },
        other => away(other),
    }
}

impl From<TokenError> for SignError {
    fn from(error: TokenError) -> Self {
        Self::Unavailable { why: error.to_string() }
    }
}
