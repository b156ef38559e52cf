//! The load: clients that send one document after the other, watchers that see them arrive.

mod watch;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use hdrhistogram::Histogram;
use indicatif::{ProgressBar, ProgressStyle};
use tokio::task::JoinSet;
use tokio::time::timeout;
use wire::exchange_v1::{DocumentHeader, GetNodeRequest, SubmitRequest, submit_request};

use super::content::Content;
use super::stage::Parties;
use crate::client::Client;
use crate::commands::now;
use crate::failure::Failure;
use crate::header::{HeaderArgs, today};
use crate::sealing::{Fresh, Seal, manifest_of_files};
use watch::Watchers;

/// Without an arrival for so long, what is missing does not arrive; a gibibyte over two hops takes less.
const ARRIVAL_PATIENCE: Duration = Duration::from_secs(120);
/// Longest latency that is told apart, microseconds: an hour.
const LATENCY_MAX_US: u64 = 3_600_000_000;

/// What is to be sent.
pub(super) struct Plan {
    pub(super) parties: Parties,
    pub(super) documents: u64,
    pub(super) clients: usize,
    pub(super) content: Content,
    pub(super) seal: Option<Seal>,
    /// Tells this run's documents from all others.
    pub(super) notation: String,
}

/// What was seen.
pub(super) struct Seen {
    /// From the first document's start to the last one's acceptance.
    pub(super) accepting: Duration,
    /// From the first document's start to the last arrival; `None` when nobody could look.
    pub(super) delivering: Option<Duration>,
    /// Microseconds from a document's start to the answer.
    pub(super) accept: Histogram<u64>,
    /// Microseconds from a document's start to its item in a receiver's inbox.
    pub(super) deliver: Histogram<u64>,
}

/// What the tasks of a run share.
struct Run {
    plan: Plan,
    next: AtomicU64,
    /// When each document was started.
    started: Vec<OnceLock<Instant>>,
    accept: Mutex<Histogram<u64>>,
    deliver: Mutex<Histogram<u64>>,
    bar: ProgressBar,
}

/// Sends everything and waits until everything has arrived.
pub(super) async fn drive(plan: Plan) -> Result<Seen, Failure> {
    let count = usize::try_from(plan.documents).unwrap_or(usize::MAX);
    let run = Arc::new(Run {
        next: AtomicU64::new(0),
        started: std::iter::repeat_with(OnceLock::new).take(count).collect(),
        accept: Mutex::new(histogram()),
        deliver: Mutex::new(histogram()),
        bar: bar(plan.documents),
        plan,
    });
    let mut clients = Vec::new();
    for _ in 0..run.plan.clients {
        clients.push(Client::connect(&run.plan.parties.sender).await?);
    }
    let mut watchers = Watchers::start(&run).await?;
    let start = Instant::now();
    let mut tasks: JoinSet<_> = clients.into_iter().map(|client| send(run.clone(), client)).collect();
    while let Some(ended) = tasks.join_next().await {
        ended.map_err(|error| Failure::Internal(error.to_string()))??;
    }
    let accepting = start.elapsed();
    let delivering = watchers.all_arrived(&run).await?.then(|| start.elapsed());
    run.bar.finish_and_clear();
    let taken = |histogram: &Mutex<Histogram<u64>>| locked(histogram).clone();
    Ok(Seen { accepting, delivering, accept: taken(&run.accept), deliver: taken(&run.deliver) })
}

/// One client: takes the next number until there is none.
async fn send(run: Arc<Run>, client: Client) -> Result<(), Failure> {
    let mut stub = client.stub.clone();
    loop {
        let number = run.next.fetch_add(1, Ordering::Relaxed);
        let Some(started) = usize::try_from(number).ok().and_then(|index| run.started.get(index)) else {
            return Ok(());
        };
        let header = run.plan.header(number)?;
        let messages = tokio_stream::iter(messages(header, run.plan.content.chunks(number)));
        let start = *started.get_or_init(Instant::now);
        stub.submit(messages).await.map_err(|status| client.failed(status))?;
        record(&run.accept, start);
        run.bar.inc(1);
    }
}

fn messages(
    header: DocumentHeader,
    chunks: impl Iterator<Item = Bytes> + Send,
) -> impl Iterator<Item = SubmitRequest> + Send {
    let open = [submit_request::Part::Header(header), submit_request::Part::File(0)];
    let parts = open.into_iter().chain(chunks.map(submit_request::Part::Chunk));
    parts.map(|part| SubmitRequest { part: Some(part) })
}

impl Plan {
    fn header(&self, number: u64) -> Result<DocumentHeader, Failure> {
        let args = HeaderArgs {
            to: self.parties.receivers.clone(),
            number: Some(number.to_string()),
            notation: Some(self.notation.clone()),
            subject: Some("Văn bản đo hiệu năng (benchmark)".to_owned()),
            ..HeaderArgs::default()
        };
        let turn = number.checked_rem(self.parties.senders.len() as u64).and_then(|turn| usize::try_from(turn).ok());
        let sender = turn.and_then(|turn| self.parties.senders.get(turn)).or(self.parties.sender.agency.as_ref());
        let mut header = args.header(sender.map(String::as_str), today())?;
        let file = self.content.file(number);
        header.files = vec![file.header()];
        if let Some(seal) = &self.seal {
            let manifest = manifest_of_files(&header, &[file], Fresh::new(now()))?;
            header.envelope = Some(seal.sign(&manifest, now())?);
        }
        Ok(header)
    }

    /// The number of a document of this run, by its number and notation.
    fn number(&self, code: &str) -> Option<usize> {
        code.strip_suffix(&self.notation)?.strip_suffix('/')?.parse().ok()
    }
}

/// True when the system behind the profile speaks for every receiver, so that it may look into their inboxes.
pub(super) async fn speaks_for(client: &mut Client, receivers: &[String]) -> Result<bool, Failure> {
    let answer = client.stub.get_node(GetNodeRequest {}).await.map_err(|status| client.failed(status))?;
    let own = answer.into_inner().agencies;
    Ok(receivers.iter().all(|receiver| own.contains(receiver)))
}

fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, LATENCY_MAX_US, 3).expect("1 < an hour, three digits")
}

fn record(histogram: &Mutex<Histogram<u64>>, start: Instant) {
    let micros = u64::try_from(start.elapsed().as_micros()).unwrap_or(LATENCY_MAX_US);
    locked(histogram).saturating_record(micros);
}

fn locked(histogram: &Mutex<Histogram<u64>>) -> std::sync::MutexGuard<'_, Histogram<u64>> {
    // Counters are whole after every statement.
    histogram.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A bar on standard error; indicatif shows nothing where that is no terminal.
fn bar(documents: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {per_sec} còn {eta}");
    ProgressBar::new(documents).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

async fn patiently<T>(arrival: impl Future<Output = T>) -> Option<T> {
    timeout(ARRIVAL_PATIENCE, arrival).await.ok()
}
