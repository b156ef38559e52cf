//! What was acknowledged, held against the store that came out of a fault.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::Path;

use delivery::State;
use queue::{Accepted, Content, EngineKind, EntryKind, InboxQuery, ItemId, Seq, Store, StoreError};

use crate::tally::Tally;
use crate::work;

/// What the process was told, read from what it printed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    accepted: BTreeMap<String, u64>,
    settled: BTreeSet<u64>,
    confirmed: BTreeSet<u64>,
    held: BTreeMap<String, u64>,
    /// Held entries that may have started.
    starting: BTreeSet<u64>,
    started: BTreeSet<u64>,
    purges: bool,
    closings: u64,
    /// Answers that should not have come.
    wrong: Vec<String>,
    /// `failed …` lines.
    pub(crate) failures: Vec<String>,
}

impl Told {
    pub(crate) fn of<'a>(lines: impl IntoIterator<Item = &'a str>) -> Self {
        let mut told = Self::default();
        for line in lines {
            let words: Vec<&str> = line.split(' ').collect();
            let number = |word: &&str| word.parse::<u64>().ok();
            let last = words.last().and_then(number);
            match (words.as_slice(), last) {
                (["accepted", id, _], Some(seq)) => drop(told.accepted.insert((*id).to_owned(), seq)),
                (["held", id, _], Some(seq)) => drop(told.held.insert((*id).to_owned(), seq)),
                (["settled", _], Some(seq)) => drop(told.settled.insert(seq)),
                (["confirmed", _], Some(seq)) => drop(told.confirmed.insert(seq)),
                (["starting", _], Some(seq)) => drop(told.starting.insert(seq)),
                (["started", _], Some(seq)) => drop(told.started.insert(seq)),
                (["purging"], _) => told.purges = true,
                (["failed", ..], _) => told.failures.push(line.to_owned()),
                (["closed"], _) => told.closings += 1,
                _ => told.wrong.push(line.to_owned()),
            }
        }
        told
    }

    /// Acknowledgements in all.
    pub(crate) fn count(&self) -> usize {
        self.accepted.len() + self.held.len() + self.settled.len() + self.confirmed.len() + self.started.len()
    }

    /// Whether the process did not come to the end of its work.
    pub(crate) const fn was_cut(&self) -> bool {
        self.closings < 2
    }

    fn entries(&self) -> impl Iterator<Item = (&String, u64)> {
        self.accepted.iter().chain(&self.held).map(|(id, seq)| (id, *seq))
    }
}

/// Opens the store of `directory`, looks for everything that was told, then works it off.
pub(crate) fn verify(directory: &Path, engine: EngineKind, told: &Told) -> Tally {
    let mut tally = Tally { acknowledged: u64::try_from(told.count()).unwrap_or(0), ..Tally::default() };
    told.wrong.iter().for_each(|line| tally.fail(format!("an answer that should not have come: {line}")));
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime of one thread");
    runtime.block_on(async {
        let store = match Store::open(work::options(directory, engine)) {
            Ok(store) => store,
            Err(error) => {
                tally.fail(format!("the store does not open: {error}"));
                tally.lost += tally.acknowledged;
                return;
            }
        };
        if let Err(error) = look(&store, told, &mut tally).await {
            tally.fail(format!("the store answers {} ({error})", error.code().as_str()));
        }
        if let Err(error) = store.close().await {
            tally.fail(format!("the store does not close: {error}"));
        }
    });
    tally
}

async fn look(store: &Store, told: &Told, tally: &mut Tally) -> Result<(), StoreError> {
    for damage in store.check()?.damage {
        tally.corrupt(format!("check: {}: {}", damage.what, damage.reason));
    }
    for (id, seq) in told.entries() {
        look_at_entry(store, told, id, seq, tally)?;
    }
    look_at_inbox(store, told, tally)?;
    repeat(store, told, tally).await?;
    work_off(store, told, tally).await
}

fn look_at_entry(store: &Store, told: &Told, id: &str, seq: u64, tally: &mut Tally) -> Result<(), StoreError> {
    match store.lookup(&work::key(id))?.as_slice() {
        [] => {
            tally.lose(format!("{id} was accepted as {seq}"));
            return Ok(());
        }
        [found] if found.as_number() == seq => {}
        [found] => tally.fail(format!("{id} was accepted as {seq} and is {}", found.as_number())),
        found => tally.duplicate(format!("{id}: {found:?}")),
    }
    let document = store.document(Seq::new(seq))?;
    let wanted = work::content(id);
    if document.purged_at.is_none() {
        let mut bytes = Vec::new();
        let read = store.open_payload(&document.content).map(|mut payload| payload.read_to_end(&mut bytes));
        match read {
            Ok(Ok(_)) if bytes == wanted => {}
            Ok(Ok(_)) => tally.corrupt(format!("{id}: its content is {} bytes of something else", bytes.len())),
            Ok(Err(error)) => tally.corrupt(format!("{id}: its content: {error}")),
            Err(error) => tally.corrupt(format!("{id}: its content: {error}")),
        }
    } else if !told.purges {
        tally.lose(format!("{id}: its content was purged by nobody"));
    }
    let recipients = store.recipients(Seq::new(seq), 0, 10)?;
    let [beyond, here] = recipients.as_slice() else {
        tally.lose(format!("{id} has {} of 2 recipients", recipients.len()));
        return Ok(());
    };
    for (set, recipient, what) in [(&told.settled, beyond, "delivered"), (&told.confirmed, here, "confirmed")] {
        if set.contains(&seq) && recipient.delivery.state() != State::Delivered {
            tally.lose(format!("{id} was {what} and is {:?}", recipient.delivery.state()));
        }
    }
    let hold = store.hold(Seq::new(seq))?;
    if told.started.contains(&seq) && hold.is_some() {
        tally.lose(format!("{id} was started and is held"));
    }
    let stays = told.held.contains_key(id) && !told.starting.contains(&seq);
    if stays && hold.is_none() {
        tally.lose(format!("{id} was held and is not"));
    }
    Ok(())
}

