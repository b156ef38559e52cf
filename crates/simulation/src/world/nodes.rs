//! What happens at nodes: packets come in, batches are written, links and inboxes are looked at.

use std::rc::Rc;
use std::time::Duration;

use queue::{ItemId, Order, Wakeup};
use types::{AgencyCode, ErrorCode, NeighbourId};

use super::{Event, Found, Message, World, found};
use crate::Sabotage;
use crate::calendar::{self, MINUTE, SECOND};
use crate::check;
use crate::node::core::Effect;
use crate::node::inbox::{self, Reader};
use crate::node::intake::{self, Door};
use crate::node::{News, links, tracking};
use crate::oracle::{Document, Oracle};
use crate::packet::{Answer, Body, Packet};
use crate::region::Place;
use crate::trace::Said;

/// How often a node returns what is past its time. A real one looks every second; most looks find nothing.
const EXPIRE_EVERY: u64 = 20 * MINUTE;
/// Entries of one look.
const EXPIRE_MAX: usize = 256;
/// A submitting system asks again after so long without an answer.
const SUBMIT_AGAIN: u64 = 2 * MINUTE;
/// A link gives a transfer up after so long without an answer.
const GIVES_UP: u64 = 30 * SECOND;
/// A node that could not work off its reports tries again.
const REPORTS_AGAIN: u64 = 15 * SECOND;

impl World {
    /// A node starts on what its disk has.
    pub(super) fn start(&mut self, place: Place) -> Result<(), Found> {
        let sabotage = self.setup.sabotage;
        let (region, time, ids) = (&self.region, &self.time, &self.ids);
        let Some(node) = self.nodes.get_mut(place) else { return Ok(()) };
        if node.up.is_some() {
            return Ok(());
        }
        node.start(region, place, time, ids, sabotage)
            .map_err(|error| found(format!("a node does not start on its disk: {error}")))?;
        let run = node.run;
        self.trace.say(self.time.get(), place, None, Said::Started);
        if let Some(up) = self.nodes.get(place).and_then(|node| node.up.as_ref()) {
            check::kept(&up.core.store, &self.oracle, place)?;
        }
        let agencies = self.region.sites.get(place).map(|site| site.agencies.clone()).unwrap_or_default();
        for agency in agencies {
            self.observe(place, &agency)?;
            self.plan_read(place, &agency);
        }
        self.begin_reports(place);
        self.look_everywhere(place)?;
        // What passed its time while the node was down goes back at once, as a real node's first look does it.
        self.plan(SECOND, Event::Expire { place, run });
        self.after(place)
    }

    /// A submitting system hands a document over, and again until it is answered.
    pub(super) fn submit(&mut self, document: Document) -> Result<(), Found> {
        let Some(written) = self.oracle.get(document) else { return Ok(()) };
        if written.answered_at.is_some() {
            return Ok(());
        }
        let (home, kind, key) = (written.home, written.kind, written.key.clone());
        let about = written.about.and_then(|about| self.oracle.get(about)).map(|about| about.key.clone());
        let packet = Packet {
            // Given by the node.
            exchange: types::ExchangeId::from_bytes([0; 16]),
            kind,
            business: written.business,
            lane: written.lane,
            due: written.due,
            status: written.status,
            content: self.oracle.content(document),
            about,
            recipients: written.recipients.clone(),
            hops: Vec::new(),
            key,
        };
        self.plan(SUBMIT_AGAIN, Event::Submit(document));
        let Some(up) = self.nodes.get_mut(home).and_then(|node| node.up.as_mut()) else { return Ok(()) };
        self.trace.say(self.time.get(), home, Some(document), Said::Submitted);
        let core = Rc::clone(&up.core);
        let system = "qlvb".parse().map_err(|_| found("a system without a name"))?;
        up.begin(async move {
            let answer = match intake::admit(&core, &packet, &Door::System(system)).await {
                Ok(receipt) => Answer::Accepted(receipt),
                Err(refused) => Answer::Refused(refused.0),
            };
            core.leave(Effect::Submitted { document, answer });
        });
        self.after(home)
    }

