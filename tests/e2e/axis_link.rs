//! A node and the national axis: what comes, what goes, and what happens while the axis is away.

mod shelf;

use std::fs;
use std::sync::atomic::Ordering;

use axis::MessageType;
use serde_json::Value;

use crate::harness::{AXIS, PATIENCE, PROVINCE, World, list, text, until};
use shelf::{Axis, agencies, secret};

const NEIGHBOUR: &str = "truc-quoc-gia";

/// The top node with its neighbour, the axis. Dropped in this order: the node first.
struct Connected {
    world: World,
    axis: Axis,
}

impl Connected {
    fn new(more: &str) -> Self {
        Self::with(&[AXIS], more, |_| {})
    }

    fn with(nodes: &[&'static str], more: &str, configure: impl FnOnce(&mut World)) -> Self {
        let mut world = World::new();
        let axis = Axis::new();
        let secret = secret(world.scene.dir());
        let toml = format!(
            "\n[[neighbour]]\nid = \"{NEIGHBOUR}\"\nkind = \"axis\"\nendpoint = \"http://{}\"\nsystem_id = \"{}\"\n\
             secret = \"file:{}\"\npoll_interval = \"1s\"\nagency_sync = \"apply\"\n{more}",
            axis.address,
            shelf::SYSTEM,
            secret.display()
        );
        world.scene.configure(AXIS, &toml);
        configure(&mut world);
        nodes.iter().for_each(|node| world.start(node));
        let connected = Self { world, axis };
        connected.knows("H30.10");
        connected
    }

    /// Waits until the node knows an agency of the axis.
    fn knows(&self, code: &str) {
        until(&format!("{code} in the directory"), PATIENCE, || {
            (self.world.run("vpcp", &["agency", "show", code]).exit == 0).then_some(())
        });
    }

    /// Waits until a packet is off the axis's list, or not.
    fn state(&self, doc_id: &str, state: &str) {
        until(&format!("{doc_id} {state}"), PATIENCE, || (self.axis.shelf.line(doc_id).state == state).then_some(()));
    }

    fn sent(&self, message_type: MessageType, count: usize) -> Vec<shelf::Line> {
        until("packets at the axis", PATIENCE, || {
            let sent = self.axis.shelf.sent(message_type);
            (sent.len() >= count).then_some(sent)
        })
    }

    fn neighbour(&self) -> Value {
        let node = self.world.ok("vpcp", &["node"]);
        list(&node["neighbours"]).iter().find(|one| one["id"] == NEIGHBOUR).unwrap().clone()
    }
}

/// Nodes below the connector know the axis's agencies from their own files.
fn list_below(world: &mut World) {
    let path = world.scene.directory();
    let own = fs::read_to_string(&path).unwrap();
    let sender = "\n[[agency]]\ncode = \"H30.10\"\nlevel = \"other\"\nname = \"Ngoài tỉnh\"\n";
    fs::write(path, own + sender).unwrap();
}

/// A document of `from` for `to`.
fn document(from: &str, to: &[&str], number: u32) -> String {
    let to: String = to.iter().map(|to| format!("<e:To><e:OrganId>{to}</e:OrganId></e:To>")).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<e:edXML xmlns:e=\"http://www.mic.gov.vn/TBT/QCVN_102_2016\">\
         <e:edXMLEnvelope><e:edXMLHeader><e:MessageHeader><e:From><e:OrganId>{from}</e:OrganId></e:From>{to}\
         <e:DocumentId>{from},2026/03/01,{number}/UBND</e:DocumentId>\
         <e:Code><e:CodeNumber>{number}</e:CodeNumber><e:CodeNotation>UBND</e:CodeNotation></e:Code>\
         <e:PromulgationInfo><e:Place>Hà Nội</e:Place><e:PromulgationDate>2026/03/01</e:PromulgationDate></e:PromulgationInfo>\
         <e:DocumentType><e:Type>1</e:Type><e:TypeName>Công văn</e:TypeName></e:DocumentType>\
         <e:Subject>V/v số {number}</e:Subject><e:OtherInfo><e:Priority>0</e:Priority></e:OtherInfo></e:MessageHeader>\
         <e:TraceHeaderList version=\"1.0\"><e:Bussiness><e:BussinessDocType>0</e:BussinessDocType></e:Bussiness></e:TraceHeaderList>\
         </e:edXMLHeader><e:edXMLBody><e:edXMLManifest version=\"1.0\"/></e:edXMLBody></e:edXMLEnvelope></e:edXML>\n"
    )
}

