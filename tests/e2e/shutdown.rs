//! A node that is told to stop ends what it does, and goes on where it was.

use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use crate::harness::{AXIS, DISTRICT, PATIENCE, PROVINCE, Ran, World, send_args, text, until, write_large};

/// `shutdown.grace` of a default configuration, and a little for the process itself.
const GRACE: Duration = Duration::from_secs(25);
const DOCUMENTS: usize = 20;

#[test]
fn a_stop_with_documents_in_flight_loses_nothing() {
    let mut world = World::with(&[AXIS, PROVINCE, DISTRICT]);
    let large = world.path("large.bin");
    write_large(&large, 8 << 20).unwrap();
    let mut exchanges = Vec::new();
    for number in 0..DOCUMENTS {
        let acceptance = world.send("vpcp", &number.to_string(), &["H48.35"], &large);
        exchanges.push(text(&acceptance["exchangeId"]).to_owned());
    }
    for node in [PROVINCE, AXIS, DISTRICT] {
        let begun = Instant::now();
        assert_eq!(world.stop(node).code(), Some(0), "{}", world.log(node));
        println!("{node} stopped in {:?}", begun.elapsed());
        assert!(begun.elapsed() < GRACE);
        world.start(node);
    }
    for exchange in &exchanges {
        world.arrived("huyen-h48-35", "H48.35", exchange);
    }
    assert_eq!(world.inbox("huyen-h48-35", "H48.35").len(), DOCUMENTS);
    until("staging is empty", PATIENCE, || world.staged(DISTRICT).is_empty().then_some(()));
}

#[test]
fn a_stop_lets_an_upload_finish_or_says_that_it_did_not() {
    let mut world = World::with(&[AXIS]);
    let large = world.path("large.bin");
    write_large(&large, 64 << 20).unwrap();
    let mut command = world.command("vpcp", &send_args("1", &["G22"], &large));
    let sender = thread::spawn(move || Ran::of(&mut command));
    until("the upload has begun", PATIENCE, || (!world.staged(AXIS).is_empty()).then_some(()));
    assert_eq!(world.stop(AXIS).code(), Some(0), "{}", world.log(AXIS));
    let ran = sender.join().unwrap();
    println!("the upload ended with {}", ran.exit);
    world.start(AXIS);
    let kept = world.inbox("vpcp", "G22").len();
    assert_eq!(kept, usize::from(ran.exit == 0), "acknowledged if and only if kept: {}", ran.error);
    assert!(matches!(ran.exit, 0 | 4 | 7), "{}: {}", ran.exit, ran.error);
    assert!(world.staged(AXIS).is_empty());
}

#[test]
fn a_client_that_hangs_does_not_hold_up_a_stop() {
    let mut world = World::with(&[AXIS]);
    let large = world.path("large.bin");
    write_large(&large, 256 << 20).unwrap();
    let mut uploading = world.command("vpcp", &send_args("1", &["G22"], &large)).spawn().unwrap();
    let mut watching = world.command("vpcp", &["inbox", "--watch"]).stderr(Stdio::null()).spawn().unwrap();
    until("the upload has begun", PATIENCE, || (!world.staged(AXIS).is_empty()).then_some(()));
    let client = rustix::process::Pid::from_child(&uploading);
    rustix::process::kill_process(client, rustix::process::Signal::STOP).unwrap();
    let begun = Instant::now();
    assert_eq!(world.stop(AXIS).code(), Some(0), "{}", world.log(AXIS));
    println!("stopped in {:?} with a client that hangs", begun.elapsed());
    assert!(begun.elapsed() < GRACE);
    uploading.kill().unwrap();
    uploading.wait().unwrap();
    assert_eq!(watching.wait().unwrap().code(), Some(7), "who only listened is told to come back later");
    world.start(AXIS);
    assert!(world.inbox("vpcp", "G22").is_empty());
    assert!(world.staged(AXIS).is_empty());
}

#[test]
fn a_reload_keeps_serving() {
    let world = World::with(&[AXIS]);
    let file = world.file("a.txt", "nội dung");
    let mut watching = world.command("vpcp", &["inbox", "--watch"]);
    let mut watching = watching.stdout(Stdio::piped()).spawn().unwrap();
    for number in 1..=3 {
        world.signal(AXIS, rustix::process::Signal::HUP);
        let reloaded = "receipts are signed with the key of this certificate";
        until("the reload", PATIENCE, || (world.log(AXIS).matches(reloaded).count() == number).then_some(()));
        world.send("vpcp", &number.to_string(), &["G22"], &file);
    }
    let output = watching.stdout.take().unwrap();
    let items = serde_json::Deserializer::from_reader(output).into_iter::<serde_json::Value>().take(3);
    assert_eq!(items.filter(Result::is_ok).count(), 3, "the open stream outlives every reload");
    watching.kill().unwrap();
    watching.wait().unwrap();
}
