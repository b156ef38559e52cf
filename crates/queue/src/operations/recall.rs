//! What an entry does to the deliveries of earlier documents, in the batch that takes the entry in.
//!
//! Decided against the committed state and what the batch has so far. Claims and leases are given outside the writer, so
//! whatever is about to end is barred first, under their lock: from then on nobody gets it, and whoever had it before is
//! seen here. The bar falls once the batch is on the disk, or with the operation.

use std::collections::{BTreeMap, BTreeSet};

use delivery::recall::{self, Effect, Request, Standing};
use delivery::{Event, State};
use types::{AgencyCode, BusinessType, UnixMillis};

use crate::batch::Tx;
use crate::deliveries;
use crate::engine::Walk;
use crate::entry_state::Entry;
use crate::operations::hold;
use crate::record;
use crate::record::rows::{EventRow, PlanRow, ReferenceRow};
use crate::shared::locked;
use crate::{Act, EntryKind, EventKind, RecipientPlan, StoreError, TrackEvent, convert, key, queue_order};

/// Earlier documents that one entry acts on at most.
pub(crate) const ACTS_MAX: usize = 256;

/// The entry that acts.
pub(crate) struct Actor<'a> {
    pub(crate) seq: u64,
    pub(crate) kind: EntryKind,
    pub(crate) business: BusinessType,
    pub(crate) acts: &'a [Act],
    pub(crate) at: UnixMillis,
}

/// Acts for these recipients; gives those that the entry need not go to.
pub(crate) fn act(
    tx: &mut Tx<'_>,
    actor: &Actor<'_>,
    recipients: &[RecipientPlan],
) -> Result<BTreeSet<AgencyCode>, StoreError> {
    let mut effects: BTreeMap<AgencyCode, Vec<Effect>> = BTreeMap::new();
    for act in actor.acts {
        let concerned: Vec<&AgencyCode> =
            recipients.iter().map(|recipient| &recipient.code).filter(|code| act.concerned.includes(code)).collect();
        for seq in documents(tx, act)? {
            if seq != actor.seq {
                act_on(tx, actor, act, seq, &concerned, &mut effects)?;
            }
        }
    }
    let spared = effects.into_iter().filter(|(_, effects)| !recall::sends_packet(effects.iter().copied()));
    Ok(spared.map(|(code, _)| code).collect())
}

/// Documents of the earlier name: one of each business type at most.
fn documents(tx: &Tx<'_>, act: &Act) -> Result<Vec<u64>, StoreError> {
    let earlier = &act.earlier;
    let range = key::references(earlier.sender.canonical(), earlier.document_id.as_str()).byte(0).range();
    let rows = record::collect(tx, &range, Walk::Forward, usize::from(u8::MAX))?;
    rows.iter().map(|(key, value)| Ok(record::decode::<ReferenceRow>(tx, key, value)?.seq)).collect()
}

fn act_on(
    tx: &mut Tx<'_>,
    actor: &Actor<'_>,
    act: &Act,
    seq: u64,
    concerned: &[&AgencyCode],
    effects: &mut BTreeMap<AgencyCode, Vec<Effect>>,
) -> Result<(), StoreError> {
    let mut entry = Entry::load(tx, seq)?;
    // A revocation is not taken back: nothing of it remains where it was carried out.
    if entry.row.business == u32::from(BusinessType::Revoke.as_number()) {
        return Ok(());
    }
    let record = entry.key();
    let mut indices = BTreeMap::new();
    for (index, row) in (0_u32..).zip(&entry.row.recipients) {
        indices.insert(convert::agency(&record, &row.code)?, index);
    }
    let mut hops = BTreeSet::new();
    let mut has_ended = false;
    for code in concerned {
        let Some(index) = indices.get(*code).copied() else { continue };
        let effect = act_for(tx, actor, act, &mut entry, index)?;
        if effect.ends_with().is_some() {
            hops.insert(entry.plan(tx, index)?.hop);
            has_ended = true;
        }
        effects.entry((*code).clone()).or_default().push(effect);
    }
    for hop in hops.iter().filter(|hop| !hop.is_empty()) {
        queue_order::refresh(tx, &mut entry, hop)?;
    }
    if has_ended {
        deliveries::note_if_settled(tx, &mut entry, actor.at)?;
        hold::drop_if_over(tx, &mut entry, actor.at)?;
    }
    Ok(())
}

