//! The quarantine as lists: what is held, and what may start.

use types::UnixMillis;

use crate::engine::Walk;
use crate::entry_state::Entry;
use crate::key::{self, Key, Kind};
use crate::record;
use crate::record::rows::HoldRow;
use crate::shared::Shared;
use crate::{Cursor, Held, HeldPage, HeldQuery, Seq, StoreError, convert};

/// Entries of one page at most.
const PAGE_MAX: usize = 500;
/// Index entries looked at for one page, so that a filter cannot turn a page into a walk.
const LOOKS_MAX: usize = 2000;

/// The hold of one entry, `None` when it has none.
pub(crate) fn hold_of(shared: &Shared, seq: Seq) -> Result<Option<Held>, StoreError> {
    let entry = Entry::load(&shared.guard, seq.as_number())?;
    let Some(row) = record::read::<HoldRow>(&shared.guard, &key::hold(seq.as_number()))? else { return Ok(None) };
    held(&entry, &row).map(Some)
}

fn held(entry: &Entry, row: &HoldRow) -> Result<Held, StoreError> {
    Ok(Held {
        document: entry.document()?,
        code: convert::code(&key::hold(entry.seq), &row.code)?,
        text: row.text.clone(),
        since: UnixMillis::new(row.since),
        until: UnixMillis::new(row.until),
        is_ready: row.ready,
    })
}

/// One page.
pub(crate) fn list(
    shared: &Shared,
    query: &HeldQuery,
    cursor: Option<&Cursor>,
    max: usize,
) -> Result<HeldPage, StoreError> {
    let mut range = match (query.due_before, &query.sender) {
        (Some(before), _) => key::hold_due(0, 0)..key::hold_due(before.as_millis(), 0),
        (None, Some(sender)) => key::hold_sender(sender.canonical()).range(),
        (None, None) => Key::of(Kind::Hold).range(),
    };
    if let Some(Cursor(last)) = cursor
        && *last >= range.start
    {
        range.start.clone_from(last);
        range.start.push(0);
    }
    let found = record::collect(&shared.guard, &range, Walk::Forward, LOOKS_MAX)?;
    let is_all = found.len() < LOOKS_MAX;
    let mut page = HeldPage { entries: Vec::new(), next: None };
    let mut last = None;
    for (place, _) in found {
        if page.entries.len() >= max.clamp(1, PAGE_MAX) {
            page.next = last;
            return Ok(page);
        }
        match hold_of(shared, Seq::new(key::last_number(&place))) {
            Ok(held) => page.entries.extend(held.filter(|held| fits(query, held))),
            Err(error) => error.skip_if_damaged("a held entry is left out")?,
        }
        last = Some(Cursor(place));
    }
    page.next = if is_all { None } else { last };
    Ok(page)
}

fn fits(query: &HeldQuery, held: &Held) -> bool {
    query.sender.as_ref().is_none_or(|sender| held.document.key.sender == *sender)
        && query.code.is_none_or(|code| held.code == Some(code))
}

/// Entries that only have to be started, oldest first.
pub(crate) fn ready(shared: &Shared, max: usize) -> Result<Vec<Seq>, StoreError> {
    let found = record::collect(&shared.guard, &Key::of(Kind::HoldReady).range(), Walk::Forward, max.min(PAGE_MAX))?;
    Ok(found.iter().map(|(key, _)| Seq::new(key::last_number(key))).collect())
}
