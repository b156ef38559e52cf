//! Steps of deliveries: the state machine's actions turned into records.

use delivery::{Action, Event, ParkReason, State};
use types::{ErrorCode, UnixMillis};

use crate::batch::Tx;
use crate::entry_state::Entry;
use crate::record::rows::{ItemRow, PlanRow, ReportRow};
use crate::stats::Stat;
use crate::{
    Change, EntryKind, EventKind, Plan, RecipientId, StoreError, TrackEvent, Wakeup, convert, key, queue_order,
};

/// Bytes of text kept with an event: a sentence or two of the other side.
const TEXT_MAX: usize = 1024;
/// Bytes of one receipt or other proof: a signature with its chain is a tenth of it.
pub(crate) const EVIDENCE_MAX: usize = 64 * 1024;
/// Events of one recipient: with 64 KiB of proof each they still fit in memory. Failures of one kind leave one event, so
/// only a hostile neighbour gets there; beyond it only the state moves.
pub(crate) const EVENTS_MAX: u32 = 1000;

/// An event in its usual form.
pub(crate) fn event(at: UnixMillis, kind: EventKind, code: Option<ErrorCode>) -> TrackEvent {
    TrackEvent { at, kind, code, text: String::new(), evidence: Vec::new(), flagged: false }
}

/// Appends an event; the last status in order shows in the recipient's state.
pub(crate) fn append(tx: &mut Tx<'_>, entry: &mut Entry, index: u32, mut event: TrackEvent) -> Result<(), StoreError> {
    if event.evidence.len() > EVIDENCE_MAX {
        return Err(too_large("the evidence", event.evidence.len(), EVIDENCE_MAX));
    }
    let end = (0..=TEXT_MAX).rev().find(|end| event.text.is_char_boundary(*end)).unwrap_or(0);
    event.text.truncate(end);
    let mut state = entry.state_or_new(tx, index)?;
    if state.events >= EVENTS_MAX {
        return Ok(());
    }
    tx.put(&key::events(entry.seq, index).index(state.events).done(), &convert::event_row(&event))?;
    state.events += 1;
    if let (EventKind::Status(status), false) = (event.kind, event.flagged) {
        state.status = u32::from(status.as_number());
    }
    let (key, chunk) = entry.set_state(tx, state)?;
    tx.put(&key, chunk)
}

pub(crate) fn too_large(what: &'static str, length: usize, max: usize) -> StoreError {
    let number = |size| u64::try_from(size).unwrap_or(u64::MAX);
    StoreError::TooLarge { what, length: number(length), max: number(max) }
}

/// Gives one event to the delivery of a recipient and carries out what follows, except for the transmission as a whole:
/// the caller calls [`queue_order::refresh`] once for all its recipients.
pub(crate) fn step(
    tx: &mut Tx<'_>,
    entry: &mut Entry,
    index: u32,
    event: Event,
    now: UnixMillis,
) -> Result<Option<Change>, StoreError> {
    step_because(tx, entry, index, event, now, "")
}

/// The same, with words for the return that may follow.
pub(crate) fn step_because(
    tx: &mut Tx<'_>,
    entry: &mut Entry,
    index: u32,
    event: Event,
    now: UnixMillis,
    text: &str,
) -> Result<Option<Change>, StoreError> {
    let before = entry.delivery(tx, index)?;
    let step = before.step(event, now, &tx.shared.options.retry, entry.seq ^ (u64::from(index) << 40));
    if !step.is_changed() {
        return Ok(None);
    }
    let mut state = entry.state_or_new(tx, index)?;
    convert::write_delivery(&mut state, &step.delivery);
    let (key, chunk) = entry.set_state(tx, state)?;
    tx.put(&key, chunk)?;
    moved(tx, entry, index, before.state(), step.delivery.state())?;
    for action in step.actions {
        carry_out(tx, entry, index, action, now, text)?;
    }
    Ok(Some(Change {
        id: RecipientId { seq: entry.number(), index },
        code: convert::agency(&entry.key(), &entry.recipient_row(index)?.code)?,
        state: step.delivery.state(),
        reason: step.delivery.code(),
    }))
}

/// Numbers, operator's list and inbox follow the state.
fn moved(tx: &mut Tx<'_>, entry: &mut Entry, index: u32, from: State, to: State) -> Result<(), StoreError> {
    if from == to {
        return Ok(());
    }
    let parks = |state| matches!(state, State::Parked(_));
    if parks(from) && !parks(to) {
        tx.count(Stat::Parked, -1);
        tx.delete(key::parked(entry.seq, index));
    }
    if parks(to) && !parks(from) {
        tx.count(Stat::Parked, 1);
        tx.mark(&key::parked(entry.seq, index))?;
    }
    match to {
        State::Delivered => tx.count(Stat::Delivered, 1),
        State::Returned => tx.count(Stat::Returned, 1),
        State::Waiting | State::Sending | State::Parked(_) => {}
    }
    if to.is_final() || parks(to) {
        leave_inbox(tx, entry, index)?;
    }
    Ok(())
}

