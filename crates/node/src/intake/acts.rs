//! What a packet asks of earlier documents: for which receivers, and who has to get the packet for it.

use std::collections::BTreeSet;

use delivery::recall::{Request, UpdateContent};
use edxml::{Document, OrganId, Packet, ReceiverChange};
use queue::{Act, Concerned, DocumentKey};
use types::{AgencyCode, BusinessType, ExchangeId};

use super::facts::agency_code;
use super::{Facts, Refused};
use crate::core::Core;
use crate::tracking;

/// What a packet asks of one earlier document of its sender.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Asked {
    earlier: DocumentKey,
    request: Request,
    concerned: Concerned,
}

/// All that a packet asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Acts {
    asked: Vec<Asked>,
    /// Receivers that an update adds.
    added: Vec<AgencyCode>,
}

impl Acts {
    /// Reads them from the packet. Only the sender's own documents are acted on: what names another's asks nothing.
    ///
    /// # Errors
    /// `malformed_code` for a receiver in one of the lists.
    pub(crate) fn of(packet: &Packet, facts: &Facts) -> Result<Self, Refused> {
        let mut acts = match packet {
            Packet::Document(document) => Self::of_document(document, facts)?,
            Packet::Status(status) => Self::all(facts, Request::of_status(status.status_code)),
        };
        acts.asked.retain(|asked| asked.earlier.sender == facts.sender);
        Ok(acts)
    }

    fn all(facts: &Facts, request: Option<Request>) -> Self {
        let asked = facts.about.clone().zip(request);
        let asked = asked.map(|(earlier, request)| Asked { earlier, request, concerned: Concerned::All });
        Self { asked: asked.into_iter().collect(), added: Vec::new() }
    }

    fn of_document(document: &Document, facts: &Facts) -> Result<Self, Refused> {
        let content = match document.attachments.is_empty() {
            true => UpdateContent::HeaderOnly,
            false => UpdateContent::Whole,
        };
        let request = Request::of_document(facts.business, content);
        match facts.business {
            BusinessType::New | BusinessType::Revoke => Ok(Self::all(facts, request)),
            BusinessType::Update => Self::of_update(document, facts, request),
            BusinessType::Replace => Self::of_replacement(document, facts, request),
        }
    }

    fn of_update(document: &Document, facts: &Facts, request: Option<Request>) -> Result<Self, Refused> {
        let business = document.trace.as_ref().and_then(|trace| trace.business.as_ref());
        let changed = business.and_then(|business| business.changed.as_ref());
        let changes = changed.and_then(|changed| changed.receivers.as_deref()).unwrap_or_default();
        let mut removed = BTreeSet::new();
        let mut added = Vec::new();
        for change in changes {
            let code = agency_code(&change.organ_id)?;
            match change.change {
                ReceiverChange::Removed => drop(removed.insert(code)),
                ReceiverChange::Added => added.push(code),
            }
        }
        let (Some(earlier), Some(request)) = (facts.about.clone(), request) else { return Ok(Self::default()) };
        let concerned = Concerned::Only(removed.clone());
        let withdrawn = Asked { earlier: earlier.clone(), request: Request::Withdraw, concerned };
        let kept = Asked { earlier, request, concerned: Concerned::AllBut(removed) };
        Ok(Self { asked: vec![withdrawn, kept], added })
    }

    fn of_replacement(document: &Document, facts: &Facts, request: Option<Request>) -> Result<Self, Refused> {
        let business = document.trace.as_ref().and_then(|trace| trace.business.as_ref());
        let named = business.and_then(|business| business.replacements.as_deref()).unwrap_or_default();
        let mut acts = Self::default();
        let Some(request) = request else { return Ok(acts) };
        for one in named {
            let earlier = DocumentKey { sender: facts.sender.clone(), document_id: one.document_id.clone() };
            acts.asked.push(Asked { earlier, request, concerned: only(&one.organ_ids)? });
        }
        // By custom the list repeats the id beside it; another id there is replaced too, unless it is the packet's own.
        let is_known = |about: &DocumentKey| {
            acts.asked.iter().any(|asked| asked.earlier == *about)
                || (about.document_id == facts.document_id && !acts.asked.is_empty())
        };
        if !facts.about.as_ref().is_some_and(is_known) {
            acts.asked.extend(Self::all(facts, Some(request)).asked);
        }
        Ok(acts)
    }

    /// The documents acted on.
    pub(crate) fn earlier(&self) -> impl Iterator<Item = &DocumentKey> {
        self.asked.iter().map(|asked| &asked.earlier)
    }

    /// Whether nothing is acted on.
    pub(crate) fn is_empty(&self) -> bool {
        self.asked.is_empty()
    }

    /// Receivers that have to get the packet though `To` may leave them out: those it names for a change and who have
    /// the document, and those it adds.
    pub(crate) fn reach(&self, core: &Core) -> Result<Vec<AgencyCode>, Refused> {
        let mut reach = self.added.clone();
        for asked in &self.asked {
            let Concerned::Only(named) = &asked.concerned else { continue };
            let known = tracking::recipients_of(core, &asked.earlier)?.unwrap_or_default();
            reach.extend(known.into_iter().filter(|code| named.contains(code)));
        }
        Ok(reach)
    }

    /// The acts as the store carries them out.
    pub(crate) fn to_store(&self, facts: &Facts, exchange: ExchangeId) -> Vec<Act> {
        let text = words(facts, exchange);
        let act = |asked: &Asked| {
            let Asked { earlier, request, concerned } = asked.clone();
            Act { earlier, request, concerned, text: text.clone() }
        };
        self.asked.iter().map(act).collect()
    }
}

/// No list means every receiver of the packet.
fn only(organ_ids: &[OrganId]) -> Result<Concerned, Refused> {
    if organ_ids.is_empty() {
        return Ok(Concerned::All);
    }
    Ok(Concerned::Only(organ_ids.iter().map(agency_code).collect::<Result<_, _>>()?))
}

/// What the earlier document's timeline says: which packet acts on it.
fn words(facts: &Facts, exchange: ExchangeId) -> String {
    let id = facts.document_id.as_str();
    match facts.business {
        _ if facts.status.is_some() => format!(
            "Nơi gửi lấy lại (13, {exchange}); nơi nhận chưa lấy, có giá trị như trả lời 15. / Taken back by its sender; \
             the receiver had not fetched it, which stands for the answer 15."
        ),
        BusinessType::New => String::new(),
        BusinessType::Revoke => format!("Văn bản thu hồi {id} ({exchange}). / Revocation {id}."),
        BusinessType::Update => format!("Văn bản cập nhật {id} ({exchange}). / Update {id}."),
        BusinessType::Replace => format!("Văn bản thay thế {id} ({exchange}). / Replacement {id}."),
    }
}

#[cfg(test)]
mod tests;
