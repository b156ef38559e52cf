//! Quarantine with real processes: held while revocation data is away, settled when it arrives, by an operator, or by time.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

use serde_json::Value;
use signature::{Certificate, CrlContents, CrlReason, RevokedCertificate, Signer, sign_crl};
use types::UnixMillis;

use crate::harness::{AXIS, PATIENCE, PROVINCE, Ran, World, base64, binary, hex, list, pki, send_args, text, until};

/// Who sends at the province, and who receives there.
const SENDER: &str = "so-ttt";
const RECEIVER: (&str, &str) = ("ubnd-h48", "H48");
const HELD: &str = "DELIVERY_STATE_HELD";

fn read(name: &str) -> Vec<u8> {
    std::fs::read(pki().join(name)).unwrap()
}

/// SHA-256 of a system's transport certificate, hex.
fn fingerprint(system: &str) -> String {
    let pem = String::from_utf8(read(&format!("systems/{system}/transport.pem"))).unwrap();
    let body: String = pem
        .lines()
        .skip_while(|line| !line.starts_with("-----BEGIN"))
        .skip(1)
        .take_while(|line| !line.starts_with('-'))
        .collect();
    hex(ring::digest::digest(&ring::digest::SHA256, &base64(&body)).as_ref())
}

/// A node that does this with whatever it has no revocation data for; the province's office operates it.
fn policy(undecided: &str, revocation: &str, more: &str) -> String {
    format!(
        "\n[policy]\nrevocation = \"{revocation}\"\nindeterminate = \"{undecided}\"\nfailed = \"refuse\"\n\
         \n[quarantine]\nrecheck = \"1h\"\n{more}\n\n[admin]\ncertificate_sha256 = [\"{}\"]\n",
        fingerprint(RECEIVER.0)
    )
}

/// Everything is held at the province.
fn world(more: &str) -> World {
    let mut world = World::new();
    world.scene.configure(PROVINCE, &policy("quarantine", "require", more));
    world.start(AXIS);
    world.start(PROVINCE);
    world
}

/// Kills the province's node and starts it with another policy: what it holds can be decided from then on.
fn decide(world: &mut World, undecided: &str, revocation: &str) {
    world.kill(PROVINCE);
    world.scene.reconfigure(PROVINCE, &policy(undecided, revocation, ""));
    world.start(PROVINCE);
}

fn now() -> UnixMillis {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    UnixMillis::new(u64::try_from(since.as_millis()).unwrap())
}

/// A list of one of the example's CAs.
fn crl(ca: &str, revoked: Vec<RevokedCertificate>) -> Vec<u8> {
    let signer = Signer::from_pem(&read(&format!("ca/{ca}.key.pem")), &read(&format!("ca/{ca}.pem"))).unwrap();
    let contents = CrlContents {
        this_update: now() - Duration::from_secs(60),
        next_update: now() + Duration::from_secs(24 * 3600),
        number: 1,
        base: None,
        indirect_point: None,
        freshest: None,
        revoked,
    };
    sign_crl(&signer, &contents).unwrap()
}

/// The signing certificate of a system, revoked an hour ago.
fn revoked(system: &str) -> RevokedCertificate {
    let certificates = Certificate::parse_all(&read(&format!("systems/{system}/signing.pem"))).unwrap();
    let (at, reason) = (now() - Duration::from_secs(3600), CrlReason::KeyCompromise);
    RevokedCertificate { serial: certificates[0].serial().to_vec(), at, reason, issuer: None }
}

/// Brings the lists of both CAs to the running node.
fn bring_lists(world: &World, revoked: Vec<RevokedCertificate>) {
    let files = [world.file("root.crl", crl("root", Vec::new())), world.file("signing.crl", crl("signing", revoked))];
    let config = world.scene.config(PROVINCE);
    let mut command = Command::new(binary());
    let ran = Ran::of(command.args(["--json", "revocation", "import"]).args(files).arg("--config").arg(config));
    assert_eq!(ran.exit, 0, "{ran:?}");
}

fn send(world: &World, system: &str, id: &str, file: &Path, more: &[&str]) -> Value {
    let mut args = send_args("1", &[RECEIVER.1], file);
    args.extend(["--document-id", id]);
    args.extend(more);
    world.ok(system, &args)
}

fn exchange(acceptance: &Value) -> String {
    text(&acceptance["exchangeId"]).to_owned()
}

