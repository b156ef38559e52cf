//! The protocol of a link without its transport: frames in, actions out.

mod receiving;
mod sending;
mod violation;

use bytes::Bytes;
use types::{ErrorCode, NodeId};
use wire::relay_v1::{self as pb, frame::Body};

pub use violation::Violation;

use crate::{Acceptance, Limits, Offer, Reason, Refusal, TransferOutcome};
use receiving::Receiving;
use sending::Sending;

/// Versions of the protocol that this side speaks.
const VERSIONS: (u32, u32) = (1, 1);

/// Bytes of a chunk that Hello may name. Below, headers cost more than content; above, a chunk is no longer a small
/// piece beside gRPC's 4 MiB message.
const CHUNK_RANGE: std::ops::RangeInclusive<u32> = 4 * 1024..=1024 * 1024;

/// Bytes of one frame: gRPC's usual 4 MiB for a message, less its wrapping. The largest offer is about 3 MiB.
pub(crate) const FRAME_MAX: usize = 4 * 1024 * 1024 - 64;

/// Chunks of one transfer received and not written. Bounds the memory that many tiny chunks would take.
pub(crate) const CHUNKS_MAX: u32 = 256;

/// The other side, as its Hello describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its name for itself.
    pub node: NodeId,
    /// The version both sides use.
    pub version: u32,
    /// Most bytes of a chunk that both sides take.
    pub chunk_max: u32,
    /// Most bytes that it takes inline.
    pub inline_max: u32,
    /// Most transfers that it takes at once.
    pub transfers_max: u32,
}

/// What the shell must do after a frame.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Nothing: the frame crossed the end of its transfer, or belongs to a later version.
    Ignore,
    /// The link is open.
    Greeted(Peer),
    /// Send this frame.
    Reply(Box<pb::Frame>),
    /// Decide about the offer, then call `send_from`, `already_have` or `refuse`.
    Decide {
        /// The transfer.
        transfer: u64,
        /// What is offered.
        offer: Box<Offer>,
        /// Its whole content, when it came along.
        inline: Option<Bytes>,
    },
    /// Write these bytes, then call `written`.
    Write {
        /// The transfer.
        transfer: u64,
        /// The next bytes.
        data: Bytes,
    },
    /// Commit the content, then call `accept` or `refuse`.
    Finish {
        /// The transfer.
        transfer: u64,
    },
    /// Drop the content, keeping what is there, then call `refuse` with any reason: nothing is sent.
    Abandon {
        /// The transfer.
        transfer: u64,
    },
    /// Send the content from here: `chunk` up to `sendable`, at the end `finish`.
    Read {
        /// The transfer.
        transfer: u64,
        /// First byte.
        offset: u64,
    },
    /// `sendable` has grown.
    Credited {
        /// The transfer.
        transfer: u64,
    },
    /// An offer of this side has ended.
    Settle {
        /// The transfer.
        transfer: u64,
        /// How.
        outcome: TransferOutcome,
    },
    /// Make no more offers.
    StopOffering,
    /// The other side has said goodbye; `None` when all is well.
    End(Option<Reason>),
}

/// Both halves of one link. After a [`Violation`] the link must be closed and this value dropped.
#[derive(Debug)]
pub struct LinkState {
    limits: Limits,
    peer: Option<Peer>,
    sending: Sending,
    receiving: Receiving,
}

impl LinkState {
    /// A link with nothing on it, and the Hello to send first.
    #[must_use]
    pub fn new(node: &NodeId, limits: &Limits) -> (Self, pb::Frame) {
        let (version_min, version_max) = VERSIONS;
        let hello = pb::Hello {
            node: node.to_string(),
            version_min,
            version_max,
            features: Vec::new(),
            chunk_max: limits.chunk_max,
            inline_max: limits.inline_max,
            transfers_max: limits.incoming_max,
        };
        let state = Self {
            limits: limits.clone(),
            peer: None,
            sending: Sending::default(),
            receiving: Receiving::new(limits.clone()),
        };
        (state, frame(Body::Hello(hello)))
    }

    /// Takes one frame of the other side.
    ///
    /// # Errors
    /// The violation that ends the link.
    pub fn on_frame(&mut self, frame: pb::Frame) -> Result<Action, Violation> {
        let Some(body) = frame.body else { return Ok(Action::Ignore) };
        if self.peer.is_none() && !matches!(body, Body::Hello(_) | Body::Goodbye(_)) {
            return Err(Violation::HelloMissing);
        }
        match body {
            Body::Hello(hello) => self.on_hello(&hello),
            Body::Offer(offer) => self.receiving.on_offer(offer),
            Body::OfferReply(reply) => self.sending.on_reply(reply),
            Body::Chunk(chunk) => self.receiving.on_chunk(chunk),
            Body::Credit(credit) => self.sending.on_credit(credit),
            Body::Finished(finished) => self.receiving.on_finished(finished),
            Body::Withdrawn(withdrawn) => self.receiving.on_withdrawn(&withdrawn),
            Body::Accepted(accepted) => self.sending.on_accepted(accepted),
            Body::Refused(refused) => self.sending.on_refused(refused),
            Body::Draining(_) => Ok(Action::StopOffering),
            Body::Goodbye(goodbye) => Ok(Action::End(farewell(&goodbye))),
        }
    }

