//! What travels between simulated nodes: packets, answers, receipts.

use std::rc::Rc;

use delivery::recall::{Request, UpdateContent};
use queue::{Act, Concerned, DocumentKey, EntryKind};
use types::{AgencyCode, BusinessType, ErrorCode, ExchangeId, Lane, NodeId, StatusCode, UnixMillis};

/// A packet, as an offer with its content.
#[derive(Clone, Debug)]
pub(crate) struct Packet {
    pub(crate) exchange: ExchangeId,
    pub(crate) kind: EntryKind,
    pub(crate) key: DocumentKey,
    pub(crate) business: BusinessType,
    pub(crate) lane: Lane,
    pub(crate) due: Option<UnixMillis>,
    pub(crate) status: Option<StatusCode>,
    pub(crate) content: Vec<u8>,
    pub(crate) about: Option<DocumentKey>,
    pub(crate) recipients: Vec<AgencyCode>,
    pub(crate) hops: Vec<NodeId>,
}

impl Packet {
    /// What it asks of the document it is about: of the sender's own only.
    pub(crate) fn acts(&self) -> Vec<Act> {
        let request = match (self.kind, self.status) {
            (EntryKind::Document, _) => Request::of_document(self.business, UpdateContent::HeaderOnly),
            (EntryKind::Status, Some(status)) => Request::of_status(status),
            (EntryKind::Status | EntryKind::Receipt, _) => None,
        };
        let earlier = self.about.clone().filter(|about| about.sender == self.key.sender);
        let act = |(earlier, request)| Act { earlier, request, concerned: Concerned::All, text: String::new() };
        earlier.zip(request).map(act).into_iter().collect()
    }
}

/// What becomes of an offer.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// Taken, durably: the receipt of the acceptance.
    Accepted(Vec<u8>),
    /// Not taken.
    Refused(ErrorCode),
}

/// Something under way between two nodes.
#[derive(Clone, Debug)]
pub(crate) enum Body {
    Offer(Rc<Packet>),
    Answer(Answer),
    /// The other side is not there: the connection was refused.
    Unreachable,
}

/// Events of receipts, as in ETSI EN 319 522. Here a word and names, unsigned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    Accepted,
    Consigned,
    HandedOver,
    Failed,
}

impl Word {
    const ALL: [Self; 4] = [Self::Accepted, Self::Consigned, Self::HandedOver, Self::Failed];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "RelayAcceptance",
            Self::Consigned => "ContentConsignment",
            Self::HandedOver => "ContentHandover",
            Self::Failed => "ContentConsignmentFailure",
        }
    }
}

/// A receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Receipt {
    pub(crate) word: Word,
    pub(crate) node: String,
    pub(crate) exchange: ExchangeId,
    /// Tells receipts of one node apart.
    pub(crate) number: u64,
    pub(crate) recipients: Vec<AgencyCode>,
}

impl Receipt {
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let codes: Vec<&str> = self.recipients.iter().map(AgencyCode::as_str).collect();
        format!("{};{};{};{:x};{}", self.word.as_str(), self.node, self.exchange, self.number, codes.join(","))
            .into_bytes()
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        let mut parts = text.split(';');
        let word = parts.next()?;
        Some(Self {
            word: Word::ALL.into_iter().find(|known| known.as_str() == word)?,
            node: parts.next()?.to_owned(),
            exchange: parts.next()?.parse().ok()?,
            number: u64::from_str_radix(parts.next()?, 16).ok()?,
            recipients: parts.next()?.split(',').filter_map(|code| code.parse().ok()).collect(),
        })
    }
}

/// Several receipts as one content.
pub(crate) fn bundle(receipts: &[Vec<u8>]) -> Vec<u8> {
    receipts.join(&b'\n')
}

/// The receipts of a bundle.
pub(crate) fn unbundle(content: &[u8]) -> Vec<Vec<u8>> {
    content.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
}
