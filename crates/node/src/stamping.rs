//! Time-stamps of this node's receipts: opened with the store, shown with the receipts.

use std::path::Path;
use std::sync::Arc;

use evidence::SignedReceipt;
use signature::{Indication, Policy, TrustStore};
use tokio_util::sync::CancellationToken;
use validation_data::{Authority, Options, ShelfError, Stamping, StampingOptions, TIMESTAMP_FOLDER};
use wire::exchange_v1::{TimeProof, TimestampState};
use wire::timestamp;

use crate::config::Config;
use crate::core::Core;

/// Opens the batches, where the configuration names an authority. Blocking.
///
/// # Errors
/// The disk's.
pub(crate) fn open(config: &Config, sources: &Options) -> Result<Option<Stamping>, ShelfError> {
    let Some(source) = &config.timestamp else { return Ok(None) };
    let authority = Authority::new(sources.allow.configured(&source.url), source.policy.clone(), sources.fetch.clone());
    let options = StampingOptions {
        authority,
        interval: source.interval,
        batch_max: u64::try_from(source.batch_max).unwrap_or(u64::MAX),
    };
    let dir = config.data_dir.join(TIMESTAMP_FOLDER);
    Stamping::open(Path::new(&dir), config.node.as_str(), options).map(Some)
}

/// Stamps until `stop`.
pub(crate) async fn run(core: Arc<Core>, stop: CancellationToken) {
    let Some(stamping) = core.stamping.clone() else { return };
    stamping.run(stop, move || trust(&core)).await;
}

/// What tokens are held against: the anchors of documents.
fn trust(core: &Core) -> (Arc<TrustStore>, Policy) {
    (core.validation.trust(), crate::validation::policy(&core.material.load()))
}

/// How it goes, for whoever asks about the node.
pub(crate) fn state(core: &Core) -> Option<TimestampState> {
    let stamping = core.stamping.as_ref()?;
    let state = stamping.state();
    Some(TimestampState {
        authority: stamping.authority().url().to_string(),
        waiting_receipts: state.backlog.receipts,
        waiting_batches: state.backlog.batches,
        stamped_batches: state.backlog.stamped,
        last_success: state.last_success.map(timestamp),
        failing: state.error.is_some(),
    })
}

/// What proves the time of a receipt; `None` for another node's, for one from before there was an authority, and for one
/// whose batch cannot be read, which the log names: the receipt is as good as ever. Blocking.
pub(crate) fn proof(core: &Core, place: usize, signed: &SignedReceipt) -> Option<TimeProof> {
    let stamping = core.stamping.as_ref()?;
    let receipt = signed.receipt().ok().filter(|receipt| receipt.node == core.node)?;
    let found = stamping.proof(signed.leaf_hash(), receipt.at).unwrap_or_else(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "a batch of time-stamped receipts cannot be read");
        None
    })?;
    let proof = TimeProof { receipt: u32::try_from(place).unwrap_or(u32::MAX), ..TimeProof::default() };
    Some(match found {
        validation_data::TimeProof::Open => TimeProof { state: "open".to_owned(), ..proof },
        validation_data::TimeProof::Waiting { number } => {
            TimeProof { state: "waiting".to_owned(), batch: number, ..proof }
        }
        validation_data::TimeProof::Stamped(found) => {
            let (store, policy) = trust(core);
            let now = crate::clock::now();
            let report = signature::verify_timestamp(&found.token, &found.statement, &store, &policy, now);
            let is_proved = report.indication == Indication::TotalPassed;
            TimeProof {
                state: "stamped".to_owned(),
                batch: found.number,
                leaf_index: found.index,
                path: found.path.iter().map(|hash| hash.as_bytes().to_vec()).collect(),
                statement: found.statement,
                token: found.token,
                time: report.time.filter(|_| is_proved).map(timestamp),
                ..proof
            }
        }
    })
}
