//! The loop that owns a link's state.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use types::ErrorCode;
use wire::relay_v1::Frame;

use super::carry::Order;
use super::take::{Step, take};
use super::{Halves, LinkEnd, Shared, feed};
use crate::schedule::Schedule;
use crate::state::{Action, CHUNKS_MAX, LinkState, Violation};
use crate::{Acceptance, Offer, Outbox, Refusal, TransferOutcome};

/// Frames other than chunks that may wait to be sent. Honest neighbours cause a few per transfer; one that sends
/// but does not read is then not read from either.
const CONTROL_MAX: usize = 256;

/// Steps that can wait for a taker: all chunks that may be unanswered, and the end.
const STEPS: usize = CHUNKS_MAX as usize + 2;

/// What the tasks tell the loop. The channel needs no limit of its own: a carrier has one event under way, a taker
/// one per unanswered chunk.
pub(super) enum Event {
    Offer { offer: Box<Offer>, inline: Option<Bytes>, orders: mpsc::Sender<Order> },
    Chunk { transfer: u64, data: Bytes },
    Withdraw { transfer: u64, code: ErrorCode },
    Stalled,
    SendFrom { transfer: u64, offset: u64 },
    Written { transfer: u64, bytes: u64 },
    AlreadyHave { transfer: u64, acceptance: Acceptance },
    Accept { transfer: u64, acceptance: Acceptance },
    Refuse { transfer: u64, refusal: Refusal },
}

/// A transfer of this side.
struct Sending {
    orders: mpsc::Sender<Order>,
    /// Next byte to read.
    offset: u64,
    /// A chunk is being read or waits for its turn.
    is_busy: bool,
}

pub(super) struct Run<O: Outbox> {
    shared: Arc<Shared<O>>,
    state: LinkState,
    control: VecDeque<Frame>,
    schedule: Schedule,
    sending: HashMap<u64, Sending>,
    receiving: HashMap<u64, mpsc::Sender<Step>>,
    tell: mpsc::UnboundedSender<Event>,
    events: mpsc::UnboundedReceiver<Event>,
    is_draining: bool,
}

impl<O: Outbox> Run<O> {
    pub(super) fn new(shared: Arc<Shared<O>>, state: LinkState) -> Self {
        let (tell, events) = mpsc::unbounded_channel();
        Self {
            shared,
            state,
            control: VecDeque::new(),
            schedule: Schedule::default(),
            sending: HashMap::new(),
            receiving: HashMap::new(),
            tell,
            events,
            is_draining: false,
        }
    }

    /// Runs to the end of the link. What is still open then is given up by dropping `self`.
    pub(super) async fn run(mut self, halves: &mut Halves, replaced: CancellationToken) -> LinkEnd {
        feed::start(&self.shared, &self.tell);
        let stop = self.shared.stop.clone();
        let mut deadline = Instant::now();
        loop {
            tokio::select! {
                () = replaced.cancelled() => return LinkEnd::Replaced,
                () = stop.cancelled(), if !self.is_draining => {
                    deadline = Instant::now() + self.shared.links.limits.grace;
                    self.drain();
                }
                () = sleep_until(deadline), if self.is_draining => return LinkEnd::Stopped,
                frame = halves.incoming.next(), if self.control.len() < CONTROL_MAX => match frame {
                    Some(Ok(frame)) => if let Err(end) = self.on_frame(frame) {
                        return end;
                    },
                    Some(Err(reason)) => return LinkEnd::Lost { text: reason.text },
                    None => return LinkEnd::Lost { text: "the neighbour closed the stream".into() },
                },
                Some(event) = self.events.recv() => match event {
                    Event::Stalled => return LinkEnd::Lost { text: "a transfer made no progress".into() },
                    event => self.on_event(event),
                },
                place = halves.outgoing.reserve(), if self.has_frame() => match place {
                    Ok(place) => if let Some(frame) = self.next_frame() {
                        place.send(frame);
                    },
                    Err(_) => return LinkEnd::Lost { text: "the transport closed".into() },
                },
            }
            if self.is_draining && self.state.is_idle() && self.control.is_empty() {
                return LinkEnd::Stopped;
            }
        }
    }

    fn drain(&mut self) {
        self.is_draining = true;
        self.shared.no_offers.cancel();
        let frame = self.state.drain();
        self.control.push_back(frame);
    }

    fn on_frame(&mut self, frame: Frame) -> Result<(), LinkEnd> {
        match self.state.on_frame(frame)? {
            Action::Ignore | Action::Greeted(_) => {}
            Action::Reply(frame) => self.control.push_back(*frame),
            Action::Decide { transfer, offer, inline } => self.decide(transfer, *offer, inline),
            Action::Write { transfer, data } => self.write(transfer, data)?,
            Action::Finish { transfer } => self.step(transfer, Step::Finish)?,
            Action::Abandon { transfer } => {
                self.receiving.remove(&transfer);
            }
            Action::Read { transfer, offset } => {
                if let Some(sending) = self.sending.get_mut(&transfer) {
                    sending.offset = offset;
                }
                self.advance(transfer);
            }
            Action::Credited { transfer } => self.advance(transfer),
            Action::Settle { transfer, outcome } => self.settle(transfer, outcome),
            Action::StopOffering => self.shared.no_offers.cancel(),
            Action::End(reason) => return Err(LinkEnd::Farewell { reason }),
        }
        Ok(())
    }

