//! The loop that looks at what waits and fetches it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use delivery::Permit;
use jiff::civil::Date;
use tokio::sync::Semaphore;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::chain::{Chain, chains, oldest_first};
use super::fetch::{Fetched, Fetcher};
use super::gate::{Gate, Report};
use super::pauses::Pauses;
use super::{ConnectorOptions, Inbox, Reason};
use crate::client::{CallError, Client};
use crate::{DocId, MessageType, ReceivedEdoc};

/// Pause after the node took nothing for the first time, doubled by each further time.
const LATER_MIN: Duration = Duration::from_secs(5);
/// The same at most.
const LATER_MAX: Duration = Duration::from_secs(300);
/// Confirmed packets remembered.
const CONFIRMED_MAX: usize = 10_000;
/// Pause after a failed look, while the axis does not count as away.
const FAILED_LOOK: Duration = Duration::from_secs(5);

/// Looks and fetches.
pub(super) struct Poll {
    fetcher: Arc<Fetcher>,
    gate: Arc<Gate>,
    stop: CancellationToken,
    interval: Duration,
    page: usize,
    places: Arc<Semaphore>,
    /// Chains under way, and whose they are.
    tasks: JoinSet<ChainEnd>,
    busy: HashMap<Id, String>,
    /// Cancelled when the chains under way shall begin no further packet.
    halt: CancellationToken,
    /// Packets confirmed in this run, the latest of them.
    confirmed: HashSet<DocId>,
    /// A packet was confirmed since the last look that was not before.
    is_productive: bool,
    /// Rounds in a row in which the node took nothing.
    later: u32,
    /// This round is one of them.
    is_paused: bool,
    documents: Window,
    statuses: Window,
    next_look: Instant,
}

/// What part of a list is looked at.
#[derive(Clone, Copy, Debug, Default)]
struct Window {
    /// The first day, when whole pages of older packets are left alone.
    since: Option<Date>,
    /// The day of the last line, when the page was full.
    page_end: Option<Date>,
}

impl Window {
    /// Notes where a page ended.
    fn seen(&mut self, lines: &[ReceivedEdoc], page: usize) {
        let last = lines.last().filter(|_| lines.len() >= page);
        self.page_end = last.and_then(|line| line.created_time.get(..10)?.parse().ok());
    }

    /// Moves on behind a full page; false, and back to the beginning, when there is nothing behind it.
    fn advance(&mut self) -> bool {
        self.since = self.page_end.filter(|end| self.since.is_none_or(|since| since < *end));
        self.since.is_some()
    }
}

/// How a chain ended.
#[derive(Default)]
struct ChainEnd {
    confirmed: Vec<DocId>,
    later: Option<Reason>,
    is_away: bool,
    /// When the packet that the rest waits behind is tried again.
    again: Option<Instant>,
}

impl Poll {
    pub(super) fn new(
        client: &Arc<Client>,
        inbox: &Arc<dyn Inbox>,
        gate: &Arc<Gate>,
        options: &ConnectorOptions,
        stop: &CancellationToken,
    ) -> Self {
        let fetcher = Fetcher {
            client: Arc::clone(client),
            inbox: Arc::clone(inbox),
            gate: Arc::clone(gate),
            pauses: Pauses::default(),
            stop: stop.clone(),
            grace: options.grace,
        };
        Self {
            fetcher: Arc::new(fetcher),
            gate: Arc::clone(gate),
            stop: stop.clone(),
            interval: options.poll_interval,
            page: options.page.max(1),
            places: Arc::new(Semaphore::new(options.fetch_places.max(1))),
            tasks: JoinSet::new(),
            busy: HashMap::new(),
            halt: stop.child_token(),
            confirmed: HashSet::new(),
            is_productive: false,
            later: 0,
            is_paused: false,
            documents: Window::default(),
            statuses: Window::default(),
            next_look: Instant::now(),
        }
    }

    pub(super) async fn run(mut self) {
        let gate = Arc::clone(&self.gate);
        let mut changes = gate.changes();
        loop {
            tokio::select! {
                biased;
                () = self.stop.cancelled() => break,
                Some(ended) = self.tasks.join_next_with_id() => self.ended(ended),
                // Sending found the axis away: the next look is what finds it back.
                Ok(()) = changes.changed() => if let Some(until) = gate.away_until() {
                    self.next_look = self.next_look.min(until);
                },
                () = sleep_until(self.next_look) => self.look().await,
            }
        }
        // A packet that is being taken is answered for before the end.
        while let Some(ended) = self.tasks.join_next_with_id().await {
            self.ended(ended);
        }
    }

    async fn look(&mut self) {
        if let Permit::Denied { until } = self.gate.permit() {
            self.next_look = self.gate.clock.instant(until);
            return;
        }
        let lists = tokio::select! {
            biased;
            () = self.stop.cancelled() => return,
            lists = self.lists() => lists,
        };
        match lists {
            Ok((documents, statuses)) => {
                self.gate.report(Report::Answered);
                self.next_look = Instant::now() + self.interval;
                self.begin(documents, statuses);
            }
            Err(error) => {
                // Whatever is wrong with the list is wrong with the axis.
                self.gate.report(Report::Away(&error));
                self.next_look = Instant::now() + self.interval.min(FAILED_LOOK);
            }
        }
    }

