//! Claims from the store, for whatever carries them: a link, or the connector to the axis.

use std::error::Error;
use std::io::{Seek as _, SeekFrom};
use std::time::Duration;

use queue::{Claim, ClaimRequest, Extended, Payload, Wakeup};
use tokio::io::AsyncRead;
use tokio::sync::broadcast::Receiver;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use types::{ErrorCode, Lane, NeighbourId, UnixMillis};

use crate::core::Core;

/// A claim's lease; its carrier extends it every so often while it works on it.
const LEASE: Duration = Duration::from_secs(60);
/// Looks again after so long although nothing was hinted: leases of a broken link run out without a hint.
const LOOK_AGAIN: Duration = Duration::from_secs(15);
/// Claims that one call of the store gives.
const CLAIMS_MAX: usize = 256;

/// Waits until something is due for `hop` and claims up to `items` of it, of `least` and more urgent lanes.
/// Empty only after `stop`.
pub(crate) async fn next_claims(
    core: &Core,
    hop: &NeighbourId,
    items: usize,
    least: Lane,
    stop: &CancellationToken,
) -> Vec<Claim> {
    let mut wakeups = core.store.wakeups();
    while !stop.is_cancelled() {
        let now = crate::clock::now();
        let request = ClaimRequest { hop: hop.clone(), now, lease: LEASE, max: items.clamp(1, CLAIMS_MAX), least };
        let due = match core.store.claim(&request) {
            Ok(claims) if !claims.is_empty() => return claims,
            Ok(_) => core.store.next_due(hop).unwrap_or_default(),
            Err(error) => {
                tracing::error!(peer.id = %hop, error = &error as &dyn Error, "nothing can be claimed");
                None
            }
        };
        // Due already, and not claimable: blocked behind an earlier packet of its document, or not of this lane.
        let due = due.filter(|due| *due > crate::clock::now());
        wait(&mut wakeups, hop, due, stop).await;
    }
    Vec::new()
}

/// Opens a claim's packet from `offset` on.
///
/// # Errors
/// The code and the cause.
pub(crate) fn opened(
    core: &Core,
    claim: &Claim,
    offset: u64,
) -> Result<Box<dyn AsyncRead + Send + Unpin>, (ErrorCode, Box<dyn Error + Send + Sync>)> {
    let mut payload = core.store.open_payload(&claim.document.content).map_err(|error| (error.code(), error.into()))?;
    payload.seek(SeekFrom::Start(offset)).map_err(|error| (ErrorCode::Internal, error.into()))?;
    Ok(match payload {
        Payload::File(file) => Box::new(tokio::fs::File::from_std(file)),
        Payload::Memory(cursor) => Box::new(cursor),
    })
}

/// Lengthens a claim's lease; false when another has it.
pub(crate) fn extended(core: &Core, claim: &Claim) -> bool {
    let until = crate::clock::now() + LEASE;
    matches!(core.store.extend(std::slice::from_ref(&claim.fence), until).first(), Some(Extended::Until(_)))
}

/// Waits for a hint about the hop, for its next due time, or for `stop`.
async fn wait(wakeups: &mut Receiver<Wakeup>, hop: &NeighbourId, due: Option<UnixMillis>, stop: &CancellationToken) {
    let until = due.map_or(LOOK_AGAIN, |due| due.since(crate::clock::now()).min(LOOK_AGAIN));
    let until = Instant::now() + until;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep_until(until) => return,
            hint = wakeups.recv() => match hint {
                Ok(Wakeup::Hop(found)) if found != *hop => {}
                Ok(Wakeup::Inbox(_) | Wakeup::Reports | Wakeup::Held) => {}
                Ok(Wakeup::Hop(_)) | Err(_) => return,
            },
        }
    }
}
