//! A neighbour that is down holds up nobody else, and gets everything once it is back.

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

    world.start(DISTRICT);
    for exchange in &sent {
        world.arrived("huyen-h48-35", "H48.35", exchange);
    }
    let found = world.inbox("huyen-h48-35", "H48.35");
    assert_eq!(found.len(), DOCUMENTS, "each exactly once");
    until("nothing waits", PATIENCE, || {
        let node = world.ok("ubnd-h48", &["node"]);
        list(&node["neighbours"]).iter().all(|one| matches!(text(&one["waiting"]), "" | "0")).then_some(())
    });
    assert_eq!(world.inbox("so-ttt", "H48.15").len(), DOCUMENTS);
}
