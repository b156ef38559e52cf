//! The workers, who may have them, and the clock that ends them.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use signature::Budget;
use signature::ruling::Unexamined;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};
use types::{AgencyCode, ErrorCode, NeighbourId, SystemId, UnixMillis};

use super::process::Process;
use super::protocol::{self, Answer, ORDER_BYTES_MAX, Order, Reply, Setup, Subject, Task};
use super::quota::Quota;
use crate::config::Verification;
use crate::intake::Refused;

/// Answers after which a worker is replaced: what its memory has broken into pieces is given back.
const ANSWERS_MAX: u32 = 1000;
/// Longest wait for a worker to read its setup: a few large revocation lists take seconds.
const SETUP_MAX: Duration = Duration::from_secs(60);
/// The file of the running program, on Linux.
const OWN_PROGRAM: &str = "/proc/self/exe";
/// Checks that wait, for each worker; more are refused until there is room.
const WAITING_PER_WORKER: usize = 64;

/// Whose quota a check is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Client {
    /// A connected system.
    System(SystemId),
    /// A node, or the axis.
    Neighbour(NeighbourId),
    /// The node itself, for what it keeps of this sender: one sender's documents cost another's no second look.
    Kept(AgencyCode),
}

impl Client {
    fn key(&self) -> String {
        match self {
            Self::System(id) => format!("system {id}"),
            Self::Neighbour(id) => format!("neighbour {id}"),
            Self::Kept(sender) => format!("kept of {}", sender.canonical()),
        }
    }
}

/// The worker processes of this node.
#[derive(Debug)]
pub(crate) struct Pool {
    limits: Verification,
    program: PathBuf,
    places: Arc<Semaphore>,
    /// Half of the places for each client, so that nobody waits for one client's documents alone.
    shares: Mutex<HashMap<String, Arc<Semaphore>>>,
    waiting: AtomicUsize,
    idle: Mutex<Vec<Process>>,
    setup: ArcSwapOption<Prepared>,
    setups: AtomicU64,
    quota: Mutex<Quota>,
}

/// A setup as it is written to every worker.
#[derive(Debug)]
struct Prepared {
    version: u64,
    order: Vec<u8>,
}

impl Pool {
    /// Workers by these limits; none is started before there is something to check.
    pub(crate) fn new(limits: Verification) -> Self {
        // The program that runs, also when its file was replaced since: a worker of another version would not understand
        // its orders. Without a path to itself the first check fails to start a worker, and says so.
        let own = PathBuf::from(OWN_PROGRAM);
        let program = if own.exists() { own } else { std::env::current_exe().unwrap_or_default() };
        Self {
            program,
            places: Arc::new(Semaphore::new(limits.workers)),
            shares: Mutex::new(HashMap::new()),
            waiting: AtomicUsize::new(0),
            idle: Mutex::new(Vec::new()),
            setup: ArcSwapOption::empty(),
            setups: AtomicU64::new(0),
            quota: Mutex::new(Quota::new(limits.time_per_minute)),
            limits,
        }
    }

    /// What is checked with, from the next check on.
    ///
    /// # Errors
    /// When it is too large to be told.
    pub(crate) fn prepare(&self, setup: Setup) -> std::io::Result<()> {
        let order = protocol::frame(&Order::Setup(Box::new(setup)), ORDER_BYTES_MAX)?;
        let version = self.setups.fetch_add(1, Ordering::Relaxed) + 1;
        self.setup.store(Some(Arc::new(Prepared { version, order })));
        Ok(())
    }

    /// Whether there are workers at all.
    pub(crate) const fn is_off(&self) -> bool {
        self.limits.workers == 0
    }

    /// Starts a worker and ends it again, so that an operator learns from the log of the start, and not from the first
    /// document, that none can be had.
    pub(crate) async fn try_out(&self) {
        if !self.is_off()
            && let Ok(worker) = self.worker().await
        {
            let _status = worker.end().await;
        }
    }

    /// A place for the checks of one document, which share `budget`.
    ///
    /// # Errors
    /// `rate_limited` when its sender's time is spent, `overloaded` when too many wait.
    pub(super) async fn place(self: &Arc<Self>, client: &Client, budget: &Budget) -> Result<Place, Refused> {
        let asked = self.quota().ask(&client.key(), Instant::now());
        asked.map_err(|wait| {
            let detail = format!("its time for checks of signatures is spent; try again in {} s", wait.as_secs() + 1);
            Refused::new(ErrorCode::RateLimited, detail).after(wait)
        })?;
        let waiting = Waiting::new(self, WAITING_PER_WORKER.saturating_mul(self.limits.workers))?;
        let stopping = |_| Refused::new(ErrorCode::ShuttingDown, "the node is stopping");
        let share = self.share(client.key()).acquire_owned().await.map_err(stopping)?;
        let place = self.places.clone().acquire_owned().await.map_err(stopping)?;
        drop(waiting);
        let (pool, budget, began) = (self.clone(), budget.clone(), Instant::now());
        Ok(Place { pool, client: client.key(), budget, began, _permits: [share, place] })
    }

