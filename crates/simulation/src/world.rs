//! The run: one queue of events, everything that happens to nodes in it, one after the other.

mod nodes;
mod surroundings;

use std::cell::Cell;
use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};
use std::rc::Rc;

use types::{AgencyCode, NeighbourId};

use crate::calendar::{self, DAY, HOUR, MINUTE};
use crate::check::{self, End};
use crate::faults::Rates;
use crate::node::Node;
use crate::oracle::{Document, Oracle};
use crate::packet::Body;
use crate::random::Random;
use crate::region::{Place, Region};
use crate::trace::{self, Trace};
use crate::{Go, Outcome, Progress, Setup, SetupError, Summary, Violation};

/// Days after the last one of traffic within which everything has to end: the longest time to live, twice, and a weekend.
const DAYS_AFTER: u64 = 17;

/// A message on its way.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    from: Place,
    to: Place,
    transfer: u64,
    body: Body,
}

/// Something that happens at its time.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    Day(u64),
    Submit(Document),
    Arrives(Message),
    /// The sending side stops waiting.
    GivesUp {
        place: Place,
        hop: NeighbourId,
        transfer: u64,
    },
    Write {
        place: Place,
        run: u64,
    },
    Look {
        place: Place,
        run: u64,
        hop: NeighbourId,
    },
    Reports {
        place: Place,
        run: u64,
    },
    Expire {
        place: Place,
        run: u64,
    },
    Read {
        place: Place,
        agency: AgencyCode,
    },
    Operator(Place),
    Deadline(Document),
    Crash(Place),
    Start(Place),
    Cut(Place),
    Heal(Place),
    Full(Place),
    Freed(Place),
}

struct Planned {
    at: u64,
    order: u64,
    event: Event,
}

impl PartialEq for Planned {
    fn eq(&self, other: &Self) -> bool {
        (self.at, self.order) == (other.at, other.order)
    }
}

impl Eq for Planned {}

impl PartialOrd for Planned {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Planned {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.order).cmp(&(other.at, other.order))
    }
}

/// What should not be.
#[derive(Debug)]
pub(crate) struct Found {
    document: Option<Document>,
    what: String,
}

impl From<(Document, String)> for Found {
    fn from((document, what): (Document, String)) -> Self {
        Self { document: Some(document), what }
    }
}

pub(crate) fn found(what: impl Into<String>) -> Found {
    Found { document: None, what: what.into() }
}

/// Chance, in parts that do not disturb each other.
struct Chances {
    traffic: Random,
    network: Random,
    faults: Random,
    people: Random,
    disks: Random,
}

pub(crate) struct World {
    setup: Setup,
    rates: Option<Rates>,
    region: Region,
    nodes: Vec<Node>,
    planned: BinaryHeap<Reverse<Planned>>,
    order: u64,
    time: Rc<Cell<u64>>,
    ids: Rc<Cell<u64>>,
    chances: Chances,
    /// Nodes whose link upwards is cut.
    cut: BTreeSet<Place>,
    /// Reads that are planned.
    reads: BTreeSet<(Place, AgencyCode)>,
    oracle: Oracle,
    trace: Trace,
    summary: Summary,
}

impl World {
    pub(crate) fn new(setup: &Setup) -> Result<Self, SetupError> {
        let region = Region::new(setup.nodes)?;
        let part = |number| Random::part(setup.seed, number);
        let count = region.sites.len();
        let mut world = Self {
            setup: setup.clone(),
            rates: setup.faults.rates(),
            nodes: (0..count).map(|_| Node::new(setup.sabotage)).collect(),
            planned: BinaryHeap::new(),
            order: 0,
            time: Rc::new(Cell::new(calendar::START)),
            ids: Rc::new(Cell::new(0)),
            chances: Chances { traffic: part(1), network: part(2), faults: part(3), people: part(4), disks: part(5) },
            cut: BTreeSet::new(),
            reads: BTreeSet::new(),
            oracle: Oracle::new(count),
            trace: Trace::new(),
            summary: Summary {
                seed: setup.seed,
                nodes: u64::try_from(count).unwrap_or(u64::MAX),
                days: setup.days,
                faults: setup.faults,
                ..Summary::default()
            },
            region,
        };
        for place in 0..count {
            world.plan(0, Event::Start(place));
            world.plan_faults(place);
            world.plan(DAY / 3, Event::Operator(place));
        }
        (0..setup.days).for_each(|day| world.plan(day * DAY, Event::Day(day)));
        Ok(world)
    }

