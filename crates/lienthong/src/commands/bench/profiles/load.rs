//! A store under load, in this process: what the node asks of it, without the network before it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use queue::{
    Accept, Accepted, Claim, ClaimRequest, Content, DocumentKey, EngineKind, EntryKind, Origin, Outcome, Plan,
    RecipientPlan, Settlement, Space, Store, StoreError, StoreOptions,
};
use types::{BusinessType, ExchangeId, Lane, NeighbourId, UnixMillis};

use crate::commands::now;
use crate::failure::{Failure, chain};

/// Bytes of what is kept beside a packet: an envelope with its signature, and the report on it.
pub(super) const SIDE_BYTES: usize = 1500;
/// Bytes of facts for lists.
pub(super) const SUMMARY_BYTES: usize = 200;
/// Bytes of a signed receipt.
pub(super) const RECEIPT_BYTES: usize = 900;

const LEASE: Duration = Duration::from_secs(600);

/// The documents of a run.
#[derive(Clone, Copy)]
pub(super) struct Documents {
    /// Bytes of each.
    pub(super) size: usize,
    /// Recipients of each, all behind the one hop.
    pub(super) recipients: u32,
    pub(super) lane: Lane,
    pub(super) hop: &'static str,
}

impl Documents {
    pub(super) const fn small(size: usize, hop: &'static str) -> Self {
        Self { size, recipients: 1, lane: Lane::Normal, hop }
    }

    /// Number `number` of them; no two are alike.
    pub(super) fn make(self, number: u64) -> Accept {
        let id = format!("000.00.00.G22,2026/11/21,{number}/BENCH");
        let mut content = vec![0x5a; self.size.max(8)];
        content.iter_mut().zip(number.to_be_bytes()).for_each(|(byte, part)| *byte = part);
        let recipient = |index: u32| RecipientPlan {
            code: format!("H48.{}.{:03}", index / 1000 + 10, index % 1000).parse().expect("the shape of a code"),
            plan: Plan::Hop(hop(self.hop)),
            evidence: None,
        };
        Accept {
            exchange: ExchangeId::from_bytes(uuid::Uuid::now_v7().into_bytes()),
            kind: EntryKind::Document,
            key: DocumentKey {
                sender: "000.00.00.G22".parse().expect("the shape of a code"),
                document_id: id.parse().expect("the shape of an id"),
            },
            business: BusinessType::New,
            lane: self.lane,
            due: None,
            received_at: now(),
            content: Content::Inline(content),
            side: Content::Inline(vec![3; SIDE_BYTES]),
            summary: vec![5; SUMMARY_BYTES],
            origin: Origin::Local("qlvb".parse().expect("the shape of an id")),
            hops: Vec::new(),
            about: None,
            recipients: (0..self.recipients).map(recipient).collect(),
            receipt: vec![9; RECEIPT_BYTES],
            answers: Vec::new(),
            acts: Vec::new(),
            hold: None,
        }
    }
}

pub(super) fn hop(name: &str) -> NeighbourId {
    name.parse().expect("the shape of an id")
}

pub(super) fn failed(error: StoreError) -> Failure {
    Failure::Internal(chain(&error))
}

/// Opens a store that takes everything the disk can hold.
pub(super) fn open(dir: &Path, engine: EngineKind) -> Result<Store, Failure> {
    let space = Arc::new(|_: &Path| Ok(Space { free: 50, total: 100 }));
    Store::open(StoreOptions { engine, space, ..StoreOptions::new(dir) }).map_err(failed)
}

/// Accepts the documents numbered from `first`, `clients` at a time.
pub(super) async fn accept(
    store: &Store,
    documents: Documents,
    first: u64,
    count: u64,
    clients: usize,
) -> Result<Duration, Failure> {
    let next = Arc::new(AtomicU64::new(first));
    let start = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..clients {
        let (store, next) = (store.clone(), Arc::clone(&next));
        tasks.spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= first + count {
                    return Ok(());
                }
                match store.accept(documents.make(number)).await? {
                    Accepted::New { .. } => {}
                    _ => return Err(StoreError::Internal),
                }
            }
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended.map_err(|error| Failure::Internal(error.to_string()))?.map_err(failed)?;
    }
    Ok(start.elapsed())
}

/// Claims at most `max` of what waits for a hop.
pub(super) fn claim(store: &Store, name: &str, max: usize) -> Result<Vec<Claim>, Failure> {
    let request = ClaimRequest { hop: hop(name), now: now(), lease: LEASE, max, least: Lane::Normal };
    store.claim(&request).map_err(failed)
}

/// What becomes of a claim whose neighbour took everything.
pub(super) fn delivered(claim: &Claim, now: UnixMillis) -> Settlement {
    let outcome = || Outcome::Delivered { evidence: vec![9; RECEIPT_BYTES] };
    let outcomes = claim.recipients.iter().map(|recipient| (recipient.index, outcome())).collect();
    Settlement { fence: claim.fence.clone(), now, outcomes }
}

/// Documents per second.
#[expect(clippy::cast_precision_loss, reason = "a figure for people needs no 53 bits")]
pub(super) fn rate(count: u64, took: Duration) -> f64 {
    count as f64 / took.as_secs_f64()
}

/// The middle one.
pub(super) fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_accepted_is_claimed_and_settled() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let folder = tempfile::TempDir::new().unwrap();
        let store = open(folder.path(), EngineKind::Fjall).unwrap();
        runtime.block_on(async {
            accept(&store, Documents::small(1024, "nut"), 0, 5, 2).await.unwrap();
            let wide = Documents { size: 4096, recipients: 10_000, lane: Lane::Express, hop: "nut" };
            accept(&store, wide, 5, 1, 1).await.unwrap();
            let claims = claim(&store, "nut", 10).unwrap();
            assert_eq!(claims.iter().map(|claim| claim.recipients.len()).sum::<usize>(), 10_005);
            let settlements = claims.iter().map(|claim| delivered(claim, now())).collect();
            store.settle(settlements).await.unwrap();
            assert_eq!((store.stats().delivered, claim(&store, "nut", 10).unwrap().len()), (10_005, 0));
            store.close().await.unwrap();
        });
    }
}
