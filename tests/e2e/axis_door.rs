//! Agency software that speaks the national axis's protocol, against a real node: what goes in by one door comes out
//! by the other.

use std::fs;

use serde_json::Value;

use crate::harness::{AXIS, PATIENCE, PROVINCE, World, list, peak_memory, text, until};
use crate::sdk::{Sdk, code, document, status};

pub(crate) const SECRET: &str = "one-secret/With+Base64==";
pub(crate) const H48: &str = "000.00.00.H48";

/// The axis and the province; at the province, a system without a certificate speaks for its two agencies.
pub(crate) fn world(more: &str) -> World {
    let mut world = World::new();
    fs::write(world.scene.dir().join("axis.secret"), format!("{SECRET}\n")).unwrap();
    let system = format!(
        "\n[[system]]\nid = \"qlvb-cu\"\nagencies = [\"H48\", \"H48.15\"]\naxis_id = \"{H48}\"\n\
         axis_secret = \"file:axis.secret\"\nsignatures = \"optional\"\n{more}"
    );
    world.scene.configure(PROVINCE, &system);
    // Packets of the SDK carry no detached signature: the nodes they pass have to take such.
    world.scene.configure(AXIS, "\n[policy]\ndocuments = \"optional\"\n");
    [AXIS, PROVINCE].into_iter().for_each(|node| world.start(node));
    world
}

pub(crate) fn sdk(world: &World) -> Sdk {
    Sdk::new(world, PROVINCE, H48, SECRET)
}

/// Waits until the client's list has as many lines.
fn listed(sdk: &mut Sdk, message_type: &str, count: usize) -> Vec<Value> {
    until(&format!("{count} of {message_type}"), PATIENCE, || {
        Some(sdk.received(message_type)).filter(|found| found.len() == count)
    })
}

#[test]
fn a_document_sent_over_grpc_is_fetched_by_an_axis_client() {
    let world = world("");
    let mut sdk = sdk(&world);
    let file = world.file("a.txt", "Nội dung công văn");
    let sent = world.send("vpcp", "7816", &["H48"], &file);
    let exchange = text(&sent["exchangeId"]);
    let line = listed(&mut sdk, "edoc", 1).remove(0);
    let doc_id = text(&line["docId"]).to_owned();
    let words = ["serviceType", "messageType", "from", "to", "status"].map(|member| text(&line[member]));
    assert_eq!(words, ["eDoc", "edoc", "G22", "H48", "initial"]);
    assert_eq!(text(&line["created_time"]).len(), 19, "{line}");
    assert_eq!((sdk.count("countReceiveEdoc"), sdk.count("countReceiveStatus")), (1.into(), 0.into()));

    assert_eq!(sdk.update(&doc_id, "processing"), "0");
    assert_eq!(text(&sdk.received("edoc")[0]["status"]), "processing");
    let packet = sdk.file(&doc_id);
    let fetched = world.path("sent.edxml");
    world.ok("vpcp", &["fetch", exchange, "--output", fetched.to_str().unwrap()]);
    assert_eq!(packet, fs::read(&fetched).unwrap(), "the bytes at the receiver are those at the first node");
    assert_eq!(sdk.download(&doc_id).body, packet);

    assert_eq!((sdk.update(&doc_id, "done"), sdk.update(&doc_id, "done")), ("0".into(), "0".into()));
    assert!(sdk.received("edoc").is_empty(), "it is off the list");
    assert_eq!(sdk.file(&doc_id), packet, "and can be fetched again");
    let handed_over = ("ContentHandover".to_owned(), PROVINCE.to_owned());
    until("the handover", PATIENCE, || world.receipts("vpcp", exchange).contains(&handed_over).then_some(()));

    let document_id = text(&sent["documentId"]);
    for number in ["01", "03"] {
        sdk.sent("H48", "status", &status(H48, "G22", document_id, number));
    }
    let statuses = until("two statuses", PATIENCE, || {
        let found = world.ok("vpcp", &["inbox", "--kind", "status"]);
        Some(list(&found["items"]).to_vec()).filter(|items| items.len() == 2)
    });
    let codes: Vec<_> = statuses.iter().map(|item| item["document"]["statusCode"].clone()).collect();
    assert_eq!(codes, [1, 3]);
}

