//! Nothing that was acknowledged is lost, and nothing arrives twice, wherever a node is killed.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::harness::{AXIS, DISTRICT, PROVINCE, Ran, Random, World, command, pause, send_args, text, until};

const KILLS: usize = 30;
/// Fewer would leave kills without anything under way.
const DOCUMENTS_MIN: usize = 200;
/// One page of an inbox.
const DOCUMENTS_MAX: usize = 500;
const SENDERS: usize = 2;
/// Longest time between two kills.
const CALM_MS_MAX: u64 = 1_500;
const PATIENCE: Duration = Duration::from_secs(120);
/// Two at the district, one at the province: every document makes the whole way and a part of it.
const TO: [&str; 3] = ["H48.35.40", "H48.35.13", "H48.15"];

#[test]
fn thirty_kills_lose_nothing_and_double_nothing() {
    let given = std::env::var("LIENTHONG_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = given.unwrap_or_else(|| u64::from(std::process::id()));
    println!("LIENTHONG_SEED={seed}");
    let mut random = Random(seed);
    let mut world = World::with(&[AXIS, PROVINCE, DISTRICT]);
    let files: Vec<_> = (0..DOCUMENTS_MAX).map(|n| world.file(&format!("{n}.txt"), "x".repeat(n * 100))).collect();
    // A start writes the scene's own profile again, perhaps while a sender reads it.
    let profile = world.path("vpcp.toml");
    fs::copy(world.scene.profile("vpcp"), &profile).unwrap();
    let run = Run {
        files,
        profile,
        next: AtomicUsize::new(0),
        killing: AtomicBool::new(true),
        failed: AtomicBool::new(false),
    };
    let acknowledged: Vec<Value> = thread::scope(|scope| {
        let senders: Vec<_> = (0..SENDERS).map(|_| scope.spawn(|| run.send())).collect();
        let failure = OnFailure(&run.failed);
        for _ in 0..KILLS {
            pause(Duration::from_millis(random.below(CALM_MS_MAX)));
            let node = [AXIS, PROVINCE, DISTRICT][usize::try_from(random.below(3)).unwrap()];
            world.kill(node);
            world.start(node);
        }
        run.killing.store(false, Ordering::Relaxed);
        let acknowledged = senders.into_iter().flat_map(|sender| sender.join().unwrap()).collect();
        drop(failure);
        acknowledged
    });
    check(&world, &acknowledged);
}

/// What the senders share.
struct Run {
    files: Vec<PathBuf>,
    profile: PathBuf,
    next: AtomicUsize,
    killing: AtomicBool,
    failed: AtomicBool,
}

impl Run {
    /// Sends documents as long as nodes are killed, each until it is acknowledged.
    fn send(&self) -> Vec<Value> {
        let mut acknowledged = Vec::new();
        loop {
            let next = self.next.fetch_add(1, Ordering::Relaxed);
            let is_enough = next >= DOCUMENTS_MIN && !self.killing.load(Ordering::Relaxed);
            let (Some(file), false) = (self.files.get(next), is_enough) else { return acknowledged };
            let number = next.to_string();
            let mut command = command(&self.profile, &send_args(&number, &TO, file));
            acknowledged.push(until("an acknowledgement", PATIENCE, || {
                assert!(!self.failed.load(Ordering::Relaxed), "the other half of the test has failed");
                let Ran { exit, mut out, error } = Ran::of(&mut command);
                // The node is away, or went away in the middle.
                assert!(matches!(exit, 0 | 4 | 7), "{exit}: {error}");
                (exit == 0).then(|| out.remove(0))
            }));
        }
    }
}

/// Tells the senders that nobody starts their node again.
struct OnFailure<'a>(&'a AtomicBool);

impl Drop for OnFailure<'_> {
    fn drop(&mut self) {
        self.0.store(thread::panicking(), Ordering::Relaxed);
    }
}

fn check(world: &World, acknowledged: &[Value]) {
    let wanted: BTreeMap<&str, &str> =
        acknowledged.iter().map(|one| (text(&one["exchangeId"]), text(&one["sha256"]))).collect();
    let count = wanted.len();
    assert_eq!(count, acknowledged.len(), "an exchange id for each");
    for (system, agency) in [("huyen-h48-35", TO[0]), ("xa-h48-35-13", TO[1]), ("so-ttt", TO[2])] {
        let mut found = Vec::new();
        until(&format!("{count} documents at {agency}"), PATIENCE, || {
            found = world.inbox(system, agency);
            (found.len() >= count).then_some(())
        });
        let mut received: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for item in &found {
            let document = &item["document"];
            received.entry(text(&document["exchangeId"])).or_default().push(text(&document["sha256"]));
        }
        let doubled = received.values().filter(|digests| digests.len() > 1).count();
        let lost = wanted.keys().filter(|exchange| !received.contains_key(*exchange)).count();
        println!("{agency}: acknowledged {count}, received {}, doubled {doubled}, lost {lost}", found.len());
        assert_eq!((doubled, lost, found.len()), (0, 0, count));
        assert!(received.iter().all(|(exchange, digests)| digests == &[wanted[exchange]]), "bytes as acknowledged");
    }
}
