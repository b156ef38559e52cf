//! Nothing lost, nothing doubled, nothing out of order: every fault of the axis at once, and each process killed.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axis::MessageType;
use lienthong::scene::provinces::{SIDES, Side};
use serde_json::json;
use tokio::runtime::Runtime;

use super::office::{After, Notes, Office, Planned};
use super::packets::document_id;
use super::stage::{Stage, client, secret_now};
use crate::harness::{Random, pause, until};

/// Of both sides together, updates not counted.
const DOCUMENTS: usize = 500;
/// Of each of the three processes.
const KILLS: u64 = 5;
/// Longest time between two kills.
const CALM_MS_MAX: u64 = 4_000;
/// For 100 documents; two busy processors take about 35 s.
const PATIENCE: Duration = Duration::from_secs(170);
/// Updates are numbered from here.
const UPDATES: usize = 10_000;

const FAULTS: &str = "\
clock_skew_seconds = -300
reset = 0.01
truncate = 0.01
duplicate = 0.01
wrong_base64 = 0.03
repeat = 0.01
shuffle = 0.3
early_status = 0.1
[latency]
mean_ms = 5
spread_ms = 5
[[error]]
code = 20
rate = 0.02
[rotate]
seconds = 10
[maintenance]
every_seconds = 30
for_seconds = 3
";

type Shared = [Arc<Mutex<Notes>>; 2];

fn given(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|number| number.parse().ok())
}

#[test]
fn every_fault_and_kills_of_all_three_lose_nothing_double_nothing_and_keep_the_order() {
    let seed = given("LIENTHONG_SEED").unwrap_or_else(|| u64::from(std::process::id()));
    let documents = given("LIENTHONG_PROVINCE_DOCUMENTS").map_or(DOCUMENTS, |count| usize::try_from(count).unwrap());
    println!("LIENTHONG_SEED={seed} LIENTHONG_PROVINCE_DOCUMENTS={documents}");
    let mut random = Random(seed);
    let faults = tempfile::NamedTempFile::new().unwrap();
    fs::write(faults.path(), FAULTS).unwrap();
    let options = ["--seed", &seed.to_string(), "--faults", faults.path().to_str().unwrap()];
    let mut stage = Stage::new("", &options);
    let runtime = Runtime::new().unwrap();
    let plans = [plan(SIDES[0], SIDES[1], documents / 2), plan(SIDES[1], SIDES[0], documents.div_ceil(2))];
    let notes: Shared = std::array::from_fn(|place| {
        let software = stage.software(SIDES[place]);
        let office = Office::new(software, plans[place].clone(), seed.wrapping_add(place as u64));
        let notes = office.notes.clone();
        runtime.spawn(office.run());
        notes
    });
    let begun = Instant::now();
    let patience = PATIENCE * u32::try_from(documents.div_ceil(100)).unwrap();
    let mut keeper = Keeper::default();
    let mut kills = Kills::new(&mut random);
    let mut told = Instant::now();
    until("everything at its receiver, and every status back", patience, || {
        kills.next_if_due(&mut stage, &mut random);
        keeper.tell(&stage);
        let missing = missing(&plans, &notes);
        if told.elapsed() > Duration::from_secs(10) || begun.elapsed() + Duration::from_secs(2) > patience {
            told = Instant::now();
            println!("{:>4.0} s  {} missing: {}", begun.elapsed().as_secs_f64(), missing.len(), first(&missing));
        }
        (missing.is_empty() && kills.left.is_empty()).then_some(())
    });
    let took = begun.elapsed();
    stage.set_faults(&json!({}));
    until("nothing left at nodes and axis", Duration::from_secs(60), || {
        keeper.tell(&stage);
        runtime.block_on(is_empty(&stage)).then_some(())
    });
    check(&stage, &runtime, &plans, &notes);
    println!("{documents} documents in {:.0} s, {} kills, {} secrets", took.as_secs_f64(), KILLS * 3, keeper.told);
}

fn first(missing: &[String]) -> String {
    missing.iter().take(4).cloned().collect::<Vec<_>>().join("; ")
}

/// Every fifth document is updated, every tenth has two receivers.
fn plan(side: Side, other: Side, count: usize) -> Vec<Planned> {
    let (from, to): (Vec<_>, Vec<_>) = (side.offices().collect(), other.offices().collect());
    let mut plan = Vec::new();
    for number in 0..count {
        let first = (number * 3 + 1) % to.len();
        let receivers = if number % 10 == 9 { vec![first, (first + 1) % to.len()] } else { vec![first] };
        let planned = Planned {
            from: from[number % from.len()].clone(),
            to: receivers.into_iter().map(|place| to[place].clone()).collect(),
            number,
            updates: None,
        };
        plan.push(planned.clone());
        if number % 5 == 4 {
            let after = if number % 2 == 0 { After::Sent } else { After::Reported };
            plan.push(Planned { number: UPDATES + number, updates: Some((number, after)), ..planned });
        }
    }
    plan
}

/// The kills that are to come.
struct Kills {
    left: Vec<u64>,
    due: Instant,
}

impl Kills {
    fn new(random: &mut Random) -> Self {
        let mut left: Vec<u64> = (0..KILLS * 3).map(|number| number % 3).collect();
        for end in (1..left.len()).rev() {
            left.swap(end, usize::try_from(random.below(end as u64 + 1)).unwrap());
        }
        Self { left, due: Instant::now() + Duration::from_secs(2) }
    }

    fn next_if_due(&mut self, stage: &mut Stage, random: &mut Random) {
        if Instant::now() < self.due {
            return;
        }
        let Some(victim) = self.left.pop() else { return };
        match usize::try_from(victim).unwrap() {
            2 => {
                stage.kill_axis();
                stage.start_axis();
            }
            side => {
                stage.kill(SIDES[side]);
                // Others notice.
                pause(Duration::from_millis(random.below(500)));
                stage.start(SIDES[side]);
            }
        }
        self.due = Instant::now() + Duration::from_millis(1_000 + random.below(CALM_MS_MAX));
    }
}

