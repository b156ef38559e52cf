//! The sending half of a link: offers made, credit held.

use std::collections::BTreeMap;

use bytes::Bytes;
use prost::Message;
use types::ErrorCode;
use wire::relay_v1::{self as pb, frame::Body, offer_reply::Answer};

use super::{Action, FRAME_MAX, Violation, frame};
use crate::convert::{acceptance_from_wire, offer_to_wire, refusal_from_wire};
use crate::{Offer, Reason, TransferOutcome};

/// An offer of this side, until it is answered for good.
#[derive(Debug)]
enum Transfer {
    Offered {
        length: u64,
        is_inline: bool,
    },
    Sending {
        length: u64,
        offset: u64,
        credit: u64,
    },
    /// Everything is sent; the other side commits.
    Finished,
}

#[derive(Debug, Default)]
pub(super) struct Sending {
    last: u64,
    open: BTreeMap<u64, Transfer>,
}

impl Sending {
    pub(super) fn open(&self) -> usize {
        self.open.len()
    }

    pub(super) fn offer(&mut self, offer: &Offer, inline: Option<Bytes>) -> Result<(u64, pb::Frame), Reason> {
        let transfer = self.last + 1;
        let open = Transfer::Offered { length: offer.length, is_inline: inline.is_some() };
        let frame = frame(Body::Offer(offer_to_wire(offer, transfer, inline)));
        if frame.encoded_len() > FRAME_MAX {
            return Err(Reason::new(ErrorCode::LimitExceeded, "the offer does not fit a message of the link"));
        }
        self.last = transfer;
        self.open.insert(transfer, open);
        Ok((transfer, frame))
    }

    pub(super) fn sendable(&self, transfer: u64) -> u64 {
        match self.open.get(&transfer) {
            Some(Transfer::Sending { length, offset, credit }) => (*credit).min(length - offset),
            Some(Transfer::Offered { .. } | Transfer::Finished) | None => 0,
        }
    }

    /// The chunk's frame, `None` when the transfer has ended meanwhile or the bytes are more than it may send.
    pub(super) fn chunk(&mut self, transfer: u64, data: Bytes) -> Option<pb::Frame> {
        let count = u64::try_from(data.len()).ok()?;
        if count == 0 || count > self.sendable(transfer) {
            return None;
        }
        let Some(Transfer::Sending { offset, credit, .. }) = self.open.get_mut(&transfer) else { return None };
        let chunk = pb::Chunk { transfer, offset: *offset, data };
        *offset += count;
        *credit -= count;
        Some(frame(Body::Chunk(chunk)))
    }

    /// The end of the content, once all of it is sent.
    pub(super) fn finish(&mut self, transfer: u64) -> Option<pb::Frame> {
        match self.open.get_mut(&transfer) {
            Some(open @ Transfer::Sending { .. }) => {
                let Transfer::Sending { length, offset, .. } = open else { return None };
                if offset != length {
                    return None;
                }
                *open = Transfer::Finished;
                Some(frame(Body::Finished(pb::Finished { transfer })))
            }
            Some(Transfer::Offered { .. } | Transfer::Finished) | None => None,
        }
    }

    /// Gives a transfer up; `None` when it has ended, or everything is sent and its answer will come.
    pub(super) fn withdraw(&mut self, transfer: u64, code: ErrorCode) -> Option<pb::Frame> {
        match self.open.get(&transfer) {
            // Everything is sent: the answer will come, and only then does the other side have the place free.
            Some(Transfer::Finished | Transfer::Offered { is_inline: true, .. }) | None => None,
            Some(Transfer::Offered { .. } | Transfer::Sending { .. }) => {
                self.open.remove(&transfer);
                Some(frame(Body::Withdrawn(pb::Withdrawn { transfer, code: code.as_str().to_owned() })))
            }
        }
    }

