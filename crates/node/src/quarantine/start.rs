//! Lets what nothing keeps any more go on, with the receipts that are true from then on.

use std::sync::Arc;

use evidence::{Notice, Receipt, ReceiptEvent, Recipients, UnsignedReceipt};
use queue::{Document, EntryKind, NoteKind, Plan, Recipient, Seq, Start, Started, Wakeup};
use signature::Indication;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;
use types::{AgencyCode, BusinessType, Digest, ErrorCode, StatusCode, UnixMillis};

use super::view::last_report;
use crate::core::Core;
use crate::intake::{Facts, Refused};
use crate::record::Summary;
use crate::{reports, tracking};

/// Entries started in one round, and recipients read at a time.
const PAGE: usize = 256;

/// Starts what is ready until `stop`. What was ready when the node went down is started first.
pub(crate) async fn run(core: Arc<Core>, stop: CancellationToken) {
    let mut wakeups = core.store.wakeups();
    loop {
        if let Err(refused) = start_ready(&core).await {
            tracing::error!(error.code = %refused.code, detail = refused.detail, "what left quarantine could not be started");
        }
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                hint = wakeups.recv() => match hint {
                    Ok(Wakeup::Held) | Err(RecvError::Lagged(_)) => break,
                    Ok(Wakeup::Hop(_) | Wakeup::Inbox(_) | Wakeup::Reports) => {}
                    Err(RecvError::Closed) => return,
                },
            }
        }
    }
}

/// One after the other: starting one may make the next one ready.
async fn start_ready(core: &Core) -> Result<(), Refused> {
    loop {
        let ready = core.store.ready(PAGE)?;
        if ready.is_empty() {
            return Ok(());
        }
        for seq in ready {
            start(core, seq).await?;
        }
    }
}

async fn start(core: &Core, seq: Seq) -> Result<(), Refused> {
    let now = crate::clock::now();
    let document = core.store.document(seq)?;
    // Before the start: repeated after a crash between the two, it changes nothing.
    record_status(core, &document, now).await?;
    let evidence = consignments(core, &document, now).await?;
    if core.store.start_held(Start { seq, now, evidence }).await? == Started::Now {
        tracing::info!(
            exchange.id = %document.exchange,
            doc.id = %document.key.document_id,
            agency.from = %document.key.sender,
            "a document left quarantine"
        );
    }
    Ok(())
}

/// A held status is recorded with its document once it is known to be good, not before.
async fn record_status(core: &Core, document: &Document, at: UnixMillis) -> Result<(), Refused> {
    if document.kind != EntryKind::Status {
        return Ok(());
    }
    let kept = Summary::read(&document.summary).map_err(|error| Refused::new(error.code(), error.to_string()))?;
    let facts = Facts {
        kind: types::PacketKind::Status,
        sender: document.key.sender.clone(),
        document_id: document.key.document_id.clone(),
        business: BusinessType::New,
        lane: document.lane,
        due: document.due,
        to: Vec::new(),
        about: document.about.clone(),
        status: u8::try_from(kept.status_code).ok().and_then(StatusCode::from_number),
        description: kept.status_description,
    };
    tracking::record_status(core, &facts, &document.receipt, at).await
}

/// A signed `ContentConsignment` for every held receiver with an inbox here, by the receiver's index.
async fn consignments(core: &Core, document: &Document, at: UnixMillis) -> Result<Vec<(u32, Vec<u8>)>, Refused> {
    let Some(first) = document.held_from else { return Ok(Vec::new()) };
    // The store decides which receivers of an acting packet get it: none may share a receipt with one that does not.
    let acts = document.business != BusinessType::New || document.kind == EntryKind::Status;
    let together = if acts { 1 } else { evidence::RECIPIENTS_LISTED_MAX };
    let warning = warning(core, document)?;
    // The receipt speaks of the check by which the document goes on, not of the one that could not be finished.
    let report = last_report(core, document, core.side(document)?.report)?.unwrap_or_default();
    let (mut evidence, mut from) = (Vec::new(), first);
    loop {
        let page = core.store.recipients(document.seq, from, PAGE)?;
        let Some(last) = page.last() else { return Ok(evidence) };
        from = last.index + 1;
        let waiting: Vec<&Recipient> = page.iter().filter(|recipient| waits_here(recipient)).collect();
        let bundles: Vec<&[&Recipient]> = waiting.chunks(together).collect();
        let receipt = |bundle: &&[&Recipient]| {
            let codes: Vec<AgencyCode> = bundle.iter().map(|recipient| recipient.code.clone()).collect();
            UnsignedReceipt::of(&Receipt {
                event: ReceiptEvent::ContentConsignment,
                warnings: warning.iter().cloned().collect(),
                verdict: Indication::from_name(&report.indication),
                report: Digest::try_from(&*report.full_sha256).ok(),
                ..reports::about(core, document, Recipients::new(&codes), at)
            })
        };
        let receipts = bundles.iter().map(receipt).collect::<Result<_, _>>()?;
        for (bundle, signed) in bundles.into_iter().zip(core.sign_all(receipts).await?) {
            let signed = signed.to_bytes();
            evidence.extend(bundle.iter().map(|recipient| (recipient.index, signed.clone())));
        }
    }
}

fn waits_here(recipient: &Recipient) -> bool {
    recipient.is_held && matches!(recipient.plan, Plan::Inbox(_))
}

/// The receipt of a document that an operator let go says so: nobody shall take it for checked.
fn warning(core: &Core, document: &Document) -> Result<Option<Notice>, Refused> {
    let notes = core.store.hold_notes(document.seq)?;
    let released = notes.iter().rev().find(|note| note.kind == NoteKind::Released && !note.by.is_empty());
    Ok(released.map(|note| {
        let text = format!(
            "Người vận hành cho chuyển khi chữ ký chưa kiểm tra xong: {} / Released by the node's operator, signatures \
             not fully checked",
            note.text
        );
        Notice::new(ErrorCode::VerificationPending, &text)
    }))
}
