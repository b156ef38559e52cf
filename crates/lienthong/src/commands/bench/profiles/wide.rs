//! One document to many recipients.

use std::time::Instant;

use types::Lane;

use super::Bench;
use super::load::{Documents, failed, median, open};
use super::table::{Goal, Row, Table};
use crate::failure::Failure;

/// Documents of each width.
const REPEATS: u64 = 20;
const WIDTHS: [u32; 3] = [20, 1_000, 10_000];

pub(super) fn recipients(bench: &Bench<'_>, table: &mut Table) -> Result<(), Failure> {
    for engine in bench.engines {
        let store = open(&bench.dir.join(format!("wide-{engine}")), *engine)?;
        let mut next = 0;
        let mut timed = |recipients: u32| {
            let documents = Documents { size: 4096, recipients, lane: Lane::Normal, hop: "tinh-h48" };
            let mut times = Vec::new();
            for _ in 0..REPEATS {
                let accept = documents.make(next);
                next += 1;
                let start = Instant::now();
                bench.runtime.block_on(store.accept(accept)).map_err(failed)?;
                times.push(start.elapsed());
            }
            Ok::<_, Failure>(median(times).as_secs_f64() * 1e6)
        };
        timed(1)?;
        let narrow = timed(1)?;
        for width in WIDTHS {
            table.add(Row {
                profile: "recipients",
                work: format!("{engine}: {width}"),
                measured: (timed(width)? - narrow) / f64::from(width - 1),
                unit: "µs",
                reference: None,
                beside: "thêm mỗi nơi nhận (for each further recipient)",
                goal: Goal::AtMost(3.0),
            });
        }
        bench.runtime.block_on(store.close()).map_err(failed)?;
    }
    Ok(())
}
