//! The operator's side of quarantine.

use std::sync::Arc;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gateway::{Admin, Operator, PeerCertificate, Refusal};
use queue::{Cursor, Document, EntryKind, HeldQuery, HoldNote, NoteKind, Released};
use types::{AgencyCode, ErrorCode, ExchangeId};
use wire::admin_v1 as v1;

use super::view;
use crate::core::Core;
use crate::intake::Refused;

const PAGE_DEFAULT: u32 = 100;
const PAGE_MAX: u32 = 500;
/// Senders in one answer about the shares.
const SHARES_MAX: usize = 1000;
/// Bytes of a reason.
const REASON_MAX: usize = 1000;

/// What operators call.
pub(crate) struct AdminDesk {
    core: Arc<Core>,
}

impl AdminDesk {
    pub(crate) const fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// The packet of an exchange that is, or was, in quarantine.
    fn find(&self, exchange: &str) -> Result<Document, Refusal> {
        let id: ExchangeId = wire::required("exchangeId", exchange)?;
        let mut past = None;
        for seq in self.core.store.by_exchange(id).map_err(refusal)? {
            let document = self.core.store.document(seq).map_err(refusal)?;
            if document.kind == EntryKind::Receipt {
                continue;
            }
            if document.held_from.is_some() {
                return Ok(document);
            }
            if !self.core.store.hold_notes(seq).map_err(refusal)?.is_empty() {
                past = Some(document);
            }
        }
        past.ok_or_else(|| {
            Refusal::new(ErrorCode::NotFound, "no document of this exchange is or was in quarantine").in_exchange(id)
        })
    }

    fn note(&self, operator: Operator, kind: NoteKind, reason: &str) -> Result<HoldNote, Refusal> {
        let reason = reason.trim();
        if reason.is_empty() || reason.len() > REASON_MAX {
            return Err(Refusal::field(
                "reason",
                format!("1 to {REASON_MAX} bytes: it is kept and told to the sender"),
            ));
        }
        let code = (kind == NoteKind::Refused).then_some(ErrorCode::OperatorRefused);
        let (at, text, by, report) = (crate::clock::now(), reason.to_owned(), operator.0, Vec::new());
        Ok(HoldNote { at, kind, code, text, by, report })
    }

    /// Says in the log who did what; the record in the store is what counts.
    fn log(&self, document: &Document, note: &HoldNote) {
        tracing::info!(
            exchange.id = %document.exchange,
            doc.id = %document.key.document_id,
            operator = note.by,
            reason = note.text,
            "an operator decided about a document in quarantine: {:?}",
            note.kind
        );
    }
}

fn refusal(refused: impl Into<Refused>) -> Refusal {
    refused.into().into_refusal()
}

fn sender(text: &str) -> Result<Option<AgencyCode>, Refusal> {
    if text.is_empty() {
        return Ok(None);
    }
    let code = text.parse().or_else(|_| AgencyCode::opaque(text));
    code.map(Some).map_err(|error| Refusal::field("sender", error))
}

fn query(request: &v1::ListHeldRequest) -> Result<HeldQuery, Refusal> {
    let sender = sender(&request.sender)?;
    let code = match request.code.as_str() {
        "" => None,
        text => Some(ErrorCode::from_text(text).ok_or_else(|| Refusal::field("code", "is no code of this version"))?),
    };
    let due_before = request.due_before.as_ref().map(|at| wire::millis("dueBefore", at)).transpose()?;
    Ok(HeldQuery { sender, due_before, code })
}

#[async_trait]
impl Admin for AdminDesk {
    fn operator(&self, certificate: &PeerCertificate) -> Option<Operator> {
        let listed = self.core.config.operators.contains(&certificate.sha256);
        listed.then(|| Operator(format!("{} SHA-256 {}", certificate.sans.join(" "), certificate.sha256).trim().into()))
    }

