//! A neighbour that is down holds up nobody else, and gets everything once it is back.

use std::time::Instant;

use rustix::process::Signal;

use crate::harness::{AXIS, DISTRICT, PATIENCE, PROVINCE, World, list, text, until};

const DOCUMENTS: usize = 12;

#[test]
fn documents_wait_for_a_node_that_is_down_and_arrive_exactly_once() {
    let mut world = World::with(&[AXIS, PROVINCE, DISTRICT]);
    assert!(world.stop(DISTRICT).success());
    let file = world.file("a.txt", "nội dung");
    let sent: Vec<String> = (0..DOCUMENTS)
        .map(|number| {
            let to = ["H48.35", "H48.15"];
            text(&world.send("vpcp", &number.to_string(), &to, &file)["exchangeId"]).to_owned()
        })
        .collect();
    let last = sent.last().unwrap();
    world.arrived("so-ttt", "H48.15", last);
    let tracked = world.ok("ubnd-h48", &["node"]);
    let district = list(&tracked["neighbours"]).iter().find(|one| one["id"] == DISTRICT).unwrap().clone();
    assert_ne!(district["connected"], true, "{tracked}");
    assert_eq!(text(&district["waiting"]), DOCUMENTS.to_string(), "{tracked}");

    let beside = world.send("so-ttt", "1", &["H48.35", "H48"], &file);
    let beside = text(&beside["exchangeId"]);
    world.arrived("ubnd-h48", "H48", beside);
    let state = |world: &World, agency: &str| {
        let tracking = world.ok("so-ttt", &["track", beside, "--recipient", agency]);
        text(&tracking["recipients"][0]["state"]).to_owned()
    };
    assert_eq!(state(&world, "H48"), "DELIVERY_STATE_DELIVERED");
    assert_eq!(state(&world, "H48.35"), "DELIVERY_STATE_WAITING");

    world.start(DISTRICT);
    world.arrived("huyen-h48-35", "H48.35", beside);
    for exchange in &sent {
        world.arrived("huyen-h48-35", "H48.35", exchange);
    }
    let found = world.inbox("huyen-h48-35", "H48.35");
    assert_eq!(found.len(), DOCUMENTS + 1, "each exactly once");
    until("nothing waits", PATIENCE, || {
        let node = world.ok("ubnd-h48", &["node"]);
        list(&node["neighbours"]).iter().all(|one| matches!(text(&one["waiting"]), "" | "0")).then_some(())
    });
    assert_eq!(state(&world, "H48.35"), "DELIVERY_STATE_DELIVERED");
    assert_eq!(world.inbox("so-ttt", "H48.15").len(), DOCUMENTS);
}

#[test]
fn a_node_that_hangs_holds_up_nobody_and_gets_everything_once_it_goes_on() {
    let world = World::with(&[AXIS, PROVINCE, DISTRICT]);
    let file = world.file("a.txt", "nội dung".repeat(10_000));
    let told = |what: &str| world.log(PROVINCE).contains(&format!("link to node-h48-35 {what}")).then_some(());
    until("the link is up", PATIENCE, || told("is up"));
    world.signal(DISTRICT, Signal::STOP);
    let send = |number: usize| {
        let sent = world.send("vpcp", &number.to_string(), &["H48.35", "H48.15"], &file);
        text(&sent["exchangeId"]).to_owned()
    };
    let sent: Vec<String> = (0..DOCUMENTS).map(send).collect();
    sent.iter().for_each(|exchange| _ = world.arrived("so-ttt", "H48.15", exchange));
    let begun = Instant::now();
    until("the link is given up", PATIENCE * 2, || told("ended"));
    println!("a link to a process that hangs is given up after {:?}", begun.elapsed());
    world.signal(DISTRICT, Signal::CONT);
    sent.iter().for_each(|exchange| _ = world.arrived("huyen-h48-35", "H48.35", exchange));
    assert_eq!(world.inbox("huyen-h48-35", "H48.35").len(), DOCUMENTS, "each exactly once");
}
