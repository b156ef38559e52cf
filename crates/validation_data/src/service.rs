//! The service of a running node: fetches on schedule and on demand, and replaces what checks use as a whole.

mod obtain;
mod schedule;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use signature::{RevocationEvidence, TrustStore};
use tokio::sync::{Notify, Semaphore, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use types::{Digest, UnixMillis};

pub use obtain::{Missing, Obtained};

use crate::allow::{AllowList, Url};
use crate::clock;
use crate::fetch::{FetchOptions, Fetcher};
use crate::keeper::{Damaged, HeldCrl, KeepError, Keeper, Keeping, Trust};
use crate::shelf::{ImportMark, Shelf, ShelfError};
use crate::source::{Origin, Source, SourceKind, Sources, SourcesFile};

/// Questions that are being asked at one time.
const QUESTIONS_MAX: usize = 1_000;
/// Requests on their way at one time.
const REQUESTS_MAX: usize = 16;
/// Addresses learned from signers' certificates.
const LEARNED_MAX: usize = 256;
/// Wait before a source that failed is asked again, at first.
const RETRY_MIN: Duration = Duration::from_secs(30);

/// Whether responders are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ocsp {
    /// Only lists are used; responses that came in files or signatures count all the same.
    Off,
    /// Asked when a status is needed that nothing kept tells.
    On,
}

/// Whether requests carry a nonce, which the answer must then repeat (RFC 6960 4.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nonce {
    /// None: responders that sign ahead have none to give.
    LeftOut,
    /// A fresh one; an answer without it is refused.
    Required,
}

/// How the service works.
#[derive(Clone, Debug)]
pub struct Options {
    /// Which of the addresses that certificates name are asked.
    pub allow: AllowList,
    /// Lists that are fetched whatever certificates name.
    pub crl_urls: Vec<Url>,
    /// Whether responders are asked.
    pub ocsp: Ocsp,
    /// Whether with a nonce.
    pub nonce: Nonce,
    /// Between two fetches of one list, and sooner when the next one is due sooner.
    pub refresh_interval: Duration,
    /// A list from whose source nothing was heard for longer counts as stale.
    pub stale_after: Duration,
    /// How requests are made.
    pub fetch: FetchOptions,
}

impl Default for Options {
    /// Nothing may be asked; an hour between fetches, stale after a day.
    fn default() -> Self {
        Self {
            allow: AllowList::default(),
            crl_urls: Vec::new(),
            ocsp: Ocsp::On,
            nonce: Nonce::LeftOut,
            refresh_interval: Duration::from_secs(3600),
            stale_after: Duration::from_secs(24 * 3600),
            fetch: FetchOptions::default(),
        }
    }
}

