//! Runs seeds, one per processor at a time, with a bar and an end by Ctrl-C.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use simulation::{Go, Outcome, Progress};
use tokio::signal::unix::{SignalKind, signal};

use super::SimulateArgs;
use crate::failure::Failure;

/// What came of all seeds.
pub(super) struct Ran {
    /// In the order of the seeds.
    pub(super) outcomes: Vec<Outcome>,
    pub(super) took: Duration,
}

/// Runs all seeds; stops starting new ones after a violation or Ctrl-C.
pub(super) fn run(args: &SimulateArgs) -> Result<Ran, Failure> {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let threads = threads.min(usize::try_from(args.seeds).unwrap_or(usize::MAX));
    let (next, stopped) = (AtomicU64::new(0), AtomicBool::new(false));
    let outcomes = Mutex::new(Vec::new());
    let bar = bar(args);
    let started = Instant::now();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = runtime.map_err(|error| Failure::Internal(error.to_string()))?;
    let stop = std::sync::Arc::new(stopped);
    runtime.spawn(interrupted(std::sync::Arc::clone(&stop)));
    let results: Vec<Result<(), Failure>> = std::thread::scope(|scope| {
        let work = || -> Result<(), Failure> {
            while !stop.load(Ordering::Relaxed) {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= args.seeds {
                    break;
                }
                let outcome = one(args, args.seed.wrapping_add(number), &bar, &stop)?;
                if outcome.violation.is_some() {
                    stop.store(true, Ordering::Relaxed);
                }
                outcomes.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(outcome);
            }
            Ok(())
        };
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let panicked = |_| Err(Failure::Internal("a simulation panicked".to_owned()));
        running.into_iter().map(|thread| thread.join().unwrap_or_else(panicked)).collect()
    });
    bar.finish_and_clear();
    results.into_iter().collect::<Result<(), Failure>>()?;
    let mut outcomes = outcomes.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    outcomes.sort_by_key(|outcome| outcome.summary.seed.wrapping_sub(args.seed));
    Ok(Ran { outcomes, took: started.elapsed() })
}

/// Ctrl-C: the summary so far, within moments.
async fn interrupted(stop: std::sync::Arc<AtomicBool>) {
    let Ok(mut interrupts) = signal(SignalKind::interrupt()) else { return };
    while interrupts.recv().await.is_some() {
        stop.store(true, Ordering::Relaxed);
    }
}

fn one(args: &SimulateArgs, seed: u64, bar: &ProgressBar, stop: &AtomicBool) -> Result<Outcome, Failure> {
    let is_only = args.seeds == 1;
    let mut watch = |progress: &Progress| {
        if is_only {
            bar.set_position(progress.day.min(progress.days));
            bar.set_message(format!("{} văn bản, {} bước", progress.written, progress.steps));
        }
        if stop.load(Ordering::Relaxed) { Go::ToTheSummary } else { Go::On }
    };
    let outcome = simulation::run(&args.setup(seed), &mut watch);
    let outcome = outcome.map_err(|error| Failure::usage(error.to_string()))?;
    if !is_only {
        bar.inc(1);
    }
    Ok(outcome)
}

/// A bar on standard error, by days of one seed or by seeds; indicatif shows nothing where that is no terminal.
fn bar(args: &SimulateArgs) -> ProgressBar {
    let (length, unit) = if args.seeds == 1 { (u64::from(args.days), "ngày") } else { (args.seeds, "hạt giống") };
    let style = ProgressStyle::with_template(&format!("{{bar:40}} {{pos}}/{{len}} {unit} {{msg}} còn {{eta}}"));
    ProgressBar::new(length).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
