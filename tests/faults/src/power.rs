//! Power cuts: a run of the real store is recorded, and the folder is rebuilt as a disk may hold it at each moment.

use std::collections::BTreeSet;
use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use queue::EngineKind;

use crate::disk::{Disk, Ignored, Image, Variant};
use crate::random::Random;
use crate::record::{self, Operation};
use crate::run::{self, Class, Run};
use crate::scratch;
use crate::tally::Tally;
use crate::verify::{Told, verify};

/// Rounds of work in a recorded run of the short profile.
const ROUNDS: u64 = 4;
/// The same of the long one, at least and at most: the longest runs over several of the engine's segments.
const ROUNDS_LONG: (u64, u64) = (6, 40);
/// Moments of the short profile; the long one takes all.
const CUTS_SHORT: u64 = 40;
/// Stores looked at together.
const AT_ONCE: usize = 4;

/// A recorded run.
struct Recorded {
    operations: Vec<Operation>,
    record: PathBuf,
}

fn all(run: &mut Run<'_>) -> Result<(), String> {
    let mut random = Random::new(run.seed());
    // By turns, so that a run that ends with its time has seen every engine.
    loop {
        for (name, engine) in run.engines() {
            let seed = random.next();
            let (least, most) = ROUNDS_LONG;
            let rounds = if run.is_short() { ROUNDS } else { least + random.below(most - least) };
            replay_one(run, name, engine, seed, rounds)?;
        }
        if run.is_short() || run.is_over() {
            return Ok(());
        }
    }
}

fn replay_one(run: &mut Run<'_>, name: &str, engine: EngineKind, seed: u64, rounds: u64) -> Result<(), String> {
    let folder = scratch::folder()?;
    let recorded = recorded(run, folder.path(), name, seed, rounds)?;
    run.say(&format!(
        "power, {name}: recorded {} operations ({})",
        recorded.operations.len(),
        record::census(&recorded.operations)
    ));
    let cuts = cuts(&recorded.operations, run, &mut Random::new(seed));
    let what = Replay { recorded: &recorded, name, engine, seed, ignored: Ignored::Nothing };
    for (ignored, words) in [
        (Ignored::Engine, "without the sync of the engine's file"),
        (Ignored::Payloads, "without the sync of payload files"),
        (Ignored::Folders, "without the sync of payload folders"),
    ] {
        let found = replay(Replay { ignored, ..what }, &last_of(&cuts), None)?;
        run.control(&format!("control, {name}, {words}"), &found);
    }
    let mut pairs: Vec<_> = cuts.iter().flat_map(|cut| Variant::ALL.map(|variant| (*cut, variant))).collect();
    // A run that ends with its time has seen a bit of everything.
    let mut random = Random::new(seed);
    pairs.sort_by_cached_key(|_| random.next());
    let total = replay(what, &pairs, run.until)?;
    run.report(&format!("power cut, {name}"), total);
    Ok(())
}

/// The last moments: losses pile up until then.
fn last_of(cuts: &[usize]) -> Vec<(usize, Variant)> {
    cuts.iter().rev().step_by(7).take(6).map(|cut| (*cut, Variant::Strict)).collect()
}

/// Every moment of the long profile's record, some of the short one's, always the last.
fn cuts(operations: &[Operation], run: &Run<'_>, random: &mut Random) -> Vec<usize> {
    let boundaries = operations.iter().enumerate().filter(|(_, operation)| operation.is_boundary());
    let mut cuts: Vec<usize> = boundaries.map(|(at, _)| at + 1).collect();
    if run.is_short() {
        let wanted: BTreeSet<usize> = (0..CUTS_SHORT)
            .filter_map(|_| {
                cuts.get(usize::try_from(random.below(u64::try_from(cuts.len()).unwrap_or(1))).unwrap_or(0))
            })
            .copied()
            .chain(cuts.last().copied())
            .collect();
        cuts = wanted.into_iter().collect();
    }
    cuts
}

/// Runs the real store in a process of its own, recorded.
fn recorded(run: &Run<'_>, folder: &Path, engine: &str, seed: u64, rounds: u64) -> Result<Recorded, String> {
    let (root, record) = (folder.join("data"), folder.join("record"));
    fs::create_dir(&root).map_err(|error| error.to_string())?;
    let mut command = worker(&root, engine, seed, rounds)?;
    run.shim()?.record(&mut command, &root, &record);
    let output = command.output().map_err(|error| format!("run the store: {error}"))?;
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() || told.contains("\nfailed ") || !told.ends_with("closed\n") {
        let last = told.lines().last().unwrap_or_default();
        return Err(format!("the recorded run failed: {last} {}", String::from_utf8_lossy(&output.stderr)));
    }
    let bytes = fs::read(&record).map_err(|error| format!("read the record: {error}"))?;
    let operations = record::read(&bytes).map_err(|error| error.to_string())?;
    let rebuilt = Disk::new(&operations, Ignored::Nothing).image(operations.len(), Variant::Kept, &mut Random::new(0));
    let real = scratch::read(&root).map_err(|error| format!("read the folder: {error}"))?;
    if let Some(difference) = scratch::difference(&rebuilt, &real) {
        return Err(format!("the record does not give what is on the disk, so it missed something: {difference}"));
    }
    Ok(Recorded { operations, record })
}

