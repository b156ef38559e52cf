//! Quarantine as interfaces show it.

use prost::Message as _;
use queue::{Document, Held, HoldNote, NoteKind, Origin};
use wire::types_v1::SignatureReport;
use wire::{admin_v1, exchange_v1, timestamp};

use crate::core::Core;
use crate::exchange::summary;
use crate::intake::Refused;
use crate::record::Summary;

/// Receivers named with one held document.
const NAMED_MAX: usize = 100;

const fn name(kind: NoteKind) -> &'static str {
    match kind {
        NoteKind::Held => "Held",
        NoteKind::Deferred => "Deferred",
        NoteKind::Released => "Released",
        NoteKind::Refused => "Refused",
        NoteKind::Expired => "Expired",
        NoteKind::Started => "Started",
    }
}

/// The report kept with a note; one that does not decode is left out, the note says what was decided.
fn report(note: &HoldNote) -> Option<SignatureReport> {
    if note.report.is_empty() {
        return None;
    }
    SignatureReport::decode(note.report.as_slice()).ok()
}

/// The last report on a document's signatures: of the last look at it in quarantine, otherwise the one of its acceptance.
pub(crate) fn last_report(
    core: &Core,
    document: &Document,
    first: Option<SignatureReport>,
) -> Result<Option<SignatureReport>, Refused> {
    if !first.as_ref().is_some_and(is_held) {
        return Ok(first);
    }
    let notes = core.store.hold_notes(document.seq)?;
    Ok(notes.iter().rev().find_map(report).or(first))
}

fn is_held(report: &SignatureReport) -> bool {
    report.ruling == HELD
}

/// The ruling of what is taken into quarantine.
const HELD: &str = "QUARANTINE";
/// For lists: an operator let it go on.
const RELEASED: &str = "RELEASED";

/// For lists: what was decided by a document's signatures, and the worst of them.
pub(crate) fn standing(core: &Core, document: &Document, kept: &Summary) -> Result<(String, String), Refused> {
    if kept.ruling != HELD {
        return Ok((kept.ruling.clone(), kept.indication.clone()));
    }
    let notes = core.store.hold_notes(document.seq)?;
    let last = notes.iter().rev().find_map(report);
    let indication = last.as_ref().map_or_else(|| kept.indication.clone(), |report| report.indication.clone());
    let decided =
        notes.iter().rev().find(|note| matches!(note.kind, NoteKind::Released | NoteKind::Refused | NoteKind::Expired));
    let ruling = match decided {
        Some(note) if note.kind == NoteKind::Released && !note.by.is_empty() => RELEASED.to_owned(),
        Some(note) if note.kind == NoteKind::Released => last.map_or_else(String::new, |report| report.ruling),
        Some(_) => "REFUSE".to_owned(),
        None => HELD.to_owned(),
    };
    Ok((ruling, indication))
}

/// For the sender: why its document is, or was, kept back; `None` when it never was.
pub(crate) fn quarantine(core: &Core, document: &Document) -> Result<Option<exchange_v1::Quarantine>, Refused> {
    let held = core.store.hold(document.seq)?;
    let notes = core.store.hold_notes(document.seq)?;
    if held.is_none() && notes.is_empty() {
        return Ok(None);
    }
    let events = notes.iter().map(|note| exchange_v1::QuarantineEvent {
        at: Some(timestamp(note.at)),
        event: name(note.kind).to_owned(),
        code: note.code.map(|code| code.to_string()).unwrap_or_default(),
        text: note.text.clone(),
        by_operator: !note.by.is_empty(),
        signature_report: report(note),
    });
    let held = held.as_ref();
    Ok(Some(exchange_v1::Quarantine {
        code: held.and_then(|held| held.code).map(|code| code.to_string()).unwrap_or_default(),
        text: held.map(|held| held.text.clone()).unwrap_or_default(),
        since: held.map(|held| timestamp(held.since)),
        until: held.map(|held| timestamp(held.until)),
        events: events.collect(),
    }))
}

/// For an operator: one line of the list.
pub(super) fn line(core: &Core, held: &Held) -> Result<admin_v1::HeldDocument, Refused> {
    let document = &held.document;
    let from = document.held_from.unwrap_or(0);
    let recipients = core.store.recipients(document.seq, from, NAMED_MAX)?;
    Ok(admin_v1::HeldDocument {
        document: Some(summary(core, document)?),
        origin: match &document.origin {
            Origin::Local(system) => format!("system:{system}"),
            Origin::Neighbour(neighbour) => format!("neighbour:{neighbour}"),
        },
        code: held.code.map(|code| code.to_string()).unwrap_or_default(),
        text: held.text.clone(),
        since: Some(timestamp(held.since)),
        until: Some(timestamp(held.until)),
        recipients: recipients.iter().map(|recipient| recipient.code.to_string()).collect(),
    })
}

/// For an operator: one line of the record.
pub(super) fn record(note: &HoldNote) -> admin_v1::HoldRecord {
    admin_v1::HoldRecord {
        at: Some(timestamp(note.at)),
        event: name(note.kind).to_owned(),
        code: note.code.map(|code| code.to_string()).unwrap_or_default(),
        text: note.text.clone(),
        by: note.by.clone(),
        signature_report: report(note),
    }
}
