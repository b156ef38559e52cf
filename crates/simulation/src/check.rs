//! The invariants that need a look into the nodes' stores: nothing lost, everything ended in time, receipts home, payloads
//! once. Those that show at the moment they break are in the oracle.

use std::collections::BTreeMap;

use delivery::State;
use queue::{Plan, Recipient, Store};
use types::AgencyCode;

use crate::calendar::{HOUR, MINUTE, SECOND};
use crate::node::Node;
use crate::oracle::{Document, MARK, Oracle, Written};
use crate::packet::{Receipt, Word};
use crate::region::{Place, Region};

/// Past a deadline by this much, by the node's own clock, a delivery is stuck: a lease may end after the deadline, and a
/// clock may have been corrected by [`crate::Faults::Heavy`]'s ten minutes either way.
const SLACK: u64 = HOUR;

/// Where a delivery has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// In the recipient's inbox, confirmed or not.
    Consigned,
    /// Gone back at this node.
    Returned(Place),
    /// On an operator's list.
    Parked,
    /// Under way, in time; this is when to look again.
    UnderWay(u64),
    /// A node of its way is down.
    Unknown,
}

/// What one node knows of a document's recipient.
fn recipient_at(store: &Store, written: &Written, code: &AgencyCode) -> Result<Option<Recipient>, String> {
    let failed = |error: queue::StoreError| format!("the store cannot be read: {error}");
    for seq in store.lookup(&written.key).map_err(failed)? {
        let document = store.document(seq).map_err(failed)?;
        if document.kind != written.kind {
            continue;
        }
        let count = usize::try_from(document.recipients).unwrap_or(usize::MAX);
        let found = store.recipients(seq, 0, count).map_err(failed)?;
        if let Some(recipient) = found.into_iter().find(|recipient| recipient.code == *code) {
            return Ok(Some(recipient));
        }
    }
    Ok(None)
}

/// Follows a delivery from its first node on.
///
/// # Errors
/// A node that passed it on, or answered for it, and the next one does not have it; or one past its deadline.
pub(crate) fn follow(
    region: &Region,
    nodes: &[Node],
    oracle: &Oracle,
    document: Document,
    code: &AgencyCode,
) -> Result<End, String> {
    let Some(written) = oracle.get(document) else { return Ok(End::Unknown) };
    let Some(to) = region.home(code) else { return Ok(End::Unknown) };
    let way = region.way(written.home, to);
    for place in &way {
        let Some(up) = nodes.get(*place).and_then(|node| node.up.as_ref()) else { return Ok(End::Unknown) };
        let name = || up.core.id.as_str();
        let Some(recipient) = recipient_at(&up.core.store, written, code)? else {
            return Err(format!("{} does not have it for {code}, and whoever gave it was told that it does", name()));
        };
        let now = up.core.now().as_millis();
        match (recipient.delivery.state(), &recipient.plan) {
            (State::Returned, _) => return Ok(End::Returned(*place)),
            (State::Parked(_), _) => return Ok(End::Parked),
            (State::Delivered, Plan::Hop(_)) => {}
            (State::Delivered | State::Waiting | State::Sending, Plan::Inbox(_)) => return Ok(End::Consigned),
            (state, plan) => {
                let until = recipient.delivery.expires_at().as_millis() + SLACK;
                if now > until {
                    let over = (now - until + SLACK) / MINUTE;
                    let (state, node) = (state.as_str(), name());
                    return Err(format!("for {code} it is {state} at {node} ({plan:?}), {over} min past its deadline"));
                }
                return Ok(End::UnderWay(until + SECOND));
            }
        }
    }
    Err(format!("for {code} it left the last node of its way"))
}

/// What the sender's own node can show of a recipient.
///
/// # Errors
/// A receipt that is owed and is not there.
pub(crate) fn receipts(
    nodes: &[Node],
    oracle: &Oracle,
    document: Document,
    code: &AgencyCode,
    end: End,
) -> Result<(), String> {
    let Some(written) = oracle.get(document) else { return Ok(()) };
    let Some(up) = nodes.get(written.home).and_then(|node| node.up.as_ref()) else { return Ok(()) };
    let failed = |error: queue::StoreError| format!("the store cannot be read: {error}");
    let mut words = Vec::new();
    for seq in up.core.store.lookup(&written.key).map_err(failed)? {
        let page = up.core.store.track(seq, 0, usize::MAX >> 1).map_err(failed)?;
        let tracks = page.recipients.into_iter().filter(|track| track.recipient.code == *code);
        for event in tracks.flat_map(|track| track.events) {
            let receipt = Receipt::from_bytes(&event.evidence).filter(|receipt| receipt.recipients.contains(code));
            words.extend(receipt.map(|receipt| receipt.word));
        }
    }
    let key = (document, code.canonical().to_owned());
    let owed = [
        (Word::Consigned, oracle.consigned.contains_key(&key)),
        (Word::HandedOver, oracle.handed_over.contains(&key)),
        (Word::Failed, matches!(end, End::Returned(place) if place != written.home)),
    ];
    match owed.into_iter().find(|(word, is_owed)| *is_owed && !words.contains(word)) {
        Some((word, _)) => Err(format!("the sender's node never got the receipt {word:?} about {code}")),
        None => Ok(()),
    }
}

/// Everything that a node answered as accepted is in its store.
///
/// # Errors
/// The first that is not.
pub(crate) fn kept(store: &Store, oracle: &Oracle, place: Place) -> Result<(), (Document, String)> {
    for document in oracle.accepted_at.get(place).into_iter().flatten() {
        let Some(written) = oracle.get(*document) else { continue };
        let found = store.lookup(&written.key).map_err(|error| (*document, error.to_string()))?;
        if found.is_empty() {
            return Err((*document, "it was acknowledged before the crash and is gone after it".to_owned()));
        }
    }
    Ok(())
}

/// Each content is on a disk once, for however many recipients.
///
/// # Errors
/// The first that is there more often.
pub(crate) fn stored_once(node: &Node) -> Result<(), (Document, String)> {
    let mut copies: BTreeMap<Document, u32> = BTreeMap::new();
    node.disk.values(&mut |value| {
        for at in 0..value.len().saturating_sub(MARK.len() + 16) {
            let Some(found) = value.get(at..at + MARK.len() + 16).filter(|found| found.starts_with(MARK)) else {
                continue;
            };
            let number = found.get(MARK.len()..).and_then(|digits| std::str::from_utf8(digits).ok());
            if let Some(number) = number.and_then(|digits| usize::from_str_radix(digits, 16).ok()) {
                *copies.entry(number).or_default() += 1;
            }
        }
    });
    match copies.into_iter().find(|(_, copies)| *copies > 1) {
        Some((document, copies)) => Err((document, format!("its content is stored {copies} times at one node"))),
        None => Ok(()),
    }
}

/// Nothing waits at a node: no transmission, no report, nothing held.
///
/// # Errors
/// What waits.
pub(crate) fn at_rest(store: &Store) -> Result<(), String> {
    let stats = store.stats();
    let waiting: u64 = stats.waiting.values().sum();
    let parked = stats.parked;
    if waiting > parked || stats.reports > 0 || stats.held > 0 {
        return Err(format!(
            "it is stuck with {waiting} transmissions ({parked} parked), {} reports, {} held",
            stats.reports, stats.held
        ));
    }
    Ok(())
}
