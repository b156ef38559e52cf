//! What waits for a system: listed, opened, confirmed, counted.

use std::sync::PoisonError;

use axis::{DocId, EdocContent, Failure, MessageType, ReceivedEdoc, ReceivedQuery, TransferState};
use futures_util::TryStreamExt as _;
use gateway::{Caller, Content, Span};
use queue::{Document, EntryKind, InboxItem, InboxQuery, ItemId, Plan, Recipient, RecipientId};
use types::{AgencyCode, ErrorCode, ExchangeId};
use wire::exchange_v1::ConfirmItemRequest;

use super::doc_id::Named;
use super::merge::{merged, page_size};
use super::{AxisDoor, failed, failure, words};
use crate::record::Summary;

impl AxisDoor {
    /// What waits in all inboxes of the system, the oldest first.
    pub(super) fn received(&self, caller: &Caller, query: &ReceivedQuery) -> Result<Vec<ReceivedEdoc>, Failure> {
        let kind = query.message_type.map(entry_kind);
        let (max, now) = (page_size(query.max, caller.agencies.len()), crate::clock::now());
        let page = |(agency, after): (AgencyCode, ItemId)| {
            let query = InboxQuery { agency: agency.clone(), kind, after, max, now };
            let page = self.core.store.inbox(&query).map_err(failed)?;
            Ok((page.items, page.more.then_some((agency, page.next))))
        };
        let places = caller.agencies.iter().map(|agency| (agency.clone(), ItemId::default()));
        let line = |item: InboxItem, _| Ok(self.line(query, &item)?.into_iter().collect());
        merged(places, query.max, page, |item| (item.document.received_at, item.id), line)
    }

    fn line(&self, query: &ReceivedQuery, item: &InboxItem) -> Result<Option<ReceivedEdoc>, Failure> {
        let document = &item.document;
        let day = words::day(document.received_at);
        let is_early = query.from_day.is_some_and(|from| day.is_none_or(|day| day < from));
        let is_late = query.to_day.is_some_and(|to| day.is_none_or(|day| day > to));
        if document.kind == EntryKind::Receipt || is_early || is_late {
            return Ok(None);
        }
        let index = item.recipient.index;
        let note = self.progress.lock().unwrap_or_else(PoisonError::into_inner).of(document.exchange, index);
        let (status, status_desc) = words::waiting(note);
        let kept = Summary::read(&document.summary).map_err(|error| Failure::of(error.code(), &error.to_string()))?;
        Ok(Some(ReceivedEdoc {
            doc_id: Named::Received(document.exchange, index).text(),
            service_type: words::SERVICE_TYPE.to_owned(),
            message_type: words::message_type(document.kind).to_owned(),
            created_time: words::time(document.received_at),
            updated_time: words::time(note.map_or(document.received_at, |note| note.at)),
            from: kept.sender,
            to: item.recipient.code.to_string(),
            status: status.to_owned(),
            status_desc,
        }))
    }

    /// How many packets of a type wait.
    pub(super) fn count(&self, caller: &Caller, message_type: MessageType) -> Result<u64, Failure> {
        let kind = entry_kind(message_type);
        let counts = caller.agencies.iter().map(|agency| self.core.store.inbox_count(agency, kind).map_err(failed));
        counts.sum()
    }

    /// Opens what the system sent, or what came for one of its agencies.
    pub(super) fn open(&self, caller: &Caller, doc_id: &DocId) -> Result<EdocContent, Failure> {
        let document = match Named::read(doc_id)? {
            Named::Sent(exchange) => self.desk.find_document(caller, exchange).map_err(|refusal| failure(&refusal))?,
            Named::Received(exchange, index) => {
                let document = self.item(caller, exchange, index)?.0;
                // From now on the sender cannot recall it unread.
                self.core.store.read_by(RecipientId { seq: document.seq, index }).map_err(failed)?;
                document
            }
        };
        let content: Content = self.desk.packet_of(&document).map_err(|refusal| failure(&refusal))?;
        let length = content.total;
        let bytes = content.read(Span { offset: 0, length }).map_err(|refusal| failure(&refusal));
        Ok(EdocContent { length, bytes: Box::pin(bytes) })
    }

    /// A packet and its receiver here, when the system speaks for it.
    fn item(
        &self,
        caller: &Caller,
        exchange: ExchangeId,
        index: u32,
    ) -> Result<(Document, Recipient, AgencyCode), Failure> {
        let store = &self.core.store;
        for seq in store.by_exchange(exchange).map_err(failed)? {
            let document = store.document(seq).map_err(failed)?;
            if document.kind == EntryKind::Receipt {
                continue;
            }
            let found = store.recipients(seq, index, 1).map_err(failed)?;
            for recipient in found.into_iter().filter(|recipient| recipient.index == index) {
                if let Plan::Inbox(agency) = &recipient.plan
                    && caller.speaks_for(agency)
                {
                    let agency = agency.clone();
                    return Ok((document, recipient, agency));
                }
            }
        }
        let detail = format!("docId {}: no document of this system", Named::Received(exchange, index).text());
        Err(Failure::of(ErrorCode::NotFound, &detail))
    }

    /// `done` confirms, as over every other door; the other two are noted.
    pub(super) async fn transferred(
        &self,
        caller: &Caller,
        doc_id: &DocId,
        state: TransferState,
    ) -> Result<(), Failure> {
        let Named::Received(exchange, index) = Named::read(doc_id)? else {
            let detail = format!("docId {doc_id} is that of a sent document; the receiver reports on its own docId");
            return Err(Failure::of(ErrorCode::NotFound, &detail));
        };
        let (document, recipient, agency) = self.item(caller, exchange, index)?;
        if state == TransferState::Done {
            let item = recipient.item.map(ItemId::as_number).unwrap_or_default();
            let request = ConfirmItemRequest { agency: agency.to_string(), item, lease: String::new() };
            self.desk.confirm(caller, &request).await.map_err(|refusal| failure(&refusal))?;
        }
        let at = crate::clock::now();
        let failures = self.progress.lock().unwrap_or_else(PoisonError::into_inner).note(exchange, index, state, at);
        if state == TransferState::Fail {
            tracing::warn!(
                system.id = %caller.system,
                agency.to = %agency,
                doc.id = %document.key.document_id,
                exchange.id = %exchange,
                failures,
                "the receiver's software could not take a packet; it waits to be fetched again"
            );
        }
        Ok(())
    }
}

const fn entry_kind(message_type: MessageType) -> EntryKind {
    match message_type {
        MessageType::Edoc => EntryKind::Document,
        MessageType::Status => EntryKind::Status,
    }
}
