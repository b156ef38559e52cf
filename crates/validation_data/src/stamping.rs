//! Time-stamps: asking an authority, and stamping this node's own receipts batch by batch.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use signature::{Policy, Reason, Timestamp, TimestampRequest, TrustStore};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use types::{Digest, ErrorCode, UnixMillis};

use crate::allow::Url;
use crate::clock;
use crate::fetch::{Ask, FetchError, FetchOptions, Fetcher};
use crate::ledger::{Backlog, Ledger, TimeProof};
use crate::shelf::ShelfError;

/// Bytes of one answer: a token with its path.
const ANSWER_BYTES_MAX: usize = 256 * 1024;
/// Wait before an authority that failed is asked again, at first.
const RETRY_MIN: Duration = Duration::from_secs(15);

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum StampError {
    /// The authority could not be reached, or did not answer.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// Its answer does not hold: refused, about something else, not by an authority that is trusted.
    #[error("{url}: {reason}")]
    Refused {
        /// The authority.
        url: Url,
        /// Why.
        reason: Reason,
    },
    /// No random numbers for a nonce.
    #[error("the system gives no random numbers")]
    Random,
}

impl StampError {
    /// The public code.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Fetch(error) => error.code(),
            Self::Refused { .. } => ErrorCode::PeerRefused,
            Self::Random => ErrorCode::Internal,
        }
    }
}

/// A time-stamping authority (RFC 3161) that is asked over HTTP.
#[derive(Clone, Debug)]
pub struct Authority {
    url: Url,
    policy: Option<String>,
    fetcher: Fetcher,
}

impl Authority {
    /// The authority at this address; `policy` is asked for and must be the token's, dotted.
    #[must_use]
    pub const fn new(url: Url, policy: Option<String>, fetch: FetchOptions) -> Self {
        Self { url, policy, fetcher: Fetcher::new(fetch) }
    }

    /// Its address.
    #[must_use]
    pub const fn url(&self) -> &Url {
        &self.url
    }

    /// Obtains a token over bytes with this SHA-256 and checks it against `trust`: nonce, imprint, policy, the
    /// authority's certificate and path.
    ///
    /// # Errors
    /// [`StampError`].
    pub async fn stamp(&self, digest: Digest, trust: &TrustStore, policy: &Policy) -> Result<Timestamp, StampError> {
        let nonce = u64::from_be_bytes(clock::random().ok_or(StampError::Random)?);
        let mut request = TimestampRequest::over_digest(digest, nonce);
        if let Some(policy) = &self.policy {
            request = request.under(policy);
        }
        let ask = Ask::Post { content_type: "application/timestamp-query", body: request.to_der() };
        let answer = self.fetcher.ask(&self.url, ask, ANSWER_BYTES_MAX).await?;
        let refused = |reason| StampError::Refused { url: self.url.clone(), reason };
        request.read_response(&answer, trust, policy, clock::now()).map_err(refused)
    }
}

/// How this node's receipts are stamped.
#[derive(Clone, Debug)]
pub struct StampingOptions {
    /// Who stamps them.
    pub authority: Authority,
    /// How often a batch is closed.
    pub interval: Duration,
    /// Receipts that close a batch before its time.
    pub batch_max: u64,
}

/// How it goes with the stamping.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StampingState {
    /// What waits.
    pub backlog: Backlog,
    /// When the last token came.
    pub last_success: Option<UnixMillis>,
    /// What went wrong the last time; `None` when it went well.
    pub error: Option<String>,
}

/// Stamps this node's receipts. Cheap to copy.
///
/// Nothing waits for it: a receipt is noted when it is issued, and its proof is there some minutes later, or when the
/// authority is back.
#[derive(Clone, Debug)]
pub struct Stamping(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    ledger: Ledger,
    options: StampingOptions,
    /// A batch is full.
    full: Notify,
    outcome: Mutex<Outcome>,
}

/// Whether work on the disk was done; what failed is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Done {
    Yes,
    No,
}

#[derive(Debug, Default)]
struct Outcome {
    last_success: Option<UnixMillis>,
    error: Option<String>,
    failures: u32,
    has_lost: bool,
}

impl Stamping {
    /// Opens the folder of batches, made when absent. Blocking.
    ///
    /// # Errors
    /// The disk's.
    pub fn open(dir: &Path, node: &str, options: StampingOptions) -> Result<Self, ShelfError> {
        let ledger = Ledger::open(dir, node)?;
        Ok(Self(Arc::new(Inner { ledger, options, full: Notify::new(), outcome: Mutex::default() })))
    }