/// This program as the process under test.
pub(crate) fn worker(root: &Path, engine: &str, seed: u64, rounds: u64) -> Result<Command, String> {
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut command = Command::new(own);
    command.arg("work").arg(root).args(["--engine", engine]);
    command.args(["--seed", &seed.to_string(), "--rounds", &rounds.to_string()]);
    command.stdin(Stdio::null()).stderr(Stdio::piped());
    Ok(command)
}

/// What is replayed, and how.
#[derive(Clone, Copy)]
struct Replay<'a> {
    recorded: &'a Recorded,
    name: &'a str,
    engine: EngineKind,
    seed: u64,
    ignored: Ignored,
}

/// Looks at the folder of every cut, several at a time: most of the time a store is waited for.
fn replay(replay: Replay<'_>, cuts: &[(usize, Variant)], until: Option<Instant>) -> Result<Tally, String> {
    let disk = Disk::new(&replay.recorded.operations, replay.ignored);
    let (next, seen) = (AtomicUsize::new(0), Mutex::new(BTreeSet::new()));
    let keep = |name: &str| run::keep(&replay.recorded.record, name);
    let one = || {
        let mut total = Tally::default();
        while let Some((cut, variant)) = cuts.get(next.fetch_add(1, Ordering::Relaxed)) {
            if until.is_some_and(|until| Instant::now() >= until) {
                break;
            }
            let mut random = Random::new(replay.seed ^ u64::try_from(*cut).unwrap_or(0));
            let image = disk.image(*cut, *variant, &mut random);
            let lines = record::printed(&replay.recorded.operations, *cut);
            // The same folder with the same promises was looked at before.
            let mut hash = DefaultHasher::new();
            (&image, lines.len()).hash(&mut hash);
            if seen.lock().unwrap_or_else(PoisonError::into_inner).insert(hash.finish()) {
                total += replay.look((*cut, *variant), &image, &lines, &keep)?;
            }
        }
        Ok::<_, String>(total)
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(one)).collect();
        let mut total = Tally::default();
        for thread in threads {
            total += thread.join().map_err(|_| "a thread of the harness panicked".to_owned())??;
        }
        Ok(total)
    })
}

impl Replay<'_> {
    fn look(
        self,
        (cut, variant): (usize, Variant),
        image: &Image,
        lines: &[String],
        keep: &dyn Fn(&str) -> Result<PathBuf, String>,
    ) -> Result<Tally, String> {
        let Self { name, seed, .. } = self;
        let folder = scratch::folder()?;
        scratch::write(image, folder.path()).map_err(|error| format!("rebuild the folder: {error}"))?;
        let told = Told::of(lines.iter().map(String::as_str));
        let mut found = verify(folder.path(), self.engine, &told);
        found.faults = 1;
        if found.problems() > 0 && self.ignored == Ignored::Nothing {
            let kept = keep(&format!("power-{name}-{seed:x}.record"))?;
            found.note(format!(
                "to see it again: cargo run -p xtask -- faults --engine {name} --record {} --seed {seed} --cut {cut} \
                 --variant {}",
                kept.display(),
                variant.name()
            ));
        }
        Ok(found)
    }
}

/// One cut of a kept record.
pub(crate) fn again(run: &mut Run<'_>, record: &Path, cut: usize, variant: &str) -> Result<(), String> {
    let variant = Variant::ALL.into_iter().find(|known| known.name() == variant).ok_or("no such variant")?;
    let bytes = fs::read(record).map_err(|error| format!("read the record: {error}"))?;
    let operations = record::read(&bytes).map_err(|error| error.to_string())?;
    let recorded = Recorded { operations, record: record.to_owned() };
    let [(name, engine), ..] = run.engines()[..] else { return Err("name the engine: --engine".to_owned()) };
    let seed = run.seed();
    let what = Replay { recorded: &recorded, name, engine, seed, ignored: Ignored::Nothing };
    let found = replay(what, &[(cut, variant)], None)?;
    run.report(&format!("power cut, {name}, before operation {cut}, {}", variant.name()), found);
    Ok(())
}

/// The class, for the list.
pub(crate) const CLASS: Class = Class { name: "power", run: all };