    fn share(&self, client: String) -> Arc<Semaphore> {
        let mut shares = self.shares.lock().unwrap_or_else(PoisonError::into_inner);
        // Only those of whom something is being checked are kept.
        shares.retain(|_, share| Arc::strong_count(share) > 1);
        let share = shares.entry(client).or_insert_with(|| Arc::new(Semaphore::new(self.limits.workers.div_ceil(2))));
        share.clone()
    }

    fn quota(&self) -> std::sync::MutexGuard<'_, Quota> {
        self.quota.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Process>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A worker with the present setup.
    async fn worker(&self) -> Result<Process, Refused> {
        let prepared = self.setup.load_full();
        let prepared = prepared.ok_or_else(|| failed(&std::io::Error::other("no setup was prepared")))?;
        let mut kept = None;
        while let Some(mut worker) = { self.idle().pop() } {
            if worker.is_alive() && worker.answered < ANSWERS_MAX {
                kept = Some(worker);
                break;
            }
        }
        let mut worker = match kept {
            Some(worker) => worker,
            None => Process::start(&self.program).map_err(|error| failed(&error))?,
        };
        if worker.setup != prepared.version {
            match timeout(SETUP_MAX, worker.ask(&prepared.order)).await {
                Ok(Ok(Reply::Ready)) => worker.setup = prepared.version,
                Ok(Ok(_)) => return Err(failed(&std::io::Error::other("a worker did not take its setup"))),
                Ok(Err(error)) => {
                    let status = worker.end().await;
                    tracing::error!(status, "a worker ended over its setup");
                    return Err(failed(&error));
                }
                Err(_) => return Err(failed(&std::io::Error::other("a worker took too long over its setup"))),
            }
        }
        Ok(worker)
    }
}

fn failed(error: &std::io::Error) -> Refused {
    tracing::error!(error = error as &dyn std::error::Error, "no worker can be had to check signatures");
    Refused::new(ErrorCode::Internal, "the node could not check the signatures")
}

/// One of those that wait.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn new(pool: &'a Pool, max: usize) -> Result<Self, Refused> {
        let waiting = Self(&pool.waiting);
        if pool.waiting.fetch_add(1, Ordering::Relaxed) >= max {
            return Err(Refused::new(
                ErrorCode::Overloaded,
                "too many documents wait for the check of their signatures",
            ));
        }
        Ok(waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A place among the workers, for the checks of one document. Its time is taken from the sender's quota when it is
/// given back, also when the document's upload is broken off.
pub(super) struct Place {
    pool: Arc<Pool>,
    client: String,
    budget: Budget,
    began: Instant,
    _permits: [OwnedSemaphorePermit; 2],
}

impl Place {
    /// Time that is left for this document.
    fn left(&self) -> Duration {
        self.pool.limits.document_time_max.saturating_sub(self.began.elapsed())
    }

    /// Has one thing of the packet in `path` checked as of `at`, within the time and the work that the document has left;
    /// a worker that takes too long or ends is this thing's fault.
    ///
    /// # Errors
    /// `internal` when no worker can be started.
    pub(super) async fn check(&self, path: &Path, subject: Subject, at: UnixMillis) -> Result<Answer, Refused> {
        let limits = &self.pool.limits;
        let time = limits.time_max.min(self.left());
        if time.is_zero() {
            return Ok(Answer::Unexamined(Unexamined::TimedOut));
        }
        if self.budget.is_spent() {
            return Ok(Answer::Unexamined(Unexamined::WorkSpent));
        }
        let task = Task {
            path: path.to_owned(),
            subject,
            at_ms: at.as_millis(),
            limits: self.budget.limits().unwrap_or(limits.document_work),
            spent: self.budget.spent(),
        };
        let mut worker = self.pool.worker().await?;
        let order = protocol::frame(&Order::Task(task), ORDER_BYTES_MAX).map_err(|error| failed(&error))?;
        let id = worker.id();
        let (why, error) = match timeout(time, worker.ask(&order)).await {
            Ok(Ok(Reply::Done(done))) => {
                self.budget.charge(done.cost);
                self.pool.idle().push(worker);
                return Ok(done.answer);
            }
            Ok(Ok(Reply::Ready)) => (Unexamined::WorkerDied, "it answered to something else".to_owned()),
            Ok(Err(error)) => (Unexamined::WorkerDied, error.to_string()),
            Err(_) => (Unexamined::TimedOut, format!("no answer in {} ms", time.as_millis())),
        };
        let status = worker.end().await;
        tracing::warn!(
            client = self.client,
            ?subject,
            worker.id = id,
            status,
            error,
            "a worker was lost over a document"
        );
        Ok(Answer::Unexamined(why))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.pool.quota().spend(&self.client, self.began.elapsed(), Instant::now());
    }
}