    /// Notes receipts that were just issued, by their leaf hashes (RFC 6962 2.1). A receipt that cannot be noted is as good
    /// as before, without a time-stamp; the log says so.
    pub fn note(&self, leaves: &[Digest]) {
        match self.0.ledger.note(leaves, clock::now()) {
            Ok(records) if records >= self.0.options.batch_max => self.0.full.notify_one(),
            Ok(_) => self.outcome().has_lost = false,
            Err(error) => {
                let had_lost = std::mem::replace(&mut self.outcome().has_lost, true);
                if !had_lost {
                    let error = &error as &dyn std::error::Error;
                    tracing::error!(error, "receipts could not be noted for a time-stamp");
                }
            }
        }
    }

    /// How it goes.
    #[must_use]
    pub fn state(&self) -> StampingState {
        let backlog = self.0.ledger.backlog();
        let outcome = self.outcome();
        StampingState { backlog, last_success: outcome.last_success, error: outcome.error.clone() }
    }

    /// The authority.
    #[must_use]
    pub fn authority(&self) -> &Authority {
        &self.0.options.authority
    }

    /// Where a receipt stands, by its leaf hash and the time it was issued; `None` when it is not known here. Blocking.
    ///
    /// # Errors
    /// The disk's.
    pub fn proof(&self, leaf: Digest, at: UnixMillis) -> Result<Option<TimeProof>, ShelfError> {
        self.0.ledger.proof(leaf, at)
    }

    /// Works until `stop`. `trust` gives the anchors and rules of this moment, which tokens are checked against.
    pub async fn run(self, stop: CancellationToken, trust: impl Fn() -> (Arc<TrustStore>, Policy) + Send + Sync) {
        let interval = self.0.options.interval;
        let mut due = Instant::now() + interval;
        loop {
            let has_failed = self.outcome().error.is_some();
            let retry = has_failed.then(|| Instant::now() + clock::jittered(self.wait()));
            tokio::select! {
                () = stop.cancelled() => return,
                () = sleep_until(retry.map_or(due, |retry| retry.min(due))) => {}
                () = self.0.full.notified() => {}
            }
            let is_due = Instant::now() >= due;
            if is_due {
                due = Instant::now() + interval;
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.round(is_due, &trust) => {}
            }
        }
    }

    /// Stamps what waits, oldest first, and then what was issued since, if it is time.
    async fn round(&self, is_due: bool, trust: &(impl Fn() -> (Arc<TrustStore>, Policy) + Sync)) {
        let backlog = self.0.ledger.backlog();
        // While the authority is away, what comes waits together: fewer tokens catch up with more.
        if backlog.receipts >= self.0.options.batch_max || (is_due && backlog.batches == 0) {
            // What stands in the way of closing a batch does not keep older ones from being stamped.
            let _: Done = self.blocking(|stamping| stamping.0.ledger.close().map(drop)).await;
        }
        loop {
            let ledger = self.clone();
            let waiting = tokio::task::spawn_blocking(move || ledger.0.ledger.waiting()).await;
            let (number, statement) = match waiting {
                Ok(Ok(Some(waiting))) => waiting,
                Ok(Ok(None)) | Err(_) => return,
                Ok(Err(error)) => return self.failed(&error.to_string()),
            };
            let (store, policy) = trust();
            let stamped = self.0.options.authority.stamp(crate::keeper::sha256(&statement), &store, &policy).await;
            match stamped {
                Ok(timestamp) => {
                    let keep = move |stamping: &Self| stamping.0.ledger.stamped(number, &timestamp.token);
                    if self.blocking(keep).await == Done::No {
                        return;
                    }
                    self.succeeded(number);
                }
                Err(error) => return self.failed(&error.to_string()),
            }
        }
    }

    async fn blocking(&self, work: impl FnOnce(&Self) -> Result<(), ShelfError> + Send + 'static) -> Done {
        let own = self.clone();
        let why = match tokio::task::spawn_blocking(move || work(&own)).await {
            Ok(Ok(())) => return Done::Yes,
            Ok(Err(error)) => error.to_string(),
            Err(error) => error.to_string(),
        };
        self.failed(&why);
        Done::No
    }

    fn succeeded(&self, number: u64) {
        let mut outcome = self.outcome();
        if outcome.error.take().is_some() {
            tracing::info!(batch = number, "the time-stamping authority answers again");
        }
        outcome.failures = 0;
        outcome.last_success = Some(clock::now());
    }

    fn failed(&self, error: &str) {
        let mut outcome = self.outcome();
        // Once for each change, not once for each attempt.
        if outcome.error.as_deref() != Some(error) {
            tracing::warn!(error, "receipts wait for a time-stamp");
        }
        outcome.error = Some(error.to_owned());
        outcome.failures = outcome.failures.saturating_add(1);
    }

    fn wait(&self) -> Duration {
        let failures = self.outcome().failures.saturating_sub(1).min(16);
        let first = RETRY_MIN.min(self.0.options.interval);
        first.saturating_mul(1 << failures).min(self.0.options.interval.max(first))
    }

    fn outcome(&self) -> MutexGuard<'_, Outcome> {
        self.0.outcome.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
