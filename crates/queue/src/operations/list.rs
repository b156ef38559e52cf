//! Lists of entries, the latest first.

use std::ops::Range;

use crate::engine::Walk;
use crate::entry_state::Entry;
use crate::key::{self, Key, Kind};
use crate::record;
use crate::record::rows::ItemRow;
use crate::shared::Shared;
use crate::{Cursor, Direction, Document, Page, Query, Recipient, Row, StoreError};

/// Rows of one page at most.
const ROWS_MAX: usize = 500;
/// Entries looked at for one page: a filter that fits nothing gives short pages, not long waits.
const LOOKS_MAX: usize = 2000;
/// Index entries read at a time.
const STRIDE: usize = 256;

/// One page.
pub(crate) fn list(shared: &Shared, query: &Query, cursor: Option<&Cursor>, max: usize) -> Result<Page, StoreError> {
    let text = query.text.as_ref().map(|text| text.to_lowercase());
    let mut range = range(query);
    if let Some(Cursor(key)) = cursor
        && *key < range.end
    {
        range.end.clone_from(key);
    }
    let (mut page, mut looks) = (Page { rows: Vec::new(), next: None }, 0);
    loop {
        let found = record::collect(&shared.guard, &range, Walk::Backward, STRIDE)?;
        let is_last = found.len() < STRIDE;
        for (key, value) in found {
            if page.rows.len() >= max.clamp(1, ROWS_MAX) || looks >= LOOKS_MAX {
                // The end of a range is outside it: the next page starts below the last key looked at.
                page.next = Some(Cursor(range.end));
                return Ok(page);
            }
            looks += 1;
            match row(shared, query, text.as_deref(), &key, &value) {
                Ok(row) => page.rows.extend(row),
                Err(error) => error.skip_if_damaged("a row of a list is left out")?,
            }
            range.end = key;
        }
        if is_last {
            return Ok(page);
        }
    }
}

/// The part of the index that the query is about.
fn range(query: &Query) -> Range<Vec<u8>> {
    let Some(agency) = &query.agency else { return Key::of(Kind::Document).range() };
    let kind = match query.direction {
        Direction::Sent => Kind::Sent,
        Direction::Received => Kind::Received,
    };
    let prefix = Key::of(kind).text(agency.canonical());
    let mut range = prefix.clone().range();
    if let Some(from) = query.from {
        range.start = prefix.clone().number(from.as_millis()).done();
    }
    if let Some(until) = query.until {
        range.end = prefix.number(until.as_millis()).done();
    }
    range
}

/// The row of an index entry, `None` when a filter leaves it out.
fn row(
    shared: &Shared,
    query: &Query,
    text: Option<&str>,
    key: &[u8],
    value: &[u8],
) -> Result<Option<Row>, StoreError> {
    let item = match Kind::of(key) {
        Some(Kind::Received) => Some(record::decode::<ItemRow>(&shared.guard, key, value)?),
        _ => None,
    };
    let seq = item.as_ref().map_or_else(|| key::last_number(key), |item| item.seq);
    let mut entry = Entry::load(&shared.guard, seq)?;
    let document = entry.document()?;
    if !fits(query, text, &document) {
        return Ok(None);
    }
    let recipient = item.map(|item| entry.recipient(&shared.guard, item.index)).transpose()?;
    if !has_state(shared, query, &mut entry, recipient.as_ref())? {
        return Ok(None);
    }
    Ok(Some(Row { document, recipient }))
}

fn fits(query: &Query, text: Option<&str>, document: &Document) -> bool {
    query.from.is_none_or(|from| document.received_at >= from)
        && query.until.is_none_or(|until| document.received_at < until)
        && query.kind.is_none_or(|kind| document.kind == kind)
        && query.business.is_none_or(|business| document.business == business)
        && text.is_none_or(|text| document.key.document_id.as_str().to_lowercase().contains(text))
}

fn has_state(
    shared: &Shared,
    query: &Query,
    entry: &mut Entry,
    recipient: Option<&Recipient>,
) -> Result<bool, StoreError> {
    let Some(state) = query.state else { return Ok(true) };
    if let Some(recipient) = recipient {
        return Ok(recipient.delivery.state() == state);
    }
    for index in 0..entry.count() {
        if entry.delivery(&shared.guard, index)?.state() == state {
            return Ok(true);
        }
    }
    Ok(false)
}
