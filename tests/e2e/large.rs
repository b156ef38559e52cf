//! A document much larger than the memory that its way may take.

use std::fs;
use std::time::{Duration, Instant};

use crate::harness::{AXIS, PROVINCE, World, list, peak_memory, send_args, sha256, text, until, write_large};

const MEMORY_MAX: u64 = 256 << 20;
const PATIENCE: Duration = Duration::from_secs(240);

#[test]
fn a_large_document_crosses_two_nodes_in_little_memory() {
    let given = std::env::var("LIENTHONG_LARGE_MIB").ok().and_then(|number| number.parse().ok());
    let length = given.unwrap_or(1024_u64) << 20;
    let world = World::with(&[AXIS, PROVINCE]);
    let file = world.path("large.bin");
    let begun = Instant::now();
    let step = |what: &str| println!("{:>6.1} s  {what}", begun.elapsed().as_secs_f64());
    write_large(&file, length).unwrap();
    step("written");
    let sent = world.send("vpcp", "1", &["H48"], &file);
    step("acknowledged");
    let exchange = text(&sent["exchangeId"]);
    until("the document at the other node", PATIENCE, || {
        let found = world.ok("ubnd-h48", &["inbox"]);
        list(&found["items"]).iter().any(|item| item["document"]["exchangeId"] == exchange).then_some(())
    });
    step("arrived");
    let wanted = sha256(&file);
    fs::remove_file(&file).unwrap();
    let received = world.path("received.bin");
    world.ok("ubnd-h48", &["fetch", exchange, "--attachment", "0", "--output", received.to_str().unwrap()]);
    step("fetched");
    assert_eq!(fs::metadata(&received).unwrap().len(), length);
    assert_eq!(sha256(&received), wanted);
    for (node, process) in &world.nodes {
        let peak = peak_memory(process.id());
        println!("{node}: at most {} MiB in memory for a document of {} MiB", peak >> 20, length >> 20);
        assert!(peak < MEMORY_MAX, "{node}");
    }
}

#[test]
fn eight_large_documents_at_once_take_little_memory() {
    const EACH: u64 = 32 << 20;
    let world = World::with(&[AXIS, PROVINCE]);
    let file = world.path("large.bin");
    write_large(&file, EACH).unwrap();
    let numbers: Vec<String> = (0..8).map(|number| number.to_string()).collect();
    let senders: Vec<_> = numbers
        .iter()
        .map(|number| {
            let mut command = world.command("vpcp", &send_args(number, &["H48"], &file));
            command.stdout(std::process::Stdio::null()).spawn().unwrap()
        })
        .collect();
    assert!(senders.into_iter().all(|mut sender| sender.wait().unwrap().success()));
    until("all at the other node", PATIENCE, || (world.inbox("ubnd-h48", "H48").len() == 8).then_some(()));
    for (node, process) in &world.nodes {
        let peak = peak_memory(process.id());
        println!("{node}: at most {} MiB in memory for eight documents of {} MiB", peak >> 20, EACH >> 20);
        assert!(peak < MEMORY_MAX, "{node}");
    }
}