fn act_for(tx: &mut Tx<'_>, actor: &Actor<'_>, act: &Act, entry: &mut Entry, index: u32) -> Result<Effect, StoreError> {
    let standing = standing(tx, act.request, entry, index)?;
    let effect = recall::effect(act.request, standing);
    match effect.ends_with() {
        Some(code) => {
            let event = Event::Return { code };
            deliveries::step_because(tx, entry, index, event, actor.at, &act.text)?;
        }
        None if effect == Effect::Forward && actor.kind == EntryKind::Document => {
            let event = deliveries::event(actor.at, EventKind::Acted(actor.business), None);
            deliveries::append(tx, entry, index, TrackEvent { text: act.text.clone(), ..event })?;
        }
        None => {}
    }
    Ok(effect)
}

/// Where a delivery stands. One that the request would end is barred when it is found untouched.
fn standing(tx: &mut Tx<'_>, request: Request, entry: &mut Entry, index: u32) -> Result<Standing, StoreError> {
    let delivery = entry.delivery(tx, index)?;
    let plan = entry.plan(tx, index)?;
    let is_inbox = !plan.inbox.is_empty();
    // Nothing was started for a held one: nobody can have it.
    let is_held = entry.is_held(index);
    let (untouched, touched) =
        if is_inbox { (Standing::Unseen, Standing::Seen) } else { (Standing::Untried, Standing::Tried) };
    match delivery.state() {
        State::Delivered => return Ok(Standing::Delivered),
        State::Returned if delivery.code().is_some_and(recall::is_recall) => return Ok(Standing::Recalled),
        State::Returned => return Ok(Standing::Returned),
        State::Sending | State::Parked(_) => return Ok(touched),
        State::Waiting => {}
    }
    if is_held {
        return Ok(untouched);
    }
    if delivery.attempts() > 0 || was_touched(tx, entry, index)? {
        return Ok(touched);
    }
    if recall::effect(request, untouched).ends_with().is_none() || bar(tx, entry.seq, &plan) {
        return Ok(untouched);
    }
    Ok(touched)
}

/// Whether an attempt failed or an operator stepped in: both may leave a copy elsewhere that no count shows any more.
fn was_touched(tx: &Tx<'_>, entry: &mut Entry, index: u32) -> Result<bool, StoreError> {
    if entry.state(tx, index)?.is_none_or(|state| state.events == 0) {
        return Ok(false);
    }
    let range = key::events(entry.seq, index).range();
    for (key, value) in record::collect(tx, &range, Walk::Forward, usize::MAX)? {
        let event = convert::event(&key, record::decode::<EventRow>(tx, &key, &value)?)?;
        if matches!(event.kind, EventKind::Failed | EventKind::Refused | EventKind::Ordered | EventKind::Parked) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Keeps others from taking it; false when somebody has it, or had it.
fn bar(tx: &mut Tx<'_>, seq: u64, plan: &PlanRow) -> bool {
    if !plan.inbox.is_empty() {
        let is_barred = locked(&tx.shared.items).bar(plan.item);
        tx.effects.barred_items.extend(is_barred.then_some(plan.item));
        return is_barred;
    }
    let transmission = (plan.hop.clone(), seq);
    // Several recipients share one transmission: the first one's bar holds for all.
    if tx.effects.barred_hops.contains(&transmission) {
        return true;
    }
    let is_barred = locked(&tx.shared.transmissions).bar(&plan.hop, seq);
    tx.effects.barred_hops.extend(is_barred.then_some(transmission));
    is_barred
}