/// A status of `from` about a document.
fn status(from: &str, of: &str, document_id: &str, code: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<e:edXML xmlns:e=\"http://www.mic.gov.vn/TBT/QCVN_102_2016\">\
         <e:edXMLEnvelope><e:edXMLHeader><e:MessageHeader><e:From><e:OrganId>{from}</e:OrganId></e:From>\
         <e:ResponseFor><e:OrganId>{of}</e:OrganId><e:DocumentId>{document_id}</e:DocumentId></e:ResponseFor>\
         <e:StatusCode>{code}</e:StatusCode><e:Timestamp>2026/03/02 08:00:00</e:Timestamp></e:MessageHeader>\
         </e:edXMLHeader></e:edXMLEnvelope></e:edXML>\n"
    )
}

#[test]
fn a_document_from_the_axis_is_confirmed_there_and_lies_in_the_inbox_once_however_often_it_is_repeated() {
    let node = Connected::new("");
    node.axis.shelf.put("d1", "H30.10", "G22", MessageType::Edoc, &document("H30.10", &["G22"], 1));
    node.state("d1", "done");
    let found = node.world.inbox("vpcp", "G22");
    assert_eq!(found.len(), 1, "it is in the inbox when the axis is told so");
    let opened = node.axis.shelf.opened.load(Ordering::Relaxed);
    node.axis.shelf.repeat("d1");
    node.state("d1", "done");
    assert_eq!(node.axis.shelf.opened.load(Ordering::Relaxed), opened, "a repeat is not fetched");
    node.axis.shelf.put("d1-again", "H30.10", "G22", MessageType::Edoc, &document("H30.10", &["G22"], 1));
    node.state("d1-again", "done");
    assert_eq!(node.world.inbox("vpcp", "G22").len(), 1);
    let exchange = text(&found[0]["document"]["exchangeId"]).to_owned();
    let events: Vec<String> = node.world.receipts("vpcp", &exchange).into_iter().map(|(event, _)| event).collect();
    assert_eq!(events, ["ReceivedFromNonERDS", "ContentConsignment"]);
    assert!(node.axis.shelf.sent(MessageType::Edoc).is_empty(), "nothing goes back");
}

#[test]
fn one_packet_under_two_ids_reaches_both_receivers_once() {
    // Documents of the axis have no signature beside them, and the province's node asks for one unless told otherwise.
    let node = Connected::with(&[AXIS, PROVINCE], "", |world| {
        world.scene.configure(PROVINCE, "\n[policy]\ndocuments = \"optional\"\n");
        list_below(world);
    });
    let packet = document("H30.10", &["G22", "H48.15"], 2);
    node.axis.shelf.put("d1", "H30.10", "G22", MessageType::Edoc, &packet);
    node.axis.shelf.put("d2", "H30.10", "H48.15", MessageType::Edoc, &packet);
    node.state("d1", "done");
    node.state("d2", "done");
    let found = node.world.inbox("vpcp", "G22");
    assert_eq!(found.len(), 1);
    node.world.arrived("so-ttt", "H48.15", text(&found[0]["document"]["exchangeId"]));
    assert_eq!(node.world.inbox("so-ttt", "H48.15").len(), 1);
}

#[test]
fn a_crash_between_taking_a_document_and_confirming_it_doubles_nothing() {
    let mut node = Connected::new("");
    node.axis.shelf.is_deaf.store(true, Ordering::Relaxed);
    node.axis.shelf.put("d1", "H30.10", "G22", MessageType::Edoc, &document("H30.10", &["G22"], 1));
    until("it is in the inbox", PATIENCE, || (node.world.inbox("vpcp", "G22").len() == 1).then_some(()));
    node.world.kill(AXIS);
    assert_ne!(node.axis.shelf.line("d1").state, "done");
    node.axis.shelf.is_deaf.store(false, Ordering::Relaxed);
    node.world.start(AXIS);
    node.state("d1", "done");
    assert_eq!(node.world.inbox("vpcp", "G22").len(), 1);
}

