//! The one thread that writes: takes what has arrived, one batch, one flush, then answers all.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use tokio::sync::{mpsc, oneshot};

use crate::StoreError;
use crate::batch::{Batch, Tx};
use crate::engine::Walk;
use crate::engine::guard::words;
use crate::key;
use crate::payload::sync_directory;
use crate::record;
use crate::record::rows::NumberRow;
use crate::shared::{Shared, locked};
use crate::witness::Seen;

/// Operations in a batch at most: measured, more gain nothing and make the first one wait.
const OPERATIONS_MAX: usize = 256;
/// Bytes of arguments in a batch at most, so that large ones do not pile up in memory.
const COST_MAX: usize = 4 * 1024 * 1024;
/// Operations that wait at most; callers beyond wait to hand theirs over.
pub(crate) const WAITING_MAX: usize = 1024;

/// Answers one operation once its batch is on the disk, or failed.
type Answer = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

/// An operation that waits for its batch.
pub(crate) trait Operation: Send {
    /// Bytes of its arguments.
    fn cost(&self) -> usize;

    /// Runs it against the batch.
    fn run(self: Box<Self>, shared: &Shared, batch: &mut Batch) -> Answer;

    /// Answers without running it.
    fn refuse(self: Box<Self>, error: StoreError);
}

pub(crate) struct Job<T, F> {
    pub(crate) cost: usize,
    pub(crate) work: F,
    pub(crate) reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Operation for Job<T, F>
where
    T: Send + 'static,
    F: FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send,
{
    fn cost(&self) -> usize {
        self.cost
    }

    fn run(self: Box<Self>, shared: &Shared, batch: &mut Batch) -> Answer {
        let Self { work, reply, .. } = *self;
        let mut tx = Tx::new(shared, batch);
        let result = catch_unwind(AssertUnwindSafe(|| work(&mut tx))).unwrap_or_else(|panic| {
            tracing::error!(
                error.code = "internal",
                reason = words(panic.as_ref()),
                "an operation panicked; it was rolled back"
            );
            Err(StoreError::Internal)
        });
        match &result {
            Ok(_) => tx.keep(),
            Err(_) => tx.abandon(),
        }
        // A caller that went away does not take the operation back: it may come again, and finds it done.
        Box::new(move |committed| drop(reply.send(result.and_then(|value| committed.map(|()| value)))))
    }

    fn refuse(self: Box<Self>, error: StoreError) {
        drop(self.reply.send(Err(error)));
    }
}

/// Runs until every sender is gone and the channel is empty.
pub(crate) fn run(shared: &Shared, mut operations: mpsc::Receiver<Box<dyn Operation>>) {
    let mut tally = Tally::default();
    while let Some(first) = operations.blocking_recv() {
        let arrived = arrived(first, &mut operations);
        commit(shared, arrived, &mut tally);
    }
    let Tally { commits, operations, folder_syncs } = tally;
    tracing::info!(
        store.commits = commits,
        store.operations = operations,
        store.folder_syncs = folder_syncs,
        "the writer ended after {operations} operations in {commits} commits"
    );
}

/// The operations of one batch: the first, and what has arrived behind it.
pub(crate) fn arrived(
    first: Box<dyn Operation>,
    operations: &mut mpsc::Receiver<Box<dyn Operation>>,
) -> Vec<Box<dyn Operation>> {
    let mut cost = first.cost();
    let mut arrived = vec![first];
    while arrived.len() < OPERATIONS_MAX && cost < COST_MAX {
        let Ok(next) = operations.try_recv() else { break };
        cost = cost.saturating_add(next.cost());
        arrived.push(next);
    }
    arrived
}

/// What the disk was asked for since the start: the benchmark reads it from the log.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Batches written, one flush each.
    commits: u64,
    /// Operations in them.
    operations: u64,
    /// Payload folders synced before them.
    folder_syncs: u64,
}

