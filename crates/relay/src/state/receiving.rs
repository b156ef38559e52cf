//! The receiving half of a link: offers taken, credit given.

use std::collections::BTreeMap;

use types::ErrorCode;
use wire::relay_v1::{self as pb, frame::Body, offer_reply::Answer};

use super::{Action, CHUNKS_MAX, Violation, frame};
use crate::convert::{acceptance_to_wire, offer_from_wire, refusal_to_wire};
use crate::{Acceptance, Limits, Refusal};

/// An offer of the other side, until this side has answered for good.
#[derive(Debug)]
enum Transfer {
    Deciding {
        length: u64,
        is_inline: bool,
    },
    Receiving(Progress),
    /// Everything is here; this side commits.
    Committing,
    /// The other side gave it up while this side was still busy with it.
    Abandoned {
        window: u64,
    },
}

#[derive(Debug)]
struct Progress {
    length: u64,
    received: u64,
    /// Most bytes this transfer may have under way.
    window: u64,
    /// Bytes that the other side may still send.
    credit: u64,
    /// Bytes written for which no credit went out.
    owed: u64,
    /// Chunks received and not written.
    waiting: u32,
}

#[derive(Debug)]
pub(super) struct Receiving {
    last: u64,
    open: BTreeMap<u64, Transfer>,
    limits: Limits,
    is_draining: bool,
}

impl Receiving {
    pub(super) fn new(limits: Limits) -> Self {
        Self { last: 0, open: BTreeMap::new(), limits, is_draining: false }
    }

    pub(super) fn open(&self) -> usize {
        self.open.len()
    }

    pub(super) fn drain(&mut self) {
        self.is_draining = true;
    }

    pub(super) fn on_offer(&mut self, mut offer: pb::Offer) -> Result<Action, Violation> {
        let transfer = offer.transfer;
        if transfer <= self.last {
            return Err(Violation::TransferNotRising { transfer, last: self.last });
        }
        self.last = transfer;
        let abandoned = self.open.values().filter(|open| matches!(open, Transfer::Abandoned { .. })).count();
        let max = usize::try_from(self.limits.incoming_max).unwrap_or(usize::MAX);
        if self.open.len() - abandoned >= max {
            return Err(Violation::TooManyTransfers { max: self.limits.incoming_max });
        }
        let inline = offer.inline.take();
        if let Some(inline) = &inline {
            let (found, max) = (inline.len() as u64, u64::from(self.limits.inline_max));
            if found > max || found != offer.length {
                return Err(Violation::InlineLength { found, declared: offer.length, max });
            }
        }
        if self.is_draining {
            return Ok(refuse_offer(transfer, &Refusal::new(ErrorCode::ShuttingDown, "the node is shutting down")));
        }
        if self.open.len() >= max {
            return Ok(refuse_offer(transfer, &Refusal::new(ErrorCode::Overloaded, "busy with abandoned transfers")));
        }
        // A packet that one side cannot name is that packet's problem, not the link's.
        match offer_from_wire(offer) {
            Ok(offer) => {
                let open = Transfer::Deciding { length: offer.length, is_inline: inline.is_some() };
                self.open.insert(transfer, open);
                Ok(Action::Decide { transfer, offer: Box::new(offer), inline })
            }
            Err(error) => Ok(refuse_offer(transfer, &Refusal::new(error.code(), error.to_string()))),
        }
    }

    pub(super) fn on_chunk(&mut self, chunk: pb::Chunk) -> Result<Action, Violation> {
        let pb::Chunk { transfer, offset, data } = chunk;
        let max = u64::from(self.limits.chunk_max);
        let found = data.len() as u64;
        if found == 0 || found > max {
            return Err(Violation::ChunkLength { found, max });
        }
        match self.find("Chunk", transfer)? {
            Some(Transfer::Receiving(progress)) => {
                progress.take(offset, found)?;
                Ok(Action::Write { transfer, data })
            }
            Some(Transfer::Abandoned { .. }) | None => Ok(Action::Ignore),
            Some(_) => Err(Violation::OutOfTurn { frame: "Chunk", transfer }),
        }
    }

    pub(super) fn on_finished(&mut self, finished: pb::Finished) -> Result<Action, Violation> {
        let transfer = finished.transfer;
        match self.find("Finished", transfer)? {
            Some(open @ Transfer::Receiving(_)) => {
                if let Transfer::Receiving(Progress { length, received, .. }) = open
                    && received != length
                {
                    return Err(Violation::ContentLength { found: *received, declared: *length });
                }
                *open = Transfer::Committing;
                Ok(Action::Finish { transfer })
            }
            Some(Transfer::Abandoned { .. }) | None => Ok(Action::Ignore),
            Some(_) => Err(Violation::OutOfTurn { frame: "Finished", transfer }),
        }
    }

    pub(super) fn on_withdrawn(&mut self, withdrawn: &pb::Withdrawn) -> Result<Action, Violation> {
        let transfer = withdrawn.transfer;
        match self.find("Withdrawn", transfer)? {
            Some(open @ (Transfer::Deciding { is_inline: false, .. } | Transfer::Receiving(_))) => {
                let window = if let Transfer::Receiving(progress) = open { progress.window } else { 0 };
                *open = Transfer::Abandoned { window };
                Ok(Action::Abandon { transfer })
            }
            None => Ok(Action::Ignore),
            Some(_) => Err(Violation::OutOfTurn { frame: "Withdrawn", transfer }),
        }
    }

