//! The quarantine record of an entry: append only.

use types::UnixMillis;

use crate::batch::Tx;
use crate::deliveries::{EVIDENCE_MAX, too_large};
use crate::engine::Walk;
use crate::record;
use crate::record::rows::NoteRow;
use crate::shared::Shared;
use crate::stats::Stat;
use crate::{HoldNote, NoteKind, Seq, StoreError, convert, key};

/// Bytes of text kept with a note or a hold: a sentence or two.
pub(super) const TEXT_MAX: usize = 1024;
/// Bytes of the name of whoever decided.
const BY_MAX: usize = 256;
/// Notes of one entry: a hold that is looked at for a month and changes its reason every hour stays below it.
const NOTES_MAX: u64 = 1000;

/// The text, cut at a character boundary to at most `max` bytes.
pub(super) fn cut(text: &str, max: usize) -> String {
    let end = (0..=max.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    text.get(..end).unwrap_or_default().to_owned()
}

/// Appends a note; beyond the limit only the state moves.
pub(crate) fn append(tx: &mut Tx<'_>, seq: u64, note: &HoldNote) -> Result<(), StoreError> {
    if note.report.len() > EVIDENCE_MAX {
        return Err(too_large("the report", note.report.len(), EVIDENCE_MAX));
    }
    let last = record::collect(tx, &key::notes(seq).range(), Walk::Backward, 1)?;
    let number = last.first().map_or(0, |(key, _)| key::last_number(key) + 1);
    if number >= NOTES_MAX {
        return Ok(());
    }
    let row = NoteRow {
        at: note.at.as_millis(),
        kind: number_of(note.kind),
        code: convert::code_text(note.code),
        text: cut(&note.text, TEXT_MAX),
        by: cut(&note.by, BY_MAX),
        report: note.report.clone(),
    };
    tx.count(Stat::Notes, 1);
    tx.put(&key::notes(seq).number(number).done(), &row)
}

/// Every note of an entry, oldest first.
pub(crate) fn notes(shared: &Shared, seq: Seq) -> Result<Vec<HoldNote>, StoreError> {
    let found = record::collect(&shared.guard, &key::notes(seq.as_number()).range(), Walk::Forward, usize::MAX)?;
    let note = |(key, value): record::Pair| {
        let row: NoteRow = record::decode(&shared.guard, &key, &value)?;
        Ok(HoldNote {
            at: UnixMillis::new(row.at),
            kind: kind(&key, row.kind)?,
            code: convert::code(&key, &row.code)?,
            text: row.text,
            by: row.by,
            report: row.report,
        })
    };
    found.into_iter().map(note).collect()
}

const fn number_of(kind: NoteKind) -> u32 {
    match kind {
        NoteKind::Held => 0,
        NoteKind::Deferred => 1,
        NoteKind::Released => 2,
        NoteKind::Refused => 3,
        NoteKind::Expired => 4,
        NoteKind::Started => 5,
    }
}

fn kind(record: &[u8], number: u32) -> Result<NoteKind, StoreError> {
    Ok(match number {
        0 => NoteKind::Held,
        1 => NoteKind::Deferred,
        2 => NoteKind::Released,
        3 => NoteKind::Refused,
        4 => NoteKind::Expired,
        5 => NoteKind::Started,
        _ => return Err(convert::odd(record, "kind")),
    })
}