/// What a sender sees, and of its one receiver.
fn tracked(world: &World, system: &str, exchange: &str) -> (Value, Value) {
    let found = world.ok(system, &["track", exchange, "--recipient", RECEIVER.1]);
    (found["quarantine"].clone(), found["recipients"][0].clone())
}

fn state(world: &World, system: &str, exchange: &str, wanted: &str) -> Value {
    until(&format!("{exchange} is {wanted}"), PATIENCE, || {
        let (_, recipient) = tracked(world, system, exchange);
        (recipient["state"] == wanted).then_some(recipient)
    })
}

fn waiting(world: &World) -> Vec<String> {
    let inbox = world.inbox(RECEIVER.0, RECEIVER.1);
    inbox.iter().map(|item| text(&item["document"]["documentId"]).to_owned()).collect()
}

fn warnings(acceptance: &Value) -> Vec<&str> {
    list(&acceptance["warnings"]).iter().map(|warning| text(&warning["code"])).collect()
}

/// The event of this name and code that has a signed receipt.
fn proved<'a>(recipient: &'a Value, event: &str, code: &str) -> Option<&'a Value> {
    let is_it =
        |found: &&Value| found["event"] == event && text(&found["code"]) == code && found["receipt"].is_object();
    list(&recipient["events"]).iter().find(is_it)
}

#[test]
fn a_document_waits_for_revocation_data_over_a_kill_and_goes_on_in_order_when_it_is_there() {
    let mut world = world("");
    let file = world.file("a.txt", "nội dung");
    let acceptance = send(&world, SENDER, "D1", &file, &[]);
    let first = exchange(&acceptance);
    assert!(warnings(&acceptance).contains(&"verification_pending"), "{acceptance}");
    let update = exchange(&send(&world, SENDER, "U1", &file, &["--business-type", "update", "--refers-to", "D1"]));

    let (quarantine, recipient) = tracked(&world, SENDER, &first);
    assert_eq!(recipient["state"], HELD);
    assert_eq!(quarantine["code"], "revocation_unknown", "{quarantine}");
    assert!(waiting(&world).is_empty());
    let fetched = world.run(RECEIVER.0, &["fetch", &first]);
    assert_eq!(fetched.exit, 3, "the receiver sees nothing of it: {fetched:?}");
    let again = send(&world, SENDER, "D1", &file, &[]);
    assert_eq!((exchange(&again), &again["duplicate"]), (first.clone(), &Value::Bool(true)));

    world.kill(PROVINCE);
    world.start(PROVINCE);
    assert_eq!(tracked(&world, SENDER, &first).1["state"], HELD);
    assert!(waiting(&world).is_empty());

    decide(&mut world, "quarantine", "off");
    // The update brings the content again: the document that nobody has seen gives way to it, which shows the order.
    world.arrived(RECEIVER.0, RECEIVER.1, &update);
    let (quarantine, recipient) = tracked(&world, SENDER, &first);
    assert_eq!(recipient["state"], "DELIVERY_STATE_RECALLED", "{recipient}");
    assert!(proved(&recipient, "ContentConsignment", "").is_some(), "{recipient}");
    let steps: Vec<&str> = list(&quarantine["events"]).iter().map(|event| text(&event["event"])).collect();
    assert_eq!(steps, ["Held", "Released", "Started"], "{quarantine}");
    let delivered = tracked(&world, SENDER, &update).1;
    assert!(proved(&delivered, "ContentConsignment", "").is_some(), "{delivered}");
    assert_eq!(waiting(&world), ["U1"]);
}

#[test]
fn what_turns_out_to_be_refused_goes_back_with_a_signed_reason() {
    let mut world = world("");
    let file = world.file("a.txt", "nội dung");
    let held = exchange(&send(&world, SENDER, "D1", &file, &[]));
    decide(&mut world, "refuse", "require");
    until("the signed reason", PATIENCE, || {
        let (_, recipient) = tracked(&world, SENDER, &held);
        proved(&recipient, "ContentConsignmentFailure", "revocation_unknown").map(drop)
    });
    assert_eq!(tracked(&world, SENDER, &held).1["state"], "DELIVERY_STATE_RETURNED");
    assert!(waiting(&world).is_empty());
    let refused = world.run(SENDER, &send_args("2", &[RECEIVER.1], &file));
    assert_eq!(refused.error["code"], "revocation_unknown", "from now on at the door: {refused:?}");
}

