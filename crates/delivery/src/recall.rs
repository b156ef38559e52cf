//! What a later packet of the sender does to the deliveries of an earlier document (QCVN 102:2016/BTTTT: revocation,
//! update, replacement, and status 13).
//!
//! | the earlier delivery \ the packet | withdraws (revocation, 13, receiver removed) | takes its place (replacement, update with content) | goes along (update without content) |
//! |---|---|---|---|
//! | waits for a hop, never tried | recall | replace | forward |
//! | in an inbox, never fetched | recall | replace | forward |
//! | may be with the next hop | forward | forward | forward |
//! | fetched from the inbox | forward | forward | forward |
//! | delivered, whatever its statuses | forward | forward | forward |
//! | returned for another reason | forward | forward | forward |
//! | recalled or replaced already | nothing | forward | forward |
//!
//! *Recall*: the delivery ends here, the receiver never sees the document, and the packet need not go either. *Replace*:
//! the delivery ends here and the packet goes in its place. *Forward*: the packet goes to the receiver, who answers 15 or
//! 16. *Nothing*: there is nothing left to withdraw.
//!
//! Only the node that holds an undelivered delivery ends it; for nodes before it the document is delivered onward, and they
//! forward the packet, which follows the document in order. Whatever may have reached another one counts as having reached
//! it: a packet that is forwarded needlessly meets its document at the next node, while a recall there would be a lie.

use types::{BusinessType, ErrorCode, StatusCode};

/// What a packet means for one receiver of the earlier document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Request {
    /// The receiver shall not have the document: a revocation, a take-back (13), an update that removes the receiver.
    Withdraw,
    /// The packet takes the document's place: a replacement, or an update that brings the content again.
    Supersede,
    /// The packet is to be read together with the document: an update that brings no content.
    Amend,
}

impl Request {
    /// What a document of this type means for a receiver it keeps; `None` for a new document, which acts on none.
    #[must_use]
    pub const fn of_document(business: BusinessType, content: UpdateContent) -> Option<Self> {
        match (business, content) {
            (BusinessType::New, _) => None,
            (BusinessType::Revoke, _) => Some(Self::Withdraw),
            (BusinessType::Replace, _) | (BusinessType::Update, UpdateContent::Whole) => Some(Self::Supersede),
            (BusinessType::Update, UpdateContent::HeaderOnly) => Some(Self::Amend),
        }
    }

    /// What a status of the document's sender means; `None` for every status but 13.
    #[must_use]
    pub const fn of_status(status: StatusCode) -> Option<Self> {
        match status {
            StatusCode::TakeBack => Some(Self::Withdraw),
            StatusCode::Arrived
            | StatusCode::Refused
            | StatusCode::Registered
            | StatusCode::Assigned
            | StatusCode::InProgress
            | StatusCode::Finished
            | StatusCode::Agreed
            | StatusCode::Declined => None,
        }
    }
}

/// Whether an update carries the document again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UpdateContent {
    /// It has attachments: in practice the whole document as it is now.
    Whole,
    /// It has none.
    HeaderOnly,
}

/// Where the earlier delivery stands at this node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// It waits for a hop, and no attempt was ever made: the next one cannot have it.
    Untried,
    /// It is being sent, or an attempt ended without a clear answer: the next one may have it.
    Tried,
    /// It lies in an inbox, and nobody has leased or read it.
    Unseen,
    /// It lies in an inbox, and was leased or read.
    Seen,
    /// The receiver confirmed it, or the next hop has it. Statuses (also 02, 06, 15) do not matter here.
    Delivered,
    /// It ended as [`ErrorCode::Recalled`] or [`ErrorCode::Replaced`].
    Recalled,
    /// It went back for another reason.
    Returned,
}

impl Standing {
    /// Every standing.
    pub const ALL: [Self; 7] =
        [Self::Untried, Self::Tried, Self::Unseen, Self::Seen, Self::Delivered, Self::Recalled, Self::Returned];

    /// Whether it is certain that nobody but this node has had the document for this receiver.
    #[must_use]
    pub const fn is_untouched(self) -> bool {
        matches!(self, Self::Untried | Self::Unseen)
    }
}

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// End the earlier delivery with [`ErrorCode::Recalled`]; the packet need not go to this receiver.
    Recall,
    /// End the earlier delivery with [`ErrorCode::Replaced`]; the packet goes in its place.
    Replace,
    /// Leave the earlier delivery; the packet goes to the receiver.
    Forward,
    /// Leave the earlier delivery, which has ended; the packet need not go to this receiver.
    Nothing,
}

impl Effect {
    /// The reason with which the earlier delivery ends, `None` when it is left as it is.
    #[must_use]
    pub const fn ends_with(self) -> Option<ErrorCode> {
        match self {
            Self::Recall => Some(ErrorCode::Recalled),
            Self::Replace => Some(ErrorCode::Replaced),
            Self::Forward | Self::Nothing => None,
        }
    }

    /// Whether the packet goes to the receiver.
    #[must_use]
    pub const fn sends_packet(self) -> bool {
        matches!(self, Self::Replace | Self::Forward)
    }
}

/// The table of the module's documentation.
#[must_use]
pub const fn effect(request: Request, earlier: Standing) -> Effect {
    use Standing::{Delivered, Recalled, Returned, Seen, Tried, Unseen, Untried};
    match (request, earlier) {
        (Request::Withdraw, Untried | Unseen) => Effect::Recall,
        (Request::Supersede, Untried | Unseen) => Effect::Replace,
        (Request::Withdraw, Recalled) => Effect::Nothing,
        (Request::Withdraw | Request::Supersede, Tried | Seen | Delivered | Returned)
        | (Request::Supersede, Recalled)
        | (Request::Amend, Untried | Tried | Unseen | Seen | Delivered | Recalled | Returned) => Effect::Forward,
    }
}

/// Whether the packet goes to a receiver, given what it does to each earlier document of that receiver.
///
/// A receiver that has none of them here gets it: nothing is known of what another node holds.
#[must_use]
pub fn sends_packet(effects: impl IntoIterator<Item = Effect>) -> bool {
    let mut effects = effects.into_iter().peekable();
    effects.peek().is_none() || effects.any(Effect::sends_packet)
}

/// Whether a delivery that ended with this reason was recalled or replaced by its sender.
#[must_use]
pub const fn is_recall(reason: ErrorCode) -> bool {
    matches!(reason, ErrorCode::Recalled | ErrorCode::Replaced)
}

#[cfg(test)]
mod tests;