#[test]
fn a_document_of_an_axis_client_arrives_over_grpc_and_its_statuses_come_back() {
    let world = world("");
    let mut sdk = sdk(&world);
    let packet = document(H48, &["000.00.00.G22"], "12", "Báo cáo");
    let doc_id = sdk.sent(H48, "edoc", &packet);
    let line = &sdk.sent_list("edoc", &doc_id)[0];
    assert_eq!((text(&line["senderDocId"]), text(&line["toCode"])), (doc_id.as_str(), "000.00.00.G22"), "{line}");
    assert_eq!((text(&line["notation"]), text(&line["receiveStatus"])), ("12/UBND", "initial"), "{line}");

    let item = world.arrived("vpcp", "G22", &doc_id);
    let received = world.path("received.edxml");
    world.ok("vpcp", &["fetch", &doc_id, "--output", received.to_str().unwrap()]);
    assert_eq!(fs::read(&received).unwrap(), packet, "not a byte of what came in was changed");
    world.ok("vpcp", &["confirm", &item["item"].to_string().replace('"', "")]);
    let state = |sdk: &mut Sdk| text(&sdk.sent_list("edoc", &doc_id)[0]["receiveStatus"]).to_owned();
    until("the confirmation", PATIENCE, || (state(&mut sdk) == "done").then_some(()));
    assert_eq!(text(&sdk.sent_list("edoc", &doc_id)[0]["sendStatus"]), "sent");

    world.ok("vpcp", &["status", &doc_id, "3"]);
    let told = listed(&mut sdk, "status", 1).remove(0);
    assert_eq!((text(&told["messageType"]), text(&told["from"])), ("status", "G22"), "{told}");
    until("the status", PATIENCE, || (state(&mut sdk) == "03").then_some(()));
    assert_eq!(sdk.update(text(&told["docId"]), "done"), "0");
    assert_eq!(sdk.count("countReceiveStatus"), 0);
}

#[test]
fn each_of_two_receivers_of_one_packet_is_confirmed_on_its_own_also_after_a_restart() {
    let mut world = world("");
    let mut client = sdk(&world);
    let file = world.file("a.txt", "Thông báo");
    world.send("vpcp", "20", &["H48", "H48.15"], &file);
    let lines = listed(&mut client, "edoc", 2);
    let ids: Vec<String> = lines.iter().map(|line| text(&line["docId"]).to_owned()).collect();
    assert_ne!(ids[0], ids[1]);
    assert_eq!(client.update(&ids[0], "done"), "0");
    assert!(world.stop(PROVINCE).success());
    world.start(PROVINCE);
    let mut client = sdk(&world);
    let left = client.received("edoc");
    assert_eq!((left.len(), text(&left[0]["docId"])), (1, ids[1].as_str()));
    assert_eq!((client.update(&ids[1], "fail"), client.update(&ids[1], "fail")), ("0".into(), "0".into()));
    let failed = client.received("edoc").remove(0);
    assert_eq!(text(&failed["status"]), "fail");
    assert!(text(&failed["status_desc"]).contains("2 lần"), "{failed}");
    assert_eq!(client.update(&ids[1], "done"), "0");
}

#[test]
fn a_repeated_packet_has_its_first_id_and_may_name_further_receivers() {
    let world = world("");
    let mut sdk = sdk(&world);
    let packet = document("H48", &["G22"], "13", "Báo cáo");
    let first = sdk.sent("H48", "edoc", &packet);
    assert_eq!(sdk.sent("H48", "edoc", &packet), first);
    sdk.set("to", "[\"H48.15\"]");
    assert_eq!(sdk.sent("H48", "edoc", &packet), first, "the same packet, one exchange");
    assert_eq!(listed(&mut sdk, "edoc", 1)[0]["to"], "H48.15");
    let to: Vec<_> = sdk.sent_list("edoc", &first).iter().map(|line| line["toCode"].clone()).collect();
    assert_eq!(to, ["G22", "H48.15"]);
}

#[test]
fn receivers_beside_the_packet_count_instead_of_its_own() {
    let world = world("");
    let mut sdk = sdk(&world);
    sdk.set("to", "[\"H48.15\"]");
    let packet = document("H48", &["G22"], "14", "Báo cáo");
    let id = sdk.sent("H48", "edoc", &packet);
    let line = listed(&mut sdk, "edoc", 1).remove(0);
    assert_eq!(sdk.file(text(&line["docId"])), packet, "the packet itself stays as it was");
    assert_eq!(sdk.sent_list("edoc", &id).len(), 1);
    assert!(world.inbox("vpcp", "G22").is_empty());
}

