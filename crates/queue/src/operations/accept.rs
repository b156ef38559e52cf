//! Taking an entry in.

use std::collections::BTreeSet;

use delivery::Event;
use types::{AgencyCode, Digest, ErrorCode, UnixMillis};

use crate::batch::Tx;
use crate::deliveries::{self, EVIDENCE_MAX, too_large};
use crate::engine::Walk;
use crate::entry_state::Entry;
use crate::operations::hold;
use crate::operations::recall::{self, ACTS_MAX, Actor};
use crate::payload::{Kept, Place, ROW_MAX};
use crate::record::rows::{BytesRow, DocumentRow, KeyRow, RecipientRow, ReferenceRow};
use crate::record::{self, View};
use crate::stats::Stat;
use crate::{
    Accept, Accepted, Content, DocumentKey, EntryKind, EventKind, Hold, Origin, PayloadRef, Plan, RecipientPlan,
    ReportId, Seq, StoreError, convert, key, payload, queue_order,
};

/// Recipients of one entry: every agency of the largest group seen, many times over, and still one small record.
const RECIPIENTS_MAX: usize = 10_000;
/// Bytes of the caller's header facts.
const SUMMARY_MAX: usize = 3 * 1024;
/// Nodes an entry may have passed; routing gives up long before.
const HOPS_MAX: usize = 64;

/// Refuses what can be told without looking at the store.
pub(crate) fn check(accept: &Accept) -> Result<(), StoreError> {
    if accept.recipients.is_empty() {
        return Err(StoreError::Invalid { what: "an entry needs a recipient" });
    }
    let limits = [
        ("the list of recipients", accept.recipients.len(), RECIPIENTS_MAX),
        ("the summary", accept.summary.len(), SUMMARY_MAX),
        ("the list of hops", accept.hops.len(), HOPS_MAX),
        ("the receipt", accept.receipt.len(), EVIDENCE_MAX),
        ("the list of answered reports", accept.answers.len(), RECIPIENTS_MAX),
        ("the list of earlier documents", accept.acts.len(), ACTS_MAX),
    ];
    if accept.hold.is_some() && accept.kind == EntryKind::Receipt {
        return Err(StoreError::Invalid { what: "a receipt is not held" });
    }
    let evidence = accept.recipients.iter().filter_map(|recipient| recipient.evidence.as_ref());
    let evidence = evidence.map(|bytes| ("the evidence", bytes.len(), EVIDENCE_MAX));
    match limits.into_iter().chain(evidence).find(|(_, length, max)| length > max) {
        Some((what, length, max)) => Err(too_large(what, length, max)),
        None => Ok(()),
    }
}

/// Bytes that the request holds in memory.
pub(crate) fn cost(accept: &Accept) -> usize {
    let evidence = |recipient: &RecipientPlan| recipient.evidence.as_ref().map_or(0, Vec::len) + 128;
    let acts = accept.acts.iter().map(|act| act.text.len() + 128).sum::<usize>();
    let payloads = [&accept.content, &accept.side].into_iter().map(in_memory).sum::<usize>();
    payloads
        + acts
        + accept.summary.len()
        + accept.receipt.len()
        + accept.recipients.iter().map(evidence).sum::<usize>()
        + 1024
}

fn in_memory(content: &Content) -> usize {
    match content {
        Content::Inline(bytes) => bytes.len(),
        Content::Staged(staged) => staged.in_memory().map_or(0, bytes::Bytes::len),
    }
}

/// Runs within a batch.
pub(crate) fn accept(tx: &mut Tx<'_>, accept: Accept) -> Result<Accepted, StoreError> {
    let digest = digest_of(&accept.content);
    let reference = reference_key(&accept, &digest);
    let Some(known) = record::read::<ReferenceRow>(tx, &reference)? else {
        return new(tx, accept, &digest, &reference);
    };
    let seq = Seq::new(known.seq);
    let existing = convert::digest(&reference, &known.digest)?;
    if existing != digest {
        return Ok(Accepted::Conflict { seq, existing });
    }
    cross_off(tx, &accept.answers)?;
    let mut entry = Entry::load(tx, known.seq)?;
    let added = unknown_recipients(&entry, &accept.recipients)?;
    if added.is_empty() {
        return Ok(Accepted::Duplicate { seq, receipt: entry.row.receipts.first().cloned().unwrap_or_default() });
    }
    tx.check_reserve()?;
    if entry.row.held_from.is_none() {
        let thread = entry.row.thread.clone();
        check_quota(tx, &accept, thread.as_ref())?;
    }
    extend(tx, &mut entry, accept, added)
}

