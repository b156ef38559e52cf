//! The world of the model: a node that sends, a link that loses, repeats and reorders, a node that receives.
//!
//! The deliveries in it are the real ones, stepped by [`Delivery::step`]; what a step asks for is carried out as the
//! store does it: the new value, the report it owes and whatever else is durable in one batch, everything that leaves
//! the node after that batch. A crash keeps what was committed and nothing else. Seconds are the unit of time.

use std::time::Duration;

use delivery::{Action, Delivery, Event, ParkReason, Retry, State};
use types::{ErrorCode, UnixMillis};

use crate::checker::Model;

/// From here on nothing more goes wrong: what is owed has to arrive.
const QUIET_AT: u64 = 2;
/// The last second: long enough after [`QUIET_AT`] for every lease and wait to end.
const END: u64 = QUIET_AT + 2;
/// The deadline of the document.
const DEADLINE: u64 = 2;
/// A claim lasts so long.
const LEASE: u64 = 1;

/// A defect to put in, so that the check is seen to find it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Defect {
    /// The world as it should be.
    None,
    /// The receiver takes every offer for a new one.
    NoDuplicateRecognition,
    /// The receiver acknowledges before its batch is on the disk.
    AcknowledgedBeforeCommit,
    /// The first node answers the submitter before its batch is on the disk.
    AnsweredBeforeCommit,
    /// What a step owes the sender is remembered in memory only.
    ReportInMemory,
    /// Leases are never looked after.
    LeasesForgotten,
    /// The receiver's receipt is sent once, not until it is acknowledged.
    ReceiptSentOnce,
}

/// Messages under way, as a set: one that is there may arrive any number of times, in any order, or never.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub(crate) enum Message {
    Offer = 1,
    Acknowledged = 2,
    RefusedForNow = 4,
    RefusedForGood = 8,
    Receipt = 16,
    ReceiptAcknowledged = 32,
}

impl Message {
    const fn is_for_sender(self) -> bool {
        !matches!(self, Self::Offer | Self::ReceiptAcknowledged)
    }
}

const MESSAGES: [Message; 6] = [
    Message::Offer,
    Message::Acknowledged,
    Message::RefusedForNow,
    Message::RefusedForGood,
    Message::Receipt,
    Message::ReceiptAcknowledged,
];

/// What the sender of the document is owed or was told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Told {
    pub(crate) delivered: bool,
    pub(crate) returned: bool,
}

/// A batch that is not on the disk yet.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Batch {
    /// The document is taken in.
    Accept,
    /// The document's delivery has moved.
    Step(Stored, Vec<Then>),
    /// The other node's receipt is recorded.
    Receipt,
}

/// What leaves a node after a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Then {
    Send(u8),
    Report(Told),
}

/// A delivery as it is on the disk, without the time of its last change, on which nothing depends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Stored {
    pub(crate) state: State,
    attempts: u32,
    next_at: u64,
    expires_at: u64,
    code: Option<ErrorCode>,
}

impl Stored {
    fn of(delivery: &Delivery) -> Self {
        let seconds = |at: UnixMillis| at.as_seconds();
        Self {
            state: delivery.state(),
            attempts: delivery.attempts(),
            next_at: seconds(delivery.next_at()),
            expires_at: seconds(delivery.expires_at()),
            code: delivery.code(),
        }
    }

    fn delivery(&self) -> Delivery {
        let Self { state, attempts, next_at, expires_at, code } = *self;
        let (next_at, expires_at) = (at(next_at), at(expires_at));
        let stored = delivery::Snapshot { state, attempts, next_at, expires_at, code, changed_at: at(0) };
        Delivery::from_snapshot(stored).expect("the model stores what the machine gave")
    }
}