#[test]
fn a_packet_that_is_refused_is_failed_and_the_others_go_on() {
    let node = Connected::new("");
    node.axis.shelf.put("bad", "H30.10", "G22", MessageType::Edoc, "<no-packet/>");
    node.axis.shelf.put("unknown", "H77", "G22", MessageType::Edoc, &document("H77", &["G22"], 1));
    node.axis.shelf.put("back", "H30.10", "H31", MessageType::Edoc, &document("H30.10", &["H31"], 3));
    node.axis.shelf.put("good", "H30.10", "G22", MessageType::Edoc, &document("H30.10", &["G22"], 2));
    for (doc_id, state) in [("good", "done"), ("bad", "fail"), ("unknown", "fail"), ("back", "fail")] {
        node.state(doc_id, state);
    }
    assert_eq!(node.world.inbox("vpcp", "G22").len(), 1);
    assert!(node.axis.shelf.sent(MessageType::Edoc).is_empty(), "what is for others behind the axis does not go back");
}

#[test]
fn a_document_goes_to_the_axis_and_statuses_travel_both_ways() {
    let node = Connected::new("");
    let file = node.world.file("a.txt", "nội dung");
    let exchange = text(&node.world.send("vpcp", "7", &["H30.10", "H31"], &file)["exchangeId"]).to_owned();
    let sent = node.sent(MessageType::Edoc, 1);
    assert_eq!((sent[0].from.as_str(), sent[0].to.as_slice()), ("G22", &["H30.10".to_owned(), "H31".to_owned()][..]));
    let tracked = until("delivered", PATIENCE, || {
        let tracked = node.world.ok("vpcp", &["track", &exchange]);
        let is_delivered = |one: &Value| one["state"] == "DELIVERY_STATE_DELIVERED";
        list(&tracked["recipients"]).iter().all(is_delivered).then_some(tracked)
    });
    assert!(tracked.to_string().contains("RelayToNonERDS"), "{tracked}");
    let receipts = node.world.ok("vpcp", &["receipts", &exchange]);
    let names_the_axis = |one: &Value| {
        let payload = String::from_utf8(crate::harness::base64(text(&one["payload"]))).unwrap();
        payload.contains(&format!("\"reference\":\"{}\",\"system\":\"{NEIGHBOUR}\"", sent[0].doc_id))
    };
    assert!(list(&receipts["receipts"]).iter().any(names_the_axis), "{receipts}");

    let summary = node.world.ok("vpcp", &["list", "sent"]);
    let document_id = text(&list(&summary["documents"])[0]["documentId"]).to_owned();
    node.axis.shelf.put("s1", "H30.10", "G22", MessageType::Status, &status("H30.10", "G22", &document_id, "03"));
    node.state("s1", "done");
    let tracked = node.world.ok("vpcp", &["track", &exchange, "--recipient", "H30.10"]);
    let codes: Vec<&Value> = list(&tracked["recipients"][0]["events"]).iter().map(|one| &one["statusCode"]).collect();
    assert!(codes.iter().any(|code| **code == 3), "{tracked}");

    node.axis.shelf.put("d1", "H30.10", "G22", MessageType::Edoc, &document("H30.10", &["G22"], 1));
    node.state("d1", "done");
    let found = node.world.inbox("vpcp", "G22");
    node.world.ok("vpcp", &["status", text(&found[0]["document"]["exchangeId"]), "3"]);
    let statuses = node.sent(MessageType::Status, 1);
    assert_eq!((statuses[0].from.as_str(), statuses[0].to.as_slice()), ("G22", &["H30.10".to_owned()][..]));
    assert!(node.axis.shelf.packet(&statuses[0].doc_id).contains("H30.10,2026/03/01,1/UBND"));
}