/// Refuses what would be held, or might have to wait behind something held, when its sender's part of the quarantine is
/// used up. Asked before the payload is put in its place.
fn check_quota(tx: &Tx<'_>, accept: &Accept, thread: Option<&KeyRow>) -> Result<(), StoreError> {
    let own = convert::key_row(&accept.key);
    let KeyRow { sender, document_id } = thread.unwrap_or(&own);
    let may_wait = || {
        let sender = convert::agency(&[], sender)?;
        hold::has_held(tx, (sender.canonical(), document_id))
    };
    if accept.kind == EntryKind::Receipt || !(accept.hold.is_some() || may_wait()?) {
        return Ok(());
    }
    let bytes = [&accept.content, &accept.side].into_iter().map(Content::length).sum();
    hold::check_quota(tx, accept.key.sender.canonical(), bytes)
}

fn digest_of(content: &Content) -> Digest {
    match content {
        Content::Staged(staged) => staged.digest(),
        Content::Inline(bytes) => payload::digest_of(bytes),
    }
}

/// Documents are one per sender, id and type; statuses and receipts are many, told apart by their content.
fn reference_key(accept: &Accept, digest: &Digest) -> Vec<u8> {
    let key = key::references(accept.key.sender.canonical(), accept.key.document_id.as_str());
    match accept.kind {
        EntryKind::Document => key.byte(0).byte(accept.business.as_number()),
        EntryKind::Status => key.byte(1).bytes(digest.as_bytes()),
        EntryKind::Receipt => key.byte(2).bytes(digest.as_bytes()),
    }
    .done()
}

pub(crate) fn cross_off(tx: &mut Tx<'_>, reports: &[ReportId]) -> Result<(), StoreError> {
    for ReportId(number) in reports {
        let key = key::report(*number);
        if tx.raw(&key)?.is_some() {
            tx.delete(key);
            tx.count(Stat::Reports, -1);
        }
    }
    Ok(())
}

fn new(tx: &mut Tx<'_>, accept: Accept, digest: &Digest, reference: &[u8]) -> Result<Accepted, StoreError> {
    tx.check_reserve()?;
    let thread = accept.about.as_ref().map(|about| thread_of(tx, about)).transpose()?;
    check_quota(tx, &accept, thread.as_ref())?;
    cross_off(tx, &accept.answers)?;
    let seq = tx.number();
    let (at, lane) = (accept.received_at, accept.lane);
    let expires_at = tx.shared.options.ttl.deadline(lane, at);
    let content = keep(tx, seq, key::content(seq), accept.content)?;
    let side = keep(tx, seq, key::side(seq), accept.side)?;
    let (origin_system, origin_neighbour) = match &accept.origin {
        Origin::Local(system) => (system.as_str().to_owned(), String::new()),
        Origin::Neighbour(neighbour) => (String::new(), neighbour.as_str().to_owned()),
    };
    let row = DocumentRow {
        exchange: accept.exchange.as_bytes().to_vec(),
        kind: convert::kind_number(accept.kind),
        key: convert::key_row(&accept.key),
        business: u32::from(accept.business.as_number()),
        lane: u32::from(lane.as_number()),
        received_at: at.as_millis(),
        expires_at: expires_at.as_millis(),
        content: convert::payload_row(&content),
        side: convert::payload_row(&side),
        summary: accept.summary,
        origin_system,
        origin_neighbour,
        hops: accept.hops.iter().map(|hop| hop.as_str().to_owned()).collect(),
        about: accept.about.as_ref().map(convert::key_row),
        recipients: Vec::new(),
        receipts: vec![accept.receipt],
        purged_at: 0,
        thread,
        held_from: None,
        due: accept.due.map_or(0, UnixMillis::as_millis),
    };
    tx.put(reference, &ReferenceRow { seq, digest: digest.as_bytes().to_vec() })?;
    tx.mark(&key::exchange(accept.exchange.as_bytes()).number(seq).done())?;
    tx.mark(&key::sent(accept.key.sender.canonical(), at.as_millis(), seq))?;
    tx.mark(&key::expiry(expires_at.as_millis(), seq))?;
    if let Some(due) = accept.due {
        tx.mark(&key::deadline(due.as_millis(), seq))?;
    }
    tx.count(Stat::Accepted, 1);
    let mut entry = Entry::new(seq, row);
    let mut seen = BTreeSet::new();
    let recipients = accept.recipients.into_iter().filter(|recipient| seen.insert(recipient.code.clone())).collect();
    let actor = Actor { seq, kind: accept.kind, business: accept.business, acts: &accept.acts, at };
    take_in(tx, &mut entry, &actor, accept.hold, recipients)?;
    Ok(Accepted::New { seq: Seq::new(seq) })
}

