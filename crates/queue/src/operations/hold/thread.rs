//! Which held entries of a thread wait for which: an entry waits for every earlier one that goes to one of its recipients
//! or by one of its ways.

use std::collections::BTreeSet;

use crate::batch::Tx;
use crate::engine::Walk;
use crate::entry_state::Entry;
use crate::record;
use crate::record::rows::{HoldRow, NumberRow, PlanRow};
use crate::{Plan, RecipientPlan, StoreError, Wakeup, convert, key};

/// Held entries of one thread that are compared; those beyond wait until these are gone. A document has some dozens of
/// packets over its life.
const COMPARED_MAX: usize = 256;

/// Where recipients are reached, and who they are.
#[derive(Default)]
struct Ways {
    hops: BTreeSet<String>,
    agencies: BTreeSet<String>,
}

impl Ways {
    fn of_plans(recipients: &[RecipientPlan]) -> Self {
        let mut ways = Self::default();
        for recipient in recipients {
            ways.agencies.insert(recipient.code.canonical().to_owned());
            match &recipient.plan {
                Plan::Inbox(agency) => drop(ways.agencies.insert(agency.canonical().to_owned())),
                Plan::Hop(hop) => drop(ways.hops.insert(hop.as_str().to_owned())),
                Plan::Returned { .. } => {}
            }
        }
        ways
    }

    /// Those of the held recipients that still wait.
    fn of_held(tx: &Tx<'_>, entry: &mut Entry) -> Result<Self, StoreError> {
        let mut ways = Self::default();
        for index in entry.row.held_from.unwrap_or(0)..entry.count() {
            if entry.delivery(tx, index)?.state().is_final() {
                continue;
            }
            let record = entry.key();
            let code = convert::agency(&record, &entry.recipient_row(index)?.code)?;
            ways.agencies.insert(code.canonical().to_owned());
            let PlanRow { hop, inbox, .. } = entry.plan(tx, index)?;
            if !hop.is_empty() {
                ways.hops.insert(hop);
            }
            if !inbox.is_empty() {
                ways.agencies.insert(convert::agency(&record, &inbox)?.canonical().to_owned());
            }
        }
        Ok(ways)
    }

    fn meets(&self, other: &Self) -> bool {
        !self.hops.is_disjoint(&other.hops) || !self.agencies.is_disjoint(&other.agencies)
    }

    fn join(&mut self, other: Self) {
        self.hops.extend(other.hops);
        self.agencies.extend(other.agencies);
    }
}

/// Whether anything of a thread is held.
pub(crate) fn has_held(tx: &Tx<'_>, (sender, document_id): (&str, &str)) -> Result<bool, StoreError> {
    let range = key::hold_thread(sender, document_id).range();
    Ok(!record::collect(tx, &range, Walk::Forward, 1)?.is_empty())
}

/// The held entries of a thread in their order, at most one more than are compared.
fn held(tx: &Tx<'_>, entry: &Entry) -> Result<Vec<u64>, StoreError> {
    let (sender, document_id) = entry.thread()?;
    let range = key::hold_thread(&sender, &document_id).range();
    let rows = record::collect(tx, &range, Walk::Forward, COMPARED_MAX + 1)?;
    rows.iter().map(|(key, value)| Ok(record::decode::<NumberRow>(tx, key, value)?.number)).collect()
}

/// Whether these recipients of an entry have to wait for something held before it.
pub(crate) fn is_blocked(tx: &Tx<'_>, entry: &Entry, recipients: &[RecipientPlan]) -> Result<bool, StoreError> {
    let held = held(tx, entry)?;
    if held.is_empty() {
        return Ok(false);
    }
    if held.len() > COMPARED_MAX {
        return Ok(true);
    }
    let own = Ways::of_plans(recipients);
    for seq in held {
        if own.meets(&Ways::of_held(tx, &mut Entry::load(tx, seq)?)?) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Marks the held entries of this entry's thread that may start, and no others.
pub(crate) fn refresh(tx: &mut Tx<'_>, entry: &Entry) -> Result<(), StoreError> {
    let mut before = Ways::default();
    for seq in held(tx, entry)?.into_iter().take(COMPARED_MAX) {
        let mut held = Entry::load(tx, seq)?;
        let row = super::load(tx, seq)?;
        let ways = Ways::of_held(tx, &mut held)?;
        let ready = row.code.is_empty() && !before.meets(&ways);
        mark(tx, seq, row, ready)?;
        before.join(ways);
    }
    Ok(())
}

fn mark(tx: &mut Tx<'_>, seq: u64, row: HoldRow, ready: bool) -> Result<(), StoreError> {
    if row.ready == ready {
        return Ok(());
    }
    if ready {
        tx.mark(&key::hold_ready(seq))?;
        tx.wake(Wakeup::Held);
    } else {
        tx.delete(key::hold_ready(seq));
    }
    tx.replace(&key::hold(seq), &HoldRow { ready, ..row })
}
