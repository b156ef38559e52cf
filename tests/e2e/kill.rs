//! Nothing that was acknowledged is lost, and nothing arrives twice, wherever a node is killed.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::harness::{AXIS, DISTRICT, PROVINCE, Ran, Random, World, pause, send_args, text, until};

const DOCUMENTS: usize = 200;
const KILLS: usize = 30;
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
    let files: Vec<_> = (0..DOCUMENTS).map(|n| world.file(&format!("{n}.txt"), "x".repeat(n * 100))).collect();
    // Commands are made before the sender's thread starts, which then needs nothing of the world.
    let mut commands: Vec<_> =
        (0..DOCUMENTS).map(|n| world.command("vpcp", &send_args(&n.to_string(), &TO, &files[n]))).collect();
    let (sent, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let mut kills = 0;
    let acknowledged: Vec<Value> = thread::scope(|scope| {
        let sender = scope.spawn(|| {
            let acceptances = commands.iter_mut().map(|command| {
                let acceptance = until("an acknowledgement", PATIENCE, || {
                    assert!(!is_over.load(Ordering::Relaxed), "the other half of the test has failed");
                    let Ran { exit, mut out, error } = Ran::of(command);
                    assert!(matches!(exit, 0 | 4 | 7 | 8), "{exit}: {error}");
                    if exit == 8 {
                        println!("exit 8: {error}");
                    }
                    (exit == 0).then(|| out.remove(0))
                });
                sent.fetch_add(1, Ordering::Relaxed);
                acceptance
            });
            acceptances.collect()
        });
        let guard = OnDrop(&is_over);
        while kills < KILLS {
            // The last kills come when everything is submitted and still on its way.
            pause(Duration::from_millis(random.below(CALM_MS_MAX)));
            let node = [AXIS, PROVINCE, DISTRICT][usize::try_from(random.below(3)).unwrap()];
            world.kill(node);
            world.start(node);
            kills += 1;
        }
        println!("{} of {DOCUMENTS} were acknowledged at the last of {kills} kills", sent.load(Ordering::Relaxed));
        let acknowledged = sender.join().unwrap();
        drop(guard);
        acknowledged
    });
    check(&world, &acknowledged);
}

/// Tells the sender that nobody kills and restarts any more.
struct OnDrop<'a>(&'a AtomicBool);

impl Drop for OnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(thread::panicking(), Ordering::Relaxed);
    }
}

fn check(world: &World, acknowledged: &[Value]) {
    let wanted: BTreeMap<&str, &str> =
        acknowledged.iter().map(|one| (text(&one["exchangeId"]), text(&one["sha256"]))).collect();
    assert_eq!(wanted.len(), DOCUMENTS);
    for (system, agency) in [("huyen-h48-35", TO[0]), ("xa-h48-35-13", TO[1]), ("so-ttt", TO[2])] {
        let mut found = Vec::new();
        until(&format!("all documents at {agency}: {} of {DOCUMENTS}", found.len()), PATIENCE, || {
            found = world.inbox(system, agency);
            (found.len() >= DOCUMENTS).then_some(())
        });
        let mut received: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for item in &found {
            let document = &item["document"];
            received.entry(text(&document["exchangeId"])).or_default().push(text(&document["sha256"]));
        }
        let doubled = received.values().filter(|digests| digests.len() > 1).count();
        let lost = wanted.keys().filter(|exchange| !received.contains_key(*exchange)).count();
        println!("{agency}: acknowledged {DOCUMENTS}, received {}, doubled {doubled}, lost {lost}", found.len());
        assert_eq!((doubled, lost, found.len()), (0, 0, DOCUMENTS));
        assert!(received.iter().all(|(exchange, digests)| digests == &[wanted[exchange]]), "bytes as acknowledged");
    }
}
