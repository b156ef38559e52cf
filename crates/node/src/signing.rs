//! Signs this node's receipts: one thread beside the asynchronous work, and one signature for all that wait together.
//!
//! A key in a device takes its time. While it signs, further receipts wait; the next signature is over all of them
//! ([`evidence::sign_together`]). So nothing waits for a timer, one receipt alone keeps the plain form, and a slow key
//! costs each receipt at most two of its signatures.

pub(crate) mod load;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use evidence::{SignReceiptError, SignedReceipt, UnsignedReceipt};
use signature::{SignError, Signer};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use types::UnixMillis;

pub(crate) use load::Loaded;

/// Requests that wait for the key; whoever comes later waits to be let in.
const WAITING_MAX: usize = 1024;
/// Longest wait for a signature. A document whose receipt takes longer is not acknowledged, and its sender tries again.
const WAIT_MAX: Duration = Duration::from_secs(30);

type Answer = Result<Vec<SignedReceipt>, SignReceiptError>;

/// Receipts of one caller, at most a batch.
struct Job {
    receipts: Vec<UnsignedReceipt>,
    answer: oneshot::Sender<Answer>,
}

/// The node's signing key, with the thread that uses it. The thread ends with this value.
#[derive(Debug)]
pub(crate) struct Signing {
    jobs: mpsc::Sender<Job>,
    signer: Arc<ArcSwap<Signer>>,
    /// When the next key takes over.
    next_at: Mutex<Option<UnixMillis>>,
}

impl Signing {
    /// Starts the thread.
    ///
    /// # Errors
    /// The system's, when it gives no thread.
    pub(crate) fn start(loaded: Loaded) -> std::io::Result<Self> {
        let Loaded { signer, next_at } = loaded;
        let signer = Arc::new(ArcSwap::from_pointee(signer));
        let (jobs, waiting) = mpsc::channel(WAITING_MAX);
        let key = signer.clone();
        std::thread::Builder::new().name("signing".to_owned()).spawn(move || sign_all(waiting, &key))?;
        Ok(Self { jobs, signer, next_at: Mutex::new(next_at) })
    }

    /// Signs with another key from the next signature on. What waits is signed, with either.
    pub(crate) fn replace(&self, loaded: Loaded) {
        self.signer.store(Arc::new(loaded.signer));
        *self.next_at.lock().unwrap_or_else(PoisonError::into_inner) = loaded.next_at;
    }

    /// Whether the next key is to take over; true once for each.
    pub(crate) fn is_next_due(&self, now: UnixMillis) -> bool {
        let mut next_at = self.next_at.lock().unwrap_or_else(PoisonError::into_inner);
        next_at.take_if(|at| *at <= now).is_some()
    }

    /// Signs receipts, any number, in their order.
    ///
    /// # Errors
    /// `key_unavailable` when the key cannot be reached or does not answer in 30 s; `internal` when it refuses.
    pub(crate) async fn sign(&self, receipts: Vec<UnsignedReceipt>) -> Answer {
        let mut signed = Vec::with_capacity(receipts.len());
        let mut receipts = receipts.into_iter();
        loop {
            let batch: Vec<_> = receipts.by_ref().take(evidence::BATCH_MAX).collect();
            if batch.is_empty() {
                return Ok(signed);
            }
            signed.extend(timeout(WAIT_MAX, self.batch(batch)).await.unwrap_or_else(|_| Err(too_slow()))?);
        }
    }

    async fn batch(&self, receipts: Vec<UnsignedReceipt>) -> Answer {
        let (answer, signed) = oneshot::channel();
        let ended = || SignReceiptError::Key(SignError::Refused);
        self.jobs.send(Job { receipts, answer }).await.map_err(|_| ended())?;
        signed.await.map_err(|_| ended())?
    }
}

fn too_slow() -> SignReceiptError {
    let why = format!("no signature within {} s; check the device that holds the key", WAIT_MAX.as_secs());
    SignReceiptError::Key(SignError::Unavailable { why })
}

/// Signs whatever waits, until nobody can ask any more.
fn sign_all(mut waiting: mpsc::Receiver<Job>, signer: &ArcSwap<Signer>) {
    let mut next = None;
    while let Some(first) = next.take().or_else(|| waiting.blocking_recv()) {
        let mut size = first.receipts.len();
        let mut jobs = vec![first];
        while let Ok(job) = waiting.try_recv() {
            size += job.receipts.len();
            if size > evidence::BATCH_MAX {
                next = Some(job);
                break;
            }
            jobs.push(job);
        }
        sign_jobs(jobs, &signer.load());
    }
}

fn sign_jobs(mut jobs: Vec<Job>, signer: &Signer) {
    // Whoever gave up waiting needs no signature.
    jobs.retain(|job| !job.answer.is_closed());
    let sizes: Vec<usize> = jobs.iter().map(|job| job.receipts.len()).collect();
    let receipts: Vec<_> = jobs.iter_mut().flat_map(|job| std::mem::take(&mut job.receipts)).collect();
    if receipts.is_empty() {
        return;
    }
    let signed = evidence::sign_together(receipts, signer);
    if let Err(error) = &signed {
        tracing::error!(error.code = %error.code(), error = error as &dyn std::error::Error, "receipts were not signed");
    }
    let mut signed = signed.map(Vec::into_iter);
    for (job, size) in jobs.into_iter().zip(sizes) {
        let answer = match &mut signed {
            Ok(signed) => Ok(signed.by_ref().take(size).collect()),
            Err(error) => Err(error.clone()),
        };
        if job.answer.send(answer).is_err() {
            tracing::debug!("a receipt was signed for nobody");
        }
    }
}

#[cfg(test)]
mod tests;
