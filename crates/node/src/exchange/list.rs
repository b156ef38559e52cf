//! Lists of what an agency sent and received.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gateway::{Caller, Refusal};
use queue::{Cursor, Direction, EntryKind, Query, Recipient, Row};
use types::{AgencyCode, UnixMillis};
use wire::exchange_v1::{self, DocumentSummary, ListDocumentsRequest, ListDocumentsResponse};

use super::{Desk, refusal, view};
use crate::deadlines;

const PAGE_DEFAULT: u32 = 100;
const PAGE_MAX: u32 = 500;
/// Pages of the store looked at for one answer, so that a filter that fits nothing still answers soon.
const LOOKS_MAX: usize = 20;
/// Recipients compared for the filter by counterpart.
const RECIPIENTS_PAGE: usize = 512;

/// What the store's own filters do not cover.
struct Filter {
    /// Folded words.
    words: Vec<String>,
    counterpart: Option<AgencyCode>,
    direction: Direction,
    /// Only what will probably miss its deadline.
    at_risk: AtRisk,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AtRisk {
    Only,
    All,
}

impl Desk {
    /// One page, the latest first.
    pub(super) fn list(
        &self,
        caller: &Caller,
        request: &ListDocumentsRequest,
    ) -> Result<ListDocumentsResponse, Refusal> {
        let agency = Self::agency(caller, &request.agency)?;
        let direction = match request.direction() {
            exchange_v1::Direction::Sent => Direction::Sent,
            exchange_v1::Direction::Received => Direction::Received,
            exchange_v1::Direction::Unspecified => {
                return Err(Refusal::field("direction", "DIRECTION_SENT or DIRECTION_RECEIVED"));
            }
        };
        let query = Query {
            agency: Some(agency),
            direction,
            from: time("fromTime", request.from_time.as_ref())?,
            until: time("toTime", request.to_time.as_ref())?,
            kind: view::entry_kind(request.kind()),
            business: None,
            state: None,
            text: None,
        };
        let filter = Filter {
            words: directory::fold(&request.text).split_whitespace().map(str::to_owned).collect(),
            counterpart: counterpart(&request.counterpart)?,
            direction,
            at_risk: if request.at_risk { AtRisk::Only } else { AtRisk::All },
        };
        if request.at_risk && direction == Direction::Received {
            return Err(Refusal::field("atRisk", "is about sent documents"));
        }
        let mut cursor = cursor(&request.page_token)?;
        let max = if request.page_size == 0 { PAGE_DEFAULT } else { request.page_size.min(PAGE_MAX) };
        let max = usize::try_from(max).unwrap_or(usize::MAX);
        let mut documents = Vec::new();
        for _ in 0..LOOKS_MAX {
            let page = self.core.store.list(&query, cursor.as_ref(), max - documents.len()).map_err(refusal)?;
            for row in &page.rows {
                documents.extend(self.row(row, &filter)?);
            }
            cursor = page.next;
            if cursor.is_none() || documents.len() >= max {
                break;
            }
        }
        let next_page_token = cursor.map(|cursor| URL_SAFE_NO_PAD.encode(cursor.as_bytes())).unwrap_or_default();
        Ok(ListDocumentsResponse { documents, next_page_token })
    }

    /// The line for a row that the filter lets through.
    fn row(&self, row: &Row, filter: &Filter) -> Result<Option<DocumentSummary>, Refusal> {
        // Recalled before the receiver saw it: not on the receiver's list either.
        let is_recalled = row.recipient.as_ref().is_some_and(Recipient::is_recalled);
        if row.document.kind == EntryKind::Receipt || is_recalled {
            return Ok(None);
        }
        // Without a deadline there is none to miss: most documents are not looked into.
        if filter.at_risk == AtRisk::Only
            && (row.document.due.is_none() || !deadlines::is_at_risk(&self.core, row.document.seq).map_err(refusal)?)
        {
            return Ok(None);
        }
        let summary = view::summary(&self.core, &row.document).map_err(refusal)?;
        let text = directory::fold(&format!("{} {} {}", summary.subject, summary.code, summary.document_id));
        let has_words = filter.words.iter().all(|word| text.contains(word.as_str()));
        let fits = has_words && self.is_with(row, filter)?;
        Ok(fits.then_some(summary))
    }

    fn is_with(&self, row: &Row, filter: &Filter) -> Result<bool, Refusal> {
        let Some(counterpart) = &filter.counterpart else { return Ok(true) };
        match filter.direction {
            Direction::Received => Ok(row.document.key.sender == *counterpart),
            Direction::Sent => {
                let recipients = self.core.store.recipients(row.document.seq, 0, RECIPIENTS_PAGE).map_err(refusal)?;
                Ok(recipients.iter().any(|recipient| recipient.code == *counterpart))
            }
        }
    }
}

fn time(field: &'static str, at: Option<&pbjson_types::Timestamp>) -> Result<Option<UnixMillis>, Refusal> {
    Ok(at.map(|at| wire::millis(field, at)).transpose()?)
}

fn counterpart(text: &str) -> Result<Option<AgencyCode>, Refusal> {
    match text {
        "" => Ok(None),
        text => {
            let code = text.parse().or_else(|_| AgencyCode::opaque(text));
            code.map(Some).map_err(|error| Refusal::field("counterpart", error))
        }
    }
}

fn cursor(token: &str) -> Result<Option<Cursor>, Refusal> {
    if token.is_empty() {
        return Ok(None);
    }
    let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| Refusal::field("pageToken", "is none of this node's"))?;
    Ok(Some(Cursor::from_bytes(&bytes)))
}