fn at(second: u64) -> UnixMillis {
    UnixMillis::new(second * 1000)
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct World {
    now: u64,
    /// The submitter has its answer.
    pub(crate) answered: bool,
    /// The sending node's disk: the delivery, what it owes, the receipts of the other node (each once).
    pub(crate) delivery: Option<Stored>,
    pub(crate) owed: Told,
    pub(crate) receipts: u8,
    /// Its memory.
    sender_batch: Option<Batch>,
    remembered: Told,
    /// What the document's sender has heard.
    pub(crate) told: Told,
    /// The receiving node's disk: documents in the inbox, and the delivery of the receipt.
    pub(crate) consigned: u8,
    pub(crate) receipt: Option<Stored>,
    /// Its memory: a batch that takes the document in.
    receiver_batch: bool,
    link: u8,
    crashes: u8,
    orders: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Happening {
    Second,
    Submit,
    SenderCommits,
    ReceiverCommits,
    SenderCrashes,
    ReceiverCrashes,
    Arrives(Message),
    ArrivesAndStays(Message),
    IsLost(Message),
    IsRefused(Message),
    Claim,
    Extend,
    Due,
    Fails,
    Order(&'static str),
    Tell,
    ReceiptClaim,
    ReceiptDue,
}

impl Happening {
    /// Whether it can come about while the two nodes cannot reach each other.
    pub(crate) const fn needs_link(&self) -> bool {
        matches!(self, Self::Arrives(_) | Self::ArrivesAndStays(_) | Self::IsRefused(_))
    }

    /// Whether an operator has to act.
    pub(crate) const fn needs_operator(&self) -> bool {
        matches!(self, Self::Order(_))
    }
}

/// The two nodes and what may go wrong.
pub(crate) struct Nodes {
    pub(crate) defect: Defect,
    pub(crate) crashes: u8,
    pub(crate) orders: u8,
    retry: Retry,
}

impl Nodes {
    pub(crate) fn new(defect: Defect, crashes: u8, orders: u8) -> Self {
        let second = Duration::from_secs(1);
        let retry = Retry::try_new(second, second, 1, 2, 0).expect("a valid rule");
        Self { defect, crashes, orders, retry }
    }

    fn step(&self, world: &World, stored: &Stored, event: Event) -> Option<(Stored, Vec<Then>)> {
        let step = stored.delivery().step(event, at(world.now), &self.retry, 0);
        if !step.is_changed() {
            return None;
        }
        assert_eq!(step.actions.first(), Some(&Action::Persist), "a change is stored before anything else");
        let then = |action: &Action| match action {
            Action::Send => Some(Then::Send(Message::Offer as u8)),
            Action::ReportDelivered => Some(Then::Report(Told { delivered: true, returned: false })),
            Action::ReportReturned { .. } => Some(Then::Report(Told { delivered: false, returned: true })),
            _ => None,
        };
        Some((Stored::of(&step.delivery), step.actions.iter().filter_map(then).collect()))
    }

    /// An event for the document's delivery: its batch is opened, nothing is known outside yet.
    fn sender(&self, world: &World, event: Event) -> Option<World> {
        let stored = world.delivery.filter(|_| world.sender_batch.is_none())?;
        let (after, then) = self.step(world, &stored, event)?;
        Some(World { sender_batch: Some(Batch::Step(after, then)), ..world.clone() })
    }

    /// An event for the receipt's delivery at the other node; its batches are taken as committed at once.
    fn receiver(&self, world: &World, event: Event) -> Option<World> {
        let stored = world.receipt?;
        let (after, then) = self.step(world, &stored, event)?;
        let sends = then.iter().any(|then| matches!(then, Then::Send(_)));
        let link = if sends { world.link | Message::Receipt as u8 } else { world.link };
        Some(World { receipt: Some(after), link, ..world.clone() })
    }

    fn sender_commits(&self, world: &World) -> Option<World> {
        let mut next = world.clone();
        match next.sender_batch.take()? {
            Batch::Accept => {
                next.delivery = Some(Stored::of(&Delivery::new(at(world.now), at(DEADLINE))));
                next.answered = true;
            }
            Batch::Step(after, then) => {
                next.delivery = Some(after);
                for then in then {
                    match then {
                        Then::Send(message) => next.link |= message,
                        Then::Report(told) if self.defect == Defect::ReportInMemory => next.remembered = told,
                        Then::Report(told) => next.owed = told,
                    }
                }
            }
            Batch::Receipt => {
                next.receipts = next.receipts.max(1);
                next.link |= Message::ReceiptAcknowledged as u8;
            }
        }
        Some(next)
    }

    fn receiver_commits(&self, world: &World) -> Option<World> {
        if !world.receiver_batch {
            return None;
        }
        let mut next = World { receiver_batch: false, consigned: world.consigned + 1, ..world.clone() };
        // Far enough away not to matter here: receipts travel in the lane that lives longest.
        next.receipt = Some(Stored::of(&Delivery::new(at(world.now), at(1000))));
        next.link |= Message::Acknowledged as u8;
        Some(next)
    }

    fn arrives(&self, world: &World, message: Message) -> Option<World> {
        match message {
            Message::Offer if world.consigned > 0 && self.defect != Defect::NoDuplicateRecognition => {
                Some(World { link: world.link | Message::Acknowledged as u8, ..world.clone() })
            }
            Message::Offer if world.consigned > 1 => None,
            Message::Offer => {
                let early = self.defect == Defect::AcknowledgedBeforeCommit;
                let link = if early { world.link | Message::Acknowledged as u8 } else { world.link };
                Some(World { receiver_batch: true, link, ..world.clone() })
            }
            Message::Acknowledged => self.sender(world, Event::Consigned),
            Message::RefusedForNow => self.sender(world, Event::Refused { code: ErrorCode::Overloaded }),
            Message::RefusedForGood => self.sender(world, Event::Refused { code: ErrorCode::NoRoute }),
            Message::Receipt if world.delivery.is_none() => None,
            Message::Receipt => Some(World { sender_batch: Some(Batch::Receipt), ..world.clone() }),
            Message::ReceiptAcknowledged => self.receiver(world, Event::Consigned),
        }
    }

    fn on_link(&self, world: &World, push: &mut impl FnMut(Happening, Option<World>)) {
        let quiet = world.now >= QUIET_AT;
        for message in MESSAGES.into_iter().filter(|message| world.link & *message as u8 != 0) {
            let gone = World { link: world.link & !(message as u8), ..world.clone() };
            // A node that is writing takes nothing in meanwhile; what changes nothing is gone all the same.
            let is_busy = if message.is_for_sender() { world.sender_batch.is_some() } else { world.receiver_batch };
            if !is_busy {
                push(Happening::Arrives(message), self.arrives(&gone, message).or_else(|| Some(gone.clone())));
            }
            if quiet {
                continue;
            }
            push(Happening::IsLost(message), Some(gone.clone()));
            if !is_busy {
                push(Happening::ArrivesAndStays(message), self.arrives(world, message));
            }
            if message == Message::Offer && world.consigned == 0 && !world.receiver_batch {
                for refusal in [Message::RefusedForNow, Message::RefusedForGood] {
                    let refused = World { link: gone.link | refusal as u8, ..gone.clone() };
                    push(Happening::IsRefused(refusal), Some(refused));
                }
            }
        }
    }

    fn at_sender(&self, world: &World, push: &mut impl FnMut(Happening, Option<World>)) {
        let until = at(world.now + LEASE);
        let delivery = world.delivery.map(|stored| stored.delivery());
        let ready =
            delivery.filter(|delivery| delivery.state() == State::Waiting && delivery.next_at() <= at(world.now));
        if ready.is_some() {
            push(Happening::Claim, self.sender(world, Event::Claimed { until }));
        }
        push(Happening::Extend, self.sender(world, Event::Extended { until }));
        let due = delivery.and_then(|delivery| delivery.due(at(world.now)));
        let due = due.filter(|_| self.defect != Defect::LeasesForgotten || due != Some(Event::LeaseExpired));
        push(Happening::Due, due.and_then(|event| self.sender(world, event)));
        if world.now < QUIET_AT {
            push(Happening::Fails, self.sender(world, Event::Failed { code: ErrorCode::PeerUnavailable }));
        }
        if world.orders > 0 && world.now < QUIET_AT {
            let expires_at = at(world.now + 1);
            for (name, event) in [
                ("hold", Event::Hold),
                ("release", Event::Release { expires_at }),
                ("return", Event::Return { code: ErrorCode::OperatorRefused }),
                ("reroute", Event::Reroute { expires_at }),
                ("expedite", Event::Expedite),
            ] {
                let after = self.sender(world, event).map(|next| World { orders: world.orders - 1, ..next });
                push(Happening::Order(name), after);
            }
        }
    }

    fn at_receiver(&self, world: &World, push: &mut impl FnMut(Happening, Option<World>)) {
        let Some(stored) = world.receipt else { return };
        let may_claim = self.defect != Defect::ReceiptSentOnce || stored.attempts == 0;
        // Time does not end with the model: in its last second the wait that would follow counts as over.
        let is_due = stored.next_at <= world.now || world.now == END;
        if stored.state == State::Waiting && is_due && may_claim {
            let until = at(world.now + LEASE);
            push(Happening::ReceiptClaim, self.receiver(world, Event::Claimed { until }));
        }
        let due = stored.delivery().due(at(world.now));
        push(Happening::ReceiptDue, due.and_then(|event| self.receiver(world, event)));
    }
}

impl Model for Nodes {
    type State = World;
    type Happening = Happening;

    fn start(&self) -> World {
        World {
            now: 0,
            answered: false,
            delivery: None,
            owed: Told::default(),
            receipts: 0,
            sender_batch: None,
            remembered: Told::default(),
            told: Told::default(),
            consigned: 0,
            receipt: None,
            receiver_batch: false,
            link: 0,
            crashes: self.crashes,
            orders: self.orders,
        }
    }

    fn next(&self, world: &World) -> Vec<(Happening, World)> {
        let mut next = Vec::new();
        let mut push = |happening, after: Option<World>| next.extend(after.map(|after| (happening, after)));
        if world.now < END {
            push(Happening::Second, Some(World { now: world.now + 1, ..world.clone() }));
        }
        if world.now == 0 && !world.answered && world.sender_batch.is_none() {
            // A repeat of what is stored is answered; else it is taken in.
            let after = match world.delivery {
                Some(_) => World { answered: true, ..world.clone() },
                None => {
                    let early = self.defect == Defect::AnsweredBeforeCommit;
                    World { sender_batch: Some(Batch::Accept), answered: early, ..world.clone() }
                }
            };
            push(Happening::Submit, Some(after));
        }
        push(Happening::SenderCommits, self.sender_commits(world));
        push(Happening::ReceiverCommits, self.receiver_commits(world));
        if world.crashes > 0 && world.now < QUIET_AT {
            let after = World { crashes: world.crashes - 1, ..world.clone() };
            let sender = World { sender_batch: None, remembered: Told::default(), ..after.clone() };
            push(Happening::SenderCrashes, Some(sender));
            push(Happening::ReceiverCrashes, Some(World { receiver_batch: false, ..after }));
        }
        let owed = if world.remembered == Told::default() { world.owed } else { world.remembered };
        if owed != Told::default() {
            let told = Told {
                delivered: world.told.delivered || owed.delivered,
                returned: world.told.returned || owed.returned,
            };
            let none = Told::default();
            push(Happening::Tell, Some(World { told, owed: none, remembered: none, ..world.clone() }));
        }
        self.on_link(world, &mut push);
        self.at_sender(world, &mut push);
        self.at_receiver(world, &mut push);
        next
    }
}

impl World {
    /// Nothing is left to do at the sending node: delivered or returned and told, or with an operator.
    pub(crate) fn is_ended(&self) -> bool {
        // What was never answered for ends with its submitter, who comes again.
        let Some(stored) = self.delivery else { return !self.answered };
        match stored.state {
            State::Delivered => self.told.delivered,
            State::Returned => self.told.returned,
            State::Parked(ParkReason::Held) => true,
            State::Parked(ParkReason::Exhausted) | State::Waiting | State::Sending => false,
        }
    }

    /// Whoever has the document has proved it to the node that sent it, or an operator looks after that receipt.
    pub(crate) fn is_proved(&self) -> bool {
        match self.receipt {
            None => true,
            Some(receipt) => self.receipts == 1 && matches!(receipt.state, State::Delivered | State::Parked(_)),
        }
    }
}
