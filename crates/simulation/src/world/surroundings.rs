//! What happens around the nodes: traffic, the network, and what goes wrong.

use std::sync::atomic::Ordering;

use super::{Event, Found, Message, World};
use crate::calendar::{self, DAY, HOUR, MINUTE, SECOND};
use crate::oracle::Oracle;
use crate::region::Place;
use crate::trace::Said;
use crate::traffic;

/// A way between two nodes of a province takes this long, in milliseconds.
const LATENCY: std::ops::Range<u64> = 3..40;

/// How long disks still fill up after the last day of traffic.
const FULL_LONGER: u64 = 3 * DAY;

impl World {
    /// The documents of one day.
    pub(super) fn day(&mut self, day: u64) {
        for _ in 0..calendar::documents(day, self.setup.documents_per_day) {
            let at = calendar::moment(day, &mut self.chances.traffic);
            if let Some(document) = traffic::document(&mut self.oracle, &self.region, at, &mut self.chances.traffic) {
                self.plan_at(at, Event::Submit(document));
            }
        }
    }

    /// A reader has it, and may report on it.
    pub(super) fn handed_over(&mut self, place: Place, id: &str, agency: &str) -> Result<(), Found> {
        let Some(document) = Oracle::number(id) else { return Ok(()) };
        self.trace.say(self.now(), place, Some(document), Said::HandedOver);
        self.oracle.handed_over(document, agency).map_err(|what| Found::from((document, what)))?;
        if self.now() >= self.quiet_from() {
            return Ok(());
        }
        let reporter = self
            .oracle
            .get(document)
            .and_then(|written| written.recipients.iter().find(|code| code.canonical() == agency).cloned());
        let status = reporter.and_then(|reporter| {
            traffic::statuses(&mut self.oracle, &self.region, document, &reporter, &mut self.chances.people)
        });
        if let Some(status) = status {
            let wait = self.chances.people.within(10 * SECOND..HOUR);
            self.plan(wait, Event::Submit(status));
        }
        Ok(())
    }

    fn is_cut(&self, one: Place, other: Place) -> bool {
        let above = |place: Place| self.region.sites.get(place).and_then(|site| site.parent);
        (above(one) == Some(other) && self.cut.contains(&one))
            || (above(other) == Some(one) && self.cut.contains(&other))
    }

    /// Puts a message on its way: it may be late, lost, or arrive twice.
    pub(super) fn send(&mut self, message: Message) {
        if self.is_cut(message.from, message.to) {
            self.summary.lost += 1;
            return;
        }
        let wait = self.chances.network.within(LATENCY);
        let Some(rates) = self.rates.clone().filter(|_| self.now() < self.quiet_from()) else {
            return self.plan(wait, Event::Arrives(message));
        };
        if self.chances.network.chance(rates.lost) {
            self.summary.lost += 1;
            return;
        }
        if self.chances.network.chance(rates.repeated) {
            self.summary.repeated += 1;
            let later = wait + self.chances.network.within(1..10 * SECOND);
            self.plan(later, Event::Arrives(message.clone()));
        }
        let is_slow = self.chances.network.chance(100);
        let wait = wait + self.chances.network.within(0..if is_slow { rates.slow } else { 5 });
        self.plan(wait, Event::Arrives(message));
    }

    /// The first fault of each kind at a node.
    pub(super) fn plan_faults(&mut self, place: Place) {
        let Some(rates) = self.rates.clone() else { return };
        let has_parent = self.region.sites.get(place).is_some_and(|site| site.parent.is_some());
        let wait = self.chances.faults.wait(rates.crash_mean);
        self.plan(wait, Event::Crash(place));
        let wait = self.chances.faults.wait(rates.cut_mean);
        if has_parent {
            self.plan(wait, Event::Cut(place));
        }
        let wait = self.chances.faults.wait(rates.full_mean);
        self.plan(wait, Event::Full(place));
    }

    /// A node is about to go down: now, at its next write, or by a flush that fails.
    pub(super) fn crash(&mut self, place: Place) {
        let Some(rates) = self.rates.clone().filter(|_| self.now() < self.quiet_from()) else { return };
        let next = self.chances.faults.wait(rates.crash_mean);
        self.plan(next.max(MINUTE), Event::Crash(place));
        let fails = self.chances.faults.chance(rates.flush_fails);
        let waits = self.chances.faults.chance(6000);
        let Some(node) = self.nodes.get_mut(place).filter(|node| node.up.is_some()) else { return };
        if fails {
            node.disk.fail_next();
        } else if waits {
            node.dies_writing = true;
        } else {
            self.falls(place);
        }
    }

    /// The power goes, perhaps in the middle of a write.
    pub(super) fn falls(&mut self, place: Place) {
        let Some(rates) = self.rates.clone() else { return };
        let reached_the_disk = self.chances.faults.chance(5000);
        let clock = self.chances.faults.within(0..2 * rates.clock + 1);
        if let Some(node) = self.nodes.get_mut(place) {
            let is_poisoned = node.up.as_ref().is_some_and(|up| up.core.store.is_poisoned());
            if is_poisoned && reached_the_disk {
                node.disk.settle();
            }
            node.crash(reached_the_disk);
            node.ahead = i64::try_from(clock).unwrap_or(0) - i64::try_from(rates.clock).unwrap_or(0);
        }
        self.trace.say(self.now(), place, None, Said::Crashed);
        self.summary.crashes += 1;
        let down = match self.chances.faults.chance(rates.long_down) {
            true => self.chances.faults.within(DAY..4 * DAY),
            false => self.chances.faults.within(rates.down),
        };
        // Whoever is down when the faults end is started then.
        let down = down.min(self.quiet_from().saturating_sub(self.now()).max(SECOND));
        self.plan(down, Event::Start(place));
    }

    pub(super) fn cut(&mut self, place: Place) {
        let Some(rates) = self.rates.clone().filter(|_| self.now() < self.quiet_from()) else { return };
        self.cut.insert(place);
        self.trace.say(self.now(), place, None, Said::Cut);
        self.summary.cuts += 1;
        let lasts = self.chances.faults.within(rates.cut).min(self.quiet_from() - self.now());
        self.plan(lasts, Event::Heal(place));
    }

    pub(super) fn heal(&mut self, place: Place) {
        self.cut.remove(&place);
        self.trace.say(self.now(), place, None, Said::Healed);
        if let Some(rates) = self.rates.clone() {
            let wait = self.chances.faults.wait(rates.cut_mean);
            self.plan(wait, Event::Cut(place));
        }
    }

    pub(super) fn full(&mut self, place: Place) {
        // Disks fill up a little longer than anything else fails: what comes back about the last documents meets that too.
        if self.now() >= self.quiet_from() + FULL_LONGER {
            return;
        }
        self.set_full(place, true, Said::Full);
        let lasts = self.chances.faults.within(MINUTE..6 * HOUR);
        self.plan(lasts, Event::Freed(place));
    }

    pub(super) fn freed(&mut self, place: Place) {
        self.set_full(place, false, Said::Freed);
        if let Some(rates) = self.rates.clone() {
            let wait = self.chances.faults.wait(rates.full_mean);
            self.plan(wait, Event::Full(place));
        }
    }

    fn set_full(&mut self, place: Place, is_full: bool, said: Said) {
        if let Some(node) = self.nodes.get(place) {
            node.is_full.store(is_full, Ordering::Relaxed);
        }
        self.trace.say(self.now(), place, None, said);
    }
}
