//! A document's way through four levels of government, and what comes back.

use std::fs;

use crate::harness::{AXIS, COMMUNE, DISTRICT, PATIENCE, PROVINCE, World, list, sha256, text, until};

const ALL: [&str; 4] = [AXIS, PROVINCE, DISTRICT, COMMUNE];

#[test]
fn a_document_goes_down_four_levels_and_its_statuses_come_back_in_order() {
    let world = World::with(&ALL);
    let file = world.file("cong-van.txt", "Nội dung công văn");
    let acceptance = world.send("vpcp", "7816", &["H48.35.12"], &file);
    let exchange = text(&acceptance["exchangeId"]).to_owned();
    let item = world.arrived("xa-h48-35-12", "H48.35.12", &exchange);

    let packet = world.path("received.edxml");
    world.ok("xa-h48-35-12", &["fetch", &exchange, "--output", packet.to_str().unwrap()]);
    let fetched = world.path("sent.edxml");
    world.ok("vpcp", &["fetch", &exchange, "--output", fetched.to_str().unwrap()]);
    assert_eq!(sha256(&packet), sha256(&fetched), "the bytes at the receiver are those at the first node");
    let attachment = world.path("received.txt");
    world.ok("xa-h48-35-12", &["fetch", &exchange, "--attachment", "0", "--output", attachment.to_str().unwrap()]);
    assert_eq!(fs::read(&attachment).unwrap(), fs::read(&file).unwrap());

    world.ok("xa-h48-35-12", &["confirm", &item["item"].to_string().replace('"', "")]);
    for code in ["1", "3", "6"] {
        world.ok("xa-h48-35-12", &["status", &exchange, code]);
    }
    let statuses = until("three statuses", PATIENCE, || {
        let found = world.ok("vpcp", &["inbox", "--kind", "status"]);
        Some(list(&found["items"]).to_vec()).filter(|items| items.len() == 3)
    });
    let codes: Vec<_> = statuses.iter().map(|item| item["document"]["statusCode"].clone()).collect();
    assert_eq!(codes, [1, 3, 6], "in the order in which they were reported");

    let wanted = |event: &str, node: &str| (event.to_owned(), node.to_owned());
    let wanted = [
        wanted("SubmissionAcceptance", AXIS),
        wanted("RelayAcceptance", PROVINCE),
        wanted("RelayAcceptance", DISTRICT),
        wanted("RelayAcceptance", COMMUNE),
        wanted("ContentConsignment", COMMUNE),
        wanted("ContentHandover", COMMUNE),
    ];
    let mut receipts = Vec::new();
    until(&format!("all receipts {wanted:?}"), PATIENCE, || {
        receipts = world.receipts("vpcp", &exchange);
        wanted.iter().all(|one| receipts.contains(one)).then_some(())
    });
}

#[test]
fn a_document_goes_up_and_across() {
    let world = World::with(&ALL);
    let file = world.file("bao-cao.txt", "Báo cáo");
    let up = world.send("xa-h48-35-12", "12", &["G22", "H48.15"], &file);
    let across = world.send("xa-h48-35-12", "13", &["H48.35.13"], &file);
    world.arrived("vpcp", "G22", text(&up["exchangeId"]));
    world.arrived("so-ttt", "H48.15", text(&up["exchangeId"]));
    world.arrived("xa-h48-35-13", "H48.35.13", text(&across["exchangeId"]));
    let above = world.inbox("ubnd-h48", "H48").len() + world.inbox("vpcp", "G22").len();
    assert_eq!(above, 1, "what goes across at the district does not go above it");
}

#[test]
fn twenty_recipients_get_one_document_each() {
    let world = World::with(&[AXIS, PROVINCE, DISTRICT]);
    let file = world.file("thong-bao.txt", "Thông báo");
    let codes: Vec<String> = (40..60).map(|number| format!("H48.35.{number}")).collect();
    let to: Vec<&str> = codes.iter().map(String::as_str).collect();
    let sent = world.send("vpcp", "20", &to, &file);
    for code in &codes {
        world.arrived("huyen-h48-35", code, text(&sent["exchangeId"]));
        assert_eq!(world.inbox("huyen-h48-35", code).len(), 1);
    }
    assert!(world.inbox("huyen-h48-35", "H48.35.60").is_empty(), "who was not named gets nothing");
    until("every delivery done", PATIENCE, || {
        let tracking = world.ok("vpcp", &["track", text(&sent["exchangeId"])]);
        let recipients = list(&tracking["recipients"]);
        assert_eq!(recipients.len(), 20);
        recipients.iter().all(|one| one["state"] == "DELIVERY_STATE_DELIVERED").then_some(())
    });
}