    async fn lists(&self) -> Result<(Vec<ReceivedEdoc>, Vec<ReceivedEdoc>), CallError> {
        let client = &self.fetcher.client;
        let documents = client.received_edocs(MessageType::Edoc, self.documents.since, None).await?;
        let statuses = client.received_edocs(MessageType::Status, self.statuses.since, None).await?;
        let mut waiting = (documents.len() + statuses.len()) as u64;
        if documents.len() >= self.page || statuses.len() >= self.page {
            // More may wait than the lists show. An axis that does not count is asked no less for its packets.
            let counts = (client.count(MessageType::Edoc).await, client.count(MessageType::Status).await);
            if let (Ok(documents), Ok(statuses)) = counts {
                waiting = waiting.max(documents.saturating_add(statuses));
            }
        }
        self.gate.count(|health| health.waiting = Some(waiting));
        Ok((documents, statuses))
    }

    /// Starts a chain for each sender that has none under way.
    fn begin(&mut self, mut documents: Vec<ReceivedEdoc>, mut statuses: Vec<ReceivedEdoc>) {
        [&mut documents, &mut statuses].into_iter().for_each(|lines| oldest_first(lines));
        self.documents.seen(&documents, self.page);
        self.statuses.seen(&statuses, self.page);
        (self.is_productive, self.is_paused) = (false, false);
        if self.halt.is_cancelled() {
            self.halt = self.stop.child_token();
        }
        let (chains, unusable) = chains(documents, statuses);
        if unusable > 0 {
            tracing::warn!(unusable, "lines without a usable docId in the axis's list");
        }
        let busy: HashSet<String> = self.busy.values().cloned().collect();
        for chain in chains.into_iter().filter(|chain| !busy.contains(&chain.from)) {
            let from = chain.from.clone();
            let work = fetch_chain(Arc::clone(&self.fetcher), Arc::clone(&self.places), chain, self.halt.clone());
            self.busy.insert(self.tasks.spawn(work).id(), from);
        }
        if self.busy.is_empty() {
            (self.documents, self.statuses) = (Window::default(), Window::default());
        }
    }

    fn ended(&mut self, ended: Result<(Id, ChainEnd), JoinError>) {
        let end = match ended {
            Ok((id, end)) => {
                self.busy.remove(&id);
                end
            }
            Err(error) => {
                self.busy.remove(&error.id());
                tracing::error!(error = &error as &dyn std::error::Error, "a fetch ended without an answer");
                return;
            }
        };
        let any = !end.confirmed.is_empty();
        for doc_id in end.confirmed {
            if self.confirmed.len() >= CONFIRMED_MAX {
                self.confirmed.clear();
            }
            // One that the axis lists again and again is no reason to look again at once.
            self.is_productive |= self.confirmed.insert(doc_id);
        }
        match end.later {
            Some(reason) => self.pause(&reason),
            None if any && !self.is_paused => self.later = 0,
            None => {}
        }
        if let Some(again) = end.again {
            self.next_look = self.next_look.min(again);
        }
        if end.is_away {
            self.next_look = self.next_look.min(Instant::now() + FAILED_LOOK);
        }
        if self.busy.is_empty() && !self.halt.is_cancelled() {
            self.round_ended();
        }
    }

    /// All chains are done: more may wait behind what was confirmed, or behind a page that is left alone.
    fn round_ended(&mut self) {
        if self.is_productive {
            (self.documents, self.statuses) = (Window::default(), Window::default());
            self.next_look = Instant::now();
        } else if self.documents.advance() | self.statuses.advance() {
            self.next_look = Instant::now();
        }
    }

    /// The node takes nothing now: no further packet is begun for a while.
    fn pause(&mut self, reason: &Reason) {
        self.halt.cancel();
        if std::mem::replace(&mut self.is_paused, true) {
            return;
        }
        let wait = LATER_MIN.saturating_mul(1 << self.later.min(10)).min(LATER_MAX);
        if self.later == 0 {
            tracing::warn!(error.code = %reason.code, wait_s = wait.as_secs(), "fetching from the axis pauses: {reason}");
        }
        self.later = self.later.saturating_add(1);
        self.next_look = Instant::now() + wait;
    }
}

/// Fetches the packets of one sender until one finds the axis away or the node full, or did not come whole.
async fn fetch_chain(fetcher: Arc<Fetcher>, places: Arc<Semaphore>, chain: Chain, halt: CancellationToken) -> ChainEnd {
    let mut end = ChainEnd::default();
    for waiting in &chain.packets {
        // A place per packet, so that a sender with many does not keep the others waiting.
        let place = tokio::select! {
            biased;
            () = halt.cancelled() => break,
            place = places.acquire() => place,
        };
        if place.is_err() {
            break;
        }
        match fetcher.fetch(waiting).await {
            Fetched::Confirmed => {
                end.confirmed.push(waiting.doc_id.clone());
                fetcher.gate.count(|health| health.received += 1);
            }
            Fetched::Settled | Fetched::Failed => {}
            Fetched::Held(until) => {
                end.again = Some(until);
                break;
            }
            Fetched::Away => {
                // The other chains would only find the same.
                halt.cancel();
                end.is_away = true;
                break;
            }
            Fetched::Later(reason) => {
                end.later = Some(reason);
                break;
            }
        }
    }
    end
}