    fn on_hello(&mut self, hello: &pb::Hello) -> Result<Action, Violation> {
        if self.peer.is_some() {
            return Err(Violation::HelloRepeated);
        }
        let invalid = |problem: String| Violation::HelloInvalid { problem };
        let (own_min, own_max) = VERSIONS;
        let (peer_min, peer_max) = (hello.version_min, hello.version_max);
        let version = own_max.min(peer_max);
        if version < own_min.max(peer_min) {
            return Err(Violation::NoCommonVersion { own_min, own_max, peer_min, peer_max });
        }
        if !CHUNK_RANGE.contains(&hello.chunk_max) {
            return Err(invalid(format!("chunk_max is {}", hello.chunk_max)));
        }
        if hello.transfers_max == 0 {
            return Err(invalid("transfers_max is 0".into()));
        }
        let peer = Peer {
            node: hello.node.parse().map_err(|error| invalid(format!("{error}")))?,
            version,
            chunk_max: hello.chunk_max.min(self.limits.chunk_max),
            inline_max: hello.inline_max,
            transfers_max: hello.transfers_max,
        };
        self.peer = Some(peer.clone());
        Ok(Action::Greeted(peer))
    }

    /// Nothing is open in either direction.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.sending.open() == 0 && self.receiving.open() == 0
    }

    /// Open transfers of the other side.
    #[must_use]
    pub fn receiving(&self) -> usize {
        self.receiving.open()
    }

    /// Opens a transfer; gives its number and the frame to send. The caller keeps to [`Peer::transfers_max`] and
    /// [`Peer::inline_max`].
    ///
    /// # Errors
    /// `limit_exceeded` when the offer does not fit one message.
    pub fn offer(&mut self, offer: &Offer, inline: Option<Bytes>) -> Result<(u64, pb::Frame), Reason> {
        self.sending.offer(offer, inline)
    }

    /// Bytes that the next chunk of `transfer` may have: 0 to wait, or at the end.
    #[must_use]
    pub fn sendable(&self, transfer: u64) -> usize {
        let chunk_max = self.peer.as_ref().map_or(0, |peer| peer.chunk_max);
        usize::try_from(self.sending.sendable(transfer).min(u64::from(chunk_max))).unwrap_or(0)
    }

    /// The next chunk; `None` when the transfer has ended meanwhile, or `data` is more than `sendable`.
    pub fn chunk(&mut self, transfer: u64, data: Bytes) -> Option<pb::Frame> {
        self.sending.chunk(transfer, data)
    }

    /// The end of the content; `None` while bytes are left to send.
    pub fn finish(&mut self, transfer: u64) -> Option<pb::Frame> {
        self.sending.finish(transfer)
    }

    /// Gives an offer of this side up; the frame that says so, where one is needed.
    pub fn withdraw(&mut self, transfer: u64, code: ErrorCode) -> Option<pb::Frame> {
        self.sending.withdraw(transfer, code)
    }

    /// Takes the content of an offer from `offset`. `None` when it came inline or was withdrawn.
    pub fn send_from(&mut self, transfer: u64, offset: u64) -> Option<pb::Frame> {
        self.receiving.send_from(transfer, offset)
    }

    /// One chunk was written; the credit to send, when there is some.
    pub fn written(&mut self, transfer: u64, bytes: u64) -> Option<pb::Frame> {
        self.receiving.written(transfer, bytes)
    }

    /// Answers an offer with the first receipt. Ends the transfer.
    pub fn already_have(&mut self, transfer: u64, acceptance: &Acceptance) -> Option<pb::Frame> {
        self.receiving.already_have(transfer, acceptance)
    }

    /// The hop's acknowledgement. Ends the transfer.
    pub fn accept(&mut self, transfer: u64, acceptance: &Acceptance) -> Option<pb::Frame> {
        self.receiving.accept(transfer, acceptance)
    }

    /// Refuses an offer or its content. Ends the transfer; nothing to send for one that was withdrawn.
    pub fn refuse(&mut self, transfer: u64, refusal: &Refusal) -> Option<pb::Frame> {
        self.receiving.refuse(transfer, refusal)
    }

    /// Takes no more offers: those that still come are refused with `shutting_down`.
    pub fn drain(&mut self) -> pb::Frame {
        self.receiving.drain();
        frame(Body::Draining(pb::Draining {}))
    }
}

/// The last frame of a side.
#[must_use]
pub fn goodbye(code: Option<ErrorCode>, text: impl Into<String>) -> pb::Frame {
    let code = code.map_or("", ErrorCode::as_str).to_owned();
    frame(Body::Goodbye(pb::Goodbye { code, text: text.into() }))
}

fn farewell(goodbye: &pb::Goodbye) -> Option<Reason> {
    let code = ErrorCode::from_text(&goodbye.code).unwrap_or(ErrorCode::PeerUnavailable);
    let text: String = goodbye.text.chars().take(256).collect();
    (!goodbye.code.is_empty()).then(|| Reason::new(code, text))
}

fn frame(body: Body) -> pb::Frame {
    pb::Frame { body: Some(body) }
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod properties;
