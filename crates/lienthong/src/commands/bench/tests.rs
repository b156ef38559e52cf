use std::time::Duration;

use clap::FromArgMatches as _;
use hdrhistogram::Histogram;

use super::report::{Latency, batch, figure, rate};
use super::stage::{Flushes, tally};
use super::usage::{Usage, cpu_seconds, number};
use super::*;

fn parse(args: &[&str]) -> Result<BenchArgs, clap::error::ErrorKind> {
    let command = BenchArgs::augment_args(clap::Command::new("bench")).no_binary_name(true);
    let matches = command.try_get_matches_from(args).map_err(|error| error.kind())?;
    Ok(BenchArgs::from_arg_matches(&matches).unwrap())
}

fn kind(args: &[&str]) -> clap::error::ErrorKind {
    parse(args).err().unwrap_or_else(|| panic!("{args:?} must be refused"))
}

#[test]
fn without_options_two_thousand_signed_documents_go_to_one_local_inbox() {
    let args = parse(&[]).unwrap();
    assert_eq!((args.documents, args.clients, args.recipients, args.hops), (2000, 16, 1, 1));
    assert_eq!((args.size, args.unsigned), (4096, false));
    assert!(args.to.is_empty());
}

#[test]
fn a_running_node_has_its_own_hops_and_receivers() {
    use clap::error::ErrorKind::{ArgumentConflict, MissingRequiredArgument, ValueValidation};
    assert_eq!(kind(&["--to", "H48", "--hops", "2"]), ArgumentConflict);
    assert_eq!(kind(&["--to", "H48", "--recipients", "3"]), ArgumentConflict);
    assert_eq!(kind(&["--receiver-profile", "xa.toml"]), MissingRequiredArgument);
    assert_eq!(kind(&["--signed", "--unsigned"]), ArgumentConflict);
    assert_eq!(kind(&["--hops", "3"]), ValueValidation);
    assert_eq!(parse(&["--to", "H48", "H49"]).unwrap().to, ["H48", "H49"]);
}

#[test]
fn the_axis_between_two_nodes_has_its_own_parties() {
    use clap::error::ErrorKind::{ArgumentConflict, MissingRequiredArgument};
    for other in [["--hops", "2"], ["--recipients", "2"], ["--to", "H48"]] {
        assert_eq!(kind(&["--axis", other[0], other[1]]), ArgumentConflict);
    }
    assert_eq!(kind(&["--agencies", "100"]), MissingRequiredArgument);
    assert_eq!(parse(&["--axis"]).unwrap().agencies, 111_339);
}

#[test]
fn sizes_have_binary_units() {
    let good = [("1", 1), ("7B", 7), ("4KiB", 4096), ("1MiB", 1 << 20), ("1GiB", 1 << 30)];
    good.iter().for_each(|(text, bytes)| assert_eq!(size::parse(text), Ok(*bytes), "{text}"));
    for text in ["", "0", "KiB", "4kb", "4 KiB", "-1", "3GiB", "99999999999999999999", "18014398509481984KiB"] {
        assert!(size::parse(text).is_err(), "{text}");
    }
}

#[test]
fn a_document_has_its_length_and_no_two_are_alike() {
    for length in [1, 16, 17, 300_000] {
        let content = Content::new(length);
        let sum: usize = content.chunks(5).map(|chunk| chunk.len()).sum();
        assert_eq!(u64::try_from(sum).unwrap(), length);
        assert_eq!(content.file(5).length, length);
    }
    let content = Content::new(4096);
    assert_ne!(content.file(1).sha256, content.file(2).sha256);
    assert_eq!(content.file(1).sha256, Content::new(4096).file(1).sha256);
}

#[test]
fn processor_time_is_read_behind_any_process_name() {
    let stat = "77 (a) b (c) S 1 2 3 4 5 6 7 8 9 10 150 50 0 0 20 0";
    assert_eq!(cpu_seconds(stat), Some(2.0));
    assert_eq!(cpu_seconds("77 (short) S 1"), None);
}

#[test]
fn numbers_of_the_system_are_found_by_name() {
    assert_eq!(number("VmPeak:  9 kB\nVmHWM:\t  1234 kB\n", "VmHWM:"), Some(1234));
    assert_eq!(number("VmPeak: 9 kB", "VmHWM:"), None);
    assert_eq!(number("cancelled_write_bytes: 5\nwrite_bytes: 6", "write_bytes:"), Some(6));
}

#[test]
fn use_is_a_difference_but_memory_is_the_most() {
    let before = Usage { cpu_seconds: 1.0, rss_bytes_max: 10, written_bytes: 100 };
    let after = Usage { cpu_seconds: 3.5, rss_bytes_max: 40, written_bytes: 150 };
    assert_eq!(after.since(before), Usage { cpu_seconds: 2.5, rss_bytes_max: 40, written_bytes: 50 });
}

#[test]
fn the_last_tally_of_the_log_counts() {
    let log = "INFO store.commits=3 x\nINFO other\nINFO the writer ended store.commits=40 store.folder_syncs=2\n";
    assert_eq!(tally(log, "store.commits"), 40);
    assert_eq!(tally(log, "store.folder_syncs"), 2);
    assert_eq!(tally(log, "store.operations"), 0);
}

#[test]
fn a_batch_is_never_less_than_a_document() {
    let of = |commits| batch(Some(&Flushes { commits, files: 0 }), 100);
    assert_eq!([of(25), of(200), of(0), batch(None, 100)], [4.0, 1.0, 1.0, 1.0]);
}

#[test]
fn latencies_are_milliseconds_and_rates_per_second() {
    let mut histogram = Histogram::<u64>::new_with_bounds(1, 1_000_000, 3).unwrap();
    (0..98).for_each(|_| histogram.record(2_000).unwrap());
    (0..2).for_each(|_| histogram.record(500_000).unwrap());
    let latency = Latency::of(&histogram);
    assert!((latency.p50_ms - 2.0).abs() < 0.01, "{latency:?}");
    assert!((latency.p99_ms - 500.0).abs() < 1.0, "{latency:?}");
    assert!((rate(300, Duration::from_millis(1500)) - 200.0).abs() < 1e-9);
}

#[test]
fn slow_rates_keep_three_places() {
    assert_eq!([figure(0.0366), figure(546.44)], ["0.037", "546.4"]);
}

#[test]
fn the_middle_window_counts() {
    assert_eq!(raw::median(vec![9.0, 1.0, 5.0]).to_string(), "5");
    assert_eq!(raw::median(Vec::new()).to_string(), "0");
}
