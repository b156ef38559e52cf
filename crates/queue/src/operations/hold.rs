//! Quarantine: taking in, looking again, releasing, refusing, starting.

pub(crate) mod list;
mod note;
mod quota;
mod thread;

use delivery::{Event, State};
use types::UnixMillis;

pub(crate) use note::{append as append_note, notes};
pub(crate) use quota::{add as add_to_quota, check as check_quota, holdings};
pub(crate) use thread::{has_held, is_blocked, refresh};

use crate::batch::Tx;
use crate::deliveries::{self, EVIDENCE_MAX, too_large};
use crate::entry_state::Entry;
use crate::operations::accept;
use crate::operations::recall::Actor;
use crate::record;
use crate::record::rows::{HoldRow, NumberRow};
use crate::stats::Stat;
use crate::{
    Act, Change, Deferral, Hold, HoldNote, NoteKind, Plan, RecipientPlan, Released, Start, Started, StoreError,
    convert, key,
};

/// Takes recipients of an entry, from `first` on, into quarantine: for a reason, or only because they wait for others.
pub(crate) fn begin(
    tx: &mut Tx<'_>,
    entry: &mut Entry,
    first: u32,
    hold: Option<Hold>,
    acts: &[Act],
    now: UnixMillis,
) -> Result<(), StoreError> {
    let expires_at = deadline(entry, first)?;
    let until = hold.as_ref().map_or(expires_at, |hold| hold.until.min(expires_at));
    let row = HoldRow {
        number: tx.number(),
        code: convert::code_text(hold.as_ref().map(|hold| hold.code)),
        text: note::cut(hold.as_ref().map_or("", |hold| &hold.text), note::TEXT_MAX),
        since: now.as_millis(),
        until: until.as_millis(),
        acts: acts.iter().map(convert::act_row).collect(),
        ready: false,
    };
    enter(tx, entry, &row)?;
    // Nothing else waits for it yet, and it may not start itself: no other mark of the thread changes.
    match hold {
        Some(hold) => note_hold(tx, entry.seq, &hold, now),
        None => Ok(()),
    }
}

/// A known entry came again, for further recipients, while it is held: they wait with the others.
pub(crate) fn join(tx: &mut Tx<'_>, entry: &mut Entry, hold: Option<Hold>, now: UnixMillis) -> Result<(), StoreError> {
    let row = load(tx, entry.seq)?;
    if let (Some(hold), true) = (hold, row.code.is_empty()) {
        leave(tx, entry, &row)?;
        let until = hold.until.as_millis().min(row.until);
        let code = hold.code.as_str().to_owned();
        let text = note::cut(&hold.text, note::TEXT_MAX);
        enter(tx, entry, &HoldRow { code, text, until, ready: false, ..row })?;
        note_hold(tx, entry.seq, &hold, now)?;
    }
    refresh(tx, entry)
}

fn note_hold(tx: &mut Tx<'_>, seq: u64, hold: &Hold, now: UnixMillis) -> Result<(), StoreError> {
    let (code, text) = (Some(hold.code), hold.text.clone());
    let note = HoldNote { at: now, kind: NoteKind::Held, code, text, by: String::new(), report: Vec::new() };
    append_note(tx, seq, &note)
}

/// The end of the time to live of the first held recipient: all of them came together, or later.
fn deadline(entry: &Entry, first: u32) -> Result<UnixMillis, StoreError> {
    let row = entry.recipient_row(first)?;
    let at = if row.accepted_at > 0 { row.expires_at } else { entry.row.expires_at };
    Ok(UnixMillis::new(at))
}

/// The hold of an entry that has one.
pub(crate) fn load(view: &dyn record::View, seq: u64) -> Result<HoldRow, StoreError> {
    record::read(view, &key::hold(seq))?.ok_or(StoreError::NotFound { what: "the hold" })
}

fn stat(row: &HoldRow) -> Stat {
    if row.code.is_empty() { Stat::HeldBehind } else { Stat::Held }
}

/// Writes a hold with its index entries.
fn enter(tx: &mut Tx<'_>, entry: &Entry, row: &HoldRow) -> Result<(), StoreError> {
    tx.replace(&key::hold(entry.seq), row)?;
    let (sender, document_id) = entry.thread()?;
    tx.put(&key::hold_thread(&sender, &document_id).number(row.number).done(), &NumberRow { number: entry.seq })?;
    tx.mark(&key::hold_sender(sender_of(entry)?.as_str()).number(entry.seq).done())?;
    tx.mark(&key::hold_due(row.until, entry.seq))?;
    tx.mark(&key::expiry(row.until, entry.seq))?;
    tx.count(stat(row), 1);
    quota::count(tx, entry, 1)
}

