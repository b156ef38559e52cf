//! Stores with many documents waiting.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use queue::{EngineKind, Store};
use types::Lane;

use super::Bench;
use super::load::{Documents, accept, claim, delivered, failed, median, open, rate};
use super::table::{Goal, Row, Table};
use crate::commands::bench::usage::number;
use crate::commands::now;
use crate::failure::Failure;

/// Bytes of a waiting document.
const SIZE: usize = 1024;
const CLIENTS: usize = 64;
/// Documents over which a rate is measured.
const MEASURED: u64 = 2_000;
/// Documents before the first measurement: a store that is empty behaves like no other.
const SETTLED: u64 = 1_000;
const CLAIMS: usize = 200;
const DEAD: &str = "nut-chet";
const ALIVE: &str = "nut-song";
const WORKERS: usize = 16;
const URGENT: u64 = 20;

fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let start = digits.len() % 3;
    let mut text = digits.get(..start).unwrap_or_default().to_owned();
    for group in digits.as_bytes().get(start..).unwrap_or_default().chunks(3) {
        if !text.is_empty() {
            text.push('.');
        }
        text.push_str(&String::from_utf8_lossy(group));
    }
    text
}

/// Accept rate, claim cost, start and memory with so many waiting.
pub(super) fn backlog(bench: &Bench<'_>, table: &mut Table) -> Result<(), Failure> {
    let documents = Documents::small(SIZE, DEAD);
    for engine in bench.engines {
        let dir = bench.dir.join(format!("backlog-{engine}"));
        let mut store = open(&dir, *engine)?;
        let mut filled = SETTLED;
        bench.runtime.block_on(accept(&store, documents, 0, filled, CLIENTS))?;
        let measured = |store: &Store, filled: &mut u64| {
            let took = bench.runtime.block_on(accept(store, documents, *filled, MEASURED, CLIENTS))?;
            *filled += MEASURED;
            Ok::<_, Failure>((rate(MEASURED, took), claim_us(store)?))
        };
        let (first_rate, first_claim) = measured(&store, &mut filled)?;
        for backlog in &bench.args.backlog {
            if *backlog > filled {
                bench.runtime.block_on(accept(&store, documents, filled, backlog - filled, CLIENTS))?;
                filled = *backlog;
            }
            let (accepted, claimed) = measured(&store, &mut filled)?;
            let row = |what: &str, measured, unit, reference, beside, goal| Row {
                profile: "backlog",
                work: format!("{engine}, {} đang chờ (waiting): {what}", thousands(*backlog)),
                measured,
                unit,
                reference,
                beside,
                goal,
            };
            let few = "/s, 1.000 đang chờ (waiting)";
            table.add(row("nhận (accept)", accepted, "/s", Some(first_rate), few, Goal::AtLeast(0.8)));
            let few = "µs, 1.000 đang chờ (waiting)";
            table.add(row("lấy một (claim one)", claimed, "µs", Some(first_claim), few, Goal::AtMost(1.5)));
            bench.runtime.block_on(store.close()).map_err(failed)?;
            drop(store);
            let start = Instant::now();
            store = open(&dir, *engine)?;
            let ready = claim(&store, DEAD, 1)?;
            let took = start.elapsed().as_secs_f64();
            store.give_up(&ready.iter().map(|claim| claim.fence.clone()).collect::<Vec<_>>());
            table.add(row("mở lại (start to ready)", took, "s", None, "", Goal::AtMost(2.0)));
            table.add(row(
                "bộ nhớ (RSS)",
                rss_mib(),
                "MiB",
                None,
                "cả tiến trình đo (whole bench)",
                Goal::AtMost(512.0),
            ));
        }
        bench.runtime.block_on(store.close()).map_err(failed)?;
    }
    Ok(())
}

/// The middle time of claiming one and giving it back.
fn claim_us(store: &Store) -> Result<f64, Failure> {
    let mut times = Vec::new();
    for _ in 0..CLAIMS {
        let start = Instant::now();
        let claims = claim(store, DEAD, 1)?;
        times.push(start.elapsed());
        store.give_up(&claims.into_iter().map(|claim| claim.fence).collect::<Vec<_>>());
    }
    Ok(median(times).as_secs_f64() * 1e6)
}

/// Memory that this process holds, MiB; 0 where the system does not tell.
#[expect(clippy::cast_precision_loss, reason = "a figure for people needs no 53 bits")]
fn rss_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    number(&status, "VmRSS:").map_or(0.0, |kib| kib as f64 / 1024.0)
}

