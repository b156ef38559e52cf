//! Accept rate of the store against the raw disk, as a ratio; run it with `cargo bench -p queue`.
//!
//! The raw disk appends the same number of 2 KiB records to a file, with one `fdatasync` per batch of as many records as
//! there are producers. Rates depend on the machine, the ratio less so. `LIENTHONG_BENCH_ENTRIES` sets the number.

#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a bench prints its result and stops at a failure")]

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use queue::{
    Accept, Accepted, Content, DocumentKey, EngineKind, EntryKind, Origin, Plan, RecipientPlan, Space, Store,
    StoreOptions,
};
use types::{BusinessType, ExchangeId, Lane, UnixMillis};

const PRODUCERS: u32 = 64;
const RECORD: usize = 2048;

fn main() {
    let entries = std::env::var("LIENTHONG_BENCH_ENTRIES").ok().and_then(|text| text.parse().ok()).unwrap_or(20_000);
    let folder = tempfile::TempDir::new().unwrap();
    let raw = rate(entries, raw_disk(&folder.path().join("raw"), entries));
    println!("raw append + fdatasync, batches of {PRODUCERS}: {raw:.0} records/s");
    for (name, recipients) in [("1 recipient", 1), ("20 recipients behind one hop", 20)] {
        for engine in EngineKind::ALL {
            let directory = folder.path().join(format!("{engine}-{recipients}"));
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
            let accepted = rate(entries, runtime.block_on(accept_all(engine, &directory, entries, recipients)));
            println!(
                "accept over {engine}, {PRODUCERS} producers, {name}: {accepted:.0} documents/s = {:.3} of the raw disk",
                accepted / raw
            );
        }
    }
}

fn rate(count: u32, took: Duration) -> f64 {
    f64::from(count) / took.as_secs_f64()
}

fn raw_disk(path: &Path, records: u32) -> Duration {
    let (mut file, record, start) = (File::create(path).unwrap(), [7; RECORD], Instant::now());
    for _ in 0..records.div_ceil(PRODUCERS) {
        let batch = record.repeat(PRODUCERS as usize);
        file.write_all(&batch).unwrap();
        file.sync_data().unwrap();
    }
    start.elapsed()
}

async fn accept_all(engine: EngineKind, directory: &Path, entries: u32, recipients: u32) -> Duration {
    let space = Arc::new(|_: &Path| Ok(Space { free: 50, total: 100 }));
    let store = Store::open(StoreOptions { engine, space, ..StoreOptions::new(directory) }).unwrap();
    let start = Instant::now();
    let producers: Vec<_> = (0..PRODUCERS)
        .map(|producer| {
            let store = store.clone();
            tokio::spawn(async move {
                for n in 0..entries / PRODUCERS {
                    let accepted = store.accept(entry(producer, n, recipients)).await.unwrap();
                    assert!(matches!(accepted, Accepted::New { .. }));
                }
            })
        })
        .collect();
    for producer in producers {
        producer.await.unwrap();
    }
    let took = start.elapsed();
    store.close().await.unwrap();
    took
}

fn entry(producer: u32, n: u32, recipients: u32) -> Accept {
    let id = format!("000.00.00.G22,2026/11/21,{n}-{producer}/VPCP");
    let recipient = |index: u32| RecipientPlan {
        code: format!("H48.{index:03}").parse().unwrap(),
        plan: Plan::Hop("tinh-h48".parse().unwrap()),
        evidence: None,
    };
    // The order of time-ordered ids: the number of the entry first.
    let exchange = (u128::from(n) << 64) | u128::from(producer);
    Accept {
        exchange: ExchangeId::from_bytes(exchange.to_be_bytes()),
        kind: EntryKind::Document,
        key: DocumentKey { sender: "000.00.00.G22".parse().unwrap(), document_id: id.parse().unwrap() },
        business: BusinessType::New,
        lane: Lane::Normal,
        due: None,
        received_at: UnixMillis::new(1_800_000_000_000 + u64::from(n)),
        content: Content::Inline(format!("content {id}").into_bytes()),
        side: Content::Inline(vec![3; 300]),
        summary: vec![5; 700],
        origin: Origin::Local("qlvb".parse().unwrap()),
        hops: Vec::new(),
        about: None,
        recipients: (0..recipients).map(recipient).collect(),
        receipt: vec![9; 400],
        answers: Vec::new(),
        acts: Vec::new(),
        hold: None,
    }
}