/// The operators, who replace a secret once the axis has given a new one.
#[derive(Default)]
struct Keeper {
    known: BTreeMap<&'static str, String>,
    told: usize,
}

impl Keeper {
    fn tell(&mut self, stage: &Stage) {
        for side in SIDES {
            let Some(secret) = secret_now(stage.admin(), side) else { continue };
            let known = self.known.entry(side.node).or_insert_with(|| side.axis_secret.to_owned());
            if *known != secret {
                stage.provinces.tell_secret(side, &secret).unwrap();
                stage.reload(side);
                *known = secret;
                self.told += 1;
            }
        }
    }
}

/// Whether an update took the place of a document that its receiver had not read.
fn is_replaced(plan: &[Planned], planned: &Planned, to: &str, receiver: &Notes) -> bool {
    plan.iter().any(|update| {
        update.updates == Some((planned.number, After::Sent))
            && receiver.has(to, &update.from, &document_id(&update.from, update.number), None)
    })
}

/// What has not arrived yet.
fn missing(plans: &[Vec<Planned>; 2], notes: &Shared) -> Vec<String> {
    let mut missing = Vec::new();
    for side in 0..2 {
        let (sender, receiver) = (notes[side].lock().unwrap(), notes[1 - side].lock().unwrap());
        for planned in &plans[side] {
            let id = document_id(&planned.from, planned.number);
            for to in &planned.to {
                if !receiver.has(to, &planned.from, &id, None) {
                    if !is_replaced(&plans[side], planned, to, &receiver) {
                        missing.push(format!("{id} at {to}"));
                    }
                    continue;
                }
                for code in ["03", "06"] {
                    if !sender.has(&planned.from, to, &id, Some(code)) {
                        missing.push(format!("{code} of {to} about {id}"));
                    }
                }
            }
        }
    }
    missing
}

/// Whether nothing waits for software, and nothing at the axis.
async fn is_empty(stage: &Stage) -> bool {
    for side in SIDES {
        let Some(secret) = secret_now(stage.admin(), side) else { return false };
        let axis = format!("http://{}", stage.axis.as_ref().unwrap().address());
        for client in [stage.software(side), client(&axis, side.axis_id, &secret)] {
            for message_type in [MessageType::Edoc, MessageType::Status] {
                if !client.count(message_type).await.is_ok_and(|count| count == 0) {
                    return false;
                }
            }
        }
    }
    true
}

fn check(stage: &Stage, runtime: &Runtime, plans: &[Vec<Planned>; 2], notes: &Shared) {
    let (mut lost, mut doubled, mut disordered) = (String::new(), String::new(), String::new());
    for side in 0..2 {
        let (sender, receiver) = (notes[side].lock().unwrap(), notes[1 - side].lock().unwrap());
        let mut places: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for (place, (sight, _)) in receiver.seen.iter().enumerate() {
            places.entry(sight.clone()).or_default().push(place);
        }
        for (sight, _) in places.iter().filter(|(_, places)| places.len() > 1) {
            _ = write!(doubled, "{sight:?} ");
        }
        for (sight, sha256) in &receiver.fetched {
            let (sent, _) = &sender.documents[&sight.word.document_id];
            assert_eq!(sent, sha256, "bytes as sent: {sight:?}");
        }
        let place = |to: &str, from: &str, id: &str, status: Option<&str>, notes: &Notes| {
            notes.seen.iter().position(|(sight, _)| {
                let word = &sight.word;
                sight.to == to && word.from == from && word.document_id == id && word.status.as_deref() == status
            })
        };
        let software = stage.software(SIDES[side]);
        let (mut replaced, mut finished) = (0, 0);
        for planned in &plans[side] {
            let id = document_id(&planned.from, planned.number);
            for to in &planned.to {
                let [first, last] = ["03", "06"].map(|code| place(&planned.from, to, &id, Some(code), &sender));
                if first > last {
                    _ = write!(disordered, "06 before 03 about {id} ");
                }
                if let Some((earlier, _)) = planned.updates {
                    let before = place(to, &planned.from, &document_id(&planned.from, earlier), None, &receiver);
                    // `None`, an original that was replaced unread, is less than any place.
                    if before > place(to, &planned.from, &id, None, &receiver) {
                        _ = write!(disordered, "{id} before what it updates ");
                    }
                    replaced += usize::from(before.is_none());
                }
            }
            let (_, doc_id) = &sender.documents[&id];
            let lines = runtime.block_on(software.sent_edocs(MessageType::Edoc, Some(doc_id))).unwrap();
            for line in &lines {
                let is_read = receiver.has(&line.to_code, &planned.from, &id, None);
                match (is_read, line.receive_status.as_str()) {
                    (true, "06") => finished += 1,
                    (false, _) => {}
                    (true, other) => _ = write!(lost, "{id} at {}: {other} ", line.to_code),
                }
            }
        }
        println!(
            "{}: {} documents sent, {} packets seen, {} statuses sent, {finished} reported 06 in its list, {replaced} \
             replaced unread, {} calls repeated",
            SIDES[side].node,
            sender.documents.len(),
            sender.seen.len(),
            sender.statuses_sent,
            sender.failures,
        );
        let log = stage.log(SIDES[side].node);
        assert!(!log.contains("panicked"), "{log}");
    }
    assert_eq!((lost.as_str(), doubled.as_str(), disordered.as_str()), ("", "", ""));
    assert!(!stage.log("mock-axis").contains("panicked"));
}
