//! Walking everything: what is damaged, what is left over.

use std::fs::File;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::path::Path;

use ring::digest::{Context, SHA256};
use types::Digest;

use crate::engine::Walk;
use crate::entry_state::Entry;
use crate::key::{self, Kind};
use crate::queue_order::{Place, Transmission};
use crate::record::rows::{HoldRow, ItemRow, NumberRow, ReferenceRow};
use crate::shared::Shared;
use crate::{StoreError, convert, record};

/// What [`crate::Store::check`] found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckReport {
    /// Records read.
    pub records: u64,
    /// Payload files read.
    pub payloads: u64,
    /// Damaged records and payloads, named, with what is wrong; at most 10 000.
    pub damage: Vec<Damage>,
    /// Payload files that no entry refers to: left by a crash, harmless.
    pub orphans: u64,
}

/// One damaged thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The record or file.
    pub what: String,
    /// What is wrong with it.
    pub reason: String,
}

/// Damage named in one report: enough to see that a backup is needed.
const DAMAGE_MAX: usize = 10_000;
/// Records read at a time: no engine lock is held while they are looked at.
const STRIDE: usize = 1024;
/// Bytes of a payload hashed at a time.
const BLOCK: usize = 256 * 1024;

impl CheckReport {
    fn add(&mut self, what: String, reason: String) {
        if self.damage.len() < DAMAGE_MAX {
            self.damage.push(Damage { what, reason });
        }
    }

