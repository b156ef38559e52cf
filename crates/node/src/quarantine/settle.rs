//! Looks at what is held again, and settles what can be settled.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use queue::{Deferral, Held, HeldQuery, HoldNote, NoteKind, Released, Seq};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use types::ErrorCode;

use super::look::{Look, look_again};
use crate::core::Core;
use crate::intake::Refused;

/// Entries read at a time.
const PAGE: usize = 256;

/// Least time between two rounds: data that comes in pieces, or that a round itself had fetched, makes no storm of them.
const GAP: Duration = Duration::from_secs(2);

/// Settles what can be settled until `stop`: at the start, when the bell is rung, and every so often.
pub(crate) async fn run(core: Arc<Core>, stop: CancellationToken) {
    let mut ticks = interval(core.config.quarantine.recheck);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut gap = interval(GAP);
    gap.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
            () = core.quarantine.rung() => {}
        }
        if let Err(refused) = round(&core, &stop).await {
            tracing::error!(error.code = %refused.code, detail = refused.detail, "quarantine could not be looked through");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            _ = gap.tick() => {}
        }
    }
}

/// Everything that is held, page by page: several senders at a time, the documents of each one after the other, oldest
/// first.
async fn round(core: &Core, stop: &CancellationToken) -> Result<(), Refused> {
    let mut cursor = None;
    loop {
        let page = core.store.held(&HeldQuery::default(), cursor.as_ref(), PAGE)?;
        let mut by_sender: BTreeMap<String, Vec<Held>> = BTreeMap::new();
        for held in page.entries.into_iter().filter(|held| held.code.is_some()) {
            let sender = held.document.key.sender.canonical().to_owned();
            by_sender.entry(sender).or_default().push(held);
        }
        let one_sender = |documents: Vec<Held>| async move {
            for held in documents {
                if stop.is_cancelled() {
                    return;
                }
                settle(core, &held).await;
            }
        };
        stream::iter(by_sender.into_values())
            .for_each_concurrent(core.config.quarantine.senders_at_once, one_sender)
            .await;
        cursor = page.next;
        if cursor.is_none() || stop.is_cancelled() {
            return Ok(());
        }
    }
}

/// One document; what cannot be looked at now stays as it is.
async fn settle(core: &Core, held: &Held) {
    let document = &held.document;
    let settled = match look_again(core, held).await {
        Ok(look) => act_on(core, document.seq, look).await,
        Err(refused) => Err(refused),
    };
    match settled {
        Ok(None) => {}
        Ok(Some(what)) => tracing::info!(
            exchange.id = %document.exchange,
            doc.id = %document.key.document_id,
            agency.from = %document.key.sender,
            "a document in quarantine was settled: {what}"
        ),
        // The workers are busy, or the node's own share of them is spent: soon again.
        Err(refused) if matches!(refused.code, ErrorCode::RateLimited | ErrorCode::Overloaded) => {
            tracing::debug!(exchange.id = %document.exchange, error.code = %refused.code, "another look has to wait");
            core.quarantine.ring();
        }
        Err(refused) => tracing::warn!(
            exchange.id = %document.exchange,
            doc.id = %document.key.document_id,
            error.code = %refused.code,
            detail = refused.detail,
            "a document in quarantine could not be looked at again"
        ),
    }
}

/// Records what came of it; what was settled, in a word.
async fn act_on(core: &Core, seq: Seq, look: Look) -> Result<Option<&'static str>, Refused> {
    let now = crate::clock::now();
    let note = |kind, code, text, report| HoldNote { at: now, kind, code, text, by: String::new(), report };
    let (released, word) = match look {
        Look::Passed { text, report } => {
            (core.store.release(seq, note(NoteKind::Released, None, text, report)).await?, "released")
        }
        Look::Refused { code, text, report } => {
            (core.store.refuse(seq, note(NoteKind::Refused, Some(code), text, report)).await?, "returned")
        }
        Look::Undecided { code, text, report } => {
            core.store.defer(Deferral { seq, code, text, now, report }).await?;
            return Ok(None);
        }
    };
    Ok((released == Released::Done).then_some(word))
}
