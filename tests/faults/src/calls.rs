//! System calls that fail: `ENOSPC` and `EIO` at each call of a short run in turn, for once or from then on.

use std::fs;
use std::io::Read as _;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use queue::EngineKind;

use crate::disk::{Disk, Ignored, Variant};
use crate::power::worker;
use crate::random::Random;
use crate::record::{self, Operation};
use crate::run::{Class, Run};
use crate::scratch;
use crate::shim::Shim;
use crate::tally::Tally;
use crate::verify::{Told, verify};

/// Rounds of work: each kind of operation occurs in two, and in the opening between them.
const ROUNDS: u64 = 2;
/// Calls of the short profile, of each kind of failure.
const CALLS_SHORT: u64 = 14;
/// A process that has not ended by then hangs.
const PATIENCE: Duration = Duration::from_secs(60);
/// Processes at a time.
const AT_ONCE: usize = 4;

/// A kind of failure.
#[derive(Clone, Copy)]
struct Failure {
    errno: i32,
    name: &'static str,
    lasting: &'static str,
}

const FAILURES: [Failure; 5] = [
    Failure { errno: libc::ENOSPC, name: "ENOSPC", lasting: "once" },
    Failure { errno: libc::ENOSPC, name: "ENOSPC", lasting: "on" },
    Failure { errno: libc::ENOSPC, name: "ENOSPC", lasting: "short" },
    Failure { errno: libc::EIO, name: "EIO", lasting: "once" },
    Failure { errno: libc::EIO, name: "EIO", lasting: "on" },
];

fn all(run: &mut Run<'_>) -> Result<(), String> {
    let shim = run.shim()?;
    for failure in FAILURES {
        for (name, engine) in run.engines() {
            let what = What { shim: &shim, name, engine, seed: run.seed(), failure };
            let calls = if run.at.is_some() { 0 } else { what.count()? };
            let wanted = wanted(run, calls);
            let until = run.until;
            let tally = each(&wanted, &what, until)?;
            let part = format!("{} ({}), {name}, {} of {calls} calls", failure.name, failure.lasting, wanted.len());
            run.report(&part, tally);
            if run.is_over() {
                run.say("     the time of this class is up");
                return Ok(());
            }
        }
    }
    Ok(())
}

fn wanted(run: &Run<'_>, calls: u64) -> Vec<u64> {
    if let Some(at) = run.at {
        return vec![at];
    }
    if !run.is_short() {
        return (1..=calls).collect();
    }
    let mut random = Random::new(run.seed());
    (0..CALLS_SHORT).map(|_| 1 + random.below(calls)).collect()
}