    pub(super) fn arrives(&mut self, message: Message) -> Result<(), Found> {
        let Message { from, to, transfer, body } = message;
        let Some(back) = self.region.sites.get(from).map(|site| site.as_neighbour.clone()) else { return Ok(()) };
        let Some(up) = self.nodes.get_mut(to).and_then(|node| node.up.as_mut()) else {
            if matches!(body, Body::Offer(_)) && self.chances.network.chance(5000) {
                self.send(Message { from: to, to: from, transfer, body: Body::Unreachable });
            }
            return Ok(());
        };
        let core = Rc::clone(&up.core);
        match body {
            Body::Offer(packet) => {
                if let Some(link) = up.links.get_mut(&back) {
                    link.heard();
                }
                let document = (packet.kind != queue::EntryKind::Receipt).then(|| packet.key.document_id.to_string());
                let number = document.as_deref().and_then(Oracle::number);
                self.trace.say(self.time.get(), to, number, Said::Arrived);
                if core.sabotage == Some(Sabotage::AnswersBeforeCommit) && document.is_some() {
                    let answer = Answer::Accepted(Vec::new());
                    core.leave(Effect::Answer { transfer, to: back.clone(), document: document.clone(), answer });
                }
                up.begin(async move {
                    let answer = intake::offered(&core, back.clone(), &packet).await;
                    core.leave(Effect::Answer { transfer, to: back, document, answer });
                });
            }
            Body::Answer(answer) => return self.transfer_ended(to, &back, transfer, Some(answer)),
            Body::Unreachable => return self.transfer_ended(to, &back, transfer, None),
        }
        self.after(to)
    }

    pub(super) fn gives_up(&mut self, place: Place, hop: &NeighbourId, transfer: u64) -> Result<(), Found> {
        self.transfer_ended(place, hop, transfer, None)
    }

    fn transfer_ended(
        &mut self,
        place: Place,
        hop: &NeighbourId,
        transfer: u64,
        answer: Option<Answer>,
    ) -> Result<(), Found> {
        let Some(up) = self.nodes.get_mut(place).and_then(|node| node.up.as_mut()) else { return Ok(()) };
        let (core, now) = (Rc::clone(&up.core), up.core.now());
        let claim = up.links.get_mut(hop).and_then(|link| link.ended(transfer, answer.as_ref(), now));
        let Some(claim) = claim else { return Ok(()) };
        let document = Oracle::number(claim.document.key.document_id.as_str());
        let document = document.filter(|_| claim.document.kind != queue::EntryKind::Receipt);
        let said = match &answer {
            Some(Answer::Accepted(_)) => Said::Accepted,
            Some(Answer::Refused(_)) => Said::Refused,
            None => Said::Failed,
        };
        self.summary.failed_transfers += u64::from(answer.is_none());
        self.trace.say(self.time.get(), place, document, said);
        up.begin(links::settle(core, claim, answer));
        self.after(place)
    }

    /// One batch goes to the disk, and everyone who waited for it goes on.
    pub(super) fn write(&mut self, place: Place, run: u64) -> Result<(), Found> {
        let is_quiet = self.now() >= self.quiet_from();
        let Some(node) = self.nodes.get_mut(place).filter(|node| node.run == run) else { return Ok(()) };
        if node.dies_writing && !is_quiet {
            self.falls(place);
            return Ok(());
        }
        let Some(up) = node.up.as_mut() else { return Ok(()) };
        up.is_writing = false;
        self.summary.operations += u64::try_from(up.write()).unwrap_or(0);
        self.trace.say(self.time.get(), place, None, Said::Wrote);
        if up.core.store.is_poisoned() {
            // What a real node's operator is told to do: look at the disk, restart.
            self.summary.failed_flushes += 1;
            self.falls(place);
            return Ok(());
        }
        self.after(place)
    }