    fn note<T>(&mut self, found: Result<T, StoreError>) -> Result<(), StoreError> {
        match found {
            Ok(_) => Ok(()),
            Err(StoreError::Damaged { record, reason }) => {
                self.add(record, reason);
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}

/// Reads every record and every payload file.
pub(crate) fn check(shared: &Shared) -> Result<CheckReport, StoreError> {
    let mut report = CheckReport::default();
    let mut range = Vec::new()..vec![0xff; 2];
    loop {
        let found = record::collect(&shared.guard, &range, Walk::Forward, STRIDE)?;
        let Some((last, _)) = found.last() else { break };
        range.start.clone_from(last);
        range.start.push(0);
        for (key, value) in &found {
            report.records += 1;
            let looked = record::unwrap(key, value).and_then(|_| look(shared, key, value));
            report.note(looked)?;
        }
    }
    check_payloads(shared, &mut report)?;
    Ok(report)
}

/// Decodes a record and what it refers to.
fn look(shared: &Shared, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
    let view = &shared.guard;
    let refers_to = |seq: u64| match Entry::load(view, seq) {
        // A record that went away since the walk took this one along.
        Err(StoreError::NotFound { .. }) if view.get(key)?.is_some() => Err(StoreError::Damaged {
            record: key::describe(key),
            reason: format!("it refers to document {seq}, which is missing"),
        }),
        Err(StoreError::NotFound { .. }) => Ok(()),
        Err(error) => Err(error),
        Ok(_) => Ok(()),
    };
    match Kind::of(key) {
        Some(Kind::Document) => look_at_entry(shared, key::last_number(key)),
        Some(Kind::Inbox | Kind::Received | Kind::Confirmed) => {
            refers_to(record::decode::<ItemRow>(view, key, value)?.seq)
        }
        Some(Kind::Hold | Kind::HoldSender | Kind::HoldDue | Kind::HoldReady) => look_at_hold(shared, key),
        Some(Kind::HoldThread) => refers_to(record::decode::<NumberRow>(view, key, value)?.number),
        Some(Kind::Note) => refers_to(key::number_before(key, 8)),
        Some(Kind::Reference) => refers_to(record::decode::<ReferenceRow>(view, key, value)?.seq),
        Some(Kind::Due | Kind::Ready | Kind::Retry) => look_at_due(shared, key),
        Some(_) => Ok(()),
        None => Err(StoreError::Damaged { record: key::describe(key), reason: "its kind is not known".to_owned() }),
    }
}

/// An index entry of a due transmission belongs to one, at this place.
fn look_at_due(shared: &Shared, key: &[u8]) -> Result<(), StoreError> {
    let hop: Vec<u8> = key.iter().skip(1).take_while(|byte| **byte != 0).copied().collect();
    let found = Transmission::load(&shared.guard, key::last_number(key), &String::from_utf8_lossy(&hop))?;
    let reason = match found {
        Some(found) if found.place == Place::Due && found.due_key() == key => return Ok(()),
        Some(_) => "its transmission is elsewhere",
        None => "its transmission is missing",
    };
    // It may have moved since the walk took this record along.
    if shared.guard.get(key)?.is_none() {
        return Ok(());
    }
    Err(StoreError::Damaged { record: key::describe(key), reason: reason.to_owned() })
}

/// A hold or an index entry of one: the entry, its hold and the mark in the entry belong together.
fn look_at_hold(shared: &Shared, key: &[u8]) -> Result<(), StoreError> {
    let view = &shared.guard;
    let seq = key::last_number(key);
    let is_held = match Entry::load(view, seq) {
        Ok(entry) => entry.row.held_from.is_some(),
        Err(StoreError::NotFound { .. }) => false,
        Err(error) => return Err(error),
    };
    let has_hold = record::read::<HoldRow>(view, &key::hold(seq))?.is_some();
    // It may have ended since the walk took this record along.
    if (is_held && has_hold) || view.get(key)?.is_none() {
        return Ok(());
    }
    Err(StoreError::Damaged { record: key::describe(key), reason: format!("document {seq} is not held") })
}

/// An entry, its recipients' states, and the presence of its payloads.
fn look_at_entry(shared: &Shared, seq: u64) -> Result<(), StoreError> {
    let mut entry = Entry::load(&shared.guard, seq)?;
    let document = entry.document()?;
    if entry.row.held_from.is_some()
        && shared.guard.get(&key::hold(seq))?.is_none()
        && Entry::load(&shared.guard, seq)?.row.held_from.is_some()
    {
        return Err(StoreError::Damaged {
            record: key::describe(&entry.key()),
            reason: "its hold is missing".to_owned(),
        });
    }
    for index in 0..entry.count() {
        entry.recipient(&shared.guard, index)?;
    }
    let content = document.purged_at.is_none().then_some(("content", &document.content));
    for (name, payload) in content.into_iter().chain([("envelope", &document.side)]) {
        let is_missing = payload.inline.is_none() && !shared.payloads.path(&payload.digest).is_file();
        if is_missing {
            let reason = format!("the file of its {name}, {}, is missing", payload.digest);
            return Err(StoreError::Damaged { record: key::describe(&entry.key()), reason });
        }
        if payload.inline.as_ref().is_some_and(|bytes| crate::payload::digest_of(bytes) != payload.digest) {
            return Err(convert::odd(&entry.key(), name));
        }
    }
    Ok(())
}

fn check_payloads(shared: &Shared, report: &mut CheckReport) -> Result<(), StoreError> {
    let mut failed = None;
    shared.payloads.walk(&mut |digest, path| {
        if failed.is_none() {
            failed = check_payload(shared, report, digest, path).err();
        }
    })?;
    failed.map_or(Ok(()), Err)
}

fn check_payload(
    shared: &Shared,
    report: &mut CheckReport,
    digest: Option<Digest>,
    path: &Path,
) -> Result<(), StoreError> {
    report.payloads += 1;
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let Some(digest) = digest else {
        report.add(format!("payload {name}"), "its name is no digest".to_owned());
        return Ok(());
    };
    let range = key::payload(&digest).range();
    let mut is_referenced = false;
    shared.guard.walk(range.start.as_slice()..range.end.as_slice(), Walk::Forward, &mut |_, _| {
        is_referenced = true;
        ControlFlow::Break(())
    })?;
    if !is_referenced {
        report.orphans += 1;
    }
    match hash(path) {
        Ok(found) if found.as_slice() == digest.as_bytes() => {}
        Ok(_) => report.add(format!("payload {name}"), "its content does not match its digest".to_owned()),
        // Retention may have removed it since the walk.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => report.add(format!("payload {name}"), error.to_string()),
    }
    Ok(())
}

fn hash(path: &Path) -> io::Result<Vec<u8>> {
    let (mut file, mut block, mut context) = (File::open(path)?, vec![0; BLOCK], Context::new(&SHA256));
    loop {
        let length = file.read(&mut block)?;
        if length == 0 {
            return Ok(context.finish().as_ref().to_vec());
        }
        context.update(block.get(..length).unwrap_or_default());
    }
}

/// The numbers counted by walking, to compare with those maintained.
#[cfg(test)]
pub(crate) fn recount(shared: &Shared) -> crate::Stats {
    use delivery::State;

    use crate::key::Key;
    use crate::stats::{Deltas, Stat, Table};

    let view = &shared.guard;
    let keys = |kind| record::collect(view, &Key::of(kind).range(), Walk::Forward, usize::MAX).unwrap();
    let mut deltas = Deltas::default();
    for (key, _) in keys(Kind::Document) {
        deltas.add(Stat::Accepted, 1);
        let mut entry = Entry::load(view, key::last_number(&key)).unwrap();
        for index in 0..entry.count() {
            match entry.delivery(view, index).unwrap().state() {
                State::Delivered => deltas.add(Stat::Delivered, 1),
                State::Returned => deltas.add(Stat::Returned, 1),
                State::Parked(_) => deltas.add(Stat::Parked, 1),
                State::Waiting | State::Sending => {}
            }
        }
        let (content, side) = (entry.document().unwrap().content, entry.document().unwrap().side);
        let mut files = std::collections::BTreeMap::new();
        for payload in [content, side] {
            let reference = key::payload(&payload.digest).number(entry.seq).done();
            if view.get(&reference).unwrap().is_some() {
                files.insert(payload.digest, payload.length);
            }
        }
        deltas.add(Stat::PayloadBytes, files.values().map(|length| i64::try_from(*length).unwrap()).sum());
    }
    for (key, _) in keys(Kind::Transmission) {
        let hop = std::str::from_utf8(&key[9..key.len() - 1]).unwrap();
        let seq = u64::from_be_bytes(key[1..9].try_into().unwrap());
        let found = Transmission::load(view, seq, hop).unwrap().unwrap();
        if found.place != Place::Parked {
            deltas.add(Stat::Waiting(hop.to_owned(), found.lane), 1);
        }
    }
    for (key, _) in keys(Kind::Inbox) {
        deltas.add(Stat::Inbox(String::from_utf8(key[1..key.len() - 9].to_vec()).unwrap()), 1);
    }
    for (key, value) in keys(Kind::Hold) {
        let row: HoldRow = record::decode(view, &key, &value).unwrap();
        deltas.add(if row.code.is_empty() { Stat::HeldBehind } else { Stat::Held }, 1);
    }
    deltas.add(Stat::Reports, i64::try_from(keys(Kind::Report).len()).unwrap());
    let mut table = Table::default();
    table.set(table.changed(&deltas, &mut crate::engine::Changes::new()).unwrap());
    table.stats()
}
