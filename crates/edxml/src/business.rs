//! `TraceHeaderList`: the hops of a packet, and what the document does to an earlier one.

use types::{BusinessType, DocumentId};

use crate::{EdxmlTimestamp, OrganId};

/// `TraceHeaderList` with its attributes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TraceHeaderList {
    /// Attribute `id`.
    pub id: Option<String>,
    /// Attribute `version`.
    pub version: Option<String>,
    /// Attribute `mustUnderstand`.
    pub must_understand: Option<String>,
    /// Attribute `actor`.
    pub actor: Option<String>,
    /// `TraceHeader` elements, the first hop first.
    pub hops: Vec<TraceHeader>,
    /// `Bussiness` (the standard's spelling).
    pub business: Option<Business>,
}

/// One hop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceHeader {
    /// `OrganId`: who had the packet.
    pub organ_id: OrganId,
    /// `Timestamp`: when.
    pub timestamp: EdxmlTimestamp,
}

/// `Bussiness`: what the document does to an earlier one, and who sent it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Business {
    /// `DocumentId` of the earlier document; new documents often repeat another id here, which then means nothing.
    pub document_id: Option<DocumentId>,
    /// `BussinessDocType`; a missing one means a new document.
    pub doc_type: Option<BusinessType>,
    /// `BussinessDocReason`.
    pub doc_reason: Option<String>,
    /// `Paper`: whether paper follows, by custom 0 or 1.
    pub paper: Option<i64>,
    /// `StaffInfo`.
    pub staff: Option<StaffInfo>,
    /// `BussinessDocumentInfo`, for updates.
    pub changed: Option<ChangedInfo>,
    /// `ReplacementInfoList`; `None` when absent.
    pub replacements: Option<Vec<Replacement>>,
}

/// `StaffInfo`: the clerk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StaffInfo {
    /// `Department`.
    pub department: Option<String>,
    /// `Staff`: the name.
    pub staff: Option<String>,
    /// `Email`.
    pub email: Option<String>,
    /// `Mobile`.
    pub mobile: Option<String>,
}

/// `BussinessDocumentInfo`: what an update changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangedInfo {
    /// `DocumentInfo`: by custom 1 when the content changes.
    pub document_info: Option<String>,
    /// `DocumentReceiver`: by custom 1 when the receivers change.
    pub document_receiver: Option<String>,
    /// `ReceiverList`; `None` when absent.
    pub receivers: Option<Vec<Receiver>>,
}

/// One receiver that an update adds or removes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receiver {
    /// `OrganId`.
    pub organ_id: OrganId,
    /// `ReceiverType`.
    pub change: ReceiverChange,
}

/// `ReceiverType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReceiverChange {
    /// 0: must no longer get the document.
    Removed,
    /// 1: must get the document.
    Added,
}

impl ReceiverChange {
    /// The number on the wire.
    #[must_use]
    pub const fn as_number(self) -> u8 {
        match self {
            Self::Removed => 0,
            Self::Added => 1,
        }
    }

    /// The change a wire number stands for, `None` outside 0–1.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Removed),
            1 => Some(Self::Added),
            _ => None,
        }
    }
}

/// `ReplacementInfo`: an earlier document that this one replaces, and for whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replacement {
    /// `DocumentId` of the replaced document.
    pub document_id: DocumentId,
    /// `OrganIdList`: the receivers concerned.
    pub organ_ids: Vec<OrganId>,
}
