//! Tells senders what became of their documents: one task that works off the store's outstanding reports.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use evidence::{ContentFacts, DocumentFacts, Notice, Receipt, ReceiptEvent, Recipients, SignedReceipt};
use futures_util::{StreamExt as _, stream};
use queue::{Document, EntryKind, EventKind, Origin, Report, ReportId, ReportKind, Seq, Wakeup};
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use types::{ErrorCode, PacketKind, UnixMillis};

use crate::axis_link;
use crate::core::{Core, new_receipt};
use crate::intake::Refused;
use crate::tracking;

/// Reports read at a time.
const BATCH: usize = 256;
/// Tries again so long after a failure.
const AGAIN_AFTER: Duration = Duration::from_secs(15);
/// Entries whose senders are told at a time: what they write goes into the same commits.
const TOGETHER: usize = 64;

/// Works off reports until `stop`; each is crossed off only after what it owes is durable.
pub(crate) async fn run(core: Arc<Core>, stop: CancellationToken) {
    let mut wakeups = core.store.wakeups();
    loop {
        let again_at = match work_off(&core).await {
            Ok(()) => None,
            Err(refused) => {
                tracing::error!(error.code = %refused.code, detail = refused.detail, "reports could not be worked off");
                // What failed (a disk at its reserve, say) passes without a hint.
                Some(Instant::now() + AGAIN_AFTER)
            }
        };
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = at(again_at) => break,
                hint = wakeups.recv() => match hint {
                    Ok(Wakeup::Reports) | Err(RecvError::Lagged(_)) => break,
                    Ok(Wakeup::Hop(_) | Wakeup::Inbox(_) | Wakeup::Held) => {}
                    Err(RecvError::Closed) => return,
                },
            }
        }
    }
}

/// Ready at this time; never without one.
async fn at(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}

async fn work_off(core: &Core) -> Result<(), Refused> {
    let mut after: Option<ReportId> = None;
    loop {
        let batch = core.store.reports(after, BATCH)?;
        let Some(last) = batch.last() else { return Ok(()) };
        after = Some(last.id);
        let mut by_entry: BTreeMap<Seq, Vec<Report>> = BTreeMap::new();
        for report in batch {
            by_entry.entry(report.recipient.seq).or_default().push(report);
        }
        let telling = by_entry.into_iter().map(|(seq, reports)| tell_all(core, seq, reports));
        let told: Vec<_> = stream::iter(telling).buffer_unordered(TOGETHER).collect().await;
        let (mut done, mut failed) = (Vec::new(), None);
        for one in told {
            match one {
                Ok(ids) => done.extend(ids),
                Err(refused) => failed = Some(refused),
            }
        }
        if !done.is_empty() {
            core.store.reports_done(done).await?;
        }
        failed.map_or(Ok(()), Err)?;
    }
}

/// Tells about one entry; gives the reports that only have to be crossed off.
async fn tell_all(core: &Core, seq: Seq, reports: Vec<Report>) -> Result<Vec<ReportId>, Refused> {
    let mut done = Vec::new();
    // A report owes two receipts at most.
    for together in reports.chunks(tracking::BUNDLE / 2) {
        done.extend(tell(core, seq, together).await?);
    }
    Ok(done)
}

/// Tells about some receivers of one entry; gives the reports that only have to be crossed off.
async fn tell(core: &Core, seq: Seq, reports: &[Report]) -> Result<Vec<ReportId>, Refused> {
    let ids: Vec<ReportId> = reports.iter().map(|report| report.id).collect();
    let document = core.store.document(seq)?;
    if document.kind == EntryKind::Receipt {
        return Ok(ids);
    }
    let is_failure = |report: &Report| matches!(report.about, ReportKind::Returned { .. });
    if matches!(document.origin, Origin::Local(_)) && !reports.iter().any(is_failure) {
        // Its sender reads it here, where it is recorded already.
        return Ok(ids);
    }
    let at = crate::clock::now();
    let mut receipts: Vec<SignedReceipt> = Vec::new();
    for report in reports {
        for receipt in receipts_for(core, &document, report, at).await? {
            if !receipts.contains(&receipt) {
                receipts.push(receipt);
            }
        }
    }
    if let Origin::Neighbour(from) = &document.origin
        && core.axis_link(from).is_some()
    {
        axis_link::tell_returned(core, &document, from, reports, ids).await?;
        return Ok(Vec::new());
    }
    match core.receipts_go_to(&document.origin) {
        Some(back) if !receipts.is_empty() => {
            tracking::send_back(core, &document, back, &receipts, ids, at).await?;
            Ok(Vec::new())
        }
        Some(_) | None => Ok(ids),
    }
}