/// Starts the deliveries of new recipients, or holds them.
fn take_in(
    tx: &mut Tx<'_>,
    entry: &mut Entry,
    actor: &Actor<'_>,
    held: Option<Hold>,
    recipients: Vec<RecipientPlan>,
) -> Result<(), StoreError> {
    if entry.row.held_from.is_some() {
        add(tx, entry, &recipients, actor.at)?;
        return hold::join(tx, entry, held, actor.at);
    }
    let waits = actor.kind != EntryKind::Receipt && hold::is_blocked(tx, entry, &recipients)?;
    if held.is_some() || waits {
        let first = entry.count();
        entry.row.held_from = Some(first);
        add(tx, entry, &recipients, actor.at)?;
        return hold::begin(tx, entry, first, held, actor.acts, actor.at);
    }
    let recipients = without_spared(tx, actor, recipients)?;
    let first = add(tx, entry, &recipients, actor.at)?;
    start(tx, entry, (first..).zip(recipients).collect(), actor.at)
}

/// The thread of an earlier document: that of the document which *it* was about, and so on to the first; an update of an
/// update must not overtake either.
fn thread_of(tx: &Tx<'_>, about: &DocumentKey) -> Result<KeyRow, StoreError> {
    let range = key::references(about.sender.canonical(), about.document_id.as_str()).byte(0).range();
    let Some((key, value)) = record::collect(tx, &range, Walk::Forward, 1)?.pop() else {
        return Ok(convert::key_row(about));
    };
    let earlier = Entry::load(tx, record::decode::<ReferenceRow>(tx, &key, &value)?.seq)?;
    Ok(earlier.row.thread.unwrap_or(earlier.row.key))
}

/// Puts a payload where it stays: in the entry's record, in its own at `key`, or in a file, which counts as referred to
/// by this entry.
fn keep(tx: &mut Tx<'_>, seq: u64, key: Vec<u8>, content: Content) -> Result<PayloadRef, StoreError> {
    let (digest, length, bytes) = match content {
        Content::Inline(bytes) => (payload::digest_of(&bytes), payload::length_of(&bytes), bytes.into()),
        Content::Staged(staged) => {
            let (digest, length) = (staged.digest(), staged.length());
            match tx.keep_payload(staged)? {
                Kept::Memory(bytes) => (digest, length, bytes),
                Kept::File => {
                    let kept = PayloadRef { digest, length, place: Place::File };
                    refer(tx, seq, &kept)?;
                    return Ok(kept);
                }
            }
        }
    };
    if bytes.len() <= ROW_MAX {
        return Ok(PayloadRef { digest, length, place: Place::Row(bytes) });
    }
    tx.replace(&key, &BytesRow { bytes })?;
    Ok(PayloadRef { digest, length, place: Place::Record(key) })
}

fn refer(tx: &mut Tx<'_>, seq: u64, payload: &PayloadRef) -> Result<(), StoreError> {
    let reference = key::payload(&payload.digest).number(seq).done();
    if tx.raw(&reference)?.is_none() {
        tx.mark(&reference)?;
        tx.count(Stat::PayloadBytes, i64::try_from(payload.length).unwrap_or(i64::MAX));
    }
    Ok(())
}

fn unknown_recipients(entry: &Entry, recipients: &[RecipientPlan]) -> Result<Vec<AgencyCode>, StoreError> {
    let key = entry.key();
    let known: Result<BTreeSet<AgencyCode>, _> =
        entry.row.recipients.iter().map(|row| convert::agency(&key, &row.code)).collect();
    let mut known = known?;
    let codes = recipients.iter().map(|recipient| recipient.code.clone());
    Ok(codes.filter(|code| known.insert(code.clone())).collect())
}