    pub(super) fn look(&mut self, place: Place, run: u64, hop: &NeighbourId) -> Result<(), Found> {
        let Some(node) = self.nodes.get_mut(place).filter(|node| node.run == run) else { return Ok(()) };
        let now = self.time.get();
        if let Some(link) = node.up.as_mut().and_then(|up| up.links.get_mut(hop))
            && link.looks_at.is_some_and(|at| at <= now)
        {
            link.looks_at = None;
        }
        self.look_at(place, hop)?;
        self.after(place)
    }

    fn look_everywhere(&mut self, place: Place) -> Result<(), Found> {
        let Some(up) = self.nodes.get(place).and_then(|node| node.up.as_ref()) else { return Ok(()) };
        let hops: Vec<NeighbourId> = up.links.keys().cloned().collect();
        hops.iter().try_for_each(|hop| self.look_at(place, hop))
    }

    /// Claims and sends what is due for a neighbour.
    fn look_at(&mut self, place: Place, hop: &NeighbourId) -> Result<(), Found> {
        let Some(node) = self.nodes.get_mut(place) else { return Ok(()) };
        let (run, ahead) = (node.run, node.ahead);
        let Some(up) = node.up.as_mut() else { return Ok(()) };
        let core = Rc::clone(&up.core);
        let Some(link) = up.links.get_mut(hop) else { return Ok(()) };
        let to = link.to;
        let looked = match link.look(&core, hop) {
            Ok(looked) => looked,
            Err(refused) if refused.0 == ErrorCode::StorePoisoned => return Ok(()),
            Err(refused) => return Err(found(format!("nothing can be claimed for {hop}: {}", refused.0))),
        };
        if let Some(again) = looked.again_at {
            let at = again.as_millis().saturating_add_signed(-ahead).max(self.time.get() + SECOND / 100);
            if link.looks_at.is_none_or(|planned| planned > at) {
                link.looks_at = Some(at);
                self.plan_at(at, Event::Look { place, run, hop: hop.clone() });
            }
        }
        for (transfer, packet) in looked.packets {
            let document = Oracle::number(packet.key.document_id.as_str());
            let document = document.filter(|_| packet.kind != queue::EntryKind::Receipt);
            self.trace.say(self.time.get(), place, document, Said::Offered);
            self.summary.transfers += 1;
            self.plan(GIVES_UP, Event::GivesUp { place, hop: hop.clone(), transfer });
            self.send(Message { from: place, to, transfer, body: Body::Offer(packet) });
        }
        Ok(())
    }

    /// Works off reports, unless that is under way: then once more after it.
    fn begin_reports(&mut self, place: Place) {
        let Some(up) = self.nodes.get_mut(place).and_then(|node| node.up.as_mut()) else { return };
        if up.core.is_reporting.get() {
            return up.core.reports_wait.set(true);
        }
        let core = Rc::clone(&up.core);
        up.begin(async move { tracking::work_off(&core).await });
    }

    pub(super) fn reports(&mut self, place: Place, run: u64) -> Result<(), Found> {
        if self.nodes.get(place).is_some_and(|node| node.run == run) {
            self.begin_reports(place);
            self.after(place)?;
        }
        Ok(())
    }

    pub(super) fn expire(&mut self, place: Place, run: u64) -> Result<(), Found> {
        let Some(node) = self.nodes.get_mut(place).filter(|node| node.run == run) else { return Ok(()) };
        let Some(up) = node.up.as_mut() else { return Ok(()) };
        let core = Rc::clone(&up.core);
        up.begin(async move {
            // What fails is tried again at the next.
            while core.store.expire(core.now(), EXPIRE_MAX).await.is_ok_and(|changes| changes.len() >= EXPIRE_MAX) {}
        });
        self.plan(EXPIRE_EVERY, Event::Expire { place, run });
        self.after(place)
    }

    pub(super) fn plan_read(&mut self, place: Place, agency: &AgencyCode) {
        if self.reads.insert((place, agency.clone())) {
            let at = calendar::next_look(self.now(), &mut self.chances.people);
            self.plan_at(at, Event::Read { place, agency: agency.clone() });
        }
    }

