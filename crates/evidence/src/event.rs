//! What a receipt says has happened.

use std::fmt;

/// Event of a receipt, by its name in ETSI EN 319 522-1 (electronic registered delivery, evidence).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReceiptEvent {
    /// The first node has the document durably and answers for it from now on.
    SubmissionAcceptance,
    /// The first node did not take the document.
    SubmissionRejection,
    /// The document came from a system outside the network of nodes (the national axis); this node has it durably and
    /// answers for it from now on. EN 319 522-1, F.3.
    ReceivedFromNonERDS,
    /// The next node has the document durably and answers for it from now on.
    RelayAcceptance,
    /// The next node did not take the document.
    RelayRejection,
    /// The next node could not be reached in time.
    RelayFailure,
    /// A system outside the network of nodes (the national axis) has the document. EN 319 522-1, F.1.
    RelayToNonERDS,
    /// Such a system did not take the document. EN 319 522-1, F.2.
    RelayToNonERDSFailure,
    /// The document lies where its recipient can take it: the inbox, the agency's software, the axis.
    ContentConsignment,
    /// The document could not be laid there; it has gone back to its sender.
    ContentConsignmentFailure,
    /// The recipient's software has taken the document and confirmed it.
    ContentHandover,
}

impl ReceiptEvent {
    /// Every event, in the order in which a document meets them.
    pub const ALL: [Self; 11] = [
        Self::SubmissionAcceptance,
        Self::SubmissionRejection,
        Self::ReceivedFromNonERDS,
        Self::RelayAcceptance,
        Self::RelayRejection,
        Self::RelayFailure,
        Self::RelayToNonERDS,
        Self::RelayToNonERDSFailure,
        Self::ContentConsignment,
        Self::ContentConsignmentFailure,
        Self::ContentHandover,
    ];

    /// The name as it travels.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SubmissionAcceptance => "SubmissionAcceptance",
            Self::SubmissionRejection => "SubmissionRejection",
            Self::ReceivedFromNonERDS => "ReceivedFromNonERDS",
            Self::RelayToNonERDS => "RelayToNonERDS",
            Self::RelayToNonERDSFailure => "RelayToNonERDSFailure",
            Self::RelayAcceptance => "RelayAcceptance",
            Self::RelayRejection => "RelayRejection",
            Self::RelayFailure => "RelayFailure",
            Self::ContentConsignment => "ContentConsignment",
            Self::ContentConsignmentFailure => "ContentConsignmentFailure",
            Self::ContentHandover => "ContentHandover",
        }
    }

    /// The event that travels as `text`, `None` for any other text.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.as_str() == text)
    }

    /// Vietnamese name, as clerks read it.
    #[must_use]
    pub const fn name_vi(self) -> &'static str {
        match self {
            Self::SubmissionAcceptance => "đã nhận gửi",
            Self::SubmissionRejection => "từ chối nhận gửi",
            Self::ReceivedFromNonERDS => "đã nhận từ hệ thống ngoài (trục quốc gia)",
            Self::RelayToNonERDS => "hệ thống ngoài (trục quốc gia) đã nhận",
            Self::RelayToNonERDSFailure => "hệ thống ngoài (trục quốc gia) không nhận",
            Self::RelayAcceptance => "nút kế tiếp đã nhận",
            Self::RelayRejection => "nút kế tiếp từ chối",
            Self::RelayFailure => "không chuyển được đến nút kế tiếp",
            Self::ContentConsignment => "đã chuyển đến nơi nhận",
            Self::ContentConsignmentFailure => "không chuyển được đến nơi nhận",
            Self::ContentHandover => "nơi nhận đã lấy văn bản",
        }
    }

    /// True for the events that say no; their receipts carry a reason, and no others do.
    #[must_use]
    pub const fn is_failure(self) -> bool {
        matches!(
            self,
            Self::SubmissionRejection
                | Self::RelayRejection
                | Self::RelayFailure
                | Self::RelayToNonERDSFailure
                | Self::ContentConsignmentFailure
        )
    }

    /// True for the events that may be about something that could not be read: a packet without a usable header, or one
    /// that was refused before its end.
    #[must_use]
    pub const fn is_rejection(self) -> bool {
        matches!(self, Self::SubmissionRejection | Self::RelayRejection)
    }
}

impl fmt::Display for ReceiptEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
