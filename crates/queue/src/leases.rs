//! Leases, in memory: after a restart all work is free again. At-least-once allows it, and a claim costs no flush.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use delivery::fair::Round;
use types::{Lane, SystemId, UnixMillis};

use crate::{Extended, Fence, StoreError};

/// Lapsed leases remembered per transmission: more than any retry rule in use allows attempts within a lease's life.
const LAPSES_MAX: usize = 64;
/// Inbox leases kept before the expired ones are swept out.
const ITEMS_BEFORE_SWEEP: usize = 10_000;

/// One attempt: when it was claimed, and until when it had time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Attempt {
    pub(crate) claimed_at: UnixMillis,
    pub(crate) until: UnixMillis,
}

/// The lease of one transmission.
#[derive(Clone, Debug)]
pub(crate) struct TransmissionLease {
    pub(crate) number: u64,
    pub(crate) current: Attempt,
    /// Attempts whose lease ran out: counted when the outcome of a later one is recorded.
    pub(crate) lapsed: Vec<Attempt>,
}

/// Items remembered as seen: beyond, the older half counts as seen whether or not it was.
const SEEN_MAX: usize = 100_000;

/// Leases by next hop and entry.
#[derive(Default)]
pub(crate) struct TransmissionLeases {
    hops: HashMap<String, HopLeases>,
    /// Entries up to this one may have been claimed by an earlier run.
    claimed_through: u64,
}

/// What is known in memory of one next hop.
#[derive(Default)]
pub(crate) struct HopLeases {
    pub(crate) taken: Taken,
    pub(crate) turns: Turns,
}

/// The entries towards one hop that are not free.
#[derive(Default)]
pub(crate) struct Taken {
    held: BTreeMap<u64, TransmissionLease>,
    /// Not to be claimed: about to end in a batch under way.
    barred: BTreeSet<u64>,
}

/// Whose turn it is towards one hop.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    /// Claims made so far: decides when an old one has its turn.
    pub(crate) claims: u64,
    lanes: [LaneTurns; 4],
}

/// Whose turn it is in one lane.
#[derive(Debug, Default)]
pub(crate) struct LaneTurns {
    pub(crate) round: Round,
    /// Since when it has had something ready and went only by turns for what has waited too long: the acceptance of the
    /// oldest seen at its head since. A young head of one sender does not make the lane young.
    pub(crate) waits_since: Option<UnixMillis>,
    /// The writer has been asked to put due retries among those that may go.
    pub(crate) is_ripening: bool,
}

impl Turns {
    pub(crate) const fn lane(&mut self, lane: Lane) -> &mut LaneTurns {
        let [normal, urgent, very_urgent, express] = &mut self.lanes;
        match lane {
            Lane::Normal => normal,
            Lane::Urgent => urgent,
            Lane::VeryUrgent => very_urgent,
            Lane::Express => express,
        }
    }
}

impl Taken {
    pub(crate) fn is_free(&self, seq: u64, now: UnixMillis) -> bool {
        !self.barred.contains(&seq) && self.held.get(&seq).is_none_or(|lease| lease.current.until <= now)
    }

    /// Takes a free transmission; a lapsed lease is taken over and remembered. Gives the number of lapsed ones.
    pub(crate) fn take(&mut self, seq: u64, number: u64, current: Attempt) -> usize {
        let mut lapsed = Vec::new();
        if let Some(earlier) = self.held.remove(&seq) {
            lapsed = earlier.lapsed;
            lapsed.push(earlier.current);
            if lapsed.len() > LAPSES_MAX {
                lapsed.remove(0);
            }
        }
        let count = lapsed.len();
        self.held.insert(seq, TransmissionLease { number, current, lapsed });
        count
    }
}

impl TransmissionLeases {
    /// The table of a run that begins after this number.
    pub(crate) fn after(claimed_through: u64) -> Self {
        Self { claimed_through, ..Self::default() }
    }

    /// What is known of one hop.
    pub(crate) fn hop(&mut self, hop: &str) -> &mut HopLeases {
        // Hops are configured neighbours: few, and kept.
        self.hops.entry(hop.to_owned()).or_default()
    }

    /// Bars a transmission that nobody has or had; false when somebody may.
    pub(crate) fn bar(&mut self, hop: &str, seq: u64) -> bool {
        let through = self.claimed_through;
        let taken = &mut self.hop(hop).taken;
        if seq <= through || taken.held.contains_key(&seq) {
            return false;
        }
        taken.barred.insert(seq)
    }

    pub(crate) fn unbar(&mut self, hop: &str, seq: u64) {
        self.hop(hop).taken.barred.remove(&seq);
    }

    pub(crate) fn of(&self, hop: &str, seq: u64) -> Option<&TransmissionLease> {
        self.hops.get(hop).and_then(|hop| hop.taken.held.get(&seq))
    }

