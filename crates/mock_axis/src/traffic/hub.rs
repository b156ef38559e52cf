//! Where ended exchanges come together: the ring that the page shows, its readers, and the file.

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{broadcast, mpsc};
use tokio::task::JoinHandle;

use super::exchange::{Draft, Ended};
use super::record::Recorder;
use super::{Exchange, Line, TrafficOptions};
use crate::service::Axis;

/// Ended exchanges on their way to the ring. Their bodies are bounded, so this bounds the memory.
const WAITING_MAX: usize = 256;
/// Lines that a slow page may be behind before it misses some.
const BEHIND_MAX: usize = 256;

/// The traffic of one mock axis.
#[derive(Debug)]
pub(crate) struct Traffic {
    ring: Mutex<VecDeque<Arc<Exchange>>>,
    ring_max: usize,
    shown_bytes_max: usize,
    captured_bytes_max: usize,
    numbers: AtomicU64,
    ended: Mutex<Option<mpsc::Sender<Ended>>>,
    news: broadcast::Sender<Line>,
    collector: Mutex<Option<JoinHandle<()>>>,
}

impl Traffic {
    /// Opens the file, where there is one, and starts to collect. Within a runtime.
    pub(crate) fn start(options: &TrafficOptions, axis: Arc<Axis>) -> io::Result<Arc<Self>> {
        let recorder = options.record.as_deref().map(|path| Recorder::open(path, options.recorded_bytes_max));
        let recorder = recorder.transpose()?;
        let captured = if recorder.is_some() { options.recorded_bytes_max } else { 0 };
        let (ended, arriving) = mpsc::channel(WAITING_MAX);
        let traffic = Arc::new(Self {
            ring: Mutex::new(VecDeque::new()),
            ring_max: options.exchanges_max,
            shown_bytes_max: options.shown_bytes_max,
            captured_bytes_max: captured.max(options.shown_bytes_max),
            numbers: AtomicU64::new(0),
            ended: Mutex::new(Some(ended)),
            news: broadcast::channel(BEHIND_MAX).0,
            collector: Mutex::new(None),
        });
        let collecting = Arc::clone(&traffic);
        // Reading the store and writing the file block.
        let collector = tokio::task::spawn_blocking(move || collecting.collect(arriving, &axis, recorder));
        *traffic.collector.lock().unwrap_or_else(PoisonError::into_inner) = Some(collector);
        Ok(traffic)
    }

    fn collect(&self, mut arriving: mpsc::Receiver<Ended>, axis: &Axis, mut recorder: Option<Recorder>) {
        while let Some(Ended { mut exchange, request, response }) = arriving.blocking_recv() {
            if let Some(summary) = axis.summary(&exchange.doc_id) {
                exchange.describe(summary);
            }
            if let Some(recorder) = &mut recorder
                && let Err(error) = recorder.write(&exchange, &request, &response)
            {
                tracing::error!(%error, "the record could not be written");
            }
            let line = exchange.line.clone();
            let mut ring = self.ring();
            ring.push_back(Arc::new(exchange));
            if ring.len() > self.ring_max {
                ring.pop_front();
            }
            drop(ring);
            // Nobody looking is fine.
            drop(self.news.send(line));
        }
    }

    /// Takes nothing more; the collector ends once what has ended is written.
    pub(crate) fn close(&self) {
        drop(self.ended.lock().unwrap_or_else(PoisonError::into_inner).take());
    }

    /// Ends the collecting: what has ended is written when this returns.
    pub(crate) async fn stop(&self) {
        self.close();
        let collector = self.collector.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(collector) = collector
            && let Err(error) = collector.await
        {
            tracing::error!(%error, "the traffic's collector failed");
        }
    }

    fn ring(&self) -> MutexGuard<'_, VecDeque<Arc<Exchange>>> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(super) const fn captured_bytes_max(&self) -> usize {
        self.captured_bytes_max
    }

    pub(super) fn guard(self: &Arc<Self>, draft: Draft) -> Guard {
        Guard { traffic: Arc::clone(self), draft: Some(draft) }
    }

    /// The lines kept, oldest first, and those to come.
    pub(crate) fn lines(&self) -> (Vec<Line>, broadcast::Receiver<Line>) {
        // Under the ring's lock no line is missed between the two; one may come twice, and the page knows its number.
        let ring = self.ring();
        let news = self.news.subscribe();
        (ring.iter().map(|exchange| exchange.line.clone()).collect(), news)
    }

    /// One exchange, while it is kept.
    pub(crate) fn exchange(&self, number: u64) -> Option<Arc<Exchange>> {
        self.ring().iter().find(|exchange| exchange.line.number == number).cloned()
    }

    fn tell(&self, draft: Draft) {
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(ended) = ended
            && ended.try_send(draft.end(self.shown_bytes_max)).is_err()
        {
            tracing::warn!("an exchange is not shown or recorded: too many at once");
        }
    }
}

/// Tells the exchange when it is dropped.
pub(super) struct Guard {
    traffic: Arc<Traffic>,
    draft: Option<Draft>,
}

impl Guard {
    pub(super) fn broke(&mut self, reason: String) {
        if let Some(draft) = &mut self.draft {
            draft.broken = reason;
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(draft) = self.draft.take() {
            self.traffic.tell(draft);
        }
    }
}
