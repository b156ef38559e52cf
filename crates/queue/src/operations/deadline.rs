//! Deadlines of documents: who is to be warned that one will probably be missed.

use types::{ErrorCode, UnixMillis};

use crate::batch::Tx;
use crate::deliveries;
use crate::engine::Walk;
use crate::entry_state::Entry;
use crate::shared::Shared;
use crate::{Deadline, DeadlineLook, EventKind, Seq, StoreError, TrackEvent, key, record};

/// Deadlines in one page, and looks in one call, at most.
const PAGE_MAX: usize = 256;

/// Documents whose deadlines come before `until`, the next first.
pub(crate) fn list(
    shared: &Shared,
    until: UnixMillis,
    after: Option<Deadline>,
    max: usize,
) -> Result<Vec<Deadline>, StoreError> {
    let start = after.map_or_else(
        || key::deadline(0, 0),
        |after| key::after(&key::deadline(after.due.as_millis(), after.seq.as_number())),
    );
    let range = start..key::deadline(until.as_millis(), 0);
    let found = record::collect(&shared.guard, &range, Walk::Forward, max.min(PAGE_MAX))?;
    let deadline = |key: &[u8]| Deadline {
        due: UnixMillis::new(key::number_before(key, 8)),
        seq: Seq::new(key::last_number(key)),
    };
    Ok(found.iter().map(|(key, _)| deadline(key)).collect())
}

/// Runs within a batch.
pub(crate) fn note(tx: &mut Tx<'_>, looks: Vec<DeadlineLook>, now: UnixMillis) -> Result<(), StoreError> {
    for look in looks.into_iter().take(PAGE_MAX) {
        if look.is_done {
            tx.delete(key::deadline(look.deadline.due.as_millis(), look.deadline.seq.as_number()));
        }
        match warn(tx, look, now) {
            Ok(()) => {}
            // One damaged entry must not keep the others from being warned of.
            Err(error) => error.skip_if_damaged("a warning is left out")?,
        }
    }
    Ok(())
}

fn warn(tx: &mut Tx<'_>, look: DeadlineLook, now: UnixMillis) -> Result<(), StoreError> {
    if look.at_risk.is_empty() {
        return Ok(());
    }
    let mut entry = Entry::load(tx, look.deadline.seq.as_number())?;
    for (index, text) in look.at_risk {
        if entry.delivery(tx, index)?.state().is_final() {
            continue;
        }
        let event = deliveries::event(now, EventKind::AtRisk, Some(ErrorCode::DeadlineAtRisk));
        deliveries::append(tx, &mut entry, index, TrackEvent { text, ..event })?;
    }
    Ok(())
}