fn carry_out(
    tx: &mut Tx<'_>,
    entry: &mut Entry,
    index: u32,
    action: Action,
    now: UnixMillis,
    text: &str,
) -> Result<(), StoreError> {
    match action {
        Action::ReportDelivered => report(tx, entry, index, now, None, None),
        Action::ReportReturned { code, cause } => {
            let returned = event(now, EventKind::Returned, Some(code));
            append(tx, entry, index, TrackEvent { text: text.to_owned(), ..returned })?;
            report(tx, entry, index, now, Some(code), cause)
        }
        Action::ListForOperator(why) => {
            let code = match why {
                ParkReason::Exhausted => entry.delivery(tx, index)?.code(),
                ParkReason::Held => None,
            };
            append(tx, entry, index, event(now, EventKind::Parked, code))
        }
        Action::RaiseTo(lane) => {
            let hop = entry.plan(tx, index)?.hop;
            if hop.is_empty() { Ok(()) } else { queue_order::raise(tx, entry.seq, &hop, lane) }
        }
        // `refresh` moves the transmission, callers choose routes, leases end with the transmission.
        Action::Persist | Action::Send | Action::StopSending | Action::ChooseRoute | Action::WakeAt(_) => Ok(()),
    }
}

/// Tells that a recipient out of quarantine has it in its inbox here.
pub(crate) fn report_started(tx: &mut Tx<'_>, entry: &Entry, index: u32, now: UnixMillis) -> Result<(), StoreError> {
    let row = ReportRow { started: true, ..report_row(entry, index, now)? };
    put_report(tx, entry, &row)
}

fn report(
    tx: &mut Tx<'_>,
    entry: &Entry,
    index: u32,
    now: UnixMillis,
    code: Option<ErrorCode>,
    cause: Option<ErrorCode>,
) -> Result<(), StoreError> {
    let (code, cause) = (convert::code_text(code), convert::code_text(cause));
    put_report(tx, entry, &ReportRow { code, cause, ..report_row(entry, index, now)? })
}

fn report_row(entry: &Entry, index: u32, now: UnixMillis) -> Result<ReportRow, StoreError> {
    let recipient = entry.recipient_row(index)?.code.clone();
    Ok(ReportRow { seq: entry.seq, index, recipient, at: now.as_millis(), ..ReportRow::default() })
}

fn put_report(tx: &mut Tx<'_>, entry: &Entry, row: &ReportRow) -> Result<(), StoreError> {
    // A receipt is owed to nobody a receipt of its own.
    if entry.row.kind == convert::kind_number(EntryKind::Receipt) {
        return Ok(());
    }
    let number = tx.number();
    tx.put(&key::report(number), row)?;
    tx.count(Stat::Reports, 1);
    tx.wake(Wakeup::Reports);
    Ok(())
}

/// The row of a plan; one for an inbox gets its item number, so that later entries come later.
pub(crate) fn plan_row(tx: &mut Tx<'_>, plan: &Plan) -> PlanRow {
    let row = plan_row_without_item(plan);
    match plan {
        Plan::Inbox(_) => PlanRow { item: tx.number(), ..row },
        Plan::Hop(_) | Plan::Returned { .. } => row,
    }
}

/// The same for a recipient that is held: its item is numbered when it enters the inbox.
pub(crate) fn plan_row_without_item(plan: &Plan) -> PlanRow {
    match plan {
        Plan::Hop(hop) => PlanRow { hop: hop.as_str().to_owned(), ..PlanRow::default() },
        Plan::Inbox(agency) => PlanRow { inbox: agency.as_str().to_owned(), ..PlanRow::default() },
        Plan::Returned { code } => PlanRow { returned: code.as_str().to_owned(), ..PlanRow::default() },
    }
}

/// Puts a recipient whose plan is an inbox there, and on the agency's received list.
pub(crate) fn enter_inbox(tx: &mut Tx<'_>, entry: &mut Entry, index: u32, plan: &PlanRow) -> Result<(), StoreError> {
    let agency = convert::agency(&entry.key(), &plan.inbox)?.canonical().to_owned();
    let item = ItemRow { seq: entry.seq, index, kind: entry.row.kind };
    tx.put(&key::inbox(&agency, plan.item), &item)?;
    tx.put(&key::received(&agency, entry.row.received_at, plan.item), &item)?;
    tx.count(Stat::Inbox(agency.clone()), 1);
    tx.wake(Wakeup::Inbox(agency));
    Ok(())
}

/// Takes a recipient out of the inbox, if it is in one; a repeated confirmation still finds what it was about.
pub(crate) fn leave_inbox(tx: &mut Tx<'_>, entry: &mut Entry, index: u32) -> Result<(), StoreError> {
    use crate::record::View as _;
    let plan = entry.plan(tx, index)?;
    if plan.inbox.is_empty() {
        return Ok(());
    }
    let agency = convert::agency(&entry.key(), &plan.inbox)?.canonical().to_owned();
    let key = key::inbox(&agency, plan.item);
    if tx.raw(&key)?.is_none() {
        return Ok(());
    }
    tx.delete(key);
    let item = ItemRow { seq: entry.seq, index, kind: entry.row.kind };
    tx.put(&key::confirmed(&agency, plan.item), &item)?;
    tx.count(Stat::Inbox(agency.clone()), -1);
    tx.effects.items.push((agency, plan.item));
    Ok(())
}

/// Writes down when the whole entry is settled; retention counts from there.
pub(crate) fn note_if_settled(tx: &mut Tx<'_>, entry: &mut Entry, now: UnixMillis) -> Result<(), StoreError> {
    if entry.is_settled(tx)? {
        tx.mark(&key::settled(now.as_millis(), entry.seq))?;
    }
    Ok(())
}