#[test]
fn what_the_axis_says_of_a_sent_document_is_asked_for_also_after_a_restart_and_kept_once() {
    let mut node = Connected::new("follow_up_interval = \"1s\"\n");
    let file = node.world.file("a.txt", "nội dung");
    let exchange = text(&node.world.send("vpcp", "9", &["H30.10", "H31"], &file)["exchangeId"]).to_owned();
    node.sent(MessageType::Edoc, 1);
    node.world.kill(AXIS);
    node.axis.shelf.told.lock().unwrap().insert("H31".into(), ("done", "Đã nhận"));
    node.world.start(AXIS);
    let words = |code: &str| {
        let tracked = node.world.ok("vpcp", &["track", &exchange, "--recipient", code]);
        let events = list(&tracked["recipients"][0]["events"]).to_vec();
        let told = events.into_iter().filter(|event| event["event"] == "ExternalState");
        told.map(|event| text(&event["description"]).to_owned()).collect::<Vec<_>>()
    };
    until("the axis's word", PATIENCE, || (!words("H31").is_empty()).then_some(()));
    node.axis.shelf.told.lock().unwrap().insert("H30.10".into(), ("processing", "Đang lấy"));
    until("the other's word", PATIENCE, || (!words("H30.10").is_empty()).then_some(()));
    node.axis.shelf.told.lock().unwrap().insert("H30.10".into(), ("done", "Đã nhận"));
    until("its next word", PATIENCE, || (words("H30.10").len() > 1).then_some(()));
    assert_eq!(words("H30.10"), ["processing: Đang lấy", "done: Đã nhận"]);
    assert_eq!(words("H31"), ["done: Đã nhận"]);
}

#[test]
fn the_axis_does_not_speak_for_agencies_of_this_side() {
    let node = Connected::new("");
    let file = node.world.file("a.txt", "nội dung");
    let exchange = text(&node.world.send("vpcp", "10", &["G22", "H48"], &file)["exchangeId"]).to_owned();
    let own = text(&list(&node.world.ok("vpcp", &["list", "sent"])["documents"])[0]["documentId"]).to_owned();
    let shelf = &node.axis.shelf;
    shelf.put("local", "G22", "G22", MessageType::Edoc, &document("G22", &["G22"], 1));
    shelf.put("child", "H48.15", "G22", MessageType::Edoc, &document("H48.15", &["G22"], 2));
    shelf.put("status", "H48", "G22", MessageType::Status, &status("H48", "G22", &own, "02"));
    shelf.put("true", "H30.10", "G22", MessageType::Edoc, &document("H30.10", &["G22"], 3));
    ["local", "child", "status"].into_iter().for_each(|forged| node.state(forged, "fail"));
    node.state("true", "done");
    let inbox = node.world.inbox("vpcp", "G22");
    let senders: Vec<&str> = inbox.iter().map(|item| text(&item["document"]["documentId"])).collect();
    assert_eq!(senders, [own.as_str(), "H30.10,2026/03/01,3/UBND"]);
    let tracked = node.world.ok("vpcp", &["track", &exchange, "--recipient", "H48"]);
    assert!(!tracked.to_string().contains("\"statusCode\":2"), "{tracked}");
}

#[test]
fn one_receiver_that_the_axis_does_not_know_costs_the_others_nothing() {
    let node = Connected::new("");
    let file = node.world.file("a.txt", "nội dung");
    let exchange = text(&node.world.send("vpcp", "8", &["H30.10", "H99", "H31"], &file)["exchangeId"]).to_owned();
    let state = |code: &str| {
        let tracked = node.world.ok("vpcp", &["track", &exchange, "--recipient", code]);
        text(&tracked["recipients"][0]["state"]).to_owned()
    };
    for (code, expected) in [("H30.10", "DELIVERED"), ("H31", "DELIVERED"), ("H99", "RETURNED")] {
        until(code, PATIENCE, || state(code).ends_with(expected).then_some(()));
    }
}

#[test]
fn while_the_axis_is_away_everything_waits_in_sight_and_then_drains_in_order_of_urgency() {
    let mut node = Connected::new("places = 1\n");
    node.axis.stop();
    until("the axis is seen to be away", PATIENCE, || (node.neighbour()["connected"] != true).then_some(()));
    let file = node.world.file("a.txt", "nội dung");
    for (number, priority) in [("1", "thuong"), ("2", "khan"), ("3", "hoa-toc"), ("4", "thuong")] {
        let mut args = crate::harness::send_args(number, &["H30.10"], &file);
        args.extend(["--priority", priority]);
        node.world.ok("vpcp", &args);
    }
    assert_eq!(text(&node.neighbour()["waiting"]), "4");
    node.axis.start();
    let sent = node.sent(MessageType::Edoc, 4);
    let numbers: Vec<String> = sent
        .iter()
        .map(|line| {
            let packet = node.axis.shelf.packet(&line.doc_id);
            let (_, rest) = packet.split_once("CodeNumber>").unwrap();
            rest.split('<').next().unwrap().to_owned()
        })
        .collect();
    assert_eq!(numbers, ["3", "2", "1", "4"]);
    until("the axis is back in sight", PATIENCE, || (node.neighbour()["connected"] == true).then_some(()));
}