/// Takes a hold away with its index entries; whatever it kept is the caller's to start or end.
fn leave(tx: &mut Tx<'_>, entry: &Entry, row: &HoldRow) -> Result<(), StoreError> {
    let (sender, document_id) = entry.thread()?;
    tx.remove(&key::hold(entry.seq))?;
    tx.delete(key::hold_thread(&sender, &document_id).number(row.number).done());
    tx.delete(key::hold_sender(sender_of(entry)?.as_str()).number(entry.seq).done());
    tx.delete(key::hold_due(row.until, entry.seq));
    tx.delete(key::hold_ready(entry.seq));
    tx.count(stat(row), -1);
    quota::count(tx, entry, -1)
}

fn sender_of(entry: &Entry) -> Result<String, StoreError> {
    Ok(convert::agency(&entry.key(), &entry.row.key.sender)?.canonical().to_owned())
}

/// Ends the own reason of a held entry. Runs within a batch.
pub(crate) fn release(tx: &mut Tx<'_>, seq: u64, note: &HoldNote) -> Result<Released, StoreError> {
    let Some((entry, row)) = own(tx, seq)? else { return Ok(Released::NotHeld) };
    append_note(tx, seq, note)?;
    leave(tx, &entry, &row)?;
    let until = deadline(&entry, entry.row.held_from.unwrap_or(0))?.as_millis();
    enter(tx, &entry, &HoldRow { code: String::new(), text: String::new(), until, ready: false, ..row })?;
    refresh(tx, &entry)?;
    Ok(Released::Done)
}

/// The entry, when it is held for a reason of its own.
fn own(tx: &Tx<'_>, seq: u64) -> Result<Option<(Entry, HoldRow)>, StoreError> {
    let entry = Entry::load(tx, seq)?;
    if entry.row.held_from.is_none() {
        return Ok(None);
    }
    let row = load(tx, seq)?;
    Ok((!row.code.is_empty()).then_some((entry, row)))
}

/// Keeps what is missing now; the hold goes on. Runs within a batch.
pub(crate) fn defer(tx: &mut Tx<'_>, deferral: &Deferral) -> Result<Released, StoreError> {
    let seq = deferral.seq.as_number();
    let Some((_, row)) = own(tx, seq)? else { return Ok(Released::NotHeld) };
    let text = note::cut(&deferral.text, note::TEXT_MAX);
    if row.code == deferral.code.as_str() && row.text == text {
        return Ok(Released::Done);
    }
    let note = HoldNote {
        at: deferral.now,
        kind: NoteKind::Deferred,
        code: Some(deferral.code),
        text: text.clone(),
        by: String::new(),
        report: deferral.report.clone(),
    };
    append_note(tx, seq, &note)?;
    tx.replace(&key::hold(seq), &HoldRow { code: deferral.code.as_str().to_owned(), text, ..row })?;
    Ok(Released::Done)
}

/// Returns what an entry holds to its sender, for the note's reason. Runs within a batch.
pub(crate) fn refuse(tx: &mut Tx<'_>, seq: u64, note: &HoldNote) -> Result<Released, StoreError> {
    let code = note.code.ok_or(StoreError::Invalid { what: "a refusal needs a code" })?;
    let mut entry = Entry::load(tx, seq)?;
    if entry.row.held_from.is_none() {
        return Ok(Released::NotHeld);
    }
    append_note(tx, seq, note)?;
    end(tx, &mut entry, Event::Return { code }, &note.text, note.at)?;
    Ok(Released::Done)
}

/// Ends every held delivery, and the hold with them.
fn end(
    tx: &mut Tx<'_>,
    entry: &mut Entry,
    event: Event,
    text: &str,
    now: UnixMillis,
) -> Result<Vec<Change>, StoreError> {
    let first = entry.row.held_from.unwrap_or(0);
    let mut changes = Vec::new();
    for index in first..entry.count() {
        changes.extend(deliveries::step_because(tx, entry, index, event, now, text)?);
    }
    drop_if_over(tx, entry, now)?;
    Ok(changes)
}

/// Drops the hold of an entry of which nothing is left to be started.
pub(crate) fn drop_if_over(tx: &mut Tx<'_>, entry: &mut Entry, now: UnixMillis) -> Result<(), StoreError> {
    let Some(first) = entry.row.held_from else { return Ok(()) };
    for index in first..entry.count() {
        if !entry.delivery(tx, index)?.state().is_final() {
            return Ok(());
        }
    }
    let row = load(tx, entry.seq)?;
    leave(tx, entry, &row)?;
    entry.row.held_from = None;
    tx.replace(&entry.key(), &entry.row)?;
    deliveries::note_if_settled(tx, entry, now)?;
    refresh(tx, entry)
}

