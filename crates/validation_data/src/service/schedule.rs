//! What is fetched when.

use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};
use tokio_util::sync::CancellationToken;
use types::UnixMillis;

use super::{RETRY_MIN, Service, locked, tell_damaged};
use crate::allow::Url;
use crate::clock;
use crate::fetch::Ask;
use crate::keeper::{CRL_BYTES_MAX, HeldCrl, KeepError, read_crl};
use crate::shelf::Shelf;
use crate::source::{Source, SourceKind};

/// How often the shelf is looked at for imports, and the sources for staleness.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often responses that end soon are looked for, at most.
const RESPONSES_EVERY: Duration = Duration::from_secs(10);
/// A status that nobody needed for so long is not refreshed ahead any more.
const REMEMBERED: Duration = Duration::from_secs(7 * 24 * 3600);
/// Responses refreshed in one round.
const RESPONSES_MAX: usize = 64;
/// Longest sleep: clocks are set.
const SLEEP_MAX: Duration = Duration::from_secs(60);

/// Works until `stop`.
pub(super) async fn run(service: &Service, stop: &CancellationToken) {
    let mut looks = interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut responses = interval(RESPONSES_EVERY.min(service.0.options.refresh_interval.max(LOOK_EVERY)));
    responses.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let next = start_due(service);
        let wake = Instant::now() + next.since(clock::now()).min(SLEEP_MAX);
        tokio::select! {
            () = stop.cancelled() => return,
            () = service.0.woken.notified() => {}
            () = sleep_until(wake) => {}
            _ = looks.tick() => {
                if look(service).await {
                    reread(service).await;
                }
            }
            _ = responses.tick() => refresh_responses(service).await,
        }
    }
}

/// Begins every fetch that is due; gives when the next one will be.
fn start_due(service: &Service) -> UnixMillis {
    let now = clock::now();
    let mut next = now + SLEEP_MAX;
    let mut due = Vec::new();
    for source in locked(&service.0.sources).values_mut().filter(|source| source.kind == SourceKind::Crl) {
        let at = source.next_attempt.unwrap_or(now);
        // An address that may not be asked is listed for the operator to see, and stays unasked.
        let Some(url) = source.url.parse::<Url>().ok().filter(|_| !source.is_refused) else { continue };
        if at > now {
            next = next.min(at);
            continue;
        }
        // Set again when the fetch ends; until then nobody begins another.
        source.next_attempt = Some(now + service.0.options.fetch.time_max * 2);
        due.push(url);
    }
    for url in due {
        let service = service.clone();
        service.0.tasks.clone().spawn(async move {
            tokio::select! {
                () = service.0.stop.cancelled() => {}
                () = refresh(&service, &url) => {}
            }
        });
    }
    next
}

impl Service {
    /// Fetches one list and keeps it.
    pub(super) async fn fetch_crl(&self, url: &Url) -> Result<HeldCrl, String> {
        let permit = self.0.requests.acquire().await;
        let bytes = self.0.fetcher.ask(url, Ask::Get, CRL_BYTES_MAX).await.map_err(|error| error.to_string())?;
        drop(permit);
        // Reading a large list takes long, and is done before the keeper is held.
        let read = tokio::task::spawn_blocking(move || read_crl(&bytes)).await;
        let crl = read.map_err(|failed| failed.to_string())?.map_err(|error| error.to_string())?;
        let kept = self.keep(move |keeper, now| keeper.keep_read_crl(crl, now)).await;
        kept.map(|(held, _)| held).map_err(|error: KeepError| error.to_string())
    }
}

/// Asks every source of lists once.
pub(super) async fn fetch_all(service: &Service) {
    let sources = service.sources();
    let asked = sources.iter().filter(|source| source.kind == SourceKind::Crl && !source.is_refused);
    let urls: Vec<Url> = asked.filter_map(|source| source.url.parse().ok()).collect();
    futures_util::future::join_all(urls.iter().map(|url| refresh(service, url))).await;
}

async fn refresh(service: &Service, url: &Url) {
    let fetched = service.fetch_crl(url).await;
    let now = clock::now();
    let options = &service.0.options;
    if let Some(source) = locked(&service.0.sources).get_mut(url.as_str()) {
        match fetched {
            Ok(held) => {
                source.succeeded(now);
                source.holds(&held);
            }
            Err(error) => source.failed(error, now),
        }
        source.tell(options.stale_after, now);
        source.next_attempt = Some(now + clock::jittered(wait(source, options.refresh_interval, now)));
    }
    save(service).await;
    service.0.woken.notify_one();
}

/// How long until a source is asked again.
fn wait(source: &Source, refresh_interval: Duration, now: UnixMillis) -> Duration {
    let retry_min = RETRY_MIN.min(refresh_interval);
    if source.error.is_some() {
        let doubled = retry_min.saturating_mul(1 << source.failures.saturating_sub(1).min(16));
        return doubled.min(refresh_interval);
    }
    let left = source.next_update_ms.map_or(Duration::ZERO, |next| UnixMillis::new(next).since(now));
    // Ahead of the end, with time for a second attempt; a list that is over already is asked for as after a failure.
    refresh_interval.min(left * 4 / 5).max(retry_min)
}

async fn refresh_responses(service: &Service) {
    let keeping = service.clone();
    let found = tokio::task::spawn_blocking(move || {
        let mut keeper = locked(&keeping.0.keeper);
        let now = clock::now();
        match keeper.forget_over(now) {
            Ok(0) => {}
            Ok(_) => keeping.publish(&keeper),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "an old response could not be removed")
            }
        }
        keeper.due_responses(now - REMEMBERED, now, RESPONSES_MAX)
    });
    for (certificate, issuer) in found.await.unwrap_or_default() {
        let service = service.clone();
        service.0.tasks.clone().spawn(async move {
            tokio::select! {
                () = service.0.stop.cancelled() => {}
                // What failed is in the state of the responder, and the kept response is good for some time yet.
                _ = service.refresh_status(certificate, issuer) => {}
            }
        });
    }
}

/// Tells of stale sources, and gives whether something was imported.
async fn look(service: &Service) -> bool {
    let (now, stale_after) = (clock::now(), service.0.options.stale_after);
    let mut changed = false;
    for source in locked(&service.0.sources).values_mut() {
        // Before its first attempt nothing is known to be wrong.
        changed |= source.last_attempt_ms.is_some() && source.tell(stale_after, now);
    }
    if changed {
        save(service).await;
    }
    let service = service.clone();
    let found = tokio::task::spawn_blocking(move || {
        let found = Shelf::import_mark(&service.0.dir);
        let mut mark = locked(&service.0.mark);
        std::mem::replace(&mut *mark, found.clone()) != found
    });
    found.await.unwrap_or(false)
}

/// Takes up what an import put on the shelf.
async fn reread(service: &Service) {
    let keeping = service.clone();
    let done = tokio::task::spawn_blocking(move || {
        let mut keeper = locked(&keeping.0.keeper);
        match keeper.reread(clock::now()) {
            Ok(damaged) => tell_damaged(&damaged),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "imported validation data could not be read");
            }
        }
        keeping.publish(&keeper);
        keeping.match_sources(&keeper);
        tracing::info!("imported validation data is in use");
    });
    if done.await.is_err() {
        tracing::error!("the reader of imported validation data failed");
    }
    service.name_sources();
}

async fn save(service: &Service) {
    let service = service.clone();
    if tokio::task::spawn_blocking(move || service.save_sources()).await.is_err() {
        tracing::error!("the writer of the sources' state failed");
    }
}
