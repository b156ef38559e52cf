//! The loop that asks what became of sent packets.

use delivery::Permit;
use tokio::time::{Instant, MissedTickBehavior, interval_at};
use tokio_util::sync::CancellationToken;

use super::gate::{Gate, Report};
use super::{ConnectorOptions, Outbox, SentState};
use crate::client::Client;
use crate::{DocId, MessageType};

/// Packets asked about in one round: one call each.
const ROUND_MAX: usize = 100;

/// Asks every `follow_up_every` until `stop`.
pub(super) async fn run<O: Outbox>(
    client: &Client,
    outbox: &O,
    gate: &Gate,
    options: &ConnectorOptions,
    stop: &CancellationToken,
) {
    let Some(every) = options.follow_up_every else { return };
    let mut rounds = interval_at(Instant::now() + every, every);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            _ = rounds.tick() => {}
        }
        for (doc_id, message_type) in outbox.unconfirmed(ROUND_MAX).await {
            if stop.is_cancelled() || matches!(gate.permit(), Permit::Denied { .. }) {
                break;
            }
            ask(client, outbox, gate, &doc_id, message_type).await;
        }
    }
}

async fn ask<O: Outbox>(client: &Client, outbox: &O, gate: &Gate, doc_id: &DocId, message_type: MessageType) {
    let lines = client.sent_edocs(message_type, Some(doc_id)).await;
    gate.report(Report::of(&lines));
    // A failure was reported; the packet is asked about again in a later round.
    for line in lines.unwrap_or_default() {
        // An axis that does not filter lists other packets too.
        if line.sender_doc_id.trim() == doc_id.as_str() {
            let state = SentState {
                doc_id: doc_id.clone(),
                receiver: line.to_code,
                state: line.receive_status,
                description: line.receive_status_desc,
            };
            outbox.sent_state(state).await;
        }
    }
}