    /// The lease that a fence names, when it is still the one.
    pub(crate) fn held(&self, fence: &Fence) -> Option<&TransmissionLease> {
        self.of(fence.hop.as_str(), fence.seq.as_number()).filter(|lease| lease.number == fence.number)
    }

    pub(crate) fn extend(&mut self, fence: &Fence, until: UnixMillis) -> Extended {
        match self.hop(fence.hop.as_str()).taken.held.get_mut(&fence.seq.as_number()) {
            Some(lease) if lease.number == fence.number => {
                lease.current.until = lease.current.until.max(until);
                Extended::Until(lease.current.until)
            }
            _ => Extended::Stale,
        }
    }

    /// Ends a lease; with a number, only that one.
    pub(crate) fn release(&mut self, hop: &str, seq: u64, number: Option<u64>) {
        let held = &mut self.hop(hop).taken.held;
        if number.is_none_or(|number| held.get(&seq).is_some_and(|lease| lease.number == number)) {
            held.remove(&seq);
        }
    }

    /// The end of the first lease of a hop to run out.
    pub(crate) fn first_end(&self, hop: &str) -> Option<UnixMillis> {
        self.hops.get(hop)?.taken.held.values().map(|lease| lease.current.until).min()
    }
}

/// The lease of one inbox item.
#[derive(Clone, Debug)]
pub(crate) struct ItemLease {
    pub(crate) token: u64,
    pub(crate) holder: SystemId,
    pub(crate) until: UnixMillis,
}

/// Leases by agency and item.
#[derive(Default)]
pub(crate) struct ItemLeases {
    held: HashMap<(String, u64), ItemLease>,
    /// Not to be leased or read: about to end in a batch under way.
    barred: BTreeSet<u64>,
    /// Items that were leased or read and still wait.
    seen: BTreeSet<u64>,
    /// Items up to this one may have been seen.
    seen_through: u64,
}

impl ItemLeases {
    /// The table of a run that begins after this number.
    pub(crate) fn after(seen_through: u64) -> Self {
        Self { seen_through, ..Self::default() }
    }

    /// Notes that somebody gets to see the item.
    ///
    /// # Errors
    /// `not_found` when it is about to end.
    pub(crate) fn see(&mut self, item: u64) -> Result<(), StoreError> {
        if self.barred.contains(&item) {
            return Err(StoreError::NotFound { what: "the item" });
        }
        if item <= self.seen_through {
            return Ok(());
        }
        self.seen.insert(item);
        if self.seen.len() > SEEN_MAX {
            let middle = self.seen.iter().nth(SEEN_MAX / 2).copied().unwrap_or(item);
            self.seen = self.seen.split_off(&middle);
            self.seen_through = middle - 1;
        }
        Ok(())
    }

    /// Bars an item that nobody has seen; false when somebody may have.
    pub(crate) fn bar(&mut self, item: u64) -> bool {
        item > self.seen_through && !self.seen.contains(&item) && self.barred.insert(item)
    }

    pub(crate) fn unbar(&mut self, item: u64) {
        self.barred.remove(&item);
    }

    /// The item waits no longer.
    pub(crate) fn forget(&mut self, item: u64) {
        self.seen.remove(&item);
    }

    pub(crate) fn of(&self, agency: &str, item: u64) -> Option<&ItemLease> {
        self.held.get(&(agency.to_owned(), item))
    }

    /// Leases an item unless another system holds it.
    pub(crate) fn take(
        &mut self,
        agency: &str,
        item: u64,
        lease: ItemLease,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        if self.of(agency, item).is_some_and(|held| held.holder != lease.holder && held.until > now) {
            return Err(StoreError::LeaseLost);
        }
        self.see(item)?;
        if self.held.len() >= ITEMS_BEFORE_SWEEP {
            self.held.retain(|_, held| held.until > now);
        }
        self.held.insert((agency.to_owned(), item), lease);
        Ok(())
    }

    /// Whether whoever comes with this token (or none) may confirm the item.
    ///
    /// A token whose lease ran out, or that an earlier run of the node gave, is good as long as nobody else holds the
    /// item: the agency has the document, and sending it again would help nobody.
    pub(crate) fn may_confirm(&self, agency: &str, item: u64, token: Option<u64>, now: UnixMillis) -> bool {
        self.of(agency, item).is_none_or(|held| Some(held.token) == token || held.until <= now)
    }

    pub(crate) fn give_back(&mut self, agency: &str, item: u64, token: u64) -> Result<(), StoreError> {
        if self.of(agency, item).is_none_or(|held| held.token != token) {
            return Err(StoreError::LeaseLost);
        }
        self.end(agency, item);
        Ok(())
    }

    pub(crate) fn end(&mut self, agency: &str, item: u64) {
        self.held.remove(&(agency.to_owned(), item));
    }
}