fn each(wanted: &[u64], what: &What<'_>, until: Option<Instant>) -> Result<Tally, String> {
    let next = AtomicU64::new(0);
    let one = || {
        let mut total = Tally::default();
        let index = || usize::try_from(next.fetch_add(1, Ordering::Relaxed)).unwrap_or(usize::MAX);
        while let Some(at) = wanted.get(index()) {
            if until.is_some_and(|until| Instant::now() >= until) {
                break;
            }
            total += what.fail(*at)?;
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

/// A run with a failure.
struct What<'a> {
    shim: &'a Shim,
    name: &'static str,
    engine: EngineKind,
    seed: u64,
    failure: Failure,
}

/// How a process under test ended.
struct Ended {
    operations: Vec<Operation>,
    told: Told,
    /// Its end, when it did not end well.
    broke: Option<String>,
    folder: tempfile::TempDir,
}

impl What<'_> {
    /// Operations of a run that can fail: that of the highest number that does.
    fn count(&self) -> Result<u64, String> {
        let reaches = |at: u64| -> Result<bool, String> {
            let ended = self.run(at)?;
            Ok(ended.operations.iter().any(|operation| matches!(operation, Operation::Failed { .. }))
                || ended.told.was_cut())
        };
        let (mut least, mut most) = (1, 64);
        while reaches(most)? {
            (least, most) = (most, most * 2);
        }
        while most - least > 1 {
            let middle = u64::midpoint(least, most);
            if reaches(middle)? { least = middle } else { most = middle }
        }
        Ok(least)
    }

    fn run(&self, at: u64) -> Result<Ended, String> {
        let folder = scratch::folder()?;
        let (root, record) = (folder.path().join("data"), folder.path().join("record"));
        fs::create_dir(&root).map_err(|error| error.to_string())?;
        let mut command = worker(&root, self.name, self.seed, ROUNDS)?;
        self.shim.record(&mut command, &root, &record);
        Shim::fail(&mut command, at, self.failure.errno, self.failure.lasting);
        let broke = ended(&mut command)?;
        let operations = record::read(&fs::read(&record).unwrap_or_default()).map_err(|error| error.to_string())?;
        let lines = record::printed(&operations, operations.len());
        let told = Told::of(lines.iter().map(String::as_str));
        Ok(Ended { operations, told, broke, folder })
    }

    /// One call fails: the process says so or copes, ends well, and nothing acknowledged is lost, neither to the next
    /// start nor to a power cut at the end.
    fn fail(&self, at: u64) -> Result<Tally, String> {
        let Ended { operations, told, broke, folder } = self.run(at)?;
        let mut tally = verify(&folder.path().join("data"), self.engine, &told);
        tally.faults = 1;
        if let Some(broke) = broke {
            tally.fail(format!("the process {broke}"));
        }
        for failure in told.failures.iter().filter(|failure| !is_clear(failure)) {
            tally.fail(format!("an unclear failure: {failure}"));
        }
        let disk = Disk::new(&operations, Ignored::Nothing);
        let image = disk.image(operations.len(), Variant::Strict, &mut Random::new(0));
        let cut = scratch::folder()?;
        scratch::write(&image, cut.path()).map_err(|error| format!("rebuild the folder: {error}"))?;
        let after = verify(cut.path(), self.engine, &told);
        if after.problems() > 0 {
            tally.note("after a power cut at the end:");
            tally += Tally { acknowledged: 0, ..after };
        }
        if tally.problems() > 0 {
            let made = operations.iter().find_map(|operation| match operation {
                Operation::Failed { name, .. } => Some(name.as_str()),
                _ => None,
            });
            tally.note(format!(
                "the failure: {} of call {at} ({}); told: {:?}; to see it again: cargo run -p xtask -- faults --only calls \
                 --engine {} --seed {} --at {at}",
                self.failure.name,
                made.unwrap_or("short write"),
                told.failures,
                self.name,
                self.seed
            ));
        }
        Ok(tally)
    }
}

/// `failed <code> <poisoned|sound|unopened> <words>`: a code that tells what to do, and no panic behind it.
fn is_clear(failure: &str) -> bool {
    let mut words = failure.split(' ').skip(1);
    let (code, state) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let is_panic = failure.contains("panicked") || failure.contains("a panic");
    match state {
        // Of what waited together one has the cause, the others the consequence.
        "poisoned" => matches!(code, "store_poisoned" | "internal") && !is_panic,
        "sound" => matches!(code, "internal" | "disk_reserve") && !is_panic,
        "unopened" => matches!(code, "internal" | "store_damaged" | "store_poisoned"),
        _ => false,
    }
}

/// Waits for a process; the words about its end when it did not end well.
fn ended(command: &mut Command) -> Result<Option<String>, String> {
    let mut child = command.stdout(Stdio::null()).spawn().map_err(|error| format!("run the store: {error}"))?;
    let Some(mut errors) = child.stderr.take() else { return Err("no standard error".to_owned()) };
    let reader = thread::spawn(move || {
        let mut text = Vec::new();
        // What was read is enough to show.
        drop(errors.read_to_end(&mut text));
        String::from_utf8_lossy(&text).into_owned()
    });
    let is_over = wait(&mut child)?;
    let said = reader.join().unwrap_or_default();
    let last: String = said.lines().rev().take(3).collect::<Vec<_>>().join(" / ");
    Ok(match is_over {
        None => Some(format!("hangs: {last}")),
        Some(status) if !status.success() => Some(format!("ended with {status}: {last}")),
        Some(_) => None,
    })
}

fn wait(child: &mut Child) -> Result<Option<std::process::ExitStatus>, String> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(status) = child.try_wait().map_err(|error| error.to_string())? {
            return Ok(Some(status));
        }
        if Instant::now() >= deadline {
            child.kill().and_then(|()| child.wait()).map_err(|error| error.to_string())?;
            return Ok(None);
        }
        crate::wait::pause(Duration::from_millis(2));
    }
}

/// The class, for the list.
pub(crate) const CLASS: Class = Class { name: "calls", run: all };