impl Tally {
    fn add(&mut self, operations: usize, folders: usize) {
        self.commits += 1;
        self.operations += u64::try_from(operations).unwrap_or(0);
        self.folder_syncs += u64::try_from(folders).unwrap_or(0);
    }
}

pub(crate) fn commit(shared: &Shared, operations: Vec<Box<dyn Operation>>, tally: &mut Tally) {
    if shared.guard.is_poisoned() {
        return operations.into_iter().for_each(|operation| operation.refuse(StoreError::Poisoned));
    }
    let mut batch = Batch::new(shared.next_number.load(Ordering::Acquire));
    let count = operations.len();
    let answers: Vec<Answer> = operations.into_iter().map(|operation| operation.run(shared, &mut batch)).collect();
    if !batch.changes.is_empty() {
        tally.add(count, batch.effects.folders.len());
    }
    let committed = write(shared, batch);
    for answer in answers {
        answer(if committed { Ok(()) } else { Err(StoreError::Poisoned) });
    }
}

/// Payload folders first, then the records, then everything that may be known only afterwards.
fn write(shared: &Shared, mut batch: Batch) -> bool {
    if batch.changes.is_empty() {
        return !shared.guard.is_poisoned();
    }
    for folder in &batch.effects.folders {
        if let Err(error) = sync_directory(folder) {
            shared.guard.poison(&format!("sync {}: {error}", folder.display()));
            return false;
        }
    }
    let commit = shared.commits.load(Ordering::Acquire) + 1;
    let own = [("next", batch.next_number), ("commit", commit)]
        .map(|(name, number)| record::values(&key::meta(name), &NumberRow { number }));
    let own: Result<Vec<_>, StoreError> = own.into_iter().collect();
    let numbers =
        shared.table.read().unwrap_or_else(PoisonError::into_inner).changed(&batch.effects.deltas, &mut batch.changes);
    let (own, numbers) = match (own, numbers) {
        (Ok(own), Ok(numbers)) => (own, numbers),
        (Err(error), _) | (_, Err(error)) => {
            shared.guard.poison(&error.to_string());
            return false;
        }
    };
    batch.changes.extend(own.into_iter().flatten().map(|(key, value)| (key, Some(value))));
    // Numbers are used up whether or not the commit succeeds: a failed one may still be on the disk.
    shared.next_number.store(batch.next_number, Ordering::Release);
    if shared.guard.commit(&batch.changes).is_err() {
        return false;
    }
    shared.commits.store(commit, Ordering::Release);
    if let Some(witness) = &shared.witness {
        witness.note(Seen { commit, next: batch.next_number });
    }
    shared.table.write().unwrap_or_else(PoisonError::into_inner).set(numbers);
    afterwards(shared, batch);
    true
}

fn afterwards(shared: &Shared, batch: Batch) {
    {
        let mut leases = locked(&shared.transmissions);
        for ((seq, hop), number) in &batch.effects.released {
            leases.release(hop, *seq, *number);
        }
    }
    {
        let mut leases = locked(&shared.items);
        for (agency, item) in &batch.effects.items {
            leases.end(agency, *item);
            leases.forget(*item);
        }
    }
    batch.effects.unbar(shared);
    for digest in &batch.effects.unreferenced {
        let mut is_referenced = false;
        let range = key::payload(digest).range();
        let found = shared.guard.walk(range.start.as_slice()..range.end.as_slice(), Walk::Forward, &mut |_, _| {
            is_referenced = true;
            std::ops::ControlFlow::Break(())
        });
        let removed = found.and_then(|()| if is_referenced { Ok(()) } else { shared.payloads.remove(digest) });
        if let Err(error) = removed {
            tracing::warn!(payload = %digest, %error, "a payload without an entry could not be removed");
        }
    }
    for wakeup in batch.effects.wakeups {
        // Nobody listening is fine: hints are lossy.
        drop(shared.wakeups.send(wakeup));
    }
}