/// Each accepted document that nobody confirmed lies in the inbox once.
fn look_at_inbox(store: &Store, told: &Told, tally: &mut Tally) -> Result<(), StoreError> {
    let mut found: BTreeMap<u64, usize> = BTreeMap::new();
    let mut after = ItemId::default();
    let mut last_of_thread = 0;
    loop {
        let query = InboxQuery {
            agency: work::agency(work::HERE),
            kind: Some(EntryKind::Document),
            after,
            max: 500,
            now: work::NOW,
        };
        let page = store.inbox(&query)?;
        for item in &page.items {
            let seq = item.document.seq.as_number();
            *found.entry(seq).or_default() += 1;
            if item.document.about.is_some() {
                if seq < last_of_thread {
                    tally.reorder(format!("entry {seq} is in the inbox after {last_of_thread}"));
                }
                last_of_thread = seq;
            }
        }
        after = page.next;
        if !page.more {
            break;
        }
    }
    for (id, seq) in &told.accepted {
        if !found.contains_key(seq) && !told.confirmed.contains(seq) && !is_confirmed(store, *seq)? {
            tally.lose(format!("{id} is not in the inbox"));
        }
    }
    for (seq, count) in &found {
        if *count > 1 || told.confirmed.contains(seq) {
            tally.duplicate(format!("entry {seq} is in the inbox {count} times, or was confirmed"));
        }
    }
    Ok(())
}

/// A confirmation that was under way when the fault came may have been kept.
fn is_confirmed(store: &Store, seq: u64) -> Result<bool, StoreError> {
    let recipients = store.recipients(Seq::new(seq), 1, 1)?;
    Ok(recipients.first().is_some_and(|here| here.delivery.state() == State::Delivered))
}

/// A repeat of what was accepted is known; something new is taken.
async fn repeat(store: &Store, told: &Told, tally: &mut Tally) -> Result<(), StoreError> {
    let known = told.accepted.iter().next_back().filter(|_| tally.problems() == 0);
    if let Some((id, seq)) = known {
        let bytes = work::content(id);
        let content =
            if bytes.len() <= queue::INLINE_MAX { Content::Inline(bytes) } else { work::staged(store, &bytes)? };
        match store.accept(work::accept(id, content, None)).await? {
            Accepted::Duplicate { seq: found, .. } if found.as_number() == *seq => {}
            other => tally.duplicate(format!("a repeat of {id} is {other:?}")),
        }
    }
    match store.accept(work::accept("after-the-fault", work::staged(store, &[7; 9000])?, None)).await? {
        Accepted::New { .. } => {}
        other => tally.fail(format!("a new document is {other:?}")),
    }
    Ok(())
}

/// Everything that waits comes out, once, in order; what was delivered does not come again.
async fn work_off(store: &Store, told: &Told, tally: &mut Tally) -> Result<(), StoreError> {
    let now = work::NOW + work::LATER;
    let mut delivered = BTreeSet::new();
    let mut last_of_thread = 0;
    loop {
        let settled = work::settle(store, now, 100).await?;
        if settled.is_empty() {
            break;
        }
        for seq in settled {
            let number = seq.as_number();
            if !delivered.insert(number) || told.settled.contains(&number) {
                tally.duplicate(format!("entry {number} goes out again"));
            }
            if store.document(seq)?.about.is_some() {
                if number < last_of_thread {
                    tally.reorder(format!("entry {number} goes out after {last_of_thread}"));
                }
                last_of_thread = number;
            }
        }
    }
    for (id, seq) in told.entries() {
        let is_held = store.hold(Seq::new(seq))?.is_some();
        let beyond = store.recipients(Seq::new(seq), 0, 1)?;
        let is_out = beyond.first().is_some_and(|beyond| beyond.delivery.state() == State::Delivered);
        if !is_held && !is_out && store.ready(500)?.iter().all(|ready| ready.as_number() != seq) {
            tally.lose(format!("{id} does not go out"));
        }
    }
    Ok(())
}