/// Returns a held entry whose time has passed; gives the time to look again of one whose time has not.
pub(crate) fn expire(
    tx: &mut Tx<'_>,
    entry: &mut Entry,
    now: UnixMillis,
) -> Result<(Vec<Change>, Option<UnixMillis>), StoreError> {
    let row = load(tx, entry.seq)?;
    let until = UnixMillis::new(row.until);
    if now < until {
        return Ok((Vec::new(), Some(until)));
    }
    let code = convert::code(&key::hold(entry.seq), &row.code)?.unwrap_or(types::ErrorCode::TimeToLive);
    let (text, by) = (row.text.clone(), String::new());
    let note = HoldNote { at: now, kind: NoteKind::Expired, code: Some(code), text, by, report: Vec::new() };
    append_note(tx, entry.seq, &note)?;
    Ok((end(tx, entry, Event::Return { code }, &row.text, now)?, None))
}

/// Refuses what can be told without looking at the store.
pub(crate) fn check_start(start: &Start) -> Result<(), StoreError> {
    match start.evidence.iter().map(|(_, evidence)| evidence.len()).find(|length| *length > EVIDENCE_MAX) {
        Some(length) => Err(too_large("the evidence", length, EVIDENCE_MAX)),
        None => Ok(()),
    }
}

/// Starts an entry that nothing keeps any more. Runs within a batch.
pub(crate) fn start(tx: &mut Tx<'_>, start: Start) -> Result<Started, StoreError> {
    let Start { seq, now, evidence } = start;
    let mut entry = Entry::load(tx, seq.as_number())?;
    let Some(first) = entry.row.held_from else { return Ok(Started::NotReady) };
    let row = load(tx, entry.seq)?;
    if !row.ready {
        return Ok(Started::NotReady);
    }
    leave(tx, &entry, &row)?;
    let acts = row.acts.iter().map(|act| convert::act(&key::hold(entry.seq), act)).collect::<Result<Vec<_>, _>>()?;
    let (indices, waiting): (Vec<u32>, Vec<RecipientPlan>) =
        plans(tx, &mut entry, first, evidence)?.into_iter().unzip();
    let actor = Actor {
        seq: entry.seq,
        kind: convert::kind(&entry.key(), entry.row.kind)?,
        business: convert::business(&entry.key(), entry.row.business)?,
        acts: &acts,
        at: now,
    };
    let waiting = accept::without_spared(tx, &actor, waiting)?;
    let expires_at = tx.shared.options.ttl.deadline(convert::lane(&entry.key(), entry.row.lane)?, now).as_millis();
    for (index, recipient) in indices.iter().zip(&waiting) {
        // A new item: it enters the inbox behind everything that is there.
        let plan = deliveries::plan_row(tx, &recipient.plan);
        if let Some(held) = usize::try_from(*index).ok().and_then(|index| entry.row.recipients.get_mut(index)) {
            (held.plan, held.accepted_at, held.expires_at) = (plan, now.as_millis(), expires_at);
        }
    }
    entry.row.held_from = None;
    tx.replace(&entry.key(), &entry.row)?;
    tx.mark(&key::expiry(expires_at, entry.seq))?;
    for (index, recipient) in indices.iter().zip(&waiting) {
        // Whoever brought the packet was told nothing of its inboxes when it was accepted.
        if matches!(recipient.plan, Plan::Inbox(_)) && recipient.evidence.is_some() {
            deliveries::report_started(tx, &entry, *index, now)?;
        }
    }
    accept::start(tx, &mut entry, indices.into_iter().zip(waiting).collect(), now)?;
    let (text, by, report) = (String::new(), String::new(), Vec::new());
    append_note(tx, entry.seq, &HoldNote { at: now, kind: NoteKind::Started, code: None, text, by, report })?;
    refresh(tx, &entry)?;
    Ok(Started::Now)
}

/// The held recipients that still wait, with where they go.
fn plans(
    tx: &Tx<'_>,
    entry: &mut Entry,
    first: u32,
    mut evidence: Vec<(u32, Vec<u8>)>,
) -> Result<Vec<(u32, RecipientPlan)>, StoreError> {
    let mut plans = Vec::new();
    for index in first..entry.count() {
        let recipient = entry.recipient(tx, index)?;
        if recipient.delivery.state() == State::Waiting {
            let place = evidence.iter().position(|(about, _)| *about == index);
            let evidence = place.map(|place| evidence.swap_remove(place).1);
            plans.push((index, RecipientPlan { code: recipient.code, plan: recipient.plan, evidence }));
        }
    }
    Ok(plans)
}
