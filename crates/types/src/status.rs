//! Status codes of QCVN 102:2016 and their order.

use std::fmt;

/// `StatusCode` of a status packet. Prints as its two digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StatusCode {
    /// 01: đã đến — arrived in the receiver's software.
    Arrived,
    /// 02: từ chối tiếp nhận — refused.
    Refused,
    /// 03: đã tiếp nhận — registered.
    Registered,
    /// 04: phân công — assigned.
    Assigned,
    /// 05: đang xử lý — in progress.
    InProgress,
    /// 06: hoàn thành — finished.
    Finished,
    /// 13: lấy lại — the sender asks to take the document back.
    TakeBack,
    /// 15: đồng ý — the receiver agrees to 13, or to an update or revocation.
    Agreed,
    /// 16: từ chối — the receiver refuses 13, an update or a revocation.
    Declined,
}

impl StatusCode {
    /// All codes of the standard.
    pub const ALL: [Self; 9] = [
        Self::Arrived,
        Self::Refused,
        Self::Registered,
        Self::Assigned,
        Self::InProgress,
        Self::Finished,
        Self::TakeBack,
        Self::Agreed,
        Self::Declined,
    ];

    /// The number on the wire.
    #[must_use]
    pub const fn as_number(self) -> u8 {
        match self {
            Self::Arrived => 1,
            Self::Refused => 2,
            Self::Registered => 3,
            Self::Assigned => 4,
            Self::InProgress => 5,
            Self::Finished => 6,
            Self::TakeBack => 13,
            Self::Agreed => 15,
            Self::Declined => 16,
        }
    }

    /// The code a wire number stands for.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.as_number() == number)
    }

    /// True for codes that the sender of the document reports; the receiver reports the others.
    #[must_use]
    pub const fn is_from_sender(self) -> bool {
        matches!(self, Self::TakeBack)
    }

    /// Vietnamese name, as clerks know it.
    #[must_use]
    pub const fn name_vi(self) -> &'static str {
        match self {
            Self::Arrived => "đã đến",
            Self::Refused => "từ chối tiếp nhận",
            Self::Registered => "đã tiếp nhận",
            Self::Assigned => "phân công",
            Self::InProgress => "đang xử lý",
            Self::Finished => "hoàn thành",
            Self::TakeBack => "lấy lại",
            Self::Agreed => "đồng ý",
            Self::Declined => "từ chối",
        }
    }
}

impl fmt::Display for StatusCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}", self.as_number())
    }
}
