//! What a packet is about: kind, business type, urgency and secrecy.

/// Which of the two packets of QCVN 102:2016 this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PacketKind {
    /// A document with its header, manifest and attachments.
    Document,
    /// A processing status of an earlier document; no body, no attachments.
    Status,
}

/// `BussinessDocType` of QCVN 102:2016: what the document does to an earlier one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BusinessType {
    /// 0: a new document (văn bản mới).
    #[default]
    New,
    /// 1: takes an earlier document back (thu hồi).
    Revoke,
    /// 2: changes an earlier document or its receivers (cập nhật).
    Update,
    /// 3: replaces an earlier document (thay thế).
    Replace,
}

impl BusinessType {
    /// The number on the wire.
    #[must_use]
    pub const fn as_number(self) -> u8 {
        match self {
            Self::New => 0,
            Self::Revoke => 1,
            Self::Update => 2,
            Self::Replace => 3,
        }
    }

    /// The type a wire number stands for, `None` outside 0–3.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::New),
            1 => Some(Self::Revoke),
            2 => Some(Self::Update),
            3 => Some(Self::Replace),
            _ => None,
        }
    }
}

/// Lane of a delivery, from `Priority` (độ khẩn) of QCVN 102:2016. `Ord`: more urgent is greater.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lane {
    /// 0: thường.
    #[default]
    Normal,
    /// 1: khẩn.
    Urgent,
    /// 2: thượng khẩn.
    VeryUrgent,
    /// 3: hỏa tốc.
    Express,
}

impl Lane {
    /// All lanes, the most urgent first.
    pub const ALL: [Self; 4] = [Self::Express, Self::VeryUrgent, Self::Urgent, Self::Normal];

    /// The `Priority` number on the wire.
    #[must_use]
    pub const fn as_number(self) -> u8 {
        match self {
            Self::Normal => 0,
            Self::Urgent => 1,
            Self::VeryUrgent => 2,
            Self::Express => 3,
        }
    }

    /// The lane a `Priority` number stands for, `None` outside 0–3.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Normal),
            1 => Some(Self::Urgent),
            2 => Some(Self::VeryUrgent),
            3 => Some(Self::Express),
            _ => None,
        }
    }
}

/// Secrecy mark (độ mật). Everything above `Open` is refused: such documents never travel here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Secrecy {
    /// No mark.
    #[default]
    Open,
    /// Mật.
    Secret,
    /// Tối mật.
    TopSecret,
    /// Tuyệt mật.
    UltraSecret,
}