    pub(super) fn on_reply(&mut self, reply: pb::OfferReply) -> Result<Action, Violation> {
        let transfer = reply.transfer;
        let malformed = |problem: &wire::FieldError| Violation::Malformed {
            frame: "OfferReply",
            transfer,
            problem: problem.to_string(),
        };
        let Some(open) = self.find("OfferReply", transfer)? else { return Ok(Action::Ignore) };
        let Transfer::Offered { length, is_inline } = *open else {
            return Err(Violation::OutOfTurn { frame: "OfferReply", transfer });
        };
        match reply.answer {
            Some(Answer::SendFrom(_)) if is_inline => Err(Violation::OutOfTurn { frame: "SendFrom", transfer }),
            Some(Answer::SendFrom(pb::SendFrom { offset, credit })) => {
                if offset > length {
                    return Err(Violation::OffsetBeyondEnd { offset, length });
                }
                *open = Transfer::Sending { length, offset, credit };
                Ok(Action::Read { transfer, offset })
            }
            Some(Answer::AlreadyHave(acceptance)) => {
                let acceptance = acceptance_from_wire(Some(acceptance)).map_err(|error| malformed(&error))?;
                Ok(self.settle(transfer, TransferOutcome::Accepted(acceptance)))
            }
            Some(Answer::Refused(refusal)) => {
                let refusal = refusal_from_wire(Some(refusal)).map_err(|error| malformed(&error))?;
                Ok(self.settle(transfer, TransferOutcome::Refused(refusal)))
            }
            None => {
                Err(Violation::Malformed { frame: "OfferReply", transfer, problem: "an answer is required".into() })
            }
        }
    }

    pub(super) fn on_credit(&mut self, credit: pb::Credit) -> Result<Action, Violation> {
        let pb::Credit { transfer, bytes } = credit;
        match self.find("Credit", transfer)? {
            Some(Transfer::Sending { credit, .. }) => {
                let sum = credit.checked_add(bytes).filter(|_| bytes > 0);
                *credit = sum.ok_or(Violation::CreditInvalid { bytes })?;
                Ok(Action::Credited { transfer })
            }
            // The last bytes were written after the end was sent.
            Some(Transfer::Finished) | None => Ok(Action::Ignore),
            Some(Transfer::Offered { .. }) => Err(Violation::OutOfTurn { frame: "Credit", transfer }),
        }
    }

    pub(super) fn on_accepted(&mut self, accepted: pb::Accepted) -> Result<Action, Violation> {
        let transfer = accepted.transfer;
        match self.find("Accepted", transfer)? {
            Some(Transfer::Finished | Transfer::Offered { is_inline: true, .. }) => {
                let acceptance = acceptance_from_wire(accepted.acceptance).map_err(|error| Violation::Malformed {
                    frame: "Accepted",
                    transfer,
                    problem: error.to_string(),
                })?;
                Ok(self.settle(transfer, TransferOutcome::Accepted(acceptance)))
            }
            Some(_) => Err(Violation::OutOfTurn { frame: "Accepted", transfer }),
            None => Ok(Action::Ignore),
        }
    }

    pub(super) fn on_refused(&mut self, refused: pb::Refused) -> Result<Action, Violation> {
        let transfer = refused.transfer;
        if self.find("Refused", transfer)?.is_none() {
            return Ok(Action::Ignore);
        }
        let refusal = refusal_from_wire(refused.refusal).map_err(|error| Violation::Malformed {
            frame: "Refused",
            transfer,
            problem: error.to_string(),
        })?;
        Ok(self.settle(transfer, TransferOutcome::Refused(refusal)))
    }

    fn settle(&mut self, transfer: u64, outcome: TransferOutcome) -> Action {
        self.open.remove(&transfer);
        Action::Settle { transfer, outcome }
    }

    /// The open transfer, `None` for one that has ended.
    fn find(&mut self, frame: &'static str, transfer: u64) -> Result<Option<&mut Transfer>, Violation> {
        if transfer == 0 || transfer > self.last {
            return Err(Violation::UnknownTransfer { frame, transfer });
        }
        Ok(self.open.get_mut(&transfer))
    }
}
