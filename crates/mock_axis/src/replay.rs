//! A record played again: the client's requests, against another server, and the answers compared.

mod call;
mod compare;

use std::collections::BTreeMap;
use std::io::BufRead;
use std::sync::Arc;
use std::time::Duration;

use axis::Secret;
use http::Uri;
use serde::Serialize;
use serde_json::Value;

use crate::traffic::Recorded;

/// What to play a record against.
#[derive(Clone, Debug)]
pub struct ReplayOptions {
    /// Where the operations are: `http://host:port/root`.
    pub url: Uri,
    /// Signs the requests anew, and lets ids of the record stand for those that the server gives now. Without it the
    /// requests go out as they were.
    pub secret: Option<Secret>,
    /// Trust for an `https` address.
    pub tls: Option<Arc<rustls::ClientConfig>>,
    /// Patience with one request.
    pub timeout: Duration,
}

/// Why a record cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The file cannot be read.
    #[error("read the record")]
    Read(#[from] std::io::Error),
    /// A line is no exchange.
    #[error("line {line} of the record: {reason}")]
    Line {
        /// Counted from 1.
        line: usize,
        /// Why.
        reason: String,
    },
    /// The address.
    #[error("{0}: write http://HOST:PORT or https://HOST:PORT, and a path where there is one")]
    Url(Uri),
}

/// One request played again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Replayed {
    /// Its number in the record.
    pub number: u64,
    /// The operation.
    pub operation: String,
    /// What came of it.
    pub outcome: ReplayOutcome,
    /// Each difference in words; empty when there is none.
    pub differences: Vec<String>,
}

/// What came of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ReplayOutcome {
    /// Status, code and shape are those of the record.
    Same,
    /// They are not.
    Different,
    /// Not played: its body or answer is not whole in the record, or a fault had spoilt it.
    Skipped,
}

/// Plays every line of a record in order, one after the other; `told` hears of each.
///
/// Status, `ErrorCode` and the shape of the JSON are compared, not its values.
///
/// # Errors
/// The record or the address; a server that does not answer is a difference.
pub async fn replay(
    record: impl BufRead,
    options: &ReplayOptions,
    mut told: impl FnMut(&Replayed),
) -> Result<(), ReplayError> {
    let mut ids = BTreeMap::new();
    for (line, text) in (1..).zip(record.lines()) {
        let text = text?;
        if text.trim().is_empty() {
            continue;
        }
        let recorded: Recorded =
            serde_json::from_str(&text).map_err(|error| ReplayError::Line { line, reason: error.to_string() })?;
        told(&play(&recorded, options, &mut ids).await?);
    }
    Ok(())
}

async fn play(
    recorded: &Recorded,
    options: &ReplayOptions,
    ids: &mut BTreeMap<String, String>,
) -> Result<Replayed, ReplayError> {
    let told = |outcome, differences| Replayed {
        number: recorded.number,
        operation: recorded.operation.clone(),
        outcome,
        differences,
    };
    let Some(body) = recorded.body.bytes() else {
        return Ok(told(ReplayOutcome::Skipped, vec!["the request's body is not whole in the record".to_owned()]));
    };
    if !recorded.answer.faults.iter().all(|fault| fault.starts_with("latency")) || !recorded.answer.broken.is_empty() {
        return Ok(told(ReplayOutcome::Skipped, vec!["a fault had spoilt the answer".to_owned()]));
    }
    let answer = match call::send(recorded, body, options, ids).await? {
        Ok(answer) => answer,
        Err(reason) => return Ok(told(ReplayOutcome::Different, vec![format!("no answer: {reason}")])),
    };
    let before: Option<Value> = recorded.answer.body.bytes().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let after: Option<Value> = serde_json::from_slice(&answer.body).ok();
    if let (Some(before), Some(after)) = (&before, &after) {
        compare::pair_ids(before, after, ids);
    }
    let differences = compare::differences(recorded, before.as_ref(), answer.status, after.as_ref());
    let outcome = if differences.is_empty() { ReplayOutcome::Same } else { ReplayOutcome::Different };
    Ok(told(outcome, differences))
}