/// Rate and latency towards a neighbour, without and with many that wait for another.
pub(super) fn dead_neighbour(bench: &Bench<'_>, table: &mut Table) -> Result<(), Failure> {
    for engine in bench.engines {
        let store = open(&bench.dir.join(format!("dead-{engine}")), *engine)?;
        let alive = Documents::small(SIZE, ALIVE);
        let mut next = 0;
        let mut through = |store: &Store| {
            let seen = bench.runtime.block_on(through(store, alive, next))?;
            next += MEASURED;
            Ok::<_, Failure>(seen)
        };
        through(&store)?;
        let before = through(&store)?;
        let backlog = bench.args.backlog.iter().max().copied().unwrap_or_default();
        let dead = Documents::small(SIZE, DEAD);
        bench.runtime.block_on(accept(&store, dead, 1 << 32, backlog, CLIENTS))?;
        let after = through(&store)?;
        let row = |what: &str, measured, unit, reference, goal| Row {
            profile: "dead-neighbour",
            work: format!("{engine}, {} chờ nút chết (behind the dead one): {what}", thousands(backlog)),
            measured,
            unit,
            reference: Some(reference),
            beside: if unit == "/s" {
                "/s, không có nút chết (without)"
            } else {
                "ms, không có nút chết (without)"
            },
            goal,
        };
        table.add(row("nút kia (the other), văn bản", after.0, "/s", before.0, Goal::AtLeast(0.9)));
        table.add(row("nút kia (the other), p50", after.1, "ms", before.1, Goal::AtMost(1.1)));
        bench.runtime.block_on(store.close()).map_err(failed)?;
    }
    Ok(())
}

/// Documents accepted, claimed and settled, a document at a time by each worker: their rate and the middle latency in ms.
async fn through(store: &Store, documents: Documents, first: u64) -> Result<(f64, f64), Failure> {
    let start = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    let workers = u64::try_from(WORKERS).unwrap_or(1);
    for worker in 0..workers {
        let store = store.clone();
        tasks.spawn(async move {
            let mut times = Vec::new();
            for number in (0..MEASURED).filter(|number| number % workers == worker) {
                let begun = Instant::now();
                store.accept(documents.make(first + number)).await.map_err(failed)?;
                let mut settlements = Vec::new();
                // Another worker may have taken it, and this one then takes another's.
                for claim in claim(&store, documents.hop, 1)? {
                    settlements.push(delivered(&claim, now()));
                }
                store.settle(settlements).await.map_err(failed)?;
                times.push(begun.elapsed());
            }
            Ok::<_, Failure>(times)
        });
    }
    let mut times = Vec::new();
    while let Some(ended) = tasks.join_next().await {
        times.extend(ended.map_err(|error| Failure::Internal(error.to_string()))??);
    }
    Ok((rate(MEASURED, start.elapsed()), median(times).as_secs_f64() * 1e3))
}

/// From the start of an urgent document's acceptance to its claim, while others are carried.
pub(super) fn urgent(bench: &Bench<'_>, table: &mut Table) -> Result<(), Failure> {
    for engine in bench.engines {
        let backlog = bench.args.backlog.iter().max().copied().unwrap_or_default();
        let longest = bench.runtime.block_on(urgent_behind(bench, *engine, backlog))?;
        table.add(Row {
            profile: "urgent",
            work: format!("{engine}, sau (behind) {}: lâu nhất của (longest of) {URGENT}", thousands(backlog)),
            measured: longest.as_secs_f64() * 1e3,
            unit: "ms",
            reference: None,
            beside: "từ lúc nhận đến lúc gửi (accepted to sent)",
            goal: Goal::AtMost(50.0),
        });
    }
    Ok(())
}

async fn urgent_behind(bench: &Bench<'_>, engine: EngineKind, backlog: u64) -> Result<Duration, Failure> {
    let store = open(&bench.dir.join(format!("urgent-{engine}")), engine)?;
    let normal = Documents::small(SIZE, ALIVE);
    accept(&store, normal, 0, backlog, CLIENTS).await?;
    let stop = Arc::new(AtomicBool::new(false));
    let (sent, mut urgent) = tokio::sync::mpsc::unbounded_channel();
    let mut workers = tokio::task::JoinSet::new();
    for _ in 0..WORKERS {
        let (store, stop, sent) = (store.clone(), Arc::clone(&stop), sent.clone());
        workers.spawn(async move {
            while !stop.load(Ordering::Relaxed) {
                let claims = claim(&store, ALIVE, 1)?;
                for claim in claims.iter().filter(|claim| claim.lane == Lane::Express) {
                    // The one who waits for it may have seen all it wanted.
                    drop(sent.send((claim.document.key.document_id.clone(), Instant::now())));
                }
                if claims.is_empty() {
                    tokio::task::yield_now().await;
                    continue;
                }
                let settlements = claims.iter().map(|claim| delivered(claim, now())).collect();
                store.settle(settlements).await.map_err(failed)?;
            }
            Ok::<_, Failure>(())
        });
    }
    let mut longest = Duration::ZERO;
    for number in 0..URGENT {
        let document = Documents { lane: Lane::Express, ..normal }.make((1 << 40) + number);
        let (id, begun) = (document.key.document_id.clone(), Instant::now());
        store.accept(document).await.map_err(failed)?;
        while let Some((found, at)) = urgent.recv().await {
            if found == id {
                longest = longest.max(at.duration_since(begun));
                break;
            }
        }
    }
    stop.store(true, Ordering::Relaxed);
    while let Some(ended) = workers.join_next().await {
        ended.map_err(|error| Failure::Internal(error.to_string()))??;
    }
    store.close().await.map_err(failed)?;
    Ok(longest)
}

#[cfg(test)]
mod tests {
    #[test]
    fn numbers_have_groups_of_three_digits() {
        let found = [7, 1_000, 10_000, 5_000_000].map(super::thousands);
        assert_eq!(found, ["7", "1.000", "10.000", "5.000.000"]);
    }
}