    /// The agency's software looks into its inbox.
    pub(super) fn read(&mut self, place: Place, agency: &AgencyCode) -> Result<(), Found> {
        self.reads.remove(&(place, agency.clone()));
        let dies = self.rates.as_ref().filter(|_| self.now() < self.quiet_from()).map_or(0, |rates| rates.reader_dies);
        let reader = if self.chances.people.chance(dies) { Reader::Dies } else { Reader::Confirms };
        let Some(up) = self.nodes.get_mut(place).and_then(|node| node.up.as_mut()) else { return Ok(()) };
        let waits = inbox::items(&up.core, agency, ItemId::new(0)).is_ok_and(|items| !items.is_empty());
        if !waits {
            return Ok(());
        }
        let core = Rc::clone(&up.core);
        let system = format!("qlvb-{}", agency.as_str()).parse().map_err(|_| found("a system without a name"))?;
        up.begin(inbox::read(core, agency.clone(), system, reader));
        self.plan_read(place, agency);
        self.after(place)
    }

    /// An operator looks at the list: most are released, some returned.
    pub(super) fn operator(&mut self, place: Place) -> Result<(), Found> {
        self.plan(calendar::DAY, Event::Operator(place));
        let Some(up) = self.nodes.get_mut(place).and_then(|node| node.up.as_mut()) else { return Ok(()) };
        let core = Rc::clone(&up.core);
        let parked = core.store.parked(None, 100).unwrap_or_default();
        for line in parked {
            let order = match self.chances.people.chance(8000) {
                true => Order::Release,
                false => Order::Return { code: ErrorCode::OperatorRefused },
            };
            let core = Rc::clone(&core);
            up.begin(async move {
                let order =
                    core.store.order(line.id.seq, vec![line.id.index], order, "theo dõi".to_owned(), core.now());
                // An order that comes too late changes nothing.
                drop(order.await);
            });
        }
        self.after(place)
    }

    /// Sees what came to an inbox since the last look: the moment at which a document is with its reader.
    fn observe(&mut self, place: Place, agency: &AgencyCode) -> Result<(), Found> {
        let canonical = agency.canonical().to_owned();
        loop {
            let Some(up) = self.nodes.get(place).and_then(|node| node.up.as_ref()) else { return Ok(()) };
            let seen = self.oracle.seen.get(&(place, canonical.clone())).copied().unwrap_or_default();
            let items = inbox::items(&up.core, agency, seen)
                .map_err(|refused| found(format!("an inbox cannot be read: {}", refused.0)))?;
            if items.is_empty() {
                return Ok(());
            }
            for item in items {
                let id = item.document.key.document_id.as_str();
                let document = Oracle::number(id).ok_or_else(|| found(format!("an item {id:?} of nobody")))?;
                self.trace.say(self.time.get(), place, Some(document), Said::Consigned);
                self.oracle.seen.insert((place, canonical.clone()), item.id);
                let consigned = self.oracle.consigned(document, &canonical, item.id);
                consigned.map_err(|what| Found::from((document, what)))?;
            }
        }
    }

    /// Carries out what tasks and hints ask for, until nothing more comes.
    pub(super) fn after(&mut self, place: Place) -> Result<(), Found> {
        loop {
            let Some(up) = self.nodes.get_mut(place).and_then(|node| node.up.as_mut()) else { return Ok(()) };
            let News { effects, wakeups, has_lost_hints } = up.news();
            if effects.is_empty() && wakeups.is_empty() && !has_lost_hints {
                break;
            }
            for effect in effects {
                self.carry_out(place, effect)?;
            }
            for wakeup in wakeups {
                match wakeup {
                    Wakeup::Hop(hop) => self.look_at(place, &hop)?,
                    Wakeup::Inbox(canonical) => self.came_in(place, &canonical)?,
                    Wakeup::Reports => self.begin_reports(place),
                    Wakeup::Held => {}
                }
            }
            if has_lost_hints {
                self.look_everywhere(place)?;
                self.begin_reports(place);
            }
        }
        self.plan_write(place);
        Ok(())
    }

