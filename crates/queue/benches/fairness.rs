//! What turns of senders cost, and what they gain; run it with `cargo bench -p queue --bench fairness`.
//!
//! Claims are timed in processor time of this thread, twelve at a time as a link makes them, and given back at once, so
//! that nothing but the choice and the reading of the entries is priced. One sender alone is first come, first served: the
//! baseline. `LIENTHONG_BENCH_ENTRIES` sets how many entries wait (100 000), `LIENTHONG_BENCH_ENGINE` the engine.

#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a bench prints its result and stops at a failure")]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use queue::{
    Accept, ClaimRequest, Content, DocumentKey, EngineKind, EntryKind, Origin, Plan, RecipientPlan, Space, Store,
    StoreOptions,
};
use rustix::time::{ClockId, clock_gettime};
use types::{BusinessType, ExchangeId, Lane, NeighbourId, UnixMillis};

const NOW: UnixMillis = UnixMillis::new(1_800_000_000_000);
const PLACES: usize = 12;
const ROUNDS: u32 = 2000;
const RUNS: usize = 5;

fn main() {
    let variable = |name: &str| std::env::var(name).ok();
    let entries = variable("LIENTHONG_BENCH_ENTRIES").and_then(|text| text.parse().ok()).unwrap_or(100_000);
    let engine = match variable("LIENTHONG_BENCH_ENGINE").as_deref() {
        Some("fjall") => EngineKind::Fjall,
        _ => EngineKind::Sled,
    };
    let folder = tempfile::TempDir::new().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let mut stores = Vec::new();
    for (waiting, senders) in [(entries / 100, 1), (entries, 1), (entries, 10), (entries, 1000)] {
        let options = StoreOptions {
            space: Arc::new(|_: &Path| Ok(Space { free: 50, total: 100 })),
            engine,
            ..StoreOptions::new(folder.path().join(format!("{waiting}-{senders}")))
        };
        let store = Store::open(options).unwrap();
        runtime.block_on(fill(&store, waiting, senders));
        stores.push((waiting, senders, store));
    }
    let mut medians = Vec::new();
    for (waiting, senders, store) in &stores {
        claim(store, 100);
        medians.push((*waiting, *senders, Vec::with_capacity(RUNS), store));
    }
    // Interleaved, so that a noisy moment meets all of them.
    for _ in 0..RUNS {
        for (_, _, times, store) in &mut medians {
            times.push(claim(store, ROUNDS));
        }
    }
    let mut baseline = None;
    for (waiting, senders, times, _) in &mut medians {
        times.sort();
        let median = times.get(RUNS / 2).copied().unwrap_or_default();
        let first = *baseline.get_or_insert(median);
        let ratio = median.as_secs_f64() / first.as_secs_f64();
        println!(
            "claim, {waiting} waiting of {senders} senders: {:.2} us each, {ratio:.2} of the first line",
            median.as_secs_f64() * 1e6
        );
    }
    if let Some((waiting, _, store)) = stores.get(1) {
        runtime.block_on(overtaking(store, *waiting));
    }
}

/// Processor time of one claim of a link that has all its places free.
fn claim(store: &Store, rounds: u32) -> Duration {
    let started = cpu();
    let mut claimed = 0;
    for _ in 0..rounds {
        let claims = store.claim(&request(PLACES)).unwrap();
        let fences: Vec<_> = claims.into_iter().map(|claim| claim.fence).collect();
        claimed += u32::try_from(fences.len()).unwrap();
        store.give_up(&fences);
    }
    (cpu() - started) / claimed.max(1)
}

/// How long an express document, and a letter of another sender, wait behind all the others.
async fn overtaking(store: &Store, waiting: u32) {
    for (name, lane, sender) in
        [("an express document", Lane::Express, "H48.0000"), ("another sender's letter", Lane::Normal, "H48.9999")]
    {
        let mut waits = Vec::new();
        let mut claims_before = 0;
        for n in 0..21 {
            store.accept(Accept { lane, ..entry(u32::MAX - n, sender) }).await.unwrap();
            let started = Instant::now();
            for before in 0.. {
                let claim = store.claim(&request(1)).unwrap().pop().unwrap();
                if claim.lane == lane && claim.document.key.sender.as_str() == sender {
                    claims_before = claims_before.max(before);
                    break;
                }
            }
            waits.push(started.elapsed());
        }
        waits.sort();
        println!(
            "{name} behind {waiting} of one sender: claimed after {claims_before} others at most, {:.0} us (median), {:.0} us (longest)",
            waits.get(10).map_or(0.0, |wait| wait.as_secs_f64() * 1e6),
            waits.last().map_or(0.0, |wait| wait.as_secs_f64() * 1e6),
        );
    }
}

fn cpu() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(u64::try_from(now.tv_sec).unwrap(), u32::try_from(now.tv_nsec).unwrap())
}

fn hop() -> NeighbourId {
    "tinh-h48".parse().unwrap()
}

fn request(max: usize) -> ClaimRequest {
    ClaimRequest { hop: hop(), now: NOW, lease: Duration::from_secs(60), max, least: Lane::Normal }
}

async fn fill(store: &Store, entries: u32, senders: u32) {
    const PRODUCERS: u32 = 256;
    let producers: Vec<_> = (0..PRODUCERS)
        .map(|producer| {
            let store = store.clone();
            tokio::spawn(async move {
                for n in (producer..entries).step_by(PRODUCERS as usize) {
                    store.accept(entry(n, &format!("H48.{:04}", n % senders))).await.unwrap();
                }
            })
        })
        .collect();
    for producer in producers {
        producer.await.unwrap();
    }
}

fn entry(n: u32, sender: &str) -> Accept {
    Accept {
        exchange: ExchangeId::from_bytes((u128::from(n) << 64).to_be_bytes()),
        kind: EntryKind::Document,
        key: DocumentKey { sender: sender.parse().unwrap(), document_id: format!("{n}/VB").parse().unwrap() },
        business: BusinessType::New,
        lane: Lane::Normal,
        due: None,
        received_at: NOW,
        content: Content::Inline(format!("content {n}").into_bytes()),
        side: Content::Inline(vec![3; 100]),
        summary: vec![5; 100],
        origin: Origin::Local("qlvb".parse().unwrap()),
        hops: Vec::new(),
        about: None,
        recipients: vec![RecipientPlan { code: "G22".parse().unwrap(), plan: Plan::Hop(hop()), evidence: None }],
        receipt: vec![9; 100],
        answers: Vec::new(),
        acts: Vec::new(),
        hold: None,
    }
}