    fn on_event(&mut self, event: Event) {
        let frame = match event {
            Event::Offer { offer, inline, orders } => self.offer(&offer, inline, orders),
            Event::Chunk { transfer, data } => {
                self.schedule.ready(transfer, data);
                None
            }
            Event::Withdraw { transfer, code } => {
                self.schedule.leave(transfer);
                self.sending.remove(&transfer);
                self.state.withdraw(transfer, code)
            }
            Event::Stalled => None,
            Event::SendFrom { transfer, offset } => self.state.send_from(transfer, offset),
            Event::Written { transfer, bytes } => self.state.written(transfer, bytes),
            Event::AlreadyHave { transfer, acceptance } => {
                self.taken(transfer);
                self.state.already_have(transfer, &acceptance)
            }
            Event::Accept { transfer, acceptance } => {
                self.taken(transfer);
                self.state.accept(transfer, &acceptance)
            }
            Event::Refuse { transfer, refusal } => {
                self.taken(transfer);
                self.state.refuse(transfer, &refusal)
            }
        };
        self.control.extend(frame);
    }

    fn has_frame(&self) -> bool {
        !self.control.is_empty() || self.schedule.has_next()
    }

    /// The next frame for the transport: answers before offers before content, in the order they arose.
    fn next_frame(&mut self) -> Option<Frame> {
        if let Some(frame) = self.control.pop_front() {
            return Some(frame);
        }
        let (transfer, data) = self.schedule.next()?;
        let bytes = data.len() as u64;
        let frame = self.state.chunk(transfer, data);
        if let Some(sending) = self.sending.get_mut(&transfer) {
            sending.offset += bytes;
            sending.is_busy = false;
        }
        self.shared.status.send_modify(|status| status.bytes_sent += bytes);
        self.advance(transfer);
        frame
    }

    fn offer(&mut self, offer: &Offer, inline: Option<Bytes>, orders: mpsc::Sender<Order>) -> Option<Frame> {
        if self.shared.no_offers.is_cancelled() {
            // Dropping the orders tells the carrier.
            return None;
        }
        let bytes = inline.as_ref().map_or(0, Bytes::len) as u64;
        let (transfer, frame) = match self.state.offer(offer, inline) {
            Ok(offered) => offered,
            Err(reason) => {
                drop(orders.try_send(Order::Settle(TransferOutcome::Failed(reason))));
                return None;
            }
        };
        self.schedule.join(transfer, offer.lane);
        drop(orders.try_send(Order::Offered(transfer)));
        self.sending.insert(transfer, Sending { orders, offset: 0, is_busy: false });
        self.shared.status.send_modify(|status| status.bytes_sent += bytes);
        Some(frame)
    }

    /// Asks for the next chunk when there is credit, says so when all is sent.
    fn advance(&mut self, transfer: u64) {
        let Some(sending) = self.sending.get_mut(&transfer) else { return };
        if sending.is_busy {
            return;
        }
        let count = self.state.sendable(transfer);
        if count > 0 {
            sending.is_busy = sending.orders.try_send(Order::Read { offset: sending.offset, count }).is_ok();
        } else {
            self.control.extend(self.state.finish(transfer));
        }
    }

    fn settle(&mut self, transfer: u64, outcome: TransferOutcome) {
        self.schedule.leave(transfer);
        if let Some(sending) = self.sending.remove(&transfer) {
            // A full channel cannot be: the carrier then sees its orders end, and fails the item for a later try.
            drop(sending.orders.try_send(Order::Settle(outcome)));
        }
    }

    fn decide(&mut self, transfer: u64, offer: Offer, inline: Option<Bytes>) {
        let (steps, receiver) = mpsc::channel(STEPS);
        let bytes = inline.as_ref().map_or(0, Bytes::len) as u64;
        self.receiving.insert(transfer, steps);
        let receiving = self.receiving.len() as u64;
        self.shared.status.send_modify(|status| {
            status.receiving = receiving;
            status.bytes_received += bytes;
        });
        let taker = take(Arc::clone(&self.shared), transfer, offer, inline, receiver, self.tell.clone());
        self.shared.tasks.spawn(taker);
    }

    fn write(&mut self, transfer: u64, data: Bytes) -> Result<(), Violation> {
        let bytes = data.len() as u64;
        self.shared.status.send_modify(|status| status.bytes_received += bytes);
        self.step(transfer, Step::Write(data))
    }

    fn step(&mut self, transfer: u64, step: Step) -> Result<(), Violation> {
        // A taker that is gone has already answered; the answer is among the events.
        match self.receiving.get(&transfer).map(|steps| steps.try_send(step)) {
            Some(Err(mpsc::error::TrySendError::Full(_))) => Err(Violation::TooManyChunks { max: CHUNKS_MAX }),
            Some(Ok(()) | Err(mpsc::error::TrySendError::Closed(_))) | None => Ok(()),
        }
    }

    fn taken(&mut self, transfer: u64) {
        self.receiving.remove(&transfer);
        let receiving = self.receiving.len() as u64;
        self.shared.status.send_modify(|status| status.receiving = receiving);
    }
}