    fn came_in(&mut self, place: Place, canonical: &str) -> Result<(), Found> {
        let agencies = self.region.sites.get(place).map(|site| site.agencies.as_slice()).unwrap_or_default();
        let Some(agency) = agencies.iter().find(|agency| agency.canonical() == canonical).cloned() else {
            return Ok(());
        };
        self.observe(place, &agency)?;
        self.plan_read(place, &agency);
        Ok(())
    }

    fn plan_write(&mut self, place: Place) {
        let slow = self.rates.as_ref().map_or(20, |rates| rates.slow);
        let Some(node) = self.nodes.get_mut(place) else { return };
        let run = node.run;
        if let Some(up) = node.up.as_mut().filter(|up| up.has_work() && !up.is_writing) {
            up.is_writing = true;
            // A flush takes a few milliseconds; now and then a disk takes its time.
            let is_slow = self.chances.disks.chance(100);
            let wait = self.chances.disks.within(1..if is_slow { slow } else { 6 });
            self.plan(wait, Event::Write { place, run });
        }
    }

    fn carry_out(&mut self, place: Place, effect: Effect) -> Result<(), Found> {
        match effect {
            Effect::Answer { transfer, to, document, answer } => {
                let document = document.as_deref().and_then(Oracle::number);
                if let (Some(document), Answer::Accepted(_)) = (document, &answer)
                    && let Some(accepted) = self.oracle.accepted_at.get_mut(place)
                {
                    accepted.insert(document);
                }
                let links = self.nodes.get(place).and_then(|node| node.up.as_ref()).map(|up| &up.links);
                if let Some(to) = links.and_then(|links| links.get(&to)).map(|link| link.to) {
                    self.send(Message { from: place, to, transfer, body: Body::Answer(answer) });
                }
                Ok(())
            }
            Effect::Submitted { document, answer } => self.submitted(place, document, &answer),
            Effect::HandedOver { document, agency } => self.handed_over(place, &document, &agency),
            Effect::Settled { hop } => self.look_at(place, &hop),
            Effect::ReportsFailed if self.setup.sabotage == Some(Sabotage::ReportsWaitForHints) => Ok(()),
            Effect::ReportsFailed => {
                let run = self.nodes.get(place).map_or(0, |node| node.run);
                self.plan(REPORTS_AGAIN, Event::Reports { place, run });
                Ok(())
            }
        }
    }

    /// The submitting system gets its answer, unless that is lost: then it asks again.
    fn submitted(&mut self, place: Place, document: Document, answer: &Answer) -> Result<(), Found> {
        let now = self.now();
        let lost = self.rates.as_ref().filter(|_| now < self.quiet_from()).map_or(0, |rates| rates.answer_lost);
        match answer {
            Answer::Refused(code) if !code.is_retryable() => {
                return Err(Found::from((document, format!("a good document was refused: {code}"))));
            }
            Answer::Refused(_) => self.trace.say(now, place, Some(document), Said::SubmissionRefused),
            Answer::Accepted(_) => {
                if let Some(accepted) = self.oracle.accepted_at.get_mut(place) {
                    accepted.insert(document);
                }
                let Some(written) = self.oracle.documents.get_mut(document) else { return Ok(()) };
                if written.answered_at.is_some() || self.chances.network.chance(lost) {
                    return Ok(());
                }
                written.answered_at = Some(now);
                let (next, lane) = (std::mem::take(&mut written.next), written.lane);
                self.trace.say(now, place, Some(document), Said::Answered);
                for (wait, later) in next {
                    self.plan(wait, Event::Submit(later));
                }
                let ttl = delivery::Ttl::default().of(lane) + Duration::from_secs(3600);
                self.plan(u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX), Event::Deadline(document));
            }
        }
        Ok(())
    }
}
