//! Half a document is no document: not from a client that dies, not over a link that breaks.

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;

use crate::harness::{AXIS, PATIENCE, PROVINCE, World, send_args, sha256, text, until, write_large};

/// Enough that the transfer is still under way when it is looked at.
const LENGTH: u64 = 64 << 20;
const BEGUN: u64 = 4 << 20;

/// Waits until a part of a document, and more than a little, is at a node.
fn under_way(world: &World, node: &str) {
    until(&format!("a transfer to {node}"), PATIENCE, || {
        let length = |path: PathBuf| fs::metadata(path).map_or(0, |found| found.len());
        (world.staged(node).into_iter().map(length).sum::<u64>() > BEGUN).then_some(())
    });
}

#[test]
fn nothing_stays_of_an_upload_whose_client_dies() {
    let world = World::with(&[AXIS]);
    let file = world.path("large.bin");
    write_large(&file, LENGTH * 4).unwrap();
    for _ in 0..3 {
        let mut client = world.command("vpcp", &send_args("1", &["G22"], &file));
        let mut client = client.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        under_way(&world, AXIS);
        client.kill().unwrap();
        client.wait().unwrap();
        until("staging is empty", PATIENCE, || world.staged(AXIS).is_empty().then_some(()));
    }
    assert!(world.inbox("vpcp", "G22").is_empty());
    assert_eq!(world.payloads(AXIS), Vec::<PathBuf>::new());
    let small = world.file("small.txt", "nội dung");
    world.send("vpcp", "1", &["G22"], &small);
    assert_eq!(world.inbox("vpcp", "G22").len(), 1, "the same document id is free");
}

#[test]
fn a_transfer_goes_on_where_its_link_broke() {
    let mut world = World::with(&[AXIS, PROVINCE]);
    let file = world.path("large.bin");
    write_large(&file, LENGTH * 2).unwrap();
    let sent = world.send("vpcp", "1", &["H48"], &file);
    under_way(&world, PROVINCE);
    world.kill(AXIS);
    until("the end of the link", PATIENCE, || world.log(PROVINCE).contains("link to axis-g22 ended").then_some(()));
    let part = world.staged(PROVINCE).remove(0);
    let begun = fs::metadata(&part).unwrap().len();
    world.start(AXIS);
    // What was still in the buffers at the end of the link is less than this.
    let more = begun + (8 << 20);
    until("much more of the same file", PATIENCE, || fs::metadata(&part).ok().filter(|found| found.len() > more));
    world.arrived("ubnd-h48", "H48", text(&sent["exchangeId"]));
}

#[test]
fn a_document_arrives_whole_when_either_node_is_killed_in_the_middle_of_its_transfer() {
    let mut world = World::with(&[AXIS, PROVINCE]);
    let file = world.path("large.bin");
    write_large(&file, LENGTH).unwrap();
    for (number, victim) in [("1", AXIS), ("2", PROVINCE)] {
        let sent = world.send("vpcp", number, &["H48"], &file);
        under_way(&world, PROVINCE);
        world.kill(victim);
        world.start(victim);
        let exchange = text(&sent["exchangeId"]);
        world.arrived("ubnd-h48", "H48", exchange);
        let received = world.path(&format!("received-{number}.edxml"));
        world.ok("ubnd-h48", &["fetch", exchange, "--output", received.to_str().unwrap()]);
        let first = world.path(&format!("sent-{number}.edxml"));
        world.ok("vpcp", &["fetch", exchange, "--output", first.to_str().unwrap()]);
        assert_eq!(sha256(&received), sha256(&first), "after {victim} was killed");
    }
    assert_eq!(world.inbox("ubnd-h48", "H48").len(), 2);
    until("staging is empty", PATIENCE, || world.staged(PROVINCE).is_empty().then_some(()));
}
