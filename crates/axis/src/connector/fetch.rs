//! One packet from the list to its confirmation.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::unfold;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::gate::{Gate, Report};
use super::pauses::{Pauses, Step, is_due};
use super::{Inbox, Known, Reason, RefusedBefore, Taken, Waiting};
use crate::client::{CallError, Client, EdocFile};
use crate::{AxisCode, Failure, FileStream, TransferState};

/// What became of a packet of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fetched {
    /// On disk here and confirmed.
    Confirmed,
    /// Left alone: refused or failed not long ago, or confirmed again.
    Settled,
    /// Not taken; it has a pause of its own.
    Failed,
    /// The same, and later packets of its sender wait for it until then.
    Held(Instant),
    /// The node takes nothing now.
    Later(Reason),
    /// The axis is away.
    Away,
}

/// What a fetch needs.
pub(super) struct Fetcher {
    pub(super) client: Arc<Client>,
    pub(super) inbox: Arc<dyn Inbox>,
    pub(super) gate: Arc<Gate>,
    pub(super) pauses: Pauses,
    pub(super) stop: CancellationToken,
    pub(super) grace: Duration,
}

impl Fetcher {
    pub(super) async fn fetch(&self, waiting: &Waiting) -> Fetched {
        let opened = tokio::select! {
            biased;
            () = self.stop.cancelled() => return Fetched::Settled,
            opened = self.open(waiting) => opened,
        };
        match opened {
            Ok((file, times)) => self.take(waiting, file, times).await,
            Err(settled) => settled,
        }
    }

    /// Asks the axis for the packet if it is to be fetched, with the number of its refusals; else says what became of it.
    async fn open(&self, waiting: &Waiting) -> Result<(EdocFile, u32), Fetched> {
        if self.pauses.is_paused(&waiting.doc_id) {
            return Err(self.pauses.held_until(&waiting.doc_id).map_or(Fetched::Settled, Fetched::Held));
        }
        let times = match self.inbox.known(waiting).await {
            Known::New => 0,
            Known::Refused(refused) if is_due(refused, self.gate.clock.now()) => refused.times,
            Known::Refused(_) => return Err(Fetched::Settled),
            Known::Have => {
                return Err(match self.tell(waiting, TransferState::Done).await {
                    Ok(()) => Fetched::Settled,
                    Err(error) => self.failed(waiting, &error, Step::Confirm),
                });
            }
        };
        // Only a word to the sender: an axis that does not take it may still give the packet.
        if let Err(error) = self.tell(waiting, TransferState::Processing).await
            && error.is_about_the_link()
        {
            return Err(Fetched::Away);
        }
        let file = self.client.get_edoc(&waiting.doc_id).await;
        self.gate.report(Report::of(&file));
        file.map(|file| (file, times)).map_err(|error| self.failed(waiting, &error, Step::Fetch))
    }

    async fn take(&self, waiting: &Waiting, file: EdocFile, times: u32) -> Fetched {
        let arrival = Arrival::default();
        let taken = self.inbox.take(waiting, arrival.stream(file, self.stop.clone())).await;
        if let Some(error) = arrival.error() {
            self.gate.report(Report::of::<()>(&Err(error.clone())));
            return self.failed(waiting, &error, Step::Fetch);
        }
        match taken {
            Taken::Accepted if !arrival.is_whole() => {
                tracing::error!(axis.doc_id = %waiting.doc_id, "a packet was accepted before all of it came");
                self.pauses.failed(&waiting.doc_id, Step::Fetch);
                Fetched::Failed
            }
            Taken::Accepted | Taken::AlreadyHave => {
                self.pauses.forget(&waiting.doc_id);
                match self.tell(waiting, TransferState::Done).await {
                    Ok(()) => Fetched::Confirmed,
                    // It is known next time, and confirmed then.
                    Err(error) => self.failed(waiting, &error, Step::Confirm),
                }
            }
            Taken::Refused(reason) => self.refused(waiting, reason, times).await,
            Taken::Later(_) if self.stop.is_cancelled() => Fetched::Settled,
            Taken::Later(reason) => Fetched::Later(reason),
        }
    }

    async fn refused(&self, waiting: &Waiting, reason: Reason, times: u32) -> Fetched {
        tracing::warn!(
            axis.doc_id = %waiting.doc_id,
            agency.from = %waiting.from,
            error.code = %reason.code,
            "refused packet {} from the axis: {reason}", waiting.doc_id
        );
        let refused = RefusedBefore { times: times.saturating_add(1), last: self.gate.clock.now() };
        self.inbox.remember_refusal(waiting, refused).await;
        match self.tell(waiting, TransferState::Fail).await {
            Err(error) if error.is_about_the_link() => Fetched::Away,
            Ok(()) | Err(_) => Fetched::Failed,
        }
    }

    async fn tell(&self, waiting: &Waiting, state: TransferState) -> Result<(), CallError> {
        let told = tokio::select! {
            told = self.client.update_status(&waiting.doc_id, state) => told,
            () = self.end() => Err(CallError::stopped("updateStatus", self.grace)),
        };
        self.gate.report(Report::of(&told));
        told
    }

    /// The end of the grace time after the stop.
    async fn end(&self) {
        self.stop.cancelled().await;
        sleep_until(Instant::now() + self.grace).await;
    }

    fn failed(&self, waiting: &Waiting, error: &CallError, step: Step) -> Fetched {
        tracing::debug!(
            axis.doc_id = %waiting.doc_id,
            error.code = %error.code(),
            "packet {} stays at the axis for now: {error}", waiting.doc_id
        );
        self.pauses.failed(&waiting.doc_id, step);
        if error.is_about_the_link() {
            return Fetched::Away;
        }
        self.pauses.held_until(&waiting.doc_id).map_or(Fetched::Failed, Fetched::Held)
    }
}

/// How the stream of a packet ended, whatever its reader made of it.
#[derive(Clone, Debug, Default)]
struct Arrival {
    is_whole: Arc<AtomicBool>,
    error: Arc<Mutex<Option<CallError>>>,
}

impl Arrival {
    fn stream(&self, file: EdocFile, stop: CancellationToken) -> FileStream {
        let arrival = self.clone();
        unfold(Some(file), move |file| {
            let (arrival, stop) = (arrival.clone(), stop.clone());
            async move {
                let mut file = file?;
                let next = tokio::select! {
                    biased;
                    () = stop.cancelled() => {
                        return Some((Err(Failure::new(AxisCode::Internal, "the node is stopping")), None));
                    }
                    next = file.next() => next,
                };
                match next {
                    Ok(Some(bytes)) => Some((Ok(bytes), Some(file))),
                    Ok(None) => {
                        arrival.is_whole.store(true, Ordering::Release);
                        None
                    }
                    Err(error) => {
                        let failure = Failure::new(AxisCode::Internal, error.to_string());
                        *arrival.error.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                        Some((Err(failure), None))
                    }
                }
            }
        })
        .boxed()
    }

    fn is_whole(&self) -> bool {
        self.is_whole.load(Ordering::Acquire)
    }

    fn error(&self) -> Option<CallError> {
        self.error.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
