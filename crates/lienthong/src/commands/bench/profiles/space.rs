//! Disk space once everything is delivered and its content purged.

use std::path::Path;
use std::time::Duration;

use super::Bench;
use super::load::{Documents, RECEIPT_BYTES, SIDE_BYTES, SUMMARY_BYTES, accept, claim, delivered, failed, open};
use super::table::{Goal, Row, Table};
use crate::commands::now;
use crate::failure::Failure;

const SIZE: usize = 4096;
const CLIENTS: usize = 64;
/// Claims settled together.
const TOGETHER: usize = 64;
/// Entries purged at a time.
const PURGED: usize = 256;
const HOP: &str = "tinh-h48";
/// Fills, deliveries and purges; space that was freed is there for the next.
const ROUNDS: u64 = 3;

pub(super) fn space(bench: &Bench<'_>, table: &mut Table) -> Result<(), Failure> {
    for engine in bench.engines {
        let dir = bench.dir.join(format!("space-{engine}"));
        let store = open(&dir, *engine)?;
        let count = bench.args.documents;
        for round in 0..ROUNDS {
            bench.runtime.block_on(async {
                accept(&store, Documents::small(SIZE, HOP), round * count, count, CLIENTS).await?;
                loop {
                    let claims = claim(&store, HOP, TOGETHER)?;
                    if claims.is_empty() {
                        break;
                    }
                    let settlements = claims.iter().map(|claim| delivered(claim, now())).collect();
                    store.settle(settlements).await.map_err(failed)?;
                }
                let later = now() + Duration::from_secs(1);
                while store.purge(later, later, PURGED).await.map_err(failed)?.more {}
                Ok::<_, Failure>(())
            })?;
        }
        bench.runtime.block_on(store.close()).map_err(failed)?;
        drop(store);
        // What an entry keeps: envelope and report, facts for lists, the receipt of its acceptance and of its delivery.
        let kept = u64::try_from(SIDE_BYTES + SUMMARY_BYTES + 2 * RECEIPT_BYTES).unwrap_or(u64::MAX);
        table.add(Row {
            profile: "space",
            work: format!("{engine}, {} văn bản đã giao, đã xóa nội dung (delivered, purged)", ROUNDS * count),
            measured: mib(bytes_below(&dir).map_err(|error| Failure::file(&dir, error))?),
            unit: "MiB",
            reference: Some(mib(kept * count * ROUNDS)),
            beside: "MiB dữ liệu giữ lại (live data)",
            goal: Goal::AtMost(1.3),
        });
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people needs no 53 bits")]
fn mib(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

/// Bytes that the files below a folder take on the disk.
fn bytes_below(dir: &Path) -> std::io::Result<u64> {
    use std::os::unix::fs::MetadataExt as _;
    let mut bytes = 0;
    for entry in std::fs::read_dir(dir)? {
        let (entry, metadata) = entry.and_then(|entry| entry.metadata().map(|metadata| (entry, metadata)))?;
        bytes += if metadata.is_dir() { bytes_below(&entry.path())? } else { metadata.blocks() * 512 };
    }
    Ok(bytes)
}
