//! The fault harness. `cargo run -p xtask -- faults` builds what it needs and runs it; docs/faults.md says what it tests.

mod calls;
mod disk;
mod power;
mod random;
mod record;
mod run;
mod scratch;
mod shim;
mod tally;
mod verify;
mod wait;
mod work;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::{Args, Parser, Subcommand};
use queue::EngineKind;

use crate::run::{Class, Profile, Run};

const CLASSES: &[Class] = &[power::CLASS, calls::CLASS];

/// Faults made on purpose, and what became of acknowledged documents.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    options: Options,
}

#[derive(Args)]
struct Options {
    /// Minutes of a long run; without it, the short profile of CI.
    #[arg(long)]
    minutes: Option<u64>,
    /// Seed of everything that is drawn; printed by every run.
    #[arg(long)]
    seed: Option<u64>,
    /// Only this class.
    #[arg(long)]
    only: Option<String>,
    /// Only this engine.
    #[arg(long)]
    engine: Option<EngineKind>,
    /// Only this call.
    #[arg(long)]
    at: Option<u64>,
    /// A kept record to replay a power cut of.
    #[arg(long, requires = "cut", requires = "variant")]
    record: Option<PathBuf>,
    /// The operation before which the power goes.
    #[arg(long)]
    cut: Option<usize>,
    /// What the disk holds then.
    #[arg(long)]
    variant: Option<String>,
}

#[derive(Subcommand)]
enum Command {
    /// The process under test: started by the harness.
    #[command(hide = true)]
    Work {
        root: PathBuf,
        #[arg(long)]
        engine: EngineKind,
        #[arg(long)]
        seed: u64,
        #[arg(long)]
        rounds: u64,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = match arguments.command {
        Some(Command::Work { root, engine, seed, rounds }) => Ok(work(&root, engine, seed, rounds)),
        None => faults(&arguments.options),
    };
    match result {
        Ok(code) => code,
        Err(problem) => {
            say(&format!("faults: {problem}"));
            ExitCode::from(2)
        }
    }
}

fn work(root: &std::path::Path, engine: EngineKind, seed: u64, rounds: u64) -> ExitCode {
    work::run(root, work::Work { engine, seed, rounds });
    ExitCode::SUCCESS
}

fn faults(options: &Options) -> Result<ExitCode, String> {
    let seed = options.seed.unwrap_or_else(|| std::process::id().into());
    let profile = options.minutes.map_or(Profile::Short, |minutes| Profile::Long(Duration::from_secs(60 * minutes)));
    let wanted = |class: &&Class| options.only.as_deref().is_none_or(|only| only == class.name);
    let classes: Vec<&Class> = CLASSES.iter().filter(wanted).collect();
    if classes.is_empty() {
        let names: Vec<_> = CLASSES.iter().map(|class| class.name).collect();
        return Err(format!("no such class; there are: {}", names.join(", ")));
    }
    let mut out = |line: &str| say(line);
    let mut run = Run {
        profile,
        given_seed: seed,
        engine: options.engine,
        at: options.at,
        out: &mut out,
        until: None,
        failures: 0,
    };
    run.say(&format!("faults: seed {seed}"));
    if let (Some(record), Some(cut), Some(variant)) = (&options.record, options.cut, &options.variant) {
        power::again(&mut run, record, cut, variant)?;
        return Ok(code(run.failures));
    }
    let begun = Instant::now();
    for (number, class) in classes.iter().enumerate() {
        if let Profile::Long(whole) = profile {
            let left = whole.saturating_sub(begun.elapsed());
            let share = left / u32::try_from(classes.len() - number).unwrap_or(1);
            run.until = Some(Instant::now() + share);
        }
        let class_begun = Instant::now();
        (class.run)(&mut run)?;
        run.say(&format!("     {} took {} s", class.name, class_begun.elapsed().as_secs()));
    }
    let again =
        if run.failures > 0 { format!("; again: cargo run -p xtask -- faults --seed {seed}") } else { String::new() };
    run.say(&format!("faults: {} of its parts failed, {} s{again}", run.failures, begun.elapsed().as_secs()));
    Ok(code(run.failures))
}

fn code(failures: u64) -> ExitCode {
    if failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The only place that prints.
fn say(line: &str) {
    // With standard output gone the exit code is all that is left to tell with.
    drop(writeln!(std::io::stdout(), "{line}"));
}
