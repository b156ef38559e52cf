//! A later packet of the sender acts on an earlier document: recalled or replaced where nobody has seen it, sent on where
//! somebody has, and one timeline for the sender.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::harness::{AXIS, DISTRICT, PATIENCE, PROVINCE, World, list, send_args, text, until};

const NODES: [&str; 3] = [AXIS, PROVINCE, DISTRICT];
/// The receivers of the stories, with the systems that read for them.
const DISTRICT_HALL: (&str, &str) = ("huyen-h48-35", "H48.35");
const DEPARTMENT: (&str, &str) = ("so-ttt", "H48.15");
const PROVINCE_HALL: (&str, &str) = ("ubnd-h48", "H48");

/// Sends a document under its own id; its exchange.
fn send(world: &World, id: &str, to: &[&str], file: &Path, more: &[&str]) -> String {
    let mut args = send_args("1", to, file);
    args.extend(["--document-id", id]);
    args.extend(more);
    text(&world.ok("vpcp", &args)["exchangeId"]).to_owned()
}

fn act(world: &World, kind: &str, id: &str, earlier: &str, to: &[&str], file: &Path) -> String {
    send(world, id, to, file, &["--business-type", kind, "--refers-to", earlier])
}

fn fetch(world: &World, (system, agency): (&str, &str), exchange: &str) {
    world.arrived(system, agency, exchange);
    let path = world.path(&format!("{agency}-{exchange}.edxml"));
    world.ok(system, &["fetch", exchange, "--output", path.to_str().unwrap()]);
}

/// Ids of the documents in an inbox.
fn waiting(world: &World, (system, agency): (&str, &str)) -> Vec<String> {
    world.inbox(system, agency).iter().map(|item| text(&item["document"]["documentId"]).to_owned()).collect()
}

/// What the sender sees of one receiver.
fn tracked(world: &World, exchange: &str, (_, agency): (&str, &str)) -> Value {
    world.ok("vpcp", &["track", exchange, "--recipient", agency])["recipients"][0].clone()
}

fn recalled(world: &World, exchange: &str, receiver: (&str, &str), code: &str) -> Value {
    until(&format!("{exchange} is {code} for {receiver:?}"), PATIENCE, || {
        let tracking = tracked(world, exchange, receiver);
        let proved = list(&tracking["events"]).iter().any(|event| {
            event["event"] == "ContentConsignmentFailure" && event["code"] == code && event["receipt"].is_object()
        });
        (tracking["state"] == "DELIVERY_STATE_RECALLED" && proved).then_some(tracking)
    })
}

/// Codes of the statuses in a timeline, in order; those that break the order have a `!`.
fn statuses(tracking: &Value) -> Vec<String> {
    let statuses = list(&tracking["events"]).iter().filter(|event| event["event"] == "Status");
    let word = |event: &Value| format!("{}{}", event["statusCode"], if event["outOfOrder"] == true { "!" } else { "" });
    statuses.map(word).collect()
}

fn told(world: &World, exchange: &str, receiver: (&str, &str), wanted: &[&str]) {
    let mut found = Vec::new();
    until(&format!("statuses {wanted:?} of {receiver:?}"), PATIENCE, || {
        found = statuses(&tracked(world, exchange, receiver));
        (found == wanted).then_some(())
    });
}

#[test]
fn a_revocation_recalls_what_waits_for_a_node_that_is_down_and_asks_whoever_fetched_it() {
    let mut world = World::with(&NODES);
    let file = world.file("a.txt", "nội dung");
    assert!(world.stop(DISTRICT).success());
    let to = [DISTRICT_HALL.1, DEPARTMENT.1];
    let earlier = send(&world, "D1", &to, &file, &[]);
    fetch(&world, DEPARTMENT, &earlier);

    let revocation = act(&world, "revoke", "R1", "D1", &to, &file);
    world.arrived(DEPARTMENT.0, DEPARTMENT.1, &revocation);
    recalled(&world, &earlier, DISTRICT_HALL, "recalled");
    recalled(&world, &revocation, DISTRICT_HALL, "recalled");

    world.ok(DEPARTMENT.0, &["status", &revocation, "15"]);
    told(&world, &revocation, DEPARTMENT, &["15"]);
    told(&world, &earlier, DEPARTMENT, &["15"]);
    let events = tracked(&world, &earlier, DEPARTMENT)["events"].clone();
    assert!(list(&events).iter().any(|event| event["event"] == "Revocation"), "{events}");
    world.ok(DEPARTMENT.0, &["status", &earlier, "5"]);
    told(&world, &earlier, DEPARTMENT, &["15", "5!"]);

    world.start(DISTRICT);
    let last = send(&world, "D2", &[DISTRICT_HALL.1], &file, &[]);
    world.arrived(DISTRICT_HALL.0, DISTRICT_HALL.1, &last);
    assert_eq!(waiting(&world, DISTRICT_HALL), ["D2"], "neither the document nor its revocation was seen");
}