#[test]
fn a_document_that_cannot_be_delivered_below_comes_back_to_the_axis_as_a_refusal() {
    // The province's node asks for signatures, which documents of the axis do not have.
    let node = Connected::with(&[AXIS, PROVINCE], "", list_below);
    node.axis.shelf.put("d1", "H30.10", "H48.15", MessageType::Edoc, &document("H30.10", &["H48.15"], 1));
    node.state("d1", "done");
    let statuses = node.sent(MessageType::Status, 1);
    assert_eq!(statuses[0].from, "H48.15");
    let packet = node.axis.shelf.packet(&statuses[0].doc_id);
    assert!(packet.contains(">02<") && packet.contains(AXIS), "{packet}");
}

/// `agency sync` at a node's configuration.
fn sync(node: &Connected, more: &[&str]) -> (i32, Value) {
    let config = node.world.scene.config(AXIS);
    let mut command = std::process::Command::new(crate::harness::binary());
    command.args(["--json", "agency", "sync", "--config", config.to_str().unwrap()]).args(more);
    let output = command.stdin(std::process::Stdio::null()).output().unwrap();
    let shown = if output.status.success() { &output.stdout } else { &output.stderr };
    (output.status.code().unwrap(), serde_json::from_slice(shown).unwrap_or(Value::Null))
}

#[test]
fn the_agencies_differences_are_shown_before_they_apply_and_a_running_node_takes_them_up() {
    let node = Connected::new("");
    let mut new = agencies(&["H30", "H30.10", "H30.11", "H31", "H32", "G22"]);
    new[1].name = "Tên mới".into();
    *node.axis.shelf.agencies.lock().unwrap() = new;
    let (exit, shown) = sync(&node, &[]);
    assert_eq!((exit, &shown["applied"]), (0, &Value::Bool(false)), "{shown}");
    let counts = ["added", "removed", "renamed", "moved"].map(|kind| shown[kind].as_u64().unwrap());
    assert_eq!(counts, [2, 1, 1, 0], "{shown}");
    assert_ne!(node.world.run("vpcp", &["agency", "show", "H32"]).exit, 0, "shown is not applied");
    assert_eq!(sync(&node, &["--apply"]).0, 2, "nobody is there to be asked");
    let csv = node.world.path("all.csv");
    let (_, shown) = sync(&node, &["--apply", "--yes", "--csv", csv.to_str().unwrap()]);
    assert_eq!(shown["applied"], true, "{shown}");
    node.knows("H32");
    assert!(fs::read_to_string(csv).unwrap().contains("renamed,H30.10,Cơ quan H30.10,Tên mới"));
    let own = node.world.ok("vpcp", &["agency", "show", "G22"]);
    assert_ne!(own["agency"]["name"], "Cơ quan G22", "the operator's agency stays as it is");
}

#[test]
fn a_list_that_takes_away_too_much_is_applied_by_force_only() {
    let node = Connected::new("");
    *node.axis.shelf.agencies.lock().unwrap() = agencies(&["H30", "H30.10"]);
    let (exit, shown) = sync(&node, &["--apply", "--yes"]);
    assert_eq!(exit, 6, "{shown}");
    assert_eq!(node.world.run("vpcp", &["agency", "show", "H31"]).exit, 0);
    assert_eq!(sync(&node, &["--apply", "--yes", "--force"]).0, 0);
    until("H31 is gone", PATIENCE, || (node.world.run("vpcp", &["agency", "show", "H31"]).exit != 0).then_some(()));
}

#[test]
fn the_secret_is_read_again_on_a_signal_and_shown_nowhere() {
    let node = Connected::new("");
    let path = node.world.scene.dir().join("axis-secret");
    fs::write(&path, "sai").unwrap();
    node.world.signal(AXIS, rustix::process::Signal::HUP);
    until("the axis refuses", PATIENCE, || (node.neighbour()["connected"] != true).then_some(()));
    secret(node.world.scene.dir());
    node.world.signal(AXIS, rustix::process::Signal::HUP);
    until("the axis takes it again", PATIENCE, || (node.neighbour()["connected"] == true).then_some(()));
    assert!(!node.world.log(AXIS).contains(shelf::SECRET));
}
