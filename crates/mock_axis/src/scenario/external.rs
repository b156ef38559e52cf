//! Steps that the integrator's own software does: the mock watches for them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axis::MessageType;
use axis::client::AgencyList;

use super::step::{Act, Step};
use super::written::{Identity, Written};
use crate::summary::Summary;
use crate::traffic::Exchange;

/// Exchanges that have already stood for a step.
pub(super) type Claimed = BTreeSet<u64>;

/// What an outside program did for a step: the exchange, and the packet that it sent.
pub(super) struct Done {
    pub(super) number: u64,
    pub(super) written: Option<Written>,
}

/// The first exchange that is what this step asks of the system `id`.
pub(super) fn find(
    step: &Step,
    id: &str,
    exchanges: &[Arc<Exchange>],
    claimed: &Claimed,
    written: &BTreeMap<String, Written>,
) -> Option<Done> {
    let code = step.expect.code.to_string();
    let mut fresh: Vec<_> = exchanges.iter().filter(|exchange| !claimed.contains(&exchange.line.number)).collect();
    fresh.sort_by_key(|exchange| exchange.line.number);
    fresh.into_iter().find_map(|exchange| {
        let operation = exchange.line.operation.trim_start_matches("v1/");
        let is_its = exchange.line.system == id && exchange.line.code == code;
        if !is_its || !operations(&step.act).contains(&operation) {
            return None;
        }
        // A refused packet is not kept: nothing can be said of it but its code.
        let refused = step.expect.code != 0;
        let fits = refused || fits(&step.act, exchange, written);
        let sent = || exchange.summary.as_ref().and_then(|summary| packet(&step.act, summary, written));
        fits.then(|| Done { number: exchange.line.number, written: sent() })
    })
}

const fn operations(act: &Act) -> &'static [&'static str] {
    match act {
        Act::Send(_) | Act::Status(_) | Act::Again(_) => &["sendEdoc"],
        Act::List(_) => &["getReceivedEdocList"],
        Act::Fetch(..) => &["getEdoc", "downloadEdoc"],
        Act::Confirm(..) => &["updateStatus"],
        Act::Sent(_) => &["getSentEdocList"],
        Act::Count(MessageType::Edoc) => &["countReceiveEdoc"],
        Act::Count(MessageType::Status) => &["countReceiveStatus"],
        Act::Register { .. } => &["registerAgency"],
        Act::Delete(_) => &["deleteAgency"],
        Act::Agencies(AgencyList::All) => &["getAgenciesList"],
        Act::Agencies(AgencyList::Qd20) => &["getAgenciesListQD20"],
        Act::Agencies(AgencyList::Units) => &["getSynchronizeUnit"],
        Act::Fault(_) | Act::Lock(_) => &[],
    }
}

fn fits(act: &Act, exchange: &Exchange, written: &BTreeMap<String, Written>) -> bool {
    let of = |name: &String| {
        let pair = written.get(name).zip(exchange.summary.as_ref());
        pair.is_some_and(|(written, summary)| is_of(written, summary))
    };
    match act {
        Act::Send(draft) => exchange
            .summary
            .as_ref()
            .is_some_and(|summary| summary.status.is_none() && summary.business_type == draft.business.as_number()),
        Act::Status(draft) => {
            let about = written.get(&draft.about).map(|about| about.document_id.to_string());
            exchange.summary.as_ref().is_some_and(|summary| {
                summary.status == Some(draft.code.as_number()) && Some(&summary.document_id) == about.as_ref()
            })
        }
        Act::Again(name) | Act::Fetch(name, _) => of(name),
        Act::Confirm(name, state) => {
            let said = exchange.parameters.get("status");
            of(name) && said.is_some_and(|said| said.eq_ignore_ascii_case(state.as_str()))
        }
        _ => true,
    }
}

/// Whether a packet is the one of a step.
fn is_of(written: &Written, summary: &Summary) -> bool {
    summary.document_id == written.document_id.to_string()
        && match &written.identity {
            Identity::Document(_) => summary.status.is_none(),
            Identity::Status { code, .. } => summary.status == Some(*code),
        }
}

/// What is known of a packet that an outside program sent.
fn packet(act: &Act, summary: &Summary, written: &BTreeMap<String, Written>) -> Option<Written> {
    match act {
        Act::Send(_) => {
            let document_id: types::DocumentId = summary.document_id.parse().ok()?;
            Some(Written {
                bytes: None,
                identity: Identity::Document(document_id.clone()),
                from: summary.from.clone(),
                document_id,
                issuer: summary.from.clone(),
                notation: summary.notation.clone(),
            })
        }
        Act::Status(draft) => {
            let about = written.get(&draft.about)?;
            let identity = Identity::Status {
                about: Some(about.document_id.clone()),
                from: summary.from.clone(),
                code: draft.code.as_number(),
                at: None,
            };
            Some(Written { bytes: None, identity, from: summary.from.clone(), ..about.clone() })
        }
        Act::Again(name) => written.get(name).cloned(),
        _ => None,
    }
}