#[test]
fn every_refusal_has_its_code_and_nothing_is_kept() {
    let world = world("");
    let kept = || world.payloads(PROVINCE).len() + world.staged(PROVINCE).len();
    let good = document("H48", &["G22"], "15", "Báo cáo");
    let mut wrong_secret = Sdk::new(&world, PROVINCE, H48, "another");
    assert_eq!(code(&wrong_secret.send("H48", "edoc", &good)), "15");
    let mut unknown_system = Sdk::new(&world, PROVINCE, "vxp.saas.02", SECRET);
    assert_eq!(code(&unknown_system.send("H48", "edoc", &good)), "15");
    let mut sdk = sdk(&world);
    assert_eq!(code(&sdk.send("G22", "edoc", &good)), "19", "not spoken for");
    assert_eq!(code(&sdk.send("H48.15", "edoc", &good)), "19", "not the packet's From");
    assert_eq!(code(&sdk.send("G22", "edoc", &document("G22", &["H48"], "1", ""))), "19");
    assert_eq!(code(&sdk.send("H48", "edoc", &document("H48", &["Z99.99"], "1", ""))), "18");
    assert_eq!(code(&sdk.send("H48", "edoc", b"<edXML/>")), "22");
    assert_eq!(code(&sdk.send("H48", "edoc", b"not XML at all")), "22");
    assert_eq!(code(&sdk.send_hashed("H48", "edoc", &good, &"0".repeat(64))), "10");
    assert_eq!(
        code(&sdk.send_hashed("H48", "edoc", b"damaged", &"0".repeat(64))),
        "10",
        "what is damaged is no packet"
    );
    sdk.set("to", "[\"Z99.99\"]");
    assert_eq!(code(&sdk.send("H48", "edoc", &good)), "18");
    assert_eq!(kept(), 0, "{:?} {:?}", world.payloads(PROVINCE), world.staged(PROVINCE));
    let log = world.log(PROVINCE);
    assert!(!log.contains(SECRET), "a secret is in the log");
}

#[test]
fn an_id_of_others_or_of_nobody_is_a_failure() {
    let world = world("");
    let mut sdk = sdk(&world);
    let file = world.file("a.txt", "Nội dung");
    let others = text(&world.send("ubnd-h48", "1", &["G22"], &file)["exchangeId"]).to_owned();
    let foreign = format!("{others}-0");
    for id in ["a1", "00000000-0000-7000-8000-000000000000-0", &foreign] {
        assert_eq!(code(&sdk.get(id)), "21", "{id}");
        assert_eq!(sdk.update(id, "done"), "21", "{id}");
        assert_eq!(sdk.download(id).status, 404, "{id}");
    }
}

#[test]
fn what_another_door_holds_is_not_confirmed() {
    let world = world("");
    let mut sdk = sdk(&world);
    let file = world.file("a.txt", "Nội dung");
    let sent = world.send("vpcp", "1", &["H48"], &file);
    let item = world.arrived("ubnd-h48", "H48", text(&sent["exchangeId"]))["item"].to_string().replace('"', "");
    world.ok("ubnd-h48", &["lease", &item]);
    let doc_id = text(&sdk.received("edoc")[0]["docId"]).to_owned();
    assert_eq!(sdk.update(&doc_id, "done"), "21");
    assert_eq!(sdk.received("edoc").len(), 1);
}