/// Validation data of a node. Cheap to copy.
#[derive(Clone, Debug)]
pub struct Service(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    options: Options,
    fetcher: Fetcher,
    keeper: Mutex<Keeper>,
    evidence: ArcSwap<RevocationEvidence>,
    trust: ArcSwap<TrustStore>,
    epoch: watch::Sender<u64>,
    sources: Mutex<Sources>,
    states: PathBuf,
    /// One writer of them at a time: a later state never loses to an earlier one.
    saving: Mutex<()>,
    dir: PathBuf,
    /// The last import that was taken up.
    mark: Mutex<Option<ImportMark>>,
    /// Sources were added, or are due at once.
    woken: Notify,
    questions: Mutex<HashMap<Digest, obtain::Question>>,
    failed: Mutex<HashMap<Digest, (Instant, Arc<str>)>>,
    requests: Arc<Semaphore>,
    tasks: TaskTracker,
    /// Ends what was begun.
    stop: CancellationToken,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic while it was held left it as it was before: every change is one insertion.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Service {
    /// Loads what lies in `dir`, made when absent; asks nobody yet. Blocking. What could not be used is named in the log.
    ///
    /// # Errors
    /// The disk's.
    pub fn open(dir: &Path, trust: Trust, options: Options) -> Result<Self, ShelfError> {
        // Before anything is read: an import after this is taken up again.
        let mark = Shelf::import_mark(dir);
        let (keeper, damaged) = Keeper::open(dir, trust, clock::now())?;
        tell_damaged(&damaged);
        let service = Self(Arc::new(Inner {
            fetcher: Fetcher::new(options.fetch.clone()),
            evidence: ArcSwap::from_pointee(keeper.evidence()),
            trust: ArcSwap::from_pointee(keeper.trust().clone()),
            epoch: watch::Sender::new(0),
            sources: Mutex::new(Sources::new()),
            states: keeper.shelf().states(),
            saving: Mutex::new(()),
            dir: dir.to_owned(),
            mark: Mutex::new(mark),
            woken: Notify::new(),
            questions: Mutex::default(),
            failed: Mutex::default(),
            requests: Arc::new(Semaphore::new(REQUESTS_MAX)),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
            keeper: Mutex::new(keeper),
            options,
        }));
        service.load_sources();
        service.match_sources(&locked(&service.0.keeper));
        Ok(service)
    }

    /// Everything that checks may use, as of now. Costs nothing: the parsed lists are shared.
    #[must_use]
    pub fn evidence(&self) -> Arc<RevocationEvidence> {
        self.0.evidence.load_full()
    }

    /// The trust store, with the issuers' certificates that were fetched or imported as intermediates.
    #[must_use]
    pub fn trust(&self) -> Arc<TrustStore> {
        self.0.trust.load_full()
    }

    /// Counts the changes of [`Self::evidence`] and [`Self::trust`]: whoever keeps results of checks, or waits for data,
    /// waits for this.
    #[must_use]
    pub fn epoch(&self) -> watch::Receiver<u64> {
        self.0.epoch.subscribe()
    }

    /// Every source and how it goes with it.
    #[must_use]
    pub fn sources(&self) -> Vec<Source> {
        locked(&self.0.sources).values().cloned().collect()
    }

    /// How long nothing may be heard from a source before its list counts as stale.
    #[must_use]
    pub fn stale_after(&self) -> Duration {
        self.0.options.stale_after
    }

    /// Holds everything against other anchors, intermediates and rules, and asks every source at once. Blocking.
    ///
    /// # Errors
    /// The disk's.
    pub fn retrust(&self, trust: Trust) -> Result<(), ShelfError> {
        let mut keeper = locked(&self.0.keeper);
        tell_damaged(&keeper.retrust(trust, clock::now())?);
        self.publish(&keeper);
        drop(keeper);
        self.name_sources();
        self.fetch_now();
        Ok(())
    }

    /// Asks every source of lists at once, whenever it was due.
    pub fn fetch_now(&self) {
        for source in locked(&self.0.sources).values_mut() {
            source.next_attempt = None;
        }
        self.0.woken.notify_one();
    }

    /// Asks every source of lists once, now, and tells a running node over the same folder. Gives every source as it is
    /// afterwards.
    ///
    /// # Errors
    /// The disk's.
    pub async fn fetch_all(&self) -> Result<Vec<Source>, ShelfError> {
        self.name_sources();
        schedule::fetch_all(self).await;
        let service = self.clone();
        let marked = tokio::task::spawn_blocking(move || {
            let mark = format!("fetched at {}\n", clock::now());
            locked(&service.0.keeper).shelf().mark_import(&mark)
        });
        marked.await.unwrap_or(Ok(()))?;
        Ok(self.sources())
    }

    /// Works until `stop`, and ends when everything it began has ended.
    pub async fn run(self, stop: CancellationToken) {
        self.name_sources();
        schedule::run(&self, &stop).await;
        self.0.stop.cancel();
        self.0.tasks.close();
        self.0.tasks.wait().await;
        self.save_sources();
    }

    /// Makes what is kept visible to checks. Called with the keeper held, so that no older state follows a newer one.
    fn publish(&self, keeper: &Keeper) {
        self.0.evidence.store(Arc::new(keeper.evidence()));
        if self.0.trust.load().version() != keeper.trust().version() {
            self.0.trust.store(Arc::new(keeper.trust().clone()));
        }
        self.0.epoch.send_modify(|epoch| *epoch += 1);
    }

    /// Runs a change of what is kept, off the async threads.
    async fn keep<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Keeper, UnixMillis) -> Result<(T, Keeping), KeepError> + Send + 'static,
    ) -> Result<(T, Keeping), KeepError> {
        let service = self.clone();
        let done = tokio::task::spawn_blocking(move || {
            let mut keeper = locked(&service.0.keeper);
            let (held, keeping) = work(&mut keeper, clock::now())?;
            if keeping != Keeping::Unchanged {
                service.publish(&keeper);
            }
            Ok((held, keeping))
        });
        done.await.unwrap_or_else(|failed| {
            let source = std::io::Error::other(failed.to_string());
            Err(ShelfError { path: self.0.states.clone(), source }.into())
        })
    }

    /// Adds the sources that the configuration and the trust store name, and takes those away that they name no more.
    fn name_sources(&self) {
        let options = &self.0.options;
        let mut named: Vec<(String, Origin, Option<String>)> = Vec::new();
        for url in &options.crl_urls {
            named.push((options.allow.configured(url).to_string(), Origin::Configured, None));
        }
        let trust = self.trust();
        for certificate in trust.anchors().iter().chain(trust.intermediates()) {
            for text in certificate.crl_urls() {
                match options.allow.resolve(&text) {
                    Ok(url) => named.push((url.to_string(), Origin::Trusted, None)),
                    // LDAP addresses stand beside the HTTP ones in many certificates: nobody has to act on those.
                    Err(_) if text.starts_with("ldap") => {}
                    Err(error) => named.push((text, Origin::Trusted, Some(error.to_string()))),
                }
            }
        }
        let mut sources = locked(&self.0.sources);
        sources.retain(|url, source| {
            let is_learned = source.named.as_ref().and_then(|named| options.allow.resolve(named).ok());
            source.kind == SourceKind::Ocsp
                || is_learned.is_some_and(|leads| leads.as_str() == url)
                || named.iter().any(|(name, _, _)| name == url)
        });
        for (url, origin, refused) in named {
            let source = sources.entry(url).or_insert_with_key(|url| Source::new(url, SourceKind::Crl, origin));
            source.origin = origin;
            source.is_refused = refused.is_some();
            if let Some(why) = refused
                && source.error.as_ref() != Some(&why)
            {
                source.failed(why, clock::now());
            }
        }
        drop(sources);
        self.0.woken.notify_one();
    }

    /// Keeps in mind an address that a signer's certificate names, once its list held.
    fn learn(&self, named: &str, url: &Url, held: &HeldCrl) {
        let mut sources = locked(&self.0.sources);
        let learned = sources.values().filter(|source| source.origin == Origin::Learned).count();
        let known = sources.contains_key(url.as_str());
        if !known && learned >= LEARNED_MAX {
            return;
        }
        let source =
            sources.entry(url.to_string()).or_insert_with_key(|url| Source::new(url, SourceKind::Crl, Origin::Learned));
        if !known {
            source.named = Some(named.to_owned());
            source.next_attempt = Some(clock::now() + self.0.options.refresh_interval);
        }
        source.succeeded(clock::now());
        source.holds(held);
    }

    /// Tells the sources which lists of theirs are kept.
    fn match_sources(&self, keeper: &Keeper) {
        let mut sources = locked(&self.0.sources);
        for held in keeper.crls() {
            let line = held.crl.line().to_string();
            let of_line = sources.values_mut().filter(|source| source.line.as_ref() == Some(&line));
            of_line.for_each(|source| source.holds(held));
        }
    }

    fn load_sources(&self) {
        let Ok(bytes) = std::fs::read(&self.0.states) else { return };
        match serde_json::from_slice::<SourcesFile>(&bytes) {
            Ok(file) => {
                let mut sources = locked(&self.0.sources);
                sources.extend(file.sources.into_iter().map(|source| (source.url.clone(), source)));
            }
            Err(error) => {
                tracing::warn!(path = %self.0.states.display(), %error, "the state of the sources was lost; it is built again");
            }
        }
    }

    /// Writes the state of the sources for restarts and for other processes to read. Blocking.
    fn save_sources(&self) {
        let _saving = locked(&self.0.saving);
        let file = SourcesFile { sources: self.sources() };
        let bytes = serde_json::to_vec_pretty(&file).unwrap_or_default();
        if let Err(error) = crate::shelf::write_whole(&self.0.states, &bytes) {
            tracing::warn!(path = %self.0.states.display(), %error, "the state of the sources could not be written");
        }
    }
}

fn tell_damaged(damaged: &[Damaged]) {
    for one in damaged {
        let what = if one.is_set_aside { "set aside" } else { "is not used" };
        tracing::error!(path = %one.path.display(), why = one.why, "a file of validation data {what}");
    }
}