/// The receipts that prove a report: those kept with it, or this node's own of a failure.
///
/// A handover brings the consignment along: a crash right after the acceptance may have kept it from going out, and the
/// neighbour's repeat, which makes that good, never comes when its time to live is over.
async fn receipts_for(
    core: &Core,
    document: &Document,
    report: &Report,
    at: UnixMillis,
) -> Result<Vec<SignedReceipt>, Refused> {
    let events = tracking::events_of(core, document.seq, &report.code)?.unwrap_or_default();
    let mut kept = events.iter().rev().filter_map(|event| {
        let receipt = SignedReceipt::from_bytes(&event.evidence).ok()?;
        Some((event.kind, receipt.receipt().ok()?, receipt))
    });
    match report.about {
        ReportKind::Delivered => {
            let delivered = kept.find(|(kind, _, _)| *kind == EventKind::Delivered).map(|(_, _, signed)| signed);
            let consigned = kept
                .find(|(_, receipt, _)| receipt.event == ReceiptEvent::ContentConsignment && receipt.node == core.node);
            Ok(consigned.map(|(_, _, signed)| signed).into_iter().chain(delivered).collect())
        }
        ReportKind::Consigned => {
            let own = kept
                .find(|(_, receipt, _)| receipt.event == ReceiptEvent::ContentConsignment && receipt.node == core.node);
            Ok(own.map(|(_, _, signed)| signed).into_iter().collect())
        }
        ReportKind::Returned { code, cause } => {
            let own = kept.find(|(_, receipt, _)| {
                receipt.event == ReceiptEvent::ContentConsignmentFailure && receipt.node == core.node
            });
            if let Some((_, _, signed)) = own {
                return Ok(vec![signed]);
            }
            let text = events.iter().rev().find(|event| event.code.is_some()).map(|event| event.text.clone());
            let receipt = failure(core, document, report, code, cause, &text.unwrap_or_default(), at);
            let signed = core.sign(&receipt).await?;
            tracking::record_own(core, document, &signed).await?;
            Ok(vec![signed])
        }
    }
}

fn failure(
    core: &Core,
    document: &Document,
    report: &Report,
    code: ErrorCode,
    cause: Option<ErrorCode>,
    text: &str,
    at: UnixMillis,
) -> Receipt {
    let cause = cause.filter(|cause| *cause != code).map(|cause| format!(" ({cause})")).unwrap_or_default();
    let text = if text.is_empty() { code.title_vi() } else { text };
    Receipt {
        event: ReceiptEvent::ContentConsignmentFailure,
        reason: Some(Notice::new(code, &format!("{text}{cause}"))),
        ..about(core, document, Recipients::new(std::slice::from_ref(&report.code)), at)
    }
}

/// A receipt of this node about a kept document; the event is to be set.
pub(crate) fn about(core: &Core, document: &Document, recipients: Recipients, at: UnixMillis) -> Receipt {
    let previous = SignedReceipt::from_bytes(&document.receipt).ok().map(|receipt| receipt.digest());
    Receipt {
        event: ReceiptEvent::ContentHandover,
        id: new_receipt(),
        exchange: document.exchange,
        node: core.node.clone(),
        at,
        document: Some(DocumentFacts {
            sender: document.key.sender.clone(),
            document_id: document.key.document_id.clone(),
            kind: match document.kind {
                EntryKind::Status => PacketKind::Status,
                EntryKind::Document | EntryKind::Receipt => PacketKind::Document,
            },
            business_type: document.business,
        }),
        content: Some(ContentFacts { length: document.content.length, sha256: document.content.digest }),
        manifest: None,
        signature: None,
        recipients,
        peer: None,
        reason: None,
        verdict: None,
        report: None,
        warnings: Vec::new(),
        previous,
    }
}