#[test]
fn the_provincial_dialect_means_the_same() {
    let world = world("");
    let mut sdk = sdk(&world);
    let packet = document("H48", &["H48.15"], "16", "Báo cáo");
    let mut ask = |secret: &str| {
        let mut body = b"--x\r\nContent-Disposition: form-data; name=\"messageType\"\r\n\r\nedoc\r\n--x\r\n\
            Content-Disposition: form-data; name=\"edocFile\"; filename=\"a.edxml\"\r\n\r\n"
            .to_vec();
        body.extend_from_slice(&packet);
        body.extend_from_slice(b"\r\n--x--\r\n");
        let head = format!(
            "POST /axis/v1/sendEdoc HTTP/1.1\r\nHost: node\r\nX-SystemId: {H48}\r\nX-SecretKey: {secret}\r\n\
             Content-Type: multipart/form-data; boundary=x\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        sdk.raw(&head, &body).json()
    };
    assert_eq!(code(&ask("another")), "15");
    let answer = ask(SECRET);
    assert_eq!(code(&answer), "0", "{answer}");
    let id = text(&answer["data"]["docId"]).to_owned();
    assert_eq!(sdk.file(&id), packet);
}

#[test]
fn a_secret_is_replaced_while_the_node_runs() {
    let mut world = World::new();
    let secret = |world: &World, name: &str, text: &str| fs::write(world.scene.dir().join(name), text).unwrap();
    secret(&world, "axis.secret", "first");
    secret(&world, "axis.previous", "first");
    world.scene.configure(
        AXIS,
        "\n[[system]]\nid = \"vxp.saas.02\"\nagencies = [\"G22\"]\naxis_secret = \"file:axis.secret\"\n\
         axis_secret_previous = \"file:axis.previous\"\n",
    );
    world.start(AXIS);
    let answer = |secret: &str| code(&Sdk::new(&world, AXIS, "vxp.saas.02", secret).get("a1"));
    assert_eq!((answer("first"), answer("second")), ("21".into(), "15".into()));
    secret(&world, "axis.secret", "second\n");
    world.signal(AXIS, rustix::process::Signal::HUP);
    until("the new secret", PATIENCE, || (answer("second") == "21").then_some(()));
    assert_eq!(answer("first"), "21", "the one before it is still good");
    secret(&world, "axis.previous", "second\n");
    world.signal(AXIS, rustix::process::Signal::HUP);
    until("the end of the first secret", PATIENCE, || (answer("first") == "15").then_some(()));
    fs::remove_file(world.scene.dir().join("axis.secret")).unwrap();
    world.signal(AXIS, rustix::process::Signal::HUP);
    until("the word in the log", PATIENCE, || {
        world.log(AXIS).contains("secrets of systems could not be reloaded").then_some(())
    });
    assert_eq!(answer("second"), "21", "a secret that cannot be read changes nothing");
}

#[test]
fn an_agency_is_registered_used_and_deleted() {
    let mut world = world("");
    let mut client = sdk(&world);
    let new = "000.00.99.H48";
    assert_eq!(client.register("G22", "G22.99", "Đơn vị thử"), "19", "not below the system's own");
    assert_eq!(client.register(H48, "H48.35", "Huyện khác"), "21", "the directory lists it already");
    assert_eq!(client.register(H48, new, "Đơn vị thử"), "0");
    assert_eq!(client.register(new, "H48.99.01", "Phòng thử"), "0", "below one that was registered");
    let find = |client: &mut Sdk, code: &str| {
        let found = client.agencies("getAgenciesList");
        found.into_iter().find(|agency| agency["code"] == code)
    };
    assert_eq!(find(&mut client, new).unwrap()["name"], "Đơn vị thử");
    assert!(world.stop(PROVINCE).success());
    world.start(PROVINCE);
    let mut client = sdk(&world);
    client.sent(H48, "edoc", &document(H48, &[new], "17", "Báo cáo"));
    assert_eq!(client.delete("H48.99.01"), "0");
    assert_eq!(client.delete(new), "21", "a document waits for it");
    let line = listed(&mut client, "edoc", 1).remove(0);
    assert_eq!(client.update(text(&line["docId"]), "done"), "0");
    assert_eq!((client.delete("H48.15"), client.delete(new)), ("21".into(), "0".into()));
    assert!(find(&mut client, new).is_none());
    assert_eq!(code(&client.send(H48, "edoc", &document(H48, &[new], "18", ""))), "18");
}

#[test]
fn three_lists_of_agencies_tell_three_shapes() {
    let world = world("");
    let mut sdk = sdk(&world);
    let mut one =
        |operation: &str| sdk.agencies(operation).into_iter().find(|agency| agency["code"] == "H48.15").unwrap();
    let (plain, qd20, unit) = (one("getAgenciesList"), one("getAgenciesListQD20"), one("getSynchronizeUnit"));
    assert_eq!((text(&plain["pid"]), text(&plain["oldCode"])), ("H48", "000.00.15.H48"), "{plain}");
    assert_eq!(text(&qd20["code102"]), "000.00.15.H48", "{qd20}");
    assert_eq!((text(&unit["centerCode"]), unit["deleted"].clone()), (H48, Value::Bool(false)), "{unit}");
}

#[test]
fn a_system_that_asks_too_often_is_told_to_come_back() {
    let world = world("requests_per_second = 1\nrequests_burst = 2\n");
    let mut sdk = sdk(&world);
    let answers: Vec<String> = (0..4).map(|_| code(&sdk.get("a1"))).collect();
    assert_eq!(answers.last().unwrap(), "20", "{answers:?}");
}

#[test]
fn a_packet_over_a_systems_own_limit_is_refused() {
    let world = world("packet_bytes_max = 4000\n");
    let mut sdk = sdk(&world);
    assert_eq!(code(&sdk.send("H48", "edoc", &document("H48", &["G22"], "1", &"x".repeat(6000)))), "21");
    sdk.sent("H48", "edoc", &document("H48", &["G22"], "2", ""));
}

#[test]
fn a_large_packet_goes_both_ways_in_little_memory() {
    let world = world("");
    let mut sdk = sdk(&world);
    let packet = document("H48", &["H48.15"], "19", &"Nội dung dài. ".repeat((48 << 20) / 18));
    assert!(packet.len() > 60 << 20, "{}", packet.len());
    sdk.sent("H48", "edoc", &packet);
    let doc_id = text(&listed(&mut sdk, "edoc", 1)[0]["docId"]).to_owned();
    assert!(sdk.file(&doc_id) == packet, "getEdoc");
    assert!(sdk.download(&doc_id).body == packet, "downloadEdoc");
    let peak = peak_memory(world.nodes[PROVINCE].id());
    println!("at most {} MiB in memory for a packet of {} MiB", peak >> 20, packet.len() >> 20);
    assert!(peak < 256 << 20);
}