    async fn list_held(&self, request: v1::ListHeldRequest) -> Result<v1::ListHeldResponse, Refusal> {
        let query = query(&request)?;
        let cursor = match request.page_token.as_str() {
            "" => None,
            token => {
                let bytes = URL_SAFE_NO_PAD.decode(token);
                let bytes = bytes.map_err(|_| Refusal::field("pageToken", "is none of this node's"))?;
                Some(Cursor::from_bytes(&bytes))
            }
        };
        let max = if request.page_size == 0 { PAGE_DEFAULT } else { request.page_size.min(PAGE_MAX) };
        let max = usize::try_from(max).unwrap_or(usize::MAX);
        let page = self.core.store.held(&query, cursor.as_ref(), max).map_err(refusal)?;
        let lines = page.entries.iter().map(|held| view::line(&self.core, held));
        let stats = self.core.store.stats();
        Ok(v1::ListHeldResponse {
            documents: lines.collect::<Result<_, _>>().map_err(Refused::into_refusal)?,
            next_page_token: page.next.map(|cursor| URL_SAFE_NO_PAD.encode(cursor.as_bytes())).unwrap_or_default(),
            held: stats.held,
            waiting_behind: stats.held_behind,
        })
    }

    async fn held_stats(&self, request: v1::GetHeldStatsRequest) -> Result<v1::GetHeldStatsResponse, Refusal> {
        let only = sender(&request.sender)?;
        let stats = self.core.store.stats();
        let wanted =
            stats.held_of.iter().filter(|(code, _)| only.as_ref().is_none_or(|only| only.canonical() == *code));
        let mut fullest: Vec<_> = wanted.filter(|(_, held)| held.documents > 0).collect();
        fullest.sort_by_key(|(_, held)| std::cmp::Reverse((held.documents, held.bytes)));
        let directory = self.core.directory.load();
        let name = |code: &str| {
            let code = AgencyCode::opaque(code).ok()?;
            directory.find(&code).map(|agency| agency.name.to_string())
        };
        let quota = self.core.config.quarantine.quota;
        Ok(v1::GetHeldStatsResponse {
            held: stats.held,
            waiting_behind: stats.held_behind,
            sender_documents_max: quota.documents,
            sender_bytes_max: quota.bytes,
            senders: fullest
                .into_iter()
                .take(SHARES_MAX)
                .map(|(code, held)| v1::HeldShare {
                    sender: code.clone(),
                    sender_name: name(code).unwrap_or_default(),
                    documents: held.documents,
                    bytes: held.bytes,
                })
                .collect(),
        })
    }

    async fn held(&self, request: v1::GetHeldRequest) -> Result<v1::GetHeldResponse, Refusal> {
        let document = self.find(&request.exchange_id)?;
        let held = self.core.store.hold(document.seq).map_err(refusal)?;
        let notes = self.core.store.hold_notes(document.seq).map_err(refusal)?;
        let line = held.map(|held| view::line(&self.core, &held)).transpose();
        Ok(v1::GetHeldResponse {
            held: line.map_err(Refused::into_refusal)?,
            document: Some(crate::exchange::summary(&self.core, &document).map_err(Refused::into_refusal)?),
            record: notes.iter().map(view::record).collect(),
            signature_report: self.core.side(&document).map_err(Refused::into_refusal)?.report,
        })
    }

    async fn release_held(
        &self,
        operator: Operator,
        request: v1::ReleaseHeldRequest,
    ) -> Result<v1::ReleaseHeldResponse, Refusal> {
        let note = self.note(operator, NoteKind::Released, &request.reason)?;
        let document = self.find(&request.exchange_id)?;
        let released = self.core.store.release(document.seq, note.clone()).await.map_err(refusal)?;
        if released == Released::Done {
            self.log(&document, &note);
        }
        Ok(v1::ReleaseHeldResponse { changed: released == Released::Done })
    }

    async fn refuse_held(
        &self,
        operator: Operator,
        request: v1::RefuseHeldRequest,
    ) -> Result<v1::RefuseHeldResponse, Refusal> {
        let note = self.note(operator, NoteKind::Refused, &request.reason)?;
        let document = self.find(&request.exchange_id)?;
        let refused = self.core.store.refuse(document.seq, note.clone()).await.map_err(refusal)?;
        if refused == Released::Done {
            self.log(&document, &note);
        }
        Ok(v1::RefuseHeldResponse { changed: refused == Released::Done })
    }

    fn recheck_held(&self, operator: Operator) {
        tracing::info!(operator = operator.0, "an operator has everything in quarantine looked at again");
        self.core.quarantine.ring();
    }
}