    fn now(&self) -> u64 {
        self.time.get()
    }

    /// When faults and new documents end.
    fn quiet_from(&self) -> u64 {
        calendar::START + self.setup.days * DAY
    }

    fn plan(&mut self, after: u64, event: Event) {
        self.order += 1;
        self.planned.push(Reverse(Planned { at: self.now() + after, order: self.order, event }));
    }

    fn plan_at(&mut self, at: u64, event: Event) {
        self.plan(at.saturating_sub(self.now()), event);
    }

    /// Runs to the end.
    pub(crate) fn run(mut self, watch: &mut dyn FnMut(&Progress) -> Go) -> Outcome {
        let mut told_at = 0;
        let last = self.quiet_from() + DAYS_AFTER * DAY;
        while let Some(Reverse(planned)) = self.planned.pop() {
            if planned.at > last {
                break;
            }
            self.time.set(planned.at);
            self.summary.steps += 1;
            if let Err(found) = self.happens(planned.event) {
                return self.end(Some(found));
            }
            if planned.at >= told_at + 10 * MINUTE {
                told_at = planned.at;
                if watch(&self.progress()) == Go::ToTheSummary {
                    self.summary.is_partial = true;
                    return self.end(None);
                }
                if planned.at > self.quiet_from() + HOUR && self.is_at_rest() {
                    break;
                }
            }
        }
        let found = self.final_check().err();
        self.end(found)
    }

    fn progress(&self) -> Progress {
        Progress {
            day: (self.now() - calendar::START) / DAY + 1,
            days: self.setup.days,
            steps: self.summary.steps,
            written: u64::try_from(self.oracle.documents.len()).unwrap_or(u64::MAX),
        }
    }

    fn happens(&mut self, event: Event) -> Result<(), Found> {
        match event {
            Event::Day(day) => self.day(day),
            Event::Submit(document) => self.submit(document)?,
            Event::Arrives(message) => self.arrives(message)?,
            Event::GivesUp { place, hop, transfer } => self.gives_up(place, &hop, transfer)?,
            Event::Write { place, run } => self.write(place, run)?,
            Event::Look { place, run, hop } => self.look(place, run, &hop)?,
            Event::Reports { place, run } => self.reports(place, run)?,
            Event::Expire { place, run } => self.expire(place, run)?,
            Event::Read { place, agency } => self.read(place, &agency)?,
            Event::Operator(place) => self.operator(place)?,
            Event::Deadline(document) => self.deadline(document)?,
            Event::Crash(place) => self.crash(place),
            Event::Start(place) => self.start(place)?,
            Event::Cut(place) => self.cut(place),
            Event::Heal(place) => self.heal(place),
            Event::Full(place) => self.full(place),
            Event::Freed(place) => self.freed(place),
        }
        Ok(())
    }

    /// Looks whether each recipient has had an end in time; again later where it is still under way.
    fn deadline(&mut self, document: Document) -> Result<(), Found> {
        let Some(written) = self.oracle.get(document) else { return Ok(()) };
        let mut again: Option<u64> = None;
        for code in &written.recipients {
            let end = check::follow(&self.region, &self.nodes, &self.oracle, document, code);
            let end = end.map_err(|what| Found::from((document, what)))?;
            let at = match end {
                End::UnderWay(until) => until + HOUR,
                End::Unknown => self.now() + HOUR,
                End::Consigned | End::Returned(_) | End::Parked => continue,
            };
            again = Some(again.map_or(at, |again| again.min(at)));
        }
        if let Some(at) = again {
            self.plan_at(at.max(self.now() + HOUR), Event::Deadline(document));
        }
        Ok(())
    }

