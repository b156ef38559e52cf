//! One look through the deadlines.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use queue::{Deadline, DeadlineLook, Document, Recipient, StoreError};
use relay::Links;
use types::{NeighbourId, UnixMillis};

use super::{FORECAST_MAX, PAGE, expected, has_it, is_warned_of, waits_for};
use crate::core::Core;
use crate::exchange::status::vietnam_time;
use crate::links::Sending;

/// Deadlines that one look goes through; the rest, later ones, has its turn when these are settled or warned of.
const LOOKED_AT_MAX: usize = 4096;
/// Warnings of one look that the log names one by one; the others it counts.
const NAMED_MAX: usize = 20;

pub(super) async fn look(core: &Arc<Core>, links: &Arc<Links<Sending>>) -> Result<(), StoreError> {
    let (mut after, mut seen, mut warned) = (None, 0, 0);
    while seen < LOOKED_AT_MAX {
        let now = crate::clock::now();
        let (own, linked) = (core.clone(), links.clone());
        let read = move || Page::read(&own, &linked, after, now);
        let page = tokio::task::spawn_blocking(read).await.unwrap_or(Err(StoreError::Internal))?;
        if page.last.is_none() {
            break;
        }
        after = page.last;
        seen += PAGE;
        for warning in page.warnings {
            warned += 1;
            if warned <= NAMED_MAX {
                tracing::warn!(error.code = "deadline_at_risk", "{warning}");
            }
        }
        let looks: Vec<_> = page.looks.into_iter().filter(|look| look.is_done || !look.at_risk.is_empty()).collect();
        if !looks.is_empty() {
            core.store.note_deadlines(looks, now).await?;
        }
    }
    if warned > NAMED_MAX {
        let more = warned - NAMED_MAX;
        tracing::warn!(
            error.code = "deadline_at_risk",
            more,
            "{more} more deliveries will probably miss their deadline"
        );
    }
    Ok(())
}

/// Some deadlines, looked at.
struct Page {
    looks: Vec<DeadlineLook>,
    warnings: Vec<String>,
    last: Option<Deadline>,
}

impl Page {
    fn read(core: &Core, links: &Links<Sending>, after: Option<Deadline>, now: UnixMillis) -> Result<Self, StoreError> {
        // Whatever is due later than any forecast can be, or the warning time, is not at risk yet.
        let horizon = now + FORECAST_MAX.max(core.config.fairness.deadline_warning);
        let found = core.store.deadlines(horizon, after, PAGE)?;
        let mut page = Self { looks: Vec::new(), warnings: Vec::new(), last: found.last().copied() };
        for deadline in found {
            match page.look_at(core, links, deadline, now) {
                Ok(()) => {}
                Err(error @ (StoreError::Damaged { .. } | StoreError::NotFound { .. })) => {
                    tracing::error!(error = &error as &dyn Error, "a deadline is left out");
                }
                Err(error) => return Err(error),
            }
        }
        Ok(page)
    }

    fn look_at(
        &mut self,
        core: &Core,
        links: &Links<Sending>,
        deadline: Deadline,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let document = core.store.document(deadline.seq)?;
        let (mut at_risk, mut is_done, mut from) = (Vec::new(), true, Some(0));
        while let Some(start) = from {
            let page = core.store.track(deadline.seq, start, PAGE)?;
            from = page.next;
            for track in page.recipients.iter().filter(|track| !has_it(&track.recipient) && !is_warned_of(track)) {
                let hop = waits_for(&track.recipient);
                let at = hop.and_then(|hop| expected(core, links, hop, document.lane, now));
                if !is_late(at, deadline.due, now, core.config.fairness.deadline_warning) {
                    is_done = false;
                    continue;
                }
                self.warnings.push(warning(&document, &track.recipient, hop, at, deadline.due));
                at_risk.push((track.recipient.index, said(at, hop)));
            }
        }
        self.looks.push(DeadlineLook { deadline, at_risk, is_done });
        Ok(())
    }
}

/// Whether to warn: when the forecast says too late, or when there is no forecast and little time.
fn is_late(expected: Option<UnixMillis>, due: UnixMillis, now: UnixMillis, warning: Duration) -> bool {
    match expected {
        Some(at) => at > due,
        None => due <= now + warning,
    }
}

fn time(at: UnixMillis) -> String {
    vietnam_time(at).map_or_else(|_| String::new(), |at| at.to_string())
}

/// For the sender.
fn said(expected: Option<UnixMillis>, hop: Option<&NeighbourId>) -> String {
    match (expected, hop) {
        (Some(at), _) => format!("dự kiến đến lúc {at} / expected at {at} (UTC+7)", at = time(at)),
        (None, Some(_)) => {
            "chưa biết khi nào nút kế tiếp nhận được / the next node cannot be reached, or nothing is known of it"
                .to_owned()
        }
        (None, None) => "còn được giữ tại nút này / it is still held at this node".to_owned(),
    }
}

/// For the log.
fn warning(
    document: &Document,
    recipient: &Recipient,
    hop: Option<&NeighbourId>,
    expected: Option<UnixMillis>,
    due: UnixMillis,
) -> String {
    let way = hop.map_or_else(|| "held here".to_owned(), |hop| format!("waiting for {hop}"));
    let arrival =
        expected.map_or_else(|| "no arrival can be foretold".to_owned(), |at| format!("expected {}", time(at)));
    format!(
        "{} of {} to {}, {way}, will probably miss its deadline {}: {arrival} (exchange {})",
        document.key.document_id,
        document.key.sender,
        recipient.code,
        time(due),
        document.exchange
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis::new(1_800_000_000_000);
    const HOUR: Duration = Duration::from_secs(3600);

    #[test]
    fn a_forecast_beyond_the_deadline_warns_however_far_it_is() {
        assert!(is_late(Some(NOW + 50 * HOUR), NOW + 49 * HOUR, NOW, HOUR));
        assert!(!is_late(Some(NOW + 48 * HOUR), NOW + 49 * HOUR, NOW, HOUR));
    }

    #[test]
    fn without_a_forecast_the_time_that_is_left_decides() {
        assert!(!is_late(None, NOW + 3 * HOUR, NOW, 2 * HOUR));
        assert!(is_late(None, NOW + 2 * HOUR, NOW, 2 * HOUR));
        assert!(is_late(None, NOW - HOUR, NOW, 2 * HOUR), "it is late already");
    }
}
