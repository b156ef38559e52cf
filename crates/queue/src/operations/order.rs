//! An operator's orders, and the list they are given from.

use std::collections::BTreeSet;

use delivery::{Event, State};
use types::{Lane, UnixMillis};

use crate::batch::Tx;
use crate::deliveries;
use crate::engine::Walk;
use crate::entry_state::Entry;
use crate::shared::Shared;
use crate::{
    Change, EventKind, Order, Parked, Plan, RecipientId, Seq, StoreError, TrackEvent, convert, key, queue_order, record,
};

/// Lines of the operator's list in one page at most.
const PAGE_MAX: usize = 1000;

/// One order to recipients of one entry.
pub(crate) struct Ordered {
    pub(crate) seq: Seq,
    pub(crate) recipients: Vec<u32>,
    pub(crate) order: Order,
    pub(crate) reason: String,
    pub(crate) now: UnixMillis,
}

/// Runs within a batch.
pub(crate) fn order(tx: &mut Tx<'_>, ordered: &Ordered) -> Result<Vec<Change>, StoreError> {
    if matches!(&ordered.order, Order::Reroute { plan: Plan::Returned { .. } }) {
        return Err(StoreError::Invalid { what: "a new route has to lead somewhere: use a return" });
    }
    let mut entry = Entry::load(tx, ordered.seq.as_number())?;
    let lane = convert::lane(&entry.key(), entry.row.lane)?;
    let expires_at = tx.shared.options.ttl.deadline(lane, ordered.now);
    let event = match &ordered.order {
        Order::Hold => Event::Hold,
        Order::Release => Event::Release { expires_at },
        Order::Return { code } => Event::Return { code: *code },
        Order::Reroute { .. } => Event::Reroute { expires_at },
        Order::Expedite => Event::Expedite,
    };
    let (mut changes, mut hops) = (Vec::new(), BTreeSet::new());
    let chosen: BTreeSet<u32> = ordered.recipients.iter().copied().collect();
    if chosen.iter().any(|index| entry.is_held(*index)) {
        return Err(StoreError::Invalid { what: "the entry is in quarantine: release or refuse it there" });
    }
    for index in chosen {
        let hop = entry.plan(tx, index)?.hop;
        let Some(change) = carry_out(tx, &mut entry, index, event, ordered)? else { continue };
        changes.push(change);
        if !hop.is_empty() {
            hops.insert(hop);
        }
    }
    for hop in hops {
        queue_order::refresh(tx, &mut entry, &hop)?;
    }
    open_hops(tx, &mut entry, lane, &changes, ordered.now)?;
    if matches!(event, Event::Release { .. } | Event::Reroute { .. }) && !changes.is_empty() {
        tx.mark(&key::expiry(expires_at.as_millis(), entry.seq))?;
    }
    if changes.iter().any(|change| change.state.is_final()) {
        deliveries::note_if_settled(tx, &mut entry, ordered.now)?;
    }
    Ok(changes)
}

fn carry_out(
    tx: &mut Tx<'_>,
    entry: &mut Entry,
    index: u32,
    event: Event,
    ordered: &Ordered,
) -> Result<Option<Change>, StoreError> {
    let before = entry.delivery(tx, index)?;
    if !before.step(event, ordered.now, &tx.shared.options.retry, 0).is_changed() {
        return Ok(None);
    }
    let track = deliveries::event(ordered.now, EventKind::Ordered, None);
    deliveries::append(tx, entry, index, TrackEvent { text: ordered.reason.clone(), ..track })?;
    if let Order::Reroute { plan } = &ordered.order {
        deliveries::leave_inbox(tx, entry, index)?;
        set_plan(tx, entry, index, plan)?;
    }
    let change = deliveries::step(tx, entry, index, event, ordered.now)?;
    let plan = entry.plan(tx, index)?;
    let comes_back = matches!(ordered.order, Order::Release | Order::Reroute { .. });
    if comes_back && !plan.inbox.is_empty() {
        // A new item: the agency's cursor has passed the old one.
        set_plan(tx, entry, index, &convert::plan(&entry.key(), &plan)?)?;
        let plan = entry.plan(tx, index)?;
        deliveries::enter_inbox(tx, entry, index, &plan)?;
    }
    Ok(change)
}

fn set_plan(tx: &mut Tx<'_>, entry: &mut Entry, index: u32, plan: &Plan) -> Result<(), StoreError> {
    let plan = deliveries::plan_row(tx, plan);
    let mut state = entry.state_or_new(tx, index)?;
    state.plan = Some(plan);
    let (key, chunk) = entry.set_state(tx, state)?;
    tx.put(&key, chunk)
}

/// Transmissions towards the hops that the changed recipients have now.
fn open_hops(
    tx: &mut Tx<'_>,
    entry: &mut Entry,
    lane: Lane,
    changes: &[Change],
    now: UnixMillis,
) -> Result<(), StoreError> {
    let mut hops = BTreeSet::new();
    for change in changes.iter().filter(|change| change.state == State::Waiting) {
        hops.insert(entry.plan(tx, change.id.index)?.hop);
    }
    for hop in hops.iter().filter(|hop| !hop.is_empty()) {
        queue_order::open(tx, entry, hop, lane, now)?;
    }
    Ok(())
}

/// The operator's list.
pub(crate) fn parked(shared: &Shared, after: Option<RecipientId>, max: usize) -> Result<Vec<Parked>, StoreError> {
    let mut range = key::Key::of(key::Kind::Parked).range();
    if let Some(RecipientId { seq, index }) = after {
        range.start = key::after(&key::parked(seq.as_number(), index));
    }
    let mut lines = Vec::new();
    for (found, _) in record::collect(&shared.guard, &range, Walk::Forward, max.min(PAGE_MAX))? {
        let (seq, index) = ids(&found);
        let recipient = Entry::load(&shared.guard, seq).and_then(|mut entry| entry.recipient(&shared.guard, index));
        let recipient = match recipient {
            Ok(recipient) => recipient,
            Err(error) => {
                error.skip_if_damaged("a line of the operator's list is left out")?;
                continue;
            }
        };
        // Between the walk and the read it may have left the list.
        let State::Parked(why) = recipient.delivery.state() else { continue };
        lines.push(Parked {
            id: RecipientId { seq: Seq::new(seq), index },
            code: recipient.code,
            plan: recipient.plan,
            why,
            reason: recipient.delivery.code(),
            since: recipient.delivery.changed_at(),
        });
    }
    Ok(lines)
}

/// Entry and index at the end of a key.
fn ids(key: &[u8]) -> (u64, u32) {
    let index = key.last_chunk::<4>().map_or(0, |bytes| u32::from_be_bytes(*bytes));
    (key::number_before(key, 4), index)
}