#[test]
fn an_operator_releases_and_refuses_and_nobody_else_does() {
    let world = world("");
    let file = world.file("a.txt", "nội dung");
    let [released, refused] = ["D1", "D2"].map(|id| exchange(&send(&world, SENDER, id, &file, &[])));
    let stranger = world.run(SENDER, &["quarantine", "list"]);
    assert_eq!(stranger.error["code"], "permission_denied", "{stranger:?}");
    let stranger = world.run(SENDER, &["quarantine", "release", &released, "--reason", "tôi muốn", "--yes"]);
    assert_eq!(stranger.error["code"], "permission_denied", "{stranger:?}");

    let operator = |args: &[&str]| world.ok(RECEIVER.0, &[&["quarantine"], args].concat());
    let held = operator(&["list", "--sender", "H48.15"]);
    let ids: Vec<&str> = list(&held["documents"]).iter().map(|one| text(&one["document"]["exchangeId"])).collect();
    assert_eq!(ids, [released.as_str(), refused.as_str()]);
    assert_eq!(text(&held["held"]), "2");
    let unasked = world.run(RECEIVER.0, &["quarantine", "release", &released, "--reason", "đã gọi điện"]);
    assert_eq!(unasked.exit, 2, "without a terminal it has to be said: {unasked:?}");
    let wordless = world.run(RECEIVER.0, &["quarantine", "release", &released, "--reason", " ", "--yes"]);
    assert_eq!(wordless.error["code"], "invalid_argument", "{wordless:?}");

    assert_eq!(operator(&["release", &released, "--reason", "đã gọi điện", "--yes"])["changed"], true);
    assert_eq!(operator(&["release", &released, "--reason", "đã gọi điện", "--yes"])["changed"], false);
    assert_eq!(operator(&["refuse", &refused, "--reason", "ký nhầm", "--yes"])["changed"], true);
    world.arrived(RECEIVER.0, RECEIVER.1, &released);
    let (_, recipient) = tracked(&world, SENDER, &released);
    let consigned = proved(&recipient, "ContentConsignment", "").unwrap();
    let receipt: Value = serde_json::from_slice(&base64(text(&consigned["receipt"]["payload"]))).unwrap();
    assert_eq!(receipt["warnings"][0]["code"], "verification_pending", "{receipt}");

    let recipient = until("the operator's reason", PATIENCE, || {
        let (_, recipient) = tracked(&world, SENDER, &refused);
        proved(&recipient, "ContentConsignmentFailure", "operator_refused").is_some().then_some(recipient)
    });
    let failure = proved(&recipient, "ContentConsignmentFailure", "operator_refused").unwrap();
    let receipt: Value = serde_json::from_slice(&base64(text(&failure["receipt"]["payload"]))).unwrap();
    assert!(text(&receipt["reason"]["text"]).contains("ký nhầm"), "{receipt}");

    let shown = operator(&["show", &released]);
    let decided = list(&shown["record"]).iter().find(|line| line["event"] == "Released").unwrap();
    assert!(text(&decided["by"]).contains(&fingerprint(RECEIVER.0)), "{decided}");
    assert_eq!(decided["text"], "đã gọi điện");
    let (quarantine, _) = tracked(&world, SENDER, &released);
    let told = list(&quarantine["events"]).iter().find(|event| event["event"] == "Released").unwrap();
    assert_eq!((&told["byOperator"], &told["text"]), (&Value::Bool(true), &Value::String("đã gọi điện".to_owned())));
}

#[test]
fn a_document_from_another_node_is_held_here_and_its_sender_hears_of_it() {
    let mut world = world("");
    let file = world.file("a.txt", "nội dung");
    let held = exchange(&send(&world, "vpcp", "D1", &file, &[]));
    // The hop is acknowledged after the flush, like any other.
    let recipient = state(&world, "vpcp", &held, "DELIVERY_STATE_DELIVERED");
    assert!(proved(&recipient, "RelayAcceptance", "").is_some(), "{recipient}");
    assert!(proved(&recipient, "ContentConsignment", "").is_none(), "not yet: {recipient}");
    assert!(waiting(&world).is_empty());

    decide(&mut world, "quarantine", "off");
    // Killed in the middle of whatever it is doing about it.
    world.kill(PROVINCE);
    world.start(PROVINCE);
    world.arrived(RECEIVER.0, RECEIVER.1, &held);
    until("the consignment at the sender's node", PATIENCE, || {
        let (_, recipient) = tracked(&world, "vpcp", &held);
        proved(&recipient, "ContentConsignment", "").map(drop)
    });
    assert_eq!(waiting(&world), ["D1"], "once");
}

