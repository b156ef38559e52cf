//! What a system sent, receiver by receiver.

use std::cmp::Reverse;
use std::sync::PoisonError;

use axis::{Failure, SentEdoc, SentQuery};
use delivery::State;
use gateway::Caller;
use queue::{Cursor, Direction, Document, EntryKind, EventKind, Origin, Plan, Query, RecipientTrack};
use types::{AgencyCode, ErrorCode, StatusCode, UnixMillis};

use super::doc_id::Named;
use super::merge::{merged, page_size};
use super::{AxisDoor, failed, failure, words};
use crate::exchange::{handed_over, recalled};
use crate::record::Summary;

/// Receivers read at a time.
const PAGE: usize = 256;

impl AxisDoor {
    /// One packet, or the latest ones.
    pub(super) fn sent(&self, caller: &Caller, query: &SentQuery) -> Result<Vec<SentEdoc>, Failure> {
        let Some(doc_id) = &query.doc_id else { return self.latest(caller, query) };
        let unknown =
            || Failure::of(ErrorCode::NotFound, &format!("docId {doc_id}: no document that this system sent"));
        let Named::Sent(exchange) = Named::read(doc_id)? else { return Err(unknown()) };
        let document = self.desk.find_document(caller, exchange).map_err(|refusal| failure(&refusal))?;
        if !is_sent_by(caller, &document) {
            return Err(unknown());
        }
        self.lines(&document, query.max)
    }

    fn latest(&self, caller: &Caller, query: &SentQuery) -> Result<Vec<SentEdoc>, Failure> {
        let kind = query.message_type.map(|message_type| match message_type {
            axis::MessageType::Edoc => EntryKind::Document,
            axis::MessageType::Status => EntryKind::Status,
        });
        let max = page_size(query.max, caller.agencies.len());
        let page = |(agency, cursor): (AgencyCode, Option<Cursor>)| {
            let query = Query { agency: Some(agency.clone()), direction: Direction::Sent, kind, ..Query::default() };
            let page = self.core.store.list(&query, cursor.as_ref(), max).map_err(failed)?;
            let sent = page.rows.into_iter().map(|row| row.document).filter(|document| is_sent_by(caller, document));
            Ok((sent.collect(), page.next.map(|next| (agency, Some(next)))))
        };
        let places = caller.agencies.iter().map(|agency| (agency.clone(), None));
        let newest = |document: &Document| Reverse(document.seq);
        merged(places, query.max, page, newest, |document, wanted| self.lines(&document, wanted))
    }

    /// A packet's receivers, at most `max`.
    fn lines(&self, document: &Document, max: usize) -> Result<Vec<SentEdoc>, Failure> {
        let kept = Summary::read(&document.summary).map_err(|error| Failure::of(error.code(), &error.to_string()))?;
        let (mut lines, mut from) = (Vec::new(), Some(0));
        while let Some(start) = from.filter(|_| lines.len() < max) {
            let page = self.core.store.track(document.seq, start, PAGE.min(max - lines.len())).map_err(failed)?;
            from = page.next;
            lines.extend(page.recipients.iter().map(|track| self.sent_line(document, &kept, track)));
        }
        Ok(lines)
    }

    fn sent_line(&self, document: &Document, kept: &Summary, track: &RecipientTrack) -> SentEdoc {
        let recipient = &track.recipient;
        let (send_status, send_status_desc) = words::sending(recipient);
        let why = reason(track).map(|why| format!("; {why}")).unwrap_or_default();
        let handed_over = handed_over(&track.events, self.core.node.as_str());
        let (receive_status, receive_status_desc) = self.receive_status(document, track, handed_over);
        let is_here = matches!(recipient.plan, Plan::Inbox(_));
        SentEdoc {
            service_type: words::SERVICE_TYPE.to_owned(),
            message_type: words::message_type(document.kind).to_owned(),
            sender_doc_id: Named::Sent(document.exchange).text(),
            receiver_doc_id: if is_here {
                Named::Received(document.exchange, recipient.index).text()
            } else {
                String::new()
            },
            from_code: kept.sender.clone(),
            to_code: recipient.code.to_string(),
            title: kept.subject.clone(),
            notation: kept.code.clone(),
            sent_time: words::time(document.received_at),
            received_time: handed_over.map(words::time).unwrap_or_default(),
            send_status: send_status.to_owned(),
            send_status_desc: format!("{send_status_desc}{why}"),
            receive_status,
            receive_status_desc,
        }
    }

    /// The document's status where one was reported, the transfer's until then.
    fn receive_status(
        &self,
        document: &Document,
        track: &RecipientTrack,
        handed_over: Option<UnixMillis>,
    ) -> (String, String) {
        let recipient = &track.recipient;
        // Nobody is left to answer the sender's request, so the answer is that of the node which carried it out.
        if let Some(code) = recalled(recipient, &track.events) {
            return (StatusCode::Agreed.to_string(), format!("{} / {}", code.title_vi(), code.title_en()));
        }
        if let Some(status) = recipient.status {
            return (status.to_string(), status.name_vi().to_owned());
        }
        if handed_over.is_some() {
            return ("done".to_owned(), "Đã nhận / received".to_owned());
        }
        if recipient.delivery.state() == State::Returned {
            return ("fail".to_owned(), "Không nhận được / not received".to_owned());
        }
        let note = self.progress.lock().unwrap_or_else(PoisonError::into_inner).of(document.exchange, recipient.index);
        let note = note.filter(|_| matches!(recipient.plan, Plan::Inbox(_)));
        let (state, words) = words::waiting(note);
        (state.to_owned(), words)
    }
}

/// Why a packet came back: what the last one that refused it said, or the code's own words.
fn reason(track: &RecipientTrack) -> Option<String> {
    if track.recipient.delivery.state() != State::Returned {
        return None;
    }
    let told = track.events.iter().filter(|event| event.code.is_some() && !event.text.is_empty());
    // The refusal says more than the return that follows it.
    let told = told.max_by_key(|event| (event.kind == EventKind::Refused, event.at));
    let code = track.recipient.delivery.code().or(told?.code)?;
    let text = told.map(|event| format!(": {}", event.text)).unwrap_or_default();
    Some(format!("{} / {} [{code}]{text}", code.title_vi(), code.title_en()))
}

/// A packet that came in here from a system, in the name of an agency of the caller.
fn is_sent_by(caller: &Caller, document: &Document) -> bool {
    let is_packet = document.kind != EntryKind::Receipt;
    is_packet && matches!(document.origin, Origin::Local(_)) && caller.speaks_for(&document.key.sender)
}