fn extend(tx: &mut Tx<'_>, entry: &mut Entry, accept: Accept, added: Vec<AgencyCode>) -> Result<Accepted, StoreError> {
    let total = entry.row.recipients.len() + added.len();
    if total > RECIPIENTS_MAX {
        return Err(too_large("the list of recipients", total, RECIPIENTS_MAX));
    }
    // Retention may have deleted the content since: this arrival brings it again.
    if entry.row.purged_at > 0 {
        entry.row.content = convert::payload_row(&keep(tx, entry.seq, key::content(entry.seq), accept.content)?);
        entry.row.side = convert::payload_row(&keep(tx, entry.seq, key::side(entry.seq), accept.side)?);
        entry.row.purged_at = 0;
    }
    entry.row.receipts.push(accept.receipt);
    let expires_at = tx.shared.options.ttl.deadline(convert::lane(&entry.key(), entry.row.lane)?, accept.received_at);
    tx.mark(&key::expiry(expires_at.as_millis(), entry.seq))?;
    let mut wanted: BTreeSet<AgencyCode> = added.iter().cloned().collect();
    let recipients = accept.recipients.into_iter().filter(|recipient| wanted.remove(&recipient.code)).collect();
    let (seq, kind, business, at) = (entry.seq, accept.kind, accept.business, accept.received_at);
    let actor = Actor { seq, kind, business, acts: &accept.acts, at };
    take_in(tx, entry, &actor, accept.hold, recipients)?;
    Ok(Accepted::Extended { seq: entry.number(), added })
}

/// Acts on the earlier documents; recipients for whom nothing is left to do end at once.
pub(crate) fn without_spared(
    tx: &mut Tx<'_>,
    actor: &Actor<'_>,
    recipients: Vec<RecipientPlan>,
) -> Result<Vec<RecipientPlan>, StoreError> {
    if actor.acts.is_empty() {
        return Ok(recipients);
    }
    let spared = recall::act(tx, actor, &recipients)?;
    let plan = |recipient: RecipientPlan| {
        if !spared.contains(&recipient.code) {
            return recipient;
        }
        RecipientPlan { plan: Plan::Returned { code: ErrorCode::Recalled }, evidence: None, ..recipient }
    };
    Ok(recipients.into_iter().map(plan).collect())
}

/// Adds recipients to an entry and writes it; gives the index of the first of them. Held ones get no item yet.
fn add(tx: &mut Tx<'_>, entry: &mut Entry, recipients: &[RecipientPlan], at: UnixMillis) -> Result<u32, StoreError> {
    let first = entry.count();
    let lane = convert::lane(&entry.key(), entry.row.lane)?;
    let is_later = first > 0;
    let expires_at = tx.shared.options.ttl.deadline(lane, at).as_millis();
    for recipient in recipients {
        let plan = match entry.row.held_from {
            Some(_) => deliveries::plan_row_without_item(&recipient.plan),
            None => deliveries::plan_row(tx, &recipient.plan),
        };
        let (accepted_at, expires_at) = if is_later { (at.as_millis(), expires_at) } else { (0, 0) };
        let code = recipient.code.as_str().to_owned();
        entry.row.recipients.push(RecipientRow { code, plan, accepted_at, expires_at });
    }
    let key = entry.key();
    if is_later {
        tx.replace(&key, &entry.row)?;
    } else {
        tx.put(&key, &entry.row)?;
    }
    Ok(first)
}

/// Starts deliveries, by index.
pub(crate) fn start(
    tx: &mut Tx<'_>,
    entry: &mut Entry,
    recipients: Vec<(u32, RecipientPlan)>,
    at: UnixMillis,
) -> Result<(), StoreError> {
    let lane = convert::lane(&entry.key(), entry.row.lane)?;
    let mut hops = BTreeSet::new();
    for (index, recipient) in recipients {
        if let Some(evidence) = recipient.evidence {
            let event = deliveries::event(at, EventKind::Receipt, None);
            deliveries::append(tx, entry, index, crate::TrackEvent { evidence, ..event })?;
        }
        match recipient.plan {
            Plan::Inbox(_) => {
                let plan = entry.recipient_row(index)?.plan.clone();
                deliveries::enter_inbox(tx, entry, index, &plan)?;
            }
            Plan::Hop(hop) => drop(hops.insert(hop)),
            Plan::Returned { code } => drop(deliveries::step(tx, entry, index, Event::Return { code }, at)?),
        }
    }
    for hop in hops {
        queue_order::open(tx, entry, hop.as_str(), lane, at)?;
    }
    deliveries::note_if_settled(tx, entry, at)
}