#[test]
fn past_its_time_a_document_goes_back_for_what_was_missing() {
    let world = world("hold_max = \"2s\"");
    let file = world.file("a.txt", "nội dung");
    let held = exchange(&send(&world, SENDER, "D1", &file, &[]));
    state(&world, SENDER, &held, "DELIVERY_STATE_RETURNED");
    until("the signed reason", PATIENCE, || {
        let (_, recipient) = tracked(&world, SENDER, &held);
        proved(&recipient, "ContentConsignmentFailure", "revocation_unknown").map(drop)
    });
    assert!(waiting(&world).is_empty());
}

#[test]
fn killed_again_and_again_while_it_settles_a_node_delivers_everything_once() {
    const DOCUMENTS: usize = 12;
    const KILLS: usize = 4;
    let mut world = world("");
    let file = world.file("a.txt", "nội dung");
    let mut ids: Vec<String> = (0..DOCUMENTS).map(|n| format!("D{n:02}")).collect();
    for id in &ids {
        send(&world, SENDER, id, &file, &[]);
    }
    decide(&mut world, "quarantine", "off");
    for _ in 0..KILLS {
        world.kill(PROVINCE);
        world.start(PROVINCE);
    }
    let mut found = until("all of them", PATIENCE, || {
        let found = waiting(&world);
        (found.len() >= DOCUMENTS).then_some(found)
    });
    found.sort();
    ids.sort();
    assert_eq!(found, ids);
}

#[test]
fn a_list_that_arrives_lets_the_document_go_on_by_itself() {
    let world = world("");
    let file = world.file("a.txt", "nội dung");
    let held = exchange(&send(&world, SENDER, "D1", &file, &[]));
    bring_lists(&world, Vec::new());
    world.arrived(RECEIVER.0, RECEIVER.1, &held);
    let (quarantine, recipient) = tracked(&world, SENDER, &held);
    assert!(proved(&recipient, "ContentConsignment", "").is_some(), "{recipient}");
    let released = list(&quarantine["events"]).iter().find(|event| event["event"] == "Released").unwrap();
    let signatures = list(&released["signatureReport"]["signatures"]);
    assert_eq!(signatures[0]["indication"], "TOTAL_PASSED", "{released}");
}

#[test]
fn a_certificate_that_turns_out_revoked_sends_the_document_back_with_a_signed_reason() {
    let world = world("");
    let file = world.file("a.txt", "nội dung");
    let held = exchange(&send(&world, SENDER, "D1", &file, &[]));
    bring_lists(&world, vec![revoked(SENDER)]);
    until("the signed reason", PATIENCE, || {
        let (_, recipient) = tracked(&world, SENDER, &held);
        proved(&recipient, "ContentConsignmentFailure", "certificate_revoked").map(drop)
    });
    assert!(waiting(&world).is_empty());
}

#[test]
fn a_sender_that_fills_its_part_is_told_when_to_try_again_and_others_go_on() {
    let world = world("sender_documents_max = 2");
    let file = world.file("a.txt", "nội dung");
    let first = exchange(&send(&world, SENDER, "D1", &file, &[]));
    send(&world, SENDER, "D2", &file, &[]);
    let mut third = send_args("1", &[RECEIVER.1], &file);
    third.extend(["--document-id", "D3"]);
    let refused = world.run(SENDER, &third);
    assert_eq!((refused.exit, text(&refused.error["code"])), (7, "quarantine_full"), "{refused:?}");
    assert!(text(&refused.error["detail"]).contains("2 documents"), "{refused:?}");
    assert_eq!(refused.error["problem"]["retryAfterSeconds"], 3600, "{refused:?}");
    send(&world, RECEIVER.0, "D4", &file, &[]);

    let stats = world.ok(RECEIVER.0, &["quarantine", "stats"]);
    let senders: Vec<(&str, &str)> =
        list(&stats["senders"]).iter().map(|one| (text(&one["sender"]), text(&one["documents"]))).collect();
    assert_eq!(senders, [("H48.15", "2"), ("H48", "1")], "{stats}");
    assert_eq!(text(&stats["senderDocumentsMax"]), "2");

    world.ok(RECEIVER.0, &["quarantine", "refuse", &first, "--reason", "nhường chỗ", "--yes"]);
    world.ok(SENDER, &third);
}
