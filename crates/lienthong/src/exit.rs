//! Exit codes: part of the contract with scripts, append only.

use types::ErrorCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Success,
    /// The node refused.
    Refused,
    /// The command line or the profile is wrong.
    Usage,
    /// The node does not have what was asked for.
    NotFound,
    /// No connection.
    Unreachable,
    /// A file on this machine.
    LocalFile,
    /// Something does not prove what it should: a digest, a signature, a packet.
    Unverified,
    /// The same command may succeed later.
    TryLater,
    /// A fault of the node or of this program.
    Internal,
    /// A signature is neither proved nor disproved.
    Undecided,
}

impl Exit {
    /// Every way to end, in the order of the numbers.
    pub(crate) const ALL: [Self; 10] = [
        Self::Success,
        Self::Refused,
        Self::Usage,
        Self::NotFound,
        Self::Unreachable,
        Self::LocalFile,
        Self::Unverified,
        Self::TryLater,
        Self::Internal,
        Self::Undecided,
    ];

    /// The process's exit code.
    pub(crate) const fn number(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Refused => 1,
            Self::Usage => 2,
            Self::NotFound => 3,
            Self::Unreachable => 4,
            Self::LocalFile => 5,
            Self::Unverified => 6,
            Self::TryLater => 7,
            Self::Internal => 8,
            Self::Undecided => 9,
        }
    }

    /// What it means, Vietnamese and English.
    pub(crate) const fn meaning(self) -> (&'static str, &'static str) {
        match self {
            Self::Success => ("Thành công", "done"),
            Self::Refused => ("Nút từ chối yêu cầu", "the node refused"),
            Self::Usage => ("Sai cú pháp lệnh hoặc tệp hồ sơ", "wrong command line or profile"),
            Self::NotFound => ("Không tìm thấy", "not found"),
            Self::Unreachable => ("Không kết nối được với nút", "cannot reach the node"),
            Self::LocalFile => ("Lỗi tệp trên máy này", "a file on this machine"),
            Self::Unverified => {
                ("Kiểm tra không đạt: mã băm, chữ ký hoặc gói tin", "verification failed: digest, signature or packet")
            }
            Self::TryLater => ("Nút đang bận, thử lại sau", "the node is busy, try again later"),
            Self::Internal => ("Lỗi nội bộ", "internal error"),
            Self::Undecided => {
                ("Chưa kết luận được về chữ ký (INDETERMINATE)", "a signature is neither proved nor disproved")
            }
        }
    }

    /// The exit that a node's answer leads to.
    pub(crate) fn of_answer(code: ErrorCode) -> Self {
        match code {
            ErrorCode::NotFound | ErrorCode::UnknownAgency | ErrorCode::ReferenceUnknown => Self::NotFound,
            ErrorCode::Internal => Self::Internal,
            other if other.is_retryable() => Self::TryLater,
            _ => Self::Refused,
        }
    }
}

/// The table for help texts.
pub(crate) fn table() -> String {
    let mut text = String::from("Mã thoát (exit codes):\n");
    for exit in Exit::ALL {
        let (vi, en) = exit.meaning();
        text.push_str(&format!("  {}  {vi} ({en})\n", exit.number()));
    }
    text
}

#[cfg(test)]
mod tests;