#[test]
fn an_update_recalls_from_the_removed_receiver_and_reaches_the_added_one() {
    let world = World::with(&NODES);
    let file = world.file("a.txt", "nội dung");
    let earlier = send(&world, "D1", &[DISTRICT_HALL.1, DEPARTMENT.1], &file, &[]);
    world.arrived(DISTRICT_HALL.0, DISTRICT_HALL.1, &earlier);
    world.arrived(DEPARTMENT.0, DEPARTMENT.1, &earlier);

    let built = world.path("built.edxml");
    let mut args = vec!["packet", "build", file.to_str().unwrap(), "--output", built.to_str().unwrap()];
    args.extend(["--number", "1", "--notation", "UBND", "--subject", "Cập nhật nơi nhận", "--to", DEPARTMENT.1]);
    args.extend(["--document-id", "U1", "--business-type", "update", "--refers-to", "D1"]);
    world.ok("vpcp", &args);
    let packet = fs::read_to_string(&built).unwrap();
    let change = |code: &str, kind: u8| {
        format!(
            "<edXML:Receiver><edXML:OrganId>{code}</edXML:OrganId><edXML:ReceiverType>{kind}</edXML:ReceiverType>\
             </edXML:Receiver>"
        )
    };
    let receivers = change(DISTRICT_HALL.1, 0) + &change(PROVINCE_HALL.1, 1);
    let changed = format!("<edXML:ReceiverList>{receivers}</edXML:ReceiverList></edXML:BussinessDocumentInfo>");
    let packet = packet.replace("</edXML:BussinessDocumentInfo>", &changed);
    assert!(packet.contains("ReceiverList"), "{packet}");
    let update = world.file("update.edxml", packet);
    let update = text(&world.ok("vpcp", &["send", update.to_str().unwrap()])["exchangeId"]).to_owned();

    world.arrived(PROVINCE_HALL.0, PROVINCE_HALL.1, &update);
    world.arrived(DEPARTMENT.0, DEPARTMENT.1, &update);
    recalled(&world, &earlier, DISTRICT_HALL, "recalled");
    recalled(&world, &earlier, DEPARTMENT, "replaced");
    recalled(&world, &update, DISTRICT_HALL, "recalled");
    assert_eq!(waiting(&world, DISTRICT_HALL), [""; 0]);
    assert_eq!(waiting(&world, DEPARTMENT), ["U1"]);
    assert_eq!(waiting(&world, PROVINCE_HALL), ["U1"]);
    let output = world.path("too-late.edxml");
    let late = world.run(DISTRICT_HALL.0, &["fetch", &earlier, "--output", output.to_str().unwrap()]);
    assert_ne!(late.exit, 0, "what was recalled is not read any more");
}

#[test]
fn a_replacement_goes_in_the_place_of_the_unread_and_follows_the_read() {
    let world = World::with(&NODES);
    let file = world.file("a.txt", "nội dung");
    let to = [DISTRICT_HALL.1, DEPARTMENT.1];
    let earlier = send(&world, "D1", &to, &file, &[]);
    world.arrived(DISTRICT_HALL.0, DISTRICT_HALL.1, &earlier);
    fetch(&world, DEPARTMENT, &earlier);
    let replacement = act(&world, "replace", "P1", "D1", &to, &file);
    world.arrived(DISTRICT_HALL.0, DISTRICT_HALL.1, &replacement);
    world.arrived(DEPARTMENT.0, DEPARTMENT.1, &replacement);
    recalled(&world, &earlier, DISTRICT_HALL, "replaced");
    assert_eq!(waiting(&world, DISTRICT_HALL), ["P1"]);
    assert_eq!(waiting(&world, DEPARTMENT), ["D1", "P1"], "in order");
    assert_eq!(tracked(&world, &replacement, DISTRICT_HALL)["state"], "DELIVERY_STATE_DELIVERED");
}

#[test]
fn a_take_back_is_answered_by_the_node_for_the_unread_and_once_by_whoever_read_it() {
    let world = World::with(&NODES);
    let file = world.file("a.txt", "nội dung");
    let earlier = send(&world, "D1", &[DISTRICT_HALL.1, DEPARTMENT.1, PROVINCE_HALL.1], &file, &[]);
    world.arrived(DISTRICT_HALL.0, DISTRICT_HALL.1, &earlier);
    fetch(&world, DEPARTMENT, &earlier);
    fetch(&world, PROVINCE_HALL, &earlier);

    world.ok("vpcp", &["status", &earlier, "13"]);
    recalled(&world, &earlier, DISTRICT_HALL, "recalled");
    assert_eq!(waiting(&world, DISTRICT_HALL), [""; 0]);
    for (system, agency) in [DEPARTMENT, PROVINCE_HALL] {
        until(&format!("13 in the inbox of {agency}"), PATIENCE, || {
            let found = world.ok(system, &["inbox", "--kind", "status", "--agency", agency]);
            list(&found["items"]).iter().any(|item| item["document"]["statusCode"] == 13).then_some(())
        });
    }
    world.ok(DEPARTMENT.0, &["status", &earlier, "15"]);
    world.ok(PROVINCE_HALL.0, &["status", &earlier, "16", "--description", "đã ban hành văn bản trả lời"]);
    told(&world, &earlier, DEPARTMENT, &["13", "15"]);
    told(&world, &earlier, PROVINCE_HALL, &["13", "16"]);
    world.ok(PROVINCE_HALL.0, &["status", &earlier, "15"]);
    told(&world, &earlier, PROVINCE_HALL, &["13", "16", "15!"]);
}