    /// Takes the content from `offset`; `None` when there is nothing to ask for (inline, or given up).
    pub(super) fn send_from(&mut self, transfer: u64, offset: u64) -> Option<pb::Frame> {
        let window_used: u64 = self.open.values().map(Transfer::window).sum();
        let open = self.open.get_mut(&transfer)?;
        let Transfer::Deciding { length, is_inline } = *open else { return None };
        if is_inline {
            *open = Transfer::Committing;
            return None;
        }
        let offset = offset.min(length);
        let left = self.limits.window_link.saturating_sub(window_used);
        let window = self.limits.window.min(left).max(u64::from(self.limits.chunk_max));
        let credit = window.min(length - offset);
        *open = Transfer::Receiving(Progress { length, received: offset, window, credit, owed: 0, waiting: 0 });
        let answer = Answer::SendFrom(pb::SendFrom { offset, credit });
        Some(frame(Body::OfferReply(pb::OfferReply { transfer, answer: Some(answer) })))
    }

    /// One chunk of `bytes` is written; new credit when there is enough to be worth a frame.
    pub(super) fn written(&mut self, transfer: u64, bytes: u64) -> Option<pb::Frame> {
        let Some(Transfer::Receiving(progress)) = self.open.get_mut(&transfer) else { return None };
        let bytes = progress.written(bytes)?;
        Some(frame(Body::Credit(pb::Credit { transfer, bytes })))
    }

    pub(super) fn already_have(&mut self, transfer: u64, acceptance: &Acceptance) -> Option<pb::Frame> {
        if let Transfer::Abandoned { .. } = self.open.remove(&transfer)? {
            return None;
        }
        let answer = Answer::AlreadyHave(acceptance_to_wire(acceptance));
        Some(frame(Body::OfferReply(pb::OfferReply { transfer, answer: Some(answer) })))
    }

    pub(super) fn accept(&mut self, transfer: u64, acceptance: &Acceptance) -> Option<pb::Frame> {
        if let Transfer::Abandoned { .. } = self.open.remove(&transfer)? {
            return None;
        }
        let accepted = pb::Accepted { transfer, acceptance: Some(acceptance_to_wire(acceptance)) };
        Some(frame(Body::Accepted(accepted)))
    }

    pub(super) fn refuse(&mut self, transfer: u64, refusal: &Refusal) -> Option<pb::Frame> {
        match self.open.remove(&transfer)? {
            Transfer::Abandoned { .. } => None,
            Transfer::Deciding { .. } => Some(refusal_reply(transfer, refusal)),
            Transfer::Receiving(_) | Transfer::Committing => {
                let refused = pb::Refused { transfer, refusal: Some(refusal_to_wire(refusal)) };
                Some(frame(Body::Refused(refused)))
            }
        }
    }

    fn find(&mut self, frame: &'static str, transfer: u64) -> Result<Option<&mut Transfer>, Violation> {
        if transfer == 0 || transfer > self.last {
            return Err(Violation::UnknownTransfer { frame, transfer });
        }
        Ok(self.open.get_mut(&transfer))
    }
}

impl Transfer {
    fn window(&self) -> u64 {
        match self {
            Self::Receiving(progress) => progress.window,
            Self::Abandoned { window } => *window,
            Self::Deciding { .. } | Self::Committing => 0,
        }
    }
}

impl Progress {
    fn take(&mut self, offset: u64, count: u64) -> Result<(), Violation> {
        if offset != self.received {
            return Err(Violation::ChunkOffset { found: offset, expected: self.received });
        }
        if count > self.length - self.received {
            return Err(Violation::ContentLength { found: self.received.saturating_add(count), declared: self.length });
        }
        if count > self.credit {
            return Err(Violation::CreditExceeded { found: count, credit: self.credit });
        }
        if self.waiting >= CHUNKS_MAX {
            return Err(Violation::TooManyChunks { max: CHUNKS_MAX });
        }
        self.received += count;
        self.credit -= count;
        self.waiting += 1;
        Ok(())
    }

    /// The credit to give out. A quarter of the window at once: a frame per chunk would be many, a whole window late.
    fn written(&mut self, count: u64) -> Option<u64> {
        self.waiting = self.waiting.saturating_sub(1);
        self.owed += count;
        let wanted = (self.length - self.received).saturating_sub(self.credit);
        let grant = self.owed.min(wanted);
        if grant == 0 || self.owed < self.window / 4 {
            return None;
        }
        self.owed = 0;
        self.credit += grant;
        Some(grant)
    }
}

fn refusal_reply(transfer: u64, refusal: &Refusal) -> pb::Frame {
    let answer = Some(Answer::Refused(refusal_to_wire(refusal)));
    frame(Body::OfferReply(pb::OfferReply { transfer, answer }))
}

fn refuse_offer(transfer: u64, refusal: &Refusal) -> Action {
    Action::Reply(Box::new(refusal_reply(transfer, refusal)))
}