    /// Whether nothing is left to do anywhere but for what never ends.
    fn is_at_rest(&self) -> bool {
        let is_node_at_rest = |node: &Node| {
            node.up.as_ref().is_some_and(|up| {
                let stats = up.core.store.stats();
                let links_idle = up.links.values().all(crate::node::links::Link::is_idle);
                let busy = stats.waiting.values().sum::<u64>() + stats.inbox.values().sum::<u64>() + stats.reports;
                busy == 0 && links_idle && up.is_idle() && !up.has_work()
            })
        };
        let is_written = |event: &Reverse<Planned>| matches!(event.0.event, Event::Submit(_));
        self.nodes.iter().all(is_node_at_rest) && !self.planned.iter().any(is_written)
    }

    /// Everything that has to hold once all is over.
    fn final_check(&mut self) -> Result<(), Found> {
        for (place, node) in self.nodes.iter().enumerate() {
            let name = self.name(place);
            let Some(up) = node.up.as_ref() else { return Err(found(format!("{name} is down at the end"))) };
            check::at_rest(&up.core.store).map_err(|what| found(format!("{name}: {what}")))?;
            check::kept(&up.core.store, &self.oracle, place)?;
            check::stored_once(node)?;
            let damage = up.core.store.check().map_err(|error| found(format!("{name}: {error}")))?.damage;
            if let Some(damage) = damage.first() {
                return Err(found(format!("{name}: {} is damaged: {}", damage.what, damage.reason)));
            }
        }
        for document in 0..self.oracle.documents.len() {
            self.ended(document)?;
        }
        Ok(())
    }

    fn ended(&mut self, document: Document) -> Result<(), Found> {
        let Some(written) = self.oracle.get(document) else { return Ok(()) };
        if written.answered_at.is_none() {
            return Ok(());
        }
        let mut counts = [0_u64; 3];
        for code in &written.recipients {
            let end = check::follow(&self.region, &self.nodes, &self.oracle, document, code);
            let end = end.map_err(|what| Found::from((document, what)))?;
            check::receipts(&self.nodes, &self.oracle, document, code, end)
                .map_err(|what| Found::from((document, what)))?;
            let is_consigned = self.oracle.consigned.contains_key(&(document, code.canonical().to_owned()));
            match end {
                End::Consigned if !is_consigned => {
                    return Err(Found::from((document, format!("{code} has it by the store and never saw it"))));
                }
                End::Consigned => counts[0] += 1,
                End::Returned(_) => counts[1] += 1,
                End::Parked => counts[2] += 1,
                End::UnderWay(_) | End::Unknown => {
                    return Err(Found::from((document, format!("for {code} it has no end"))));
                }
            }
        }
        let [consigned, returned, parked] = counts;
        self.summary.deliveries += consigned + returned + parked;
        self.summary.consigned += consigned;
        self.summary.returned += returned;
        self.summary.parked += parked;
        Ok(())
    }

    fn name(&self, place: Place) -> String {
        self.region.sites.get(place).map_or_else(String::new, |site| site.id.to_string())
    }

    fn end(mut self, found: Option<Found>) -> Outcome {
        let statuses = self.oracle.documents.iter().filter(|written| written.status.is_some()).count();
        let number = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        self.summary.documents = number(self.oracle.documents.len() - statuses);
        self.summary.statuses = number(statuses);
        self.summary.handed_over = number(self.oracle.handed_over.len());
        self.summary.days_to_the_end = (self.now() - calendar::START) / DAY + 1;
        self.summary.disk_bytes = self.nodes.iter().map(|node| node.disk.bytes()).sum();
        self.summary.batches = self.nodes.iter().map(|node| node.disk.flushed()).sum();
        self.summary.digest = self.trace.digest();
        let violation = found.map(|found| Violation {
            seed: self.setup.seed,
            step: self.summary.steps,
            at: trace::clock(self.now()),
            document: found.document.and_then(|document| self.oracle.get(document)).map(|written| {
                let recipients: Vec<&str> = written.recipients.iter().map(AgencyCode::as_str).collect();
                let (sender, id) = (&written.key.sender, &written.key.document_id);
                format!("{id} {:?} of {sender} to {}", written.kind, recipients.join(", "))
            }),
            story: found
                .document
                .map(|document| self.trace.story(document, &|place| self.name(place)))
                .unwrap_or_default(),
            what: found.what,
        });
        Outcome { summary: self.summary, violation }
    }
}
